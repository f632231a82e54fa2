//! The bot for the staff, word for word. Both engines are held to the same words.

use samovar_app::access::Role;
use samovar_app::contacts::{self, Filter};
use samovar_app::staff::{self, Changes, Whom};
use samovar_testkit::{Engine, Setting, TestApp, on_both};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// A shop with a bot for its staff.
async fn shop(engine: Engine) -> TestApp {
    TestApp::set(Setting { staff: true, ..Setting::new(engine) }).await
}

fn new(name: &str, role: Role) -> Whom {
    Whom::New { name: name.into(), role }
}

on_both! {
    async fn people_join_by_invitation_and_strangers_do_not(engine: Engine) {
        let app = shop(engine).await;
        let (services, owner) = (app.app(), app.owner());
        let stranger = app.colleague("Прохожий");
        stranger.starts(None).await;
        stranger.says("баланс").await;
        stranger.starts(Some("inv_222222222222222222222222")).await;
        stranger.says("откройте").await;
        insta::assert_snapshot!("a_stranger_at_the_counter", stranger.transcript().await);

        let invited = staff::invite(&services, &owner, new("Анна Кассирова", Role::Cashier)).await.expect("invited");
        let link = invited.link.clone().expect("the bot has links");
        assert_eq!(link, format!("https://t.me/coffee_staff_bot?start={}", invited.payload));
        let anna = app.colleague("Анна");
        let joined = anna.starts(Some(&invited.payload)).await;
        insta::assert_snapshot!("joining_the_counter", joined);
        let thief = app.colleague("Вор");
        assert!(thief.starts(Some(&invited.payload)).await.contains("Приглашение не действует"));
        let late = staff::invite(&services, &owner, new("Олег", Role::Manager)).await.expect("invited");
        let taken_back = staff::invite(&services, &owner, new("Пётр", Role::Manager)).await.expect("invited");
        staff::revoke_invitation(&services, &owner, taken_back.invitation.id).await.expect("revoked");
        assert!(thief.starts(Some(&taken_back.payload)).await.contains("Приглашение не действует"));
        app.advance(7 * DAY).await;
        assert!(app.colleague("Олег").starts(Some(&late.payload)).await.contains("Приглашение не действует"));

        let all = staff::list(&services, &owner).await.expect("staff");
        let cashier = all.iter().find(|one| one.name == "Анна Кассирова").expect("she works here");
        assert!(cashier.role == Role::Cashier && cashier.email.is_empty());
        assert!(anna.starts(None).await.contains("за стойкой"));
        let gone = Changes { disabled: Some(true), ..Changes::default() };
        staff::update(&services, &owner, cashier.id, None, gone).await.expect("disabled");
        assert!(anna.presses("Обновить").await.contains("Это служебный бот"));
        assert_eq!(anna.says("меню").await, "", "told once");
        app.finish().await;
    }

    async fn nobody_of_the_staff_is_a_customer(engine: Engine) {
        let app = shop(engine).await;
        let (services, owner) = (app.app(), app.owner());
        let boris = app.member("Борис", Role::Administrator).await;
        app.colleague("Прохожий").starts(None).await;
        let guest = app.telegram("Гость");
        guest.registers().await;
        for filter in [Filter::All, Filter::Query("борис".into()), Filter::Query("гость".into())] {
            let found = contacts::list(&services, &owner, &filter, None, 10).await.expect("read");
            assert!(found.iter().all(|contact| contact.name == "Гость"), "{filter:?}: {found:?}");
        }
        let id = boris.contact_id().await;
        assert_eq!(contacts::get(&services, &owner, id).await.expect_err("no customer").code(), "not_found");
        app.finish().await;
    }
}
