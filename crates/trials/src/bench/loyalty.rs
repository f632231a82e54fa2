//! Points for many: a mass accrual with its messages, the warning of everybody before they end, the expiry of all of
//! it, and both of these together, beside a bare set-based SQL that writes the same rows to the same tables in one transaction.
//!
//! The bare SQL decides nothing, checks nothing, draws no message and cannot be stopped, resumed or undone. What the
//! product costs is told as a ratio to it.

use crate::database::{Database, Engine, Engines};
use crate::machine::{self, Cost};
use anyhow::Context;
use samovar_app::access::Actor;
use samovar_app::accruals::{self, NewAccrual, Term, work};
use samovar_app::app::{App, Parts};
use samovar_app::channels::{self, Wanted};
use samovar_app::loyalty::Warn;
use samovar_app::segments::Audience;
use samovar_app::tenants::{self, NewTenant};
use samovar_app::work::{After, Job};
use samovar_app::{Fail, ledger};
use samovar_base::{Chance, ChannelId, ManualClock, Points, TenantId, Vault};
use samovar_connectors::Kind;
use samovar_connectors::beacon::Beacon;
use samovar_connectors::webchat::{Hub, Webchat};
use samovar_store::{Store, StoreOptions, Tx, params, query};
use serde::Serialize;
use std::sync::Arc;

/// What it takes.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    engines: Engines,
    /// Contacts who get points.
    #[arg(long, default_value_t = 20_000)]
    contacts: i64,
    /// One JSON object for each run, instead of a table.
    #[arg(long)]
    json: bool,
}

/// Contacts made by one statement.
const STEP: i64 = 50_000;
/// Below the ids of the program, which begin with the time.
const FIRST_ID: i64 = 1_000_000;
const POINTS: i64 = 100;
const DAY: i64 = 86_400;

