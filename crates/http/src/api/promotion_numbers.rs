//! The numbers of a promotion.

mod learnt;
mod live;

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use learnt::{DaysView, GoodsView, PathView, PeopleView, PurchasesView};
use live::LiveView;
use samovar_app::access::{Actor, Right};
use samovar_app::promo::numbers::{self, Hours, Regions, Shops};
use samovar_app::{App, Fail};
use samovar_base::PromotionId;
use serde::Deserialize;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Numbers of promotions.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(promotion_live))
        .routes(routes!(promotion_path))
        .routes(routes!(promotion_days))
        .routes(routes!(promotion_goods))
        .routes(routes!(promotion_purchases))
        .routes(routes!(promotion_people))
        .routes(routes!(promotion_table))
}

/// In which form a table is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// `xlsx` or `csv`; `xlsx` when absent.
    pub format: Option<String>,
    /// The language of the file, `ru` or `en`; English when absent.
    pub locale: Option<String>,
}

/// Read the live numbers of a promotion
///
/// Queue, minutes, reasons of refusals, providers and codes, counted when asked. Needs the right `promotions`, as all
/// numbers do.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/live", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The numbers", body = LiveView))
)]
async fn promotion_live(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<LiveView>, Error> {
    Ok(Json(numbers::live(&app, &actor, id).await?.into()))
}

/// Read the funnel of a promotion
///
/// How far people come, at which steps of the scenario they fall silent, and where they came from.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/path", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The funnel", body = PathView))
)]
async fn promotion_path(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<PathView>, Error> {
    Ok(Json(numbers::path(&app, &actor, id).await?.into()))
}

/// Read a promotion day by day
///
/// Receipts by the day of their arrival, and people who are new or came again.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/days", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The days", body = DaysView))
)]
async fn promotion_days(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<DaysView>, Error> {
    Ok(Json(numbers::days(&app, &actor, id).await?.into()))
}

/// Read what is bought in a promotion
///
/// Goods of accepted receipts that a provider found, and pairs of goods.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/goods", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The goods", body = GoodsView))
)]
async fn promotion_goods(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<GoodsView>, Error> {
    Ok(Json(numbers::goods(&app, &actor, id, numbers::GOODS_SHOWN).await?.into()))
}

/// Read the purchases of a promotion
///
/// Accepted receipts by sum, hour of the week, region and shop.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/purchases", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The purchases", body = PurchasesView))
)]
async fn promotion_purchases(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<PurchasesView>, Error> {
    Ok(Json(numbers::purchases(&app, &actor, id).await?.into()))
}

/// Read who takes part in a promotion
///
/// How often people take part, who comes again, and what the customer base knows of them.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/people", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The people", body = PeopleView))
)]
async fn promotion_people(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<PeopleView>, Error> {
    Ok(Json(numbers::people(&app, &actor, id).await?.into()))
}

/// Take out numbers of a promotion
///
/// As a file: `days`, `reasons`, `goods` (50,000 at most), `hours`, `regions` or `shops`. Needs the rights `promotions`
/// and `exports_make`.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/tables/{name}", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`"), ("name" = String, Path, description = "Which", pattern = "^(days|reasons|goods|hours|regions|shops)$"), TableQuery),
    responses((status = 200, description = "The file", content((Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
async fn promotion_table(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, name)): Path<(PromotionId, String)>,
    Query(asked): Query<TableQuery>,
) -> Result<Response, Error> {
    actor.require(Right::ExportsMake)?;
    table(&app, &actor, id, &name, &asked).await.map(IntoResponse::into_response)
}

async fn table(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    name: &str,
    asked: &TableQuery,
) -> Result<Response, Error> {
    let made = |table: &dyn samovar_app::reports::Tabular| {
        super::reports::file(name, asked.format.as_deref().unwrap_or("xlsx"), asked.locale.as_deref(), table)
    };
    match name {
        "days" => made(&numbers::days(app, actor, id).await?),
        "reasons" => made(&numbers::reasons(app, actor, id).await?),
        "goods" => made(&numbers::goods(app, actor, id, numbers::GOODS_MAX).await?),
        "hours" => made(&Hours::from(numbers::purchases(app, actor, id).await?)),
        "regions" => made(&Regions::from(numbers::purchases(app, actor, id).await?)),
        "shops" => made(&Shops::from(numbers::purchases(app, actor, id).await?)),
        _ => {
            actor.require(Right::Promotions)?;
            Err(Fail::from(samovar_app::Problem::not_found("таблица", "table", name)).into())
        }
    }
}

/// Each of them as it is told.
fn each<A, B>(all: Vec<A>, view: impl Fn(A) -> B) -> Vec<B> {
    all.into_iter().map(view).collect()
}
