//! The bare loop as a process of its own, on an empty database, with a bot of its own.

use crate::database::Database;
use samovar_fakes::telegram::{BotHandle, Telegram};
use std::net::TcpListener;
use std::process::{Child, Command};
use std::time::Duration;

const TOKEN: &str = "7000003:samovar-bare-loop";

/// A running bare loop.
pub struct Loop {
    /// Whom customers write to.
    pub bot: BotHandle,
    /// Where it writes.
    pub database: Database,
    process: Killed,
}

impl Loop {
    /// Starts it in the place of the program: the same make-believe Telegram. `more` is what else it is told.
    pub async fn start(telegram: &Telegram, database: Database, more: &[&str]) -> anyhow::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let bot = telegram.bot(TOKEN, "samovar_bare_bot");
        let mut process = Killed(
            Command::new(std::env::current_exe()?)
                .args(["bare", "--url", &database.url, "--port", &port.to_string()])
                .args(["--api", &format!("{}/bot{TOKEN}", telegram.base_url())])
                .args(more)
                .spawn()?,
        );
        for _ in 0..200 {
            if std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
                break;
            }
            anyhow::ensure!(process.0.try_wait()?.is_none(), "the bare loop ended at its start");
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bot.set_webhook(&format!("http://127.0.0.1:{port}/"), None)
            .map_err(|cannot| anyhow::anyhow!("{cannot}"))?;
        Ok(Self { bot, database, process })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// Ends it and removes what it wrote.
    pub async fn clear(self) -> anyhow::Result<()> {
        drop(self.process);
        self.database.drop().await
    }
}

/// A process that is killed when it goes out of sight.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}
