//! Pictures of the company.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use bytes::Bytes;
use samovar_app::App;
use samovar_app::pictures::{self, BYTES_MAX};
use samovar_base::FileId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bringing and showing.
pub fn routes() -> OpenApiRouter<App> {
    // A little more than is taken, so that a picture that is a little too large is told so in words.
    OpenApiRouter::new()
        .routes(routes!(bring_picture))
        .layer(DefaultBodyLimit::max(BYTES_MAX + 64 * 1024))
        .routes(routes!(get_picture))
}

/// A picture of the company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "fil_00fs4w8m5xv1g", "key": "file/fil_00fs4w8m5xv1g", "width": 1200, "height": 800
}))]
pub struct Picture {
    /// Id.
    pub id: String,
    /// The name by which items of the catalogue and designs of cards speak of it.
    pub key: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Bring a picture
///
/// The body is the picture itself: JPEG, PNG or WebP, at most 2 MB, 64 to 4096 pixels a side. It can be named by items of
/// the catalogue and by the design of cards, and is seen by customers. Sent without `Idempotency-Key` when it is larger
/// than 1 MB. Needs the right `settings_manage`.
#[utoipa::path(
    post, path = "/pictures", tag = "catalogue",
    request_body(content = Vec<u8>, content_type = "application/octet-stream", description = "The picture"),
    responses((status = 201, description = "It is kept", body = Picture))
)]
async fn bring_picture(
    State(app): State<App>,
    Signed(actor): Signed,
    body: Bytes,
) -> Result<(StatusCode, Json<Picture>), Error> {
    let kept = pictures::bring(&app, &actor, body).await?;
    let picture =
        Picture { id: kept.file.to_string(), key: kept.key(), width: kept.width, height: kept.height };
    Ok((StatusCode::CREATED, Json(picture)))
}

/// Show a picture
///
/// Only pictures of the company; what customers sent is not among them. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/pictures/{id}", tag = "catalogue", params(("id" = String, Path, description = "fil_…")),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/*"))
)]
async fn get_picture(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<FileId>,
) -> Result<impl IntoResponse, Error> {
    let content = pictures::content(&app, &actor, id).await?;
    let kind = HeaderValue::from_str(&content.media_type);
    let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let keep = HeaderValue::from_static("private, max-age=86400, immutable");
    Ok(([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], content.bytes))
}
