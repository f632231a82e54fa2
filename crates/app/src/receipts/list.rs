//! Receipts as the staff looks them up: the list, one with everything known of it, the length of the queue.

use super::look::file_of;
use super::model::{Attempt, Receipt, State, receipt_columns};
use super::{say, store};
use crate::access::Actor;
use crate::app::App;
use crate::media::{self, Content};
use crate::problem::{Fail, Problem};
use crate::promo::{self, Reason, SEEN_BY};
use samovar_base::{ContactId, Instant, PromotionId, ReceiptId, TenantId};
use samovar_store::{StoreError, Tx, params, query};

// Keys of the page come down: the youngest first.
query! {
    static ALL = concat!("SELECT ", receipt_columns!(), ", c.name FROM receipts_receipt r \
        LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id \
        WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.id < $3 ORDER BY r.id DESC LIMIT $4");
    static OF_STATE = concat!("SELECT ", receipt_columns!(), ", c.name FROM receipts_receipt r \
        LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id \
        WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.state = $5 \
        AND (r.arrived_at, r.id) < ($6, $3) ORDER BY r.arrived_at DESC, r.id DESC LIMIT $4");
    static OF_CONTACT = concat!("SELECT ", receipt_columns!(), ", c.name FROM receipts_receipt r \
        LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id \
        WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.contact_id = $5 \
        AND (r.state = $7 OR $7 < 0) AND (r.reason = $8 OR $8 = '') AND (r.arrived_at, r.id) < ($6, $3) ORDER BY r.arrived_at DESC, r.id DESC LIMIT $4");
    static OF_REASON = concat!("SELECT ", receipt_columns!(), ", c.name FROM receipts_receipt r \
        LEFT JOIN contact c ON c.tenant_id = r.tenant_id AND c.id = r.contact_id \
        WHERE r.tenant_id = $1 AND r.promotion_id = $2 AND r.reason = $5 AND r.reason <> '' \
        AND (r.arrived_at, r.id) < ($6, $3) ORDER BY r.arrived_at DESC, r.id DESC LIMIT $4");
    static NAME = "SELECT name FROM contact WHERE tenant_id = $1 AND id = $2";
    static OLDEST = "SELECT MIN(arrived_at) FROM receipts_receipt WHERE tenant_id = $1 AND promotion_id = $2 AND state < 2";
    static PERSON_WAITS = "SELECT COUNT(*) FROM (SELECT 1 FROM receipts_receipt \
        WHERE tenant_id = $1 AND promotion_id = $2 AND state = 2 LIMIT 100000) AS waiting";
}

/// Which receipts are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Filter {
    /// Of this state.
    pub state: Option<State>,
    /// Refused, or waiting for a person, by this reason.
    pub reason: Option<Reason>,
    /// Of this person.
    pub contact: Option<ContactId>,
}

impl Filter {
    /// Receipts of the wanted reason are in one state: of another there are none.
    fn is_empty(self) -> bool {
        let of_reason = |reason: Reason| if reason.waits() { State::Person } else { State::Refused };
        self.state.zip(self.reason).is_some_and(|(state, reason)| state != of_reason(reason))
    }
}

/// A receipt in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct ListedReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// What its sender is called; may be empty.
    pub name: String,
}

/// Everything that is known of a receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct OneReceipt {
    /// The receipt.
    pub receipt: Receipt,
    /// What its sender is called; may be empty.
    pub name: String,
    /// What the tax service keeps of it, who told, and when.
    pub document: Option<(String, samovar_fiscal::Receipt, Instant)>,
    /// Who was asked, and what they answered.
    pub attempts: Vec<Attempt>,
    /// Its place in the queue, while it waits.
    pub place: Option<i64>,
    /// What the person was told, or would be, in their language.
    pub said: String,
}

/// What waits in a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Receipts that wait for their check or are with a provider.
    pub receipts: i64,
    /// Pictures that are not read yet.
    pub pictures: i64,
    /// Receipts that wait for a person.
    pub person: i64,
    /// When the oldest of the waiting ones arrived.
    pub oldest: Option<Instant>,
}

