//! Rules for Cargo manifests.

use super::Files;

/// Which crates of ours a crate may know. Strangers to each other stay strangers.
const LAYERS: &[(&str, &[&str])] = &[
    ("base", &[]),
    ("engine", &["base"]),
    ("fiscal", &[]),
    ("draw", &[]),
    ("store", &["base"]),
    ("connectors", &["base", "fiscal"]),
    ("fakes", &["base", "fiscal"]),
    ("app", &["base", "engine", "fiscal", "draw", "store", "connectors"]),
    ("http", &["base", "engine", "fiscal", "draw", "store", "connectors", "app"]),
    ("samovar", &["base", "engine", "draw", "store", "connectors", "fakes", "app", "http", "console"]),
    ("testkit", &["base", "engine", "fiscal", "store", "connectors", "fakes", "app", "http"]),
];

/// Every dependency is declared once, with what it is for.
pub fn reasons(files: &Files) -> Vec<String> {
    let Some(root) = files.find("Cargo.toml") else { return vec!["Cargo.toml: missing".into()] };
    let declared = root.lines().skip_while(|(_, line)| *line != "[workspace.dependencies]").skip(1);
    let declared = declared.take_while(|(_, line)| !line.starts_with('['));
    let bare =
        declared.filter(|(_, line)| line.contains(" = ") && !line.contains("path = ") && !has_comment(line));
    let mut broken: Vec<String> =
        bare.map(|(at, _)| format!("Cargo.toml:{at}: say after # what it is for")).collect();
    for file in files.ending("/Cargo.toml") {
        let own = dependencies(&file.text).into_iter().filter(|(_, how)| !how.contains("workspace"));
        broken
            .extend(own.map(|(name, _)| format!("{}: {name} is to be declared in the workspace", file.path)));
    }
    broken
}

/// A crate knows only the layers below it. Development dependencies are free.
pub fn layers(files: &Files) -> Vec<String> {
    let mut broken = Vec::new();
    for (name, below) in LAYERS {
        let path = format!("crates/{name}/Cargo.toml");
        let Some(file) = files.find(&path) else { continue };
        for (other, _) in dependencies(&file.text) {
            let ours = other.strip_prefix("samovar-");
            if ours.is_some_and(|ours| !below.contains(&ours)) {
                broken.push(format!("{path}: {name} must not know {other}"));
            }
        }
    }
    broken
}

/// Name and how it is declared, of `[dependencies]`.
fn dependencies(manifest: &str) -> Vec<(String, String)> {
    let Ok(parsed) = manifest.parse::<toml::Table>() else { return Vec::new() };
    let Some(all) = parsed.get("dependencies").and_then(toml::Value::as_table) else { return Vec::new() };
    all.iter().map(|(name, how)| (name.clone(), how.to_string())).collect()
}

fn has_comment(line: &str) -> bool {
    line.rsplit_once(" # ").is_some_and(|(_, reason)| reason.trim().len() > 3)
}

#[cfg(test)]
mod tests {
    use super::super::made_of;
    use super::*;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let root = "[workspace.dependencies]\nx = { path = \"x\" }\na = \"1\"\nb = \"1\" # letters\n[profile.dev]\nc = 1\n";
        let files = made_of(&[
            ("Cargo.toml", root),
            ("crates/a/Cargo.toml", "[dependencies]\nb.workspace = true\nz = \"1\"\n"),
        ]);
        assert_eq!(
            reasons(&files),
            [
                "Cargo.toml:3: say after # what it is for",
                "crates/a/Cargo.toml: z is to be declared in the workspace",
            ]
        );
    }

    #[test]
    fn strangers_stay_strangers() {
        let engine = "[dependencies]\nsamovar-base.workspace = true\nsamovar-store.workspace = true\n[dev-dependencies]\nsamovar-app.workspace = true\n";
        let files = made_of(&[("crates/engine/Cargo.toml", engine)]);
        assert_eq!(layers(&files), ["crates/engine/Cargo.toml: engine must not know samovar-store"]);
    }
}
