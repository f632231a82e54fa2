//! Names of goods cut into words, the same way wherever names are compared.

/// Longer names are cut, in letters.
const NAME_MAX: usize = 512;

/// Latin letters that look like Russian ones, and the Russian ones.
const LOOK_ALIKE: [(char, char); 11] = [
    ('a', 'а'),
    ('b', 'в'),
    ('c', 'с'),
    ('e', 'е'),
    ('h', 'н'),
    ('k', 'к'),
    ('m', 'м'),
    ('o', 'о'),
    ('p', 'р'),
    ('t', 'т'),
    ('x', 'х'),
];

/// The words of a name: small letters, `ё` as `е`, numbers apart from letters, `0,0` and `0.0` as one number, Latin
/// letters that slipped into a Russian word as Russian ones. Everything else only parts words.
pub(crate) fn tokens(name: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut letters = name.chars().take(NAME_MAX).flat_map(char::to_lowercase).peekable();
    while let Some(letter) = letters.next() {
        let is_point = matches!(letter, '.' | ',')
            && ends_in_digit(&word)
            && !word.contains('.')
            && letters.peek().is_some_and(char::is_ascii_digit);
        if is_point {
            word.push('.');
        } else if letter.is_alphanumeric() {
            if !word.is_empty() && ends_in_digit(&word) != letter.is_ascii_digit() {
                all.push(finished(&mut word));
            }
            word.push(if letter == 'ё' { 'е' } else { letter });
        } else if !is_mark_of_accent(letter) && !word.is_empty() {
            all.push(finished(&mut word));
        }
    }
    if !word.is_empty() {
        all.push(finished(&mut word));
    }
    all
}

fn ends_in_digit(word: &str) -> bool {
    word.ends_with(|letter: char| letter.is_ascii_digit() || letter == '.')
}

/// `й` and `ё` may come as a letter and a mark over it.
fn is_mark_of_accent(letter: char) -> bool {
    matches!(letter, '\u{300}'..='\u{36f}')
}

fn finished(word: &mut String) -> String {
    let word = std::mem::take(word);
    let is_russian = |letter: char| matches!(letter, 'а'..='я');
    if !word.chars().any(is_russian) || !word.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return word;
    }
    let russian =
        |letter| LOOK_ALIKE.iter().find(|(latin, _)| *latin == letter).map_or(letter, |(_, like)| *like);
    word.chars().map(russian).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fall_into_words() {
        for (name, expected) in [
            ("ПИВО Ж/Б 0,5Л", "пиво|ж|б|0.5|л"),
            ("Пив.нап.\"Ёж\" б/а 0.0%", "пив|нап|еж|б|а|0.0"),
            ("вино cтоловое", "вино|столовое"),
            ("heets AMBER", "heets|amber"),
            ("100ШТХ1,8Г", "100|штх|1.8|г"),
            ("1.2.3", "1.2|3"),
            ("", ""),
        ] {
            assert_eq!(tokens(name).join("|"), expected);
        }
    }
}
