//! Which sites may speak with a chat: a browser says on whose page it asks, and keeps answers from pages that are not
//! named in them. Sessions are tokens and not cookies, so that nobody's page acts with what another page holds.

use crate::error::Error;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use samovar_app::App;
use samovar_app::problem::{Kind, Problem};

/// The layer of the chat's routes.
pub(super) async fn across(State(app): State<App>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else { return next.run(request).await };
    if is_own(&origin, request.headers()) {
        return next.run(request).await;
    }
    let channel = request.uri().path().split('/').nth(2).and_then(|hook| app.directory.by_hook(hook));
    let allowed = origin
        .to_str()
        .is_ok_and(|origin| channel.as_ref().is_none_or(|channel| channel.widget.allows(origin)));
    if !allowed {
        return not_here().into_response();
    }
    let mut response = if request.method() == Method::OPTIONS {
        let may = [
            (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
            (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, content-type, last-event-id"),
            (header::ACCESS_CONTROL_MAX_AGE, "600"),
        ];
        (StatusCode::NO_CONTENT, may).into_response()
    } else {
        next.run(request).await
    };
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("origin"));
    response
}

/// Our own page: a proxy may have spoken TLS for us, so only the host is compared.
fn is_own(origin: &HeaderValue, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    matches!((host, from), (Some(host), Some((_, from))) if host == from)
}

fn not_here() -> Error {
    let ru = "На этом сайте чат не разрешён: добавьте его адрес в настройках канала";
    let en = "The chat is not allowed on this site: add its address in the settings of the channel";
    Error::with_status(StatusCode::FORBIDDEN, Problem::new(Kind::Forbidden, "site_not_allowed", ru, en))
}
