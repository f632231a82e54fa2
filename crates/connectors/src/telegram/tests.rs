use super::*;
use proptest::prelude::*;
use samovar_base::ChannelId;
use samovar_base::message::Event;
use secrecy::SecretString;
use std::fmt::Write as _;

const RECEIVED: Instant = Instant::from_seconds(1_790_000_000);
const ANN: &str = r#""from":{"id":42,"is_bot":false,"first_name":"Анна","last_name":"Ким","username":"ann","language_code":"ru"}"#;
const PRIVATE: &str = r#""chat":{"id":42,"type":"private","first_name":"Анна"}"#;

fn accept(raw: &str) -> Accepted {
    update::accept(raw.as_bytes(), RECEIVED)
}

/// What became of an update, a line for each thing.
fn check(raw: &str) -> String {
    let accepted = accept(raw);
    let mut out = format!("{} #{}\n", accepted.dedup, accepted.order);
    for event in &accepted.events {
        assert_eq!((&event.dedup, event.order), (&accepted.dedup, accepted.order));
        let what = serde_json::to_string(&event.event).expect("an event is JSON");
        let _ = writeln!(out, "chat «{}» at {} by {:?}\n{what}", event.chat, event.at, event.person);
    }
    if let Some(reply) = accepted.reply {
        let _ = writeln!(out, "reply {}", String::from_utf8_lossy(&reply));
        assert!(accepted.acknowledge.is_some());
    }
    if let Some(problem) = accepted.problem {
        let _ = writeln!(out, "problem: {problem}");
    }
    out
}

/// Only the event, of a message with this content.
fn event(content: &str) -> String {
    let accepted = accept(&format!(
        r#"{{"update_id":7,"message":{{"message_id":5,"date":1789999999,{PRIVATE},{ANN},{content}}}}}"#
    ));
    let [event] = &accepted.events[..] else { return format!("{accepted:?}") };
    serde_json::to_string(&event.event).expect("an event is JSON")
}

