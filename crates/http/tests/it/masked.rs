//! Whoever may not see personal data finds none in any answer: every address that reads, about everything a company has.

use crate::chat::Visitor;
use crate::face::{Face, KEY, on_both};
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use samovar_app::access::{Actor, Right, Rights};
use samovar_app::{staff, work};
use samovar_base::{ContactId, DrawId, PromotionId};
use samovar_http::openapi;
use samovar_store::{params, table_write};
use serde_json::{Value, json};
use std::time::Duration;

table_write! {
    static WINNER = insert draws_winner key(draw_id int, place int) set(
        promotion_id int, prize int, reserve bool, ticket int, contact_id int, name text, state text, note text,
        revision int
    );
}

/// Digits of the phone, and beginnings of the addresses: whatever is around them, they give a person away.
const MARKERS: [&str; 6] =
    ["1112233", "111-22-33", "111 22 33", "anna.yolkina", "Мясницкая", "Ёлкина Анна Петровна"];

/// A company that knows all of it: by staff, by the chat, by a winner's delivery.
async fn company(face: &Face) -> Vec<String> {
    face.app.start().await.expect("started");
    let visitor = Visitor::new(face).await;
    for (id, words) in [
        ("1", "Мой телефон 8 (916) 111-22-33"),
        ("2", "Пишите на anna.yolkina@example.org"),
        ("3", "позвать сотрудника"),
        ("4", "+79161112233, жду звонка"),
    ] {
        assert_eq!(visitor.post(&json!({ "id": id, "text": words })).await.status, 202);
        face.app.pipeline.idle().await;
    }
    assert_eq!(visitor.post(&json!({ "id": "5", "phone": "+79161112233" })).await.status, 202);
    face.app.pipeline.idle().await;
    let contact =
        face.api("GET", "/contacts").expect(200).await["items"][0]["id"].as_str().expect("an id").to_owned();
    let known = json!({
        "name": "Анна", "phone": "8 916 111-22-33", "birthday": "1990-02-28",
        "fields": { "email": "anna.yolkina@example.org", "address": "Москва, Мясницкая, 1", "visits": 7 }
    });
    face.api("PATCH", &format!("/contacts/{contact}")).json(&known).expect(200).await;
    let note = json!({ "text": "перезвонить на 89161112233" });
    let channel = face.channel("site").id;
    face.api("POST", &format!("/conversations/{contact}/{channel}/notes")).json(&note).expect(201).await;
    let ids = vec![contact.clone(), channel.to_string()];
    [ids, winner(face, &contact).await].concat()
}

/// A winner, and where the prize goes.
async fn winner(face: &Face, contact: &str) -> Vec<String> {
    let new = json!({
        "key": "autumn", "name": "Осень", "starts_at": "2026-11-21T00:00:00Z", "ends_at": "2026-12-21T00:00:00Z",
        "terms": { "rules": { "text": { "ru": "Участвуют все чеки.", "en": "All receipts take part." } } }
    });
    let promotion = face.api("POST", "/promotions").json(&new).expect(201).await["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let plan = json!({
        "name": "Неделя", "from": "2026-11-21T00:00:00Z", "until": "2026-11-22T00:00:00Z",
        "planned_at": "2026-11-22T12:00:00Z", "prizes": [{ "name": "Чайник", "count": 1, "value": 100 }], "reserve": 0,
        "source": { "kind": "reveal", "commitment": samovar_draw::commitment("придумано заранее и записано в сейфе") }
    });
    let at = format!("/promotions/{promotion}/draws");
    let draw = face.api("POST", &at).json(&plan).expect(200).await["id"].as_str().expect("an id").to_owned();
    let of: (DrawId, PromotionId, ContactId) =
        (draw.parse().expect("an id"), promotion.parse().expect("an id"), contact.parse().expect("an id"));
    let tenant = face.app.directory.tenants()[0].id;
    let written = face.app.store.run(tenant, 1, move |tx| {
        tx.put(&WINNER, params![of.0, 1_i64, of.1, 1_i64, false, 1_i64, of.2, "Анна", "told", "", 1_i64]);
        std::future::ready(Ok::<_, samovar_app::Fail>(()))
    });
    written.await.expect("a winner");
    let delivery = json!({
        "name": "Ёлкина Анна Петровна", "phone": "+7 916 111-22-33", "address": "101000, Москва, Мясницкая, 1, кв. 2"
    });
    face.api("PUT", &format!("{at}/{draw}/winners/1/delivery")).json(&delivery).expect(200).await;
    vec![promotion, draw]
}

