// Turns a text and its entities into nodes, and into one line with spoilers masked.

import { actsAsButton, make } from "./dom.js";
import { drawTime } from "./time.js";

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote",
};
const LINKS = new Set(["text_link", "url", "mention", "text_mention", "hashtag", "cashtag", "email", "phone_number"]);
const KINDS = {
  photo: "🖼 Photo", sticker: "👍 Sticker", voice: "🎤 Voice message", document: "📄 File",
  pinned_message: "📌 Pinned a message",
};
const MASK = 8; // signs a spoiler becomes, however long it is

// Offsets count UTF-16 units, as JavaScript does. Entities come sorted and nested, never crossing.
// `chat` offers copyCode(text), openLink(url), say(text) and language.
export function drawText(parent, message, chat) {
  fill(parent, message, chat, message.entities, 0, message.text.length);
  return parent;
}

function fill(parent, message, chat, entities, from, to) {
  let at = from;
  entities.forEach((entity, i) => {
    const end = entity.offset + entity.length;
    if (entity.offset < at || end > to) return;
    parent.append(message.text.slice(at, entity.offset));
    at = end;
    const words = message.text.slice(entity.offset, end);
    const child = drawEntity(entity, words, message, chat);
    if (entity.type !== "date_time") fill(inner(child), message, chat, entities.slice(i + 1), entity.offset, end);
    parent.append(child);
  });
  parent.append(message.text.slice(at, to));
}

const inner = (child) => (child.classList.contains("spoiler") ? child.firstChild : child);

function drawEntity(entity, words, message, chat) {
  if (entity.type === "spoiler") return drawSpoiler();
  if (entity.type === "date_time") return drawTime(entity.unix_time, entity.date_time_format, chat.language, words);
  const made = make(TAGS[entity.type] ?? "span");
  if (entity.type === "code" || entity.type === "pre") {
    if (message.protected) made.addEventListener("click", () => chat.refuseCopy());
    else actsAsButton(made, () => chat.copyText(words)).title = "Copy";
  } else if (entity.type === "bot_command") {
    made.className = "link";
    actsAsButton(made, () => chat.say(words));
  } else if (LINKS.has(entity.type)) {
    made.className = "link";
    if (entity.type === "text_link" || entity.type === "url") {
      actsAsButton(made, () => chat.openLink(entity.url ?? words));
    }
  }
  return made;
}

// Until it is opened a spoiler is a button without readable words, for eyes, clipboards and screen readers.
function drawSpoiler() {
  const hidden = make("span", { "aria-hidden": "true" });
  const made = make("span", { class: "spoiler", "aria-label": "Hidden text, press to show" }, hidden);
  actsAsButton(made, () => {
    made.classList.add("open");
    for (const name of ["role", "aria-label", "tabindex"]) made.removeAttribute(name);
    hidden.removeAttribute("aria-hidden");
    made.closest(".message")?.focus();
  });
  return made;
}

// One line for notices, replies and questions. What is a spoiler stays one: its words do not get here.
export function previewOf(message, longest = 90) {
  const units = message.text.split("");
  for (const { type, offset, length } of message.entities) {
    if (type !== "spoiler") continue;
    units.fill("", offset, offset + length);
    units[offset] = "▒".repeat(MASK);
  }
  const kind = message.kind === "text" ? "" : (KINDS[message.kind] ?? message.kind);
  const words = [kind, units.join("").replace(/\s+/g, " ").trim()].filter(Boolean).join(" · ");
  const signs = [...words];
  return signs.length > longest ? `${signs.slice(0, longest).join("")}…` : words;
}
