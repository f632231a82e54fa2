//! The table of customers: whoever meets a condition and some words, in one of four orders, page by page.
//!
//! However many customers there are, an answer takes a bounded time. When a part of the condition leads to few people
//! by an index (`narrow`), those are looked at and nobody else. Otherwise the table is walked in its order, at most
//! [`LOOKED_AT_MAX`] rows for one answer: a page may then have fewer rows than asked for, or none, and still a place
//! to go on from.

use super::model::SegmentId;
use super::narrow::{Way, ways};
use super::sql::{Clause, Moment, translate};
use super::walk::{Text, WALLET, gathered, walk_begin, walked};
use super::{load, not_found};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::contacts::{self, Contact};
use crate::ledger::{self, POINTS, Standing, ids};
use crate::loyalty::card::CardNumber;
use crate::problem::{Fail, Problem};
use crate::tenants;
use samovar_base::{ChannelId, ContactId, Instant};
use samovar_engine::Condition;
use samovar_store::{Composed, Engine, Params, Row, ToValue, Tx, Value, dialect, params, query};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};

/// Rows that one answer looks at when no index leads to those who are wanted.
pub const LOOKED_AT_MAX: u32 = 20_000;
/// Rows of one page.
pub const PAGE_MAX: u32 = 200;
/// People whom an index may lead to so that they are gathered rather than walked.
const FEW: i64 = 5_000;
/// Rows looked at before a way to few people is looked for.
const NEAR: u32 = 2_000;
/// Times from which samples are taken to tell about how many there are.
const STRATA: i64 = 16;
/// Longest words, in letters.
const WORDS_MAX: usize = 200;
/// Digits from which on a part of a phone is looked for.
const PHONE_PART: usize = 3;

query! {
    static CHANNELS =
        "SELECT i.contact_id, i.channel_id, i.blocked_at FROM json_each($2) AS given
         CROSS JOIN identity i ON i.tenant_id = $1 AND i.contact_id = given.value ORDER BY i.created_at",
        postgres =
        "SELECT i.contact_id, i.channel_id, i.blocked_at
         FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
         JOIN identity i ON i.tenant_id = $1 AND i.contact_id = CAST(given.value AS BIGINT) ORDER BY i.created_at";
    static ENDS =
        "SELECT MIN(c.id), MAX(c.id) FROM contact c WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE";
    static STRATUM =
        "SELECT COUNT(*) FROM contact c WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE
         AND c.id >= $2 AND c.id < $3";
    static EVERYBODY =
        "SELECT COUNT(*) FROM contact c WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE";
}

/// Who is looked for.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Who meets this.
    pub condition: Option<Condition>,
    /// And belongs to this.
    pub segment: Option<SegmentId>,
    /// And has this in the name, in the phone, or on the card.
    pub words: Option<String>,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// By when they became known.
    #[default]
    Created,
    /// By name; those without one come last.
    Name,
    /// By when they were in a chat; those who never were come last.
    Seen,
    /// By points; those who never had any come last.
    Balance,
}

/// Where the next page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Among those who come last.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) last: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
    pub(super) id: i64,
}

/// A customer as a row of the table.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Who.
    pub contact: Contact,
    /// Their points; none for those who may not see points.
    pub standing: Option<Standing>,
    /// Where they write, and whether the bot may.
    pub channels: Vec<(ChannelId, bool)>,
}

/// A page of the table.
#[derive(Debug, Clone)]
pub struct Page {
    /// The rows.
    pub rows: Vec<Listed>,
    /// Where the next page begins; none when this is the last.
    pub next: Option<Place>,
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// So many.
    pub contacts: i64,
    /// Counted one by one; otherwise about so many, told from samples.
    pub exact: bool,
}

/// A page of those who are looked for.
pub async fn search(
    app: &App,
    actor: &Actor,
    search: Search,
    sort: Sort,
    descending: bool,
    after: Option<Place>,
    limit: u32,
) -> Result<Page, Fail> {
    actor.require(Right::ContactsRead)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor, search, after) =
                (services.clone(), actor_of_unit.clone(), search.clone(), after.clone());
            async move {
                let asked = Asked::new(&tx, &actor, search, now).await?;
                let order = Order { sort, descending };
                let limit = limit.min(PAGE_MAX);
                // What many meet is found by a few steps; for what few do a way is looked for.
                let near = match asked.is_by_number() {
                    // A card is not among what a walk looks at.
                    true => (Vec::new(), Some(walk_begin())),
                    false => walked(&tx, &asked, order, after.clone(), limit, NEAR).await?,
                };
                let (rows, next) = if near.0.len() == limit as usize || near.1.is_none() {
                    near
                } else {
                    match asked.few(&tx).await? {
                        Some(few) => gathered(&tx, &asked, &few, order, after, limit).await?,
                        None => walked(&tx, &asked, order, after, limit, LOOKED_AT_MAX).await?,
                    }
                };
                Ok(Page { rows: listed(&app, &tx, &actor, rows, now).await?, next })
            }
        })
        .await
}

