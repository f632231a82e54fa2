//! Pages of the table of customers: out of a few people, or by walking the table in its order.

use super::search::{Asked, Few, Order, Place, Sort};
use crate::contacts::{Contact, contact_columns};
use crate::ledger::ids;
use crate::problem::Fail;
use samovar_base::ContactId;
use samovar_store::{Composed, Engine, Params, Row, ToValue, Tx, Value, dialect};

/// Rows looked at first.
const WINDOW: u32 = 400;

/// A pair of texts.
pub(super) struct Both {
    pub(super) sqlite: String,
    pub(super) postgres: String,
}

impl Both {
    pub(super) fn empty() -> Self {
        Self { sqlite: String::new(), postgres: String::new() }
    }
    pub(super) fn pick(&self, engine: Engine) -> &str {
        match engine {
            Engine::Sqlite => &self.sqlite,
            Engine::Postgres => &self.postgres,
        }
    }
}

/// A statement on its way: the values bound so far, those of the condition first.
pub(super) struct Text {
    values: Vec<Value>,
}

pub(super) const WALLET: &str =
    "LEFT JOIN ledger_wallet w ON w.tenant_id = c.tenant_id AND w.contact_id = c.id AND w.code = 'points'";

impl Text {
    pub(super) fn new(asked: &Asked) -> Self {
        Self { values: asked.clause.values.clone() }
    }

    pub(super) fn bind(&mut self, value: Value) -> String {
        self.values.push(value);
        format!("${}", self.values.len() + 1)
    }

    /// FROM and WHERE of those who meet all of it, of all or of a few.
    pub(super) fn those(&mut self, asked: &Asked, few: Option<&Few>) -> Both {
        let (sqlite_from, postgres_from) = match few {
            None => ("FROM contact c".to_owned(), "FROM contact c".to_owned()),
            Some(few) => {
                let list: Vec<ContactId> = few.people.iter().copied().collect();
                let list = self.bind(ids(&list).to_value());
                (
                    format!(
                        "FROM json_each({list}) AS d CROSS JOIN contact c ON c.tenant_id = $1 AND c.id = d.value"
                    ),
                    format!(
                        "FROM jsonb_array_elements_text(CAST(CAST({list} AS TEXT) AS JSONB)) AS d(value) \
                         JOIN contact c ON c.tenant_id = $1 AND c.id = CAST(d.value AS BIGINT)"
                    ),
                )
            }
        };
        let words = if few.is_some_and(|few| few.by_words) { Both::empty() } else { self.words(asked) };
        let made = |from: &str, clause: &str, words: &str| {
            format!(
                "{from} {WALLET} WHERE c.tenant_id = $1 AND c.staff_side = FALSE AND c.erased_at IS NULL AND {clause}{words}"
            )
        };
        Both {
            sqlite: made(&sqlite_from, &asked.clause.sqlite, &words.sqlite),
            postgres: made(&postgres_from, &asked.clause.postgres, &words.postgres),
        }
    }

    pub(super) fn words(&mut self, asked: &Asked) -> Both {
        let Some(words) = &asked.words else { return Both::empty() };
        let mut bind = |text: &String| format!("CAST({} AS TEXT)", self.bind(text.to_value()));
        let name = words.name.as_ref().map(&mut bind);
        let part = words.part.as_ref().map(&mut bind);
        let phone = words.phone.as_ref().map(&mut bind);
        let made = |engine| {
            let mut any = vec!["FALSE".to_owned()];
            any.extend(name.iter().map(|name| dialect::position(engine, "c.name_key", name) + " > 0"));
            any.extend(part.iter().map(|part| dialect::position(engine, "c.phone", part) + " > 0"));
            any.extend(phone.iter().map(|phone| format!("c.phone = {phone}")));
            format!(" AND ({})", any.join(" OR "))
        };
        Both { sqlite: made(Engine::Sqlite), postgres: made(Engine::Postgres) }
    }

    pub(super) async fn find(self, tx: &Tx, made: impl Fn(Engine) -> String) -> Result<Vec<Row>, Fail> {
        let read = Composed::new(made(Engine::Sqlite), made(Engine::Postgres));
        Ok(tx.find(&read, Params::from_values(self.values)).await?)
    }
}

pub(super) type Rows = (Vec<Contact>, Option<Place>);

