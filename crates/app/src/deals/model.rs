//! What a deal is, and the ways it goes.

use crate::catalogue::ItemId;
use crate::loyalty::Wording;
use samovar_base::{ContactId, HoldId, Instant, Points, Rate, StaffId};
use samovar_store::{FromInt, ToValue, Value};
use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$about:meta])* $name:ident $prefix:literal;)+) => {$(
        samovar_base::id!($(#[$about])* $name, $prefix);

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
    )+};
}

ids! {
    /// A deal.
    DealId "dea";
    /// A way that deals go.
    PipelineId "pip";
    /// A move of a deal.
    ChangeId "dch";
}

/// The pipeline of deals that name none.
pub const MAIN: &str = "main";
/// The pipeline of orders from the catalogue.
pub const ORDERS: &str = "orders";

/// What a stage means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StageKind {
    /// The deal goes on.
    Open,
    /// It came to a good end.
    Success,
    /// It came to nothing.
    Failure,
}

impl StageKind {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Success => "success",
            Self::Failure => "failure",
        }
    }
    /// The reverse of [`StageKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Success, Self::Failure].into_iter().find(|kind| kind.name() == name)
    }
}

/// A stage of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// Short name.
    pub key: String,
    /// For people.
    pub name: Wording,
    /// What it means.
    pub kind: StageKind,
    /// What the customer is told when the deal comes here: a template over `title`, `stage`, `points` (set aside by an
    /// order), `earned`, `name`, `business`, `expired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tells: Option<Wording>,
}

/// What stands at a stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageTotal {
    /// Short name of the stage.
    pub stage: String,
    /// How many deals.
    pub deals: i64,
    /// Their sums together, in kopecks.
    pub sum: i64,
}

/// What success gives the customer, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accrual {
    /// The weights of the deal's items.
    pub weights: bool,
    /// So many points.
    pub fixed: Points,
    /// A share of the deal's sum in roubles, in basis points; the part below one point is dropped.
    pub percent_bp: Rate,
}

/// What becomes of points when a deal fails after its success.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterSuccess {
    /// What success gave is taken back, as far as it is there; what an order cost is given back.
    #[default]
    Reverse,
    /// Nothing.
    Leave,
}

/// What a company says of a pipeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineFields {
    /// For people.
    pub name: Wording,
    /// In order; a new deal begins at the first that is open.
    pub stages: Vec<Stage>,
    /// Whoever registers gets a deal here.
    #[serde(default)]
    pub at_registration: bool,
    /// What success gives.
    #[serde(default)]
    pub accrual: Accrual,
    /// What a later failure takes.
    #[serde(default)]
    pub after_success: AfterSuccess,
    /// After so many days an open order is refused by itself and its points are free again; none is never.
    #[serde(default = "order_days", skip_serializing_if = "Option::is_none")]
    pub order_days: Option<u32>,
    /// What the staff is told of a new order, in place of the usual words: a template over `title`, `stage`, `points`
    /// (set aside), `name`, `business`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tells_staff: Option<Wording>,
}

/// A pipeline as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Id.
    pub id: PipelineId,
    /// Short name.
    pub key: String,
    /// What the company says of it.
    pub fields: PipelineFields,
    /// Grows with every change.
    pub revision: i64,
}

impl Pipeline {
    /// A stage by its short name.
    pub fn stage(&self, key: &str) -> Option<&Stage> {
        self.fields.stages.iter().find(|stage| stage.key == key)
    }
    /// The first stage of a kind.
    pub fn first(&self, kind: StageKind) -> Option<&Stage> {
        self.fields.stages.iter().find(|stage| stage.kind == kind)
    }
}

/// Something a deal is about, as it was when the deal was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DealItem {
    /// In the catalogue.
    pub item: ItemId,
    /// Its short name there.
    pub key: String,
    /// What it was called.
    pub name: String,
    /// Pieces.
    pub quantity: u32,
    /// Points that each piece earns.
    pub weight: Points,
}

/// Where a deal comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Somebody registered.
    Registration,
    /// An order from the catalogue.
    Order,
    /// A scenario.
    Scenario,
    /// A person of the company.
    Staff,
    /// A program.
    Api,
}

impl Source {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::Order => "order",
            Self::Scenario => "scenario",
            Self::Staff => "staff",
            Self::Api => "api",
        }
    }
    /// The reverse of [`Source::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Registration, Self::Order, Self::Scenario, Self::Staff, Self::Api]
            .into_iter()
            .find(|source| source.name() == name)
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderState {
    /// Points and pieces are set aside.
    Open,
    /// Paid and handed over.
    Done,
    /// Refused: points and pieces went back.
    Refused,
    /// The same, because nobody cared for it in time.
    Expired,
    /// It was done, and taken back.
    Refunded,
}

impl OrderState {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Refunded => "refunded",
        }
    }
    /// The reverse of [`OrderState::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Done, Self::Refused, Self::Expired, Self::Refunded]
            .into_iter()
            .find(|state| state.name() == name)
    }
}

/// The part of a deal that is an order from the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// Where it stands.
    pub state: OrderState,
    /// What was ordered.
    pub item: ItemId,
    /// Then it is refused by itself.
    pub until: Option<Instant>,
    /// The points that are set aside; none when it costs none.
    pub hold: Option<HoldId>,
}

