//! How points, dates and operations are put into words for customers. Pure.

use super::model::{Units, Wording};
use super::rules;
use crate::ledger::{Entry, NextExpiry, Standing};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use samovar_base::Points;
use serde::Serialize;
use std::fmt::Write;

/// Steps that a text of the company may take.
const FUEL: u64 = 20_000;

/// What a text may name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Names {
    /// Moved by the operation, without a sign.
    pub points: i64,
    /// To spend now.
    pub balance: i64,
    /// Set aside.
    pub held: i64,
    /// In the words of whoever moved the points; may be empty.
    pub comment: String,
    /// The customer's first name; may be empty.
    pub name: String,
    /// The company's.
    pub business: String,
    /// The card's; empty where there is none.
    pub number: String,
    /// How many expire next; zero is none.
    pub expiring: i64,
    /// The last day on which they can be spent; empty where there is none.
    pub expires_on: String,
    /// Until when the code of a card that turns is taken, `12:35:30`; empty of one that does not.
    pub good_until: String,
    /// The sum of a purchase, or of what of it is brought back.
    pub sum: String,
    /// Taken in payment of a purchase.
    pub spent: i64,
    /// Earned by a purchase.
    pub earned: i64,
    /// Spent points that came back.
    pub returned: i64,
    /// Earned points that were taken back.
    pub taken: i64,
    /// Owed.
    pub debt: i64,
    /// Of what was earned, gone at once to pay what was owed.
    pub repaid: i64,
    /// Days until the birthday; zero on the day and after it.
    pub days: i64,
    /// What ends soon, the soonest first.
    pub ending: Vec<Ending>,
}

/// Points that end together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Ending {
    /// How many.
    pub points: i64,
    /// Their last day, as people write it.
    pub on: String,
}

/// A text of the company in one language, read once and said to many.
#[derive(Debug)]
pub struct Prepared {
    environment: Option<Environment<'static>>,
    text: String,
}

impl Prepared {
    const NAME: &'static str = "text";

    /// As [`Speech::render`] says it.
    pub fn say(&self, names: &impl Serialize) -> String {
        let said = self.environment.as_ref().and_then(|environment| {
            environment.get_template(Self::NAME).and_then(|text| text.render(Serde(names))).ok()
        });
        said.unwrap_or_else(|| self.text.clone())
    }
}

impl Names {
    /// What every text may name.
    pub(crate) fn of(first_name: &str, business: &str, standing: Standing) -> Self {
        Self {
            balance: standing.available.0,
            held: standing.held.0,
            name: first_name.to_owned(),
            business: business.to_owned(),
            ..Self::default()
        }
    }
}

/// A text of the company in its languages, read once and said to many.
#[derive(Debug)]
pub struct ToMany {
    russian: Prepared,
    english: Prepared,
}

impl ToMany {
    /// Reads both.
    pub fn new(wording: &Wording, units: &Units, zone: &TimeZone) -> Self {
        let of = |locale| Speech { units, locale, zone }.prepare(wording);
        Self { russian: of("ru"), english: of("en") }
    }

    /// In somebody's language; English for any but Russian.
    pub fn of(&self, locale: &str) -> &Prepared {
        if locale.starts_with("ru") { &self.russian } else { &self.english }
    }
}

/// Words in one language, of one company.
#[derive(Debug, Clone, Copy)]
pub struct Speech<'a> {
    /// How points are called.
    pub units: &'a Units,
    /// `ru`, `en`; English for any but Russian.
    pub locale: &'a str,
    /// Of the business: in which day a moment falls.
    pub zone: &'a TimeZone,
}

