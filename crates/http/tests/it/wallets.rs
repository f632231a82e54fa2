//! Wallets, holds, the programme and cards through the API.

use crate::face::{Face, READER, on_both};
use serde_json::{Value, json};

async fn contact(face: &Face) -> String {
    let made = face.api("POST", "/contacts").json(&json!({"name": "Анна Ёлкина"})).expect(201).await;
    made["id"].as_str().expect("an id").to_owned()
}

async fn post(face: &Face, key: &str, path: &str, body: Value) -> Value {
    face.api("POST", path).header("idempotency-key", key).json(&body).expect(200).await
}

async fn refused(face: &Face, key: &str, path: &str, body: Value) -> (u16, String) {
    face.api("POST", path).header("idempotency-key", key).json(&body).refusal().await
}

on_both! {
    async fn points_are_given_held_and_taken(face) {
        let id = contact(&face).await;
        let wallet = format!("/contacts/{id}/wallet");
        let empty = face.api("GET", &wallet).expect(200).await;
        assert_eq!((&empty["balance"], &empty["lots"], &empty["card_number"]), (&json!(0), &json!([]), &Value::Null));

        let given = post(&face, "visit-1", &format!("{wallet}/grant"), json!({"points": 100, "comment": "За отзыв"})).await;
        assert_eq!((&given["operation"]["points"], &given["operation"]["note"]), (&json!(100), &json!("За отзыв")));
        let hold = post(&face, "order-1", &format!("{wallet}/holds"), json!({"points": 40, "note": "Заказ 1207"})).await;
        let hold_id = hold["operation"]["hold_id"].as_str().expect("an id").to_owned();
        let now = face.api("GET", &wallet).expect(200).await;
        assert_eq!((&now["balance"], &now["held"], &now["available"]), (&json!(100), &json!(40), &json!(60)));
        assert_eq!((&now["holds"][0]["id"], &now["lots"][0]["held"]), (&json!(hold_id), &json!(40)));

        let capture = format!("{wallet}/holds/{hold_id}/capture");
        assert_eq!(refused(&face, "pay-0", &capture, json!({"points": 41})).await, (409, "more_than_held".into()));
        let paid = post(&face, "pay-1", &capture, json!({"points": 25})).await;
        assert_eq!((&paid["balance"], &paid["held"]), (&json!(75), &json!(0)));
        let release = format!("{wallet}/holds/{hold_id}/release");
        assert_eq!(refused(&face, "pay-2", &release, json!({})).await, (409, "hold_not_open".into()));
        assert_eq!(refused(&face, "fix-1", &format!("{wallet}/deduct"), json!({"points": 76})).await, (409, "not_enough_points".into()));
        post(&face, "fix-2", &format!("{wallet}/deduct"), json!({"points": 5})).await;

        let first = face.api("GET", &format!("{wallet}/history?limit=2")).expect(200).await;
        let next = first["next"].as_str().expect("there is more");
        let second = face.api("GET", &format!("{wallet}/history?limit=2&after={next}")).expect(200).await;
        let kinds: Vec<_> = [&first, &second].iter().flat_map(|page| page["items"].as_array().expect("a list")).map(|item| &item["kind"]).collect();
        assert_eq!(kinds, [&json!("deduct"), &json!("capture"), &json!("grant")]);
        let postings = face.api("GET", &format!("{wallet}/postings?limit=200")).expect(200).await;
        assert_eq!(postings["items"].as_array().map(Vec::len), Some(3));
        assert_eq!((&postings["items"][2]["debit"], &postings["items"][2]["credit"]), (&json!("issued"), &json!("wallet")));
    }

    async fn a_key_is_the_operation_for_ever(face) {
        let id = contact(&face).await;
        let grant = format!("/contacts/{id}/wallet/grant");
        assert_eq!(face.api("POST", &grant).json(&json!({"points": 1})).refusal().await.0, 400, "a key is required");
        post(&face, "visit-1", &grant, json!({"points": 100})).await;
        face.clock.advance_seconds(3 * 86_400);
        let again = post(&face, "visit-1", &grant, json!({"points": 100})).await;
        assert_eq!((&again["repeated"], &again["balance"]), (&json!(true), &json!(100)), "answers are kept for a day, operations for ever");
        face.clock.advance_seconds(3 * 86_400);
        assert_eq!(refused(&face, "visit-1", &grant, json!({"points": 101})).await, (409, "operation_key_reused".into()));
    }

    async fn the_balance_of_a_moment_can_be_asked(face) {
        let id = contact(&face).await;
        face.clock.advance_seconds(3_600);
        post(&face, "visit-1", &format!("/contacts/{id}/wallet/grant"), json!({"points": 100})).await;
        let on = async |at: &str| face.api("GET", &format!("/contacts/{id}/wallet/balance?at={at}")).expect(200).await;
        assert_eq!(on("2026-11-21T10:59:59Z").await, json!({"balance": 0, "at": "2026-11-21T10:59:59Z"}));
        assert_eq!(on("2026-11-21T11:00:00Z").await["balance"], 100);
        let bad = face.api("GET", &format!("/contacts/{id}/wallet/balance?at=yesterday"));
        assert_eq!(bad.refusal().await, (422, "bad_moment".into()));
    }

    async fn the_programme_is_read_and_set(face) {
        let before = face.api("GET", "/loyalty/programme").expect(200).await;
        let revision = before["revision"].as_i64().expect("a number");
        let new = json!({"revision": revision, "programme": {"welcome_points": 50, "expiry_days": 30, "card": {"title": "Карта гостя"}}});
        let after = face.api("PUT", "/loyalty/programme").json(&new).expect(200).await;
        assert_eq!((&after["revision"], &after["programme"]["expiry_days"]), (&json!(revision + 1), &json!(30)));
        assert_eq!(face.api("PUT", "/loyalty/programme").json(&new).refusal().await, (409, "revision_conflict".into()));
        let wrong = json!({"programme": {"welcome_points": -1, "card": {"colours": {"ink": "red"}}}});
        let problem = face.api("PUT", "/loyalty/programme").json(&wrong).expect(422).await;
        let fields: Vec<_> = problem["errors"].as_array().expect("a list").iter().map(|error| &error["field"]).collect();
        assert_eq!(fields, [&json!("welcome_points"), &json!("card.colours.ink")]);
        let unknown = face.api("PUT", "/loyalty/programme").json(&json!({"programme": {"welcom": 1}}));
        assert_eq!(unknown.refusal().await.0, 422);
    }

    async fn a_card_is_drawn_and_found(face) {
        let id = contact(&face).await;
        let card = face.api("GET", &format!("/contacts/{id}/card.png")).answer().await;
        assert_eq!((card.status.as_u16(), card.header("content-type")), (200, "image/png"));
        let wallet = face.api("GET", &format!("/contacts/{id}/wallet")).expect(200).await;
        let number = wallet["card_number"].as_str().expect("it was issued");
        let found = face.api("POST", "/cards/resolve").json(&json!({"text": number})).expect(200).await;
        assert_eq!(found, json!({"contact_id": id, "card_number": number}));
        let forged = face.api("POST", "/cards/resolve").json(&json!({"text": format!("SV1.{number}.AAAAAAAAAAAAAAAA")}));
        assert_eq!(forged.refusal().await, (409, "card_not_ours".into()));
        let typo = face.api("POST", "/cards/resolve").json(&json!({"text": "1234"}));
        assert_eq!(typo.refusal().await, (422, "not_a_card".into()));
    }

    async fn rights_are_needed(face) {
        let id = contact(&face).await;
        for (method, path, body) in [
            ("GET", format!("/contacts/{id}/wallet"), None),
            ("GET", format!("/contacts/{id}/wallet/balance"), None),
            ("GET", format!("/contacts/{id}/wallet/history"), None),
            ("GET", format!("/contacts/{id}/wallet/postings"), None),
            ("GET", format!("/contacts/{id}/card.png"), None),
            ("GET", "/loyalty/programme".into(), None),
            ("PUT", "/loyalty/programme".into(), Some(json!({"programme": {}}))),
            ("POST", format!("/contacts/{id}/wallet/grant"), Some(json!({"points": 1}))),
            ("POST", format!("/contacts/{id}/wallet/deduct"), Some(json!({"points": 1}))),
            ("POST", format!("/contacts/{id}/wallet/holds"), Some(json!({"points": 1}))),
            ("POST", "/cards/resolve".into(), Some(json!({"text": "1234 5678 9012"}))),
        ] {
            let ask = face.ask(method, &format!("/api/v1{path}")).key(READER).header("idempotency-key", &path.replace('/', "-"));
            let ask = if let Some(body) = body { ask.json(&body) } else { ask };
            assert_eq!(ask.refusal().await, (403, "forbidden".into()), "{method} {path}");
        }
        let nobody = face.ask("GET", &format!("/api/v1/contacts/{id}/wallet"));
        assert_eq!(nobody.refusal().await, (401, "unauthorized".into()));
    }
}
