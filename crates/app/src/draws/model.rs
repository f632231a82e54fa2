//! A draw as it is planned and as it stands; who won; what the company says about prizes.

use crate::loyalty::Wording;
use samovar_base::{ContactId, DrawId, FileId, Instant, PromotionId};
use samovar_store::{Row, StoreError};
use serde::{Deserialize, Serialize};

/// Declares states that are stored and spoken by name.
macro_rules! states {
    ($(#[$doc:meta])* $kind:ident { $($(#[$about:meta])* $name:ident $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $kind { $($(#[$about])* $name,)* }

        impl $kind {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// The name in tables and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
            /// The reverse of it.
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == name)
            }
        }
    };
}

states! {
    /// Where a draw stands. It only goes forward.
    DrawState {
        /// Everything can be changed.
        Planned "planned",
        /// The list of tickets is being written.
        Freezing "freezing",
        /// The list and its announcement are published; the randomness is waited for.
        Frozen "frozen",
        /// It was held; the winners are known to the staff.
        Drawn "drawn",
        /// Everybody may see the winners, and they are told.
        Published "published",
    }
}

states! {
    /// Where a winner stands.
    WinnerState {
        /// In reserve: the turn has not come.
        Reserve "reserve",
        /// Won, and could not be told yet.
        Drawn "drawn",
        /// Was told, and has not answered.
        Told "told",
        /// Takes the prize.
        Accepted "accepted",
        /// The prize is on its way.
        Sent "sent",
        /// Has the prize.
        Handed "handed",
        /// Does not want it, or may not have it.
        Refused "refused",
        /// Did not answer in time.
        Silent "silent",
    }
}

states! {
    /// What the staff does about a prize.
    Step {
        /// They heard from the winner that the prize is taken.
        Accepted "accepted",
        /// It is on its way; the winner is told, with the note: the number of a parcel.
        Sent "sent",
        /// It was handed over, and goes into the journal of the tax on prizes.
        Handed "handed",
        /// The winner does not want it, or may not have it: it passes to the next in reserve.
        Refused "refused",
    }
}

impl Step {
    /// Where the winner stands after it.
    pub const fn state(self) -> WinnerState {
        match self {
            Self::Accepted => WinnerState::Accepted,
            Self::Sent => WinnerState::Sent,
            Self::Handed => WinnerState::Handed,
            Self::Refused => WinnerState::Refused,
        }
    }
}

impl WinnerState {
    /// The prize is theirs so far: it was not passed on to the reserve.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Drawn | Self::Told | Self::Accepted | Self::Sent | Self::Handed)
    }
}

/// A prize of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prize {
    /// What it is.
    pub name: String,
    /// How many people win it.
    pub count: u32,
    /// What one is worth, in kopecks: for the tax on prizes.
    pub value: i64,
    /// Key of a kept picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

/// Where the randomness of a draw will come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum SourcePlan {
    /// The first number that the public beacon drand says at the planned moment, or after the freezing when that is later.
    Drand,
    /// The hash of a block that nobody has found yet.
    Block {
        /// Of which chain: `bitcoin`.
        network: String,
        /// Its height.
        height: u64,
    },
    /// A figure that an exchange or a bank will publish.
    Figure {
        /// Which, so exactly that two people find the same.
        what: String,
        /// When it will be known.
        at: Instant,
    },
    /// A secret that is kept until the draw; only its hash is told before.
    Reveal {
        /// The hash. Without one the program makes up a secret, keeps it sealed and puts its hash here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        commitment: Option<String>,
    },
}

/// What decides a draw, as it can be changed before the list is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// In the order in which they are drawn.
    pub prizes: Vec<Prize>,
    /// Tickets drawn after them, for prizes that are refused.
    pub reserve: u32,
    /// A person wins once at most.
    pub one_prize: bool,
    /// People of the staff, as far as they write to the company's bots by the same account, win nothing.
    pub without_staff: bool,
    /// Who won in an earlier draw of the promotion wins nothing.
    pub without_winners: bool,
    /// These win nothing either.
    pub without: Vec<ContactId>,
    /// Where the randomness will come from.
    pub source: SourcePlan,
}

/// A draw as somebody plans it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDraw {
    /// What it is called: `The first week`.
    pub name: String,
    /// Tickets of receipts that arrived from this moment on …
    pub from: Instant,
    /// … and before this one.
    pub until: Instant,
    /// When it is to be held.
    pub planned_at: Instant,
    /// The rest.
    pub plan: Plan,
}

