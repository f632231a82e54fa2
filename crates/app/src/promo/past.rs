//! What happened in a promotion before it came here, written down at once: the demo and benchmarks stand on it. Nobody is
//! told of anything, and no scenario starts.

use super::{Participant, Promotion, Reason, current, join, numbers, unit_key};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::problem::Fail;
use crate::receipts::{self, Receipt, Source, State};
use jiff::civil::DateTime;
use samovar_base::{ChannelId, ContactId, Instant, PromotionId, ReceiptId};
use samovar_fiscal::{Code, Item, Key, Operation, Seller};
use samovar_store::Tx;
use std::sync::Arc;

/// Purchases of one unit.
const PORTION: usize = 100;

/// Where something was bought.
#[derive(Debug, Clone, Default)]
pub struct PastShop {
    /// Tax number.
    pub inn: String,
    /// As printed.
    pub name: String,
    /// Address of the place.
    pub address: String,
    /// Two digits of the region.
    pub region: String,
    /// Number of the till's fiscal drive: 16 digits.
    pub drive: String,
}

/// A purchase whose receipt was sent.
#[derive(Debug, Clone)]
pub struct PastPurchase {
    /// By whom.
    pub contact: ContactId,
    /// Where they came from.
    pub source: String,
    /// In which of the shops.
    pub shop: usize,
    /// Number of the document: unique for its shop.
    pub document: i64,
    /// When the receipt arrived.
    pub arrived: Instant,
    /// When it was bought, by the till.
    pub bought: DateTime,
    /// Goods with their prices in kopecks.
    pub goods: Vec<(String, i64)>,
    /// What became of the receipt.
    pub outcome: PastOutcome,
}

/// What became of a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PastOutcome {
    /// It has its number.
    Accepted,
    /// It was refused.
    Refused(Reason),
    /// A person is to look.
    Waits(Reason),
}

/// Writes purchases of one channel down, in the order in which their receipts arrived.
pub async fn write(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    channel: ChannelId,
    shops: Vec<PastShop>,
    purchases: Vec<PastPurchase>,
) -> Result<(), Fail> {
    actor.require(Right::Promotions)?;
    let shops = Arc::new(shops);
    for portion in purchases.chunks(PORTION) {
        let (services, shops, portion) = (app.clone(), Arc::clone(&shops), Arc::new(portion.to_vec()));
        let now = app.clock.now();
        app.store
            .run(actor.tenant, unit_key(promotion), move |tx| {
                let (app, shops, portion) = (services.clone(), Arc::clone(&shops), Arc::clone(&portion));
                async move {
                    let Some(of) = current(&app, &tx, promotion).await? else { return Ok(()) };
                    let accepted = portion.iter().filter(|one| one.outcome == PastOutcome::Accepted).count();
                    let accepted = i64::try_from(accepted).unwrap_or_default();
                    let mut next = receipts::store::take_numbers(&tx, promotion, accepted).await?;
                    for purchase in portion.iter() {
                        let Some(shop) = shops.get(purchase.shop) else { continue };
                        next += i64::from(one(&app, &tx, &of, channel, shop, purchase, next).await?);
                    }
                    numbers::work::due(&app, &tx, promotion, now).await
                }
            })
            .await?;
    }
    Ok(())
}

/// Writes one; whether it took the number.
async fn one(
    app: &App,
    tx: &Tx,
    promotion: &Promotion,
    channel: ChannelId,
    shop: &PastShop,
    purchase: &PastPurchase,
    number: i64,
) -> Result<bool, Fail> {
    let PastPurchase { contact, arrived, bought, outcome, .. } = *purchase;
    let joined = Participant {
        promotion: promotion.id,
        contact,
        channel,
        source: purchase.source.clone(),
        version: promotion.version,
        blocked: String::new(),
        joined_at: arrived.minus_seconds(240),
    };
    join(tx, &joined).await?;
    let key =
        Key { drive: shop.drive.clone(), document: purchase.document, sign: 1_000_000 + purchase.document };
    let total = purchase.goods.iter().map(|(_, price)| price).sum();
    let code = Code { key: key.clone(), at: bought, sum: total, operation: Operation::Sale };
    let (state, reason) = match outcome {
        PastOutcome::Accepted => (State::Accepted, None),
        PastOutcome::Refused(reason) => (State::Refused, Some(reason)),
        PastOutcome::Waits(reason) => (State::Person, Some(reason)),
    };
    let decided = state != State::Person;
    let receipt = Receipt {
        promotion: promotion.id,
        id: ReceiptId::new(&app.ids, app.clock.as_ref()),
        contact,
        channel,
        cause: String::new(),
        arrived_at: arrived,
        source: Source::Words,
        picture: String::new(),
        text: code.canonical(),
        code: Some(code),
        state,
        holds: state != State::Refused,
        reason,
        note: String::new(),
        version: promotion.version,
        score: 0,
        signs: "[]".into(),
        tries: 1,
        waits: 0,
        outcome: "found".into(),
        check_at: arrived,
        ticket: (state == State::Accepted).then_some(number),
        judged_by: if decided { "rules".into() } else { String::new() },
        judged_at: decided.then(|| arrived.plus_seconds(6)),
        revision: 2,
    };
    let items: Vec<Item> = purchase
        .goods
        .iter()
        .map(|(name, price)| Item {
            name: name.clone(),
            quantity: 1_000,
            price: *price,
            sum: *price,
            product_type: Some(1),
            ..Item::default()
        })
        .collect();
    let document = samovar_fiscal::Receipt {
        key: key.clone(),
        at: Some(bought),
        total,
        seller: Seller {
            inn: shop.inn.clone(),
            name: shop.name.clone(),
            place: shop.name.clone(),
            address: shop.address.clone(),
        },
        region: Some(shop.region.clone()),
        items,
        ..samovar_fiscal::Receipt::default()
    };
    receipts::store::add(tx, &receipt).await?;
    receipts::store::keep_document(tx, &key, "proverkacheka", &document, arrived);
    if state == State::Accepted {
        receipts::store::ticket(tx, &receipt, number, arrived.plus_seconds(6));
    }
    Ok(state == State::Accepted)
}
