//! The open API of the tax service: sessions, questions that get a number, answers that are fetched by it.

use super::Hub;
use super::faults::Fate;
use super::question::Asked;
use super::server::{self, Asking};
use super::state::{Message, State, Verdict};
use crate::listener::{Cut, Reply};
use quick_xml::NsReader;
use quick_xml::escape::{escape, resolve_xml_entity};
use quick_xml::events::Event;
use quick_xml::name::ResolveResult;
use std::sync::Arc;

pub(crate) const AUTH_PATH: &str = "/open-api/AuthService/0.1";
pub(crate) const KKT_PATH: &str = "/open-api/ais3/KktService/0.1";
const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const SYNC: &str = "urn://x-artefacts-gnivc-ru/inplat/servin/OpenApiMessageConsumerService/types/1.0";
const ASYNC: &str = "urn://x-artefacts-gnivc-ru/inplat/servin/OpenApiAsyncMessageConsumerService/types/1.0";
const AUTH: &str = "urn://x-artefacts-gnivc-ru/ais3/kkt/AuthService/types/1.0";
const TICKET: &str = "urn://x-artefacts-gnivc-ru/ais3/kkt/KktTicketService/types/1.0";
/// A session lives an hour.
const SESSION_SECONDS: i64 = 3_600;

/// An element: its namespace, its name, its text.
struct Element {
    space: String,
    name: String,
    text: String,
}

/// The elements of a body in the order in which they end.
fn elements(body: &[u8]) -> Option<Vec<Element>> {
    let mut reader = NsReader::from_str(std::str::from_utf8(body).ok()?);
    let (mut open, mut all): (Vec<Element>, Vec<Element>) = (Vec::new(), Vec::new());
    loop {
        let (space, event) = reader.read_resolved_event().ok()?;
        let mut add = |text: &str| {
            if let Some(element) = open.last_mut() {
                element.text.push_str(text);
            }
        };
        match event {
            Event::Start(start) => {
                let ResolveResult::Bound(space) = space else { return None };
                let space = std::str::from_utf8(space.into_inner()).ok()?.to_owned();
                let name = std::str::from_utf8(start.local_name().into_inner()).ok()?.to_owned();
                open.push(Element { space, name, text: String::new() });
            }
            Event::End(_) => all.push(open.pop()?),
            Event::Text(text) => add(&text.decode().ok()?),
            Event::GeneralRef(entity) => match entity.resolve_char_ref().ok()? {
                Some(letter) => add(letter.encode_utf8(&mut [0; 4])),
                None => add(resolve_xml_entity(&entity.decode().ok()?)?),
            },
            Event::Eof => return open.is_empty().then_some(all),
            Event::DocType(_) => return None,
            _ => {}
        }
    }
}

fn text<'a>(elements: &'a [Element], space: &str, name: &str) -> Option<&'a str> {
    elements
        .iter()
        .find(|element| element.space == space && element.name == name)
        .map(|element| element.text.trim())
}