impl Speech<'_> {
    /// The number with its unit: «1 250 баллов».
    pub fn points(&self, points: Points) -> String {
        format!("{}\u{a0}{}", grouped(points.0), self.unit(points))
    }

    /// A day: «21.11.2026», “21 Nov 2026”.
    pub fn date(&self, date: Date) -> String {
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        if self.is_russian() {
            return date.strftime("%d.%m.%Y").to_string();
        }
        let month = usize::try_from(date.month() - 1).map_or("", |month| MONTHS[month]);
        format!("{} {month} {}", date.day(), date.year())
    }

    /// The last day on which points that end at a moment can be spent.
    pub fn last_day(&self, next: &NextExpiry) -> Date {
        rules::last_day(next.at, self.zone)
    }

    /// The balance, as the screen says it unless the company words it.
    pub fn balance(&self, standing: Standing, next: Option<NextExpiry>) -> String {
        let ru = self.is_russian();
        let mut text = match (standing.available.0, standing.balance.0 < 0) {
            (_, true) => {
                let debt = self.points(Points(-standing.balance.0));
                if ru {
                    format!("Вы должны {debt}: долг погасят следующие начисления.")
                } else {
                    format!("You owe {debt}: what you earn next will cover it.")
                }
            }
            (0, false) if standing.held.is_positive() && ru => {
                format!("Свободных {} сейчас нет.", self.unit(Points(5)))
            }
            (0, false) if standing.held.is_positive() => format!("No {} are free now.", self.unit(Points(5))),
            (0, false) if ru => format!("У вас пока нет {}.", self.unit(Points(5))),
            (0, false) => format!("You have no {} yet.", self.unit(Points(5))),
            _ if ru => format!("У вас {}.", self.points(standing.available)),
            _ => format!("You have {}.", self.points(standing.available)),
        };
        if standing.held.is_positive() {
            let held = self.points(standing.held);
            let _ = if ru {
                write!(text, "\nВ резерве {held}.")
            } else {
                write!(text, "\nOn hold: {held}.")
            };
        }
        if let Some(next) = next {
            let (points, day) = (self.points(next.points), self.date(self.last_day(&next)));
            let _ = if ru {
                write!(text, "\nИз них {points} действуют до {day} включительно.")
            } else {
                write!(text, "\nOf these, {points} can be spent through {day}.")
            };
        }
        text
    }

    /// One line of the history: day, sum with its sign, what for.
    pub fn line(&self, entry: &Entry) -> String {
        let day = self.date(entry.at.in_zone(self.zone).date());
        let sign = if entry.points.0 > 0 { "+" } else { "" };
        let what = entry.note.as_deref().unwrap_or_else(|| self.what_for(&entry.kind));
        format!("{day}  {sign}{}  {what}", grouped(entry.points.0))
    }

    /// The history, as the screen says it.
    pub fn history(&self, title: &str, entries: &[Entry]) -> String {
        let lines: Vec<String> = entries.iter().map(|entry| self.line(entry)).collect();
        format!("{title}\n\n{}", lines.join("\n"))
    }

    /// A text of the company; without what cannot be rendered when it is faulty, for it was checked when it was saved.
    pub fn render(&self, wording: &Wording, names: &impl Serialize) -> String {
        let text = wording.text(self.locale);
        self.try_render(text, names, UndefinedBehavior::Lenient).unwrap_or_else(|_| text.to_owned())
    }

    /// The same for a text that somebody wants to save: says what is wrong with it.
    pub fn try_text(&self, text: &str) -> Result<(), String> {
        let names = Names {
            points: 1,
            balance: 2,
            held: 5,
            comment: "…".into(),
            name: "Анна".into(),
            business: "…".into(),
            number: "1234 5678 9012".into(),
            expiring: 1,
            expires_on: "21.11.2026".into(),
            good_until: "12:35:30".into(),
            sum: "1 590".into(),
            spent: 1,
            earned: 2,
            returned: 1,
            taken: 2,
            debt: 5,
            repaid: 1,
            days: 3,
            ending: vec![Ending { points: 1, on: "21.11.2026".into() }],
        };
        self.try_with(text, &names)
    }

    /// The same for a text that may name other things, of which `names` is a sample.
    pub fn try_with(&self, text: &str, names: &impl Serialize) -> Result<(), String> {
        self.try_render(text, names, UndefinedBehavior::Strict).map(drop).map_err(|error| error.to_string())
    }

    /// The text with these names; what is wrong with it when it is faulty or names what is not there.
    pub(super) fn try_said(&self, wording: &Wording, names: &impl Serialize) -> Result<String, String> {
        let said = self.try_render(wording.text(self.locale), names, UndefinedBehavior::Strict);
        said.map_err(|error| error.to_string())
    }

    fn try_render(
        &self,
        text: &str,
        names: &impl Serialize,
        missing: UndefinedBehavior,
    ) -> Result<String, minijinja::Error> {
        if !text.contains('{') {
            return Ok(text.to_owned());
        }
        self.environment(missing).render_str(text, Serde(names))
    }

    /// The same text for many: it is read once.
    fn prepare(&self, wording: &Wording) -> Prepared {
        let text = wording.text(self.locale).to_owned();
        let mut environment = self.environment(UndefinedBehavior::Lenient);
        let is_template =
            text.contains('{') && environment.add_template_owned(Prepared::NAME, text.clone()).is_ok();
        Prepared { environment: is_template.then_some(environment), text }
    }

    fn environment(&self, missing: UndefinedBehavior) -> Environment<'static> {
        let mut environment = Environment::empty();
        environment.set_undefined_behavior(missing);
        environment.set_fuel(Some(FUEL));
        let (units, locale) = (self.units.clone(), self.locale.to_owned());
        environment.add_filter("points", move |points: i64| {
            let speech = Speech { units: &units, locale: &locale, zone: &TimeZone::UTC };
            speech.points(Points(points))
        });
        environment
    }

    /// What an operation is called when nobody worded it.
    pub(crate) fn what_for(&self, kind: &str) -> &'static str {
        match (kind, self.is_russian()) {
            ("import" | "join", true) => "Перенос баллов",
            ("import" | "join", false) => "Points brought over",
            ("welcome", true) => "За знакомство",
            ("welcome", false) => "Welcome",
            ("grant", true) => "Начисление",
            ("grant", false) => "Accrual",
            ("deduct", true) => "Списание",
            ("deduct", false) => "Write-off",
            ("spend" | "capture", true) => "Оплата баллами",
            ("spend" | "capture", false) => "Paid with points",
            ("expire" | "release", true) => "Истёк срок",
            ("expire" | "release", false) => "Expired",
            ("purchase", true) => "За покупку",
            ("purchase", false) => "For a purchase",
            ("refund" | "return", true) => "Возврат покупки",
            ("refund" | "return", false) => "Purchase brought back",
            ("birthday", true) => "Ко дню рождения",
            ("birthday", false) => "For your birthday",
            ("reverse", true) => "Отмена операции",
            ("reverse", false) => "Operation undone",
            (_, true) => "Операция",
            (_, false) => "Operation",
        }
    }

    fn unit(&self, points: Points) -> &str {
        let number = points.0.unsigned_abs();
        if !self.is_russian() {
            return &self.units.en[usize::from(number != 1)];
        }
        let form = match (number % 10, number % 100) {
            (1, tens) if tens != 11 => 0,
            (2..=4, tens) if !(12..=14).contains(&tens) => 1,
            _ => 2,
        };
        &self.units.ru[form]
    }

    fn is_russian(&self) -> bool {
        self.locale.starts_with("ru")
    }
}

/// With no-break blanks between thousands and a true minus.
pub(super) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + 8);
    if number < 0 {
        out.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}
