//! The page and its files, as a browser asks for them.

use super::{page, routes};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use tower::ServiceExt;

async fn ask(address: &str, accept: &str) -> Response<Body> {
    let router: Router = routes().fallback(page);
    let request =
        Request::get(address).header(header::ACCEPT, accept).body(Body::empty()).expect("a request");
    router.oneshot(request).await.expect("an answer")
}

#[tokio::test]
async fn every_address_of_a_page_is_the_page_with_its_own_nonce() {
    let mut nonces = Vec::new();
    for address in ["/", "/inbox", "/contacts/con_1?tab=points"] {
        let answer = ask(address, "text/html,*/*").await;
        assert_eq!(answer.status(), StatusCode::OK, "{address}");
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text").to_owned();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .expect("a nonce")
            .to_owned();
        assert!(nonce.len() >= 22, "{nonce}");
        let body = answer.into_body().collect().await.expect("a body").to_bytes();
        assert!(!String::from_utf8_lossy(&body).contains("__NONCE__"));
        nonces.push(nonce);
    }
    nonces.dedup();
    assert_eq!(nonces.len(), 3, "a nonce serves one answer");
}

#[tokio::test]
async fn programs_and_mistaken_addresses_get_no_page() {
    for (address, accept) in
        [("/api/v1/nothing", "text/html"), ("/inbox", "application/json"), ("/assets/none.js", "text/html")]
    {
        assert_eq!(ask(address, accept).await.status(), StatusCode::NOT_FOUND, "{address} {accept}");
    }
}
