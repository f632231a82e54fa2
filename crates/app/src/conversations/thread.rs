//! The lines of one conversation: what the contact did, what was said to them, notes of the team, and what happened
//! meanwhile. Read from the tables that hold them, page by page in both directions.

use super::model::By;
use super::store;
use crate::access::{Actor, Right};
use crate::app::App;
use crate::directory::ChannelInfo;
use crate::pipeline::waiting::Place;
use crate::problem::Fail;
use crate::visit::Cause;
use samovar_base::message::{Action, Button, Event, FileKind, FileRef, Media};
use samovar_base::{Instant, LineId, OutboundId};
use samovar_connectors::Drawn;
use samovar_connectors::webchat::PageMessage;
use samovar_store::{Composed, Params, Row, StoreError, ToValue, Tx, params};
use std::collections::HashMap;
use std::str::FromStr;
use std::sync::Arc;

/// A line of a conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Unique in the conversation.
    pub id: String,
    /// Where it stands.
    pub place: LinePlace,
    /// When.
    pub at: Instant,
    /// Who, and what.
    pub what: What,
}

/// What a line is.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// Said by the contact.
    Heard {
        /// The words, or the label of what was pressed.
        text: String,
        /// A button was pressed.
        pressed: bool,
        /// A picture or file.
        file: Option<Shown>,
    },
    /// Said to the contact.
    Said {
        /// The message.
        message: OutboundId,
        /// The words.
        text: String,
        /// A picture or file.
        file: Option<Shown>,
        /// Rows of buttons: label, and the address that one opens.
        buttons: Vec<Vec<(String, Option<String>)>>,
        /// Who said it.
        by: By,
        /// Who of the team, as in the audit log.
        author: String,
        /// The scenario that said it.
        scenario: Option<String>,
        /// `sending`, `sent`, `unsure`, `failed`.
        state: &'static str,
        /// Why it did not arrive.
        note: Option<String>,
        /// What its caller named it.
        once: Option<String>,
    },
    /// A note of the team.
    Note {
        /// Whose, as in the audit log.
        author: String,
        /// The words.
        text: String,
    },
    /// Something was done with the conversation.
    Done {
        /// By whom, as in the audit log.
        author: String,
        /// `taken`, `assigned`, `released`, `closed`, `reopened`, `given_back`, `snoozed`, `begun`.
        what: String,
        /// With whom or what.
        detail: String,
    },
    /// Points came or went.
    Points {
        /// By how much the balance changed.
        points: i64,
        /// Afterwards.
        balance: i64,
        /// What for: `purchase`, `welcome`, `spend`, `expire` ….
        kind: String,
    },
    /// A deal was made.
    Deal {
        /// Its title.
        title: String,
        /// In kopecks.
        sum: Option<i64>,
    },
}

/// A file in a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// By this it is read: see [`super::files`].
    pub id: String,
    /// How it is shown.
    pub kind: FileKind,
    /// The sender's name of it.
    pub name: Option<String>,
}

/// The place of a line. Printed as `<microseconds>/<source>/<key>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinePlace {
    at: i64,
    rank: usize,
    key: String,
}

/// Which way to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// The latest lines.
    Latest,
    /// Those before a line.
    Before(LinePlace),
    /// Those after a line.
    After(LinePlace),
}

/// A table that holds lines: what is read, its moment and its key, and whether the key is a number.
struct Source {
    read: &'static str,
    at: &'static str,
    key: &'static str,
    number: bool,
}

