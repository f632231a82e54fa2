//! Files of the chat, both ways.

use super::visitor::Guest;
use super::{Desk, seal};
use crate::error::{Error, bare};
use crate::extract::{Json, Path};
use crate::limit::Origin;
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, State};
use axum::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use samovar_app::App;
use samovar_app::media::{self, Content, kind_of};
use samovar_app::problem::Problem;
use samovar_base::message::FileKind;
use serde::Serialize;
use std::sync::Arc;

const NAME_MAX: usize = 120;

#[derive(Serialize)]
pub(super) struct Received {
    id: String,
    kind: FileKind,
    name: String,
}

/// Takes one file of a visitor; it is sent by a post that names it.
pub(super) async fn receive(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    Guest { channel, session }: Guest,
    Origin(origin): Origin,
    mut form: Multipart,
) -> Result<Json<Received>, Error> {
    desk.files.take(&origin, app.clock.now())?;
    let _place = desk.uploads.acquire().await;
    let (name, bytes) = first_file(&mut form).await?;
    let (kind, media_type) = kind_of(&bytes);
    let content = Content { bytes, name: name.clone(), media_type: media_type.into() };
    let id = media::keep(&app, channel.tenant.id, None, content).await?;
    let key = seal::seal(&app, &channel, &session.chat, &format!("file/{id}"));
    let id = key.strip_prefix("file/").unwrap_or(&key).to_owned();
    Ok(Json(Received { id, kind, name }))
}

/// Gives what a message of this chat shows.
pub(super) async fn give(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    Guest { channel, session }: Guest,
    Path((_, sealed)): Path<(String, String)>,
) -> Result<(HeaderMap, Bytes), Error> {
    desk.reads.take(&session.chat, app.clock.now())?;
    let key = seal::open(&app, &channel, &session.chat, &sealed).ok_or_else(seal::unknown_file)?;
    let content = media::content(&app, channel.tenant.id, &key).await?;
    Ok((headers(&content), content.bytes))
}

async fn first_file(form: &mut Multipart) -> Result<(String, Bytes), Error> {
    while let Some(field) = form.next_field().await.map_err(bad_form)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = harmless(field.file_name().unwrap_or_default());
        let bytes = field.bytes().await.map_err(bad_form)?;
        if bytes.is_empty() {
            break;
        }
        return Ok((name, bytes));
    }
    Err(Problem::invalid("file", "no_file", "В поле file нет файла", "There is no file in the field file")
        .into())
}

fn bad_form(error: MultipartError) -> Error {
    Error::with_status(error.status(), bare(error.status()))
}

/// The last part of a path, without letters that do harm in headers and on disks.
fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last
        .chars()
        .filter(|letter| !letter.is_control() && !"\"<>|:*?;".contains(*letter))
        .take(NAME_MAX)
        .collect();
    let kept = kept.trim().trim_start_matches('.');
    if kept.is_empty() { "file".into() } else { kept.to_owned() }
}

pub(crate) fn headers(content: &Content) -> HeaderMap {
    let shown = content.media_type.starts_with("image/") && content.media_type != "image/svg+xml";
    let media_type = if shown { content.media_type.as_str() } else { "application/octet-stream" };
    let mut headers = HeaderMap::new();
    let kind =
        HeaderValue::from_str(media_type).unwrap_or(HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=86400, immutable"));
    if !shown {
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment"));
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_do_no_harm() {
        for (given, kept) in [
            ("чек за май.jpg", "чек за май.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\temp\\чек.pdf", "чек.pdf"),
            ("a\r\nSet-Cookie\";x", "aSet-Cookiex"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(harmless(given), kept);
        }
        assert_eq!(harmless(&"ж".repeat(500)).chars().count(), NAME_MAX);
    }

    #[test]
    fn only_pictures_are_shown_and_the_name_of_a_type_is_not_believed() {
        assert_eq!(kind_of(b"<svg onload=alert(1)>").1, "application/octet-stream");
        assert_eq!(kind_of(b"\x89PNG\r\n").1, "image/png");
        assert_eq!(kind_of(b"RIFF\0\0\0\0WEBPVP8 ").1, "image/webp");
        assert_eq!(kind_of(b"").1, "application/octet-stream");
        let of = |media_type: &str| {
            headers(&Content { bytes: Bytes::new(), name: "x".into(), media_type: media_type.into() })
        };
        assert!(of("image/svg+xml").contains_key(header::CONTENT_DISPOSITION));
        assert!(!of("image/png").contains_key(header::CONTENT_DISPOSITION));
    }
}
