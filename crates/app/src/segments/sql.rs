//! Conditions as SQL: what [`samovar_engine::eval`] decides in memory, asked of the tables. A property test holds the
//! two together on both databases.
//!
//! Every comparison is made two-valued (`COALESCE(…, FALSE)`), so that `not` means what it says. What comes from
//! outside, names of own fields among it, goes in as a value, never as text.

use super::model::{FieldKind, kind_of};
use super::rules::birthdays;
use crate::problem::Problem;
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use samovar_base::Instant;
use samovar_engine::{Condition, Operator};
use samovar_store::{Engine, ToValue, Value as Bound, dialect};
use serde_json::Value;

/// How deep conditions may be nested.
pub const DEPTH_MAX: usize = 8;
/// Comparisons of one condition.
pub const COMPARISONS_MAX: usize = 100;
/// Values of one `in`.
const LIST_MAX: usize = 100;
/// Days that may be counted ahead or back: a hundred years.
const DAYS_MAX: i64 = 36_500;
const TEXT_MAX: usize = 2_000;

const PARTICIPATIONS: &str = "SELECT 1 FROM promo_participant p JOIN promo_promotion m ON m.tenant_id = p.tenant_id \
     AND m.id = p.promotion_id WHERE p.tenant_id = $1 AND p.contact_id = c.id";
const UNBLOCKED: &str = "EXISTS (SELECT 1 FROM identity i WHERE i.tenant_id = $1 AND i.contact_id = c.id AND i.blocked_at IS NULL)";

/// When and where it is asked: days begin and end where the business is.
#[derive(Debug, Clone)]
pub struct Moment {
    /// When.
    pub now: Instant,
    /// The zone of the business.
    pub zone: TimeZone,
}

/// A condition as the part of a WHERE, over a `contact c` and its wallet `ledger_wallet w`, which may be missing.
#[derive(Debug, Clone)]
pub struct Clause {
    /// For SQLite.
    pub sqlite: String,
    /// For PostgreSQL.
    pub postgres: String,
    /// The values of both, from the first place on.
    pub values: Vec<Bound>,
}

/// Translates `condition`; its values have the places from `first` on. Everything that is wrong with it is told by
/// the path of the part, under `field`.
pub fn translate(
    condition: &Condition,
    at: &Moment,
    first: usize,
    field: &str,
) -> Result<Clause, Vec<Problem>> {
    let make = |engine| {
        let mut maker = Maker::new(engine, at, first);
        let text = maker.tree(condition, field, 1);
        if maker.comparisons > COMPARISONS_MAX {
            maker.problems.push(too_large(field));
        }
        if maker.problems.is_empty() { Ok((text, maker.values)) } else { Err(maker.problems) }
    };
    let (sqlite, values) = make(Engine::Sqlite)?;
    let (postgres, _) = make(Engine::Postgres)?;
    Ok(Clause { sqlite, postgres, values })
}

pub(super) struct Maker<'a> {
    engine: Engine,
    at: &'a Moment,
    first: usize,
    pub(super) values: Vec<Bound>,
    problems: Vec<Problem>,
    comparisons: usize,
}

/// Why a comparison cannot be made.
pub(super) enum Wrong {
    Value(&'static str, &'static str),
    Operator,
}

const A_TEXT: Wrong = Wrong::Value("нужен текст", "a text is needed");
const A_NUMBER: Wrong = Wrong::Value("нужно число", "a number is needed");
const A_FLAG: Wrong = Wrong::Value("нужно true или false", "true or false is needed");
const A_DATE: Wrong = Wrong::Value("нужна дата в виде ГГГГ-ММ-ДД", "a date is needed, written YYYY-MM-DD");
const DAYS: Wrong =
    Wrong::Value("нужно целое число дней от 0 до 36500", "a whole number of days from 0 to 36500 is needed");
const A_LIST: Wrong =
    Wrong::Value("нужен список не длиннее 100 значений", "a list of at most 100 values is needed");
