//! What people of the company do in the flow, through the API: answer, give back, repeat.

use crate::chat::Visitor;
use crate::face::{Face, READER, on_both};
use samovar_app::Fail;
use samovar_app::directory::ChannelState;
use samovar_store::{Params, Query, params, query};
use serde_json::{Value, json};
use std::time::Duration;

query! {
    static ALL_MESSAGES_ARE = "UPDATE outbound SET state = $2, note = 'the wire was cut' WHERE tenant_id = $1";
    static ALL_MESSAGES_SAY = "UPDATE outbound SET body = $2 WHERE tenant_id = $1";
    static ALL_EVENTS_ARE = "UPDATE inbound SET state = $2, note = 'too heavy' WHERE tenant_id = $1";
}

async fn change(face: &Face, query: &'static Query, params: impl Into<Params>) {
    let (tenant, params) = (face.channel("site").tenant.id, params.into());
    let changed = face.app.store.run(tenant, 0, move |tx| {
        let params = params.clone();
        async move { Ok::<_, Fail>(tx.exec(query, params).await?) }
    });
    assert!(changed.await.expect("changed") > 0);
}

/// A visitor of the site who has begun to talk with the bot, and their contact.
async fn anna(face: &Face) -> (Visitor<'_>, String) {
    face.app.start().await.expect("started");
    let anna = Visitor::new(face).await;
    assert_eq!(anna.post(&json!({"id": "1", "start": {}})).await.status, 202);
    face.app.pipeline.idle().await;
    let contacts = face.api("GET", "/contacts").expect(200).await;
    (anna, contacts["items"][0]["id"].as_str().expect("a contact").to_owned())
}

/// What the bot said.
async fn said(anna: &Visitor<'_>) -> Vec<Value> {
    anna.history().await.into_iter().filter(|line| line["mine"] != true).collect()
}

async fn says(face: &Face, anna: &Visitor<'_>, id: &str, text: &str) -> usize {
    assert_eq!(anna.post(&json!({"id": id, "text": text})).await.status, 202);
    face.app.pipeline.idle().await;
    said(anna).await.len()
}

/// Until the node has heard of it.
async fn until_paused(face: &Face) {
    let heard = async {
        while face.channel("site").state != ChannelState::Paused {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), heard).await.expect("paused");
}

async fn items(face: &Face, path: &str) -> Vec<Value> {
    face.api("GET", path).expect(200).await["items"].as_array().expect("a page").clone()
}

