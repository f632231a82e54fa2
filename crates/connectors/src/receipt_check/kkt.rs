//! The open API of the tax service: SOAP in two steps, a question gets a number, the answer is fetched by it.
//!
//! Every call counts against the contract's calls of a day, also the ones that only look whether the answer is there.

use super::answer::{self, Answer, Reply, Said};
use super::soap::{self, Texts};
use super::{Account, Kind, Question, ReceiptCheck};
use crate::client::{ClientError, Clients};
use futures::future::BoxFuture;
use quick_xml::escape::escape;
use samovar_fiscal::Key;
use secrecy::{ExposeSecret, SecretString};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

const ADDRESS: &str = "https://openapi.nalog.ru:8090";
const AUTH_PATH: &str = "/open-api/AuthService/0.1";
const KKT_PATH: &str = "/open-api/ais3/KktService/0.1";
const SYNC: &str = "urn://x-artefacts-gnivc-ru/inplat/servin/OpenApiMessageConsumerService/types/1.0";
const ASYNC: &str = "urn://x-artefacts-gnivc-ru/inplat/servin/OpenApiAsyncMessageConsumerService/types/1.0";
const AUTH: &str = "urn://x-artefacts-gnivc-ru/ais3/kkt/AuthService/types/1.0";
const TICKET: &str = "urn://x-artefacts-gnivc-ru/ais3/kkt/KktTicketService/types/1.0";
/// Who asks, for the service's own books; any text in base64.
const USER: &str = "c2Ftb3Zhcg==";

const ANSWER_BYTES_MAX: u64 = 4 << 20;
/// A session lives an hour; it is changed for a new one well before.
const SESSION: Duration = Duration::from_secs(40 * 60);
/// An answer is kept for the asker about this long.
const MESSAGE: Duration = Duration::from_secs(10 * 60);
/// Accounts and questions whose numbers are remembered; beyond that all are forgotten and asked anew.
const SESSIONS_MAX: usize = 1_000;
const MESSAGES_MAX: usize = 10_000;
/// How long to wait before each look for the answer.
const PAUSES: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(2), Duration::from_secs(4), Duration::from_secs(8)];
/// Then the caller comes again.
const AGAIN_MS: u64 = 30_000;

/// The service.
pub struct Kkt {
    clients: Clients,
    address: Url,
    pauses: Vec<Duration>,
    sessions: Mutex<HashMap<Who, Slot>>,
    messages: Mutex<HashMap<(Who, Key), (String, Instant)>>,
}

/// An account, told from others by where it is and by its token.
type Who = (String, String);
/// A session of an account; who waits for the slot waits for somebody who is just getting one.
type Slot = Arc<tokio::sync::Mutex<Option<(SecretString, Instant)>>>;

