//! Every route of the API, asked by nobody, by each role, and by the owner of another company: one table says what each
//! may do (`rights.table`).

use crate::face::{Face, KEY, on_both};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use samovar_app::access::{Actor, Right, Role};
use samovar_app::staff;
use samovar_http::openapi;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

/// An id that nothing has.
const NOTHING: &str = "00fs4w8m5xv1g";

/// What a route wants of whoever asks.
#[derive(Debug, Clone)]
enum Wants {
    /// Nobody has to be signed in.
    Open,
    /// A person; not a program.
    Session,
    /// Anybody of a company.
    Any,
    /// Somebody with all of these: of each, one is enough.
    Rights(Vec<Vec<Right>>),
}

/// A route with the sample of its body.
struct Route {
    method: String,
    path: String,
    address: String,
    body: Option<Value>,
    wants: Wants,
}

/// Reads the table, which must name every route of the document and no other.
fn routes() -> Vec<Route> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/rights.table");
    let text = std::fs::read_to_string(file).expect("the table");
    let mut table: BTreeMap<(String, String), Wants> = text
        .lines()
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut words = line.split_whitespace().map(str::to_owned);
            let route = (words.next().expect("a method"), words.next().expect("a path"));
            let rest: Vec<String> = words.collect();
            let wants = match rest.first().map(String::as_str) {
                Some("open") => Wants::Open,
                Some("session") => Wants::Session,
                Some("any") => Wants::Any,
                _ => Wants::Rights(rest.iter().map(|names| rights_of(names)).collect()),
            };
            (route, wants)
        })
        .collect();
    let document: Value = serde_json::from_str(openapi::json()).expect("JSON");
    let mut all = Vec::new();
    let mut missing = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let method = method.to_uppercase();
            let short = path.trim_start_matches("/api/v1").to_owned();
            let Some(wants) = table.remove(&(method.clone(), short.clone())) else {
                missing.push(format!("{method} {short}"));
                continue;
            };
            let address = filled(path, &operation["parameters"]);
            let body = sample(&document, &operation["requestBody"]);
            all.push(Route { method, path: short, address, body, wants });
        }
    }
    let gone: Vec<_> = table.into_keys().collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "not in the table: {missing:#?}; not in the API: {gone:#?}"
    );
    all
}

fn rights_of(names: &str) -> Vec<Right> {
    names.split('|').map(|name| name.parse().expect(name)).collect()
}

/// The address with well-formed ids of nothing.
fn filled(path: &str, parameters: &Value) -> String {
    let mut address = path.to_owned();
    for parameter in parameters.as_array().into_iter().flatten() {
        if parameter["in"] != "path" {
            continue;
        }
        let name = parameter["name"].as_str().unwrap_or_default();
        let described = parameter["description"].as_str().unwrap_or_default();
        let value = match described.split_once("_…") {
            Some((prefix, _)) => {
                format!("{}_{NOTHING}", prefix.rsplit(['`', ' ']).next().unwrap_or_default())
            }
            None if name == "id" && path.contains("/channels/") => format!("chn_{NOTHING}"),
            None if parameter["schema"]["type"] == "integer" => "1".to_owned(),
            None => "nothing".to_owned(),
        };
        address = address.replace(&format!("{{{name}}}"), &value);
    }
    address
}

fn sample(document: &Value, body: &Value) -> Option<Value> {
    let schema = &body["content"]["application/json"]["schema"];
    let schema = match schema["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#'))?,
        None => schema,
    };
    schema.get("example").cloned().or_else(|| (!body.is_null()).then(|| json!({})))
}

impl Route {
    /// The same of another thing.
    fn at(&self, address: &str) -> Self {
        let Self { method, path, body, wants, .. } = self;
        let (method, path, address) = (method.clone(), path.clone(), address.to_owned());
        Self { method, path, address, body: body.clone(), wants: wants.clone() }
    }

