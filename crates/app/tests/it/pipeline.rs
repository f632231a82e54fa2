//! The one flow: whatever comes, however often and in whatever order, is kept once and has its effects once.

use samovar_app::pipeline::accept;
use samovar_app::{Fail, loyalty};
use samovar_base::Points;
use samovar_store::{params, query};
use samovar_testkit::{Engine, Guest, TestApp, on_both};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

query! {
    static INBOUND = "SELECT dedup, state, COALESCE(note, ''), raw FROM inbound WHERE tenant_id = $1 ORDER BY position, dedup";
}

on_both! {
    async fn every_update_twice_has_one_effect(app: TestApp) {
        let anna = Hands::new(&app, "Анна").await;
        for (number, update) in anna.registration().into_iter().enumerate() {
            let (first, second) = futures::join!(app.delivers(update.clone()), app.delivers(update.clone()));
            assert_eq!((first, second), (200, 200));
            app.settle().await;
            assert_eq!(app.delivers(update).await, 200, "a third time, much later");
            app.settle().await;
            assert_eq!(inbound(&app).await.len(), 1 + number + 1, "the start, and each of these once");
        }
        assert_eq!(anna.balance().await, 100);
        let said = anna.guest.looks().await;
        for words in ["Как вас зовут?", "остался номер", "Готово, Анна!", "Что показать?"] {
            assert_eq!(said.matches(words).count(), 1, "«{words}» in: {said}");
        }
        app.finish().await;
    }

    /// Nobody waits for the bot: the next update comes before the last one is answered.
    async fn a_hasty_person_is_served_in_order(app: TestApp) {
        let anna = Hands::new(&app, "Анна").await;
        for update in anna.registration() {
            assert_eq!(app.delivers(update).await, 200);
        }
        app.settle().await;
        assert_eq!(anna.balance().await, 100);
        app.finish().await;
    }

    async fn ten_at_once_are_welcomed_once(app: TestApp) {
        let anna = Hands::new(&app, "Анна").await;
        let mut updates = anna.registration();
        let last = updates.pop().expect("the contact");
        for update in updates {
            app.delivers(update).await;
        }
        app.settle().await;
        let again = (0..10).map(|number| {
            let mut update: Value = serde_json::from_slice(&last).expect("JSON");
            update["update_id"] = json!(update["update_id"].as_i64().expect("an id") + number);
            app.delivers(update.to_string())
        });
        for status in futures::future::join_all(again).await {
            assert_eq!(status, 200);
        }
        app.settle().await;
        assert_eq!(anna.balance().await, 100);
        let said = anna.guest.looks().await;
        assert_eq!(said.matches("Готово, Анна!").count(), 1, "{said}");
        app.finish().await;
    }

    /// Two presses that change the same wallet and session at once, many times over.
    async fn many_conversations_at_once_do_not_disturb_each_other(app: TestApp) {
        let mut people = Vec::new();
        for _ in 0..20 {
            people.push(Hands::new(&app, "Анна").await);
        }
        for step in 0..3 {
            let sent = people.iter().map(|person| app.delivers(person.registration()[step].clone()));
            assert!(futures::future::join_all(sent).await.iter().all(|status| *status == 200));
        }
        app.settle().await;
        for person in &people {
            assert_eq!(person.balance().await, 100);
        }
        app.finish().await;
    }

    async fn what_cannot_be_understood_is_kept_and_skipped(app: TestApp) {
        let bodies: [&[u8]; 7] = [
            b"{",
            b"",
            b"\xff\xfe\x00",
            b"[1, 2]",
            br#"{"update_id": 5, "poll": {"id": "1"}}"#,
            br#"{"update_id": 6, "message": {"text": 7}}"#,
            br#"{"update_id": 7, "something_new": {"from": {"id": 1}}}"#,
        ];
        for body in bodies {
            assert_eq!(app.delivers(body).await, 200, "{}", String::from_utf8_lossy(body));
        }
        app.settle().await;
        let rows = inbound(&app).await;
        assert_eq!(rows.len(), bodies.len());
        for body in bodies {
            let row = rows.iter().find(|row| row.raw == body).expect("it is kept as it came");
            assert!(row.state == 2 || row.state == 1, "{row:?}");
            assert!(!row.note.is_empty(), "{row:?}");
        }
        assert_eq!(app.telegram.sent_count(), 0);
        app.finish().await;
    }

    /// The messenger hangs up between the commit and the handing on; it was told nothing, and brings the update again.
    async fn what_was_stored_for_a_messenger_that_hung_up_is_handled_when_it_comes_again(app: TestApp) {
        let anna = Hands::new(&app, "Анна").await;
        let consent = anna.registration().remove(0);
        let (services, channel) = (app.app(), app.channel("telegram"));
        {
            let mut accepting = std::pin::pin!(accept(&services, &channel, consent.clone().into()));
            assert!(futures::poll!(accepting.as_mut()).is_pending());
            app.until("the update is stored", async || inbound(&app).await.len() == 2).await;
        }
        assert!(!anna.guest.chat.view().transcript().contains("Как вас зовут?"), "it was not handed on");
        assert_eq!(app.delivers(consent).await, 200);
        assert!(anna.guest.looks().await.contains("Как вас зовут?"));
        app.finish().await;
    }

    async fn what_telegram_did_not_send_is_not_taken(app: TestApp) {
        let hook = app.channel("telegram").hook.clone();
        let site = app.channel("site").hook.clone();
        let update = br#"{"update_id": 5}"#;
        assert_eq!(app.delivers_with(&hook, None, update).await, 401);
        assert_eq!(app.delivers_with(&hook, Some("wrong"), update).await, 401);
        assert_eq!(app.delivers_with(&hook, Some(""), update).await, 401);
        assert_eq!(app.delivers_with(&site, Some("x"), update).await, 401, "a page does not call hooks");
        assert_eq!(app.delivers_with("no-such-hook", Some("x"), update).await, 404);
        assert_eq!(announces(&app, 2 << 20).await, "HTTP/1.1 413 Payload Too Large");
        assert!(inbound(&app).await.is_empty());
        app.finish().await;
    }

    /// Events that were stored while nobody held the conversation are handled by the messenger's order, not by arrival.
    async fn what_waits_is_handled_in_the_messengers_order(engine: Engine) {
        if engine == Engine::Sqlite {
            // One node holds everything always, and handles what comes as it comes.
            return;
        }
        let app = TestApp::start(engine).await;
        let anna = Hands::new(&app, "Анна").await;
        let updates = anna.registration();
        app.clock.advance_seconds(60);
        for at in [2, 1, 0] {
            assert_eq!(app.delivers(updates[at].clone()).await, 200);
        }
        app.pass(std::time::Duration::from_secs(1)).await;
        app.settle().await;
        assert_eq!(anna.balance().await, 100);
        app.finish().await;
    }
}