/// A page out of a few people.
pub(super) async fn gathered(
    tx: &Tx,
    asked: &Asked,
    few: &Few,
    order: Order,
    after: Option<Place>,
    limit: u32,
) -> Result<Rows, Fail> {
    let mut text = Text::new(asked);
    let those = text.those(asked, Some(few));
    let (key, missing, word, beyond) = (order.key(), order.missing(), order.word(), order.beyond());
    let further = match &after {
        None => String::new(),
        Some(place) => match order.key_of(place)? {
            None => {
                let id = text.bind(Value::Int(place.id));
                format!(" AND {missing} AND c.id < {id}")
            }
            Some(value) => {
                let (value, id) = (text.bind(value), text.bind(Value::Int(place.id)));
                format!(" AND ({missing} OR ({key}, c.id) {beyond} ({value}, {id}))")
            }
        },
    };
    let most = text.bind(Value::Int(i64::from(limit) + 1));
    let columns = contact_columns!();
    let rows = text
        .find(tx, |engine| {
            let those = those.pick(engine);
            format!(
                "SELECT {columns}, {key}, {missing} {those}{further} \
                 ORDER BY {missing}, CASE WHEN {missing} THEN NULL ELSE {key} END {word}, \
                 CASE WHEN {missing} THEN -c.id END, c.id {word} LIMIT {most}"
            )
        })
        .await?;
    cut(&rows, order, limit)
}

/// Rows with one more than a page, cut to it.
fn cut(rows: &[Row], order: Order, limit: u32) -> Result<Rows, Fail> {
    let limit = limit as usize;
    let found =
        rows.iter().take(limit).map(|row| Contact::from_row(row, 0)).collect::<Result<Vec<_>, _>>()?;
    let next = match rows.get(limit.saturating_sub(1)) {
        Some(row) if rows.len() > limit => {
            let last = row.bool(Contact::COLUMN_COUNT + 1)?;
            Some(order.place(row, Contact::COLUMN_COUNT, row.int(0)?, last)?)
        }
        _ => None,
    };
    Ok((found, next))
}

/// A page by walking the table in its order, over `most` rows at most.
pub(super) async fn walked(
    tx: &Tx,
    asked: &Asked,
    order: Order,
    after: Option<Place>,
    limit: u32,
    most: u32,
) -> Result<Rows, Fail> {
    let mut walk = Walk { asked, order, last: after.as_ref().is_some_and(|place| place.last), after };
    let (mut rows, mut looked) = (Vec::new(), 0);
    let mut window = if asked.is_everybody() { limit + 1 } else { WINDOW.max(limit + 1) };
    loop {
        let wanted = limit + 1 - u32::try_from(rows.len()).unwrap_or(limit);
        rows.extend(walk.look(tx, window, wanted).await?);
        if rows.len() > limit as usize {
            return cut(&rows, order, limit);
        }
        looked += window;
        if !walk.go_on(tx, window).await? {
            return Ok((cut(&rows, order, limit)?.0, None));
        }
        if looked >= most {
            return Ok((cut(&rows, order, limit)?.0, walk.after.or(Some(walk_begin()))));
        }
        window = (window * 8).min(most - looked);
    }
}

/// Before all who come last.
pub(super) fn walk_begin() -> Place {
    Place { last: true, number: None, text: None, id: i64::MAX }
}

struct Walk<'a> {
    asked: &'a Asked,
    order: Order,
    /// Among those without a value of the order.
    last: bool,
    after: Option<Place>,
}

