//! Who takes part in a promotion, and their numbers.

use super::Moment;
use crate::api::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::{App, promo};
use samovar_base::{ContactId, Instant, PromotionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Participants and numbers.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_participants))
        .routes(routes!(block_participant))
        .routes(routes!(list_tickets))
}

/// Who takes part.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "contact_id": "con_00fs4w8m5xv1g", "name": "Анна Петрова", "channel_id": "chn_00fs4w8m5xv1g", "source": "shelf",
    "version": 3, "blocked": "", "tickets": 2, "receipts": 3, "joined_at": "2026-11-02T09:00:00Z"
}))]
pub struct PromotionParticipant {
    /// Who.
    pub contact_id: String,
    /// As they are called; empty when nobody knows.
    pub name: String,
    /// Where the rules were accepted.
    pub channel_id: String,
    /// Of the link or the phrase; may be empty.
    pub source: String,
    /// Of the terms that were accepted.
    pub version: i64,
    /// Why they take part no more; empty: they take part.
    pub blocked: String,
    /// Their numbers.
    pub tickets: i64,
    /// Their receipts, whatever became of them.
    pub receipts: i64,
    /// When the rules were accepted.
    #[schema(value_type = String, format = DateTime)]
    pub joined_at: Instant,
}

/// Whether somebody takes part.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "чеки с одной кассы подряд" }))]
pub struct Blocking {
    /// Why they take part no more, as they read it; empty lets them take part again.
    pub reason: String,
}

/// A person's participation after it was changed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "contact_id": "con_00fs4w8m5xv1g", "blocked": "чеки с одной кассы подряд" }))]
pub struct Blocked {
    /// Who.
    pub contact_id: String,
    /// Why they take part no more; empty: they take part.
    pub blocked: String,
}

/// A number in the draws.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "number": 42, "receipt_id": "rcp_00fs4w8m5xv1g", "contact_id": "con_00fs4w8m5xv1g", "name": "Анна Петрова",
    "arrived_at": "2026-11-02T09:00:00Z", "issued_at": "2026-11-02T09:00:07Z"
}))]
pub struct PromotionTicket {
    /// From 1, without a gap.
    pub number: i64,
    /// For which receipt.
    pub receipt_id: String,
    /// Whose.
    pub contact_id: String,
    /// As the person is called; empty when nobody knows.
    pub name: String,
    /// When the receipt arrived.
    #[schema(value_type = String, format = DateTime)]
    pub arrived_at: Instant,
    /// When the number was given.
    #[schema(value_type = String, format = DateTime)]
    pub issued_at: Instant,
}

/// Whose numbers.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TicketsQuery {
    /// Of this contact only.
    #[param(schema_with = shapes::contact_id)]
    pub contact: Option<ContactId>,
}

/// List participants
///
/// Who joined last first. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/participants", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), PageQuery),
    responses((status = 200, description = "A page of participants", body = Page<PromotionParticipant>))
)]
async fn list_participants(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    paging: Paging,
) -> Result<Json<Page<PromotionParticipant>>, Error> {
    let after = paging.after::<Moment<ContactId>>()?.map(|key| (key.0, key.1));
    let all = promo::participants(&app, &actor, id, after, paging.to_read()).await?;
    let key = |one: &promo::ListedParticipant| Moment(one.participant.joined_at, one.participant.contact);
    Ok(Json(Page::cut(all, paging.limit, key).map(PromotionParticipant::from)))
}

/// Let somebody take part no more
///
/// Or again, when the reason is empty. Numbers that were given stay. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/participants/{contact}/block", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("contact" = String, Path, description = "con_…")),
    request_body = Blocking,
    responses((status = 200, description = "As it is now", body = Blocked))
)]
async fn block_participant(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, contact)): Path<(PromotionId, ContactId)>,
    Json(blocking): Json<Blocking>,
) -> Result<Json<Blocked>, Error> {
    let now = promo::block(&app, &actor, id, contact, &blocking.reason).await?;
    Ok(Json(Blocked { contact_id: now.contact.to_string(), blocked: now.blocked }))
}

/// List numbers
///
/// The highest first; of one contact or of all. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/tickets", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), TicketsQuery, PageQuery),
    responses((status = 200, description = "A page of numbers", body = Page<PromotionTicket>))
)]
async fn list_tickets(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Query(query): Query<TicketsQuery>,
    paging: Paging,
) -> Result<Json<Page<PromotionTicket>>, Error> {
    let all = promo::ticket_list(&app, &actor, id, query.contact, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |one| one.ticket.number).map(PromotionTicket::from)))
}

impl From<promo::ListedParticipant> for PromotionParticipant {
    fn from(one: promo::ListedParticipant) -> Self {
        let promo::Participant { contact, channel, source, version, blocked, joined_at, .. } =
            one.participant;
        Self {
            contact_id: contact.to_string(),
            name: one.name,
            channel_id: channel.to_string(),
            source,
            version,
            blocked,
            tickets: one.tickets,
            receipts: one.receipts,
            joined_at,
        }
    }
}

impl From<promo::ListedTicket> for PromotionTicket {
    fn from(one: promo::ListedTicket) -> Self {
        let promo::Ticket { number, receipt, contact, arrived_at, issued_at } = one.ticket;
        Self {
            number,
            receipt_id: receipt.to_string(),
            contact_id: contact.to_string(),
            name: one.name,
            arrived_at,
            issued_at,
        }
    }
}
