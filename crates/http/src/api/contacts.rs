//! People who write to bots.

use super::consents::Consent;
use super::ledger::Operation;
use super::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Change, Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::access::{Actor, Right};
use samovar_app::contacts::{self, Filter};
use samovar_app::loyalty;
use samovar_app::problem::Problem;
use samovar_base::{ContactId, Instant};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Most operations of points in a copy of a person's data.
const EXPORTED_MAX: u32 = 10_000;

/// Contacts and their tags.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_contacts, add_contact))
        .routes(routes!(get_contact, update_contact, erase_contact))
        .routes(routes!(tag_contact))
        .routes(routes!(untag_contact))
        .routes(routes!(list_identities))
        .routes(routes!(stop_contact))
        .routes(routes!(resume_contact))
        .routes(routes!(export_contact))
}

/// A person who writes to a bot. Phone and birthday are hidden from those without the right `personal_data_see`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "con_00fs4w8m5xv1g", "name": "Анна Каренина", "phone": "+79161234567", "phone_proved": true,
    "birthday": "1990-02-28", "locale": "ru", "fields": { "city": "Тверь" }, "tags": ["vip"],
    "consents": { "loyalty": 2 }, "source": "poster", "registered_at": "2026-11-21T10:00:00Z", "revision": 4,
    "created_at": "2026-11-21T09:58:00Z"
}))]
pub struct Contact {
    /// Id.
    pub id: String,
    /// As the person wants to be called; empty until told.
    pub name: String,
    /// E.164, or masked: `+7 *** ***-45-67`.
    pub phone: Option<String>,
    /// The messenger vouched for the phone, or a code did.
    pub phone_proved: bool,
    /// `YYYY-MM-DD`.
    pub birthday: Option<String>,
    /// `ru` or `en`.
    pub locale: String,
    /// The company's own fields; texts are hidden without the right `personal_data_see`.
    #[schema(schema_with = shapes::own_fields)]
    pub fields: Map<String, Value>,
    /// Tags.
    pub tags: Vec<String>,
    /// Consents in force: purpose and version of the text.
    pub consents: BTreeMap<String, i64>,
    /// Where the person came from.
    pub source: Option<String>,
    /// When registration was finished.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub registered_at: Option<Instant>,
    /// When the person asked for silence.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub stopped_at: Option<Instant>,
    /// When the personal data was removed on request.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erased_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
    /// When first seen.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// Somebody who is known before they write to a bot.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Анна Каренина", "phone": "8 916 123-45-67", "tags": ["vip"], "fields": { "city": "Тверь" } }))]
pub struct NewContact {
    /// At most 200 characters.
    pub name: Option<String>,
    /// As people type it.
    pub phone: Option<String>,
    /// `YYYY-MM-DD`.
    pub birthday: Option<String>,
    /// `ru` or `en`; the company's when absent.
    pub locale: Option<String>,
    /// Where the person came from.
    pub source: Option<String>,
    /// The company's own fields: texts, numbers, yes or no.
    #[serde(default)]
    #[schema(schema_with = shapes::own_fields)]
    pub fields: Map<String, Value>,
    /// Tags.
    #[serde(default)]
    pub tags: Vec<String>,
}

/// What to change of a contact; what is absent stays, `null` clears.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "name": "Анна", "birthday": null, "fields": { "city": "Тверь", "old": null }, "revision": 4 }))]
pub struct ContactPatch {
    /// Refused when the contact has another revision by now.
    pub revision: Option<i64>,
    /// At most 200 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub name: Change<String>,
    /// As people type it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub phone: Change<String>,
    /// `YYYY-MM-DD`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub birthday: Change<String>,
    /// `ru` or `en`.
    pub locale: Option<String>,
    /// Where the person came from.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub source: Change<String>,
    /// The company's own fields; those that are not named stay.
    #[serde(default)]
    #[schema(schema_with = shapes::own_fields)]
    pub fields: Map<String, Value>,
}

/// Which contacts.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ContactQuery {
    /// A phone as people type it, or a part of the name.
    pub q: Option<String>,
    /// A tag. Not together with `q`.
    pub tag: Option<String>,
}

/// Tags.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "tags": ["vip", "друг"] }))]
pub struct Tags {
    /// 1 to 64 characters each.
    pub tags: Vec<String>,
}

