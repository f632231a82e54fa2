//! Settings from the phone: texts, hours, percents, limits. Each is tried before it is saved, and shown before and after.

use super::{PAGE, outcome, skipped, title, typed, view};
use crate::access::{Actor, Right};
use crate::capability::{Look, Outcome, Shown};
use crate::codes;
use crate::guard;
use crate::loyalty;
use crate::problem::{Fail, Problem};
use crate::visit::Visit;
use samovar_engine::Values;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Where a setting lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In the loyalty programme.
    Programme,
    /// In the rules of the guard.
    Guard,
    /// In the rules of confirmation codes.
    Codes,
}

/// What a setting holds, and how it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holds {
    /// A whole number.
    Number,
    /// A whole number, or nothing: «нет».
    Maybe,
    /// Basis points, typed as percent.
    Percent,
    /// Words.
    Text,
    /// Yes or no.
    Flag,
    /// Whole numbers, separated by commas.
    Numbers,
    /// A time of day, `10:00`.
    Time,
    /// From one hour to another, `9–22`, or nothing: «нет».
    Hours,
}

struct Setting {
    key: &'static str,
    place: Place,
    /// Names on the way through the document.
    path: &'static [&'static str],
    holds: Holds,
    ru: &'static str,
    en: &'static str,
}

macro_rules! settings {
    ($($key:literal $place:ident [$($step:literal),+] $holds:ident $ru:literal $en:literal;)+) => {
        const SETTINGS: &[Setting] = &[$(Setting {
            key: $key, place: Place::$place, path: &[$($step),+], holds: Holds::$holds, ru: $ru, en: $en,
        }),+];
    };
}

settings! {
    "welcome" Programme ["welcome_points"] Number "Приветственные баллы" "Welcome points";
    "percent" Programme ["earning", "percent_bp"] Percent "Начисление с покупки, %" "Earned on a purchase, %";
    "share" Programme ["spending", "max_percent_bp"] Percent "Оплата баллами, не больше %" "Paid with points, at most %";
    "expiry" Programme ["expiry_days"] Maybe "Срок действия баллов, дней" "Points last, days";
    "warn-days" Programme ["warnings", "days"] Numbers "Предупреждать за, дней" "Warn before, days";
    "warn-hour" Programme ["warnings", "hour"] Time "Час предупреждений" "Hour of warnings";
    "birthday" Programme ["birthday", "points"] Number "Баллы ко дню рождения" "Birthday points";
    "accrual-on" Programme ["notices", "accrual", "on"] Flag "Сообщать о начислении" "Tell of accruals";
    "accrual-text" Programme ["notices", "accrual", "text", "ru"] Text "Текст о начислении" "Text of accruals (Russian)";
    "accrual-text-en" Programme ["notices", "accrual", "text", "en"] Text "Текст о начислении, английский" "Text of accruals";
    "write-off-on" Programme ["notices", "write_off", "on"] Flag "Сообщать о списании" "Tell of write-offs";
    "write-off-text" Programme ["notices", "write_off", "text", "ru"] Text "Текст о списании" "Text of write-offs (Russian)";
    "write-off-text-en" Programme ["notices", "write_off", "text", "en"] Text "Текст о списании, английский" "Text of write-offs";
    "purchase-on" Programme ["notices", "purchase", "on"] Flag "Сообщать о покупке" "Tell of purchases";
    "purchase-text" Programme ["notices", "purchase", "text", "ru"] Text "Текст о покупке" "Text of purchases (Russian)";
    "purchase-text-en" Programme ["notices", "purchase", "text", "en"] Text "Текст о покупке, английский" "Text of purchases";
    "birthday-text" Programme ["notices", "birthday", "text", "ru"] Text "Поздравление" "Birthday wishes (Russian)";
    "birthday-text-en" Programme ["notices", "birthday", "text", "en"] Text "Поздравление, английский" "Birthday wishes";
    "expiring-on" Programme ["notices", "expiring", "on"] Flag "Предупреждать о сроке" "Warn before points end";
    "expiring-text" Programme ["notices", "expiring", "text", "ru"] Text "Текст предупреждения" "Text of warnings (Russian)";
    "expiring-text-en" Programme ["notices", "expiring", "text", "en"] Text "Текст предупреждения, английский" "Text of warnings";
    "cashier-operation" Guard ["limits", "cashier", "points_per_operation"] Maybe "Кассир: баллов за операцию" "Cashier: points in one operation";
    "cashier-day" Guard ["limits", "cashier", "points_per_day"] Maybe "Кассир: баллов за день" "Cashier: points a day";
    "cashier-count" Guard ["limits", "cashier", "operations_per_day"] Maybe "Кассир: операций за день" "Cashier: operations a day";
    "cashier-discount" Guard ["limits", "cashier", "discount_percent"] Maybe "Кассир: оплата баллами, не больше %" "Cashier: paid with points, at most %";
    "manager-operation" Guard ["limits", "manager", "points_per_operation"] Maybe "Менеджер: баллов за операцию" "Manager: points in one operation";
    "manager-day" Guard ["limits", "manager", "points_per_day"] Maybe "Менеджер: баллов за день" "Manager: points a day";
    "manager-discount" Guard ["limits", "manager", "discount_percent"] Maybe "Менеджер: оплата баллами, не больше %" "Manager: paid with points, at most %";
    "alert-customer" Guard ["alerts", "same_customer_per_day"] Maybe "Сигнал: начислений одному клиенту в день" "Alert: accruals to one customer a day";
    "alert-round" Guard ["alerts", "round_from"] Maybe "Сигнал: круглая сумма от" "Alert: a round sum from";
    "alert-own-card" Guard ["alerts", "own_card"] Flag "Сигнал: начисление на свою карту" "Alert: an accrual to one's own card";
    "alert-hours" Guard ["alerts", "open_hours"] Hours "Сигнал: начисление вне часов работы" "Alert: an accrual out of the hours";
    "code-deduct" Codes ["required", "deduct"] Maybe "Код клиента при списании, от баллов" "Customer's code for write-offs, from points";
    "code-purchase" Codes ["required", "purchase"] Maybe "Код клиента при оплате баллами, от баллов" "Customer's code for paying, from points";
    "code-minutes" Codes ["minutes"] Number "Код действует, минут" "A code is good for, minutes";
    "code-text" Codes ["texts", "asked", "ru"] Text "Текст с кодом" "Text with the code (Russian)";
    "code-text-en" Codes ["texts", "asked", "en"] Text "Текст с кодом, английский" "Text with the code";
}

