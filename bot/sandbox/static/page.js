"use strict";
// Text from people and from the bot only ever becomes textContent: nothing on this page is parsed as HTML.

const TAGS = {
  bold: "b", italic: "i", underline: "u", strikethrough: "s", code: "code", pre: "pre",
  blockquote: "blockquote", expandable_blockquote: "blockquote", date_time: "time",
};
const chats = new Map();

async function control(path, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(`/control/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer;
}

function element(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

// Offsets count UTF-16 units, as JavaScript does. Entities come sorted and nested, never crossing.
function fill(parent, text, entities, from, to) {
  let at = from;
  for (let i = 0; i < entities.length; i++) {
    const entity = entities[i];
    if (entity.offset < at || entity.offset + entity.length > to) continue;
    parent.append(text.slice(at, entity.offset));
    at = entity.offset + entity.length;
    const child = drawEntity(entity);
    fill(child, text, entities.slice(i + 1), entity.offset, at);
    parent.append(child);
  }
  parent.append(text.slice(at, to));
}

function drawEntity(entity) {
  const made = element(TAGS[entity.type] ?? "span");
  if (entity.type === "spoiler") {
    made.className = "spoiler";
    made.addEventListener("click", () => made.classList.add("shown"));
  } else if (entity.type === "code" || entity.type === "pre") {
    made.addEventListener("click", () => navigator.clipboard.writeText(made.textContent));
  } else if (entity.type === "date_time") {
    made.dateTime = made.title = new Date(entity.unix_time * 1000).toISOString();
  } else if (entity.type === "text_link") {
    made.title = entity.url;
  }
  return made;
}

function drawMessage(chat, message) {
  const made = element("div", undefined, message.from_bot ? "message bot" : "message");
  const bubble = element("div", undefined, "bubble");
  if (message.kind !== "text") bubble.append(element("div", `[${message.kind.replace("_", " ")}]`, "note"));
  fill(bubble, message.text, message.entities, 0, message.text.length);
  const notes = [new Date(message.date * 1000).toLocaleTimeString()];
  if (message.edit_date) notes.push("edited");
  if (message.protected) notes.push("protected");
  if (message.silent) notes.push("silent");
  bubble.append(element("div", notes.join(" · "), "note"));
  made.append(bubble);
  message.buttons.forEach((row, y) => {
    const line = element("div", undefined, "row");
    row.forEach((button, x) => line.append(drawButton(chat, message, button, [y, x])));
    made.append(line);
  });
  return made;
}

function drawButton(chat, message, button, place) {
  const made = element("button", button.text, button.style);
  made.type = "button";
  made.addEventListener("click", () => chat.attempt(async () => {
    made.disabled = true;
    try {
      const body = { person: chat.person, message_id: message.message_id, button: place, wait: 10 };
      const pressed = await control("press", body);
      if (pressed.copied) await navigator.clipboard.writeText(pressed.copied);
      const told = pressed.copied ? "Copied." : pressed.url ?? pressed.text;
      if (told) chat.toast(told);
    } finally {
      made.disabled = false;
    }
  }));
  return made;
}

class Chat {
  constructor(person) {
    this.person = person.id;
    const section = document.getElementById("chat").content.cloneNode(true).firstElementChild;
    section.querySelector("h2").textContent = person.first_name;
    this.messages = section.querySelector(".messages");
    this.notice = section.querySelector(".toast");
    const form = section.querySelector("form");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const text = form.elements.text.value;
      this.attempt(async () => {
        await control("say", { person: this.person, text });
        form.reset();
      });
    });
    document.getElementById("chats").append(section);
  }

  async attempt(act) {
    try {
      await act();
    } catch (error) {
      this.toast(error.message);
    }
  }

  toast(text) {
    this.notice.textContent = text;
    this.notice.hidden = false;
    clearTimeout(this.hiding);
    this.hiding = setTimeout(() => { this.notice.hidden = true; }, 5000);
  }

  // One look at a time: what changes meanwhile asks for one more.
  async draw() {
    this.stale = true;
    if (this.drawing) return;
    this.drawing = true;
    try {
      while (this.stale) {
        this.stale = false;
        const { messages } = await control(`screen?person=${this.person}`);
        this.messages.replaceChildren(...messages.map((message) => drawMessage(this, message)));
        this.messages.scrollTop = this.messages.scrollHeight;
      }
    } finally {
      this.drawing = false;
    }
  }
}

async function drawPeople() {
  for (const person of (await control("people")).people) {
    if (!chats.has(person.id)) chats.set(person.id, new Chat(person));
    chats.get(person.id).draw();
  }
}

function drawProcess(process) {
  const [words, button] = document.getElementById("process").children;
  document.getElementById("process").hidden = process === null;
  if (process === null) return;
  words.textContent = process.running ? "The bot is running." : "The bot has stopped.";
  button.textContent = process.running ? "Stop it" : "Start it";
  button.onclick = async () => {
    button.disabled = true;
    try {
      drawProcess(await control("bot", { action: process.running ? "stop" : "start" }));
    } finally {
      button.disabled = false;
    }
  };
}

async function drawAll() {
  drawProcess((await control("status")).process);
  await drawPeople();
}

async function main() {
  const connection = document.getElementById("connection");
  const { event } = await control("status");
  const events = new EventSource(`/control/events?since=${event}`);
  events.onopen = () => { connection.textContent = ""; drawAll(); };
  events.onerror = () => { connection.textContent = "Reconnecting …"; };
  events.onmessage = ({ data }) => {
    const told = JSON.parse(data);
    if (told.kind === "call") return;
    if (told.kind === "reset" || told.kind === "person" || told.kind === "bot") drawAll();
    else chats.get(told.chat_id)?.draw();
  };
}

main();