/// A draw: one stage of a promotion.
#[derive(Debug, Clone, PartialEq)]
pub struct Draw {
    /// Id.
    pub id: DrawId,
    /// Of which promotion.
    pub promotion: PromotionId,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub state: DrawState,
    /// What decides it.
    pub plan: Plan,
    /// Tickets of receipts that arrived from this moment on …
    pub from: Instant,
    /// … and before this one.
    pub until: Instant,
    /// When it is to be held.
    pub planned_at: Instant,
    /// The list of tickets.
    pub file: FileId,
    /// Its bytes, as far as it is written.
    pub size: i64,
    /// Tickets in it.
    pub tickets: i64,
    /// Why a freezing was given up; may be empty.
    pub note: String,
    /// The text that was announced; empty before the list is frozen.
    pub announcement: String,
    /// Its hash.
    pub announced: String,
    /// The signed protocol; empty before the draw.
    pub protocol: String,
    /// When the list was frozen.
    pub frozen_at: Option<Instant>,
    /// When it was held.
    pub drawn_at: Option<Instant>,
    /// When the winners were published.
    pub published_at: Option<Instant>,
    /// Grows with every change.
    pub revision: i64,
    /// When it was planned.
    pub created_at: Instant,
    pub(super) secret: Option<Vec<u8>>,
    pub(super) cursor: i64,
    pub(super) pieces: i64,
}

impl Draw {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            promotion: row.id(1)?,
            name: row.text(2)?.to_owned(),
            state: DrawState::from_name(row.text(3)?).ok_or_else(|| row.bad_as(3, "no state of a draw"))?,
            plan: row.json(4)?,
            from: row.instant(5)?,
            until: row.instant(6)?,
            planned_at: row.instant(7)?,
            secret: row.opt_bytes(8)?.map(<[u8]>::to_vec),
            file: row.id(9)?,
            cursor: row.int(10)?,
            pieces: row.int(11)?,
            size: row.int(12)?,
            tickets: row.int(13)?,
            note: row.text(14)?.to_owned(),
            announcement: row.text(15)?.to_owned(),
            announced: row.text(16)?.to_owned(),
            protocol: row.text(17)?.to_owned(),
            frozen_at: row.opt_instant(18)?,
            drawn_at: row.opt_instant(19)?,
            published_at: row.opt_instant(20)?,
            revision: row.int(21)?,
            created_at: row.instant(22)?,
        })
    }

    /// What was announced, once it was.
    pub fn told(&self) -> Option<samovar_draw::Announcement> {
        samovar_draw::Announcement::read(&self.announcement).ok()
    }
    /// What came of it, once it was held.
    pub fn held(&self) -> Option<samovar_draw::Protocol> {
        samovar_draw::Protocol::read(&self.protocol).ok().map(|signed| signed.protocol)
    }
    /// The prize of that number, from 1.
    pub fn prize(&self, number: i64) -> Option<&Prize> {
        self.plan.prizes.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }
}

/// What must be so before the list can be frozen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// The time of the tickets is over.
    pub period_over: bool,
    /// Receipts of that time that wait for their check.
    pub unchecked: i64,
    /// Receipts of that time that wait for a person's decision.
    pub undecided: i64,
    /// Tickets that would be in the list.
    pub tickets: i64,
    /// The randomness would be younger than the list.
    pub source_ahead: bool,
}

impl Readiness {
    /// Nothing is in the way.
    pub const fn is_ready(self) -> bool {
        self.period_over
            && self.unchecked == 0
            && self.undecided == 0
            && self.tickets > 0
            && self.source_ahead
    }
}

/// A ticket that was drawn, and what became of its prize.
#[derive(Debug, Clone, PartialEq)]
pub struct Winner {
    /// Of which draw.
    pub draw: DrawId,
    /// Its place in the order of the draw, from 1.
    pub place: i64,
    /// Of which promotion.
    pub promotion: PromotionId,
    /// Which prize of the plan, from 1; 0: in reserve and not called.
    pub prize: i64,
    /// It was drawn for the reserve.
    pub reserve: bool,
    /// The place whose prize was passed on.
    pub instead_of: Option<i64>,
    /// Number of the ticket.
    pub ticket: i64,
    /// Who.
    pub contact: ContactId,
    /// As published.
    pub name: String,
    /// Where they stand.
    pub state: WinnerState,
    /// Until when an answer is waited for.
    pub answer_until: Option<Instant>,
    /// When they were told.
    pub told_at: Option<Instant>,
    /// When they answered.
    pub answered_at: Option<Instant>,
    /// When the prize was sent.
    pub sent_at: Option<Instant>,
    /// When the prize was handed over.
    pub handed_at: Option<Instant>,
    /// When it was refused, or the time to answer was over.
    pub ended_at: Option<Instant>,
    /// When they told where to send the prize.
    pub delivery_at: Option<Instant>,
    /// Of the staff: the number of a parcel.
    pub note: String,
    /// Grows with every change.
    pub revision: i64,
    pub(super) delivery: Option<Vec<u8>>,
}

