//! XLSX in pieces: sheets of any number of rows, nothing kept in memory.

use super::zip::{Member, directory};
use super::{Cell, Column, Language};
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Rows of one sheet, the line of titles among them: more no spreadsheet opens.
pub const ROWS_MAX: u32 = 1_048_576;
/// Letters of one cell.
const CELL_MAX: usize = 32_767;
/// Letters of the name of a sheet.
const TITLE_MAX: usize = 31;

/// A piece of the file by its number; the file is all pieces in the order of their numbers.
pub type Piece = (i64, Vec<u8>);

/// How far a workbook is: kept between portions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    /// Finished sheets and the one at hand.
    sheets: Vec<Sheet>,
    next: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Sheet {
    title: String,
    member: Member,
    /// Where its header goes.
    header: i64,
    rows: u32,
    columns: usize,
    ended: bool,
}

impl Default for Book {
    /// Piece 0 is kept for what can only be told at the end.
    fn default() -> Self {
        Self { sheets: Vec::new(), next: 1 }
    }
}

impl Book {
    /// Ends the sheet at hand and begins another with its line of titles.
    pub fn begin(&mut self, title: &str, columns: &[Column], out: &mut Vec<Piece>) {
        self.end(out);
        let number = self.sheets.len() + 1;
        let sheet = Sheet {
            title: self.unique(title),
            member: Member::new(format!("xl/worksheets/sheet{number}.xml")),
            header: self.take(),
            rows: 1,
            columns: columns.len(),
            ended: false,
        };
        self.sheets.push(sheet);
        self.append(&head(columns), false, out);
    }

    /// Rows of the sheet at hand that fit into it.
    pub fn room(&self) -> u32 {
        self.sheets.last().map_or(0, |sheet| ROWS_MAX - sheet.rows)
    }

    /// Adds rows to the sheet at hand: no more than [`Book::room`].
    pub fn rows(&mut self, rows: &[Vec<Cell>], language: Language, out: &mut Vec<Piece>) {
        let Some(sheet) = self.sheets.last_mut() else { return };
        let mut xml = String::with_capacity(rows.len() * 400);
        for row in rows {
            sheet.rows += 1;
            let _ = write!(xml, "<row r=\"{}\">", sheet.rows);
            for (at, cell) in row.iter().enumerate() {
                write_cell(&mut xml, at, sheet.rows, cell, language);
            }
            xml.push_str("</row>");
        }
        self.append(&xml, false, out);
    }

    /// Ends the file; `false` when it has become too large for any program to open.
    pub fn finish(&mut self, out: &mut Vec<Piece>) -> bool {
        self.end(out);
        let small: [(&str, String); 5] = [
            ("[Content_Types].xml", self.types()),
            ("_rels/.rels", ROOT.to_owned()),
            ("xl/workbook.xml", self.workbook()),
            ("xl/_rels/workbook.xml.rels", self.relations()),
            ("xl/styles.xml", STYLES.to_owned()),
        ];
        let mut first = Vec::new();
        let mut members = Vec::new();
        for (name, content) in small {
            let mut member = Member::new(name);
            let packed = member.pack(content.as_bytes(), true);
            first.extend(member.header());
            first.extend(packed);
            members.push(member);
        }
        let all: Vec<&Member> = members.iter().chain(self.sheets.iter().map(|sheet| &sheet.member)).collect();
        let Some(end) = directory(&all) else { return false };
        out.push((0, first));
        out.push((self.take(), end));
        true
    }

    fn end(&mut self, out: &mut Vec<Piece>) {
        let Some(sheet) = self.sheets.last().filter(|sheet| !sheet.ended) else { return };
        let corner = format!("{}{}", letters(sheet.columns.saturating_sub(1)), sheet.rows);
        let tail = format!("</sheetData><autoFilter ref=\"A1:{corner}\"/></worksheet>");
        self.append(&tail, true, out);
        if let Some(sheet) = self.sheets.last_mut() {
            sheet.ended = true;
            out.push((sheet.header, sheet.member.header()));
        }
    }

