//! Conversations with contacts: the list, one of them, and what people of the company do there.

#![allow(unused_qualifications)] // The macro writes them for the parameters of lists.

mod lines;
mod of_contact;
mod presence;
mod replies;

use super::{shapes, word_of};
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Change, Json, Path, Query};
use crate::idempotency::IdempotencyKey;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::access::Actor;
use samovar_app::conversations::{self, ListPlace, Place, Tab, Wanted};
use samovar_base::{ChannelId, ContactId, FileId, Instant, StaffId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::openapi::schema::Object;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Conversations.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_conversations))
        .routes(routes!(count_conversations))
        .routes(routes!(list_colleagues))
        .routes(routes!(get_conversation))
        .routes(routes!(answer_conversation))
        .routes(routes!(note_conversation))
        .routes(routes!(assign_conversation))
        .routes(routes!(mark_conversation))
        .routes(routes!(close_conversation))
        .routes(routes!(snooze_conversation))
        .routes(routes!(give_back_conversation))
        .routes(routes!(begin_scenario))
        .merge(presence::routes())
        .merge(lines::routes())
        .merge(replies::routes())
        .merge(of_contact::routes())
}

/// Where it takes place.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "contact_id": "con_00fs4w8m5xv1g", "channel_id": "chn_00fs4w8m5xv1h" }))]
pub struct ConversationPlace {
    /// With whom.
    pub contact_id: String,
    /// By which channel: the last one in which the contact was met and that they did not forbid.
    pub channel_id: String,
}

/// What was said last in a conversation.
#[derive(Debug, Serialize, ToSchema)]
pub struct LastLine {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// `contact`, `bot` or `team`.
    #[schema(schema_with = speakers)]
    pub by: &'static str,
    /// With a picture or a file: `none`, `photo`, `file`.
    #[schema(schema_with = shown)]
    pub media: &'static str,
    /// The beginning of the words; may be empty.
    pub text: String,
}

/// A conversation with a contact by a channel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "contact_id": "con_00fs4w8m5xv1g", "channel_id": "chn_00fs4w8m5xv1h", "messenger": "telegram", "name": "Мария",
    "tags": ["vip"], "state": "taken", "assignee": "stf_00fs4w8m5xv1q", "unread": 2,
    "waiting_since": "2026-11-21T10:00:00Z", "reason": "Просит ответа сотрудника",
    "last": { "at": "2026-11-21T10:00:00Z", "by": "contact", "media": "none", "text": "Вы открыты в воскресенье?" },
    "revision": 3
}))]
pub struct Conversation {
    /// With whom.
    pub contact_id: String,
    /// By which channel.
    pub channel_id: String,
    /// Its messenger; absent when the channel is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub messenger: Option<String>,
    /// The contact's name; may be empty.
    pub name: String,
    /// Their phone; masked for those without the right `personal_data_see`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Their tags.
    pub tags: BTreeSet<String>,
    /// `bot` leads it, it is `free` and waits for anybody, `taken` by somebody, or `closed`.
    #[schema(schema_with = states)]
    pub state: &'static str,
    /// Whose of the team.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// What the contact said since somebody of the team looked.
    pub unread: i64,
    /// Since when the contact waits for an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub waiting_since: Option<Instant>,
    /// What a person was called for, in the words of the scenario.
    pub reason: String,
    /// Put off until then.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub snoozed_until: Option<Instant>,
    /// What was said last.
    pub last: LastLine,
    /// The line that a search found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<String>,
    /// Changes with whose it is.
    pub revision: i64,
}

/// How many conversations there are in the tabs; of many no more than ten thousand are counted.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "mine": 5, "mine_unread": 2, "free": 7, "bot": 148 }))]
pub struct ConversationCounts {
    /// The asker's own.
    pub mine: i64,
    /// Of these with something unread.
    pub mine_unread: i64,
    /// Those that wait for anybody.
    pub free: i64,
    /// Those that the bot leads.
    pub bot: i64,
}

/// Somebody of the company, as far as colleagues need to know.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "stf_00fs4w8m5xv1q", "name": "Ольга", "active": true }))]
pub struct Colleague {
    /// Id.
    pub id: String,
    /// As colleagues call them.
    pub name: String,
    /// May work.
    pub active: bool,
}

/// Everybody of the company, by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct Colleagues {
    /// At most a thousand.
    pub items: Vec<Colleague>,
}

/// A button of an answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerButton {
    /// Up to 40 characters.
    #[schema(min_length = 1, max_length = 40)]
    pub label: String,
    /// The address that it opens; without one the contact says what is written on it.
    #[serde(default)]
    pub url: Option<String>,
}

