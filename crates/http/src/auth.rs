//! Who asks.

use crate::error::{Error, bare};
use crate::watch::Reader;
use axum::extract::FromRequestParts;
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use samovar_app::App;
use samovar_app::access::{self, Actor};

/// The one who signed the request by `Authorization: Bearer …`. Handlers pass it on to the verbs, which check rights.
#[derive(Debug, Clone)]
pub struct Signed(pub Actor);

impl FromRequestParts<App> for Signed {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let token = bearer(&parts.headers).ok_or_else(unsigned)?;
        let actor = access::authenticate(app, token).await?;
        if let Some(reader) = parts.extensions.get::<Reader>() {
            reader.signed_by(&actor.locale);
        }
        let signed = Self(actor);
        parts.extensions.insert(signed.clone());
        Ok(signed)
    }
}

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 512).then_some(token)
}

fn unsigned() -> Error {
    Error::with_status(StatusCode::UNAUTHORIZED, bare(StatusCode::UNAUTHORIZED))
}
