//! Contacts with balances from files.

use crate::FILE_BYTES_MAX;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use samovar_app::App;
use samovar_app::imports::{self, Counts, Fate, ImportId};
use samovar_app::problem::Problem;
use samovar_app::sheets::Language;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Imports, from the file to the list of rows that were not taken.
pub fn routes() -> OpenApiRouter<App> {
    let files = OpenApiRouter::new()
        .routes(routes!(list_imports, bring_import))
        .layer(DefaultBodyLimit::max(FILE_BYTES_MAX));
    files
        .routes(routes!(get_import, cancel_import))
        .routes(routes!(map_import))
        .routes(routes!(preview_import))
        .routes(routes!(start_import))
        .routes(routes!(list_bad_rows))
}

/// How a file is called.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct FileQuery {
    /// For people; what it is is told by its bytes.
    pub file_name: Option<String>,
}

/// In which form the list of rows that were not taken is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct BadQuery {
    /// `csv`, or `xlsx`; `csv` when absent.
    pub format: Option<String>,
    /// `ru` or `en`; English when absent.
    pub locale: Option<String>,
}

/// What the columns are: a word for each, in their order.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "mapping": ["name", "phone", "points", "fields.city", "skip"] }))]
pub struct Mapping {
    /// `skip`, `contact_id`, `external_id`, `name`, `surname`, `patronymic`, `phone`, `card`, `birthday`, `points`,
    /// `expires_on`, `tags`, `consents`, `source`, `locale`, `consent.<purpose>`, `fields.<name>`. One of `phone`,
    /// `card`, `external_id` and `contact_id` is needed.
    pub mapping: Vec<String>,
}

/// How many rows became what.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowCounts {
    /// New contacts.
    pub created: i64,
    /// Contacts that were changed, or got points.
    pub changed: i64,
    /// Contacts that were so already.
    pub unchanged: i64,
    /// Rows that were not taken.
    pub bad: i64,
    /// Points posted.
    pub points: i64,
}

/// An import.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "imp_00fs4w8m5xv1g", "file_name": "клиенты.xlsx", "state": "running", "titles": ["Имя", "Телефон", "Бонусы"],
    "mapping": ["name", "phone", "points"], "rows_total": 50000, "rows_done": 12000,
    "counts": { "created": 11800, "changed": 150, "unchanged": 0, "bad": 50, "points": 3500000 },
    "created_by": "key_00fs4w8m5xv1g", "created_at": "2026-11-21T10:00:00Z", "expires_at": "2026-11-28T10:00:00Z"
}))]
pub struct Import {
    /// Id.
    pub id: String,
    /// The name of the file.
    pub file_name: String,
    /// `draft`, `running`, `done` or `cancelled`.
    #[schema(schema_with = state)]
    pub state: String,
    /// Titles of the columns.
    pub titles: Vec<String>,
    /// What each of them is.
    pub mapping: Vec<String>,
    /// Rows of the file.
    pub rows_total: i64,
    /// Rows gone through.
    pub rows_done: i64,
    /// What became of them.
    pub counts: RowCounts,
    /// Who brought it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
    /// When it came to its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub finished_at: Option<Instant>,
    /// Until when its rows and the list of bad ones are kept.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
}

/// Why a row is not taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadRow {
    /// The row of the file, from 1.
    pub row: i64,
    /// The title of the column.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// Stable name of the reason.
    pub code: String,
    /// The reason in Russian.
    pub ru: String,
    /// The reason in English.
    pub en: String,
}

/// What would become of a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct RowPreview {
    /// The row of the file, from 1.
    pub row: i64,
    /// `created`, `changed`, `unchanged` or `bad`.
    #[schema(schema_with = fate)]
    pub fate: String,
    /// The name the contact would have.
    pub name: String,
    /// The phone; masked without the right `personal_data_see`.
    pub phone: Option<String>,
    /// Points that would be posted.
    pub points: i64,
    /// What is wrong with the row.
    pub bad: Vec<BadRow>,
}

/// What an import would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportPreview {
    /// What would become of all rows.
    pub counts: RowCounts,
    /// The first rows.
    pub rows: Vec<RowPreview>,
    /// The first rows that would not be taken.
    pub bad: Vec<BadRow>,
}

/// List imports
///
/// The youngest first. Needs the rights `imports_make`, `contacts_write` and `points_write`, as all of these do.
#[utoipa::path(
    get, path = "/imports", tag = "imports", params(PageQuery),
    responses((status = 200, description = "A page of imports", body = Page<Import>))
)]
async fn list_imports(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<Import>>, Error> {
    let all = imports::list(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |import| import.id).map(Import::from)))
}

/// Bring a file
///
/// The body is the file itself: XLSX, or CSV in UTF-8, UTF-16 or Windows-1251, at most 25 MB and 200 000 rows under a
/// line of titles. What the columns are is guessed; nothing is changed before the import is started. Sent without
/// `Idempotency-Key` when it is larger than 1 MB: the same file again posts nothing twice anyway.
#[utoipa::path(
    post, path = "/imports", tag = "imports", params(FileQuery),
    request_body(
        content = Vec<u8>, content_type = "application/octet-stream", description = "The file",
        example = json!("Имя;Телефон;Баллы;Город;Заметка\nАнна;+79161234567;150;Тверь;давно с нами\n")
    ),
    responses((status = 201, description = "The file was read", body = Import))
)]
async fn bring_import(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(file): Query<FileQuery>,
    body: Bytes,
) -> Result<(StatusCode, Json<Import>), Error> {
    let name = file.file_name.unwrap_or_else(|| "file".into());
    Ok((StatusCode::CREATED, Json(imports::bring(&app, &actor, &name, body).await?.into())))
}

