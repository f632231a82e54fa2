//! Backups of the database.

use super::exports::attachment;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use samovar_app::App;
use samovar_app::backups::{self, Failure, Schedule};
use samovar_app::media::pieces::Head;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Backups.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_backups, make_backup))
        .routes(routes!(get_backup_schedule, set_backup_schedule))
        .routes(routes!(download_backup))
}

/// A backup.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "name": "samovar-20261121T100000Z.sqlite.gz", "size": 1048576, "making": false }))]
pub struct Backup {
    /// The name of its file, which tells when it was made (UTC).
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// It is not finished yet.
    pub making: bool,
}

/// All backups, the youngest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct Backups {
    /// The youngest are kept, as many as the schedule says.
    pub items: Vec<Backup>,
    /// Why there is no newer one, if the last try went wrong.
    pub failure: Option<BackupFailure>,
}

/// A backup that was not made.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupFailure {
    /// When it was tried.
    #[schema(value_type = String, format = DateTime, example = "2026-11-21T01:00:00Z")]
    pub at: Instant,
    /// Why, in the reader's language.
    #[schema(
        example = "Диск не даёт работать с копией: No space left on device. Проверьте место и права на папку"
    )]
    pub why: String,
}

impl From<Failure> for BackupFailure {
    fn from(Failure { at, why }: Failure) -> Self {
        Self { at, why }
    }
}

/// When backups are made by themselves.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "hour": 4, "keep": 7 }))]
pub struct BackupSchedule {
    /// Every day at this hour of the business, 0 to 23; never when absent.
    #[schema(minimum = 0, maximum = 23)]
    pub hour: Option<i8>,
    /// So many of the youngest stay when a new one is made, by itself or by hand.
    #[schema(minimum = 1, maximum = 60)]
    pub keep: u16,
}

/// A backup that is going to be there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({ "name": "samovar-20261121T100000Z.sqlite.gz" }))]
pub struct BackupName {
    /// Under this name it stands in the list when it is ready.
    pub name: String,
}

/// List backups
///
/// The youngest first. Needs the right `backups_make`, which only owners have. On PostgreSQL there are none: `pg_dump`
/// makes them.
#[utoipa::path(
    get, path = "/backups", tag = "backups",
    responses((status = 200, description = "What is there", body = Backups))
)]
async fn list_backups(State(app): State<App>, Signed(actor): Signed) -> Result<Json<Backups>, Error> {
    let all = backups::list(&app, &actor).await?;
    let items =
        all.into_iter().map(|backup| Backup { name: backup.name, size: backup.size, making: backup.making });
    let failure = backups::failure(&app, &actor).await?.map(BackupFailure::from);
    Ok(Json(Backups { items: items.collect(), failure }))
}

/// Make a backup
///
/// In the background: the database is copied while it is in use, the copy is checked and packed. The instance's key is
/// not in it. Needs the right `backups_make`.
#[utoipa::path(
    post, path = "/backups", tag = "backups",
    responses((status = 202, description = "It is being made", body = BackupName))
)]
async fn make_backup(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<(StatusCode, Json<BackupName>), Error> {
    let name = backups::start(&app, &actor, None).await?;
    Ok((StatusCode::ACCEPTED, Json(BackupName { name })))
}

/// Tell when backups are made by themselves
///
/// Needs the right `backups_make`.
#[utoipa::path(
    get, path = "/backups/schedule", tag = "backups",
    responses((status = 200, description = "When", body = BackupSchedule))
)]
async fn get_backup_schedule(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<BackupSchedule>, Error> {
    Ok(Json(backups::schedule(&app, &actor).await?.into()))
}

/// Settle when backups are made by themselves
///
/// Where none was made since that hour, one is made at once. A backup that fails is told of by the list, on the dashboard
/// and to the owners in the bot for the staff. Needs the right `backups_make`.
#[utoipa::path(
    put, path = "/backups/schedule", tag = "backups", request_body = BackupSchedule,
    responses((status = 200, description = "As it is now", body = BackupSchedule))
)]
async fn set_backup_schedule(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(asked): Json<BackupSchedule>,
) -> Result<Json<BackupSchedule>, Error> {
    let schedule = Schedule { hour: asked.hour, keep: asked.keep.into() };
    Ok(Json(backups::set_schedule(&app, &actor, schedule).await?.into()))
}

impl From<Schedule> for BackupSchedule {
    fn from(Schedule { hour, keep }: Schedule) -> Self {
        Self { hour, keep: u16::try_from(keep).unwrap_or(u16::MAX) }
    }
}

/// Download a backup
///
/// That it was taken is noted in the audit log. Needs the right `backups_make`.
#[utoipa::path(
    get, path = "/backups/{name}/file", tag = "backups",
    params(("name" = String, Path, description = "samovar-….sqlite.gz")),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/gzip"))
)]
async fn download_backup(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(name): Path<String>,
) -> Result<Response, Error> {
    let (backup, bytes) = backups::download(&app, &actor, &name).await?;
    let size = i64::try_from(backup.size).unwrap_or(i64::MAX);
    Ok(attachment(&Head { name: backup.name, media_type: "application/gzip".into(), size }, bytes))
}
