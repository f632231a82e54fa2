//! One tree of conditions for branches, segments and rules. In memory it is decided here; as SQL by the app's
//! translator, which reads the same tree, so its JSON form does not change:
//! `{"all": […]}`, `{"any": […]}`, `{"not": …}`, `{"field": "loyalty.balance", "op": "ge", "value": 100}`.
//!
//! An absent fact is `null`: it equals only `null`, is neither less nor greater than anything, contains nothing and
//! lies in no range of days. An empty `all` holds, an empty `any` does not.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::cmp::Ordering;

/// A condition.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Condition {
    /// Every one holds.
    All {
        /// These.
        all: Vec<Condition>,
    },
    /// At least one holds.
    Any {
        /// Of these.
        any: Vec<Condition>,
    },
    /// It does not hold.
    Not {
        /// This.
        not: Box<Condition>,
    },
    /// A fact compared with a value.
    Is {
        /// Path of the fact.
        field: String,
        /// How.
        op: Operator,
        /// With what; absent for `set` and `unset`.
        #[serde(skip_serializing_if = "Value::is_null")]
        value: Value,
    },
}

/// The fields of every form of a condition; which of them stand together is checked when it is read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    all: Option<Vec<Condition>>,
    any: Option<Vec<Condition>>,
    not: Option<Box<Condition>>,
    field: Option<String>,
    op: Option<Operator>,
    #[serde(default)]
    value: Value,
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Fields::deserialize(from)? {
            Fields { all: Some(all), any: None, not: None, field: None, op: None, value: Value::Null } => {
                Ok(Self::All { all })
            }
            Fields { any: Some(any), all: None, not: None, field: None, op: None, value: Value::Null } => {
                Ok(Self::Any { any })
            }
            Fields { not: Some(not), all: None, any: None, field: None, op: None, value: Value::Null } => {
                Ok(Self::Not { not })
            }
            Fields { field: Some(field), op: Some(op), value, all: None, any: None, not: None } => {
                Ok(Self::Is { field, op, value })
            }
            _ => Err(serde::de::Error::custom(
                "a condition is one of `all`, `any`, `not`, or `field` with `op`",
            )),
        }
    }
}

/// How a fact is compared with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    /// Equal; texts with regard to case.
    Eq,
    /// Not equal.
    Ne,
    /// Less, earlier.
    Lt,
    /// Less or equal.
    Le,
    /// Greater, later.
    Gt,
    /// Greater or equal.
    Ge,
    /// A list has the value; a text has it as a part, without regard to case.
    Contains,
    /// The value is a list and has the fact.
    In,
    /// There is something: not `null`, not an empty text or list, not `false`.
    Set,
    /// There is nothing.
    Unset,
    /// A date from today to so many days ahead.
    InNextDays,
    /// A date from so many days ago to today.
    InLastDays,
    /// A date more than so many days ago.
    OlderThanDays,
}

impl Operator {
    /// As it stands in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Eq => "eq",
            Self::Ne => "ne",
            Self::Lt => "lt",
            Self::Le => "le",
            Self::Gt => "gt",
            Self::Ge => "ge",
            Self::Contains => "contains",
            Self::In => "in",
            Self::Set => "set",
            Self::Unset => "unset",
            Self::InNextDays => "in_next_days",
            Self::InLastDays => "in_last_days",
            Self::OlderThanDays => "older_than_days",
        }
    }
    /// It needs to know what day it is.
    pub const fn counts_days(self) -> bool {
        matches!(self, Self::InNextDays | Self::InLastDays | Self::OlderThanDays)
    }
}

/// Where conditions find facts.
pub trait Lookup {
    /// The value at a path, when there is one.
    fn value(&self, path: &str) -> Option<&Value>;
    /// The moment at which it is decided.
    fn now(&self) -> Instant;
    /// The zone in which days begin and end.
    fn zone(&self) -> TimeZone;
}

