//! What winners read and do in the bot: the events of draws, and the ready bot that comes in with a promotion.

use crate::draws::{guests, promotion, text, tickets};
use samovar_app::scenarios;
use samovar_base::{ContactId, PromotionId};
use samovar_draw::commitment;
use samovar_testkit::{Guest, TestApp, on_both};
use serde_json::{Value, json};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const SECRET: &str = "придумано заранее и записано на листке в сейфе";

/// Says what it hears of draws.
const LISTENS: &str = r#"
key = "on-prizes"
name = "Слышит розыгрыши"
locale = "ru"

[[triggers]]
on = "event"
event = "draws.won"
goto = "won"

[[triggers]]
on = "event"
event = "draws.prize"
goto = "prize"

[steps.won]
kind = "say"
text = "Выигрыш: {{ event.prize }}, {{ event.draw }}, {{ event.promotion }}, билет {{ event.number }}. Призов: {{ draws.won }}."

[steps.prize]
kind = "say"
text = "Приз: {{ event.state }}, {{ event.prize }}, {{ event.draw }}, {{ event.promotion }}, билет {{ event.number }}. Ждут данных: {{ draws.waiting }}."
"#;

/// A held and published draw of one coffee machine, and everybody else in reserve.
struct Held<'a> {
    app: &'a TestApp,
    at: String,
    guests: &'a [Guest],
    ids: &'a [ContactId],
}

impl<'a> Held<'a> {
    async fn publish(app: &'a TestApp, of: PromotionId, guests: &'a [Guest], ids: &'a [ContactId]) -> Self {
        tickets(app, of, 1, ids).await;
        let plan = json!({
            "name": "Первая неделя", "from": "2026-11-21T00:00:00Z", "until": "2026-11-21T10:00:00Z",
            "planned_at": "2026-11-21T12:00:00Z", "reserve": 10,
            "prizes": [{ "name": "Кофемашина", "count": 1, "value": 4_990_000 }],
            "source": { "kind": "reveal", "commitment": commitment(SECRET) }
        });
        let api = app.api();
        let made = api.post(&format!("/promotions/{of}/draws"), &plan).await;
        let at = format!("/promotions/{of}/draws/{}", text(&made, "id"));
        app.advance(2 * HOUR).await;
        api.post(&format!("{at}/freeze"), &json!({})).await;
        app.advance(HOUR).await;
        let secret = json!({ "randomness": { "kind": "reveal", "secret": SECRET } });
        let held = api.post(&format!("{at}/hold"), &secret).await;
        assert_eq!(held.body["state"], "drawn", "{}", held.body);
        assert_eq!(api.post(&format!("{at}/publish"), &json!({})).await.status, 200);
        app.advance(Duration::from_secs(1)).await;
        Self { app, at, guests, ids }
    }

    /// Who was drawn at that place.
    async fn at_place(&self, place: u32) -> &Guest {
        let winner = self.winner(place).await;
        let whose = self.ids.iter().position(|id| json!(id) == winner["contact"]);
        &self.guests[whose.expect("one of the guests")]
    }

    async fn winner(&self, place: u32) -> Value {
        self.app.api().get(&format!("{}/winners/{place}", self.at)).await.body
    }

    /// The staff says what became of a prize, and presses twice.
    async fn turns(&self, place: u32, to: &Value) {
        for _ in 0..2 {
            let turned = self.app.api().put(&format!("{}/winners/{place}/state", self.at), to).await;
            assert_eq!((turned.status, &turned.body["state"]), (200, &to["state"]), "{}", turned.body);
        }
        self.app.advance(Duration::from_secs(1)).await;
    }

    /// What somebody read and did since they were told, whichever ticket was drawn.
    async fn story(&self, place: u32) -> String {
        let told = self.at_place(place).await.transcript().await;
        let since = told.find("bot: Анна, ваш билет").unwrap_or(told.len());
        told[since..].replace(&format!("№ {}", self.winner(place).await["ticket"]), "№ …")
    }

    /// What the scenario said of a prize, in its order. The message to a winner goes beside it and may come first.
    async fn heard(&self, place: u32) -> Vec<String> {
        let ticket = format!("билет {}.", self.winner(place).await["ticket"]);
        let told = self.at_place(place).await.transcript().await;
        let said = told.lines().filter_map(|line| line.strip_prefix("bot: "));
        let events = said.filter(|line| line.starts_with("Выигрыш:") || line.starts_with("Приз:"));
        events.map(|line| line.replace(&ticket, "билет ….")).collect()
    }
}

