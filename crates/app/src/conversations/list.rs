//! The list: a page of one index, or what a search finds.

use super::model::{Conversation, State, conversation_columns};
use super::store;
use crate::access::{Actor, Right, Who};
use crate::app::App;
use crate::contacts::containing;
use crate::pipeline::waiting::Place;
use crate::problem::Fail;
use samovar_base::{ChannelId, ContactId, Instant, StaffId};
use samovar_store::{Composed, Params, ToValue, Tx, Value, params};
use std::collections::HashMap;
use std::str::FromStr;

/// Conversations that a search finds, at most.
pub const FOUND_MAX: usize = 100;
/// Names are looked for among so many conversations of each state, words among so many lines; the latest ones.
const NAMES_AMONG: i64 = 25_000;
const LINES_AMONG: i64 = 200_000;

/// Whose conversations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The asker's own.
    Mine,
    /// Those that wait for anybody.
    Free,
    /// Those that the bot leads.
    Bot,
    /// All.
    #[default]
    All,
    /// Those done with.
    Closed,
    /// The asker's own that were put off.
    Snoozed,
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Whose.
    pub tab: Tab,
    /// Of one channel.
    pub channel: Option<ChannelId>,
    /// With contacts who have this tag.
    pub tag: Option<String>,
    /// Of one of the team.
    pub assignee: Option<StaffId>,
    /// Only those with something unread.
    pub unread: bool,
    /// Only those in which the contact waits for an answer.
    pub waiting: bool,
}

/// The key of a conversation in the list. Printed as `<microseconds>/<contact>/<channel>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListPlace {
    /// When something was said last.
    pub at: Instant,
    /// With whom.
    pub contact: ContactId,
    /// By which channel.
    pub channel: ChannelId,
}

/// How many there are in the tabs; of many no more than ten thousand are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// The asker's own.
    pub mine: i64,
    /// Of these with something unread.
    pub mine_unread: i64,
    /// Those that wait for anybody.
    pub free: i64,
    /// Those that the bot leads.
    pub bot: i64,
}

/// Up to `limit` conversations, those in which something was said last first, from `after` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    wanted: &Wanted,
    after: Option<ListPlace>,
    limit: u32,
) -> Result<Vec<Conversation>, Fail> {
    actor.require(Right::ConversationsRead)?;
    let (now, me) = (app.clock.now(), who(actor));
    let reads: Vec<(Composed, Params)> = match wanted.tab {
        Tab::Mine => vec![State::Taken],
        Tab::Free => vec![State::Free],
        Tab::Bot => vec![State::Bot],
        Tab::Closed => vec![State::Closed],
        Tab::Snoozed => vec![State::Free, State::Taken],
        Tab::All if wanted.unread || wanted.waiting || wanted.assignee.is_some() => {
            vec![State::Free, State::Taken]
        }
        Tab::All => State::ALL.to_vec(),
    }
    .into_iter()
    .map(|state| read(wanted, state, me, actor.channels.as_deref(), after, now, limit))
    .collect();
    app.store
        .read(actor.tenant, move |tx| {
            let reads = reads.clone();
            async move {
                let mut all = Vec::new();
                for (read, values) in reads {
                    for row in tx.find(&read, values).await? {
                        all.push(Conversation::from_row(&row)?);
                    }
                }
                all.sort_by_key(|one| std::cmp::Reverse(ListPlace::of(one).key()));
                all.truncate(limit as usize);
                Ok(all)
            }
        })
        .await
}

/// How many there are in the tabs.
pub async fn counts(app: &App, actor: &Actor) -> Result<Counts, Fail> {
    actor.require(Right::ConversationsRead)?;
    let (now, me) = (app.clock.now(), who(actor));
    app.store
        .read(actor.tenant, move |tx| async move {
            let Some(row) = tx.one(&store::COUNTS, params![me, now]).await? else {
                return Ok(Counts::default());
            };
            Ok(Counts { mine: row.int(0)?, mine_unread: row.int(1)?, free: row.int(2)?, bot: row.int(3)? })
        })
        .await
}

/// What a search finds: by name and phone of the contact, and by words that contacts, people of the company and notes
/// said; those in which something was said last first. Beside each the line that was found, if it was one.
pub async fn search(
    app: &App,
    actor: &Actor,
    words: &str,
) -> Result<Vec<(Conversation, Option<String>)>, Fail> {
    actor.require(Right::ConversationsRead)?;
    let words = words.trim().to_owned();
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let found = app.store.read(actor.tenant, move |tx| {
        let words = words.clone();
        async move { search_in(&tx, &words).await }
    });
    Ok(found.await?.into_iter().filter(|(one, _)| actor.sees(one.place.channel)).collect())
}

