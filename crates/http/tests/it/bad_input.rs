//! Bad input gets a clear answer in the reader's language and harms nothing.

use crate::face::{READER, on_both};
use samovar_connectors::Kind;
use secrecy::ExposeSecret;
use serde_json::json;

const MIB: usize = 1024 * 1024;

on_both! {
    async fn refusals_are_problem_documents(face) {
        let contact = face.api("POST", "/contacts").json(&json!({"name": "Анна"})).expect(201).await;
        let contact = contact["id"].as_str().expect("an id");
        let other_kind = face.channel("bot").id.to_string();
        let big = "x".repeat(MIB + 1);
        let cases = [
            ("unknown address", face.ask("GET", "/nowhere"), 404, "no_such_address"),
            ("unknown address of the API", face.api("GET", "/nowhere"), 404, "no_such_address"),
            ("wrong method", face.api("DELETE", "/tenant"), 405, "method_not_allowed"),
            ("no key", face.ask("GET", "/api/v1/tenant"), 401, "unauthorized"),
            ("not a bearer", face.ask("GET", "/api/v1/tenant").header("authorization", "Basic YTpi"), 401, "unauthorized"),
            ("wrong key", face.ask("GET", "/api/v1/tenant").key("sv_wrong"), 401, "unknown_key"),
            ("key without the right", face.ask("GET", "/api/v1/contacts").key(READER), 403, "forbidden"),
            ("broken JSON", face.api("POST", "/contacts").text("application/json", "{\"name\":"), 400, "malformed_json"),
            ("no body", face.api("POST", "/contacts").text("application/json", ""), 400, "malformed_json"),
            ("two bodies", face.api("POST", "/contacts").text("application/json", "{}{}"), 400, "malformed_json"),
            ("wrong type", face.api("POST", "/contacts").json(&json!({"name": 5})), 422, "wrong_value"),
            ("not JSON at all", face.api("POST", "/contacts").text("text/plain", "name=Анна"), 415, "unsupported_media_type"),
            ("oversized", face.api("POST", "/contacts").text("application/json", &format!("\"{big}\"")), 413, "too_large"),
            ("bad cursor", face.api("GET", "/contacts?after=%21"), 422, "bad_cursor"),
            ("cursor of another list", face.api("GET", "/channels?after=Y29uX3g"), 422, "bad_cursor"),
            ("page of nothing", face.api("GET", "/contacts?limit=0"), 422, "out_of_range"),
            ("page of everything", face.api("GET", "/contacts?limit=201"), 422, "out_of_range"),
            ("limit that is no number", face.api("GET", "/contacts?limit=ten"), 400, "wrong_query"),
            ("id of nothing", face.api("GET", "/contacts/con_0000000000001"), 404, "not_found"),
            ("id of another kind", face.api("GET", &format!("/contacts/{other_kind}")), 404, "not_found"),
            ("no id at all", face.api("GET", "/contacts/5"), 404, "not_found"),
            ("id with a byte that is no letter", face.api("GET", "/contacts/%ff"), 404, "not_found"),
            ("bad field", face.api("PATCH", &format!("/contacts/{contact}")).json(&json!({"phone": "12"})), 422, "bad_phone"),
            ("character 0 in a text", face.api("POST", "/contacts").json(&json!({"name": "a\u{0}"})), 422, "wrong_value"),
            ("character 0 in a query", face.api("GET", "/contacts?q=%00"), 400, "wrong_query"),
            ("character 0 in an address", face.api("GET", "/catalogue/items/%00"), 404, "not_found"),
            ("bad key of repetition", face.api("POST", "/contacts").header("idempotency-key", "a b").json(&json!({})), 400, "bad_idempotency_key"),
            ("unknown hook", face.ask("POST", "/hooks/nobody").json(&json!({})), 404, "unknown_hook"),
            ("unknown chat", face.ask("POST", "/chat/nobody/session").json(&json!({})), 404, "unknown_chat"),
            ("bot's hook is no chat", face.ask("POST", &format!("/chat/{}/session", face.channel("bot").hook)).json(&json!({})), 404, "unknown_chat"),
        ];
        for (what, ask, status, code) in cases {
            assert_eq!(ask.refusal().await, (status, code.to_owned()), "{what}");
        }
    }

    async fn a_hook_takes_only_what_its_messenger_sends(face) {
        face.app.start().await.expect("started");
        let channel = face.channel("bot");
        assert_eq!(channel.messenger.kind(), Kind::Telegram);
        let path = format!("/hooks/{}", channel.hook);
        let secret = channel.link.secret.clone().expect("a secret");
        let header = "x-telegram-bot-api-secret-token";
        let update = json!({"update_id": 1, "message": {"message_id": 1, "date": 1_790_000_000,
            "chat": {"id": 5, "type": "private", "first_name": "Анна"},
            "from": {"id": 5, "is_bot": false, "first_name": "Анна"}, "text": "/start"}});

        assert_eq!(face.ask("POST", &path).json(&update).refusal().await, (401, "wrong_secret".into()));
        let wrong = face.ask("POST", &path).header(header, "guess").json(&update);
        assert_eq!(wrong.refusal().await, (401, "wrong_secret".into()));
        assert_eq!(face.ask("GET", &path).answer().await.status, 405);
        let right = || face.ask("POST", &path).header(header, secret.expose_secret());
        let oversized = right().text("application/json", &"x".repeat(MIB + 1));
        assert_eq!(oversized.refusal().await, (413, "too_large".into()));

        // What cannot be understood is kept raw; telling the messenger to send it again would not help.
        for odd in ["{", "", "[]", "{\"update_id\":3}", "\u{0}"] {
            assert_eq!(right().text("application/json", odd).answer().await.status, 200, "{odd:?}");
        }
        face.app.pipeline.idle().await;
        assert_eq!(face.api("GET", "/contacts").expect(200).await["items"], json!([]), "nothing of that had an effect");

        // The same delivery twice is done once.
        let mut answers = Vec::new();
        for _ in 0..2 {
            assert_eq!(right().json(&update).answer().await.status, 200);
            face.app.pipeline.idle().await;
            answers.push(face.app.pipeline.open_rows(&face.app).await.expect("rows"));
        }
        assert!(answers[0].1 > 0 && answers[0] == answers[1], "{answers:?}");
    }

    async fn a_limit_of_the_caller_is_no_failure_of_ours(face) {
        let wanted = json!({"what": "contacts", "format": "csv"});
        for _ in 0..samovar_app::exports::OPEN_MAX {
            face.api("POST", "/exports").json(&wanted).expect(202).await;
        }
        let refused = face.api("POST", "/exports").json(&wanted).refusal().await;
        assert_eq!(refused, (429, "too_many_exports".into()));
    }

    async fn the_answer_is_in_the_readers_language(face) {
        let detail = async |language: Option<&str>| {
            let ask = face.api("GET", "/nowhere");
            let ask = match language { Some(tag) => ask.header("accept-language", tag), None => ask };
            let answer = ask.answer().await;
            (answer.header("content-language").to_owned(), answer.json()["detail"].as_str().unwrap_or_default().to_owned())
        };
        assert_eq!(detail(Some("en-GB,ru;q=0.5")).await, ("en".into(), "There is no such address".into()));
        assert_eq!(detail(Some("ru")).await.0, "ru");
        assert_eq!(detail(Some("de")).await.0, "ru");
        assert_eq!(detail(None).await.0, "ru");
    }

    async fn every_answer_has_an_id_and_the_usual_headers(face) {
        let answer = face.api("GET", "/tenant").answer().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-request-id").len(), 13);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("cache-control"), "no-store");
        let given = face.ask("GET", "/nowhere").header("x-request-id", "mine-1").answer().await;
        assert_eq!((given.header("x-request-id"), given.json()["request_id"].as_str()), ("mine-1", Some("mine-1")));
        let odd = face.ask("GET", "/nowhere").header("x-request-id", "a b").answer().await;
        assert_ne!(odd.header("x-request-id"), "a b");
    }
}
