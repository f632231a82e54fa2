//! A person of the fake, moved through its `/control` face.

use super::web::Server;
use crate::process::PATIENCE;
use anyhow::{Result, bail};
use serde_json::{Value, json};
use std::time::Instant;

/// One person in the chat with one bot.
pub struct Person {
    server: Server,
    chat: String,
    /// The number the messenger knows.
    pub phone: String,
}

impl Person {
    /// A new person before the bot of that name.
    pub fn meet(base: &str, bot: &str) -> Result<Self> {
        let server = Server::of(base);
        let person = server.post("/control/people", &json!({"name": "Ann Judge"}))?;
        let phone = person["phone"].as_str().unwrap_or_default().to_owned();
        Ok(Self { chat: format!("/control/chats/{bot}/{}", person["id"]), server, phone })
    }

    pub fn says(&self, words: &str) -> Result<()> {
        self.act("say", &json!({"text": words}))
    }

    pub fn starts(&self, payload: &str) -> Result<()> {
        self.act("start", &json!({"payload": payload}))
    }

    pub fn presses(&self, button: &str) -> Result<()> {
        self.act("press", &json!({"button": button}))
    }

    pub fn sends_photo(&self, bytes: &[u8]) -> Result<()> {
        self.server.upload(&format!("{}/photo", self.chat), bytes).map(drop)
    }

    /// Waits until the chat looks so; the transcript is the complaint.
    pub fn sees(&self, what: &str, so: impl Fn(&Chat) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        let mut chat = self.look(-1)?;
        while !so(&chat) {
            if Instant::now() > deadline {
                bail!("waited in vain for {what}; the chat:\n{}", chat.transcript());
            }
            chat = self.look(chat.0["version"].as_i64().unwrap_or(0))?;
        }
        Ok(())
    }

    /// Waits for a message of the bot with exactly that text as the last of the chat.
    pub fn reads(&self, words: &str) -> Result<()> {
        self.sees(&format!("«{words}»"), |chat| {
            chat.last()["from_bot"] == true && chat.last()["text"] == words
        })
    }

    fn look(&self, after: i64) -> Result<Chat> {
        self.server.get(&format!("{}?after={after}&wait=5", self.chat)).map(Chat)
    }

    fn act(&self, what: &str, body: &Value) -> Result<()> {
        self.server.post(&format!("{}/{what}", self.chat), body).map(drop)
    }
}

/// What the person sees.
pub struct Chat(pub Value);

impl Chat {
    fn messages(&self) -> &[Value] {
        self.0["messages"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The newest message.
    pub fn last(&self) -> &Value {
        self.messages().last().unwrap_or(&Value::Null)
    }

    /// The newest answer to a press.
    pub fn notice(&self) -> &Value {
        self.0["notices"].as_array().and_then(|notices| notices.last()).unwrap_or(&Value::Null)
    }

    fn transcript(&self) -> String {
        let line = |message: &Value| {
            let who = if message["from_bot"] == true { "bot" } else { "person" };
            let buttons = message.get("buttons").map(|rows| format!(" {rows}")).unwrap_or_default();
            format!("{who}: {}{buttons}", message["text"].as_str().unwrap_or_default())
        };
        let mut lines: Vec<String> = self.messages().iter().map(line).collect();
        lines.push(format!("notices: {}", self.0["notices"]));
        lines.join("\n")
    }
}
