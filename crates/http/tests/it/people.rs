//! The company, its staff and keys, contacts and scenarios through the API.

use crate::face::{Face, on_both};
use serde_json::{Value, json};

/// A key with these rights, and its token.
async fn key(face: &Face, scopes: &[&str]) -> (String, String) {
    let made =
        face.api("POST", "/api-keys").json(&json!({ "name": "Проба", "scopes": scopes })).expect(201).await;
    let text = |name: &str| made[name].as_str().expect("a text").to_owned();
    (text("id"), text("token"))
}

async fn anna(face: &Face) -> String {
    let new = json!({
        "name": "Анна Ёлкина", "phone": "8 916 123-45-67", "birthday": "1990-02-28", "fields": { "city": "Тверь" },
        "tags": ["vip"]
    });
    face.api("POST", "/contacts").json(&new).expect(201).await["id"].as_str().expect("an id").to_owned()
}

fn ids(page: &Value) -> Vec<&Value> {
    page["items"].as_array().expect("a page").iter().map(|item| &item["id"]).collect()
}

on_both! {
    async fn the_company_is_read_and_changed(face) {
        let company = face.api("GET", "/tenant").expect(200).await;
        assert_eq!((&company["key"], &company["policy_url"]), (&"coffee".into(), &"https://coffee.example/policy".into()));
        let patch = json!({ "name": "Чайная", "policy_url": null, "revision": company["revision"] });
        let changed = face.api("PATCH", "/tenant").json(&patch).expect(200).await;
        assert_eq!((&changed["name"], &changed["policy_url"], &changed["zone"]), (&"Чайная".into(), &Value::Null, &company["zone"]));
        assert_eq!(face.api("PATCH", "/tenant").json(&patch).refusal().await, (409, "revision_conflict".into()));
        let wrong = json!({ "zone": "Mars" });
        assert_eq!(face.api("PATCH", "/tenant").json(&wrong).refusal().await, (422, "unknown_zone".into()));
        let typo = json!({ "nmae": "Чайная" });
        assert_eq!(face.api("PATCH", "/tenant").json(&typo).refusal().await, (422, "wrong_value".into()));
    }

    async fn a_key_shows_its_token_once_and_opens_what_it_may(face) {
        let (id, token) = key(&face, &["contacts_read"]).await;
        let me = face.ask("GET", "/api/v1/me").key(&token).expect(200).await;
        assert_eq!((&me["actor"], &me["rights"]), (&json!(id), &json!(["contacts_read"])));
        let keys = face.api("GET", "/api-keys").expect(200).await;
        assert!(keys[0]["id"] == json!(id) && !keys.to_string().contains(&token), "{keys}");
        assert_eq!(face.ask("GET", "/api/v1/contacts").key(&token).answer().await.status, 200);
        assert_eq!(face.ask("POST", "/api/v1/contacts").key(&token).json(&json!({})).refusal().await, (403, "forbidden".into()));
        let mine = json!({ "name": "Больше", "scopes": ["contacts_write"] });
        assert_eq!(face.ask("POST", "/api/v1/api-keys").key(&token).json(&mine).refusal().await, (403, "forbidden".into()));
        let unknown = json!({ "name": "Всё", "scopes": ["contacts_read", "everything"] });
        let answer = face.api("POST", "/api-keys").json(&unknown).answer().await;
        assert_eq!((answer.status.as_u16(), &answer.json()["errors"][0]["field"]), (422, &"scopes[1]".into()));
        assert!(face.api("DELETE", &format!("/api-keys/{id}")).expect(200).await["revoked_at"].is_string());
        assert_eq!(face.ask("GET", "/api/v1/contacts").key(&token).refusal().await, (401, "unknown_key".into()));
    }

    async fn staff_are_added_and_the_last_owner_stays(face) {
        let owner = face.api("GET", "/staff").expect(200).await[0].clone();
        assert_eq!((&owner["email"], &owner["role"]), (&"anna@coffee.example".into(), &"owner".into()));
        let path = format!("/staff/{}", owner["id"].as_str().expect("an id"));
        assert_eq!(face.api("PATCH", &path).json(&json!({ "disabled": true })).refusal().await, (409, "last_owner".into()));
        let new = json!({ "email": "Boris@coffee.example", "name": "Борис", "role": "cashier" });
        let boris = face.api("POST", "/staff").json(&new).expect(201).await;
        assert_eq!(boris["email"], "boris@coffee.example");
        assert_eq!(face.api("POST", "/staff").json(&new).refusal().await, (409, "email_taken".into()));
        let path = format!("/staff/{}", boris["id"].as_str().expect("an id"));
        let raised = face.api("PATCH", &path).json(&json!({ "role": "manager", "revision": 1 })).expect(200).await;
        assert_eq!((&raised["role"], &raised["revision"]), (&"manager".into(), &2.into()));
        assert_eq!(face.api("PATCH", &path).json(&json!({ "role": "king" })).refusal().await, (422, "unknown_role".into()));
        assert_eq!(face.api("GET", "/staff/stf_0000000000001").refusal().await, (404, "not_found".into()));
        let roles = face.api("GET", "/roles").expect(200).await;
        assert_eq!(roles[5], json!({ "role": "cashier", "title": "кассир", "rights": ["contacts_read", "points_read", "points_write"] }));
    }

    async fn a_contact_is_added_found_changed_and_tagged(face) {
        let id = anna(&face).await;
        let path = format!("/contacts/{id}");
        let card = face.api("GET", &path).expect(200).await;
        assert_eq!((&card["phone"], &card["birthday"], &card["tags"]), (&"+79161234567".into(), &"1990-02-28".into(), &json!(["vip"])));
        for query in ["q=89161234567", "q=%D0%B5%D0%BB%D0%BA%D0%B8%D0%BD", "tag=vip", "limit=1"] {
            assert_eq!(ids(&face.api("GET", &format!("/contacts?{query}")).expect(200).await), [&json!(id)], "{query}");
        }
        assert_eq!(face.api("GET", "/contacts?q=x&tag=y").refusal().await, (422, "one_of".into()));
        let patch = json!({ "birthday": null, "fields": { "city": null, "visits": 2 }, "revision": 1 });
        let changed = face.api("PATCH", &path).json(&patch).expect(200).await;
        assert_eq!((&changed["birthday"], &changed["fields"], &changed["name"]), (&Value::Null, &json!({ "visits": 2 }), &card["name"]));
        assert_eq!(face.api("PATCH", &path).json(&patch).refusal().await, (409, "revision_conflict".into()));
        let wrong = face.api("PATCH", &path).json(&json!({ "phone": "12", "fields": { "Город": 1 } })).answer().await.json();
        let fields: Vec<_> = wrong["errors"].as_array().expect("errors").iter().map(|error| &error["field"]).collect();
        assert_eq!(fields, [&json!("phone"), &json!("fields.Город")]);
        let tagged = face.api("POST", &format!("{path}/tags")).json(&json!({ "tags": ["друг", "vip"] })).expect(200).await;
        assert_eq!(tagged["tags"], json!(["vip", "друг"]));
        let untagged = face.api("DELETE", &format!("{path}/tags/%D0%B4%D1%80%D1%83%D0%B3")).expect(200).await;
        assert_eq!(untagged["tags"], json!(["vip"]));
        assert!(face.api("POST", &format!("{path}/stop")).expect(200).await["stopped_at"].is_string());
        assert_eq!(face.api("POST", &format!("{path}/resume")).expect(200).await["stopped_at"], Value::Null);
        let (_, token) = key(&face, &["contacts_read"]).await;
        let masked = face.ask("GET", &format!("/api/v1{path}")).key(&token).expect(200).await;
        assert_eq!((&masked["phone"], &masked["birthday"]), (&"+7 *** ***-45-67".into(), &Value::Null));
        assert_eq!(face.ask("GET", &format!("/api/v1{path}/export")).key(&token).refusal().await, (403, "forbidden".into()));
    }

    async fn the_log_says_what_things_are_called(face) {
        let id = anna(&face).await;
        let name = face.api("GET", &format!("/contacts/{id}")).expect(200).await["name"].clone();
        let everybody = json!({ "name": "Все", "condition": { "all": [] } });
        let segment = face.api("POST", "/segments").json(&everybody).expect(201).await["id"].clone();
        let called = async |token: Option<String>, object: &Value| {
            let ask = face.ask("GET", "/api/v1/audit");
            let log = token.map_or_else(|| face.api("GET", "/audit"), |token| ask.key(&token)).expect(200).await;
            let lines = log["items"].as_array().expect("lines");
            lines.iter().find(|line| line["object"] == *object).expect("a line")["object_name"].clone()
        };
        assert_eq!(called(None, &json!(id)).await, name);
        assert_eq!(called(None, &segment).await, "Все");
        let (_, blind) = key(&face, &["audit_read"]).await;
        assert_eq!(called(Some(blind.clone()), &json!(id)).await, Value::Null, "customers have no names for them");
        assert_eq!(called(Some(blind), &segment).await, "Все");
        face.api("DELETE", &format!("/contacts/{id}")).answer().await;
        assert_eq!(called(None, &json!(id)).await, Value::Null);
    }

    async fn consents_export_and_erasure(face) {
        let id = anna(&face).await;
        let path = format!("/contacts/{id}");
        let texts = face.api("GET", "/consent-texts").expect(200).await;
        assert_eq!((&texts[0]["purpose"], &texts[0]["version"]), (&"loyalty".into(), &1.into()));
        let put = face.api("PUT", "/consent-texts/loyalty").json(&json!({ "text": "Новый текст" })).expect(200).await;
        assert_eq!(put["version"], 2);
        let given = face.api("POST", &format!("{path}/consents")).json(&json!({ "purpose": "loyalty" })).expect(200).await;
        assert_eq!(given["consents"], json!({ "loyalty": 2 }));
        let withdrawn = face.api("DELETE", &format!("{path}/consents/loyalty")).expect(200).await;
        assert_eq!(withdrawn["consents"], json!({}));
        let all = face.api("GET", &format!("{path}/consents")).expect(200).await;
        assert!(all[0]["revoked_at"].is_string() && all[0]["text_hash"] == put["text_hash"], "{all}");
        let grant = format!("{path}/wallet/grant");
        face.api("POST", &grant).header("idempotency-key", "g").json(&json!({ "points": 5 })).expect(200).await;
        let copy = face.api("GET", &format!("{path}/export")).expect(200).await;
        assert_eq!((&copy["contact"]["phone"], &copy["points"][0]["points"]), (&"+79161234567".into(), &5.into()));
        assert_eq!((&copy["tags"][0]["tag"], &copy["identities"]), (&"vip".into(), &json!([])));
        assert_eq!(face.api("DELETE", &path).answer().await.status, 204);
        let empty = face.api("GET", &path).expect(200).await;
        assert!(empty["name"] == "" && empty["phone"].is_null() && empty["erased_at"].is_string(), "{empty}");
        assert_eq!(face.api("GET", &format!("{path}/wallet")).expect(200).await["balance"], 5, "the books stay");
        assert_eq!(face.api("PATCH", &path).json(&json!({ "name": "Анна" })).refusal().await, (409, "erased".into()));
        let log = face.api("GET", "/audit?limit=1").expect(200).await;
        assert_eq!((&log["items"][0]["action"], &log["items"][0]["object"]), (&"contact.erase".into(), &json!(id)));
        let next = log["next"].as_str().expect("there is more");
        assert_eq!(face.api("GET", &format!("/audit?limit=1&after={next}")).expect(200).await["items"].as_array().map(Vec::len), Some(1));
    }

    async fn a_scenario_is_written_checked_published_and_rolled_back(face) {
        let draft = |text: &str| json!({
            "key": "hello", "locale": "ru", "name": "Привет", "triggers": [{ "on": "start", "goto": "greet" }],
            "steps": { "greet": { "kind": "say", "text": text }, "bye": { "kind": "end" } }, "edges": { "greet": "bye" }
        });
        let wrong = face.api("PUT", "/scenarios/hello/draft?revision=0").json(&draft("{{ contact.nmae }}")).header("accept-language", "ru");
        let wrong = wrong.expect(200).await;
        assert_eq!((&wrong["problems"][0]["path"], &wrong["problems"][0]["severity"]), (&"steps.greet.text".into(), &"error".into()));
        assert_eq!(wrong["problems"][0]["text"], "шаг «greet», text: переменной «contact.nmae» нет");
        let refused = face.api("POST", "/scenarios/hello/publish").answer().await;
        assert_eq!((refused.status.as_u16(), &refused.json()["code"]), (422, &"draft_not_ready".into()));
        assert_eq!(refused.json()["errors"][0]["field"], "steps.greet.text");
        let report = face.api("POST", "/scenarios/hello/check").expect(200).await;
        assert_eq!(report["publishable"], false);
        assert_eq!(face.api("POST", "/scenarios/check").json(&draft("Раз")).expect(200).await["publishable"], true);
        for text in ["Раз", "Два"] {
            face.api("PUT", "/scenarios/hello/draft").json(&draft(text)).expect(200).await;
            assert_eq!(face.api("POST", "/scenarios/hello/publish").expect(200).await["new"], true);
        }
        let back = face.api("POST", "/scenarios/hello/roll-back").json(&json!({ "version": 1 })).expect(200).await;
        assert_eq!((&back["version"], &back["new"]), (&3.into(), &true.into()));
        let versions = face.api("GET", "/scenarios/hello/versions?limit=2").expect(200).await;
        assert_eq!((&versions["items"][1]["version"], versions["next"].is_string()), (&2.into(), true));
        let scenario = face.api("GET", "/scenarios/hello").expect(200).await;
        assert_eq!((&scenario["published"], &scenario["draft"]["steps"]["greet"]["text"]), (&3.into(), &"Два".into()));
        let file = face.api("GET", "/scenarios/hello/export").answer().await;
        assert_eq!(file.header("content-type"), "application/toml; charset=utf-8");
        let copy = file.text.replace("\"hello\"", "\"copy\"");
        let imported = face.api("POST", "/scenarios/import").text("application/toml", &copy).expect(200).await;
        assert_eq!((&imported["key"], &imported["problems"]), (&"copy".into(), &json!([])));
        assert_eq!(face.api("POST", "/scenarios/import").text("application/toml", "key = ").refusal().await, (422, "draft_not_ready".into()));
        let keys: Vec<_> = face.api("GET", "/scenarios").expect(200).await["items"].as_array().expect("a page").iter().map(|one| one["key"].clone()).collect();
        assert_eq!(keys, ["copy", "hello", "coffee-loyalty"]);
        assert_eq!(face.api("GET", "/scenarios/nothing").refusal().await, (404, "not_found".into()));
        assert_eq!(face.api("PUT", "/scenarios/%D0%9F/draft").json(&draft("Раз")).refusal().await, (422, "bad_name".into()));
    }

    async fn the_catalogue_names_what_scenarios_may_say(face) {
        let catalogue = face.api("GET", "/catalogue").expect(200).await;
        let names = |part: &str, field: &str| -> Vec<String> {
            let all = catalogue[part].as_array().expect("a list");
            all.iter().map(|one| one[field].as_str().expect("a name").to_owned()).collect()
        };
        let (actions, facts) = (names("actions", "name"), names("facts", "path"));
        for action in ["contact.register", "contact.stop", "contact.resume", "consent.give", "consent.revoke", "loyalty.welcome"] {
            assert!(actions.iter().any(|name| name == action), "{action}: {actions:?}");
        }
        for fact in ["business.zone", "channel.shares_phone", "event.payload", "contact.consented", "loyalty.balance"] {
            assert!(facts.iter().any(|path| path == fact), "{fact}: {facts:?}");
        }
    }
}