const A_SCALAR: Wrong =
    Wrong::Value("нужен текст, число или true/false", "a text, a number or true/false is needed");

impl<'a> Maker<'a> {
    pub(super) fn new(engine: Engine, at: &'a Moment, first: usize) -> Self {
        Self { engine, at, first, values: Vec::new(), problems: Vec::new(), comparisons: 0 }
    }

    fn tree(&mut self, condition: &Condition, path: &str, depth: usize) -> String {
        if depth > DEPTH_MAX {
            self.problems.push(too_large(path));
            return String::new();
        }
        match condition {
            Condition::All { all } => self.joined(all, "AND", "TRUE", &format!("{path}.all"), depth),
            Condition::Any { any } => self.joined(any, "OR", "FALSE", &format!("{path}.any"), depth),
            Condition::Not { not } => format!("(NOT {})", self.tree(not, &format!("{path}.not"), depth + 1)),
            Condition::Is { field, op, value } => {
                self.comparisons += 1;
                self.comparison(field, *op, value, path)
            }
        }
    }

    fn joined(&mut self, parts: &[Condition], word: &str, none: &str, path: &str, depth: usize) -> String {
        // A condition of very many parts would be refused anyway.
        let parts: Vec<String> = parts
            .iter()
            .take(COMPARISONS_MAX + 1)
            .enumerate()
            .map(|(at, part)| self.tree(part, &format!("{path}.{at}"), depth + 1))
            .collect();
        if parts.len() > COMPARISONS_MAX {
            self.problems.push(too_large(path));
        }
        if parts.is_empty() { none.to_owned() } else { format!("({})", parts.join(&format!(" {word} "))) }
    }

    fn comparison(&mut self, field: &str, op: Operator, value: &Value, path: &str) -> String {
        let Some(kind) = kind_of(field) else {
            self.problems.push(unknown_field(&format!("{path}.field"), field));
            return String::new();
        };
        let before = self.values.len();
        let made = if kind.operators().contains(&op) {
            self.of_kind(kind, field, op, value)
        } else {
            Err(Wrong::Operator)
        };
        match made {
            Ok(text) => {
                // What is decided without its column, such as a number in an empty list, has no use for its values.
                if !text.contains(&format!("(${} AS", self.first + before)) {
                    self.values.truncate(before);
                }
                format!("COALESCE({text}, FALSE)")
            }
            Err(wrong) => {
                self.problems.push(wrong.problem(path, field, op));
                String::new()
            }
        }
    }

    fn of_kind(
        &mut self,
        kind: FieldKind,
        field: &str,
        op: Operator,
        value: &Value,
    ) -> Result<String, Wrong> {
        let name = field.split_once('.').map_or(field, |(_, name)| name);
        match kind {
            FieldKind::Text => {
                let column =
                    if name == "name" { "NULLIF(c.name, '')".to_owned() } else { format!("c.{name}") };
                self.text(&column, op, value)
            }
            FieldKind::Flag => flag(&Self::flag_column(name), op, value),
            FieldKind::Date => self.date("c.birthday", op, value),
            FieldKind::Yearly => self.yearly(op, value),
            FieldKind::Moment => self.moment(&format!("c.{name}"), op, value),
            FieldKind::Points => {
                let column = self.points_column(name);
                self.points(&column, op, value)
            }
            FieldKind::List => self.list(name, op, value),
            FieldKind::Own => {
                let key = self.bind_text(name.strip_prefix("fields.").unwrap_or(name));
                self.own(&key, op, value)
            }
        }
    }

    fn flag_column(name: &str) -> String {
        match name {
            "registered" => "(c.registered_at IS NOT NULL)".into(),
            "consented" => "(c.consents <> '{}')".into(),
            "stopped" => "(c.stopped_at IS NOT NULL)".into(),
            "reachable" => format!("(c.stopped_at IS NULL AND {UNBLOCKED})"),
            _ => "c.phone_proved".into(),
        }
    }

