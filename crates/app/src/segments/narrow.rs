//! The shortest way to those who may meet a condition: parts of it that an index answers. Each way leads to everybody
//! who meets the whole condition, and to others, too.

use super::model::{FieldKind, kind_of};
use super::rules::birthdays;
use super::sql::{Maker, Moment};
use samovar_engine::{Condition, Operator};
use samovar_store::{Engine, Value as Bound};

/// Days ahead for which birthdays are found by their index.
const BIRTHDAYS_MAX: i64 = 31;

/// A SELECT of contacts as `id`, the same for both databases, with the values of its places.
#[derive(Debug, Clone)]
pub(super) struct Way {
    /// The text.
    pub text: String,
    /// Its values, from the first place on.
    pub values: Vec<Bound>,
}

/// The ways of all parts that must hold; places are numbered from `first` on in each of them.
pub(super) fn ways(condition: &Condition, at: &Moment, first: usize) -> Vec<Way> {
    let mut parts = Vec::new();
    must_hold(condition, &mut parts, 0);
    parts.into_iter().filter_map(|(field, op, value)| way(field, op, value, at, first)).collect()
}

type Part<'a> = (&'a str, Operator, &'a serde_json::Value);

fn must_hold<'a>(condition: &'a Condition, parts: &mut Vec<Part<'a>>, depth: usize) {
    match condition {
        Condition::All { all } if depth < super::DEPTH_MAX => {
            all.iter().take(super::COMPARISONS_MAX).for_each(|part| must_hold(part, parts, depth + 1));
        }
        Condition::Is { field, op, value } => parts.push((field, *op, value)),
        _ => {}
    }
}

fn way(field: &str, op: Operator, value: &serde_json::Value, at: &Moment, first: usize) -> Option<Way> {
    let mut maker = Maker::new(Engine::Sqlite, at, first);
    let text = match (field, op) {
        ("contact.tags", Operator::Contains) => {
            let tag = maker.bind_text(value.as_str()?);
            format!("SELECT x.contact_id AS id FROM contact_tag x WHERE x.tenant_id = $1 AND x.tag = {tag}")
        }
        ("contact.phone" | "contact.source", Operator::Eq) => {
            let column = field.split_once('.')?.1;
            let text = maker.bind_text(value.as_str()?);
            format!(
                "SELECT x.id FROM contact x WHERE x.tenant_id = $1 AND x.staff_side = FALSE AND x.{column} = {text}"
            )
        }
        ("contact.next_birthday", Operator::InNextDays) => {
            let days = value.as_i64().filter(|days| (0..=BIRTHDAYS_MAX).contains(days))?;
            let listed: Vec<String> =
                birthdays(maker.today(), days).iter().map(|day| format!("'{day}'")).collect();
            format!(
                "SELECT x.id FROM contact x WHERE x.tenant_id = $1 AND x.birthday IS NOT NULL \
                 AND substr(x.birthday, 6, 5) IN ({})",
                listed.join(", ")
            )
        }
        ("contact.last_seen_at" | "contact.created_at", op)
            if kind_of(field) == Some(FieldKind::Moment) && op != Operator::Set && op != Operator::Unset =>
        {
            let column = field.split_once('.')?.1;
            let lies = maker.moment(&format!("x.{column}"), op, value).ok()?;
            format!(
                "SELECT x.id FROM contact x WHERE x.tenant_id = $1 AND x.staff_side = FALSE AND x.erased_at IS NULL AND {lies}"
            )
        }
        ("loyalty.balance" | "loyalty.available", Operator::Ge | Operator::Gt | Operator::Eq) => {
            let least = value.as_i64().filter(|least| *least > 0)?;
            let least = maker.bind_int(least);
            // Free points are at most what the books have, but for a debt.
            format!(
                "SELECT x.contact_id AS id FROM ledger_wallet x \
                 WHERE x.tenant_id = $1 AND x.code = 'points' AND x.contact_id > 0 AND x.balance >= {least} \
                 UNION SELECT y.contact_id AS id FROM ledger_wallet y WHERE y.tenant_id = $1 AND y.debt > 0"
            )
        }
        _ => return None,
    };
    Some(Way { text, values: maker.values })
}
