//! Chores of the project: checks, judges, benchmarks.
fn main() {}
