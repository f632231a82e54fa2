//! The program: configuration, commands, wiring, shutdown.
fn main() {}
