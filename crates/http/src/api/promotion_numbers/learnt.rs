//! What is learnt from the receipts of a promotion, as the API tells it.

use super::each;
use samovar_app::promo::numbers::{self, regions};
use serde::Serialize;
use utoipa::ToSchema;

/// How far people come, and where they stop.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionPath)]
pub struct PathView {
    /// Came by a phrase, a link or a button; none where no scenario of the promotion is published.
    opened: Option<i64>,
    /// Were asked to accept the rules.
    asked: Option<i64>,
    /// Accepted the rules.
    joined: i64,
    /// Sent a receipt.
    sent: i64,
    /// Have an accepted receipt.
    accepted: i64,
    /// Have two or more.
    twice: i64,
    /// Have three or more.
    thrice: i64,
    /// Have five or more.
    five: i64,
    /// Where people fell silent, most first.
    stuck: Vec<StuckView>,
    /// By where they came from, most first.
    sources: Vec<SourceView>,
}

/// A step at which people fell silent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionStuck)]
pub struct StuckView {
    /// The scenario's key.
    scenario: String,
    /// Its name.
    name: String,
    /// The step.
    step: String,
    /// What kind of step it is: `ask`, `choose`, `show`.
    kind: String,
    /// How often it was entered.
    entered: i64,
    /// How often it was left.
    left: i64,
}

/// Where participants came from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionSource)]
pub struct SourceView {
    /// The tag; empty where it is not known.
    source: String,
    /// Who accepted the rules.
    people: i64,
    /// Their accepted receipts.
    receipts: i64,
    /// What these came to, in kopecks.
    sum: i64,
}

/// How far accepted receipts are counted: a rush is counted a little later.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionCounted)]
pub struct CountedView {
    /// Tickets that are in the numbers.
    counted: i64,
    /// Tickets given out.
    tickets: i64,
}

/// Day by day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionDays)]
pub struct DaysView {
    /// From the first day with anything to the last.
    days: Vec<DayView>,
    /// How far it is counted.
    counted: CountedView,
}

/// A day of the business, by the arrival of receipts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionDay)]
pub struct DayView {
    /// Which.
    #[schema(example = "2026-11-21")]
    day: String,
    /// Receipts that arrived.
    arrived: i64,
    /// Of them refused so far.
    refused: i64,
    /// Of them accepted.
    accepted: i64,
    /// What the accepted ones came to, in kopecks.
    sum: i64,
    /// People with an accepted receipt.
    people: i64,
    /// Of them for the first time.
    fresh: i64,
}

/// What is bought.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionGoods)]
pub struct GoodsView {
    /// By turnover, most first, a hundred at most.
    goods: Vec<GoodsLineView>,
    /// What is bought together more often than by chance, the most telling first.
    pairs: Vec<PairView>,
    /// In how many of the youngest receipts pairs were looked for.
    looked: i64,
    /// How far it is counted.
    counted: CountedView,
}

/// Goods of one normalised name.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionGoodsLine)]
pub struct GoodsLineView {
    /// As it was printed first.
    #[schema(example = "Чай Ассам крупный лист 100 г")]
    name: String,
    /// In how many receipts.
    receipts: i64,
    /// In thousandths: 1000 is one piece or one kilogram.
    quantity: i64,
    /// In kopecks.
    sum: i64,
}

/// Two goods in one receipt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionPair)]
pub struct PairView {
    /// One of them.
    first: String,
    /// The other.
    second: String,
    /// Receipts with both.
    receipts: i64,
    /// How many times more often than by chance, in hundredths: 250 is two and a half times.
    lift: i64,
}

/// When, where and for how much people buy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionPurchases)]
pub struct PurchasesView {
    /// Accepted receipts.
    receipts: i64,
    /// What they came to, in kopecks.
    sum: i64,
    /// The average receipt, in kopecks.
    average: i64,
    /// By sum, from the smallest.
    bands: Vec<BandView>,
    /// By weekday and hour of the till's clock; only those with receipts.
    hours: Vec<HourView>,
    /// By region of the sale, most first.
    regions: Vec<RegionView>,
    /// By shop, most first, two hundred at most.
    shops: Vec<ShopView>,
    /// How far it is counted.
    counted: CountedView,
}

/// Receipts of about one sum.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionBand)]
pub struct BandView {
    /// From this sum on, in kopecks.
    from: i64,
    /// Below this one; none: without an end.
    to: Option<i64>,
    /// How many.
    receipts: i64,
}

/// Receipts of one hour of the week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionHour)]
pub struct HourView {
    /// 1 is Monday.
    weekday: i64,
    /// 0 to 23.
    hour: i64,
    /// How many.
    receipts: i64,
}

/// Receipts of one region.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionRegion)]
pub struct RegionView {
    /// Two digits; empty where receipts do not tell.
    #[schema(example = "54")]
    code: String,
    /// Its name in Russian; empty where the code is not known.
    #[schema(example = "Новосибирская область")]
    name_ru: String,
    /// In English.
    #[schema(example = "Novosibirsk Oblast")]
    name_en: String,
    /// How many.
    receipts: i64,
    /// In kopecks.
    sum: i64,
}

