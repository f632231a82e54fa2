//! The HTTP face, asked as programs, messengers and browsers ask it; on both databases.

mod bad_input;
mod books;
mod channels;
mod chat;
mod conversations;
mod desk;
mod entry;
mod face;
mod idempotency;
mod live;
mod masked;
mod openapi;
mod people;
mod public;
mod rights;
mod service;
mod till;
mod wallets;