/// A deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deal {
    /// Id.
    pub id: DealId,
    /// Of whoever made it: the same key is the same deal.
    pub key: String,
    /// With whom.
    pub contact: ContactId,
    /// Which way it goes.
    pub pipeline: PipelineId,
    /// Where it stands: a short name of the pipeline's.
    pub stage: String,
    /// What that means.
    pub kind: StageKind,
    /// For people.
    pub title: String,
    /// In kopecks.
    pub sum: Option<i64>,
    /// What it is about.
    pub items: Vec<DealItem>,
    /// Where it comes from.
    pub source: Source,
    /// Who cares for it.
    pub responsible: Option<StaffId>,
    /// Points that it costs: an order's.
    pub points: Points,
    /// The order that it is.
    pub order: Option<Order>,
    /// Points that success gave and nobody took back.
    pub accrued: Points,
    /// How often they were taken back.
    pub rounds: i64,
    /// Guards its changes.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it last moved or changed.
    pub changed_at: Instant,
}

impl Deal {
    /// Pieces of all items.
    pub fn pieces(&self) -> u32 {
        self.items.iter().map(|item| item.quantity).sum()
    }
}

/// A move of a deal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Id; grows with the order of moves.
    pub id: ChangeId,
    /// When.
    pub at: Instant,
    /// From which stage; none: it was made.
    pub was: Option<String>,
    /// To which.
    pub stage: String,
    /// Who: an id of staff, key or contact, `setup`, `system`.
    pub actor: String,
    /// In their words.
    pub note: Option<String>,
}

/// A deal to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDeal {
    /// With whom.
    pub contact: ContactId,
    /// A short name; [`MAIN`] when absent.
    pub pipeline: Option<String>,
    /// A short name; the first open one when absent.
    pub stage: Option<String>,
    /// For people; 1 to 120 characters.
    pub title: String,
    /// In kopecks.
    pub sum: Option<i64>,
    /// Short names of the catalogue and pieces.
    pub items: Vec<(String, u32)>,
    /// Where it comes from.
    pub source: Source,
    /// Who cares for it.
    pub responsible: Option<StaffId>,
    /// The same key is the same deal.
    pub key: String,
}

/// What to change of a deal; `None` leaves as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DealChanges {
    /// Title.
    pub title: Option<String>,
    /// Sum in kopecks.
    pub sum: Option<Option<i64>>,
    /// Who cares for it.
    pub responsible: Option<Option<StaffId>>,
}

/// Which deals are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DealFilter {
    /// Of this pipeline, by its short name.
    pub pipeline: Option<String>,
    /// At this stage.
    pub stage: Option<String>,
    /// At stages of this kind.
    pub kind: Option<StageKind>,
    /// With this contact.
    pub contact: Option<ContactId>,
    /// That this person cares for.
    pub responsible: Option<StaffId>,
}

/// Why an order was not taken. An answer, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrderRefusal {
    /// It is not offered for points, or not any more.
    Gone,
    /// None left.
    SoldOut,
    /// The person has had as many as one person may.
    Limit,
    /// Too few points.
    Poor {
        /// How many more would be needed.
        missing: Points,
    },
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Placed {
    /// It is taken.
    Now(Deal),
    /// It was taken before under this key.
    Already(Deal),
    /// It is not, and nothing changed.
    Refused(OrderRefusal),
}

#[allow(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn order_days() -> Option<u32> {
    Some(14)
}

impl Default for Accrual {
    fn default() -> Self {
        Self { weights: true, fixed: Points::ZERO, percent_bp: Rate(0) }
    }
}

impl PipelineFields {
    /// The pipeline that a company has when it first needs one of this name and made none itself.
    pub fn builtin(key: &str) -> Self {
        let stage = |key: &str, ru: &str, en: &str, kind| Stage {
            key: key.into(),
            name: Wording::new(ru, en),
            kind,
            tells: None,
        };
        let (name, mut stages) = if key == ORDERS {
            (
                Wording::new("Заказы из каталога", "Orders from the catalogue"),
                vec![
                    stage("new", "Новый", "New", StageKind::Open),
                    stage("ready", "Готов к выдаче", "Ready", StageKind::Open),
                    stage("done", "Выдан", "Done", StageKind::Success),
                    stage("refused", "Отменён", "Refused", StageKind::Failure),
                ],
            )
        } else {
            (
                Wording::new("Сделки", "Deals"),
                vec![
                    stage("new", "Новая", "New", StageKind::Open),
                    stage("work", "В работе", "In work", StageKind::Open),
                    stage("won", "Успех", "Won", StageKind::Success),
                    stage("lost", "Отказ", "Lost", StageKind::Failure),
                ],
            )
        };
        if key == ORDERS {
            stages[1].tells =
                Some(Wording::new("Готово: «{{ title }}». Ждём вас.", "“{{ title }}” is ready for you."));
            stages[2].tells = Some(Wording::new(
                "«{{ title }}»: готово{% if points %}, списано {{ points|points }}{% endif %}.\
                 {% if earned %} Начислено {{ earned|points }}.{% endif %}",
                "“{{ title }}”: done{% if points %}, {{ points|points }} spent{% endif %}.\
                 {% if earned %} You earned {{ earned|points }}.{% endif %}",
            ));
            stages[3].tells = Some(Wording::new(
                "Заказ «{{ title }}» отменён{% if expired %}: прошёл срок{% endif %}.\
                 {% if points %} {{ points|points }} снова свободны.{% endif %}",
                "The order “{{ title }}” was cancelled{% if expired %}: its time is over{% endif %}.\
                 {% if points %} {{ points|points }} are free again.{% endif %}",
            ));
        }
        Self {
            name,
            stages,
            at_registration: false,
            accrual: Accrual::default(),
            after_success: AfterSuccess::default(),
            order_days: order_days(),
            tells_staff: None,
        }
    }
}
