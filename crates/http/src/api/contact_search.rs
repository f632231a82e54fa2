//! The table of contacts: search, count, the story of each, and the company's own fields.

use super::contacts::Contact;
use super::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use samovar_app::App;
use samovar_app::access::Actor;
use samovar_app::contacts::{fields, timeline};
use samovar_app::problem::Problem;
use samovar_app::segments::{SegmentId, search};
use samovar_base::{ContactId, Instant};
use samovar_engine::Condition;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Search, timelines and own fields.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(search_contacts))
        .routes(routes!(count_contacts))
        .routes(routes!(list_timeline))
        .routes(routes!(list_contact_fields, put_contact_fields))
        .routes(routes!(list_contact_tags))
}

/// Who is looked for, and in which order.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "words": "анна", "condition": { "field": "contact.tags", "op": "contains", "value": "vip" }, "sort": "seen",
    "descending": true, "limit": 50
}))]
pub struct ContactSearch {
    /// A part of the name, a phone or a part of it, the number of a card. Parts of phones are looked for only for those
    /// who may see phones.
    #[serde(default)]
    pub words: Option<String>,
    /// The tree of segments.
    #[serde(default)]
    #[schema(value_type = Option<shapes::Condition>)]
    pub condition: Option<Condition>,
    /// A saved segment; together with a condition both must hold.
    #[serde(default)]
    #[schema(schema_with = shapes::segment_id)]
    pub segment: Option<String>,
    /// `created`, `name`, `seen` or `balance`; `created` when absent. Those who have no name, were never seen or never
    /// had points come last in either direction.
    #[serde(default)]
    #[schema(schema_with = sort)]
    pub sort: search::Sort,
    /// The largest, or the latest, first; true when absent.
    #[serde(default = "yes")]
    pub descending: bool,
    /// The `next` of the page before.
    #[serde(default)]
    pub after: Option<String>,
    /// From 1 to 200; 50 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 200)]
    pub limit: Option<u32>,
}

/// Who is counted.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "condition": { "field": "loyalty.available", "op": "ge", "value": 100 } }))]
pub struct ContactCountQuery {
    /// As in a search.
    #[serde(default)]
    pub words: Option<String>,
    /// The tree of segments.
    #[serde(default)]
    #[schema(value_type = Option<shapes::Condition>)]
    pub condition: Option<Condition>,
    /// A saved segment.
    #[serde(default)]
    #[schema(schema_with = shapes::segment_id)]
    pub segment: Option<String>,
}

/// How many.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "contacts": 12480, "exact": true }))]
pub struct ContactCount {
    /// So many.
    pub contacts: i64,
    /// Counted one by one; false when it is about so many, told from samples: of very many contacts.
    pub exact: bool,
}

/// Where a contact writes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedChannel {
    /// The bot or widget.
    pub channel_id: String,
    /// The bot may write there.
    pub reachable: bool,
}

/// A row of the table of contacts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "contact": {}, "available": 340, "balance": 400, "held": 60, "last_seen_at": "2026-11-21T10:00:00Z",
    "channels": [{ "channel_id": "chn_00fs4w8m5xv1g", "reachable": true }]
}))]
pub struct ListedContact {
    /// Who.
    pub contact: Contact,
    /// Points that may be spent; absent without the right `points_read`, as the next two are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub available: Option<i64>,
    /// Points, held ones among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<i64>,
    /// Points set aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<i64>,
    /// When they last did something in a chat, to the quarter of an hour.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_seen_at: Option<Instant>,
    /// Where they write, the oldest first.
    pub channels: Vec<ListedChannel>,
}

