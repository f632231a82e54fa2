//! The program from outside: every test runs on SQLite and on PostgreSQL.

mod accruals;
mod broadcasts;
mod channels;
mod codes;
mod common;
mod contacts;
mod counter;
mod deals;
mod events;
mod exports;
mod ledger;
mod ledger_batch;
mod library;
mod loyalty;
mod nodes;
mod pipeline;
mod purchases;
mod reminders;
mod scenarios;
mod segments;
mod setup;
mod simulation;
mod staff;
mod stories;
mod tenants;
mod work;
