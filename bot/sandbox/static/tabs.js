// On a narrow screen one chat is seen at a time, chosen by tabs; on a wide one all stand side by side.

import { make } from "./dom.js";

const narrow = matchMedia("(max-width: 759px)");

export class Tabs {
  // `turned(chat)` is told when somebody turns to a chat.
  constructor(bar, turned) {
    Object.assign(this, { bar, turned });
    this.chats = [];
    this.tabs = new Map();
    bar.addEventListener("keydown", (event) => this.move(event));
    narrow.addEventListener("change", () => this.draw());
  }

  add(chat) {
    const badge = make("span", { class: "unread", hidden: true });
    const about = { type: "button", role: "tab", id: `tab-${chat.id}`, "aria-controls": chat.section.id };
    const tab = make("button", about, make("bdi"), " ", badge);
    tab.addEventListener("click", () => this.choose(chat));
    this.chats.push(chat);
    this.tabs.set(chat, { tab, badge, unread: 0 });
    this.bar.append(tab);
    this.chosen ??= chat;
    this.draw();
  }

  remove(chat) {
    this.tabs.get(chat).tab.remove();
    this.tabs.delete(chat);
    this.chats.splice(this.chats.indexOf(chat), 1);
    if (this.chosen === chat) this.chosen = this.chats[0];
  }

  choose(chat) {
    this.chosen = chat;
    this.tabs.get(chat).unread = 0;
    this.draw();
    chat.list.stay();
    this.turned(chat);
  }

  isSeen(chat) {
    return !narrow.matches || chat === this.chosen;
  }

  count(chat, more) {
    this.tabs.get(chat).unread += more;
    this.draw();
  }

  draw() {
    for (const [chat, { tab, badge, unread }] of this.tabs) {
      const isChosen = chat === this.chosen;
      tab.firstChild.textContent = chat.person.first_name;
      tab.setAttribute("aria-selected", String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      badge.hidden = unread === 0;
      badge.textContent = unread;
      badge.setAttribute("aria-label", `${unread} unread`);
      chat.section.hidden = narrow.matches && !isChosen;
      if (narrow.matches) chat.section.setAttribute("role", "tabpanel");
      else chat.section.removeAttribute("role");
      chat.section.setAttribute("aria-labelledby", narrow.matches ? tab.id : `chat-title-${chat.id}`);
    }
  }

  move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = this.chats[(this.chats.indexOf(this.chosen) + step + this.chats.length) % this.chats.length];
    this.choose(next);
    this.tabs.get(next).tab.focus();
  }
}