/// Receipts of one shop.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionPlace)]
pub struct ShopView {
    /// Tax number of the seller.
    #[schema(example = "5406777888")]
    inn: String,
    /// Name of the place, or of the seller.
    name: String,
    /// Where it is; may be empty.
    address: String,
    /// How many.
    receipts: i64,
    /// In kopecks.
    sum: i64,
}

/// Who takes part.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionPeople)]
pub struct PeopleView {
    /// With an accepted receipt.
    people: i64,
    /// Of them with two or more.
    again: i64,
    /// Accepted receipts of a person, on average, in hundredths.
    each: i64,
    /// How many people have just so many accepted receipts: 1, 2, 3, …; the last one is "so many and more".
    by_receipts: Vec<i64>,
    /// By the week of their first accepted receipt, the oldest first, twelve at most.
    cohorts: Vec<CohortView>,
    /// What the customer base knows of them.
    portrait: PortraitView,
    /// How far it is counted.
    counted: CountedView,
}

/// Those who sent their first accepted receipt in one week.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionCohort)]
pub struct CohortView {
    /// The Monday of the week.
    #[schema(example = "2026-11-16")]
    week: String,
    /// How many of them had an accepted receipt in that week, in the next one, and so on.
    active: Vec<i64>,
}

/// What the customer base knows of the youngest twenty thousand participants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionPortrait)]
pub struct PortraitView {
    /// Of how many.
    of: i64,
    /// Were known before they joined.
    known: i64,
    /// Are in the loyalty programme.
    members: i64,
    /// Bought something by their card.
    buyers: i64,
    /// Left a phone.
    phones: i64,
    /// By points on their cards: none, up to 99, up to 499, up to 999, more.
    balances: Vec<i64>,
    /// Tags, most first.
    tags: Vec<ShareView>,
    /// Saved segments, most first.
    segments: Vec<ShareView>,
}

/// Some of the participants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionShare)]
pub struct ShareView {
    /// A tag, or the name of a segment.
    name: String,
    /// How many.
    people: i64,
}

impl From<numbers::Path> for PathView {
    fn from(all: numbers::Path) -> Self {
        let [accepted, twice, thrice, five] = all.tickets;
        Self {
            opened: all.opened,
            asked: all.asked,
            joined: all.joined,
            sent: all.sent,
            accepted,
            twice,
            thrice,
            five,
            stuck: each(all.stuck, |numbers::Stuck { scenario, name, step, kind, entered, left }| {
                StuckView { scenario, name, step, kind, entered, left }
            }),
            sources: each(all.sources, |numbers::Source { source, people, receipts, sum }| SourceView {
                source,
                people,
                receipts,
                sum,
            }),
        }
    }
}

impl From<numbers::Counted> for CountedView {
    fn from(numbers::Counted { counted, tickets }: numbers::Counted) -> Self {
        Self { counted, tickets }
    }
}

impl From<numbers::Days> for DaysView {
    fn from(all: numbers::Days) -> Self {
        Self {
            days: each(all.days, |numbers::Day { day, arrived, refused, accepted, sum, people, fresh }| {
                DayView { day: day.to_string(), arrived, refused, accepted, sum, people, fresh }
            }),
            counted: all.counted.into(),
        }
    }
}

impl From<numbers::Goods> for GoodsView {
    fn from(all: numbers::Goods) -> Self {
        Self {
            goods: each(all.goods, |numbers::GoodsLine { name, receipts, quantity, sum }| GoodsLineView {
                name,
                receipts,
                quantity,
                sum,
            }),
            pairs: each(all.pairs, |numbers::Pair { first, second, receipts, lift }| PairView {
                first,
                second,
                receipts,
                lift,
            }),
            looked: all.looked,
            counted: all.counted.into(),
        }
    }
}

impl From<numbers::Purchases> for PurchasesView {
    fn from(all: numbers::Purchases) -> Self {
        Self {
            average: all.average(),
            receipts: all.receipts,
            sum: all.sum,
            bands: each(all.bands, |numbers::Band { from, to, receipts }| BandView { from, to, receipts }),
            hours: each(all.hours, |numbers::Hour { weekday, hour, receipts }| HourView {
                weekday,
                hour,
                receipts,
            }),
            regions: each(all.regions, |numbers::Region { code, receipts, sum }| RegionView {
                name_ru: regions::name(&code, "ru").unwrap_or_default().to_owned(),
                name_en: regions::name(&code, "en").unwrap_or_default().to_owned(),
                code,
                receipts,
                sum,
            }),
            shops: each(all.shops, |numbers::Shop { inn, name, address, receipts, sum }| ShopView {
                inn,
                name,
                address,
                receipts,
                sum,
            }),
            counted: all.counted.into(),
        }
    }
}

impl From<numbers::People> for PeopleView {
    fn from(all: numbers::People) -> Self {
        let share = |numbers::Share { name, people }| ShareView { name, people };
        let known = all.portrait;
        Self {
            people: all.people,
            again: all.again,
            each: all.each,
            by_receipts: all.by_receipts,
            cohorts: each(all.cohorts, |numbers::Cohort { week, active }| CohortView {
                week: week.to_string(),
                active,
            }),
            portrait: PortraitView {
                of: known.of,
                known: known.known,
                members: known.members,
                buyers: known.buyers,
                phones: known.phones,
                balances: known.balances.to_vec(),
                tags: each(known.tags, share),
                segments: each(known.segments, share),
            },
            counted: all.counted.into(),
        }
    }
}
