//! Journeys in a browser: the program with its console, Debian's Chromium, the specs of `web/e2e`.

use crate::{shell, web};
use anyhow::{Result, bail};

/// Where Debian keeps it; a variable names another one.
const CHROMIUM: &str = "/usr/bin/chromium";
/// Names it to `web/playwright.config.ts`.
pub const CHROMIUM_VARIABLE: &str = "CHROMIUM";

/// Builds the program, brings what is missing, and runs all journeys.
pub fn run() -> Result<()> {
    let chromium = ready()?;
    shell::run(shell::cargo(["build", "--package", "samovar"]).env("SAMOVAR_WEB", "require"))?;
    let mut journeys = shell::command("npx");
    journeys.args(["--no-install", "playwright", "test"]).current_dir(shell::root().join("web"));
    journeys.env("SAMOVAR_BIN", shell::program()).env(CHROMIUM_VARIABLE, chromium);
    shell::run(&mut journeys)
}

/// Brings the packages of `web/` and the browser, and tells where that is.
pub fn ready() -> Result<String> {
    web::install()?;
    chromium()
}

fn chromium() -> Result<String> {
    let wanted = std::env::var(CHROMIUM_VARIABLE).unwrap_or_else(|_| CHROMIUM.into());
    if shell::is_there(&wanted, "--version") {
        return Ok(wanted);
    }
    if !shell::is_root() {
        bail!(
            "there is no {wanted}, and without root it cannot be installed: install the Debian package chromium"
        );
    }
    shell::apt_install(&["chromium"])?;
    Ok(CHROMIUM.into())
}
