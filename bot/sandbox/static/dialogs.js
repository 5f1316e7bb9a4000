// Questions and alerts in the middle of the page. The browser's own dialog keeps the focus in, closes on Esc, and gives
// the focus back.

import { make } from "./dom.js";

let shown = 0;

// Shows `text` and buttons, and returns the value of the chosen one; undefined when it was closed.
// `choices` are [value, words, class]; the first one has the focus.
export function ask(title, text, choices) {
  return new Promise((choose) => {
    const buttons = choices.map(([value, words, look]) =>
      make("button", { type: "submit", class: look ?? "", value, text: words }));
    shown += 1;
    const [titleId, textId] = [`dialog-title-${shown}`, `dialog-text-${shown}`];
    const heading = make("h2", { id: titleId, dir: "auto", text: title });
    const words = make("p", { id: textId, class: "dialog-text", dir: "auto", text });
    const form = make("form", { method: "dialog" }, heading, words, make("div", { class: "dialog-actions" }, ...buttons));
    const dialog = make("dialog", { class: "dialog", "aria-labelledby": titleId, "aria-describedby": textId }, form);
    // not sent: the page's policy allows no form to go anywhere
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      dialog.close(event.submitter?.value);
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      choose(dialog.returnValue || undefined);
    });
    document.body.append(dialog);
    dialog.showModal();
    buttons[0].focus();
  });
}
