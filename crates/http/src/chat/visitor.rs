//! Whose chat it is.

use crate::auth::bearer;
use crate::error::{Error, bare};
use crate::extract::{Path, Query};
use axum::extract::{FromRef, FromRequestParts};
use axum::http::{StatusCode, request::Parts};
use samovar_app::App;
use samovar_app::directory::{ChannelInfo, ReceiveBy};
use samovar_app::problem::{Kind, Problem};
use samovar_connectors::webchat::Session;
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;

/// A channel that is a web chat, named by the address.
pub(super) struct Room(pub Arc<ChannelInfo>);

/// A visitor with a session of the channel in the address.
pub(super) struct Guest {
    pub channel: Arc<ChannelInfo>,
    pub session: Session,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Room
where
    App: FromRef<S>,
{
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Path(parameters) = Path::<HashMap<String, String>>::from_request_parts(parts, state).await?;
        let name = parameters.get("channel").map(String::as_str).unwrap_or_default();
        let channel =
            App::from_ref(state).directory.by_hook(name).filter(|channel| channel.receive == ReceiveBy::Page);
        channel.map(Self).ok_or_else(|| {
            Problem::new(Kind::NotFound, "unknown_chat", "Такого чата нет", "There is no such chat").into()
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Guest
where
    App: FromRef<S>,
{
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let Room(channel) = Room::from_request_parts(parts, state).await?;
        let Query(Token { token }) = Query::<Token>::from_request_parts(parts, state).await?;
        let app = App::from_ref(state);
        let token = bearer(&parts.headers).or(token.as_deref());
        let session = token.and_then(|token| Session::open(&app.vault, channel.id, token, app.clock.now()));
        let session = session
            .ok_or_else(|| Error::with_status(StatusCode::UNAUTHORIZED, bare(StatusCode::UNAUTHORIZED)))?;
        Ok(Self { channel, session })
    }
}
