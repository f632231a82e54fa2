//! Who asks: a program by its key, or a person by the cookie of their session.
//!
//! A cookie is sent by the browser on its own, whichever page caused the request. So a request that would change
//! something by a cookie must prove that it comes from the console itself (`from_console`); a key needs no such proof.

use crate::PublicUrl;
use crate::error::{Error, bare};
use crate::limit::Origin;
use crate::watch::Reader;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use samovar_app::App;
use samovar_app::access::{self, Actor};
use samovar_app::problem::{Kind, Problem};
use samovar_app::users::{self, ABSOLUTE_DAYS, Device, Opened, SignedIn};
use std::convert::Infallible;
use std::sync::Arc;

static CONSOLE: HeaderName = HeaderName::from_static("x-samovar");
static COMPANY: HeaderName = HeaderName::from_static("x-samovar-company");
static FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The cookie of a session where the program is reached without TLS.
const COOKIE: &str = "samovar_session";
/// The cookie where it is reached by TLS: browsers take it from this very host only.
const HOST_COOKIE: &str = "__Host-samovar_session";

/// The one who signed the request by `Authorization: Bearer …` or by a session, as somebody of a company. Handlers pass
/// it on to the verbs, which check rights.
#[derive(Debug, Clone)]
pub struct Signed(pub Actor);

impl FromRequestParts<App> for Signed {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        if let Some(known) = parts.extensions.get::<Self>() {
            return Ok(known.clone());
        }
        let actor = match bearer(&parts.headers) {
            Some(token) => access::authenticate(app, token).await?,
            None => of_session(&*signed_in(parts, app).await?, &parts.headers)?,
        };
        if let Some(reader) = parts.extensions.get::<Reader>() {
            reader.signed_by(&actor.locale);
        }
        let signed = Self(actor);
        parts.extensions.insert(signed.clone());
        Ok(signed)
    }
}

/// The person who is signed in in the browser that asks, wherever they work.
#[derive(Debug, Clone)]
pub struct Person(pub Arc<SignedIn>);

impl FromRequestParts<App> for Person {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let signed = signed_in(parts, app).await?;
        if let Some(reader) = parts.extensions.get::<Reader>() {
            reader.signed_by(&signed.locale);
        }
        Ok(Self(signed))
    }
}

/// None where a key signs, or nobody.
impl OptionalFromRequestParts<App> for Person {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Option<Self>, Error> {
        if bearer(&parts.headers).is_some() || cookie(parts).is_none() {
            return Ok(None);
        }
        match <Self as FromRequestParts<App>>::from_request_parts(parts, app).await {
            Ok(person) => Ok(Some(person)),
            Err(error) if error.status() == StatusCode::UNAUTHORIZED => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A request of the console itself, by somebody who need not be signed in.
#[derive(Debug, Clone)]
pub struct Console(pub Device);

impl<S: Send + Sync> FromRequestParts<S> for Console {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        from_console(parts)?;
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        let agent = agent.unwrap_or_default().chars().take(500).collect();
        let Ok(Origin(address)) = Origin::from_request_parts(parts, state).await;
        Ok(Self(Device { agent, address }))
    }
}

/// Whether browsers reach the program by TLS, so that cookies are kept from other ways.
#[derive(Debug, Clone, Copy)]
pub struct Secure(pub bool);

impl<S: Send + Sync> FromRequestParts<S> for Secure {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(is_secure(parts)))
    }
}

impl Secure {
    /// The header that lets the browser keep a session.
    pub fn keep(self, opened: &Opened) -> HeaderValue {
        self.header(&opened.token, ABSOLUTE_DAYS * 86_400)
    }
    /// The header that makes the browser forget it.
    pub fn forget(self) -> HeaderValue {
        self.header("", 0)
    }

    fn header(self, value: &str, seconds: i64) -> HeaderValue {
        let (name, secure) = if self.0 { (HOST_COOKIE, "; Secure") } else { (COOKIE, "") };
        let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// The token of an `Authorization: Bearer` header.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 512).then_some(token)
}

async fn signed_in(parts: &mut Parts, app: &App) -> Result<Arc<SignedIn>, Error> {
    if let Some(known) = parts.extensions.get::<Person>() {
        return Ok(Arc::clone(&known.0));
    }
    let token = cookie(parts).ok_or_else(unsigned)?;
    if !matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        from_console(parts)?;
    }
    let signed = users::authenticate(app, token).await?;
    parts.extensions.insert(Person(Arc::clone(&signed)));
    Ok(signed)
}

