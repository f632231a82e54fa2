//! The judges' own programs, pinned, in `.tools/judges`.

use crate::shell;
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the judges are.
pub struct Tools {
    /// `.tools/judges`.
    pub home: PathBuf,
    /// `tools/judges`.
    pub scripts: PathBuf,
}

impl Tools {
    /// A program of the Python environment.
    pub fn python(&self, program: &str) -> PathBuf {
        self.home.join("venv/bin").join(program)
    }

    /// A script of a judge, as Node must find it: beside its packages.
    pub fn node_script(&self, path: &str) -> PathBuf {
        self.home.join("node").join(path)
    }

    /// The version pinned for a package.
    pub fn version(&self, package: &str) -> String {
        let pinned =
            ["requirements.txt", "package.json"].map(|file| fs::read_to_string(self.scripts.join(file)));
        let lines = pinned.iter().flatten().flat_map(|text| text.lines());
        let line = lines.map(str::trim).find(|line| line.trim_start_matches('"').starts_with(package));
        let version = line.and_then(|line| line.rsplit(['=', ' ']).next()).unwrap_or_default();
        version.trim_matches(['"', ',']).to_owned()
    }
}

/// Installs what is not there yet or was pinned otherwise.
pub fn install() -> Result<Tools> {
    let root = shell::root();
    let tools = Tools { home: root.join(".tools/judges"), scripts: root.join("tools/judges") };
    fs::create_dir_all(tools.home.join("log"))?;
    std::thread::scope(|scope| {
        let node = scope.spawn(|| once(&tools, "package.json", || node(&tools)));
        once(&tools, "requirements.txt", || python(&tools))?;
        node.join().unwrap_or_else(|_| bail!("the installation of Node packages panicked"))
    })?;
    copy_node_scripts(&tools)?;
    if !shell::is_there("redis-server", "--version") {
        if !shell::is_root() {
            bail!(
                "redis-server is not installed, and without root it cannot be: install the Debian package redis-server"
            );
        }
        shell::apt_install(&["redis-server"])?;
    }
    Ok(tools)
}

/// Runs `how` unless the list of packages is the one that was installed last.
fn once(tools: &Tools, list: &str, how: impl Fn() -> Result<()>) -> Result<()> {
    let wanted = fs::read(tools.scripts.join(list)).with_context(|| format!("tools/judges/{list}"))?;
    let stamp = tools.home.join(list).with_extension("installed");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    how()?;
    Ok(fs::write(stamp, wanted)?)
}

fn python(tools: &Tools) -> Result<()> {
    shell::run(shell::command("python3").args(["-m", "venv", "--clear"]).arg(tools.home.join("venv")))?;
    let list = tools.scripts.join("requirements.txt");
    let pip = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", "--requirement"];
    shell::run(shell::command(tools.python("pip")).args(pip).arg(list))
}

fn node(tools: &Tools) -> Result<()> {
    let home = tools.home.join("node");
    fs::create_dir_all(&home)?;
    fs::copy(tools.scripts.join("package.json"), home.join("package.json"))?;
    let arguments =
        ["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];
    shell::run(Command::new("npm").args(arguments).current_dir(home))
}

/// Node looks for packages beside the script, so the scripts go to the packages.
fn copy_node_scripts(tools: &Tools) -> Result<()> {
    let copy = |path: &str| -> Result<()> {
        let to = tools.node_script(path);
        fs::create_dir_all(to.parent().unwrap_or(Path::new(".")))?;
        fs::copy(tools.scripts.join(path), to).with_context(|| format!("tools/judges/{path}"))?;
        Ok(())
    };
    ["grammy/echo.mjs", "grammy/menu.mjs", "picture.png", "telegram_test_api.mjs"]
        .into_iter()
        .try_for_each(copy)
}
