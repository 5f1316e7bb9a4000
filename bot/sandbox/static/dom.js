// Builds elements. Text only ever becomes text nodes, so nothing that people write can be markup here.

export function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name === "text") made.textContent = value;
    else if (typeof value === "function") made.addEventListener(name, value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== undefined && value !== null) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export function icon(name) {
  return document.getElementById(`icon-${name}`).content.cloneNode(true);
}

// A copy of a template, with its icons in place.
export function stamp(id) {
  const copy = document.getElementById(id).content.cloneNode(true);
  for (const place of copy.querySelectorAll("[data-icon]")) place.append(icon(place.dataset.icon));
  return copy;
}

// Lets a piece of text be used like a button, where a real one would not wrap with the words around it.
export function actsAsButton(made, act) {
  made.tabIndex = 0;
  made.setAttribute("role", "button");
  made.addEventListener("click", () => {
    if (getSelection().isCollapsed) act();
  });
  made.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    event.stopPropagation();
    act();
  });
  return made;
}

// Draws the inside of `root` anew; the focus goes to what has the same data-key then, or else to `instead`.
export function redraw(root, nodes, instead) {
  const focused = root.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
  root.replaceChildren(...nodes);
  if (focused === undefined) return;
  ([...root.querySelectorAll("[data-key]")].find((node) => node.dataset.key === focused) ?? instead).focus();
}

export const isCalm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
