//! What the columns of a file mean, and what a row says. Pure.

use super::model::{Field, Line};
use crate::contacts::{self, Contact};
use crate::loyalty::card::CardNumber;
use crate::problem::Problem;
use jiff::civil::Date;
use samovar_base::ContactId;
use serde_json::Value;

/// The purpose that a column «consent» is about when nothing else is said.
const PURPOSE: &str = "loyalty";

/// What a row says of a person.
#[derive(Debug, Clone, Default)]
pub(super) struct Person {
    pub id: Option<ContactId>,
    pub external: Option<String>,
    pub phone: Option<String>,
    pub card: Option<CardNumber>,
    /// Fields of a contact and their values.
    pub fields: Vec<(String, Value)>,
    pub tags: Vec<String>,
    pub consents: Vec<String>,
    pub points: i64,
    /// The last day of the points.
    pub expires_on: Option<Date>,
}

/// Something wrong with a row: in which column, by its place, and what.
pub(super) type Wrong = (usize, Problem);

impl Person {
    /// By what the person is known: told apart within a file, and part of the key of their points.
    pub fn who(&self) -> Option<String> {
        None.or_else(|| self.id.map(|id| id.to_string()))
            .or_else(|| self.phone.clone())
            .or_else(|| self.card.map(CardNumber::digits))
            .or_else(|| self.external.as_ref().map(|key| format!("x:{key}")))
    }
}

/// What the columns probably are, by their titles. No field twice.
pub(super) fn guess(titles: &[String]) -> Vec<Field> {
    let mut taken: Vec<Field> = Vec::new();
    for title in titles {
        let field = guess_one(title);
        let again = field != Field::Skip && taken.contains(&field);
        taken.push(if again { Field::Skip } else { field });
    }
    taken
}

fn guess_one(title: &str) -> Field {
    let plain: String = title.to_lowercase().replace('ё', "е").replace(['_', '-', '.'], " ");
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Ok(field) = title.trim().parse::<Field>() {
        return field;
    }
    match words.as_str() {
        "код клиента" | "contact id" => Field::ContactId,
        "id"
        | "ид"
        | "код"
        | "внешний код"
        | "внешний id"
        | "external id"
        | "client id"
        | "customer id"
        | "id клиента" => Field::ExternalId,
        "имя"
        | "фио"
        | "ф и о"
        | "клиент"
        | "покупатель"
        | "имя клиента"
        | "name"
        | "full name"
        | "first name"
        | "customer"
        | "гость"
        | "имя гостя" => Field::Name,
        "фамилия" | "surname" | "last name" | "family name" => Field::Surname,
        "отчество" | "patronymic" | "middle name" => Field::Patronymic,
        "телефон"
        | "номер телефона"
        | "тел"
        | "моб телефон"
        | "мобильный"
        | "мобильный телефон"
        | "phone"
        | "phone number"
        | "mobile"
        | "mobile phone"
        | "tel" => Field::Phone,
        "карта" | "номер карты" | "card" | "card number" => Field::Card,
        "день рождения"
        | "дата рождения"
        | "др"
        | "д р"
        | "birthday"
        | "birth date"
        | "date of birth"
        | "bday" => Field::Birthday,
        "баллы"
        | "бонусы"
        | "баланс"
        | "бонусный баланс"
        | "остаток баллов"
        | "сумма баллов"
        | "points"
        | "balance"
        | "bonus"
        | "bonuses" => Field::Points,
        "сгорят"
        | "срок баллов"
        | "годны до"
        | "действуют до"
        | "дата сгорания"
        | "expires"
        | "expires on"
        | "expiry date"
        | "points expire" => Field::ExpiresOn,
        "метки" | "теги" | "тэги" | "сегмент" | "tags" => Field::Tags,
        "согласия" | "consents" => Field::Consents,
        "согласие" | "согласие на обработку" | "согласие на обработку персональных данных" | "consent" => {
            Field::Consent(PURPOSE.into())
        }
        "согласие на рассылку" | "рассылка" | "mailing" => {
            Field::Consent("mailing".into())
        }
        "источник" | "откуда" | "source" => Field::Source,
        "язык" | "locale" | "language" => Field::Locale,
        // The program's own exports name own fields so; foreign titles are not taken unasked.
        _ => Field::Skip,
    }
}

/// Everything that is wrong with what the columns are said to be.
pub(super) fn check(titles: &[String], mapping: &[Field]) -> Vec<Problem> {
    let mut found = Vec::new();
    let wrong = |code, ru: String, en: String| Problem::invalid("mapping", code, ru, en);
    if mapping.len() != titles.len() {
        found.push(wrong(
            "wrong_length",
            format!("В файле колонок: {}, а назначений: {}", titles.len(), mapping.len()),
            format!("The file has {} columns, the mapping {}", titles.len(), mapping.len()),
        ));
    }
    for (at, field) in mapping.iter().enumerate() {
        if *field != Field::Skip && mapping[..at].contains(field) {
            found.push(wrong(
                "field_twice",
                format!("«{field}» назначено двум колонкам"),
                format!("“{field}” is given to two columns"),
            ));
        }
    }
    let keys = [Field::ContactId, Field::Phone, Field::Card, Field::ExternalId];
    if !keys.iter().any(|key| mapping.contains(key)) {
        found.push(wrong(
            "no_key",
            "Назначьте колонку, по которой узнавать клиента: телефон, карту или внешний код".into(),
            "Say which column tells who the customer is: phone, card or external id".into(),
        ));
    }
    found
}

