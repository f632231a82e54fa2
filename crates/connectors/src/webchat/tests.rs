use super::*;
use crate::draw::{Drawn, Keys};
use proptest::prelude::*;
use samovar_base::message::{Action, Button};
use samovar_base::{Chance, ChannelId, OutboundId, Vault};
use secrecy::SecretString;

const NOW: Instant = Instant::from_seconds(1_790_000_000);
const VISITOR: Visitor<'_> = Visitor { chat: "abc", name: " Анна ", language: Some("ru") };

fn channel() -> Channel {
    Channel {
        id: ChannelId(1),
        kind: Kind::Webchat,
        token: SecretString::from(""),
        api_base: "http://127.0.0.1:9/".parse().expect("an address"),
        proxy: None,
        secret: None,
        locale: "ru".into(),
    }
}

/// Posts, and tells what was understood.
fn check(post: &str) -> String {
    match envelope(VISITOR, post.as_bytes()) {
        Err(bad) => bad.to_string(),
        Ok(raw) => {
            let accepted = post::accept(&raw, NOW);
            assert_eq!(accepted.events[0].dedup, accepted.dedup);
            serde_json::to_string(&accepted.events[0]).expect("an event is JSON")
        }
    }
}

#[test]
fn posts_of_every_kind() {
    insta::assert_snapshot!(check(r#"{"id":"1","text":"Привет"}"#), @r#"
    {"dedup":"abc/1","order":0,"chat":"abc","person":{"id":"abc","name":"Анна","language":"ru"},"at":"2026-09-21T14:13:20Z","event":{"kind":"text","text":"Привет"}}
    "#);
    insta::assert_snapshot!(check(r#"{"id":"2","press":"c:1","message":"out_1"}"#), @r#"
    {"dedup":"abc/2","order":0,"chat":"abc","person":{"id":"abc","name":"Анна","language":"ru"},"at":"2026-09-21T14:13:20Z","event":{"kind":"press","token":"c:1","message":"out_1"}}
    "#);
    insta::assert_snapshot!(check(r#"{"id":"3","phone":"+79161234567"}"#), @r#"
    {"dedup":"abc/3","order":0,"chat":"abc","person":{"id":"abc","name":"Анна","language":"ru"},"at":"2026-09-21T14:13:20Z","event":{"kind":"phone","number":"+79161234567","own":false}}
    "#);
    insta::assert_snapshot!(check(r#"{"id":"4","start":{"payload":"site"}}"#), @r#"
    {"dedup":"abc/4","order":0,"chat":"abc","person":{"id":"abc","name":"Анна","language":"ru"},"at":"2026-09-21T14:13:20Z","event":{"kind":"start","payload":"site"}}
    "#);
    insta::assert_snapshot!(check(r#"{"id":"5","start":{}}"#), @r#"
    {"dedup":"abc/5","order":0,"chat":"abc","person":{"id":"abc","name":"Анна","language":"ru"},"at":"2026-09-21T14:13:20Z","event":{"kind":"start","payload":null}}
    "#);
    insta::assert_snapshot!(check(r#"{"id":"6","file":{"vendor_id":"fil_1","kind":"photo"},"caption":"чек"}"#), @r#"
    {"dedup":"abc/6","order":0,"chat":"abc","person":{"id":"abc","name":"Анна","language":"ru"},"at":"2026-09-21T14:13:20Z","event":{"kind":"file","file":{"vendor_id":"fil_1","kind":"photo"},"caption":"чек"}}
    "#);
}

#[test]
fn bad_posts_are_named() {
    assert_eq!(check("{"), BadPost::NotAPost.to_string());
    assert_eq!(check(r#"{"id":"1","text":"a","chat":"other"}"#), BadPost::NotAPost.to_string());
    assert_eq!(check(r#"{"id":"1","text":"a","text":"b"}"#), BadPost::NotAPost.to_string());
    assert_eq!(check(r#"{"id":"","text":"a"}"#), BadPost::Id.to_string());
    assert_eq!(check(r#"{"id":"a/b","text":"a"}"#), BadPost::Id.to_string());
    assert_eq!(check(r#"{"id":"1"}"#), BadPost::NotOneThing.to_string());
    assert_eq!(check(r#"{"id":"1","text":"a","press":"b"}"#), BadPost::NotOneThing.to_string());
    assert_eq!(check(r#"{"id":"1","text":"  "}"#), BadPost::Length.to_string());
    assert_eq!(check(&format!(r#"{{"id":"1","text":"{}"}}"#, "ж".repeat(4097))), BadPost::Length.to_string());
    assert_eq!(
        check(&format!(r#"{{"id":"1","text":"{}"}}"#, "a".repeat(70_000))),
        BadPost::TooLarge.to_string()
    );
}

#[test]
fn one_visitors_ids_do_not_meet_anothers() {
    let of = |chat| {
        let raw = envelope(Visitor { chat, ..VISITOR }, br#"{"id":"1","text":"a"}"#).expect("a good post");
        post::accept(&raw, NOW).dedup
    };
    assert_eq!(of("abc"), of("abc"));
    assert_ne!(of("abc"), of("abd"));
}

#[test]
fn a_session_opens_only_its_own_chat() {
    let (vault, chance) = (Vault::new([7; 32]), Chance::from_seed(1));
    let session = Session::new(&chance, NOW);
    let token = session.token(&vault, ChannelId(1));
    let open = |token: &str| Session::open(&vault, ChannelId(1), token, NOW);
    assert_eq!(open(&token), Some(session.clone()));
    assert_eq!(Session::open(&vault, ChannelId(2), &token, NOW), None);
    assert_eq!(Session::open(&Vault::new([8; 32]), ChannelId(1), &token, NOW), None);
    assert_eq!(open(&token.replacen(&session.chat, &Session::new(&chance, NOW).chat, 1)), None);
    assert_eq!(open(&token.replacen("1790000000", "1790000001", 1)), None);
    for bad in ["", ".", "..", "a.b.c", &token[..token.len() - 1], &token.replace('.', "")] {
        assert_eq!(open(bad), None, "{bad}");
    }
    let after = |days: i64| NOW.plus_seconds(days * 24 * 3600);
    assert!(
        Session::open(&vault, ChannelId(1), &token, after(179))
            .is_some_and(|open| open.is_ageing(after(179)))
    );
    assert_eq!(Session::open(&vault, ChannelId(1), &token, after(181)), None);
    assert_eq!(Session::open(&vault, ChannelId(1), &token, after(-1)), None);
    assert!(!session.is_ageing(after(1)));
}

fn outgoing(id: i64, text: &str) -> Outgoing {
    let yes = Button { label: "Да".into(), action: Action::Press("c:1".into()) };
    let drawn = Drawn { text: text.into(), keys: Keys::Buttons(vec![vec![yes]]), ..Drawn::default() };
    Outgoing { id: OutboundId(id), chat: "abc".into(), drawn, upload: None }
}

#[tokio::test]
async fn an_open_page_is_told_and_another_is_not() {
    let hub = Hub::new(10);
    let webchat = Webchat::new(hub.clone());
    let mut page = hub.listen(ChannelId(1), "abc").expect("there is room");
    let mut second = hub.listen(ChannelId(1), "abc").expect("there is room");
    let mut stranger = hub.listen(ChannelId(2), "abc").expect("there is room");
    let sent = webchat.send(&channel(), &outgoing(5, "Точно?")).await.expect("it is published");
    assert_eq!(sent.message.as_deref(), Some("out_0000000000005"));
    insta::assert_snapshot!(page.next().await.expect("an event"), @r#"
    {"event":"message","id":"out_0000000000005","text":"Точно?","buttons":[[{"label":"Да","action":{"press":"c:1"}}]]}
    "#);
    assert!(second.next().await.is_some());
    let mut change = outgoing(6, "Готово");
    change.drawn.replaces = sent.message.clone();
    assert_eq!(webchat.send(&channel(), &change).await.expect("it is published").message, sent.message);
    assert!(
        page.next().await.is_some_and(|event| event.contains(r#""id":"out_0000000000005","text":"Готово""#))
    );
    hub.close();
    assert_eq!(stranger.next().await, None);
    assert!(hub.listen(ChannelId(1), "abc").is_err());
}

#[tokio::test]
async fn a_page_that_fell_behind_is_told_to_read_again() {
    let hub = Hub::new(10);
    let webchat = Webchat::new(hub.clone());
    let mut page = hub.listen(ChannelId(1), "abc").expect("there is room");
    for id in 0..40 {
        webchat.send(&channel(), &outgoing(id, "x")).await.expect("it is published");
    }
    assert_eq!(page.next().await.as_deref(), Some(r#"{"event":"reread"}"#));
    webchat.send(&channel(), &outgoing(99, "y")).await.expect("it is published");
    assert!(page.next().await.is_some_and(|event| event.contains('y')));
}

#[tokio::test]
async fn streams_are_bounded_and_forgotten_when_closed() {
    let hub = Hub::new(2);
    let first = hub.listen(ChannelId(1), "a").expect("there is room");
    let second = hub.listen(ChannelId(1), "b").expect("there is room");
    assert_eq!(hub.listen(ChannelId(1), "c").err(), Some(HubFull));
    drop(first);
    let mut third = hub.listen(ChannelId(1), "b").expect("there is room again");
    drop(second);
    hub.publish(ChannelId(1), "b", &PageEvent::Reread);
    assert!(third.next().await.is_some());
    drop(third);
    assert!(format!("{hub:?}").contains("chats: {}"), "{hub:?}");
}

#[test]
fn a_link_to_the_page_carries_its_payload() {
    let webchat = Webchat::new(Hub::new(1));
    let identity = BotIdentity {
        id: "1".into(),
        name: String::new(),
        handle: None,
        link: Some("https://shop.example/chat".into()),
    };
    assert_eq!(
        webchat.entry_link(&identity, "май 1").as_deref(),
        Some("https://shop.example/chat?start=%D0%BC%D0%B0%D0%B9+1")
    );
    assert_eq!(webchat.entry_link(&BotIdentity { link: None, ..identity }, "x"), None);
}

proptest! {
    #[test]
    fn any_bytes_are_taken(raw in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(post::accept(&raw, NOW).problem.is_some());
        prop_assert!(envelope(VISITOR, &raw).is_err());
    }

    #[test]
    fn what_the_envelope_takes_is_understood(text in "\\PC{1,80}", id in "[a-z0-9-]{1,64}") {
        let post = serde_json::json!({ "id": id, "text": text }).to_string();
        if let Ok(raw) = envelope(VISITOR, post.as_bytes()) {
            let accepted = post::accept(&raw, NOW);
            prop_assert_eq!(accepted.problem, None);
            prop_assert_eq!(&accepted.events[0].event, &samovar_base::message::Event::Text { text });
        }
    }
}
