//! What the numbers of a promotion say.

use jiff::civil::Date;
use samovar_base::{Instant, PromotionId, ProviderId};

/// What stands about in a promotion now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// When it was counted.
    pub at: Instant,
    /// The zone of the business.
    pub zone: String,
    /// Who accepted the rules.
    pub participants: i64,
    /// The last number given out.
    pub tickets: i64,
    /// Receipts that were refused.
    pub refused: i64,
    /// Receipts that wait for a person's decision.
    pub moderation: i64,
    /// Since when the oldest of them does.
    pub moderation_since: Option<Instant>,
    /// Receipts that wait for their check.
    pub queue: Queue,
    /// Minute by minute, the last hour, the youngest last.
    pub minutes: Vec<Minute>,
    /// Why receipts were refused, most first.
    pub reasons: Vec<ReasonLine>,
    /// Where receipts are checked, in the order of the ladder, and what came of it in the last hour.
    pub providers: Vec<Provider>,
    /// Partners' codes.
    pub pools: Vec<Pool>,
}

/// Receipts on their way to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Queue {
    /// Their turn has come, and nobody has asked yet.
    pub due: i64,
    /// Since when the first of them waits for its turn.
    pub due_since: Option<Instant>,
    /// With a provider right now.
    pub asked: i64,
    /// Not known to the tax service yet, or put off by a provider: they are asked again by the clock.
    pub later: i64,
    /// When the oldest receipt without a verdict arrived.
    pub oldest: Option<Instant>,
    /// Questions answered in the last ten minutes.
    pub answered: i64,
    /// Seconds until everything that is due will have been asked at this pace; none while nothing moves.
    pub drained_in: Option<i64>,
}

impl Queue {
    /// All without a verdict.
    pub const fn all(&self) -> i64 {
        self.due + self.asked + self.later
    }
}

/// A minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Minute {
    /// Its beginning.
    pub at: Instant,
    /// Receipts that arrived.
    pub arrived: i64,
    /// Questions that providers answered.
    pub answered: i64,
}

/// Receipts with one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReasonLine {
    /// A name of [`crate::promo::Reason`].
    pub reason: String,
    /// How many receipts.
    pub receipts: i64,
}

/// A provider in the last hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provider {
    /// Which.
    pub id: ProviderId,
    /// For people.
    pub name: String,
    /// Of `connectors::receipt_check`.
    pub kind: String,
    /// It is not asked.
    pub paused: bool,
    /// Questions of the last hour, of all promotions.
    pub asked: i64,
    /// Of them found the receipt.
    pub found: i64,
    /// Of them told that it is not there, or not yet.
    pub missing: i64,
    /// Of them failed: the provider was out of order, refused, or its quota was used up.
    pub failed: i64,
    /// How long an answer took, on average, in milliseconds.
    pub took_ms: i64,
    /// How the last question ended: `found`, `not_yet`, `unknown`, `refused`, `quota`, `later`, `error`.
    pub last: Option<String>,
    /// When it was asked.
    pub last_at: Option<Instant>,
}

/// A pool of partners' codes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// Whose.
    pub partner: String,
    /// Codes that nobody has yet.
    pub left: i64,
    /// Codes that were given.
    pub given: i64,
    /// From here on it is low.
    pub low_at: i64,
}

/// How far people come, and where they stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// Came by a phrase, a link or a button; none where no scenario of the promotion is published.
    pub opened: Option<i64>,
    /// Were asked to accept the rules.
    pub asked: Option<i64>,
    /// Accepted the rules.
    pub joined: i64,
    /// Sent a receipt.
    pub sent: i64,
    /// By tickets of a person: one or more, two or more, three or more, five or more.
    pub tickets: [i64; 4],
    /// Where people fell silent, most first.
    pub stuck: Vec<Stuck>,
    /// By where they came from, most first.
    pub sources: Vec<Source>,
}

/// A step of a scenario at which people fell silent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stuck {
    /// The scenario's key.
    pub scenario: String,
    /// Its name.
    pub name: String,
    /// The step.
    pub step: String,
    /// What kind of step it is: `ask`, `choose`, `show`, …
    pub kind: String,
    /// How often it was entered.
    pub entered: i64,
    /// How often it was left.
    pub left: i64,
}

impl Stuck {
    /// How many stayed there.
    pub const fn silent(&self) -> i64 {
        self.entered - self.left
    }
}

/// Where participants came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The tag; empty where it is not known.
    pub source: String,
    /// Who accepted the rules.
    pub people: i64,
    /// Their accepted receipts.
    pub receipts: i64,
    /// What these came to, in kopecks.
    pub sum: i64,
}

/// Day by day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// From the first day with anything to the last, those without anything too.
    pub days: Vec<Day>,
    /// How many accepted receipts are in it.
    pub counted: Counted,
}

/// A day of the business, by the arrival of receipts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Which.
    pub day: Date,
    /// Receipts that arrived.
    pub arrived: i64,
    /// Of them refused so far.
    pub refused: i64,
    /// Of them accepted.
    pub accepted: i64,
    /// What the accepted ones came to, in kopecks.
    pub sum: i64,
    /// People with an accepted receipt.
    pub people: i64,
    /// Of them for the first time.
    pub fresh: i64,
}