/// Everything that can be read, with the ids of what there is.
fn addresses(things: &[String]) -> Vec<String> {
    let document: Value = serde_json::from_str(openapi::json()).expect("JSON");
    let paths =
        document["paths"].as_object().expect("paths").iter().filter(|(_, item)| item["get"].is_object());
    let thing =
        |prefix: &str| things.iter().find(|id| id.starts_with(prefix)).map_or("nothing", String::as_str);
    let filled = |(path, _): (&String, &Value)| {
        let about = if path.contains("/promotions/") { "prm_" } else { "con_" };
        let channel = if path.contains("/channels/") { "chn_" } else { about };
        path.replace("{id}", thing(channel))
            .replace("{contact_id}", thing("con_"))
            .replace("{channel_id}", thing("chn_"))
            .replace("{draw}", thing("drw_"))
            .replace("{place}", "1")
            .replace("{key}", "coffee-loyalty")
            .replace("{version}", "1")
            .replace("{year}", "2026")
    };
    let mut all: Vec<String> = paths.map(filled).filter(|path| path != "/api/v1/live").collect();
    all.extend(["/api/v1/conversations?words=Анна", "/api/v1/contacts?q=79161112233"].map(str::to_owned));
    all
}

fn found(text: &str) -> Vec<&'static str> {
    MARKERS.into_iter().filter(|marker| text.contains(marker)).collect()
}

on_both! {
    async fn no_answer_tells_personal_data_to_those_who_may_not_see_it(face) {
        let things = company(&face).await;
        let rights = Rights::ALL.without(Right::PersonalDataSee).without(Right::BackupsMake);
        let owner = Actor::setup(face.app.directory.tenants()[0].id);
        let token = staff::create_key(&face.app, &owner, "blind", rights).await.expect("a key").token;

        let live = Request::get("/api/v1/live").header("authorization", format!("Bearer {token}"));
        let mut live = face.send(live.body(Body::empty()).expect("a request")).await.into_body();
        let (mut wrong, mut shown) = (Vec::new(), 0);
        for address in addresses(&things) {
            let answer = face.ask("GET", &address).key(&token).answer().await;
            let told = found(&answer.text);
            if !told.is_empty() {
                wrong.push(format!("{address}: {told:?}"));
            }
            // The same answer to one who may see shows that there was something to hide.
            shown += usize::from(!found(&face.ask("GET", &address).key(KEY).answer().await.text).is_empty());
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(shown >= 8, "only {shown} addresses have anything to hide");

        let heard = json!({ "fields": { "address": "Мясницкая, 2", "email": "anna.yolkina@example.net" } });
        face.api("PATCH", &format!("/contacts/{}", things[0])).json(&heard).expect(200).await;
        let frame = tokio::time::timeout(Duration::from_secs(10), live.frame()).await.expect("told");
        let text = String::from_utf8_lossy(frame.expect("open").expect("whole").data_ref().expect("data")).into_owned();
        assert!(text.contains("contacts") && found(&text).is_empty(), "{text}");

        for what in ["contacts", "lots", "ledger", "postings", "deals", "winners", "prize_tax", "participants", "tickets"] {
            let wanted = json!({ "what": what, "format": "csv" });
            let made = face.ask("POST", "/api/v1/exports").key(&token).json(&wanted).expect(202).await;
            let at = format!("/api/v1/exports/{}", made["id"].as_str().expect("an id"));
            work::look(&face.app).await.expect("jobs");
            let file = face.ask("GET", &format!("{at}/file")).key(&token).answer().await.text;
            assert!(found(&file).is_empty(), "{what}: {file}");
        }
    }
}
