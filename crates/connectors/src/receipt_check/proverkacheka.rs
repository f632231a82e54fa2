//! proverkacheka.com: one POST for a receipt, HTTP 200 for nearly everything, the outcome in `code`.

use super::answer::{self, Answer, Said};
use super::{Account, Kind, Question, ReceiptCheck};
use crate::client::{ClientError, Clients};
use futures::future::BoxFuture;
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// With the picture of the receipt as HTML, which is not read.
const ANSWER_BYTES_MAX: u64 = 4 << 20;
const ADDRESS: &str = "https://proverkacheka.com";
/// Where the questions go.
const PATH: &str = "/api/v1/check/get";

/// What only the account of the asker can run out of.
const OF_PLANS: [&str; 5] = ["тариф", "пакет", "баланс", "оплат", "подписк"];
/// Questions about one receipt are counted by the day.
const DAY_MS: u64 = 86_400_000;

/// The service of that name.
pub struct Proverkacheka {
    clients: Clients,
    address: Url,
}

impl Proverkacheka {
    /// Ready to ask.
    ///
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new() -> Result<Self, ClientError> {
        Ok(Self { clients: Clients::new()?, address: ADDRESS.parse().expect("an address") })
    }

    /// Waits this long for an answer instead of the usual time.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.clients.patience = patience;
        self
    }

    async fn ask(&self, account: &Account, question: &Question) -> Answer {
        let client = match self.clients.of(account.proxy.as_ref()) {
            Ok(client) => client,
            Err(error) => return Answer::error(error.to_string()),
        };
        let address = super::base(account, &self.address) + PATH;
        let code = question.code.canonical();
        let form = [("token", account.token.expose_secret()), ("qrraw", &code)];
        let request = client.post(address).timeout(self.clients.patience).form(&form);
        let reply = match answer::exchange(request, ANSWER_BYTES_MAX).await {
            Ok(reply) => reply,
            Err(outcome) => return outcome,
        };
        match reply.by_status() {
            Some(outcome) => outcome,
            None => read(&reply.body, question),
        }
    }
}

impl ReceiptCheck for Proverkacheka {
    fn kind(&self) -> Kind {
        Kind::Proverkacheka
    }

    fn address(&self) -> Url {
        self.address.clone()
    }

    fn check<'a>(&'a self, account: &'a Account, question: &'a Question) -> BoxFuture<'a, Answer> {
        Box::pin(async move { self.ask(account, question).await.without(&account.token) })
    }
}

/// The fields that are looked at; numbers come as numbers and as texts.
#[derive(Deserialize)]
struct Body {
    code: Value,
    #[serde(default)]
    first: Value,
    #[serde(default)]
    data: Value,
}

fn read(body: &[u8], question: &Question) -> Answer {
    let Ok(body) = serde_json::from_slice::<Body>(body) else {
        return Answer::error("the answer is not one of the service");
    };
    let said = || Said::new(words(&body.data)).after(wait(&body.data));
    match number(&body.code) {
        Some(0) => Answer::Unknown(said()),
        Some(1) => {
            let asked_before = number(&body.first).map(|first| first == 0);
            Answer::of_document(&body.data, &question.code.key, asked_before)
        }
        // 5 is "other": the service asks for the same patience.
        Some(2 | 5) => Answer::NotYet(said()),
        Some(3) => too_often(&words(&body.data).to_lowercase(), said()),
        Some(4) => Answer::Later(said()),
        _ => Answer::error("the answer has a code that is not known"),
    }
}

/// One code for two things: this receipt was asked for too often, perhaps by others, or the plan is used up. Only words
/// that say which are believed: one receipt must not close the service to all the rest.
fn too_often(words: &str, said: Said) -> Answer {
    if words.contains("чек") {
        Answer::NotYet(said.after(Some(DAY_MS)))
    } else if OF_PLANS.iter().any(|word| words.contains(word)) {
        Answer::Quota(said)
    } else {
        Answer::Enough(said)
    }
}

/// Beside the code stands a text, or an object, or nothing.
fn words(data: &Value) -> &str {
    let of_object = || ["message", "error", "text"].iter().find_map(|name| data.get(*name)?.as_str());
    data.as_str().or_else(of_object).unwrap_or_default()
}

/// Seconds to wait, where the object has them.
fn wait(data: &Value) -> Option<u64> {
    let seconds = ["wait", "wait_time", "time"].iter().find_map(|name| number(data.get(*name)?))?;
    u64::try_from(seconds).ok()?.checked_mul(1_000)
}

fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(yes) => Some(i64::from(*yes)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CODE: &str = "t=20240917T1801&s=1285.21&fn=7281440500751551&i=30526&fp=1168453787&n=1";

    fn outcome(body: &str) -> &'static str {
        let code = samovar_fiscal::read(CODE).expect("a code");
        read(body.as_bytes(), &Question { code }).name()
    }

    #[test]
    fn codes_come_as_numbers_and_as_texts() {
        for (body, expected) in [
            (r#"{"code":0,"data":"Чек некорректен"}"#, "unknown"),
            (r#"{"code":"2","data":{"wait":3600}}"#, "not_yet"),
            (r#"{"code":4}"#, "later"),
            (r#"{"code":1,"data":{"json":"нет"}}"#, "error"),
            (r#"{"code":-1}"#, "error"),
            (r#"{"data":"x"}"#, "error"),
            (r#"[]"#, "error"),
            (r#""#, "error"),
        ] {
            assert_eq!(outcome(body), expected, "{body}");
        }
    }

    #[test]
    fn one_code_for_the_receipt_and_for_the_plan() {
        let of = |words: &str| too_often(&words.to_lowercase(), Said::new(words));
        for words in ["Превышено количество запросов по чеку", "Превышено число обращений к этому чеку"]
        {
            let Answer::NotYet(said) = of(words) else { panic!("{words}") };
            assert_eq!(said.after_ms, Some(DAY_MS));
        }
        assert!(matches!(of("Исчерпан лимит тарифа"), Answer::Quota(_)));
        assert!(matches!(of("Недостаточно средств на балансе"), Answer::Quota(_)));
        for unclear in ["", "Превышено количество запросов", "Превышен лимит"]
        {
            assert!(matches!(of(unclear), Answer::Enough(_)), "{unclear}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(code in -1i64..9, data in r#"[{}\[\]":,a-c0-9]{0,60}"#) {
            outcome(&format!(r#"{{"code":{code},"data":{data}}}"#));
            outcome(&data);
        }
    }
}