const SOURCES: [Source; 5] = [
    Source {
        read: "SELECT received_at, dedup, raw FROM inbound WHERE tenant_id = $1 AND contact_id = $2 \
               AND channel_id = $3 AND source = 'update'",
        at: "received_at",
        key: "dedup",
        number: false,
    },
    Source {
        read: "SELECT created_at, id, body, state, cause, note, vendor_message FROM outbound \
               WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3",
        at: "created_at",
        key: "id",
        number: true,
    },
    Source {
        read: "SELECT at, id, kind, author, text FROM conversation_line \
               WHERE tenant_id = $1 AND contact_id = $2 AND channel_id = $3 AND kind > 0",
        at: "at",
        key: "id",
        number: true,
    },
    Source {
        read: "SELECT at, id, kind, points, balance FROM ledger_operation WHERE tenant_id = $1 AND account_id = \
               (SELECT account_id FROM ledger_wallet WHERE tenant_id = $1 AND contact_id = $2 AND code = 'points') \
               AND points <> 0 AND CAST($3 AS BIGINT) IS NOT NULL",
        at: "at",
        key: "id",
        number: true,
    },
    Source {
        read: "SELECT created_at, id, title, sum FROM deals_deal WHERE tenant_id = $1 AND contact_id = $2 \
               AND CAST($3 AS BIGINT) IS NOT NULL",
        at: "created_at",
        key: "id",
        number: true,
    },
];

/// Up to `limit` lines of a conversation that lie next to where it is read from, the oldest first; and whether there are
/// more that way.
pub async fn lines(
    app: &App,
    actor: &Actor,
    place: Place,
    way: Way,
    limit: u32,
) -> Result<(Vec<Line>, bool), Fail> {
    actor.require(Right::ConversationsRead)?;
    super::seen(actor, place)?;
    let channel = app.directory.channel(place.channel).filter(|found| found.tenant.id == actor.tenant);
    let read = app.store.read(actor.tenant, move |tx| {
        let (channel, way) = (channel.clone(), way.clone());
        async move { lines_in(&tx, channel, place, &way, limit).await }
    });
    let (mut lines, more) = read.await?;
    lines.iter_mut().for_each(|line| line.what.seen_by(actor));
    Ok((lines, more))
}

impl What {
    fn seen_by(&mut self, actor: &Actor) {
        if let Self::Heard { text, .. } | Self::Said { text, .. } | Self::Note { text, .. } = self {
            *text = actor.sees_words(std::mem::take(text));
        }
    }
}

async fn lines_in(
    tx: &Tx,
    channel: Option<Arc<ChannelInfo>>,
    place: Place,
    way: &Way,
    limit: u32,
) -> Result<(Vec<Line>, bool), Fail> {
    super::find(tx, place).await?.ok_or_else(|| super::not_found(place))?;
    let mut raw: Vec<(LinePlace, Row)> = Vec::new();
    for (rank, source) in SOURCES.iter().enumerate() {
        let (read, values) = source.page(rank, place, way, limit + 1);
        for row in tx.find(&read, values).await? {
            let key = if source.number { row.int(1)?.to_string() } else { row.text(1)?.to_owned() };
            raw.push((LinePlace { at: row.int(0)?, rank, key }, row));
        }
    }
    let forward = matches!(way, Way::After(_));
    // Stable: what a table has in one moment stays in its order.
    raw.sort_by_key(|(at, _)| if forward { (at.at, at.rank) } else { (-at.at, usize::MAX - at.rank) });
    let more = raw.len() > limit as usize;
    raw.truncate(limit as usize);
    if !forward {
        raw.reverse();
    }
    let names = scenarios(tx).await?;
    let mut known = HashMap::new();
    let mut lines = Vec::with_capacity(raw.len());
    for (at, row) in &raw {
        match at.rank {
            0 => heard(channel.as_deref(), place, at, row, &mut lines)?,
            1 => said(at, row, &names, &mut known, &mut lines)?,
            _ => lines.push(Line {
                id: format!("{}:{}", at.rank, at.key),
                at: Instant(at.at),
                place: at.clone(),
                what: happened(at.rank, row)?,
            }),
        }
    }
    label(tx, place, &mut lines, &raw).await?;
    Ok((lines, more))
}