async fn search_in(tx: &Tx, words: &str) -> Result<Vec<(Conversation, Option<String>)>, Fail> {
    let mut found: HashMap<Place, (Conversation, Option<String>)> = HashMap::new();
    let pattern = containing(words);
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    let is_number = digits.len() >= 3 && words.chars().all(|letter| !letter.is_alphabetic());
    // Who writes 8 917 … means +7 917 ….
    let digits = if digits.len() == 11 { digits[1..].to_owned() } else { digits };
    let by_person = format!(
        "SELECT {} FROM (SELECT * FROM conversation WHERE tenant_id = $1 AND state = $5 ORDER BY last_at DESC LIMIT $3) AS v \
         JOIN contact c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id \
         WHERE c.tenant_id = $1 AND {} ORDER BY v.last_at DESC LIMIT $4",
        conversation_columns!(),
        if is_number { "c.phone LIKE $2" } else { "c.name_key LIKE $2 ESCAPE '!'" },
    );
    let person = if is_number { format!("%{digits}%") } else { pattern.clone() };
    let read = Composed::new(by_person.clone(), by_person);
    for state in State::ALL {
        let values = params![person, NAMES_AMONG, FOUND_MAX as i64, *state as i64];
        for row in tx.find(&read, values).await? {
            let one = Conversation::from_row(&row)?;
            found.insert(one.place, (one, None));
        }
    }
    let lines = "SELECT contact_id, channel_id, text FROM \
         (SELECT id, contact_id, channel_id, text, text_key FROM conversation_line WHERE tenant_id = $1 AND kind < 2 \
          ORDER BY id DESC LIMIT $3) AS late \
         WHERE text_key LIKE $2 ESCAPE '!' ORDER BY id DESC LIMIT $4";
    let read = Composed::new(lines.to_owned(), lines.to_owned());
    for row in tx.find(&read, params![pattern, LINES_AMONG, FOUND_MAX as i64 * 2]).await? {
        let place = Place { contact: row.id(0)?, channel: row.id(1)? };
        if found.len() >= FOUND_MAX {
            break;
        }
        match found.get_mut(&place) {
            Some((_, line)) => drop(line.get_or_insert_with(|| row.text(2).unwrap_or_default().to_owned())),
            None => {
                if let Some(one) = super::find(tx, place).await? {
                    found.insert(place, (one, Some(row.text(2)?.to_owned())));
                }
            }
        }
    }
    let mut all: Vec<_> = found.into_values().collect();
    all.sort_by_key(|(one, _)| std::cmp::Reverse(ListPlace::of(one).key()));
    all.truncate(FOUND_MAX);
    Ok(all)
}

/// The staff id of who asks; a program has no conversations of its own.
pub(super) fn who(actor: &Actor) -> Option<StaffId> {
    match actor.who {
        Who::Staff(id) => Some(id),
        _ => None,
    }
}

fn read(
    wanted: &Wanted,
    state: State,
    me: Option<StaffId>,
    only: Option<&[ChannelId]>,
    after: Option<ListPlace>,
    now: Instant,
    limit: u32,
) -> (Composed, Params) {
    let after = after.unwrap_or(ListPlace {
        at: Instant(i64::MAX),
        contact: ContactId(i64::MAX),
        channel: ChannelId(i64::MAX),
    });
    let mut values: Vec<Value> =
        vec![after.at.to_value(), after.contact.to_value(), after.channel.to_value(), limit.to_value()];
    let mut place = |value: Value| {
        values.push(value);
        format!("${}", values.len() + 1)
    };
    let mut conditions = format!("v.state = {} AND c.staff_side = FALSE", state as i64);
    let mut also = |condition: String| {
        conditions.push_str(" AND ");
        conditions.push_str(&condition);
    };
    match wanted.tab {
        // Nobody's own are none.
        Tab::Mine => also(format!("v.assignee = {}", place(me.unwrap_or(StaffId(0)).to_value()))),
        Tab::Snoozed => also(format!(
            "(v.assignee IS NULL OR v.assignee = {}) AND v.snoozed_until > {}",
            place(me.unwrap_or(StaffId(0)).to_value()),
            place(now.to_value())
        )),
        _ => {}
    }
    if matches!(wanted.tab, Tab::Mine | Tab::Free) {
        also(format!("(v.snoozed_until IS NULL OR v.snoozed_until <= {})", place(now.to_value())));
    }
    if let Some(only) = only {
        let places: Vec<String> = only.iter().map(|channel| place(channel.to_value())).collect();
        also(if places.is_empty() {
            "1 = 0".into()
        } else {
            format!("v.channel_id IN ({})", places.join(", "))
        });
    }
    if let Some(channel) = wanted.channel {
        also(format!("v.channel_id = {}", place(channel.to_value())));
    }
    if let Some(staff) = wanted.assignee {
        also(format!("v.assignee = {}", place(staff.to_value())));
    }
    if wanted.unread {
        also("v.unread > 0".into());
    }
    if wanted.waiting {
        also("v.waiting_since IS NOT NULL".into());
    }
    if let Some(tag) = &wanted.tag {
        also(format!(
            "EXISTS (SELECT 1 FROM contact_tag t WHERE t.tenant_id = v.tenant_id AND t.contact_id = v.contact_id \
             AND t.tag = {})",
            place(tag.to_value())
        ));
    }
    let sql = format!(
        "SELECT {} FROM conversation v JOIN contact c ON c.tenant_id = v.tenant_id AND c.id = v.contact_id \
         WHERE v.tenant_id = $1 AND {conditions} AND (v.last_at, v.contact_id, v.channel_id) < ($2, $3, $4) \
         ORDER BY v.last_at DESC, v.contact_id DESC, v.channel_id DESC LIMIT $5",
        conversation_columns!()
    );
    (Composed::new(sql.clone(), sql), Params::from_values(values))
}

impl ListPlace {
    /// Of a conversation.
    pub fn of(one: &Conversation) -> Self {
        Self { at: one.last_at, contact: one.place.contact, channel: one.place.channel }
    }
    fn key(self) -> (i64, i64, i64) {
        (self.at.0, self.contact.0, self.channel.0)
    }
}

impl std::fmt::Display for ListPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.at.0, self.contact, self.channel)
    }
}

impl FromStr for ListPlace {
    type Err = NotAListPlace;
    fn from_str(text: &str) -> Result<Self, NotAListPlace> {
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().ok_or(NotAListPlace);
        Ok(Self {
            at: Instant(part()?.parse().map_err(|_| NotAListPlace)?),
            contact: part()?.parse().map_err(|_| NotAListPlace)?,
            channel: part()?.parse().map_err(|_| NotAListPlace)?,
        })
    }
}

/// Text that is not a place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a place in the list of conversations")]
pub struct NotAListPlace;
