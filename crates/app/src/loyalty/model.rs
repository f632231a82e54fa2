//! The rules of a company's programme, as stored.

use super::card::CardDesign;
use samovar_base::Points;
use serde::{Deserialize, Serialize};

/// How a company's programme works. What is not said has its default, and a company without a programme has all of
/// them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Programme {
    /// How points are called.
    pub units: Units,
    /// Given once to everybody who registers; zero is none.
    pub welcome_points: Points,
    /// For how many days after the day of earning points can be spent; none is for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiry_days: Option<u32>,
    /// What the customer is told when staff or a program accrue or write off.
    pub notices: Notices,
    /// What the screens say, where the company words it itself.
    pub screens: Screens,
    /// The look of the card.
    pub card: CardDesign,
}

/// How points are called, in the forms that go with numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Units {
    /// With 1, 2 and 5: «балл», «балла», «баллов».
    pub ru: [String; 3],
    /// With 1 and 2: “point”, “points”.
    pub en: [String; 2],
}

/// Messages about changes that the customer did not make in the conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Notices {
    /// Points came.
    pub accrual: Notice,
    /// Points went.
    pub write_off: Notice,
}

/// One kind of message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    /// Whether it is sent.
    #[serde(default = "yes")]
    pub on: bool,
    /// What it says.
    pub text: Wording,
}

/// A text in both languages: a template over `points`, `balance`, `held`, `comment`, `name`, `business`, and on a
/// screen `number`, `expiring` and `expires_on`. The filter `points` writes a number with its unit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wording {
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

/// Texts of the screens; one that is absent is worded by the program.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Screens {
    /// The balance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Wording>,
    /// Under the picture of the card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub card: Option<Wording>,
    /// Above the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history: Option<Wording>,
    /// Instead of a history that is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub history_empty: Option<Wording>,
}

/// A programme with the number that guards its changes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stored {
    /// The rules.
    pub programme: Programme,
    /// Grows with every change; zero when the defaults hold.
    pub revision: i64,
}

fn yes() -> bool {
    true
}

impl Wording {
    /// From both.
    pub fn new(ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ru: ru.into(), en: en.into() }
    }
    /// In a language; English for any but Russian.
    pub fn text(&self, locale: &str) -> &str {
        if locale.starts_with("ru") { &self.ru } else { &self.en }
    }
}

impl Default for Units {
    fn default() -> Self {
        Self {
            ru: ["балл", "балла", "баллов"].map(str::to_owned),
            en: ["point", "points"].map(str::to_owned),
        }
    }
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            accrual: Notice {
                on: true,
                text: Wording::new(
                    "Вам начислено {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\nТеперь у вас {{ balance|points }}.",
                    "You have received {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\nYou now have {{ balance|points }}.",
                ),
            },
            write_off: Notice {
                on: true,
                text: Wording::new(
                    "Списано {{ points|points }}{% if comment %}: {{ comment }}{% endif %}.\nОсталось {{ balance|points }}.",
                    "{{ points|points }} written off{% if comment %}: {{ comment }}{% endif %}.\n{{ balance|points }} left.",
                ),
            },
        }
    }
}
