// The list of messages: changes what changed, lets go what is gone, and stays where it is being read.

import { isCalm, make } from "./dom.js";
import { drawMessage, redrawMessage } from "./message.js";
import { dayName, dayOf } from "./time.js";

const NEAR = 60; // pixels from the end that still count as being there
const LEAVING = { duration: 450, easing: "ease-in" };

// First it blurs away, then its place closes.
function farewell(node) {
  const { marginBlock } = getComputedStyle(node);
  const height = `${node.offsetHeight}px`;
  const blurred = { opacity: 0, filter: "blur(8px)", transform: "scale(0.94)" };
  return [
    { opacity: 1, height, marginBlock, filter: "none", transform: "none" },
    { ...blurred, height, marginBlock, offset: 0.6 },
    { ...blurred, height: 0, marginBlock: 0 },
  ];
}

export class MessageList {
  constructor(list, jump, chat) {
    this.list = list;
    this.jump = jump;
    this.chat = chat;
    this.nodes = new Map();
    this.unseen = 0;
    this.isAtEnd = true;
    list.addEventListener("scroll", () => this.look());
    list.addEventListener("keydown", (event) => this.move(event));
    jump.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.stay()).observe(list);
  }

  get isEmpty() {
    return this.nodes.size === 0;
  }

  // Shows these messages, and returns those that were not there before.
  show(messages) {
    const isFirst = this.list.getAttribute("aria-busy") === "true";
    const wanted = this.withDays(messages);
    const keys = new Set(wanted.map(({ key }) => key));
    for (const [key, { node }] of this.nodes) if (!keys.has(key)) this.letGo(key, node);
    const fresh = this.place(wanted, isFirst);
    this.list.setAttribute("aria-busy", "false");
    if (!isFirst && fresh.length && !this.isAtEnd) this.unseen += fresh.filter((message) => message.from_bot).length;
    if (fresh.some((message) => !message.from_bot)) this.toEnd();
    else this.stay();
    return isFirst ? [] : fresh;
  }

  // Starts over, without a farewell to what was shown.
  forget() {
    this.nodes.clear();
    this.list.replaceChildren();
    this.list.setAttribute("aria-busy", "true");
  }

  withDays(messages) {
    const wanted = [];
    let day;
    for (const message of messages) {
      if (dayOf(message.date) !== day) {
        day = dayOf(message.date);
        const words = dayName(message.date, this.chat.language);
        wanted.push({ key: `day ${day}`, look: words, draw: () => make("p", { class: "day", text: words }) });
      }
      const draw = () => drawMessage(message, this.chat);
      wanted.push({ key: message.message_id, look: JSON.stringify(message), message, draw });
    }
    return wanted;
  }

  place(wanted, isFirst) {
    const fresh = [];
    let next = this.skipLeaving(this.list.firstChild);
    for (const { key, look, message, draw } of wanted) {
      let known = this.nodes.get(key);
      if (known === undefined) {
        known = { node: draw(), look };
        this.nodes.set(key, known);
        if (message) fresh.push(message);
        if (message && !isFirst) known.node.classList.add("arriving");
      } else if (known.look !== look) {
        this.change(known, look, message);
      }
      if (known.node === next) next = this.skipLeaving(next.nextSibling);
      else this.list.insertBefore(known.node, next);
    }
    return fresh;
  }

  skipLeaving(node) {
    let next = node;
    while (next?.classList.contains("leaving")) next = next.nextSibling;
    return next;
  }

  // Whoever has tapped a button by keyboard goes on from the button that stands there now.
  change(known, look, message) {
    known.look = look;
    if (message === undefined) {
      known.node.textContent = look;
      return;
    }
    const focused = document.activeElement;
    const hadFocus = known.node.contains(focused);
    const words = focused?.textContent;
    redrawMessage(known.node, message, this.chat);
    if (!hadFocus) return;
    const same = [...known.node.querySelectorAll(".key")].find((button) => button.textContent === words);
    (same ?? known.node).focus({ preventScroll: true });
  }

  letGo(key, node) {
    this.nodes.delete(key);
    if (node.contains(document.activeElement)) this.list.focus({ preventScroll: true });
    if (isCalm() || node.className === "day") {
      node.remove();
      return;
    }
    node.classList.add("leaving");
    node.inert = true;
    const gone = () => node.remove();
    node.animate(farewell(node), LEAVING).finished.then(gone, gone);
  }

  goTo(id) {
    const node = this.nodes.get(id)?.node;
    node?.scrollIntoView({ block: "center", behavior: isCalm() ? "auto" : "smooth" });
    node?.focus({ preventScroll: true });
  }

  look() {
    this.isAtEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < NEAR;
    if (this.isAtEnd) this.unseen = 0;
    this.drawJump();
  }

  stay() {
    if (this.isAtEnd) this.toEnd();
    else this.drawJump();
  }

  toEnd() {
    this.list.scrollTop = this.list.scrollHeight;
    this.isAtEnd = true;
    this.unseen = 0;
    this.drawJump();
  }

  drawJump() {
    this.jump.hidden = this.isAtEnd;
    this.jump.textContent = this.unseen ? `↓ ${this.unseen} new` : "↓";
    const label = "Go to the newest message";
    this.jump.setAttribute("aria-label", this.unseen ? `${this.unseen} new. ${label}` : label);
  }

  // Arrow keys go from message to message.
  move(event) {
    if (!["ArrowUp", "ArrowDown", "Home", "End"].includes(event.key) || event.target.closest("button")) return;
    const nodes = [...this.list.querySelectorAll(".message:not(.leaving)")];
    if (!nodes.length) return;
    event.preventDefault();
    const at = nodes.indexOf(event.target.closest(".message"));
    const up = at < 0 ? nodes.length - 1 : Math.max(0, at - 1);
    const to = { ArrowUp: up, ArrowDown: Math.min(nodes.length - 1, at + 1), Home: 0, End: nodes.length - 1 };
    nodes[to[event.key]].focus();
  }
}