on_both! {
    /// Each change of a prize starts a scenario once, with all that the text may name, and only for whose prize it is.
    async fn the_events_of_draws_start_scenarios_once(app: TestApp) {
        let (guests, ids) = guests(&app, &["Анна", "Анна", "Анна"]).await;
        let owner = app.owner();
        scenarios::import(&app.app(), &owner, LISTENS).await.expect("a draft");
        scenarios::publish(&app.app(), &owner, "on-prizes", None).await.expect("a version");
        let channel = app.channel("telegram").id;
        let runs = json!({ "scenarios": ["coffee-loyalty", "on-prizes"] });
        assert_eq!(app.api().patch(&format!("/channels/{channel}"), &runs).await.status, 200);
        let of = promotion(&app).await;
        let draw = Held::publish(&app, of, &guests, &ids).await;

        draw.at_place(1).await.presses("Отказаться").await;
        app.advance(Duration::from_secs(1)).await;
        let second = draw.at_place(2).await;
        second.looks().await;
        second.presses("Беру приз").await;
        draw.turns(2, &json!({ "state": "sent", "note": "Трек 8008" })).await;
        draw.turns(2, &json!({ "state": "handed" })).await;
        app.crash(0).await;
        app.revive().await;
        app.advance(80 * HOUR).await;
        let of_this = "Кофемашина, Первая неделя, autumn, билет ….";
        assert_eq!(draw.heard(1).await, [
            format!("Выигрыш: {of_this} Призов: 1."),
            format!("Приз: refused, {of_this} Ждут данных: 0."),
        ]);
        assert_eq!(draw.heard(2).await, [
            format!("Выигрыш: {of_this} Призов: 1."),
            format!("Приз: accepted, {of_this} Ждут данных: 1."),
            format!("Приз: sent, {of_this} Ждут данных: 0."),
            format!("Приз: handed, {of_this} Ждут данных: 0."),
        ]);
        assert_eq!(draw.heard(3).await, [""; 0], "nothing is told to the reserve");
        app.finish().await;
    }

    /// The ready bot comes in with the promotion: one refuses, one is silent, the third of the reserve gets it.
    async fn the_ready_bot_brings_a_prize_home(app: TestApp) {
        let (guests, ids) = guests(&app, &["Анна", "Анна", "Анна"]).await;
        let of = promotion(&app).await;
        let into = json!({ "channel_id": app.channel("telegram").id, "locale": "ru" });
        let launched = app.api().post(&format!("/promotions/{of}/launch"), &into).await;
        assert_eq!(launched.status, 200, "{}", launched.body);
        app.settle().await;
        let draw = Held::publish(&app, of, &guests, &ids).await;

        draw.at_place(1).await.looks().await;
        draw.at_place(1).await.presses("Отказаться").await;
        app.advance(Duration::from_secs(1)).await;
        draw.at_place(2).await.looks().await;
        app.advance(73 * HOUR).await;
        assert_eq!(draw.winner(2).await["state"], "silent");
        draw.at_place(2).await.presses("Беру приз").await;

        let third = draw.at_place(3).await;
        third.looks().await;
        third.presses("Беру приз").await;
        third.says("Анна").await;
        third.presses("Позже").await;
        third.says("приз").await;
        third.says("Смирнова Анна Олеговна").await;
        third.says("12").await;
        third.says("8 916 123-45-67").await;
        third.says("101000, Москва, Мясницкая, 1, кв. 2").await;
        third.presses("Исправить").await;
        third.says("Смирнова Анна Игоревна").await;
        third.says("8 916 123-45-67").await;
        third.says("101000, Москва, Мясницкая, 1, кв. 3").await;
        third.presses("Верно, согласен").await;
        draw.turns(3, &json!({ "state": "sent", "note": "Трек 8008" })).await;
        draw.turns(3, &json!({ "state": "handed" })).await;
        third.says("мои призы").await;
        let held = draw.winner(3).await;
        assert_eq!((&held["state"], &held["instead_of"]), (&json!("handed"), &json!(2)), "{held}");
        assert_eq!(held["delivery"]["name"], "Смирнова Анна Игоревна", "{held}");
        insta::assert_snapshot!("a_prize_refused", draw.story(1).await);
        insta::assert_snapshot!("a_prize_and_silence", draw.story(2).await);
        insta::assert_snapshot!("a_prize_brought_home", draw.story(3).await);
        app.finish().await;
    }
}
