//! The whole program in a test: real HTTP, real databases, a fake Telegram, and people who write to the bot.
//!
//! [`TestApp`] puts a company on a fresh database of either engine. Its actors ([`Guest`], [`Visitor`], [`Api`]) do
//! what people do, wait until the program has nothing in hand, and keep a journal of what they saw. Time stands until
//! it is moved. [`TestApp::finish`] fails on work left undone. Development only.

mod api;
mod company;
mod database;
mod guest;
mod journal;
mod node;
mod open;
pub mod photos;
mod plain;
mod stage;
mod visitor;

pub use api::{Api, Reply};
pub use company::{API_KEY, BOT_TOKEN, STAFF_TOKEN, Setting};
pub use database::{Database, POSTGRES};
pub use guest::Guest;
pub use journal::Journal;
pub use node::{Node, Start};
pub use open::Open;
pub use plain::Plain;
pub use samovar_store::Engine;
pub use stage::{Stage, Staged, TestApp};
pub use visitor::Visitor;

/// Declares tests that run on both engines: each `async fn name(stage: Type) { … }` becomes `name::on_sqlite` and
/// `name::on_postgres`. The type is [`TestApp`] (a company of the Russian coffee shop), or [`Engine`] for tests that
/// set their own stage.
#[macro_export]
macro_rules! on_both {
    ($($(#[$about:meta])* async fn $name:ident($stage:ident: $kind:ty) $body:block)+) => {$(
        $(#[$about])*
        async fn $name(engine: $crate::Engine) {
            let $stage = <$kind as $crate::Staged>::on(engine).await;
            $body
        }

        mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                super::$name($crate::Engine::Sqlite).await;
            }
            #[tokio::test]
            async fn on_postgres() {
                super::$name($crate::Engine::Postgres).await;
            }
        }
    )+};
}
