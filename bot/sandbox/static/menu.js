// A small menu at a button: arrow keys move in it, Esc and a tap elsewhere close it.

import { make } from "./dom.js";

const GAP = 4; // pixels between the button and its menu, and between the menu and the window's edge

// `entries` are [words, act, class].
export function openMenu(anchor, label, entries) {
  const menu = make("div", { class: "menu", role: "menu", "aria-label": label, popover: "auto" });
  for (const [words, act, look] of entries) {
    const choose = () => {
      menu.hidePopover();
      act();
    };
    menu.append(make("button", { type: "button", role: "menuitem", class: look ?? "", text: words, click: choose }));
  }
  menu.addEventListener("keydown", moveIn);
  menu.addEventListener("toggle", ({ newState }) => {
    if (newState !== "closed") return;
    anchor.setAttribute("aria-expanded", "false");
    if (menu.contains(document.activeElement) || document.activeElement === document.body) anchor.focus();
    menu.remove();
  });
  document.body.append(menu);
  menu.showPopover();
  anchor.setAttribute("aria-expanded", "true");
  place(menu, anchor.getBoundingClientRect());
  menu.firstChild.focus();
}

function place(menu, at) {
  const { width, height } = menu.getBoundingClientRect();
  const below = at.bottom + GAP + height < innerHeight;
  menu.style.left = `${Math.max(GAP, Math.min(at.left, innerWidth - width - GAP))}px`;
  menu.style.top = `${below ? at.bottom + GAP : Math.max(GAP, at.top - height - GAP)}px`;
}

function moveIn(event) {
  const items = [...event.currentTarget.children];
  const at = items.indexOf(document.activeElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  items.at(to % items.length).focus();
}
