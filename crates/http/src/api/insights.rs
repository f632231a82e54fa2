//! How the company is doing.

use super::backups::BackupFailure;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Query};
use axum::extract::State;
use jiff::civil::Date;
use samovar_app::App;
use samovar_app::backups;
use samovar_app::insights::{self, Dashboard, SourceLine, Sums};
use samovar_app::problem::Problem;
use samovar_app::promo::numbers::Tile;
use samovar_app::reports::Period;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Figures.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_dashboard))
}

/// Which days.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DashboardQuery {
    /// The first day, `YYYY-MM-DD`, of the business; together with `to`. The last thirty days when absent.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
}

/// What happened on some days.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[schema(as = DashboardSums)]
pub struct SumsView {
    /// New contacts.
    #[schema(example = 148)]
    came: i64,
    /// Of them registered.
    #[schema(example = 131)]
    registered: i64,
    /// Contacts whose points moved by what they did; only of a whole period, 0 for a day.
    #[schema(example = 640)]
    active: i64,
    /// Points that came.
    #[schema(example = 21450)]
    earned: i64,
    /// Points that paid for something.
    #[schema(example = 9300)]
    spent: i64,
    /// Points that expired.
    #[schema(example = 1220)]
    expired: i64,
    /// Purchases.
    #[schema(example = 702)]
    purchases: i64,
    /// What they came to, less what was brought back, in kopecks.
    #[schema(example = 93840000)]
    turnover_minor: i64,
    /// Deals that came to success and gave points.
    #[schema(example = 12)]
    deals: i64,
}

/// A day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardDay)]
pub struct DayView {
    /// Of the business.
    #[schema(example = "2026-11-21")]
    day: String,
    /// What happened on it.
    sums: SumsView,
}

/// How far those came who are new in the period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardFunnel)]
pub struct FunnelView {
    /// Wrote to a bot, or were added.
    came: i64,
    /// Registered.
    registered: i64,
    /// Bought once, or had a deal that came to success.
    bought: i64,
    /// Did it again.
    again: i64,
}

/// Where new contacts came from.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardSource)]
pub struct SourceView {
    /// The tag of the link; empty where it is not known.
    #[schema(example = "window")]
    source: String,
    /// What the company calls the link with that tag; empty where there is none.
    #[schema(example = "Shop window")]
    title: String,
    /// How many.
    came: i64,
    /// Of them registered.
    registered: i64,
}

/// Points that expire.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardEnding)]
pub struct EndingView {
    /// The last day on which they can be spent.
    #[schema(example = "2026-12-01")]
    day: String,
    /// How many.
    points: i64,
}

/// A promotion that takes receipts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DashboardPromotion)]
pub struct PromotionView {
    /// Id.
    #[schema(example = "prm_00fs4w8m5xv1g")]
    id: String,
    /// As people read it.
    #[schema(example = "Самовар за чек")]
    name: String,
    /// The first moment that is too late.
    #[schema(value_type = String, format = DateTime)]
    ends_at: Instant,
    /// Who accepted the rules.
    participants: i64,
    /// The last number given out.
    tickets: i64,
    /// Receipts that arrived today.
    today: i64,
    /// Receipts that arrived in the last ten minutes.
    lately: i64,
    /// Receipts without a verdict.
    queue: i64,
    /// Receipts that wait for a person's decision.
    moderation: i64,
}

/// The figures of a company.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Dashboard)]
pub struct DashboardView {
    /// The first day.
    #[schema(example = "2026-10-24")]
    from: String,
    /// The last day.
    #[schema(example = "2026-11-22")]
    to: String,
    /// The zone of the business.
    #[schema(example = "Europe/Moscow")]
    zone: String,
    /// When it was counted.
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// Day by day.
    days: Vec<DayView>,
    /// The whole period.
    now: SumsView,
    /// As many days before it.
    before: SumsView,
    /// How far new contacts came.
    funnel: FunnelView,
    /// Where they came from, most first, eight at most.
    sources: Vec<SourceView>,
    /// Points that expire in the next thirty days.
    ending: Vec<EndingView>,
    /// Conversations that wait for a person, now.
    waiting: i64,
    /// Since when the oldest of them does.
    #[schema(value_type = Option<String>, format = DateTime)]
    waiting_since: Option<Instant>,
    /// Contacts.
    contacts: i64,
    /// About how many of them can be written to.
    reachable: i64,
    /// Promotions that take receipts, now, the first to end first; only for those with the right `promotions`.
    promotions: Vec<PromotionView>,
    /// Why the last backup was not made; only for those with the right `backups_make`.
    backup_failure: Option<BackupFailure>,
}

/// Read the dashboard
///
/// A period beside as many days before it. Needs the right `settings_read`.
#[utoipa::path(
    get, path = "/insights/dashboard", tag = "insights", params(DashboardQuery),
    responses((status = 200, description = "The figures", body = DashboardView))
)]
async fn get_dashboard(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(asked): Query<DashboardQuery>,
) -> Result<Json<DashboardView>, Error> {
    let period = match (asked.from.as_deref(), asked.to.as_deref()) {
        (None, None) => None,
        (from, to) => Some(Period { from: date("from", from)?, to: date("to", to)? }),
    };
    let mut view = DashboardView::from(insights::dashboard(&app, &actor, period).await?);
    view.backup_failure = backups::failure(&app, &actor).await?.map(BackupFailure::from);
    Ok(Json(view))
}

fn date(field: &'static str, text: Option<&str>) -> Result<Date, Problem> {
    text.and_then(|text| text.parse().ok()).ok_or_else(|| {
        let (ru, en) = ("Нужна дата вида 2026-11-21", "A date like 2026-11-21 is needed");
        Problem::invalid(field, "bad_date", ru, en)
    })
}

impl From<Sums> for SumsView {
    fn from(sums: Sums) -> Self {
        let Sums { came, registered, active, earned, spent, expired, purchases, turnover_minor, deals } =
            sums;
        Self { came, registered, active, earned, spent, expired, purchases, turnover_minor, deals }
    }
}

impl From<Dashboard> for DashboardView {
    fn from(all: Dashboard) -> Self {
        let insights::Funnel { came, registered, bought, again } = all.funnel;
        Self {
            from: all.period.from.to_string(),
            to: all.period.to.to_string(),
            zone: all.zone,
            at: all.at,
            days: all
                .days
                .into_iter()
                .map(|one| DayView { day: one.day.to_string(), sums: one.sums.into() })
                .collect(),
            now: all.now.into(),
            before: all.before.into(),
            funnel: FunnelView { came, registered, bought, again },
            sources: all
                .sources
                .into_iter()
                .map(|SourceLine { source, title, came, registered }| SourceView {
                    source,
                    title,
                    came,
                    registered,
                })
                .collect(),
            ending: all
                .ending
                .into_iter()
                .map(|one| EndingView { day: one.day.to_string(), points: one.points })
                .collect(),
            waiting: all.waiting.count,
            waiting_since: all.waiting.since,
            contacts: all.reach.contacts,
            reachable: all.reach.reachable,
            promotions: all.promotions.into_iter().map(PromotionView::from).collect(),
            backup_failure: None,
        }
    }
}

impl From<Tile> for PromotionView {
    fn from(one: Tile) -> Self {
        let Tile { name, ends_at, participants, tickets, today, lately, queue, moderation, .. } = one;
        let id = one.id.to_string();
        Self { id, name, ends_at, participants, tickets, today, lately, queue, moderation }
    }
}
