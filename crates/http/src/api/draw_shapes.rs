//! Draws as the API tells them.

use samovar_app::draws::{self, DrawState, NewDraw, Plan, SourcePlan};
use samovar_base::{ContactId, Instant};
use samovar_draw::{QUICKNET, Randomness};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where the randomness of a draw comes from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DrawSource {
    /// The first number that the public beacon drand (quicknet) says at the planned moment, or after the freezing when that
    /// is later. The best one: nobody can know it before, and anybody can check it for ever.
    Drand,
    /// The hash of a block that nobody has found yet.
    Block {
        /// Of which chain.
        #[schema(example = "bitcoin")]
        network: String,
        /// Its height.
        #[schema(example = 990_000)]
        height: u64,
    },
    /// A figure that an exchange or a bank will publish.
    Figure {
        /// Which, so exactly that two people find the same.
        #[schema(example = "Мосбиржа, индекс IMOEX, цена закрытия основной сессии 01.12.2026")]
        what: String,
        /// When it will be known.
        #[schema(value_type = String, format = DateTime)]
        at: Instant,
    },
    /// A secret of the organiser, of which only the hash is told before: for draws without the internet.
    Reveal {
        /// SHA-256 of `samovar-draw/1 secret`, a line feed and the secret. Absent: the program makes up a secret, keeps it
        /// sealed, and puts its hash here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commitment: Option<String>,
    },
}

/// The randomness, as it came to be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum DrawRandomness {
    /// What the beacon said.
    Drand {
        /// Which number: `round` of the answer at `randomness_address`.
        round: u64,
        /// `signature` of that answer, 96 hexadecimal digits. It is checked by the key of the League of Entropy.
        signature: String,
    },
    /// The block.
    Block {
        /// Its hash, 64 small hexadecimal digits.
        hash: String,
    },
    /// The figure.
    Figure {
        /// As it was published.
        #[schema(example = "2745.31")]
        value: String,
    },
    /// The secret.
    Reveal {
        /// Word for word.
        secret: String,
    },
    /// Made up: only in rehearsals.
    Test {
        /// Anything.
        value: String,
    },
}

/// A prize.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawPrize {
    /// What it is, 1 to 120 characters.
    #[schema(example = "Кофемашина")]
    pub name: String,
    /// How many people win it.
    #[schema(minimum = 1, maximum = 10_000, example = 1)]
    pub count: u32,
    /// What one is worth, in kopecks: for the tax on prizes.
    #[schema(minimum = 0, example = 4_990_000)]
    pub value: i64,
    /// Key of a kept picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// A draw as it is planned.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Первая неделя", "from": "2026-11-15T21:00:00Z", "until": "2026-11-22T21:00:00Z",
    "planned_at": "2026-11-23T09:00:00Z",
    "prizes": [{ "name": "Кофемашина", "count": 1, "value": 4_990_000 }, { "name": "Карта на 1000 ₽", "count": 10, "value": 100_000 }],
    "reserve": 5, "source": { "kind": "drand" }
}))]
pub struct DrawPlan {
    /// What it is called.
    pub name: String,
    /// Tickets of receipts that arrived from this moment on …
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    /// … and before this one take part.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
    /// When it is to be held; not before `until`.
    #[schema(value_type = String, format = DateTime)]
    pub planned_at: Instant,
    /// In the order in which they are drawn.
    pub prizes: Vec<DrawPrize>,
    /// Tickets drawn after them, for prizes that are refused.
    #[serde(default)]
    #[schema(maximum = 1000)]
    pub reserve: u32,
    /// A person wins once at most; true when absent.
    #[serde(default = "yes")]
    pub one_prize: bool,
    /// People of the staff win nothing, as far as they write to the bots by the same account; true when absent.
    #[serde(default = "yes")]
    pub without_staff: bool,
    /// Who won in an earlier draw of the promotion wins nothing; true when absent.
    #[serde(default = "yes")]
    pub without_winners: bool,
    /// These win nothing either. Who takes part no more never wins.
    #[serde(default)]
    #[schema(value_type = Vec<String>)]
    pub without: Vec<ContactId>,
    /// Where the randomness comes from.
    pub source: DrawSource,
}

/// Another plan for a draw.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawChange {
    /// The revision that was read.
    pub revision: i64,
    /// The whole plan.
    pub plan: DrawPlan,
}

/// How a list is frozen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "without_waiting": false }))]
pub struct FreezeRequest {
    /// Freeze although receipts of the time wait for their check or a moderator: their tickets will not be in the list.
    #[serde(default)]
    pub without_waiting: bool,
}

/// The randomness that was waited for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HoldRequest {
    /// As it was announced. Absent: the program asks the beacon (`drand`), or brings its own secret (`reveal` without a
    /// commitment of yours).
    #[serde(default)]
    pub randomness: Option<DrawRandomness>,
}

