//! Running other programs, loudly.

use anyhow::{Context, Result, bail};
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Cargo in the repository.
pub fn cargo<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments);
    command
}

/// Any program in the repository.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// The program as the tests build it.
pub fn program() -> PathBuf {
    target().join("debug/samovar")
}

/// Runs to the end with the output shown; anything but success is an error that names the command.
pub fn run(command: &mut Command) -> Result<()> {
    let said = say(command);
    let status = command.status().with_context(|| format!("cannot start {said}"))?;
    if status.success() { Ok(()) } else { bail!("{said}: {status}") }
}

/// The same, and gives back what was written, which is shown too.
pub fn run_and_keep(command: &mut Command) -> Result<Kept> {
    let said = say(command);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot start {said}"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut lines = Vec::new();
    std::thread::scope(|scope| {
        let out = scope.spawn(|| out.map(show).unwrap_or_default());
        lines.extend(err.map(show).unwrap_or_default());
        lines.extend(out.join().unwrap_or_default());
    });
    let status = child.wait()?;
    Ok(Kept { lines, failure: (!status.success()).then(|| format!("{said}: {status}")) })
}

fn show(pipe: impl Read) -> Vec<String> {
    let lines = BufReader::new(pipe).split(b'\n').map_while(std::io::Result::ok);
    lines
        .map(|line| String::from_utf8_lossy(&line).into_owned())
        .inspect(|line| eprintln!("{line}"))
        .collect()
}

/// What a command said and whether it failed.
pub struct Kept {
    /// Line by line; standard error first.
    pub lines: Vec<String>,
    /// The command and its status, when it was no success.
    pub failure: Option<String>,
}

/// Whether a program can be started at all.
pub fn is_there(program: &str, argument: &str) -> bool {
    let quiet = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// Installs Debian packages, which needs root.
pub fn apt_install(packages: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        run(command.env("DEBIAN_FRONTEND", "noninteractive").arg("-qq").args(arguments))
    };
    apt(&["update"])?;
    apt(&[&["install", "-y", "--no-install-recommends"], packages].concat())
}

/// Whether this runs as root.
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0)
}

fn say(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let said = words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ");
    eprintln!("$ {said}");
    said
}