/// What a row says, or everything that is wrong with it.
pub(super) fn person(line: &Line, mapping: &[Field]) -> Result<Person, Vec<Wrong>> {
    let mut person = Person::default();
    let mut wrong = Vec::new();
    let (mut first, mut middle, mut last) = ("", "", "");
    for (at, (cell, field)) in line.1.iter().zip(mapping).enumerate() {
        let cell = cell.trim();
        if cell.is_empty() {
            continue;
        }
        match field {
            Field::Name => first = cell,
            Field::Patronymic => middle = cell,
            Field::Surname => last = cell,
            field => {
                if let Err(problem) = take(&mut person, field, cell) {
                    wrong.push((at, problem));
                }
            }
        }
    }
    let name =
        [first, middle, last].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    if !name.is_empty() {
        person.fields.push(("name".into(), name.into()));
    }
    if wrong.is_empty() && person.who().is_none() {
        wrong.push((
            mapping.iter().position(|field| *field == Field::Phone).unwrap_or(0),
            Problem::invalid(
                "phone",
                "nobody",
                "Неизвестно, кто это: нет ни телефона, ни карты, ни кода",
                "It is not told who this is: there is neither a phone nor a card nor an id",
            ),
        ));
    }
    wrong.extend(unwritable(&person, mapping));
    if wrong.is_empty() { Ok(person) } else { Err(wrong) }
}

/// Values that a contact would not take.
fn unwritable(person: &Person, mapping: &[Field]) -> Vec<Wrong> {
    let mut trial = Contact::new(ContactId(1), "ru", samovar_base::Instant(0));
    let mut wrong = Vec::new();
    for (path, value) in &person.fields {
        if let Err(problem) = contacts::set_field(&mut trial, path, value, false) {
            let place = mapping.iter().position(|field| field.to_string() == *path);
            wrong.push((place.unwrap_or(0), problem));
        }
    }
    for tag in &person.tags {
        if let Err(problem) = contacts::add_tag(&mut trial, tag) {
            wrong.push((mapping.iter().position(|field| *field == Field::Tags).unwrap_or(0), problem));
        }
    }
    wrong
}

fn take(person: &mut Person, field: &Field, cell: &str) -> Result<(), Problem> {
    let text = |path: &str| (path.to_owned(), Value::from(cell));
    match field {
        Field::Skip | Field::Name | Field::Surname | Field::Patronymic => {}
        Field::ContactId => {
            person.id = Some(cell.parse().map_err(|_| {
                let (ru, en) =
                    ("Это не код клиента: он вида con_…", "This is not the id of a contact: con_…");
                Problem::invalid("contact_id", "bad_id", ru, en)
            })?);
        }
        Field::ExternalId => person.external = Some(cell.chars().take(200).collect()),
        Field::Phone => {
            let phone = contacts::phone(cell)?;
            person.fields.push(("phone".into(), phone.clone().into()));
            person.phone = Some(phone);
        }
        Field::Card => {
            person.card = Some(cell.parse().map_err(|error: crate::loyalty::card::NotACardNumber| {
                let ru = "Это не номер карты этой программы: в нём 12 цифр с проверочной. Чужие номера назначьте внешним кодом";
                Problem::invalid("card", "bad_card", ru, format!("{error}; numbers of other programs are external ids"))
            })?);
        }
        Field::Birthday => person.fields.push(("birthday".into(), day("birthday", cell)?.to_string().into())),
        Field::Points => person.points = points(cell)?,
        Field::ExpiresOn => person.expires_on = Some(day("expires_on", cell)?),
        Field::Tags => person.tags = list(cell),
        Field::Consents => person.consents.extend(
            list(cell)
                .into_iter()
                .map(|purpose| crate::tenants::word("consents", &purpose))
                .collect::<Result<Vec<_>, _>>()?,
        ),
        Field::Consent(purpose) => {
            if yes(cell)? {
                person.consents.push(purpose.clone());
            }
        }
        Field::Source => person.fields.push(text("source")),
        Field::Locale => person.fields.push(("locale".into(), cell.to_lowercase().into())),
        Field::Own(name) => person.fields.push(text(&format!("fields.{name}"))),
    }
    Ok(())
}

fn list(cell: &str) -> Vec<String> {
    cell.split([',', ';']).map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect()
}

