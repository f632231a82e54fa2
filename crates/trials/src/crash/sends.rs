//! What the program decided to send against what the messenger accepted.

use super::books::Books;
use super::verdict::Wrongs;
use anyhow::Context;
use samovar_fakes::telegram::Sent;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

const SENT: i64 = 2;
const UNSURE: i64 = 3;

/// The figures of the outbound table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Figures {
    /// Messages the program decided to send.
    pub messages: usize,
    /// Of these the messenger's answer came.
    pub sent: usize,
    /// Perhaps at the messenger.
    pub unsure: usize,
    /// Of the unsure ones did arrive.
    pub unsure_arrived: usize,
    /// Sends the messenger accepted.
    pub accepted: usize,
    /// Of these were a message once more, which the message's policy allows.
    pub repeated: usize,
    /// Updates that led to no message.
    pub silent: usize,
}

/// A row of the outbound table.
struct Message {
    id: i64,
    chat: i64,
    state: i64,
    once: bool,
    vendor: Option<i64>,
    text: String,
    replaces: Option<i64>,
    cause: Cause,
    note: String,
}

/// What a message comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
struct Cause {
    by: String,
    id: String,
    #[serde(default)]
    step: String,
}

#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    text: String,
    #[serde(default)]
    replaces: Option<String>,
}

/// Compares.
pub async fn check(books: &Books, accepted: &[Sent], wrongs: &mut Wrongs) -> anyhow::Result<Figures> {
    let messages = read(books).await?;
    let ended = |state: i64| messages.iter().filter(move |message| message.state == state);
    let open = messages.iter().filter(|message| message.state != SENT && message.state != UNSURE);
    wrongs.add_all(
        "messages are neither sent nor unsure",
        open.map(|message| {
            format!("{} in state {} {} of {}", message.id, message.state, message.note, message.cause.id)
        }),
    );
    doubled(&messages, wrongs);
    let arrived: BTreeSet<(i64, i64)> = accepted.iter().map(|sent| (sent.chat, sent.message_id)).collect();
    let lost =
        ended(SENT).filter(|message| message.vendor.is_none_or(|id| !arrived.contains(&(message.chat, id))));
    wrongs.add_all(
        "messages count as sent, and the messenger does not know them",
        lost.map(|message| message.id),
    );
    let mut figures = Figures {
        messages: messages.len(),
        sent: ended(SENT).count(),
        unsure: ended(UNSURE).count(),
        accepted: accepted.len(),
        silent: silent(books, &messages, wrongs).await?,
        ..Figures::default()
    };
    for group in groups(&messages, accepted).values() {
        group.judge(&mut figures, wrongs);
    }
    Ok(figures)
}

/// Updates that led to no message. The bot is silent only to those it handed over to a person.
async fn silent(books: &Books, messages: &[Message], wrongs: &mut Wrongs) -> anyhow::Result<usize> {
    let answered: BTreeSet<&str> = messages
        .iter()
        .filter(|message| message.cause.by == "update")
        .map(|message| message.cause.id.as_str())
        .collect();
    let rows = books
        .rows("SELECT dedup, contact_id, note FROM inbound WHERE source = 'update' AND state = 1")
        .await?;
    let handed_over: BTreeSet<i64> = rows
        .iter()
        .filter(|row| row.text(2).starts_with("handed to a person"))
        .map(|row| row.int(1))
        .collect();
    let silent: Vec<_> = rows.iter().filter(|row| !answered.contains(row.text(0))).collect();
    let unanswered = silent.iter().filter(|row| !handed_over.contains(&row.int(1)));
    wrongs.add_all(
        "updates led to no message",
        unanswered.map(|row| format!("{} {}", row.text(0), row.text(2))),
    );
    Ok(silent.len())
}

async fn read(books: &Books) -> anyhow::Result<Vec<Message>> {
    let rows = books
        .rows("SELECT id, chat, state, policy, vendor_message, body, cause, note FROM outbound ORDER BY id")
        .await?;
    rows.iter()
        .map(|row| {
            let body: Body =
                serde_json::from_str(row.text(5)).context("the body of a message cannot be read")?;
            Ok(Message {
                id: row.int(0),
                chat: row.int(1),
                state: row.int(2),
                once: row.int(3) == 1,
                vendor: row.text(4).parse().ok(),
                text: body.text.trim().to_owned(),
                replaces: body.replaces.and_then(|id| id.parse().ok()),
                cause: serde_json::from_str(row.text(6)).context("the cause of a message cannot be read")?,
                note: row.text(7).to_owned(),
            })
        })
        .collect()
}

/// One event, one step, one text: one message.
fn doubled(messages: &[Message], wrongs: &mut Wrongs) {
    let mut seen = BTreeSet::new();
    // A key of the API causes many messages; what it gives is told apart by its text.
    let again =
        messages.iter().filter(|message| !seen.insert((message.chat, &message.cause, message.text.as_str())));
    wrongs.add_all(
        "messages were decided twice",
        again.map(|message| format!("{} of {}", message.id, message.cause.id)),
    );
}

/// Messages of one chat with one text, and how often it was accepted there.
#[derive(Default)]
struct Group<'a> {
    name: String,
    messages: Vec<&'a Message>,
    accepted: usize,
}

fn groups<'a>(messages: &'a [Message], accepted: &'a [Sent]) -> BTreeMap<(i64, &'a str), Group<'a>> {
    let mut groups: BTreeMap<(i64, &str), Group<'_>> = BTreeMap::new();
    // What took the place of an earlier message was no new one.
    let changed = |message: &Message| message.replaces.is_some() && message.vendor == message.replaces;
    for message in messages.iter().filter(|message| !changed(message)) {
        groups.entry((message.chat, message.text.as_str())).or_default().messages.push(message);
    }
    for sent in accepted {
        groups.entry((sent.chat, sent.text.trim())).or_default().accepted += 1;
    }
    for ((chat, text), group) in &mut groups {
        group.name = format!("«{}» in {chat}", text.chars().take(40).collect::<String>());
    }
    groups
}

impl Group<'_> {
    fn judge(&self, figures: &mut Figures, wrongs: &mut Wrongs) {
        let count = |state: i64| self.messages.iter().filter(|message| message.state == state).count();
        let beyond_sent = self.accepted.saturating_sub(count(SENT));
        let unsure_arrived = beyond_sent.min(count(UNSURE));
        figures.unsure_arrived += unsure_arrived;
        figures.repeated += beyond_sent - unsure_arrived;
        if self.messages.is_empty() {
            wrongs.add(format!("{} was sent, and nobody decided it", self.name));
        }
        let once = self.messages.iter().filter(|message| message.once).count();
        if once > 0 && self.accepted > self.messages.len() {
            wrongs
                .add(format!("{} was to be sent once, and was accepted {} times", self.name, self.accepted));
        }
    }
}
