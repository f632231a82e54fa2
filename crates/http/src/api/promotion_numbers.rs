//! The numbers of a promotion.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use samovar_app::access::{Actor, Right};
use samovar_app::promo::Reason;
use samovar_app::promo::numbers::{self, Hours, Regions, Shops, regions};
use samovar_app::{App, Fail};
use samovar_base::{Instant, PromotionId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Numbers of promotions.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(promotion_live))
        .routes(routes!(promotion_path))
        .routes(routes!(promotion_days))
        .routes(routes!(promotion_goods))
        .routes(routes!(promotion_purchases))
        .routes(routes!(promotion_people))
        .routes(routes!(promotion_table))
}

/// What goes on in a promotion right now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionLive)]
pub struct LiveView {
    /// When it was counted.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// The zone of the business.
    #[schema(example = "Europe/Moscow")]
    zone: String,
    /// Who accepted the rules.
    #[schema(example = 10420)]
    participants: i64,
    /// The last number given out.
    #[schema(example = 21940)]
    tickets: i64,
    /// Receipts that were refused.
    #[schema(example = 1310)]
    refused: i64,
    /// Receipts that wait for a person's decision.
    #[schema(example = 37)]
    moderation: i64,
    /// Since when the oldest of them does.
    #[schema(value_type = Option<String>, format = DateTime)]
    moderation_since: Option<Instant>,
    /// Receipts that wait for their check.
    queue: QueueView,
    /// Minute by minute, the last hour, the youngest last.
    minutes: Vec<MinuteView>,
    /// Why receipts were refused, most first.
    reasons: Vec<ReasonView>,
    /// Where receipts are checked, in the order of the ladder, and what came of it in the last hour.
    providers: Vec<ProviderView>,
    /// Partners' codes.
    pools: Vec<PoolView>,
}

/// Receipts on their way to a verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionQueue)]
pub struct QueueView {
    /// All without a verdict.
    #[schema(example = 412)]
    all: i64,
    /// Their turn has come, and nobody has asked yet.
    #[schema(example = 380)]
    due: i64,
    /// Since when the first of them waits for its turn.
    #[schema(value_type = Option<String>, format = DateTime)]
    due_since: Option<Instant>,
    /// With a provider right now.
    #[schema(example = 8)]
    asked: i64,
    /// Not known to the tax service yet, or put off by a provider: asked again by the clock.
    #[schema(example = 24)]
    later: i64,
    /// When the oldest receipt without a verdict arrived.
    #[schema(value_type = Option<String>, format = DateTime)]
    oldest: Option<Instant>,
    /// Questions of this promotion answered in the last ten minutes.
    #[schema(example = 600)]
    answered: i64,
    /// Seconds until everything that is due will have been asked at this pace; none while nothing moves.
    #[schema(example = 388)]
    drained_in: Option<i64>,
}

/// A minute.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionMinute)]
pub struct MinuteView {
    /// Its beginning.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Receipts that arrived.
    arrived: i64,
    /// Questions that providers answered.
    answered: i64,
}

/// Refused receipts with one reason.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionReason)]
pub struct ReasonView {
    /// Its name.
    #[schema(example = "small_sum")]
    reason: String,
    /// As people read it, in Russian.
    title_ru: String,
    /// In English.
    title_en: String,
    /// How many.
    #[schema(example = 214)]
    receipts: i64,
}

/// A provider in the last hour.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionProvider)]
pub struct ProviderView {
    /// Id.
    #[schema(example = "prv_00fs4w8m5xv1g")]
    id: String,
    /// For people.
    name: String,
    /// Its kind.
    #[schema(example = "proverkacheka")]
    kind: String,
    /// It is not asked.
    paused: bool,
    /// Questions of the last hour, of all promotions.
    asked: i64,
    /// Of them found the receipt.
    found: i64,
    /// Of them told that it is not there, or not yet.
    missing: i64,
    /// Of them failed: out of order, refused, or the quota was used up.
    failed: i64,
    /// How long an answer took, on average, in milliseconds.
    took_ms: i64,
    /// How the last question ended: `found`, `not_yet`, `unknown`, `refused`, `quota`, `later`, `error`.
    last: Option<String>,
    /// When it was asked.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_at: Option<Instant>,
}

/// A pool of partners' codes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionCodes)]
pub struct PoolView {
    /// Whose.
    partner: String,
    /// Codes that nobody has yet.
    left: i64,
    /// Codes that were given.
    given: i64,
    /// From here on it is low.
    low_at: i64,
}

/// How far people come, and where they stop.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromotionPath)]
pub struct PathView {
    /// Came by a phrase, a link or a button; none where no scenario of the promotion is published.
    opened: Option<i64>,
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

/// In which form a table is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// `xlsx` or `csv`; `xlsx` when absent.
    pub format: Option<String>,
    /// The language of the file, `ru` or `en`; English when absent.
    pub locale: Option<String>,
}

