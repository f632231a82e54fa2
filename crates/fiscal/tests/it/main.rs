//! Codes, documents and goods of real receipts.

mod codes;
mod data;
mod documents;
mod properties;
