//! The REST API, a file for each noun.
//!
//! A handler has a summary and a description from its doc comment, a `tag`, and DTOs with real samples; the problem
//! response and the security requirement are added for all of them in [`crate::openapi`].

pub mod accruals;
pub mod api_keys;
pub mod audit;
pub mod backups;
pub mod broadcasts;
pub mod catalogue;
pub mod channels;
pub mod codes;
pub mod consents;
pub mod contact_runs;
pub mod contact_search;
pub mod contacts;
pub mod conversations;
pub mod deals;
pub mod draw_shapes;
pub mod draws;
pub mod entry;
pub mod events;
pub mod exports;
pub mod guard;
pub mod imports;
pub mod insights;
pub mod ledger;
pub mod live;
pub mod loyalty;
pub mod messages;
pub mod pictures;
pub mod pipelines;
pub mod previews;
pub mod prizes;
pub mod promotion_numbers;
pub mod promotions;
pub mod purchases;
pub mod receipt_providers;
pub mod receipts;
pub mod reports;
pub mod roles;
pub mod scenarios;
pub mod segments;
mod shapes;
pub mod staff;
pub mod tenant;
pub mod user;
pub mod winners;

use samovar_app::App;
use utoipa::openapi::schema::{Object, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa_axum::router::OpenApiRouter;

/// All routes, relative to [`crate::openapi::BASE`].
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(tenant::routes())
        .merge(entry::routes())
        .merge(user::routes())
        .merge(staff::routes())
        .merge(roles::routes())
        .merge(api_keys::routes())
        .merge(audit::routes())
        .merge(contacts::routes())
        .merge(contact_search::routes())
        .merge(contact_runs::routes())
        .merge(consents::routes())
        .merge(ledger::routes())
        .merge(live::routes())
        .merge(loyalty::routes())
        .merge(previews::routes())
        .merge(segments::routes())
        .merge(accruals::routes())
        .merge(codes::routes())
        .merge(guard::routes())
        .merge(purchases::routes())
        .merge(catalogue::routes())
        .merge(pictures::routes())
        .merge(deals::routes())
        .merge(pipelines::routes())
        .merge(scenarios::routes())
        .merge(channels::routes())
        .merge(conversations::routes())
        .merge(messages::routes())
        .merge(events::routes())
        .merge(backups::routes())
        .merge(exports::routes())
        .merge(broadcasts::routes())
        .merge(receipt_providers::routes())
        .merge(receipts::routes())
        .merge(reports::routes())
        .merge(insights::routes())
        .merge(promotion_numbers::routes())
        .merge(promotions::routes())
        .merge(imports::routes())
        .merge(draws::routes())
        .merge(winners::routes())
        .merge(prizes::routes())
}

/// The schema of a word out of a few.
pub(crate) fn word_of(words: &[&str]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied())).build()
}

/// The schema of a word out of a few, or of an object whose one field is `field`.
pub(crate) fn word_or(words: &[&str], field: &str, kind: Type) -> Schema {
    let value = ObjectBuilder::new().schema_type(kind).build();
    let object = ObjectBuilder::new().property(field, value).required(field).build();
    OneOfBuilder::new().item(word_of(words)).item(object).build().into()
}

/// The schema of what becomes of points that were spent before they are taken back.
pub(crate) fn shortfall() -> Schema {
    word_or(&["refuse", "forgive"], "owe", Type::Integer)
}