    fn points_column(&mut self, name: &str) -> String {
        // A plus keeps the planner from the index of all lots by their ends.
        let over = match name {
            "available" => "(l.expires_at IS NULL OR +l.expires_at > ",
            "balance" => "(+l.expires_at <= ",
            _ => return "COALESCE(w.held, 0)".into(),
        };
        let now = self.bind_int(self.at.now.0);
        let free = format!(
            "COALESCE((SELECT CAST(SUM(l.remaining - l.held) AS BIGINT) FROM ledger_lot l \
             WHERE l.tenant_id = $1 AND l.account_id = w.account_id AND {over}{now})), 0)"
        );
        if name == "available" { free } else { format!("(COALESCE(w.balance, 0) - {free})") }
    }

    fn text(&mut self, column: &str, op: Operator, value: &Value) -> Result<String, Wrong> {
        Ok(match op {
            Operator::Eq => self.text_is(column, value)?,
            Operator::Ne => negated(&self.text_is(column, value)?),
            Operator::In => self.one_of(value, |maker, item| maker.text_is(column, item))?,
            Operator::Contains => self.has_part(column, value)?,
            Operator::Set => format!("({column} <> '')"),
            _ => format!("({column} IS NULL OR {column} = '')"),
        })
    }

    fn text_is(&mut self, column: &str, value: &Value) -> Result<String, Wrong> {
        match value {
            Value::Null => Ok(format!("({column} IS NULL)")),
            Value::String(text) if text.chars().count() <= TEXT_MAX => {
                Ok(format!("({column} = {})", self.bind_text(text)))
            }
            _ => Err(A_TEXT),
        }
    }

    fn has_part(&mut self, column: &str, value: &Value) -> Result<String, Wrong> {
        let Some(part) = value.as_str().filter(|part| part.chars().count() <= TEXT_MAX) else {
            return Err(A_TEXT);
        };
        if part.is_empty() {
            return Ok("FALSE".into());
        }
        let part = self.bind_text(&part.to_lowercase());
        let text = dialect::lowercase(self.engine, column);
        Ok(format!("({} > 0)", dialect::position(self.engine, &text, &part)))
    }

    fn date(&mut self, column: &str, op: Operator, value: &Value) -> Result<String, Wrong> {
        if let Some((from, to)) = self.days(op, value)? {
            return Ok(self.between(column, from, to));
        }
        Ok(match op {
            Operator::Eq => self.date_is(column, value)?,
            Operator::Ne => negated(&self.date_is(column, value)?),
            Operator::In => self.one_of(value, |maker, item| maker.date_is(column, item))?,
            Operator::Set => format!("({column} IS NOT NULL)"),
            Operator::Unset => format!("({column} IS NULL)"),
            _ => {
                let day = self.bind_text(&a_date(value)?.to_string());
                let (column, day) =
                    (dialect::by_bytes(self.engine, column), dialect::by_bytes(self.engine, &day));
                format!("({column} {} {day})", sign(op))
            }
        })
    }

    fn date_is(&mut self, column: &str, value: &Value) -> Result<String, Wrong> {
        match value {
            Value::Null => Ok(format!("({column} IS NULL)")),
            _ => Ok(format!("({column} = {})", self.bind_text(&a_date(value)?.to_string()))),
        }
    }

    /// Texts of dates from one day to another, both included.
    fn between(&mut self, column: &str, from: Option<Date>, to: Date) -> String {
        let column = dialect::by_bytes(self.engine, column);
        let mut bound = |date: Date| {
            let value = self.bind_text(&date.to_string());
            dialect::by_bytes(self.engine, &value)
        };
        let to = bound(to);
        match from.map(bound) {
            Some(from) => format!("({column} >= {from} AND {column} <= {to})"),
            None => format!("({column} <= {to})"),
        }
    }

