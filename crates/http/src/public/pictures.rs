//! Pictures of public pages: the logo of the company, and what messengers show under a link.

use super::{Desk, Fault, Guest};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use samovar_app::App;
use samovar_app::promo::{self, Shown, poster};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Pictures of promotions that are kept in memory, about a hundred kilobytes each.
const KEPT_MAX: usize = 64;

/// Pictures of promotions that were drawn of late, by their names.
#[derive(Default)]
pub(super) struct Posters(Mutex<HashMap<String, Bytes>>);

impl Posters {
    fn of(&self, print: &str) -> Option<Bytes> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(print).cloned()
    }

    fn keep(&self, print: &str, picture: Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        kept.insert(print.to_owned(), picture);
    }
}

/// `GET /p/{company}/{promotion}/picture.png`
pub async fn picture(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    Path((company, key)): Path<(String, String)>,
    guest: Guest,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let shown = shown(&app, &guest, &company, &key).await?;
        let promotion = &shown.promotion;
        let period = guest.t.period(promotion.starts_at, promotion.ends_at, &shown.tenant.time_zone());
        let poster = poster::Poster::of(&app, &shown, period).await?;
        let print = poster.print();
        if is_known(&headers, &print) {
            return Ok((print, None));
        }
        let drawn = match desk.posters.of(&print) {
            Some(drawn) => drawn,
            None => {
                let drawn = Bytes::from(poster.draw(&app, &shown).await?);
                desk.posters.keep(&print, drawn.clone());
                drawn
            }
        };
        Ok::<_, Fault>((print, Some(("image/png".to_owned(), drawn))))
    };
    answered(found.await, &guest)
}

/// `GET /p/{company}/{promotion}/logo`
pub async fn logo(
    State(app): State<App>,
    Path((company, key)): Path<(String, String)>,
    guest: Guest,
    headers: HeaderMap,
) -> Response {
    let found = async {
        let shown = shown(&app, &guest, &company, &key).await?;
        // A picture of the company never changes under its name.
        let name = shown.tenant.settings.logo.as_deref().ok_or(Fault::Missing)?.replace('/', "-");
        if is_known(&headers, &name) {
            return Ok((name, None));
        }
        let logo = poster::logo(&app, &shown).await?.ok_or(Fault::Missing)?;
        Ok::<_, Fault>((name, Some((logo.media_type, logo.bytes))))
    };
    answered(found.await, &guest)
}

async fn shown(app: &App, guest: &Guest, company: &str, key: &str) -> Result<Shown, Fault> {
    promo::shown(app, company, key, guest.public.as_ref()).await?.ok_or(Fault::Missing)
}

/// Whether the visitor has the picture of that name.
fn is_known(headers: &HeaderMap, name: &str) -> bool {
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    known.split(',').any(|one| one.trim().trim_start_matches("W/").trim_matches('"') == name)
}

/// The picture under its name; without it, the word that the visitor has it.
fn answered(found: Result<(String, Option<(String, Bytes)>), Fault>, guest: &Guest) -> Response {
    let (name, picture) = match found {
        Ok(found) => found,
        Err(fault) => return fault.page(guest.t),
    };
    let mut response = match picture {
        Some((media_type, bytes)) => ([(header::CONTENT_TYPE, media_type)], bytes).into_response(),
        None => StatusCode::NOT_MODIFIED.into_response(),
    };
    let headers = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{name}\"")) {
        headers.insert(header::ETAG, tag);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-language"));
    headers.insert(HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff"));
    response
}