impl Lookup for crate::Facts {
    fn value(&self, path: &str) -> Option<&Value> {
        let (namespace, rest) = path.split_once('.')?;
        at_path(self.namespaces.get(namespace)?, rest)
    }
    fn now(&self) -> Instant {
        self.now
    }
    fn zone(&self) -> TimeZone {
        Self::zone(self)
    }
}

/// Whether it holds.
pub fn eval(condition: &Condition, facts: &dyn Lookup) -> bool {
    match condition {
        Condition::All { all } => all.iter().all(|part| eval(part, facts)),
        Condition::Any { any } => any.iter().any(|part| eval(part, facts)),
        Condition::Not { not } => !eval(not, facts),
        Condition::Is { field, op, value } => {
            holds(*op, facts.value(field).unwrap_or(&Value::Null), value, facts)
        }
    }
}

/// The value at `a.b.c` inside an object.
pub(crate) fn at_path<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(value, |inner, name| inner.get(name))
}

impl Condition {
    /// Calls `visit` with every comparison.
    pub(crate) fn each(&self, visit: &mut dyn FnMut(&str, Operator, &Value)) {
        match self {
            Self::All { all: parts } | Self::Any { any: parts } => {
                parts.iter().for_each(|part| part.each(visit))
            }
            Self::Not { not } => not.each(visit),
            Self::Is { field, op, value } => visit(field, *op, value),
        }
    }

    /// How deep it is nested.
    pub(crate) fn depth(&self) -> usize {
        match self {
            Self::All { all: parts } | Self::Any { any: parts } => {
                1 + parts.iter().map(Self::depth).max().unwrap_or(0)
            }
            Self::Not { not } => 1 + not.depth(),
            Self::Is { .. } => 1,
        }
    }
}

fn holds(op: Operator, fact: &Value, value: &Value, facts: &dyn Lookup) -> bool {
    match op {
        Operator::Eq => same(fact, value),
        Operator::Ne => !same(fact, value),
        Operator::Lt => order(fact, value) == Some(Ordering::Less),
        Operator::Le => matches!(order(fact, value), Some(Ordering::Less | Ordering::Equal)),
        Operator::Gt => order(fact, value) == Some(Ordering::Greater),
        Operator::Ge => matches!(order(fact, value), Some(Ordering::Greater | Ordering::Equal)),
        Operator::Contains => contains(fact, value),
        Operator::In => value.as_array().is_some_and(|list| list.iter().any(|item| same(fact, item))),
        Operator::Set => is_set(fact),
        Operator::Unset => !is_set(fact),
        Operator::InNextDays => days_ahead(fact, facts).is_some_and(|days| 0 <= days && days <= whole(value)),
        Operator::InLastDays => {
            days_ahead(fact, facts).is_some_and(|days| -whole(value) <= days && days <= 0)
        }
        Operator::OlderThanDays => days_ahead(fact, facts).is_some_and(|days| days < -whole(value)),
    }
}

fn same(one: &Value, other: &Value) -> bool {
    match (one.as_f64(), other.as_f64()) {
        (Some(_), Some(_)) => order(one, other) == Some(Ordering::Equal),
        _ => one == other,
    }
}