/// What is said to a contact.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "text": "Да, с девяти до шести. Ждать вас?", "buttons": [{ "label": "Да, приду" }, { "label": "В другой раз" }]
}))]
pub struct ConversationAnswer {
    /// Up to 4096 characters; may be empty when there are files.
    #[serde(default)]
    #[schema(max_length = 4096)]
    pub text: String,
    /// Files that were uploaded to `/media`, up to ten.
    #[serde(default)]
    #[schema(schema_with = shapes::files)]
    pub files: Vec<FileId>,
    /// Up to eight.
    #[serde(default)]
    #[schema(max_items = 8)]
    pub buttons: Vec<AnswerButton>,
}

/// A note of the team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "Постоянная гостья: если спор, решаем в её пользу." }))]
pub struct NewNote {
    /// From 1 to 4096 characters.
    #[schema(min_length = 1, max_length = 4096)]
    pub text: String,
}

/// Where a note stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "id": "lin_00fs4w8m5xv1q" }))]
pub struct NoteId {
    /// Its id.
    pub id: String,
}

/// Whose a conversation is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "staff_id": "stf_00fs4w8m5xv1q", "revision": 3 }))]
pub struct Assignment {
    /// Somebody of the team; `null` frees it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub staff_id: Change<StaffId>,
    /// Of the conversation as the asker saw it.
    pub revision: i64,
}

/// Whether it is read.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "unread": false }))]
pub struct Mark {
    /// True to see it as unread again.
    pub unread: bool,
}

/// Until when it is put off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "until": "2026-11-22T06:00:00Z" }))]
pub struct Snooze {
    /// A moment ahead, within a year; `null` takes it up again.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub until: Option<Instant>,
}

/// Which scenario is to begin.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "scenario": "coffee-loyalty" }))]
pub struct Beginning {
    /// Its key; the channel runs it.
    pub scenario: String,
}

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// `mine`, `free`, `bot`, `all` (when absent), `closed`, `snoozed`.
    #[param(schema_with = tabs)]
    tab: Option<String>,
    /// Words in the contact's name, digits of their phone, words that were said: then a hundred at most, on one page.
    #[param(max_length = 200)]
    q: Option<String>,
    /// Only of this channel.
    #[param(schema_with = shapes::channel_id)]
    channel: Option<ChannelId>,
    /// Only with contacts who have this tag.
    tag: Option<String>,
    /// Only of this person of the team.
    #[param(schema_with = shapes::staff_id)]
    assignee: Option<StaffId>,
    /// Only with something unread.
    #[serde(default)]
    unread: bool,
    /// Only those in which the contact waits for an answer.
    #[serde(default)]
    waiting: bool,
    /// The `next` of the page before.
    after: Option<String>,
    /// From 1 to 200; 50 when absent.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
}

/// List conversations
///
/// Those in which something was said last first. Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/conversations", tag = "conversations", params(ListQuery),
    responses((status = 200, description = "Conversations", body = Page<Conversation>))
)]
async fn list_conversations(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(asked): Query<ListQuery>,
) -> Result<Json<Page<Conversation>>, Error> {
    if let Some(words) = asked.q.as_deref().filter(|words| !words.trim().is_empty()) {
        let words: String = words.chars().filter(|letter| *letter != '\0').take(200).collect();
        let found = conversations::search(&app, &actor, &words).await?;
        let view = |(one, line): (_, Option<String>)| Conversation {
            found: line.map(|line| actor.sees_words(line)),
            ..Conversation::of(&app, &actor, one)
        };
        return Ok(Json(Page { items: found.into_iter().map(view).collect(), next: None }));
    }
    let paging = Paging::try_from(PageQuery { after: asked.after, limit: asked.limit })?;
    let wanted = Wanted {
        tab: tab(asked.tab.as_deref())?,
        channel: asked.channel,
        tag: asked.tag.filter(|tag| !tag.contains('\0')),
        assignee: asked.assignee,
        unread: asked.unread,
        waiting: asked.waiting,
    };
    let all = conversations::list(&app, &actor, &wanted, paging.after()?, paging.to_read()).await?;
    let page = Page::cut(all, paging.limit, ListPlace::of);
    Ok(Json(page.map(|one| Conversation::of(&app, &actor, one))))
}

