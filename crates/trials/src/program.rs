//! The program as its own process.

use crate::database::Database;
use crate::machine;
use anyhow::{Context, bail};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a start may take.
const START_WITHIN: Duration = Duration::from_secs(60);

/// How the program is run in a trial.
#[derive(Clone)]
pub struct Program {
    binary: PathBuf,
    folder: PathBuf,
    url: String,
    public_url: Option<String>,
}

/// A running one; killed when dropped.
pub struct Running {
    child: Child,
    /// Where it answers.
    pub base: String,
    begun: Instant,
    /// From the start of the process to the first good answer of `/health/ready`.
    pub started_in: Duration,
}

impl Program {
    /// The program `binary` on a database, with a folder of its own for its files.
    pub fn new(binary: &Path, database: &Database) -> anyhow::Result<Self> {
        if !binary.is_file() {
            bail!("{} is not there: run `cargo xtask bench`, which builds it", binary.display());
        }
        let name = database.url.rsplit('/').next().unwrap_or("trial").trim_end_matches(".sqlite");
        let folder = std::env::temp_dir().join(format!("{name}.files"));
        std::fs::create_dir_all(&folder)?;
        Ok(Self { binary: binary.to_owned(), folder, url: database.url.clone(), public_url: None })
    }

    /// The same, with something at `public_url` that stands before it and passes on what messengers bring.
    #[must_use]
    pub fn behind(self, public_url: String) -> Self {
        Self { public_url: Some(public_url), ..self }
    }

    /// Sets a company up from the text of its file, and those of its scenarios by their keys.
    pub fn apply(&self, company: &str, scenarios: &[(&str, &str)]) -> anyhow::Result<()> {
        std::fs::write(self.folder.join("company.toml"), company)?;
        for (key, scenario) in scenarios {
            std::fs::write(self.folder.join(format!("{key}.toml")), scenario)?;
        }
        let output = self.command().args(["apply", "--offline", "company.toml"]).output()?;
        if !output.status.success() {
            bail!("apply failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(())
    }

    /// Starts serving on a free port, or on `port`, and waits until it is ready.
    pub async fn serve(&self, port: Option<u16>) -> anyhow::Result<Running> {
        let mut running = self.spawn(port)?;
        running.await_ready(&self.folder).await?;
        Ok(running)
    }

    /// The same without waiting for anything.
    pub fn spawn(&self, port: Option<u16>) -> anyhow::Result<Running> {
        let port = match port {
            Some(port) => port,
            None => TcpListener::bind("127.0.0.1:0")?.local_addr()?.port(),
        };
        let base = format!("http://127.0.0.1:{port}");
        let log = std::fs::OpenOptions::new().create(true).append(true).open(self.folder.join("log"))?;
        let begun = Instant::now();
        let child = self
            .command()
            .arg("serve")
            .env("SAMOVAR_HTTP_LISTEN", format!("127.0.0.1:{port}"))
            .env("SAMOVAR_HTTP_PUBLIC_URL", self.public_url.as_ref().unwrap_or(&base))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", self.binary.display()))?;
        Ok(Running { child, base, begun, started_in: Duration::ZERO })
    }

    /// By this the owner of an address comes in to the console, once.
    pub fn sign_in_token(&self, email: &str) -> anyhow::Result<String> {
        let output = self.command().args(["sign-in-link", email]).output()?;
        let said = String::from_utf8_lossy(&output.stdout);
        let token = said.split_once("/enter/").and_then(|(_, rest)| rest.split_whitespace().next());
        token
            .map(str::to_owned)
            .with_context(|| format!("no link to sign in: {}", String::from_utf8_lossy(&output.stderr)))
    }

    /// What a command of the program says that checks something, and whether it found everything in order.
    pub fn says(&self, arguments: &[&str]) -> anyhow::Result<(bool, String)> {
        let public_url = self.public_url.as_deref().unwrap_or_default();
        let output = self.command().args(arguments).env("SAMOVAR_HTTP_PUBLIC_URL", public_url).output()?;
        Ok((output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    /// Kills the running one with `kill -9` and starts another in its place, on the same port; tells how long the
    /// start took.
    pub async fn serve_instead(&self, running: &mut Running) -> anyhow::Result<Duration> {
        let port: u16 = running.base.rsplit(':').next().unwrap_or_default().parse()?;
        running.child.kill()?;
        running.child.wait()?;
        let fresh = self.serve(Some(port)).await?;
        let took = fresh.started_in;
        *running = fresh;
        Ok(took)
    }

    /// Its files.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What it logged.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }

    /// Removes its files.
    pub fn clean(&self) {
        std::fs::remove_dir_all(&self.folder).ok();
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .current_dir(&self.folder)
            .env("SAMOVAR_STORE_URL", &self.url)
            .env("SAMOVAR_SECRETS_KEY", "trials keep no secrets, all of it is made up")
            .env("SAMOVAR_LOG_FILTER", std::env::var("SAMOVAR_LOG_FILTER").unwrap_or_else(|_| "warn".into()));
        command
    }
}

impl Running {
    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`.
    pub fn kill(mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to stop and waits for its end.
    pub fn stop(mut self) -> anyhow::Result<()> {
        let stopped = Command::new("kill").arg(self.pid().to_string()).status()?;
        if !stopped.success() {
            bail!("the program could not be asked to stop");
        }
        self.child.wait()?;
        Ok(())
    }

    /// Processor time so far, in microseconds.
    pub fn cpu_us(&self) -> anyhow::Result<u64> {
        machine::cpu_us(self.pid())
    }

    async fn await_ready(&mut self, folder: &Path) -> anyhow::Result<()> {
        let client = samovar_connectors::client(None)?;
        while self.begun.elapsed() < START_WITHIN {
            if let Some(status) = self.child.try_wait()? {
                let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
                bail!("the program ended at its start ({status}):\n{log}");
            }
            let asked = client
                .get(format!("{}/health/ready", self.base))
                .timeout(Duration::from_secs(2))
                .send()
                .await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                self.started_in = self.begun.elapsed();
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        bail!("the program is not ready after {START_WITHIN:?}")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