/// Where a contact can be reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "channel_id": "chn_00fs4w8m5xv1g", "external_id": "4815162342", "name": "Anna K", "handle": "anna_k",
    "language": "ru", "created_at": "2026-11-21T09:58:00Z"
}))]
pub struct Identity {
    /// By which bot or widget.
    pub channel_id: String,
    /// The messenger's id of the person.
    pub external_id: String,
    /// As the person is called there.
    pub name: String,
    /// Public handle without `@`.
    pub handle: Option<String>,
    /// Language of the person's program.
    pub language: Option<String>,
    /// Since when the person forbids the bot to write.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub blocked_at: Option<Instant>,
    /// When first seen.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// Everything that is known of a person.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "contact": {}, "identities": [], "consents": [], "tags": [{ "tag": "vip", "at": "2026-11-21T10:00:00Z" }], "points": [], "received": [],
    "sent": [{ "at": "2026-11-21T10:00:00Z", "message": { "text": "Здравствуйте!" } }]
}))]
pub struct PersonalData {
    /// The contact.
    pub contact: Contact,
    /// Where they can be reached.
    pub identities: Vec<Identity>,
    /// What they agreed to, ended consents too.
    pub consents: Vec<Consent>,
    /// When they got their tags.
    pub tags: Vec<TagAt>,
    /// What changed their points, the youngest first, the latest 10 000. Absent without the right `points_read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<Vec<Operation>>,
    /// What they wrote, as their messengers delivered it, the youngest first, the latest 10 000.
    pub received: Vec<MessageAt>,
    /// What they were told, the youngest first, the latest 10 000.
    pub sent: Vec<MessageAt>,
}

/// A message and its time.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "at": "2026-11-21T10:00:00Z", "message": { "text": "Здравствуйте!" } }))]
pub struct MessageAt {
    /// When it came, or was decided.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// As it was delivered, or as it was to be shown: a text when it is no JSON.
    #[schema(value_type = Value)]
    pub message: Value,
}

/// A tag and when it was given.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "tag": "vip", "at": "2026-11-21T10:00:00Z" }))]
pub struct TagAt {
    /// The tag.
    pub tag: String,
    /// When it was given.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

/// List contacts
///
/// The youngest first. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contacts", tag = "contacts", params(ContactQuery, PageQuery),
    responses((status = 200, description = "A page of contacts", body = Page<Contact>))
)]
async fn list_contacts(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(query): Query<ContactQuery>,
    paging: Paging,
) -> Result<Json<Page<Contact>>, Error> {
    let found = contacts::list(&app, &actor, &query.filter()?, paging.after()?, paging.to_read()).await?;
    let page = Page::cut(found, paging.limit, |contact| contact.id);
    Ok(Json(page.map(|contact| Contact::seen_by(&actor, contact))))
}

/// Add a contact
///
/// For people who are known before they write to a bot. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contacts", tag = "contacts", request_body = NewContact,
    responses((status = 201, description = "The new contact", body = Contact))
)]
async fn add_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewContact>,
) -> Result<(StatusCode, Json<Contact>), Error> {
    let tags = new.tags.clone();
    let contact = contacts::add(&app, &actor, new.fields(), tags).await?;
    Ok((StatusCode::CREATED, Json(Contact::seen_by(&actor, contact))))
}

/// Read a contact
///
/// Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "The contact", body = Contact))
)]
async fn get_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<Contact>, Error> {
    let contact = contacts::get(&app, &actor, id).await?;
    Ok(Json(Contact::seen_by(&actor, contact)))
}

/// Change a contact
///
/// All fields or none. Needs the right `contacts_write`.
#[utoipa::path(
    patch, path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    request_body = ContactPatch, responses((status = 200, description = "The contact as it is now", body = Contact))
)]
async fn update_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Json(patch): Json<ContactPatch>,
) -> Result<Json<Contact>, Error> {
    let revision = patch.revision;
    let contact = contacts::update(&app, &actor, id, revision, patch.fields()).await?;
    Ok(Json(Contact::seen_by(&actor, contact)))
}

