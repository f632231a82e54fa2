//! What happens in the business starts scenarios: at once where nothing is lost by it, later where something would be.

use samovar_app::pipeline::desk;
use samovar_app::{contacts, scenarios};
use samovar_testkit::{Guest, TestApp, on_both};
use serde_json::json;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

/// Put behind the coffee shop's own triggers and steps.
const LISTENS: &str = r#"
[[triggers]]
on = "event"
event = "contact.tag_added"
goto = "tagged"

[[triggers]]
on = "event"
event = "contact.tag_added"
values = { tag = "vip" }
goto = "vip"

[[triggers]]
on = "event"
event = "contact.tag_added"
values = { tag = "ping" }
goto = "ping"

[[triggers]]
on = "event"
event = "contact.tag_removed"
values = { tag = "ping" }
goto = "pong"

[[triggers]]
on = "event"
event = "contact.registered"
goto = "joined"

[[triggers]]
on = "event"
event = "contact.tag_added"
values = { tag = "fire" }
goto = "urgent"
interrupts = true

[[triggers]]
on = "date"
field = "contact.birthday"
days_before = 2
at = "09:00"
goto = "birthday"

[[triggers]]
on = "date"
field = "contact.fields.wedding"
goto = "wedding"

[steps.birthday]
kind = "say"
text = "Через два дня, {{ event.date }}, ваш день рождения."

[steps.wedding]
kind = "say"
text = "С годовщиной, {{ event.date }}."

[steps.tagged]
kind = "say"
text = "Новая метка: {{ event.tag }}."

[steps.vip]
kind = "say"
text = "{{ contact.name|first_name }}, теперь вы в числе постоянных гостей."

[steps.joined]
kind = "set"
add_tags = ["новичок"]

[steps.urgent]
kind = "say"
text = "Срочно: сегодня закрываемся в шесть."

[steps.ping]
kind = "set"
remove_tags = ["ping"]

[steps.pong]
kind = "set"
add_tags = ["ping"]
"#;

on_both! {
    async fn a_tag_starts_the_trigger_that_asks_for_it(app: TestApp) {
        listen(&app).await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        tag(&app, &anna, "vip").await;
        tag(&app, &anna, "любит латте").await;
        tag(&app, &anna, "vip").await;
        anna.says("баланс").await;
        insta::assert_snapshot!("tags_start_scenarios", anna.transcript().await);
        app.finish().await;
    }

    async fn an_event_never_breaks_in_on_a_question(app: TestApp) {
        listen(&app).await;
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        anna.presses("Согласен, начнём").await;
        tag(&app, &anna, "vip").await;
        tag(&app, &anna, "рядом").await;
        assert_eq!(anna.looks().await, "", "she is asked for her name");
        app.crash(0).await;
        app.revive().await;
        app.pass(Duration::from_secs(30)).await;
        tag(&app, &anna, "fire").await;
        anna.says("меню").await;
        anna.says("Анна").await;
        anna.shares_phone().await;
        insta::assert_snapshot!("events_wait_for_the_end_of_a_question", anna.transcript().await);
        app.finish().await;
    }

    async fn an_event_waits_while_a_person_of_the_company_talks(app: TestApp) {
        listen(&app).await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.says("позвать сотрудника").await;
        tag(&app, &anna, "fire").await;
        assert_eq!(anna.looks().await, "");
        desk::give_back(&app.app(), &app.owner(), anna.contact_id().await).await.expect("given back");
        assert!(anna.looks().await.contains("закрываемся в шесть"));
        app.finish().await;
    }

    async fn who_asked_for_silence_is_left_in_peace(app: TestApp) {
        listen(&app).await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.says("стоп").await;
        anna.presses("Да, отписать").await;
        tag(&app, &anna, "vip").await;
        assert_eq!(anna.looks().await, "");
        app.finish().await;
    }

    async fn dates_come_round_once_a_year(app: TestApp) {
        listen(&app).await;
        let (anna, boris) = (app.telegram("Анна"), app.telegram("Борис"));
        for (guest, birthday) in [(&anna, "1992-02-29"), (&boris, "1990-12-03")] {
            guest.registers().await;
            let fields = vec![
                ("birthday".to_owned(), json!(birthday)),
                ("fields.wedding".to_owned(), json!("2020-11-24")),
            ];
            contacts::update(&app.app(), &app.owner(), guest.contact_id().await, None, fields).await.expect("dates");
            guest.looks().await;
        }
        // The day of the story is the 21st of November 2026, a Saturday; it is noon.
        let told = async |guest: &Guest| guest.looks().await.lines().map(str::to_owned).collect::<Vec<_>>();
        app.advance(DAY).await;
        app.advance(2 * DAY).await;
        assert_eq!(told(&anna).await, ["bot: С годовщиной, 2026-11-24."]);
        assert_eq!(told(&boris).await, ["bot: С годовщиной, 2026-11-24."]);
        app.advance(6 * DAY).await;
        app.advance(20 * HOUR).await;
        assert_eq!(told(&boris).await, [] as [&str; 0]);
        app.advance(HOUR).await;
        assert_eq!(told(&boris).await, ["bot: Через два дня, 2026-12-03, ваш день рождения."], "on the 1st at nine");
        app.advance(4 * DAY).await;
        assert_eq!(told(&boris).await, [] as [&str; 0], "once");
        for _ in 0..11 {
            app.advance(7 * DAY).await;
        }
        assert_eq!(told(&anna).await, [] as [&str; 0]);
        app.advance(6 * DAY).await;
        assert_eq!(told(&anna).await, ["bot: Через два дня, 2027-02-28, ваш день рождения."]);
        app.finish().await;
    }

    async fn events_that_lead_to_each_other_in_a_circle_are_cut(app: TestApp) {
        listen(&app).await;
        let anna = app.telegram("Анна");
        anna.registers().await;
        tag(&app, &anna, "ping").await;
        assert_eq!(anna.looks().await, "");
        assert!(anna.contact().await.tags.contains("ping"), "eight moves: the first takes it away, the last gives it");
        assert!(anna.says("баланс").await.contains("У вас"), "the conversation goes on");
        app.finish().await;
    }
}

async fn tag(app: &TestApp, guest: &Guest, tag: &str) {
    let id = guest.contact_id().await;
    contacts::tag(&app.app(), &app.owner(), id, vec![tag.to_owned()]).await.expect("a tag");
    app.settle().await;
}

async fn listen(app: &TestApp) {
    let (services, owner) = (app.app(), app.owner());
    let text = include_str!("../../../../examples/coffee-loyalty/ru.toml");
    scenarios::import(&services, &owner, &format!("{text}\n{LISTENS}")).await.expect("a draft");
    let published = scenarios::publish(&services, &owner, "coffee-loyalty", None).await.expect("a version");
    app.until("the new version", async || app.channel("telegram").scenarios[0].version == published.version)
        .await;
}
