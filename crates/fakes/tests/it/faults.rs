//! What goes wrong on purpose.

use crate::call::Scene;
use samovar_fakes::telegram::Faults;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_lost_answer_was_a_message() {
    let scene = Scene::started().await;
    scene.telegram.set_faults(Faults { lost_answers: 1_000, ..Faults::default() });
    let cut = scene.call("sendMessage", json!({"chat_id": scene.ann.id(), "text": "a"})).await;
    assert!(cut.is_none());
    assert_eq!(scene.telegram.sent_after(0)[0].text, "a");
    assert!(scene.call("getMe", json!({})).await.is_some(), "reading calls are spared");
}

#[tokio::test]
async fn rates_hold_and_repeat_from_the_seed() {
    let scene = Scene::started().await;
    let faults =
        Faults { bad_gateway: 100, internal_errors: 100, too_many: 100, seed: 7, ..Faults::default() };
    let mut runs = Vec::new();
    for _ in 0..2 {
        scene.telegram.set_faults(faults.clone());
        let mut codes = Vec::new();
        for number in 0..200 {
            let body = json!({"chat_id": scene.ann.id(), "text": number.to_string()});
            codes.push(scene.call("sendMessage", body).await.map_or(0, |answer| answer.status));
        }
        runs.push(codes);
    }
    assert_eq!(runs[0], runs[1]);
    for code in [502, 500, 429] {
        let count = runs[0].iter().filter(|status| **status == code).count();
        assert!((5..=45).contains(&count), "{code}: {count} of 200");
    }
}

#[tokio::test]
async fn doubled_and_delayed_updates_all_come() {
    let scene = Scene::new().await;
    let faults =
        Faults { doubled: 300, delayed: 300, delay_ms: 5, reordered: 300, seed: 3, ..Faults::default() };
    scene.telegram.set_faults(faults);
    for number in 0..50 {
        scene.chat.says(&number.to_string()).unwrap();
    }
    let (mut offset, mut ids, mut total) = (0, BTreeSet::new(), 0);
    while ids.len() < 50 {
        let updates = scene.ok("getUpdates", json!({"offset": offset, "limit": 7, "timeout": 5})).await;
        let batch: Vec<i64> =
            updates.as_array().unwrap().iter().filter_map(|update| update["update_id"].as_i64()).collect();
        total += batch.len();
        offset = batch.iter().max().map_or(offset, |last| last + 1);
        ids.extend(batch);
    }
    assert!(total > 50, "some came twice: {total}");
}