/// Up to `limit` receipts of a promotion, the youngest first, from after `after` on: its moment of arrival and id.
pub async fn receipts(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    filter: Filter,
    after: Option<(Instant, ReceiptId)>,
    limit: u32,
) -> Result<Vec<ListedReceipt>, Fail> {
    actor.require_any(SEEN_BY)?;
    let (moment, id) = after.unwrap_or((Instant(i64::MAX), ReceiptId(i64::MAX)));
    app.store
        .read(actor.tenant, move |tx| async move {
            let rows = match filter {
                filter if filter.is_empty() => Vec::new(),
                Filter { contact: Some(contact), state, reason } => {
                    let (state, reason) =
                        (state.map_or(-1, State::number), reason.map_or("", Reason::as_str));
                    tx.all(&OF_CONTACT, params![promotion, id, limit, contact, moment, state, reason]).await?
                }
                Filter { reason: Some(reason), .. } => {
                    tx.all(&OF_REASON, params![promotion, id, limit, reason.as_str(), moment]).await?
                }
                Filter { state: Some(state), .. } => {
                    tx.all(&OF_STATE, params![promotion, id, limit, state.number(), moment]).await?
                }
                Filter { state: None, .. } => tx.all(&ALL, params![promotion, id, limit]).await?,
            };
            let listed = rows.iter().map(|row| {
                let receipt = Receipt::from_row(row, 0)?;
                let name = row.opt_text(Receipt::COLUMNS)?.unwrap_or_default().to_owned();
                Ok::<_, StoreError>(ListedReceipt { receipt, name })
            });
            Ok::<_, Fail>(listed.collect::<Result<_, _>>()?)
        })
        .await
}

/// One receipt with everything known of it.
pub async fn receipt(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    id: ReceiptId,
) -> Result<OneReceipt, Fail> {
    actor.require_any(SEEN_BY)?;
    let services = app.clone();
    let zone = zone(app, actor.tenant);
    app.store
        .read(actor.tenant, move |tx| {
            let (app, zone) = (services.clone(), zone.clone());
            async move {
                let receipt = store::one(&tx, promotion, id).await?.ok_or_else(|| store::not_found(id))?;
                let of = promo::current(&app, &tx, promotion).await?.ok_or_else(|| store::not_found(id))?;
                let document = match receipt.key() {
                    Some(key) => store::document(&tx, key).await?,
                    None => None,
                };
                let place = match receipt.state {
                    State::Waiting | State::Checking => Some(store::place(&tx, &receipt).await?),
                    _ => None,
                };
                let locale = crate::contacts::load(&tx, receipt.contact).await?.map(|known| known.locale);
                let said = say::outcome(&of, &receipt, None, locale.as_deref().unwrap_or("ru"), &zone);
                Ok::<_, Fail>(OneReceipt {
                    name: name(&tx, receipt.contact).await?,
                    document,
                    attempts: store::attempts(&tx, promotion, id).await?,
                    place,
                    said,
                    receipt,
                })
            }
        })
        .await
}

fn zone(app: &App, tenant: TenantId) -> jiff::tz::TimeZone {
    app.directory.tenant(tenant).map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone())
}

async fn name(tx: &Tx, contact: ContactId) -> Result<String, StoreError> {
    let row = tx.one(&NAME, params![contact]).await?;
    row.map_or(Ok(String::new()), |row| Ok(row.text(0)?.to_owned()))
}

/// The picture in which a receipt was found.
pub async fn receipt_picture(
    app: &App,
    actor: &Actor,
    promotion: PromotionId,
    id: ReceiptId,
) -> Result<Content, Fail> {
    actor.require_any(SEEN_BY)?;
    let found = app.store.read(actor.tenant, move |tx| async move {
        store::one(&tx, promotion, id).await?.ok_or_else(|| store::not_found(id))
    });
    match file_of(&found.await?.picture) {
        Some(file) => media::small(app, actor.tenant, file).await,
        None => Err(Problem::not_found("снимок чека", "picture of the receipt", id).into()),
    }
}

/// What waits in a promotion.
pub async fn queue(app: &App, actor: &Actor, promotion: PromotionId) -> Result<Queue, Fail> {
    actor.require_any(SEEN_BY)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            let (receipts, pictures) = store::waiting(&tx, promotion).await?;
            let person = tx.one(&PERSON_WAITS, params![promotion]).await?.map_or(Ok(0), |row| row.int(0))?;
            let oldest =
                tx.one(&OLDEST, params![promotion]).await?.map_or(Ok(None), |row| row.opt_instant(0))?;
            Ok::<_, Fail>(Queue { receipts, pictures, person, oldest })
        })
        .await
}

impl Receipt {
    /// Why it was refused or waits for a person, in a language; empty of others.
    pub fn reason_title(&self, locale: &str) -> &'static str {
        self.reason.map_or("", |reason: Reason| reason.title(locale))
    }
}