#[test]
fn a_text_message() {
    let raw = format!(
        r#"{{"update_id":100,"message":{{"message_id":5,{ANN},{PRIVATE},"date":1789999999,"text":"Привет \"там\"\u2026","entities":[{{"type":"bold","offset":0,"length":2}}]}}}}"#
    );
    insta::assert_snapshot!(check(&raw), @r#"
    100 #100
    chat «42» at 2026-09-21T14:13:19Z by Person { id: "42", name: "Анна Ким", handle: Some("ann"), language: Some("ru") }
    {"kind":"text","text":"Привет \"там\"…"}
    "#);
}

#[test]
fn a_start_carries_the_payload_of_its_link() {
    insta::assert_snapshot!(event(r#""text":"/start""#), @r#"
    {"kind":"start","payload":null}
    "#);
    insta::assert_snapshot!(event(r#""text":"/start vk_may""#), @r#"
    {"kind":"start","payload":"vk_may"}
    "#);
    insta::assert_snapshot!(event(r#""text":"/start@coffee_bot vk_may""#), @r#"
    {"kind":"start","payload":"vk_may"}
    "#);
    insta::assert_snapshot!(event(r#""text":"/started""#), @r#"
    {"kind":"text","text":"/started"}
    "#);
    insta::assert_snapshot!(event(r#""text":"/help""#), @r#"
    {"kind":"text","text":"/help"}
    "#);
}

#[test]
fn a_contact_is_own_only_when_it_is_the_senders() {
    let own = event(r#""contact":{"phone_number":"79161234567","first_name":"Анна","user_id":42}"#);
    insta::assert_snapshot!(own, @r#"
    {"kind":"phone","number":"+79161234567","own":true}
    "#);
    let abroad = event(r#""contact":{"phone_number":"+375291234567","first_name":"Анна","user_id":42}"#);
    insta::assert_snapshot!(abroad, @r#"
    {"kind":"phone","number":"+375291234567","own":true}
    "#);
    let forged = event(r#""contact":{"phone_number":"79167654321","first_name":"Пётр","user_id":43}"#);
    insta::assert_snapshot!(forged, @r#"
    {"kind":"phone","number":"79167654321","own":false}
    "#);
    let card = event(r#""contact":{"phone_number":"8 (916) 765-43-21","first_name":"Пётр"}"#);
    insta::assert_snapshot!(card, @r#"
    {"kind":"phone","number":"8 (916) 765-43-21","own":false}
    "#);
}

#[test]
fn files_come_with_their_captions() {
    let photo = event(
        r#""photo":[{"file_id":"small","file_unique_id":"a","width":90,"height":60,"file_size":1000},{"file_id":"large","file_unique_id":"b","width":1280,"height":853,"file_size":90000}],"caption":"чек""#,
    );
    insta::assert_snapshot!(photo, @r#"
    {"kind":"file","file":{"vendor_id":"large","kind":"photo","media_type":"image/jpeg","size":90000},"caption":"чек"}
    "#);
    let document = event(
        r#""document":{"file_id":"doc","file_unique_id":"c","file_name":"чек.pdf","mime_type":"application/pdf","file_size":12345}"#,
    );
    insta::assert_snapshot!(document, @r#"
    {"kind":"file","file":{"vendor_id":"doc","kind":"document","name":"чек.pdf","media_type":"application/pdf","size":12345},"caption":""}
    "#);
}

#[test]
fn a_press_is_answered_in_the_hook() {
    let raw = format!(
        r#"{{"update_id":101,"callback_query":{{"id":"4382bfdwdsb323b2d9","chat_instance":"x",{ANN},"data":"c:menu:1","message":{{"message_id":9,"date":0,{PRIVATE}}}}}}}"#
    );
    insta::assert_snapshot!(check(&raw), @r#"
    101 #101
    chat «42» at 2026-09-21T14:13:20Z by Person { id: "42", name: "Анна Ким", handle: Some("ann"), language: Some("ru") }
    {"kind":"press","token":"c:menu:1","message":"9"}
    reply {"method":"answerCallbackQuery","callback_query_id":"4382bfdwdsb323b2d9"}
    "#);
    let game = format!(
        r#"{{"update_id":102,"callback_query":{{"id":"1","chat_instance":"x",{ANN},"game_short_name":"g","message":{{"message_id":9,"date":5,{PRIVATE}}}}}}}"#
    );
    insta::assert_snapshot!(check(&game), @r#"
    102 #102
    chat «42» at 2026-09-21T14:13:20Z by Person { id: "42", name: "Анна Ким", handle: Some("ann"), language: Some("ru") }
    {"kind":"unknown","what":"a press without data"}
    reply {"method":"answerCallbackQuery","callback_query_id":"1"}
    "#);
}

#[test]
fn an_edit_names_its_message() {
    let raw = format!(
        r#"{{"update_id":103,"edited_message":{{"message_id":5,{ANN},{PRIVATE},"date":1789999999,"edit_date":1790000005,"text":"Иначе"}}}}"#
    );
    insta::assert_snapshot!(check(&raw), @r#"
    103 #103
    chat «42» at 2026-09-21T14:13:25Z by Person { id: "42", name: "Анна Ким", handle: Some("ann"), language: Some("ru") }
    {"kind":"edited","message":"5","text":"Иначе"}
    "#);
}

#[test]
fn blocking_and_unblocking() {
    let change = |status: &str| {
        let raw = format!(
            r#"{{"update_id":104,"my_chat_member":{{{PRIVATE},{ANN},"date":1789999999,"old_chat_member":{{"user":{{"id":1,"is_bot":true,"first_name":"b"}},"status":"member"}},"new_chat_member":{{"user":{{"id":1,"is_bot":true,"first_name":"b"}},"status":"{status}","until_date":0}}}}}}"#
        );
        accept(&raw).events[0].event.clone()
    };
    assert_eq!(change("kicked"), Event::Blocked);
    assert_eq!(change("member"), Event::Unblocked);
    assert_eq!(change("left"), Event::Unknown { what: "membership left".into() });
}

#[test]
fn what_is_not_known_is_named_and_skipped() {
    insta::assert_snapshot!(event(r#""voice":{"file_id":"v","file_unique_id":"u","duration":3}"#), @r#"
    {"kind":"unknown","what":"voice"}
    "#);
    insta::assert_snapshot!(event(r#""forward_origin":{"type":"hidden_user"},"has_media_spoiler":true,"hologram":{"depth":3}"#), @r#"
    {"kind":"unknown","what":"hologram"}
    "#);
    insta::assert_snapshot!(check(r#"{"update_id":105,"telepathy":{"from":{"id":42}}}"#), @r#"
    105 #105
    chat «» at 2026-09-21T14:13:20Z by Person { id: "", name: "", handle: None, language: None }
    {"kind":"unknown","what":"telepathy"}
    "#);
    insta::assert_snapshot!(check(r#"{"update_id":106}"#), @r#"
    106 #106
    chat «» at 2026-09-21T14:13:20Z by Person { id: "", name: "", handle: None, language: None }
    {"kind":"unknown","what":"an update without content"}
    "#);
    let in_group = format!(
        r#"{{"update_id":107,"message":{{"message_id":5,{ANN},"chat":{{"id":-100,"type":"supergroup","title":"t"}},"date":1,"text":"hi"}}}}"#
    );
    insta::assert_snapshot!(check(&in_group), @r#"
    107 #107
    chat «» at 2026-09-21T14:13:20Z by Person { id: "", name: "", handle: None, language: None }
    {"kind":"unknown","what":"in a group"}
    "#);
    let by_bot = format!(
        r#"{{"update_id":108,"message":{{"message_id":5,"from":{{"id":1,"is_bot":true,"first_name":"b"}},{PRIVATE},"date":1,"text":"hi"}}}}"#
    );
    insta::assert_snapshot!(check(&by_bot), @r#"
    108 #108
    chat «» at 2026-09-21T14:13:20Z by Person { id: "", name: "", handle: None, language: None }
    {"kind":"unknown","what":"from a bot"}
    "#);
}

/// Every kind of update and of message content that the Bot API 10.3 knows and we do not, and what is to come.
#[test]
fn every_other_kind_is_named_after_itself() {
    const UPDATES: &str = "channel_post edited_channel_post business_connection business_message guest_message \
        edited_business_message deleted_business_messages message_reaction message_reaction_count inline_query \
        chosen_inline_result shipping_query pre_checkout_query purchased_paid_media poll poll_answer chat_member \
        chat_join_request chat_boost removed_chat_boost managed_bot subscription stopped_message_generation";
    for name in UPDATES.split_whitespace() {
        let accepted = accept(&format!(r#"{{"update_id":7,"{name}":{{"id":"1","from":{{"id":42}}}}}}"#));
        assert_eq!(accepted.events[0].event, Event::Unknown { what: name.into() });
        assert_eq!((accepted.problem, accepted.events[0].chat.as_str()), (None, ""));
    }
    const CONTENTS: &str = "animation audio live_photo paid_media sticker story video video_note voice checklist dice \
        game poll venue location pinned_message invoice successful_payment refunded_payment users_shared gift \
        unique_gift connected_website write_access_allowed passport_data giveaway web_app_data rich_message \
        message_auto_delete_timer_changed boost_added chat_background_set telepathy";
    for name in CONTENTS.split_whitespace() {
        let expected = format!(r#"{{"kind":"unknown","what":"{name}"}}"#);
        assert_eq!(event(&format!(r#""{name}":{{"file_id":"x"}},"caption":"слова""#)), expected);
    }
}

#[test]
fn bytes_that_are_no_update_are_known_again() {
    insta::assert_snapshot!(check("{\"update_id\":"), @r"
    sha256:4e7d6feafb7d6256bde82b81a1a38e5fef86eac794a34483803bf146f317d34f #0
    problem: not an update (Eof) at line 1 column 13
    ");
    insta::assert_snapshot!(check(r#"{"update_id":109,"message":{"message_id":"five"}}"#), @r"
    109 #109
    problem: not an update (Data) at line 1 column 47
    ");
    insta::assert_snapshot!(check(r#"{"message":{}}"#), @r"
    sha256:c6c9d69f94a41c0fa07dbf928b22b701d820e97f200fa20fd7008f9729a31e1d #0
    problem: not an update (Data) at line 1 column 13
    ");
    let deep = format!(r#"{{"update_id":110,"x":{}1{}}}"#, "[".repeat(5000), "]".repeat(5000));
    assert_eq!(accept(&deep).events[0].event, Event::Unknown { what: "x".into() });
    assert!(accept(&deep.replace("\"x\"", "\"message\"")).problem.is_some());
    assert_eq!(update::accept(b"\xff\xfe", RECEIVED).dedup, update::accept(b"\xff\xfe", RECEIVED).dedup);
}

#[test]
fn a_hook_shows_its_secret() {
    let telegram = Telegram::new().expect("a client");
    let mut channel = channel();
    let shown = |secret: &'static str| {
        HeaderMap::from_iter([(SECRET_HEADER.parse().expect("a name"), secret.parse().expect("a value"))])
    };
    assert_eq!(telegram.verify(&channel, &shown("right")), Ok(()));
    assert_eq!(telegram.verify(&channel, &shown("wrong")), Err(Refused::WrongSecret));
    assert_eq!(telegram.verify(&channel, &shown("right-and-more")), Err(Refused::WrongSecret));
    assert_eq!(telegram.verify(&channel, &HeaderMap::new()), Err(Refused::NoSecret));
    channel.secret = Some(SecretString::from(""));
    assert_eq!(telegram.verify(&channel, &shown("")), Err(Refused::WrongSecret));
    channel.secret = None;
    assert_eq!(telegram.verify(&channel, &shown("right")), Err(Refused::NotByHook));
}

#[test]
fn a_link_carries_only_what_telegram_allows() {
    let telegram = Telegram::new().expect("a client");
    let bot = BotIdentity {
        id: "1".into(),
        name: "Кофе".into(),
        handle: Some("coffee_bot".into()),
        link: Some("https://t.me/coffee_bot".into()),
    };
    assert_eq!(
        telegram.entry_link(&bot, "vk_may-1").as_deref(),
        Some("https://t.me/coffee_bot?start=vk_may-1")
    );
    for bad in ["", "a b", "привет", &"a".repeat(65)] {
        assert_eq!(telegram.entry_link(&bot, bad), None, "{bad}");
    }
    assert_eq!(telegram.entry_link(&BotIdentity { link: None, ..bot }, "x"), None);
}

#[test]
fn a_token_cannot_leave_its_place_in_the_address() {
    let mut channel = channel();
    assert_eq!(
        call::address(&channel, "/bot", "getMe").as_deref(),
        Some("http://127.0.0.1:9/bot1:AA-b_C/getMe")
    );
    for bad in ["", "1:A/../x", "1:A?x", "1:A#", "1:A b"] {
        channel.token = SecretString::from(bad);
        assert_eq!(call::address(&channel, "/bot", "getMe"), None, "{bad}");
    }
}

fn channel() -> Channel {
    Channel {
        id: ChannelId(1),
        kind: Kind::Telegram,
        token: SecretString::from("1:AA-b_C"),
        api_base: "http://127.0.0.1:9/".parse().expect("an address"),
        proxy: None,
        secret: Some(SecretString::from("right")),
        locale: "ru".into(),
    }
}

fn samples() -> Vec<String> {
    let message = |content: &str| {
        format!(
            r#"{{"update_id":7,"message":{{"message_id":5,"date":1789999999,{PRIVATE},{ANN},{content}}}}}"#
        )
    };
    vec![
        message(r#""text":"/start x""#),
        message(r#""contact":{"phone_number":"79161234567","first_name":"Анна","user_id":42}"#),
        message(r#""photo":[{"file_id":"s","width":1,"height":2}],"caption":"ё\u0451""#),
        format!(
            r#"{{"update_id":8,"callback_query":{{"id":"1",{ANN},"data":"d","message":{{"message_id":9,"date":0,{PRIVATE}}}}}}}"#
        ),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_taken(raw in proptest::collection::vec(any::<u8>(), 0..300)) {
        let accepted = update::accept(&raw, RECEIVED);
        prop_assert!(accepted.problem.is_some() && accepted.events.is_empty() && !accepted.dedup.is_empty());
    }

    #[test]
    fn a_spoilt_update_is_taken(
        which in 0_usize..4,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..6),
    ) {
        let mut raw = samples().swap_remove(which).into_bytes();
        for (at, byte, how) in changes {
            let at = at.index(raw.len().max(1)).min(raw.len().saturating_sub(1));
            match how {
                0 if !raw.is_empty() => raw[at] = byte,
                1 if !raw.is_empty() => { raw.remove(at); }
                _ => raw.insert(at, byte),
            }
        }
        let accepted = update::accept(&raw, RECEIVED);
        prop_assert!(!accepted.dedup.is_empty());
        prop_assert_eq!(&accepted, &update::accept(&raw, RECEIVED));
    }

    #[test]
    fn a_value_of_another_type_is_taken(which in 0_usize..4, at in any::<prop::sample::Index>(), kind in 0_usize..6) {
        let others = ["null", "[]", "{}", "-1", "\"x\"", "1e400"];
        let raw = samples().swap_remove(which);
        // After a colon stands a value: put another in its place, whatever then follows.
        let colons: Vec<usize> = raw.match_indices("\":").map(|(at, _)| at + 2).collect();
        let from = colons[at.index(colons.len())];
        let to = raw[from..].find([',', '}']).map_or(raw.len(), |end| from + end);
        let changed = [&raw[..from], others[kind], &raw[to..]].concat();
        prop_assert!(!update::accept(changed.as_bytes(), RECEIVED).dedup.is_empty());
    }
}
