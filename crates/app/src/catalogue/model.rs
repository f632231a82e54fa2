//! What a company offers, and what the screens say of it.

use crate::loyalty::Wording;
use samovar_base::{Instant, Points};
use samovar_store::{FromInt, ToValue, Value};
use serde::{Deserialize, Serialize};

samovar_base::id!(/// A service or a thing of the catalogue.
    ItemId, "itm");

impl ToValue for ItemId {
    fn to_value(&self) -> Value {
        Value::Int(self.0)
    }
}

impl FromInt for ItemId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// Service or goods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemKind {
    /// Something that is done.
    #[default]
    Service,
    /// Something that is handed over.
    Goods,
}

/// What a company says of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemFields {
    /// Service or goods.
    #[serde(default)]
    pub kind: ItemKind,
    /// What it is called, 1 to 60 characters.
    pub name: Wording,
    /// More about it, up to 600 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Wording>,
    /// The key of a stored picture: `file/fil_…`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    /// For how many points it can be ordered; none is not for points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<Points>,
    /// What it costs in money, in kopecks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<i64>,
    /// Points that are earned when it is sold.
    #[serde(default)]
    pub weight: Points,
    /// How many one person may order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_person: Option<PerPerson>,
    /// Shown, and can be ordered.
    #[serde(default = "yes")]
    pub active: bool,
    /// Its place in lists: smaller ones come first.
    #[serde(default)]
    pub position: i64,
    /// Screens can be told to show one category only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
}

/// How many pieces one person may order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerPerson {
    /// Pieces.
    pub count: u32,
    /// Within so many days; none is ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
}

/// An item as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Id.
    pub id: ItemId,
    /// Short name.
    pub key: String,
    /// What the company says of it.
    pub fields: ItemFields,
    /// Pieces that can be ordered now; none is without end.
    pub stock: Option<i64>,
    /// Grows with every change of key or fields.
    pub revision: i64,
    /// When.
    pub created_at: Instant,
}

/// Which items are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ItemFilter {
    /// Only those that are shown, or only those that are not.
    pub active: Option<bool>,
    /// Only of this category.
    pub category: Option<String>,
}

/// A place in the list of items: printed as `<position>/<id>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ItemPlace {
    /// [`ItemFields::position`].
    pub position: i64,
    /// Id.
    pub id: ItemId,
}

impl std::fmt::Display for ItemPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.position, self.id)
    }
}

impl std::str::FromStr for ItemPlace {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (position, id) = text.split_once('/').ok_or(())?;
        Ok(Self { position: position.parse().map_err(drop)?, id: id.parse().map_err(drop)? })
    }
}

impl Item {
    /// Its place in the list.
    pub fn place(&self) -> ItemPlace {
        ItemPlace { position: self.fields.position, id: self.id }
    }
}

/// What the screens say: templates over `name`, `description`, `price`, `money`, `weight`, `stock` (absent without
/// end), `balance`, `left` (after the order), `missing`, `days`, `count`, `business`. The filter `points` writes a
/// number with its unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogueTexts {
    /// Above the list.
    pub list: Wording,
    /// Instead of an empty list.
    pub empty: Wording,
    /// On the button of an item in the list; cut to 40 characters.
    pub label: Wording,
    /// One item.
    pub item: Wording,
    /// The question before an order.
    pub confirm: Wording,
    /// Button: order.
    pub order: Wording,
    /// Button: yes, order.
    pub yes: Wording,
    /// Button: back to the list.
    pub back: Wording,
    /// Too few points.
    pub poor: Wording,
    /// None left.
    pub sold_out: Wording,
    /// The person has had as many as one person may.
    pub limit: Wording,
    /// Not offered any more.
    pub gone: Wording,
}

/// What the texts may name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(crate) struct ItemNames {
    pub name: String,
    pub description: String,
    pub price: i64,
    pub money: String,
    pub weight: i64,
    pub stock: Option<i64>,
    pub balance: i64,
    pub left: i64,
    pub missing: i64,
    pub count: u32,
    pub days: u32,
    pub business: String,
}

/// The texts with the number that guards their changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredTexts {
    /// The texts.
    pub texts: CatalogueTexts,
    /// Grows with every change; zero when the defaults hold.
    pub revision: i64,
}

fn yes() -> bool {
    true
}

impl Default for CatalogueTexts {
    fn default() -> Self {
        Self {
            list: Wording::new(
                "Что можно получить за баллы. У вас {{ balance|points }}.",
                "What you can get for points. You have {{ balance|points }}.",
            ),
            empty: Wording::new("Каталог пока пуст.", "The catalogue is empty for now."),
            label: Wording::new(
                "{{ name }}{% if price %} · {{ price|points }}{% endif %}",
                "{{ name }}{% if price %} · {{ price|points }}{% endif %}",
            ),
            item: Wording::new(
                "{{ name }}{% if price %} — {{ price|points }}{% endif %}{% if money %}, в кассе {{ money }}{% endif %}\
                 {% if description %}\n\n{{ description }}{% endif %}\
                 {% if stock == 0 %}\n\nСейчас нет в наличии.{% elif stock and stock < 6 %}\n\nОсталось: {{ stock }}.{% endif %}",
                "{{ name }}{% if price %}: {{ price|points }}{% endif %}{% if money %}, {{ money }} at the till{% endif %}\
                 {% if description %}\n\n{{ description }}{% endif %}\
                 {% if stock == 0 %}\n\nNone left for now.{% elif stock and stock < 6 %}\n\nLeft: {{ stock }}.{% endif %}",
            ),
            confirm: Wording::new(
                "{{ name }}{% if price %}: отложим {{ price|points }}, свободно останется {{ left|points }}{% endif %}. Заказать?",
                "{{ name }}{% if price %}: {{ price|points }} will be set aside, {{ left|points }} stay free{% endif %}. Order it?",
            ),
            order: Wording::new("Заказать", "Order"),
            yes: Wording::new("Да, заказать", "Yes, order it"),
            back: Wording::new("← К списку", "← Back to the list"),
            poor: Wording::new(
                "{{ name }}: не хватает {{ missing|points }}. У вас {{ balance|points }}.",
                "{{ name }}: you need {{ missing|points }} more. You have {{ balance|points }}.",
            ),
            sold_out: Wording::new(
                "{{ name }}: закончилось. Баллы остались у вас.",
                "{{ name }}: none left. Your points stay with you.",
            ),
            limit: Wording::new(
                "{{ name }}: не больше {{ count }} на человека{% if days %} за {{ days }} дн{% endif %}.",
                "{{ name }}: at most {{ count }} for one person{% if days %} within {{ days }} days{% endif %}.",
            ),
            gone: Wording::new("Этого больше нет в каталоге.", "This is no longer in the catalogue."),
        }
    }
}
