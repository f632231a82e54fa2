//! Everything a trial with kills needs, and the load on it.

use super::books::Books;
use super::front::Front;
use super::participants::{self, Participants};
use super::people::{self, People};
use super::till::{self, Till};
use super::verdict::{Known, Wrongs};
use crate::api::Api;
use crate::bench::{LOYALTY, TOKEN, await_webhook, company};
use crate::database::Database;
use crate::program::Program;
use crate::promotion::{self, Promotion, check_by, generous};
use samovar_base::Chance;
use samovar_fakes::receipt_check::{Checks, Config as ChecksConfig, Fate, Invented};
use samovar_fakes::telegram::{BotHandle, Config, Faults, Telegram};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// How long a customer waits before trying again.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long it may take until everything is handled, once the load has ended.
const SETTLE_WITHIN: Duration = Duration::from_secs(60);
/// Questions about receipts in a minute, and at once: more than are sent.
const CHECKS_PER_MINUTE: u64 = 60_000;
const CHECKS_AT_ONCE: u64 = 32;
/// Partners' codes: fewer than people who earn one in a long trial.
const CODES: u64 = 60;

/// The stage.
pub struct Stage {
    /// What is read of the database beside the program.
    pub books: Books,
    /// How the program is run.
    pub program: Program,
    /// What stands before it.
    pub front: Front,
    database: Database,
    telegram: Telegram,
    checks: Checks,
    bot: BotHandle,
    seed: u64,
}

/// Those who keep the program busy.
pub struct Load {
    people: Arc<People>,
    participants: Arc<Participants>,
    till: Arc<Till>,
    seats: Vec<JoinHandle<()>>,
    clerks: Vec<JoinHandle<anyhow::Result<()>>>,
}

/// How many of each keep it busy at once.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Many {
    /// Customers at once.
    #[arg(long, default_value_t = 24)]
    customers: u64,
    /// Clerks at once.
    #[arg(long, default_value_t = 3)]
    clerks: u64,
    /// Participants of a promotion at once.
    #[arg(long, default_value_t = 12)]
    participants: u64,
}

/// When everything has settled.
pub struct Ended {
    /// What the trial knows.
    pub known: Known,
    /// What is wrong so far.
    pub wrongs: Wrongs,
    /// How long it took from the end of the load.
    pub settled_in: Duration,
}

impl Stage {
    /// This database with the company, a messenger and a service of checks, both well so far, and a front door with
    /// nobody behind it.
    pub async fn set(binary: &Path, database: Database, seed: u64) -> anyhow::Result<Self> {
        let config =
            Config { messages_kept: 16, log_sent: true, patience: PATIENCE, seed, ..Config::for_load() };
        let telegram = Telegram::start(config).await?;
        let bot = telegram.bot(TOKEN, "samovar_trial_bot");
        let front = Front::open().await?;
        let program = Program::new(binary, &database)?.behind(front.base.clone());
        let scenarios = [
            (LOYALTY, include_str!("../../../../examples/coffee-loyalty/ru.toml")),
            (promotion::KEY, promotion::SCENARIO),
        ];
        let company = company(&telegram.base_url(), &scenarios.map(|(key, _)| key));
        program.apply(&company, &scenarios)?;
        let checks = Checks::start(slow_checks(seed)).await?;
        let books = Books::open(&database).await?;
        Ok(Self { books, program, front, database, telegram, checks, bot, seed })
    }

    /// The promotion begins, as soon as the program has told the messenger where it is.
    pub async fn open(&self) -> anyhow::Result<()> {
        await_webhook(&self.bot).await?;
        let api = Api::new(&self.front.base)?;
        check_by(&api, &self.checks, CHECKS_PER_MINUTE, CHECKS_AT_ONCE).await?;
        let sellers: Vec<String> = Invented::default().shops.into_iter().map(|shop| shop.inn).collect();
        let promotion = Promotion::start(api, generous(&sellers)).await?;
        let codes: Vec<String> = (1..=CODES).map(|number| format!("TEA-{number:05}")).collect();
        promotion.give_codes(&codes).await
    }

