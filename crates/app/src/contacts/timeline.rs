//! What happened with a customer, of every kind, the youngest first, and why each of it happened.
//!
//! Each kind is read by an index from the moment asked for; the kinds are laid together in memory. Nothing is kept for
//! this: the causes stand beside the messages, operations and moves themselves.

use super::{consents_of, load, not_found};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::exports::names;
use crate::problem::Fail;
use crate::visit::Cause;
use samovar_base::message::{Action, Event, FileKind};
use samovar_base::{AuditId, ChannelId, ContactId, Instant, OutboundId};
use samovar_connectors::{Drawn, Keys};
use samovar_store::{Row, Tx, params, query};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// Entries of one page.
pub const PAGE_MAX: u32 = 100;
/// Read beyond a page, so that what happened in one moment is not cut apart.
const MARGIN: u32 = 50;
/// Letters of a message that are shown.
const TEXT_MAX: usize = 1_000;

query! {
    static WROTE =
        "SELECT channel_id, dedup, raw, received_at FROM inbound
         WHERE tenant_id = $1 AND contact_id = $2 AND received_at <= $3 AND source = 'update'
         ORDER BY received_at DESC LIMIT $4";
    static TOLD =
        "SELECT id, channel_id, body, state, cause, created_at FROM outbound
         WHERE tenant_id = $1 AND contact_id = $2 AND created_at <= $3 ORDER BY created_at DESC LIMIT $4";
    static POINTS =
        "SELECT o.id, o.kind, o.points, o.balance, o.note, o.cause, o.at FROM ledger_wallet w
         JOIN ledger_operation o ON o.tenant_id = w.tenant_id AND o.account_id = w.account_id
         WHERE w.tenant_id = $1 AND w.contact_id = $2 AND w.code = 'points' AND o.points <> 0 AND +o.at <= $3
         ORDER BY +o.at DESC, o.id DESC LIMIT $4";
    static TAGGED =
        "SELECT tag, at FROM contact_tag WHERE tenant_id = $1 AND contact_id = $2 AND at <= $3 ORDER BY at DESC LIMIT $4";
    static MOVED =
        "SELECT m.id, d.id, d.title, m.was, m.stage, m.actor, m.note, m.at, d.pipeline_id FROM deals_deal d
         JOIN deals_change m ON m.tenant_id = d.tenant_id AND m.deal_id = d.id
         WHERE d.tenant_id = $1 AND d.contact_id = $2 AND m.at <= $3 ORDER BY m.at DESC LIMIT $4";
    static BOUGHT =
        "SELECT id, sum_minor, earned_points, paid_points, receipt, cause, at FROM loyalty_purchase
         WHERE tenant_id = $1 AND contact_id = $2 AND at <= $3 ORDER BY id DESC LIMIT $4";
    static BROUGHT_BACK =
        "SELECT f.id, f.sum_minor, f.taken, f.returned, f.note, f.cause, f.at FROM loyalty_purchase p
         JOIN loyalty_refund f ON f.tenant_id = p.tenant_id AND f.purchase_id = p.id
         WHERE p.tenant_id = $1 AND p.contact_id = $2 AND f.at <= $3 ORDER BY f.id DESC LIMIT $4";
    static DONE =
        "SELECT id, actor, action, data, at FROM audit
         WHERE tenant_id = $1 AND object = $2 AND at <= $3 ORDER BY id DESC LIMIT $4";
    static WROTE_DOWN =
        "SELECT actor FROM audit WHERE tenant_id = $1 AND object = $2 AND action = 'contact.create' LIMIT 1";
    static CAME =
        "SELECT 1 FROM identity i JOIN contact c ON c.tenant_id = i.tenant_id AND c.id = i.contact_id
         WHERE i.tenant_id = $1 AND i.contact_id = $2 AND i.created_at <= c.created_at LIMIT 1";
    static RECORDED =
        "SELECT actor, data, at FROM audit
         WHERE tenant_id = $1 AND object = $2 AND action IN ('consent.give', 'consent.revoke') ORDER BY id DESC LIMIT 200";
    /// Who was taken in by the contact: what happened with them happened with this person.
    static TAKEN_IN = "SELECT id FROM contact WHERE tenant_id = $1 AND joined_into = $2 ORDER BY id LIMIT 20";
    static TAGGED_WITH_MANY =
        "SELECT b.tag, b.created_by FROM contact_bulk_changed x
         JOIN contact_bulk b ON b.tenant_id = x.tenant_id AND b.id = x.bulk_id
         WHERE x.tenant_id = $1 AND x.contact_id = $2 AND b.action = 'tag' ORDER BY b.id DESC LIMIT 200";
    static SCENARIO_NAMES = "SELECT key, name FROM scenario WHERE tenant_id = $1 ORDER BY id LIMIT 1000";
    static BROADCAST_NAMES = "SELECT id, name FROM broadcasts_run WHERE tenant_id = $1 ORDER BY id DESC LIMIT 1000";
    static STAGES = "SELECT id, document FROM deals_pipeline WHERE tenant_id = $1 ORDER BY id LIMIT 200";
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// Tells it from all others of the contact.
    pub id: String,
    /// What.
    pub what: What,
    /// Why.
    pub why: Why,
}