impl Source {
    fn page(&self, rank: usize, place: Place, way: &Way, limit: u32) -> (Composed, Params) {
        let Self { read, at, key, number } = *self;
        let (from, forward) = match way {
            Way::Latest => (None, false),
            Way::Before(from) => (Some(from), false),
            Way::After(from) => (Some(from), true),
        };
        // Exclusive bounds. Of one moment the sources come in their order: those of lower rank stand before.
        let (moment, bound) = match from {
            None => (i64::MAX, None),
            Some(from) if from.rank == rank => (from.at, Some(from.key.as_str())),
            Some(from) if rank < from.rank => (from.at.saturating_add(1), None),
            Some(from) => (from.at, None),
        };
        let bound = if number {
            bound.and_then(|key| key.parse::<i64>().ok()).unwrap_or(i64::MIN).to_value()
        } else {
            bound.unwrap_or_default().to_value()
        };
        let (than, order) = if forward { (">", "ASC") } else { ("<", "DESC") };
        let sql =
            format!("{read} AND ({at}, {key}) {than} ($4, $5) ORDER BY {at} {order}, {key} {order} LIMIT $6");
        let values = Params::from_values(vec![
            place.contact.to_value(),
            place.channel.to_value(),
            moment.to_value(),
            bound,
            limit.to_value(),
        ]);
        (Composed::new(sql.clone(), sql), values)
    }
}

/// What a delivery of the messenger says; one that cannot be read any more says nothing.
fn heard(
    channel: Option<&ChannelInfo>,
    place: Place,
    at: &LinePlace,
    row: &Row,
    lines: &mut Vec<Line>,
) -> Result<(), StoreError> {
    let Some(channel) = channel else { return Ok(()) };
    let accepted = channel.messenger.accept(row.bytes(2)?, Instant(at.at));
    for (number, incoming) in accepted.events.into_iter().enumerate() {
        let what = match incoming.event {
            Event::Text { text } => What::Heard { text, pressed: false, file: None },
            Event::Phone { number, .. } => What::Heard { text: number, pressed: false, file: None },
            Event::Press { token, .. } => What::Heard { text: token, pressed: true, file: None },
            Event::File { file, caption } => {
                let file = Some(shown(channel, place, &at.key, file));
                What::Heard { text: caption, pressed: false, file }
            }
            _ => continue,
        };
        let id = format!("0:{}:{number}", at.key);
        lines.push(Line { id, place: at.clone(), at: Instant(at.at), what });
    }
    Ok(())
}

/// A file of a web page lies with us, one of a messenger lies there.
fn shown(channel: &ChannelInfo, place: Place, dedup: &str, file: FileRef) -> Shown {
    let id = if channel.page { file.vendor_id } else { super::files::of_delivery(place.channel, dedup) };
    Shown { id, kind: file.kind, name: file.name }
}

fn said(
    at: &LinePlace,
    row: &Row,
    names: &HashMap<String, String>,
    known: &mut HashMap<String, String>,
    lines: &mut Vec<Line>,
) -> Result<(), StoreError> {
    let drawn: Drawn = row.json(2)?;
    let cause: Cause = row.json(4)?;
    let id: OutboundId = row.id(1)?;
    let state = match row.int(3)? {
        0 | 1 => "sending",
        2 => "sent",
        3 => "unsure",
        _ => "failed",
    };
    let message = PageMessage::of("", &drawn);
    let buttons = message.buttons.iter().map(|row| row.iter().map(button).collect()).collect();
    let by = By::of_cause(&cause.by);
    let scenario = cause.step.as_deref().and_then(|step| step.split('@').next());
    let scenario = scenario.map(|key| names.get(key).cloned().unwrap_or_else(|| key.to_owned()));
    // What took the place of an earlier message of this page is shown where that stood.
    if let Some(earlier) = drawn.replaces.as_ref().and_then(|vendor| known.get(vendor)) {
        lines.retain(|line| line.id != *earlier);
    }
    if let Some(vendor) = row.opt_text(6)? {
        known.insert(vendor.to_owned(), id.to_string());
    }
    let line = Line {
        id: id.to_string(),
        at: Instant(at.at),
        place: at.clone(),
        what: What::Said {
            message: id,
            text: drawn.text,
            file: drawn.media.map(|Media { kind, key }| Shown {
                id: super::files::of_media(&key),
                kind,
                name: None,
            }),
            buttons,
            by,
            author: if by == By::Team { cause.id } else { String::new() },
            scenario,
            state,
            note: row.opt_text(5)?.map(str::to_owned),
            once: cause.once,
        },
    };
    lines.push(line);
    Ok(())
}

