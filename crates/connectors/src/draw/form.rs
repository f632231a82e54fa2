//! The form in which choices are shown.

use super::{Keys, Words, split};
use crate::messenger::{Buttons, Limits, List, PhoneButton};
use samovar_base::message::{Action, Button};
use std::fmt::Write as _;
use url::{Host, Url};

/// The best form for `rows`, and the blocks that the text gains by it.
pub(super) fn fit(rows: &[Vec<Button>], limits: &Limits, words: Words) -> (Keys, Vec<String>) {
    let asks_phone = rows.iter().flatten().any(|button| button.action == Action::SharePhone);
    if asks_phone && limits.phone_button == PhoneButton::Keyboard {
        let rows = kept(rows, |action| !matches!(action, Action::Open(_)));
        return (Keys::Keyboard(rows.0), links(&rows.1).into_iter().collect());
    }
    let inline_phone = limits.phone_button == PhoneButton::Inline;
    if let Some(buttons) = limits.buttons {
        let (rows, rest) = kept(rows, |action| match action {
            Action::Press(_) => true,
            Action::Open(address) => buttons.links_per_row > 0 && is_linkable(address),
            Action::SharePhone => inline_phone,
        });
        if rows.is_empty() {
            return (Keys::None, links(&rest).into_iter().collect());
        }
        if let Some(rows) = as_buttons(&rows, &buttons) {
            return (Keys::Buttons(rows), links(&rest).into_iter().collect());
        }
    }
    let (choices, rest) = kept(rows, |action| matches!(action, Action::Press(_)));
    let choices = choices.concat();
    let mut blocks: Vec<String> = links(&rest).into_iter().collect();
    if choices.is_empty() {
        return (Keys::None, blocks);
    }
    if let Some(rows) = limits.list.and_then(|list| as_list(&choices, &list)) {
        return (Keys::List(rows), blocks);
    }
    blocks.push(numbered(&choices));
    blocks.push(if choices.len() < 10 { words.send_digit } else { words.send_number }.to_owned());
    (Keys::None, blocks)
}

/// The rows with only what `keep` keeps, and all the others in reading order.
fn kept(rows: &[Vec<Button>], keep: impl Fn(&Action) -> bool) -> (Vec<Vec<Button>>, Vec<Button>) {
    let mut rest = Vec::new();
    let mut out = Vec::new();
    for row in rows {
        let (stay, go): (Vec<Button>, Vec<Button>) =
            row.iter().cloned().partition(|button| keep(&button.action));
        rest.extend(go);
        if !stay.is_empty() {
            out.push(stay);
        }
    }
    (out, rest)
}

fn as_buttons(rows: &[Vec<Button>], limits: &Buttons) -> Option<Vec<Vec<Button>>> {
    let all = rows.iter().map(Vec::len).sum::<usize>();
    if all > limits.total || !rows.iter().flatten().all(|button| token_fits(button, limits.token_bytes)) {
        return None;
    }
    let width = |row: &[Button]| {
        let plain = row.iter().all(|button| matches!(button.action, Action::Press(_)));
        if plain { limits.per_row } else { limits.per_row.min(limits.links_per_row) }.max(1)
    };
    let as_given: Vec<&[Button]> = rows.iter().flat_map(|row| row.chunks(width(row))).collect();
    let flat = rows.concat();
    let rows = if as_given.len() <= limits.rows {
        as_given
    } else {
        let dense: Vec<&[Button]> = flat.chunks(width(&flat)).collect();
        if dense.len() > limits.rows {
            return None;
        }
        dense
    };
    Some(
        rows.into_iter()
            .map(|row| row.iter().map(|button| labelled(button, limits.label_max)).collect())
            .collect(),
    )
}

fn as_list(choices: &[Button], limits: &List) -> Option<Vec<Button>> {
    let fits =
        choices.len() <= limits.rows && choices.iter().all(|button| token_fits(button, limits.token_bytes));
    fits.then(|| choices.iter().map(|button| labelled(button, limits.label_max)).collect())
}

fn token_fits(button: &Button, bytes_max: usize) -> bool {
    !matches!(&button.action, Action::Press(token) if token.is_empty() || token.len() > bytes_max)
}

fn labelled(button: &Button, label_max: usize) -> Button {
    let label = button.label.trim();
    // Messengers refuse the whole message for one empty label.
    let label = if label.is_empty() { "•".to_owned() } else { split::cut(label, label_max) };
    Button { label, action: button.action.clone() }
}

fn numbered(choices: &[Button]) -> String {
    let mut text = String::new();
    for (at, button) in choices.iter().enumerate() {
        let _ = write!(text, "{}{} — {}", if at == 0 { "" } else { "\n" }, at + 1, button.label.trim());
    }
    text
}

fn links(buttons: &[Button]) -> Option<String> {
    let lines: Vec<String> = buttons
        .iter()
        .filter_map(|button| match &button.action {
            Action::Open(address) => Some(format!("{}: {address}", button.label.trim())),
            _ => None,
        })
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// Messengers refuse a whole message for one address without a proper public name.
fn is_linkable(address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let named = match url.host() {
        Some(Host::Domain(name)) => name.contains('.'),
        Some(_) => true,
        None => false,
    };
    match url.scheme() {
        "http" | "https" => named,
        "tg" => true,
        _ => false,
    }
}