    fn append(&mut self, xml: &str, last: bool, out: &mut Vec<Piece>) {
        let number = self.take();
        if let Some(sheet) = self.sheets.last_mut() {
            out.push((number, sheet.member.pack(xml.as_bytes(), last)));
        }
    }

    fn take(&mut self) -> i64 {
        let number = self.next;
        self.next += 1;
        number
    }

    fn unique(&self, title: &str) -> String {
        let title = member_title(title);
        let again = self.sheets.iter().filter(|sheet| sheet.title.starts_with(&title)).count();
        if again == 0 { title } else { format!("{title} {}", again + 1) }
    }

    fn types(&self) -> String {
        let mut xml = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
             <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
             <Override PartName=\"/xl/workbook.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml\"/>\
             <Override PartName=\"/xl/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml\"/>",
        );
        for number in 1..=self.sheets.len() {
            let _ = write!(
                xml,
                "<Override PartName=\"/xl/worksheets/sheet{number}.xml\" \
                 ContentType=\"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml\"/>"
            );
        }
        xml + "</Types>"
    }

    fn workbook(&self) -> String {
        let mut xml = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
             xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>",
        );
        for (at, sheet) in self.sheets.iter().enumerate() {
            let number = at + 1;
            xml.push_str("<sheet name=\"");
            escape(&mut xml, &sheet.title);
            let _ = write!(xml, "\" sheetId=\"{number}\" r:id=\"rId{number}\"/>");
        }
        xml + "</sheets></workbook>"
    }

    fn relations(&self) -> String {
        let mut xml = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
             <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">",
        );
        for number in 1..=self.sheets.len() {
            let _ = write!(
                xml,
                "<Relationship Id=\"rId{number}\" \
                 Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" \
                 Target=\"worksheets/sheet{number}.xml\"/>"
            );
        }
        let number = self.sheets.len() + 1;
        let _ = write!(
            xml,
            "<Relationship Id=\"rId{number}\" \
             Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" \
             Target=\"styles.xml\"/></Relationships>"
        );
        xml
    }
}

/// The name of a sheet as spreadsheets allow it.
pub fn member_title(title: &str) -> String {
    let kept = title.chars().filter(|letter| !"[]:*?/\\'".contains(*letter) && !letter.is_control());
    kept.take(TITLE_MAX - 3).collect()
}

const ROOT: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">\
    <Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"xl/workbook.xml\"/></Relationships>";

/// Cell formats by number: 0 plain, 1 titles, 2 day, 3 moment, 4 text, 5 whole number, 6 share, 7 money. Days and
/// moments are shown in the form of the reader's country.
const STYLES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <styleSheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\">\
    <fonts count=\"2\"><font><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font>\
    <font><b/><sz val=\"11\"/><name val=\"Calibri\"/><family val=\"2\"/></font></fonts>\
    <fills count=\"3\"><fill><patternFill patternType=\"none\"/></fill><fill><patternFill patternType=\"gray125\"/></fill>\
    <fill><patternFill patternType=\"solid\"><fgColor rgb=\"FFEDEDED\"/><bgColor indexed=\"64\"/></patternFill></fill></fills>\
    <borders count=\"1\"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
    <cellStyleXfs count=\"1\"><xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\"/></cellStyleXfs>\
    <cellXfs count=\"8\">\
    <xf numFmtId=\"0\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\"/>\
    <xf numFmtId=\"0\" fontId=\"1\" fillId=\"2\" borderId=\"0\" xfId=\"0\" applyFont=\"1\" applyFill=\"1\"/>\
    <xf numFmtId=\"14\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"22\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"49\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"3\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"10\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    <xf numFmtId=\"4\" fontId=\"0\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\"/>\
    </cellXfs><cellStyles count=\"1\"><cellStyle name=\"Normal\" xfId=\"0\" builtinId=\"0\"/></cellStyles></styleSheet>";

