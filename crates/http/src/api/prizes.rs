//! The company's rules of prizes, and the journal of the tax on them.

use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path, Query};
use crate::page::{Page, PageQuery, Paging};
use axum::extract::State;
use samovar_app::App;
use samovar_app::draws::{self, TaxId};
use samovar_app::loyalty::Wording;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Rules of prizes and the tax on them.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(prize_rules, set_prize_rules))
        .routes(routes!(prize_tax))
        .routes(routes!(prize_tax_year))
}

/// How prizes are taxed.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrizeTaxRule {
    /// Worth of all prizes of a person in a calendar year that is free, in kopecks.
    #[schema(example = 400_000, minimum = 0)]
    pub free: i64,
    /// Of what is above, in basis points.
    #[schema(example = 3500, minimum = 0, maximum = 10_000)]
    pub rate: i64,
}

/// A text in both languages.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrizeWording {
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

/// What is said to winners: templates over `prize`, `draw`, `promotion`, `ticket`, `until`, `name`, `business`, `note`.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrizeTexts {
    /// They won.
    pub won: PrizeWording,
    /// The button by which a prize is taken; at most 40 characters.
    pub take: PrizeWording,
    /// The button by which it is refused; at most 40 characters.
    pub refuse: PrizeWording,
    /// After the prize was taken.
    pub taken: PrizeWording,
    /// After it was refused.
    pub refused: PrizeWording,
    /// A button is pressed too late.
    pub late: PrizeWording,
    /// The prize is on its way.
    pub sent: PrizeWording,
}

/// The company's rules of prizes.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrizeRules {
    /// How long a winner's answer is waited for, in hours.
    #[schema(example = 72)]
    pub answer_hours: i64,
    /// The tax on prizes.
    pub tax: PrizeTaxRule,
    /// What is said.
    pub texts: PrizeTexts,
    /// 0 while the defaults hold.
    pub revision: i64,
}

/// Other rules of prizes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PrizeRulesChange {
    /// Only if they still have this revision.
    #[serde(default)]
    pub revision: Option<i64>,
    /// 1 to 1440.
    #[schema(minimum = 1, maximum = 1440)]
    pub answer_hours: i64,
    /// The tax on prizes.
    pub tax: PrizeTaxRule,
    /// What is said.
    pub texts: PrizeTexts,
}

/// A line of the journal: a prize that was handed over.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "tax_00fs4w8m5xv1g", "year": 2026, "contact": "con_00fs4w8m5xv1g", "name": "Анна Каренина",
    "promotion": "prm_00fs4w8m5xv1g", "draw": "drw_00fs4w8m5xv1g", "place": 1, "prize": "Кофемашина", "worth": 4_990_000,
    "before": 0, "taxable": 4_590_000, "tax": 1_606_500, "rule": { "free": 400_000, "rate": 3500 },
    "handed_at": "2026-11-27T09:00:00Z"
}))]
pub struct PrizeTaxLine {
    /// Id.
    pub id: String,
    /// The calendar year of the business.
    pub year: i64,
    /// Who got the prize.
    pub contact: String,
    /// Their name; masked without the right `personal_data_see`.
    pub name: String,
    /// Of which promotion.
    pub promotion: String,
    /// Of which draw.
    pub draw: String,
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
    /// The tax in kopecks, of whole roubles.
    pub tax: i64,
    /// The rule by which it was counted.
    pub rule: PrizeTaxRule,
    /// When it was handed over.
    #[schema(value_type = String, format = DateTime)]
    pub handed_at: Instant,
}

/// A year of the journal, summed up.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "year": 2026, "prizes": 11, "people": 11, "worth": 5_990_000, "taxable": 4_590_000, "tax": 1_606_500
}))]
pub struct PrizeTaxYear {
    /// Which.
    pub year: i64,
    /// Prizes handed over.
    pub prizes: i64,
    /// People who got them.
    pub people: i64,
    /// Their worth together, in kopecks.
    pub worth: i64,
    /// What of it is above the free sum.
    pub taxable: i64,
    /// The tax.
    pub tax: i64,
}

/// Which year.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TaxYearQuery {
    /// The calendar year of the business.
    #[param(example = 2026)]
    pub year: i64,
}

/// Read the rules of prizes
///
/// Needs the right `promotions`.
#[utoipa::path(
    get, path = "/prize-rules", tag = "winners", responses((status = 200, description = "The rules", body = PrizeRules))
)]
async fn prize_rules(State(app): State<App>, Signed(actor): Signed) -> Result<Json<PrizeRules>, Error> {
    Ok(Json(draws::rules(&app, &actor).await?.into()))
}

