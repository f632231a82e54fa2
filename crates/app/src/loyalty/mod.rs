//! Loyalty: a company's programme, cards, and points given and taken by hand, purchases.
//!
//! The ledger counts; this folder decides who gets points for what, says it to the customer, and draws the card.
//! A company without a stored programme has the defaults of [`Programme`].

mod birthdays;
pub mod card;
mod cards;
mod checkout;
mod desk;
mod model;
mod notices;
mod past;
mod preview;
mod programme;
mod purchase;
mod refund;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod warnings;
mod wording;
pub mod words;

pub use birthdays::Birthdays;
pub use cards::{CardHolder, Grounds, card_of, card_picture, find_card, picture, resolve_card};
pub(crate) use cards::{card_in, code_now, holder_in};
pub(crate) use checkout::checkout_confirmed_in;
pub use checkout::{Bought, Quote, checkout, find_purchase, get_purchase, list_purchases, quote};
pub use checkout::{checkout_in, quote_in};
pub(crate) use desk::deduct_confirmed_in;
pub use desk::{Award, award_in, capture_in, deduct_in, grant_in, hold_in, release_in};
pub use desk::{
    Welcome, balance, capture_hold, deduct_by_hand, grant_by_hand, history, hold_points, release_hold,
    welcome,
};
pub use model::{
    Base, Birthday, Earning, Expiry, Programme, Refunds, Screens, Spending, Stored, Units, Warnings, Wording,
};
pub use notices::{Notice, Notices};
pub(crate) use past::{PastPurchase, book_past, issue_past_card};
pub use preview::{Said, preview_card, preview_wording};
pub(crate) use programme::current;
pub use programme::watch;
pub use programme::{Current, Programmes, programme, set_programme};
pub(crate) use programme::{programme_in, set_programme_in};
pub(crate) use purchase::money;
pub use purchase::{
    Back, Booked, Item, Purchase, PurchaseId, PurchaseRecord, Refund, RefundId, Sums, Weight,
};
pub use refund::refund_in;
pub use refund::{Refunded, refund};
pub(crate) use rules::wrong_wording;
pub use rules::{EXPIRY_DAYS_MAX, WELCOME_MAX, card_code, read_card};
pub(crate) use rules::{last_day, whole_points};
pub(crate) use store::{give_card, holder_of as holder, issue_card, pass_card};
pub use warnings::Warn;
pub use wording::{Ending, Names, Speech, ToMany};