fn head(columns: &[Column]) -> String {
    let mut xml = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
         <worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetViews>\
         <sheetView workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" activePane=\"bottomLeft\" state=\"frozen\"/>\
         </sheetView></sheetViews><cols>",
    );
    for (at, column) in columns.iter().enumerate() {
        let (number, width) = (at + 1, column.width);
        let _ = write!(xml, "<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>");
    }
    xml.push_str("</cols><sheetData><row r=\"1\">");
    for (at, column) in columns.iter().enumerate() {
        words(&mut xml, at, 1, 1, &column.title);
    }
    xml + "</row>"
}

fn write_cell(xml: &mut String, at: usize, row: u32, cell: &Cell, language: Language) {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) => words(xml, at, row, 0, text),
        Cell::Phone(text) | Cell::Digits(text) => words(xml, at, row, 4, text),
        Cell::Flag(yes) => words(xml, at, row, 0, language.flag(*yes)),
        Cell::Whole(number) => number_cell(xml, at, row, 5, number),
        Cell::Share(points) => {
            let sign = if *points < 0 { "-" } else { "" };
            let (whole, rest) = (points.unsigned_abs() / 10_000, points.unsigned_abs() % 10_000);
            number_cell(xml, at, row, 6, format_args!("{sign}{whole}.{rest:04}"));
        }
        Cell::Money(kopecks) => {
            let sign = if *kopecks < 0 { "-" } else { "" };
            let (whole, rest) = (kopecks.unsigned_abs() / 100, kopecks.unsigned_abs() % 100);
            number_cell(xml, at, row, 7, format_args!("{sign}{whole}.{rest:02}"));
        }
        Cell::Day(day) => match serial(*day) {
            Some(days) => number_cell(xml, at, row, 2, days),
            None => words(xml, at, row, 0, &day.to_string()),
        },
        Cell::Moment(moment) => match serial(moment.date()) {
            Some(days) => {
                let part = day_part(*moment);
                number_cell(xml, at, row, 3, format_args!("{days}.{part:09}"));
            }
            None => words(xml, at, row, 0, &moment.to_string()),
        },
    }
}

fn number_cell(xml: &mut String, at: usize, row: u32, style: u8, value: impl std::fmt::Display) {
    let _ = write!(xml, "<c r=\"{}{row}\" s=\"{style}\"><v>{value}</v></c>", letters(at));
}

/// A text is a text, whatever it begins with: it is never run as a formula.
fn words(xml: &mut String, at: usize, row: u32, style: u8, text: &str) {
    let _ = write!(
        xml,
        "<c r=\"{}{row}\" s=\"{style}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">",
        letters(at)
    );
    escape(xml, text);
    xml.push_str("</t></is></c>");
}

fn escape(xml: &mut String, text: &str) {
    for letter in text.chars().take(CELL_MAX) {
        match letter {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            // Letters that XML has no place for.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            letter => xml.push(letter),
        }
    }
}

/// Days since 30 December 1899, as spreadsheets count them. They believe that there was a 29 February 1900; days
/// before that have no number that all programs read alike.
fn serial(day: Date) -> Option<i32> {
    let first = jiff::civil::date(1899, 12, 30);
    let days = first.until(day).ok()?.get_days();
    (days > 60).then_some(days)
}

/// Of a day, in thousand millionths.
fn day_part(moment: DateTime) -> i64 {
    let seconds =
        i64::from(moment.hour()) * 3_600 + i64::from(moment.minute()) * 60 + i64::from(moment.second());
    // Rounded up a little: cut down, a spreadsheet would show the second before.
    (seconds * 1_000_000_000).div_euclid(86_400) + i64::from(seconds * 1_000_000_000 % 86_400 > 0)
}

/// A, B, … Z, AA, AB, …
fn letters(at: usize) -> String {
    let mut rest = at + 1;
    let mut name = Vec::new();
    while rest > 0 {
        rest -= 1;
        name.push(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % 26]);
        rest /= 26;
    }
    name.reverse();
    String::from_utf8_lossy(&name).into_owned()
}