/// A document with its revision: the programme, the rules of the guard or of codes.
struct Document {
    content: Value,
    revision: i64,
}

async fn read(actor: &Actor, visit: &Visit, place: Place) -> Result<Document, Fail> {
    match place {
        Place::Programme => {
            let stored = loyalty::programme_in(&visit.app, &visit.tx, actor).await?;
            Ok(Document { content: as_value(&stored.programme), revision: stored.revision })
        }
        Place::Guard => {
            let stored = guard::rules_in(&visit.tx, actor).await?;
            Ok(Document { content: as_value(&stored.rules), revision: stored.revision })
        }
        Place::Codes => {
            let stored = codes::rules_in(&visit.tx, actor).await?;
            Ok(Document { content: as_value(&stored.rules), revision: stored.revision })
        }
    }
}

/// All settings with their values, to be chosen.
pub(super) async fn list(actor: &Actor, look: Look<'_>, visit: &mut Visit) -> Result<Shown, Fail> {
    if let Some(pressed) = look.pressed {
        return Ok(Shown::Left(outcome("chosen", json!({ "setting": pressed }))));
    }
    let programme = read(actor, visit, Place::Programme).await?;
    let guard = read(actor, visit, Place::Guard).await?;
    let codes = read(actor, visit, Place::Codes).await?;
    let document = |setting: &Setting| match setting.place {
        Place::Programme => &programme,
        Place::Guard => &guard,
        Place::Codes => &codes,
    };
    let known: Vec<&Setting> =
        SETTINGS.iter().filter(|setting| setting.is_known(&document(setting).content)).collect();
    let skip = skipped(&look) as usize;
    let more = known.len() > skip + PAGE as usize;
    let rows = known
        .into_iter()
        .skip(skip)
        .take(PAGE as usize)
        .map(|setting| {
            let value = setting.say(setting.at(&document(setting).content), &actor.locale);
            let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            let short: String = value.chars().take(24).collect();
            let cut = if short.len() < value.len() { "…" } else { "" };
            (format!("{}: {short}{cut}", setting.title(&actor.locale)), setting.key.to_owned())
        })
        .collect();
    Ok(view(&title(&look), &[], rows, more))
}