/// Something that happened with a contact. Which of the fields are there is told by `kind`.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "opn:7320981", "at": "2026-11-21T10:00:00Z", "kind": "points", "operation": "grant", "points": 100,
    "balance": 340, "note": "С Новым годом", "why": { "by": "person", "name": "Ольга Ветрова", "id": "stf_00fs4w8m5xv1g" }
}))]
pub struct TimelineEntry {
    /// Tells it from all others of the contact.
    pub id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// `arrived`, `registered`, `silenced`, `wrote`, `told`, `points`, `tagged`, `consent`, `deal`, `purchase`, `refund`
    /// or `changed`.
    #[schema(schema_with = kind)]
    pub kind: &'static str,
    /// Of `wrote` and `told`: where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel_id: Option<String>,
    /// Of `wrote`: `text`, `press`, `picture`, `file`, `phone`, `start`, `blocked`, `unblocked`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub form: Option<&'static str>,
    /// Of `wrote` and `told`: the words, at most 1000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Of `told`: with a picture or file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media: Option<bool>,
    /// Of `told`: `waiting`, `sending`, `sent`, `unsure`, `failed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<&'static str>,
    /// Of `points`: the kind of the operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// Of `points`: by how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// Of `points`: to how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<i64>,
    /// Of `points` and `deal`: in the words of whoever did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Of `tagged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// Of `consent`: to what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// Of `consent`: version of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// Of `consent`: given; otherwise it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given: Option<bool>,
    /// Of `deal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deal_id: Option<String>,
    /// Of `deal`: its title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Of `deal`: the stage it left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was: Option<String>,
    /// Of `deal`: the stage it came to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    /// Of `purchase` and `refund`: in kopecks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sum_minor: Option<i64>,
    /// Of `purchase`: points it gave; of `refund`: points that went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earned: Option<i64>,
    /// Of `purchase`: points it was paid with; of `refund`: points that came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paid: Option<i64>,
    /// Of `purchase`: the number on the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// Of `changed`: as in the audit log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Of `changed`: what changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub data: Option<serde_json::Value>,
    /// Why it happened.
    pub why: TimelineWhy,
}

/// Why something happened.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct TimelineWhy {
    /// `guest`, `person`, `program`, `bot`, `timer`, `event`, `broadcast`, `accrual`, `import`, `term`, `birthday`,
    /// `warning`, `order`, `company_file`, `receipt`, `promotion`, `draw`, `export`, `backup` or `system`.
    pub by: &'static str,
    /// Who or which, by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The scenario that did it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<TimelineStep>,
}

/// A step of a scenario.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimelineStep {
    /// The scenario's short name.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Which version of it.
    pub version: i64,
    /// The step.
    pub step: String,
}

/// A field of the company's own.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "key": "size", "title": "Размер", "kind": "choice", "choices": ["S", "M", "L"] }))]
pub struct ContactField {
    /// Short name: `contact.fields.<key>` in conditions.
    pub key: String,
    /// As people read it, 1 to 60 characters.
    pub title: String,
    /// `text`, `number`, `flag`, `date` or `choice`.
    #[schema(schema_with = field_kind)]
    pub kind: fields::Kind,
    /// What it may be, when it is a choice: 1 to 50.
    #[serde(default)]
    pub choices: Vec<String>,
}

/// The company's own fields.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "fields": [{ "key": "size", "title": "Размер", "kind": "choice", "choices": ["S", "M"] }], "unnamed": ["old_code"]
}))]
pub struct ContactFields {
    /// Those that were named, in their order.
    pub fields: Vec<ContactField>,
    /// Those that contacts have, and nobody named.
    pub unnamed: Vec<String>,
}

/// The fields to be named.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "fields": [{ "key": "size", "title": "Размер", "kind": "text" }] }))]
pub struct NewContactFields {
    /// At most 100, in their order.
    pub fields: Vec<ContactField>,
}

/// Search contacts
///
/// A page may have fewer contacts than asked for, or none, and still a `next`: an answer looks at a bounded number of
/// rows, so read on until there is no `next`. Needs the right `contacts_read`.
#[utoipa::path(
    post, path = "/contacts/search", tag = "contacts", request_body = ContactSearch,
    responses((status = 200, description = "A page of contacts", body = Page<ListedContact>))
)]
async fn search_contacts(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(asked): Json<ContactSearch>,
) -> Result<Json<Page<ListedContact>>, Error> {
    let paging = Paging::try_from(PageQuery { after: None, limit: asked.limit })?;
    let after = asked.after.as_deref().map(place).transpose()?;
    let wanted = wanted(asked.words, asked.condition, asked.segment)?;
    let page =
        search::search(&app, &actor, wanted, asked.sort, asked.descending, after, paging.limit).await?;
    let items = page.rows.into_iter().map(|row| ListedContact::seen_by(&actor, row)).collect();
    Ok(Json(Page { items, next: page.next.map(|next| cursor(&next)) }))
}

