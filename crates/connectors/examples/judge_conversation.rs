//! A bot of a few lines on the Telegram connector, for `cargo xtask judges`:
//! `judge_conversation BASE TOKEN` polls, `judge_conversation BASE TOKEN PORT` listens to a webhook.
//!
//! The emulators it talks to show no secret, so deliveries are not verified here; one of them answers edits and
//! noticed presses with `null`, so that a complaint is only printed: what counts is what the emulator shows.

use bytes::Bytes;
use samovar_base::message::{Action, Body, Button, Event, FileKind, Incoming, Media};
use samovar_base::{ChannelId, Clock, IdMaker, OutboundId, SystemClock};
use samovar_connectors::telegram::Telegram;
use samovar_connectors::{Channel, Kind, Messenger, Outgoing, Receive, SendError, Upload, draw};
use secrecy::SecretString;
use std::sync::Arc;

type Failure = Box<dyn std::error::Error + Send + Sync>;

const PICTURE_BYTES_MAX: u64 = 1 << 20;

struct Bot {
    telegram: Telegram,
    channel: Channel,
    ids: IdMaker,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let mut words = std::env::args().skip(1);
    let (base, token) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let channel = Channel {
        id: ChannelId(1),
        kind: Kind::Telegram,
        token: SecretString::from(token),
        api_base: base.parse()?,
        proxy: None,
        secret: None,
        locale: "en".to_owned(),
    };
    let bot = Bot { telegram: Telegram::new()?, channel, ids: IdMaker::new(1) };
    match words.next() {
        None => bot.poll().await,
        Some(port) => Arc::new(bot).listen(&port).await,
    }
}

impl Bot {
    async fn poll(&self) -> Result<(), Failure> {
        let mut cursor = 0;
        loop {
            for polled in self.telegram.poll(&self.channel, cursor, 1).await? {
                cursor = cursor.max(polled.order + 1);
                self.take(&polled.raw).await?;
            }
        }
    }

    async fn listen(self: Arc<Self>, port: &str) -> Result<(), Failure> {
        let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{port}")).await?;
        let webhook = Receive::Webhook {
            url: format!("http://127.0.0.1:{port}/hook").parse()?,
            secret: SecretString::from("judge"),
            connections: 10,
        };
        self.telegram.receive_by(&self.channel, &webhook).await?;
        let bot = Arc::clone(&self);
        let hook = axum::routing::post(async move |body: Bytes| {
            let raw = without_empty_text(&body).map_err(|error| error.to_string())?;
            bot.take(&raw).await.map_err(|error| error.to_string())
        });
        Ok(axum::serve(listener, axum::Router::new().route("/hook", hook)).await?)
    }

    async fn take(&self, raw: &[u8]) -> Result<(), Failure> {
        let accepted = self.telegram.accept(raw, SystemClock.now());
        if let Some(press) = &accepted.acknowledge {
            report(self.telegram.acknowledge(&self.channel, press).await);
        }
        for incoming in &accepted.events {
            let (body, upload) = self.answer(incoming).await?;
            for drawn in draw(&body, self.telegram.limits(), &self.channel.locale) {
                let id = OutboundId::new(&self.ids, &SystemClock);
                let message = Outgoing { id, chat: incoming.chat.clone(), drawn, upload: upload.clone() };
                report(self.telegram.send(&self.channel, &message).await);
            }
        }
        Ok(())
    }

    async fn answer(&self, incoming: &Incoming) -> Result<(Body, Option<Upload>), Failure> {
        let words = match &incoming.event {
            Event::Start { payload } => {
                let again = Button { label: "Again".to_owned(), action: Action::Press("again".to_owned()) };
                let text = format!("started by {}", payload.as_deref().unwrap_or("nobody"));
                return Ok((Body { buttons: vec![vec![again]], ..Body::text(text) }, None));
            }
            Event::Text { text } => format!("echo: {text}"),
            Event::Press { token, message } => {
                let body = Body { replaces: message.clone(), ..Body::text(format!("pressed {token}")) };
                return Ok((body, None));
            }
            Event::File { file, caption } => {
                let bytes = self.telegram.fetch(&self.channel, file, PICTURE_BYTES_MAX).await?.bytes;
                let media = Media { kind: FileKind::Photo, key: "file/judge".to_owned() };
                let text = format!("{} bytes, {caption}", bytes.len());
                let upload =
                    Upload::New { bytes, name: "back.png".to_owned(), media_type: "image/png".to_owned() };
                return Ok((Body { media: Some(media), ..Body::text(text) }, Some(upload)));
            }
            other => format!("{other:?}"),
        };
        Ok((Body::text(words), None))
    }
}

/// One emulator puts an empty text beside a picture, which Telegram never does.
fn without_empty_text(body: &[u8]) -> Result<Vec<u8>, serde_json::Error> {
    let mut update: serde_json::Value = serde_json::from_slice(body)?;
    if let Some(message) = update
        .get_mut("message")
        .and_then(|message| message.as_object_mut())
        .filter(|message| message.get("text").is_some_and(|text| text == ""))
    {
        message.remove("text");
    }
    serde_json::to_vec(&update)
}

fn report<T>(done: Result<T, SendError>) {
    if let Err(error) = done {
        eprintln!("{error}");
    }
}
