//! For tests of verbs alone: the services of a company on a fresh database, no channels, nothing running.

use samovar_app::access::Actor;
use samovar_app::app::{App, Parts};
use samovar_app::tenants::{self, NewTenant};
use samovar_base::{Chance, ManualClock, Vault};
use samovar_connectors::beacon::Beacon;
use samovar_connectors::webchat::Hub;
use samovar_store::{Engine, Store, StoreOptions};
use samovar_testkit::Database;
use std::sync::Arc;

/// What such a test lies on.
pub struct Bed {
    /// The services.
    pub app: App,
    /// Time; stands until it is moved.
    pub clock: Arc<ManualClock>,
    /// May do everything in the company.
    pub owner: Actor,
}

/// Does the same on both engines.
pub async fn both<F: AsyncFn(Bed)>(test: F) {
    for engine in [Engine::Sqlite, Engine::Postgres] {
        on(engine, &test).await;
    }
}

/// Does it on one engine.
pub async fn on<F: AsyncFn(Bed)>(engine: Engine, test: F) {
    let database = Database::fresh(engine).await;
    let bed = made(database.url()).await;
    let store = bed.app.store.clone();
    test(bed).await;
    store.close().await;
}

async fn made(url: &str) -> Bed {
    let store = Store::open(StoreOptions::new(url)).await.expect("a database");
    let clock = Arc::new(ManualClock::at_rfc3339("2026-11-21T10:00:00Z"));
    let parts = Parts {
        store,
        clock: Arc::<ManualClock>::clone(&clock),
        chance: Arc::new(Chance::from_seed(7)),
        vault: Arc::new(Vault::new([7; 32])),
        messengers: Vec::new(),
        beacon: Beacon::new(Vec::new()),
        hub: Hub::new(10),
    };
    let app = App::open(parts).await.expect("the services");
    let new = NewTenant {
        key: "coffee".into(),
        name: "Кофейня".into(),
        zone: "Europe/Moscow".into(),
        locale: "ru".into(),
        settings: tenants::Settings::default(),
    };
    let tenant = tenants::create(&app, new).await.expect("a company");
    Bed { owner: Actor::setup(tenant.id), app, clock }
}

/// The code in a message to the customer.
pub fn code_in(told: &str) -> String {
    let digits = |word: &str| word.trim_matches(|c: char| !c.is_ascii_digit()).to_owned();
    told.split_whitespace().map(digits).find(|word| word.len() == 4).expect("a code of four digits")
}