query! {
    static MAKE_CONTACTS =
        "INSERT INTO contact (tenant_id, id, name, name_key, phone_proved, locale, fields, tags, consents, revision, created_at)
         WITH RECURSIVE n(i) AS (SELECT CAST($2 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $3)
         SELECT $1, i, 'Гость ' || i, 'гость ' || i, FALSE, 'ru', '{}', '[]', '{}', 1, 1 FROM n",
        postgres =
        "INSERT INTO contact (tenant_id, id, name, name_key, phone_proved, locale, fields, tags, consents, revision, created_at)
         SELECT CAST($1 AS BIGINT), i, 'Гость ' || i, 'гость ' || i, FALSE, 'ru', '{}', '[]', '{}', 1, 1
         FROM generate_series(CAST($2 AS BIGINT), CAST($3 AS BIGINT)) AS n(i)";
    static MAKE_IDENTITIES =
        "INSERT INTO identity (tenant_id, channel_id, external_id, contact_id, chat, name, created_at)
         SELECT c.tenant_id, CAST($2 AS BIGINT), CAST(c.id AS TEXT), c.id, CAST(c.id AS TEXT), c.name, 1 FROM contact c
         WHERE c.tenant_id = $1 AND c.id >= $3 AND c.id <= $4";
    static WARNED = "SELECT COUNT(*) FROM loyalty_warning WHERE tenant_id = $1";
    static A_BODY = "SELECT body FROM outbound WHERE tenant_id = $1 LIMIT 1";
}

/// One kind of work, by the product and bare.
#[derive(Debug, Serialize)]
struct Figures {
    bench: &'static str,
    engine: &'static str,
    work: &'static str,
    contacts: i64,
    seconds: f64,
    /// Processor time of the program and of the database's server (SQLite works inside the program).
    program_cpu_s: f64,
    database_cpu_s: f64,
    bare_seconds: f64,
    bare_cpu_s: f64,
    /// Of all processor time, to the bare.
    cpu_ratio: f64,
    /// Of the time that passed, to the bare.
    time_ratio: f64,
    /// The most memory the program held when a quarter, a half and all was done.
    peak_mb: [f64; 3],
}

/// A company on a database of its own.
struct Shop {
    app: App,
    clock: Arc<ManualClock>,
    owner: Actor,
    database: Database,
    contacts: i64,
}

/// Runs and prints.
pub async fn run(options: Options) -> anyhow::Result<()> {
    for engine in options.engines.each() {
        for figures in measure(engine, &options).await? {
            show(&figures, options.json)?;
        }
    }
    Ok(())
}

async fn measure(engine: Engine, options: &Options) -> anyhow::Result<[Figures; 4]> {
    let shop = Shop::open(engine, options).await?;
    let (accrual, accrual_peaks) = shop.accrue().await?;
    let body = shop.body().await?;
    shop.clock.advance_seconds(26 * DAY);
    let (warning, warning_peaks) = shop.warn().await?;
    shop.clock.advance_seconds(14 * DAY);
    let (expiry, expiry_peaks) = shop.expire().await?;
    shop.analyze().await?;
    let clean = shop.app.store.read(shop.owner.tenant, |tx| async move { ledger::check(&tx).await }).await?;
    anyhow::ensure!(clean.is_empty(), "the books do not agree: {clean:?}");
    shop.close().await?;

    let bare = Shop::open(engine, options).await?;
    let (tenant, server) = (bare.owner.tenant, bare.database.server);
    let bare_accrual = own_cost(server, bare.database.bare(&accrual_sql(tenant, &body))).await?;
    let bare_warning = own_cost(server, bare.database.bare(&warning_sql(tenant, &body))).await?;
    let bare_expiry = own_cost(server, bare.database.bare(&expiry_sql(tenant))).await?;
    bare.close().await?;
    let figures = |work, product: Cost, bare: Cost, peak_mb| Figures {
        bench: "loyalty",
        engine: engine.name(),
        work,
        contacts: options.contacts,
        seconds: product.seconds,
        program_cpu_s: product.program_s,
        database_cpu_s: product.database_s,
        bare_seconds: bare.seconds,
        bare_cpu_s: bare.processor_s(),
        cpu_ratio: product.processor_s() / bare.processor_s().max(0.01),
        time_ratio: product.seconds / bare.seconds.max(0.001),
        peak_mb,
    };
    Ok([
        figures("mass accrual", accrual, bare_accrual, accrual_peaks),
        figures("warnings", warning, bare_warning, warning_peaks),
        figures("expiry", expiry, bare_expiry, expiry_peaks),
        figures("expiry with warnings", warning + expiry, bare_warning + bare_expiry, expiry_peaks),
    ])
}

impl Shop {
    async fn open(engine: Engine, options: &Options) -> anyhow::Result<Self> {
        let database = options.engines.fresh(engine).await?;
        let store = Store::open(StoreOptions::new(&database.url)).await?;
        let clock = Arc::new(ManualClock::at_rfc3339("2026-11-21T09:00:00Z"));
        let hub = Hub::new(10);
        let parts = Parts {
            store,
            clock: Arc::<ManualClock>::clone(&clock),
            chance: Arc::new(Chance::from_seed(1)),
            vault: Arc::new(Vault::new([7; 32])),
            messengers: vec![Arc::new(Webchat::new(Arc::clone(&hub)))],
            beacon: Beacon::new(Vec::new()),
            hub,
        };
        let app = App::open(parts).await?;
        let tenant = tenants::create(&app, company()).await?;
        let owner = Actor::setup(tenant.id);
        let wanted = Wanted {
            key: "site".into(),
            kind: Kind::Webchat,
            name: "Сайт".into(),
            token: None,
            settings: channels::ChannelSettings::default(),
            scenarios: Vec::new(),
        };
        let (channel, _) = channels::put(&app, &owner, wanted).await?;
        app.directory.load_tenant(&app, tenant.id).await?;
        let shop = Self { app, clock, owner, database, contacts: options.contacts };
        shop.people(channel).await?;
        Ok(shop)
    }

    async fn people(&self, channel: ChannelId) -> anyhow::Result<()> {
        let last = FIRST_ID + self.contacts - 1;
        let mut from = FIRST_ID;
        while from <= last {
            let to = (from + STEP - 1).min(last);
            self.app
                .store
                .run(self.owner.tenant, 1, move |tx| async move {
                    tx.exec(&MAKE_CONTACTS, params![from, to]).await?;
                    tx.exec(&MAKE_IDENTITIES, params![channel, from, to]).await?;
                    Ok::<_, Fail>(())
                })
                .await?;
            from = to + 1;
        }
        self.analyze().await
    }

    /// What a server does by itself within minutes.
    async fn analyze(&self) -> anyhow::Result<()> {
        if self.database.server.is_some() {
            self.database.bare(&["ANALYZE".to_owned()]).await?;
        }
        Ok(())
    }

    /// The whole run, chunk after chunk as its job does it.
    async fn accrue(&self) -> anyhow::Result<(Cost, [f64; 3])> {
        let new = NewAccrual {
            audience: Audience::All,
            points: Points(POINTS),
            comment: Some("С Новым годом".into()),
            term: Term::Days { days: 30 },
            notify: true,
        };
        machine::forget_peak(std::process::id())?;
        let mut peaks = Peaks::new(self.contacts);
        let all = async {
            let run = accruals::start(&self.app, &self.owner, new, "bench".into()).await?;
            let mut done = 0;
            loop {
                let more = work::step(&self.app, self.owner.tenant, run.id, work::CHUNK).await?;
                done += i64::from(work::CHUNK);
                peaks.at(done)?;
                if !more {
                    break;
                }
            }
            let run = accruals::get(&self.app, &self.owner, run.id).await?;
            anyhow::ensure!(run.done == self.contacts && run.notified == self.contacts, "{run:?}");
            Ok(())
        };
        let cost = own_cost(self.database.server, all).await?;
        Ok((cost, peaks.seen))
    }

    /// All the runs of the job, one after another as a node does them.
    async fn warn(&self) -> anyhow::Result<(Cost, [f64; 3])> {
        machine::forget_peak(std::process::id())?;
        let mut peaks = Peaks::new(self.contacts);
        let now = samovar_base::Clock::now(self.clock.as_ref());
        let all = async {
            loop {
                let after = Warn {}.run(&self.app, self.owner.tenant).await;
                let after = after.map_err(|error| anyhow::anyhow!("{error:?}"))?;
                peaks.at(self.warned().await?)?;
                if after != After::Again(now) {
                    break;
                }
            }
            let warned = self.warned().await?;
            anyhow::ensure!(warned == self.contacts, "{warned} of {} warned", self.contacts);
            Ok(())
        };
        let cost = own_cost(self.database.server, all).await?;
        Ok((cost, peaks.seen))
    }

    async fn warned(&self) -> anyhow::Result<i64> {
        let read = |tx: Tx| async move { Ok::<_, Fail>(tx.one(&WARNED, ()).await?) };
        let row = self.app.store.read(self.owner.tenant, read).await?;
        Ok(row.context("a count has a row")?.int(0)?)
    }

    async fn expire(&self) -> anyhow::Result<(Cost, [f64; 3])> {
        machine::forget_peak(std::process::id())?;
        let mut peaks = Peaks::new(self.contacts);
        let now = samovar_base::Clock::now(self.clock.as_ref());
        let all = async {
            let mut done = 0;
            loop {
                let settled = ledger::work::expire_due(&self.app, self.owner.tenant, now, 5_000).await?;
                done += i64::try_from(settled.wallets)?;
                peaks.at(done)?;
                if !settled.more {
                    break;
                }
            }
            anyhow::ensure!(done == self.contacts, "{done} of {} expired", self.contacts);
            peaks.at(i64::MAX)
        };
        let cost = own_cost(self.database.server, all).await?;
        Ok((cost, peaks.seen))
    }

    async fn body(&self) -> anyhow::Result<String> {
        let row = self
            .app
            .store
            .read(self.owner.tenant, |tx| async move { Ok::<_, Fail>(tx.one(&A_BODY, ()).await?) })
            .await?;
        Ok(row.context("no message was queued")?.text(0)?.to_owned())
    }

    async fn close(self) -> anyhow::Result<()> {
        self.app.store.clone().close().await;
        drop(self.app);
        self.database.drop().await
    }
}

/// The peaks of memory as the work goes on.
struct Peaks {
    marks: [i64; 3],
    seen: [f64; 3],
}

impl Peaks {
    fn new(all: i64) -> Self {
        Self { marks: [all / 4, all / 2, all], seen: [0.0; 3] }
    }

    fn at(&mut self, done: i64) -> anyhow::Result<()> {
        let now = machine::peak_mb(std::process::id())?;
        for (mark, seen) in self.marks.iter().zip(&mut self.seen) {
            if done >= *mark && *seen == 0.0 {
                *seen = now;
            }
        }
        Ok(())
    }
}

fn company() -> NewTenant {
    NewTenant {
        key: "shop".into(),
        name: "Кофейня «Самовар»".into(),
        zone: "Europe/Moscow".into(),
        locale: "ru".into(),
        settings: tenants::Settings::default(),
    }
}

/// Of this process: the library is in it.
async fn own_cost(
    server: Option<u32>,
    work: impl Future<Output = anyhow::Result<()>>,
) -> anyhow::Result<Cost> {
    Ok(machine::cost(std::process::id(), server, work).await?.1)
}

/// The rows of a mass accrual. Numbers of accounts, lots and postings are made from those of the contacts.
fn accrual_sql(tenant: TenantId, body: &str) -> Vec<String> {
    let tenant = tenant.0;
    let (now, end) = (1_790_000_000_000_000_i64, 1_793_000_000_000_000_i64);
    let cause = r#"{"by":"setup","id":"setup"}"#;
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let body = body.replace('\'', "''");
    let those = format!("FROM contact c WHERE c.tenant_id = {tenant} AND c.erased_at IS NULL");
    vec![
        format!(
            "INSERT INTO ledger_wallet (tenant_id, contact_id, code, account_id, balance, held, debt, revision, created_at)
             SELECT {tenant}, c.id, 'points', c.id + 10000000, {POINTS}, 0, 0, 1, {now} {those}"
        ),
        format!(
            "INSERT INTO ledger_lot (tenant_id, account_id, id, points, remaining, held, expired, earned_at, expires_at)
             SELECT {tenant}, c.id + 10000000, c.id + 20000000, {POINTS}, {POINTS}, 0, 0, {now}, {end} {those}"
        ),
        format!(
            "INSERT INTO ledger_operation (tenant_id, key, id, account_id, kind, points, balance, subject, note, cause, digest, at)
             SELECT {tenant}, 'accrual:acr_00fs4w8m5xv1g:con_' || (c.id + 1000000000000), c.id + 30000000, c.id + 10000000,
                    'grant', {POINTS}, {POINTS}, c.id + 20000000, 'С Новым годом', '{cause}', '{digest}', {now} {those}"
        ),
        format!(
            "INSERT INTO ledger_posting (tenant_id, id, operation, kind, debit, credit, points, lot_id, reverses, at)
             SELECT {tenant}, c.id + 40000000, 'accrual:acr_00fs4w8m5xv1g:con_' || (c.id + 1000000000000), 'earn', 1,
                    c.id + 10000000, {POINTS}, c.id + 20000000, NULL, {now} {those}"
        ),
        format!(
            "INSERT INTO outbound (tenant_id, id, channel_id, contact_id, chat, bucket, class, policy, body, state, due_at,
                                   attempts, cause, page, created_at)
             SELECT {tenant}, i.contact_id + 50000000, i.channel_id, i.contact_id, i.chat, i.contact_id % 32, 2, 1, '{body}', 0,
                    {now}, 0, '{cause}', TRUE, {now}
             FROM identity i WHERE i.tenant_id = {tenant} AND i.blocked_at IS NULL"
        ),
    ]
}

