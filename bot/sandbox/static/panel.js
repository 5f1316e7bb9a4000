// "What Telegram does": the Bot API calls as they happen, and ways to break them.

import { act, read, remove } from "./control.js";
import { make, redraw, stamp } from "./dom.js";
import { clockTime } from "./time.js";

const MOST_CALLS = 200;
const PROCESS = [["Start", "start"], ["Stop", "stop"], ["Kill", "kill"]];
const METHODS = [
  ["sendMessage,sendDocument,editMessageText,editMessageReplyMarkup", "messages and edits"],
  ["sendMessage", "sendMessage"],
  ["editMessageText", "editMessageText"],
  ["deleteMessage", "deleteMessage"],
  ["answerCallbackQuery", "answerCallbackQuery"],
  ["getUpdates", "getUpdates"],
  ["*", "any, getUpdates too"],
];
const FAULTS = [
  ["Answer 429", { fault: "flood", retry_after: 3 }, "Too many requests: the bot shall wait 3 seconds. Nothing is done."],
  ["Drop the answer", { fault: "drop_after" }, "It is done, but the connection ends before the bot learns of it."],
  ["Lose the call", { fault: "drop_before" }, "The connection ends before anything is done."],
  ["Answer 500", { fault: "server_error" }, "An error of Telegram's own. Nothing is done."],
];
const LANGUAGES = ["ar", "de", "en", "es", "fa", "fr", "hi", "it", "pt", "ru", "tr", "uk", "zh"];
const FAULT_NAMES = { flood: "429", drop_after: "answer dropped", drop_before: "call lost", server_error: "500" };

export class Panel {
  constructor(root) {
    this.root = root;
    root.append(stamp("panel-template"));
    this.people = new Map();
    this.part(".break-method").append(...METHODS.map(([value, text]) => make("option", { value, text })));
    const faults = FAULTS.map(([text, fault, title]) => this.button(text, () => this.order(fault), { title }));
    this.part(".break-actions").append(...faults);
    this.process = PROCESS.map(([text, action]) => this.button(text, () => act("bot", { action })));
    this.part(".process-actions").append(...this.process);
    this.part(".clear-faults").addEventListener("click", () => this.attempt(() => remove("faults")));
    this.part(".limits").addEventListener("change", ({ target }) => {
      this.attempt(() => act("limits", { enabled: target.checked }));
    });
    this.part(".newcomer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.attempt(() => this.addPerson(this.part(".newcomer input")));
    });
    this.reset();
  }

  part(selector) {
    return this.root.querySelector(selector);
  }

  button(text, doing, attributes = {}) {
    const made = make("button", { type: "button", text, ...attributes });
    made.addEventListener("click", () => this.attempt(doing));
    return made;
  }

  async attempt(doing) {
    const trouble = this.part(".trouble");
    try {
      await doing();
      trouble.textContent = "";
    } catch (error) {
      trouble.textContent = error.message;
    }
  }

  order(fault) {
    return act("faults", { method: this.part(".break-method").value, ...fault });
  }

  // What the sandbox's settings are now.
  show({ process, faults, limits }, people) {
    this.people = new Map(people.map((person) => [person.id, person]));
    this.showProcess(process);
    this.part(".limits").checked = limits.enabled;
    redraw(this.part(".faults"), faults.map((fault) => this.drawFault(fault)), this.part(".break-method"));
    this.part(".clear-faults").hidden = faults.length === 0;
    const present = people.filter((person) => !person.deactivated);
    redraw(this.part(".people"), present.map((person) => this.drawPerson(person)), this.part(".newcomer input"));
  }

  showProcess(process) {
    const [start, stop, kill] = this.process;
    const isRunning = Boolean(process?.running);
    this.part(".process").textContent = process === null ? "This sandbox did not start a bot."
      : isRunning ? `Running, as process ${process.pid}` : "Not running. What is sent now waits for it.";
    this.part(".process").dataset.state = isRunning ? "on" : "off";
    start.disabled = process === null || isRunning;
    stop.disabled = kill.disabled = !isRunning;
  }

  drawFault({ id, method, fault, times }) {
    const name = METHODS.find(([value]) => value === method)?.[1] ?? method;
    const which = times === null ? "all" : times === 1 ? "the next" : `the next ${times}`;
    const words = `${FAULT_NAMES[fault] ?? fault}: ${which} of ${name}`;
    const back = this.button("✕", () => remove(`faults?id=${id}`), {
      class: "small", "data-key": `fault ${id}`, "aria-label": `Take back: ${words}`,
    });
    return make("li", {}, make("span", { text: words }), back);
  }

  drawPerson(person) {
    const { id, first_name: name, blocked } = person;
    const words = blocked ? "unblocks the bot" : "blocks the bot";
    const about = { "data-key": `block ${id}`, "aria-label": `${name} ${words}` };
    const block = this.button(words, () => act(blocked ? "unblock" : "block", { person: id }), about);
    return make("li", {}, make("bdi", { text: name }), this.drawLanguage(person), block);
  }

  // What the person's app tells the bot; a bot that speaks the language may answer in it.
  drawLanguage(person) {
    const { id, first_name, username, language_code: spoken } = person;
    const codes = LANGUAGES.includes(spoken) ? LANGUAGES : [spoken ?? "", ...LANGUAGES];
    const options = codes.map((code) =>
      make("option", { value: code, selected: code === (spoken ?? ""), text: languageName(code) }));
    const about = { "data-key": `language ${id}`, "aria-label": `Language of ${first_name}’s app` };
    const choice = make("select", about, ...options);
    choice.addEventListener("change", () => {
      this.attempt(() => act("people", { id, first_name, username, language_code: choice.value || null }));
    });
    return choice;
  }

  async addPerson(field) {
    const name = field.value.trim();
    if (!name) {
      field.focus();
      return;
    }
    await act("people", { first_name: name, language_code: "en", about: "newcomer" });
    field.value = "";
  }

  reset() {
    this.last = 0;
    this.part(".calls").replaceChildren();
    this.part(".calls-none").hidden = false;
  }

  // One look at a time, as in a chat.
  async catchUp() {
    this.isStale = true;
    if (this.isReading) return;
    this.isReading = true;
    try {
      while (this.isStale) {
        this.isStale = false;
        const { calls, last } = await read(`trace?since=${this.last}`);
        this.last = last;
        if (calls.length) this.add(calls);
      }
    } finally {
      this.isReading = false;
    }
  }

  add(calls) {
    const list = this.part(".calls");
    list.prepend(...calls.map((call) => this.drawCall(call)).reverse());
    while (list.children.length > MOST_CALLS) list.lastChild.remove();
    this.part(".calls-none").hidden = true;
  }

  drawCall(call) {
    const { method, status, seconds, chat_id: chat, fault } = call;
    const isFine = status === 200 && (!fault || fault.startsWith("slow"));
    const badge = make("span", { class: `badge ${isFine ? "fine" : "bad"}`, text: status ?? "no answer" });
    const summary = make("summary", {}, badge, make("code", { text: method }));
    const name = this.people.get(chat)?.first_name ?? `chat ${chat}`;
    if (chat !== null) summary.append(make("bdi", { class: "who", text: name }));
    summary.append(make("span", { class: "took", text: span(seconds) }));
    const gist = gistOf(call);
    if (gist) summary.append(make("span", { class: "gist", dir: "auto", text: gist }));
    const details = make("details", {}, summary);
    // most are never opened
    details.addEventListener("toggle", () => details.append(...drawDetails(call)), { once: true });
    return make("li", {}, details);
  }
}