impl Kkt {
    /// Ready to ask.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new() -> Result<Self, ClientError> {
        Ok(Self {
            clients: Clients::new()?,
            address: ADDRESS.parse().expect("an address"),
            pauses: PAUSES.to_vec(),
            sessions: Mutex::default(),
            messages: Mutex::default(),
        })
    }

    /// Waits this long for each answer instead of the usual time.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.clients.patience = patience;
        self
    }

    /// Looks for the answer after each of these instead of the usual ones.
    #[must_use]
    pub fn with_pauses(mut self, pauses: &[Duration]) -> Self {
        self.pauses = pauses.to_vec();
        self
    }

    async fn ask(&self, account: &Account, question: &Question) -> Result<Answer, Answer> {
        let base = super::base(account, &self.address);
        let who = (base.clone(), account.token.expose_secret().to_owned());
        let call = Call { kkt: self, account, base, slot: self.slot(&who) };
        let pending = (who, question.code.key.clone());
        // A session may have died with the service's memory of it: once, another is taken.
        for is_last in [false, true] {
            let token = call.session().await?;
            match self.with_session(&call, &token, &pending, question).await {
                Err(Trouble::Session(words)) if is_last => return Err(Answer::Refused(words)),
                Err(Trouble::Session(_)) => *call.slot.lock().await = None,
                Err(Trouble::Final(answer)) => return Err(answer),
                Ok(answer) => return Ok(answer),
            }
        }
        Err(Answer::error("the session ended at once"))
    }

    async fn with_session(
        &self,
        call: &Call<'_>,
        token: &SecretString,
        pending: &(Who, Key),
        question: &Question,
    ) -> Result<Answer, Trouble> {
        let known = self.message(pending);
        let message = match known {
            Some(message) => message,
            None => {
                let body = question_body(question);
                let texts = call.post(KKT_PATH, "urn:SendMessageRequest", &body, Some(token)).await?;
                let told = texts.get("SendMessageResponse/MessageId").filter(|id| !id.is_empty());
                let Some(message) = told.map(str::to_owned) else {
                    return Err(Trouble::Final(
                        fault(&texts).unwrap_or_else(|| Answer::error("no number was given")),
                    ));
                };
                self.remember(pending.clone(), message.clone());
                message
            }
        };
        let body = format!(
            r#"<ns:GetMessageRequest xmlns:ns="{ASYNC}"><ns:MessageId>{}</ns:MessageId></ns:GetMessageRequest>"#,
            escape(&message)
        );
        for pause in &self.pauses {
            tokio::time::sleep(*pause).await;
            let looked = call.post(KKT_PATH, "urn:GetMessageRequest", &body, Some(token)).await;
            let texts = match looked {
                // The number is of use only while the service says that it is still looking.
                Err(Trouble::Final(outcome)) => {
                    self.forget(pending);
                    return Ok(outcome);
                }
                looked => looked?,
            };
            match texts.get("GetMessageResponse/ProcessingStatus") {
                Some("COMPLETED") => {
                    self.forget(pending);
                    return Ok(completed(&texts, &question.code.key));
                }
                Some("PROCESSING") => {}
                _ => {
                    self.forget(pending);
                    let answer = fault(&texts);
                    return Ok(
                        answer.unwrap_or_else(|| Answer::error("the answer is not one of the service"))
                    );
                }
            }
        }
        // The number is kept: the next time only the answer is fetched.
        Ok(Answer::Later(Said::new("the tax service is still looking").after(Some(AGAIN_MS))))
    }

    fn slot(&self, who: &Who) -> Slot {
        let mut sessions = lock(&self.sessions);
        if sessions.len() >= SESSIONS_MAX && !sessions.contains_key(who) {
            sessions.clear();
        }
        Arc::clone(sessions.entry(who.clone()).or_default())
    }

    fn message(&self, pending: &(Who, Key)) -> Option<String> {
        let messages = lock(&self.messages);
        let (message, since) = messages.get(pending)?;
        (since.elapsed() < MESSAGE).then(|| message.clone())
    }

    fn remember(&self, pending: (Who, Key), message: String) {
        let mut messages = lock(&self.messages);
        if messages.len() >= MESSAGES_MAX {
            messages.clear();
        }
        messages.insert(pending, (message, Instant::now()));
    }

    fn forget(&self, pending: &(Who, Key)) {
        lock(&self.messages).remove(pending);
    }
}

impl ReceiptCheck for Kkt {
    fn kind(&self) -> Kind {
        Kind::Kkt
    }

    fn address(&self) -> Url {
        self.address.clone()
    }

    fn check<'a>(&'a self, account: &'a Account, question: &'a Question) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            let answer = self.ask(account, question).await.unwrap_or_else(|answer| answer);
            answer.without(&account.token)
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why there is no answer.
enum Trouble {
    /// The session is not accepted.
    Session(Said),
    /// This is the outcome.
    Final(Answer),
}

impl From<Answer> for Trouble {
    fn from(answer: Answer) -> Self {
        Self::Final(answer)
    }
}

/// What the calls of one check share.
struct Call<'a> {
    kkt: &'a Kkt,
    account: &'a Account,
    base: String,
    slot: Slot,
}