impl Walk<'_> {
    /// The next rows of the order, whoever they are: FROM, WHERE and ORDER, over an alias `x`.
    fn source(&self, text: &mut Text) -> Result<(String, String), Fail> {
        let (word, beyond) = (self.order.word(), self.order.beyond());
        let alive = "x.tenant_id = $1 AND x.staff_side = FALSE AND x.erased_at IS NULL";
        let key = match (self.order.sort, self.last) {
            (Sort::Created, _) => "x.created_at",
            (Sort::Name, _) => "x.name_key",
            (Sort::Seen, _) => "x.last_seen_at",
            (Sort::Balance, false) => "x.balance",
            (Sort::Balance, true) => "x.id",
        };
        let from = match (self.order.sort, self.last) {
            (Sort::Created, _) | (Sort::Balance, true) => format!("FROM contact x WHERE {alive}"),
            (Sort::Name, false) => format!("FROM contact x WHERE {alive} AND x.name_key > ''"),
            (Sort::Name, true) => format!("FROM contact x WHERE {alive} AND x.name_key = ''"),
            (Sort::Seen, false) => format!("FROM contact x WHERE {alive} AND x.last_seen_at IS NOT NULL"),
            (Sort::Seen, true) => format!("FROM contact x WHERE {alive} AND x.last_seen_at IS NULL"),
            (Sort::Balance, false) => {
                "FROM ledger_wallet x WHERE x.tenant_id = $1 AND x.code = 'points' AND x.contact_id > 0"
                    .to_owned()
            }
        };
        let id = if self.order.sort == Sort::Balance && !self.last { "x.contact_id" } else { "x.id" };
        let further = match &self.after {
            None => String::new(),
            Some(place) if self.last => {
                let from = text.bind(Value::Int(place.id));
                format!(" AND {id} < {from}")
            }
            Some(place) => {
                let value = self.order.key_of(place)?.unwrap_or(Value::Null);
                let (value, from) = (text.bind(value), text.bind(Value::Int(place.id)));
                format!(" AND ({key}, {id}) {beyond} ({value}, {from})")
            }
        };
        let order = if self.last {
            if key == "x.id" {
                "ORDER BY x.id DESC".to_owned()
            } else {
                format!("ORDER BY {key} DESC, x.id DESC")
            }
        } else {
            format!("ORDER BY {key} {word}, {id} {word}")
        };
        Ok((format!("{from}{further}"), order))
    }

    /// Up to `wanted` of the next `window` rows who meet what is asked.
    async fn look(&self, tx: &Tx, window: u32, wanted: u32) -> Result<Vec<Row>, Fail> {
        let mut text = Text::new(self.asked);
        let (source, order) = self.source(&mut text)?;
        let words = text.words(self.asked);
        let (window, wanted) = (text.bind(Value::Int(window.into())), text.bind(Value::Int(wanted.into())));
        let columns = contact_columns!();
        let by_wallet = self.order.sort == Sort::Balance && !self.last;
        let (key, word) = (if by_wallet { "d.balance" } else { self.order.key() }, self.order.word());
        let last = if self.last { "TRUE" } else { "FALSE" };
        let from = if by_wallet {
            format!(
                "FROM (SELECT x.contact_id, x.balance {source} {order} LIMIT {window}) AS d \
                 CROSS JOIN contact c {WALLET} WHERE c.tenant_id = $1 AND c.id = d.contact_id \
                 AND c.staff_side = FALSE AND c.erased_at IS NULL"
            )
        } else {
            let unpaid =
                if self.order.sort == Sort::Balance { "w.account_id IS NULL" } else { "c.tenant_id = $1" };
            format!("FROM (SELECT x.* {source} {order} LIMIT {window}) AS c {WALLET} WHERE {unpaid}")
        };
        let order = match (self.last, by_wallet) {
            (true, _) => "ORDER BY c.id DESC".to_owned(),
            (false, true) => format!("ORDER BY d.balance {word}, d.contact_id {word}"),
            (false, false) => format!("ORDER BY {key} {word}, c.id {word}"),
        };
        let clause = &self.asked.clause;
        text.find(tx, |engine| {
            let clause = match engine {
                Engine::Sqlite => &clause.sqlite,
                Engine::Postgres => &clause.postgres,
            };
            let words = words.pick(engine);
            format!("SELECT {columns}, {key}, {last} {from} AND {clause}{words} {order} LIMIT {wanted}")
        })
        .await
    }

    /// Behind the rows that were looked at; false at the end of all.
    async fn go_on(&mut self, tx: &Tx, window: u32) -> Result<bool, Fail> {
        let mut text = Text { values: Vec::new() };
        let (source, order) = self.source(&mut text)?;
        let skipped = text.bind(Value::Int(i64::from(window) - 1));
        let by_wallet = self.order.sort == Sort::Balance && !self.last;
        let columns = match (self.order.sort, self.last) {
            (Sort::Created, _) | (Sort::Balance, true) => "x.created_at, x.id",
            (Sort::Name, _) => "x.name_key, x.id",
            (Sort::Seen, _) => "x.last_seen_at, x.id",
            (Sort::Balance, false) if by_wallet => "x.balance, x.contact_id",
            (Sort::Balance, false) => "x.id, x.id",
        };
        let rows =
            text.find(tx, |_| format!("SELECT {columns} {source} {order} LIMIT 1 OFFSET {skipped}")).await?;
        match rows.first() {
            Some(row) => self.after = Some(self.order.place(row, 0, row.int(1)?, self.last)?),
            None if self.last || self.order.sort == Sort::Created => return Ok(false),
            None => {
                self.last = true;
                self.after = Some(walk_begin());
            }
        }
        Ok(true)
    }
}
