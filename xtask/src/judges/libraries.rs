//! Bots on three libraries against our fake.

use super::install::Tools;
use super::person::Person;
use super::say;
use crate::process::{Process, free_port};
use crate::shell;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

/// A library, and how its bots are started.
struct Library {
    name: &'static str,
    folder: &'static str,
    package: &'static str,
}

const LIBRARIES: [Library; 3] = [
    Library { name: "aiogram", folder: "aiogram", package: "aiogram==" },
    Library { name: "grammY", folder: "grammy", package: "grammy\"" },
    Library { name: "python-telegram-bot", folder: "ptb", package: "python-telegram-bot" },
];

/// A bot of a library, and how it receives.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Echo,
    Menu,
    MenuByWebhook,
}

/// Every library, every role; the libraries side by side, for they load slowly.
pub fn judge(tools: &Tools) -> Result<()> {
    let mut command = Command::new(shell::root().join("target/debug/examples/fake_telegram"));
    let mut fake = Process::start("fake", &mut command)?;
    let base = fake.first_line()?;
    std::thread::scope(|scope| {
        let judges: Vec<_> = LIBRARIES
            .iter()
            .enumerate()
            .map(|(at, library)| {
                let base = base.as_str();
                scope.spawn(move || all_roles(tools, base, library, at))
            })
            .collect();
        judges.into_iter().try_for_each(|judge| judge.join().unwrap_or_else(|_| bail!("a judge panicked")))
    })
}

fn all_roles(tools: &Tools, base: &str, library: &Library, at: usize) -> Result<()> {
    let began = Instant::now();
    for role in [Role::Echo, Role::Menu, Role::MenuByWebhook] {
        hold(tools, base, library, role, at)?;
    }
    say(
        library.name,
        &tools.version(library.package),
        "echo by polling, menu by polling, menu by webhook",
        began,
    );
    Ok(())
}

fn hold(tools: &Tools, base: &str, library: &Library, role: Role, at: usize) -> Result<()> {
    let name = format!("{}_{}_bot", library.folder, role.name());
    let token = format!("{}{}:judge-{name}", 1_000 + at, role.name().len());
    let bot = serde_json::json!({"token": token, "username": name});
    super::web::Server::of(base).post("/control/bots", &bot)?;
    let mut command = library.command(tools, role);
    command.args([base, &token]);
    if role == Role::MenuByWebhook {
        command.arg(free_port()?.to_string());
    }
    let process = Process::start(&name, &mut command)?;
    let person = Person::meet(base, &name)?;
    let held = if role == Role::Echo { echo(&person) } else { menu(tools, &person) };
    held.with_context(|| format!("{name} said:\n{}", process.last_words()))
}

impl Role {
    fn name(self) -> &'static str {
        match self {
            Self::Echo => "echo",
            Self::Menu => "menu",
            Self::MenuByWebhook => "webhook",
        }
    }

    fn script(self) -> &'static str {
        if self == Self::Echo { "echo" } else { "menu" }
    }
}

impl Library {
    fn command(&self, tools: &Tools, role: Role) -> Command {
        let path = |ending: &str| format!("{}/{}{ending}", self.folder, role.script());
        let (program, script): (PathBuf, PathBuf) = if self.folder == "grammy" {
            ("node".into(), tools.node_script(&path(".mjs")))
        } else {
            (tools.python("python"), tools.scripts.join(path(".py")))
        };
        let mut command = Command::new(program);
        command.arg(script);
        command
    }
}

fn echo(person: &Person) -> Result<()> {
    person.starts("qr")?;
    person.reads("Hello, Ann Judge!")?;
    for words in ["чай", "кофе ☕ и «плюшки»", "третье"] {
        person.says(words)?;
        person.reads(words)?;
    }
    Ok(())
}

fn menu(tools: &Tools, person: &Person) -> Result<()> {
    person.starts("qr-7")?;
    person.sees("the menu", |chat| {
        chat.last()["text"] == "Menu for Ann, from qr-7" && chat.last()["entities"][0]["type"] == "bold"
    })?;
    for count in 1..=2 {
        person.presses("More")?;
        person.sees("an edited count and a notice", |chat| {
            chat.last()["text"] == format!("Count: {count}")
                && chat.last()["edited"] == true
                && chat.notice()["text"] == format!("counted {count}")
        })?;
    }
    person.presses("Picture")?;
    person.sees("a picture", |chat| {
        chat.last()["photo"]["width"] == 640
            && chat.last()["text"] == "a picture"
            && chat.last()["entities"][0]["type"] == "italic"
    })?;
    person.presses("Close")?;
    person.sees("the menu closed with an alert", |chat| {
        let open = chat.0["messages"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one.get("buttons").is_some()));
        !open && chat.notice()["text"] == "closed" && chat.notice()["alert"] == true
    })?;
    person.says("/contact")?;
    person.sees("the contact button", |chat| chat.0["keyboard"]["rows"][0][0]["kind"] == "contact")?;
    person.presses("Share my number")?;
    person.reads(&format!("{} own=true", person.phone))?;
    let picture = std::fs::read(tools.scripts.join("picture.png"))?;
    person.sends_photo(&picture)?;
    person.reads(&format!("picture of {} bytes", picture.len()))?;
    person.says("/error")?;
    person.sees("the library's own error", |chat| {
        let text = chat.last()["text"].as_str().unwrap_or_default().to_lowercase();
        text.starts_with("refused: ") && text.contains("message is too long")
    })
}
