//! Tables that people bring: CSV as programs write it, XLSX as Excel does.

use super::zip;
use calamine::{Data, Reader, Xlsx};
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};
use std::io::Cursor;

/// Most columns.
pub const COLUMNS_MAX: usize = 100;
/// Most letters of a cell; the rest is cut.
pub const LETTERS_MAX: usize = 2_000;
/// What an XLSX may hold when it is unpacked.
const UNPACKED_MAX: u64 = 400 << 20;
/// Lines by which the separator is told.
const LOOKED_AT: usize = 20;

/// Why a file cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unreadable {
    /// Neither a workbook nor text.
    NotATable,
    /// The workbook is damaged, or protected by a password.
    Damaged,
    /// Unpacked it is larger than any list of customers.
    TooLarge,
    /// More rows or columns than may be.
    TooMany,
    /// No line with titles, or nothing under it.
    Empty,
}

/// A table with the number of each row in the file, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// The first line that is not empty.
    pub titles: Vec<String>,
    /// The rows under it that are not empty; as long as the titles.
    pub rows: Vec<(u32, Vec<String>)>,
}

/// Reads a file, told by its bytes: the first sheet of a workbook, or text in UTF-8, UTF-16 or Windows-1251 separated
/// by semicolons, commas or tabs.
pub fn read(bytes: &[u8], rows_max: usize) -> Result<Read, Unreadable> {
    let lines = if bytes.starts_with(b"PK\x03\x04") {
        workbook(bytes)?
    } else if bytes.contains(&0) && !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") {
        return Err(Unreadable::NotATable);
    } else {
        text(&decoded(bytes))
    };
    table(lines, rows_max)
}

fn table(lines: Vec<(u32, Vec<String>)>, rows_max: usize) -> Result<Read, Unreadable> {
    let is_empty = |cells: &[String]| cells.iter().all(String::is_empty);
    let mut lines = lines.into_iter().filter(|(_, cells)| !is_empty(cells));
    let (_, mut titles) = lines.next().ok_or(Unreadable::Empty)?;
    while titles.last().is_some_and(String::is_empty) {
        titles.pop();
    }
    if titles.len() > COLUMNS_MAX {
        return Err(Unreadable::TooMany);
    }
    let mut rows = Vec::new();
    for (number, mut cells) in lines {
        cells.resize(titles.len(), String::new());
        if rows.len() == rows_max {
            return Err(Unreadable::TooMany);
        }
        rows.push((number, cells));
    }
    if rows.is_empty() { Err(Unreadable::Empty) } else { Ok(Read { titles, rows }) }
}

fn workbook(bytes: &[u8]) -> Result<Vec<(u32, Vec<String>)>, Unreadable> {
    if zip::unpacked(bytes).ok_or(Unreadable::Damaged)? > UNPACKED_MAX {
        return Err(Unreadable::TooLarge);
    }
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| Unreadable::Damaged)?;
    let first = book.sheet_names().first().cloned().ok_or(Unreadable::Empty)?;
    let mut cells = book.worksheet_cells_reader(&first).map_err(|_| Unreadable::Damaged)?;
    let mut lines: Vec<(u32, Vec<String>)> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(|_| Unreadable::Damaged)? {
        let ((row, column), value) = (cell.get_position(), Data::from(cell.get_value().clone()));
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column > COLUMNS_MAX * 2 {
            continue;
        }
        if lines.last().is_none_or(|(last, _)| *last != row + 1) {
            lines.push((row + 1, Vec::new()));
        }
        if let Some((_, line)) = lines.last_mut() {
            line.resize(line.len().max(column + 1), String::new());
            line[column] = tidy(&spoken(&value));
        }
    }
    Ok(lines)
}

