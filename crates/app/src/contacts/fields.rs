//! The company's own fields of contacts: what each is called and what it holds.
//!
//! A definition is for people: it names a field and says how it is typed. Values that came before it, or from a program
//! that knows better, stay as they are.

use super::rules::FIELDS_MAX;
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::tenants;
use samovar_store::{Row, StoreError, params, query, table_write};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Longest title, in letters.
pub const TITLE_MAX: usize = 60;
/// Most choices of a field.
pub const CHOICES_MAX: usize = 50;

query! {
    static FIELDS =
        "SELECT key, title, kind, choices, position, revision FROM contact_field WHERE tenant_id = $1 ORDER BY position, key";
    static TAGS = "SELECT DISTINCT tag FROM contact_tag WHERE tenant_id = $1 ORDER BY tag LIMIT 1000";
    /// Those in use, told from contacts that were changed of late.
    static IN_USE =
        "SELECT fields FROM contact WHERE tenant_id = $1 AND staff_side = FALSE AND erased_at IS NULL
         ORDER BY id DESC LIMIT 2000";
}

table_write! {
    static FIELD_PUT = upsert contact_field key(key text)
        set(title text, kind text, choices text, position int, revision int);
    static FIELD_GONE = delete contact_field key(key text);
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Words.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Flag,
    /// A day.
    Date,
    /// One of a few words.
    Choice,
}

impl Kind {
    /// All of them.
    pub const ALL: &[Self] = &[Self::Text, Self::Number, Self::Flag, Self::Date, Self::Choice];
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Flag => "flag",
            Self::Date => "date",
            Self::Choice => "choice",
        }
    }
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Short name, as in `contact.fields.<key>`.
    pub key: String,
    /// As people read it.
    pub title: String,
    /// What it holds.
    pub kind: Kind,
    /// What it may be, when it is a choice.
    #[serde(default)]
    pub choices: Vec<String>,
}

/// The fields that were named, in their order; after them those that are in use without a name, as texts.
pub async fn list(app: &App, actor: &Actor) -> Result<(Vec<Field>, Vec<String>), Fail> {
    actor.require(Right::ContactsRead)?;
    app.store
        .read(actor.tenant, |tx| async move {
            let rows = tx.all(&FIELDS, ()).await?;
            let named = rows.iter().map(Field::from_row).collect::<Result<Vec<_>, _>>()?;
            let mut others = BTreeSet::new();
            for row in tx.all(&IN_USE, ()).await? {
                let fields: BTreeMap<String, serde_json::Value> = row.json(0)?;
                others.extend(fields.into_keys());
            }
            others.retain(|key| named.iter().all(|field| field.key != *key));
            Ok((named, others.into_iter().take(FIELDS_MAX).collect()))
        })
        .await
}

/// The tags that contacts have, at most 1000, by the alphabet.
pub async fn tags(app: &App, actor: &Actor) -> Result<Vec<String>, Fail> {
    actor.require(Right::ContactsRead)?;
    app.store
        .read(actor.tenant, |tx| async move {
            let rows = tx.all(&TAGS, ()).await?;
            Ok(rows.iter().map(|row| row.text(0).map(str::to_owned)).collect::<Result<_, _>>()?)
        })
        .await
}

/// Names the fields, in this order; those that are not among them lose their names, and nothing else.
pub async fn put(app: &App, actor: &Actor, fields: Vec<Field>) -> Result<Vec<Field>, Fail> {
    actor.require(Right::SettingsManage)?;
    let fields = checked(fields).map_err(Fail::Problems)?;
    let (services, actor_of_unit) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, tenants::unit_key(actor.tenant), move |tx| {
            let (app, actor, fields) = (services.clone(), actor_of_unit.clone(), fields.clone());
            async move {
                let rows = tx.all(&FIELDS, ()).await?;
                for row in &rows {
                    let before = Field::from_row(row)?;
                    if fields.iter().all(|field| field.key != before.key) {
                        tx.put(&FIELD_GONE, params![before.key]);
                    }
                }
                for (at, field) in fields.iter().enumerate() {
                    let choices = serde_json::to_string(&field.choices).unwrap_or_default();
                    let position = i64::try_from(at).unwrap_or(i64::MAX);
                    tx.put(
                        &FIELD_PUT,
                        params![field.key, field.title, field.kind.as_str(), choices, position, 1_i64],
                    );
                }
                let keys: Vec<&str> = fields.iter().map(|field| field.key.as_str()).collect();
                audit(&tx, &app, &actor, "contact_fields.put", "fields", &json!({ "fields": keys }));
                Ok(fields)
            }
        })
        .await
}

