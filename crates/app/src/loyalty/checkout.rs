//! The till: a purchase earns points and is paid with points, in one unit under one key.

use super::desk::Desk;
use super::purchase::{Booked, Purchase, PurchaseId, PurchaseRecord, Sums, money};
use super::store;
use super::wording::Names;
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::codes::{self, OperationKind};
use crate::contacts;
use crate::guard;
use crate::ledger::{self, Act, Operation, POINTS, Standing, Wallet};
use crate::pipeline::Ready;
use crate::problem::{Fail, Kind, Problem};
use crate::visit::Cause;
use samovar_base::vault::fingerprint;
use samovar_base::{ContactId, Instant, LotId, Points};
use samovar_store::{StoreError, Tx};
use serde_json::json;

/// What a purchase would come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quote {
    /// Sums and points.
    pub sums: Sums,
    /// The wallet as it is.
    pub before: Standing,
    /// The wallet as it would be.
    pub after: Standing,
    /// When what is earned would end.
    pub ends: Option<Instant>,
}

/// A purchase that was booked, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    /// As it stands in the books.
    pub purchase: PurchaseRecord,
    /// What was left to be paid with money.
    pub to_pay_minor: i64,
    /// The wallet as it is now.
    pub standing: Standing,
    /// It was booked before, and nothing changed now.
    pub already: bool,
}

/// What [`checkout`] would do now. Nothing changes.
pub async fn quote(app: &App, actor: &Actor, contact: ContactId, purchase: Purchase) -> Result<Quote, Fail> {
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .read(actor.tenant, move |tx| {
            let (app, actor, purchase) = (services.clone(), actor_of_unit.clone(), purchase.clone());
            async move { quote_in(&app, &tx, &actor, contact, &purchase, now).await }
        })
        .await
}

/// [`quote`] inside a unit of somebody else's.
pub async fn quote_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    purchase: &Purchase,
    now: Instant,
) -> Result<Quote, Fail> {
    actor.require(Right::PointsRead)?;
    let desk = Desk::of(app, tx, contact).await?;
    let wallet = ledger::load(app, tx, contact, POINTS).await?;
    let before = wallet.standing(now);
    let sums = desk.programme.quote(purchase, before.available)?;
    let ends = desk.programme.ends("purchase", now, &desk.zone);
    let mut after = wallet;
    if sums.pays.is_positive() {
        after = after.spend(sums.pays, now).map_err(Problem::from)?.after;
    }
    if sums.earns.is_positive() {
        let lot = LotId::new(&app.ids, app.clock.as_ref());
        after = after.earn(lot, sums.earns, ends, now).map_err(Problem::from)?.after;
    }
    Ok(Quote { sums, before, after: after.standing(now), ends: ends.filter(|_| sums.earns.is_positive()) })
}

/// Books a purchase of a contact, once for `key`: takes the points that pay for it, gives those that it earns, and tells
/// the customer in one message.
pub async fn checkout(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    purchase: Purchase,
    key: String,
) -> Result<Bought, Fail> {
    let now = app.clock.now();
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    let (bought, ready) = app
        .store
        .run(actor.tenant, contacts::unit_key(contact), move |tx| {
            let (app, actor) = (services.clone(), actor_of_unit.clone());
            let (purchase, key) = (purchase.clone(), key.clone());
            async move { checkout_in(&app, &tx, &actor, contact, purchase, key, now).await }
        })
        .await?;
    app.pipeline.send(app, ready);
    Ok(bought)
}

/// [`checkout`] inside a unit of somebody else's. The wallet of the contact must not be loaded in that unit beside.
pub async fn checkout_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    purchase: Purchase,
    key: String,
    now: Instant,
) -> Result<(Bought, Vec<Ready>), Fail> {
    book(app, tx, actor, contact, purchase, (key, Consent::Asked), now).await
}

/// [`checkout_in`] of a purchase that the customer has confirmed by a code or a button.
pub(crate) async fn checkout_confirmed_in(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    purchase: Purchase,
    key: String,
    now: Instant,
) -> Result<(Bought, Vec<Ready>), Fail> {
    book(app, tx, actor, contact, purchase, (key, Consent::Given), now).await
}

