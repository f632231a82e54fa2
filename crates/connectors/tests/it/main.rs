//! The Telegram connector against a small server that answers as told.

mod bodies;
mod errors;
mod receiving;
mod server;