impl Field {
    fn from_row(row: &Row) -> Result<Self, StoreError> {
        let kind = row.text(2)?;
        Ok(Self {
            key: row.text(0)?.to_owned(),
            title: row.text(1)?.to_owned(),
            kind: Kind::ALL
                .iter()
                .copied()
                .find(|one| one.as_str() == kind)
                .ok_or_else(|| row.bad_as(2, "no kind of a field"))?,
            choices: row.json(3)?,
        })
    }
}

fn checked(fields: Vec<Field>) -> Result<Vec<Field>, Vec<Problem>> {
    let mut problems = Vec::new();
    if fields.len() > FIELDS_MAX {
        let ru = format!("Своих полей может быть не больше {FIELDS_MAX}");
        problems.push(Problem::invalid("fields", "too_many", ru, format!("At most {FIELDS_MAX} fields")));
    }
    let mut seen = BTreeSet::new();
    let mut kept = Vec::new();
    for (at, field) in fields.into_iter().enumerate() {
        let path = |name: &str| format!("fields.{at}.{name}");
        if let Err(problem) = tenants::word(&path("key"), &field.key) {
            problems.push(problem);
        }
        if !seen.insert(field.key.clone()) {
            let ru = format!("Поле «{}» названо дважды", field.key);
            problems.push(Problem::invalid(
                &path("key"),
                "twice",
                ru,
                format!("The field “{}” is there twice", field.key),
            ));
        }
        let title = field.title.trim().to_owned();
        if !(1..=TITLE_MAX).contains(&title.chars().count()) {
            let ru = format!("Название поля от 1 до {TITLE_MAX} знаков");
            problems.push(Problem::invalid(
                &path("title"),
                "bad_length",
                ru,
                format!("A title has 1 to {TITLE_MAX} characters"),
            ));
        }
        let choices: Vec<String> =
            field.choices.iter().map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect();
        let wanted = if field.kind == Kind::Choice { 1..=CHOICES_MAX } else { 0..=0 };
        if !wanted.contains(&choices.len()) || choices.iter().any(|one| one.chars().count() > TITLE_MAX) {
            let ru = format!("Вариантов от 1 до {CHOICES_MAX}, и только у поля с выбором");
            let en = format!("A choice has 1 to {CHOICES_MAX} variants, other fields none");
            problems.push(Problem::invalid(&path("choices"), "bad_choices", ru, en));
        }
        kept.push(Field { title, choices, ..field });
    }
    if problems.is_empty() { Ok(kept) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(key: &str, kind: Kind, choices: &[&str]) -> Field {
        let choices = choices.iter().map(|one| (*one).to_owned()).collect();
        Field { key: key.into(), title: " Размер ".into(), kind, choices }
    }

    #[test]
    fn a_field_has_a_name_and_choices_only_where_they_belong() {
        let made = checked(vec![field("size", Kind::Choice, &["S", " ", "M "])]).unwrap();
        assert_eq!(
            (made[0].title.as_str(), made[0].choices.as_slice()),
            ("Размер", &["S".into(), "M".into()][..])
        );
        for (wrong, code) in [
            (vec![field("size", Kind::Choice, &[])], "bad_choices"),
            (vec![field("size", Kind::Text, &["S"])], "bad_choices"),
            (vec![field("size", Kind::Text, &[]), field("size", Kind::Flag, &[])], "twice"),
            (vec![field("размер", Kind::Text, &[])], "bad_name"),
        ] {
            assert_eq!(checked(wrong).unwrap_err()[0].code, code);
        }
    }
}
