// The demo: the reader is a customer of a bot in a make-believe Telegram, and can watch the other customers.
//
// /demo/config.json: { bot: username, staff_bot: username of the bot for the staff, title: of the business, chat: address of the web chat, guests: [ids to watch] };
// /demo/api/*: the control face of the make-believe Telegram.

import { Talk, composer, element, language, pause, remember, remembered, translate } from "./talk.js";

const WORDS = {
  ru: {
    title: "Поговорите с\u00a0ботом",
    lead: "Вы — клиент магазина для мастеров, а бот ведёт вашу карту. Ничего настраивать не нужно: Telegram здесь понарошку, всё остальное настоящее.",
    people: "Разговоры", tryThis: "Что попробовать",
    hint1: "Зарегистрируйтесь и получите приветственные баллы.",
    hint2: "Откройте карту: её QR прочтёт камера телефона.",
    hint3: "Напишите что-нибудь невпопад или отправьте фото.",
    hint4: "Замолчите посреди вопроса: бот напомнит о себе.",
    webchat: "Тот же бот на сайте магазина", app: "Карта",
    log: "Переписка", name: "Как вас зовут?", start: "Начать", keyboard: "Кнопки бота", guest: "Гость",
    write: "Сообщение", attach: "Отправить фото", send: "Отправить",
    you: "Вы", yourTalk: "ваш разговор", living: "гость демонстрации", bot: "бот", typing: "печатает…",
    watching: (name) => `Это разговор другого гостя: ${name}. Его ведёт демонстрация, здесь можно только смотреть.`,
    offline: "Нет связи, пробуем снова", refused: "Не получилось, попробуйте ещё раз",
  },
  en: {
    title: "Talk to the bot",
    lead: "You are a customer of a shop for nail technicians, and the bot keeps your card. There is nothing to set up: the Telegram is make-believe, all the rest is real.",
    people: "Conversations", tryThis: "Things to try",
    hint1: "Register and get your welcome points.",
    hint2: "Open the card: a phone camera reads its QR.",
    hint3: "Write something out of place, or send a photo.",
    hint4: "Fall silent in the middle of a question: the bot will remind you.",
    webchat: "The same bot on the shop’s site", app: "Card",
    log: "Conversation", name: "What is your name?", start: "Start", keyboard: "Buttons of the bot", guest: "Guest",
    write: "Message", attach: "Send a photo", send: "Send",
    you: "You", yourTalk: "your conversation", living: "a guest of the demo", bot: "bot", typing: "typing…",
    watching: (name) => `This is another guest's conversation: ${name}. The demo leads it, you can only watch.`,
    offline: "No connection, trying again", refused: "That did not work, please try again",
  },
};
const ASKED = new URLSearchParams(location.search);
const KEPT = ASKED.has("bot") ? `samovar.demo.me.${ASKED.get("bot")}` : "samovar.demo.me";
const API = "/demo/api";

const words = WORDS[language];
const ids = ["people", "who", "avatar", "status", "notice", "log", "begin", "name", "watching", "keyboard", "composer", "webchat", "app"];
const page = Object.fromEntries(ids.map((id) => [id, document.getElementById(id)]));
const talk = new Talk(page.log, { press });

let config;
let people = [];
let me = JSON.parse(remembered(KEPT) ?? "null");
let shownId = me?.id ?? null;
let view = new AbortController();
let silence; // the timer that ends «typing»
let answers = 0; // the number of the last answer to a press
let dismissed; // the message whose one-time keyboard was used

translate(words);
composer(page.composer, { write, attach });
page.begin.addEventListener("submit", begin);
page.name.value = words.guest;
page.app.addEventListener("click", openApp);
run();

async function run() {
  config = await persist(() => call("/demo/config.json"));
  if (ASKED.get("bot") === config.staff_bot) {
    config = { ...config, bot: config.staff_bot, title: config.staff_title, guests: [] };
  }
  page.who.textContent = config.title;
  page.avatar.textContent = initial(config.title);
  document.title = `${words.title} · ${config.title}`;
  if (config.chat) {
    page.webchat.href = `/demo/shop?lang=${language}`;
    page.webchat.hidden = false;
  }
  watchPeople();
  show(shownId);
}

async function watchPeople() {
  for (;;) {
    people = await persist(() => call(`${API}/people`));
    if (me && !people.some((person) => person.id === me.id)) leave();
    drawPeople();
    await pause(5000);
  }
}

/** The demo was started anew and knows the reader no more. */
function leave() {
  const wasShown = shownId === me.id;
  me = null;
  remember(KEPT, null);
  if (wasShown) show(null);
}

function drawPeople() {
  const others = people.filter((person) => config.guests.includes(person.id));
  const entries = [{ id: me?.id ?? null, name: me?.name ?? words.you, note: words.yourTalk }, ...others.map((person) => ({ ...person, note: words.living }))];
  const now = JSON.stringify([entries, shownId]);
  if (page.people.dataset.drawn === now) return;
  page.people.dataset.drawn = now;
  const focused = document.activeElement?.closest("#people li");
  const at = focused ? [...page.people.children].indexOf(focused) : -1;
  page.people.replaceChildren(...entries.map(personEntry));
  page.people.children[at]?.firstChild.focus();
}

function personEntry({ id, name, note }) {
  const avatar = element("span", { className: "avatar", textContent: initial(name), ariaHidden: "true" });
  const button = element("button", { type: "button" }, avatar,
    element("span", {}, element("b", { textContent: name }), element("small", { textContent: note })));
  button.setAttribute("aria-current", String(id === shownId));
  button.addEventListener("click", () => show(id));
  return element("li", {}, button);
}