/// What happened.
#[derive(Debug, Clone, PartialEq)]
pub enum What {
    /// They became known.
    Arrived,
    /// They finished registration.
    Registered,
    /// They asked for silence.
    Silenced,
    /// They wrote, pressed or sent something.
    Wrote {
        /// Where.
        channel: ChannelId,
        /// How: `text`, `press`, `file`, `phone`, `start`, `blocked`, `unblocked`.
        form: &'static str,
        /// The words.
        text: String,
    },
    /// They were told something.
    Told {
        /// Where.
        channel: ChannelId,
        /// The words.
        text: String,
        /// With a picture or file.
        media: bool,
        /// Where the message stands: `waiting`, `sending`, `sent`, `unsure`, `failed`.
        state: &'static str,
    },
    /// Their points changed.
    Points {
        /// The kind of the operation.
        operation: String,
        /// By so many.
        points: i64,
        /// To so many.
        balance: i64,
        /// In the words of whoever did it.
        note: Option<String>,
    },
    /// They got a tag that they still have.
    Tagged {
        /// Which.
        tag: String,
    },
    /// They agreed to something, or took it back.
    Consent {
        /// To what.
        purpose: String,
        /// Version of the text.
        version: i64,
        /// Agreed; otherwise it ended.
        given: bool,
    },
    /// A deal with them was made or moved.
    Deal {
        /// Its id.
        deal: i64,
        /// Its title.
        title: String,
        /// The name of the stage it left.
        was: Option<String>,
        /// The name of the stage it came to.
        stage: String,
        /// In the words of whoever did it.
        note: Option<String>,
    },
    /// They bought something.
    Purchase {
        /// For so much, in kopecks.
        sum: i64,
        /// Points it gave.
        earned: i64,
        /// Points it was paid with.
        paid: i64,
        /// The number on the receipt.
        receipt: Option<String>,
    },
    /// They brought something back.
    Refund {
        /// For so much, in kopecks.
        sum: i64,
        /// Earned points that went back.
        taken: i64,
        /// Spent points that came back.
        returned: i64,
    },
    /// Somebody of the company, or a program, changed something about them.
    Changed {
        /// As in the audit log: `contact.update`.
        action: String,
        /// What changed.
        data: Value,
    },
}

/// Why it happened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Why {
    /// `guest`, `person`, `program`, `bot`, `timer`, `event`, `broadcast`, `accrual`, `import`, `term`, `birthday`,
    /// `warning`, `order`, `company_file`, `receipt`, `promotion`, `draw`, `export`, `backup`, `system`.
    pub by: &'static str,
    /// Who or which, by name.
    pub name: Option<String>,
    /// Its id, where it has one.
    pub id: Option<String>,
    /// The scenario that did it.
    pub scenario: Option<Step>,
}