/// How many they are.
pub async fn count(app: &App, actor: &Actor, search: Search) -> Result<Count, Fail> {
    actor.require(Right::ContactsRead)?;
    let (actor_of_unit, now) = (actor.clone(), app.clock.now());
    app.store
        .read(actor.tenant, move |tx| {
            let (actor, search) = (actor_of_unit.clone(), search.clone());
            async move {
                let asked = Asked::new(&tx, &actor, search, now).await?;
                let everybody = tx.one(&EVERYBODY, ()).await?.map_or(Ok(0), |row| row.int(0))?;
                if asked.is_everybody() {
                    return Ok(Count { contacts: everybody, exact: true });
                }
                let few = asked.few(&tx).await?;
                if few.is_some() || everybody <= i64::from(LOOKED_AT_MAX) {
                    let rows = asked.counted(&tx, few.as_ref()).await?;
                    let contacts = rows.first().map_or(Ok(0), |row| row.int(0))?;
                    return Ok(Count { contacts, exact: true });
                }
                Ok(Count { contacts: asked.sampled(&tx).await?, exact: false })
            }
        })
        .await
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) sort: Sort,
    pub(super) descending: bool,
}

impl Order {
    pub(super) fn word(self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }
    pub(super) fn beyond(self) -> &'static str {
        if self.descending { "<" } else { ">" }
    }
    /// The value rows are ordered by, of a contact `c` and their wallet `w`.
    pub(super) fn key(self) -> &'static str {
        match self.sort {
            Sort::Created => "c.created_at",
            Sort::Name => "c.name_key",
            Sort::Seen => "c.last_seen_at",
            Sort::Balance => "w.balance",
        }
    }
    /// Whether that value is missing, so that the row comes last.
    pub(super) fn missing(self) -> &'static str {
        match self.sort {
            // Never; a constant would be no order.
            Sort::Created => "(c.id IS NULL)",
            Sort::Name => "(c.name_key = '')",
            Sort::Seen => "(c.last_seen_at IS NULL)",
            Sort::Balance => "(w.balance IS NULL)",
        }
    }
    /// The place of a row whose key stands in `column`, before its id.
    pub(super) fn place(self, row: &Row, column: usize, id: i64, last: bool) -> Result<Place, Fail> {
        if last {
            return Ok(Place { last, number: None, text: None, id });
        }
        Ok(match self.sort {
            Sort::Name => Place { last, number: None, text: Some(row.text(column)?.to_owned()), id },
            _ => Place { last, number: Some(row.int(column)?), text: None, id },
        })
    }
    /// The key of a place, if it is one of this order.
    pub(super) fn key_of(self, place: &Place) -> Result<Option<Value>, Fail> {
        let key = match (place.last, self.sort) {
            (true, _) => return Ok(None),
            (false, Sort::Name) => place.text.as_ref().map(ToValue::to_value),
            (false, _) => place.number.map(Value::Int),
        };
        key.map(Some).ok_or_else(|| {
            let (ru, en) = (
                "after — это значение next предыдущей страницы",
                "after is the value next of the page before",
            );
            Problem::invalid("after", "bad_cursor", ru, en).into()
        })
    }
}

/// What is asked, with its condition as SQL whose values have the places from 2 on.
pub(super) struct Asked {
    pub(super) clause: Clause,
    pub(super) words: Option<Words>,
    ways: Vec<Way>,
    everybody: bool,
}

/// What stands in the field of search.
pub(super) struct Words {
    /// A part of names as they are searched; none when they are a number.
    pub(super) name: Option<String>,
    /// A whole phone.
    pub(super) phone: Option<String>,
    /// A part of phones.
    pub(super) part: Option<String>,
    card: Option<String>,
}

