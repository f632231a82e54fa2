//! The name by which equal goods are counted together.

use crate::tokens::tokens;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Longest normal name, in letters.
const NAME_MAX: usize = 120;
/// Leaving something out may bring other words together; it ends soon.
const ROUNDS_MAX: usize = 4;

/// Units that stand behind a number.
const UNITS: [&str; 25] = [
    "г", "гр", "кг", "мг", "л", "мл", "шт", "штх", "штук", "м", "см", "мм", "мкм", "уп", "пак", "рул", "таб",
    "капс", "х", "x", "g", "kg", "ml", "l", "пор",
];

/// Without sizes, weights, volumes, packing, numbers of articles and the ways tills shorten words: `*Тыква  1кг` and
/// `ТЫКВА` are one. Percents stay, and single digits, for they tell goods apart (Балтика 7). What is nothing else
/// stays as it is.
///
/// Naming twice changes nothing.
pub fn normal(name: &str) -> String {
    let mut normal = cut(&round(name));
    for _ in 1..ROUNDS_MAX {
        let next = cut(&round(&normal));
        if next == normal {
            break;
        }
        normal = next;
    }
    normal
}

fn round(name: &str) -> String {
    // A percent is the only sign that says what a number means.
    let words = tokens(&name.replace('%', " процентов "));
    let mut kept: Vec<String> = Vec::new();
    let mut rest = words.as_slice();
    while let Some((word, behind)) = rest.split_first() {
        if is_number(word) {
            match behind.first().map(String::as_str) {
                Some("процентов") => {
                    kept.push(format!("{word}%"));
                    rest = &behind[1..];
                    continue;
                }
                Some(unit) if UNITS.contains(&unit) => rest = &behind[1..],
                _ => {
                    if word.len() == 1 {
                        kept.push(word.clone());
                    }
                    rest = behind;
                }
            }
            continue;
        }
        let (means, taken) = meaning(rest);
        if let Some(means) = means
            && kept.last() != Some(&means)
        {
            kept.push(means);
        }
        rest = &rest[taken..];
    }
    if kept.is_empty() { words.join(" ") } else { kept.join(" ") }
}

fn is_number(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit())
}

/// What the words at the beginning mean, `None` of packing, and how many they are.
fn meaning(words: &[String]) -> (Option<String>, usize) {
    if let [first, second, ..] = words
        && let Some(means) = SHORT.get(format!("{first}/{second}").as_str())
    {
        return (means.map(str::to_owned), 2);
    }
    let Some(first) = words.first() else { return (None, 1) };
    match SHORT.get(first.as_str()) {
        Some(means) => (means.map(str::to_owned), 1),
        None if first == "процентов" => (None, 1),
        None => (Some(first.clone()), 1),
    }
}

fn cut(name: &str) -> String {
    match name.char_indices().nth(NAME_MAX) {
        Some((end, _)) => name[..end].trim_end().to_owned(),
        None => name.to_owned(),
    }
}

/// Shortenings and what they mean; packing means nothing.
static SHORT: LazyLock<HashMap<&str, Option<&str>>> = LazyLock::new(|| {
    let lines = include_str!("../data/names.txt").lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| match line.split_once('=') {
            Some((short, means)) => (short.trim(), Some(means.trim())),
            None => (line, None),
        })
        .collect()
});
