//! Values and errors as PostgreSQL sends them.

use crate::{Row, StoreError, Value};
use bytes::{BufMut, BytesMut};
use std::error::Error;
use tokio_postgres::Statement;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};

/// Why something sent to the server did not succeed.
#[derive(Debug)]
pub(super) enum Fault {
    /// The connection is gone.
    Lost(String),
    /// Others stood in the way; the same may succeed next time.
    Again(StoreError),
    /// The server refused it.
    Refused(StoreError),
}

impl Fault {
    pub(super) fn of(error: &tokio_postgres::Error, statement: &'static str, table: &'static str) -> Self {
        let Some(code) = error.code() else {
            let unsent = error.source().is_some_and(|cause| !cause.is::<std::io::Error>());
            return if unsent && !error.is_closed() {
                Self::Refused(StoreError::Database { statement, message: message(error) })
            } else {
                Self::Lost(message(error))
            };
        };
        let said = StoreError::Database { statement, message: message(error) };
        match *code {
            SqlState::ADMIN_SHUTDOWN | SqlState::CRASH_SHUTDOWN | SqlState::CANNOT_CONNECT_NOW => {
                Self::Lost(message(error))
            }
            // A migration went over the tables of a statement that was prepared before: a new session knows them.
            SqlState::FEATURE_NOT_SUPPORTED if said_of_a_plan(error) => Self::Lost(message(error)),
            SqlState::T_R_SERIALIZATION_FAILURE | SqlState::T_R_DEADLOCK_DETECTED => Self::Again(said),
            // The server lacks something, room on its disk above all: the statement passes when there is room again.
            ref code if matches!(code.code().get(..2), Some("53" | "58")) => {
                Self::Refused(StoreError::Unavailable(message(error)))
            }
            SqlState::UNIQUE_VIOLATION => Self::Refused(StoreError::Conflict { table }),
            _ => Self::Refused(said),
        }
    }
}

fn said_of_a_plan(error: &tokio_postgres::Error) -> bool {
    error.as_db_error().is_some_and(|said| said.message().contains("cached plan"))
}

/// The server's own words where it said something.
pub(super) fn message(error: &tokio_postgres::Error) -> String {
    match (error.as_db_error(), error.source()) {
        (Some(said), _) => format!("{} ({})", said.message(), said.code().code()),
        (None, Some(cause)) => format!("{error}: {cause}"),
        (None, None) => error.to_string(),
    }
}

impl ToSql for Value {
    fn to_sql(&self, of: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match (self, of) {
            (Self::Null, _) => return Ok(IsNull::Yes),
            (Self::Int(value), &Type::INT8) => out.put_i64(*value),
            (Self::Int(value), &Type::INT4) => out.put_i32((*value).try_into()?),
            (Self::Int(value), &Type::INT2) => out.put_i16((*value).try_into()?),
            (Self::Bool(value), &Type::BOOL) => out.put_u8(u8::from(*value)),
            (Self::Text(text), &Type::TEXT | &Type::VARCHAR | &Type::BPCHAR) => {
                out.put_slice(text.as_bytes())
            }
            (Self::Bytes(bytes), &Type::BYTEA) => out.put_slice(bytes),
            _ => return Err(format!("{} was given where {of} is expected", self.kind()).into()),
        }
        Ok(IsNull::No)
    }

    /// All, so that a wrong value is refused with words of ours.
    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}

/// The columns of a row from one on.
pub(super) fn row(
    found: &tokio_postgres::Row,
    from: usize,
    statement: &'static str,
) -> Result<Row, tokio_postgres::Error> {
    let values = (from..found.len()).map(|column| value(found, column)).collect::<Result<_, _>>()?;
    Ok(Row { statement, values })
}

fn value(found: &tokio_postgres::Row, column: usize) -> Result<Value, tokio_postgres::Error> {
    Ok(match *found.columns()[column].type_() {
        Type::INT8 => found.try_get::<_, Option<i64>>(column)?.map_or(Value::Null, Value::Int),
        Type::INT4 => {
            found.try_get::<_, Option<i32>>(column)?.map_or(Value::Null, |value| Value::Int(value.into()))
        }
        Type::INT2 => {
            found.try_get::<_, Option<i16>>(column)?.map_or(Value::Null, |value| Value::Int(value.into()))
        }
        Type::BOOL => found.try_get::<_, Option<bool>>(column)?.map_or(Value::Null, Value::Bool),
        Type::BYTEA => {
            found.try_get::<_, Option<&[u8]>>(column)?.map_or(Value::Null, |value| Value::Bytes(value.into()))
        }
        _ => found.try_get::<_, Option<&str>>(column)?.map_or(Value::Null, |value| Value::Text(value.into())),
    })
}

/// Whether values of this type come and go as [`Value`].
fn is_known(of: &Type) -> bool {
    const KNOWN: [Type; 8] = [
        Type::INT8,
        Type::INT4,
        Type::INT2,
        Type::BOOL,
        Type::BYTEA,
        Type::TEXT,
        Type::VARCHAR,
        Type::BPCHAR,
    ];
    KNOWN.contains(of)
}

/// Places and columns of a statement whose types the store does not carry.
pub(super) fn strangers(made: &Statement) -> impl Iterator<Item = String> {
    let is_array =
        |of: &Type| matches!(*of, Type::INT8_ARRAY | Type::TEXT_ARRAY | Type::BYTEA_ARRAY | Type::BOOL_ARRAY);
    let places = made.params().iter().enumerate().filter(move |(_, of)| !is_known(of) && !is_array(of));
    let columns = made.columns().iter().filter(|column| !is_known(column.type_()));
    places
        .map(|(at, of)| format!("${} is of type {of}, which the store does not carry: cast it", at + 1))
        .chain(columns.map(|column| {
            format!(
                "column {} is of type {}, which the store does not carry: cast it",
                column.name(),
                column.type_()
            )
        }))
        .collect::<Vec<_>>()
        .into_iter()
}

/// The names of the types of a statement's places, if arrays of them can be made.
pub(super) fn place_types(made: &Statement) -> Option<Vec<&str>> {
    made.params().iter().map(|of| is_known(of).then(|| of.name())).collect()
}
