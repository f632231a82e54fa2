//! Partners' codes of a promotion.

use super::Moment;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use samovar_app::App;
use samovar_app::promo::pools::{self, Draft};
use samovar_base::{Instant, PoolId, PromotionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Pools and their codes.
pub(super) fn routes() -> OpenApiRouter<App> {
    let files =
        OpenApiRouter::new().routes(routes!(upload_codes)).layer(DefaultBodyLimit::max(pools::BYTES_MAX + 1));
    OpenApiRouter::new()
        .routes(routes!(list_pools, create_pool))
        .routes(routes!(update_pool))
        .routes(routes!(list_given_codes, clear_codes))
        .routes(routes!(list_free_codes))
        .merge(files)
}

/// A pool of a partner's codes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "pol_00fs4w8m5xv1g", "partner": "Кофейня «Уголок»", "message": "Ваш код на скидку: {{ code }}", "low_at": 100,
    "total": 5000, "given": 1200, "left": 3800, "revision": 1, "created_at": "2026-11-02T09:00:00Z"
}))]
pub struct CodePool {
    /// Id.
    pub id: String,
    /// Whose codes they are; may be empty.
    pub partner: String,
    /// What is said with a code; the promotion's text `code` when empty.
    pub message: String,
    /// When so many are left, those in charge are told; zero: never.
    pub low_at: i64,
    /// Codes in it.
    pub total: i64,
    /// Of them given out.
    pub given: i64,
    /// Codes that can still be given.
    pub left: i64,
    /// When those in charge were told that few are left.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub alerted_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// The pools of a promotion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "items": [], "owed": 0 }))]
pub struct CodePools {
    /// In the order in which they are used.
    pub items: Vec<CodePool>,
    /// People who earned a code when there was none; they get theirs with the next file.
    pub owed: i64,
}

/// What is set of a pool.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "partner": "Кофейня «Уголок»", "message": "Ваш код на скидку: {{ code }}", "low_at": 100 }))]
pub struct CodePoolDraft {
    /// Of a change: refused when the pool has another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// Whose codes they are.
    #[serde(default)]
    pub partner: String,
    /// What is said with a code: a template that names `{{ code }}`; may name `{{ partner }}` and `{{ name }}`.
    #[serde(default)]
    pub message: String,
    /// When so many are left, those in charge are told; zero: never.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000)]
    pub low_at: i64,
}

/// What became of the lines of a file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "added": 4998, "repeated": 1, "known": 0, "bad": 1, "shown": [{ "line": 17, "value": "" }] }))]
pub struct UploadedCodes {
    /// Codes that are new in the pool.
    pub added: i64,
    /// Codes that stand in the file more than once.
    pub repeated: i64,
    /// Codes that were in the pool before.
    pub known: i64,
    /// Lines that are no code.
    pub bad: i64,
    /// The first of them.
    pub shown: Vec<BadCode>,
}

/// A line that is no code.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "line": 17, "value": "" }))]
pub struct BadCode {
    /// Of the file, from 1.
    pub line: u32,
    /// What stands there.
    pub value: String,
}

/// A code that was given out.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "code": "COFFEE-7319", "contact_id": "con_00fs4w8m5xv1g", "name": "Анна Петрова", "given_at": "2026-11-02T09:00:07Z"
}))]
pub struct GivenCode {
    /// It.
    pub code: String,
    /// To whom.
    pub contact_id: String,
    /// As they are called; empty when nobody knows.
    pub name: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub given_at: Instant,
}

/// A code that nobody has.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "code": "COFFEE-7320" }))]
pub struct FreeCode {
    /// It.
    pub code: String,
}

/// How many codes are gone.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "removed": 3800 }))]
pub struct ClearedCodes {
    /// So many.
    pub removed: i64,
}

/// List pools of codes
///
/// In the order in which they are used. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/pools", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    responses((status = 200, description = "The pools", body = CodePools))
)]
async fn list_pools(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<CodePools>, Error> {
    let (items, owed) = pools::list(&app, &actor, id).await?;
    Ok(Json(CodePools { items: items.into_iter().map(CodePool::from).collect(), owed }))
}

/// Make a pool of codes
///
/// Empty; its codes are brought as a file. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/pools", tag = "promotions", params(("id" = String, Path, description = "prm_…")),
    request_body = CodePoolDraft, responses((status = 201, description = "The pool", body = CodePool))
)]
async fn create_pool(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
    Json(new): Json<CodePoolDraft>,
) -> Result<(StatusCode, Json<CodePool>), Error> {
    let made = pools::create(&app, &actor, id, new.draft()).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Change a pool of codes
///
/// As a whole. Needs the right `promotions`.
#[utoipa::path(
    put, path = "/promotions/{id}/pools/{pool}", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("pool" = String, Path, description = "pol_…")),
    request_body = CodePoolDraft, responses((status = 200, description = "The pool", body = CodePool))
)]
async fn update_pool(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, pool)): Path<(PromotionId, PoolId)>,
    Json(new): Json<CodePoolDraft>,
) -> Result<Json<CodePool>, Error> {
    Ok(Json(pools::update(&app, &actor, id, pool, new.revision, new.draft()).await?.into()))
}