/// One setting as it is.
pub(super) async fn look(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    let setting = chosen(params)?;
    let document = read(actor, visit, setting.place).await?;
    let values = json!({
        "title": setting.title(&actor.locale),
        "before": setting.say(setting.at(&document.content), &actor.locale),
        "hint": setting.hint(&actor.locale),
    });
    Ok(outcome("done", values))
}

/// What a setting would be; refused what could not be saved.
pub(super) async fn attempt(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    actor.require(Right::SettingsManage)?;
    let setting = chosen(params)?;
    let document = read(actor, visit, setting.place).await?;
    let before = setting.say(setting.at(&document.content), &actor.locale);
    let wanted = setting.read(typed(params, "value").unwrap_or_default())?;
    let changed = setting.changed(&document.content, wanted.clone())?;
    let problems = match setting.place {
        Place::Programme => fits::<loyalty::Programme>(&changed)?.problems(),
        Place::Guard => fits::<guard::Rules>(&changed)?.problems(),
        Place::Codes => {
            let units = &loyalty::current(&visit.app, &visit.tx).await?.units;
            fits::<codes::CodeRules>(&changed)?.problems(units)
        }
    };
    if !problems.is_empty() {
        return Err(Fail::Problems(problems));
    }
    let values = json!({
        "title": setting.title(&actor.locale),
        "before": before,
        "after": setting.say(Some(&wanted), &actor.locale),
        "revision": document.revision,
    });
    Ok(outcome("ready", values))
}

/// Saves it, if nobody changed the settings since it was tried.
pub(super) async fn save(actor: &Actor, params: &Values, visit: &mut Visit) -> Result<Outcome, Fail> {
    actor.require(Right::SettingsManage)?;
    let setting = chosen(params)?;
    let seen = loyalty::whole_points(params.get("revision")).map(|revision| revision.0);
    let document = read(actor, visit, setting.place).await?;
    let wanted = setting.read(typed(params, "value").unwrap_or_default())?;
    let changed = setting.changed(&document.content, wanted.clone())?;
    let (app, tx, now) = (visit.app.clone(), visit.tx.clone(), visit.now);
    match setting.place {
        Place::Programme => {
            loyalty::set_programme_in(&app, &tx, actor, seen, fits(&changed)?, now).await.map(drop)?;
        }
        Place::Guard => {
            guard::set_rules_in(&app, &tx, actor, seen, fits(&changed)?, now).await.map(drop)?;
        }
        Place::Codes => {
            codes::set_rules_in(&app, &tx, actor, seen, fits(&changed)?, now).await.map(drop)?;
        }
    }
    let after = setting.say(Some(&wanted), &actor.locale);
    Ok(outcome("done", json!({ "title": setting.title(&actor.locale), "after": after })))
}