    fn yearly(&self, op: Operator, value: &Value) -> Result<String, Wrong> {
        Ok(match op {
            Operator::Set => "(c.birthday IS NOT NULL)".into(),
            Operator::Unset => "(c.birthday IS NULL)".into(),
            _ => {
                let days = whole_days(value)?;
                let listed: Vec<String> =
                    birthdays(self.today(), days).iter().map(|day| format!("'{day}'")).collect();
                format!("(substr(c.birthday, 6, 5) IN ({}))", listed.join(", "))
            }
        })
    }

    pub(super) fn moment(&mut self, column: &str, op: Operator, value: &Value) -> Result<String, Wrong> {
        if let Some((from, to)) = self.days(op, value)? {
            let to = self.begin_of(to.saturating_add(1.day()));
            return Ok(match from {
                Some(from) => {
                    let from = self.begin_of(from);
                    format!("({column} >= {from} AND {column} < {to})")
                }
                None => format!("({column} < {to})"),
            });
        }
        Ok(match op {
            Operator::Set => format!("({column} IS NOT NULL)"),
            Operator::Unset => format!("({column} IS NULL)"),
            _ => {
                let day = a_date(value)?;
                let next = day.saturating_add(1.day());
                let (sign, day) = match op {
                    Operator::Lt => ("<", day),
                    Operator::Le => ("<", next),
                    Operator::Gt => (">=", next),
                    _ => (">=", day),
                };
                format!("({column} {sign} {})", self.begin_of(day))
            }
        })
    }

    fn points(&mut self, column: &str, op: Operator, value: &Value) -> Result<String, Wrong> {
        Ok(match op {
            Operator::Eq => self.points_are(column, value)?,
            Operator::Ne => negated(&self.points_are(column, value)?),
            Operator::In => self.one_of(value, |maker, item| maker.points_are(column, item))?,
            Operator::Set => "TRUE".into(),
            Operator::Unset => "FALSE".into(),
            _ => {
                let number = self.bind_number(value)?;
                format!("({column} {} {number})", sign(op))
            }
        })
    }

    fn points_are(&mut self, column: &str, value: &Value) -> Result<String, Wrong> {
        match value {
            Value::Null => Ok("FALSE".into()),
            _ => Ok(format!("({column} = {})", self.bind_number(value)?)),
        }
    }

    fn list(&mut self, name: &str, op: Operator, value: &Value) -> Result<String, Wrong> {
        let known = match name {
            "tags" => "(c.tags <> '[]')".to_owned(),
            "consents" => "(c.consents <> '{}')".to_owned(),
            "promotions" => format!("EXISTS ({PARTICIPATIONS})"),
            _ => UNBLOCKED.to_owned(),
        };
        match op {
            Operator::Set => return Ok(known),
            Operator::Unset => return Ok(negated(&known)),
            _ => {}
        }
        let item = value.as_str().filter(|item| item.chars().count() <= TEXT_MAX).ok_or(A_TEXT)?;
        let item = self.bind_text(item);
        Ok(match name {
            "tags" => format!(
                "EXISTS (SELECT 1 FROM contact_tag t WHERE t.tenant_id = $1 AND t.contact_id = c.id AND t.tag = {item})"
            ),
            "consents" => dialect::json_has(self.engine, "c.consents", &item),
            "promotions" => format!("EXISTS ({PARTICIPATIONS} AND m.key = {item})"),
            _ => format!(
                "EXISTS (SELECT 1 FROM identity i JOIN channel h ON h.tenant_id = i.tenant_id AND h.id = i.channel_id \
                 WHERE i.tenant_id = $1 AND i.contact_id = c.id AND i.blocked_at IS NULL AND h.key = {item})"
            ),
        })
    }

