//! The store, tested on both databases by the same tests.

mod adds;
mod batches;
mod harness;
mod leases;
mod model;
mod outages;
mod puts;
mod reads;
mod schema;
mod statistics;
mod tls;
mod values;
mod wakes;
