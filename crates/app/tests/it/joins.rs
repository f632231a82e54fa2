//! Whoever was known before they wrote to the bot finds what they had; both engines are held to the same words.

use samovar_app::contacts::{self, Contact, Filter};
use samovar_app::segments::Audience;
use samovar_app::{Fail, access, ledger, loyalty, segments};
use samovar_base::{ContactId, Points};
use samovar_testkit::{Guest, TestApp, on_both};
use serde_json::{Value, json};
use std::time::Duration;

/// Brings a file by the API and waits until it is taken; what it came to.
async fn imported(app: &TestApp, file: &str) -> Value {
    let api = app.api();
    let brought = api.upload("/imports?file_name=people.csv", file.as_bytes()).await;
    let id = brought.body["id"].as_str().expect("an id").to_owned();
    let started = api.post(&format!("/imports/{id}/start"), &json!({})).await;
    assert_eq!(started.status, 202, "{}", started.body);
    app.advance(Duration::from_secs(1)).await;
    api.get(&format!("/imports/{id}")).await.body["counts"].clone()
}

/// Somebody whom the shop knows by name and phone, with points.
async fn known(app: &TestApp, phone: &str, points: i64) -> ContactId {
    let fields = vec![("name".to_owned(), json!("Гость")), ("phone".to_owned(), json!(phone))];
    let made = contacts::add(&app.app(), &app.owner(), fields, Vec::new()).await.expect("a contact");
    let key = format!("before-{}", made.id);
    let given = loyalty::grant_by_hand(&app.app(), &app.owner(), made.id, Points(points), None, key).await;
    given.expect("points");
    made.id
}

async fn listed(app: &TestApp) -> Vec<Contact> {
    contacts::list(&app.app(), &app.owner(), &Filter::All, None, 50).await.expect("a list")
}

async fn balance(app: &TestApp, contact: ContactId) -> i64 {
    loyalty::balance(&app.app(), &app.owner(), contact).await.expect("a balance").balance.0
}

/// Up to the question for the phone.
async fn to_the_phone(guest: &Guest, name: &str) {
    guest.starts(None).await;
    guest.presses("Согласен, начнём").await;
    guest.says(name).await;
}

