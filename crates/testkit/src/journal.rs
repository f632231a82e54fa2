//! What a person did and saw, in the order in which it happened: what stories are compared by.

use std::collections::HashMap;

/// A growing account of one conversation, from the person's side.
#[derive(Debug, Default)]
pub struct Journal {
    lines: Vec<String>,
    seen: HashMap<String, String>,
    keyboard: Option<String>,
}

impl Journal {
    /// The person did something: `Анна: /start`.
    pub fn did(&mut self, what: impl Into<String>) {
        self.lines.push(what.into());
    }

    /// A message of the bot as it looks now. A new one is told, a changed one too, the rest is known.
    pub fn sees(&mut self, id: &str, looks: String) {
        let before = self.seen.insert(id.to_owned(), looks.clone());
        match before {
            None => self.lines.push(format!("bot: {looks}")),
            Some(before) if before != looks => self.lines.push(format!("bot changes: {looks}")),
            Some(_) => {}
        }
    }

    /// The keyboard in the place of the letters, as it looks now.
    pub fn sees_keyboard(&mut self, looks: Option<String>) {
        if self.keyboard != looks {
            self.lines.push(
                looks
                    .as_ref()
                    .map_or_else(|| "keyboard: away".to_owned(), |keys| format!("keyboard: {keys}")),
            );
            self.keyboard = looks;
        }
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether nothing happened yet.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines from one on, with card numbers blotted out: they are drawn by lot.
    pub fn from(&self, line: usize) -> String {
        blot_card_numbers(&self.lines[line..].join("\n"))
    }
}

/// A row of buttons.
pub fn row<'a>(labels: impl Iterator<Item = &'a str>) -> String {
    labels.map(|label| format!("[{label}]")).collect::<Vec<_>>().join(" ")
}

/// A message with its buttons, rows below the words.
pub fn message(picture: bool, text: &str, rows: impl Iterator<Item = String>) -> String {
    let mut looks = if picture { "(picture) ".to_owned() } else { String::new() };
    for (at, line) in text.split('\n').enumerate() {
        looks.push_str(match (at, line) {
            (0, _) => "",
            (_, "") => "\n",
            _ => "\n     ",
        });
        looks.push_str(line);
    }
    for row in rows {
        looks.push_str("\n     ");
        looks.push_str(&row);
    }
    looks
}

/// `1234 5678 9012` becomes `#### #### ####`.
fn blot_card_numbers(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let is_number = |at: usize| {
        (0..14).all(|step| match letters.get(at + step) {
            Some(letter) if step % 5 == 4 => *letter == ' ',
            Some(letter) => letter.is_ascii_digit(),
            None => false,
        })
    };
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < letters.len() {
        if is_number(at) {
            out.push_str("#### #### ####");
            at += 14;
        } else {
            out.push(letters[at]);
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_or_changed_is_told() {
        let mut journal = Journal::default();
        journal.did("Анна: /start");
        journal.sees("1", message(false, "Карта 1234 5678 9012\nваша", ["[Да]".to_owned()].into_iter()));
        journal.sees("1", "Да".into());
        journal.sees("1", "Да".into());
        assert_eq!(
            journal.from(0),
            "Анна: /start\nbot: Карта #### #### ####\n     ваша\n     [Да]\nbot changes: Да"
        );
    }
}
