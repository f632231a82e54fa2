//! What a code is, and what a company says of codes.

use crate::ledger::Receipt;
use crate::loyalty::{Bought, Purchase, Wording};
use samovar_base::{ContactId, Instant, Points};
use samovar_store::{FromInt, ToValue, Value};
use serde::{Deserialize, Serialize};

samovar_base::id!(/// A confirmation code.
    CodeId, "cod");

impl ToValue for CodeId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for CodeId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// What a customer confirms. It is stored with the code and done with exactly these sums.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Operation {
    /// Points are taken by hand.
    Deduct {
        /// How many.
        points: Points,
        /// What for: the customer sees it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
    /// A purchase is paid with points, all or a part of it.
    Purchase {
        /// As it will be booked.
        purchase: Purchase,
    },
}

impl Operation {
    /// Its kind.
    pub const fn kind(&self) -> OperationKind {
        match self {
            Self::Deduct { .. } => OperationKind::Deduct,
            Self::Purchase { .. } => OperationKind::Purchase,
        }
    }
    /// The points that the customer parts with.
    pub fn points(&self) -> Points {
        match self {
            Self::Deduct { points, .. } => *points,
            Self::Purchase { purchase } => purchase.pay_points.unwrap_or_default(),
        }
    }
    /// What for, in the words of whoever asks.
    pub fn comment(&self) -> &str {
        match self {
            Self::Deduct { comment, .. } => comment.as_deref().unwrap_or_default(),
            Self::Purchase { purchase } => purchase.note.as_deref().unwrap_or_default(),
        }
    }
}

/// Kinds of operations that may need a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OperationKind {
    /// Points are taken by hand.
    Deduct,
    /// A purchase is paid with points.
    Purchase,
}

impl OperationKind {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deduct => "deduct",
            Self::Purchase => "purchase",
        }
    }
}

/// Where a code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeState {
    /// May be entered or confirmed, until its time is over.
    Open,
    /// Was entered; the operation is done.
    Used,
    /// The customer pressed the button; the operation is done.
    Confirmed,
    /// A newer one took its place, or whoever asked gave it up.
    Cancelled,
    /// Wrong ones were entered too often.
    Exhausted,
}

impl CodeState {
    const ALL: [Self; 5] = [Self::Open, Self::Used, Self::Confirmed, Self::Cancelled, Self::Exhausted];

    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Used => "used",
            Self::Confirmed => "confirmed",
            Self::Cancelled => "cancelled",
            Self::Exhausted => "exhausted",
        }
    }
    /// The reverse of [`CodeState::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
    /// The operation was done.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Used | Self::Confirmed)
    }
}

/// A code as whoever asked for it sees it. The digits are known to the customer only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    /// Id.
    pub id: CodeId,
    /// Who confirms.
    pub contact: ContactId,
    /// What.
    pub operation: Operation,
    /// The operation's key, for ever.
    pub key: String,
    /// Where it stands.
    pub state: CodeState,
    /// How often a wrong one was entered.
    pub tries: i64,
    /// Who asked: an id of staff or key, `setup`, `system`.
    pub asked_by: String,
    /// When.
    pub asked_at: Instant,
    /// From then on it is worth nothing.
    pub expires_at: Instant,
    /// Guards its changes.
    pub(super) revision: i64,
    /// Signature of the digits.
    pub(super) hash: Vec<u8>,
}

impl Code {
    /// It may still be entered or confirmed.
    pub fn is_open(&self, now: Instant) -> bool {
        self.state == CodeState::Open && now < self.expires_at
    }
}

/// A company's rules of codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeRules {
    /// Digits of a code, from 4 to 6.
    pub digits: u32,
    /// For how many minutes it may be entered, from 1 to 60.
    pub minutes: u32,
    /// Wrong ones before it is worth nothing, from 1 to 10.
    pub tries: u32,
    /// Codes that one customer is sent within an hour, from 1 to 60.
    pub per_hour: u32,
    /// From how many points on an operation needs a code.
    pub required: Required,
    /// What the customer reads.
    pub texts: CodeTexts,
}

/// From how many points on each kind of operation needs a code: zero is always, none is never.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Required {
    /// Taking points by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deduct: Option<Points>,
    /// Paying a purchase with points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase: Option<Points>,
}

/// What the customer reads: templates over `code`, `points`, `comment`, `minutes`, `name`, `business`. The filter
/// `points` writes a number with its unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CodeTexts {
    /// With the code.
    pub asked: Wording,
    /// On the button below it; 40 characters at most.
    pub confirm: Wording,
    /// After the button was pressed and the operation done.
    pub confirmed: Wording,
    /// After a button was pressed that is too late.
    pub over: Wording,
    /// After a button was pressed and the operation could not be done; `reason` says why.
    pub refused: Wording,
}

/// What the texts of codes may name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(super) struct CodeNames {
    pub code: String,
    pub points: i64,
    pub comment: String,
    pub minutes: u32,
    pub name: String,
    pub business: String,
    pub reason: String,
}

impl CodeRules {
    /// From how many points on an operation needs a code.
    pub fn required_from(&self, kind: OperationKind) -> Option<Points> {
        match kind {
            OperationKind::Deduct => self.required.deduct,
            OperationKind::Purchase => self.required.purchase,
        }
    }
}

impl Default for CodeRules {
    fn default() -> Self {
        Self {
            digits: 4,
            minutes: 10,
            tries: 5,
            per_hour: 10,
            required: Required::default(),
            texts: CodeTexts::default(),
        }
    }
}

impl Default for CodeTexts {
    fn default() -> Self {
        Self {
            asked: Wording::new(
                "{{ code }} — код, чтобы списать {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\n\
                 Назовите его сотруднику или нажмите кнопку. Код действует {{ minutes }} мин. Если вы ничего не \
                 списываете, никому его не говорите.",
                "{{ code }} is your code to write off {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\n\
                 Tell it to the person at the till or press the button. It is good for {{ minutes }} min. If you are \
                 not spending anything, tell it to nobody.",
            ),
            confirm: Wording::new("Подтвердить", "Confirm"),
            confirmed: Wording::new("Подтверждено.", "Confirmed."),
            over: Wording::new(
                "Этот код уже не действует. Если списание ещё нужно, попросите сотрудника прислать новый.",
                "This code is no longer good. If you still want to pay with points, ask for a new one.",
            ),
            refused: Wording::new("Не получилось: {{ reason }}.", "That did not work: {{ reason }}."),
        }
    }
}

/// The company's rules with the number that guards their changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredRules {
    /// The rules.
    pub rules: CodeRules,
    /// Grows with every change; zero when the defaults hold.
    pub revision: i64,
}

/// What was done with the customer's consent, now or before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Performed {
    /// Points were taken by hand.
    Moved(Box<Receipt>),
    /// A purchase was booked.
    Bought(Box<Bought>),
}

/// What came of entering a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tried {
    /// The operation is done, now or before.
    Done(Performed),
    /// It is another one. What was counted must be committed.
    Wrong {
        /// How often one may still try; with none left the code is over.
        left: i64,
    },
}
