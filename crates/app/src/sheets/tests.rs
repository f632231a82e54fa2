use super::xlsx::Piece;
use super::{Book, Cell, Column, Csv, Language};
use calamine::{Data, Reader, Xlsx};
use jiff::civil::date;
use std::io::Cursor;

fn columns() -> Vec<Column> {
    ["Имя", "Телефон", "Карта", "Баллы", "День", "Когда", "Да?", "Доля", "Сумма"]
        .into_iter()
        .map(|title| Column::new(title, 14))
        .collect()
}

fn row(name: &str, points: i64) -> Vec<Cell> {
    vec![
        Cell::text(name),
        Cell::Phone("+79161234567".into()),
        Cell::Digits("482113650977".into()),
        Cell::Whole(points),
        Cell::Day(date(1990, 2, 28)),
        Cell::Moment(date(2026, 11, 21).at(12, 30, 1, 0)),
        Cell::Flag(true),
        Cell::Share(1_234),
        Cell::Money(-150_005),
    ]
}

fn joined(mut pieces: Vec<Piece>) -> Vec<u8> {
    pieces.sort_by_key(|(number, _)| *number);
    assert!(pieces.windows(2).all(|pair| pair[0].0 < pair[1].0), "a number is taken once");
    pieces.into_iter().flat_map(|(_, bytes)| bytes).collect()
}

/// As the job does it: between portions everything is written down and read back.
fn book(rows: &[Vec<Cell>], portion: usize) -> Vec<u8> {
    let mut pieces = Vec::new();
    let mut book = Book::default();
    book.begin("Клиенты", &columns(), &mut pieces);
    for some in rows.chunks(portion) {
        let kept = serde_json::to_string(&book).unwrap();
        book = serde_json::from_str(&kept).unwrap();
        book.rows(some, Language::Ru, &mut pieces);
    }
    book.begin("Пусто", &columns()[..1], &mut pieces);
    assert!(book.finish(&mut pieces));
    joined(pieces)
}

#[test]
fn a_workbook_made_in_portions_is_read_by_another_program() {
    let rows: Vec<_> = (0..2_500).map(|at| row(&format!("Анна <{at}> & Ко"), at - 5)).collect();
    for portion in [1, 999, 10_000] {
        let bytes = book(&rows, portion);
        let mut read: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        assert_eq!(read.sheet_names(), ["Клиенты", "Пусто"]);
        let sheet = read.worksheet_range("Клиенты").unwrap();
        assert_eq!(sheet.get_size(), (2_501, 9));
        let told: Vec<&Data> = sheet.rows().nth(3).unwrap().iter().collect();
        assert_eq!(told[0], "Анна <2> & Ко");
        assert_eq!(told[1], "+79161234567");
        assert_eq!(told[2], "482113650977");
        assert_eq!(told[3], &Data::Float(-3.0));
        let Data::DateTime(day) = told[4] else { panic!("{:?} is no date", told[4]) };
        assert_eq!(day.to_ymd_hms_milli(), (1990, 2, 28, 0, 0, 0, 0));
        let Data::DateTime(moment) = told[5] else { panic!("{:?} is no moment", told[5]) };
        assert_eq!(moment.to_ymd_hms_milli(), (2026, 11, 21, 12, 30, 1, 0));
        assert_eq!(told[6], "да");
        assert_eq!(told[7], &Data::Float(0.1234));
        assert_eq!(told[8], &Data::Float(-1500.05));
        assert_eq!(read.worksheet_range("Пусто").unwrap().get_size(), (1, 1));
    }
}

#[test]
fn texts_never_become_formulas_nor_break_the_file() {
    let nasty = ["=1+1", "+7", "-5", "@SUM(A1)", "\tx", "\rx", "a\u{0}b", "<&>\"';\u{1}", "строка\nвторая"];
    let rows: Vec<_> = nasty.iter().map(|text| row(text, 1)).collect();
    let mut read: Xlsx<_> = Xlsx::new(Cursor::new(book(&rows, 3))).unwrap();
    assert!(read.worksheet_formula("Клиенты").unwrap().is_empty());
    let sheet = read.worksheet_range("Клиенты").unwrap();
    assert_eq!(sheet.get((1, 0)).unwrap(), "=1+1");
    assert_eq!(sheet.get((8, 0)).unwrap(), "<&>\"';");
    let csv = String::from_utf8(Csv::new(Language::Ru).rows(&rows)).unwrap();
    let first: Vec<&str> = csv.split("\r\n").map(|line| line.split(';').next().unwrap()).collect();
    assert_eq!(first[..4], ["'=1+1", "'+7", "'-5", "'@SUM(A1)"]);
    assert!(csv.contains("'\tx") && csv.contains("\"'\rx\"") && csv.contains("ab;"));
    assert!(csv.contains("\"<&>\"\"';\u{1}\"") && csv.contains("\"строка\nвторая\""));
}

#[test]
fn a_csv_opens_right_in_the_excel_of_its_language() {
    let rows = [row("Анна; Каренина", -1_500)];
    let ru = Csv::new(Language::Ru);
    let head = String::from_utf8(ru.head(&columns())).unwrap();
    assert_eq!(head, "\u{feff}Имя;Телефон;Карта;Баллы;День;Когда;Да?;Доля;Сумма\r\n");
    assert_eq!(
        String::from_utf8(ru.rows(&rows)).unwrap(),
        "\"Анна; Каренина\";8 916 123-45-67;4821-1365-0977;-1500;28.02.1990;21.11.2026 12:30:01;да;12,34%;-1500,05\r\n"
    );
    assert_eq!(
        String::from_utf8(Csv::new(Language::En).rows(&rows)).unwrap(),
        "Анна; Каренина,8 916 123-45-67,4821-1365-0977,-1500,1990-02-28,2026-11-21 12:30:01,yes,12.34%,-1500.05\r\n"
    );
    let hidden = [vec![Cell::Phone("+7 *** ***-45-67".into()), Cell::Phone("+375291234567".into())]];
    assert_eq!(String::from_utf8(ru.rows(&hidden)).unwrap(), "8 *** ***-45-67;'+375291234567\r\n");
}

#[test]
fn days_that_spreadsheets_cannot_count_are_words() {
    let mut pieces = Vec::new();
    let mut book = Book::default();
    book.begin("Дни", &columns()[..1], &mut pieces);
    book.rows(
        &[vec![Cell::Day(date(1900, 1, 5))], vec![Cell::Day(date(1900, 3, 1))]],
        Language::En,
        &mut pieces,
    );
    assert!(book.finish(&mut pieces));
    let mut read: Xlsx<_> = Xlsx::new(Cursor::new(joined(pieces))).unwrap();
    let sheet = read.worksheet_range("Дни").unwrap();
    assert_eq!(sheet.get((1, 0)).unwrap(), "1900-01-05");
    let Data::DateTime(day) = sheet.get((2, 0)).unwrap() else { panic!("a date") };
    assert_eq!(day.to_ymd_hms_milli(), (1900, 3, 1, 0, 0, 0, 0));
}
