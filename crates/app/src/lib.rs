//! The business: the one flow, durable work, and a folder for each capability.
//!
//! A capability's folder has the same few files everywhere: `mod.rs` (what it is, the verbs others may call),
//! `model.rs`, `rules.rs` (pure decisions), `store.rs` (its SQL), `work.rs` (its jobs), `words.rs` (what scenarios may
//! say of it). Whoever has read one has read all.

pub mod access;
pub mod accruals;
pub mod app;
pub mod backups;
pub mod broadcasts;
pub mod capability;
pub mod catalogue;
pub mod channels;
pub mod codes;
pub mod contacts;
pub mod conversations;
pub mod counter;
pub mod deals;
pub mod directory;
pub mod draws;
pub mod exports;
pub mod guard;
pub mod idempotency;
pub mod imports;
pub mod insights;
pub mod ledger;
pub mod live;
pub mod loyalty;
pub mod media;
pub mod migrations;
pub mod mini;
pub mod past;
pub mod pictures;
pub mod pipeline;
pub mod problem;
pub mod promo;
pub mod qr;
pub mod receipts;
pub mod reports;
pub mod scan;
pub mod scenarios;
pub mod segments;
pub mod setup;
pub mod sheets;
pub mod staff;
pub mod tenants;
pub mod users;
pub mod visit;
pub mod work;

pub use app::App;
pub use problem::{Fail, Kind, Problem};
