//! Benchmarks: figures, and their ratios to a bare loop in the same run.

pub mod bare;
pub mod codes;
pub mod console;
pub mod contacts;
pub mod draw;
pub mod growth;
pub mod last_day;
pub mod loyalty;
mod many;
pub mod pipeline;

use crate::api::KEY;
use crate::database::Database;
use crate::program::{Program, Running};
use samovar_fakes::telegram::load::{Action, Plan};
use samovar_fakes::telegram::{BotHandle, Config, Telegram};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The program of `cargo build --release`.
pub fn default_binary() -> PathBuf {
    let here = std::env::current_exe().unwrap_or_default();
    here.parent().unwrap_or(Path::new(".")).join("samovar")
}

/// Everything a benchmark of the program needs, running.
pub struct Scene {
    /// The database.
    pub database: Database,
    /// The make-believe Telegram.
    pub telegram: Telegram,
    /// Its bot.
    pub bot: BotHandle,
    /// How the program is run.
    pub program: Program,
    /// The program.
    pub running: Running,
}

/// Of the bot that [`company`] has.
pub const TOKEN: &str = "7000002:samovar-trial-bot";
/// The key of the library's loyalty bot.
pub const LOYALTY: &str = "coffee-loyalty";

impl Scene {
    /// The library's loyalty bot on this database, connected by webhook, without limits in time.
    pub async fn set(binary: &Path, database: Database) -> anyhow::Result<Self> {
        let telegram = Telegram::start(Config::for_load()).await?;
        let bot = telegram.bot(TOKEN, "samovar_trial_bot");
        let program = Program::new(binary, &database)?;
        program.apply(&company(&telegram.base_url(), &[LOYALTY]), &[(LOYALTY, &scenario())])?;
        let running = program.serve(None).await?;
        await_webhook(&bot).await?;
        Ok(Self { database, telegram, bot, program, running })
    }

    /// Customers who register first, and then start and look at their balance, over and over.
    pub fn plan(&self, customers: usize, measured: Duration, think: Duration) -> Plan {
        Plan {
            bots: vec![self.bot.clone()],
            customers,
            opening: registration(),
            round: vec![Action::Start(String::new()), Action::Press("Баланс".into())],
            measured,
            think,
        }
    }

    /// Stops and removes everything.
    pub async fn clear(self) -> anyhow::Result<()> {
        self.running.stop()?;
        self.program.clean();
        self.database.drop().await
    }
}

/// What a new customer does.
fn registration() -> Vec<Action> {
    vec![
        Action::Start(String::new()),
        Action::Press("Согласен".into()),
        Action::Say("Вера".into()),
        Action::SharePhone,
    ]
}

/// The library's bot, without the guard that slows down a person who presses more than twice a second.
pub fn scenario() -> String {
    format!("inputs_per_minute = 0\n{}", include_str!("../../../../examples/coffee-loyalty/ru.toml"))
}

/// A company whose bot runs these scenarios and may write as fast as it can.
pub fn company(telegram: &str, scenarios: &[&str]) -> String {
    let files = scenarios.iter().map(|key| format!("[[scenarios]]\nfile = \"{key}.toml\"\n"));
    format!(
        r#"
[company]
key = "trial"
name = "Кофейня «Самовар»"
zone = "Europe/Moscow"
locale = "ru"
policy_url = "https://samovar.example/privacy"

[owner]
email = "owner@samovar.example"
name = "Владелец"

[[consents]]
purpose = "loyalty"
text = "Согласие на обработку данных"

[loyalty]
welcome_points = 100
expiry_days = 365

[[api_keys]]
name = "trial"
scopes = ["*"]
secret = {{ value = "{KEY}" }}

{files}
[[channels]]
key = "telegram"
messenger = "telegram"
name = "Бот"
token = {{ value = "{TOKEN}" }}
api_base = "{telegram}"
receive = "webhook"
scenarios = {scenarios:?}
pace = {{ bot_per_second = 1000000, chat_per_second = 1000, chat_burst = 1000, group_per_minute = 20 }}
"#,
        files = files.collect::<String>(),
    )
}

/// The program sets its webhook a moment after it is ready.
pub async fn await_webhook(bot: &BotHandle) -> anyhow::Result<()> {
    for _ in 0..2_000 {
        if bot.has_webhook() {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    anyhow::bail!("the program did not set its webhook")
}
