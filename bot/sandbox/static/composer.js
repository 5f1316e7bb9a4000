// Where a person writes: text, commands, attachments, replies and corrections.

import { CommandMenu } from "./commands.js";
import { openMenu } from "./menu.js";
import { previewOf } from "./text.js";

const ATTACHMENTS = [
  ["🖼 Photo", "photo"], ["👍 Sticker", "sticker"], ["🎤 Voice message", "voice"], ["📄 File", "document"],
];

export class Composer {
  // `chat` offers say(text, more), edit(id, text) and unblock().
  constructor(root, chat, id) {
    this.chat = chat;
    this.about = root.querySelector(".about-reply");
    this.form = root.querySelector("form");
    this.text = root.querySelector("textarea");
    this.wide = root.querySelector(".wide-action");
    const list = root.querySelector(".commands");
    list.id = `commands-${id}`;
    const toggle = root.querySelector(".open-commands");
    this.menu = new CommandMenu(list, this.text, toggle, (command) => this.send(command));
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.send(this.text.value);
    });
    this.text.addEventListener("keydown", (event) => this.press(event));
    this.about.querySelector("button").addEventListener("click", () => this.aboutNothing());
    const attach = root.querySelector(".attach");
    const attachments = ATTACHMENTS.map(([words, kind]) => [words, () => this.attach(kind)]);
    attach.addEventListener("click", () => openMenu(attach, "Attach", attachments));
    this.wide.addEventListener("click", () => this.wideAct());
  }

  setPerson({ first_name, blocked, deactivated }) {
    this.text.setAttribute("aria-label", `Message from ${first_name}`);
    Object.assign(this, { isBlocked: blocked, isGone: deactivated });
    this.drawMode();
  }

  // As in Telegram's apps, an empty chat with a bot has one button only.
  setEmpty(isEmpty) {
    this.isEmpty = isEmpty;
    this.drawMode();
  }

  drawMode() {
    const words = this.isGone ? "This account is deleted" : this.isBlocked ? "Unblock the bot" : this.isEmpty ? "Start" : "";
    const hadFocus = document.activeElement === this.wide;
    this.wide.textContent = words;
    this.wide.disabled = Boolean(this.isGone);
    this.wide.hidden = !words;
    this.form.hidden = Boolean(words);
    if (hadFocus && !words) this.text.focus();
  }

  wideAct() {
    if (this.isBlocked) this.chat.unblock();
    else this.send("/start");
  }

  press(event) {
    if (event.isComposing || this.menu.press(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send(this.text.value);
    } else if (event.key === "Escape" && !this.about.hidden) {
      event.stopPropagation();
      this.aboutNothing();
    }
  }

  async send(text) {
    if (!text.trim()) return;
    this.menu.close();
    const { editing, replyTo } = this;
    const sent = editing ? await this.chat.edit(editing, text) : await this.chat.say(text, this.more(replyTo));
    if (!sent) return;
    this.text.value = "";
    this.aboutNothing();
  }

  async attach(kind) {
    const sent = await this.chat.say(this.text.value, { kind, ...this.more(this.replyTo) });
    if (!sent) return;
    this.text.value = "";
    this.aboutNothing();
  }

  more(replyTo) {
    return replyTo ? { reply_to: replyTo } : {};
  }

  answer(message) {
    this.aboutMessage(`Reply to ${message.sender}`, message);
    this.replyTo = message.message_id;
  }

  correct(message) {
    this.aboutMessage("Edit your message", message);
    this.editing = message.message_id;
    this.text.value = message.text;
  }

  aboutMessage(title, message) {
    this.aboutNothing();
    this.about.querySelector(".about-reply-title").textContent = title;
    this.about.querySelector(".about-reply-text").textContent = previewOf(message, 80);
    this.about.hidden = false;
    this.text.focus();
  }

  aboutNothing() {
    if (this.editing) this.text.value = "";
    this.replyTo = this.editing = undefined;
    if (this.about.contains(document.activeElement)) this.text.focus();
    this.about.hidden = true;
  }
}
