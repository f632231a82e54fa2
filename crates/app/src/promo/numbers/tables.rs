//! Numbers as tables for files.

use super::model::{Days, Goods, Hour, Purchases, ReasonLine, Region, Shop};
use super::regions;
use crate::promo::Reason;
use crate::reports::{Sheet, Tabular, made};
use crate::sheets::{Cell, Language};

/// Why receipts were refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reasons(pub Vec<ReasonLine>);

/// Receipts by hour of the week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours(pub Vec<Hour>);

/// Receipts by region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Regions(pub Vec<Region>);

/// Receipts by shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shops(pub Vec<Shop>);

impl From<Purchases> for Hours {
    fn from(all: Purchases) -> Self {
        Self(all.hours)
    }
}

impl From<Purchases> for Regions {
    fn from(all: Purchases) -> Self {
        Self(all.regions)
    }
}

impl From<Purchases> for Shops {
    fn from(all: Purchases) -> Self {
        Self(all.shops)
    }
}

const fn locale(language: Language) -> &'static str {
    match language {
        Language::Ru => "ru",
        Language::En => "en",
    }
}

impl Tabular for Reasons {
    fn table(&self, language: Language) -> Sheet {
        let all: i64 = self.0.iter().map(|line| line.receipts).sum();
        let rows = self.0.iter().map(|line| {
            let title = Reason::from_name(&line.reason).map(|reason| reason.title(locale(language)));
            vec![
                Cell::text(title.unwrap_or(&line.reason)),
                Cell::text(line.reason.as_str()),
                Cell::Whole(line.receipts),
                Cell::Share(line.receipts * 10_000 / all.max(1)),
            ]
        });
        let titles = [("Причина", "Reason"), ("Код", "Code"), ("Чеков", "Receipts"), ("Доля", "Share")];
        made(language, ("Отказы", "Refusals"), &titles, rows.collect())
    }
}

impl Tabular for Days {
    fn table(&self, language: Language) -> Sheet {
        let rows = self.days.iter().map(|day| {
            vec![
                Cell::Day(day.day),
                Cell::Whole(day.arrived),
                Cell::Whole(day.accepted),
                Cell::Whole(day.refused),
                Cell::Money(day.sum),
                Cell::Whole(day.people),
                Cell::Whole(day.fresh),
                Cell::Whole(day.people - day.fresh),
            ]
        });
        let titles = [
            ("День", "Day"),
            ("Прислано чеков", "Receipts sent"),
            ("Принято", "Accepted"),
            ("Отказано", "Refused"),
            ("Сумма принятых", "Sum of accepted"),
            ("Участников", "People"),
            ("Новых", "New"),
            ("Вернулись", "Returning"),
        ];
        made(language, ("По дням", "By day"), &titles, rows.collect())
    }
}

impl Tabular for Goods {
    fn table(&self, language: Language) -> Sheet {
        let rows = self.goods.iter().map(|line| {
            vec![
                Cell::text(line.name.as_str()),
                Cell::Whole(line.receipts),
                Cell::Text(thousandths(line.quantity, language)),
                Cell::Money(line.sum),
            ]
        });
        let titles =
            [("Товар", "Goods"), ("Чеков", "Receipts"), ("Количество", "Quantity"), ("Сумма", "Sum")];
        made(language, ("Товары", "Goods"), &titles, rows.collect())
    }
}

impl Tabular for Hours {
    fn table(&self, language: Language) -> Sheet {
        const DAYS: [(&str, &str); 7] = [
            ("понедельник", "Monday"),
            ("вторник", "Tuesday"),
            ("среда", "Wednesday"),
            ("четверг", "Thursday"),
            ("пятница", "Friday"),
            ("суббота", "Saturday"),
            ("воскресенье", "Sunday"),
        ];
        let mut hours = self.0.clone();
        hours.sort_by_key(|hour| (hour.weekday, hour.hour));
        let rows = hours.iter().map(|hour| {
            let at = usize::try_from(hour.weekday - 1).unwrap_or_default().min(6);
            vec![
                Cell::text(language.pick(DAYS[at].0, DAYS[at].1)),
                Cell::Text(format!("{:02}:00", hour.hour)),
                Cell::Whole(hour.receipts),
            ]
        });
        let titles = [("День недели", "Weekday"), ("Час", "Hour"), ("Чеков", "Receipts")];
        made(language, ("По часам", "By hour"), &titles, rows.collect())
    }
}

impl Tabular for Regions {
    fn table(&self, language: Language) -> Sheet {
        let rows = self.0.iter().map(|region| {
            let unknown = language.pick("не указан", "not told");
            let name = regions::name(&region.code, locale(language)).unwrap_or(unknown);
            vec![
                Cell::text(name),
                Cell::Digits(region.code.clone()),
                Cell::Whole(region.receipts),
                Cell::Money(region.sum),
            ]
        });
        let titles = [("Регион", "Region"), ("Код", "Code"), ("Чеков", "Receipts"), ("Сумма", "Sum")];
        made(language, ("Регионы", "Regions"), &titles, rows.collect())
    }
}

impl Tabular for Shops {
    fn table(&self, language: Language) -> Sheet {
        let rows = self.0.iter().map(|shop| {
            vec![
                Cell::text(shop.name.as_str()),
                Cell::text(shop.address.as_str()),
                Cell::Digits(shop.inn.clone()),
                Cell::Whole(shop.receipts),
                Cell::Money(shop.sum),
            ]
        });
        let titles = [
            ("Магазин", "Shop"),
            ("Адрес", "Address"),
            ("ИНН", "Tax number"),
            ("Чеков", "Receipts"),
            ("Сумма", "Sum"),
        ];
        made(language, ("Магазины", "Shops"), &titles, rows.collect())
    }
}

/// `1,308` of 1308.
fn thousandths(value: i64, language: Language) -> String {
    let (whole, rest) = (value / 1_000, value.unsigned_abs() % 1_000);
    if rest == 0 {
        return whole.to_string();
    }
    let text = format!("{whole}{}{rest:03}", language.pick(",", "."));
    text.trim_end_matches('0').to_owned()
}
