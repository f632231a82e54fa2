//! The company's data as files.

use super::shapes;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::page::{Page, PageQuery, Paging};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use samovar_app::exports::{self, ExportId};
use samovar_app::media::pieces::Head;
use samovar_app::segments::Audience;
use samovar_app::{App, Fail};
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Exports and their files.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_exports, start_export))
        .routes(routes!(get_export, cancel_export))
        .routes(routes!(download_export))
}

/// What is wanted as a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "what": "contacts", "format": "xlsx", "locale": "ru", "keep_days": 7 }))]
pub struct NewExport {
    /// `contacts` (as XLSX with a sheet of their lots of points), `lots`, `ledger` (operations; as XLSX with a sheet of
    /// their postings), `postings`, `deals` (orders among them).
    #[schema(schema_with = what)]
    pub what: String,
    /// `xlsx`, or `csv` in UTF-8: separated by semicolons in Russian, by commas in English.
    #[schema(schema_with = format)]
    pub format: String,
    /// The language of titles and dates, `ru` or `en`; English when absent.
    #[serde(default)]
    pub locale: Option<String>,
    /// For how many days the file is kept: 1 to 30, 7 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 30)]
    pub keep_days: Option<u32>,
    /// Only these, of `contacts` alone and without their lots: an audience, as for mass accruals.
    #[serde(default)]
    #[schema(value_type = Option<shapes::Audience>)]
    pub audience: Option<Audience>,
}

/// An export: how far it is, and its file.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "exp_00fs4w8m5xv1g", "what": "contacts", "format": "xlsx", "state": "done", "rows_done": 1200,
    "rows_total": 1200, "file_name": "contacts-2026-11-21.xlsx", "size": 81234, "personal_data": true,
    "created_by": "key_00fs4w8m5xv1g", "created_at": "2026-11-21T10:00:00Z", "finished_at": "2026-11-21T10:00:02Z",
    "expires_at": "2026-11-28T10:00:02Z"
}))]
pub struct Export {
    /// Id.
    pub id: String,
    /// What is in it.
    #[schema(schema_with = what)]
    pub what: String,
    /// Its form.
    #[schema(schema_with = format)]
    pub format: String,
    /// `waiting`, `running`, `done`, `failed` or `cancelled`.
    #[schema(schema_with = state)]
    pub state: String,
    /// Rows written so far.
    pub rows_done: i64,
    /// Of so many; absent until they are counted. People go on earning: at the end it may differ a little.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows_total: Option<i64>,
    /// The name of the file.
    pub file_name: String,
    /// Its bytes, when it is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<i64>,
    /// Phones and birthdays are in it in full.
    pub personal_data: bool,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Who asked for it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Instant>,
    /// Until when the file is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Instant>,
}

/// List exports
///
/// The youngest first. Needs the right `exports_make`.
#[utoipa::path(
    get, path = "/exports", tag = "exports", params(PageQuery),
    responses((status = 200, description = "A page of exports", body = Page<Export>))
)]
async fn list_exports(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<Export>>, Error> {
    let all = exports::list(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |export| export.id).map(Export::from)))
}

/// Start an export
///
/// The file is made in the background; ask for the export until it is `done`, then take its file. Phones and birthdays
/// are in full only if the key has `personal_data_see`. Needs the rights `exports_make`, `contacts_read` and
/// `points_read`.
#[utoipa::path(
    post, path = "/exports", tag = "exports", request_body = NewExport,
    responses((status = 202, description = "It is being made", body = Export))
)]
async fn start_export(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewExport>,
) -> Result<(StatusCode, Json<Export>), Error> {
    let request = exports::Request {
        what: new.what.parse()?,
        format: new.format.parse()?,
        locale: new.locale,
        keep_days: new.keep_days,
        chat: None,
        audience: new.audience,
    };
    Ok((StatusCode::ACCEPTED, Json(exports::start(&app, &actor, request).await?.into())))
}

/// Read an export
///
/// Needs the right `exports_make`.
#[utoipa::path(
    get, path = "/exports/{id}", tag = "exports", params(("id" = String, Path, description = "exp_…")),
    responses((status = 200, description = "How far it is", body = Export))
)]
async fn get_export(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ExportId>,
) -> Result<Json<Export>, Error> {
    Ok(Json(exports::get(&app, &actor, id).await?.into()))
}

/// Cancel an export
///
/// Stops one that is being made; removes the file of one that is done. Needs the right `exports_make`.
#[utoipa::path(
    delete, path = "/exports/{id}", tag = "exports", params(("id" = String, Path, description = "exp_…")),
    responses((status = 200, description = "As it is now", body = Export))
)]
async fn cancel_export(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ExportId>,
) -> Result<Json<Export>, Error> {
    Ok(Json(exports::cancel(&app, &actor, id).await?.into()))
}

/// Download an export
///
/// The file, until its term; that it was taken is noted in the audit log. Needs the right `exports_make`, and
/// `personal_data_see` when phones are in it in full.
#[utoipa::path(
    get, path = "/exports/{id}/file", tag = "exports", params(("id" = String, Path, description = "exp_…")),
    responses((status = 200, description = "The file", content((Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
async fn download_export(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ExportId>,
) -> Result<Response, Error> {
    let (head, bytes) = exports::download(&app, &actor, id).await?;
    Ok(attachment(&head, bytes))
}

/// A file to be saved, sent piece by piece.
pub(super) fn attachment(
    head: &Head,
    bytes: impl Stream<Item = Result<Bytes, Fail>> + Send + 'static,
) -> Response {
    let header_of = |text: String| {
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static("application/octet-stream"))
    };
    let headers = [
        (header::CONTENT_TYPE, header_of(head.media_type.clone())),
        (header::CONTENT_LENGTH, HeaderValue::from(head.size)),
        (header::CONTENT_DISPOSITION, header_of(format!("attachment; filename=\"{}\"", head.name))),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    let body = Body::from_stream(bytes.map(|piece| piece.map_err(std::io::Error::other)));
    (headers, body).into_response()
}

impl From<exports::Export> for Export {
    fn from(export: exports::Export) -> Self {
        Self {
            id: export.id.to_string(),
            what: export.what.to_string(),
            format: export.format.to_string(),
            state: export.state.to_string(),
            rows_done: export.rows_done,
            rows_total: export.rows_total,
            file_name: export.file_name,
            size: export.size,
            personal_data: export.options.personal,
            note: export.note,
            created_by: export.created_by,
            created_at: export.created_at,
            finished_at: export.finished_at,
            expires_at: export.expires_at,
        }
    }
}

fn what() -> utoipa::openapi::schema::Object {
    super::word_of(&exports::What::ALL.iter().map(|what| what.as_str()).collect::<Vec<_>>())
}

fn format() -> utoipa::openapi::schema::Object {
    super::word_of(&exports::Format::ALL.iter().map(|format| format.as_str()).collect::<Vec<_>>())
}

fn state() -> utoipa::openapi::schema::Object {
    super::word_of(&exports::State::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>())
}
