//! Pages for strangers: a promotion with its rules, who won, and draws that anyone can check. Made on the server, complete
//! without a script; they hold nothing that is not public.
//!
//! | | |
//! |---|---|
//! | `GET /p/{company}/{promotion}` | the promotion: what, when, how to take part, prizes, rules |
//! | `GET …/picture.png`, `/logo` | what messengers show under a link to it, and the logo of the company |
//! | `GET /p/{company}/{promotion}/winners` | who won, with masked names, by draws |
//! | `GET /p/{company}/{promotion}/draws/{draw}` | a draw: its announcement before, its winners after; `?ticket=` looks for one |
//! | `GET …/draws/{draw}/announcement`, `/list`, `/protocol` | its files |
//! | `GET …/draws/{draw}/check` | those files counted again here and now |
//! | `GET /p/check` | the check of a draw: brings a protocol and a list, gets every step counted again |
//! | `POST /p/check` | multipart with `protocol` and `list` |
//!
//! `{company}` and `{promotion}` are their short names. `?lang=ru` and `?lang=en` choose the language, otherwise the
//! browser's wish does.

mod check;
mod draws;
mod pictures;
mod promotion;
mod words;

use crate::PublicUrl;
use crate::limit::{Limiter, Origin};
use crate::watch::Reader;
use askama::Template;
use axum::extract::{DefaultBodyLimit, FromRef, FromRequestParts, Query};
use axum::http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use samovar_app::App;
use samovar_app::problem::{Fail, Kind};
use samovar_app::promo::Shown;
use serde::Deserialize;
use std::sync::Arc;
use tokio::sync::Semaphore;
use words::Words;

/// Nothing runs, nothing comes from elsewhere.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
/// How long a page may be shown again without asking.
const FRESH: HeaderValue = HeaderValue::from_static("public, max-age=30");
/// Draws that are counted again at a time: a large one takes seconds and its list lies in memory.
const COUNTED_MAX: usize = 1;

/// What the handlers share.
#[derive(Clone, FromRef)]
struct Public {
    app: App,
    desk: Arc<Desk>,
}

struct Desk {
    reads: Limiter,
    checks: Limiter,
    /// Held by the counting itself: whoever goes away meanwhile leaves it running.
    counted: Arc<Semaphore>,
    posters: pictures::Posters,
}

/// The routes.
pub fn routes(app: App, font: &str) -> Router<App> {
    let style: Arc<str> = format!("{font}{}", include_str!("../../templates/public/style.css")).into();
    let desk = Desk {
        reads: Limiter::new(120, 500),
        checks: Limiter::new(5, 10_000),
        counted: Arc::new(Semaphore::new(COUNTED_MAX)),
        posters: pictures::Posters::default(),
    };
    Router::new()
        .route("/p/-/style.css", get(async move || asset(style.to_string(), "text/css")))
        .route(
            "/p/-/net.svg",
            get(async || asset(include_str!("../../templates/public/net.svg").to_owned(), "image/svg+xml")),
        )
        .route(
            "/p/check",
            get(check::form).post(check::brought).layer(DefaultBodyLimit::max(check::BROUGHT_BYTES_MAX)),
        )
        .route("/p/{company}/{promotion}", get(promotion::page))
        .route("/p/{company}/{promotion}/picture.png", get(pictures::picture))
        .route("/p/{company}/{promotion}/logo", get(pictures::logo))
        .route("/p/{company}/{promotion}/winners", get(draws::winners))
        .route("/p/{company}/{promotion}/draws/{draw}", get(draws::draw))
        .route("/p/{company}/{promotion}/draws/{draw}/check", get(draws::check))
        .route("/p/{company}/{promotion}/draws/{draw}/protocol", get(draws::protocol))
        .route("/p/{company}/{promotion}/draws/{draw}/list", get(draws::list))
        .route("/p/{company}/{promotion}/draws/{draw}/announcement", get(draws::announcement))
        .with_state(Public { app, desk: Arc::new(desk) })
}

/// Somebody who looks at a page, within the limits: in which language, from where.
struct Guest {
    t: &'static Words,
    public: Option<url::Url>,
    origin: String,
}

#[derive(Deserialize)]
struct Wish {
    lang: Option<String>,
}

