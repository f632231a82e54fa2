//! A draw among very many tickets, from the tables to the verified protocol: the list is frozen by the running program,
//! the draw held and published by its API, list and protocol downloaded and counted again by `samovar draw verify`.
//!
//! Beside it the least that freezing could be: one statement that reads the same rows in their order, and a hash of them.

use super::{TOKEN, await_webhook, company, default_binary};
use crate::api::Api;
use crate::database::{Database, Engine, Engines};
use crate::machine::{self, Cost};
use crate::program::{Program, Running};
use crate::promotion::{self, Promotion, generous};
use anyhow::{Context, ensure};
use futures::TryStreamExt;
use samovar_fakes::telegram::{Config, Telegram};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::time::{Duration, Instant};
use tokio_postgres::NoTls;

/// Tickets of one person.
const EACH: u64 = 10;
/// Tickets made by one statement.
const STEP: u64 = 100_000;
/// Below the ids of the program, which begin with the time.
const FIRST_ID: u64 = 1_000_000;
/// How long it is waited for a list.
const FROZEN_WITHIN: Duration = Duration::from_secs(3_600);
/// What freezing reads, in its order.
const ROWS: &str = "SELECT t.number, t.arrived_at, t.contact_id, c.name, c.phone FROM promo_ticket t
    LEFT JOIN contact c ON c.tenant_id = t.tenant_id AND c.id = t.contact_id ORDER BY t.tenant_id, t.promotion_id, t.number";

/// What the benchmark takes.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    engines: Engines,
    /// Tickets, ten to a person.
    #[arg(long, default_value_t = 1_000_000)]
    tickets: u64,
    /// One JSON object for each engine, instead of a table.
    #[arg(long)]
    json: bool,
    /// The program; beside this one when not given.
    #[arg(long, default_value_os_t = default_binary(), hide_default_value = true)]
    binary: PathBuf,
}

/// The figures of one engine.
#[derive(Debug, Serialize)]
struct Figures {
    bench: &'static str,
    engine: &'static str,
    tickets: u64,
    /// From the wish to the announcement.
    frozen: Cost,
    /// The rows read and hashed by nobody but this benchmark.
    bare: Cost,
    cpu_ratio: f64,
    time_ratio: f64,
    /// The winners counted and the protocol signed.
    held: Cost,
    published: Cost,
    /// List and protocol, to files.
    downloaded: Cost,
    list_mb: f64,
    /// By a process of its own.
    verified: Cost,
    /// The most memory the program held.
    peak_mb: f64,
}

/// Runs and prints.
pub async fn run(options: Options) -> anyhow::Result<()> {
    for engine in options.engines.each() {
        show(&measure(engine, &options).await?, options.json)?;
    }
    Ok(())
}

#[allow(clippy::cast_precision_loss)]
async fn measure(engine: Engine, options: &Options) -> anyhow::Result<Figures> {
    let hall = Hall::set(engine, options).await?;
    let (pid, server) = (hall.running.pid(), hall.database.server);
    let bare = machine::cost(std::process::id(), server, hall.bare()).await?.1;
    let draw = hall.plan().await?;
    let frozen = machine::cost(pid, server, hall.freeze(&draw, options.tickets)).await?.1;
    let held = machine::cost(pid, server, hall.goes(&draw, "hold", "drawn")).await?.1;
    let published = machine::cost(pid, server, hall.goes(&draw, "publish", "published")).await?.1;
    let (size, downloaded) = machine::cost(pid, server, hall.download(&draw)).await?;
    let verified = machine::cost(std::process::id(), None, hall.verify(&draw)).await?.1;
    let peak_mb = machine::peak_mb(pid)?;
    hall.clear().await?;
    Ok(Figures {
        bench: "draw",
        engine: engine.name(),
        tickets: options.tickets,
        frozen,
        bare,
        cpu_ratio: frozen.processor_s() / bare.processor_s().max(0.01),
        time_ratio: frozen.seconds / bare.seconds.max(0.001),
        held,
        published,
        downloaded,
        list_mb: size as f64 / (1 << 20) as f64,
        verified,
        peak_mb,
    })
}

