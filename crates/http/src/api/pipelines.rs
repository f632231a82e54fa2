//! The pipelines that deals go through.

use super::loyalty::LoyaltyWording;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use axum::extract::State;
use samovar_app::App;
use samovar_app::deals::{self, PipelineFields};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Pipelines.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list_pipelines)).routes(routes!(put_pipeline))
}

/// A way that deals go.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "pip_00fs4w8m5xv1g", "key": "main", "revision": 1,
    "pipeline": { "name": { "ru": "Сделки", "en": "Deals" }, "after_success": "reverse", "order_days": 14, "stages": [
        { "key": "new", "name": { "ru": "Новая", "en": "New" }, "kind": "open" },
        { "key": "won", "name": { "ru": "Успех", "en": "Won" }, "kind": "success" },
        { "key": "lost", "name": { "ru": "Отказ", "en": "Lost" }, "kind": "failure" }
    ] }
}))]
pub struct Pipeline {
    /// Id.
    pub id: String,
    /// Short name.
    pub key: String,
    /// Grows with every change.
    pub revision: i64,
    /// What is said of it.
    #[schema(value_type = DealPipeline)]
    pub pipeline: PipelineFields,
}

/// A pipeline as it should be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "revision": 0,
    "pipeline": { "name": { "ru": "Записи", "en": "Bookings" }, "at_registration": true, "stages": [
        { "key": "new", "name": { "ru": "Новая", "en": "New" }, "kind": "open" },
        { "key": "won", "name": { "ru": "Пришёл", "en": "Came" }, "kind": "success" },
        { "key": "lost", "name": { "ru": "Не пришёл", "en": "Did not come" }, "kind": "failure" }
    ] }
}))]
pub struct NewPipeline {
    /// Refused when the pipeline has another revision by now; 0 is one that is not there yet.
    #[serde(default)]
    pub revision: Option<i64>,
    /// All of it: what is absent gets its default.
    #[schema(value_type = DealPipeline)]
    pub pipeline: PipelineFields,
}

/// List pipelines
///
/// `main` and `orders` are made when they are first needed. Needs the right `contacts_read`.
#[utoipa::path(
    get, path = "/pipelines", tag = "deals",
    responses((status = 200, description = "All pipelines", body = Vec<Pipeline>))
)]
async fn list_pipelines(State(app): State<App>, Signed(actor): Signed) -> Result<Json<Vec<Pipeline>>, Error> {
    Ok(Json(deals::pipelines(&app, &actor).await?.into_iter().map(Pipeline::from).collect()))
}

/// Put a pipeline
///
/// Makes the pipeline of a short name be so, new or not; everything wrong with it is told by field. A stage at which
/// deals stand cannot be taken away. Needs the right `settings_manage`.
#[utoipa::path(
    put, path = "/pipelines/{key}", tag = "deals", params(("key" = String, Path, description = "Short name")),
    request_body = NewPipeline, responses((status = 200, description = "The pipeline as it is now", body = Pipeline))
)]
async fn put_pipeline(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(key): Path<String>,
    Json(new): Json<NewPipeline>,
) -> Result<Json<Pipeline>, Error> {
    Ok(Json(deals::put_pipeline(&app, &actor, &key, new.revision, new.pipeline).await?.0.into()))
}

impl From<deals::Pipeline> for Pipeline {
    fn from(deals::Pipeline { id, key, fields, revision }: deals::Pipeline) -> Self {
        Self { id: id.to_string(), key, revision, pipeline: fields }
    }
}

// What the description says of values that are read and written by the app's own types.

/// What is said of a pipeline.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct DealPipeline {
    /// 1 to 60 characters.
    name: LoyaltyWording,
    /// In order, at least one of each kind; a new deal begins at the first that is open.
    stages: Vec<DealStage>,
    /// Whoever registers gets a deal here.
    at_registration: Option<bool>,
    /// What success gives.
    accrual: Option<DealAccrual>,
    /// What a failure after success does to the points: `reverse` when absent.
    #[schema(schema_with = after_success)]
    after_success: Option<String>,
    /// After so many days an open order is refused by itself; 14 when absent.
    #[schema(minimum = 1, maximum = 365)]
    order_days: Option<u32>,
    /// What the staff reads in its bot of a new order, in place of the usual words: a template over `title`, `stage`,
    /// `points`, `name`, `business`.
    tells_staff: Option<LoyaltyWording>,
}

/// A stage.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct DealStage {
    /// Short name.
    key: String,
    /// For people.
    name: LoyaltyWording,
    /// What it means.
    #[schema(schema_with = stage_kind)]
    kind: String,
    /// What the customer is told: a template over `title`, `stage`, `points`, `earned`, `name`, `business`, `expired`.
    tells: Option<LoyaltyWording>,
}

/// What success gives, once.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct DealAccrual {
    /// The weights of the deal's items; true when absent.
    weights: Option<bool>,
    /// So many points.
    fixed: Option<i64>,
    /// A share of the sum in roubles, in basis points.
    #[schema(minimum = 0, maximum = 10_000)]
    percent_bp: Option<u32>,
}

pub(super) fn stage_kind() -> utoipa::openapi::schema::Object {
    super::word_of(&["open", "success", "failure"])
}

fn after_success() -> utoipa::openapi::schema::Object {
    super::word_of(&["reverse", "leave"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use samovar_app::loyalty::Wording;
    use serde_json::Value;
    use std::collections::BTreeSet;
    use utoipa::PartialSchema;

    fn described<T: PartialSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(T::schema()).unwrap();
        schema["properties"].as_object().unwrap().keys().cloned().collect()
    }

    fn written(value: &Value) -> BTreeSet<String> {
        value.as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn the_description_of_a_pipeline_is_that_of_its_values() {
        let mut pipeline = PipelineFields::builtin(deals::MAIN);
        pipeline.stages[0].tells = Some(Wording::new("а", "a"));
        pipeline.tells_staff = Some(Wording::new("а", "a"));
        let pipeline = serde_json::to_value(pipeline).unwrap();
        assert_eq!(described::<DealPipeline>(), written(&pipeline));
        assert_eq!(described::<DealStage>(), written(&pipeline["stages"][0]));
        assert_eq!(described::<DealAccrual>(), written(&pipeline["accrual"]));
    }
}