/// Erase a contact
///
/// Removes the person's data for ever: name, phone, birthday, fields, tags, where they can be reached, what they wrote
/// and were told. An empty contact stays, and so do its points and the proof of consents. Doing it again is no error.
/// Needs the right `contacts_erase`.
#[utoipa::path(
    delete, path = "/contacts/{id}", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    responses((status = 204, description = "The data is removed"))
)]
async fn erase_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<StatusCode, Error> {
    contacts::erase(&app, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Give tags
///
/// Those the contact has already are passed over. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/tags", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    request_body = Tags, responses((status = 200, description = "The contact as it is now", body = Contact))
)]
async fn tag_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    Json(tags): Json<Tags>,
) -> Result<Json<Contact>, Error> {
    let contact = contacts::tag(&app, &actor, id, tags.tags).await?;
    Ok(Json(Contact::seen_by(&actor, contact)))
}

/// Take a tag
///
/// Needs the right `contacts_write`.
#[utoipa::path(
    delete, path = "/contacts/{id}/tags/{tag}", tag = "contacts",
    params(("id" = String, Path, description = "con_…"), ("tag" = String, Path, description = "The tag")),
    responses((status = 200, description = "The contact as it is now", body = Contact))
)]
async fn untag_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, tag)): Path<(ContactId, String)>,
) -> Result<Json<Contact>, Error> {
    let contact = contacts::untag(&app, &actor, id, tag).await?;
    Ok(Json(Contact::seen_by(&actor, contact)))
}

/// List where a contact can be reached
///
/// Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/contacts/{id}/identities", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "All identities, the oldest first", body = Vec<Identity>))
)]
async fn list_identities(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<Vec<Identity>>, Error> {
    Ok(Json(contacts::identities(&app, &actor, id).await?.into_iter().map(Identity::from).collect()))
}

/// Silence a contact
///
/// At the person's request: from now on only what they ask themselves is answered. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/stop", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "The contact as it is now", body = Contact))
)]
async fn stop_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<Contact>, Error> {
    let contact = contacts::silence(&app, &actor, id).await?;
    Ok(Json(Contact::seen_by(&actor, contact)))
}

/// Write to a contact again
///
/// At the person's request. Needs the right `contacts_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/resume", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "The contact as it is now", body = Contact))
)]
async fn resume_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<Contact>, Error> {
    let contact = contacts::unsilence(&app, &actor, id).await?;
    Ok(Json(Contact::seen_by(&actor, contact)))
}

/// Export a person's data
///
/// A copy for the person who asks for it; that it was taken is noted in the audit log. Needs the rights `contacts_read` and `personal_data_see`.
#[utoipa::path(
    get, path = "/contacts/{id}/export", tag = "contacts", params(("id" = String, Path, description = "con_…")),
    responses((status = 200, description = "Everything that is known of the person", body = PersonalData))
)]
async fn export_contact(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
) -> Result<Json<PersonalData>, Error> {
    let data = contacts::export(&app, &actor, id).await?;
    let points = match actor.may(Right::PointsRead) {
        true => Some(loyalty::history(&app, &actor, id, None, EXPORTED_MAX).await?),
        false => None,
    };
    Ok(Json(PersonalData {
        contact: Contact::seen_by(&actor, data.contact),
        identities: data.identities.into_iter().map(Identity::from).collect(),
        consents: data.consents.into_iter().map(Consent::from).collect(),
        tags: data.tags.into_iter().map(|(tag, at)| TagAt { tag, at }).collect(),
        points: points.map(|entries| entries.into_iter().map(Operation::from).collect()),
        received: data.received.into_iter().map(|(at, message)| MessageAt { at, message }).collect(),
        sent: data.sent.into_iter().map(|(at, message)| MessageAt { at, message }).collect(),
    }))
}

impl Contact {
    pub(super) fn seen_by(actor: &Actor, contact: contacts::Contact) -> Self {
        let sees = actor.may(Right::PersonalDataSee);
        Self {
            id: contact.id.to_string(),
            name: contact.name,
            phone: contact.phone.map(|phone| actor.sees_phone(&phone)),
            phone_proved: contact.phone_proved,
            birthday: contact.birthday.filter(|_| sees).map(|date| date.to_string()),
            locale: contact.locale,
            fields: actor.sees_fields(contact.fields),
            tags: contact.tags.into_iter().collect(),
            consents: contact.consents,
            source: contact.source,
            registered_at: contact.registered_at,
            stopped_at: contact.stopped_at,
            erased_at: contact.erased_at,
            revision: contact.revision,
            created_at: contact.created_at,
        }
    }
}