impl Call<'_> {
    /// The session's token, a new one when there is none.
    async fn session(&self) -> Result<SecretString, Answer> {
        let mut slot = self.slot.lock().await;
        if let Some((token, since)) = slot.as_ref()
            && since.elapsed() < SESSION
        {
            return Ok(token.clone());
        }
        let master = escape(self.account.token.expose_secret()).into_owned();
        let body = format!(
            r#"<ns:GetMessageRequest xmlns:ns="{SYNC}"><ns:Message><tns:AuthRequest xmlns:tns="{AUTH}"><tns:AuthAppInfo><tns:MasterToken>{master}</tns:MasterToken></tns:AuthAppInfo></tns:AuthRequest></ns:Message></ns:GetMessageRequest>"#
        );
        let texts = match self.post(AUTH_PATH, "urn:GetMessageRequest", &body, None).await {
            Ok(texts) => texts,
            Err(Trouble::Session(said)) => return Err(Answer::Refused(said)),
            Err(Trouble::Final(answer)) => return Err(answer),
        };
        let Some(token) = texts.get("AuthResponse/Result/Token").filter(|token| !token.is_empty()) else {
            let words = texts.get("Fault/Message").unwrap_or("no session was given");
            return Err(Answer::Refused(Said::new(words)));
        };
        let token = SecretString::from(token);
        *slot = Some((token.clone(), Instant::now()));
        Ok(token)
    }

    async fn post(
        &self,
        path: &str,
        action: &str,
        body: &str,
        session: Option<&SecretString>,
    ) -> Result<Texts, Trouble> {
        let clients = &self.kkt.clients;
        let client = clients
            .of(self.account.proxy.as_ref())
            .map_err(|error| Trouble::Final(Answer::error(error.to_string())))?;
        let mut request = client
            .post(format!("{}{path}", self.base))
            .timeout(clients.patience)
            .header("content-type", "text/xml; charset=utf-8")
            .header("soapaction", format!("\"{action}\""))
            .body(soap::envelope(body));
        if let Some(session) = session {
            request = request
                .header("FNS-OpenApi-Token", session.expose_secret())
                .header("FNS-OpenApi-UserToken", USER);
        }
        let reply = answer::exchange(request, ANSWER_BYTES_MAX).await?;
        // Faults come with status 500, and sometimes with 200.
        let texts = Texts::read(&reply.body);
        if let Some(words) = texts.as_ref().and_then(|texts| texts.get("Fault/faultstring")) {
            return Err(of_fault(words, &reply));
        }
        match (reply.by_status(), texts) {
            (Some(Answer::Refused(said)), _) if session.is_some() => Err(Trouble::Session(said)),
            (Some(outcome), _) => Err(outcome.into()),
            (None, Some(texts)) => Ok(texts),
            (None, None) => Err(Answer::error("the answer is not one of the service").into()),
        }
    }
}

/// How a question that the service has forgotten is told.
const MESSAGE_GONE: &str = "the tax service has lost the question";

fn of_fault(words: &str, reply: &Reply) -> Trouble {
    let said = Said::new(words).after(reply.pause);
    let names = words.to_lowercase();
    if names.contains("ratelimit") || names.contains("превышен") {
        Answer::Quota(said).into()
    } else if names.contains("authentication") || names.contains("аутентификац") || names.contains("доступ")
    {
        Trouble::Session(said)
    } else if names.contains("messagenotfound") {
        Answer::Later(Said::new(MESSAGE_GONE).after(reply.pause)).into()
    } else {
        Answer::Error(said).into()
    }
}

/// A refusal inside of an answer.
fn fault(texts: &Texts) -> Option<Answer> {
    let words = texts.get("Fault/Message")?;
    Some(Answer::Error(Said::new(words)))
}

fn question_body(question: &Question) -> String {
    let code = &question.code;
    let (at, key) = (code.at, &code.key);
    let (sum, operation) = (code.sum, code.operation.number());
    format!(
        r#"<ns:SendMessageRequest xmlns:ns="{ASYNC}"><ns:Message><tns:GetTicketRequest xmlns:tns="{TICKET}"><tns:GetTicketInfo><tns:Sum>{sum}</tns:Sum><tns:Date>{date}T{hour:02}:{minute:02}:{second:02}</tns:Date><tns:Fn>{drive}</tns:Fn><tns:TypeOperation>{operation}</tns:TypeOperation><tns:FiscalDocumentId>{document}</tns:FiscalDocumentId><tns:FiscalSign>{sign}</tns:FiscalSign></tns:GetTicketInfo></tns:GetTicketRequest></ns:Message></ns:SendMessageRequest>"#,
        date = at.date(),
        hour = at.hour(),
        minute = at.minute(),
        second = at.second(),
        drive = key.drive,
        document = key.document,
        sign = key.sign,
    )
}

fn completed(texts: &Texts, key: &Key) -> Answer {
    let code = texts.get("GetTicketResponse/Result/Code").and_then(|code| code.parse::<u16>().ok());
    let words = texts.get("Result/Message").or_else(|| texts.get("Result/Text")).unwrap_or_default();
    let said = || Said::new(words);
    match code {
        Some(200) => match texts.get("Result/Ticket").filter(|ticket| !ticket.is_empty()) {
            // The document is a text inside of the text.
            Some(ticket) => match serde_json::from_str(ticket) {
                Ok(document) => Answer::of_document(&document, key, None),
                Err(_) => Answer::error("the document cannot be read: not JSON"),
            },
            None => Answer::NotYet(said()),
        },
        Some(202) => Answer::NotYet(said()),
        Some(400 | 404 | 406) => Answer::Unknown(said()),
        Some(429 | 503) => Answer::Later(said()),
        Some(code) => Answer::error(format!("code {code} {words}")),
        None => fault(texts).unwrap_or_else(|| Answer::error("the answer is not one of the service")),
    }
}