/// A cell as a person would type it.
fn spoken(value: &Data) -> String {
    match value {
        Data::Empty | Data::Error(_) => String::new(),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.clone(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => format!("{number}"),
        Data::Bool(yes) => if *yes { "1" } else { "0" }.to_owned(),
        Data::DateTime(moment) => {
            let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
            let date = format!("{year:04}-{month:02}-{day:02}");
            if (hour, minute, second) == (0, 0, 0) {
                date
            } else {
                format!("{date} {hour:02}:{minute:02}:{second:02}")
            }
        }
    }
}

fn decoded(bytes: &[u8]) -> String {
    let (encoding, skip) = match bytes {
        [0xff, 0xfe, ..] => (UTF_16LE, 2),
        [0xfe, 0xff, ..] => (UTF_16BE, 2),
        [0xef, 0xbb, 0xbf, ..] => (UTF_8, 3),
        _ if std::str::from_utf8(bytes).is_ok() => (UTF_8, 0),
        _ => (WINDOWS_1251, 0),
    };
    encoding.decode_without_bom_handling(&bytes[skip..]).0.into_owned()
}

fn text(text: &str) -> Vec<(u32, Vec<String>)> {
    let separator = separator(text);
    let mut lines = Vec::new();
    let (mut number, mut began) = (1_u32, 1_u32);
    let (mut cells, mut cell) = (Vec::new(), String::new());
    let (mut quoted, mut fresh) = (false, true);
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\n' {
            number += 1;
        }
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if fresh || cell == "=" => {
                quoted = true;
                fresh = false;
            }
            letter if quoted => cell.push(letter),
            '\r' => {}
            '\n' => {
                cells.push(tidy(&std::mem::take(&mut cell)));
                lines.push((began, std::mem::take(&mut cells)));
                (began, fresh) = (number, true);
            }
            letter if letter == separator => {
                cells.push(tidy(&std::mem::take(&mut cell)));
                fresh = true;
            }
            letter => {
                fresh = false;
                cell.push(letter);
            }
        }
    }
    if !cell.is_empty() || !cells.is_empty() {
        cells.push(tidy(&cell));
        lines.push((began, cells));
    }
    // Excel's own word about the separator.
    if lines.first().is_some_and(|(_, cells)| cells.first().is_some_and(|cell| cell.starts_with("sep="))) {
        lines.remove(0);
    }
    lines
}

/// The one that cuts most of the first lines into the same number of cells, and into more than one.
fn separator(text: &str) -> char {
    if let Some(told) = text.strip_prefix("sep=").and_then(|rest| rest.chars().next()) {
        return told;
    }
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).take(LOOKED_AT).collect();
    let first = lines.first().copied().unwrap_or_default();
    let score = |separator: char| {
        let wanted = count(first, separator);
        let alike = lines.iter().filter(|line| count(line, separator) == wanted).count();
        if wanted == 0 { (0, 0) } else { (alike, wanted) }
    };
    [';', '\t', ','].into_iter().max_by_key(|separator| score(*separator)).unwrap_or(';')
}

fn count(line: &str, separator: char) -> usize {
    let mut quoted = false;
    let outside = |letter: &char| {
        quoted ^= *letter == '"';
        !quoted && *letter == separator
    };
    line.chars().filter(outside).count()
}

/// Without blanks around, and without what keeps spreadsheets from taking a text for a number or a formula.
fn tidy(cell: &str) -> String {
    let cell = cell.trim().trim_start_matches('\u{feff}');
    let cell = match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    };
    let cell = match cell.strip_prefix('=') {
        Some(digits)
            if !digits.is_empty() && digits.chars().all(|one| one.is_ascii_digit() || one == '+') =>
        {
            digits
        }
        _ => cell,
    };
    cell.chars().filter(|letter| *letter != '\0').take(LETTERS_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(bytes: &[u8]) -> Vec<Vec<String>> {
        let read = read(bytes, 10).unwrap();
        std::iter::once(read.titles).chain(read.rows.into_iter().map(|(_, row)| row)).collect()
    }

    #[test]
    fn files_of_many_programs_are_read_alike() {
        let wanted = [["Имя", "Баллы"], ["Анна; «Ё»", "10"]];
        let utf8 = "Имя;Баллы\r\n\"Анна; «Ё»\";10\r\n";
        let (old, _, lost) = WINDOWS_1251.encode(utf8);
        assert!(!lost);
        let wide: Vec<u8> = std::iter::once(0xfeff_u16)
            .chain("Имя\tБаллы\nАнна; «Ё»\t10".encode_utf16())
            .flat_map(u16::to_le_bytes)
            .collect();
        let marked = format!("\u{feff}{utf8}");
        let commas = "sep=,\nИмя,Баллы\n\n\"Анна; «Ё»\",10,,";
        for bytes in [utf8.as_bytes(), &old, &wide, marked.as_bytes(), commas.as_bytes()] {
            assert_eq!(cells(bytes), wanted, "{bytes:?}");
        }
    }

    #[test]
    fn quotes_lines_and_guards_are_understood() {
        let csv = "a,b,c\n\"x\"\"y\",\"two\nlines\",'+7916\n\n'quoted',=\"0012\",  z \n";
        let read = read(csv.as_bytes(), 10).unwrap();
        assert_eq!(read.rows[0], (2, vec!["x\"y".into(), "two\nlines".into(), "+7916".into()]));
        assert_eq!(read.rows[1], (5, vec!["'quoted'".into(), "0012".into(), "z".into()]));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        assert_eq!(read(b"", 10), Err(Unreadable::Empty));
        assert_eq!(read(b"name\n", 10), Err(Unreadable::Empty));
        assert_eq!(read(b"\x89PNG\0\0", 10), Err(Unreadable::NotATable));
        assert_eq!(read(b"PK\x03\x04 and nothing", 10), Err(Unreadable::Damaged));
        assert_eq!(read("a\n1\n2\n3".as_bytes(), 2), Err(Unreadable::TooMany));
    }
}
