//! Channels through the API.

use crate::face::{READER, on_both};
use serde_json::{Value, json};

on_both! {
    async fn a_channel_is_connected_changed_paused_and_removed(face) {
        let wanted = json!({"key": "second", "messenger": "telegram", "name": "Второй бот", "token": "42:secret-of-the-bot",
            "receive": "webhook", "proxy": "socks5://user:hidden@proxy.example:1080",
            "pace": {"bot_per_second": 10, "chat_per_second": 1, "chat_burst": 3, "group_per_minute": 20}, "scenarios": ["coffee-loyalty"]});
        let made = face.api("POST", "/channels").json(&wanted).expect(201).await;
        face.api("POST", "/channels").json(&wanted).expect(200).await;
        assert_eq!((&made["has_token"], &made["state"], &made["receive"]), (&true.into(), &"on".into(), &"webhook".into()));
        assert!(!made.to_string().contains("secret-of-the-bot") && !made.to_string().contains("hidden"));
        let path = format!("/channels/{}", made["id"].as_str().expect("an id"));

        let changed = face.api("PATCH", &path).json(&json!({"name": "Бот", "pace": null})).expect(200).await;
        assert_eq!((&changed["name"], &changed["pace"], &changed["scenarios"]), (&"Бот".into(), &Value::Null, &json!(["coffee-loyalty"])));
        assert_eq!(face.api("POST", &format!("{path}/pause")).expect(200).await["state"], "paused");
        assert_eq!(face.api("POST", &format!("{path}/resume")).expect(200).await["state"], "on");
        assert_eq!(face.api("DELETE", &path).answer().await.status, 204);
        assert_eq!(face.api("GET", &path).refusal().await, (404, "not_found".into()));
    }

    async fn lists_come_in_pages(face) {
        let first = face.api("GET", "/channels?limit=1").expect(200).await;
        let next = first["next"].as_str().expect("there is more");
        let second = face.api("GET", &format!("/channels?limit=1&after={next}")).expect(200).await;
        assert_ne!(first["items"][0]["id"], second["items"][0]["id"]);
        assert_eq!(second["next"], Value::Null);
        assert_eq!(face.ask("GET", "/api/v1/channels").key(READER).expect(200).await["items"].as_array().map(Vec::len), Some(2));
    }

    async fn what_does_not_fit_is_named(face) {
        let id = face.channel("bot").id;
        let cases = [
            (json!({"name": ""}), "name"),
            (json!({"api_base": "ftp://x.example"}), "api_base"),
            (json!({"locale": "de"}), "locale"),
            (json!({"pace": {"bot_per_second": 0, "chat_per_second": 1, "chat_burst": 1, "group_per_minute": 1}}), "pace"),
            (json!({"receive": "pigeon"}), "receive"),
        ];
        for (change, field) in cases {
            let problem = face.api("PATCH", &format!("/channels/{id}")).json(&change).expect(422).await;
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        let unknown = face.api("PATCH", &format!("/channels/{id}")).json(&json!({"scenarios": ["nothing"]}));
        assert_eq!(unknown.refusal().await, (404, "not_found".into()));
        let reader = face.ask("POST", &format!("/api/v1/channels/{id}/connect")).key(READER);
        assert_eq!(reader.refusal().await, (403, "forbidden".into()));
        let connect = face.api("POST", &format!("/channels/{id}/connect"));
        assert_eq!(connect.refusal().await, (409, "messenger_refused".into()), "nobody listens at its address");
    }

    async fn a_channel_tells_how_it_is_doing(face) {
        let id = face.channel("site").id;
        let health = face.ask("GET", &format!("/api/v1/channels/{id}/health")).key(READER).expect(200).await;
        assert_eq!((&health["channel"]["state"], &health["waiting"], &health["failed"]), (&"on".into(), &0.into(), &0.into()));
        assert_eq!((&health["advice"], &health["received_at"], &health["reasons"]), (&Value::Null, &Value::Null, &json!([])));
        face.api("POST", &format!("/channels/{id}/pause")).expect(200).await;
        let paused = face.api("GET", &format!("/channels/{id}/health")).expect(200).await;
        assert!(paused["advice"].is_string(), "{paused}");
    }

    async fn a_token_is_checked_before_anything_is_stored(face) {
        let check = |token: &str| json!({"messenger": "telegram", "token": token});
        let reader = face.ask("POST", "/api/v1/channels/check-token").key(READER).json(&check("42:secret"));
        assert_eq!(reader.refusal().await, (403, "forbidden".into()));
        let chat = json!({"messenger": "webchat", "token": "42:secret"});
        assert_eq!(face.api("POST", "/channels/check-token").json(&chat).refusal().await, (422, "no_token_needed".into()));
        assert_eq!(face.api("GET", "/channels").expect(200).await["items"].as_array().map(Vec::len), Some(2));
    }

    async fn links_tell_where_people_came_from(face) {
        let id = face.channel("site").id;
        let links = format!("/channels/{id}/links");
        let wanted = json!({"tag": "window", "title": "Витрина"});
        assert_eq!(face.api("POST", &links).json(&wanted).answer().await.status, 204);
        assert_eq!(face.api("POST", &links).json(&json!({"tag": "window", "title": "Окно"})).answer().await.status, 204);
        face.api("POST", "/contacts").json(&json!({"name": "Анна", "source": "window"})).expect(201).await;
        let all = face.api("GET", &links).expect(200).await;
        assert_eq!((&all[0]["title"], &all[0]["came"], &all[0]["registered"]), (&"Окно".into(), &1.into(), &0.into()), "{all}");
        let other = face.channel("bot").id;
        let taken = face.api("POST", &format!("/channels/{other}/links")).json(&wanted);
        assert_eq!(taken.refusal().await, (422, "tag_taken".into()));
        let wrong = face.api("POST", &links).json(&json!({"tag": "наклейка", "title": "x"}));
        assert_eq!(wrong.refusal().await, (422, "bad_tag".into()));
        assert_eq!(face.api("GET", &format!("/channels/{other}/qr")).refusal().await, (409, "no_link".into()));
        assert_eq!(face.api("DELETE", &format!("{links}/window")).answer().await.status, 204);
        assert_eq!(face.api("DELETE", &format!("{links}/window")).refusal().await, (404, "not_found".into()));
    }

    async fn a_dashboard_counts_who_came(face) {
        let links = format!("/channels/{}/links", face.channel("site").id);
        let window = json!({"tag": "window", "title": "Витрина"});
        assert_eq!(face.api("POST", &links).json(&window).answer().await.status, 204);
        face.api("POST", "/contacts").json(&json!({"name": "Анна", "source": "window"})).expect(201).await;
        let board = face.api("GET", "/insights/dashboard").expect(200).await;
        assert_eq!((&board["now"]["came"], &board["before"]["came"], &board["contacts"]), (&1.into(), &0.into(), &1.into()), "{board}");
        assert_eq!(board["days"].as_array().map(Vec::len), Some(30));
        let source = &board["sources"][0];
        assert_eq!((&board["funnel"]["came"], &source["source"]), (&1.into(), &"window".into()));
        assert_eq!(source["title"], "Витрина");
        let backwards = face.api("GET", "/insights/dashboard?from=2026-11-21&to=2026-11-01");
        assert_eq!(backwards.refusal().await, (422, "bad_period".into()));
        assert_eq!(face.api("GET", "/insights/dashboard?from=soon").refusal().await, (422, "bad_date".into()));
    }
}