/// A step of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The scenario's short name.
    pub key: String,
    /// Its name.
    pub name: String,
    /// The version.
    pub version: i64,
    /// The step.
    pub step: String,
}

/// The place after which a page begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    at: i64,
    id: String,
}

/// Up to `limit` entries, the youngest first, from `after` on, and where the next page begins. Points are left out for
/// those who may not see points, messages for those who may not read conversations.
pub async fn timeline(
    app: &App,
    actor: &Actor,
    id: ContactId,
    after: Option<Place>,
    limit: u32,
) -> Result<(Vec<Entry>, Option<Place>), Fail> {
    actor.require(Right::ContactsRead)?;
    let (services, actor_of_unit, limit) = (app.clone(), actor.clone(), limit.min(PAGE_MAX));
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor, after) = (services.clone(), actor_of_unit.clone(), after.clone());
            async move {
                let until = Instant(after.as_ref().map_or(i64::MAX, |place| place.at));
                let mut all = everything(&app, &tx, &actor, id, until, limit + MARGIN).await?;
                all.sort_unstable_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
                if let Some(place) = &after {
                    all.retain(|entry| (entry.at.0, &entry.id) < (place.at, &place.id));
                }
                let more = all.len() > limit as usize;
                all.truncate(limit as usize);
                all.iter_mut().for_each(|entry| entry.what.seen_by(&actor));
                let next =
                    all.last().filter(|_| more).map(|last| Place { at: last.at.0, id: last.id.clone() });
                Ok((all, next))
            }
        })
        .await
}

impl What {
    fn seen_by(&mut self, actor: &Actor) {
        if let Self::Wrote { text, .. } | Self::Told { text, .. } = self {
            *text = actor.sees_words(std::mem::take(text));
        }
    }
}

/// The names that causes are told by.
struct Names {
    people: HashMap<String, String>,
    scenarios: HashMap<String, String>,
    broadcasts: HashMap<String, String>,
    stages: HashMap<(i64, String), String>,
}

impl Names {
    async fn load(tx: &Tx, locale: &str) -> Result<Self, Fail> {
        let mut found = Self {
            people: names(tx).await?,
            scenarios: HashMap::new(),
            broadcasts: HashMap::new(),
            stages: HashMap::new(),
        };
        for row in tx.all(&SCENARIO_NAMES, ()).await? {
            found.scenarios.insert(row.text(0)?.to_owned(), row.text(1)?.to_owned());
        }
        for row in tx.all(&BROADCAST_NAMES, ()).await? {
            let id: crate::broadcasts::BroadcastId = row.id(0)?;
            found.broadcasts.insert(id.to_string(), row.text(1)?.to_owned());
        }
        for row in tx.all(&STAGES, ()).await? {
            let fields: crate::deals::PipelineFields = row.json(1)?;
            for stage in fields.stages {
                found.stages.insert((row.int(0)?, stage.key), stage.name.text(locale).to_owned());
            }
        }
        Ok(found)
    }

    fn stage(&self, pipeline: i64, key: &str) -> String {
        self.stages.get(&(pipeline, key.to_owned())).cloned().unwrap_or_else(|| key.to_owned())
    }

