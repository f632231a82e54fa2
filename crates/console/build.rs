//! Builds `web/` by npm and lists what came out as constants of the program.
//!
//! `SAMOVAR_WEB` decides: `auto` (the default) builds where there is Node and lays in a page that says how to get the
//! console where there is none; `require` fails without Node, for releases; `stub` never builds, for quick work on Rust.

use anyhow::{Context, Result, bail};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// What the build reads: a change of any of it builds again.
const SOURCES: &[&str] = &[
    "src",
    "mini",
    "widget",
    "public",
    "build",
    "index.html",
    "vite.config.ts",
    "tsconfig.json",
    "package-lock.json",
];

fn main() -> Result<()> {
    let web = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../web").canonicalize()?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo:rerun-if-env-changed=SAMOVAR_WEB");
    println!("cargo:rerun-if-changed=build.rs");
    for source in SOURCES.iter().map(|source| web.join(source)).filter(|path| path.exists()) {
        println!("cargo:rerun-if-changed={}", source.display());
    }
    let mode = env::var("SAMOVAR_WEB").unwrap_or_else(|_| "auto".into());
    let built = match mode.as_str() {
        "stub" => false,
        "require" => build(&web, &out)?,
        "auto" if has_node() => build(&web, &out)?,
        "auto" => {
            println!("cargo:warning=without Node 20 the program carries no console; everything else works");
            false
        }
        other => bail!("SAMOVAR_WEB is auto, require or stub, not «{other}»"),
    };
    fs::write(out.join("assets.rs"), list(&out.join("web"), built)?)?;
    Ok(())
}

fn has_node() -> bool {
    ["node", "npm"]
        .iter()
        .all(|name| Command::new(name).arg("--version").output().is_ok_and(|told| told.status.success()))
}

/// Brings the packages when the lock file is newer than they are, then builds. Always true: it has built or failed.
fn build(web: &Path, out: &Path) -> Result<bool> {
    let modified = |path: PathBuf| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    let installed = modified(web.join("node_modules/.package-lock.json"));
    if installed.is_none() || installed < modified(web.join("package-lock.json")) {
        run(Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(web))?;
    }
    run(Command::new("node").arg("build/all.mjs").arg(out.join("web")).current_dir(web))?;
    Ok(true)
}

fn run(command: &mut Command) -> Result<()> {
    let said = format!("{command:?}");
    let told = command.output().with_context(|| format!("cannot start {said}"))?;
    if !told.status.success() {
        let words =
            [told.stdout, told.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        bail!("the web console does not build ({said}); SAMOVAR_WEB=stub builds without it\n{words}");
    }
    Ok(())
}

/// Every built file as a line of a table, sorted by its path so that it is found by halving.
fn list(web: &Path, built: bool) -> Result<String> {
    let mut files = Vec::new();
    if built {
        walk(web, &mut files)?;
    }
    files.retain(|path| !matches!(path.extension().and_then(|ending| ending.to_str()), Some("br" | "gz")));
    let mut named = files
        .iter()
        .map(|path| {
            Ok((path.strip_prefix(web)?.to_str().context("an odd file name")?.replace('\\', "/"), path))
        })
        .collect::<Result<Vec<_>>>()?;
    named.sort();
    let mut table = String::from("pub(crate) static ASSETS: &[Asset] = &[\n");
    for (name, path) in named {
        let packed = |ending: &str| {
            let packed = format!("{}.{ending}", path.display());
            if Path::new(&packed).exists() {
                format!("Some(include_bytes!({packed:?}))")
            } else {
                "None".into()
            }
        };
        writeln!(
            table,
            "Asset {{ path: {name:?}, plain: include_bytes!({:?}), br: {}, gz: {} }},",
            path.display().to_string(),
            packed("br"),
            packed("gz")
        )?;
    }
    table.push_str("];\n");
    Ok(table)
}

fn walk(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { walk(&path, into)? } else { into.push(path) }
    }
    Ok(())
}
