//! The chat on a web page.
#![allow(missing_docs)]
pub fn routes(_: bool) -> axum::Router<samovar_app::App> {
    axum::Router::new()
}
