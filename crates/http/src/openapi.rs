//! The description of the API: OpenAPI 3.1, collected from the handlers.

use crate::api;
use crate::error::{FieldProblem, ProblemDocument};
use axum::http::header;
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use samovar_app::App;
use std::sync::LazyLock;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    Components, Content, ContentBuilder, Info, KnownFormat, ObjectBuilder, OpenApi, OpenApiBuilder, PathItem,
    Ref, RefOr, Response, ResponseBuilder, Schema, SchemaFormat, Type,
};
use utoipa::{PartialSchema, ToSchema};
use utoipa_axum::router::OpenApiRouter;

/// Where the API begins.
pub const BASE: &str = "/api/v1";

const ABOUT: &str = "Customers, points, scenarios and bots of a company.\n\n\
    Requests are signed by `Authorization: Bearer <key>`; a key has scopes. Lists come in pages: give `next` back as \
    `after`. A POST with the header `Idempotency-Key` can be repeated safely for a day. What cannot be done is \
    answered by a problem document (RFC 9457) in the language of `Accept-Language` (ru, en). Ids are opaque strings; \
    moments are RFC 3339 in UTC; sums of money are in minor units.";

/// The routes of the API with their description at `/api/v1/openapi.json`.
pub fn router() -> Router<App> {
    let (routes, _) = collected().split_for_parts();
    routes.route(&format!("{BASE}/openapi.json"), get(serve))
}

/// The description.
pub fn document() -> OpenApi {
    let mut document = collected().into_openapi();
    for item in document.paths.paths.values_mut() {
        operations(item).for_each(complete);
    }
    if let Some(components) = document.components.as_mut() {
        for (name, schema) in [
            (ProblemDocument::name(), ProblemDocument::schema()),
            (FieldProblem::name(), FieldProblem::schema()),
        ] {
            components.schemas.insert(name.into_owned(), schema);
        }
        let bearer =
            HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key")).build();
        components.add_security_scheme("key", SecurityScheme::Http(bearer));
        let session = ApiKeyValue::with_description("samovar_session", "A session of the console");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        components.responses.insert("Problem".into(), problem_response());
    }
    document
}

/// The description as indented JSON, which `samovar openapi` prints and `/api/v1/openapi.json` serves.
pub fn json() -> &'static str {
    static JSON: LazyLock<String> = LazyLock::new(|| document().to_pretty_json().unwrap_or_default());
    &JSON
}

async fn serve() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], json())
}

fn collected() -> OpenApiRouter<App> {
    let mut info = Info::new("Samovar", env!("CARGO_PKG_VERSION"));
    info.description = Some(ABOUT.into());
    let frame = OpenApiBuilder::new().info(info).components(Some(Components::new())).build();
    OpenApiRouter::with_openapi(frame).nest(BASE, api::routes())
}

/// Every operation is signed and may be answered by a problem.
fn complete(operation: &mut Operation) {
    operation
        .responses
        .responses
        .entry("default".into())
        .or_insert_with(|| RefOr::Ref(Ref::from_response_name("Problem")));
    operation.responses.responses.values_mut().for_each(|response| {
        if let RefOr::T(response) = response {
            response.content.iter_mut().for_each(|(media_type, content)| file(media_type, content));
        }
    });
    if let Some(RefOr::T(body)) = operation.request_body.as_mut() {
        body.content.iter_mut().for_each(|(media_type, content)| file(media_type, content));
    }
    let by = |name: &str| SecurityRequirement::new(name, Vec::<String>::new());
    operation.security.get_or_insert_with(|| vec![by("key"), by("session")]);
}

/// The body of a file is its bytes; that a handler holds them as a list of numbers is nothing to the reader.
fn file(media_type: &str, content: &mut RefOr<Content>) {
    let RefOr::T(content) = content else { return };
    let numbers = matches!(content.schema, Some(RefOr::T(Schema::Array(_))));
    if numbers && !media_type.ends_with("json") {
        let format = SchemaFormat::KnownFormat(KnownFormat::Binary);
        let bytes = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
        content.schema = Some(bytes.build().into());
    }
}

pub(crate) fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn problem_response() -> RefOr<Response> {
    let schema = Ref::from_schema_name(ProblemDocument::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    let description = "What was asked was not done, and why";
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .build()
        .into()
}