/// Count contacts
///
/// How many a search would find. Needs the right `contacts_read`.
#[utoipa::path(
    post, path = "/contacts/count", tag = "contacts", request_body = ContactCountQuery,
    responses((status = 200, description = "How many", body = ContactCount))
)]
async fn count_contacts(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(asked): Json<ContactCountQuery>,
) -> Result<Json<ContactCount>, Error> {
    let wanted = wanted(asked.words, asked.condition, asked.segment)?;
    let search::Count { contacts, exact } = search::count(&app, &actor, wanted).await?;
    Ok(Json(ContactCount { contacts, exact }))
}

/// List what happened with a contact
///
/// Messages, points, purchases, tags, consents, deals and what staff changed, the youngest first, each with its cause.
/// Messages need the right `conversations_read`, points and purchases `points_read`; the rest `contacts_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/timeline", tag = "contacts",
    params(("id" = String, Path, description = "con_…"), PageQuery),
    responses((status = 200, description = "A page of the timeline", body = Page<TimelineEntry>))
)]
async fn list_timeline(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Query(asked): Query<PageQuery>,
) -> Result<Json<Page<TimelineEntry>>, Error> {
    let after = asked.after.as_deref().map(place).transpose()?;
    let paging = Paging::try_from(PageQuery { after: None, limit: asked.limit })?;
    let (entries, next) = timeline::timeline(&app, &actor, id, after, paging.limit).await?;
    let items = entries.into_iter().map(TimelineEntry::from).collect();
    Ok(Json(Page { items, next: next.map(|next| cursor(&next)) }))
}

/// List the fields of contacts
///
/// Those of the company's own. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contacts/fields", tag = "contacts",
    responses((status = 200, description = "The fields", body = ContactFields))
)]
async fn list_contact_fields(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<ContactFields>, Error> {
    let (named, unnamed) = fields::list(&app, &actor).await?;
    Ok(Json(ContactFields { fields: named.into_iter().map(ContactField::from).collect(), unnamed }))
}

/// List the tags of contacts
///
/// Those that somebody has, by the alphabet, at most 1000. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contacts/tags", tag = "contacts",
    responses((status = 200, description = "The tags", body = Vec<String>))
)]
async fn list_contact_tags(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<Vec<String>>, Error> {
    Ok(Json(fields::tags(&app, &actor).await?))
}

/// Name the fields of contacts
///
/// All at once, in their order. A field that is not among them loses its name; values stay with the contacts. Needs the
/// right `settings_manage`.
#[utoipa::path(
    put, path = "/contacts/fields", tag = "contacts", request_body = NewContactFields,
    responses((status = 200, description = "The fields", body = ContactFields))
)]
async fn put_contact_fields(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewContactFields>,
) -> Result<Json<ContactFields>, Error> {
    let new = new.fields.into_iter().map(fields::Field::from).collect();
    fields::put(&app, &actor, new).await?;
    let (named, unnamed) = fields::list(&app, &actor).await?;
    Ok(Json(ContactFields { fields: named.into_iter().map(ContactField::from).collect(), unnamed }))
}

fn wanted(
    words: Option<String>,
    condition: Option<Condition>,
    segment: Option<String>,
) -> Result<search::Search, Error> {
    let segment = segment.map(|id| id.parse::<SegmentId>().map_err(|_| no_segment(&id))).transpose()?;
    Ok(search::Search { condition, segment, words })
}

fn no_segment(id: &str) -> Problem {
    Problem::not_found("сегмент", "segment", id.escape_debug()).at("segment")
}

fn cursor(place: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(place).unwrap_or_default())
}

fn place<T: DeserializeOwned>(cursor: &str) -> Result<T, Error> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or_else(|| {
        let (ru, en) =
            ("after — это значение next предыдущей страницы", "after is the value next of the page before");
        Problem::invalid("after", "bad_cursor", ru, en).into()
    })
}