/// Change the rules of prizes
///
/// As a whole. What is in the journal of the tax stays as it was counted. Needs the rights `promotions` and
/// `settings_manage`.
#[utoipa::path(
    put, path = "/prize-rules", tag = "winners", request_body = PrizeRulesChange,
    responses((status = 200, description = "The rules", body = PrizeRules))
)]
async fn set_prize_rules(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(change): Json<PrizeRulesChange>,
) -> Result<Json<PrizeRules>, Error> {
    let PrizeRulesChange { revision, answer_hours, tax, texts } = change;
    let rules = draws::Rules { answer_hours, tax: tax.into(), texts: texts.into() };
    Ok(Json(draws::set_rules(&app, &actor, revision, rules).await?.into()))
}

/// Read the journal of the tax on prizes
///
/// A year of it, in the order in which prizes were handed over, over all promotions of the company. Needs the right
/// `promotions`.
#[utoipa::path(
    get, path = "/prize-tax", tag = "winners", params(TaxYearQuery, PageQuery),
    responses((status = 200, description = "A page of the journal", body = Page<PrizeTaxLine>))
)]
async fn prize_tax(
    State(app): State<App>,
    Signed(actor): Signed,
    Query(of): Query<TaxYearQuery>,
    paging: Paging,
) -> Result<Json<Page<PrizeTaxLine>>, Error> {
    let all = draws::tax_journal(&app, &actor, of.year, paging.after::<TaxId>()?, paging.to_read()).await?;
    Ok(Json(Page::cut(all, paging.limit, |line| line.id).map(PrizeTaxLine::from)))
}

/// Sum the journal of the tax on prizes up
///
/// For a year. Needs the right `promotions`.
#[utoipa::path(
    get, path = "/prize-tax/{year}", tag = "winners", params(("year" = i64, Path, description = "2026")),
    responses((status = 200, description = "The year", body = PrizeTaxYear))
)]
async fn prize_tax_year(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(year): Path<i64>,
) -> Result<Json<PrizeTaxYear>, Error> {
    let draws::TaxYear { year, prizes, people, worth, taxable, tax } =
        draws::tax_year(&app, &actor, year).await?;
    Ok(Json(PrizeTaxYear { year, prizes, people, worth, taxable, tax }))
}

impl From<draws::StoredRules> for PrizeRules {
    fn from(stored: draws::StoredRules) -> Self {
        let draws::Rules { answer_hours, tax, texts } = stored.rules;
        Self { answer_hours, tax: tax.into(), texts: texts.into(), revision: stored.revision }
    }
}

impl From<draws::TaxRule> for PrizeTaxRule {
    fn from(rule: draws::TaxRule) -> Self {
        Self { free: rule.free, rate: rule.rate }
    }
}

impl From<PrizeTaxRule> for draws::TaxRule {
    fn from(rule: PrizeTaxRule) -> Self {
        Self { free: rule.free, rate: rule.rate }
    }
}

impl From<Wording> for PrizeWording {
    fn from(Wording { ru, en }: Wording) -> Self {
        Self { ru, en }
    }
}

impl From<PrizeWording> for Wording {
    fn from(PrizeWording { ru, en }: PrizeWording) -> Self {
        Self { ru, en }
    }
}

impl From<draws::Texts> for PrizeTexts {
    fn from(texts: draws::Texts) -> Self {
        Self {
            won: texts.won.into(),
            take: texts.take.into(),
            refuse: texts.refuse.into(),
            taken: texts.taken.into(),
            refused: texts.refused.into(),
            late: texts.late.into(),
            sent: texts.sent.into(),
        }
    }
}

impl From<PrizeTexts> for draws::Texts {
    fn from(texts: PrizeTexts) -> Self {
        Self {
            won: texts.won.into(),
            take: texts.take.into(),
            refuse: texts.refuse.into(),
            taken: texts.taken.into(),
            refused: texts.refused.into(),
            late: texts.late.into(),
            sent: texts.sent.into(),
        }
    }
}

impl From<draws::TaxLine> for PrizeTaxLine {
    fn from(line: draws::TaxLine) -> Self {
        Self {
            id: line.id.to_string(),
            year: line.year,
            contact: line.contact.to_string(),
            name: line.name,
            promotion: line.promotion.to_string(),
            draw: line.draw.to_string(),
            place: line.place,
            prize: line.prize,
            worth: line.worth,
            before: line.before,
            taxable: line.taxable,
            tax: line.tax,
            rule: line.rule.into(),
            handed_at: line.handed_at,
        }
    }
}
