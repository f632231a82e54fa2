//! The inbox, as two people of the company see it.

use crate::chat::Visitor;
use crate::face::{Face, on_both};
use samovar_app::access::{Actor, Role};
use samovar_app::conversations::{self, Answer, Place, Tab, Wanted};
use samovar_app::staff;
use samovar_base::StaffId;
use serde_json::{Value, json};

/// Somebody of the staff who answers.
async fn colleague(face: &Face, name: &str) -> Actor {
    let tenant = face.channel("site").tenant.id;
    let email = format!("{name}@coffee.example");
    let added =
        staff::add(&face.app, &Actor::setup(tenant), &email, name, Role::Manager).await.expect("added");
    Actor::staff(tenant, added.id, Role::Manager, "ru")
}

async fn post(face: &Face, visitor: &Visitor<'_>, id: &str, text: &str) {
    face.clock.advance_seconds(1);
    assert_eq!(visitor.post(&json!({"id": id, "text": text})).await.status, 202);
    face.app.pipeline.idle().await;
    face.clock.advance_seconds(1);
}

/// Lets the program work for a while. The clock is moved by hand, so leases are renewed by hand too.
async fn settle(face: &Face) {
    face.app.pipeline.renew(&face.app).await.expect("renewed");
    for _ in 0..20 {
        face.app.pipeline.look(&face.app).await.expect("looked");
        face.app.pipeline.idle().await;
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// How many conversations somebody has.
async fn own(face: &Face, actor: &Actor) -> usize {
    let mine = Wanted { tab: Tab::Mine, ..Wanted::default() };
    conversations::list(&face.app, actor, &mine, None, 10).await.expect("listed").len()
}

async fn only(face: &Face, path: &str) -> Value {
    let page = face.api("GET", path).expect(200).await;
    let items = page["items"].as_array().expect("a page");
    assert_eq!(items.len(), 1, "{path}: {items:#?}");
    items[0].clone()
}

on_both! {
    async fn a_conversation_goes_from_the_bot_to_one_of_two_people_and_back(face) {
        face.app.start().await.expect("started");
        let (olga, rinat) = (colleague(&face, "olga").await, colleague(&face, "rinat").await);
        let anna = Visitor::new(&face).await;
        assert_eq!(anna.post(&json!({"id": "1", "start": {}})).await.status, 202);
        face.app.pipeline.idle().await;
        let listed = only(&face, "/conversations?tab=bot").await;
        assert_eq!((&listed["state"], &listed["last"]["by"]), (&json!("bot"), &json!("bot")), "{listed}");

        // A person is called: the conversation is free.
        post(&face, &anna, "2", "Позвать сотрудника").await;
        let free = only(&face, "/conversations?tab=free&waiting=true").await;
        assert!(free["unread"].as_i64() >= Some(1) && free["waiting_since"].is_string(), "{free}");
        let base = format!("/conversations/{}/{}", free["contact_id"].as_str().expect("id"), free["channel_id"].as_str().expect("id"));
        let place = Place {
            contact: free["contact_id"].as_str().expect("id").parse().expect("an id"),
            channel: free["channel_id"].as_str().expect("id").parse().expect("an id"),
        };

        // Two take it at once: one has it, the other is told who.
        let seen = free["revision"].as_i64().expect("a revision");
        let id = |actor: &Actor| match actor.who { samovar_app::access::Who::Staff(id) => id, _ => StaffId(0) };
        conversations::assign(&face.app, &olga, place, Some(id(&olga)), seen).await.expect("taken");
        let late = conversations::assign(&face.app, &rinat, place, Some(id(&rinat)), seen).await.expect_err("late");
        assert_eq!(late.code(), "conversation_changed");
        assert!(late.to_string().contains("olga"), "{late}");
        let said = |text: &str| Answer { text: text.into(), ..Answer::default() };
        let refused = conversations::answer(&face.app, &rinat, place, said("Я тоже"), None).await;
        assert_eq!(refused.expect_err("not his").code(), "conversation_changed");

        face.clock.advance_seconds(1);
        // The same answer twice is said once.
        for _ in 0..2 {
            let sent = Answer { buttons: vec![("Да, приду".into(), None)], ..said("Ждём вас в субботу?") };
            conversations::answer(&face.app, &olga, place, sent, Some("k1".into())).await.expect("answered");
        }
        settle(&face).await;
        assert_eq!(anna.history().await.iter().filter(|line| line["text"] == "Ждём вас в субботу?").count(), 1);
        let asked = anna.history().await.into_iter().find(|line| line["text"] == "Ждём вас в субботу?").expect("said");
        face.clock.advance_seconds(1);
        let press = json!({"id": "3", "press": asked["buttons"][0][0]["action"]["press"], "message": asked["id"]});
        assert_eq!(anna.post(&press).await.status, 202);
        post(&face, &anna, "4", "А можно с Собакой?").await;
        let counts = conversations::counts(&face.app, &olga).await.expect("counted");
        assert_eq!((counts.mine, counts.mine_unread, counts.free, counts.bot), (1, 1, 0, 0));
        assert_eq!((own(&face, &olga).await, own(&face, &rinat).await), (1, 0));

        // The lines, with who said them; in pages both ways.
        conversations::note(&face.app, &rinat, place, "Собаки — только на веранде".into()).await.expect("noted");
        let lines = face.api("GET", &format!("{base}/lines?limit=200")).expect(200).await;
        let told: Vec<(String, String)> = lines["items"].as_array().expect("lines").iter()
            .filter(|line| line["kind"] != "said" || line["by"] != "bot")
            .map(|line| (line["kind"].as_str().unwrap_or_default().to_owned(),
                format!("{}{}", line["text"].as_str().unwrap_or_default(), line["what"].as_str().unwrap_or_default())))
            .collect();
        let told: Vec<(&str, &str)> = told.iter().map(|(kind, text)| (kind.as_str(), text.as_str())).collect();
        assert_eq!(told, [
            ("heard", "Позвать сотрудника"), ("done", "taken"), ("said", "Ждём вас в субботу?"), ("heard", "Да, приду"),
            ("heard", "А можно с Собакой?"), ("note", "Собаки — только на веранде"),
        ]);
        let all: Vec<Value> = lines["items"].as_array().expect("lines").iter().map(|line| line["id"].clone()).collect();
        let mut walked = Vec::new();
        let mut at = String::new();
        loop {
            let page = face.api("GET", &format!("{base}/lines?limit=2{at}")).expect(200).await;
            let items = page["items"].as_array().expect("lines");
            walked.splice(0..0, items.iter().map(|line| line["id"].clone()));
            if page["more"] != true { break; }
            at = format!("&before={}", items[0]["place"].as_str().expect("a place"));
        }
        assert_eq!(walked, all, "backwards");
        let first = &lines["items"][0];
        let after = face.api("GET", &format!("{base}/lines?limit=200&after={}", first["place"].as_str().expect("a place"))).expect(200).await;
        assert_eq!(after["items"].as_array().expect("lines").len(), all.len() - 1, "forwards");

        // Found by a word in any case, and by part of it.
        for words in ["собакой", "СОБАК", "веранде"] {
            assert_eq!(only(&face, &format!("/conversations?q={words}")).await["contact_id"], free["contact_id"]);
        }
        assert!(face.api("GET", "/conversations?q=кошка").expect(200).await["items"].as_array().expect("none").is_empty());

        // Put off, it is out of sight until the contact writes.
        let until_then = face.app.clock.now().plus_seconds(3_600);
        conversations::snooze(&face.app, &olga, place, Some(until_then)).await.expect("put off");
        assert_eq!(own(&face, &olga).await, 0);
        post(&face, &anna, "5", "Ау").await;
        settle(&face).await;
        assert_eq!(own(&face, &olga).await, 1);

        // Closed, the bot answers again.
        conversations::close(&face.app, &olga, place).await.expect("closed");
        settle(&face).await;
        assert_eq!(only(&face, "/conversations?tab=closed").await["state"], "closed");
        let before = anna.history().await.len();
        post(&face, &anna, "6", "помощь").await;
        assert!(anna.history().await.len() > before + 1, "the bot answers: {:#?}", anna.history().await);
        assert_eq!(only(&face, "/conversations?tab=bot").await["state"], "bot");
    }

    async fn who_is_in_a_conversation_is_seen_by_the_others(face) {
        face.app.start().await.expect("started");
        let (olga, rinat) = (colleague(&face, "olga").await, colleague(&face, "rinat").await);
        let anna = Visitor::new(&face).await;
        post(&face, &anna, "1", "Здравствуйте").await;
        let listed = only(&face, "/conversations").await;
        let place = Place {
            contact: listed["contact_id"].as_str().expect("id").parse().expect("an id"),
            channel: listed["channel_id"].as_str().expect("id").parse().expect("an id"),
        };
        conversations::enter(&face.app, &olga, place, Some(true)).await.expect("entered");
        let seen = conversations::present(&face.app, &rinat, place).await.expect("seen");
        assert_eq!(seen.iter().map(|one| (one.name.as_str(), one.writes)).collect::<Vec<_>>(), [("olga", true)]);
        assert!(conversations::present(&face.app, &olga, place).await.expect("seen").is_empty(), "not oneself");
        face.clock.advance_seconds(60);
        assert!(conversations::present(&face.app, &rinat, place).await.expect("seen").is_empty());
    }
}
