//! Programs of others that a chore needs, pinned in `tools`, brought into `.tools`.

use crate::shell;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Runs `how` unless the list of packages is the one that was installed last, as `stamp` remembers.
pub fn once(list: &Path, stamp: &Path, how: impl Fn() -> Result<()>) -> Result<()> {
    let wanted = fs::read(list).with_context(|| list.display().to_string())?;
    if fs::read(stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    how()?;
    Ok(fs::write(stamp, wanted)?)
}

/// The Python environment `.tools/<name>/venv` with what `tools/<name>/requirements.txt` pins; gives its programs.
pub fn python(name: &str) -> Result<PathBuf> {
    let root = shell::root();
    let (home, list) =
        (root.join(".tools").join(name), root.join("tools").join(name).join("requirements.txt"));
    let venv = home.join("venv");
    fs::create_dir_all(&home)?;
    once(&list, &home.join("requirements.installed"), || {
        shell::run(shell::command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
        let pip = ["install", "--quiet", "--disable-pip-version-check", "--no-compile", "--requirement"];
        shell::run(shell::command(venv.join("bin/pip")).args(pip).arg(&list))
    })?;
    Ok(venv.join("bin"))
}
