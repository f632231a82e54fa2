// A conversation on a page: messages, their buttons and pictures, and the line one writes in.
// Both the web chat and the demo draw with it; what the server speaks is theirs to translate.
//
// A message: { id, mine, at, text, picture, document: { name, url }, buttons: [[{ label, press, open, … }]], state, retry }
//   at: whatever Date takes; when it is absent, what it was before, else now; picture: an address; state: undefined | "sending" | "failed".

const WORDS = {
  ru: {
    today: "Сегодня", yesterday: "Вчера", failed: "Не отправлено.", again: "Повторить",
    enlarge: "Увеличить картинку", close: "Закрыть", you: "Вы", bot: "Бот", typing: "печатает",
  },
  en: {
    today: "Today", yesterday: "Yesterday", failed: "Not sent.", again: "Try again",
    enlarge: "Enlarge the picture", close: "Close", you: "You", bot: "Bot", typing: "is typing",
  },
};

/** "ru" or "en": by the address, else as chosen before. */
export const language = (() => {
  const asked = new URLSearchParams(location.search).get("lang") ?? remembered("samovar.lang");
  return asked === "en" ? "en" : "ru";
})();

/** Puts the words of the language into every element with `data-t`, and turns the switch of languages. */
export function translate(words) {
  document.documentElement.lang = language;
  remember("samovar.lang", language);
  for (const node of document.querySelectorAll("[data-t]")) node.textContent = words[node.dataset.t];
  for (const node of document.querySelectorAll("[data-t-label]")) node.setAttribute("aria-label", words[node.dataset.tLabel]);
  for (const node of document.querySelectorAll("[data-t-placeholder]")) node.placeholder = words[node.dataset.tPlaceholder];
  const other = new URL(location.href);
  other.searchParams.set("lang", language === "ru" ? "en" : "ru");
  for (const link of document.querySelectorAll("[data-language]")) {
    link.href = other;
    link.lang = language === "ru" ? "en" : "ru";
    link.textContent = language === "ru" ? "English" : "Русский";
  }
}

/** What was kept under a name; null where the browser keeps nothing. */
export function remembered(name) {
  try { return localStorage.getItem(name); } catch { return null; }
}

/** Keeps a text under a name, where the browser allows it; null forgets. */
export function remember(name, text) {
  try { text === null ? localStorage.removeItem(name) : localStorage.setItem(name, text); } catch { /* a private window */ }
}