/// A running program with a promotion whose tickets are many.
struct Hall {
    database: Database,
    program: Program,
    running: Running,
    promotion: Promotion,
    _telegram: Telegram,
}

impl Hall {
    async fn set(engine: Engine, options: &Options) -> anyhow::Result<Self> {
        let database = options.engines.fresh(engine).await?;
        let telegram = Telegram::start(Config::for_load()).await?;
        let bot = telegram.bot(TOKEN, "samovar_trial_bot");
        let program = Program::new(&options.binary, &database)?;
        let company = company(&telegram.base_url(), &[promotion::KEY]);
        program.apply(&company, &[(promotion::KEY, promotion::SCENARIO)])?;
        let running = program.serve(None).await?;
        await_webhook(&bot).await?;
        let promotion = Promotion::start(Api::new(&running.base)?, generous(&[])).await?;
        let mut from = 1;
        while from <= options.tickets {
            let to = (from + STEP - 1).min(options.tickets);
            database.bare(&tickets_sql(from, to)).await?;
            from = to + 1;
        }
        // What a server does by itself within minutes.
        database.bare(&["ANALYZE".to_owned()]).await?;
        Ok(Self { database, program, running, promotion, _telegram: telegram })
    }

    /// Reads the rows and hashes them.
    async fn bare(&self) -> anyhow::Result<()> {
        let mut hash = Sha256::new();
        let Some(path) = self.database.url.strip_prefix("sqlite:") else {
            let (client, connection) = tokio_postgres::connect(&self.database.url, NoTls).await?;
            tokio::spawn(connection);
            let nothing: [&str; 0] = [];
            let mut rows = std::pin::pin!(client.query_raw(ROWS, nothing).await?);
            while let Some(row) = rows.try_next().await? {
                let (number, arrived, contact): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
                let (name, phone): (&str, &str) = (row.get(3), row.get(4));
                hash.update(format!("{number}\t{arrived}\t{contact}\t{name}\t{phone}\n"));
            }
            return seen(hash);
        };
        let db = rusqlite::Connection::open(path)?;
        let mut statement = db.prepare(ROWS)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (number, arrived, contact): (i64, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (name, phone) = (row.get_ref(3)?.as_str()?, row.get_ref(4)?.as_str()?);
            hash.update(format!("{number}\t{arrived}\t{contact}\t{name}\t{phone}\n"));
        }
        seen(hash)
    }

    /// A draw of all tickets, whose id it gives.
    async fn plan(&self) -> anyhow::Result<String> {
        let plan = json!({
            "name": "All of them", "from": "2021-01-01T00:00:00Z", "until": "2022-01-01T00:00:00Z",
            "planned_at": "2022-01-01T00:00:00Z", "reserve": 100, "source": { "kind": "reveal" },
            "prizes": [{ "name": "Самовар", "count": 1, "value": 5_000_000 }, { "name": "Чай", "count": 999, "value": 50_000 }],
        });
        let made = self.promotion.api.post(&self.promotion.path("/draws"), &plan).await?;
        Ok(made["id"].as_str().context("an id")?.to_owned())
    }

