//! Draws of a promotion: planned, frozen, held, published; and what anybody needs to check them.

use super::draw_shapes::{
    Draw, DrawChange, DrawKey, DrawPlan, DrawReadiness, DrawRehearsal, FreezeRequest, HoldRequest,
};
use super::exports::attachment;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use samovar_app::App;
use samovar_app::access::Actor;
use samovar_app::draws;
use samovar_app::problem::Problem;
use samovar_base::{DrawId, PromotionId};
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Draws.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_draws, plan_draw))
        .routes(routes!(get_draw, change_draw, remove_draw))
        .routes(routes!(draw_readiness))
        .routes(routes!(freeze_draw))
        .routes(routes!(hold_draw))
        .routes(routes!(rehearse_draw))
        .routes(routes!(publish_draw))
        .routes(routes!(draw_protocol))
        .routes(routes!(draw_list))
        .routes(routes!(draw_key))
}

/// Which draw an address means.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct DrawIds {
    /// prm_…
    #[param(value_type = String)]
    id: PromotionId,
    /// drw_…
    #[param(value_type = String)]
    draw: DrawId,
}

/// The draw of an address, if it is of the promotion there, for whoever asks.
pub(super) struct Meant {
    pub actor: Actor,
    pub draw: draws::Draw,
}

impl FromRequestParts<App> for Meant {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let Signed(actor) = Signed::from_request_parts(parts, app).await?;
        let Path(DrawIds { id, draw }) = Path::from_request_parts(parts, app).await?;
        let draw = draws::get(app, &actor, draw).await?;
        if draw.promotion == id {
            Ok(Self { actor, draw })
        } else {
            Err(Problem::not_found("розыгрыш", "draw", draw.id).into())
        }
    }
}

/// List draws
///
/// Of a promotion, in the order in which they were planned. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/draws", tag = "draws", params(("id" = String, Path, description = "prm_…"), PageQuery),
    responses((status = 200, description = "A page of draws", body = Page<Draw>))
)]
async fn list_draws(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(of): Path<PromotionId>,
    paging: Paging,
) -> Result<Json<Page<Draw>>, Error> {
    let all = draws::list(&app, &actor, of, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |draw| draw.id).map(Draw::from)))
}

/// Plan a draw
///
/// Everything can be changed until its list is frozen. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/draws", tag = "draws", params(("id" = String, Path, description = "prm_…")),
    request_body = DrawPlan, responses((status = 200, description = "The draw", body = Draw))
)]
async fn plan_draw(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(of): Path<PromotionId>,
    Json(plan): Json<DrawPlan>,
) -> Result<Json<Draw>, Error> {
    Ok(Json(draws::create(&app, &actor, of, plan.into()).await?.into()))
}

/// Read a draw
///
/// Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/draws/{draw}", tag = "draws",
    params(DrawIds),
    responses((status = 200, description = "The draw", body = Draw))
)]
async fn get_draw(meant: Meant) -> Json<Draw> {
    Json(meant.draw.into())
}

/// Change a draw
///
/// As a whole, while it is only planned. Needs the right `promotions`.
#[utoipa::path(
    put, path = "/promotions/{id}/draws/{draw}", tag = "draws",
    params(DrawIds),
    request_body = DrawChange, responses((status = 200, description = "The draw", body = Draw))
)]
async fn change_draw(
    State(app): State<App>,
    meant: Meant,
    Json(change): Json<DrawChange>,
) -> Result<Json<Draw>, Error> {
    Ok(Json(
        draws::change(&app, &meant.actor, meant.draw.id, change.revision, change.plan.into()).await?.into(),
    ))
}

/// Remove a draw
///
/// While it is only planned. Needs the right `promotions`.
#[utoipa::path(
    delete, path = "/promotions/{id}/draws/{draw}", tag = "draws",
    params(DrawIds),
    responses((status = 204, description = "It is gone"))
)]
async fn remove_draw(State(app): State<App>, meant: Meant) -> Result<axum::http::StatusCode, Error> {
    draws::remove(&app, &meant.actor, meant.draw.id).await?;
    Ok(axum::http::StatusCode::NO_CONTENT)
}

