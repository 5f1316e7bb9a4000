// One person's chat with the bot, as their app shows it.

import { copy } from "./clipboard.js";
import { Composer } from "./composer.js";
import { act, read } from "./control.js";
import { ask } from "./dialogs.js";
import { make, stamp } from "./dom.js";
import { Taps } from "./keyboard.js";
import { startCommand } from "./links.js";
import { MessageList } from "./list.js";
import { openMenu } from "./menu.js";

const ACTIONS = { typing: "typing", choose_sticker: "choosing a sticker", find_location: "finding a location" };
const TYPING = 5000; // milliseconds a bot's action is shown, unless a message comes first
const TOAST = 4000;

export class Chat {
  // `page` offers heard(chat, messages), which is told of what the bot has just sent, chatsFrom(chat), all of them with
  // this one first, and open(chat).
  constructor(person, bot, page) {
    Object.assign(this, { id: person.id, bot, page, messages: [], isBotRunning: true });
    this.section = stamp("chat-template").firstElementChild;
    this.section.id = `chat-${person.id}`;
    this.part("h2").id = `chat-title-${person.id}`;
    this.toasts = this.part(".toasts");
    this.list = new MessageList(this.part(".messages"), this.part(".jump"), this);
    this.composer = new Composer(this.part(".composer"), this, person.id);
    this.taps = new Taps((message, button) => this.press(message, button), (answer) => this.showAnswer(answer));
    this.setPerson(person);
  }

  part(selector) {
    return this.section.querySelector(selector);
  }

  setPerson(person) {
    const language = person.language_code ?? "en";
    // times are written in the language of the person's app
    if (this.language && this.language !== language) this.list.forget();
    Object.assign(this, { person, language });
    this.part(".chat-person").textContent = person.first_name;
    this.part(".chat-about").textContent = person.about;
    this.part(".chat-about").hidden = !person.about;
    this.part(".avatar").textContent = [...person.first_name][0];
    this.part(".avatar").dataset.tint = person.id % 5;
    this.part(".messages").setAttribute("aria-label", `Messages of ${person.first_name} and ${this.bot.first_name}`);
    this.composer.setPerson(person);
    this.drawStatus();
  }

  setProcess(process) {
    this.isBotRunning = process === null || process.running;
    this.drawStatus();
  }

  drawStatus() {
    const status = this.part(".chat-status");
    status.classList.toggle("typing", Boolean(this.isTyping));
    if (this.isTyping) status.textContent = `${this.bot.first_name} is ${this.isTyping}`;
    else if (this.person.blocked) status.textContent = `has blocked @${this.bot.username}`;
    else status.textContent = `with @${this.bot.username}${this.isBotRunning ? "" : ", which is not running"}`;
  }

  // One look at a time: what changes meanwhile asks for one more.
  async draw() {
    this.isStale = true;
    if (this.isDrawing) return;
    this.isDrawing = true;
    try {
      while (this.isStale) {
        this.isStale = false;
        this.show((await read(`screen?person=${this.id}`)).messages);
      }
    } finally {
      this.isDrawing = false;
    }
  }

  show(messages) {
    this.messages = messages;
    const fresh = this.list.show(messages).filter((message) => message.from_bot);
    this.composer.setEmpty(messages.length === 0);
    this.part(".empty").hidden = messages.length > 0;
    if (fresh.length) this.page.heard(this, fresh);
  }

  find(id) {
    return this.messages.find((message) => message.message_id === id);
  }

  goTo(id) {
    this.list.goTo(id);
  }

  // What the person does. Each tells in a toast why it was not possible, and returns whether it was.

  async attempt(doing) {
    try {
      await doing();
      return true;
    } catch (error) {
      this.toast(error.message);
      return false;
    }
  }

  say(text, more = {}) {
    return this.attempt(() => act("say", { person: this.id, text, ...more }));
  }

  edit(id, text) {
    return this.attempt(() => act("edit", { person: this.id, message_id: id, text }));
  }

  unblock() {
    return this.attempt(() => act("unblock", { person: this.id }));
  }

  tap(button, message, place) {
    return this.attempt(() => this.taps.tap(button, message, place));
  }

  async press(message, button) {
    const pressed = await act("press", { person: this.id, message_id: message, button });
    return pressed.callback_query_id;
  }

  async readCommands() {
    this.composer.menu.know((await read(`commands?person=${this.id}`)).commands);
  }

  openMessageMenu(message, anchor) {
    const isOwnText = !message.from_bot && message.kind === "text";
    const entries = [
      ["Reply", () => this.composer.answer(message)],
      message.text && !message.protected && ["Copy text", () => this.copyText(message.text)],
      isOwnText && ["Edit", () => this.composer.correct(message)],
      ["Delete …", () => this.askToDelete(message), "danger"],
    ];
    openMenu(anchor, "Message", entries.filter(Boolean));
  }

  async askToDelete(message) {
    const choices = [["both", "Delete for both", "danger"], ["here", "Delete only here"], ["", "Cancel"]];
    const chosen = await ask("Delete this message?", `${this.bot.first_name} is not told about it.`, choices);
    if (!chosen) return;
    const body = { person: this.id, message_id: message.message_id, for_everyone: chosen === "both" };
    await this.attempt(() => act("delete_message", body));
  }

  // A link is shown and never followed: it would lead out of the sandbox. One to this bot opens its chat and sends what
  // Telegram's apps send, for whom of the people here it was meant: an invitation is not for the one who made it.
  async openLink(url) {
    const start = startCommand(url, this.bot.username);
    const chats = start === undefined ? [] : this.page.chatsFrom(this).filter(({ person }) => !person.deactivated);
    const openers = chats.map((chat, i) => [chat.id, `Open as ${chat.person.first_name}`, i ? "" : "primary"]);
    const title = start === undefined ? "A link" : `A link to @${this.bot.username}`;
    const chosen = await ask(title, url, [...openers, ["copy", "Copy link"], ["", "Close"]]);
    if (chosen === "copy") await this.copyText(url);
    else if (chosen) await this.page.open(chats.find(({ id }) => id === Number(chosen))).say(start);
  }

  async copyText(text) {
    this.toast((await copy(text)) ? "Copied" : "The browser does not let this page copy.");
  }

  refuseCopy() {
    this.toast("This message is protected: its text cannot be copied.");
  }

  // What the bot does beside sending messages.

  answered(answer) {
    this.taps.answered(answer);
  }

  showAnswer({ text, show_alert: isAlert, url }) {
    if (isAlert) ask(`${this.bot.first_name} to ${this.person.first_name}`, text, [["", "OK", "primary"]]);
    else if (text) this.toast(text);
    if (url) this.openLink(url);
  }

  acts(action) {
    if (action === "cancel") {
      this.setTyping(undefined);
      return;
    }
    const [doing, ...what] = action.split("_");
    const words = `${doing === "upload" ? "sending" : "recording"} a ${what.join(" ")}`;
    this.setTyping(ACTIONS[action] ?? words);
  }

  setTyping(what) {
    clearTimeout(this.typing);
    this.isTyping = what;
    if (what) this.typing = setTimeout(() => this.setTyping(undefined), TYPING);
    this.drawStatus();
  }

  toast(text) {
    const made = make("p", { class: "toast", dir: "auto", text });
    this.toasts.replaceChildren(made);
    setTimeout(() => made.remove(), TOAST);
  }
}
