//! A running promotion of receipts, made over the API of the running program.

use crate::api::Api;
use anyhow::Context;
use samovar_fakes::receipt_check::Checks;
use serde_json::{Value, json};

/// The library's scenario of it, and its key.
pub const KEY: &str = "receipt-draw";
pub const SCENARIO: &str = include_str!("../../../examples/receipt-draw/ru.toml");
/// Words of what the bot says to those who come,
pub const ASKED: &str = "прочитайте правила и примите их";
/// of its button by which they join,
pub const JOIN: &str = "Принимаю правила";
/// of what it says to those who joined,
pub const JOINED: &str = "вы участвуете";
/// to those whose receipt arrived,
pub const RECEIVED: &str = "Номер в очереди на проверку";
/// to those whose photo arrived,
pub const PHOTO_RECEIVED: &str = "Снимок получен";
/// to those whose receipt was refused,
pub const REFUSED: &str = "не принят. ";
/// and to those whose receipt came too late.
pub const LATE: &str = "закончился";

/// A promotion.
pub struct Promotion {
    /// Where it is asked about.
    pub api: Api,
    /// Its id.
    pub id: String,
}

impl Promotion {
    /// A promotion of ten years with these terms, started.
    pub async fn start(api: Api, terms: Value) -> anyhow::Result<Self> {
        let promotion = json!({
            "key": "tea", "name": "Чай", "starts_at": "2021-01-01T00:00:00Z", "ends_at": "2030-12-31T00:00:00Z",
            "terms": terms,
        });
        let made = api.post("/promotions", &promotion).await?;
        let started = Self { id: made["id"].as_str().context("an id")?.to_owned(), api };
        started.api.post(&started.path("/start"), &json!({})).await?;
        Ok(started)
    }

    /// The path of something of it.
    pub fn path(&self, of: &str) -> String {
        format!("/promotions/{}{of}", self.id)
    }

    /// Receipts and photos that wait, as the program counts them.
    pub async fn queue(&self) -> anyhow::Result<i64> {
        let queue = self.api.get(&self.path("/receipts/queue")).await?;
        let waiting = |name: &str| queue[name].as_i64().context("a number");
        Ok(waiting("receipts")? + waiting("pictures")?)
    }

    /// Numbers given out, by the promotion's own count.
    pub async fn tickets(&self) -> anyhow::Result<i64> {
        self.api.get(&self.path("")).await?["tickets"].as_i64().context("a number")
    }

    /// Codes of a partner.
    pub async fn give_codes(&self, codes: &[String]) -> anyhow::Result<()> {
        let pool = self.api.post(&self.path("/pools"), &json!({ "partner": "Кофейня" })).await?;
        let pool = pool["id"].as_str().context("an id")?;
        self.api.upload(&self.path(&format!("/pools/{pool}/codes")), codes.join("\n")).await?;
        Ok(())
    }
}

/// Receipts are checked by this make-believe service: so many a minute, so many at once.
pub async fn check_by(api: &Api, checks: &Checks, per_minute: u64, at_once: u64) -> anyhow::Result<()> {
    let settings = json!({ "address": checks.base_url(), "per_minute": per_minute, "at_once": at_once });
    let provider =
        json!({ "kind": "proverkacheka", "name": "trial", "token": "10001.trial", "settings": settings });
    api.post("/receipt-providers", &provider).await.map(drop)
}

/// Terms by which receipts of these sellers are taken, any when there are none, as many as a person has, whatever is
/// suspicious about them.
pub fn generous(sellers: &[String]) -> Value {
    let shops: Vec<_> = sellers.iter().map(|inn| json!({ "inn": inn })).collect();
    json!({
        "shops": shops, "limits": { "person": 100_000 }, "moderation": { "score": 101 },
        "rules": { "text": { "ru": "Правила", "en": "" } },
    })
}

/// Words of what is said to those who got a number.
pub fn number_told(number: i64) -> String {
    format!("Ваш номер в розыгрыше: {number}.")
}

/// The partner's code that a text tells.
pub fn code_told(text: &str) -> Option<&str> {
    text.split_once("Ваш промокод: ").map(|(_, code)| code.trim())
}

/// Receipts of one till.
const OF_TILL: u64 = 100;

/// The text of a receipt's code: another for each number from 1.
pub fn code(number: u64) -> String {
    let (till, sign) = (7_281_440_500_750_000 + number / OF_TILL, 1_000_000 + number);
    format!("t=20210304T1530&s=700.00&fn={till}&i={number}&fp={sign}&n=1")
}
