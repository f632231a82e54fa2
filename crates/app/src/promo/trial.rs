//! Terms are tried on names of goods and on documents before anybody sends a receipt; shops are learnt from documents.

use super::goods::{self, Tried};
use super::model::{Shop, Terms, Verdict};
use super::rules::{judge, learnt};
use super::{Promotion, get, learn};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::receipts;
use samovar_base::{PromotionId, ReceiptId};
use samovar_fiscal::{Code, Item, Receipt, Seller, document};
use serde_json::Value;

/// Names that are tried at once.
const NAMES_MAX: usize = 200;

/// What is tried.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Trial {
    /// Names of goods as tills print them.
    pub names: Vec<String>,
    /// A document as a provider, the app of the tax service or an operator gives it.
    pub document: Option<Value>,
    /// Terms that are not saved yet; those in force when there are none.
    pub terms: Option<Terms>,
}

/// What the terms make of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The names, or the goods of the document.
    pub goods: Vec<Tried>,
    /// Of a document: what would become of it, dates and limits apart.
    pub verdict: Option<Verdict>,
    /// Of a document: who sold.
    pub seller: Option<Seller>,
}

/// Tries terms. Nothing is changed and nobody is asked.
pub async fn attempt(app: &App, actor: &Actor, id: PromotionId, trial: Trial) -> Result<Outcome, Fail> {
    actor.require(Right::Promotions)?;
    let (promotion, _) = get(app, actor, id).await?;
    let terms = trial.terms.unwrap_or(promotion.terms);
    if let Some(value) = &trial.document {
        let receipt = read(value)?;
        let goods = goods::tried(&terms, &receipt.items, &receipt.seller);
        let verdict = judge(&terms, &own_code(&receipt), &receipt);
        return Ok(Outcome { goods, verdict: Some(verdict), seller: Some(receipt.seller) });
    }
    let names = trial.names.into_iter().filter(|name| !name.trim().is_empty()).take(NAMES_MAX);
    let items: Vec<Item> = names.map(|name| Item { name, ..Item::default() }).collect();
    Ok(Outcome { goods: goods::tried(&terms, &items, &Seller::default()), verdict: None, seller: None })
}

/// From what a shop is learnt.
#[derive(Debug, Clone, PartialEq)]
pub enum Lesson {
    /// From a receipt that was sent and checked.
    Receipt(ReceiptId),
    /// From a document.
    Document(Value),
}

/// Adds the seller of a receipt to the shops of a promotion.
pub async fn learn_from(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    lesson: Lesson,
) -> Result<Promotion, Fail> {
    actor.require(Right::Promotions)?;
    let shop: Shop = match lesson {
        Lesson::Document(value) => learnt(&read(&value)?),
        Lesson::Receipt(receipt) => {
            let one = receipts::receipt(app, actor, id, receipt).await?;
            let document = one.document.map(|(_, document, _)| document);
            learnt(&document.ok_or_else(not_checked)?)
        }
    };
    learn(app, actor, id, shop).await
}

fn read(value: &Value) -> Result<Receipt, Problem> {
    document::decode_value(value).map_err(|_| {
        let ru = "Это не документ чека: нужен JSON из приложения налоговой, от оператора или от сервиса проверки";
        let en = "This is no document of a receipt: it takes JSON of the tax service's app, an operator or a check service";
        Problem::invalid("document", "not_a_document", ru, en)
    })
}

/// The code that such a receipt bears: a document alone says nothing against itself.
fn own_code(receipt: &Receipt) -> Code {
    Code {
        key: receipt.key.clone(),
        at: receipt.at.unwrap_or_default(),
        sum: receipt.total,
        operation: receipt.operation,
    }
}

fn not_checked() -> Problem {
    let ru = "Этот чек ещё не проверен: подождите ответа налоговой или возьмите другой";
    Problem::refused(
        "not_checked",
        ru,
        "This receipt is not checked yet: wait for the tax service, or take another",
    )
}