/// Count conversations
///
/// For the tabs of the list. Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/conversations/counts", tag = "conversations",
    responses((status = 200, description = "Counts", body = ConversationCounts))
)]
async fn count_conversations(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<ConversationCounts>, Error> {
    let conversations::Counts { mine, mine_unread, free, bot } = conversations::counts(&app, &actor).await?;
    Ok(Json(ConversationCounts { mine, mine_unread, free, bot }))
}

/// List colleagues
///
/// Whose lines they are, and who may be given a conversation. Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/conversations/colleagues", tag = "conversations",
    responses((status = 200, description = "Everybody, by name", body = Colleagues))
)]
async fn list_colleagues(State(app): State<App>, Signed(actor): Signed) -> Result<Json<Colleagues>, Error> {
    let all = conversations::people(&app, &actor).await?;
    let view =
        |one: conversations::Person| Colleague { id: one.id.to_string(), name: one.name, active: one.active };
    Ok(Json(Colleagues { items: all.into_iter().map(view).collect() }))
}

/// Get a conversation
///
/// Needs the right `conversations_read`.
#[utoipa::path(
    get, path = "/conversations/{contact_id}/{channel_id}", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    responses((status = 200, description = "The conversation", body = Conversation))
)]
async fn get_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
) -> Result<Json<Conversation>, Error> {
    let one = conversations::get(&app, &actor, place(at)).await?;
    Ok(Json(Conversation::of(&app, &actor, one)))
}

/// Answer in a conversation
///
/// Words, files and buttons of a person of the company. The bot is silent there from now on, and whoever of the team
/// answers has the conversation; one that somebody else has is answered by 409 `conversation_changed`. With an
/// `Idempotency-Key` the words are said once however often it is sent, and the line carries the key as `once`. Needs the
/// right `conversations_write`.
#[utoipa::path(
    post, path = "/conversations/{contact_id}/{channel_id}/answer", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    request_body = ConversationAnswer,
    responses((status = 202, description = "It is stored and will be sent", body = ConversationPlace))
)]
async fn answer_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
    key: Option<IdempotencyKey>,
    Json(new): Json<ConversationAnswer>,
) -> Result<(StatusCode, Json<ConversationPlace>), Error> {
    let said = conversations::Answer {
        text: new.text,
        files: new.files,
        buttons: new.buttons.into_iter().map(|button| (button.label, button.url)).collect(),
    };
    conversations::answer(&app, &actor, place(at), said, key.map(|key| key.0)).await?;
    Ok((StatusCode::ACCEPTED, Json(ConversationPlace::of(at.0, at.1))))
}

/// Write a note
///
/// Seen by the team only. Needs the right `conversations_write`.
#[utoipa::path(
    post, path = "/conversations/{contact_id}/{channel_id}/notes", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    request_body = NewNote,
    responses((status = 201, description = "It stands among the lines", body = NoteId))
)]
async fn note_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
    Json(new): Json<NewNote>,
) -> Result<(StatusCode, Json<NoteId>), Error> {
    let id = conversations::note(&app, &actor, place(at), new.text).await?;
    Ok((StatusCode::CREATED, Json(NoteId { id: id.to_string() })))
}

/// Give a conversation to somebody
///
/// Or take it, or free it. The bot is silent there from now on. When it changed hands since the asker looked, the answer
/// is 409 `conversation_changed`. Needs the right `conversations_write`.
#[utoipa::path(
    put, path = "/conversations/{contact_id}/{channel_id}/assignee", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    request_body = Assignment,
    responses((status = 200, description = "The conversation", body = Conversation))
)]
async fn assign_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
    Json(new): Json<Assignment>,
) -> Result<Json<Conversation>, Error> {
    let to = new.staff_id.into_option().flatten();
    let one = conversations::assign(&app, &actor, place(at), to, new.revision).await?;
    Ok(Json(Conversation::of(&app, &actor, one)))
}

/// Mark a conversation as read or unread
///
/// For the whole team. Needs the right `conversations_read`.
#[utoipa::path(
    put, path = "/conversations/{contact_id}/{channel_id}/mark", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    request_body = Mark, responses((status = 204, description = "It is"))
)]
async fn mark_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
    Json(mark): Json<Mark>,
) -> Result<StatusCode, Error> {
    conversations::read(&app, &actor, place(at), mark.unread).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Close a conversation
///
/// It is nobody's and the bot hears again; it says nothing now. When the contact writes, it is open again. Needs the
/// right `conversations_write`.
#[utoipa::path(
    post, path = "/conversations/{contact_id}/{channel_id}/close", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    responses((status = 200, description = "The conversation", body = Conversation))
)]
async fn close_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
) -> Result<Json<Conversation>, Error> {
    let one = conversations::close(&app, &actor, place(at)).await?;
    Ok(Json(Conversation::of(&app, &actor, one)))
}

