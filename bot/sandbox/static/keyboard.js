// Inline keyboards. A tapped button stays pressed until the bot has answered the tap, as in Telegram's apps.

import { icon, make } from "./dom.js";

const PATIENCE = 15_000; // milliseconds until a tap counts as unanswered; a late answer is still shown
const MOST_EARLY = 20; // answers that are kept for taps whose id is not known yet
const STYLES = new Set(["primary", "success", "danger"]);

export function drawKeyboard(message, chat) {
  const rows = message.buttons.map((row, y) => make("div", { class: "keys" }, ...row.map((button, x) => {
    const look = STYLES.has(button.style) ? `key ${button.style}` : "key";
    const made = make("button", { type: "button", class: look, dir: "auto" }, make("span", { text: button.text }));
    if (button.copy_text !== undefined) {
      made.append(make("span", { class: "corner" }, icon("copy")));
      made.addEventListener("click", () => chat.copyText(button.copy_text));
    } else if (button.url !== undefined) {
      made.append(make("span", { class: "corner" }, icon("out")));
      made.addEventListener("click", () => chat.openLink(button.url));
    } else {
      made.addEventListener("click", () => chat.tap(made, message.message_id, [y, x]));
    }
    return made;
  })));
  return make("div", { class: "keyboard", role: "group", "aria-label": "Buttons" }, ...rows);
}

export class Taps {
  // `press(message, place)` sends the tap and returns its id; `show(answer)` shows what the bot answered.
  constructor(press, show) {
    this.press = press;
    this.show = show;
    this.waiting = new Map();
    this.early = new Map();
  }

  async tap(button, message, place) {
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    try {
      const id = await this.press(message, place);
      const timer = setTimeout(() => this.giveUp(id), PATIENCE);
      this.waiting.set(id, { button, timer });
      // the answer may be quicker than the reply to the tap itself
      if (this.early.has(id)) this.answered(this.early.get(id));
    } catch (error) {
      release(button);
      throw error;
    }
  }

  answered(answer) {
    const tap = this.waiting.get(answer.callback_query_id);
    if (tap === undefined) {
      this.early.set(answer.callback_query_id, answer);
      // most are of taps on another page
      if (this.early.size > MOST_EARLY) this.early.delete(this.early.keys().next().value);
      return;
    }
    this.waiting.delete(answer.callback_query_id);
    this.early.delete(answer.callback_query_id);
    clearTimeout(tap.timer);
    release(tap.button);
    this.show(answer);
  }

  giveUp(id) {
    const tap = this.waiting.get(id);
    if (tap === undefined || !tap.button.isConnected) return;
    release(tap.button);
    this.show({ text: "The bot has not answered yet." });
  }
}

const release = (button) => button.removeAttribute("aria-busy");