fn of_session(signed: &SignedIn, headers: &HeaderMap) -> Result<Actor, Error> {
    let actor = signed.actor.clone().ok_or_else(no_company)?;
    let seen = headers.get(&COMPANY).and_then(|value| value.to_str().ok());
    if seen.is_some_and(|seen| seen != actor.tenant.to_string()) {
        return Err(other_company().into());
    }
    Ok(actor)
}

fn cookie(parts: &Parts) -> Option<&str> {
    let name = if is_secure(parts) { HOST_COOKIE } else { COOKIE };
    let all = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(key, value)| *key == name && !value.is_empty() && value.len() <= 128)
        .map(|(_, value)| value)
        .next()
}

/// Refuses what another site's page could have caused: a header that forms and pictures cannot send, and the browser's
/// own word that the page is ours.
fn from_console(parts: &Parts) -> Result<(), Error> {
    let headers = &parts.headers;
    let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let named = text(&CONSOLE) == Some("console");
    let ours = match text(&FETCH_SITE) {
        Some(site) => site == "same-origin",
        None => text(&header::ORIGIN).is_some_and(|origin| is_ours(origin, parts)),
    };
    if named && ours { Ok(()) } else { Err(foreign().into()) }
}

fn is_ours(origin: &str, parts: &Parts) -> bool {
    let public = parts.extensions.get::<PublicUrl>().and_then(|url| url.0.as_ref());
    let host = parts.headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let of_origin = origin.split_once("://").map(|(_, host)| host);
    public.is_some_and(|url| url.origin().ascii_serialization() == origin)
        || (host.is_some() && host == of_origin)
}

fn is_secure(parts: &Parts) -> bool {
    let public = parts.extensions.get::<PublicUrl>().and_then(|url| url.0.as_ref());
    public.is_some_and(|url| url.scheme() == "https")
}

fn unsigned() -> Error {
    Error::with_status(StatusCode::UNAUTHORIZED, bare(StatusCode::UNAUTHORIZED))
}

fn foreign() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "not_from_console",
        "Запрос пришёл не со страницы консоли. Обновите страницу; программы подписывают запросы ключом",
        "The request does not come from a page of the console. Reload the page; programs sign requests by a key",
    )
}

fn no_company() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "no_company",
        "Вас нет ни в одной компании: попросите приглашение у владельца",
        "You belong to no company: ask an owner for an invitation",
    )
}

fn other_company() -> Problem {
    Problem::new(
        Kind::Conflict,
        "other_company",
        "В другой вкладке открыта другая компания: обновите страницу",
        "Another company is open in another tab: reload the page",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn parts(headers: &[(&str, &str)], public: Option<&str>) -> Parts {
        let request =
            headers.iter().fold(Request::post("/"), |request, (name, value)| request.header(*name, *value));
        let mut parts = request.body(()).unwrap().into_parts().0;
        parts.extensions.insert(PublicUrl(public.map(|url| url.parse().unwrap())));
        parts
    }

    #[test]
    fn only_pages_of_the_console_may_change_things_by_a_cookie() {
        let host = ("host", "bots.example.ru");
        let says = |headers: &[(&str, &str)]| {
            from_console(&parts(headers, Some("https://public.example.ru"))).is_ok()
        };
        assert!(says(&[host, ("x-samovar", "console"), ("sec-fetch-site", "same-origin")]));
        assert!(says(&[host, ("x-samovar", "console"), ("origin", "https://bots.example.ru")]));
        assert!(says(&[host, ("x-samovar", "console"), ("origin", "https://public.example.ru")]));
        for bad in [
            &[host, ("sec-fetch-site", "same-origin")][..],
            &[host, ("x-samovar", "console")],
            &[host, ("x-samovar", "console"), ("sec-fetch-site", "same-site")],
            &[
                host,
                ("x-samovar", "console"),
                ("sec-fetch-site", "cross-site"),
                ("origin", "https://bots.example.ru"),
            ],
            &[host, ("x-samovar", "console"), ("origin", "https://evil.example")],
            &[host, ("x-samovar", "console"), ("origin", "null")],
        ] {
            assert!(!says(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_cookie_is_bound_to_the_host_where_there_is_tls() {
        let both = [("cookie", "a=b; samovar_session=plain; __Host-samovar_session=bound")];
        assert_eq!(cookie(&parts(&both, None)), Some("plain"));
        assert_eq!(cookie(&parts(&both, Some("https://a.ru"))), Some("bound"));
        assert_eq!(cookie(&parts(&[("cookie", "samovar_session=")], None)), None);
        let kept = Secure(true).keep(&Opened { token: "t".into() });
        assert_eq!(
            kept.to_str().unwrap(),
            "__Host-samovar_session=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=7776000; Secure"
        );
    }
}
