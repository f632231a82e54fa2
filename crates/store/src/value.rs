//! Values on their way to a statement.

use samovar_base as base;
use std::sync::Arc;

/// One value of a statement. Clones are cheap: texts and bytes are shared.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// No value.
    Null,
    /// An integer; times and ids are integers too.
    Int(i64),
    /// TRUE or FALSE. SQLite gives it back as [`Value::Int`] 1 or 0.
    Bool(bool),
    /// A text; JSON is text too.
    Text(Arc<str>),
    /// Raw bytes.
    Bytes(Arc<[u8]>),
}

impl Value {
    /// What it is, for messages.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "NULL",
            Self::Int(_) => "an integer",
            Self::Bool(_) => "a boolean",
            Self::Text(_) => "a text",
            Self::Bytes(_) => "bytes",
        }
    }
}

/// What can be given to a statement.
pub trait ToValue {
    /// As the statement gets it.
    fn to_value(&self) -> Value;
}

/// What is an integer in tables and something with a name in the program.
pub trait FromInt {
    /// From the integer in the table.
    fn from_int(value: i64) -> Self;
}

/// The values of one statement, made by [`params!`](crate::params).
///
/// The first place is kept for the tenant, so that it is set without moving the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params(pub(crate) Vec<Value>);

impl Params {
    #[doc(hidden)]
    pub fn after_tenant(values: Vec<Value>) -> Self {
        Self(values)
    }

    /// From values whose number is known only when the program runs.
    pub fn from_values(values: impl IntoIterator<Item = Value>) -> Self {
        Self(std::iter::once(Value::Null).chain(values).collect())
    }

    pub(crate) fn given(&self) -> usize {
        self.0.len() - 1
    }
}

impl From<()> for Params {
    fn from((): ()) -> Self {
        Self(vec![Value::Null])
    }
}

/// The values of a statement, in order; of a tenant's statement from `$2` on.
///
/// ```
/// # use samovar_store::params;
/// let found = params![42_i64, "coffee", None::<i64>];
/// ```
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => {
        $crate::Params::after_tenant(vec![$crate::Value::Null, $($crate::ToValue::to_value(&$value)),*])
    };
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }
}

impl<T: ToValue> ToValue for Option<T> {
    fn to_value(&self) -> Value {
        self.as_ref().map_or(Value::Null, ToValue::to_value)
    }
}

impl ToValue for bool {
    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::Text(self.into())
    }
}

impl ToValue for String {
    fn to_value(&self) -> Value {
        Value::Text(self.as_str().into())
    }
}

impl ToValue for Arc<str> {
    fn to_value(&self) -> Value {
        Value::Text(Self::clone(self))
    }
}

impl ToValue for std::borrow::Cow<'_, str> {
    fn to_value(&self) -> Value {
        Value::Text(self.as_ref().into())
    }
}

impl ToValue for [u8] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.into())
    }
}

impl<const N: usize> ToValue for [u8; N] {
    fn to_value(&self) -> Value {
        Value::Bytes(self.as_slice().into())
    }
}

impl ToValue for Vec<u8> {
    fn to_value(&self) -> Value {
        Value::Bytes(self.as_slice().into())
    }
}

impl ToValue for Arc<[u8]> {
    fn to_value(&self) -> Value {
        Value::Bytes(Self::clone(self))
    }
}

macro_rules! whole_numbers {
    ($($number:ty),*) => {$(
        impl ToValue for $number {
            fn to_value(&self) -> Value {
                Value::Int(i64::from(*self))
            }
        }
    )*};
}
whole_numbers!(i64, i32, i16, u32, u16, u8);

macro_rules! named_integers {
    ($($name:ty),* $(,)?) => {$(
        impl ToValue for $name {
            fn to_value(&self) -> Value {
                Value::Int(self.0)
            }
        }
        impl FromInt for $name {
            fn from_int(value: i64) -> Self {
                Self(value)
            }
        }
    )*};
}
named_integers!(
    base::Instant,
    base::Points,
    base::TenantId,
    base::StaffId,
    base::RoleId,
    base::UserId,
    base::SessionId,
    base::InvitationId,
    base::AlertId,
    base::ApiKeyId,
    base::ChannelId,
    base::ContactId,
    base::ScenarioId,
    base::InboundId,
    base::OutboundId,
    base::AccountId,
    base::PostingId,
    base::LotId,
    base::HoldId,
    base::TimerId,
    base::JobId,
    base::ConsentId,
    base::AuditId,
    base::FileId,
    base::LineId,
    base::ReplyId,
    base::PromotionId,
    base::ReceiptId,
    base::PoolId,
    base::ProviderId,
    base::DrawId,
    base::PrizeId,
);

impl ToValue for base::Rate {
    fn to_value(&self) -> Value {
        Value::Int(i64::from(self.0))
    }
}