    fn why(&self, cause: &Cause) -> Why {
        let prefix = cause.id.split_once('_').map_or("", |(prefix, _)| prefix);
        let by = match (cause.by.as_str(), prefix) {
            ("update" | "mini", _) => "guest",
            ("timer", _) => "timer",
            ("event", _) => "event",
            ("staff" | "operator", _) => "person",
            ("api", _) => "program",
            ("setup", _) => "company_file",
            ("broadcast", _) => "broadcast",
            (_, "acr") => "accrual",
            (_, "imp") => "import",
            (_, "stf") => "person",
            (_, "key") => "program",
            (_, "con") => "guest",
            (_, "rcp") => "receipt",
            (_, "prm") => "promotion",
            (_, "drw") => "draw",
            (_, "exp") => "export",
            _ if cause.id.starts_with("samovar-") => "backup",
            _ if cause.id.starts_with("ledger.") => "term",
            _ if cause.id.contains("birthday") => "birthday",
            _ if cause.id.starts_with("loyalty.") => "warning",
            _ if cause.id.starts_with("deals.") => "order",
            _ => "system",
        };
        let name = match by {
            "person" | "program" => self.people.get(&cause.id).cloned(),
            "broadcast" => self.broadcasts.get(&cause.id).cloned(),
            _ => None,
        };
        let named = matches!(by, "person" | "program" | "broadcast" | "accrual" | "import");
        Why {
            by,
            name,
            id: named.then(|| cause.id.clone()),
            scenario: cause.step.as_deref().and_then(|step| self.step(step)),
        }
    }

    /// Who of the audit log.
    fn actor(&self, actor: &str) -> Why {
        let by = match actor.split_once('_') {
            Some(("stf", _)) => "staff",
            Some(("key", _)) => "api",
            _ if actor == "setup" => "setup",
            _ => "job",
        };
        self.why(&Cause::new(by, actor))
    }

    /// `coffee-loyalty@3/menu`.
    fn step(&self, text: &str) -> Option<Step> {
        let (key, rest) = text.split_once('@')?;
        let (version, step) = rest.split_once('/')?;
        Some(Step {
            key: key.to_owned(),
            name: self.scenarios.get(key).cloned().unwrap_or_else(|| key.to_owned()),
            version: version.parse().ok()?,
            step: step.to_owned(),
        })
    }
}

async fn everything(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    id: ContactId,
    until: Instant,
    limit: u32,
) -> Result<Vec<Entry>, Fail> {
    let contact = load(tx, id).await?.ok_or_else(|| not_found(id))?;
    let names = Names::load(tx, &actor.locale).await?;
    let guest = || Why { by: "guest", ..Why::default() };
    let entry = |at, id: String, what, why| Entry { at, id, what, why };
    let mut all =
        vec![entry(contact.created_at, "arrived".into(), What::Arrived, arrived(tx, &names, id).await?)];
    all.extend(contact.registered_at.map(|at| entry(at, "registered".into(), What::Registered, guest())));
    all.extend(contact.stopped_at.map(|at| entry(at, "silenced".into(), What::Silenced, guest())));
    for row in tx.all(&TAKEN_IN, params![id]).await? {
        let other: ContactId = row.id(0)?;
        if actor.may(Right::ConversationsRead) {
            messages(app, tx, &names, other, until, limit, &mut all).await?;
        }
        if actor.may(Right::PointsRead) {
            trade(tx, &names, other, until, limit, &mut all).await?;
        }
    }
    if actor.may(Right::ConversationsRead) {
        messages(app, tx, &names, id, until, limit, &mut all).await?;
    }
    if actor.may(Right::PointsRead) {
        for row in tx.all(&POINTS, params![id, until, limit]).await? {
            let what = What::Points {
                operation: row.text(1)?.to_owned(),
                points: row.int(2)?,
                balance: row.int(3)?,
                note: row.opt_text(4)?.map(str::to_owned),
            };
            all.push(entry(row.instant(6)?, format!("opn:{}", row.int(0)?), what, names.why(&row.json(5)?)));
        }
        trade(tx, &names, id, until, limit, &mut all).await?;
    }
    let recorded = recorded(tx, &names, id).await?;
    for one in consents_of(tx, id).await? {
        // What nobody of the company recorded, the person said in a conversation.
        let why = |at: Instant| recorded.get(&(at, one.purpose.clone())).cloned().unwrap_or_else(guest);
        let what = |given| What::Consent { purpose: one.purpose.clone(), version: one.version, given };
        all.push(entry(one.given_at, format!("cns:{}", one.id), what(true), why(one.given_at)));
        all.extend(one.revoked_at.map(|at| entry(at, format!("cns-end:{}", one.id), what(false), why(at))));
    }
    for row in tx.all(&MOVED, params![id, until, limit]).await? {
        let pipeline = row.int(8)?;
        let what = What::Deal {
            deal: row.int(1)?,
            title: row.text(2)?.to_owned(),
            was: row.opt_text(3)?.map(|was| names.stage(pipeline, was)),
            stage: names.stage(pipeline, row.text(4)?),
            note: row.opt_text(6)?.map(str::to_owned),
        };
        let actor = row.text(5)?;
        let why = if actor.starts_with("con_") { guest() } else { names.actor(actor) };
        all.push(entry(row.instant(7)?, format!("deal:{}", row.int(0)?), what, why));
    }
    changes(tx, &names, id, until, limit, &mut all).await?;
    all.retain(|entry| entry.at <= until);
    Ok(all)
}

