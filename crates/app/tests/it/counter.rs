//! The bot for the staff, word for word. Both engines are held to the same words.

use crate::common::{Bed, both, code_in};
use samovar_app::access::{Actor, Role};
use samovar_app::contacts::{self, Filter};
use samovar_app::staff::{self, Changes, Whom};
use samovar_app::{guard, loyalty};
use samovar_base::Points;
use samovar_testkit::{Engine, Guest, Setting, TestApp, on_both};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);

/// A shop with a bot for its staff.
async fn shop(engine: Engine) -> TestApp {
    TestApp::set(Setting { staff: true, ..Setting::new(engine) }).await
}

fn new(name: &str, role: Role) -> Whom {
    Whom::New { name: name.into(), role: role.into(), channels: None }
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
        assert!(anna.says("меню").await.contains("Это служебный бот"));
        assert_eq!(anna.says("найти").await, "", "told once");
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

    /// Find, accrue, write off by a code, press twice.
    async fn a_manager_serves_a_customer(engine: Engine) {
        let app = shop(engine).await;
        let guest = app.telegram("Мария Светлова");
        guest.registers().await;
        let other = app.telegram("Мария Тихая");
        other.registers().await;
        let boris = app.member("Борис Ильин", Role::Manager).await;
        boris.presses("Найти клиента").await;
        boris.says("никто").await;
        boris.presses("Искать иначе").await;
        boris.says("мария").await;
        let label = boris.last().buttons.iter().flatten().find(|button| button.text.starts_with("Мария Светлова")).expect("she is there").text.clone();
        boris.presses(&label).await;
        boris.presses("Начислить").await;
        boris.says("1 500").await;
        boris.says("За отзыв").await;
        let confirm = boris.last();
        let yes = confirm.button("Да, начислить").expect("a button").value.clone().expect("data");
        boris.presses("Да, начислить").await;
        boris.presses_again(confirm.message_id, &yes).await;
        boris.presses("К клиенту").await;
        boris.presses("Списать").await;
        boris.says("5000").await;
        boris.presses("Без пояснения").await;
        boris.presses("К клиенту").await;
        boris.presses("Списать").await;
        boris.says("600").await;
        boris.presses("Без пояснения").await;
        boris.presses("Списать по коду клиента").await;
        let told = guest.looks().await;
        boris.says("0000").await;
        let digits = code_in(&told);
        let seen = guest.transcript().await;
        insta::assert_snapshot!("a_manager_serves_the_guest", seen.replace(&digits, "####"));
        boris.says(&digits).await;
        boris.presses("К клиенту").await;
        boris.presses("История").await;
        boris.presses("К клиенту").await;
        boris.presses("Сроки баллов").await;
        boris.presses("К клиенту").await;
        boris.presses("Написать").await;
        boris.says("Мы отложили для вас любимый сорт.").await;
        boris.presses("Отправить").await;
        insta::assert_snapshot!("a_manager_serves", boris.transcript().await.replace(&digits, "####"));
        assert!(guest.looks().await.contains("любимый сорт"));
        app.finish().await;
    }

    /// A purchase with percent, then one paid with points.
    async fn a_cashier_books_purchases(engine: Engine) {
        let app = shop(engine).await;
        let (services, owner) = (app.app(), app.owner());
        let mut programme = loyalty::programme(&services, &owner).await.expect("read").programme;
        programme.earning.percent_bp = samovar_base::Rate(500);
        programme.spending.on = true;
        programme.spending.max_percent_bp = samovar_base::Rate(3_000);
        loyalty::set_programme(&services, &owner, None, programme).await.expect("saved");
        let guest = app.telegram("Мария");
        guest.registers().await;
        let number = loyalty::card_of(&services, &owner, guest.contact_id().await).await.expect("a card");
        let anna = app.member("Анна", Role::Cashier).await;
        anna.presses("Найти клиента").await;
        anna.says(&number.to_string()).await;
        anna.presses("Покупка").await;
        anna.says("1 500,50").await;
        anna.presses("Без баллов").await;
        anna.presses("Провести покупку").await;
        anna.presses("К клиенту").await;
        anna.presses("Покупка").await;
        anna.says("400р").await;
        anna.presses("Другая сумма").await;
        anna.says("500").await;
        anna.presses("К клиенту").await;
        anna.presses("Покупка").await;
        anna.says("400").await;
        anna.presses("Списать 120\u{a0}баллов").await;
        anna.presses("Провести покупку").await;
        let seen = anna.transcript().await.replace(&number.to_string(), "#### #### ####");
        insta::assert_snapshot!("a_cashier_books_purchases", seen);
        let seen = guest.transcript().await;
        insta::assert_snapshot!("a_cashier_books_purchases_guest", seen.split("keyboard: away").nth(1).unwrap_or_default());
        app.finish().await;
    }

    /// Two of the staff: one completes an order, the other comes too late; another order is refused.
    async fn orders_are_completed_and_refused(engine: Engine) {
        let app = TestApp::set(Setting { bot: "service-points", staff: true, ..Setting::new(engine) }).await;
        let boris = app.member("Борис", Role::Manager).await;
        let vera = app.member("Вера", Role::Administrator).await;
        let anna = app.member("Анна", Role::Cashier).await;
        let guest = app.telegram("Мария");
        guest.registers().await;
        orders(&guest, "Массаж головы · 80\u{a0}баллов").await;
        boris.looks().await;
        boris.says("заказы").await;
        presses_order(&boris).await;
        vera.says("меню").await;
        vera.presses("Заказы").await;
        presses_order(&vera).await;
        vera.presses("Выполнено").await;
        boris.presses("Выполнено").await;
        let sure = vera.last();
        let yes = sure.button("Да, выполнено").expect("a button").value.clone().expect("data");
        vera.presses("Да, выполнено").await;
        vera.presses_again(sure.message_id, &yes).await;
        boris.presses("Да, выполнено").await;
        let (services, owner) = (app.app(), app.owner());
        let id = guest.contact_id().await;
        loyalty::grant_by_hand(&services, &owner, id, Points(70), None, "gift".into()).await.expect("points");
        orders(&guest, "Кружка студии · 90\u{a0}баллов").await;
        boris.presses("К списку").await;
        presses_order(&boris).await;
        boris.presses("Отказать").await;
        boris.says("Кружки разбились").await;
        boris.presses("Да, отказать").await;
        boris.presses("К списку").await;
        let phone = guest.person.phone();
        insta::assert_snapshot!("an_order_at_the_counter", masked(&boris.transcript().await, &phone));
        insta::assert_snapshot!("an_order_completed_by_another", masked(&vera.transcript().await, &phone));
        let seen = guest.transcript().await;
        insta::assert_snapshot!("an_order_at_the_counter_guest", seen.split("keyboard: away").nth(1).unwrap_or_default());
        assert!(!anna.looks().await.contains("Новый заказ"), "cashiers have no right for deals");
        let standing = loyalty::balance(&services, &owner, id).await.expect("read");
        assert_eq!((standing.available.0, standing.held.0), (90, 0));
        app.finish().await;
    }

    /// The customer shows their card, the cashier takes a photo of it.
    async fn a_photo_of_the_card_finds_the_customer(engine: Engine) {
        let app = shop(engine).await;
        let guest = app.telegram("Мария Светлова");
        guest.registers().await;
        app.telegram("Вера").registers().await;
        guest.presses("Моя карта").await;
        let card = guest.last().photo.expect("the card is drawn").file;
        let anna = app.member("Анна", Role::Cashier).await;
        anna.presses("Найти клиента").await;
        anna.sends_photo(guest.file(&card).await).await;
        app.advance(Duration::from_secs(1)).await;
        insta::assert_snapshot!("a_photo_of_the_card", masked(&anna.transcript().await, &guest.person.phone()));
        app.finish().await;
    }

    /// A holiday accrual to everybody, and its undoing.
    async fn everybody_gets_points_and_gives_them_back(engine: Engine) {
        let app = shop(engine).await;
        let boris = app.member("Борис", Role::Administrator).await;
        let (anna, vera) = (app.telegram("Анна"), app.telegram("Вера"));
        anna.registers().await;
        vera.registers().await;
        boris.presses("Начислить всем").await;
        boris.says("50").await;
        boris.says("С праздником").await;
        boris.presses("Да, начислить всем").await;
        app.advance(Duration::from_secs(1)).await;
        boris.presses("Обновить").await;
        insta::assert_snapshot!("everybody_is_told", anna.looks().await);
        boris.presses("Отменить начисление").await;
        boris.presses("Да, забрать").await;
        app.advance(Duration::from_secs(1)).await;
        boris.presses("Обновить").await;
        boris.says("меню").await;
        boris.presses("Написать всем").await;
        boris.says("Завтра работаем до шести.").await;
        boris.presses("Отправить всем").await;
        app.advance(Duration::from_secs(60)).await;
        assert!(anna.looks().await.contains("Завтра работаем до шести."));
        assert!(vera.looks().await.contains("Завтра работаем до шести."));
        insta::assert_snapshot!("everybody_gets_points", boris.transcript().await);
        let (services, owner) = (app.app(), app.owner());
        for guest in [&anna, &vera] {
            let standing = loyalty::balance(&services, &owner, guest.contact_id().await).await.expect("read");
            assert_eq!(standing.available.0, 100);
        }
        app.finish().await;
    }

    /// What the role may not is refused with the right that is missing; what was shut out is not heard.
    async fn a_cashier_has_no_more_than_their_rights(engine: Engine) {
        let app = shop(engine).await;
        let guest = app.telegram("Мария");
        guest.registers().await;
        let anna = app.member("Анна", Role::Cashier).await;
        anna.presses("Найти клиента").await;
        anna.says("мария").await;
        anna.presses("Написать").await;
        anna.says("Здравствуйте!").await;
        anna.presses("Отправить").await;
        let phone = guest.person.phone();
        insta::assert_snapshot!("a_cashier_without_a_right", masked(&anna.transcript().await, &phone));
        app.finish().await;
    }

    async fn a_conversation_is_answered_from_the_bot(engine: Engine) {
        let app = shop(engine).await;
        let boris = app.member("Борис", Role::Manager).await;
        let guest = app.telegram("Мария");
        guest.registers().await;
        guest.says("позвать сотрудника").await;
        guest.says("Вы открыты в воскресенье?").await;
        boris.says("меню").await;
        boris.presses("Ждут ответа (1)").await;
        let label = boris.last().buttons[0][0].text.clone();
        boris.presses(&label).await;
        boris.presses("Ответить").await;
        boris.says("Да, с девяти до шести.").await;
        guest.says("Спасибо!").await;
        boris.presses("К переписке").await;
        boris.presses("Вернуть боту").await;
        insta::assert_snapshot!("a_conversation_answered", boris.transcript().await);
        insta::assert_snapshot!("a_conversation_answered_guest", guest.transcript().await);
        app.finish().await;
    }

    /// Limits of the role, alerts to the owner.
    async fn the_guard_refuses_and_alerts(engine: Engine) {
        let app = shop(engine).await;
        let owner = app.member("Ольга", Role::Owner).await;
        let anna = app.member("Анна", Role::Cashier).await;
        let guest = app.telegram("Мария");
        guest.registers().await;
        anna.presses("Найти клиента").await;
        let phone = guest.person.phone();
        anna.says(&phone[phone.len() - 4..]).await;
        anna.presses("Начислить").await;
        anna.says("6000").await;
        anna.presses("Без пояснения").await;
        anna.presses("К клиенту").await;
        anna.presses("Начислить").await;
        anna.says("1,5к").await;
        anna.presses("Без пояснения").await;
        anna.presses("Да, начислить").await;
        app.advance(Duration::from_secs(1)).await;
        for points in ["10", "20", "30"] {
            anna.presses("К клиенту").await;
            anna.presses("Начислить").await;
            anna.says(points).await;
            anna.presses("Без пояснения").await;
            anna.presses("Да, начислить").await;
        }
        app.settle().await;
        insta::assert_snapshot!("the_guard_at_the_till", masked(&anna.transcript().await, &phone));
        app.advance(Duration::from_secs(1)).await;
        insta::assert_snapshot!("the_guard_tells_the_owner", owner.transcript().await);
        let alerts = guard::alerts(&app.app(), &app.owner(), None, 10).await.expect("alerts");
        assert_eq!(alerts.iter().map(|alert| alert.reason.as_str()).collect::<Vec<_>>(), ["same_customer", "round_sum"]);
        app.finish().await;
    }

    async fn an_administrator_sets_up_from_the_phone(engine: Engine) {
        let app = shop(engine).await;
        let boris = app.member("Борис", Role::Administrator).await;
        boris.presses("Настройки").await;
        boris.presses("Приветственные баллы: 100").await;
        boris.says("много").await;
        boris.presses("Ввести иначе").await;
        boris.says("250").await;
        boris.presses("Сохранить").await;
        boris.presses("Меню").await;
        boris.presses("Сотрудники").await;
        boris.presses("Добавить сотрудника").await;
        boris.says("Анна Кассирова").await;
        boris.presses("Кассир").await;
        let link = boris.transcript().await;
        let payload = link.split("?start=").nth(1).expect("a link").split_whitespace().next().expect("a payload").to_owned();
        let anna = app.colleague("Анна");
        anna.starts(Some(&payload)).await;
        boris.says("меню").await;
        boris.presses("Сотрудники").await;
        boris.presses("Анна Кассирова · кассир").await;
        boris.presses("Закрыть доступ").await;
        boris.presses("Закрыть доступ").await;
        assert!(anna.presses("Найти клиента").await.contains("Это служебный бот"));
        insta::assert_snapshot!("an_administrator_sets_up", boris.transcript().await.replace(&payload, "inv_…"));
        assert_eq!(loyalty::programme(&app.app(), &app.owner()).await.expect("read").programme.welcome_points.0, 250);
        app.finish().await;
    }
}

