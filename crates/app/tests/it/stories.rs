//! What people live through with the coffee shop's bot, word for word. Both engines are held to the same words.

use samovar_app::pipeline::desk;
use samovar_app::{contacts, loyalty, scenarios};
use samovar_testkit::{Engine, Guest, Plain, Setting, TestApp, on_both};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

on_both! {
    async fn first_visit_by_telegram(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        anna.presses("Согласен, начнём").await;
        anna.says("Анна Петрова").await;
        anna.shares_phone().await;
        anna.presses("Баланс").await;
        anna.presses("Показать карту").await;
        anna.says("история").await;
        anna.says("помощь").await;
        anna.says("стоп").await;
        anna.presses("Да, отписать").await;
        anna.says("меню").await;
        anna.presses("Да, вернуть").await;
        insta::assert_snapshot!("first_visit_by_telegram", anna.transcript().await);
        let contact = anna.contact().await;
        assert_eq!(contact.name, "Анна Петрова");
        assert_eq!(contact.phone, Some(format!("+{}", anna.person.phone())));
        assert!(contact.phone_proved && contact.registered_at.is_some() && contact.stopped_at.is_none());
        assert_eq!(contact.consents.get("loyalty"), Some(&1));
        app.finish().await;
    }

    async fn first_visit_in_english(engine: Engine) {
        let app = TestApp::set(Setting { locale: "en", ..Setting::new(engine) }).await;
        let ann = app.telegram("Ann");
        ann.starts(None).await;
        ann.presses("I agree, let's start").await;
        ann.presses("Ann").await;
        ann.shares_phone().await;
        ann.presses("Birthday").await;
        ann.says("31.02.1990").await;
        ann.says("17.05.1990").await;
        ann.presses("Balance").await;
        ann.presses("Show the card").await;
        ann.says("/history").await;
        ann.says("/help").await;
        ann.says("stop").await;
        ann.presses("Yes, unsubscribe").await;
        ann.says("menu").await;
        ann.presses("Yes, bring it back").await;
        insta::assert_snapshot!("first_visit_in_english", ann.transcript().await);
        app.finish().await;
    }

    /// The page shows buttons, and takes typed labels, tokens and presses alike.
    async fn first_visit_by_web_chat(app: TestApp) {
        let anna = app.visitor("Анна").await;
        anna.starts().await;
        anna.says("согласен, НАЧНЁМ").await;
        anna.says("Анна").await;
        anna.says("сто двадцать").await;
        anna.says("8 (916) 123-45-67").await;
        anna.says("1").await;
        anna.presses("Показать карту").await;
        let history = anna.token_of("История").await;
        anna.says(&history).await;
        anna.presses("В меню").await;
        anna.says("/help").await;
        insta::assert_snapshot!("first_visit_by_web_chat", anna.transcript().await);
        let card = anna.items().await.into_iter().find_map(|item| item["media"]["key"].as_str().map(str::to_owned));
        assert!(anna.file(&card.expect("a card")).await.starts_with(b"\x89PNG"));
        app.finish().await;
    }

    /// A messenger without buttons and lists: choices are numbered, and a number, a label and a token choose.
    async fn first_visit_without_buttons(engine: Engine) {
        let app = TestApp::set(Setting { webchat: |hub| Arc::new(Plain::new(hub)), ..Setting::new(engine) }).await;
        let anna = app.visitor("Анна").await;
        anna.starts().await;
        anna.says("7").await;
        anna.says("1").await;
        anna.says("Анна").await;
        anna.says("+7 916 123-45-67").await;
        anna.says("1").await;
        anna.says("показать карту").await;
        anna.says("1").await;
        anna.says("3").await;
        insta::assert_snapshot!("first_visit_without_buttons", anna.transcript().await);
        app.finish().await;
    }

    async fn who_does_not_agree_gives_nothing(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        anna.presses("Не согласен").await;
        anna.says("баланс").await;
        insta::assert_snapshot!("who_does_not_agree", anna.transcript().await);
        let contact = anna.contact().await;
        assert!(contact.registered_at.is_none() && contact.consents.is_empty() && contact.phone.is_none());
        app.finish().await;
    }

    async fn a_forged_contact_is_not_taken(app: TestApp) {
        let (anna, boris) = (app.telegram("Анна"), app.telegram("Борис"));
        anna.starts(None).await;
        anna.presses("Согласен, начнём").await;
        anna.says("Анна").await;
        anna.sends_contact("+79990000001", Some(boris.person.id())).await;
        anna.sends_contact("+79990000002", None).await;
        assert_eq!(anna.contact().await.phone, None);
        anna.shares_phone().await;
        insta::assert_snapshot!("a_forged_contact", anna.transcript().await);
        assert!(anna.contact().await.phone_proved);
        app.finish().await;
    }

    async fn a_stale_button_is_answered_and_does_nothing(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        anna.presses("Согласен, начнём").await;
        let question = anna.last();
        let suggested = question.button("Анна").expect("the name is suggested").value.clone().expect("data");
        anna.says("Мария").await;
        let answer = anna.presses_again(question.message_id, &suggested).await;
        assert_eq!(anna.contact().await.name, "Мария");
        insta::assert_snapshot!("a_stale_button", answer);
        let forged = anna.presses_again(question.message_id, "c:made-up").await;
        insta::assert_snapshot!("a_forged_button", forged);
        app.finish().await;
    }

    async fn who_blocks_the_bot_is_marked_and_who_returns_is_not(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.blocks().await;
        assert_eq!(blocked(&app, &anna).await, [true]);
        let told = grant(&app, &anna, 50, "За отзыв").await;
        assert_eq!(told, 200, "points are given, only nothing is said");
        assert_eq!(anna.looks().await, "");
        anna.unblocks().await;
        assert_eq!(blocked(&app, &anna).await, [false]);
        insta::assert_snapshot!("back_after_a_block", anna.says("баланс").await);
        app.finish().await;
    }

    async fn who_falls_silent_is_reminded_once(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.starts(None).await;
        app.advance(14 * MINUTE).await;
        assert_eq!(anna.looks().await, "");
        app.advance(MINUTE).await;
        insta::assert_snapshot!("the_reminder", anna.looks().await);
        app.advance(600 * MINUTE).await;
        assert_eq!(anna.looks().await, "", "no second reminder of the same silence");
        anna.presses("Согласен, начнём").await;
        app.advance(60 * MINUTE).await;
        assert!(anna.looks().await.contains("Как вас зовут?"));
        app.finish().await;
    }

    async fn who_answered_is_not_reminded(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        app.advance(600 * MINUTE).await;
        assert_eq!(anna.looks().await, "");
        app.finish().await;
    }

    async fn a_new_version_is_for_new_conversations(app: TestApp) {
        let (anna, boris) = (app.telegram("Анна"), app.telegram("Борис"));
        anna.starts(None).await;
        anna.presses("Согласен, начнём").await;
        publish(&app, |text| text.replace("Как вас зовут?", "Как к вам обращаться?").replace("{{ contact.name|first_name }}, остался", "Остался")).await;
        boris.starts(None).await;
        assert!(boris.presses("Согласен, начнём").await.contains("Как к вам обращаться?"));
        let answer = anna.says("Анна").await;
        assert!(answer.contains("Анна, остался номер телефона"), "she goes on in the version in which she is: {answer}");
        assert!(boris.says("Борис").await.contains("bot: Остался номер телефона"));
        anna.shares_phone().await;
        boris.shares_phone().await;
        assert!(anna.contact().await.registered_at.is_some() && boris.contact().await.registered_at.is_some());
        app.finish().await;
    }

    async fn the_card_is_read_by_a_scanner_and_uploaded_once(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.presses("Моя карта").await;
        let picture = anna.last().photo.expect("a picture");
        let contact = anna.contact_id().await;
        let number = loyalty::card_of(&app.app(), &app.owner(), contact).await.expect("a card");
        let code = loyalty::card_code(&app.app().vault, app.tenant, number);
        assert_eq!(scan(&anna.file(&picture.file).await), std::slice::from_ref(&code));
        let found = app.api().post("/cards/resolve", &json!({"text": code})).await;
        assert_eq!(found.body["contact_id"], json!(contact));
        anna.says("меню").await;
        anna.says("карта").await;
        assert_eq!(anna.last().photo.expect("a picture").file, picture.file, "the same upload is shown again");
        anna.says("/start").await;
        anna.says("/stop").await;
        app.finish().await;
    }

    async fn points_given_by_hand_are_told_in_the_chat(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        assert_eq!(grant(&app, &anna, 50, "За отзыв").await, 200);
        insta::assert_snapshot!("points_by_hand", anna.looks().await);
        anna.says("стоп").await;
        anna.presses("Да, отписать").await;
        assert_eq!(grant(&app, &anna, 1, "За отзыв").await, 200);
        assert_eq!(anna.looks().await, "", "who asked for silence is not written to");
        app.finish().await;
    }

    async fn a_person_of_the_company_answers_and_gives_back(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        anna.says("позвать сотрудника").await;
        assert_eq!(anna.says("Вы открыты в воскресенье?").await, "", "the bot is silent");
        let (services, contact) = (app.app(), anna.contact_id().await);
        let words = "Здравствуйте! Да, с девяти до шести.".to_owned();
        desk::answer(&services, &app.owner(), contact, words).await.expect("an answer");
        anna.looks().await;
        anna.says("Спасибо").await;
        desk::give_back(&services, &app.owner(), contact).await.expect("given back");
        anna.looks().await;
        anna.says("баланс").await;
        insta::assert_snapshot!("a_person_answers", anna.transcript().await);
        app.finish().await;
    }

    async fn where_a_person_came_from_is_kept(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.starts(Some("flyer-may")).await;
        anna.starts(Some("site")).await;
        assert_eq!(anna.contact().await.source.as_deref(), Some("flyer-may"));
        app.finish().await;
    }
}

