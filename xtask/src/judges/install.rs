//! The judges' own programs, pinned, in `.tools/judges`.

use crate::{installed, shell};
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
    let packages = tools.scripts.join("package.json");
    let stamp = tools.home.join("package.installed");
    std::thread::scope(|scope| {
        let node = scope.spawn(|| installed::once(&packages, &stamp, || node(&tools)));
        installed::python("judges")?;
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