/// The rows of the warning of everybody.
fn warning_sql(tenant: TenantId, body: &str) -> Vec<String> {
    let tenant = tenant.0;
    let (now, end) = (1_792_600_000_000_000_i64, 1_793_000_000_000_000_i64);
    let cause = r#"{"by":"job","id":"loyalty.warn"}"#;
    let body = body.replace('\'', "''");
    vec![
        format!(
            "INSERT INTO loyalty_warning (tenant_id, contact_id, day, kind, points, ends_at, told, at)
             SELECT {tenant}, w.contact_id, '2026-12-17', 'expiring', l.remaining, l.expires_at, TRUE, {now}
             FROM ledger_lot l JOIN ledger_wallet w ON w.tenant_id = l.tenant_id AND w.account_id = l.account_id
             WHERE l.tenant_id = {tenant} AND l.expires_at <= {end} AND l.remaining > l.held"
        ),
        format!(
            "INSERT INTO outbound (tenant_id, id, channel_id, contact_id, chat, bucket, class, policy, body, state, due_at,
                                   attempts, cause, page, created_at)
             SELECT {tenant}, i.contact_id + 70000000, i.channel_id, i.contact_id, i.chat, i.contact_id % 32, 1, 1, '{body}', 0,
                    {now}, 0, '{cause}', TRUE, {now}
             FROM identity i WHERE i.tenant_id = {tenant} AND i.blocked_at IS NULL"
        ),
    ]
}

