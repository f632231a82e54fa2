//! A promotion as it is stored: its terms, and where it stands.

use super::reason::Reason;
use samovar_base::{ChannelId, ContactId, Instant, PromotionId, ReceiptId};
use samovar_store::{Row, StoreError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Receipts that one person may have taken, unless the terms say otherwise.
pub const LIMIT: i64 = 50;
/// The score of suspicion from which a person looks, unless the terms say otherwise.
pub const SUSPICIOUS: i64 = 60;
/// For how many days pictures of receipts are kept, unless the terms say otherwise.
pub const KEEP_DAYS: i64 = 90;

/// A promotion.
#[derive(Debug, Clone, PartialEq)]
pub struct Promotion {
    /// Id.
    pub id: PromotionId,
    /// Short name in links and public addresses; unique in the company.
    pub key: String,
    /// As people read it.
    pub name: String,
    /// Where it stands.
    pub state: State,
    /// From this moment receipts are taken.
    pub starts_at: Instant,
    /// The first moment that is too late.
    pub ends_at: Instant,
    /// All settings.
    pub terms: Terms,
    /// Of the terms: raised by every change of them.
    pub version: i64,
    /// The bot in which it takes place; none: every bot that runs its scenario.
    pub channel: Option<ChannelId>,
    /// Grows with every change.
    pub revision: i64,
    /// When it was made.
    pub created_at: Instant,
    /// When it was last changed.
    pub updated_at: Instant,
}

impl Promotion {
    pub(crate) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let state = row.int(3)?;
        Ok(Self {
            id: row.id(0)?,
            key: row.text(1)?.to_owned(),
            name: row.text(2)?.to_owned(),
            state: State::from_number(state).ok_or_else(|| row.bad_as(3, "not a state of a promotion"))?,
            starts_at: row.instant(4)?,
            ends_at: row.instant(5)?,
            terms: row.json(6)?,
            version: row.int(7)?,
            channel: row.opt_id(8)?,
            revision: row.int(9)?,
            created_at: row.instant(10)?,
            updated_at: row.instant(11)?,
        })
    }

    /// Whether receipts are taken: in earnest or to be tried.
    pub fn is_open(&self) -> bool {
        matches!(self.state, State::Test | State::Running)
    }
}

/// Where a promotion stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Nobody can take part.
    Draft,
    /// Tried with real receipts; what comes of it is wiped at the start.
    Test,
    /// Takes receipts.
    Running,
    /// Takes no more; what arrived in time is still checked.
    Over,
    /// Put away.
    Archived,
}

impl State {
    /// All of them, in the order of their numbers in the table.
    pub const ALL: [Self; 5] = [Self::Draft, Self::Test, Self::Running, Self::Over, Self::Archived];

    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Test => "test",
            Self::Running => "running",
            Self::Over => "over",
            Self::Archived => "archived",
        }
    }
    /// In the table.
    pub const fn number(self) -> i64 {
        self as i64
    }
    /// From the table.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.number() == number)
    }
    /// As people read it.
    pub fn title(self, locale: &str) -> &'static str {
        match (self, locale.starts_with("ru")) {
            (Self::Draft, true) => "черновик",
            (Self::Draft, false) => "a draft",
            (Self::Test, true) => "проверка",
            (Self::Test, false) => "being tried",
            (Self::Running, true) => "идёт",
            (Self::Running, false) => "running",
            (Self::Over, true) => "закончилась",
            (Self::Over, false) => "over",
            (Self::Archived, true) => "в архиве",
            (Self::Archived, false) => "put away",
        }
    }
}