/// What was announced when the list was frozen.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawAnnounced {
    /// The text, line by line: everything that decides the draw but the randomness.
    pub text: String,
    /// Its SHA-256: the one line to publish before the draw.
    pub hash: String,
    /// SHA-256 of the list of tickets.
    pub list: String,
    /// How many people are left out.
    pub excluded: i64,
    /// The beacon's number that decides; of drand alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub round: Option<u64>,
    /// When the randomness will be known, where that is sure.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub randomness_at: Option<Instant>,
    /// Where it can be read then; of drand alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub randomness_address: Option<String>,
}

/// What came of a draw.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawHeld {
    /// The randomness.
    pub randomness: DrawRandomness,
    /// The seed that follows from it.
    pub seed: String,
    /// Pieces of prizes that were won.
    pub winners: i64,
    /// Tickets in reserve.
    pub reserve: i64,
    /// The key by which the protocol is signed.
    pub key: String,
}

/// A draw.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "drw_00fs4w8m5xv1g", "promotion": "prm_00fs4w8m5xv1g", "name": "Первая неделя", "state": "frozen",
    "from": "2026-11-15T21:00:00Z", "until": "2026-11-22T21:00:00Z", "planned_at": "2026-11-23T09:00:00Z",
    "prizes": [{ "name": "Кофемашина", "count": 1, "value": 4_990_000 }], "reserve": 5, "one_prize": true,
    "without_staff": true, "without_winners": true, "without": [], "source": { "kind": "drand" }, "tickets": 18_240,
    "list_size": 1_240_320,
    "announced": { "text": "samovar-draw/1\norganiser: …", "hash": "8f1c…", "list": "02ab…", "excluded": 3, "round": 35_000_000,
        "randomness_at": "2026-11-23T09:00:00Z", "randomness_address": "https://api.drand.sh/52db9ba…/public/35000000" },
    "frozen_at": "2026-11-23T07:00:00Z", "revision": 9, "created_at": "2026-11-15T20:00:00Z"
}))]
pub struct Draw {
    /// Id.
    pub id: String,
    /// Of which promotion.
    pub promotion: String,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    #[schema(schema_with = states)]
    pub state: String,
    /// Tickets of receipts that arrived from this moment on …
    #[schema(value_type = String, format = DateTime)]
    pub from: Instant,
    /// … and before this one take part.
    #[schema(value_type = String, format = DateTime)]
    pub until: Instant,
    /// When it is to be held.
    #[schema(value_type = String, format = DateTime)]
    pub planned_at: Instant,
    /// In the order in which they are drawn.
    pub prizes: Vec<DrawPrize>,
    /// Tickets drawn after them.
    pub reserve: u32,
    /// A person wins once at most.
    pub one_prize: bool,
    /// People of the staff win nothing.
    pub without_staff: bool,
    /// Who won in an earlier draw wins nothing.
    pub without_winners: bool,
    /// These win nothing either.
    pub without: Vec<String>,
    /// Where the randomness comes from.
    pub source: DrawSource,
    /// Tickets in the list, as far as it is written.
    pub tickets: i64,
    /// Bytes of the list.
    pub list_size: i64,
    /// Why a freezing was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Once the list is frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub announced: Option<DrawAnnounced>,
    /// Once it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<DrawHeld>,
    /// When the list was frozen.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub frozen_at: Option<Instant>,
    /// When it was held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub drawn_at: Option<Instant>,
    /// When the winners were published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub published_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
    /// When it was planned.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Instant,
}

/// What must be so before the list can be frozen.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "ready": false, "period_over": true, "unchecked": 12, "undecided": 3, "tickets": 18_240, "source_ahead": true
}))]
pub struct DrawReadiness {
    /// Nothing is in the way.
    pub ready: bool,
    /// The time of the tickets is over.
    pub period_over: bool,
    /// Receipts of that time that wait for their check.
    pub unchecked: i64,
    /// Receipts of that time that wait for a moderator.
    pub undecided: i64,
    /// Tickets that would be in the list.
    pub tickets: i64,
    /// The randomness cannot be known yet.
    pub source_ahead: bool,
}

/// A rehearsal.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrawRehearsal {
    /// How many tickets took part.
    pub tickets: u64,
    /// A protocol as that of a draw; its source `test` says that nobody won anything.
    pub protocol: String,
}

/// The key of the instance.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "algorithm": "ed25519", "key": "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c"
}))]
pub struct DrawKey {
    /// `ed25519`.
    pub algorithm: String,
    /// 64 hexadecimal digits.
    pub key: String,
}