impl Words {
    fn new(actor: &Actor, words: &str) -> Result<Option<Self>, Problem> {
        let words = words.trim();
        if words.is_empty() {
            return Ok(None);
        }
        if words.chars().count() > WORDS_MAX {
            let ru = format!("Для поиска хватит {WORDS_MAX} знаков");
            return Err(Problem::invalid("words", "too_long", ru, format!("At most {WORDS_MAX} characters")));
        }
        let digits: String = words.chars().filter(char::is_ascii_digit).collect();
        let is_number = words.chars().all(|sign| sign.is_ascii_digit() || "+-() \u{a0}".contains(sign));
        // Who may not see phones may not guess them digit by digit either.
        let phone = samovar_base::phone::normalise(words);
        let part =
            is_number && digits.len() >= PHONE_PART && phone.is_none() && actor.may(Right::PersonalDataSee);
        let local = digits.strip_prefix('8').filter(|_| digits.len() > PHONE_PART && !words.starts_with('+'));
        Ok(Some(Self {
            name: (!is_number || digits.len() < PHONE_PART).then(|| contacts::search_key(words)),
            phone,
            part: part.then(|| local.unwrap_or(&digits).to_owned()),
            card: words.parse::<CardNumber>().ok().map(|card| card.digits()),
        }))
    }
}

impl Asked {
    async fn new(tx: &Tx, actor: &Actor, search: Search, now: Instant) -> Result<Self, Fail> {
        let Some(tenant) = tenants::load(tx).await? else {
            return Err(Problem::not_found("компания", "company", tx.tenant()).into());
        };
        let at = Moment { now, zone: tenant.time_zone() };
        let mut all: Vec<Condition> = search.condition.into_iter().collect();
        if let Some(segment) = search.segment {
            all.push(load(tx, segment).await?.ok_or_else(|| not_found(segment))?.condition);
        }
        let condition = match all.len() {
            1 => all.remove(0),
            _ => Condition::All { all },
        };
        let words = Words::new(actor, search.words.as_deref().unwrap_or_default())?;
        let nothing = matches!(&condition, Condition::All { all } if all.is_empty());
        Ok(Self {
            clause: translate(&condition, &at, 2, "condition").map_err(Fail::Problems)?,
            everybody: nothing && words.is_none(),
            ways: ways(&condition, &at, 2),
            words,
        })
    }

    fn is_by_number(&self) -> bool {
        self.words.as_ref().is_some_and(|words| words.name.is_none())
    }

    pub(super) fn is_everybody(&self) -> bool {
        self.everybody
    }

    /// Those whom the ways lead to, when that is a few by any of them.
    async fn few(&self, tx: &Tx) -> Result<Option<Few>, Fail> {
        let mut few: Option<Few> = None;
        let of_words = self.words.as_ref().map(|words| {
            let (sqlite, postgres) = (words.way(Engine::Sqlite), words.way(Engine::Postgres));
            (sqlite.text, postgres.text, sqlite.values)
        });
        let by_words = of_words.is_some();
        let of_parts = self.ways.iter().map(|way| (way.text.clone(), way.text.clone(), way.values.clone()));
        for (at, (sqlite, postgres, values)) in of_words.into_iter().chain(of_parts).enumerate() {
            let place = values.len() + 2;
            let text = |way: &str| format!("SELECT f.id FROM ({way}) AS f LIMIT ${place}");
            let read = Composed::new(text(&sqlite), text(&postgres));
            let values = values.into_iter().chain([Value::Int(FEW + 1)]);
            let rows = tx.find(&read, Params::from_values(values)).await?;
            if rows.len() as i64 > FEW {
                continue;
            }
            let found = rows.iter().map(|row| row.id(0)).collect::<Result<BTreeSet<ContactId>, _>>()?;
            few = Some(match few {
                None => Few { people: found, by_words: by_words && at == 0 },
                Some(few) => Few { people: &few.people & &found, ..few },
            });
        }
        Ok(few)
    }

    async fn counted(&self, tx: &Tx, few: Option<&Few>) -> Result<Vec<Row>, Fail> {
        let mut text = Text::new(self);
        let those = text.those(self, few);
        text.find(tx, |engine| format!("SELECT COUNT(*) {}", those.pick(engine))).await
    }

