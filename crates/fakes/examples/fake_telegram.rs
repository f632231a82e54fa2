//! The fake Telegram alone: `fake_telegram --port 8081 --bot 1:token:username [--bot …] [--no-limits]`.
//!
//! Prints its address and runs until it is stopped. People are moved through `/control`, see the module of that name.

use samovar_fakes::telegram::{Config, Telegram};
use std::io::Write;

fn main() -> std::io::Result<()> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(serve())
}

async fn serve() -> std::io::Result<()> {
    let mut config = Config::default();
    let mut bots = Vec::new();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--port" => config.port = words.next().and_then(|port| port.parse().ok()).unwrap_or(0),
            "--bot" => bots.extend(words.next()),
            "--no-limits" => config.paces = None,
            other => return Err(std::io::Error::other(format!("unknown argument {other}"))),
        }
    }
    let telegram = Telegram::start(config).await?;
    for bot in &bots {
        let (token, username) = bot.rsplit_once(':').unwrap_or((bot, "bot"));
        telegram.bot(token, username);
    }
    writeln!(std::io::stdout(), "{}", telegram.base_url())?;
    tokio::signal::ctrl_c().await
}
