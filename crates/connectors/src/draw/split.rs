//! Long texts in pages, cut where a reader would pause.

/// The length as messengers count it.
pub(super) fn units(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().map(char::len_utf16).sum() }
}

/// `text` in pages of at most `max` units each; blanks at the cuts are dropped.
pub(super) fn pages(text: &str, max: usize) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (page, next) = rest.split_at(page_end(rest, max));
        rest = next.trim_start();
        Some(page.trim_end())
    })
}

/// `text` cut to `max` units, the last of them an ellipsis when anything was cut.
pub(super) fn cut(text: &str, max: usize) -> String {
    if units(text) <= max {
        return text.to_owned();
    }
    let end = whole_letters(text, window(text, max.saturating_sub(1)));
    format!("{}…", text[..end].trim_end())
}

/// Where the first page ends, in bytes: the end of a paragraph, a line, a sentence, a word, whichever comes first
/// and leaves at least a quarter of the page filled.
fn page_end(text: &str, max: usize) -> usize {
    let window_end = window(text, max);
    if window_end == text.len() {
        return window_end;
    }
    let window = &text[..window_end];
    let least = window_end / 4;
    let pauses: [fn(&str) -> Option<usize>; 4] = [
        |text| text.rfind("\n\n"),
        |text| text.rfind('\n'),
        sentence_end,
        |text| text.rfind(char::is_whitespace),
    ];
    // The blank that follows the window is as good as one inside.
    if text[window_end..].starts_with("\n\n") {
        return window_end;
    }
    pauses
        .iter()
        .find_map(|pause| pause(window).filter(|end| *end >= least && *end > 0))
        .unwrap_or_else(|| whole_letters(text, window_end))
}

fn sentence_end(text: &str) -> Option<usize> {
    let mut last = None;
    let mut stopped = false;
    for (at, letter) in text.char_indices() {
        if stopped && letter.is_whitespace() {
            last = Some(at);
        }
        stopped =
            matches!(letter, '.' | '!' | '?' | '…') || (stopped && matches!(letter, '»' | '"' | ')' | '”'));
    }
    last
}

/// The end of the longest beginning of at most `max` units, in bytes; one letter at least.
fn window(text: &str, max: usize) -> usize {
    let mut used = 0;
    for (at, letter) in text.char_indices() {
        used += letter.len_utf16();
        if used > max && at > 0 {
            return at;
        }
    }
    text.len()
}

/// `end`, or a little before it, so that a letter is not parted from its accents nor an emoji from its joints.
fn whole_letters(text: &str, end: usize) -> usize {
    const LOOK_BACK: usize = 16;
    let joint = |letter: char| matches!(letter, '\u{200d}' | '\u{fe0f}' | '\u{300}'..='\u{36f}' | '\u{1f3fb}'..='\u{1f3ff}');
    let mut at = end;
    for _ in 0..LOOK_BACK {
        let before = text[..at].chars().next_back();
        let after = text[at..].chars().next();
        match before {
            Some(letter) if after.is_some_and(joint) || letter == '\u{200d}' => at -= letter.len_utf8(),
            _ => break,
        }
    }
    if at == 0 { end } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_page_ends_where_a_reader_would_pause() {
        let check = |text: &str, max: usize, expected: &[&str]| {
            assert_eq!(pages(text, max).collect::<Vec<_>>(), expected, "{text:?} by {max}");
        };
        check("", 10, &[]);
        check("Коротко.", 10, &["Коротко."]);
        check(
            "Первый абзац.\n\nВторой абзац. Он длинный.",
            30,
            &["Первый абзац.", "Второй абзац. Он длинный."],
        );
        check("Строка один\nСтрока два\nСтрока три", 24, &["Строка один\nСтрока два", "Строка три"]);
        check("Раз два. Три «четыре!» Пять шесть", 25, &["Раз два. Три «четыре!»", "Пять шесть"]);
        check("слово слово слово", 12, &["слово слово", "слово"]);
        check("нетпробелов", 4, &["нетп", "робе", "лов"]);
        check("а. длинноеслово", 12, &["а. длинноесл", "ово"]);
        check("😀😀😀", 3, &["😀", "😀", "😀"]);
        check("аб👩‍💻вг", 5, &["аб", "👩‍💻", "вг"]);
    }

    #[test]
    fn a_cut_text_says_so() {
        assert_eq!(cut("Баланс", 6), "Баланс");
        assert_eq!(cut("Баланс и история", 7), "Баланс…");
        assert_eq!(cut("Баланс и история", 8), "Баланс…");
        assert_eq!(cut("абв👍🏽", 6), "абв…");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_every_page_fits(text in "(?s)[а-я .!\n😀\u{301}\u{200d}]{0,300}", max in 2_usize..60) {
            let pages: Vec<&str> = pages(&text, max).collect();
            for page in &pages {
                prop_assert!(units(page) <= max && !page.is_empty());
            }
            let letters = |text: &str| text.chars().filter(|letter| !letter.is_whitespace()).collect::<String>();
            prop_assert_eq!(letters(&pages.concat()), letters(&text));
        }
    }
}