/// Put a conversation off
///
/// It leaves the tabs until then, or until the contact writes. Needs the right `conversations_write`.
#[utoipa::path(
    put, path = "/conversations/{contact_id}/{channel_id}/snooze", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    request_body = Snooze,
    responses((status = 200, description = "The conversation", body = Conversation))
)]
async fn snooze_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
    Json(new): Json<Snooze>,
) -> Result<Json<Conversation>, Error> {
    let one = conversations::snooze(&app, &actor, place(at), new.until).await?;
    Ok(Json(Conversation::of(&app, &actor, one)))
}

/// Give a conversation back to the bot, by its channel
///
/// The bot goes on where it fell silent. Needs the right `conversations_write`.
#[utoipa::path(
    post, path = "/conversations/{contact_id}/{channel_id}/give-back", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    responses((status = 202, description = "It is stored and will be done", body = ConversationPlace))
)]
async fn give_back_conversation(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
) -> Result<(StatusCode, Json<ConversationPlace>), Error> {
    conversations::give_back(&app, &actor, place(at)).await?;
    Ok((StatusCode::ACCEPTED, Json(ConversationPlace::of(at.0, at.1))))
}

/// Let a scenario begin
///
/// With the contact, from its beginning; the bot leads the conversation then. Needs the right `conversations_write`.
#[utoipa::path(
    post, path = "/conversations/{contact_id}/{channel_id}/begin", tag = "conversations",
    params(("contact_id" = String, Path, description = "con_…"), ("channel_id" = String, Path, description = "chn_…")),
    request_body = Beginning,
    responses((status = 202, description = "It is stored and will be done", body = ConversationPlace))
)]
async fn begin_scenario(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(at): Path<(ContactId, ChannelId)>,
    Json(new): Json<Beginning>,
) -> Result<(StatusCode, Json<ConversationPlace>), Error> {
    conversations::begin(&app, &actor, place(at), new.scenario).await?;
    Ok((StatusCode::ACCEPTED, Json(ConversationPlace::of(at.0, at.1))))
}

pub(super) fn place((contact, channel): (ContactId, ChannelId)) -> Place {
    Place { contact, channel }
}

const TABS: [(&str, Tab); 6] = [
    ("mine", Tab::Mine),
    ("free", Tab::Free),
    ("bot", Tab::Bot),
    ("all", Tab::All),
    ("closed", Tab::Closed),
    ("snoozed", Tab::Snoozed),
];

fn tab(name: Option<&str>) -> Result<Tab, Error> {
    let Some(name) = name else { return Ok(Tab::All) };
    let found = TABS.iter().find(|(known, _)| *known == name).map(|(_, tab)| *tab);
    found.ok_or_else(|| {
        let known = TABS.map(|(name, _)| name).join(", ");
        samovar_app::problem::Problem::invalid(
            "tab",
            "unknown_tab",
            format!("Такой вкладки нет; есть {known}"),
            format!("There is no such tab; there are {known}"),
        )
        .into()
    })
}

fn tabs() -> Object {
    word_of(&TABS.map(|(name, _)| name))
}
fn states() -> Object {
    word_of(&["bot", "free", "taken", "closed"])
}

fn speakers() -> Object {
    word_of(&["contact", "bot", "team"])
}
fn shown() -> Object {
    word_of(&["none", "photo", "file"])
}

impl Conversation {
    fn of(app: &App, actor: &Actor, one: conversations::Conversation) -> Self {
        let channel = app.directory.channel(one.place.channel);
        Self {
            contact_id: one.place.contact.to_string(),
            channel_id: one.place.channel.to_string(),
            messenger: channel.map(|channel| channel.link.kind.to_string()),
            name: one.name,
            phone: one.phone.map(|phone| actor.sees_phone(&phone)),
            tags: one.tags,
            state: one.state.as_str(),
            assignee: one.assignee.map(|id| id.to_string()),
            unread: one.unread,
            waiting_since: one.waiting_since,
            reason: one.reason,
            snoozed_until: one.snoozed_until,
            last: LastLine {
                at: one.last_at,
                by: one.last.by.as_str(),
                media: one.last.media.as_str(),
                text: actor.sees_words(one.last.text),
            },
            found: None,
            revision: one.revision,
        }
    }
}

impl ConversationPlace {
    pub(super) fn of(contact: ContactId, channel: ChannelId) -> Self {
        Self { contact_id: contact.to_string(), channel_id: channel.to_string() }
    }
}
