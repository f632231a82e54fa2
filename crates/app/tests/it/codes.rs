//! Confirmation codes: told by the customer, entered by staff, worth one operation.

use samovar_testkit::{Guest, TestApp, on_both};
use serde_json::{Value, json};
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

on_both! {
    async fn points_are_taken_with_the_code_that_the_customer_tells(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let id = anna.contact_id().await;
        require(&app, json!({ "required": { "deduct": 50 } })).await;
        let api = app.api();
        let deduct = format!("/contacts/{id}/wallet/deduct");
        let refused = api.post(&deduct, &json!({ "points": 50 })).await;
        assert_eq!((refused.status, &refused.body["code"]), (409, &json!("code_required")), "{}", refused.body);
        assert_eq!(api.post_as("small", &deduct, &json!({ "points": 49 })).await.status, 200, "below the limit");
        assert_eq!(api.post_as("back", &format!("/contacts/{id}/wallet/grant"), &json!({ "points": 49 })).await.status, 200);
        anna.looks().await;

        let (code, digits) = ask(&app, &anna, "visit-1", 60).await;
        insta::assert_snapshot!("a_code_in_the_chat", anna.transcript().await.lines().rev().take(4).collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join("\n").replace(&digits, "1234"));
        let enter = format!("/codes/{code}/redeem");
        let other = api.post(&enter, &json!({ "code": digits, "points": 61 })).await;
        assert_eq!(other.body["code"], "code_for_other_sum");
        let done = api.post(&enter, &json!({ "code": digits, "points": 60 })).await;
        assert_eq!((done.status, &done.body["available"], &done.body["repeated"]), (200, &json!(40), &json!(false)), "{}", done.body);
        let again = api.post(&enter, &json!({ "code": digits })).await;
        assert_eq!((again.status, &again.body["available"], &again.body["repeated"]), (200, &json!(40), &json!(true)), "{}", again.body);
        assert_eq!(api.post(&enter, &json!({ "code": other_than(&digits) })).await.body["code"], "code_over");
        assert_eq!(api.get(&format!("/codes/{code}")).await.body["state"], "used");
        app.settle().await;
        assert!(anna.looks().await.contains("Списано 60"));
        app.finish().await;
    }

    async fn a_code_is_over_after_its_time_its_tries_and_a_newer_one(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let api = app.api();
        let (late, digits) = ask(&app, &anna, "late", 10).await;
        app.advance(10 * MINUTE).await;
        assert_eq!(enter(&app, &late, &digits).await, "code_over");

        let (older, old_digits) = ask(&app, &anna, "older", 10).await;
        let (newer, digits) = ask(&app, &anna, "newer", 20).await;
        assert_eq!(enter(&app, &older, &old_digits).await, "code_over");
        assert_eq!(api.get(&format!("/codes/{older}")).await.body["state"], "cancelled");
        for left in (0..5).rev() {
            let reply = api.post(&format!("/codes/{newer}/redeem"), &json!({ "code": other_than(&digits) })).await;
            assert_eq!(reply.body["code"], "code_wrong", "{left} left: {}", reply.body);
        }
        assert_eq!(enter(&app, &newer, &digits).await, "code_over");
        assert_eq!(api.get(&format!("/codes/{newer}")).await.body["state"], "exhausted");

        let (given_up, digits) = ask(&app, &anna, "given-up", 10).await;
        assert_eq!(api.post(&format!("/codes/{given_up}/cancel"), &json!({})).await.body["state"], "cancelled");
        assert_eq!(enter(&app, &given_up, &digits).await, "code_over");
        app.finish().await;
    }

    /// Fifty guesses at a time are no more than five.
    async fn guesses_at_the_same_time_are_all_counted(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let (code, digits) = ask(&app, &anna, "guessed", 10).await;
        let wrong = other_than(&digits);
        let guesses = (0..50).map(|_| enter(&app, &code, &wrong));
        let answers = futures::future::join_all(guesses).await;
        let compared = answers.iter().filter(|answer| *answer == "code_wrong").count();
        assert_eq!((compared, answers.len() - compared), (5, 45), "{answers:?}");
        assert_eq!(app.api().get(&format!("/codes/{code}")).await.body["tries"], 5);
        app.finish().await;
    }

    /// Ten tills enter the right code at a time: the points are taken once.
    async fn a_code_is_used_once_however_many_enter_it(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let (code, digits) = ask(&app, &anna, "once", 10).await;
        let answers = futures::future::join_all((0..10).map(|_| enter(&app, &code, &digits))).await;
        assert!(answers.iter().all(|answer| answer == "90"), "{answers:?}");
        app.finish().await;
    }

    /// The customer presses instead of telling; what the till enters afterwards is answered by what was done.
    async fn the_customer_confirms_by_a_press(app: TestApp) {
        let (anna, boris) = (app.telegram("Анна"), app.telegram("Борис"));
        anna.registers().await;
        boris.registers().await;
        let (code, digits) = ask(&app, &anna, "pressed", 30).await;
        let message = anna.last();
        let button = message.button("Подтвердить").expect("a button").value.clone().expect("data");
        boris.presses_again(boris.last().message_id, &button).await;
        assert_eq!(app.api().get(&format!("/codes/{code}")).await.body["state"], "open", "another's button does nothing");
        anna.presses("Подтвердить").await;
        assert_eq!(app.api().get(&format!("/codes/{code}")).await.body["state"], "confirmed");
        assert_eq!(enter(&app, &code, &other_than(&digits)).await, "70");
        anna.presses_again(message.message_id, &button).await;
        assert_eq!(enter(&app, &code, &digits).await, "70");
        let (late, late_digits) = ask(&app, &anna, "late", 30).await;
        app.advance(10 * MINUTE).await;
        anna.presses("Подтвердить").await;
        assert_eq!(app.api().get(&format!("/codes/{late}")).await.body["state"], "open");
        let story = anna.transcript().await.replace(&digits, "1234").replace(&late_digits, "5678");
        let story = story.lines().skip_while(|line| !line.contains("1234 — код")).take(13).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!("a_code_confirmed_by_a_press", story);
        app.finish().await;
    }

    async fn a_purchase_is_paid_with_points_with_a_code(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        require(&app, json!({ "required": { "purchase": 50 } })).await;
        let id = anna.contact_id().await;
        let purchase = json!({ "sum_minor": 60_000, "pay_points": 60, "receipt": "1207" });
        let refused = app.api().post_as("receipt-1207", &format!("/contacts/{id}/purchases"), &purchase).await;
        assert_eq!(refused.body["code"], "code_required", "{}", refused.body);
        let operation = json!({ "operation": { "kind": "purchase", "purchase": purchase } });
        let asked = app.api().post_as("receipt-1207-code", &format!("/contacts/{id}/codes"), &operation).await;
        assert_eq!(asked.status, 200, "{}", asked.body);
        app.settle().await;
        let digits: String = anna.last().text.chars().take_while(char::is_ascii_digit).collect();
        let path = format!("/codes/{}/redeem", asked.body["id"].as_str().expect("an id"));
        let done = app.api().post(&path, &json!({ "code": digits, "points": 60 })).await;
        assert_eq!((&done.body["purchase"]["spent"], &done.body["available"]), (&json!(60), &json!(40)), "{}", done.body);
        app.finish().await;
    }

    async fn codes_are_not_sent_without_end_nor_in_vain(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        require(&app, json!({ "per_hour": 2, "digits": 6 })).await;
        let id = anna.contact_id().await;
        let (_, digits) = ask(&app, &anna, "one", 10).await;
        assert_eq!(digits.len(), 6);
        ask(&app, &anna, "two", 10).await;
        let path = format!("/contacts/{id}/codes");
        let third = app.api().post(&path, &operation(10)).await;
        assert_eq!((third.status, &third.body["code"]), (429, &json!("too_many_codes")), "{}", third.body);
        app.advance(61 * MINUTE).await;
        let poor = app.api().post(&path, &operation(101)).await;
        assert_eq!(poor.body["code"], "not_enough_points");
        anna.blocks().await;
        let unreachable = app.api().post(&path, &operation(10)).await;
        assert_eq!(unreachable.body["code"], "unreachable");
        app.finish().await;
    }
}

