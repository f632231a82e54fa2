//! `samovar draw verify`: whether a draw holds, counted again by anybody. Needs no database and no settings.

use anyhow::Context;
use clap::Subcommand;
use samovar_draw::{Outcome, Report, verify};
use std::path::PathBuf;
use std::process::ExitCode;

/// What can be done with draws.
#[derive(Subcommand)]
pub enum Options {
    /// Count a draw again from its protocol and its list of tickets.
    Verify(Verify),
}

/// What the command takes.
#[derive(clap::Args)]
pub struct Verify {
    /// The protocol, as it was downloaded.
    protocol: PathBuf,
    /// The list of tickets. Without it who won cannot be counted, and the draw does not count as checked.
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,
    /// The key that the company published, 64 hexadecimal digits.
    #[arg(long)]
    key: Option<String>,
    /// The hash of the announcement that was published before the draw, 64 hexadecimal digits.
    #[arg(long, value_name = "HASH")]
    announced: Option<String>,
    /// The language of the answer: ru or en; that of the machine when not given.
    #[arg(long)]
    lang: Option<String>,
}

/// Checks, and says what was found. Fails when anything is broken or missing.
#[allow(clippy::print_stdout)]
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let Options::Verify(Verify { protocol, list, key, announced, lang }) = options;
    let lang = lang.or_else(|| std::env::var("LANG").ok()).unwrap_or_default();
    let read =
        |path: &PathBuf| std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()));
    let file = read(&protocol)?;
    let file = String::from_utf8(file).with_context(|| format!("{} is not UTF-8", protocol.display()))?;
    let list = list.as_ref().map(read).transpose()?;
    let small = |text: Option<String>| text.map(|text| text.trim().to_lowercase());
    let (key, announced) = (small(key), small(announced));
    let report = verify(&file, list, key.as_deref(), announced.as_deref());
    print!("{}", told(&report, lang.starts_with("ru")));
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The report in plain words, the verdict last.
fn told(report: &Report, ru: bool) -> String {
    let mut out = String::new();
    if let Some(told) = &report.announcement {
        let name =
            |text: &str| text.split_once(' ').map_or_else(|| text.to_owned(), |(_, name)| name.to_owned());
        out += &format!("{} — {}, {}\n\n", name(&told.draw), name(&told.promotion), told.organiser);
    }
    for check in &report.checks {
        let mark = match check.outcome {
            Outcome::Holds => "✓",
            Outcome::Broken => "✗",
            Outcome::Missing => "…",
            Outcome::Compare => "?",
        };
        out += &format!("{mark} {}\n", if ru { &check.ru } else { &check.en });
    }
    if let (Some(protocol), Some(told)) = (&report.protocol, &report.announcement) {
        out.push('\n');
        for won in &protocol.winners {
            let prize = told
                .prizes
                .get((won.prize as usize).saturating_sub(1))
                .map_or("", |prize| prize.name.as_str());
            out += &format!("№ {}  {}  {prize}\n", won.number, won.name);
        }
    }
    let verdict = match (report.is_broken(), report.holds(), report.rehearsal) {
        (true, _, true) => {
            ("Протокол репетиции не сходится.", "The protocol of the rehearsal does not hold.")
        }
        (true, ..) => (
            "Розыгрыш не сходится: верить этому протоколу нельзя.",
            "The draw does not hold: this protocol cannot be trusted.",
        ),
        (_, _, true) => {
            ("Это репетиция: никто ничего не выиграл.", "This is a rehearsal: nobody won anything.")
        }
        (_, true, _) => (
            "Розыгрыш сходится. Строки со знаком «?» сравните сами: программа не может знать, что опубликовали другие.",
            "The draw holds. Compare the lines marked “?” by yourself: a program cannot know what others published.",
        ),
        _ => (
            "Проверено не всё: приложите список билетов ключом --list.",
            "Not everything was checked: give the list of tickets by --list.",
        ),
    };
    out + "\n" + if ru { verdict.0 } else { verdict.1 } + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Draws that anybody can count again: the published vectors.
    fn vectors() -> Vec<Value> {
        let text =
            std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/draw-vectors.json"));
        let all: Value = serde_json::from_str(&text.expect("the vectors")).expect("JSON");
        all["draws"].as_array().expect("draws").clone()
    }

    #[test]
    fn a_draw_is_told_in_plain_words() {
        for draw in vectors() {
            let (protocol, list) = (draw["protocol"].as_str().unwrap(), draw["list"].as_str().unwrap());
            let whole = verify(protocol, Some(list.as_bytes().to_vec()), None, None);
            assert!(
                whole.holds() && told(&whole, true).contains("Розыгрыш сходится"),
                "{}",
                told(&whole, true)
            );
            let without = verify(protocol, None, None, None);
            assert!(!without.holds() && told(&without, false).contains("Not everything was checked"));
            let changed = verify(&protocol.replacen("\"seed\":\"", "\"seed\":\"0", 1), None, None, None);
            assert!(told(&changed, false).contains("cannot be trusted"), "{}", told(&changed, false));
        }
    }
}
