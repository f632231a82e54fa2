//! The Telegram connector against a small server that answers as told; services of checks against their strict fake.

mod beacon;
mod bodies;
mod errors;
mod receipt_check;
mod receiving;
mod server;