/// The rows of the expiry of all of it.
fn expiry_sql(tenant: TenantId) -> Vec<String> {
    let tenant = tenant.0;
    let now = 1_794_000_000_000_000_i64;
    let cause = r#"{"by":"job","id":"ledger.expire"}"#;
    let digest = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    let due = format!(
        "FROM ledger_lot l WHERE l.tenant_id = {tenant} AND l.expires_at <= {now} AND l.remaining > l.held"
    );
    vec![
        format!(
            "INSERT INTO ledger_operation (tenant_id, key, id, account_id, kind, points, balance, subject, note, cause, digest, at)
             SELECT {tenant}, 'expire:lot_' || (l.id + 1000000000000) || ':0', l.id + 50000000, l.account_id, 'expire',
                    -l.remaining, 0, l.id, NULL, '{cause}', '{digest}', {now} {due}"
        ),
        format!(
            "INSERT INTO ledger_posting (tenant_id, id, operation, kind, debit, credit, points, lot_id, reverses, at)
             SELECT {tenant}, l.id + 60000000, 'expire:lot_' || (l.id + 1000000000000) || ':0', 'expire', l.account_id, 3,
                    l.remaining, l.id, NULL, l.expires_at {due}"
        ),
        format!(
            "UPDATE ledger_wallet SET balance = balance - (SELECT SUM(l.remaining) FROM ledger_lot l
                 WHERE l.tenant_id = {tenant} AND l.account_id = ledger_wallet.account_id AND l.expires_at <= {now}),
                 revision = revision + 1
             WHERE tenant_id = {tenant}"
        ),
        format!(
            "UPDATE ledger_lot SET expired = remaining, remaining = 0
             WHERE tenant_id = {tenant} AND expires_at <= {now} AND remaining > held"
        ),
    ]
}

#[allow(clippy::print_stdout)]
fn show(figures: &Figures, json: bool) -> anyhow::Result<()> {
    if json {
        println!("{}", serde_json::to_string(figures)?);
        return Ok(());
    }
    let Figures { engine, work, contacts, seconds, program_cpu_s, database_cpu_s, .. } = figures;
    println!("{engine}, {work}, {contacts} contacts");
    println!("  {seconds:.2} s; processor: program {program_cpu_s:.2} s, database {database_cpu_s:.2} s");
    println!("  bare SQL {:.2} s; processor {:.2} s", figures.bare_seconds, figures.bare_cpu_s);
    println!("  ratio to bare: time {:.2}, processor {:.2}", figures.time_ratio, figures.cpu_ratio);
    let [quarter, half, all] = figures.peak_mb;
    println!("  memory at a quarter, a half, all: {quarter:.0}, {half:.0}, {all:.0} MB");
    Ok(())
}