/// Whether the customer agreed already that their points are spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Consent {
    /// They did.
    Given,
    /// It is to be asked whether the company wants that.
    Asked,
}

async fn book(
    app: &App,
    tx: &Tx,
    actor: &Actor,
    contact: ContactId,
    mut purchase: Purchase,
    (key, consent): (String, Consent),
    now: Instant,
) -> Result<(Bought, Vec<Ready>), Fail> {
    actor.require(Right::PointsWrite)?;
    purchase.note = ledger::tidy_note(purchase.note, "note")?;
    purchase.receipt = purchase.receipt.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let digest = digest(contact, &purchase);
    let desk = Desk::of(app, tx, contact).await?;
    let mut wallet = ledger::load(app, tx, contact, POINTS).await?;
    if let Some((earlier, known)) = store::purchase_by_key(tx, &key).await? {
        if known != digest {
            return Err(reused(&key).into());
        }
        return Ok((Bought::of(earlier, wallet.standing(now), true), Vec::new()));
    }
    let sums = desk.programme.quote(&purchase, wallet.available(now))?;
    if consent == Consent::Asked && sums.pays.is_positive() {
        codes::demand(tx, actor, OperationKind::Purchase, sums.pays).await?;
    }
    let watch = guard::allow(tx, actor, contact, sums.deed(), now).await?;
    let owed = wallet.debt;
    let record = PurchaseRecord {
        id: PurchaseId::new(&app.ids, app.clock.as_ref()),
        key,
        contact,
        booked: Booked {
            sum_minor: sums.sum_minor,
            paid: sums.pays,
            point_minor: desk.programme.point_minor,
            earned: sums.earns,
            refunded_minor: 0,
            money_back_minor: 0,
        },
        returned: Points::ZERO,
        taken: Points::ZERO,
        receipt: purchase.receipt,
        note: purchase.note,
        items: purchase.items,
        at: now,
    };
    let new = store::NewPurchase { record, cause: actor.cause(), digest };
    if !store::add_purchase(tx, &new).await? {
        // Somebody booked it under this key since it was looked for.
        return Err(StoreError::Stale { statement: "PURCHASE_ADD" }.into());
    }
    let store::NewPurchase { record, cause, .. } = new;
    let mut till = Till { app, tx, desk: &desk, wallet: &mut wallet, record: &record, cause: &cause, now };
    till.book().await?;
    let data = json!({
        "purchase": record.id, "sum_minor": sums.sum_minor, "spent": sums.pays, "earned": sums.earns
    });
    audit(tx, app, actor, "loyalty.purchase", contact, &data);
    if let Some(watch) = watch {
        watch.count(app, tx, record.id.0, now).await?;
    }
    let standing = wallet.standing(now);
    let names = Names {
        points: sums.earns.0,
        sum: money(sums.sum_minor),
        spent: sums.pays.0,
        earned: sums.earns.0,
        repaid: owed.0 - wallet.debt.0,
        comment: record.note.clone().unwrap_or_default(),
        ..desk.names(standing)
    };
    if sums.pays.is_positive() {
        desk.spent(app, tx, "spend", sums.pays, standing, &operation_key(&record.key, "spend")).await?;
    }
    if sums.earns.is_positive() {
        desk.earned(app, tx, "purchase", sums.earns, standing, &operation_key(&record.key, "purchase"))
            .await?;
    }
    let moved = sums.pays.is_positive() || sums.earns.is_positive();
    let ready = if moved {
        desk.tell(app, tx, cause, &desk.programme.notices.purchase, &names).await?
    } else {
        Vec::new()
    };
    Ok((Bought::of(record, standing, false), ready))
}

/// The purchase of that id.
pub async fn get_purchase(app: &App, actor: &Actor, id: PurchaseId) -> Result<PurchaseRecord, Fail> {
    actor.require(Right::PointsRead)?;
    app.store
        .read(
            actor.tenant,
            move |tx| async move { store::purchase(&tx, id).await?.ok_or_else(|| unknown(id)) },
        )
        .await
}