/// Everything that can be set of a promotion. What is absent has its default; an empty object is a promotion that takes
/// every sale of any shop.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Terms {
    /// What it is, in a few sentences: for the beginning of the conversation and the public page.
    pub about: Wording,
    /// Where a receipt must come from: any of these. None: any shop.
    pub shops: Vec<Shop>,
    /// What must be bought at least.
    pub minimum: Minimum,
    /// What must not be among the goods.
    pub banned: Banned,
    /// What must be among the goods.
    pub needed: Needed,
    /// How many receipts of one person are taken.
    pub limits: Limits,
    /// How people come in: phrases and links, each with its source.
    pub entries: Vec<Entry>,
    /// What participants agree to.
    pub rules: Rules,
    /// What can be won, as the bot tells it.
    pub prizes: Wording,
    /// Days on which something is announced: draws, results.
    pub stages: Vec<Stage>,
    /// Texts said otherwise than by default; the keys are those of [`super::texts::ALL`].
    pub texts: BTreeMap<String, Wording>,
    /// How receipts are checked.
    pub checks: Checks,
    /// When a person decides.
    pub moderation: Moderation,
    /// For how many days pictures are kept after the receipt was decided.
    pub keep_pictures_days: i64,
    /// Why and until when it was extended, as participants were told.
    pub extension: Option<Extension>,
    /// The public page is shown.
    pub public: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            about: Wording::default(),
            shops: Vec::new(),
            minimum: Minimum::default(),
            banned: Banned::default(),
            needed: Needed::default(),
            limits: Limits::default(),
            entries: Vec::new(),
            rules: Rules::default(),
            prizes: Wording::default(),
            stages: Vec::new(),
            texts: BTreeMap::new(),
            checks: Checks::default(),
            moderation: Moderation::default(),
            keep_pictures_days: KEEP_DAYS,
            extension: None,
            public: true,
        }
    }
}

/// A text in both languages; one that is empty is said in the other language.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wording {
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

impl Wording {
    /// From both.
    pub fn new(ru: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ru: ru.into(), en: en.into() }
    }
    /// In a language, or in the other when it is not said in this one.
    pub fn text(&self, locale: &str) -> &str {
        let (first, second) =
            if locale.starts_with("ru") { (&self.ru, &self.en) } else { (&self.en, &self.ru) };
        if first.trim().is_empty() { second } else { first }
    }
    /// Neither language says anything.
    pub fn is_empty(&self) -> bool {
        self.ru.trim().is_empty() && self.en.trim().is_empty()
    }
}

/// A seller, or a shop of theirs. Whatever is given must fit; an entry without anything fits nobody.
///
/// A pattern is words in any case in which `*` stands for anything; it may stand anywhere in the text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shop {
    /// Tax number. Goods that an agent sold for this number fit too.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub inn: String,
    /// Pattern of the seller's name or the name of the place.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Pattern of the address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// For the staff: what it is.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// What must be bought at least.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Minimum {
    /// In kopecks.
    pub sum: i64,
    /// Of what.
    pub of: MinimumOf,
}

/// Of what the minimum is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MinimumOf {
    /// The whole receipt.
    #[default]
    Receipt,
    /// The needed goods in it.
    NeededGoods,
}

/// Goods told by words of their names and by codes.
///
/// A word is written as it is meant: `водк*` begins a word, `вин.` is an abbreviation of a till, `пиво` is a whole word,
/// several words are a phrase.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Goods {
    /// Any of these.
    pub words: Vec<String>,
    /// But for names with any of these.
    pub except: Vec<String>,
    /// Or goods of these codes (GTIN).
    pub gtins: Vec<String>,
}

impl Goods {
    /// No goods are told.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty() && self.gtins.is_empty()
    }
}

/// What must not be among the goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Banned {
    /// Alcohol and tobacco.
    pub excise: bool,
    /// The words by which they are told, instead of those that came with the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub excise_words: Option<ExciseWords>,
    /// What becomes of goods that may be such.
    pub doubt: Doubt,
    /// Others.
    pub goods: Goods,
    /// What such goods do to their receipt.
    pub effect: Effect,
}

impl Default for Banned {
    fn default() -> Self {
        Self {
            excise: true,
            excise_words: None,
            doubt: Doubt::default(),
            goods: Goods::default(),
            effect: Effect::default(),
        }
    }
}

