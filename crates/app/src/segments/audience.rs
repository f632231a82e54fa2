//! Whom mass work goes to, walked page by page in the order of ids.
//!
//! People whose data was erased, and people of the company itself, are in no audience. Somebody who becomes a contact while an audience is walked is met
//! if the walk has not ended: new ids are the largest.

use super::model::{Segment, SegmentId};
use super::sql::{Clause, Moment, translate};
use super::{load, not_found};
use crate::contacts::{Contact, contact_columns};
use crate::ledger::ids;
use crate::problem::{Fail, Problem};
use crate::tenants;
use samovar_base::{ContactId, Instant};
use samovar_engine::Condition;
use samovar_store::{Composed, Params, Row, StoreError, ToValue, Tx, Value, params, query};
use serde::{Deserialize, Serialize};

/// Contacts that one page may have.
pub const PAGE_MAX: u32 = 1_000;

/// Whom mass work goes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "snake_case", deny_unknown_fields)]
pub enum Audience {
    /// Everybody.
    All,
    /// One contact.
    One {
        /// Who.
        contact: ContactId,
    },
    /// These and nobody else, at most [`PAGE_MAX`].
    These {
        /// Who.
        contacts: Vec<ContactId>,
    },
    /// Who belongs to a saved segment.
    Segment {
        /// Which.
        segment: SegmentId,
    },
    /// Who meets a condition.
    Condition {
        /// This.
        condition: Condition,
    },
}

