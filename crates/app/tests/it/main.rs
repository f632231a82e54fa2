//! The program from outside: every test runs on SQLite and on PostgreSQL.

mod channels;
mod common;
mod contacts;
mod ledger;
mod loyalty;
mod pipeline;
mod scenarios;
mod simulation;
mod staff;
mod stories;
mod tenants;
