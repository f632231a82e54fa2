//! Participants of a promotion: each joins, sends some receipts and leaves; some of them are those of others.

use super::tickets::Sent;
use crate::promotion::{ASKED, JOIN, JOINED, RECEIVED, REFUSED, code};
use samovar_base::Chance;
use samovar_fakes::telegram::{BotHandle, ChatView, Conversation, Telegram};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Receipts of one participant.
const RECEIPTS: u64 = 5;
/// One of so many receipts is one that was sent before, by anybody.
const AGAIN_EVERY: u64 = 5;
/// It is one of so many that were sent of late: some of those are still being checked.
const LATE: u64 = 20;

/// Everybody who ever joined, and what they sent.
#[derive(Default)]
pub struct Participants {
    came: AtomicU64,
    acts: AtomicU64,
    receipts: AtomicU64,
    sent: Mutex<Sent>,
    leaving: AtomicBool,
}

impl Participants {
    /// How many came.
    pub fn came(&self) -> u64 {
        self.came.load(Ordering::Relaxed)
    }
    /// How many updates they caused.
    pub fn acts(&self) -> u64 {
        self.acts.load(Ordering::Relaxed)
    }
    /// What they sent.
    pub fn sent(&self) -> Sent {
        self.sent.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
    /// Nobody new comes, and nobody sends another receipt.
    pub fn close(&self) {
        self.leaving.store(true, Ordering::Relaxed);
    }

    fn is_closing(&self) -> bool {
        self.leaving.load(Ordering::Relaxed)
    }

    /// A receipt for a person to send, counted as sent.
    fn next(&self, person: i64, chance: &Chance) -> u64 {
        let last = self.receipts.load(Ordering::Relaxed);
        let again = last > 0 && chance.below(AGAIN_EVERY) == 0;
        let number = match again {
            true => last - chance.below(last.min(LATE)),
            false => self.receipts.fetch_add(1, Ordering::Relaxed) + 1,
        };
        *self.sent.lock().unwrap_or_else(PoisonError::into_inner).entry((person, number)).or_default() += 1;
        number
    }
}

/// Participants one after another, until [`Participants::close`].
pub async fn seat(telegram: Telegram, bot: BotHandle, all: Arc<Participants>, chance: Chance) {
    while !all.is_closing() {
        let number = all.came.fetch_add(1, Ordering::Relaxed);
        let person = telegram.person(&format!("Participant {number}"));
        let visit = Visit { chat: person.chat(&bot), all: &all };
        visit.joins().await;
        for _ in 0..RECEIPTS {
            if all.is_closing() {
                return;
            }
            visit.sends(all.next(person.id(), &chance)).await;
        }
    }
}

struct Visit<'a> {
    chat: Conversation,
    all: &'a Participants,
}

impl Visit<'_> {
    /// Asks to take part, again when no answer comes.
    async fn joins(&self) {
        while !says(&self.chat.view(), 0, &[JOINED]) {
            let (done, awaited) = match self.chat.presses(JOIN) {
                Ok(_) => (true, JOINED),
                Err(_) => (self.chat.says("акция").is_ok(), ASKED),
            };
            self.all.acts.fetch_add(u64::from(done), Ordering::Relaxed);
            self.awaits(0, &[awaited, JOINED]).await;
        }
    }

    /// Sends a receipt, and waits for what is said of it.
    async fn sends(&self, number: u64) {
        if let Ok(message) = self.chat.says(&code(number)) {
            self.all.acts.fetch_add(1, Ordering::Relaxed);
            self.awaits(message, &[RECEIVED, REFUSED]).await;
        }
    }

    /// Waits for a message with one of these words after another, or for as long as a person is patient.
    async fn awaits(&self, after: i64, words: &[&str]) {
        let _ = self.chat.sees("an answer", |view| says(view, after, words)).await;
    }
}

fn says(view: &ChatView, after: i64, words: &[&str]) -> bool {
    let said = |text: &str| words.iter().any(|words| text.contains(words));
    view.messages.iter().any(|one| one.from_bot && one.message_id > after && said(&one.text))
}
