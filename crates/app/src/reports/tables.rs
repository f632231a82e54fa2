//! Reports as tables for files.

use super::model::{Breakage, Flow, Group, Liability, Month, Returning};
use crate::sheets::{Book, Cell, Column, Csv, Language};

/// A report as a table: name, titles, rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    title: &'static str,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
}

/// As a file of Excel, or as CSV.
pub fn file(sheet: &Sheet, language: Language, xlsx: bool) -> Vec<u8> {
    if !xlsx {
        let csv = Csv::new(language);
        return [csv.head(&sheet.columns), csv.rows(&sheet.rows)].concat();
    }
    let (mut book, mut pieces) = (Book::default(), Vec::new());
    book.begin(sheet.title, &sheet.columns, &mut pieces);
    book.rows(&sheet.rows, language, &mut pieces);
    book.finish(&mut pieces);
    pieces.sort_unstable_by_key(|(number, _)| *number);
    pieces.into_iter().flat_map(|(_, bytes)| bytes).collect()
}

/// What can be put into a table.
pub trait Tabular {
    /// The table.
    fn table(&self, language: Language) -> Sheet;
}

/// A report as a table.
pub fn sheet(report: &impl Tabular, language: Language) -> Sheet {
    report.table(language)
}

/// A table from its titles in both languages and its rows.
pub(crate) fn made(
    language: Language,
    title: (&'static str, &'static str),
    titles: &[(&str, &str)],
    rows: Vec<Vec<Cell>>,
) -> Sheet {
    let columns = titles.iter().map(|(ru, en)| Column::new(language.pick(ru, en), 18)).collect();
    Sheet { title: language.pick(title.0, title.1), columns, rows }
}

impl Tabular for Liability {
    fn table(&self, language: Language) -> Sheet {
        let line = |name: String, month: &Month| {
            vec![
                Cell::Text(name),
                Cell::Whole(month.points),
                Cell::Whole(month.held),
                Cell::Whole(month.lots),
            ]
        };
        let word = |ru, en| language.pick(ru, en).to_owned();
        let mut rows: Vec<Vec<Cell>> =
            self.months.iter().map(|month| line(month.month.clone(), month)).collect();
        rows.push(line(word("бессрочные", "never"), &self.never));
        let only =
            |name, points, held| vec![Cell::Text(name), Cell::Whole(points), Cell::Whole(held), Cell::Empty];
        rows.push(only(word("срок прошёл, в резерве", "over, on hold"), self.over, self.over));
        rows.push(only(word("всего", "all"), self.points, self.held));
        rows.push(only(word("долг клиентов", "owed by customers"), self.debt, 0));
        let titles =
            [("Сгорают", "Expire in"), ("Баллы", "Points"), ("В резерве", "On hold"), ("Партий", "Lots")];
        made(language, ("Обязательства", "Liability"), &titles, rows)
    }
}

impl Tabular for Breakage {
    fn table(&self, language: Language) -> Sheet {
        let rows = self.cohorts.iter().map(|cohort| {
            vec![
                Cell::Text(cohort.month.clone()),
                Cell::Whole(cohort.earned),
                Cell::Whole(cohort.expired),
                Cell::Share(cohort.share()),
                Cell::Whole(cohort.used),
                Cell::Whole(cohort.left),
            ]
        });
        let titles = [
            ("Начислены", "Earned in"),
            ("Начислено", "Earned"),
            ("Сгорело", "Expired"),
            ("Доля сгоревших", "Share expired"),
            ("Использовано", "Used"),
            ("Осталось", "Left"),
        ];
        made(language, ("Сгорание", "Breakage"), &titles, rows.collect())
    }
}

impl Tabular for Flow {
    fn table(&self, language: Language) -> Sheet {
        let rows = self.lines.iter().map(|line| {
            let who = line.name.clone().unwrap_or_else(|| match line.who.as_str() {
                "bot" => language.pick("бот", "bot").to_owned(),
                "setup" => language.pick("файл компании", "company file").to_owned(),
                "program" => language.pick("программа", "program").to_owned(),
                id => id.to_owned(),
            });
            vec![
                Cell::Day(line.day),
                Cell::text(crate::exports::spoken(&line.kind, language)),
                Cell::text(line.kind.as_str()),
                Cell::Text(who),
                Cell::Whole(line.came),
                Cell::Whole(line.went),
                Cell::Whole(line.operations),
            ]
        });
        let titles = [
            ("День", "Day"),
            ("Операция", "Operation"),
            ("Вид", "Kind"),
            ("Кто", "Who"),
            ("Начислено", "Came"),
            ("Списано", "Went"),
            ("Операций", "Operations"),
        ];
        made(language, ("Движение", "Flow"), &titles, rows.collect())
    }
}

impl Tabular for Returning {
    fn table(&self, language: Language) -> Sheet {
        let line = |ru, en, group: &Group| {
            vec![
                Cell::text(language.pick(ru, en)),
                Cell::Whole(group.customers),
                Cell::Whole(group.returned),
                Cell::Share(group.share()),
                Cell::Whole(group.points),
            ]
        };
        let rows = vec![
            line("получили предупреждение", "warned", &self.warned),
            line("не получили", "not warned", &self.not_warned),
        ];
        let titles = [
            ("Клиенты", "Customers"),
            ("Сколько", "How many"),
            ("Вернулись", "Came back"),
            ("Доля", "Share"),
            ("Баллов под угрозой", "Points at stake"),
        ];
        made(language, ("Возвращение", "Returning"), &titles, rows)
    }
}
