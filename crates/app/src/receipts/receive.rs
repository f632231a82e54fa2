//! A receipt comes in: read, refused if it can be refused without asking anybody, else put down to be checked. Inside
//! the unit of whoever sent it; nothing here waits for anything but the database, and nothing is counted that is long.

use super::model::{Receipt, Source, State};
use super::store::{self, Standing};
use crate::app::App;
use crate::problem::Fail;
use crate::promo::rules::{Counts, Period, Same, before};
use crate::promo::{Promotion, Reason};
use crate::tenants::Tenant;
use samovar_base::{ChannelId, ContactId, Instant, ReceiptId};
use samovar_fiscal::{Code, NotACode};
use samovar_store::Tx;

/// What became of one code of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Taken {
    /// It waits for its check.
    Queued {
        /// Which.
        code: Code,
        /// Its number in the queue.
        place: i64,
    },
    /// It was refused at once.
    Refused {
        /// Which.
        code: Code,
        /// Why.
        reason: Reason,
    },
    /// It is no code of a receipt.
    NotACode(NotACode),
}

/// How receipts came.
#[derive(Debug, Clone)]
pub(super) struct Arrival {
    /// From whom.
    pub contact: ContactId,
    /// By which channel.
    pub channel: ChannelId,
    /// JSON of the cause.
    pub cause: String,
    /// When the message was stored.
    pub at: Instant,
    /// In which form.
    pub source: Source,
    /// Key of the kept picture; may be empty.
    pub picture: String,
}

/// Takes one receipt of somebody who takes part. `standing` is what was read of the person in this unit; it is counted
/// on, for the next receipt of the same message.
pub(super) async fn take(
    app: &App,
    tx: &Tx,
    promotion: &Promotion,
    standing: &mut Standing,
    arrival: &Arrival,
    code: &Code,
) -> Result<Taken, Fail> {
    let tenant = app.directory.tenant(tx.tenant());
    let zone = tenant.as_deref().map_or(jiff::tz::TimeZone::UTC, Tenant::time_zone);
    let period = Period::of(promotion, zone);
    let counts = Counts { person: standing.taken, day: standing.today, same: None };
    let refused = if standing.blocked.is_empty() {
        before(&promotion.terms, &period, code, arrival.at, &counts).err()
    } else {
        Some(Reason::Blocked)
    };
    let mut receipt = receipt(app, promotion, arrival, code);
    if let Some(reason) = refused {
        // Of a receipt that is there already, that is what the person wants to know, whatever else stands against it.
        let limited = matches!(reason, Reason::PersonLimit | Reason::DayLimit);
        let same = if limited { store::holder(tx, promotion.id, &code.key).await? } else { None };
        let reason = same.map_or(reason, |holder| own_or_taken(holder, arrival.contact));
        return refuse(tx, receipt, reason, code).await;
    }
    if store::add(tx, &receipt).await? {
        standing.taken += 1;
        standing.today += 1;
        return Ok(Taken::Queued { code: code.clone(), place: place(app, tx, promotion).await? });
    }
    let holder = store::holder(tx, promotion.id, &code.key).await?;
    let reason = holder.map_or(Reason::Taken, |holder| own_or_taken(holder, arrival.contact));
    receipt.id = ReceiptId::new(&app.ids, app.clock.as_ref());
    refuse(tx, receipt, reason, code).await
}

fn own_or_taken(holder: ContactId, contact: ContactId) -> Reason {
    let same = if holder == contact { Same::Own } else { Same::Others };
    match same {
        Same::Own => Reason::Again,
        Same::Others => Reason::Taken,
    }
}

fn receipt(app: &App, promotion: &Promotion, arrival: &Arrival, code: &Code) -> Receipt {
    Receipt {
        promotion: promotion.id,
        id: ReceiptId::new(&app.ids, app.clock.as_ref()),
        contact: arrival.contact,
        channel: arrival.channel,
        cause: arrival.cause.clone(),
        arrived_at: arrival.at,
        source: arrival.source,
        picture: arrival.picture.clone(),
        text: code.canonical(),
        code: Some(code.clone()),
        state: State::Waiting,
        holds: true,
        reason: None,
        note: String::new(),
        version: promotion.version,
        score: 0,
        signs: "[]".into(),
        tries: 0,
        waits: 0,
        outcome: String::new(),
        check_at: arrival.at,
        ticket: None,
        judged_by: String::new(),
        judged_at: None,
        revision: 1,
    }
}

/// Kept with its reason: the person finds it in their list, the business in its numbers.
async fn refuse(tx: &Tx, mut receipt: Receipt, reason: Reason, code: &Code) -> Result<Taken, Fail> {
    receipt.state = State::Refused;
    receipt.holds = false;
    receipt.reason = Some(reason);
    receipt.judged_by = "rules".into();
    receipt.judged_at = Some(receipt.arrived_at);
    store::add(tx, &receipt).await?;
    Ok(Taken::Refused { code: code.clone(), reason })
}

/// The number in the queue of what has just come: from memory, which is counted anew every few seconds beside the
/// traffic. Counted here only when this node knows nothing yet.
pub(super) async fn place(app: &App, tx: &Tx, promotion: &Promotion) -> Result<i64, Fail> {
    let now = app.clock.now();
    let length = match app.checks.queue(promotion.id, now) {
        Some((length, stale)) => {
            if stale {
                app.checks.recount(tx.tenant(), promotion.id);
            }
            length
        }
        None => {
            let (receipts, pictures) = store::waiting(tx, promotion.id).await?;
            // The one that has just been put down is counted already.
            let length = (receipts + pictures - 1).max(0);
            app.checks.counted(promotion.id, length, now);
            length
        }
    };
    app.checks.moved(promotion.id, 1);
    app.checks.arrived();
    Ok(length + 1)
}