/// Who wrote the contact down; who came by themselves has a conversation that began in the same moment.
async fn arrived(tx: &Tx, names: &Names, id: ContactId) -> Result<Why, Fail> {
    if let Some(row) = tx.one(&WROTE_DOWN, params![id.to_string()]).await? {
        return Ok(names.actor(row.text(0)?));
    }
    let came = tx.one(&CAME, params![id]).await?.is_some();
    Ok(Why { by: if came { "guest" } else { "import" }, ..Why::default() })
}

/// Who recorded that a consent was given or taken back, by its moment and purpose.
async fn recorded(tx: &Tx, names: &Names, id: ContactId) -> Result<HashMap<(Instant, String), Why>, Fail> {
    let mut found = HashMap::new();
    for row in tx.all(&RECORDED, params![id.to_string()]).await? {
        let data: Value = row.json(1)?;
        let purpose = data["purpose"].as_str().unwrap_or_default().to_owned();
        found.insert((row.instant(2)?, purpose), names.actor(row.text(0)?));
    }
    Ok(found)
}

async fn trade(
    tx: &Tx,
    names: &Names,
    id: ContactId,
    until: Instant,
    limit: u32,
    all: &mut Vec<Entry>,
) -> Result<(), Fail> {
    for row in tx.all(&BOUGHT, params![id, until, limit]).await? {
        let what = What::Purchase {
            sum: row.int(1)?,
            earned: row.int(2)?,
            paid: row.int(3)?,
            receipt: row.opt_text(4)?.map(str::to_owned),
        };
        let why = names.why(&row.json(5)?);
        all.push(Entry { at: row.instant(6)?, id: format!("pur:{}", row.int(0)?), what, why });
    }
    for row in tx.all(&BROUGHT_BACK, params![id, until, limit]).await? {
        let what = What::Refund { sum: row.int(1)?, taken: row.int(2)?, returned: row.int(3)? };
        let why = names.why(&row.json(5)?);
        all.push(Entry { at: row.instant(6)?, id: format!("ref:{}", row.int(0)?), what, why });
    }
    Ok(())
}

/// What staff and programs changed, and tags; a tag that stands in the log is told by who gave it.
async fn changes(
    tx: &Tx,
    names: &Names,
    id: ContactId,
    until: Instant,
    limit: u32,
    all: &mut Vec<Entry>,
) -> Result<(), Fail> {
    let mut given: BTreeMap<String, Why> = BTreeMap::new();
    for row in tx.all(&DONE, params![id.to_string(), until, limit]).await? {
        let (who, action): (&str, &str) = (row.text(1)?, row.text(2)?);
        let data: Value = row.json(3)?;
        match action {
            "contact.tag" | "contact.create" => {
                for tag in data["tags"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    given.entry(tag.trim().to_owned()).or_insert_with(|| names.actor(who));
                }
                if action == "contact.tag" {
                    continue;
                }
            }
            "consent.give" | "consent.revoke" => continue,
            // What was said is told by the message.
            "conversation.answer" | "conversation.write" => continue,
            _ if action.starts_with("ledger.") || action.starts_with("loyalty.") => continue,
            _ => {}
        }
        let what = What::Changed { action: action.to_owned(), data };
        let log: AuditId = row.id(0)?;
        all.push(Entry { at: row.instant(4)?, id: log.to_string(), what, why: names.actor(who) });
    }
    for row in tx.all(&TAGGED_WITH_MANY, params![id]).await? {
        given.entry(row.text(0)?.to_owned()).or_insert_with(|| names.actor(row.text(1).unwrap_or_default()));
    }
    for row in tx.all(&TAGGED, params![id, until, limit]).await? {
        let tag = row.text(0)?.to_owned();
        let why = given.get(&tag).cloned().unwrap_or(Why { by: "bot", ..Why::default() });
        all.push(Entry { at: row.instant(1)?, id: format!("tag:{tag}"), what: What::Tagged { tag }, why });
    }
    Ok(())
}

