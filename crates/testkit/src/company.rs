//! The company of a test, and how the stage is set for it.

use samovar_app::setup::CompanyFile;
use samovar_connectors::{Messenger, Pace, webchat};
use samovar_store::Engine;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The token of the company's Telegram bot.
pub const BOT_TOKEN: &str = "7000001:samovar-test-token";
/// The token of the bot for the staff.
pub const STAFF_TOKEN: &str = "7000002:samovar-test-token-of-staff";
/// The key by which [`crate::Api`] asks.
pub const API_KEY: &str = "sv_key_of_the_tests_0123456789";

/// When a story begins, unless it is set otherwise: a Saturday noon in Moscow.
const NOON: &str = "2026-11-21T09:00:00Z";

/// Makes the messenger behind the web chat.
pub type MakeWebchat = fn(Arc<webchat::Hub>) -> Arc<dyn Messenger>;

/// How a stage is set. Begin with [`Setting::new`] and change what the test is about.
#[derive(Clone)]
pub struct Setting {
    /// Which database.
    pub engine: Engine,
    /// Language of the company and of its scenario: `ru` or `en`.
    pub locale: &'static str,
    /// Seed of everything random.
    pub seed: u64,
    /// How fast the bot may write to Telegram; fast enough not to be felt, unless the test is about it.
    pub pace: Pace,
    /// When the story begins.
    pub begins: &'static str,
    /// How long an answer of Telegram, or of the public randomness, is waited for.
    pub patience: Duration,
    /// `webhook` or `polling`.
    pub receive: &'static str,
    /// What stands behind the web chat.
    pub webchat: MakeWebchat,
    /// The company has a bot for its staff: the channel `staff`.
    pub staff: bool,
    /// The bot offers the Mini App.
    pub mini_app: bool,
    /// Which of the ready bots its customers meet. What that bot needs of the company is in its example.
    pub bot: &'static str,
    /// Another of the ready bots, which the channels run after it.
    pub beside: Option<&'static str>,
}

impl Setting {
    /// The Russian coffee shop.
    pub fn new(engine: Engine) -> Self {
        Self {
            engine,
            locale: "ru",
            seed: 1,
            pace: Pace {
                bot_per_second: 10_000,
                chat_per_second: 1_000,
                chat_burst: 1_000,
                group_per_minute: 1_000,
            },
            begins: NOON,
            patience: Duration::from_secs(10),
            receive: "webhook",
            webchat: |hub| Arc::new(webchat::Webchat::new(hub)),
            staff: false,
            mini_app: false,
            bot: "coffee-loyalty",
            beside: None,
        }
    }

    /// The company file. It names the scenario by its place under `examples`.
    pub fn company_file(&self, telegram: &str) -> CompanyFile {
        let Self { locale, receive, pace, bot, mini_app, .. } = self;
        let (name, ending, consent) = match *locale {
            "ru" => ("Уголок", "", "Я согласен на обработку имени и телефона для ведения карты лояльности."),
            _ => ("The Corner", "-en", "I agree that my name and phone are kept for the loyalty card."),
        };
        let mut runs = format!("\"{bot}{ending}\"");
        let mut file_beside = String::new();
        if let Some(beside) = self.beside {
            runs = format!("{runs}, \"{beside}{ending}\"");
            file_beside = format!("[[scenarios]]\n            file = \"{beside}/{locale}.toml\"");
        }
        let text = format!(
            r#"
            loyalty = {{ welcome_points = 100, expiry_days = 365 }}

            [company]
            key = "coffee"
            name = "{name}"
            zone = "Europe/Moscow"
            locale = "{locale}"
            policy_url = "https://coffee.example/policy"

            [owner]
            email = "owner@coffee.example"
            name = "Owner"

            [[api_keys]]
            name = "tests"
            scopes = ["*"]
            secret = {{ value = "{API_KEY}" }}

            [[consents]]
            purpose = "loyalty"
            text = "{consent}"

            [[scenarios]]
            file = "{bot}/{locale}.toml"

            {file_beside}

            [[channels]]
            key = "telegram"
            messenger = "telegram"
            name = "Telegram"
            token = {{ value = "{BOT_TOKEN}" }}
            api_base = "{telegram}"
            receive = "{receive}"
            mini_app = {mini_app}
            pace = {{ bot_per_second = {}, chat_per_second = {}, chat_burst = {}, group_per_minute = {} }}
            scenarios = [{runs}]

            [[channels]]
            key = "site"
            messenger = "webchat"
            name = "Site"
            scenarios = [{runs}]
            "#,
            pace.bot_per_second, pace.chat_per_second, pace.chat_burst, pace.group_per_minute
        );
        let text = if self.staff { text + &self.staff_bot(telegram) } else { text };
        let mut file = read(&text);
        if *bot != "coffee-loyalty" {
            let path = examples().join(bot).join("company.toml");
            let example = read(&std::fs::read_to_string(path).expect("the company of the example"));
            file.loyalty = example.loyalty;
            (file.catalogue, file.pipelines, file.codes) =
                (example.catalogue, example.pipelines, example.codes);
        }
        file
    }

    fn staff_bot(&self, telegram: &str) -> String {
        let Self { locale, receive, pace, .. } = self;
        let scenario = if *locale == "ru" { "counter" } else { "counter-en" };
        format!(
            r#"
            [[scenarios]]
            file = "counter/{locale}.toml"

            [[channels]]
            key = "staff"
            messenger = "telegram"
            name = "Staff"
            audience = "staff"
            token = {{ value = "{STAFF_TOKEN}" }}
            api_base = "{telegram}"
            receive = "{receive}"
            pace = {{ bot_per_second = {}, chat_per_second = {}, chat_burst = {}, group_per_minute = {} }}
            scenarios = ["{scenario}"]
            "#,
            pace.bot_per_second, pace.chat_per_second, pace.chat_burst, pace.group_per_minute
        )
    }
}

fn read(text: &str) -> CompanyFile {
    CompanyFile::parse(text).unwrap_or_else(|fail| panic!("the company of the tests: {fail}"))
}

/// The folder of the ready bots.
pub fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}