/// Words by which alcohol and tobacco are told; written as those of [`Goods`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ExciseWords {
    /// Any of these.
    pub words: Vec<String>,
    /// But for names with any of these.
    pub except: Vec<String>,
}

/// What becomes of goods that may be banned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// A person decides.
    #[default]
    Person,
    /// They are allowed.
    Allow,
    /// They count as banned.
    Refuse,
}

/// What banned goods do to their receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// It is refused.
    #[default]
    Refuse,
    /// They do not count towards the minimum.
    LeaveOut,
}

/// What must be among the goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Needed {
    /// Any of these; none: nothing is needed.
    pub goods: Goods,
    /// So much of them together, in thousandths: 1000 is one piece or one kilogram.
    pub quantity: i64,
}

impl Default for Needed {
    fn default() -> Self {
        Self { goods: Goods::default(), quantity: 1_000 }
    }
}

/// How many receipts of one person are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// In all.
    pub person: i64,
    /// On one day of the business.
    pub day: Option<i64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { person: LIMIT, day: None }
    }
}

/// A way in: a phrase that is typed, and a link that is pressed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entry {
    /// Where people come from by it: `shelf`, `radio`. Latin letters, digits, dashes; unique among the entries.
    pub source: String,
    /// For the staff.
    pub title: String,
    /// What they type; none: only the link leads in.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phrase: String,
}

/// What participants agree to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// The whole text, for the bot and the public page.
    pub text: Wording,
    /// Where else it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Under which purpose the agreement is kept; the promotion's own when empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    /// Fingerprint of the text, made by the program when the text is saved.
    pub hash: String,
}

/// A day on which something is announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What.
    pub name: Wording,
    /// When.
    pub at: Instant,
}

/// How receipts are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Checks {
    /// So many questions may be asked of providers for the whole promotion; none: as many as it takes.
    pub budget: Option<i64>,
}

/// When a person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Moderation {
    /// From this score of suspicion on; above 100 never.
    pub score: i64,
    /// What becomes of receipts when no provider checks them.
    pub unchecked: Unchecked,
}

impl Default for Moderation {
    fn default() -> Self {
        Self { score: SUSPICIOUS, unchecked: Unchecked::default() }
    }
}

/// What becomes of receipts that no provider checks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unchecked {
    /// A person looks at each.
    #[default]
    Person,
    /// What stands in the code is believed.
    Accept,
}

/// An extension, as participants were told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    /// When it was to end before.
    pub before: Instant,
    /// What was said.
    pub note: Wording,
    /// When it was extended.
    pub at: Instant,
}

/// Who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Participant {
    /// Of what.
    pub promotion: PromotionId,
    /// Who.
    pub contact: ContactId,
    /// Where the rules were accepted: what is said to the person goes there.
    pub channel: ChannelId,
    /// Of the link or the phrase; may be empty.
    pub source: String,
    /// Of the terms that were accepted.
    pub version: i64,
    /// Why the person takes part no more; empty: takes part.
    pub blocked: String,
    /// When the rules were accepted.
    pub joined_at: Instant,
}

/// A number in the draws of a promotion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    /// From 1, without a gap.
    pub number: i64,
    /// For which receipt.
    pub receipt: ReceiptId,
    /// Whose.
    pub contact: ContactId,
    /// When the receipt arrived.
    pub arrived_at: Instant,
    /// When the number was given.
    pub issued_at: Instant,
}

/// What is to become of a receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It gets a number.
    Accept,
    /// It gets none.
    Refuse(Why),
    /// A person decides.
    Person(Why),
}

/// The reason of a verdict, with what belongs to this receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// Which.
    pub reason: Reason,
    /// What of the receipt it is about: names of goods, the seller. May be empty.
    pub details: String,
}

impl From<Reason> for Why {
    fn from(reason: Reason) -> Self {
        Self { reason, details: String::new() }
    }
}
