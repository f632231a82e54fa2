//! The table of customers with very many of them: how long its answers take.

use super::many::{self, Contacts};
use crate::database::{Engine, Engines};
use anyhow::Context;
use samovar_app::access::Actor;
use samovar_app::app::{App, Parts};
use samovar_app::segments::search::{self, Place, Search, Sort};
use samovar_app::tenants::{self, NewTenant};
use samovar_base::{Chance, ManualClock, Vault};
use samovar_connectors::beacon::Beacon;
use samovar_connectors::webchat::Hub;
use samovar_store::{PLANS, Store, StoreOptions};
use serde::Serialize;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Instant;

/// What the benchmark takes.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    engines: Engines,
    /// Customers.
    #[arg(long, default_value_t = 1_000_000)]
    contacts: u32,
    /// How often each question is asked.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// One JSON object for each question, instead of a table.
    #[arg(long)]
    json: bool,
    /// Tells how the database goes about each question instead of how long it takes.
    #[arg(long)]
    plans: bool,
    /// Leaves the database where it is, and prints its address.
    #[arg(long)]
    keep: bool,
}

/// One question.
#[derive(Debug, Serialize)]
struct Answered {
    bench: &'static str,
    engine: &'static str,
    question: &'static str,
    rows: usize,
    /// The list ended, or has a place to go on from.
    ended: bool,
    median_ms: f64,
    worst_ms: f64,
    counted: i64,
    count_ms: f64,
}

/// Runs and prints.
pub async fn run(options: Options) -> anyhow::Result<()> {
    if options.plans {
        show_plans();
    }
    for engine in options.engines.each() {
        one(engine, &options).await?;
    }
    Ok(())
}

async fn one(engine: Engine, options: &Options) -> anyhow::Result<()> {
    let database = options.engines.fresh(engine).await?;
    let store = Store::open(StoreOptions::new(&database.url)).await?;
    let parts = Parts {
        store: store.clone(),
        clock: Arc::new(ManualClock::at_rfc3339("2026-11-21T10:00:00Z")),
        chance: Arc::new(Chance::from_seed(7)),
        vault: Arc::new(Vault::new([7; 32])),
        messengers: Vec::new(),
        beacon: Beacon::new(Vec::new()),
        hub: Hub::new(10),
    };
    let app = App::open(parts).await?;
    let new = NewTenant {
        key: "many".into(),
        name: "Много гостей".into(),
        zone: "Europe/Moscow".into(),
        locale: "ru".into(),
        settings: tenants::Settings::default(),
    };
    let tenant = tenants::create(&app, new).await?.id;
    let contacts = Contacts { engine, tenant, contacts: options.contacts };
    many::write(engine, &database.url, contacts.texts()).await?;
    heading(engine, options);
    for question in questions() {
        let actor = Actor::setup(tenant);
        if options.plans {
            plan(&app, &actor, question).await?;
        } else {
            show(&ask(engine, &app, &actor, question, options.rounds).await?, options.json)?;
        }
    }
    store.close().await;
    if options.keep {
        kept(&database.url)
    } else {
        database.drop().await?
    }
    Ok(())
}

/// A name, words, a condition, an order and whether it is the descending one.
type Question = (&'static str, Option<&'static str>, Option<Value>, Sort, bool);

