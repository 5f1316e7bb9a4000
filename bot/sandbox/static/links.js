// Links to the bot, in the ways Telegram writes them.

const SCHEME = "https";
const HOSTS = new Set(["t.me", "www.t.me", "telegram.me", "telegram.dog"]);
const PAYLOAD = /^[\w-]{1,64}$/;

// The text a person's app sends when the person opens `url`; undefined where it does not lead to the bot.
export function startCommand(url, username) {
  const full = url.includes(":") ? url : `${SCHEME}://${url}`;
  if (!URL.canParse(full)) return undefined;
  const link = new URL(full);
  if (nameIn(link)?.toLowerCase() !== username.toLowerCase()) return undefined;
  const payload = link.searchParams.get("start") ?? "";
  return PAYLOAD.test(payload) ? `/start ${payload}` : "/start";
}

function nameIn({ protocol, hostname, pathname, searchParams }) {
  if (protocol === "tg:") return hostname === "resolve" ? searchParams.get("domain") : undefined;
  return HOSTS.has(hostname) ? pathname.replace(/^\/|\/$/g, "") : undefined;
}