async fn messages(
    app: &App,
    tx: &Tx,
    names: &Names,
    id: ContactId,
    until: Instant,
    limit: u32,
    all: &mut Vec<Entry>,
) -> Result<(), Fail> {
    let mut labels = HashMap::new();
    for row in tx.all(&TOLD, params![id, until, limit]).await? {
        let (message, what) = told(&row, &mut labels)?;
        all.push(Entry { at: row.instant(5)?, id: message.to_string(), what, why: names.why(&row.json(4)?) });
    }
    for row in tx.all(&WROTE, params![id, until, limit]).await? {
        let (channel, at): (ChannelId, Instant) = (row.id(0)?, row.instant(3)?);
        if let Some((form, text)) = heard(app, channel, row.bytes(2)?, at, &labels) {
            let why = Why { by: "guest", ..Why::default() };
            let what = What::Wrote { channel, form, text };
            all.push(Entry { at, id: format!("in:{}", row.text(1)?), what, why });
        }
    }
    Ok(())
}

/// What was said; the words of its buttons are kept by their tokens.
fn told(row: &Row, labels: &mut HashMap<String, String>) -> Result<(OutboundId, What), Fail> {
    let drawn: Drawn = serde_json::from_str(row.text(2)?).unwrap_or_default();
    let buttons = match &drawn.keys {
        Keys::Buttons(rows) | Keys::Keyboard(rows) => rows.iter().flatten().collect(),
        Keys::List(rows) => rows.iter().collect(),
        Keys::None | Keys::Hide => Vec::new(),
    };
    for button in buttons {
        if let Action::Press(token) = &button.action {
            labels.entry(token.clone()).or_insert_with(|| button.label.clone());
        }
    }
    let state = match row.int(3)? {
        0 => "waiting",
        1 => "sending",
        2 => "sent",
        3 => "unsure",
        _ => "failed",
    };
    let what =
        What::Told { channel: row.id(1)?, text: cut(&drawn.text), media: drawn.media.is_some(), state };
    Ok((row.id(0)?, what))
}

/// What a delivery says, read as it was read when it came. Pure: nothing is asked of the messenger.
fn heard(
    app: &App,
    channel: ChannelId,
    raw: &[u8],
    at: Instant,
    labels: &HashMap<String, String>,
) -> Option<(&'static str, String)> {
    let known = app.directory.channel(channel)?;
    let accepted = known.messenger.accept(raw, at);
    let event = accepted.events.into_iter().next()?.event;
    Some(match event {
        Event::Start { payload } => ("start", payload.unwrap_or_default()),
        Event::Text { text } => ("text", cut(&text)),
        Event::Press { token, .. } => ("press", labels.get(&token).cloned().unwrap_or_default()),
        Event::Phone { .. } => ("phone", String::new()),
        Event::File { file, caption } => {
            (if file.kind == FileKind::Photo { "picture" } else { "file" }, cut(&caption))
        }
        Event::Blocked => ("blocked", String::new()),
        Event::Unblocked => ("unblocked", String::new()),
        Event::Edited { .. } | Event::Unknown { .. } => return None,
    })
}

fn cut(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}