/// However many presses come at once, a limit of the day is passed by none of them.
#[tokio::test]
async fn parallel_presses_do_not_pass_the_limit() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let mut rules = guard::Rules::default();
        let limits = guard::Limits { points_per_day: Some(Points(500)), ..guard::Limits::default() };
        rules.limits.insert(Role::Cashier, limits);
        guard::set_rules(app, owner, None, rules).await.expect("saved");
        let anna = staff::add(app, owner, "anna@example.org", "Анна", Role::Cashier).await.expect("added");
        let cashier = Actor::staff(owner.tenant, anna.id, Role::Cashier, "ru");
        let mut customers = Vec::new();
        for _ in 0..8 {
            customers.push(contacts::add(app, owner, Vec::new(), Vec::new()).await.expect("added").id);
        }
        let press = |at: usize| {
            let (customer, cashier) = (customers[at % customers.len()], &cashier);
            async move {
                loyalty::grant_by_hand(app, cashier, customer, Points(60), None, format!("press-{at}")).await
            }
        };
        let done = futures::future::join_all((0..24).map(press)).await;
        let refused =
            done.iter().filter_map(|one| one.as_ref().err()).map(|fail| fail.code()).collect::<Vec<_>>();
        assert_eq!((done.len() - refused.len(), refused), (8, vec!["limit_per_day"; 16]));
        let again =
            press(done.iter().position(Result::is_ok).expect("one")).await.expect("answered as before");
        assert!(again.already);
    })
    .await;
}

/// Orders an item of the catalogue by its label.
async fn orders(guest: &Guest, label: &str) {
    guest.says("каталог").await;
    guest.presses(label).await;
    guest.presses("Заказать").await;
    guest.presses("Да, заказать").await;
}

/// Presses the first row of a list of orders.
async fn presses_order(person: &Guest) {
    let label = person.last().buttons[0][0].text.clone();
    person.presses(&label).await;
}

fn masked(transcript: &str, phone: &str) -> String {
    transcript.replace(&phone[phone.len() - 4..], "####")
}
