//! Sending by the rules: pauses are obeyed, nothing is lost, what cannot be known is called unsure.

use samovar_app::access::{Actor, Role};
use samovar_app::channels::{self, Wanted};
use samovar_app::contacts;
use samovar_app::directory::ChannelState;
use samovar_app::pipeline::{Class, NewOutbound, Policy, Recipient, write};
use samovar_app::visit::Cause;
use samovar_app::{Fail, staff};
use samovar_base::{Chance, message::Body};
use samovar_connectors::Pace;
use samovar_fakes::telegram::Faults;
use samovar_store::{params, query};
use samovar_testkit::{Engine, Guest, Setting, TestApp, on_both};
use secrecy::SecretString;
use serde_json::json;
use std::time::{Duration, Instant as Steady};

/// The head of a picture: messengers look no further here.
const PORTRAIT: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x02\x80";
const WELCOME: &str = "Здравствуйте! Это бот";
const CONSENT: &str = "Согласны?";
const BULK: &str = "В субботу у нас дегустация.";

query! {
    static OUTBOUND = "SELECT state, attempts, COALESCE(note, '') FROM outbound WHERE tenant_id = $1 ORDER BY id";
}

on_both! {
    async fn a_pause_that_is_asked_for_is_obeyed_and_nothing_is_lost(app: TestApp) {
        let anna = app.telegram("Анна");
        app.telegram.set_faults(Faults { too_many: 500, seed: seed_that_strikes_first(500, 6), ..Faults::default() });
        let begun = Steady::now();
        anna.starts(None).await;
        assert!(begun.elapsed() >= Duration::from_secs(1), "`retry_after` was one second");
        assert_eq!(texts(&app), [WELCOME, CONSENT]);
        assert_eq!(states(&app).await, ["sent", "sent"]);
        app.finish().await;
    }

    async fn the_picture_of_a_bot_is_that_of_the_last_connection(app: TestApp) {
        let (services, owner, id) = (app.app(), app.owner(), app.channel("telegram").id);
        let connect = async || channels::connect(&services, id, Some(&app.url())).await.map(drop).expect("a connection");
        let tag = async || channels::get(&services, &owner, id).await.expect("the channel").picture;
        let picture = async || channels::picture(&services, &owner, id).await.map_err(|fail| fail.code());
        assert_eq!((tag().await, picture().await), (None, Err("not_found")));

        app.bot.wears(PORTRAIT).expect("a picture");
        assert_eq!(tag().await, None, "nobody has looked yet");
        connect().await;
        let kept = picture().await.expect("a picture");
        assert_eq!((kept.media_type.as_str(), kept.bytes.as_ref()), ("image/png", PORTRAIT));
        assert_eq!(tag().await, Some(kept.tag));
        connect().await;

        // What is too large to stand beside a name is none.
        let mut large = PORTRAIT.to_vec();
        large.resize(300 << 10, 0);
        app.bot.wears(large).expect("a picture");
        connect().await;
        assert_eq!((tag().await, picture().await), (None, Err("not_found")));
        app.finish().await;
    }

    async fn a_channel_is_tried_out_by_a_message(engine: Engine) {
        let app = TestApp::set(Setting { staff: true, ..Setting::new(engine) }).await;
        let (services, owner) = (app.app(), app.owner());
        let code = |tried: Result<_, Fail>| tried.map(drop).map_err(|fail| fail.code());
        let (anna, bots, site) = (app.telegram("Анна"), app.channel("telegram").id, app.channel("site").id);
        anna.registers().await;
        let id = anna.contact_id().await;
        assert_eq!(channels::try_out(&services, &owner, bots, Some(id)).await.expect("it is said"), id);
        app.settle().await;
        let seen = anna.looks().await;
        assert!(seen.contains("Проверка связи: это сообщение из консоли «Уголок»."), "{seen}");
        assert_eq!(code(channels::try_out(&services, &owner, site, Some(id)).await), Err("nobody_there"));
        assert_eq!(code(channels::try_out(&services, &owner, bots, None).await), Err("nobody_there"));

        // Somebody of the staff is known by the bot for the staff.
        let vera = app.member("Вера", Role::Administrator).await;
        vera.looks().await;
        let people = staff::list(&services, &owner).await.expect("people");
        let found = people.iter().find(|one| one.name == "Вера").expect("she is there");
        let actor = Actor::staff(app.tenant, found.id, Role::Administrator, "ru");
        let own = channels::try_out(&services, &actor, app.channel("staff").id, None).await;
        assert_eq!(own.expect("it is said"), vera.contact_id().await);
        app.settle().await;
        assert!(vera.looks().await.contains("Проверка связи"));
        app.finish().await;
    }

    async fn a_storm_of_bad_gateways_only_delays(app: TestApp) {
        app.telegram.set_faults(Faults { bad_gateway: 200, internal_errors: 100, seed: 3, ..Faults::default() });
        let guests: Vec<Guest> = ["Анна", "Борис", "Вера", "Глеб"].into_iter().map(|name| app.telegram(name)).collect();
        for guest in &guests {
            guest.chat.starts(None).expect("a start");
        }
        app.settle().await;
        for guest in &guests {
            assert_eq!(seen(guest), [WELCOME, CONSENT]);
        }
        assert_eq!(states(&app).await, ["sent"; 8]);
        app.finish().await;
    }

    /// An answer comes once more when it may; news about points is left alone; both are told to be unsure.
    async fn a_lost_answer_makes_a_message_unsure(app: TestApp) {
        let (anna, boris) = (app.telegram("Анна"), app.telegram("Борис"));
        boris.registers().await;
        let before = states(&app).await.len();
        app.telegram.set_faults(Faults { lost_answers: 1_000, ..Faults::default() });
        anna.starts(None).await;
        assert_eq!(seen(&anna), [WELCOME, WELCOME, CONSENT, CONSENT]);
        grant(&app, &boris, 50).await;
        let news = boris.looks().await;
        assert_eq!(news.matches("Вам начислено").count(), 1, "{news}");
        assert_eq!(states(&app).await[before..], ["unsure"; 3]);
        app.telegram.set_faults(Faults::default());
        assert!(boris.says("баланс").await.contains("150"));
        app.finish().await;
    }

    async fn a_messenger_that_hangs_holds_up_nobody_else(engine: Engine) {
        let patience = Duration::from_millis(200);
        let app = TestApp::set(Setting { patience, ..Setting::new(engine) }).await;
        app.telegram.set_faults(Faults { hanging: 1_000, hang_ms: 1_000, ..Faults::default() });
        let guests: Vec<Guest> = (0..10).map(|_| app.telegram("Анна")).collect();
        let begun = Steady::now();
        for guest in &guests {
            guest.chat.starts(None).expect("a start");
        }
        app.settle().await;
        assert!(begun.elapsed() < Duration::from_secs(5), "ten conversations hang side by side: {:?}", begun.elapsed());
        assert_eq!(states(&app).await, ["unsure"; 20]);
        app.finish().await;
    }

    async fn who_cannot_be_written_to_is_marked_and_not_tried_again(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let before = states(&app).await.len();
        anna.person.leaves_telegram();
        grant(&app, &anna, 50).await;
        let rows = outbound(&app).await;
        assert_eq!(rows.len(), before + 1);
        assert_eq!(rows[before], ("failed".to_owned(), 1, "Forbidden: user is deactivated".to_owned()));
        let identities = contacts::identities(&app.app(), &app.owner(), anna.contact_id().await).await.expect("identities");
        assert!(identities[0].blocked_at.is_some());
        grant(&app, &anna, 50).await;
        assert_eq!(states(&app).await.len(), before + 1, "nothing more is written to them");
        app.finish().await;
    }

    async fn behind_a_revoked_token_messages_wait_until_it_is_mended(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let before = outbound(&app).await.len();
        app.bot.revoke();
        grant(&app, &anna, 50).await;
        app.until("the channel is broken", async || app.channel("telegram").state == ChannelState::Broken).await;
        let id = app.channel("telegram").id;
        let shown = app.api().get(&format!("/channels/{id}")).await.body;
        assert_eq!(shown["state"], json!("broken"), "{shown}");
        tell_by_bulk(&app, &anna).await;
        grant(&app, &anna, 60).await;
        let waits = waiting_of(&app, before).await;
        assert_eq!(waits, ["waiting 0"; 3]);
        for _ in 0..4 {
            app.advance(Duration::from_secs(1_800)).await;
        }
        assert_eq!(waiting_of(&app, before).await, waits, "however long it takes, nothing is tried");

        let mended = app.telegram.bot("7000002:another-token", "coffee_bot_2");
        let chat = anna.person.chat(&mended);
        chat.starts(None).expect("a start");
        let known = channels::get(&app.app(), &app.owner(), id).await.expect("a channel");
        let wanted = Wanted {
            key: known.key,
            kind: known.kind,
            name: known.name,
            token: Some(SecretString::from("7000002:another-token")),
            settings: known.settings,
            scenarios: known.scenarios,
        };
        channels::put(&app.app(), &app.owner(), wanted).await.expect("a mended channel");
        app.settle().await;
        let seen = chat.view().transcript();
        in_this_order(&seen, &["Вам начислено 50", "Вам начислено 60", BULK]);
        assert_eq!(states(&app).await[before..], ["sent"; 3]);
        app.finish().await;
    }

    async fn messages_of_a_paused_channel_wait_until_it_is_resumed(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let before = outbound(&app).await.len();
        let id = app.channel("telegram").id;
        channels::set_state(&app.app(), &app.owner(), id, false).await.expect("paused");
        app.until("the channel is paused", async || app.channel("telegram").state == ChannelState::Paused).await;
        tell_by_bulk(&app, &anna).await;
        grant(&app, &anna, 50).await;
        app.advance(Duration::from_secs(3_600)).await;
        assert_eq!(waiting_of(&app, before).await, ["waiting 0"; 2]);
        assert_eq!(anna.looks().await, "");
        channels::set_state(&app.app(), &app.owner(), id, true).await.expect("resumed");
        in_this_order(&anna.looks().await, &["Вам начислено 50", BULK]);
        assert_eq!(states(&app).await[before..], ["sent"; 2]);
        app.finish().await;
    }

    async fn what_is_written_to_a_paused_channel_is_kept_and_shown(app: TestApp) {
        let anna = app.telegram("Анна");
        anna.registers().await;
        let id = app.channel("telegram").id;
        channels::set_state(&app.app(), &app.owner(), id, false).await.expect("paused");
        app.until("the channel is paused", async || app.channel("telegram").state == ChannelState::Paused).await;
        assert_eq!(anna.says("Вы сегодня открыты?").await, "", "the bot is silent");
        let api = app.api();
        let listed = api.get("/conversations").await.body;
        assert_eq!(listed["items"][0]["last"]["text"], "Вы сегодня открыты?", "{listed}");
        let at = format!("/conversations/{}/{id}/lines", anna.contact_id().await);
        let lines = api.get(&at).await.body["items"].as_array().expect("lines").clone();
        let heard = lines.iter().filter(|line| line["kind"] == "heard" && line["text"] == "Вы сегодня открыты?");
        assert_eq!(heard.count(), 1, "{lines:#?}");
        channels::set_state(&app.app(), &app.owner(), id, true).await.expect("resumed");
        app.until("the channel is on", async || app.channel("telegram").state == ChannelState::On).await;
        assert!(anna.says("баланс").await.contains("балл"), "{}", anna.transcript().await);
        app.finish().await;
    }

    async fn an_answer_goes_before_bulk(engine: Engine) {
        let pace = Pace { bot_per_second: 20, chat_per_second: 100, chat_burst: 100, group_per_minute: 100 };
        let app = TestApp::set(Setting { pace, ..Setting::new(engine) }).await;
        let guests: Vec<Guest> = (0..16).map(|_| app.telegram("Анна")).collect();
        for guest in &guests {
            guest.chat.starts(None).expect("a start");
        }
        app.settle().await;
        let before = app.telegram.sent_count();
        for guest in &guests[1..] {
            tell_by_bulk(&app, guest).await;
        }
        guests[0].chat.says("помощь").expect("a question");
        app.settle().await;
        let sent: Vec<String> = app.telegram.sent_after(before).into_iter().map(|sent| sent.text).collect();
        let answer = sent.iter().position(|text| text.starts_with("Что здесь можно")).expect("an answer");
        assert!(answer < sent.len() / 2, "the answer came as number {} of {}", answer + 1, sent.len());
        assert_eq!(sent.len(), 16);
        app.finish().await;
    }
}

