//! Files of partners' codes: XLSX, CSV, or a code in each line. Pure.

use crate::problem::{Fail, Kind, Problem};
use crate::sheets::{self, Unreadable};
use std::collections::HashSet;

/// Most codes of a file.
pub const ROWS_MAX: usize = 100_000;
/// Longest code, in letters.
const CODE_MAX: usize = 100;
/// Wrong lines that are shown.
const SHOWN: usize = 20;
/// What stands above codes.
const TITLES: [&str; 8] =
    ["код", "промокод", "коды", "промокоды", "code", "codes", "promocode", "promo code"];

/// What became of the lines of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uploaded {
    /// Codes that are new in the pool.
    pub added: i64,
    /// Codes that stand in the file more than once.
    pub repeated: i64,
    /// Codes that were in the pool before.
    pub known: i64,
    /// Lines that are no code.
    pub bad: i64,
    /// The first of them, with their numbers in the file.
    pub shown: Vec<(u32, String)>,
}

/// The codes of a file in their order, each once.
pub(super) fn codes_of(bytes: &[u8]) -> Result<(Vec<String>, Uploaded), Fail> {
    let read = sheets::read(bytes, ROWS_MAX).map_err(unreadable)?;
    let is_title = |title: &String| TITLES.contains(&title.trim().to_lowercase().as_str());
    let column = read.titles.iter().position(is_title);
    let mut lines: Vec<(u32, String)> = Vec::with_capacity(read.rows.len() + 1);
    if column.is_none() {
        lines.extend(read.titles.first().map(|code| (1, code.clone())));
    }
    let at = column.unwrap_or(0);
    lines.extend(
        read.rows.into_iter().map(|(number, cells)| (number, cells.into_iter().nth(at).unwrap_or_default())),
    );
    let (mut codes, mut seen, mut uploaded) = (Vec::new(), HashSet::new(), Uploaded::default());
    for (number, code) in lines {
        let code = code.trim();
        if code.is_empty() || code.chars().count() > CODE_MAX || code.chars().any(char::is_control) {
            uploaded.bad += 1;
            if uploaded.shown.len() < SHOWN {
                uploaded.shown.push((number, code.chars().take(CODE_MAX).collect()));
            }
        } else if seen.insert(code.to_owned()) {
            codes.push(code.to_owned());
        } else {
            uploaded.repeated += 1;
        }
    }
    Ok((codes, uploaded))
}

fn unreadable(why: Unreadable) -> Fail {
    let (code, ru, en) = match why {
        Unreadable::NotATable | Unreadable::Damaged => (
            "not_a_table",
            "Файл не читается: нужен XLSX, CSV или текст, по коду в строке",
            "The file cannot be read: it takes XLSX, CSV or text with a code in each line",
        ),
        Unreadable::TooLarge | Unreadable::TooMany => (
            "too_many_rows",
            "В файле больше 100 000 строк: разделите его",
            "The file has more than 100,000 lines: divide it",
        ),
        Unreadable::Empty => (
            "no_rows",
            "В файле нет кодов: первой строкой поставьте «код», дальше по коду в строке",
            "There are no codes in the file: put “code” into the first line, then one code a line",
        ),
    };
    Problem::new(Kind::Invalid, code, ru, en).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_with_or_without_a_title_gives_each_code_once() {
        let (codes, uploaded) = codes_of("A-1\nA-2\nA-1\n\nB 3\n".as_bytes()).expect("a list");
        assert_eq!(codes, ["A-1", "A-2", "B 3"]);
        assert_eq!((uploaded.repeated, uploaded.bad), (1, 0));
        let (codes, _) = codes_of("№;Промокод\n1;X1\n2;X2\n".as_bytes()).expect("a table");
        assert_eq!(codes, ["X1", "X2"]);
        let long = format!("код\n{}\nY\n", "x".repeat(101));
        let (codes, uploaded) = codes_of(long.as_bytes()).expect("a list");
        assert_eq!((codes, uploaded.bad, uploaded.shown[0].0), (vec!["Y".to_owned()], 1, 2));
        assert_eq!(codes_of(b"").expect_err("nothing").code(), "no_rows");
        assert_eq!(codes_of(&[0, 1, 2, 0]).expect_err("no table").code(), "not_a_table");
    }
}
