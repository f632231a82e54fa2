//! Loyalty: a company's programme, cards, and points given and taken by hand.
//!
//! The ledger counts; this folder decides who gets points for what, says it to the customer, and draws the card.
//! A company without a stored programme has the defaults of [`Programme`].

pub mod card;
mod cards;
mod desk;
mod model;
mod programme;
mod rules;
mod store;
#[cfg(test)]
mod tests;
mod wording;
pub mod words;

pub use cards::{CardHolder, card_of, card_picture, find_card, picture, resolve_card};
pub(crate) use desk::deduct_confirmed_in;
pub use desk::{Welcome, balance, deduct_by_hand, grant_by_hand, history, welcome};
pub use model::{Notice, Notices, Programme, Screens, Stored, Units, Wording};
pub(crate) use programme::current;
pub use programme::{programme, set_programme};
pub(crate) use rules::wrong_wording;
pub use rules::{EXPIRY_DAYS_MAX, WELCOME_MAX, card_code, read_card};
pub use wording::{Names, Speech};