fn envelope(body: &str) -> String {
    format!(r#"<soap:Envelope xmlns:soap="{SOAP}"><soap:Body>{body}</soap:Body></soap:Envelope>"#)
}

fn fault(words: &str) -> Reply {
    let body = format!(
        "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>{}</faultstring></soap:Fault>",
        escape(words)
    );
    server::xml(500, envelope(&body))
}

/// A new session for a master token, or the one that it has.
pub(crate) fn session(hub: &Arc<Hub>, asking: &Asking) -> Result<Reply, Cut> {
    let mut state = hub.lock();
    let master =
        elements(&asking.body).filter(|_| has_action(asking, "urn:GetMessageRequest")).and_then(|all| {
            text(&all, SYNC, "GetMessageRequest")?;
            text(&all, AUTH, "AuthAppInfo")?;
            Some(text(&all, AUTH, "MasterToken")?.to_owned())
        });
    let Some(master) = master else {
        state.complain("AuthRequest: is not understood".into());
        return Ok(fault("Неверный формат сообщения"));
    };
    let answer = |inner: String| {
        let body = format!(
            r#"<GetMessageResponse xmlns="{SYNC}"><Message><tns:AuthResponse xmlns:tns="{AUTH}">{inner}</tns:AuthResponse></Message></GetMessageResponse>"#
        );
        Ok(server::xml(200, envelope(&body)))
    };
    if master.is_empty() || !state.accepts(&hub.config, &master) {
        return answer(
            "<tns:Fault><tns:Message>Доступ для МастерТокена закрыт</tns:Message></tns:Fault>".into(),
        );
    }
    let now = hub.now();
    let known = state.sessions.iter().find(|(_, (owner, ends))| *owner == master && *ends > now);
    let token = match known {
        Some((token, _)) => token.clone(),
        None => {
            state.made += 1;
            let token = format!("SESSION-{}", state.made);
            state.sessions.insert(token.clone(), (master, now.plus_seconds(SESSION_SECONDS)));
            token
        }
    };
    let ends = state.sessions.get(&token).map_or(now, |(_, ends)| *ends);
    answer(format!(
        "<tns:Result><tns:Token>{token}</tns:Token><tns:ExpireTime>{ends}</tns:ExpireTime></tns:Result>"
    ))
}

fn has_action(asking: &Asking, action: &str) -> bool {
    let told = asking.headers.get("soapaction").and_then(|told| told.to_str().ok()).unwrap_or_default();
    told.trim_matches('"') == action
}

pub(crate) async fn answer(hub: &Arc<Hub>, asking: &Asking) -> Result<Reply, Cut> {
    let header = |name: &str| asking.headers.get(name).and_then(|value| value.to_str().ok());
    let done = {
        let mut state = hub.lock();
        let now = hub.now();
        let session = header("FNS-OpenApi-Token").and_then(|token| state.sessions.get(token));
        let is_open = session.is_some_and(|(master, ends)| *ends > now && state.accepts(&hub.config, master));
        if !is_open || header("FNS-OpenApi-UserToken").is_none_or(str::is_empty) {
            return Ok(fault("AuthenticationFault: токен не найден или истёк"));
        }
        let Some(all) = elements(&asking.body) else {
            state.complain("the body is not XML with namespaces".into());
            return Ok(fault("Неверный формат сообщения"));
        };
        if has_action(asking, "urn:SendMessageRequest") && text(&all, ASYNC, "SendMessageRequest").is_some() {
            send(hub, &mut state, &all)
        } else if has_action(asking, "urn:GetMessageRequest")
            && text(&all, ASYNC, "GetMessageRequest").is_some()
        {
            get(hub, &mut state, &all)
        } else {
            state.complain("neither SendMessageRequest nor GetMessageRequest with its SOAPAction".into());
            return Ok(fault("Неверный формат сообщения"));
        }
    };
    match done {
        Done::Reply(reply) => Ok(*reply),
        Done::Hang(time) => Err(server::hang(time).await),
        Done::Cut => Err(Cut),
    }
}

enum Done {
    Reply(Box<Reply>),
    Hang(std::time::Duration),
    Cut,
}

impl From<Reply> for Done {
    fn from(reply: Reply) -> Self {
        Self::Reply(Box::new(reply))
    }
}

fn send(hub: &Hub, state: &mut State, all: &[Element]) -> Done {
    state.asked += 1;
    let part = |name: &str| text(all, TICKET, name).unwrap_or_default();
    let date = part("Date");
    let well_formed = date.len() == 19 && date.is_ascii() && text(all, TICKET, "GetTicketInfo").is_some();
    let compact: String = date.chars().filter(|letter| !matches!(letter, '-' | ':')).collect();
    let sum = part("Sum").parse::<u64>().map(|kopecks| format!("{}.{:02}", kopecks / 100, kopecks % 100));
    let asked = sum.map_err(|_| "Sum must be in kopecks").and_then(|sum| {
        let (drive, document) = (part("Fn"), part("FiscalDocumentId"));
        Asked::of_parts(&compact, &sum, drive, document, part("FiscalSign"), part("TypeOperation"))
    });
    let asked = match asked {
        Ok(asked) if well_formed => asked,
        wrong => {
            let why = wrong.err().unwrap_or("Date must be like 2024-09-17T18:01:00");
            state.complain(format!("GetTicketRequest: {why}"));
            return fault("Ошибка валидации сообщения").into();
        }
    };
    let fate = state.fate();
    match fate {
        Fate::TooMany(seconds) => return server::too_many(seconds).into(),
        Fate::Status(code) => return server::plain(code, "sorry").into(),
        Fate::Garbage => return server::plain(200, "welcome").into(),
        Fate::Huge => return server::huge().into(),
        Fate::Hang(time) => return Done::Hang(time),
        Fate::Cut => return Done::Cut,
        Fate::Quota => return fault("RateLimitingFault: превышен лимит обращений").into(),
        _ => {}
    }
    state.made += 1;
    let id = format!("message-{}", state.made);
    state.messages.insert(id.clone(), Message { asked, fate, looks: hub.config.looks });
    let body =
        format!(r#"<SendMessageResponse xmlns="{ASYNC}"><MessageId>{id}</MessageId></SendMessageResponse>"#);
    server::xml(200, envelope(&body)).into()
}

fn get(hub: &Hub, state: &mut State, all: &[Element]) -> Done {
    let id = text(all, ASYNC, "MessageId").unwrap_or_default().to_owned();
    let Some(message) = state.messages.get_mut(&id) else {
        return fault("MessageNotFoundFault: сообщение не найдено").into();
    };
    if let Some(left) = message.looks.checked_sub(1) {
        message.looks = left;
        let body = format!(
            r#"<GetMessageResponse xmlns="{ASYNC}"><ProcessingStatus>PROCESSING</ProcessingStatus></GetMessageResponse>"#
        );
        return server::xml(200, envelope(&body)).into();
    }
    let Message { asked, fate, .. } = message.clone();
    state.messages.remove(&id);
    let result = match fate {
        Fate::NotYet => result(200, None),
        Fate::Wait(_) => result(503, None),
        Fate::Other | Fate::Strange => result(500, None),
        Fate::Words => result(200, Some("Данные получены")),
        Fate::Hollow => result(200, Some(r#"{"document":{"receipt":{"user":"ООО"}}}"#)),
        Fate::Another => {
            let other = r#"{"fiscalDriveNumber":"0000000000000001","fiscalDocumentNumber":1,"fiscalSign":1,"totalSum":1}"#;
            result(200, Some(other))
        }
        _ => match state.judge(&hub.config, &asked, hub.now()) {
            Verdict::Found(document, _) => result(200, Some(&format!(r#"{{"content":{document}}}"#))),
            Verdict::Wrong => result(406, None),
            Verdict::NotYet => result(200, None),
            Verdict::TooFast => result(503, None),
            Verdict::TooOften | Verdict::UsedUp => {
                return fault("RateLimitingFault: превышен лимит обращений").into();
            }
        },
    };
    let body = format!(
        r#"<GetMessageResponse xmlns="{ASYNC}"><ProcessingStatus>COMPLETED</ProcessingStatus><Message><tns:GetTicketResponse xmlns:tns="{TICKET}">{result}</tns:GetTicketResponse></Message></GetMessageResponse>"#
    );
    let whole = envelope(&body);
    match fate {
        Fate::Truncated => server::with_type(200, "text/xml; charset=utf-8", server::half(whole)).into(),
        _ => server::xml(200, whole).into(),
    }
}

fn result(code: u16, ticket: Option<&str>) -> String {
    let ticket =
        ticket.map(|ticket| format!("<tns:Ticket>{}</tns:Ticket>", escape(ticket))).unwrap_or_default();
    format!("<tns:Result><tns:Code>{code}</tns:Code>{ticket}</tns:Result>")
}