fn button(button: &Button) -> (String, Option<String>) {
    let opens = match &button.action {
        Action::Open(url) => Some(url.clone()),
        _ => None,
    };
    (button.label.clone(), opens)
}

fn happened(rank: usize, row: &Row) -> Result<What, StoreError> {
    Ok(match rank {
        2 if row.int(2)? == 1 => {
            What::Note { author: row.text(3)?.to_owned(), text: row.text(4)?.to_owned() }
        }
        2 => {
            let (what, detail) = row.text(4)?.split_once(' ').unwrap_or((row.text(4)?, ""));
            What::Done { author: row.text(3)?.to_owned(), what: what.to_owned(), detail: detail.to_owned() }
        }
        3 => What::Points { kind: row.text(2)?.to_owned(), points: row.int(3)?, balance: row.int(4)? },
        _ => What::Deal { title: row.text(2)?.to_owned(), sum: row.opt_int(3)? },
    })
}

/// Presses are shown by the labels of their buttons, which stand in what was said before; those nobody remembers go.
async fn label(tx: &Tx, place: Place, lines: &mut Vec<Line>, raw: &[(LinePlace, Row)]) -> Result<(), Fail> {
    let unknown =
        |lines: &[Line]| lines.iter().any(|line| matches!(line.what, What::Heard { pressed: true, .. }));
    if !unknown(lines) {
        return Ok(());
    }
    let mut labels: HashMap<String, String> = HashMap::new();
    let mut learn = |row: &Row| -> Result<(), StoreError> {
        let drawn: Drawn = row.json(2)?;
        for button in PageMessage::of("", &drawn).buttons.into_iter().flatten() {
            if let Action::Press(token) = button.action {
                labels.insert(token, button.label);
            }
        }
        Ok(())
    };
    // Buttons of the page before are pressed on this one.
    if let Some((first, _)) = raw.first() {
        let (read, values) = SOURCES[1].page(1, place, &Way::Before(first.clone()), 10);
        for row in tx.find(&read, values).await? {
            learn(&row)?;
        }
    }
    raw.iter().filter(|(at, _)| at.rank == 1).try_for_each(|(_, row)| learn(row))?;
    lines.retain_mut(|line| match &mut line.what {
        What::Heard { text, pressed: true, .. } => match labels.get(text.as_str()) {
            Some(label) => {
                text.clone_from(label);
                true
            }
            None => false,
        },
        _ => true,
    });
    Ok(())
}

/// Names of scenarios by their keys.
async fn scenarios(tx: &Tx) -> Result<HashMap<String, String>, StoreError> {
    let rows = tx.all(&store::SCENARIOS, params![]).await?;
    rows.iter().map(|row| Ok((row.text(0)?.to_owned(), row.text(1)?.to_owned()))).collect()
}

impl LinePlace {
    /// Of a line that was kept just now.
    pub fn of_kept(id: LineId, at: Instant) -> Self {
        Self { at: at.0, rank: 2, key: id.0.to_string() }
    }
}

impl std::fmt::Display for LinePlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.at, self.rank, self.key)
    }
}

impl FromStr for LinePlace {
    type Err = NotALinePlace;
    fn from_str(text: &str) -> Result<Self, NotALinePlace> {
        let mut parts = text.splitn(3, '/');
        let mut part = || parts.next().ok_or(NotALinePlace);
        let at = part()?.parse().map_err(|_| NotALinePlace)?;
        let rank = part()?.parse().map_err(|_| NotALinePlace)?;
        let key = part()?.to_owned();
        let fits = rank < SOURCES.len() && !key.contains('\0');
        if fits { Ok(Self { at, rank, key }) } else { Err(NotALinePlace) }
    }
}

/// Text that is not the place of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the place of a line")]
pub struct NotALinePlace;
