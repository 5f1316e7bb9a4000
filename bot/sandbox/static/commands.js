// The bot's command menu, which opens behind "/". The focus stays in the text; the arrow keys choose.

import { make } from "./dom.js";

export class CommandMenu {
  // `choose(command)` sends one. What there is to choose from is known before anybody asks: keys that are pressed quickly
  // must not meet a menu that is still being read.
  constructor(list, text, toggle, choose) {
    Object.assign(this, { list, text, toggle, choose, known: [], commands: [], at: -1 });
    text.setAttribute("aria-controls", list.id);
    toggle.setAttribute("aria-controls", list.id);
    // a tap must not take the focus from the text
    list.addEventListener("mousedown", (event) => event.preventDefault());
    toggle.addEventListener("mousedown", (event) => event.preventDefault());
    toggle.addEventListener("click", () => this.toggleAll());
    text.addEventListener("input", () => this.follow());
    text.addEventListener("blur", () => this.close());
  }

  get isOpen() {
    return !this.list.hidden;
  }

  // The commands this person sees now.
  know(commands) {
    this.known = commands;
    if (this.isOpen) this.open(this.typed() ?? "");
  }

  toggleAll() {
    if (this.isOpen) {
      this.close();
      return;
    }
    this.text.focus();
    this.open("");
  }

  typed() {
    return /^\/(\w*)$/.exec(this.text.value)?.[1].toLowerCase();
  }

  follow() {
    const typed = this.typed();
    if (typed === undefined) this.close();
    else this.open(typed);
  }

  open(start) {
    this.commands = this.known.filter(({ command }) => command.startsWith(start));
    this.list.replaceChildren(...this.commands.map((command, i) => this.draw(command, i)));
    const none = start ? "No such command." : "The bot has set no commands yet.";
    if (!this.commands.length) this.list.append(make("li", { class: "none", text: none }));
    this.list.hidden = false;
    this.toggle.setAttribute("aria-expanded", "true");
    this.mark(this.commands.length ? 0 : -1);
  }

  close() {
    this.list.hidden = true;
    this.toggle.setAttribute("aria-expanded", "false");
    this.text.removeAttribute("aria-activedescendant");
    this.at = -1;
  }

  draw({ command, description }, i) {
    const words = [make("b", { text: `/${command}` }), " ", make("span", { text: description })];
    const made = make("li", { role: "option", id: `${this.list.id}-${i}`, "aria-selected": "false" }, ...words);
    made.addEventListener("click", () => this.take(i));
    return made;
  }

  mark(at) {
    this.at = at;
    [...this.list.children].forEach((made, i) => made.setAttribute("aria-selected", String(i === at)));
    const marked = at < 0 ? undefined : this.list.children[at];
    marked?.scrollIntoView({ block: "nearest" });
    if (marked) this.text.setAttribute("aria-activedescendant", marked.id);
  }

  take(i) {
    const { command } = this.commands[i];
    this.close();
    this.choose(`/${command}`);
  }

  // Tells whether the key was for the menu.
  press(event) {
    if (!this.isOpen) return false;
    if (event.key === "Escape") this.close();
    else if (!this.commands.length) return false;
    else if (event.key === "ArrowDown") this.mark((this.at + 1) % this.commands.length);
    else if (event.key === "ArrowUp") this.mark((this.at + this.commands.length - 1) % this.commands.length);
    else if (event.key === "Enter") this.take(this.at);
    else if (event.key === "Tab" && !event.shiftKey) {
      this.text.value = `/${this.commands[this.at].command} `;
      this.close();
    } else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