/// A day as programs and people write it: 1990-02-28, 28.02.1990, 28/02/1990; the time of day is passed over.
fn day(field: &str, cell: &str) -> Result<Date, Problem> {
    let date = cell.split([' ', 'T']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split(['.', '/', '-']).collect();
    let number = |text: &str| text.parse::<i16>().ok();
    let read = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => Some((number(year), number(month), number(day))),
        [day, month, year] if year.len() == 4 => Some((number(year), number(month), number(day))),
        _ => None,
    };
    let found = read.and_then(|(year, month, day)| {
        Date::new(year?, i8::try_from(month?).ok()?, i8::try_from(day?).ok()?).ok()
    });
    found.ok_or_else(|| {
        let (ru, en) =
            ("Нужна дата вида 28.02.1990 или 1990-02-28", "A date is written 1990-02-28 or 28.02.1990");
        Problem::invalid(field, "bad_date", ru, en)
    })
}

/// Whole points, with or without blanks between thousands; «,00» is passed over.
fn points(cell: &str) -> Result<i64, Problem> {
    let plain: String = cell.chars().filter(|one| !one.is_whitespace() && *one != '\u{202f}').collect();
    let (whole, rest) = plain.split_once([',', '.']).unwrap_or((&plain, ""));
    let is_whole = rest.chars().all(|digit| digit == '0');
    let read = whole
        .parse::<i64>()
        .ok()
        .filter(|points| is_whole && (0..=crate::ledger::POINTS_MAX).contains(points));
    read.ok_or_else(|| {
        let (ru, en) =
            ("Баллы — целое число от нуля: 1500 или 1 500", "Points are a whole number, zero or more: 1500");
        Problem::invalid("points", "bad_points", ru, en)
    })
}

fn yes(cell: &str) -> Result<bool, Problem> {
    match cell.to_lowercase().as_str() {
        "да" | "yes" | "y" | "true" | "истина" | "1" | "+" | "д" | "есть" => Ok(true),
        "нет" | "no" | "n" | "false" | "ложь" | "0" | "-" | "н" => Ok(false),
        _ => {
            Err(Problem::invalid("consent", "bad_yes_no", "Нужно «да» или «нет»", "Yes or no is needed here"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn titles(all: &[&str]) -> Vec<String> {
        all.iter().map(|title| (*title).to_owned()).collect()
    }

    fn read(mapping: &str, cells: &[&str]) -> Result<Person, Vec<&'static str>> {
        let mapping: Vec<Field> = mapping.split(' ').map(|name| name.parse().unwrap()).collect();
        person(&(2, titles(cells)), &mapping)
            .map_err(|wrong| wrong.into_iter().map(|(_, problem)| problem.code).collect())
    }

    #[test]
    fn columns_are_told_by_titles_of_many_programs() {
        let guessed = guess(&titles(&[
            "ФИО",
            "Моб. телефон",
            "Дата рождения",
            "Бонусы",
            "Комментарий",
            "Phone",
            "fields.city",
        ]));
        let names: Vec<String> = guessed.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["name", "phone", "birthday", "points", "skip", "skip", "fields.city"]);
        assert_eq!(guess(&titles(&["Код клиента", "Согласия"])), [Field::ContactId, Field::Consents]);
    }

    #[test]
    fn a_mapping_needs_a_key_and_no_field_twice() {
        let codes = |mapping: &[Field]| {
            check(&titles(&["a", "b"]), mapping).into_iter().map(|problem| problem.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&[Field::Phone, Field::Skip]), Vec::<&str>::new());
        assert_eq!(codes(&[Field::Name, Field::Name]), ["field_twice", "no_key"]);
        assert_eq!(codes(&[Field::Phone]), ["wrong_length"]);
    }

    #[test]
    fn a_row_is_read_as_people_write_it() {
        let mapping = "surname name patronymic phone birthday points expires_on tags consent.loyalty";
        let cells = [
            "Каренина",
            "Анна",
            "Аркадьевна",
            "8 (916) 123-45-67",
            "28.02.1990",
            "1 500,00",
            "2027-01-31",
            "vip; утро",
            "Да",
        ];
        let anna = read(mapping, &cells).unwrap();
        assert_eq!(anna.fields.last().unwrap().1, "Анна Аркадьевна Каренина");
        assert_eq!((anna.phone.as_deref(), anna.points), (Some("+79161234567"), 1_500));
        assert_eq!(anna.expires_on, Some(jiff::civil::date(2027, 1, 31)));
        assert_eq!((anna.tags.join("|"), anna.consents.join("|")), ("vip|утро".into(), "loyalty".into()));
        assert_eq!(anna.who().as_deref(), Some("+79161234567"));
    }

    #[test]
    fn everything_that_is_wrong_with_a_row_is_told() {
        let mapping = "name phone birthday points card";
        assert_eq!(
            read(mapping, &["Анна", "12", "31.02.1990", "1,5", "1"]).unwrap_err(),
            ["bad_phone", "bad_date", "bad_points", "bad_card"]
        );
        assert_eq!(read(mapping, &["Анна", "", "", "5", ""]).unwrap_err(), ["nobody"]);
        assert_eq!(read("phone birthday", &["89161234567", "01.01.1800"]).unwrap_err(), ["bad_date"]);
        assert_eq!(read("phone points", &["89161234567", "-5"]).unwrap_err(), ["bad_points"]);
    }
}