    /// Customers, clerks and participants come, and the messenger and the service of checks become unreliable.
    pub fn load(&self, many: Many) -> anyhow::Result<Load> {
        let Many { customers, clerks, participants: takers } = many;
        self.telegram.set_faults(faults(self.seed));
        self.checks.set_faults(&[
            (Fate::Status(502), 10),
            (Fate::Cut, 10),
            (Fate::Garbage, 5),
            (Fate::Truncated, 5),
            (Fate::Another, 5),
            (Fate::Wait(1), 10),
        ]);
        let people = Arc::new(People::default());
        let participants = Arc::new(Participants::default());
        let till = Arc::new(Till::new(&self.front.base)?);
        let chance = |number: u64| Chance::from_seed(self.seed.wrapping_mul(1_000).wrapping_add(number));
        let seats = (0..customers).map(|number| {
            tokio::spawn(people::seat(
                self.telegram.clone(),
                self.bot.clone(),
                Arc::clone(&people),
                chance(number),
            ))
        });
        let clerks = (0..clerks).map(|number| {
            tokio::spawn(till::clerk(Arc::clone(&till), Arc::clone(&people), chance(customers + number)))
        });
        let takers = (0..takers).map(|number| {
            tokio::spawn(participants::seat(
                self.telegram.clone(),
                self.bot.clone(),
                Arc::clone(&participants),
                chance(many.customers + many.clerks + number),
            ))
        });
        let seats = seats.chain(takers).collect();
        Ok(Load { seats, clerks: clerks.collect(), people, participants, till })
    }

    /// The load ends, the faults end, and what is under way comes to its end.
    pub async fn settle(&self, load: Load) -> anyhow::Result<Ended> {
        let mut wrongs = Wrongs::default();
        self.telegram.set_faults(Faults::default());
        self.checks.set_faults(&[]);
        load.people.close();
        load.participants.close();
        for seat in load.seats {
            let stayed = tokio::time::timeout(SETTLE_WITHIN, seat).await;
            if stayed.is_err() {
                wrongs.add("somebody could not register or join though nothing was in the way");
            }
        }
        for clerk in load.clerks {
            if let Err(error) = clerk.await? {
                wrongs.add(format!("{error:#}"));
            }
        }
        let begun = Instant::now();
        while !self.has_settled().await? {
            if begun.elapsed() > SETTLE_WITHIN {
                wrongs.add(format!("it did not settle within {SETTLE_WITHIN:?}"));
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let settled_in = begun.elapsed();
        let known = Known {
            brought: self.front.brought(),
            acts: load.people.acts() + load.participants.acts(),
            guests: load.people.registered(),
            handed_over: load.people.handed_over(),
            participants: load.participants.came(),
            receipts: load.participants.sent(),
            movements: load.till.done(),
            sent: self.telegram.sent_after(0),
        };
        Ok(Ended { known, wrongs, settled_in })
    }

    async fn has_settled(&self) -> anyhow::Result<bool> {
        let open = "SELECT (SELECT COUNT(*) FROM inbound WHERE state = 0) + (SELECT COUNT(*) FROM outbound WHERE state < 2)
            + (SELECT COUNT(*) FROM receipts_receipt WHERE state < 2)";
        Ok(self.bot.pending() == 0 && self.books.number(open).await? == 0)
    }

    /// Where what is left of a failed trial can be looked at.
    pub fn remains(&self) -> String {
        format!("{} and {}", self.database.url, self.program.folder().display())
    }

    /// Removes everything.
    pub async fn clear(self) -> anyhow::Result<()> {
        self.program.clean();
        drop(self.books);
        self.database.drop().await
    }
}

/// Checks take their time, some receipts are of another seller, and none is asked for too often.
fn slow_checks(seed: u64) -> ChecksConfig {
    ChecksConfig {
        invented: Some(Invented { foreign: 100, ..Invented::default() }),
        latency: Duration::from_millis(20),
        latency_spread: Duration::from_millis(300),
        per_receipt: 1_000,
        seed,
        ..ChecksConfig::default()
    }
}

/// What goes wrong at the messenger, in thousandths.
fn faults(seed: u64) -> Faults {
    Faults {
        lost_answers: 15,
        bad_gateway: 15,
        internal_errors: 10,
        too_many: 10,
        hanging: 5,
        hang_ms: 300,
        delayed: 50,
        delay_ms: 150,
        doubled: 50,
        reordered: 50,
        cut_webhooks: 40,
        seed,
    }
}