/// Read an import
///
/// How far it is.
#[utoipa::path(
    get, path = "/imports/{id}", tag = "imports", params(("id" = String, Path, description = "imp_…")),
    responses((status = 200, description = "The import", body = Import))
)]
async fn get_import(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ImportId>,
) -> Result<Json<Import>, Error> {
    Ok(Json(imports::get(&app, &actor, id).await?.into()))
}

/// Say what the columns are
///
/// Before the import is started; everything that is wrong with it is told.
#[utoipa::path(
    put, path = "/imports/{id}/mapping", tag = "imports", params(("id" = String, Path, description = "imp_…")),
    request_body = Mapping, responses((status = 200, description = "The import", body = Import))
)]
async fn map_import(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ImportId>,
    Json(mapping): Json<Mapping>,
) -> Result<Json<Import>, Error> {
    let fields: Result<Vec<_>, Problem> = mapping.mapping.iter().map(|word| word.parse()).collect();
    Ok(Json(imports::map(&app, &actor, id, fields?).await?.into()))
}

/// Preview an import
///
/// What would become of all rows, and of the first ones in particular. Nothing is changed.
#[utoipa::path(
    get, path = "/imports/{id}/preview", tag = "imports", params(("id" = String, Path, description = "imp_…")),
    responses((status = 200, description = "What it would do", body = ImportPreview))
)]
async fn preview_import(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ImportId>,
) -> Result<Json<ImportPreview>, Error> {
    let preview = imports::preview(&app, &actor, id).await?;
    Ok(Json(ImportPreview {
        counts: preview.counts.into(),
        rows: preview.rows.into_iter().map(RowPreview::from).collect(),
        bad: preview.bad.into_iter().map(BadRow::from).collect(),
    }))
}

/// Start an import
///
/// Rows are taken in the background, in portions; ask for the import until it is `done`. Rows that cannot be taken are
/// listed and hold nothing up.
#[utoipa::path(
    post, path = "/imports/{id}/start", tag = "imports", params(("id" = String, Path, description = "imp_…")),
    responses((status = 202, description = "Rows are being taken", body = Import))
)]
async fn start_import(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ImportId>,
) -> Result<(StatusCode, Json<Import>), Error> {
    Ok((StatusCode::ACCEPTED, Json(imports::start(&app, &actor, id).await?.into())))
}

/// Stop an import
///
/// The rows that were taken stay taken.
#[utoipa::path(
    delete, path = "/imports/{id}", tag = "imports", params(("id" = String, Path, description = "imp_…")),
    responses((status = 200, description = "As it is now", body = Import))
)]
async fn cancel_import(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ImportId>,
) -> Result<Json<Import>, Error> {
    Ok(Json(imports::cancel(&app, &actor, id).await?.into()))
}

/// List rows that were not taken
///
/// As a file: row, column, value, and what is wrong.
#[utoipa::path(
    get, path = "/imports/{id}/bad", tag = "imports", params(("id" = String, Path, description = "imp_…"), BadQuery),
    responses((status = 200, description = "The file", content((Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
async fn list_bad_rows(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ImportId>,
    Query(asked): Query<BadQuery>,
) -> Result<Response, Error> {
    let format: samovar_app::exports::Format = asked.format.as_deref().unwrap_or("csv").parse()?;
    let xlsx = format == samovar_app::exports::Format::Xlsx;
    let language = Language::of(asked.locale.as_deref().unwrap_or("en"));
    let bytes = imports::bad(&app, &actor, id, language, xlsx).await?;
    let name = format!("attachment; filename=\"bad-rows.{format}\"");
    let disposition = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}

impl From<imports::Import> for Import {
    fn from(import: imports::Import) -> Self {
        Self {
            id: import.id.to_string(),
            file_name: import.file_name,
            state: import.state.as_str().to_owned(),
            titles: import.titles,
            mapping: import.mapping.iter().map(ToString::to_string).collect(),
            rows_total: import.rows_total,
            rows_done: import.counts.rows(),
            counts: import.counts.into(),
            created_by: import.created_by,
            created_at: import.created_at,
            finished_at: import.finished_at,
            expires_at: import.expires_at,
        }
    }
}

impl From<Counts> for RowCounts {
    fn from(counts: Counts) -> Self {
        let Counts { created, changed, unchanged, bad, points } = counts;
        Self { created, changed, unchanged, bad, points }
    }
}

impl From<imports::Bad> for BadRow {
    fn from(bad: imports::Bad) -> Self {
        let imports::Bad { line, title, value, code, ru, en } = bad;
        Self { row: line, column: title, value, code, ru, en }
    }
}

impl From<imports::Shown> for RowPreview {
    fn from(shown: imports::Shown) -> Self {
        let fate = match shown.fate {
            Fate::Created => "created",
            Fate::Changed => "changed",
            Fate::Unchanged => "unchanged",
            Fate::Bad => "bad",
        };
        Self {
            row: shown.line,
            fate: fate.into(),
            name: shown.name,
            phone: shown.phone,
            points: shown.points,
            bad: shown.bad.into_iter().map(BadRow::from).collect(),
        }
    }
}

fn state() -> utoipa::openapi::schema::Object {
    super::word_of(&imports::State::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>())
}

fn fate() -> utoipa::openapi::schema::Object {
    super::word_of(&["created", "changed", "unchanged", "bad"])
}
