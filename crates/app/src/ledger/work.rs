//! What happens to points by itself when its time comes.

use super::batch::{load_many, post_many};
use super::model::{Lot, Wallet};
use super::operation::{Act, Operation, Posted};
use crate::app::App;
use crate::contacts;
use crate::problem::Fail;
use crate::visit::Cause;
use crate::work::{After, Job, JobError, Retry, enqueue};
use futures::future::BoxFuture;
use samovar_base::{ContactId, HoldId, Instant, TenantId};
use samovar_store::{Tx, params, query};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How often a company's books are looked through.
const EVERY_SECONDS: i64 = 60;
/// Lots, and holds, in one run of the job.
const ROWS_MAX: u32 = 5_000;
/// Wallets in one unit: few enough that who waits for an answer does not notice.
const WALLETS_AT_ONCE: usize = 500;

query! {
    static LOTS_DUE =
        "SELECT w.contact_id, w.code FROM ledger_lot l
         JOIN ledger_wallet w ON w.tenant_id = l.tenant_id AND w.account_id = l.account_id
         WHERE l.tenant_id = $1 AND l.expires_at IS NOT NULL AND l.expires_at <= $2 AND l.remaining > l.held
         ORDER BY l.expires_at LIMIT $3";
    static HOLDS_DUE =
        "SELECT w.contact_id, w.code FROM ledger_hold h
         JOIN ledger_wallet w ON w.tenant_id = h.tenant_id AND w.account_id = h.account_id
         WHERE h.tenant_id = $1 AND h.expires_at IS NOT NULL AND h.expires_at <= $2 AND h.state = 'open'
         ORDER BY h.expires_at LIMIT $3";
}

/// Posts the expiry of lots and releases holds when their time comes; one for each company, for ever.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExpireLots {}

impl Job for ExpireLots {
    const NAME: &'static str = "ledger.expire";
    const RETRY: Retry = Retry { first_ms: 5_000, max_ms: 600_000, tries: i64::MAX };

    fn run<'a>(&'a self, app: &'a App, tenant: TenantId) -> BoxFuture<'a, Result<After, JobError>> {
        Box::pin(async move {
            let now = app.clock.now();
            let settled = expire_due(app, tenant, now, ROWS_MAX).await?;
            Ok(After::Again(if settled.more { now } else { now.plus_seconds(EVERY_SECONDS) }))
        })
    }
}

/// Inside a unit: the company has this job. Called where lots or holds can first get a term.
pub async fn watch(app: &App, tx: &Tx, now: Instant) -> Result<(), Fail> {
    enqueue(app, tx, &ExpireLots {}, now, Some("")).await?;
    Ok(())
}

/// What one look through the books did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settled {
    /// Wallets in which something was due.
    pub wallets: usize,
    /// There was more than was asked for.
    pub more: bool,
}

/// Releases the holds and posts the expiry of the lots that are due at `now`, up to `limit` of each. Many wallets in one
/// unit; done again, it finds nothing.
pub async fn expire_due(app: &App, tenant: TenantId, now: Instant, limit: u32) -> Result<Settled, Fail> {
    let (due, more) = app.store.read(tenant, move |tx| async move { due(&tx, now, limit).await }).await?;
    let mut by_code: BTreeMap<String, Vec<ContactId>> = BTreeMap::new();
    let wallets = due.len();
    for (contact, code) in due {
        by_code.entry(code).or_default().push(contact);
    }
    for (code, contacts) in by_code {
        for chunk in contacts.chunks(WALLETS_AT_ONCE) {
            expire_wallets(app, tenant, chunk.to_vec(), code.clone(), now).await?;
        }
    }
    Ok(Settled { wallets, more })
}

/// The wallets in which something is due, and whether there was more than `limit`.
async fn due(tx: &Tx, now: Instant, limit: u32) -> Result<(BTreeSet<(ContactId, String)>, bool), Fail> {
    let (mut wallets, mut more) = (BTreeSet::new(), false);
    for query in [&HOLDS_DUE, &LOTS_DUE] {
        let rows = tx.all(query, params![now, limit]).await?;
        more |= rows.len() >= limit as usize;
        for row in rows {
            wallets.insert((row.id(0)?, row.text(1)?.to_owned()));
        }
    }
    Ok((wallets, more))
}

async fn expire_wallets(
    app: &App,
    tenant: TenantId,
    contacts: Vec<ContactId>,
    code: String,
    now: Instant,
) -> Result<(), Fail> {
    let services = app.clone();
    let lane = contacts.first().map_or(0, |first| contacts::unit_key(*first));
    app.store
        .run(tenant, lane, move |tx| {
            let (app, contacts, code) = (services.clone(), contacts.clone(), code.clone());
            async move {
                let wallets = load_many(&app, &tx, &contacts, &code).await?;
                let asked = wallets.into_iter().map(|wallet| (due_of(&wallet, now), wallet));
                let asked = asked.map(|(operations, wallet)| (wallet, operations)).collect();
                for (_, posted) in post_many(&app, &tx, asked, now).await? {
                    posted.into_iter().for_each(settled);
                }
                Ok::<_, Fail>(())
            }
        })
        .await
}

/// What is due in a wallet: holds first, for what they give back to a lot whose time is over ends with them.
fn due_of(wallet: &Wallet, now: Instant) -> Vec<Operation> {
    let over = wallet.holds.iter().filter(|hold| hold.expires_at.is_some_and(|end| end <= now));
    let releases = over.map(|hold| release_of(hold.id));
    releases.chain(wallet.due(now).iter().map(expiry_of)).collect()
}

/// A lot expires again when points came back to it after its time.
fn expiry_of(lot: &Lot) -> Operation {
    Operation {
        key: format!("expire:{}:{}", lot.id, lot.expired),
        kind: "expire".into(),
        note: None,
        cause: Cause::new("job", ExpireLots::NAME),
        act: Act::Expire { lot: lot.id },
    }
}

fn release_of(hold: HoldId) -> Operation {
    Operation {
        key: format!("release:{hold}"),
        kind: "release".into(),
        note: None,
        cause: Cause::new("job", ExpireLots::NAME),
        act: Act::Release { hold },
    }
}

/// What is due in a wallet that was just loaded cannot be refused; if it is, the books want looking at.
fn settled(posted: Posted) {
    if let Posted::Refused(refusal) = posted {
        tracing::error!(%refusal, "a lot or hold that is due was not settled");
    }
}
