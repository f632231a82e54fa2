//! A person who writes to the bot by Telegram.

use crate::TestApp;
use crate::journal::{self, Journal};
use samovar_app::Fail;
use samovar_app::contacts::{self, Contact};
use samovar_base::ContactId;
use samovar_fakes::telegram::{Cannot, Conversation, MessageView, Person};
use samovar_store::{params, query};
use std::sync::{Mutex, PoisonError};

query! {
    static BY_EXTERNAL_ID = "SELECT contact_id FROM identity WHERE tenant_id = $1 AND channel_id = $2 AND external_id = $3";
}

/// A person in the bot's chat. What they do ends when the program has come to rest, and gives what was seen since.
pub struct Guest {
    /// The chat itself, for what is done without waiting.
    pub chat: Conversation,
    /// The person.
    pub person: Person,
    app: TestApp,
    channel: &'static str,
    name: String,
    journal: Mutex<Journal>,
}

impl Guest {
    pub(crate) fn new(app: &TestApp, person: Person, name: &str) -> Self {
        let chat = person.chat(&app.bot);
        Self {
            chat,
            person,
            app: app.clone(),
            channel: "telegram",
            name: name.to_owned(),
            journal: Mutex::default(),
        }
    }

    pub(crate) fn at_staff_bot(app: &TestApp, person: Person, name: &str) -> Self {
        let chat = person.chat(&app.staff_bot);
        Self { chat, channel: "staff", ..Self::new(app, person, name) }
    }

    /// The same person, writing to the bot for the staff.
    #[must_use]
    pub fn at_the_counter(&self) -> Self {
        Self::at_staff_bot(&self.app, self.person.clone(), &self.name)
    }

    /// Opens the bot, perhaps by a link with a payload.
    pub async fn starts(&self, payload: Option<&str>) -> String {
        let words = payload.map_or_else(|| "/start".to_owned(), |payload| format!("/start {payload}"));
        self.does(&words, |chat| chat.starts(payload)).await
    }

    /// Sends a text.
    pub async fn says(&self, words: &str) -> String {
        self.does(words, |chat| chat.says(words)).await
    }

    /// Presses the newest button with that label.
    pub async fn presses(&self, label: &str) -> String {
        self.does(&format!("[{label}]"), |chat| chat.presses(label)).await
    }

    /// Presses a button with that data under a message, whether it still stands there or not.
    pub async fn presses_again(&self, message: i64, data: &str) -> String {
        self.does("[an old button]", |chat| chat.presses_data(message, data)).await
    }

    /// Shares the own number by the contact button.
    pub async fn shares_phone(&self) -> String {
        self.does("(own number)", Conversation::shares_phone).await
    }

    /// Sends a contact card of anybody.
    pub async fn sends_contact(&self, phone: &str, whose: Option<i64>) -> String {
        self.does(&format!("(contact {phone})"), |chat| chat.shares_contact(phone, whose)).await
    }

    /// Sends a picture.
    pub async fn sends_photo(&self, bytes: Vec<u8>) -> String {
        self.does("(a photo)", |chat| chat.sends_photo(bytes, "")).await
    }

    /// Forbids the bot to write.
    pub async fn blocks(&self) -> String {
        self.does("(blocks the bot)", |chat| {
            chat.blocks();
            Ok(())
        })
        .await
    }

    /// Allows it again.
    pub async fn unblocks(&self) -> String {
        self.does("(unblocks the bot)", |chat| {
            chat.unblocks();
            Ok(())
        })
        .await
    }

    /// Registers from the first word to the menu, in Russian.
    pub async fn registers(&self) {
        self.starts(None).await;
        self.presses("Согласен, начнём").await;
        self.says(&self.name.clone()).await;
        self.shares_phone().await;
    }

    /// What was seen since the last look, without doing anything.
    pub async fn looks(&self) -> String {
        self.app.settle().await;
        let mut journal = self.journal();
        let before = journal.len();
        self.look_at(&mut journal);
        journal.from(before)
    }

    /// The whole conversation so far.
    pub async fn transcript(&self) -> String {
        self.looks().await;
        self.journal().from(0)
    }

    /// The newest message of the bot.
    ///
    /// # Panics
    /// When there is none.
    pub fn last(&self) -> MessageView {
        self.chat.view().last_from_bot().expect("a message of the bot").clone()
    }

    /// The bytes of a picture or file in the chat.
    pub async fn file(&self, file: &str) -> Vec<u8> {
        let address = format!("{}/control/files/{file}", self.app.telegram.base_url());
        let client = samovar_connectors::client(None).expect("an HTTP client");
        let answer = client.get(address).send().await.expect("an answer");
        assert!(answer.status().is_success(), "no file {file}");
        answer.bytes().await.expect("bytes").to_vec()
    }

    /// Who the person is to the company.
    ///
    /// # Panics
    /// When they are nobody yet.
    pub async fn contact_id(&self) -> ContactId {
        self.known().await.expect("the person is known")
    }

    /// The same; `None` when they are nobody yet.
    pub async fn known(&self) -> Option<ContactId> {
        let (channel, id) = (self.app.channel(self.channel).id, self.person.id().to_string());
        let app = self.app.app();
        let found = app.store.read(self.app.tenant, move |tx| {
            let id = id.clone();
            async move { Ok::<_, Fail>(tx.one(&BY_EXTERNAL_ID, params![channel, id]).await?) }
        });
        found.await.expect("a database").map(|row| row.id(0).expect("an id"))
    }

    /// The person as the company knows them.
    pub async fn contact(&self) -> Contact {
        let id = self.contact_id().await;
        contacts::get(&self.app.app(), &self.app.owner(), id).await.expect("a contact")
    }

    async fn does<T>(&self, what: &str, act: impl FnOnce(&Conversation) -> Result<T, Cannot>) -> String {
        let before = {
            let mut journal = self.journal();
            self.look_at(&mut journal);
            journal.did(format!("{}: {what}", self.name));
            journal.len()
        };
        if let Err(cannot) = act(&self.chat) {
            panic!("{}: {what}: {cannot}", self.name);
        }
        self.looks().await;
        self.journal().from(before)
    }

    fn look_at(&self, journal: &mut Journal) {
        let view = self.chat.view();
        for message in view.messages.iter().filter(|message| message.from_bot) {
            let rows =
                message.buttons.iter().map(|row| journal::row(row.iter().map(|button| button.text.as_str())));
            let looks = journal::message(message.photo.is_some(), &message.text, rows);
            journal.sees(&message.message_id.to_string(), looks);
        }
        let rows = view.keyboard.map(|keyboard| {
            let rows =
                keyboard.rows.iter().map(|row| journal::row(row.iter().map(|button| button.text.as_str())));
            rows.collect::<Vec<_>>().join(" / ")
        });
        journal.sees_keyboard(rows);
    }

    fn journal(&self) -> std::sync::MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
