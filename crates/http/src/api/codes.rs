//! Confirmation codes.

use super::ledger::Receipt;
use super::purchases::BookedPurchase;
use crate::auth::Signed;
use crate::error::Error;
use crate::extract::{Json, Path};
use crate::idempotency::IdempotencyKey;
use axum::extract::State;
use samovar_app::App;
use samovar_app::codes::{self, CodeId, CodeRules, CodeState, Operation, Performed};
use samovar_base::{ContactId, Instant, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Codes and their rules.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_code_rules, set_code_rules))
        .routes(routes!(send_code))
        .routes(routes!(get_code))
        .routes(routes!(redeem_code))
        .routes(routes!(cancel_code))
}

/// The rules and the number that guards their changes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "revision": 1,
    "rules": { "digits": 4, "minutes": 10, "tries": 5, "per_hour": 10, "required": { "deduct": 500 }, "texts": {} }
}))]
pub struct StoredCodeRules {
    /// Grows with every change; zero while the defaults hold.
    pub revision: i64,
    /// The rules.
    #[schema(value_type = ConfirmationRules)]
    pub rules: CodeRules,
}

/// Rules to take the place of the present ones.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "revision": 1, "rules": { "digits": 6, "required": { "deduct": 0 } } }))]
pub struct NewCodeRules {
    /// Refused when the rules have another revision by now.
    #[serde(default)]
    pub revision: Option<i64>,
    /// All of them: what is absent gets its default.
    #[schema(value_type = ConfirmationRules)]
    pub rules: CodeRules,
}

/// What the customer is to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "operation": { "kind": "deduct", "points": 700, "comment": "Десерт" } }))]
pub struct NewCode {
    /// It is done with exactly these sums when the code is entered.
    #[schema(value_type = ConfirmedOperation)]
    pub operation: Operation,
}

/// A code as it stands. Its digits are known to the customer only.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfirmationCode, example = json!({
    "id": "cod_00fs4w8m5xv1g", "contact_id": "con_00fs4w8m5xv1g", "state": "open", "tries": 0,
    "operation": { "kind": "deduct", "points": 700, "comment": "Десерт" }, "asked_by": "stf_00fs4w8m5xv1q",
    "asked_at": "2026-11-21T10:00:00Z", "expires_at": "2026-11-21T10:10:00Z"
}))]
pub struct Code {
    /// Id.
    pub id: String,
    /// Who confirms.
    pub contact_id: String,
    /// What.
    #[schema(value_type = ConfirmedOperation)]
    pub operation: Operation,
    /// `open`; `used` and `confirmed`: the operation is done; `cancelled`; `exhausted` by wrong guesses. An open one is
    /// good until `expires_at`.
    #[schema(schema_with = code_state)]
    pub state: CodeState,
    /// Wrong guesses.
    pub tries: i64,
    /// Who asked: an id of staff or key, `setup`, `system`.
    pub asked_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Instant,
    /// From then on it is worth nothing.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
}

/// What the customer told.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "0412", "points": 700 }))]
pub struct EnteredCode {
    /// The digits; what stands between them does not count.
    pub code: String,
    /// If given, it must be the sum for which the code was sent.
    #[serde(default)]
    pub points: Option<i64>,
}

/// What was done: as taking points answers, or as booking a purchase does.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Confirmed {
    /// Points were taken by hand.
    Moved(Box<Receipt>),
    /// A purchase was booked.
    Bought(Box<BookedPurchase>),
}

/// Read the rules of codes
///
/// Needs the right `settings_read`.
#[utoipa::path(
    get, path = "/codes/rules", tag = "codes",
    responses((status = 200, description = "The rules", body = StoredCodeRules))
)]
async fn get_code_rules(
    State(app): State<App>,
    Signed(actor): Signed,
) -> Result<Json<StoredCodeRules>, Error> {
    Ok(Json(codes::rules(&app, &actor).await?.into()))
}

/// Set the rules of codes
///
/// Puts all rules in the place of the present ones; everything wrong with them is told by field. They hold for the next
/// code, and for the next operation without one. Needs the right `settings_manage`.
#[utoipa::path(
    put, path = "/codes/rules", tag = "codes", request_body = NewCodeRules,
    responses((status = 200, description = "The rules as they are now", body = StoredCodeRules))
)]
async fn set_code_rules(
    State(app): State<App>,
    Signed(actor): Signed,
    Json(new): Json<NewCodeRules>,
) -> Result<Json<StoredCodeRules>, Error> {
    Ok(Json(codes::set_rules(&app, &actor, new.revision, new.rules).await?.into()))
}

/// Send a code
///
/// Into the customer's chat, with what it is for. An open code for an operation of the same kind is cancelled. What
/// could not be done anyway (too few points) is refused at once. `Idempotency-Key` is required and becomes the
/// operation's key for ever. Needs the right `points_write`.
#[utoipa::path(
    post, path = "/contacts/{id}/codes", tag = "codes",
    params(("id" = String, Path, description = "con_…"), ("Idempotency-Key" = String, Header, description = "Yours")),
    request_body = NewCode, responses((status = 200, description = "The code, without its digits", body = Code))
)]
async fn send_code(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<ContactId>,
    IdempotencyKey(key): IdempotencyKey,
    Json(new): Json<NewCode>,
) -> Result<Json<Code>, Error> {
    Ok(Json(codes::ask(&app, &actor, id, new.operation, key).await?.into()))
}

