//! What stands behind the bot for the staff, through the API: the guard, invitations, conversations that wait.

use crate::chat::Visitor;
use crate::face::{READER, on_both};
use serde_json::{Value, json};

on_both! {
    async fn the_rules_of_the_guard_are_read_and_set(face) {
        let usual = face.api("GET", "/guard/rules").expect(200).await;
        assert_eq!((&usual["revision"], &usual["rules"]["limits"]["cashier"]["points_per_operation"]), (&json!(0), &json!(5_000)));
        let rules = json!({ "limits": { "cashier": { "discount_percent": 20 } }, "alerts": { "open_hours": [9, 22], "own_card": false } });
        let set = face.api("PUT", "/guard/rules").json(&json!({ "revision": 0, "rules": rules })).expect(200).await;
        assert_eq!((&set["revision"], &set["rules"]["alerts"]["open_hours"], &set["rules"]["alerts"]["round_to"]), (&json!(1), &json!([9, 22]), &json!(500)));
        assert_eq!(set["rules"]["limits"], json!({ "cashier": { "discount_percent": 20 } }), "the others are gone");
        let same = face.api("PUT", "/guard/rules").json(&json!({ "rules": rules })).expect(200).await;
        assert_eq!(same["revision"], 1, "the same again changes nothing");
        let late = face.api("PUT", "/guard/rules").json(&json!({ "revision": 0, "rules": rules }));
        assert_eq!(late.refusal().await, (409, "revision_conflict".into()));
        for (rules, field) in [
            (json!({ "limits": { "cashier": { "points_per_day": -1 } } }), "limits.cashier.points_per_day"),
            (json!({ "limits": { "manager": { "discount_percent": 101 } } }), "limits.manager.discount_percent"),
            (json!({ "alerts": { "open_hours": [9, 9] } }), "alerts.open_hours"),
            (json!({ "alerts": { "round_to": 0 } }), "alerts.round_to"),
        ] {
            let problem = face.api("PUT", "/guard/rules").json(&json!({ "rules": rules })).expect(422).await;
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        let typo = json!({ "rules": { "limitz": {} } });
        assert_eq!(face.api("PUT", "/guard/rules").json(&typo).refusal().await, (422, "wrong_value".into()));
        assert_eq!(face.api("GET", "/guard/alerts").expect(200).await["items"], json!([]));
        let log = face.api("GET", "/audit").expect(200).await;
        assert_eq!(log["items"].as_array().map(|all| all.iter().filter(|line| line["action"] == "guard.rules").count()), Some(1));
        for (method, path) in [("GET", "/api/v1/guard/rules"), ("GET", "/api/v1/guard/alerts")] {
            assert_eq!(face.ask(method, path).key(READER).refusal().await, (403, "forbidden".into()));
        }
    }

    async fn people_are_invited_once_and_links_are_shown_once(face) {
        let whom = json!({ "name": "Анна", "role": "cashier" });
        let made = face.api("POST", "/staff-invitations").json(&whom).expect(201).await;
        let payload = made["payload"].as_str().expect("shown once");
        assert!(payload.starts_with("inv_") && made["state"] == "open" && made["role"] == "cashier", "{made}");
        assert_eq!(made["console_link"], format!("/join/{payload}"));
        let owner = face.api("GET", "/staff").expect(200).await[0]["id"].clone();
        let known = face.api("POST", "/staff-invitations").json(&json!({ "staff_id": owner })).expect(201).await;
        assert_eq!(known["staff_id"], owner);
        let page = face.api("GET", "/staff-invitations?limit=1").expect(200).await;
        assert_eq!((&page["items"][0]["id"], page["items"][0].get("payload")), (&known["id"], None), "never shown again");
        let next = page["next"].as_str().expect("there is more");
        let second = face.api("GET", &format!("/staff-invitations?limit=1&after={next}")).expect(200).await;
        assert_eq!(second["items"][0]["id"], made["id"]);
        let path = format!("/staff-invitations/{}/revoke", made["id"].as_str().expect("an id"));
        assert_eq!(face.api("POST", &path).expect(200).await["state"], "revoked");
        assert_eq!(face.api("POST", &path).expect(200).await["state"], "revoked", "it stays as it is");
        for (bad, refused) in [
            (json!({ "name": "Анна" }), "bad_invitation"),
            (json!({ "name": "Анна", "role": "cashier", "staff_id": owner }), "bad_invitation"),
            (json!({ "name": "Анна", "role": "king" }), "unknown_role"),
        ] {
            assert_eq!(face.api("POST", "/staff-invitations").json(&bad).refusal().await, (422, refused.into()));
        }
        let mine = face.ask("POST", "/api/v1/staff-invitations").key(READER).json(&whom);
        assert_eq!(mine.refusal().await, (403, "forbidden".into()));
    }

    /// Somebody calls a person: they stand in the list with what they said, until the conversation is given back.
    async fn conversations_that_wait_are_listed_and_read(face) {
        face.app.start().await.expect("started");
        let anna = Visitor::new(&face).await;
        assert_eq!(anna.post(&json!({ "id": "1", "start": {} })).await.status, 202);
        for (id, text) in [("2", "Согласен, начнём"), ("3", "Анна"), ("4", "8 916 123-45-67"), ("5", "позвать сотрудника"), ("6", "Вы открыты в воскресенье?")] {
            face.app.pipeline.idle().await;
            assert_eq!(anna.post(&json!({ "id": id, "text": text })).await.status, 202);
        }
        face.app.pipeline.idle().await;
        let waiting = face.api("GET", "/conversations/waiting").expect(200).await;
        assert_eq!((waiting.as_array().map(Vec::len), &waiting[0]["name"], waiting[0].get("answered_at")), (Some(1), &json!("Анна"), None), "{waiting}");
        let id = waiting[0]["contact_id"].as_str().expect("an id").to_owned();
        face.api("POST", &format!("/contacts/{id}/conversation/answer")).json(&json!({ "text": "Да, с девяти." })).expect(202).await;
        face.app.pipeline.idle().await;
        let lines = face.api("GET", &format!("/contacts/{id}/conversation")).expect(200).await;
        let said: Vec<&Value> = lines.as_array().expect("lines").iter().map(|line| &line["text"]).collect();
        assert_eq!(said[..2], [&json!("Да, с девяти."), &json!("Вы открыты в воскресенье?")], "the youngest first: {lines}");
        assert!(lines[0]["author"].is_string() && lines[1].get("author").is_none());
        assert!(face.api("GET", "/conversations/waiting").expect(200).await[0]["answered_at"].is_string());
        face.api("POST", &format!("/contacts/{id}/conversation/give-back")).expect(202).await;
        face.app.pipeline.idle().await;
        assert_eq!(face.api("GET", "/conversations/waiting").expect(200).await, json!([]));
        for path in ["/api/v1/conversations/waiting".to_owned(), format!("/api/v1/contacts/{id}/conversation")] {
            assert_eq!(face.ask("GET", &path).key(READER).refusal().await, (403, "forbidden".into()));
        }
    }
}
