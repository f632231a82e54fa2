//! What a fiscal receipt is: the code printed on it, the document the tax service keeps, the goods in it. Pure.
//!
//! Facts: `Code` follows the QR of Russian tills (order of the tax service ED-7-20/662, tag 1196); fields of documents
//! follow the formats of fiscal documents 1.0 to 1.2.

pub mod code;
pub mod document;
pub mod fields;
pub mod goods;
pub mod inn;
mod labelled;
mod layout;
pub mod name;
mod not_a_code;
mod reading;
mod tokens;

pub use code::{Code, Key, Operation};
pub use document::{Item, Receipt, Seller};
pub use fields::{Field, Flaw, Wrong};
pub use not_a_code::NotACode;
pub use reading::{CODES_MAX, read, read_all};