fn order(one: &Value, other: &Value) -> Option<Ordering> {
    match (one, other) {
        (Value::Number(a), Value::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        // Dates and moments of one form are ordered as texts; a moment against a date by its first ten letters.
        (Value::String(a), Value::String(b)) => {
            let length = if is_date(a) || is_date(b) { a.len().min(b.len()) } else { usize::MAX };
            Some(cut(a, length).cmp(cut(b, length)))
        }
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn cut(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text)
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<Date>().is_ok()
}

fn contains(fact: &Value, value: &Value) -> bool {
    match (fact, value) {
        (Value::Array(list), _) => list.iter().any(|item| same(item, value)),
        (Value::String(text), Value::String(part)) => {
            !part.is_empty() && text.to_lowercase().contains(&part.to_lowercase())
        }
        _ => false,
    }
}

/// Not `null`, not empty, not `false`. Zero is something.
pub(crate) fn is_set(fact: &Value) -> bool {
    match fact {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => !map.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

fn days_ahead(fact: &Value, facts: &dyn Lookup) -> Option<i64> {
    let (text, zone) = (fact.as_str()?, facts.zone());
    let moment =
        |text: &str| text.parse::<jiff::Timestamp>().ok().map(|at| Instant::from(at).in_zone(&zone).date());
    let date = if text.len() == 10 { text.parse::<Date>().ok()? } else { moment(text)? };
    facts.now().in_zone(&zone).date().until(date).ok().map(|span| i64::from(span.get_days()))
}

fn whole(value: &Value) -> i64 {
    value.as_i64().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Facts;
    use serde_json::json;

    fn check(condition: Value, expected: bool) {
        let facts = Facts::at(Instant::from_seconds(1_795_298_400)) // 2026-11-21T22:00:00Z, the 22nd in Moscow
            .with("business", json!({"zone": "Europe/Moscow"}))
            .with("contact", json!({"name": "Анна", "birthday": "2026-11-25", "tags": ["vip"], "n": 5, "half": 2.5, "zero": 0,
                "joined": "2026-11-20T21:30:00Z", "none": null, "empty": "", "no": false, "deep": {"er": 1}}));
        let parsed: Condition = serde_json::from_value(condition.clone()).expect("a condition");
        assert_eq!(serde_json::to_value(&parsed).expect("JSON"), condition, "the form in JSON is stable");
        assert_eq!(eval(&parsed, &facts), expected, "{condition}");
    }

    fn is(field: &str, op: &str, value: Value, expected: bool) {
        let mut condition = json!({"field": format!("contact.{field}"), "op": op});
        if !value.is_null() {
            condition["value"] = value;
        }
        check(condition, expected);
    }

    #[test]
    fn comparisons() {
        is("name", "eq", json!("Анна"), true);
        is("name", "eq", json!("анна"), false);
        is("name", "ne", json!("анна"), true);
        is("absent", "ne", json!("анна"), true);
        is("n", "eq", json!(5.0), true);
        is("n", "gt", json!(4.5), true);
        is("half", "le", json!(2.5), true);
        is("n", "lt", json!("9"), false);
        is("absent", "lt", json!(9), false);
        is("absent", "ge", json!(9), false);
        is("deep.er", "eq", json!(1), true);
        is("birthday", "gt", json!("2026-11-24"), true);
        is("joined", "le", json!("2026-11-20"), true);
        is("name", "contains", json!("анн"), true);
        is("tags", "contains", json!("vip"), true);
        is("tags", "contains", json!("vi"), false);
        is("n", "in", json!([1, 5]), true);
        is("n", "in", json!([]), false);
    }

    #[test]
    fn something_and_nothing() {
        for (field, something) in [
            ("name", true),
            ("zero", true),
            ("none", false),
            ("empty", false),
            ("no", false),
            ("absent", false),
        ] {
            is(field, "set", Value::Null, something);
            is(field, "unset", Value::Null, !something);
        }
    }

    #[test]
    fn days_are_counted_where_the_business_is() {
        is("birthday", "in_next_days", json!(3), true);
        is("birthday", "in_next_days", json!(2), false);
        is("birthday", "in_last_days", json!(30), false);
        is("joined", "in_last_days", json!(1), true);
        is("joined", "in_last_days", json!(0), false);
        is("joined", "older_than_days", json!(0), true);
        is("joined", "older_than_days", json!(1), false);
        is("name", "in_next_days", json!(3), false);
    }

    #[test]
    fn trees() {
        let yes = json!({"field": "contact.name", "op": "set"});
        let no = json!({"field": "contact.name", "op": "unset"});
        check(json!({"all": [yes, yes]}), true);
        check(json!({"all": [yes, no]}), false);
        check(json!({"all": []}), true);
        check(json!({"any": [no, yes]}), true);
        check(json!({"any": []}), false);
        check(json!({"not": {"any": [no, {"all": [yes, no]}]}}), true);
    }
}