/// Read the live numbers of a promotion
///
/// Queue, minutes, reasons of refusals, providers and codes, counted when asked. Needs the right `promotions`, as all
/// numbers do.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/live", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The numbers", body = LiveView))
)]
async fn promotion_live(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<LiveView>, Error> {
    Ok(Json(numbers::live(&app, &actor, id).await?.into()))
}

/// Read the funnel of a promotion
///
/// How far people come, at which steps of the scenario they fall silent, and where they came from.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/path", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The funnel", body = PathView))
)]
async fn promotion_path(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<PathView>, Error> {
    Ok(Json(numbers::path(&app, &actor, id).await?.into()))
}

/// Read a promotion day by day
///
/// Receipts by the day of their arrival, and people who are new or came again.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/days", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The days", body = DaysView))
)]
async fn promotion_days(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<DaysView>, Error> {
    Ok(Json(numbers::days(&app, &actor, id).await?.into()))
}

/// Read what is bought in a promotion
///
/// Goods of accepted receipts that a provider found, and pairs of goods.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/goods", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The goods", body = GoodsView))
)]
async fn promotion_goods(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<GoodsView>, Error> {
    Ok(Json(numbers::goods(&app, &actor, id, numbers::GOODS_SHOWN).await?.into()))
}

/// Read the purchases of a promotion
///
/// Accepted receipts by sum, hour of the week, region and shop.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/purchases", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The purchases", body = PurchasesView))
)]
async fn promotion_purchases(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<PurchasesView>, Error> {
    Ok(Json(numbers::purchases(&app, &actor, id).await?.into()))
}

/// Read who takes part in a promotion
///
/// How often people take part, who comes again, and what the customer base knows of them.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/people", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`")),
    responses((status = 200, description = "The people", body = PeopleView))
)]
async fn promotion_people(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<PromotionId>,
) -> Result<Json<PeopleView>, Error> {
    Ok(Json(numbers::people(&app, &actor, id).await?.into()))
}

/// Take out numbers of a promotion
///
/// As a file: `days`, `reasons`, `goods` (50,000 at most), `hours`, `regions` or `shops`. Needs the rights `promotions`
/// and `exports_make`.
#[utoipa::path(
    get, path = "/promotions/{id}/numbers/tables/{name}", tag = "promotions",
    params(("id" = String, Path, description = "`prm_…`"), ("name" = String, Path, description = "Which"), TableQuery),
    responses((status = 200, description = "The file", content((Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
async fn promotion_table(
    State(app): State<App>,
    Signed(actor): Signed,
    Path((id, name)): Path<(PromotionId, String)>,
    Query(asked): Query<TableQuery>,
) -> Result<Response, Error> {
    actor.require(Right::ExportsMake)?;
    table(&app, &actor, id, &name, &asked).await.map(IntoResponse::into_response)
}

async fn table(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    name: &str,
    asked: &TableQuery,
) -> Result<Response, Error> {
    let made = |table: &dyn samovar_app::reports::Tabular| {
        super::reports::file(name, asked.format.as_deref().unwrap_or("xlsx"), asked.locale.as_deref(), table)
    };
    match name {
        "days" => made(&numbers::days(app, actor, id).await?),
        "reasons" => made(&numbers::reasons(app, actor, id).await?),
        "goods" => made(&numbers::goods(app, actor, id, numbers::GOODS_MAX).await?),
        "hours" => made(&Hours::from(numbers::purchases(app, actor, id).await?)),
        "regions" => made(&Regions::from(numbers::purchases(app, actor, id).await?)),
        "shops" => made(&Shops::from(numbers::purchases(app, actor, id).await?)),
        _ => {
            actor.require(Right::Promotions)?;
            Err(Fail::from(samovar_app::Problem::not_found("таблица", "table", name)).into())
        }
    }
}

impl From<numbers::Live> for LiveView {
    fn from(all: numbers::Live) -> Self {
        let numbers::Live { at, zone, participants, tickets, refused, moderation, moderation_since, .. } =
            all;
        Self {
            at,
            zone,
            participants,
            tickets,
            refused,
            moderation,
            moderation_since,
            queue: QueueView {
                all: all.queue.all(),
                due: all.queue.due,
                due_since: all.queue.due_since,
                asked: all.queue.asked,
                later: all.queue.later,
                oldest: all.queue.oldest,
                answered: all.queue.answered,
                drained_in: all.queue.drained_in,
            },
            minutes: each(all.minutes, |numbers::Minute { at, arrived, answered }| MinuteView {
                at,
                arrived,
                answered,
            }),
            reasons: each(all.reasons, |line| {
                let title = |locale| {
                    Reason::from_name(&line.reason)
                        .map_or(line.reason.as_str(), |one| one.title(locale))
                        .to_owned()
                };
                ReasonView {
                    title_ru: title("ru"),
                    title_en: title("en"),
                    receipts: line.receipts,
                    reason: line.reason.clone(),
                }
            }),
            providers: each(all.providers, |one| ProviderView {
                id: one.id.to_string(),
                name: one.name,
                kind: one.kind,
                paused: one.paused,
                asked: one.asked,
                found: one.found,
                missing: one.missing,
                failed: one.failed,
                took_ms: one.took_ms,
                last: one.last,
                last_at: one.last_at,
            }),
            pools: each(all.pools, |numbers::Pool { partner, left, given, low_at }| PoolView {
                partner,
                left,
                given,
                low_at,
            }),
        }
    }
}

impl From<numbers::Path> for PathView {
    fn from(all: numbers::Path) -> Self {
        let [accepted, twice, thrice, five] = all.tickets;
        Self {
            opened: all.opened,
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

fn each<A, B>(all: Vec<A>, view: impl Fn(A) -> B) -> Vec<B> {
    all.into_iter().map(view).collect()
}
