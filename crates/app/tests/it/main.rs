//! The program from outside: every test runs on SQLite and on PostgreSQL.

mod channels;
mod codes;
mod common;
mod contacts;
mod deals;
mod counter;
mod events;
mod exports;
mod ledger;
mod library;
mod ledger_batch;
mod loyalty;
mod nodes;
mod pipeline;
mod purchases;
mod scenarios;
mod setup;
mod simulation;
mod staff;
mod stories;
mod tenants;
mod work;