/** A random id that a repeated request carries again. `randomUUID` is missing on pages without TLS. */
export function newId() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** An element with properties and children; texts are only ever set as text. */
export function element(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** The list of messages. `press(button, message)` is awaited when a button of the first kind is pressed. */
export class Talk {
  #words = WORDS[language];
  #log;
  #press;
  #nodes = new Map();
  #shown = new Map();
  #day = "";
  #typing;
  /** Buttons of the first kind are shown but cannot be pressed; for messages drawn from now on. */
  readOnly = false;

  constructor(log, { press }) {
    this.#log = log;
    this.#press = press;
    const dots = element("div", { className: "bubble" }, element("i"), element("i"), element("i"));
    const said = element("span", { className: "unseen", textContent: `${this.#words.bot} ${this.#words.typing}` });
    this.#typing = element("div", { className: "message typing", hidden: true }, dots, said);
    log.append(this.#typing);
  }

  get size() { return this.#nodes.size; }

  /** Shows this history; what is still being sent stays below it. Only what differs is drawn, so only that is read out. */
  reset(messages) {
    const known = new Set(messages.map((message) => message.id));
    const unsent = [...this.#shown.values()].filter((message) => message.state && !known.has(message.id));
    const wanted = [...messages, ...unsent];
    const goesOn = [...this.#shown.keys()].every((id, at) => wanted[at]?.id === id);
    if (!goesOn) {
      this.#log.setAttribute("aria-busy", "true");
      this.clear();
    }
    for (const message of wanted) if (!sameMessage(message, this.#shown.get(message.id))) this.put(message);
    this.#log.removeAttribute("aria-busy");
    if (!goesOn) this.toEnd();
  }

  /** Adds a message, or shows it anew in its place. */
  put(given) {
    const atEnd = this.#isAtEnd();
    const message = { ...given, at: given.at ?? this.#shown.get(given.id)?.at ?? Date.now() };
    const old = this.#nodes.get(message.id);
    if (old) {
      const node = this.#draw(message);
      old.replaceWith(node);
      this.#nodes.set(message.id, node);
      this.#shown.set(message.id, message);
    } else {
      this.#add(message);
    }
    if (atEnd || message.mine) this.toEnd();
  }

  /** Changes some fields of a message that is shown. */
  change(id, fields) {
    const message = this.#shown.get(id);
    if (message) this.put({ ...message, ...fields });
  }

  typing(on) {
    const atEnd = this.#isAtEnd();
    this.#typing.hidden = !on;
    if (atEnd) this.toEnd();
  }

  clear() {
    this.#nodes.clear();
    this.#shown.clear();
    this.#day = "";
    this.#typing.hidden = true;
    this.#log.replaceChildren(this.#typing);
  }

  toEnd() { this.#log.scrollTop = this.#log.scrollHeight; }

  #isAtEnd() { return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 80; }

  #add(message) {
    const day = dayOf(message.at, this.#words);
    if (day !== this.#day) this.#typing.before(element("div", { className: "day", textContent: day }));
    this.#day = day;
    const node = this.#draw(message);
    this.#typing.before(node);
    this.#nodes.set(message.id, node);
    this.#shown.set(message.id, message);
  }

  #draw(message) {
    const bubble = element("div", { className: "bubble" }, this.#picture(message), this.#document(message));
    const words = element("span", { className: "words" }, ...linked(message.text ?? ""));
    const time = element("time", { className: "time", textContent: clock(message.at) });
    bubble.append(element("span", { className: "unseen", textContent: `${message.mine ? this.#words.you : this.#words.bot}: ` }), words, time);
    const node = element("div", { className: "message" }, bubble, this.#state(message), this.#choices(message));
    node.classList.toggle("mine", Boolean(message.mine));
    node.classList.toggle("sending", message.state === "sending");
    node.classList.toggle("pictured", Boolean(message.picture));
    return node;
  }

  #picture({ picture, text }) {
    if (!picture) return null;
    const image = element("img", { src: picture, alt: text || "" });
    image.addEventListener("load", () => this.#isNearEnd(image) && this.toEnd(), { once: true });
    const button = element("button", { type: "button", className: "picture" }, image);
    button.setAttribute("aria-label", text ? `${this.#words.enlarge}: ${text}` : this.#words.enlarge);
    button.addEventListener("click", () => enlarge(picture, text, this.#words));
    return button;
  }

  // A picture that has just got its height pushes the end away by as much.
  #isNearEnd(image) {
    const log = this.#log;
    return log.scrollHeight - log.scrollTop - log.clientHeight < 80 + image.clientHeight;
  }

  #document({ document: file }) {
    if (!file) return null;
    const name = file.name || "…";
    if (!file.url) return element("span", { className: "document", textContent: name });
    return element("a", { className: "document", href: file.url, download: name, textContent: name });
  }

  #state({ state, retry }) {
    if (state !== "failed") return null;
    const again = element("button", { type: "button", textContent: this.#words.again });
    again.addEventListener("click", retry);
    return element("div", { className: "state" }, `${this.#words.failed} `, again);
  }

  #choices(message) {
    if (!message.buttons?.length) return null;
    const rows = message.buttons.map((row) => element("div", {}, ...row.map((button) => this.#choice(button, message))));
    return element("div", { className: "choices" }, ...rows);
  }

  #choice(button, message) {
    if (button.open) {
      const safe = /^(https?|tg|mailto|tel):/i.test(button.open);
      return element("a", { className: "choice", href: safe ? button.open : "#", target: "_blank", rel: "noopener noreferrer", textContent: button.label });
    }
    const node = element("button", { type: "button", className: "choice", textContent: button.label, disabled: this.readOnly });
    node.addEventListener("click", async () => {
      node.disabled = true;
      node.classList.add("chosen");
      try {
        await this.#press(button, message);
      } catch {
        node.classList.remove("chosen");
      } finally {
        node.disabled = false;
      }
    });
    return node;
  }
}

/** Makes a form send its text by Enter or button, and its file at once; a text that `write` refuses comes back. */
export function composer(form, { write, attach }) {
  const area = form.querySelector("textarea");
  const file = form.querySelector("input[type=file]");
  const fit = () => {
    area.style.height = "auto";
    area.style.height = `${Math.max(44, Math.min(area.scrollHeight + 2, 132))}px`;
  };
  const submit = async () => {
    const text = area.value.trim();
    if (!text) return;
    area.value = "";
    fit();
    try {
      await write(text);
    } catch {
      area.value ||= text;
      fit();
    }
  };
  area.addEventListener("input", fit);
  area.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    area.focus();
  });
  form.querySelector("[data-attach]").addEventListener("click", () => file.click());
  file.addEventListener("change", () => {
    if (file.files[0]) attach(file.files[0]);
    file.value = "";
  });
}

function enlarge(address, text, words) {
  const close = element("button", { type: "button", className: "round", textContent: "✕" });
  close.setAttribute("aria-label", words.close);
  const dialog = element("dialog", { className: "zoom" }, element("img", { src: address, alt: text || "" }), close);
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

function linked(text) {
  const parts = text.split(/(https?:\/\/[^\s<>"«»]*[^\s<>"«».,;:!?)])/);
  return parts.map((part, at) =>
    at % 2 === 0 ? part : element("a", { href: part, target: "_blank", rel: "noopener noreferrer", textContent: part }));
}

function clock(at) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

function dayOf(at, words) {
  const date = new Date(at);
  const days = (new Date().setHours(0, 0, 0, 0) - new Date(at).setHours(0, 0, 0, 0)) / 86_400_000;
  if (days < 0.5) return words.today;
  if (days < 1.5) return words.yesterday;
  return new Intl.DateTimeFormat(language, { day: "numeric", month: "long", year: days > 300 ? "numeric" : undefined }).format(date);
}

/** Looks the same: the server's clock may differ by a second from the page's. */
function sameMessage(one, other) {
  const look = (message) => message && JSON.stringify({ ...message, at: clock(message.at ?? other.at) });
  return look(one) === look(other);
}
