//! A request that is repeated is answered again and not done again.

use crate::face::{Face, KEY, on_both};
use samovar_store::{params, table_write};
use serde_json::{Value, json};

table_write! {
    static HOLDER = update http_idempotency key(key text) set(holder text);
}

async fn people(face: &Face) -> usize {
    face.api("GET", "/contacts").expect(200).await["items"].as_array().map_or(0, Vec::len)
}

fn add<'a>(face: &'a Face, key: &str, name: &str) -> crate::face::Ask<'a> {
    face.api("POST", "/contacts").header("idempotency-key", key).json(&json!({ "name": name }))
}

on_both! {
    async fn the_same_request_has_one_effect_and_one_answer(face) {
        let first = add(&face, "k1", "Анна").answer().await;
        let again = add(&face, "k1", "Анна").answer().await;
        assert_eq!((first.status, again.status), (201.try_into().unwrap(), 201.try_into().unwrap()));
        assert_eq!(first.text, again.text);
        assert_eq!((first.header("idempotent-replayed"), again.header("idempotent-replayed")), ("", "true"));
        assert_eq!(people(&face).await, 1);
        add(&face, "k2", "Анна").expect(201).await;
        assert_eq!(people(&face).await, 2);
    }

    async fn a_key_names_one_request(face) {
        add(&face, "k1", "Анна").expect(201).await;
        assert_eq!(add(&face, "k1", "Иван").refusal().await, (409, "idempotency_key_reused".into()));
        let elsewhere = face.api("POST", "/scenarios/check").header("idempotency-key", "k1").json(&json!({"name": "Анна"}));
        assert_eq!(elsewhere.refusal().await, (409, "idempotency_key_reused".into()));
        assert_eq!(people(&face).await, 1);
    }

    async fn of_many_at_once_one_is_done(face) {
        let all = futures::future::join_all((0..20).map(|_| async { add(&face, "k1", "Анна").answer().await })).await;
        let done: Vec<&str> = all.iter().filter(|answer| answer.status == 201).map(|answer| answer.text.as_str()).collect();
        assert!(!done.is_empty() && done.iter().all(|text| text == &done[0]));
        for answer in all.iter().filter(|answer| answer.status != 201) {
            assert_eq!((answer.status.as_u16(), &answer.json()["code"]), (409, &Value::from("in_progress")));
        }
        assert_eq!(people(&face).await, 1);
    }

    async fn a_refused_request_leaves_its_key_free(face) {
        let refused = face.api("POST", "/contacts").header("idempotency-key", "k1").json(&json!({"name": 5}));
        assert_eq!(refused.refusal().await.0, 422);
        add(&face, "k1", "Анна").expect(201).await;
    }

    async fn an_answer_is_kept_for_a_day(face) {
        add(&face, "k1", "Анна").expect(201).await;
        face.clock.advance_seconds(24 * 3600 - 1);
        let again = add(&face, "k1", "Анна").answer().await;
        assert_eq!(again.header("idempotent-replayed"), "true");
        face.clock.advance_seconds(2);
        add(&face, "k1", "Иван").expect(201).await;
        assert_eq!(people(&face).await, 2);
    }

    async fn an_answer_is_given_only_to_the_one_who_asked(face) {
        let created = face.api("POST", "/api-keys").header("idempotency-key", "k1")
            .json(&json!({"name": "site", "scopes": ["contacts_read", "contacts_write"]})).expect(201).await;
        let token = created["token"].as_str().expect("a token");
        let other = face.ask("POST", "/api/v1/contacts").key(token).header("idempotency-key", "k1").json(&json!({"name": "Анна"}));
        assert_eq!(other.refusal().await, (409, "idempotency_key_reused".into()));
        let again = face.ask("POST", "/api/v1/api-keys").key(KEY).header("idempotency-key", "k1")
            .json(&json!({"name": "site", "scopes": ["contacts_read", "contacts_write"]})).expect(201).await;
        assert_eq!(again["token"], token);
    }

    async fn a_claim_that_never_ended_can_be_taken_over(face) {
        use samovar_app::idempotency::{Claimed, claim, finish};
        let tenant = face.channel("bot").tenant.id;
        let Claimed::Fresh(lost) = claim(&face.app, tenant, "k1", "a").await.expect("claimed") else { panic!("it is new") };
        assert_eq!(claim(&face.app, tenant, "k1", "a").await.expect_err("held").code(), "in_progress");
        face.clock.advance_seconds(60);
        let Claimed::Fresh(second) = claim(&face.app, tenant, "k1", "a").await.expect("claimed") else { panic!("taken over") };
        finish(&face.app, &lost, "a", 200, b"late").await.expect("no effect");
        finish(&face.app, &second, "a", 200, b"right").await.expect("kept");
        let kept = claim(&face.app, tenant, "k1", "a").await.expect("kept");
        assert_eq!(kept, Claimed::Answered { request: "a".into(), status: 200, body: b"right".to_vec() });
    }

    async fn a_claim_of_a_process_that_is_gone_is_in_nobodys_way(face) {
        use samovar_app::idempotency::{Claimed, claim};
        let tenant = face.channel("bot").tenant.id;
        assert!(matches!(claim(&face.app, tenant, "k1", "a").await, Ok(Claimed::Fresh(_))));
        let killed = face.app.store.run(tenant, 1, |tx| {
            tx.put(&HOLDER, params!["k1", "a process that was killed"]);
            std::future::ready(Ok::<_, samovar_app::Fail>(()))
        });
        killed.await.expect("written");
        assert!(matches!(claim(&face.app, tenant, "k1", "a").await, Ok(Claimed::Fresh(_))), "at once");
        assert_eq!(claim(&face.app, tenant, "k1", "a").await.expect_err("held").code(), "in_progress");
    }

    async fn a_large_file_is_taken_once(face) {
        let upload = async |letter: u8| {
            let mut form = b"--cut\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n".to_vec();
            form.resize(form.len() + 3 * 1024 * 1024, letter);
            form.extend_from_slice(b"\r\n--cut--\r\n");
            let ask = face.api("POST", "/media").header("idempotency-key", "k1");
            ask.bytes("multipart/form-data; boundary=cut", form).answer().await
        };
        let (first, again, other) = (upload(b'a').await, upload(b'a').await, upload(b'b').await);
        assert_eq!(first.status, 201, "{}", first.text);
        assert_eq!((&again.text, again.header("idempotent-replayed")), (&first.text, "true"));
        assert_eq!((other.status.as_u16(), &other.json()["code"]), (409, &Value::from("idempotency_key_reused")));
    }
}
