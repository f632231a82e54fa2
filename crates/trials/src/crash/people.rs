//! Customers who wait patiently and try again: new ones register all the time, each runs some errands and leaves.

use samovar_base::Chance;
use samovar_fakes::telegram::{BotHandle, Cannot, ChatView, Conversation, Pressed, Telegram};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Errands of one customer after the registration.
const ERRANDS: u64 = 6;
/// The second message of two may come a moment after the first: the chat is quiet when nothing came for so long.
const QUIET: Duration = Duration::from_millis(120);

const NAMES: [&str; 6] = ["Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор"];
const WORDS: [&str; 7] = ["баланс", "карта", "история", "меню", "помощь", "а сколько стоит раф?", "/balance"];
const BUTTONS: [&str; 6] = ["Баланс", "Моя карта", "История", "В меню", "Показать карту", "Помощь"];

/// Everybody who ever came.
#[derive(Default)]
pub struct People {
    registered: Mutex<Vec<Guest>>,
    came: AtomicU64,
    handed_over: AtomicU64,
    acts: AtomicU64,
    leaving: AtomicBool,
}

/// One who is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guest {
    /// The messenger's id, and that of the chat.
    pub id: i64,
    /// Without `+`.
    pub phone: String,
}

impl People {
    /// Those whose registration is over.
    pub fn registered(&self) -> Vec<Guest> {
        self.registered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// One of those who registered of late.
    pub fn any(&self, chance: &Chance) -> Option<Guest> {
        let registered = self.registered.lock().unwrap_or_else(PoisonError::into_inner);
        let late = &registered[registered.len().saturating_sub(100)..];
        late.get(usize::try_from(chance.below(late.len() as u64)).unwrap_or_default()).cloned()
    }
    /// How many asked for a person, by misunderstanding, before they were registered; the bot is silent to them.
    pub fn handed_over(&self) -> u64 {
        self.handed_over.load(Ordering::Relaxed)
    }
    /// How many updates they caused.
    pub fn acts(&self) -> u64 {
        self.acts.load(Ordering::Relaxed)
    }
    /// Nobody new comes; who is here finishes the registration.
    pub fn close(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }
    /// Whether it is closing time.
    pub fn is_closing(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }
}

/// Customers one after another, until [`People::close`].
pub async fn seat(telegram: Telegram, bot: BotHandle, people: Arc<People>, chance: Chance) {
    while !people.is_closing() {
        let number = people.came.fetch_add(1, Ordering::Relaxed);
        let person = telegram.person(&format!("Guest {number}"));
        let mut visit = Visit { chat: person.chat(&bot), people: &people, chance: &chance };
        if !visit.registers().await {
            people.handed_over.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        let guest = Guest { id: person.id(), phone: person.phone() };
        people.registered.lock().unwrap_or_else(PoisonError::into_inner).push(guest);
        for _ in 0..ERRANDS {
            if people.is_closing() {
                return;
            }
            visit.errand().await;
        }
    }
}

struct Visit<'a> {
    chat: Conversation,
    people: &'a People,
    chance: &'a Chance,
}

impl Visit<'_> {
    /// Answers what is asked; asks again when no answer comes. False when the bot hands over to a person.
    async fn registers(&mut self) -> bool {
        loop {
            let view = self.chat.view();
            if says(&view, "Что показать?") {
                return true;
            }
            if says(&view, "Зову сотрудника") {
                return false;
            }
            let posted = view.posted;
            self.answer(&view);
            self.await_more_than(posted).await;
        }
    }

    fn answer(&self, view: &ChatView) {
        let last = view.messages.iter().rev().find(|message| message.from_bot);
        let asked = last.map_or("", |message| message.text.as_str());
        let done = if asked.contains("Согласны?") {
            self.press("Согласен, начнём")
        } else if asked.contains("Как вас зовут") {
            self.say(self.one_of(&NAMES))
        } else if asked.contains("номер телефона") {
            self.counted(self.chat.shares_phone())
        } else {
            self.counted(self.chat.starts(None))
        };
        if done.is_err() {
            // The button is not there yet: begin again, as people do.
            let _ = self.counted(self.chat.starts(None));
        }
    }

    async fn errand(&mut self) {
        let posted = self.chat.view().posted;
        // What cannot be done is not done: the next errand is another.
        let _ = match self.chance.below(8) {
            0 => self.counted(self.chat.starts(Some("leaflet"))),
            1 => self.say(self.one_of(&WORDS)).and_then(|()| self.say(self.one_of(&WORDS))),
            2..=4 => self.say(self.one_of(&WORDS)),
            _ => self.press(self.one_of(&BUTTONS)),
        };
        self.await_more_than(posted).await;
    }

    fn say(&self, words: &str) -> Result<(), Cannot> {
        self.counted(self.chat.says(words))
    }

    fn press(&self, button: &str) -> Result<(), Cannot> {
        match self.chat.presses(button)? {
            Pressed::Callback(_) | Pressed::Message(_) => self.counted(Ok(())),
            Pressed::Opened(_) => Ok(()),
        }
    }

    fn counted<T>(&self, done: Result<T, Cannot>) -> Result<(), Cannot> {
        done.map(|_| {
            self.people.acts.fetch_add(1, Ordering::Relaxed);
        })
    }

    /// Or for as long as a person is patient.
    async fn await_more_than(&self, posted: u64) {
        let Ok(mut view) = self.chat.sees("a reply", |view| view.posted > posted).await else { return };
        loop {
            let next = self.chat.changes(view.version, QUIET).await;
            if next.version == view.version {
                return;
            }
            view = next;
        }
    }

    fn one_of<'w>(&self, words: &[&'w str]) -> &'w str {
        words[usize::try_from(self.chance.below(words.len() as u64)).unwrap_or_default()]
    }
}

fn says(view: &ChatView, words: &str) -> bool {
    view.messages.iter().any(|message| message.from_bot && message.text.contains(words))
}