/// State and attempts of messages, from one of them on.
async fn waiting_of(app: &TestApp, from: usize) -> Vec<String> {
    let rows = outbound(app).await;
    rows[from..].iter().map(|(state, attempts, _)| format!("{state} {attempts}")).collect()
}

fn in_this_order(seen: &str, parts: &[&str]) {
    let places: Vec<Option<usize>> = parts.iter().map(|part| seen.find(part)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in {seen}");
}

/// A seed whose first draw of a thousand falls below `rate` and whose next ones do not.
fn seed_that_strikes_first(rate: u64, then_not: usize) -> u64 {
    let fits = |seed: &u64| {
        let chance = Chance::from_seed(*seed);
        chance.below(1_000) < rate && (0..then_not).all(|_| chance.below(1_000) >= rate)
    };
    (0..).find(fits).expect("a seed")
}

/// What the bot said to a guest, as far as tests care.
fn seen(guest: &Guest) -> Vec<&'static str> {
    let view = guest.chat.view();
    view.messages.iter().filter(|message| message.from_bot).map(|message| known(&message.text)).collect()
}

/// What the bot said to anybody, in order.
fn texts(app: &TestApp) -> Vec<&'static str> {
    app.telegram.sent_after(0).iter().map(|sent| known(&sent.text)).collect()
}