impl Winner {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        let state = WinnerState::from_name(row.text(9)?);
        Ok(Self {
            draw: row.id(0)?,
            place: row.int(1)?,
            promotion: row.id(2)?,
            prize: row.int(3)?,
            reserve: row.bool(4)?,
            instead_of: row.opt_int(5)?,
            ticket: row.int(6)?,
            contact: row.id(7)?,
            name: row.text(8)?.to_owned(),
            state: state.ok_or_else(|| row.bad_as(9, "no state of a winner"))?,
            answer_until: row.opt_instant(10)?,
            told_at: row.opt_instant(11)?,
            answered_at: row.opt_instant(12)?,
            sent_at: row.opt_instant(13)?,
            handed_at: row.opt_instant(14)?,
            ended_at: row.opt_instant(15)?,
            delivery: row.opt_bytes(16)?.map(<[u8]>::to_vec),
            delivery_at: row.opt_instant(17)?,
            note: row.text(18)?.to_owned(),
            revision: row.int(19)?,
        })
    }
}

/// A place of a published draw whose prize passed on, or that was called in the stead of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Succession {
    /// Of which draw.
    pub draw: DrawId,
    /// The place.
    pub place: i64,
    /// The number of the prize in the plan, from 1.
    pub prize: i64,
    /// The place whose prize came here; none of one who won at once.
    pub instead_of: Option<i64>,
    /// The prize is still theirs.
    pub holds: bool,
}

/// Where a prize goes, and to whom.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delivery {
    /// The full name, as in a passport: a prize above the free sum is declared for the tax.
    pub name: String,
    /// A phone, as it was written.
    pub phone: String,
    /// Where to.
    pub address: String,
}

/// A winner as an actor may see them.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// The winner.
    pub winner: Winner,
    /// The prize that is theirs, or was.
    pub prize: Option<Prize>,
    /// The name of the contact, in full.
    pub contact_name: String,
    /// Where the prize goes: in full, or masked for those who may not see personal data.
    pub delivery: Option<Delivery>,
}

/// How prizes are taxed. It is data: the law changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TaxRule {
    /// Worth of all prizes of a person in a calendar year that is free, in kopecks.
    pub free: i64,
    /// Of what is above, in basis points: 3500 is 35 %.
    pub rate: i64,
}

impl Default for TaxRule {
    fn default() -> Self {
        Self { free: 400_000, rate: 3_500 }
    }
}

/// What is said to winners.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Texts {
    /// They won.
    pub won: Wording,
    /// The button by which a prize is taken.
    pub take: Wording,
    /// The button by which it is refused.
    pub refuse: Wording,
    /// After the prize was taken.
    pub taken: Wording,
    /// After it was refused.
    pub refused: Wording,
    /// A button is pressed too late.
    pub late: Wording,
    /// Their prize is on its way.
    pub sent: Wording,
}

/// The company's rules of prizes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// How long a winner's answer is waited for, in hours.
    pub answer_hours: i64,
    /// The tax on prizes.
    pub tax: TaxRule,
    /// What is said.
    pub texts: Texts,
}

/// The rules as stored.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoredRules {
    /// The rules.
    pub rules: Rules,
    /// 0 when nobody set any.
    pub revision: i64,
}

samovar_base::id!(/// A line of the journal of the tax on prizes.
    TaxId, "tax");

impl samovar_store::ToValue for TaxId {
    fn to_value(&self) -> samovar_store::Value {
        samovar_store::Value::Int(self.0)
    }
}

impl samovar_store::FromInt for TaxId {
    fn from_int(value: i64) -> Self {
        Self(value)
    }
}

/// A line of the journal: a prize that was handed over.
#[derive(Debug, Clone, PartialEq)]
pub struct TaxLine {
    /// Id.
    pub id: TaxId,
    /// The calendar year of the business.
    pub year: i64,
    /// Who got the prize.
    pub contact: ContactId,
    /// Their name, in full; empty when it is not known.
    pub name: String,
    /// Of which promotion.
    pub promotion: PromotionId,
    /// Of which draw.
    pub draw: DrawId,
    /// Which winner.
    pub place: i64,
    /// What it was.
    pub prize: String,
    /// Its worth in kopecks.
    pub worth: i64,
    /// Worth of the person's prizes of the year before this one.
    pub before: i64,
    /// What of the worth is above the free sum.
    pub taxable: i64,
    /// The tax, in kopecks.
    pub tax: i64,
    /// The rule by which it was counted.
    pub rule: TaxRule,
    /// When it was handed over.
    pub handed_at: Instant,
}

impl TaxLine {
    pub(super) fn from_row(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id(0)?,
            year: row.int(1)?,
            contact: row.id(2)?,
            name: row.opt_text(3)?.unwrap_or_default().to_owned(),
            promotion: row.id(4)?,
            draw: row.id(5)?,
            place: row.int(6)?,
            prize: row.text(7)?.to_owned(),
            worth: row.int(8)?,
            before: row.int(9)?,
            taxable: row.int(10)?,
            tax: row.int(11)?,
            rule: row.json(12)?,
            handed_at: row.instant(13)?,
        })
    }
}

/// What a rehearsal shows: nothing of it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Rehearsal {
    /// How many tickets took part.
    pub tickets: u64,
    /// The signed protocol, which says that it is none in earnest.
    pub protocol: String,
}