    async fn freeze(&self, draw: &str, tickets: u64) -> anyhow::Result<()> {
        let begun = Instant::now();
        self.promotion.api.post(&self.path(draw, "/freeze"), &json!({})).await?;
        loop {
            let now = self.promotion.api.get(&self.path(draw, "")).await?;
            if now["state"] == "frozen" {
                ensure!(now["tickets"] == tickets, "{} of {tickets} tickets are in the list", now["tickets"]);
                return Ok(());
            }
            ensure!(
                begun.elapsed() < FROZEN_WITHIN && now["note"] == Value::Null,
                "it does not freeze: {now}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Does something with the draw after which it is in that state.
    async fn goes(&self, draw: &str, verb: &str, state: &str) -> anyhow::Result<()> {
        let now = self.promotion.api.post(&self.path(draw, &format!("/{verb}")), &json!({})).await?;
        ensure!(now["state"] == state, "it is not {state}: {now}");
        Ok(())
    }

    /// How many bytes the list has.
    async fn download(&self, draw: &str) -> anyhow::Result<usize> {
        let mut bytes = 0;
        for name in ["protocol", "list"] {
            let file = self.promotion.api.file(&self.path(draw, &format!("/{name}"))).await?;
            bytes = file.len();
            std::fs::write(self.program.folder().join(name), file)?;
        }
        Ok(bytes)
    }

    async fn verify(&self, draw: &str) -> anyhow::Result<()> {
        let now = self.promotion.api.get(&self.path(draw, "")).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let (key, announced) = (text(&now["held"]["key"]), text(&now["announced"]["hash"]));
        let arguments =
            ["draw", "verify", "protocol", "--list", "list", "--key", &key, "--announced", &announced];
        let (holds, said) = self.program.says(&arguments)?;
        ensure!(holds, "the draw does not hold:\n{said}");
        Ok(())
    }

    fn path(&self, draw: &str, of: &str) -> String {
        self.promotion.path(&format!("/draws/{draw}{of}"))
    }

    async fn clear(self) -> anyhow::Result<()> {
        self.running.stop()?;
        self.program.clean();
        self.database.drop().await
    }
}

/// Nothing may be left out because nobody looks at it.
fn seen(hash: Sha256) -> anyhow::Result<()> {
    std::hint::black_box(hash.finalize());
    Ok(())
}

/// Tickets of receipts that arrived in 2021, and the people who have them.
fn tickets_sql(from: u64, to: u64) -> Vec<String> {
    let numbers = |from: u64, to: u64| {
        format!(
            "WITH RECURSIVE n(i) AS (SELECT CAST({from} AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {to})"
        )
    };
    let (first, last) = (FIRST_ID + (from - 1) / EACH, FIRST_ID + (to - 1) / EACH);
    vec![
        format!(
            "INSERT INTO contact (tenant_id, id, name, name_key, phone, phone_proved, locale, fields, tags, consents, revision,
                                  created_at)
             {} SELECT p.tenant_id, i, 'Гость ' || i, 'гость ' || i, '+7900' || i, TRUE, 'ru', '{{}}', '[]', '{{}}', 1, 1
             FROM n CROSS JOIN promo_promotion p WHERE TRUE ON CONFLICT DO NOTHING",
            numbers(first, last)
        ),
        format!(
            "INSERT INTO promo_ticket (tenant_id, promotion_id, number, receipt_id, contact_id, arrived_at, issued_at)
             {} SELECT p.tenant_id, p.id, i, i, {FIRST_ID} + (i - 1) / {EACH}, 1620000000000000 + i * 1000, 1620000000000000
             FROM n CROSS JOIN promo_promotion p",
            numbers(from, to)
        ),
    ]
}

#[allow(clippy::print_stdout)]
fn show(figures: &Figures, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(figures)?);
        return Ok(());
    }
    println!("draw of {} tickets on {}", figures.tickets, figures.engine);
    let line = |what: &str, cost: &Cost| {
        println!(
            "  {what:<19} {:>9.2} s; processor: program {:.2} s, database {:.2} s",
            cost.seconds, cost.program_s, cost.database_s
        );
    };
    line("frozen", &figures.frozen);
    line("bare", &figures.bare);
    println!(
        "  frozen / bare       {:>9.2} of time, {:.2} of processor",
        figures.time_ratio, figures.cpu_ratio
    );
    line("held", &figures.held);
    line("published", &figures.published);
    line("downloaded", &figures.downloaded);
    line("verified", &figures.verified);
    println!("  list                {:>9.1} MB", figures.list_mb);
    println!("  peak memory         {:>9.0} MB", figures.peak_mb);
    Ok(())
}