query! {
    static EVERYBODY = concat!("SELECT ", contact_columns!(), " FROM contact c
        WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE AND c.id > $2 ORDER BY c.id LIMIT $3");
    static EVERYBODY_COUNT = "SELECT COUNT(*) FROM contact c WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE";
    static SOMEBODY = concat!("SELECT ", contact_columns!(), " FROM contact c
        WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE AND c.id = $2");
    static THESE = concat!("SELECT ", contact_columns!(), " FROM json_each($3) AS given
        CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = given.value
        WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE AND c.id > $2 ORDER BY c.id LIMIT $4"),
        postgres = concat!("SELECT ", contact_columns!(), " FROM jsonb_array_elements_text(CAST(CAST($3 AS TEXT) AS JSONB)) AS given(value)
        JOIN contact c ON c.tenant_id = $1 AND c.id = CAST(given.value AS BIGINT)
        WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE AND c.id > $2 ORDER BY c.id LIMIT $4");
    static ONE = concat!("SELECT ", contact_columns!(), " FROM contact c
        WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE AND c.id > $2 AND c.id = $3");
}

/// Whom a condition is asked of: beside the condition only living customers.
const THOSE: &str = "FROM contact c LEFT JOIN ledger_wallet w ON w.tenant_id = c.tenant_id AND w.contact_id = c.id \
    AND w.code = 'points' WHERE c.tenant_id = $1 AND c.erased_at IS NULL AND c.staff_side = FALSE";

/// How many they are at `now`.
pub async fn count(tx: &Tx, audience: &Audience, now: Instant) -> Result<i64, Fail> {
    let condition = match audience {
        Audience::All => return Ok(number(tx.one(&EVERYBODY_COUNT, ()).await?)?),
        Audience::One { .. } | Audience::These { .. } => {
            let found = page(tx, audience, now, None, PAGE_MAX).await?.len();
            return Ok(i64::try_from(found).unwrap_or_default());
        }
        Audience::Segment { segment } => &condition_of(tx, *segment).await?,
        Audience::Condition { condition } => condition,
    };
    let clause = clause(tx, condition, now, 2).await?;
    let text = |clause: &str| format!("SELECT COUNT(*) {THOSE} AND {clause}");
    let read = Composed::new(text(&clause.sqlite), text(&clause.postgres));
    let found = tx.find(&read, Params::from_values(clause.values)).await?;
    Ok(number(found.into_iter().next())?)
}

/// How many of some people belong to each of the youngest `most` saved segments. `these` selects them as `id` by the
/// values from `$2` on. A segment whose condition means nothing any more is left out.
pub(crate) async fn among(
    tx: &Tx,
    these: &str,
    values: &[i64],
    most: u32,
    now: Instant,
) -> Result<Vec<(String, i64)>, Fail> {
    let mut shares = Vec::new();
    for row in tx.all(&super::store::SEGMENTS, params![i64::MAX, most]).await? {
        let segment = Segment::from_row(&row)?;
        let Ok(clause) = clause(tx, &segment.condition, now, values.len() + 2).await else { continue };
        let text = |clause: &str| {
            format!(
                "SELECT COUNT(*) {THOSE} AND c.id IN (SELECT those.id FROM ({these}) AS those) AND {clause}"
            )
        };
        let read = Composed::new(text(&clause.sqlite), text(&clause.postgres));
        let bound: Vec<Value> = values.iter().map(ToValue::to_value).chain(clause.values).collect();
        let found = tx.find(&read, Params::from_values(bound)).await?;
        shares.push((segment.name, number(found.into_iter().next())?));
    }
    Ok(shares)
}

/// Up to `limit` of them, [`PAGE_MAX`] at most, those after `after` in the order of ids. `now` decides conditions that
/// count days: give all pages of one walk the same, and walk a [`freeze`]d audience.
pub async fn page(
    tx: &Tx,
    audience: &Audience,
    now: Instant,
    after: Option<ContactId>,
    limit: u32,
) -> Result<Vec<Contact>, Fail> {
    let (after, limit) = (after.unwrap_or(ContactId(0)), limit.min(PAGE_MAX));
    let rows = match audience {
        Audience::All => tx.all(&EVERYBODY, params![after, limit]).await?,
        Audience::One { contact } => tx.all(&ONE, params![after, *contact]).await?,
        Audience::These { contacts } => tx.all(&THESE, params![after, ids(contacts), limit]).await?,
        Audience::Segment { segment } => {
            those(tx, &condition_of(tx, *segment).await?, now, after, limit).await?
        }
        Audience::Condition { condition } => those(tx, condition, now, after, limit).await?,
    };
    Ok(rows.iter().map(|row| Contact::from_row(row, 0)).collect::<Result<_, _>>()?)
}

/// A contact, if they are of it at `now`.
pub async fn one_of(
    tx: &Tx,
    audience: &Audience,
    now: Instant,
    contact: ContactId,
) -> Result<Option<Contact>, Fail> {
    let condition = match audience {
        Audience::One { contact: other } if *other != contact => return Ok(None),
        Audience::These { contacts } if !contacts.contains(&contact) => return Ok(None),
        Audience::All | Audience::One { .. } | Audience::These { .. } => {
            let row = tx.one(&SOMEBODY, params![contact]).await?;
            return Ok(row.map(|row| Contact::from_row(&row, 0)).transpose()?);
        }
        Audience::Segment { segment } => &condition_of(tx, *segment).await?,
        Audience::Condition { condition } => condition,
    };
    let clause = clause(tx, condition, now, 3).await?;
    let columns = contact_columns!();
    let text = |clause: &str| format!("SELECT {columns} {THOSE} AND c.id = $2 AND {clause}");
    let read = Composed::new(text(&clause.sqlite), text(&clause.postgres));
    let values = std::iter::once(contact.to_value()).chain(clause.values);
    let found = tx.find(&read, Params::from_values(values)).await?;
    Ok(found.first().map(|row| Contact::from_row(row, 0)).transpose()?)
}

/// The same audience, with the condition that its segment has now: a walk does not change under its own feet when the
/// segment is changed meanwhile. Tells what is wrong with it, too.
pub async fn freeze(tx: &Tx, audience: Audience, now: Instant) -> Result<Audience, Fail> {
    let condition = match audience {
        Audience::Segment { segment } => condition_of(tx, segment).await?,
        Audience::Condition { condition } => condition,
        Audience::These { contacts } if contacts.len() > PAGE_MAX as usize => return Err(too_many().into()),
        other => return Ok(other),
    };
    clause(tx, &condition, now, 2).await?;
    Ok(Audience::Condition { condition })
}

async fn those(
    tx: &Tx,
    condition: &Condition,
    now: Instant,
    after: ContactId,
    limit: u32,
) -> Result<Vec<Row>, Fail> {
    let clause = clause(tx, condition, now, 4).await?;
    let columns = contact_columns!();
    let text =
        |clause: &str| format!("SELECT {columns} {THOSE} AND c.id > $2 AND {clause} ORDER BY c.id LIMIT $3");
    let read = Composed::new(text(&clause.sqlite), text(&clause.postgres));
    let values = [after.to_value(), Value::Int(limit.into())].into_iter().chain(clause.values);
    Ok(tx.find(&read, Params::from_values(values)).await?)
}

async fn clause(tx: &Tx, condition: &Condition, now: Instant, first: usize) -> Result<Clause, Fail> {
    let Some(tenant) = tenants::load(tx).await? else {
        return Err(Problem::not_found("компания", "company", tx.tenant()).into());
    };
    let at = Moment { now, zone: tenant.time_zone() };
    translate(condition, &at, first, "condition").map_err(Fail::Problems)
}

async fn condition_of(tx: &Tx, id: SegmentId) -> Result<Condition, Fail> {
    Ok(load(tx, id).await?.ok_or_else(|| not_found(id))?.condition)
}

fn too_many() -> Problem {
    let ru = format!("По одному выбирают до {PAGE_MAX} клиентов; больше — фильтром");
    let en = format!("At most {PAGE_MAX} contacts are chosen one by one; choose more by a filter");
    Problem::invalid("audience.contacts", "too_many", ru, en)
}

fn number(row: Option<Row>) -> Result<i64, StoreError> {
    row.map_or(Ok(0), |row| row.int(0))
}