impl ListedContact {
    fn seen_by(actor: &Actor, row: search::Listed) -> Self {
        let standing = row.standing;
        let last_seen_at = row.contact.last_seen_at;
        Self {
            contact: Contact::seen_by(actor, row.contact),
            available: standing.map(|standing| standing.available.0),
            balance: standing.map(|standing| standing.balance.0),
            held: standing.map(|standing| standing.held.0),
            last_seen_at,
            channels: row
                .channels
                .into_iter()
                .map(|(id, reachable)| ListedChannel { channel_id: id.to_string(), reachable })
                .collect(),
        }
    }
}

impl From<timeline::Entry> for TimelineEntry {
    fn from(entry: timeline::Entry) -> Self {
        use timeline::What;
        let timeline::Entry { at, id, what, why } = entry;
        let base = Self { id, at, why: why.into(), ..Self::default() };
        match what {
            What::Arrived => Self { kind: "arrived", ..base },
            What::Registered => Self { kind: "registered", ..base },
            What::Silenced => Self { kind: "silenced", ..base },
            What::Wrote { channel, form, text } => Self {
                kind: "wrote",
                channel_id: Some(channel.to_string()),
                form: Some(form),
                text: Some(text),
                ..base
            },
            What::Told { channel, text, media, state } => Self {
                kind: "told",
                channel_id: Some(channel.to_string()),
                text: Some(text),
                media: Some(media),
                state: Some(state),
                ..base
            },
            What::Points { operation, points, balance, note } => Self {
                kind: "points",
                operation: Some(operation),
                points: Some(points),
                balance: Some(balance),
                note,
                ..base
            },
            What::Tagged { tag } => Self { kind: "tagged", tag: Some(tag), ..base },
            What::Consent { purpose, version, given } => Self {
                kind: "consent",
                purpose: Some(purpose),
                version: Some(version),
                given: Some(given),
                ..base
            },
            What::Deal { deal, title, was, stage, note } => Self {
                kind: "deal",
                deal_id: Some(samovar_app::deals::DealId(deal).to_string()),
                title: Some(title),
                was,
                stage: Some(stage),
                note,
                ..base
            },
            What::Purchase { sum, earned, paid, receipt } => Self {
                kind: "purchase",
                sum_minor: Some(sum),
                earned: Some(earned),
                paid: Some(paid),
                receipt,
                ..base
            },
            What::Refund { sum, taken, returned } => Self {
                kind: "refund",
                sum_minor: Some(sum),
                earned: Some(taken),
                paid: Some(returned),
                ..base
            },
            What::Changed { action, data } => {
                Self { kind: "changed", action: Some(action), data: Some(data), ..base }
            }
        }
    }
}

impl From<timeline::Why> for TimelineWhy {
    fn from(why: timeline::Why) -> Self {
        let scenario = why.scenario.map(|step| TimelineStep {
            key: step.key,
            name: step.name,
            version: step.version,
            step: step.step,
        });
        Self { by: why.by, name: why.name, id: why.id, scenario }
    }
}

impl From<fields::Field> for ContactField {
    fn from(field: fields::Field) -> Self {
        let fields::Field { key, title, kind, choices } = field;
        Self { key, title, kind, choices }
    }
}

impl From<ContactField> for fields::Field {
    fn from(field: ContactField) -> Self {
        let ContactField { key, title, kind, choices } = field;
        Self { key, title, kind, choices }
    }
}

fn yes() -> bool {
    true
}

fn sort() -> utoipa::openapi::schema::Object {
    super::word_of(&["created", "name", "seen", "balance"])
}

fn kind() -> utoipa::openapi::schema::Object {
    super::word_of(&[
        "arrived",
        "registered",
        "silenced",
        "wrote",
        "told",
        "points",
        "tagged",
        "consent",
        "deal",
        "purchase",
        "refund",
        "changed",
    ])
}

fn field_kind() -> utoipa::openapi::schema::Object {
    super::word_of(&fields::Kind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>())
}