/// Lets the program work until a list is as it should be.
async fn until(face: &Face, path: &str, wanted: &[Value]) {
    let reached = async {
        while items(face, path).await != wanted {
            face.app.pipeline.look(&face.app).await.expect("looked");
            face.app.pipeline.idle().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reached).await.expect(path);
}

/// Lets the program work until the bot has said more than so much.
async fn until_more_is_said(face: &Face, anna: &Visitor<'_>, before: usize) {
    let reached = async {
        while said(anna).await.len() <= before {
            face.app.pipeline.idle().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), reached).await.expect("the bot speaks");
}

on_both! {
    async fn a_person_answers_and_gives_back(face) {
        let (anna, id) = anna(&face).await;
        let before = said(&anna).await.len();
        let words = "Здравствуйте! Это Мария.";
        for _ in 0..2 {
            let answer = face.api("POST", &format!("/contacts/{id}/conversation/answer")).header("idempotency-key", "a-1");
            let given = answer.json(&json!({"text": words})).expect(202).await;
            assert_eq!(given, json!({"contact_id": id, "channel_id": face.channel("site").id.to_string()}));
        }
        face.app.pipeline.idle().await;
        let lines = said(&anna).await;
        assert_eq!((lines.len(), &lines[before]["text"]), (before + 1, &json!(words)), "the answer, once: {lines:#?}");
        assert_eq!(says(&face, &anna, "2", "Спасибо").await, before + 1, "the bot is silent");
        face.api("POST", &format!("/contacts/{id}/conversation/give-back")).expect(202).await;
        face.app.pipeline.idle().await;
        assert!(says(&face, &anna, "3", "Согласен, начнём").await > before + 1, "the bot speaks again");
        let log = items(&face, "/audit").await;
        let actions: Vec<_> = log.iter().filter(|line| line["object"] == json!(id)).map(|line| &line["action"]).collect();
        assert_eq!(actions, [&json!("conversation.give_back"), &json!("conversation.answer")]);
        assert!(!json!(log).to_string().contains(words), "the log tells that, not what");
    }

    async fn who_cannot_be_written_to_is_not_answered(face) {
        let (_visitor, id) = anna(&face).await;
        let answer = async |id: &str, text: &str| {
            let ask = face.api("POST", &format!("/contacts/{id}/conversation/answer"));
            ask.json(&json!({"text": text})).refusal().await
        };
        let stranger = face.api("POST", "/contacts").json(&json!({"name": "Борис"})).expect(201).await;
        let stranger = stranger["id"].as_str().expect("an id");
        assert_eq!(answer(stranger, "Добрый день").await, (409, "unreachable".into()));
        let give_back = face.api("POST", &format!("/contacts/{stranger}/conversation/give-back"));
        assert_eq!(give_back.refusal().await, (409, "unreachable".into()));
        assert_eq!(answer("con_0000000000001", "Добрый день").await, (404, "not_found".into()));
        for text in ["", " \n", &"я".repeat(4097)] {
            assert_eq!(answer(&id, text).await, (422, "bad_text".into()));
        }
        face.api("POST", &format!("/channels/{}/pause", face.channel("site").id)).expect(200).await;
        until_paused(&face).await;
        assert_eq!(answer(&id, "Добрый день").await, (409, "channel_paused".into()));
    }

    async fn unsure_and_failed_messages_are_shown_and_repeated(face) {
        let (anna, id) = anna(&face).await;
        says(&face, &anna, "2", "Согласен, начнём").await;
        for (number, state) in [(3_i64, "unsure"), (4, "failed")] {
            change(&face, &ALL_MESSAGES_ARE, params![number]).await;
            let path = format!("/messages?state={state}");
            let shown = items(&face, &path).await;
            assert!(shown.len() > 1);
            for message in &shown {
                assert_eq!((&message["state"], &message["note"]), (&json!(state), &json!("the wire was cut")));
                assert_eq!((&message["contact_id"], &message["class"], &message["attempts"]), (&json!(id), &json!("answer"), &json!(1)), "{number}");
                assert!(message["text"].as_str().is_some_and(|text| !text.is_empty()) && message["cause"]["by"] == "update", "{message}");
            }
            let first = face.api("GET", &format!("{path}&limit=1")).expect(200).await;
            let next = first["next"].as_str().expect("there is more");
            assert_eq!((&first["items"][0], &items(&face, &format!("{path}&limit=1&after={next}")).await[0]), (&shown[0], &shown[1]));
            for other in ["unsure", "failed", "waiting"].iter().filter(|other| **other != state) {
                assert!(items(&face, &format!("/messages?state={other}")).await.is_empty());
            }
        }
        let failed = items(&face, "/messages?state=failed").await;
        let repeat = format!("/messages/{}/repeat", failed[0]["id"].as_str().expect("an id"));
        let again = face.api("POST", &repeat).expect(202).await;
        assert_eq!((&again["state"], &again["id"]), (&json!("waiting"), &failed[0]["id"]));
        until(&face, "/messages?state=waiting", &[]).await;
        until(&face, "/messages?state=failed", &failed[1..]).await;
        assert!(items(&face, "/messages?state=unsure").await.is_empty());
        assert_eq!(face.api("POST", &repeat).refusal().await, (409, "message_not_repeatable".into()), "it is sent");
        let audited = items(&face, "/audit?limit=1").await;
        assert_eq!((&audited[0]["action"], &audited[0]["data"]), (&json!("message.repeat"), &json!({"was": "failed"})));

        change(&face, &ALL_MESSAGES_ARE, params![3_i64]).await;
        change(&face, &ALL_MESSAGES_SAY, params!["{}"]).await;
        assert_eq!(face.api("POST", &repeat).refusal().await, (409, "message_erased".into()));
        assert_eq!(face.api("POST", "/messages/out_0000000000001/repeat").refusal().await, (404, "not_found".into()));
        assert_eq!(face.api("GET", "/messages?state=sent").refusal().await, (400, "wrong_query".into()));
        assert_eq!(face.api("GET", "/messages").refusal().await, (400, "wrong_query".into()));
    }

    async fn dead_events_are_shown_and_handled_again(face) {
        let (anna, _) = anna(&face).await;
        face.clock.advance_seconds(1);
        let before = says(&face, &anna, "2", "Согласен, начнём").await;
        change(&face, &ALL_EVENTS_ARE, params![3_i64]).await;
        let dead = items(&face, "/events/dead").await;
        assert_eq!(dead.len(), 2);
        assert_eq!((&dead[0]["source"], &dead[0]["note"], &dead[0]["received_at"]), (&json!("update"), &json!("too heavy"), &json!("2026-11-21T10:00:01Z")));
        let first = face.api("GET", "/events/dead?limit=1").expect(200).await;
        let next = first["next"].as_str().expect("there is more");
        assert_eq!(items(&face, &format!("/events/dead?limit=1&after={next}")).await, dead[1..]);

        let repeat = |key: &Value| face.api("POST", "/events/repeat").json(&json!({"channel_id": key["channel_id"], "dedup": key["dedup"]}));
        repeat(&dead[1]).expect(202).await;
        until_more_is_said(&face, &anna, before).await;
        until(&face, "/events/dead", &dead[..1]).await;
        assert_eq!(repeat(&dead[1]).refusal().await, (409, "event_not_dead".into()));
        for dedup in ["", "nothing"] {
            let unknown = json!({"channel_id": dead[0]["channel_id"], "dedup": dedup});
            assert_eq!(repeat(&unknown).refusal().await, (404, "not_found".into()), "{dedup:?}");
        }
        assert_eq!(items(&face, "/audit?limit=1").await[0]["action"], "event.repeat");
        let trouble = samovar_app::pipeline::desk::trouble(&face.app, samovar_base::Instant(0)).await.expect("counted");
        assert_eq!((trouble.unsure, trouble.failed, trouble.dead), (0, 0, 1));
    }

    async fn the_desk_needs_rights(face) {
        for (method, path, body) in [
            ("POST", "/contacts/con_0000000000001/conversation/answer", json!({"text": "x"})),
            ("POST", "/contacts/con_0000000000001/conversation/give-back", json!({})),
            ("GET", "/messages?state=failed", json!({})),
            ("POST", "/messages/out_0000000000001/repeat", json!({})),
            ("GET", "/events/dead", json!({})),
            ("POST", "/events/repeat", json!({"channel_id": face.channel("site").id, "dedup": "1"})),
        ] {
            let ask = face.ask(method, &format!("/api/v1{path}")).key(READER).json(&body);
            assert_eq!(ask.refusal().await, (403, "forbidden".into()), "{method} {path}");
        }
    }
}