fn operation(points: i64) -> Value {
    json!({ "operation": { "kind": "deduct", "points": points, "comment": "Десерт" } })
}

/// Asks for a code; its id, and the digits that the customer reads.
async fn ask(app: &TestApp, guest: &Guest, key: &str, points: i64) -> (String, String) {
    let path = format!("/contacts/{}/codes", guest.contact_id().await);
    let reply = app.api().post_as(key, &path, &operation(points)).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    app.settle().await;
    let digits: String = guest.last().text.chars().take_while(char::is_ascii_digit).collect();
    (reply.body["id"].as_str().expect("an id").to_owned(), digits)
}

/// Enters a code; the code of the refusal, or what is left.
async fn enter(app: &TestApp, code: &str, digits: &str) -> String {
    let reply = app.api().post(&format!("/codes/{code}/redeem"), &json!({ "code": digits })).await;
    match reply.body["code"].as_str() {
        Some(refusal) => refusal.to_owned(),
        None => reply.body["available"].to_string(),
    }
}

fn other_than(digits: &str) -> String {
    let number: u32 = digits.parse().expect("digits");
    format!(
        "{:0width$}",
        (number + 1) % 10_u32.pow(u32::try_from(digits.len()).expect("few")),
        width = digits.len()
    )
}

async fn require(app: &TestApp, rules: Value) {
    let owner = app.owner();
    let rules = serde_json::from_value(rules).expect("rules");
    samovar_app::codes::set_rules(&app.app(), &owner, None, rules).await.expect("good rules");
}