    /// A field of the company's own: a text, a number or a flag, whatever it is for this contact.
    fn own(&mut self, key: &str, op: Operator, value: &Value) -> Result<String, Wrong> {
        let text = dialect::json_text(self.engine, "c.fields", key);
        let is_text = format!("{} = 'text'", dialect::json_kind(self.engine, "c.fields", key));
        if let Some((from, to)) = self.days(op, value)? {
            let (is_date, lies) = (dialect::is_date(self.engine, &text), self.between(&text, from, to));
            return Ok(format!("({is_text} AND {is_date} AND {lies})"));
        }
        Ok(match op {
            Operator::Eq => self.own_is(key, value)?,
            Operator::Ne => negated(&self.own_is(key, value)?),
            Operator::In => self.one_of(value, |maker, item| maker.own_is(key, item))?,
            Operator::Contains => format!("({is_text} AND {})", self.has_part(&text, value)?),
            Operator::Set => self.own_is_set(key),
            Operator::Unset => negated(&self.own_is_set(key)),
            _ if value.is_number() => {
                let number = self.bind_number(value)?;
                format!("({} {} {number})", dialect::json_number(self.engine, "c.fields", key), sign(op))
            }
            // A moment is compared with a day by its first ten letters, and so is whatever else stands there.
            _ => {
                let day = self.bind_text(&a_date(value)?.to_string());
                let cut = dialect::by_bytes(self.engine, &format!("substr({text}, 1, 10)"));
                let day = dialect::by_bytes(self.engine, &format!("substr({day}, 1, length({text}))"));
                format!("({is_text} AND {cut} {} {day})", sign(op))
            }
        })
    }

    fn own_is(&mut self, key: &str, value: &Value) -> Result<String, Wrong> {
        let (engine, fields) = (self.engine, "c.fields");
        let kind = dialect::json_kind(engine, fields, key);
        match value {
            Value::Null => Ok(format!("({kind} IS NULL)")),
            Value::Bool(flag) => Ok(dialect::json_is_flag(engine, fields, key, *flag)),
            Value::Number(_) => {
                let number = self.bind_number(value)?;
                Ok(format!("({} = {number})", dialect::json_number(engine, fields, key)))
            }
            Value::String(text) if text.chars().count() <= TEXT_MAX => {
                let text = self.bind_text(text);
                Ok(format!("({kind} = 'text' AND {} = {text})", dialect::json_text(engine, fields, key)))
            }
            _ => Err(A_SCALAR),
        }
    }

    fn own_is_set(&self, key: &str) -> String {
        let kind = dialect::json_kind(self.engine, "c.fields", key);
        let text = dialect::json_text(self.engine, "c.fields", key);
        let yes = dialect::json_is_flag(self.engine, "c.fields", key, true);
        // COALESCE: without the field all three are unknown, and `unset` negates this.
        format!("COALESCE({kind} = 'number' OR ({kind} = 'text' AND {text} <> '') OR {yes}, FALSE)")
    }

    fn one_of(
        &mut self,
        value: &Value,
        mut is: impl FnMut(&mut Self, &Value) -> Result<String, Wrong>,
    ) -> Result<String, Wrong> {
        let list = value.as_array().filter(|list| list.len() <= LIST_MAX).ok_or(A_LIST)?;
        let each = list.iter().map(|item| is(self, item)).collect::<Result<Vec<_>, _>>()?;
        Ok(if each.is_empty() { "FALSE".into() } else { format!("({})", each.join(" OR ")) })
    }

    /// The first and last day that an operator which counts days means; `None` is from ever.
    fn days(&self, op: Operator, value: &Value) -> Result<Option<(Option<Date>, Date)>, Wrong> {
        if !op.counts_days() {
            return Ok(None);
        }
        let (today, days) = (self.today(), whole_days(value)?);
        Ok(Some(match op {
            Operator::InNextDays => (Some(today), today.saturating_add(days.days())),
            Operator::InLastDays => (Some(today.saturating_sub(days.days())), today),
            _ => (None, today.saturating_sub((days + 1).days())),
        }))
    }

