// The page as a whole: its chats, its panel, and the stream of what happens in the sandbox.

import { Chat } from "./chat.js";
import { read } from "./control.js";
import { make } from "./dom.js";
import { Panel } from "./panel.js";
import { listen } from "./stream.js";
import { Tabs } from "./tabs.js";
import { previewOf } from "./text.js";
import { setClock } from "./time.js";

const PAUSE = 1000; // milliseconds before another attempt
const NOTICE = 6000; // milliseconds a notice of a chat that is not seen stays
const ROOM_FOR_PANEL = matchMedia("(min-width: 1180px)");
const PANEL_COVERS = matchMedia("(max-width: 1023px)");
const byId = (id) => document.getElementById(id);

const chats = new Map();
const tabs = new Tabs(byId("tabs"), (chat) => byId("notices").querySelector(`[data-chat="${chat.id}"]`)?.remove());
const panel = new Panel(byId("panel"));
let session;
let retrying;

// Notices show what a locked phone would: spoilers stay masked. A silent message only counts.
function heard(chat, messages) {
  if (tabs.isSeen(chat)) return;
  tabs.count(chat, messages.length);
  const loud = messages.findLast((message) => !message.silent);
  if (loud === undefined) return;
  const notice = make("button", { type: "button", class: "notice", "data-chat": chat.id });
  notice.append(make("b", { dir: "auto", text: `${loud.sender} to ${chat.person.first_name}` }));
  notice.append(make("span", { dir: "auto", text: previewOf(loud) }));
  notice.addEventListener("click", () => tabs.choose(chat));
  byId("notices").replaceChildren(notice);
  setTimeout(() => notice.remove(), NOTICE);
}

function chatsFrom(chat) {
  return [chat, ...[...chats.values()].filter((other) => other !== chat)];
}

function open(chat) {
  tabs.choose(chat);
  chat.section.scrollIntoView({ block: "nearest", inline: "nearest" });
  return chat;
}

// People who were added are gone with the sandbox they were added to.
function letGo(people) {
  const ids = new Set(people.map(({ id }) => id));
  for (const [id, chat] of chats) {
    if (ids.has(id)) continue;
    chats.delete(id);
    tabs.remove(chat);
    chat.section.remove();
  }
}

function showPeople(people, status) {
  letGo(people);
  for (const person of people) {
    if (chats.has(person.id)) {
      const chat = chats.get(person.id);
      chat.setPerson(person);
      if (chat.list.isEmpty) patiently(chat.draw());
      continue;
    }
    const chat = new Chat(person, status.bot, { heard, chatsFrom, open });
    chats.set(person.id, chat);
    byId("chats").append(chat.section);
    tabs.add(chat);
    patiently(chat.draw());
  }
  tabs.draw();
  readCommands();
}

function readCommands() {
  for (const chat of chats.values()) patiently(chat.readCommands());
}

async function refreshStatus() {
  const [status, { people }] = await Promise.all([read("status"), read("people")]);
  setClock(status);
  byId("speed").textContent = `${status.speed}×`;
  byId("speed").title = `Time runs ${status.speed} times as fast here.`;
  byId("speed").hidden = status.speed === 1;
  if (session !== undefined && session !== status.session) startOver();
  session = status.session;
  showPeople(people, status);
  for (const chat of chats.values()) chat.setProcess(status.process);
  panel.show(status, people);
}

function startOver() {
  for (const chat of chats.values()) chat.list.forget();
  panel.reset();
}

async function refreshAll() {
  await refreshStatus();
  await Promise.all([...chats.values()].map((chat) => chat.draw()).concat(panel.catchUp()));
}

// What could not be read is read later, with everything else.
function patiently(reading) {
  reading?.catch(() => {
    clearTimeout(retrying);
    retrying = setTimeout(() => patiently(refreshAll()), PAUSE);
  });
}

function happened(event) {
  const chat = chats.get(event.chat_id ?? event.person);
  if (event.kind === "call") called(event);
  else if (event.kind === "answer") chat?.answered(event);
  else if (event.kind === "action") chat?.acts(event.action);
  else if (event.kind === "reset") patiently(refreshAll());
  else if (["message", "edited", "deleted"].includes(event.kind)) changed(chat, event.kind);
  else patiently(refreshStatus());
}

function called({ method }) {
  patiently(panel.catchUp());
  if (/(set|delete)mycommands/i.test(method)) readCommands();
}

function changed(chat, kind) {
  if (kind === "message") chat?.setTyping(undefined);
  patiently(chat?.draw());
}

function showConnection(words) {
  byId("connection").textContent = words;
  byId("connection").dataset.state = words ? "lost" : "fine";
}

// The top of the page

function toggle(button, part, isOpen) {
  part.hidden = !isOpen;
  button.setAttribute("aria-expanded", String(isOpen));
}

function togglePanel(isOpen, { focus = true } = {}) {
  toggle(byId("panel-toggle"), byId("panel"), isOpen);
  document.body.classList.toggle("with-panel", isOpen);
  // what the panel covers must not be reached behind it
  const covers = isOpen && PANEL_COVERS.matches;
  for (const id of ["chats", "tabs", "hint"]) byId(id).inert = covers;
  if (focus) (isOpen ? byId("panel").querySelector(".panel-close") : byId("panel-toggle")).focus();
}

function toggleHint(isOpen) {
  toggle(byId("hint-toggle"), byId("hint"), isOpen);
  remember("hint", isOpen ? "" : "read");
}

// Storage may be forbidden to pages; then the hint simply comes again.
function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // nothing to do
  }
}

function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

function prepareTop() {
  byId("panel-toggle").addEventListener("click", () => togglePanel(byId("panel").hidden, { focus: byId("panel").hidden }));
  byId("panel").querySelector(".panel-close").addEventListener("click", () => togglePanel(false));
  byId("hint-toggle").addEventListener("click", () => toggleHint(byId("hint").hidden));
  byId("hint-close").addEventListener("click", () => {
    toggleHint(false);
    byId("hint-toggle").focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (byId("panel").contains(event.target)) togglePanel(false);
    else if (byId("hint").contains(event.target)) byId("hint-close").click();
  });
  PANEL_COVERS.addEventListener("change", () => togglePanel(!byId("panel").hidden, { focus: false }));
  toggleHint(recall("hint") !== "read");
  togglePanel(ROOM_FOR_PANEL.matches, { focus: false });
}

async function connect() {
  try {
    const { event } = await read("status");
    listen(event, {
      opened: () => {
        showConnection("");
        patiently(refreshAll());
      },
      lost: () => showConnection("Connection lost, trying again …"),
      happened,
    });
  } catch (error) {
    showConnection(error.message);
    setTimeout(connect, PAUSE);
  }
}

prepareTop();
connect();
// a machine that slept has missed time
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) patiently(refreshStatus());
});
