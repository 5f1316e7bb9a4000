// Draws one message: its bubble, what stands under it, and its buttons.

import { icon, make } from "./dom.js";
import { drawKeyboard } from "./keyboard.js";
import { drawText, previewOf } from "./text.js";
import { clockTime, precisely } from "./time.js";

export function drawMessage(message, chat) {
  const made = make("article", { tabindex: "-1" });
  redrawMessage(made, message, chat);
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target !== made) return;
    // or the same key would choose from the menu that opens
    event.preventDefault();
    made.querySelector(".more").click();
  });
  made.addEventListener("contextmenu", (event) => {
    if (!getSelection().isCollapsed || event.target.closest("button")) return;
    event.preventDefault();
    made.querySelector(".more").click();
  });
  return made;
}

export function redrawMessage(made, message, chat) {
  made.className = ["message", message.from_bot ? "from-bot" : "own", `is-${message.kind}`].join(" ");
  made.classList.toggle("protected", message.protected);
  made.dataset.id = message.message_id;
  made.setAttribute("aria-label", `${message.sender}, ${clockTime(message.date, chat.language)}`);
  made.replaceChildren(drawBubble(message, chat));
  if (message.buttons.length) made.append(drawKeyboard(message, chat));
}

function drawBubble(message, chat) {
  const replied = message.reply_to === null ? null : drawReply(message, chat);
  const words = message.text ? drawText(make("div", { class: "words", dir: "auto" }), message, chat) : null;
  const notes = drawNotes(message, chat);
  return make("div", { class: "bubble" }, replied, drawMedia(message, chat), words, notes, drawMore(message, chat));
}

function drawReply(message, chat) {
  const replied = chat.find(message.reply_to);
  const button = make("button", { type: "button", class: "replied", "aria-label": "Show the message this replies to" });
  button.append(make("b", { dir: "auto", text: replied?.sender ?? "Deleted message" }));
  if (replied) {
    button.append(make("span", { dir: "auto", text: previewOf(replied, 60) }));
    button.addEventListener("click", () => chat.goTo(message.reply_to));
  }
  return button;
}

function drawMedia(message, chat) {
  switch (message.kind) {
    case "text": return null;
    case "sticker": return make("div", { class: "sticker", role: "img", "aria-label": "Sticker: thumbs up", text: "👍" });
    case "photo": return make("div", { class: "photo", role: "img", "aria-label": "A photo" });
    case "voice": return drawFile("▶", "Voice message, 0:03");
    case "document": return drawDocument(message, chat);
    case "pinned_message": return drawFile("📌", "Pinned a message");
    default: return drawFile("?", message.kind);
  }
}

// A document can be saved, unless it is protected or is nothing but a name.
function drawDocument({ message_id: id, file_name: name, file_size: size, protected: isKept }, chat) {
  const words = name ?? "A file";
  if (isKept || !size) return drawFile("📄", words);
  const about = { href: `/control/document?person=${chat.id}&message_id=${id}`, download: words, title: "Save" };
  return drawFile("📄", words, make("a", { class: "file", ...about }), inBytes(size));
}

const inBytes = (size) => (size < 1000 ? `${size} bytes` : `${(size / 1000).toFixed(1)} kB`);

function drawFile(sign, words, file = make("div", { class: "file" }), more = "") {
  const round = make("span", { class: "file-sign", "aria-hidden": "true", text: sign });
  const about = more ? make("span", { class: "file-size", text: more }) : null;
  file.append(round, make("span", {}, make("bdi", { text: words }), about));
  return file;
}

function drawNotes(message, chat) {
  const notes = make("div", { class: "notes" });
  if (message.silent) notes.append(sign("silent", "Sent without sound"));
  if (message.protected) notes.append(sign("lock", "Protected: cannot be forwarded, selected or copied"));
  const at = (unix, text) => make("span", { text, title: precisely(unix, chat.language) });
  if (message.edit_date) notes.append(at(message.edit_date, "edited"));
  notes.append(at(message.date, clockTime(message.date, chat.language)));
  return notes;
}

const sign = (name, words) => make("span", { class: "sign", role: "img", "aria-label": words, title: words }, icon(name));

function drawMore(message, chat) {
  const button = make("button", {
    type: "button", class: "more", tabindex: "-1", "aria-label": "What to do with this message",
    "aria-haspopup": "menu", "aria-expanded": "false",
  }, icon("more"));
  button.addEventListener("click", () => chat.openMessageMenu(message, button));
  return button;
}