impl FromRequestParts<Public> for Guest {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, state: &Public) -> Result<Self, Response> {
        let wish = Query::<Wish>::from_request_parts(parts, state).await.ok().and_then(|wish| wish.0.lang);
        let asked = parts.extensions.get::<Reader>().map(|reader| reader.locale().to_owned());
        let t = Words::of(wish.or(asked).as_deref().unwrap_or("ru"));
        let origin = match Origin::from_request_parts(parts, state).await {
            Ok(Origin(origin)) => origin,
            Err(never) => match never {},
        };
        if state.desk.reads.take(&origin, state.app.clock.now()).is_err() {
            return Err(Fault::Busy.page(t));
        }
        let public = Extension::<PublicUrl>::from_request_parts(parts, state).await.ok();
        Ok(Self { t, public: public.and_then(|Extension(url)| url.0), origin })
    }
}

/// What every page says of itself.
struct Head {
    t: &'static Words,
    title: String,
    description: String,
    /// The whole address, for whoever links here; empty when it is not known.
    canonical: String,
    /// The path, to which `?lang=` is added.
    path: String,
    /// Whose page it is; empty on a page of nobody's.
    company: String,
    /// Its logo, as a path; may be empty.
    logo: String,
    /// What messengers show under a link to it, the whole address; may be empty.
    picture: String,
    /// Whether searchers may keep it.
    indexed: bool,
}

impl Head {
    fn new(guest: &Guest, path: String, title: String) -> Self {
        let canonical =
            guest.public.as_ref().map(|url| format!("{}{path}", url.as_str().trim_end_matches('/')));
        Self {
            t: guest.t,
            title,
            description: String::new(),
            canonical: canonical.unwrap_or_default(),
            path,
            company: String::new(),
            logo: String::new(),
            picture: String::new(),
            indexed: true,
        }
    }

    /// Of a page of a promotion.
    fn of(guest: &Guest, shown: &Shown, path: String, title: String) -> Self {
        let home = format!("/p/{}/{}", shown.tenant.key, shown.promotion.key);
        let whole = |url: &url::Url| format!("{}{home}", url.as_str().trim_end_matches('/'));
        let picture = |url| format!("{}/picture.png?lang={}", whole(url), guest.t.lang);
        let logo = shown.tenant.settings.logo.as_ref().map(|_| format!("{home}/logo"));
        Self {
            company: shown.tenant.name.clone(),
            logo: logo.unwrap_or_default(),
            picture: guest.public.as_ref().map(picture).unwrap_or_default(),
            ..Self::new(guest, path, title)
        }
    }
}

/// Why there is no page.
#[derive(Debug, Clone, Copy)]
enum Fault {
    Missing,
    Busy,
    TooLarge,
    Failed,
}

#[derive(Template)]
#[template(path = "public/fault.html")]
struct FaultPage {
    head: Head,
    title: &'static str,
    text: &'static str,
}

impl Fault {
    fn page(self, t: &'static Words) -> Response {
        let (status, title, text) = match self {
            Self::Missing => (StatusCode::NOT_FOUND, t.missing, t.missing_text),
            Self::Busy => (StatusCode::TOO_MANY_REQUESTS, t.busy, t.busy_text),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, t.too_large, t.too_large_text),
            Self::Failed => (StatusCode::INTERNAL_SERVER_ERROR, t.failed, t.failed_text),
        };
        let head = Head {
            t,
            title: title.to_owned(),
            description: String::new(),
            canonical: String::new(),
            path: String::new(),
            company: String::new(),
            logo: String::new(),
            picture: String::new(),
            indexed: false,
        };
        let mut response = drawn(&FaultPage { head, title, text });
        *response.status_mut() = status;
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
        }
        response
    }
}

impl From<Fail> for Fault {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Problems(problems) if problems.iter().all(|problem| problem.kind == Kind::NotFound) => {
                Self::Missing
            }
            Fail::Problems(_) => Self::Failed,
            Fail::Store(error) => {
                tracing::error!(%error, "a public page could not be read");
                Self::Failed
            }
        }
    }
}

/// A page as it goes out.
fn drawn(page: &impl Template) -> Response {
    let body = match page.render() {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "a public page could not be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, FRESH),
        (header::VARY, HeaderValue::from_static("accept-language")),
        (header::REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin")),
    ];
    (headers, body).into_response()
}

fn asset(body: String, media_type: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600")),
        (HeaderName::from_static("x-content-type-options"), HeaderValue::from_static("nosniff")),
    ];
    (headers, body).into_response()
}
