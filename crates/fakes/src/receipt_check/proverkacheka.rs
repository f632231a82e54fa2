//! proverkacheka.com: HTTP 200 for nearly everything, the outcome in `code`.

use super::Hub;
use super::faults::Fate;
use super::question::Asked;
use super::server::{self, Asking};
use super::state::Verdict;
use crate::listener::{Cut, Reply};
use hyper::header;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;

pub(crate) const PATH: &str = "/api/v1/check/get";

/// The parts of a question; the same in a form, in JSON and in a multipart form.
type Parts = HashMap<String, String>;

pub(crate) async fn answer(hub: &Arc<Hub>, asking: &Asking) -> Result<Reply, Cut> {
    let parts = match parts(asking).await {
        Ok(parts) => parts,
        Err(why) => {
            hub.lock().complain(format!("body: {why}"));
            return Ok(server::plain(400, why));
        }
    };
    let Taken { fate, verdict, echo } = match take(hub, &parts) {
        Ok(taken) => taken,
        Err(refusal) => return Ok(*refusal),
    };
    let said = |code: u8, words: &str| Ok(server::json(body(code, &json!(words), &echo)));
    match fate {
        Fate::Answered => Ok(server::json(judged(verdict, &echo))),
        Fate::Truncated => {
            let half = server::half(judged(verdict, &echo));
            Ok(server::with_type(200, "application/json; charset=utf-8", half))
        }
        Fate::Packed => Ok(server::json(packed(verdict, &echo))),
        Fate::Words => said(1, "Данные получены"),
        Fate::Another => {
            let other = json!({"fiscalDriveNumber": "0000000000000001", "fiscalDocumentNumber": 1, "fiscalSign": 1, "totalSum": 1, "items": []});
            Ok(server::json(body(1, &json!({"json": other, "html": ""}), &echo)))
        }
        Fate::Hollow => {
            Ok(server::json(body(1, &json!({"json": {"user": "ООО", "items": []}, "html": ""}), &echo)))
        }
        Fate::Huge => Ok(server::huge()),
        Fate::Garbage => Ok(server::plain(200, "welcome")),
        Fate::Strange => said(42, "?"),
        Fate::NotYet => Ok(server::json(body(2, &json!({"wait": 3_600}), &echo))),
        Fate::Other => said(5, "Ошибка"),
        Fate::Wait(seconds) => Ok(server::json(body(4, &json!({"wait": seconds}), &echo))),
        Fate::Quota => said(3, "Превышено количество запросов"),
        Fate::TooMany(seconds) => Ok(server::too_many(seconds)),
        Fate::Status(code) => Ok(server::plain(code, "sorry")),
        Fate::Hang(time) => Err(server::hang(time).await),
        Fate::Cut => Err(Cut),
    }
}

/// A question that is understood, with what happens to it.
struct Taken {
    fate: Fate,
    /// Nothing, when the question does not get so far.
    verdict: Option<Verdict>,
    echo: Echo,
}

fn take(hub: &Hub, parts: &Parts) -> Result<Taken, Box<Reply>> {
    let token = parts.get("token").map(String::as_str).unwrap_or_default();
    let mut state = hub.lock();
    if !is_token(token) || !state.accepts(&hub.config, token) {
        let body = r#"{"code":401,"data":"Unauthorized"}"#;
        return Err(Box::new(server::with_type(401, "application/json", body.into())));
    }
    state.asked += 1;
    let asked = question(parts).map_err(|why| {
        state.complain(why);
        Box::new(server::json(body(0, &json!("Чек некорректен"), &Echo::default())))
    })?;
    let fate = state.fate();
    let verdict = matches!(fate, Fate::Answered | Fate::Cut | Fate::Truncated | Fate::Packed)
        .then(|| state.judge(&hub.config, &asked, hub.now()));
    Ok(Taken { fate, verdict, echo: Echo::of(&asked, parts.contains_key("qrraw")) })
}

/// A number, a point and something.
fn is_token(token: &str) -> bool {
    token.split_once('.').is_some_and(|(number, text)| number.parse::<u64>().is_ok() && !text.is_empty())
}

