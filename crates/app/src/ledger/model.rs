//! What the books consist of.

use crate::problem::Problem;
use samovar_base::{AccountId, ContactId, HoldId, Instant, LotId, Points, PostingId};
use serde::{Deserialize, Serialize};

/// The wallet a contact has when nothing else is said.
pub const POINTS: &str = "points";
/// No operation moves more.
pub const POINTS_MAX: i64 = 1_000_000_000_000;
/// Lots with points in them that one wallet may have.
pub const OPEN_LOTS_MAX: usize = 10_000;
/// Open holds that one wallet may have.
pub const OPEN_HOLDS_MAX: usize = 1_000;

/// One side of a posting. The system's accounts exist once for each company and wallet code, and have no cached
/// balance, so that nothing is hot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// Where points come from.
    Issued,
    /// Where points go for goods.
    Redeemed,
    /// Where points go when their time is over.
    Expired,
    /// Corrections by hand and repayments.
    Adjusted,
    /// A contact's.
    Wallet(AccountId),
}

impl Account {
    /// As stored: the system's accounts have the numbers 1 to 4, below any made id.
    pub const fn number(self) -> i64 {
        match self {
            Self::Issued => 1,
            Self::Redeemed => 2,
            Self::Expired => 3,
            Self::Adjusted => 4,
            Self::Wallet(id) => id.0,
        }
    }
    /// The reverse of [`Account::number`].
    pub const fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Issued,
            2 => Self::Redeemed,
            3 => Self::Expired,
            4 => Self::Adjusted,
            id => Self::Wallet(AccountId(id)),
        }
    }
}

/// What a posting does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingKind {
    /// Points come into being: issued to wallet.
    Earn,
    /// Points pay for something: wallet to redeemed.
    Spend,
    /// Points are taken away by hand: wallet to adjusted.
    Deduct,
    /// Held points pay for something: wallet to redeemed.
    Capture,
    /// A lot's time is over: wallet to expired.
    Expire,
    /// An earlier posting is undone, all or a part of it; names it.
    Reverse,
    /// Free points pay a debt, by way of adjusted: one posting takes them from a lot, one lessens the debt.
    Repay,
}

impl PostingKind {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Earn => "earn",
            Self::Spend => "spend",
            Self::Deduct => "deduct",
            Self::Capture => "capture",
            Self::Expire => "expire",
            Self::Reverse => "reverse",
            Self::Repay => "repay",
        }
    }
    /// The reverse of [`PostingKind::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Earn, Self::Spend, Self::Deduct, Self::Capture, Self::Expire, Self::Reverse, Self::Repay]
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// Points move from one account to another. Never changed, never deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posting {
    /// What it does.
    pub kind: PostingKind,
    /// The account the points leave.
    pub debit: Account,
    /// The account they reach.
    pub credit: Account,
    /// More than zero.
    pub points: Points,
    /// The lot that grew or shrank; none when it is the debt.
    pub lot: Option<LotId>,
    /// The posting that this one undoes.
    pub reverses: Option<PostingId>,
    /// When it takes effect. For an expiry that is the lot's own moment, however late it is written down, so that
    /// the balance at a date does not depend on when the work was done; the posting's id tells when that was.
    pub at: Instant,
}

/// Points that were earned together and expire together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Id, made by the caller.
    pub id: LotId,
    /// Earned.
    pub points: Points,
    /// Of these not yet gone; held ones are among them.
    pub remaining: Points,
    /// Of the remaining ones, set aside by open holds.
    pub held: Points,
    /// Gone because their time was over.
    pub expired: Points,
    /// When earned.
    pub earned_at: Instant,
    /// From this moment on they cannot be spent; `None` is never.
    pub expires_at: Option<Instant>,
}

impl Lot {
    /// Neither gone nor held.
    pub fn free(&self) -> Points {
        Points(self.remaining.0 - self.held.0)
    }
    /// Its time is over.
    pub fn is_over(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
    /// Soonest-expiring first, then oldest.
    pub(super) fn order(&self) -> (Instant, Instant, LotId) {
        (self.expires_at.unwrap_or(Instant(i64::MAX)), self.earned_at, self.id)
    }
}

/// Where a hold stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HoldState {
    /// Keeps its points.
    Open,
    /// Paid for something; what was not needed went back.
    Captured,
    /// Gave its points back.
    Released,
}

impl HoldState {
    /// As stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Captured => "captured",
            Self::Released => "released",
        }
    }
    /// The reverse of [`HoldState::name`].
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Open, Self::Captured, Self::Released].into_iter().find(|state| state.name() == name)
    }
}

/// Points set aside until captured or released. Points in a hold do not expire: they were reserved in time. Those
/// that come back to a lot whose time is over by then expire at that moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// Id, made by the caller.
    pub id: HoldId,
    /// Set aside.
    pub points: Points,
    /// From which lots.
    pub parts: Vec<Part>,
    /// State.
    pub state: HoldState,
    /// When made.
    pub made_at: Instant,
    /// When it is released by itself; `None` is never.
    pub expires_at: Option<Instant>,
}

/// What a hold keeps of one lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Lot.
    pub lot: LotId,
    /// Points.
    pub points: Points,
}