impl ContactQuery {
    fn filter(self) -> Result<Filter, Error> {
        match (self.q, self.tag) {
            (None, None) => Ok(Filter::All),
            (Some(words), None) => Ok(Filter::Query(words)),
            (None, Some(tag)) => Ok(Filter::Tag(tag)),
            (Some(_), Some(_)) => Err(Problem::invalid(
                "tag",
                "one_of",
                "Ищите либо по q, либо по tag",
                "Search either by q or by tag",
            )
            .into()),
        }
    }
}

impl NewContact {
    fn fields(self) -> Vec<(String, Value)> {
        let own = [
            ("name", self.name),
            ("phone", self.phone),
            ("birthday", self.birthday),
            ("locale", self.locale),
            ("source", self.source),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::String(value?))));
        own.chain(prefixed(self.fields)).collect()
    }
}

impl ContactPatch {
    fn fields(self) -> Vec<(String, Value)> {
        let locale = self.locale.map_or(Change::Keep, Change::Set);
        let own = [
            ("name", self.name),
            ("phone", self.phone),
            ("birthday", self.birthday),
            ("locale", locale),
            ("source", self.source),
        ];
        let own = own.into_iter().filter_map(|(name, change)| {
            let value = change.into_option()?;
            Some((name.to_owned(), value.map_or(Value::Null, Value::String)))
        });
        own.chain(prefixed(self.fields)).collect()
    }
}

fn prefixed(fields: Map<String, Value>) -> impl Iterator<Item = (String, Value)> {
    fields.into_iter().map(|(name, value)| (format!("fields.{name}"), value))
}

impl From<contacts::Identity> for Identity {
    fn from(identity: contacts::Identity) -> Self {
        Self {
            channel_id: identity.channel.to_string(),
            external_id: identity.external_id,
            name: identity.name,
            handle: identity.handle,
            language: identity.language,
            blocked_at: identity.blocked_at,
            created_at: identity.created_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use samovar_app::access::Role;
    use samovar_base::{StaffId, TenantId};
    use serde_json::json;

    fn patch(document: Value) -> Vec<(String, Value)> {
        serde_json::from_value::<ContactPatch>(document).expect("a patch").fields()
    }

    #[test]
    fn personal_data_is_for_those_who_may_see_it() {
        let mut anna = contacts::Contact::new(ContactId(1), "ru", Instant(0));
        contacts::set_field(&mut anna, "phone", &json!("+79161234567"), true).expect("a phone");
        contacts::set_field(&mut anna, "birthday", &json!("1990-02-28"), false).expect("a date");
        let seen = |role| {
            let actor = Actor::staff(TenantId(1), StaffId(1), role, "ru");
            let contact = Contact::seen_by(&actor, anna.clone());
            (contact.phone.expect("a phone"), contact.birthday)
        };
        assert_eq!(seen(Role::Manager), ("+79161234567".into(), Some("1990-02-28".into())));
        assert_eq!(seen(Role::Marketer), ("+7 *** ***-45-67".into(), None));
        assert_eq!(seen(Role::Cashier), ("+7 *** ***-45-67".into(), None));
    }

    #[test]
    fn in_a_patch_absent_is_not_null() {
        assert_eq!(patch(json!({})), []);
        assert_eq!(
            patch(json!({ "phone": null, "name": "Анна", "fields": { "city": null, "visits": 2 } })),
            [
                ("name".into(), json!("Анна")),
                ("phone".into(), Value::Null),
                ("fields.city".into(), Value::Null),
                ("fields.visits".into(), json!(2)),
            ]
        );
        assert!(serde_json::from_value::<ContactPatch>(json!({ "nmae": "Анна" })).is_err());
    }

    #[test]
    fn a_search_is_by_words_or_by_tag() {
        let query = |q: Option<&str>, tag: Option<&str>| ContactQuery {
            q: q.map(str::to_owned),
            tag: tag.map(str::to_owned),
        };
        assert!(matches!(query(None, None).filter(), Ok(Filter::All)));
        assert!(matches!(query(Some("анна"), None).filter(), Ok(Filter::Query(words)) if words == "анна"));
        assert!(matches!(query(None, Some("vip")).filter(), Ok(Filter::Tag(tag)) if tag == "vip"));
        assert!(query(Some("анна"), Some("vip")).filter().is_err());
    }
}
