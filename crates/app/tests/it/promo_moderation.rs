//! Receipts that wait for a person: seen with what looks like cheating, decided by one, numbered like all others; and a
//! promotion put into a bot that runs something else already.

use samovar_app::promo::moderation::{self, Decision};
use samovar_app::promo::{self, Draft, Entry, Promotion, Reason, Rules, State, Terms, Wording, launch};
use samovar_app::{Fail, receipts};
use samovar_testkit::{Guest, TestApp, on_both};
use std::time::Duration;

fn moment(text: &str) -> samovar_base::Instant {
    text.parse::<jiff::Timestamp>().expect("a moment").into()
}

/// A promotion that runs beside the coffee shop's loyalty; receipts are not checked, so that a person looks at each.
async fn runs(app: &TestApp) -> Promotion {
    let (services, owner) = (app.app(), app.owner());
    let terms = Terms {
        rules: Rules {
            text: Wording::new("Участвуют чеки от 500 ₽.", ""), ..Rules::default()
        },
        entries: vec![Entry {
            source: "shelf".into(), title: "Полка".into(), phrase: "Хочу приз".into()
        }],
        ..Terms::default()
    };
    let draft = Draft {
        key: "autumn".into(),
        name: "Осень с призами".into(),
        starts_at: moment("2026-11-20T21:00:00Z"),
        ends_at: moment("2026-11-30T21:00:00Z"),
        terms,
        channel: None,
    };
    let made = promo::create(&services, &owner, draft).await.expect("a draft");
    let channel = app.channel("telegram").id;
    let launched = launch::launch(&services, &owner, made.id, channel, "ru").await.expect("in the bot");
    assert_eq!((launched.scenario.as_str(), launched.version), ("autumn", 1));
    let again = launch::launch(&services, &owner, made.id, channel, "ru").await.expect("in the bot");
    assert_eq!(again.version, 1, "twice the same changes nothing");
    promo::start(&services, &owner, made.id).await.expect("started")
}

async fn takes_part(guest: &Guest) {
    guest.says("хочу приз").await;
    guest.presses("Принимаю правила").await;
}

fn receipt(document: i64, sum: &str) -> String {
    format!("t=20261121T1101&s={sum}&fn=9999078900004792&i={document}&fp=1168453787&n=1")
}

async fn waiting(app: &TestApp, promotion: &Promotion) -> Vec<receipts::ListedReceipt> {
    moderation::queue(&app.app(), &app.owner(), promotion.id, None, 10).await.expect("a queue")
}

fn failed<T: std::fmt::Debug>(result: Result<T, Fail>) -> &'static str {
    result.expect_err("a refusal").code()
}

on_both! {
    async fn one_of_two_moderators_decides(app: TestApp) {
        let promotion = runs(&app).await;
        let (services, owner) = (app.app(), app.owner());
        let anna = app.telegram("Анна");
        takes_part(&anna).await;
        anna.says(&receipt(30_526, "1285.21")).await;
        anna.says(&receipt(30_527, "900.00")).await;
        app.advance(Duration::from_secs(60)).await;
        let queue = waiting(&app, &promotion).await;
        assert_eq!(queue.len(), 2);
        let (first, second) = (&queue[0].receipt, &queue[1].receipt);
        assert_eq!(first.reason, Some(Reason::NoProvider));
        let case = moderation::case(&services, &owner, promotion.id, first.id).await.expect("a case");
        assert_eq!((case.of_person.len(), case.of_till.len()), (1, 1));

        let decide = |decision| {
            moderation::decide(&services, &owner, promotion.id, first.id, Some(first.revision), decision)
        };
        let refusal = Decision::Refuse { reason: Reason::OtherShop, note: "аптека".into() };
        let (one, other) = futures::join!(decide(Decision::Accept), decide(refusal.clone()));
        let (done, late) = if one.is_ok() { (one, other) } else { (other, one) };
        assert_eq!(failed(late), "decided_already");
        let state = done.expect("decided").receipt.state;
        assert!(matches!(state, receipts::State::Accepted | receipts::State::Refused));
        let waits = Decision::Refuse { reason: Reason::Suspicious, note: String::new() };
        let wrong = moderation::decide(&services, &owner, promotion.id, second.id, None, waits).await;
        assert_eq!(failed(wrong), "waits");
        let refused = moderation::decide(&services, &owner, promotion.id, second.id, None, refusal).await;
        assert_eq!(refused.expect("decided").receipt.state, receipts::State::Refused);
        app.settle().await;
        let told = anna.transcript().await;
        assert!(told.contains("Чек из другого магазина: аптека"), "{told}");
        // What was refused by mistake is taken after all.
        let taken = moderation::decide(&services, &owner, promotion.id, second.id, None, Decision::Accept).await;
        let number = taken.expect("decided").receipt.ticket.expect("a number");
        let (_, counts) = promo::get(&services, &owner, promotion.id).await.expect("one");
        assert_eq!((counts.tickets, counts.moderation), (number, 0));
        app.settle().await;
        assert!(anna.transcript().await.contains(&format!("Ваш номер в розыгрыше: {number}")));
        app.finish().await;
    }

    async fn a_promotion_beside_loyalty_leaves_it_alone(app: TestApp) {
        let guest = app.telegram("Борис");
        guest.registers().await;
        let promotion = runs(&app).await;
        let said = guest.says("баланс").await;
        assert!(said.contains("балл"), "{said}");
        takes_part(&guest).await;
        guest.says(&receipt(1, "700.00")).await;
        let said = guest.says("баланс").await;
        assert!(said.contains("балл"), "{said}");
        let people = promo::participants(&app.app(), &app.owner(), promotion.id, None, 10).await.expect("a list");
        assert_eq!((people.len(), people[0].receipts, promotion.state), (1, 1, State::Running));
        let ways = launch::ways(&app.app(), &app.owner(), promotion.id, None).await.expect("ways");
        let tags: Vec<&str> = ways.iter().map(|way| way.tag.as_str()).collect();
        assert_eq!(tags, ["autumn", "autumn-shelf"]);
        app.advance(Duration::from_secs(60)).await;
        // Participants hear that it goes on.
        let note = Some(Wording::new("Призов стало больше.", ""));
        promo::extend(&app.app(), &app.owner(), promotion.id, moment("2026-12-10T21:00:00Z"), note).await.expect("extended");
        app.advance(Duration::from_secs(10)).await;
        let told = guest.transcript().await;
        assert!(told.contains("«Осень с призами» продлена: чеки принимаем до 11.12.2026 00:00. Призов стало больше."), "{told}");
        let stranger = app.telegram("Вера");
        stranger.registers().await;
        assert!(!stranger.transcript().await.contains("продлена"));
        app.finish().await;
    }
}
