//! What a segment is, and what its conditions may ask about.

use samovar_base::Instant;
use samovar_engine::{Condition, Operator};
use samovar_store::{FromInt, Row, StoreError, ToValue, Value};

samovar_base::id!(/// A saved segment.
    SegmentId, "seg");

impl ToValue for SegmentId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for SegmentId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// A condition with a name: whoever meets it at the moment belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// Id.
    pub id: SegmentId,
    /// As staff call it; unique in the company.
    pub name: String,
    /// Who belongs to it.
    pub condition: Condition,
    /// Grows with every change.
    pub revision: i64,
    /// When made.
    pub created_at: Instant,
    /// When last changed.
    pub updated_at: Instant,
}

impl Segment {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            name: row.text(1)?.to_owned(),
            condition: row.json(2)?,
            revision: row.int(3)?,
            created_at: row.instant(4)?,
            updated_at: row.instant(5)?,
        })
    }
}

/// What a field holds, which tells how it may be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A text, or nothing.
    Text,
    /// Yes or no.
    Flag,
    /// A day, or nothing.
    Date,
    /// A moment, or nothing; compared by its day where the business is.
    Moment,
    /// A whole number.
    Points,
    /// Several words.
    List,
    /// Whatever the company keeps there: a text, a number, yes or no, a day.
    Own,
    /// The next day on which a yearly date comes round.
    Yearly,
}

impl FieldKind {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Flag => "flag",
            Self::Date => "date",
            Self::Moment => "moment",
            Self::Points => "points",
            Self::List => "list",
            Self::Own => "own",
            Self::Yearly => "yearly",
        }
    }
    /// How it may be compared.
    pub const fn operators(self) -> &'static [Operator] {
        use Operator::{
            Contains, Eq, Ge, Gt, In, InLastDays, InNextDays, Le, Lt, Ne, OlderThanDays, Set, Unset,
        };
        match self {
            Self::Text => &[Eq, Ne, Contains, In, Set, Unset],
            Self::Flag => &[Eq, Ne, In, Set, Unset],
            Self::Date => &[Eq, Ne, Lt, Le, Gt, Ge, In, Set, Unset, InNextDays, InLastDays, OlderThanDays],
            Self::Moment => &[Lt, Le, Gt, Ge, Set, Unset, InNextDays, InLastDays, OlderThanDays],
            Self::Points => &[Eq, Ne, Lt, Le, Gt, Ge, In, Set, Unset],
            Self::List => &[Contains, Set, Unset],
            Self::Own => {
                &[Eq, Ne, Lt, Le, Gt, Ge, Contains, In, Set, Unset, InNextDays, InLastDays, OlderThanDays]
            }
            Self::Yearly => &[Set, Unset, InNextDays],
        }
    }
}

/// What conditions may ask about, beside the company's own fields `contact.fields.<name>`.
pub const FIELDS: &[(&str, FieldKind, &str, &str)] = &[
    ("contact.name", FieldKind::Text, "имя", "name"),
    ("contact.phone", FieldKind::Text, "телефон", "phone"),
    ("contact.phone_proved", FieldKind::Flag, "телефон подтверждён", "phone is proved"),
    ("contact.birthday", FieldKind::Date, "дата рождения", "date of birth"),
    ("contact.next_birthday", FieldKind::Yearly, "ближайший день рождения", "next birthday"),
    ("contact.locale", FieldKind::Text, "язык", "language"),
    ("contact.source", FieldKind::Text, "откуда пришёл", "where from"),
    ("contact.registered", FieldKind::Flag, "зарегистрирован", "is registered"),
    ("contact.consented", FieldKind::Flag, "дал согласие", "has consented"),
    ("contact.consents", FieldKind::List, "согласия", "consents"),
    ("contact.stopped", FieldKind::Flag, "просил не писать", "asked for silence"),
    ("contact.tags", FieldKind::List, "метки", "tags"),
    ("contact.created_at", FieldKind::Moment, "когда появился", "first seen"),
    ("contact.registered_at", FieldKind::Moment, "когда зарегистрирован", "registered on"),
    ("contact.last_seen_at", FieldKind::Moment, "когда был в чате", "last seen in a chat"),
    ("contact.reachable", FieldKind::Flag, "можно написать", "can be written to"),
    ("contact.channels", FieldKind::List, "каналы, где можно написать", "channels to write by"),
    ("contact.promotions", FieldKind::List, "участвует в акциях", "takes part in promotions"),
    ("loyalty.balance", FieldKind::Points, "баланс вместе с резервом", "balance, held points included"),
    ("loyalty.available", FieldKind::Points, "можно потратить", "may be spent"),
    ("loyalty.held", FieldKind::Points, "в резерве", "on hold"),
];

/// What a field holds; `None` when there is no such field.
pub fn kind_of(field: &str) -> Option<FieldKind> {
    if let Some(own) = field.strip_prefix("contact.fields.") {
        return crate::tenants::word(field, own).is_ok().then_some(FieldKind::Own);
    }
    FIELDS.iter().find(|(path, ..)| *path == field).map(|(_, kind, ..)| *kind)
}