/// A contact's account in memory, with the lots and holds that are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    /// Whose.
    pub contact: ContactId,
    /// Which of the contact's wallets.
    pub code: String,
    /// Its account.
    pub account: AccountId,
    /// What remains in all lots, less the debt. Lots whose time is over count until their expiry is posted; for
    /// people use [`Wallet::standing`].
    pub balance: Points,
    /// Set aside by open holds.
    pub held: Points,
    /// Owed after a claw-back that found too little; not negative. While there is a debt there are no free points.
    pub debt: Points,
    /// The revision of the row it was loaded from; `None` when there is no row yet.
    pub revision: Option<i64>,
    /// Open lots, in the order in which they are spent.
    pub lots: Vec<Lot>,
    /// Open holds.
    pub holds: Vec<Hold>,
}

/// A wallet as people see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Points that are there, held ones among them; negative is a debt.
    pub balance: Points,
    /// Set aside.
    pub held: Points,
    /// May be spent now.
    pub available: Points,
}

/// The next points to expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextExpiry {
    /// How many.
    pub points: Points,
    /// When.
    pub at: Instant,
}

/// What an operation changes; nothing is changed until it is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The wallet afterwards.
    pub after: Wallet,
    /// Lines for the journal.
    pub postings: Vec<Posting>,
    /// Lots to write, new and changed, as they are afterwards.
    pub lots: Vec<Lot>,
    /// Holds to write, as they are afterwards.
    pub holds: Vec<Hold>,
}

impl Change {
    /// By how much the balance changes.
    pub fn net(&self) -> Points {
        let wallet = Account::Wallet(self.after.account);
        let signed = |posting: &Posting| match posting {
            Posting { credit, points, .. } if *credit == wallet => points.0,
            Posting { points, .. } => -points.0,
        };
        Points(self.postings.iter().map(signed).sum())
    }
}

/// A posting of an earlier operation that is to be undone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Its id.
    pub id: PostingId,
    /// What it did.
    pub kind: PostingKind,
    /// Its points.
    pub points: Points,
    /// Of these already undone.
    pub reversed: Points,
    /// The lot it named.
    pub lot: Option<LotId>,
}

/// What to do when points to be taken back were already spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shortfall {
    /// Take nothing back.
    Refuse,
    /// Take what is there and forget the rest.
    Forgive,
    /// Take what is there and owe the rest, if the debt stays within this.
    Owe(Points),
}

/// The books say no. An answer, not an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Zero, negative, or more than [`POINTS_MAX`].
    #[error("points must be from 1 to {POINTS_MAX}")]
    PointsOutOfRange,
    /// There are fewer free points than asked for.
    #[error("{missing} points are missing")]
    NotEnough {
        /// How many more would be needed.
        missing: Points,
    },
    /// The moment of expiry is not after now.
    #[error("the moment of expiry has passed")]
    ExpiryPassed,
    /// There is no such open hold in this wallet.
    #[error("there is no such open hold")]
    HoldNotOpen,
    /// More is to be captured than the hold keeps.
    #[error("the hold keeps only {held} points")]
    MoreThanHeld {
        /// What it keeps.
        held: Points,
    },
    /// There is no such lot, its time is not over, or nothing in it is free.
    #[error("nothing in this lot is due to expire")]
    NothingDue,
    /// The operation has no part that can be undone, or was undone already.
    #[error("nothing of this operation is left to be undone")]
    NothingToReverse,
    /// No open lot ends before the moment asked for.
    #[error("no open points end before that moment")]
    NothingToProlong,
    /// More than [`OPEN_LOTS_MAX`] lots or [`OPEN_HOLDS_MAX`] holds.
    #[error("the wallet has too many open lots or holds")]
    TooMany,
}

impl Refusal {
    /// Stable name of it.
    pub const fn code(self) -> &'static str {
        match self {
            Self::PointsOutOfRange => "points_out_of_range",
            Self::NotEnough { .. } => "not_enough_points",
            Self::ExpiryPassed => "expiry_passed",
            Self::HoldNotOpen => "hold_not_open",
            Self::MoreThanHeld { .. } => "more_than_held",
            Self::NothingDue => "nothing_due",
            Self::NothingToReverse => "nothing_to_reverse",
            Self::NothingToProlong => "nothing_to_prolong",
            Self::TooMany => "too_many_lots",
        }
    }
    fn russian(self) -> String {
        match self {
            Self::PointsOutOfRange => format!("Баллов должно быть от 1 до {POINTS_MAX}"),
            Self::NotEnough { missing } => format!("Не хватает баллов: {missing}"),
            Self::ExpiryPassed => "Срок действия баллов уже прошёл".into(),
            Self::HoldNotOpen => "Такого открытого резерва нет".into(),
            Self::MoreThanHeld { held } => format!("В резерве только {held}"),
            Self::NothingDue => "В этой партии нет баллов с истёкшим сроком".into(),
            Self::NothingToReverse => "В этой операции отменять уже нечего".into(),
            Self::NothingToProlong => "Раньше этого срока ничего не сгорает".into(),
            Self::TooMany => "В кошельке слишком много открытых партий или резервов".into(),
        }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let problem = Self::refused(refusal.code(), refusal.russian(), refusal.to_string());
        match refusal {
            Refusal::PointsOutOfRange | Refusal::NotEnough { .. } | Refusal::MoreThanHeld { .. } => {
                problem.at("points")
            }
            _ => problem,
        }
    }
}
