//! The REST API, a file for each noun.
//!
//! A handler has a summary and a description from its doc comment, a `tag`, and DTOs with real samples; the problem
//! response and the security requirement are added for all of them in [`crate::openapi`].

use samovar_app::App;
use utoipa_axum::router::OpenApiRouter;

/// All routes, relative to [`crate::openapi::BASE`].
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
