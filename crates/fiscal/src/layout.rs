//! What a scanner typed while the keyboard was set to Russian.

/// The keys of the Russian keyboard, and what the same keys give on the Latin one.
const KEYS: [(&str, &str); 4] = [
    ("йцукенгшщзхъфывапролджэячсмитьбю.", "qwertyuiop[]asdfghjkl;'zxcvbnm,./"),
    // With the capitals locked, the key of the point prints Ю: no code has a `>`.
    ("ЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ,", "QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<.?"),
    ("№;:?", "#$^&"),
    ("ёЁ", "`~"),
];

/// The text as it would stand there with the keyboard set to Latin letters.
pub(crate) fn latin(text: &str) -> String {
    text.chars().map(key).collect()
}

/// Whether a Russian letter stands right before a `=`: the sign of a code typed so.
pub(crate) fn is_russian(text: &str) -> bool {
    let mut before = ' ';
    text.chars().any(|letter| {
        let found = letter == '=' && matches!(before, 'а'..='я' | 'А'..='Я');
        before = letter;
        found
    })
}

fn key(letter: char) -> char {
    if letter.is_ascii_alphanumeric() || letter == '=' {
        return letter;
    }
    let typed = KEYS.iter().find_map(|(russian, latin)| {
        let place = russian.chars().position(|key| key == letter)?;
        latin.chars().nth(place)
    });
    typed.unwrap_or(letter)
}
