//! The ledger: points in double entry. Postings are forever; a mistake is corrected by one more posting.
//!
//! A contact's wallet is an account with its open lots (points that were earned together and expire together) and
//! open holds (points set aside). A unit of work loads it once, [`post`]s operations to it, and what they change is
//! written when the unit ends. Nothing else changes a balance.
//!
//! What holds at any time: both sides of a posting are accounts, so all accounts sum to zero; a wallet's balance is
//! the sum of its postings and of what remains in its lots, less its debt; a lot is the sum of its postings; what is
//! held is the sum of the open holds; an operation has one effect for its key. [`check`] proves it from the tables.
//!
//! Rules that one might expect otherwise:
//! - Spending takes the lot that expires soonest, then the oldest.
//! - Points in a hold do not expire. When they come back to a lot whose time is over, they expire at that moment; the
//!   same goes for spent points that are given back.
//! - A partly captured hold is over; the rest of it is released.
//! - An expiry takes effect at the lot's own moment, however late the work is done, and free points whose time is over
//!   can neither be seen nor spent before it is.
//! - The end of a lot may be put off while it is open, never brought nearer; each time is kept beside the operation.
//! - Earned points that are taken back after they were spent may become a debt, if the caller's rule allows it; what is
//!   earned next pays the debt first.

mod audit;
mod batch;
mod journal;
mod model;
mod operation;
mod requests;
mod rules;
mod store;
#[cfg(test)]
mod tests;
pub mod work;

pub use audit::{Discrepancy, check};
pub(crate) use batch::ids;
pub use batch::{WALLETS_MAX, contacts_under, count_under, load_many, post_many};
pub use journal::{Line, balance_at, history, lines, page};
pub use model::{
    Account, Change, Hold, HoldState, Lot, NextExpiry, OPEN_HOLDS_MAX, OPEN_LOTS_MAX, POINTS, POINTS_MAX,
    Part, Posting, PostingKind, Refusal, Shortfall, Standing, Wallet,
};
pub use operation::{Act, Entry, Operation, OperationId, Posted, operation, post};
pub(crate) use requests::tidy_note;
pub use requests::{Receipt, Request, balance_on, carry_out, postings, wallet};
pub(crate) use store::touch;
pub use store::{find, load};

use crate::problem::Fail;
use crate::visit::Visit;

/// The wallet of the person of a visit, loaded when first asked for.
pub async fn of_visit(visit: &mut Visit) -> Result<&mut Wallet, Fail> {
    let wallet = match visit.wallet.take() {
        Some(wallet) => wallet,
        None => load(&visit.app, &visit.tx, visit.contact.id, POINTS).await?,
    };
    Ok(visit.wallet.insert(wallet))
}

/// [`post`]s to the wallet of the person of a visit.
pub async fn post_for(visit: &mut Visit, operation: Operation) -> Result<Posted, Fail> {
    of_visit(visit).await?;
    let Visit { app, tx, wallet: Some(wallet), now, .. } = visit else { unreachable!("loaded above") };
    post(app, tx, wallet, operation, *now).await
}
