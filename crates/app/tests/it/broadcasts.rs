//! One message to many: each person once, nobody missed, and those who do not want it left in peace.

use samovar_app::broadcasts::{self, Content, Counts, Draft, Link, Newcomers, Outcome, State};
use samovar_app::segments::Audience;
use samovar_fakes::telegram::Faults;
use samovar_testkit::{Engine, Guest, Setting, TestApp, on_both};
use std::time::Duration;

fn draft(text: &str) -> Draft {
    Draft {
        name: "Осень".into(),
        content: Content { text: text.into(), ..Content::default() },
        audience: Audience::All,
        purpose: None,
        starts_at: None,
        newcomers: None,
    }
}

on_both! {
    async fn a_broadcast_goes_to_those_who_want_it(app: TestApp) {
        let (services, owner) = (app.app(), app.owner());
        let [anna, boris, vera, gleb] = ["Анна", "Борис", "Вера", "Глеб"].map(|name| app.telegram(name));
        for guest in [&anna, &boris, &vera, &gleb] {
            guest.registers().await;
        }
        boris.says("стоп").await;
        boris.presses("Да, отписать").await;
        vera.blocks().await;
        let mut draft = draft("{% if contact.first_name %}{{ contact.first_name }}, {% endif %}в «{{ business.name }}» новый раф.");
        draft.content.buttons = vec![
            Link { label: "Меню осени".into(), url: Some("https://coffee.example/autumn".into()), scenario: None },
            Link { label: "Мои баллы".into(), url: None, scenario: Some("coffee-loyalty".into()) },
        ];
        let made = broadcasts::create(&services, &owner, draft).await.expect("a draft");
        let preview = broadcasts::preview(&services, &owner, made.id, Some(anna.contact_id().await)).await.expect("a preview");
        assert_eq!(preview.sample.as_deref(), Some("Анна, в «Уголок» новый раф."));
        let reach = &preview.reach;
        assert_eq!((reach.total, reach.reachable(), reach.silent, reach.unreachable), (4, 2, 1, 1));
        broadcasts::start(&services, &owner, made.id).await.expect("started");
        assert!(broadcasts::start(&services, &owner, made.id).await.is_err(), "once");
        app.advance(Duration::from_secs(5)).await;
        insta::assert_snapshot!("a_broadcast", anna.looks().await);
        assert!(gleb.looks().await.contains("Глеб, в «Уголок»"));
        assert_eq!((boris.looks().await, vera.looks().await), (String::new(), String::new()));
        app.advance(Duration::from_secs(5)).await;
        let done = broadcasts::get(&services, &owner, made.id).await.expect("a broadcast");
        assert_eq!((done.state, done.progress.queued, done.progress.silent, done.progress.unreachable), (State::Done, 2, 1, 1));
        let counts = broadcasts::counts(&services, &owner, made.id).await.expect("counts");
        assert_eq!(counts, Counts { sent: 2, ..Counts::default() });
        insta::assert_snapshot!("a_button_of_a_broadcast", anna.presses("Мои баллы").await);
        let press = format!(".broadcasts:{}-1", made.id);
        assert_eq!(boris.says(&press).await, "", "who did not get it cannot press its buttons");
        app.finish().await;
    }

    async fn a_broadcast_survives_the_death_of_its_node(engine: Engine) {
        let pace = samovar_connectors::Pace { bot_per_second: 40, ..Setting::new(engine).pace };
        let app = TestApp::set(Setting { pace, ..Setting::new(engine) }).await;
        let guests: Vec<Guest> = (0..30).map(|number| app.telegram(&format!("Гость {number}"))).collect();
        for guest in &guests {
            guest.starts(None).await;
        }
        let made = broadcasts::create(&app.app(), &app.owner(), draft("Завтра закрыто.")).await.expect("a draft");
        broadcasts::start(&app.app(), &app.owner(), made.id).await.expect("started");
        app.app().pipeline.look(&app.app()).await.expect("a look");
        app.crash(0).await;
        app.revive().await;
        app.pass(Duration::from_secs(180)).await;
        app.until("the end", async || {
            app.app().pipeline.look(&app.app()).await.expect("a look");
            app.pass(Duration::from_secs(2)).await;
            broadcasts::get(&app.app(), &app.owner(), made.id).await.expect("a broadcast").state == State::Done
        }).await;
        let counts = broadcasts::counts(&app.app(), &app.owner(), made.id).await.expect("counts");
        assert_eq!(counts.sent + counts.unsure, 30, "{counts:?}");
        let mut got = 0;
        for guest in &guests {
            let times = guest.looks().await.matches("Завтра закрыто.").count();
            assert!(times <= 1, "nobody twice");
            got += i64::try_from(times).expect("a count");
        }
        assert!(got >= counts.sent, "{got} of {counts:?}");
        let all = broadcasts::messages(&app.app(), &app.owner(), made.id, None, None, 100).await.expect("messages");
        assert_eq!(all.len(), 30);
        app.finish().await;
    }

    async fn a_broadcast_waits_for_its_time_and_can_be_held_and_stopped(app: TestApp) {
        let (services, owner) = (app.app(), app.owner());
        let anna = app.telegram("Анна");
        anna.registers().await;
        let at = services.clock.now().plus_seconds(3_600);
        let later = Draft { starts_at: Some(at), ..draft("Сегодня вечером музыка.") };
        let made = broadcasts::create(&services, &owner, later.clone()).await.expect("a draft");
        let started = broadcasts::start(&services, &owner, made.id).await.expect("started");
        assert_eq!(started.state, State::Planned);
        app.advance(Duration::from_secs(1_800)).await;
        assert_eq!(anna.looks().await, "");
        broadcasts::pause(&services, &owner, made.id).await.expect("held");
        app.advance(Duration::from_secs(3_600)).await;
        assert_eq!(anna.looks().await, "");
        broadcasts::resume(&services, &owner, made.id).await.expect("goes on");
        app.advance(Duration::from_secs(30)).await;
        assert!(anna.looks().await.contains("музыка"));
        let second = broadcasts::create(&services, &owner, later).await.expect("a draft");
        broadcasts::start(&services, &owner, second.id).await.expect("started");
        broadcasts::stop(&services, &owner, second.id).await.expect("stopped");
        app.advance(Duration::from_secs(30)).await;
        assert_eq!(anna.looks().await, "");
        let none = broadcasts::messages(&services, &owner, second.id, Some(Outcome::Sent), None, 10).await.expect("messages");
        assert_eq!(none, []);
        app.finish().await;
    }

    /// Whoever registers from the start on gets it, once; nobody of before, nobody after the end.
    async fn newcomers_are_met_until_the_end(app: TestApp) {
        let (services, owner) = (app.app(), app.owner());
        let [anna, boris, vera, gleb] = ["Анна", "Борис", "Вера", "Глеб"].map(|name| app.telegram(name));
        anna.registers().await;
        boris.starts(None).await;
        let until = services.clock.now().plus_seconds(7_200);
        let standing = serde_json::json!({
            "content": { "text": "{{ contact.first_name }}, завтра дегустация для новых гостей." },
            "audience": { "to": "all" }, "newcomers": { "until": until },
        });
        let made = app.api().post("/broadcasts", &standing).await;
        assert_eq!((made.status, &made.body["newcomers"]["until"]), (201, &serde_json::json!(until)), "{}", made.body);
        let id = made.body["id"].as_str().expect("an id").parse().expect("an id");
        let started = broadcasts::start(&services, &owner, id).await.expect("started");
        assert!(started.state == State::Running && started.started_at.is_some());
        boris.presses("Согласен, начнём").await;
        boris.says("Борис").await;
        boris.shares_phone().await;
        app.advance(Duration::from_secs(5)).await;
        assert_eq!(boris.transcript().await.matches("Борис, завтра дегустация").count(), 1);
        broadcasts::pause(&services, &owner, id).await.expect("held");
        vera.registers().await;
        app.advance(Duration::from_secs(120)).await;
        assert!(!vera.transcript().await.contains("дегустация"), "it is held");
        broadcasts::resume(&services, &owner, id).await.expect("goes on");
        app.advance(Duration::from_secs(120)).await;
        assert_eq!(vera.transcript().await.matches("Вера, завтра дегустация").count(), 1);
        app.advance(Duration::from_secs(7_200)).await;
        gleb.registers().await;
        app.advance(Duration::from_secs(120)).await;
        let done = broadcasts::get(&services, &owner, id).await.expect("a broadcast");
        assert_eq!((done.state, done.progress.total, done.progress.queued), (State::Done, 2, 2));
        assert_eq!(broadcasts::counts(&services, &owner, id).await.expect("counts"), Counts { sent: 2, ..Counts::default() });
        for other in [&anna, &gleb] {
            assert!(!other.transcript().await.contains("дегустация"));
        }
        let bad = Draft { audience: Audience::One { contact: anna.contact_id().await }, newcomers: Some(Newcomers::default()), ..draft("Добро пожаловать.") };
        assert_eq!(broadcasts::create(&services, &owner, bad).await.expect_err("nobody is new by name").code(), "one_newcomer");
        app.finish().await;
    }

    /// A node dies between a registration and its message: the next one sends it, once. What is stopped is stopped.
    async fn newcomers_are_not_missed_when_a_node_dies(app: TestApp) {
        let welcome = Draft { newcomers: Some(Newcomers::default()), ..draft("Добро пожаловать.") };
        let made = broadcasts::create(&app.app(), &app.owner(), welcome).await.expect("a draft");
        broadcasts::start(&app.app(), &app.owner(), made.id).await.expect("started");
        let guests = ["Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор"].map(|name| app.telegram(name));
        for guest in &guests {
            guest.registers().await;
        }
        app.crash(0).await;
        app.revive().await;
        app.pass(Duration::from_secs(180)).await;
        app.until("six messages", async || {
            app.app().pipeline.look(&app.app()).await.expect("a look");
            app.pass(Duration::from_secs(2)).await;
            let counts = broadcasts::counts(&app.app(), &app.owner(), made.id).await.expect("counts");
            counts.sent + counts.unsure == 6
        }).await;
        for guest in &guests {
            assert_eq!(guest.transcript().await.matches("Добро пожаловать.").count(), 1);
        }
        broadcasts::stop(&app.app(), &app.owner(), made.id).await.expect("stopped");
        let late = app.telegram("Поздний");
        late.registers().await;
        app.advance(Duration::from_secs(60)).await;
        assert!(!late.transcript().await.contains("Добро пожаловать."));
        app.finish().await;
    }

    /// What surely did not arrive is sent once more, and nothing else is.
    async fn only_what_failed_is_repeated(app: TestApp) {
        let (services, owner) = (app.app(), app.owner());
        let [anna, boris, vera] = ["Анна", "Борис", "Вера"].map(|name| app.telegram(name));
        for guest in [&anna, &boris, &vera] {
            guest.registers().await;
        }
        vera.blocks().await;
        let made = broadcasts::create(&services, &owner, draft("Завтра дегустация.")).await.expect("a draft");
        app.telegram.set_faults(Faults { internal_errors: 1_000, ..Faults::default() });
        broadcasts::start(&services, &owner, made.id).await.expect("started");
        assert_eq!(broadcasts::repeat_failed(&services, &owner, made.id).await.expect_err("not over").code(), "wrong_state");
        services.pipeline.look(&services).await.expect("a look");
        app.until("the messages", async || broadcasts::counts(&services, &owner, made.id).await.expect("counts").waiting == 2).await;
        app.pass(Duration::from_secs(25 * 3_600)).await;
        services.pipeline.look(&services).await.expect("a look");
        app.until("the end of patience", async || {
            let counts = broadcasts::counts(&services, &owner, made.id).await.expect("counts");
            counts == Counts { failed: 2, ..Counts::default() }
        }).await;
        app.telegram.set_faults(Faults::default());
        app.advance(Duration::from_secs(5)).await;
        assert_eq!(broadcasts::get(&services, &owner, made.id).await.expect("a broadcast").state, State::Done);
        for times in [1, 1] {
            broadcasts::repeat_failed(&services, &owner, made.id).await.expect("repeated");
            app.advance(Duration::from_secs(5)).await;
            app.advance(Duration::from_secs(5)).await;
            for guest in [&anna, &boris] {
                assert_eq!(guest.transcript().await.matches("Завтра дегустация.").count(), times);
            }
        }
        let done = broadcasts::get(&services, &owner, made.id).await.expect("a broadcast");
        let counts = broadcasts::counts(&services, &owner, made.id).await.expect("counts");
        assert_eq!((done.state, counts), (State::Done, Counts { sent: 2, ..Counts::default() }));
        assert!(!vera.transcript().await.contains("дегустация"), "she was not written to at all");
        app.finish().await;
    }
}