impl Setting {
    fn title(&self, locale: &str) -> &'static str {
        if locale.starts_with("ru") { self.ru } else { self.en }
    }

    /// Its value in a document.
    fn at<'v>(&self, document: &'v Value) -> Option<&'v Value> {
        self.path.iter().try_fold(document, |inner, name| inner.get(name)).filter(|value| !value.is_null())
    }

    /// Whether the document has a place for it.
    fn is_known(&self, document: &Value) -> bool {
        let Some((_, way)) = self.path.split_last() else { return false };
        let parent = way.iter().try_fold(document, |inner, name| inner.get(name));
        self.at(document).is_some()
            || self.place == Place::Guard
            || (self.holds == Holds::Maybe && parent.is_some_and(Value::is_object))
    }

    /// The document with another value in its place.
    fn changed(&self, document: &Value, value: Value) -> Result<Value, Problem> {
        let mut changed = document.clone();
        let Some((last, way)) = self.path.split_last() else { return Ok(changed) };
        let mut inner = &mut changed;
        for name in way {
            let object = inner.as_object_mut().ok_or_else(unknown)?;
            inner = object.entry(*name).or_insert_with(|| json!({}));
        }
        inner.as_object_mut().ok_or_else(unknown)?.insert((*last).to_owned(), value);
        Ok(changed)
    }

    /// What was typed, as it is stored.
    fn read(&self, typed: &str) -> Result<Value, Problem> {
        let bare: String = typed.chars().filter(|c| !c.is_whitespace() && *c != '%').collect();
        let word = bare.to_lowercase();
        let none = ["нет", "no", "-", "—", "–", "без"].contains(&word.as_str());
        let number = || word.parse::<i64>().ok().filter(|number| *number >= 0);
        let value = match self.holds {
            Holds::Text | Holds::Time => (!typed.trim().is_empty()).then(|| json!(typed.trim())),
            Holds::Hours if none => Some(Value::Null),
            Holds::Hours => hours(&word).map(|hours| json!(hours)),
            Holds::Number => number().map(|number| json!(number)),
            Holds::Maybe if none => Some(Value::Null),
            Holds::Maybe => number().map(|number| json!(number)),
            Holds::Percent => basis_points(&word).map(|points| json!(points)),
            Holds::Flag => match word.as_str() {
                "да" | "вкл" | "yes" | "on" | "1" => Some(json!(true)),
                "нет" | "выкл" | "no" | "off" | "0" => Some(json!(false)),
                _ => None,
            },
            Holds::Numbers => {
                let parts = typed.split([',', ';', ' ']).map(str::trim).filter(|part| !part.is_empty());
                let read: Option<Vec<u32>> = parts.map(|part| part.parse().ok()).collect();
                read.filter(|all| !all.is_empty()).map(|all| json!(all))
            }
        };
        value.ok_or_else(|| {
            let hint = |locale| self.hint(locale);
            let (ru, en) =
                (format!("Не понимаю. {}", hint("ru")), format!("I do not understand. {}", hint("en")));
            Problem::invalid("value", "bad_value", ru, en)
        })
    }

    /// The value as people read it.
    fn say(&self, value: Option<&Value>, locale: &str) -> String {
        let ru = locale.starts_with("ru");
        match value.filter(|value| !value.is_null()) {
            None => if ru { "нет" } else { "none" }.to_owned(),
            Some(Value::Bool(true)) => if ru { "да" } else { "yes" }.to_owned(),
            Some(Value::Bool(false)) => if ru { "нет" } else { "no" }.to_owned(),
            Some(Value::String(text)) => text.clone(),
            Some(Value::Array(all)) if self.holds == Holds::Hours => {
                all.iter().map(|hour| format!("{hour}:00")).collect::<Vec<_>>().join("–")
            }
            Some(Value::Array(all)) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
            Some(Value::Number(number)) if self.holds == Holds::Percent => {
                let points = number.as_i64().unwrap_or_default();
                let (whole, part) = (points / 100, points % 100);
                let part = format!("{part:02}");
                let part = part.trim_end_matches('0');
                if part.is_empty() { format!("{whole} %") } else { format!("{whole},{part} %") }
            }
            Some(other) => other.to_string(),
        }
    }

    /// How it is typed.
    fn hint(&self, locale: &str) -> &'static str {
        match (self.holds, locale.starts_with("ru")) {
            (Holds::Number, true) => "Напишите число.",
            (Holds::Number, false) => "Write a number.",
            (Holds::Maybe, true) => "Напишите число или «нет».",
            (Holds::Maybe, false) => "Write a number, or “no”.",
            (Holds::Percent, true) => "Напишите процент, например 5 или 7,5.",
            (Holds::Percent, false) => "Write a percentage such as 5 or 7.5.",
            (Holds::Text, true) => "Напишите новый текст. Подстановки в {{ двойных скобках }} сохраняйте.",
            (Holds::Text, false) => "Write the new text. Keep what stands in {{ double braces }}.",
            (Holds::Flag, true) => "Напишите «да» или «нет».",
            (Holds::Flag, false) => "Write “yes” or “no”.",
            (Holds::Numbers, true) => "Напишите числа через запятую, например 4, 1.",
            (Holds::Numbers, false) => "Write numbers with commas between, such as 4, 1.",
            (Holds::Time, true) => "Напишите время, например 10:00.",
            (Holds::Time, false) => "Write a time of day such as 10:00.",
            (Holds::Hours, true) => "Напишите часы работы, например 9–22, или «нет».",
            (Holds::Hours, false) => "Write the hours, such as 9–22, or “no”.",
        }
    }
}

/// Percent as people type them, in hundredths: «5», «7,5».
fn basis_points(word: &str) -> Option<i64> {
    let (whole, part) = word.split_once([',', '.']).unwrap_or((word, ""));
    if part.len() > 2 || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part: i64 = format!("{part:0<2}").parse().ok()?;
    let whole: i64 = whole.parse().ok().filter(|whole| (0..=10_000).contains(whole))?;
    Some(whole * 100 + part)
}