on_both! {
    async fn who_was_imported_finds_points_and_card(app: TestApp) {
        let (services, owner) = (app.app(), app.owner());
        let anna = app.telegram("Анна");
        let file = format!(
            "Имя;Телефон;Бонусы;Годны до;Метки;Дата рождения;external_id\nАнна;{};1500;31.12.2026;vip;17.05.1990;a-1\n",
            anna.person.phone()
        );
        let first = imported(&app, &file).await;
        assert_eq!((&first["created"], &first["bad"]), (&json!(1), &json!(0)), "{first}");
        let old = listed(&app).await.pop().expect("one").id;
        contacts::record_consent(&services, &owner, old, "mailing").await.expect("a consent");
        let card = loyalty::card_of(&services, &owner, old).await.expect("plastic");

        anna.registers().await;
        anna.presses("Баланс").await;
        anna.says("история").await;
        insta::assert_snapshot!("who_was_imported", anna.transcript().await);

        let person = anna.contact().await;
        assert_ne!(person.id, old);
        assert!(person.phone_proved && person.tags.contains("vip"));
        assert_eq!(person.birthday, Some(jiff::civil::date(1990, 5, 17)));
        assert_eq!(person.consents.keys().collect::<Vec<_>>(), ["loyalty", "mailing"]);
        let wallet = ledger::wallet(&services, &owner, person.id).await.expect("a wallet");
        let lots: Vec<_> = wallet.lots.iter().map(|lot| (lot.points.0, lot.expires_at.expect("a term"))).collect();
        let end: samovar_base::Instant =
            "2026-12-31T21:00:00Z".parse::<jiff::Timestamp>().expect("RFC 3339").into();
        assert_eq!((lots.len(), lots[0]), (2, (1_500, end)), "the term of the old points is kept: {lots:?}");
        assert_eq!(loyalty::find_card(&services, &owner, person.id).await.expect("a look"), Some(card));
        let holder = loyalty::resolve_card(&services, &owner, &card.to_string()).await.expect("a holder");
        assert_eq!(holder.contact, person.id);

        // The old contact is in no list, and nothing of the person is left in it.
        assert_eq!(listed(&app).await.iter().map(|one| one.id).collect::<Vec<_>>(), [person.id]);
        let gone = contacts::get(&services, &owner, old).await;
        assert_eq!(gone.err().map(|fail| fail.code()), Some("not_found"));
        let everybody = segments::count(&services, &owner, &Audience::All).await;
        assert_eq!(everybody.expect("a count"), 1);
        let lines = access::entries(&services, &owner, None, 50).await.expect("the log");
        assert_eq!(lines.iter().filter(|line| line.action == "contact.join").count(), 1);

        // The same file once more finds the person by the phone, another one by the other program's id.
        let again = imported(&app, &file).await;
        assert_eq!((&again["created"], &again["points"]), (&json!(0), &json!(0)), "{again}");
        let by_key = imported(&app, "external_id;Город\na-1;Тверь\n").await;
        assert_eq!((&by_key["created"], &by_key["bad"]), (&json!(0), &json!(0)), "{by_key}");
        assert_eq!((listed(&app).await.len(), balance(&app, person.id).await), (1, 1_600));

        // Somebody else with the same phone finds nobody any more.
        let boris = app.telegram("Борис");
        to_the_phone(&boris, "Борис").await;
        boris.sends_contact(&format!("+{}", anna.person.phone()), Some(boris.person.id())).await;
        let boris = boris.contact().await;
        assert!(boris.registered_at.is_some() && boris.phone == person.phone);
        assert_eq!((balance(&app, boris.id).await, balance(&app, person.id).await), (100, 1_600));
        app.finish().await;
    }

    async fn who_has_a_card_keeps_it_and_the_old_one_leads_to_them(app: TestApp) {
        let (services, owner) = (app.app(), app.owner());
        let anna = app.telegram("Анна");
        let old = known(&app, &anna.person.phone(), 40).await;
        let plastic = loyalty::card_of(&services, &owner, old).await.expect("plastic");
        to_the_phone(&anna, "Анна").await;
        let id = anna.contact_id().await;
        let own = loyalty::card_of(&services, &owner, id).await.expect("a card");
        anna.shares_phone().await;
        assert_eq!(balance(&app, id).await, 140);
        assert_eq!(loyalty::find_card(&services, &owner, id).await.expect("a look"), Some(own));
        for number in [own, plastic] {
            let holder = loyalty::resolve_card(&services, &owner, &number.to_string()).await;
            assert_eq!(holder.expect("a holder").contact, id);
        }
        app.finish().await;
    }

    async fn a_typed_phone_joins_nobody(app: TestApp) {
        let old = known(&app, "+7 916 123-45-67", 40).await;
        let anna = app.visitor("Анна").await;
        anna.starts().await;
        anna.presses("Согласен, начнём").await;
        anna.says("Анна").await;
        anna.says("8 916 123 45 67").await;
        let all = listed(&app).await;
        assert_eq!(all.len(), 2);
        let person = all.into_iter().find(|one| one.id != old).expect("the visitor");
        assert!(person.registered_at.is_some() && !person.phone_proved && person.phone.is_some());
        assert_eq!((balance(&app, old).await, balance(&app, person.id).await), (40, 100));
        app.finish().await;
    }

    async fn of_two_nobody_is_chosen_and_held_points_stay(app: TestApp) {
        let (anna, boris) = (app.telegram("Анна"), app.telegram("Борис"));
        let first = known(&app, &anna.person.phone(), 40).await;
        let second = known(&app, &anna.person.phone(), 50).await;
        anna.registers().await;
        let third = known(&app, &boris.person.phone(), 60).await;
        let key = "hold".to_owned();
        let held = loyalty::hold_points(&app.app(), &app.owner(), third, Points(10), None, None, key).await;
        held.expect("a hold");
        boris.registers().await;
        for (who, points) in [(first, 40), (second, 50), (third, 60)] {
            assert_eq!(balance(&app, who).await, points);
        }
        assert_eq!(balance(&app, anna.contact_id().await).await, 100);
        assert_eq!(balance(&app, boris.contact_id().await).await, 100);
        assert_eq!(listed(&app).await.len(), 5);
        app.finish().await;
    }

    async fn of_two_who_prove_one_phone_at_once_one_finds_the_points(app: TestApp) {
        let guests = ["Анна", "Борис", "Вера", "Глеб"].map(|name| (name, app.telegram(name)));
        let phone = guests[0].1.person.phone();
        known(&app, &phone, 40).await;
        for (name, guest) in &guests {
            to_the_phone(guest, name).await;
        }
        for (_, guest) in &guests {
            guest.chat.shares_contact(&format!("+{phone}"), Some(guest.person.id())).expect("sent");
        }
        app.settle().await;
        let mut found = Vec::new();
        for (_, guest) in &guests {
            assert!(guest.contact().await.registered_at.is_some());
            found.push(balance(&app, guest.contact_id().await).await);
        }
        found.sort_unstable();
        assert_eq!(found, [100, 100, 100, 140]);
        assert_eq!(listed(&app).await.len(), 4);
        app.finish().await;
    }

    /// Points that come to the old contact while the person registers are not lost, whoever is first.
    async fn points_given_during_the_joining_are_not_lost(app: TestApp) {
        let (services, owner) = (app.app(), app.owner());
        let anna = app.telegram("Анна");
        let fields = vec![("phone".to_owned(), json!(anna.person.phone()))];
        let old = contacts::add(&services, &owner, fields, Vec::new()).await.expect("a contact").id;
        to_the_phone(&anna, "Анна").await;
        anna.chat.shares_phone().expect("sent");
        let given = loyalty::grant_by_hand(&services, &owner, old, Points(7), None, "late".into()).await;
        app.settle().await;
        let wanted = match given {
            Ok(_) => 107,
            Err(Fail::Problems(problems)) if problems[0].code == "not_found" => 100,
            Err(fail) => panic!("{fail}"),
        };
        assert_eq!(balance(&app, anna.contact_id().await).await, wanted);
        app.finish().await;
    }
}
