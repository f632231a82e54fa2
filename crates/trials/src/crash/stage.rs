//! Everything a trial with kills needs, and the load on it.

use super::books::Books;
use super::front::Front;
use super::people::{self, People};
use super::till::{self, Till};
use super::verdict::{Known, Wrongs};
use crate::bench::{await_webhook, company};
use crate::database::{Database, Engine};
use crate::program::Program;
use samovar_base::Chance;
use samovar_fakes::telegram::{BotHandle, Config, Faults, Telegram};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

const TOKEN: &str = "7000002:samovar-trial-bot";
const API_KEY: &str = "sv_trial_key_of_a_company_that_is_made_up";
/// How long a customer waits before trying again.
const PATIENCE: Duration = Duration::from_millis(2_500);
/// How long it may take until everything is handled, once the load has ended.
const SETTLE_WITHIN: Duration = Duration::from_secs(60);

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
    bot: BotHandle,
    seed: u64,
}

/// Those who keep the program busy.
pub struct Load {
    people: Arc<People>,
    till: Arc<Till>,
    seats: Vec<JoinHandle<()>>,
    clerks: Vec<JoinHandle<anyhow::Result<()>>>,
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
    /// A fresh database with the company, a messenger where much goes wrong, and a front door with nobody behind it.
    pub async fn set(
        binary: &Path,
        engine: Engine,
        postgres: Option<&str>,
        seed: u64,
    ) -> anyhow::Result<Self> {
        let database = Database::create(engine, postgres).await?;
        let config =
            Config { messages_kept: 16, log_sent: true, patience: PATIENCE, seed, ..Config::for_load() };
        let telegram = Telegram::start(config).await?;
        let bot = telegram.bot(TOKEN, "samovar_trial_bot");
        let front = Front::open().await?;
        let program = Program::new(binary, &database)?.behind(front.base.clone());
        let keyed = format!(
            "{}\n[[api_keys]]\nname = \"till\"\nscopes = [\"*\"]\nsecret = {{ value = \"{API_KEY}\" }}\n",
            company(&telegram.base_url())
        );
        program.apply(&keyed, include_str!("../../../../examples/coffee-loyalty/ru.toml"))?;
        let books = Books::open(&database).await?;
        Ok(Self { books, program, front, database, telegram, bot, seed })
    }

    /// Until the program has told the messenger where it is.
    pub async fn await_webhook(&self) -> anyhow::Result<()> {
        await_webhook(&self.bot).await
    }

    /// Customers and clerks come, and the messenger becomes unreliable.
    pub fn load(&self, customers: u64, clerks: u64) -> anyhow::Result<Load> {
        self.telegram.set_faults(faults(self.seed));
        let people = Arc::new(People::default());
        let till = Arc::new(Till::new(&self.front.base, API_KEY)?);
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
        let (seats, clerks) = (seats.collect(), clerks.collect());
        Ok(Load { people, till, seats, clerks })
    }

    /// The load ends, the faults end, and what is under way comes to its end.
    pub async fn settle(&self, load: Load) -> anyhow::Result<Ended> {
        let mut wrongs = Wrongs::default();
        self.telegram.set_faults(Faults::default());
        load.people.close();
        for seat in load.seats {
            let stayed = tokio::time::timeout(SETTLE_WITHIN, seat).await;
            if stayed.is_err() {
                wrongs.add("a customer could not register though nothing was in the way");
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
            acts: load.people.acts(),
            guests: load.people.registered(),
            handed_over: load.people.handed_over(),
            movements: load.till.done(),
            sent: self.telegram.sent_after(0),
        };
        Ok(Ended { known, wrongs, settled_in })
    }

    async fn has_settled(&self) -> anyhow::Result<bool> {
        let open = "SELECT (SELECT COUNT(*) FROM inbound WHERE state = 0) + (SELECT COUNT(*) FROM outbound WHERE state < 2)";
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
