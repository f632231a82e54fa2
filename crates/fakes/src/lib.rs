//! Strict stand-ins of foreign services, for tests, load and the demo.

pub mod drand;
mod listener;
pub mod receipt_check;
pub mod telegram;
