//! The fakes, spoken to as their clients do.

mod call;
mod control;
mod editing;
mod faults;
mod files;
mod limits;
mod load;
mod polling;
mod receipt_check;
mod sending;
mod setup;
mod webhook;