/// Begins a genuine delivery of so many bytes; the first line of the answer, which comes before any of them is sent.
async fn announces(app: &TestApp, bytes: usize) -> String {
    let channel = app.channel("telegram");
    let secret = channel.link.secret.as_ref().expect("a secret").expose_secret();
    let address = app.url().socket_addrs(|| None).expect("an address")[0];
    let mut socket = BufReader::new(TcpStream::connect(address).await.expect("a connection"));
    let head = format!(
        "POST /hooks/{} HTTP/1.1\r\nhost: {address}\r\nx-telegram-bot-api-secret-token: {secret}\r\ncontent-length: {bytes}\r\n\r\n",
        channel.hook
    );
    socket.write_all(head.as_bytes()).await.expect("a head");
    let mut line = String::new();
    socket.read_line(&mut line).await.expect("an answer");
    line.trim().to_owned()
}

/// A row of what came in.
#[derive(Debug)]
struct Row {
    state: i64,
    note: String,
    raw: Vec<u8>,
}

async fn inbound(app: &TestApp) -> Vec<Row> {
    let services = app.app();
    let rows = services
        .store
        .read(app.tenant, |tx| async move { Ok::<_, Fail>(tx.all(&INBOUND, params![]).await?) })
        .await;
    let read = |row: &samovar_store::Row| Row {
        state: row.int(1).expect("a state"),
        note: row.text(2).expect("a note").to_owned(),
        raw: row.bytes(3).expect("bytes").to_vec(),
    };
    rows.expect("rows").iter().map(read).collect()
}

/// A person who has opened the bot, and whose further updates the test makes by hand.
struct Hands {
    app: TestApp,
    guest: Guest,
    first_update: i64,
    consent: String,
}

impl Hands {
    async fn new(app: &TestApp, name: &str) -> Self {
        let guest = app.telegram(name);
        guest.starts(None).await;
        let consent = app.channel("telegram").scenarios[0]
            .scenario
            .token("consent", "yes")
            .expect("a button")
            .to_owned();
        let first_update = 1_000 * guest.person.id();
        Self { app: app.clone(), guest, first_update, consent }
    }

    /// The three updates of a registration: consent, name, phone.
    fn registration(&self) -> Vec<Vec<u8>> {
        let id = self.guest.person.id();
        let from = json!({"id": id, "is_bot": false, "first_name": "Анна", "language_code": "ru"});
        let chat = json!({"id": id, "type": "private", "first_name": "Анна"});
        let message = |number: i64, content: Value| {
            let mut message =
                json!({"message_id": number, "date": 1_795_251_600, "from": from, "chat": chat});
            message
                .as_object_mut()
                .expect("an object")
                .extend(content.as_object().expect("an object").clone());
            json!({"message": message})
        };
        let press = json!({"callback_query": {
            "id": self.first_update.to_string(), "from": from, "chat_instance": "1", "data": self.consent,
            "message": {"message_id": 2, "date": 1_795_251_600, "chat": chat, "text": "?"},
        }});
        let contact = json!({"contact": {"phone_number": self.guest.person.phone(), "first_name": "Анна", "user_id": id}});
        let updates = [press, message(5, json!({"text": "Анна"})), message(7, contact)];
        let numbered = updates.into_iter().zip(self.first_update..).map(|(mut update, number)| {
            update["update_id"] = json!(number);
            update.to_string().into_bytes()
        });
        numbered.collect()
    }

    async fn balance(&self) -> i64 {
        let contact = self.guest.contact_id().await;
        let standing =
            loyalty::balance(&self.app.app(), &self.app.owner(), contact).await.expect("a balance");
        let Points(balance) = standing.balance;
        balance
    }
}