fn known(text: &str) -> &'static str {
    [WELCOME, CONSENT].into_iter().find(|part| text.contains(part)).unwrap_or("something else")
}

async fn states(app: &TestApp) -> Vec<String> {
    outbound(app).await.into_iter().map(|(state, ..)| state).collect()
}

/// State, attempts and note of every message, oldest first.
async fn outbound(app: &TestApp) -> Vec<(String, i64, String)> {
    let services = app.app();
    let rows = services
        .store
        .read(app.tenant, |tx| async move { Ok::<_, Fail>(tx.all(&OUTBOUND, params![]).await?) })
        .await;
    let name = |state| {
        ["waiting", "sending", "sent", "unsure", "failed"][usize::try_from(state).expect("a state")]
            .to_owned()
    };
    let read = |row: &samovar_store::Row| {
        (
            name(row.int(0).expect("a state")),
            row.int(1).expect("attempts"),
            row.text(2).expect("a note").to_owned(),
        )
    };
    rows.expect("rows").iter().map(read).collect()
}

async fn grant(app: &TestApp, guest: &Guest, points: i64) {
    let path = format!("/contacts/{}/wallet/grant", guest.contact_id().await);
    assert_eq!(app.api().post(&path, &json!({"points": points})).await.status, 200);
    app.settle().await;
}

async fn tell_by_bulk(app: &TestApp, guest: &Guest) {
    let services = app.app();
    let to = Recipient {
        channel: app.channel("telegram"),
        chat: guest.person.id().to_string().into(),
        contact: guest.contact_id().await,
    };
    let (unit_services, now) = (services.clone(), services.clock.now());
    let ready = services.store.run(app.tenant, contacts::unit_key(to.contact), move |tx| {
        let body = Body::text(BULK);
        let message =
            NewOutbound { body, class: Class::Bulk, policy: Policy::Keep, cause: Cause::new("test", "bulk") };
        let ready = write(&unit_services, &tx, &to, vec![message], now);
        std::future::ready(Ok::<_, Fail>(ready))
    });
    services.pipeline.send(&services, ready.await.expect("a message"));
}
