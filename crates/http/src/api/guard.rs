//! The guard at the till: limits of roles, and what looked odd.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::Json;
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::guard;
use samovar_base::{Instant, Points};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Rules and alerts.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_guard_rules, set_guard_rules)).routes(routes!(list_guard_alerts))
}

/// The rules and the number that guards their changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "revision": 1,
    "rules": {
        "limits": { "cashier": { "points_per_operation": 5000, "points_per_day": 50000, "operations_per_day": 300 } },
        "alerts": { "same_customer_per_day": 3, "round_from": 1000, "round_to": 500, "own_card": true }
    }
}))]
pub struct StoredGuardRules {
    /// Grows with every change; zero while the defaults hold.
    pub revision: i64,
    /// The rules.
    #[schema(value_type = GuardRules)]
    pub rules: guard::Rules,
}

/// Rules to take the place of the present ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "revision": 1, "rules": { "limits": { "cashier": { "points_per_operation": 2000 } } } }))]
pub struct NewGuardRules {
    /// Refused when the rules have another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// All of them: what is absent gets its default.
    #[schema(value_type = GuardRules)]
    pub rules: guard::Rules,
}

/// What each role may move by hand, and what the owners are told of.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only described")]
pub struct GuardRules {
    /// By role: `owner`, `administrator`, `manager`, `marketer`, `dispatcher`, `cashier`. A role that is absent has no
    /// limits.
    limits: Option<BTreeMap<String, GuardLimits>>,
    /// Which accruals look odd.
    alerts: Option<GuardAlerts>,
}

/// Limits of a role; what is absent is not limited.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only described")]
pub struct GuardLimits {
    /// Points in one operation.
    points_per_operation: Option<i64>,
    /// Points in a day of the business, accrued and written off together.
    points_per_day: Option<i64>,
    /// Operations in a day of the business.
    operations_per_day: Option<i64>,
    /// The largest part of a purchase that is paid with points, in percent.
    discount_percent: Option<i64>,
}

/// Which accruals look odd.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "only described")]
pub struct GuardAlerts {
    /// More accruals than this by one person to one customer in a day; absent is never.
    same_customer_per_day: Option<i64>,
    /// An accrual of at least so many points that is a multiple of `round_to`; absent is never.
    round_from: Option<i64>,
    /// What counts as round: 500.
    round_to: Option<i64>,
    /// An accrual to the card of the person who accrues: true.
    own_card: Option<bool>,
    /// `[9, 22]` is from 9:00 to 22:00: an accrual outside of these hours of the business is odd; absent is never.
    open_hours: Option<Vec<u8>>,
}

/// Something odd that somebody of the staff did.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "alr_00fs4w8m5xv1g", "at": "2026-11-21T10:00:00Z", "staff_id": "stf_00fs4w8m5xv1q",
    "contact_id": "con_00fs4w8m5xv1h", "reason": "round_sum", "points": 1500, "count": 1, "told": true
}))]
pub struct GuardAlert {
    /// Id.
    pub id: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who.
    pub staff_id: String,
    /// To whom.
    pub contact_id: String,
    /// `own_card`, `same_customer`, `round_sum` or `after_hours`.
    #[schema(value_type = String)]
    pub reason: guard::Reason,
    /// How many points.
    #[schema(value_type = i64)]
    pub points: Points,
    /// Accruals by this person to this customer on that day, this one included.
    pub count: i64,
    /// The owners were written to in the staff's bot.
    pub told: bool,
}

/// Read the rules of the till's guard
///
/// Needs the right `settings_read`.
#[utoipa::path(get, path = "/guard/rules", tag = "guard",
    responses((status = 200, description = "The rules", body = StoredGuardRules)))]
async fn get_guard_rules(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<StoredGuardRules>, Error> {
    let guard::Stored { rules, revision } = guard::rules(&app, &actor).await?;
    Ok(Json(StoredGuardRules { revision, rules }))
}

/// Replace the rules of the till's guard
///
/// They hold at once. Only people of the staff are guarded, programs with keys are not. Needs the right
/// `settings_manage`.
#[utoipa::path(put, path = "/guard/rules", tag = "guard", request_body = NewGuardRules,
    responses((status = 200, description = "The rules as they are now", body = StoredGuardRules)))]
async fn set_guard_rules(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewGuardRules>,
) -> Result<Json<StoredGuardRules>, Error> {
    let guard::Stored { rules, revision } = guard::set_rules(&app, &actor, new.revision, new.rules).await?;
    Ok(Json(StoredGuardRules { revision, rules }))
}

/// List what looked odd
///
/// The youngest first. Needs the right `audit_read`.
#[utoipa::path(get, path = "/guard/alerts", tag = "guard", params(PageQuery),
    responses((status = 200, description = "Alerts", body = Page<GuardAlert>)))]
async fn list_guard_alerts(
    State(app): State<App>,
    Signed(actor): Signed,
    paging: Paging,
) -> Result<Json<Page<GuardAlert>>, Error> {
    let rows = guard::alerts(&app, &actor, paging.after()?, paging.to_read()).await?;
    Ok(Json(Page::cut(rows, paging.limit, |row| row.id).map(GuardAlert::from)))
}

impl From<guard::Alert> for GuardAlert {
    fn from(alert: guard::Alert) -> Self {
        Self {
            id: alert.id.to_string(),
            at: alert.at,
            staff_id: alert.staff.to_string(),
            contact_id: alert.contact.to_string(),
            reason: alert.reason,
            points: alert.points,
            count: alert.count,
            told: alert.told,
        }
    }
}