/// Read a code
///
/// Tells whether the customer has confirmed meanwhile. Needs the right `points_read`.
#[utoipa::path(
    get, path = "/codes/{id}", tag = "codes", params(("id" = String, Path, description = "cod_…")),
    responses((status = 200, description = "The code, without its digits", body = Code))
)]
async fn get_code(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CodeId>,
) -> Result<Json<Code>, Error> {
    Ok(Json(codes::get(&app, &actor, id).await?.into()))
}

/// Enter a code
///
/// Does the operation, once. A wrong code is counted and refused with `code_wrong`; one that is too old, cancelled or
/// guessed at too often with `code_over`; another sum with `code_for_other_sum`. Needs the right `points_write`.
#[utoipa::path(
    post, path = "/codes/{id}/redeem", tag = "codes", params(("id" = String, Path, description = "cod_…")),
    request_body = EnteredCode, responses((status = 200, description = "What was done", body = Confirmed))
)]
async fn redeem_code(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CodeId>,
    Json(entered): Json<EnteredCode>,
) -> Result<Json<Confirmed>, Error> {
    let points = entered.points.map(Points);
    Ok(Json(codes::redeem(&app, &actor, id, &entered.code, points).await?.into()))
}

/// Cancel a code
///
/// An open one is worth nothing from now on; another stays as it is. Needs the right `points_write`.
#[utoipa::path(
    post, path = "/codes/{id}/cancel", tag = "codes", params(("id" = String, Path, description = "cod_…")),
    responses((status = 200, description = "The code as it is now", body = Code))
)]
async fn cancel_code(
    State(app): State<App>,
    Signed(actor): Signed,
    Path(id): Path<CodeId>,
) -> Result<Json<Code>, Error> {
    Ok(Json(codes::cancel(&app, &actor, id).await?.into()))
}

impl From<Performed> for Confirmed {
    fn from(performed: Performed) -> Self {
        match performed {
            Performed::Moved(receipt) => Self::Moved(Box::new((*receipt).into())),
            Performed::Bought(bought) => Self::Bought(Box::new((*bought).into())),
        }
    }
}

impl From<codes::Code> for Code {
    fn from(code: codes::Code) -> Self {
        Self {
            id: code.id.to_string(),
            contact_id: code.contact.to_string(),
            operation: code.operation,
            state: code.state,
            tries: code.tries,
            asked_by: code.asked_by,
            asked_at: code.asked_at,
            expires_at: code.expires_at,
        }
    }
}

impl From<codes::StoredRules> for StoredCodeRules {
    fn from(stored: codes::StoredRules) -> Self {
        Self { revision: stored.revision, rules: stored.rules }
    }
}

// What the description says of values that are read and written by the app's own types.

/// An operation with its sums.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct ConfirmedOperation {
    /// `deduct`: points are taken by hand; `purchase`: a purchase is paid with points.
    #[schema(schema_with = operation_kind)]
    kind: String,
    /// Of `deduct`: how many.
    points: Option<i64>,
    /// Of `deduct`: what for; the customer sees it. At most 500 characters.
    comment: Option<String>,
    /// Of `purchase`: as it will be booked.
    purchase: Option<super::purchases::NewPurchase>,
}

/// Rules of codes. What is absent has its default.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct ConfirmationRules {
    /// Digits of a code; 4 when absent.
    #[schema(minimum = 4, maximum = 6)]
    digits: Option<u32>,
    /// For how many minutes a code is good; 10 when absent.
    #[schema(minimum = 1, maximum = 60)]
    minutes: Option<u32>,
    /// Wrong guesses before a code is over; 5 when absent.
    #[schema(minimum = 1, maximum = 10)]
    tries: Option<u32>,
    /// Codes that one customer is sent within an hour; 10 when absent.
    #[schema(minimum = 1, maximum = 60)]
    per_hour: Option<u32>,
    /// From how many points on an operation needs a code.
    required: Option<ConfirmationRequired>,
    /// What the customer reads.
    texts: Option<ConfirmationTexts>,
}

/// From how many points on each kind of operation needs a code: zero is always, absent is never.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct ConfirmationRequired {
    /// Taking points by hand.
    deduct: Option<i64>,
    /// Paying a purchase with points.
    purchase: Option<i64>,
}

/// Templates over `code`, `points`, `comment`, `minutes`, `name`, `business`, `reason`, in both languages.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "a description")]
struct ConfirmationTexts {
    /// With the code.
    asked: Option<super::loyalty::LoyaltyWording>,
    /// On the button below it; 40 characters at most.
    confirm: Option<super::loyalty::LoyaltyWording>,
    /// After the button was pressed and the operation done.
    confirmed: Option<super::loyalty::LoyaltyWording>,
    /// After a button was pressed too late.
    over: Option<super::loyalty::LoyaltyWording>,
    /// After a button was pressed and the operation could not be done.
    refused: Option<super::loyalty::LoyaltyWording>,
}

fn code_state() -> utoipa::openapi::schema::Object {
    super::word_of(&["open", "used", "confirmed", "cancelled", "exhausted"])
}

fn operation_kind() -> utoipa::openapi::schema::Object {
    super::word_of(&["deduct", "purchase"])
}

#[cfg(test)]
mod tests {
    use super::*;
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
    fn the_description_of_the_rules_is_that_of_their_values() {
        let required = codes::Required { deduct: Some(Points(1)), purchase: Some(Points(1)) };
        let rules = CodeRules { required, ..CodeRules::default() };
        let rules = serde_json::to_value(rules).unwrap();
        assert_eq!(described::<ConfirmationRules>(), written(&rules));
        assert_eq!(described::<ConfirmationRequired>(), written(&rules["required"]));
        assert_eq!(described::<ConfirmationTexts>(), written(&rules["texts"]));
    }
}
