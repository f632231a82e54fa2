//! The engine from outside: conversations as transcripts, problems of drafts, properties.

mod coffee;
mod fixture;
mod problems;
mod properties;
mod readable;
mod steps;
mod triggers;
mod world;
