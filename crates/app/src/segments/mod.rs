//! Segments: whom mass work goes to.

pub mod audience;

pub use audience::Audience;