async fn parts(asking: &Asking) -> Result<Parts, &'static str> {
    let kind =
        asking.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if kind.starts_with("application/x-www-form-urlencoded") {
        return Ok(url::form_urlencoded::parse(&asking.body).into_owned().collect());
    }
    if kind.starts_with("application/json") {
        let all: Map<String, Value> = serde_json::from_slice(&asking.body).map_err(|_| "not JSON")?;
        let text = |value: Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Ok(all.into_iter().map(|(name, value)| (name, text(value))).collect());
    }
    let boundary = multer::parse_boundary(kind).map_err(|_| "a form, JSON or a multipart form is wanted")?;
    let body = asking.body.clone();
    let stream = futures::stream::once(async move { Ok::<_, std::io::Error>(body) });
    let mut form = multer::Multipart::new(stream, boundary);
    let mut parts = Parts::new();
    while let Some(field) = form.next_field().await.map_err(|_| "a broken multipart form")? {
        let name = field.name().unwrap_or_default().to_owned();
        let value = field.text().await.map_err(|_| "a broken multipart form")?;
        parts.insert(name, value);
    }
    Ok(parts)
}

fn question(parts: &Parts) -> Result<Asked, String> {
    let has = |name: &str| parts.contains_key(name);
    if has("qrurl") || has("qrfile") {
        return Err("qrurl, qrfile: pictures are not read here".into());
    }
    if let Some(code) = parts.get("qrraw") {
        if has("fn") {
            return Err("qrraw: and fn beside it".into());
        }
        return Asked::of_code(code).map_err(|why| format!("qrraw: {why}"));
    }
    let part = |name: &str| parts.get(name).map(String::as_str).ok_or_else(|| format!("{name}: is missing"));
    if !matches!(part("qr")?, "0" | "1" | "2" | "3") {
        return Err("qr: must be 0 to 3".into());
    }
    Asked::of_parts(part("t")?, part("s")?, part("fn")?, part("fd")?, part("fp")?, part("n")?)
        .map_err(Into::into)
}

/// The question as the service repeats it: with a small t, and the sum without zeros behind.
#[derive(Default)]
struct Echo(String);

impl Echo {
    fn of(asked: &Asked, raw: bool) -> Self {
        let at = asked.at.to_lowercase();
        let (number, operation) = (asked.number, asked.operation);
        let (rubles, kopecks) = (asked.sum / 100, asked.sum % 100);
        let (drive, document, sign) = (&asked.drive, number.document, number.sign);
        let code = match raw {
            true => format!("t={at}&s={rubles}.{kopecks:02}&fn={drive}&i={document}&fp={sign}&n={operation}"),
            false => String::new(),
        };
        Self(format!(
            r#"{{"qrurl":"","qrfile":"","qrraw":"{code}","manual":{{"fn":"{drive}","fd":"{document}","fp":"{sign}","check_time":"{at}","type":"{operation}","sum":"{}"}}}}"#,
            asked.short_sum()
        ))
    }
}

fn judged(verdict: Option<Verdict>, echo: &Echo) -> String {
    match verdict {
        Some(Verdict::Found(document, first)) => {
            let first = u8::from(first);
            format!(
                r#"{{"code":1,"first":{first},"data":{{"json":{document},"html":""}},"request":{}}}"#,
                echo.or_null()
            )
        }
        Some(Verdict::Wrong) | None => body(0, &json!("Чек некорректен"), echo),
        Some(Verdict::NotYet) => body(2, &json!("Данные по чеку пока не получены"), echo),
        Some(Verdict::TooOften) => body(3, &json!("Превышено количество запросов по чеку"), echo),
        Some(Verdict::UsedUp) => body(3, &json!("Превышено количество запросов по тарифу"), echo),
        Some(Verdict::TooFast) => body(4, &json!({"wait": 1}), echo),
    }
}

/// The document as a text.
fn packed(verdict: Option<Verdict>, echo: &Echo) -> String {
    match verdict {
        Some(Verdict::Found(document, _)) => {
            body(1, &json!(format!(r#"{{"json":{document},"html":""}}"#)), echo)
        }
        other => judged(other, echo),
    }
}

fn body(code: u8, data: &Value, echo: &Echo) -> String {
    format!(r#"{{"code":{code},"data":{data},"request":{}}}"#, echo.or_null())
}

impl Echo {
    fn or_null(&self) -> &str {
        if self.0.is_empty() { "null" } else { &self.0 }
    }
}
