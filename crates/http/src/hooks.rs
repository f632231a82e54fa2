//! The door of the messengers: `POST /hooks/{hook}`.
//!
//! The answer is given only after the delivery is committed; whatever else follows happens behind it. Nothing here
//! knows a messenger: the channel's own connector tells whether a delivery is genuine and what to answer.

use crate::BODY_BYTES_MAX;
use crate::error::{Error, bare};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use samovar_app::problem::{Kind, Problem};
use samovar_app::{App, pipeline};
use std::time::Duration;

/// How long a messenger may take to hand over a body.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// The hook's route.
pub fn routes() -> Router<App> {
    Router::new().route("/hooks/{hook}", post(receive))
}

async fn receive(State(app): State<App>, Path(hook): Path<String>, request: Request<Body>) -> Response {
    match deliver(&app, &hook, request).await {
        Ok(Some(reply)) => {
            ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], reply).into_response()
        }
        Ok(None) => StatusCode::OK.into_response(),
        Err(error) => {
            metrics::counter!("samovar_hook_refused_total", "status" => error.status().as_u16().to_string())
                .increment(1);
            error.written("en", "")
        }
    }
}

async fn deliver(app: &App, hook: &str, request: Request<Body>) -> Result<Option<Vec<u8>>, Error> {
    let channel = app.directory.by_hook(hook).ok_or_else(unknown)?;
    let (parts, body) = request.into_parts();
    channel.messenger.verify(&channel.link, &parts.headers).map_err(|refused| not_genuine(&refused))?;
    let raw = read(&parts.headers, body).await?;
    Ok(pipeline::accept(app, &channel, raw).await?.reply)
}

/// Not more than is allowed, nor slower; an announced length is believed when it is too large.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Error> {
    let announced =
        headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let too_large = || Error::with_status(StatusCode::PAYLOAD_TOO_LARGE, bare(StatusCode::PAYLOAD_TOO_LARGE));
    if announced.is_some_and(|length| length > BODY_BYTES_MAX) {
        return Err(too_large());
    }
    match tokio::time::timeout(BODY_WITHIN, to_bytes(body, BODY_BYTES_MAX)).await {
        Ok(Ok(raw)) => Ok(raw),
        Ok(Err(error)) if is_too_long(&error) => Err(too_large()),
        Ok(Err(_)) => Err(Error::with_status(StatusCode::BAD_REQUEST, bare(StatusCode::BAD_REQUEST))),
        Err(_) => Err(Error::with_status(StatusCode::REQUEST_TIMEOUT, bare(StatusCode::REQUEST_TIMEOUT))),
    }
}

fn is_too_long(error: &axum::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if error.is::<http_body_util::LengthLimitError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

fn unknown() -> Error {
    Problem::new(Kind::NotFound, "unknown_hook", "Такого адреса для доставки нет", "There is no such hook")
        .into()
}

fn not_genuine(refused: &samovar_connectors::Refused) -> Error {
    let en = format!("Not accepted: {refused}");
    Problem::new(Kind::Unauthorized, "wrong_secret", "Доставка не принята: нет секрета или он неверен", en)
        .into()
}