/// Look whether a list can be frozen
///
/// What must be so before, point by point. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/draws/{draw}/readiness", tag = "draws",
    params(DrawIds),
    responses((status = 200, description = "Point by point", body = DrawReadiness))
)]
async fn draw_readiness(State(app): State<App>, meant: Meant) -> Result<Json<DrawReadiness>, Error> {
    let found = draws::readiness(&app, &meant.actor, meant.draw.id).await?;
    Ok(Json(DrawReadiness {
        ready: found.is_ready(),
        period_over: found.period_over,
        unchecked: found.unchecked,
        undecided: found.undecided,
        tickets: found.tickets,
        source_ahead: found.source_ahead,
    }))
}

/// Freeze the list of a draw
///
/// Writes the tickets of its time into a list, goes on by itself, and announces the draw: read it until it is `frozen`, then
/// publish the hash of the announcement. There is no way back. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/draws/{draw}/freeze", tag = "draws",
    params(DrawIds),
    request_body = FreezeRequest, responses((status = 202, description = "It is being frozen", body = Draw))
)]
async fn freeze_draw(
    State(app): State<App>,
    meant: Meant,
    Json(asked): Json<FreezeRequest>,
) -> Result<(axum::http::StatusCode, Json<Draw>), Error> {
    let draw = draws::freeze(&app, &meant.actor, meant.draw.id, asked.without_waiting).await?;
    Ok((axum::http::StatusCode::ACCEPTED, Json(draw.into())))
}

/// Hold a draw
///
/// By the randomness that was announced, once it exists. Asked again with the same, it is answered by the draw as it stands.
/// Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/draws/{draw}/hold", tag = "draws",
    params(DrawIds),
    request_body = HoldRequest, responses((status = 200, description = "The draw", body = Draw))
)]
async fn hold_draw(
    State(app): State<App>,
    meant: Meant,
    Json(asked): Json<HoldRequest>,
) -> Result<Json<Draw>, Error> {
    Ok(Json(draws::hold(&app, &meant.actor, meant.draw.id, asked.randomness.map(Into::into)).await?.into()))
}

/// Rehearse a draw
///
/// By made-up randomness, with the frozen list or the tickets that are there now. Changes nothing. Needs the right
/// `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/draws/{draw}/rehearse", tag = "draws",
    params(DrawIds),
    responses((status = 200, description = "What would come of it", body = DrawRehearsal))
)]
async fn rehearse_draw(State(app): State<App>, meant: Meant) -> Result<Json<DrawRehearsal>, Error> {
    let draws::Rehearsal { tickets, protocol } = draws::rehearse(&app, &meant.actor, meant.draw.id).await?;
    Ok(Json(DrawRehearsal { tickets, protocol }))
}

/// Publish the winners
///
/// Shows them on the public pages, and tells each in the bot. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/draws/{draw}/publish", tag = "draws",
    params(DrawIds),
    responses((status = 200, description = "The draw", body = Draw))
)]
async fn publish_draw(State(app): State<App>, meant: Meant) -> Result<Json<Draw>, Error> {
    Ok(Json(draws::publish(&app, &meant.actor, meant.draw.id).await?.into()))
}

/// Download the protocol of a draw
///
/// Signed; `samovar draw verify` counts it again. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/draws/{draw}/protocol", tag = "draws",
    params(DrawIds),
    responses((status = 200, description = "The file", body = Object))
)]
async fn draw_protocol(Meant { draw, .. }: Meant) -> Result<Response, Error> {
    if draw.protocol.is_empty() {
        return Err(Problem::not_found("протокол розыгрыша", "the protocol of the draw", draw.id).into());
    }
    let name = format!("attachment; filename=\"protocol-{}.json\"", draw.id);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, draw.protocol).into_response())
}

/// Download the list of a draw
///
/// The frozen tickets, a line for each, people masked. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/draws/{draw}/list", tag = "draws",
    params(DrawIds),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "text/tab-separated-values"))
)]
async fn draw_list(State(app): State<App>, meant: Meant) -> Result<Response, Error> {
    let (head, bytes) = draws::list_file(&app, meant.actor.tenant, meant.draw.id).await?;
    Ok(attachment(&head, bytes))
}

/// Read the key of draws
///
/// By which this instance signs protocols: publish it beside the rules. Anybody of the company.
#[utoipa::path(
    get, path = "/draw-key", tag = "draws", responses((status = 200, description = "The public key", body = DrawKey))
)]
async fn draw_key(State(app): State<App>, Signed(_actor): Signed) -> Result<Json<DrawKey>, Error> {
    Ok(Json(DrawKey { algorithm: "ed25519".into(), key: draws::instance_key(&app).public() }))
}