/// Gives points by the API; the HTTP status.
async fn grant(app: &TestApp, guest: &Guest, points: i64, comment: &str) -> u16 {
    let path = format!("/contacts/{}/wallet/grant", guest.contact_id().await);
    let reply = app.api().post(&path, &json!({"points": points, "comment": comment})).await;
    app.settle().await;
    reply.status
}

async fn blocked(app: &TestApp, guest: &Guest) -> Vec<bool> {
    let all =
        contacts::identities(&app.app(), &app.owner(), guest.contact_id().await).await.expect("identities");
    all.iter().map(|identity| identity.blocked_at.is_some()).collect()
}

/// Publishes the Russian bot changed, and waits until the node has heard of it.
async fn publish(app: &TestApp, change: impl Fn(&str) -> String) {
    let (services, owner) = (app.app(), app.owner());
    let text = include_str!("../../../../examples/coffee-loyalty/ru.toml");
    scenarios::import(&services, &owner, &change(text)).await.expect("a draft");
    let published = scenarios::publish(&services, &owner, "coffee-loyalty", None).await.expect("a version");
    assert!(published.new);
    app.until("the new version", async || app.channel("telegram").scenarios[0].version == published.version)
        .await;
}

/// What a scanner reads from a picture.
fn scan(picture: &[u8]) -> Vec<String> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().expect("PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
    let info = reader.next_frame(&mut pixels).expect("pixels");
    let step = info.color_type.samples();
    let (width, height) = (info.width as usize, info.height as usize);
    let grey = |x: usize, y: usize| pixels[(y * width + x) * step + step.min(2) - 1];
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    image.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}