    pub(super) fn today(&self) -> Date {
        self.at.now.in_zone(&self.at.zone).date()
    }

    /// The first moment of a day where the business is.
    fn begin_of(&mut self, day: Date) -> String {
        let begin =
            day.to_zoned(self.at.zone.clone()).map_or(i64::MAX, |begin| Instant::from(begin.timestamp()).0);
        self.bind_int(begin)
    }

    pub(super) fn bind_text(&mut self, text: &str) -> String {
        self.values.push(text.to_value());
        format!("CAST(${} AS TEXT)", self.first + self.values.len() - 1)
    }

    pub(super) fn bind_int(&mut self, number: i64) -> String {
        self.values.push(Bound::Int(number));
        format!("CAST(${} AS BIGINT)", self.first + self.values.len() - 1)
    }

    fn bind_number(&mut self, value: &Value) -> Result<String, Wrong> {
        let number = value.as_number().ok_or(A_NUMBER)?.to_string();
        Ok(dialect::number(&self.bind_text(&number)))
    }
}

fn flag(column: &str, op: Operator, value: &Value) -> Result<String, Wrong> {
    let is = |value: &Value| match value {
        Value::Bool(true) => Ok(column.to_owned()),
        Value::Bool(false) => Ok(negated(column)),
        Value::Null => Ok("FALSE".to_owned()),
        _ => Err(A_FLAG),
    };
    Ok(match op {
        Operator::Eq => is(value)?,
        Operator::Ne => negated(&is(value)?),
        Operator::Set => column.to_owned(),
        Operator::Unset => negated(column),
        _ => {
            let list = value.as_array().filter(|list| list.len() <= LIST_MAX).ok_or(A_LIST)?;
            let each = list.iter().map(is).collect::<Result<Vec<_>, _>>()?;
            if each.is_empty() { "FALSE".into() } else { format!("({})", each.join(" OR ")) }
        }
    })
}

/// What is unknown does not hold, so its negation does.
fn negated(text: &str) -> String {
    format!("(NOT COALESCE({text}, FALSE))")
}

fn sign(op: Operator) -> &'static str {
    match op {
        Operator::Lt => "<",
        Operator::Le => "<=",
        Operator::Gt => ">",
        _ => ">=",
    }
}

fn a_date(value: &Value) -> Result<Date, Wrong> {
    value.as_str().filter(|text| text.len() == 10).and_then(|text| text.parse().ok()).ok_or(A_DATE)
}

fn whole_days(value: &Value) -> Result<i64, Wrong> {
    value.as_i64().filter(|days| (0..=DAYS_MAX).contains(days)).ok_or(DAYS)
}

impl Wrong {
    fn problem(self, path: &str, field: &str, op: Operator) -> Problem {
        let op = op.name();
        match self {
            Self::Value(ru, en) => Problem::invalid(
                &format!("{path}.value"),
                "wrong_value",
                format!("Поле «{field}», «{op}»: {ru}"),
                format!("For “{field}” and “{op}” {en}"),
            ),
            Self::Operator => Problem::invalid(
                &format!("{path}.op"),
                "wrong_operator",
                format!("Поле «{field}» так не сравнивают: «{op}»"),
                format!("“{field}” cannot be compared by “{op}”"),
            ),
        }
    }
}

fn unknown_field(path: &str, field: &str) -> Problem {
    Problem::invalid(
        path,
        "unknown_field",
        format!("Поля «{field}» не существует; свои поля пишут так: contact.fields.имя"),
        format!("There is no field “{field}”; own fields are written contact.fields.name"),
    )
}

fn too_large(path: &str) -> Problem {
    Problem::invalid(
        path,
        "condition_too_large",
        format!("Условие слишком большое: до {COMPARISONS_MAX} сравнений и {DEPTH_MAX} уровней"),
        format!("The condition is too large: at most {COMPARISONS_MAX} comparisons and {DEPTH_MAX} levels"),
    )
}