/** Turns the telephone to one person's conversation; null is the reader who has not begun. */
function show(id) {
  view.abort();
  view = new AbortController();
  shownId = id;
  talk.clear();
  const isMine = id === null || id === me?.id;
  talk.readOnly = !isMine;
  page.begin.hidden = id !== null;
  page.composer.hidden = id === null || !isMine;
  page.keyboard.hidden = true;
  page.watching.hidden = isMine;
  page.app.hidden = id === null || config.bot === config.staff_bot;
  page.watching.textContent = isMine ? "" : words.watching(people.find((person) => person.id === id)?.name ?? "");
  page.status.textContent = words.bot;
  drawPeople();
  if (id !== null) follow(id, view.signal);
}

/** Long poll: each answer is the whole conversation as the person sees it now. */
async function follow(id, signal) {
  let after;
  while (!signal.aborted) {
    try {
      const wait = after === undefined ? "" : `?after=${after}&wait=25`;
      const chat = await call(`${chatOf(id)}${wait}`, { signal });
      if (signal.aborted) return;
      if (chat.version !== after) draw(chat, id === me?.id, after === undefined);
      after = chat.version;
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 404 && id === me?.id) return leave();
      say(words.offline);
      await pause(2000);
      say("");
    }
  }
}

function draw(chat, isMine, isFirst) {
  talk.reset(chat.messages.map(shownMessage));
  typing(Boolean(chat.action));
  drawKeyboard(isMine ? chat.keyboard : null);
  const answer = chat.notices.at(-1);
  if (isMine && !isFirst && answer?.number > answers && answer.text) {
    say(answer.text);
    setTimeout(() => page.notice.textContent === answer.text && say(""), 5000);
  }
  answers = answer?.number ?? 0;
}

function typing(on) {
  clearTimeout(silence);
  talk.typing(on);
  page.status.textContent = on ? words.typing : words.bot;
  if (on) silence = setTimeout(() => typing(false), 5000);
}

/** The messenger's message as the page shows it. */
function shownMessage({ message_id, from_bot, date, text, photo, document: file, contact, buttons }) {
  return {
    id: message_id,
    mine: !from_bot,
    at: date * 1000,
    text: text || contact || "",
    picture: photo && `${API}/files/${photo.file}`,
    document: file && { name: file.name, url: `${API}/files/${file.file}` },
    buttons: buttons?.map((row) => row.map(({ text: label, kind, value }) => ({ label, open: kind === "url" ? value : undefined, data: value }))),
  };
}

function drawKeyboard(keyboard) {
  const rows = keyboard && keyboard.message_id !== dismissed ? keyboard.rows : [];
  page.keyboard.hidden = rows.length === 0;
  const now = JSON.stringify(rows);
  if (page.keyboard.dataset.drawn === now) return;
  page.keyboard.dataset.drawn = now;
  const button = (choice) => keyboardButton(choice, keyboard);
  page.keyboard.replaceChildren(...rows.map((row) => element("div", {}, ...row.map(button))));
  talk.toEnd();
}

function keyboardButton({ text, kind }, keyboard) {
  const button = element("button", { type: "button", className: "choice", textContent: text });
  button.addEventListener("click", async () => {
    await attempt(() => (kind === "contact" ? act("phone", {}) : act("say", { text })));
    if (keyboard.one_time) {
      dismissed = keyboard.message_id;
      drawKeyboard(null);
    }
    page.composer.querySelector("textarea").focus({ preventScroll: true });
  });
  return button;
}

async function begin(event) {
  event.preventDefault();
  const name = page.name.value.trim() || words.guest;
  await attempt(async () => {
    const person = await call(`${API}/people`, json({ name, language }));
    me = { id: person.id, name };
    remember(KEPT, JSON.stringify(me));
    await act("start", { payload: ASKED.get("start") });
    show(me.id);
    page.composer.querySelector("textarea").focus();
  });
}

function write(text) {
  return attempt(() => act("say", { text }));
}

function press(button, message) {
  return attempt(() => act("press", { data: button.data, message_id: message.id }));
}

function attach(file) {
  return attempt(() => call(`${chatOf(me.id)}/photo`, { method: "POST", body: file }));
}

/** The Mini App opens as Telegram opens it; in a window of its own, which has to be there before the answer. */
async function openApp() {
  const app = window.open("about:blank");
  try {
    const { url } = await call(`${chatOf(shownId)}/app`, json({}));
    app.location.replace(url);
  } catch {
    app.close();
    say(words.refused);
  }
}

/** Does as the reader; what came of it is seen in the conversation. */
const act = (verb, body) => call(`${chatOf(me.id)}/${verb}`, json(body));

const chatOf = (id) => `${API}/chats/${config.bot}/${id}`;

async function attempt(work) {
  try {
    await work();
    say("");
  } catch (error) {
    say(error.status ? words.refused : words.offline);
    throw error;
  }
}

/** Tries until it works: the server may be starting. */
async function persist(work) {
  for (;;) {
    try {
      const result = await work();
      say("");
      return result;
    } catch {
      say(words.offline);
      await pause(2000);
    }
  }
}

const json = (body) => ({ method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

async function call(address, options = {}) {
  const answer = await fetch(address, options);
  if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
  const text = await answer.text();
  return text ? JSON.parse(text) : {};
}

function say(text) {
  if (page.notice.textContent !== text) page.notice.textContent = text;
}

const initial = (name) => (name.match(/[\p{L}\p{N}]/u)?.[0] ?? "·").toUpperCase();
