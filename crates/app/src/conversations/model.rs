//! A conversation as it stands in the list of the team.

use crate::pipeline::NewOutbound;
use crate::pipeline::waiting::Place;
use samovar_base::message::FileKind;
use samovar_base::{Instant, StaffId};
use samovar_store::{Row, StoreError};
use std::collections::BTreeSet;

/// Longest beginning of a line in the list, in characters.
const PREVIEW_MAX: usize = 140;

/// Whose a conversation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The bot's.
    Bot = 0,
    /// A person is wanted, anybody.
    Free = 1,
    /// Somebody's of the team.
    Taken = 2,
    /// Nobody's: it is done with.
    Closed = 3,
}

impl State {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Bot, Self::Free, Self::Taken, Self::Closed];

    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Free => "free",
            Self::Taken => "taken",
            Self::Closed => "closed",
        }
    }
    pub(super) fn of(row: &Row, column: usize) -> Result<Self, StoreError> {
        let number = row.int(column)?;
        let found = Self::ALL.iter().copied().find(|state| *state as i64 == number);
        found.ok_or_else(|| row.bad_as(column, "not a state of a conversation"))
    }
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The contact.
    Contact = 0,
    /// The bot.
    Bot = 1,
    /// A person of the company, or a program of theirs.
    Team = 2,
}

impl By {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Bot => "bot",
            Self::Team => "team",
        }
    }
    /// Of a cause of a message.
    pub(crate) fn of_cause(by: &str) -> Self {
        if matches!(by, "staff" | "api") { Self::Team } else { Self::Bot }
    }
}

/// What goes with words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Nothing.
    Nothing = 0,
    /// A picture.
    Photo = 1,
    /// A file.
    File = 2,
}

impl Shows {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Photo => "photo",
            Self::File => "file",
        }
    }
    fn of(kind: Option<FileKind>) -> Self {
        match kind {
            None => Self::Nothing,
            Some(FileKind::Photo) => Self::Photo,
            Some(FileKind::Document) => Self::File,
        }
    }
}

/// The beginning of what was said last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Who.
    pub by: By,
    /// With what.
    pub media: Shows,
    /// The words, on one line.
    pub text: String,
}

impl Preview {
    /// Of what a contact said.
    pub(crate) fn of_contact(text: &str, file: Option<FileKind>) -> Self {
        Self { by: By::Contact, media: Shows::of(file), text: beginning(text) }
    }
    /// Of what is going to be said; none of what says nothing.
    pub(crate) fn of_ours(message: &NewOutbound) -> Option<Self> {
        let media = message.body.media.as_ref().map(|media| media.kind);
        let text = beginning(&message.body.text);
        let by = By::of_cause(&message.cause.by);
        (media.is_some() || !text.is_empty()).then_some(Self { by, media: Shows::of(media), text })
    }
}

fn beginning(text: &str) -> String {
    let mut out = String::new();
    for word in text.split_whitespace() {
        let gap = usize::from(!out.is_empty());
        if out.chars().count() + gap + word.chars().count() > PREVIEW_MAX {
            if out.is_empty() {
                out = word.chars().take(PREVIEW_MAX - 1).collect();
            }
            out.push('…');
            break;
        }
        if gap > 0 {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A conversation in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// With whom and by which channel.
    pub place: Place,
    /// The contact's name; may be empty.
    pub name: String,
    /// E.164.
    pub phone: Option<String>,
    /// The contact's tags.
    pub tags: BTreeSet<String>,
    /// Whose it is.
    pub state: State,
    /// Whose of the team.
    pub assignee: Option<StaffId>,
    /// What the contact said since somebody of the team looked.
    pub unread: i64,
    /// Since when the contact waits for an answer.
    pub waiting_since: Option<Instant>,
    /// What a person was called for, in the words of the scenario.
    pub reason: String,
    /// Put off until then.
    pub snoozed_until: Option<Instant>,
    /// When something was said last.
    pub last_at: Instant,
    /// What.
    pub last: Preview,
    /// Changes with whose it is.
    pub revision: i64,
}

/// [`Conversation::from_row`] reads these of a `conversation` with the alias `v` and its `contact` with the alias `c`.
macro_rules! conversation_columns {
    () => {
        "v.contact_id, v.channel_id, c.name, c.phone, c.tags, v.state, v.assignee, v.unread, v.waiting_since, v.reason, \
         v.snoozed_until, v.last_at, v.last_by, v.last_media, v.last_text, v.revision"
    };
}
pub(super) use conversation_columns;

impl Conversation {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let by = [By::Contact, By::Bot, By::Team].into_iter().find(|by| row.int(12) == Ok(*by as i64));
        let media = [Shows::Nothing, Shows::Photo, Shows::File].into_iter();
        let media = media.into_iter().find(|media| row.int(13) == Ok(*media as i64));
        Ok(Self {
            place: Place { contact: row.id(0)?, channel: row.id(1)? },
            name: row.text(2)?.to_owned(),
            phone: row.opt_text(3)?.map(str::to_owned),
            tags: row.json(4)?,
            state: State::of(row, 5)?,
            assignee: row.opt_id(6)?,
            unread: row.int(7)?,
            waiting_since: row.opt_instant(8)?,
            reason: row.text(9)?.to_owned(),
            snoozed_until: row.opt_instant(10)?,
            last_at: row.instant(11)?,
            last: Preview {
                by: by.ok_or_else(|| row.bad_as(12, "nobody who speaks"))?,
                media: media.ok_or_else(|| row.bad_as(13, "no kind of media"))?,
                text: row.text(14)?.to_owned(),
            },
            revision: row.int(15)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_a_line_is_short_and_on_one_line() {
        assert_eq!(beginning(" Здравствуйте!\n\nЭто  бот "), "Здравствуйте! Это бот");
        let long = beginning(&"слово ".repeat(100));
        assert!(long.chars().count() <= PREVIEW_MAX + 1 && long.ends_with("слово…"), "{long}");
        assert_eq!(beginning(&"ж".repeat(300)).chars().count(), PREVIEW_MAX);
    }
}
