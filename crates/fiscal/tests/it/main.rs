//! Codes, documents and goods of real receipts.

mod codes;
mod data;
mod documents;
mod goods;
mod names;
mod properties;