const languageName = (code) => (code === "" ? "not told" : new Intl.DisplayNames([code], { type: "language" }).of(code));

function span(seconds) {
  if (seconds < 0.001) return "< 1 ms";
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${seconds.toFixed(1)} s`;
}

function gistOf({ method, parameters, answer, status }) {
  if (status !== 200 && typeof answer === "string") return descriptionIn(answer);
  if (method.toLowerCase() === "getupdates" && Array.isArray(answer)) return answer.map(updateGist).join(" · ");
  const words = String(parameters.text ?? parameters.caption ?? "");
  return (parameters.parse_mode ? words.replace(/<[^>]*>/g, "") : words).replace(/\s+/g, " ").trim();
}

// What a fault put in place of an answer is told as it was sent.
function descriptionIn(answer) {
  try {
    return JSON.parse(answer).description;
  } catch {
    return answer;
  }
}

function updateGist({ message, callback_query: tap, ...other }) {
  if (message) return `message ${message.text ?? ""}`.trim();
  return tap ? "a tap" : Object.keys(other).filter((name) => name !== "update_id").join();
}

function drawDetails({ at, fault, applied, parameters, answer }) {
  const facts = [clockTime(at), fault && `fault: ${fault}`, fault && (applied ? "done all the same" : "not done")];
  return [
    make("p", { text: facts.filter(Boolean).join(" · ") }),
    make("h4", { text: "Parameters" }), drawJson(parameters),
    make("h4", { text: "Answer" }), drawJson(answer),
  ];
}

function drawJson(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  return make("pre", { tabindex: "0", dir: "ltr", text });
}
