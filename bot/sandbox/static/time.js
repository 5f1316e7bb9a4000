// The sandbox's clock, which may run fast, and times written the way Telegram's apps write them.

import { make } from "./dom.js";

const UNITS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60]];
let clock = { at: Date.now() / 1000, seen: performance.now(), speed: 1 };
let ticking;

export function setClock({ now, speed }) {
  clock = { at: now, seen: performance.now(), speed };
  clearInterval(ticking);
  ticking = setInterval(tick, Math.max(50, 250 / speed));
  tick();
}

export const now = () => clock.at + ((performance.now() - clock.seen) / 1000) * clock.speed;

// Plain English apps in Europe show 24 hours, as the bot's own fallbacks do.
const localeOf = (language) => (language && language !== "en" ? language : "en-GB");

function write(unix, language, style) {
  return new Intl.DateTimeFormat(localeOf(language), style).format(unix * 1000);
}

export const clockTime = (unix, language) => write(unix, language, { hour: "2-digit", minute: "2-digit" });

export const precisely = (unix, language) => write(unix, language, { dateStyle: "full", timeStyle: "medium" });

export function dayOf(unix) {
  const day = new Date(unix * 1000);
  return `${day.getFullYear()}-${day.getMonth() + 1}-${day.getDate()}`;
}

export function dayName(unix, language) {
  if (dayOf(unix) === dayOf(now())) return "Today";
  if (dayOf(unix) === dayOf(now() - 86_400)) return "Yesterday";
  return write(unix, language, { day: "numeric", month: "long", year: "numeric" });
}

function relative(unix, language) {
  const left = unix - now();
  // a countdown reaches zero when the time is there, not a second before
  const seconds = left > 0 ? Math.ceil(left) : Math.trunc(left);
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  const words = new Intl.RelativeTimeFormat(localeOf(language), { numeric: "always" });
  return words.format(Math.trunc(seconds / length), unit);
}

// https://core.telegram.org/bots/api#date-time-entity-formatting
function formatted(unix, format, language) {
  if (format === "r") return relative(unix, language);
  const style = {};
  if (format.includes("w")) style.weekday = "long";
  if (format.includes("D")) Object.assign(style, { day: "numeric", month: "long", year: "numeric" });
  if (format.includes("d")) Object.assign(style, { day: "2-digit", month: "2-digit", year: "2-digit" });
  if (/t/i.test(format)) Object.assign(style, { hour: "2-digit", minute: "2-digit" });
  if (format.includes("T")) style.second = "2-digit";
  return write(unix, language, style);
}

// A time in a text. Without a format it reads as its author wrote it.
export function drawTime(unix, format, language, fallback) {
  const words = format ? formatted(unix, format, language) : fallback;
  const made = make("time", { text: words, title: precisely(unix, language), dir: "auto" });
  made.dateTime = new Date(unix * 1000).toISOString();
  if (format === "r") {
    made.className = "counts";
    made.dataset.unix = unix;
    made.dataset.language = language ?? "";
    // read once with its message; a screen reader must not count along
    made.setAttribute("aria-live", "off");
  }
  return made;
}

function tick() {
  for (const made of document.querySelectorAll("time.counts")) {
    const words = relative(Number(made.dataset.unix), made.dataset.language);
    if (made.firstChild.data !== words) made.firstChild.data = words;
  }
}
