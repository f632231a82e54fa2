//! Draws that are held by a number of the public beacon, which the program reads by itself.

use crate::draws::{guests, promotion, text, tickets};
use samovar_draw::verify;
use samovar_fakes::drand::Fate;
use samovar_testkit::{Engine, Setting, TestApp, on_both};
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
/// When the League said the number 657413.
const MOMENT: &str = "2023-09-15T11:00:03Z";

/// A draw that waits for the number 657413, two seconds before its moment; its address.
async fn waits_for_its_number(engine: Engine) -> (TestApp, String) {
    let setting =
        Setting { begins: "2023-09-15T08:00:00Z", patience: Duration::from_secs(3), ..Setting::new(engine) };
    let app = TestApp::set(setting).await;
    let (_guests, ids) = guests(&app, &["Анна", "Борис"]).await;
    let of = promotion(&app).await;
    tickets(&app, of, 1, &[ids[0], ids[1], ids[0]]).await;
    let plan = json!({
        "name": "Первый день", "from": "2023-09-15T00:00:00Z", "until": "2023-09-15T09:00:00Z",
        "planned_at": "2023-09-15T11:00:01Z", "prizes": [{ "name": "Кофемашина", "count": 1, "value": 4_990_000 }],
        "reserve": 1, "source": { "kind": "drand" }
    });
    let made = app.api().post(&format!("/promotions/{of}/draws"), &plan).await;
    let at = format!("/promotions/{of}/draws/{}", text(&made, "id"));
    app.advance(2 * HOUR).await;
    assert_eq!(app.api().post(&format!("{at}/freeze"), &json!({})).await.status, 202);
    app.advance(Duration::from_secs(10)).await;
    app.advance(HOUR - Duration::from_secs(9)).await;
    (app, at)
}

on_both! {
    async fn a_draw_is_held_by_the_number_of_the_beacon(engine: Engine) {
        let (app, at) = waits_for_its_number(engine).await;
        let api = app.api();
        let hold = async || api.post(&format!("{at}/hold"), &json!({})).await;
        let frozen = api.get(&at).await.body;
        assert_eq!((&frozen["announced"]["round"], &frozen["announced"]["randomness_at"]), (&json!(657_413), &json!(MOMENT)), "{frozen}");
        assert_eq!(hold().await.body["code"], "too_early");
        assert_eq!(app.drand.asked(), 0, "nobody is asked before the moment");
        app.advance(Duration::from_secs(2)).await;

        let wrong = [
            (Fate::NotYet, "beacon_not_yet"),
            (Fate::TooEarly, "beacon_not_yet"),
            (Fate::AnotherRound, "beacon_wrong"),
            (Fate::Forged, "beacon_wrong"),
            (Fate::Malformed, "beacon_wrong"),
            (Fate::Page, "beacon_wrong"),
            (Fate::Huge, "beacon_wrong"),
            (Fate::Elsewhere, "beacon_wrong"),
            (Fate::Status(500), "beacon_silent"),
            (Fate::Hang(HOUR), "beacon_silent"),
            (Fate::Cut, "beacon_silent"),
        ];
        for (fate, code) in wrong {
            app.drand.next(&[fate]);
            let refused = hold().await;
            assert_eq!((refused.status, &refused.body["code"]), (424, &json!(code)), "{fate:?}: {}", refused.body);
            assert_eq!(api.get(&at).await.body, frozen, "{fate:?} changed something");
        }
        assert_eq!(app.drand.asked(), 11, "one question each time, and none elsewhere");

        let drawn = hold().await;
        assert_eq!((drawn.status, text(&drawn, "state").as_str()), (200, "drawn"), "{}", drawn.body);
        assert_eq!(drawn.body["held"]["randomness"]["round"], 657_413);
        assert_eq!(hold().await.body, drawn.body, "a second question changes nothing");
        assert_eq!(app.drand.asked(), 12, "and asks nobody");
        let protocol = String::from_utf8(api.download(&format!("{at}/protocol")).await).unwrap();
        let list = api.download(&format!("{at}/list")).await;
        let announced = frozen["announced"]["hash"].as_str();
        let report = verify(&protocol, Some(list), None, announced);
        assert!(report.holds(), "{report:#?}");
        app.finish().await;
    }

    /// A number that somebody puts in is believed by the same signature.
    async fn a_number_by_value_is_checked_as_well(engine: Engine) {
        let (app, at) = waits_for_its_number(engine).await;
        app.advance(Duration::from_secs(2)).await;
        let api = app.api();
        let given = |round: u64, signature: &str| -> Value {
            json!({ "randomness": { "kind": "drand", "round": round, "signature": signature } })
        };
        let genuine = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b";
        let forged = genuine.replacen("b7", "a7", 1);
        for wrong in [given(657_413, &forged), given(657_412, genuine), given(657_413, "b713")] {
            let refused = api.post(&format!("{at}/hold"), &wrong).await;
            assert_eq!((refused.status, &refused.body["code"]), (422, &json!("wrong_randomness")), "{}", refused.body);
        }
        assert_eq!(api.post(&format!("{at}/hold"), &given(657_413, genuine)).await.body["state"], "drawn");
        assert_eq!(app.drand.asked(), 0);
        app.finish().await;
    }
}