impl From<DrawPlan> for NewDraw {
    fn from(plan: DrawPlan) -> Self {
        Self {
            name: plan.name,
            from: plan.from,
            until: plan.until,
            planned_at: plan.planned_at,
            plan: Plan {
                prizes: plan.prizes.into_iter().map(Into::into).collect(),
                reserve: plan.reserve,
                one_prize: plan.one_prize,
                without_staff: plan.without_staff,
                without_winners: plan.without_winners,
                without: plan.without,
                source: plan.source.into(),
            },
        }
    }
}

impl From<draws::Draw> for Draw {
    fn from(draw: draws::Draw) -> Self {
        let (told, held) = (draw.told(), draw.held());
        let announced = told.map(|told| {
            let round = match told.source {
                samovar_draw::Source::Drand { round } => Some(round),
                _ => None,
            };
            DrawAnnounced {
                text: draw.announcement,
                hash: draw.announced,
                list: told.list,
                excluded: i64::try_from(told.excluded.len()).unwrap_or(i64::MAX),
                round,
                randomness_at: told.source.moment().map(Instant::from_seconds),
                randomness_address: round
                    .map(|round| format!("https://api.drand.sh/{}/public/{round}", QUICKNET.chain)),
            }
        });
        let held = held.map(|held| DrawHeld {
            randomness: held.randomness.into(),
            seed: held.seed,
            winners: i64::try_from(held.winners.len()).unwrap_or(i64::MAX),
            reserve: i64::try_from(held.reserve.len()).unwrap_or(i64::MAX),
            key: held.key,
        });
        Self {
            id: draw.id.to_string(),
            promotion: draw.promotion.to_string(),
            name: draw.name,
            state: draw.state.as_str().into(),
            from: draw.from,
            until: draw.until,
            planned_at: draw.planned_at,
            prizes: draw.plan.prizes.into_iter().map(Into::into).collect(),
            reserve: draw.plan.reserve,
            one_prize: draw.plan.one_prize,
            without_staff: draw.plan.without_staff,
            without_winners: draw.plan.without_winners,
            without: draw.plan.without.iter().map(ToString::to_string).collect(),
            source: draw.plan.source.into(),
            tickets: draw.tickets,
            list_size: draw.size,
            note: Some(draw.note).filter(|note| !note.is_empty()),
            announced,
            held,
            frozen_at: draw.frozen_at,
            drawn_at: draw.drawn_at,
            published_at: draw.published_at,
            revision: draw.revision,
            created_at: draw.created_at,
        }
    }
}

impl From<DrawPrize> for draws::Prize {
    fn from(prize: DrawPrize) -> Self {
        let DrawPrize { name, count, value, picture } = prize;
        Self { name, count, value, picture }
    }
}

impl From<draws::Prize> for DrawPrize {
    fn from(prize: draws::Prize) -> Self {
        let draws::Prize { name, count, value, picture } = prize;
        Self { name, count, value, picture }
    }
}

impl From<DrawSource> for SourcePlan {
    fn from(source: DrawSource) -> Self {
        match source {
            DrawSource::Drand => Self::Drand,
            DrawSource::Block { network, height } => Self::Block { network, height },
            DrawSource::Figure { what, at } => Self::Figure { what, at },
            DrawSource::Reveal { commitment } => Self::Reveal { commitment },
        }
    }
}

impl From<SourcePlan> for DrawSource {
    fn from(source: SourcePlan) -> Self {
        match source {
            SourcePlan::Drand => Self::Drand,
            SourcePlan::Block { network, height } => Self::Block { network, height },
            SourcePlan::Figure { what, at } => Self::Figure { what, at },
            SourcePlan::Reveal { commitment } => Self::Reveal { commitment },
        }
    }
}

impl From<DrawRandomness> for Randomness {
    fn from(given: DrawRandomness) -> Self {
        match given {
            DrawRandomness::Drand { round, signature } => Self::Drand { round, signature },
            DrawRandomness::Block { hash } => Self::Block { hash },
            DrawRandomness::Figure { value } => Self::Figure { value },
            DrawRandomness::Reveal { secret } => Self::Reveal { secret },
            DrawRandomness::Test { value } => Self::Test { value },
        }
    }
}

impl From<Randomness> for DrawRandomness {
    fn from(held: Randomness) -> Self {
        match held {
            Randomness::Drand { round, signature } => Self::Drand { round, signature },
            Randomness::Block { hash } => Self::Block { hash },
            Randomness::Figure { value } => Self::Figure { value },
            Randomness::Reveal { secret } => Self::Reveal { secret },
            Randomness::Test { value } => Self::Test { value },
        }
    }
}

fn yes() -> bool {
    true
}

fn states() -> utoipa::openapi::schema::Object {
    crate::api::word_of(&DrawState::ALL.iter().map(|state| state.as_str()).collect::<Vec<_>>())
}