    /// Asks; the status, and the text of an answer that ends.
    async fn ask(&self, face: &Face, headers: &[(&str, &str)]) -> (u16, String) {
        let mut request = Request::builder().method(self.method.as_str()).uri(&self.address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if self.method == "POST" {
            request = request.header("idempotency-key", format!("table-{}", face.app.chance.token()));
        }
        let body = match &self.body {
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        let response = face.send(request.body(body).expect("a request")).await;
        let status = response.status().as_u16();
        let stream = response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
        if stream {
            return (status, String::new());
        }
        let text = tokio::time::timeout(Duration::from_secs(10), response.into_body().collect()).await;
        let bytes =
            text.ok().and_then(Result::ok).map(http_body_util::Collected::to_bytes).unwrap_or_default();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Makes another company; the cookie of its owner.
async fn another_company(face: &Face) -> String {
    let new = json!({
        "company": "Чужая", "zone": "Europe/Moscow", "locale": "ru", "name": "Чужой", "email": "other@example.org",
        "password": "чайник на плите"
    });
    let ask = face.ask("POST", "/api/v1/entry/sign-up").header("x-samovar", "console");
    let answer = ask.header("sec-fetch-site", "same-origin").json(&new).answer().await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    answer.header("set-cookie").split(';').next().unwrap_or_default().to_owned()
}

on_both! {
    async fn every_route_asks_for_what_the_table_says(face) {
        let routes = routes();
        let tenant = face.app.directory.tenants()[0].id;
        let owner = Actor::setup(tenant);
        let mut wrong = Vec::new();
        for route in &routes {
            let (status, _) = route.ask(&face, &[]).await;
            let fine = match route.wants {
                Wants::Open => status != 401 && status < 500,
                _ => status == 401,
            };
            if !fine {
                wrong.push(format!("{} {} by nobody: {status}", route.method, route.path));
            }
        }
        for role in Role::ALL {
            let made = staff::create_key(&face.app, &owner, role.as_str(), role.rights()).await.expect("a key");
            let bearer = format!("Bearer {}", made.token);
            for route in &routes {
                let (status, text) = route.ask(&face, &[("authorization", &bearer)]).await;
                let fine = match &route.wants {
                    Wants::Open => status < 500,
                    Wants::Session => status == 401,
                    Wants::Any => !matches!(status, 401 | 403) && status < 500,
                    Wants::Rights(all) if all.iter().all(|any| any.iter().any(|one| role.rights().has(*one))) => {
                        !matches!(status, 401 | 403) && status < 500
                    }
                    // Where the sample is not understood before the question of rights, nobody comes in either.
                    Wants::Rights(_) => matches!(status, 400 | 403 | 422),
                };
                if !fine {
                    let said = text.chars().take(160).collect::<String>();
                    wrong.push(format!("{} {} by {role}: {status} {said}", route.method, route.path));
                }
            }
        }
        assert!(wrong.is_empty(), "{} answers are not those of the table:\n{}", wrong.len(), wrong.join("\n"));
    }

    async fn another_company_sees_and_changes_nothing(face) {
        let ours: Vec<String> = known(&face).await;
        assert!(ours.len() > 5, "{ours:?}");
        let cookie = another_company(&face).await;
        let headers = [
            ("cookie", cookie.as_str()),
            ("x-samovar", "console"),
            ("sec-fetch-site", "same-origin"),
        ];
        let mut wrong = Vec::new();
        for route in routes() {
            // They may end their own session and go on being asked for.
            if route.path.starts_with("/user/") || matches!(route.wants, Wants::Open) {
                continue;
            }
            for theirs in addresses(&route, &ours) {
                let (status, text) = route.at(&theirs).ask(&face, &headers).await;
                let leaks = ours.iter().find(|id| text.contains(id.as_str()) && !theirs.contains(id.as_str()));
                // An empty page tells nothing.
                let told = status < 300 && !text.contains("\"items\":[]");
                let reached = ours.iter().any(|id| theirs.contains(id.as_str())) && told;
                if leaks.is_some() || reached || status >= 500 {
                    wrong.push(format!("{} {theirs}: {status} {leaks:?}", route.method));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// The address of nothing, and that of each of our things of the wanted kind.
fn addresses(route: &Route, ours: &[String]) -> Vec<String> {
    let mut all = vec![route.address.clone()];
    for id in ours {
        let prefix = id.split('_').next().unwrap_or_default();
        let nothing = format!("{prefix}_{NOTHING}");
        if route.address.contains(&nothing) {
            all.push(route.address.replacen(&nothing, id, 1));
        }
    }
    all
}

/// Ids of what our company has.
async fn known(face: &Face) -> Vec<String> {
    let contact = json!({ "name": "Наш гость", "phone": "+79161234567" });
    face.api("POST", "/contacts").header("idempotency-key", "ours-1").json(&contact).answer().await;
    let mut ids = Vec::new();
    for path in ["/contacts", "/channels", "/scenarios", "/staff", "/api-keys", "/audit", "/tenant"] {
        let text = face.ask("GET", &format!("/api/v1{path}")).key(KEY).answer().await.text;
        ids.extend(text.split('"').filter(|word| is_id(word)).map(str::to_owned));
    }
    ids.sort();
    ids.dedup();
    ids
}

fn is_id(word: &str) -> bool {
    word.split_once('_').is_some_and(|(prefix, rest)| {
        prefix.len() == 3 && rest.len() == 13 && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}
