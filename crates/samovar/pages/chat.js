// The web chat. The server keeps the conversation; the page keeps a token, and what it could not send yet.

import { Talk, composer, language, newId, pause, remember, remembered, translate } from "./talk.js";

const WORDS = {
  ru: {
    title: "Чат", log: "Переписка", welcome: "Здравствуйте! Нажмите «Начать», и бот ответит.", start: "Начать",
    write: "Сообщение", attach: "Отправить фото", send: "Отправить",
    offline: "Нет связи, пробуем снова", refused: "Не получилось, попробуйте ещё раз", closed: "Этот чат сейчас недоступен",
    large: "Файл слишком большой: можно до 20 МБ", busy: "Слишком много сообщений подряд, подождите немного",
  },
  en: {
    title: "Chat", log: "Conversation", welcome: "Hello! Press Start, and the bot will answer.", start: "Start",
    write: "Message", attach: "Send a photo", send: "Send",
    offline: "No connection, trying again", refused: "That did not work, please try again", closed: "This chat is not available now",
    large: "The file is too large: up to 20 MB", busy: "Too many messages at once, please wait a little",
  },
};
const FILE_BYTES_MAX = 20 * 1024 * 1024;

const words = WORDS[language];
const base = location.pathname.replace(/\/$/, "");
const kept = `samovar.chat.${base}`;
const page = Object.fromEntries(["log", "notice", "begin", "start", "composer"].map((id) => [id, document.getElementById(id)]));

let token = remembered(kept);
let events = null;
let payload = new URLSearchParams(location.search).get("start");
const talk = new Talk(page.log, { press });

translate(words);
composer(page.composer, { write, attach });
page.start.addEventListener("click", begin);
open();

/** Reads the history and listens; asks for a session first where there is none. */
async function open() {
  for (let wait = 1000; ; wait = Math.min(wait * 2, 30_000)) {
    try {
      if (!token) await meet();
      await reread();
      break;
    } catch (error) {
      if (error.status === 401) keep(null);
      const gone = error.status === 404 || error.status === 410;
      say(gone ? words.closed : words.offline);
      if (gone) return;
      await pause(error.status === 401 ? 0 : wait);
    }
  }
  listen();
}

async function meet() {
  const session = await call("session", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" });
  keep(session.token);
}

function keep(given) {
  token = given;
  remember(kept, token);
}

async function reread() {
  const history = await call("history", { headers: bearer() });
  if (history.token) keep(history.token);
  talk.reset(history.items.map(shown));
  say("");
  const fresh = talk.size === 0 || payload !== null;
  page.begin.hidden = !fresh;
  page.composer.hidden = fresh;
}

/** The stream reconnects by itself; whatever was said meanwhile is in the history. */
function listen() {
  events?.close();
  events = new EventSource(`${base}/events?token=${encodeURIComponent(token)}`);
  let broken = false;
  events.onopen = () => {
    if (broken) reread().catch(() => {});
    broken = false;
    say("");
  };
  events.onerror = async () => {
    broken = true;
    say(words.offline);
    if (events.readyState !== EventSource.CLOSED) return;
    await pause(3000);
    open();
  };
  events.onmessage = ({ data }) => hear(JSON.parse(data));
}

function hear(heard) {
  if (heard.event === "reread") return void reread().catch(() => {});
  page.begin.hidden = true;
  page.composer.hidden = false;
  talk.put(shown(heard));
}

/** The server's message as the page shows it. */
function shown({ id, at, mine, text, media, buttons }) {
  const message = { id, mine: Boolean(mine), at, text: text ?? "" };
  const address = media && `${base}/files/${media.key.split("/").map(encodeURIComponent).join("/")}?token=${encodeURIComponent(token)}`;
  if (media?.kind === "photo") message.picture = address;
  else if (media) message.document = { url: address };
  message.buttons = (buttons ?? []).map((row) => row.map(({ label, action }) => ({ label, press: action.press, open: action.open })));
  return message;
}

async function begin() {
  page.start.disabled = true;
  try {
    await post({ id: newId(), start: payload ? { payload } : {} });
    payload = null;
    const here = new URL(location.href);
    here.searchParams.delete("start");
    history.replaceState(null, "", here);
    page.begin.hidden = true;
    page.composer.hidden = false;
    page.composer.querySelector("textarea").focus();
  } finally {
    page.start.disabled = false;
  }
}

function write(text) {
  const id = newId();
  deliver({ id, mine: true, at: Date.now(), text }, () => post({ id, text }));
}

/** A press is shown as words of one's own, as the history shows it. */
function press(button, message) {
  const id = newId();
  return deliver({ id, mine: true, at: Date.now(), text: button.label }, () => post({ id, press: button.press, message: message.id }));
}

function attach(file) {
  if (file.size > FILE_BYTES_MAX) return say(words.large);
  const id = newId();
  deliver({ id, mine: true, at: Date.now(), text: "", document: { name: file.name } }, async () => {
    const form = new FormData();
    form.append("file", file);
    const stored = await call("files", { method: "POST", headers: bearer(), body: form });
    await post({ id, file: { vendor_id: stored.id, kind: stored.kind, name: stored.name } });
    reread().catch(() => {}); // by now the server has the picture itself
  });
}

/** Shows a message at once and sends it; the same id goes out again when it is tried again. */
async function deliver(message, send) {
  const retry = () => deliver(message, send);
  talk.put({ ...message, state: "sending" });
  try {
    await send();
    talk.change(message.id, { state: undefined });
  } catch {
    talk.put({ ...message, state: "failed", retry });
  }
}

async function post(body) {
  try {
    await call("messages", { method: "POST", headers: { ...bearer(), "Content-Type": "application/json" }, body: JSON.stringify(body) });
    say("");
  } catch (error) {
    if (error.status === 401) {
      keep(null);
      open();
    }
    say(error.status === 429 ? words.busy : error.status ? words.refused : words.offline);
    throw error;
  }
}

const bearer = () => ({ Authorization: `Bearer ${token}` });

async function call(path, options = {}) {
  const headers = { "Accept-Language": language, ...options.headers };
  const answer = await fetch(`${base}/${path}`, { ...options, headers, signal: AbortSignal.timeout(60_000) });
  if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
  const text = await answer.text();
  return text ? JSON.parse(text) : null;
}

function say(text) {
  if (page.notice.textContent !== text) page.notice.textContent = text;
}