/// The purchase that was booked under that key.
pub async fn find_purchase(app: &App, actor: &Actor, key: &str) -> Result<Option<PurchaseRecord>, Fail> {
    actor.require(Right::PointsRead)?;
    let key = key.to_owned();
    app.store
        .read(actor.tenant, move |tx| {
            let key = key.clone();
            async move { Ok(store::purchase_by_key(&tx, &key).await?.map(|(record, _)| record)) }
        })
        .await
}

/// Up to `limit` purchases of a contact, the youngest first, from `before` on.
pub async fn list_purchases(
    app: &App,
    actor: &Actor,
    contact: ContactId,
    before: Option<PurchaseId>,
    limit: u32,
) -> Result<Vec<PurchaseRecord>, Fail> {
    actor.require(Right::PointsRead)?;
    app.store
        .read(actor.tenant, move |tx| async move {
            contacts::load(&tx, contact).await?.ok_or_else(|| contacts::not_found(contact))?;
            Ok(store::purchases(&tx, contact, before, limit).await?)
        })
        .await
}

impl Bought {
    fn of(purchase: PurchaseRecord, standing: Standing, already: bool) -> Self {
        let booked = &purchase.booked;
        let to_pay_minor = booked.sum_minor - booked.paid.0 * booked.point_minor;
        Self { to_pay_minor, purchase, standing, already }
    }
}

/// A purchase being booked.
struct Till<'a> {
    app: &'a App,
    tx: &'a Tx,
    desk: &'a Desk,
    wallet: &'a mut Wallet,
    record: &'a PurchaseRecord,
    cause: &'a Cause,
    now: Instant,
}

impl Till<'_> {
    async fn book(&mut self) -> Result<(), Fail> {
        let Booked { paid, earned, .. } = self.record.booked;
        let ends = self.desk.programme.ends("purchase", self.now, &self.desk.zone);
        if paid.is_positive() {
            self.post("spend", Act::Spend { points: paid }).await?;
        }
        if self.desk.programme.expiry.prolong_on_purchase {
            self.prolong().await?;
        }
        if earned.is_positive() {
            let lot = LotId::new(&self.app.ids, self.app.clock.as_ref());
            self.post("purchase", Act::Earn { lot, points: earned, expires_at: ends }).await?;
        }
        Ok(())
    }

    /// The open lots of the common term get it anew; those with a term of their own keep it.
    async fn prolong(&mut self) -> Result<(), Fail> {
        let programme = &self.desk.programme;
        let until = programme.expires_at(self.now, &self.desk.zone);
        let kinds = store::kinds_of_lots(self.tx, self.wallet.account).await?;
        let own_term = |kind: &str| programme.expiry.days_of.contains_key(kind);
        let lots: Vec<LotId> =
            kinds.into_iter().filter(|(_, kind)| !own_term(kind)).map(|(lot, _)| lot).collect();
        if self.wallet.prolong(&lots, until, self.now).is_ok() {
            self.post("prolong", Act::Prolong { lots, until }).await?;
        }
        Ok(())
    }

    async fn post(&mut self, kind: &'static str, act: Act) -> Result<(), Fail> {
        let operation = Operation {
            key: operation_key(&self.record.key, kind),
            kind: kind.into(),
            note: self.record.note.clone(),
            cause: self.cause.clone(),
            act,
        };
        ledger::post(self.app, self.tx, self.wallet, operation, self.now).await?.entry()?;
        Ok(())
    }
}

/// The key of the operation that a purchase makes: `spend`, `purchase`, `prolong`.
pub(super) fn operation_key(purchase: &str, kind: &str) -> String {
    format!("purchase:{kind}:{purchase}")
}

pub(super) fn unknown(id: PurchaseId) -> Fail {
    Problem::not_found("покупка", "purchase", id).into()
}

pub(super) fn reused(key: &str) -> Problem {
    Problem::new(
        Kind::Conflict,
        "operation_key_reused",
        format!("Под ключом «{key}» уже проведено другое"),
        format!("Something else was already booked under the key “{key}”"),
    )
}

/// What must be the same when the key is.
fn digest(contact: ContactId, purchase: &Purchase) -> String {
    fingerprint(format!("{contact}\n{}", serde_json::to_string(purchase).unwrap_or_default()).as_bytes())
}