fn questions() -> Vec<Question> {
    let is = |field: &str, op: &str, value: Value| Some(json!({ "field": field, "op": op, "value": value }));
    vec![
        ("everybody, the youngest first", None, None, Sort::Created, true),
        ("everybody by name", None, None, Sort::Name, false),
        ("everybody by last seen", None, None, Sort::Seen, true),
        ("everybody by balance", None, None, Sort::Balance, true),
        ("a part of a name", Some("ковалева"), None, Sort::Name, false),
        ("a name nobody has", Some("щщщ"), None, Sort::Created, true),
        ("the end of a phone", Some("4567"), None, Sort::Created, true),
        ("a whole phone", Some("+7 900 000 79 19"), None, Sort::Created, true),
        ("a tag of 30 %", None, is("contact.tags", "contains", json!("spring")), Sort::Balance, true),
        ("a tag of 1 %", None, is("contact.tags", "contains", json!("vip")), Sort::Name, false),
        ("a tag nobody has", None, is("contact.tags", "contains", json!("nobody")), Sort::Created, true),
        ("1000 points or more", None, is("loyalty.available", "ge", json!(1_000)), Sort::Seen, true),
        ("4990 points or more", None, is("loyalty.available", "ge", json!(4_990)), Sort::Balance, true),
        (
            "not seen for 60 days",
            None,
            is("contact.last_seen_at", "older_than_days", json!(60)),
            Sort::Created,
            true,
        ),
        (
            "seen in the last day",
            None,
            is("contact.last_seen_at", "in_last_days", json!(1)),
            Sort::Balance,
            true,
        ),
        (
            "birthday in a week",
            None,
            is("contact.next_birthday", "in_next_days", json!(7)),
            Sort::Name,
            false,
        ),
        ("an own field of 10 %", None, is("contact.fields.city", "eq", json!("Тверь")), Sort::Created, true),
        ("an own field nobody has", None, is("contact.fields.city", "eq", json!("Рим")), Sort::Created, true),
        (
            "three at once",
            None,
            Some(json!({ "all": [
                { "field": "contact.tags", "op": "contains", "value": "spring" },
                { "field": "loyalty.available", "op": "ge", "value": 3_000 },
                { "not": { "field": "contact.fields.city", "op": "eq", "value": "Тверь" } }
            ] })),
            Sort::Balance,
            true,
        ),
    ]
}

/// Asks once, while the store tells how it does.
#[allow(clippy::print_stdout)]
async fn plan(app: &App, actor: &Actor, question: Question) -> anyhow::Result<()> {
    let (name, words, condition, sort, descending) = question;
    println!("\n{name}");
    let condition = condition.map(serde_json::from_value).transpose()?;
    let wanted = Search { condition, segment: None, words: words.map(str::to_owned) };
    search::search(app, actor, wanted, sort, descending, None, 50).await?;
    Ok(())
}

fn show_plans() {
    let filter = format!("{PLANS}=trace");
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_level(false)
        .with_target(false)
        .init();
}

async fn ask(
    engine: Engine,
    app: &App,
    actor: &Actor,
    (question, words, condition, sort, descending): Question,
    rounds: u32,
) -> anyhow::Result<Answered> {
    let condition = condition.map(serde_json::from_value).transpose()?;
    let wanted = Search { condition, segment: None, words: words.map(str::to_owned) };
    let (mut times, mut rows, mut next) = (Vec::new(), 0, None::<Place>);
    for _ in 0..rounds.max(1) {
        let begun = Instant::now();
        let page = search::search(app, actor, wanted.clone(), sort, descending, None, 50).await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        (rows, next) = (page.rows.len(), page.next);
    }
    // The second page must be as fast as the first.
    if next.is_some() {
        let begun = Instant::now();
        search::search(app, actor, wanted.clone(), sort, descending, next.clone(), 50).await?;
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
    }
    let begun = Instant::now();
    let counted = search::count(app, actor, wanted).await?.contacts;
    let count_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    times.sort_by(f64::total_cmp);
    Ok(Answered {
        bench: "contacts",
        engine: engine.name(),
        question,
        rows,
        ended: next.is_none(),
        median_ms: times[times.len() / 2],
        worst_ms: *times.last().context("asked at least once")?,
        counted,
        count_ms,
    })
}

#[allow(clippy::print_stdout)]
fn kept(url: &str) {
    println!("kept at {url}");
}

#[allow(clippy::print_stdout)]
fn heading(engine: Engine, options: &Options) {
    if !options.json {
        println!("{} contacts on {}", options.contacts, engine.name());
    }
    if !options.json && !options.plans {
        println!("  median ms  worst ms  rows  ended   counted  count ms  question");
    }
}

#[allow(clippy::print_stdout)]
fn show(answered: &Answered, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(answered)?);
    } else {
        println!(
            "  {:>9.1}  {:>8.1}  {:>4}  {:>5}  {:>8}  {:>8.0}  {}",
            answered.median_ms,
            answered.worst_ms,
            answered.rows,
            answered.ended,
            answered.counted,
            answered.count_ms,
            answered.question
        );
    }
    Ok(())
}
