//! The REST API, a file for each noun.
//!
//! A handler has a summary and a description from its doc comment, a `tag`, and DTOs with real samples; the problem
//! response and the security requirement are added for all of them in [`crate::openapi`].

pub mod channels;

use samovar_app::App;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};
use utoipa_axum::router::OpenApiRouter;

/// All routes, relative to [`crate::openapi::BASE`].
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(channels::routes())
}

/// The schema of a word out of a few.
pub(crate) fn word_of(words: &[&str]) -> Object {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied())).build()
}
