//! Programs that run beside a chore: a server that is asked, a bot that answers.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Longest wait for one thing. A library of Python loads for half a minute on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

const LOG_TAIL: usize = 40;

/// A running program; stopped when dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program whose output goes to `.tools/log/<name>.log`.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let folder = shell::root().join(".tools/log");
        fs::create_dir_all(&folder)?;
        let log = folder.join(format!("{name}.log"));
        let out = File::create(&log)?;
        command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        let child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, log })
    }

    /// Waits until the program listens on a port.
    pub fn until_listening(mut self, port: u16) -> Result<Self> {
        let deadline = Instant::now() + PATIENCE;
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if self.child.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("the program does not listen on port {port}:\n{}", self.last_words());
            }
            sleep(Duration::from_millis(50));
        }
        Ok(self)
    }

    /// Waits until the first line of the output is whole, and gives it.
    pub fn first_line(&mut self) -> Result<String> {
        let said = self.until_said("\n")?;
        Ok(said.lines().next().unwrap_or_default().to_owned())
    }

    /// Waits until the program has said `words`, and gives all that it said.
    pub fn until_said(&mut self, words: &str) -> Result<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let said = fs::read_to_string(&self.log)?;
            if said.contains(words) {
                return Ok(said);
            }
            if self.child.try_wait()?.is_some() || Instant::now() > deadline {
                bail!("the program does not say what it should:\n{}", self.last_words());
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// The end of what the program said.
    pub fn last_words(&self) -> String {
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = said.lines().collect();
        lines[lines.len().saturating_sub(LOG_TAIL)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port nobody listens on.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
