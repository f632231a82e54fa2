//! A PostgreSQL of our own for tests: fresh, on 127.0.0.1, gone when we are.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Where tests look for the address.
pub const VARIABLE: &str = "SAMOVAR_TEST_POSTGRES";

/// Runs the server until its standard input ends, which is when its starter has gone, however it went.
const KEEPER: &str = r#"
"$1/postgres" -D "$2/data" -p "$3" -k "$2" -h 127.0.0.1 -c max_connections=300 >"$2/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT $server
wait $server
cd / && rm -rf "$2"
"#;

/// A running server; stopped and removed when dropped.
pub struct Server {
    keeper: Child,
    port: u16,
}

impl Server {
    /// Finds or installs PostgreSQL and starts it with an empty cluster.
    pub fn start() -> Result<Self> {
        let programs = find_or_install()?;
        let user = unprivileged_user()?;
        let home = std::env::temp_dir().join(format!("samovar-pg-{}", std::process::id()));
        fs::create_dir_all(&home)?;
        if let Some(user) = &user {
            chown(&home, Some(user.uid), Some(user.gid))?;
        }
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let keeper = initialise(&programs, &home, user.as_ref())
            .and_then(|()| keep(&programs, &home, port, user.as_ref()));
        let server = match keeper {
            Ok(keeper) => Self { keeper, port },
            Err(error) => {
                let _ = fs::remove_dir_all(&home);
                return Err(error);
            }
        };
        await_ready(&home)?;
        Ok(server)
    }

    /// The address of its first database, for the superuser.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// `cargo xtask pg`.
pub fn run() -> Result<()> {
    let mut server = Server::start()?;
    eprintln!("The server stops with this command.");
    writeln!(std::io::stdout(), "export {VARIABLE}={}", server.url())?;
    // The keeper ends only when we do, or when the server was stopped by others.
    // Not `wait`: it would close the keeper's input first, and so stop the server.
    loop {
        if let Some(status) = server.keeper.try_wait()? {
            bail!("the server stopped: {status}");
        }
        std::thread::sleep(Duration::from_millis(500));
    }
}

struct User {
    uid: u32,
    gid: u32,
}

fn initialise(programs: &Path, home: &Path, user: Option<&User>) -> Result<()> {
    let mut command = Command::new(programs.join("initdb"));
    command.arg("-D").arg(home.join("data")).args([
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--locale=C",
        "--no-sync",
    ]);
    command.current_dir(home).stdout(Stdio::null());
    shell::run(as_user(&mut command, user))
}

fn keep(programs: &Path, home: &Path, port: u16, user: Option<&User>) -> Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", KEEPER, "keeper"]).arg(programs).arg(home).arg(port.to_string());
    // A process group of its own: Ctrl-C is for us, and the keeper cleans up after us.
    command.current_dir(home).stdin(Stdio::piped()).process_group(0);
    as_user(&mut command, user).spawn().context("cannot start PostgreSQL")
}

/// The server writes `ready` into its pid file when it takes connections.
fn await_ready(home: &Path) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(30);
    while Instant::now() < until {
        let told = fs::read_to_string(home.join("data/postmaster.pid")).unwrap_or_default();
        if told.lines().any(|line| line.trim() == "ready") {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    let log = fs::read_to_string(home.join("log")).unwrap_or_default();
    bail!("PostgreSQL did not start within 30 seconds:\n{log}")
}

fn as_user<'a>(command: &'a mut Command, user: Option<&User>) -> &'a mut Command {
    match user {
        Some(user) => command.uid(user.uid).gid(user.gid),
        None => command,
    }
}

fn find_or_install() -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if !shell::is_root() {
        bail!("PostgreSQL is not installed; on Debian: apt-get install postgresql");
    }
    shell::apt_install(&["postgresql"])?;
    find().context("PostgreSQL was installed, yet its programs are not found")
}

/// The folder of the newest server that is installed.
fn find() -> Option<PathBuf> {
    let mut folders: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    folders.sort();
    let on_path = std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect::<Vec<_>>())
        .unwrap_or_default();
    let all = folders.into_iter().rev().map(|(_, folder)| folder).chain(on_path);
    all.into_iter().find(|folder| folder.join("postgres").is_file() && folder.join("initdb").is_file())
}

/// PostgreSQL refuses to run as root: then whom it runs as.
fn unprivileged_user() -> Result<Option<User>> {
    if !shell::is_root() {
        return Ok(None);
    }
    if let Some(user) = user_named("postgres")? {
        return Ok(Some(user));
    }
    shell::run(Command::new("useradd").args(["--system", "--no-create-home", "postgres"]))?;
    user_named("postgres")?.map(Some).context("the user postgres was made, yet is not found")
}

fn user_named(name: &str) -> Result<Option<User>> {
    let users = fs::read_to_string("/etc/passwd")?;
    Ok(users.lines().find_map(|line| {
        let mut fields = line.split(':');
        (fields.next()? == name).then_some(())?;
        Some(User { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    }))
}