/// Hours of a day as people type them: «9-22», «9:00–22:00», «с 9 до 22».
fn hours(word: &str) -> Option<[u8; 2]> {
    let words = word.replace(":00", " ");
    let mut numbers =
        words.split(|c: char| !c.is_ascii_digit()).filter(|part| !part.is_empty()).map(str::parse);
    match (numbers.next(), numbers.next(), numbers.next()) {
        (Some(Ok(from)), Some(Ok(to)), None) => Some([from, to]),
        _ => None,
    }
}

fn chosen(params: &Values) -> Result<&'static Setting, Problem> {
    let key = typed(params, "setting").unwrap_or_default();
    SETTINGS.iter().find(|setting| setting.key == key).ok_or_else(unknown)
}

fn unknown() -> Problem {
    Problem::invalid("setting", "unknown_setting", "Такой настройки нет", "There is no such setting")
}

fn as_value(document: &impl Serialize) -> Value {
    serde_json::to_value(document).unwrap_or_default()
}

fn fits<T: DeserializeOwned>(document: &Value) -> Result<T, Problem> {
    serde_json::from_value(document.clone()).map_err(|error| {
        let (ru, en) = ("Такое значение не подходит", format!("This value does not fit: {error}"));
        Problem::invalid("value", "bad_value", ru, en)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(key: &str) -> &'static Setting {
        SETTINGS.iter().find(|setting| setting.key == key).expect(key)
    }

    #[test]
    fn values_are_typed_as_people_type_them() {
        let read = |key: &str, typed: &str| setting(key).read(typed).map_err(|problem| problem.code);
        assert_eq!(read("welcome", "1 500"), Ok(json!(1500)));
        assert_eq!(read("welcome", "-1"), Err("bad_value"));
        assert_eq!(read("expiry", "Нет"), Ok(Value::Null));
        assert_eq!(read("percent", "7,5 %"), Ok(json!(750)));
        assert_eq!(read("percent", "5"), Ok(json!(500)));
        assert_eq!(read("percent", "5,555"), Err("bad_value"));
        assert_eq!(read("accrual-on", "ДА"), Ok(json!(true)));
        assert_eq!(read("warn-days", "4, 1"), Ok(json!([4, 1])));
        assert_eq!(read("accrual-text", " "), Err("bad_value"));
        for typed in ["9-22", "9:00 – 22:00", "с 9 до 22"] {
            assert_eq!(read("alert-hours", typed), Ok(json!([9, 22])), "{typed}");
        }
        for typed in ["9", "9:30–22", "днём", "9-22-23"] {
            assert_eq!(read("alert-hours", typed), Err("bad_value"), "{typed}");
        }
        assert_eq!(read("alert-hours", "нет"), Ok(Value::Null));
        assert_eq!(setting("alert-hours").say(Some(&json!([9, 22])), "ru"), "9:00–22:00");
        assert_eq!(setting("percent").say(Some(&json!(750)), "ru"), "7,5 %");
        assert_eq!(setting("percent").say(Some(&json!(500)), "ru"), "5 %");
    }

    #[test]
    fn a_changed_document_is_still_one() {
        let rules = as_value(&guard::Rules::default());
        let changed = setting("manager-day").changed(&rules, json!(700)).expect("a place");
        let read: guard::Rules = fits(&changed).expect("rules");
        let manager = read.limits[&crate::access::Role::Manager];
        assert_eq!(manager.points_per_day, Some(samovar_base::Points(700)));
        let programme = as_value(&loyalty::Programme::default());
        let codes = as_value(&codes::CodeRules::default());
        for setting in SETTINGS {
            let document = match setting.place {
                Place::Programme => &programme,
                Place::Guard => &rules,
                Place::Codes => &codes,
            };
            if setting.is_known(document) {
                let same = setting.at(document).cloned().unwrap_or_default();
                let changed = setting.changed(document, same).expect(setting.key);
                match setting.place {
                    Place::Programme => drop(fits::<loyalty::Programme>(&changed).expect(setting.key)),
                    Place::Guard => drop(fits::<guard::Rules>(&changed).expect(setting.key)),
                    Place::Codes => drop(fits::<codes::CodeRules>(&changed).expect(setting.key)),
                }
            }
        }
    }
}