/// Bring codes
///
/// The body is the file: XLSX, CSV or text with a code in each line, at most 10 MB and 100 000 lines. The column is the
/// one titled “code” or “промокод”, else the first. The same file again adds nothing; people who wait for a code get
/// theirs. Needs the right `promotions`.
#[utoipa::path(
    post, path = "/promotions/{id}/pools/{pool}/codes", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("pool" = String, Path, description = "pol_…")),
    request_body(
        content = Vec<u8>, content_type = "application/octet-stream", description = "The file",
        example = json!("code\nRAF-10007\nRAF-10180\n")
    ),
    responses((status = 200, description = "What became of its lines", body = UploadedCodes))
)]
async fn upload_codes(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, pool)): Path<(PromotionId, PoolId)>,
    body: Bytes,
) -> Result<Json<UploadedCodes>, Error> {
    let pools::Uploaded { added, repeated, known, bad, shown } =
        pools::upload(&app, &actor, id, pool, body).await?;
    let shown = shown.into_iter().map(|(line, value)| BadCode { line, value }).collect();
    Ok(Json(UploadedCodes { added, repeated, known, bad, shown }))
}

/// List codes that were given out
///
/// The latest first. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/pools/{pool}/codes", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("pool" = String, Path, description = "pol_…"), PageQuery),
    responses((status = 200, description = "A page of codes", body = Page<GivenCode>))
)]
async fn list_given_codes(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, pool)): Path<(PromotionId, PoolId)>,
    paging: Paging,
) -> Result<Json<Page<GivenCode>>, Error> {
    let after = paging.after::<Moment<String>>()?.map(|key| (key.0, key.1));
    let all = pools::given(&app, &actor, id, pool, after, paging.to_read()).await?;
    let page = Page::cut(all, paging.limit, |one| Moment(one.at, one.code.clone()));
    Ok(Json(page.map(|one| GivenCode {
        code: one.code,
        contact_id: one.contact.to_string(),
        name: one.name,
        given_at: one.at,
    })))
}

/// List codes that are free
///
/// In the order in which they are given. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/promotions/{id}/pools/{pool}/codes/free", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("pool" = String, Path, description = "pol_…"), PageQuery),
    responses((status = 200, description = "A page of codes", body = Page<FreeCode>))
)]
async fn list_free_codes(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, pool)): Path<(PromotionId, PoolId)>,
    paging: Paging,
) -> Result<Json<Page<FreeCode>>, Error> {
    let all = pools::free(&app, &actor, id, pool, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |(place, _)| *place).map(|(_, code)| FreeCode { code })))
}

/// Take out codes that nobody got
///
/// Codes that were given stay. Needs the right `promotions`.
#[utoipa::path(
    delete, path = "/promotions/{id}/pools/{pool}/codes", tag = "promotions",
    params(("id" = String, Path, description = "prm_…"), ("pool" = String, Path, description = "pol_…")),
    responses((status = 200, description = "They are gone", body = ClearedCodes))
)]
async fn clear_codes(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, pool)): Path<(PromotionId, PoolId)>,
) -> Result<Json<ClearedCodes>, Error> {
    Ok(Json(ClearedCodes { removed: pools::clear(&app, &actor, id, pool).await? }))
}

impl CodePoolDraft {
    fn draft(self) -> Draft {
        let Self { partner, message, low_at, .. } = self;
        Draft { partner, message, low_at }
    }
}

impl From<pools::Pool> for CodePool {
    fn from(one: pools::Pool) -> Self {
        Self {
            id: one.id.to_string(),
            left: one.left(),
            partner: one.partner,
            message: one.message,
            low_at: one.low_at,
            total: one.total,
            given: one.given,
            alerted_at: one.alerted_at,
            revision: one.revision,
            created_at: one.created_at,
        }
    }
}