    /// About how many, told from samples of [`STRATA`] times: each weighs as much as there are people of its time.
    async fn sampled(&self, tx: &Tx) -> Result<i64, Fail> {
        let Some(ends) = tx.one(&ENDS, ()).await? else { return Ok(0) };
        let (Some(first), Some(last)) = (ends.opt_int(0)?, ends.opt_int(1)?) else { return Ok(0) };
        let step = (last - first) / STRATA + 1;
        let mut about = 0_i128;
        for at in 0..STRATA {
            let (from, to) = (first + at * step, first.saturating_add((at + 1).saturating_mul(step)));
            let there = tx.one(&STRATUM, params![from, to]).await?.map_or(Ok(0), |row| row.int(0))?;
            if there == 0 {
                continue;
            }
            let mut text = Text::new(self);
            let words = text.words(self);
            let (from, to) = (text.bind(Value::Int(from)), text.bind(Value::Int(to)));
            let most = text.bind(Value::Int(i64::from(LOOKED_AT_MAX) / STRATA));
            let clause = &self.clause;
            let rows = text
                .find(tx, |engine| {
                    let clause = if engine == Engine::Sqlite { &clause.sqlite } else { &clause.postgres };
                    let words = words.pick(engine);
                    format!(
                        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN {clause}{words} THEN 1 ELSE 0 END), 0) AS BIGINT) \
                         FROM (SELECT x.* FROM contact x WHERE x.tenant_id = $1 AND x.staff_side = FALSE \
                         AND x.erased_at IS NULL AND x.id >= {from} AND x.id < {to} ORDER BY x.id LIMIT {most}) AS c \
                         {WALLET} WHERE c.tenant_id = $1"
                    )
                })
                .await?;
            if let Some(row) = rows.first() {
                let (looked, met) = (row.int(0)?.max(1), row.int(1)?);
                about += i128::from(there) * i128::from(met) / i128::from(looked);
            }
        }
        Ok(rounded(i64::try_from(about).unwrap_or(i64::MAX)))
    }
}

/// To three digits: what is told from a sample is not known better.
fn rounded(about: i64) -> i64 {
    let mut unit = 1;
    while about / unit >= 1_000 {
        unit *= 10;
    }
    (about + unit / 2) / unit * unit
}

/// People whom indexes led to.
pub(super) struct Few {
    pub(super) people: BTreeSet<ContactId>,
    /// The words were asked of them already.
    pub(super) by_words: bool,
}

impl Words {
    /// Everybody the words may mean.
    fn way(&self, engine: Engine) -> Way {
        let mut values = Vec::new();
        let mut bind = |value: &str| {
            values.push(value.to_value());
            format!("CAST(${} AS TEXT)", values.len() + 1)
        };
        // One index holds all that is looked at; SQLite would take another and look into the table for each row.
        let by = if engine == Engine::Sqlite { " INDEXED BY contact_listed" } else { "" };
        let mut found = Vec::new();
        let columns = [("x.name_key", &self.name), ("x.phone", &self.part)];
        for (column, part) in columns.into_iter().filter_map(|(column, part)| Some((column, part.as_ref()?)))
        {
            let has = dialect::position(engine, column, &bind(part));
            found.push(format!(
                "SELECT x.id FROM contact x{by} WHERE x.tenant_id = $1 AND x.staff_side = FALSE \
                 AND x.erased_at IS NULL AND {has} > 0"
            ));
        }
        if let Some(phone) = &self.phone {
            found.push(format!(
                "SELECT y.id FROM contact y WHERE y.tenant_id = $1 AND y.phone = {}",
                bind(phone)
            ));
        }
        if let Some(card) = &self.card {
            found.push(format!(
                "SELECT COALESCE(h.joined_into, k.contact_id) AS id FROM loyalty_card k \
                 JOIN contact h ON h.tenant_id = k.tenant_id AND h.id = k.contact_id \
                 WHERE k.tenant_id = $1 AND k.number = {}",
                bind(card)
            ));
        }
        if found.is_empty() {
            found.push("SELECT x.id FROM contact x WHERE x.tenant_id = $1 AND FALSE".to_owned());
        }
        let text = found.join(" UNION ALL ");
        Way { text, values }
    }
}

/// What a row of the table shows beside the contact.
async fn listed(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contacts: Vec<Contact>,
    now: Instant,
) -> Result<Vec<Listed>, Fail> {
    let those: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    let standings: Vec<Option<Standing>> = if actor.may(Right::PointsRead) {
        let wallets = ledger::load_many(app, tx, &those, POINTS).await?;
        wallets.iter().map(|wallet| Some(wallet.standing(now))).collect()
    } else {
        vec![None; those.len()]
    };
    let mut channels: HashMap<ContactId, Vec<(ChannelId, bool)>> = HashMap::new();
    for row in tx.all(&CHANNELS, params![ids(&those)]).await? {
        channels.entry(row.id(0)?).or_default().push((row.id(1)?, row.opt_int(2)?.is_none()));
    }
    let rows = contacts.into_iter().zip(standings);
    Ok(rows
        .map(|(contact, standing)| Listed {
            channels: channels.remove(&contact.id).unwrap_or_default(),
            contact,
            standing,
        })
        .collect())
}
