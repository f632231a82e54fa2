//! Reports on points.

use super::word_of;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::Query;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;
use samovar_app::App;
use samovar_app::exports::Format;
use samovar_app::problem::Problem;
use samovar_app::reports::{self, Period, Tabular};
use samovar_app::sheets::Language;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Reports.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(report_liability))
        .routes(routes!(report_breakage))
        .routes(routes!(report_flow))
        .routes(routes!(report_returning))
}

/// In which form a report is wanted.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReportQuery {
    /// `json`, `xlsx` or `csv`; `json` when absent.
    pub format: Option<String>,
    /// The language of a file; English when absent.
    #[param(schema_with = languages)]
    pub locale: Option<String>,
}

/// In which form a report is wanted, and of which days.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PeriodQuery {
    /// `json`, `xlsx` or `csv`; `json` when absent.
    pub format: Option<String>,
    /// The language of a file; English when absent.
    #[param(schema_with = languages)]
    pub locale: Option<String>,
    /// The first day, of the business.
    #[param(required = true, value_type = String, format = Date, example = "2026-11-01")]
    pub from: Option<String>,
    /// The last day.
    #[param(required = true, value_type = String, format = Date, example = "2026-11-30")]
    pub to: Option<String>,
    /// Of who came back: in how many days; 30 when absent.
    #[param(minimum = 1, maximum = 365)]
    pub within_days: Option<u32>,
}

fn languages() -> Object {
    word_of(&["ru", "en"])
}

/// Points that expire in one month.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LiabilityMonth {
    /// `2026-12`; empty for points that never expire.
    month: String,
    /// Points, held ones among them.
    points: i64,
    /// Of them in holds.
    held: i64,
    /// Lots.
    lots: i64,
}

/// What is owed to customers now.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct LiabilityReport {
    /// By the month of expiry, the soonest first.
    months: Vec<LiabilityMonth>,
    /// That never expires.
    never: LiabilityMonth,
    /// In holds of lots whose time is over.
    over: i64,
    /// All of it.
    points: i64,
    /// Of it in holds.
    held: i64,
    /// Owed by customers; not subtracted.
    debt: i64,
}

/// Points earned in one month.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct BreakageCohort {
    /// `2026-11`.
    month: String,
    /// Earned.
    earned: i64,
    /// Of them expired unused.
    expired: i64,
    /// Spent, taken back or otherwise gone.
    used: i64,
    /// Still there.
    left: i64,
}

/// What was never used.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct BreakageReport {
    /// By the month of earning, the oldest first.
    cohorts: Vec<BreakageCohort>,
}

/// One day, one kind of operation, one who did it.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct FlowLine {
    /// The day, of the business.
    day: String,
    /// `grant`, `purchase`, `spend`, `expire`, …
    kind: String,
    /// An id of staff or a key, else `bot`, `setup`, `program`.
    who: String,
    /// The name of the person or key.
    name: Option<String>,
    /// Points that came.
    came: i64,
    /// Points that went.
    went: i64,
    /// Operations.
    operations: i64,
}

/// What came and went.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct FlowReport {
    /// By day, kind and who did it.
    lines: Vec<FlowLine>,
    /// Points that came.
    came: i64,
    /// Points that went.
    went: i64,
    /// Operations.
    operations: i64,
}

/// A group of customers.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct ReturningGroup {
    /// How many.
    customers: i64,
    /// Of them came back: bought, or paid with points.
    returned: i64,
    /// Points that were about to expire.
    points: i64,
}

/// Who came back.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct ReturningReport {
    /// Those who were warned.
    warned: ReturningGroup,
    /// Those whose points were about to expire as well, and who could not be written to.
    not_warned: ReturningGroup,
}

/// Report the liability
///
/// What is owed to customers now, by the month of expiry. Needs the right `exports_make`, as all reports do.
#[utoipa::path(
    get, path = "/reports/liability", tag = "reports", params(ReportQuery),
    responses((status = 200, description = "The report, or its table as a file", content((LiabilityReport = "application/json"), (Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
async fn report_liability(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(asked): Query<ReportQuery>,
) -> Result<Response, Error> {
    answer("liability", asked.format, asked.locale, &reports::liability(&app, &actor).await?)
}

/// Report the breakage
///
/// Of the points earned in each month: what expired unused, what was used, what is left.
#[utoipa::path(
    get, path = "/reports/breakage", tag = "reports", params(ReportQuery),
    responses((status = 200, description = "The report, or its table as a file", content((BreakageReport = "application/json"), (Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
async fn report_breakage(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(asked): Query<ReportQuery>,
) -> Result<Response, Error> {
    answer("breakage", asked.format, asked.locale, &reports::breakage(&app, &actor).await?)
}

/// Report the flow
///
/// What came and went by day, kind of operation, and who did it. `from` and `to` are needed; at most 400 days.
#[utoipa::path(
    get, path = "/reports/flow", tag = "reports", params(PeriodQuery),
    responses((status = 200, description = "The report, or its table as a file", content((FlowReport = "application/json"), (Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
async fn report_flow(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(asked): Query<PeriodQuery>,
) -> Result<Response, Error> {
    let report = reports::flow(&app, &actor, period(&asked)?).await?;
    answer("flow", asked.format, asked.locale, &report)
}

/// Report who came back
///
/// Of the customers whose points were about to expire on days from `from` to `to`: how many bought or paid with points
/// within `within_days`, of those who were warned and of those who could not be.
#[utoipa::path(
    get, path = "/reports/returning", tag = "reports", params(PeriodQuery),
    responses((status = 200, description = "The report, or its table as a file", content((ReturningReport = "application/json"), (Vec<u8> = "text/csv"), (Vec<u8> = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))))
)]
async fn report_returning(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(asked): Query<PeriodQuery>,
) -> Result<Response, Error> {
    let within = asked.within_days.unwrap_or(30);
    let report = reports::returning(&app, &actor, period(&asked)?, within).await?;
    answer("returning", asked.format, asked.locale, &report)
}

fn period(asked: &PeriodQuery) -> Result<Period, Problem> {
    let day = |field: &str, text: Option<&str>| {
        let read = text.and_then(|text| text.parse::<Date>().ok());
        read.ok_or_else(|| {
            let (ru, en) = ("Нужна дата вида 2026-11-21", "A date is written 2026-11-21");
            Problem::invalid(field, "bad_date", ru, en)
        })
    };
    Ok(Period { from: day("from", asked.from.as_deref())?, to: day("to", asked.to.as_deref())? })
}

fn answer(
    name: &str,
    format: Option<String>,
    locale: Option<String>,
    report: &(impl Tabular + Serialize),
) -> Result<Response, Error> {
    match format.as_deref() {
        None | Some("json") => Ok(axum::Json(report).into_response()),
        Some(format) => file(name, format, locale.as_deref(), report),
    }
}

/// A table as a file to be saved.
pub(super) fn file(
    name: &str,
    format: &str,
    locale: Option<&str>,
    table: &dyn Tabular,
) -> Result<Response, Error> {
    let format = format.parse::<Format>()?;
    let language = Language::of(locale.unwrap_or("en"));
    let bytes = reports::file(&table.table(language), language, format == Format::Xlsx);
    let name = format!("attachment; filename=\"{name}.{format}\"");
    let disposition = HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(format.media_type())),
        (header::CONTENT_DISPOSITION, disposition),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
    ];
    Ok((headers, bytes).into_response())
}