/// How far the tallies are behind the tickets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counted {
    /// Tickets in the tallies.
    pub counted: i64,
    /// Tickets given out.
    pub tickets: i64,
}

/// What is bought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goods {
    /// By turnover, most first.
    pub goods: Vec<GoodsLine>,
    /// What is bought together more often than by chance, the most telling first.
    pub pairs: Vec<Pair>,
    /// In how many of the youngest receipts pairs were looked for.
    pub looked: i64,
    /// How far it is counted.
    pub counted: Counted,
}

/// Goods of one normalised name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoodsLine {
    /// As it was printed first.
    pub name: String,
    /// In how many receipts.
    pub receipts: i64,
    /// In thousandths.
    pub quantity: i64,
    /// In kopecks.
    pub sum: i64,
}

/// Two goods in one receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pair {
    /// One of them.
    pub first: String,
    /// The other.
    pub second: String,
    /// Receipts with both.
    pub receipts: i64,
    /// How many times more often than if they had nothing to do with each other, in hundredths.
    pub lift: i64,
}

/// When, where and for how much people buy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purchases {
    /// Accepted receipts.
    pub receipts: i64,
    /// What they came to, in kopecks.
    pub sum: i64,
    /// By sum, from the smallest.
    pub bands: Vec<Band>,
    /// By weekday (1 is Monday) and hour of the till's clock; only those with receipts.
    pub hours: Vec<Hour>,
    /// By region of the sale, most first.
    pub regions: Vec<Region>,
    /// By shop, most first.
    pub shops: Vec<Shop>,
    /// How far it is counted.
    pub counted: Counted,
}

impl Purchases {
    /// The average receipt in kopecks, cut down.
    pub const fn average(&self) -> i64 {
        if self.receipts == 0 { 0 } else { self.sum / self.receipts }
    }
}

/// Receipts of about one sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Band {
    /// From this sum on, in kopecks.
    pub from: i64,
    /// Below this one; none: without an end.
    pub to: Option<i64>,
    /// How many.
    pub receipts: i64,
}

/// Receipts of one hour of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hour {
    /// 1 is Monday.
    pub weekday: i64,
    /// 0 to 23.
    pub hour: i64,
    /// How many.
    pub receipts: i64,
}

/// Receipts of one region.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// Two digits; empty where the receipt does not tell.
    pub code: String,
    /// How many.
    pub receipts: i64,
    /// In kopecks.
    pub sum: i64,
}

/// Receipts of one shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// Tax number of the seller.
    pub inn: String,
    /// Name of the place, or of the seller.
    pub name: String,
    /// Where it is; may be empty.
    pub address: String,
    /// How many.
    pub receipts: i64,
    /// In kopecks.
    pub sum: i64,
}

/// Who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct People {
    /// With an accepted receipt.
    pub people: i64,
    /// Of them with two or more.
    pub again: i64,
    /// Accepted receipts of a person, on average, in hundredths.
    pub each: i64,
    /// How many people have just so many accepted receipts: 1, 2, 3, …; the last one is "so many and more".
    pub by_receipts: Vec<i64>,
    /// By the week of their first accepted receipt, the oldest first.
    pub cohorts: Vec<Cohort>,
    /// What the customer base knows of them.
    pub portrait: Portrait,
    /// How far it is counted.
    pub counted: Counted,
}

/// Those who sent their first accepted receipt in one week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// The Monday of the week.
    pub week: Date,
    /// How many of them had an accepted receipt in that week, in the next one, and so on.
    pub active: Vec<i64>,
}

/// What the customer base knows of participants.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Portrait {
    /// Of how many, the youngest participants.
    pub of: i64,
    /// Were known before they joined.
    pub known: i64,
    /// Are in the loyalty programme.
    pub members: i64,
    /// Bought something by their card.
    pub buyers: i64,
    /// Left a phone.
    pub phones: i64,
    /// By points on their cards: none, up to 99, up to 499, up to 999, more.
    pub balances: [i64; 5],
    /// Tags, most first.
    pub tags: Vec<Share>,
    /// Saved segments, most first.
    pub segments: Vec<Share>,
}

/// Some of the participants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// A tag, or the name of a segment.
    pub name: String,
    /// How many.
    pub people: i64,
}

/// A promotion that takes receipts, for the dashboard of the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// Which.
    pub id: PromotionId,
    /// As people read it.
    pub name: String,
    /// The first moment that is too late.
    pub ends_at: Instant,
    /// Who accepted the rules.
    pub participants: i64,
    /// The last number given out.
    pub tickets: i64,
    /// Receipts that arrived today.
    pub today: i64,
    /// Receipts that arrived in the last ten minutes.
    pub lately: i64,
    /// Receipts without a verdict.
    pub queue: i64,
    /// Receipts that wait for a person's decision.
    pub moderation: i64,
}
