//! Our connector against two emulators that are not ours.

use super::install::Tools;
use super::say;
use super::web::Server;
use crate::process::{PATIENCE, Process, free_port};
use crate::shell;
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

const TOKEN: &str = "77:judge";
const CHAT: i64 = 4_242;

/// Both emulators.
pub fn judge(tools: &Tools) -> Result<()> {
    let began = Instant::now();
    by_polling(tools)?;
    say(
        "telegram-test-api",
        &tools.version("telegram-test-api"),
        "our connector: polling, button, edit",
        began,
    );
    let began = Instant::now();
    by_webhook(tools)?;
    say(
        "telemelya",
        &tools.version("telemelya"),
        "our connector: webhook, button, edit, picture both ways",
        began,
    );
    Ok(())
}

fn bot(port: u16, hook: Option<u16>) -> Command {
    let mut command = Command::new(shell::root().join("target/debug/examples/judge_conversation"));
    command
        .args([format!("http://127.0.0.1:{port}"), TOKEN.to_owned()])
        .args(hook.map(|port| port.to_string()));
    command
}

fn by_polling(tools: &Tools) -> Result<()> {
    let port = free_port()?;
    let mut command = Command::new("node");
    command.arg(tools.node_script("telegram_test_api.mjs")).arg(port.to_string());
    let _emulator = Process::start("telegram-test-api", &mut command)?.until_listening(port)?;
    let bot = Process::start("adapter-polling", &mut bot(port, None))?;
    let server = Server::of(&format!("http://127.0.0.1:{port}"));
    polled_conversation(&server).with_context(|| format!("our bot said:\n{}", bot.last_words()))
}

fn polled_conversation(server: &Server) -> Result<()> {
    let from = json!({"id": CHAT, "is_bot": false, "first_name": "Ann"});
    let chat = json!({"id": CHAT, "type": "private", "first_name": "Ann"});
    let message = |text: &str| json!({"botToken": TOKEN, "from": from, "chat": chat, "date": 1_700_000_000, "text": text});
    let answered = |text: &str| {
        until(&format!("«{text}»"), || {
            let history = server.post("/getUpdatesHistory", &json!({"token": TOKEN}))?;
            let items = history["result"].as_array().cloned().unwrap_or_default();
            let found = items
                .iter()
                .find(|item| item["message"]["text"] == text && item["message"].get("chat_id").is_some());
            found.cloned().ok_or_else(|| anyhow::anyhow!("the history: {history}"))
        })
    };
    server.post("/sendMessage", &message("/start promo"))?;
    let started = answered("started by promo")?;
    let button = &started["message"]["reply_markup"]["inline_keyboard"][0][0];
    if button["text"] != "Again" {
        bail!("the start has no button: {started}");
    }
    server.post("/sendMessage", &message("чай ☕"))?;
    answered("echo: чай ☕")?;
    let under = json!({"message_id": started["messageId"], "chat": chat, "date": 1_700_000_000, "text": "started by promo"});
    let press = json!({"botToken": TOKEN, "from": from, "message": under, "data": button["callback_data"]});
    server.post("/sendCallback", &press)?;
    let edited = answered("pressed again")?;
    if edited["messageId"] != started["messageId"] {
        bail!("the press was not answered by an edit: {edited}");
    }
    Ok(())
}

fn by_webhook(tools: &Tools) -> Result<()> {
    let (redis, s3, port, hook) = (free_port()?, free_port()?, free_port()?, free_port()?);
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--port", &redis.to_string()]);
    let _redis =
        Process::start("redis", command.current_dir(tools.home.join("log")))?.until_listening(redis)?;
    let mut command = Command::new(tools.python("moto_server"));
    let _s3 = Process::start("moto", command.args(["-H", "127.0.0.1", "-p", &s3.to_string()]))?
        .until_listening(s3)?;
    let mut command = Command::new(tools.python("telemelya-server"));
    command.current_dir(tools.home.join("log"));
    command.env("MOCK_SERVER_HOST", "127.0.0.1").env("MOCK_SERVER_PORT", port.to_string());
    command.env("MOCK_SERVER_URL", format!("http://127.0.0.1:{port}")).env("AUTH_KEYS", "judge");
    command
        .env("REDIS_URL", format!("redis://127.0.0.1:{redis}/0"))
        .env("MINIO_ENDPOINT", format!("127.0.0.1:{s3}"));
    let emulator = Process::start("telemelya", &mut command)?.until_listening(port)?;
    let bot = Process::start("adapter-webhook", &mut bot(port, Some(hook)))?;
    let mut server = Server::of(&format!("http://127.0.0.1:{port}"));
    server.headers = "Authorization: Bearer judge\r\nX-Test-Session: judge\r\n".to_owned();
    let picture = std::fs::read(tools.scripts.join("picture.png"))?;
    hooked_conversation(&server, &picture).with_context(|| {
        format!("our bot said:\n{}\nthe emulator said:\n{}", bot.last_words(), emulator.last_words())
    })
}

fn hooked_conversation(server: &Server, picture: &[u8]) -> Result<()> {
    let update = format!("/api/v1/test/send_update?bot_token={TOKEN}");
    let send = |mut what: Value| {
        what["chat_id"] = json!(CHAT);
        server.post(&update, &what)
    };
    let answered = |what: &str, so: &dyn Fn(&Value) -> bool| {
        until(what, || {
            let all = server.get("/api/v1/test/responses?session_id=judge")?;
            let list = all["responses"].as_array().cloned().unwrap_or_default();
            list.iter().find(|one| so(one)).cloned().ok_or_else(|| anyhow::anyhow!("the answers: {all}"))
        })
    };
    until("the webhook", || send(json!({"command": "/start promo"})))?;
    let started = answered("the start", &|one| one["text"] == "started by promo")?;
    let button = &started["reply_markup"]["inline_keyboard"][0][0]["callback_data"];
    send(json!({"text": "чай ☕"}))?;
    answered("the echo", &|one| one["text"] == "echo: чай ☕")?;
    send(json!({"callback_data": button, "callback_message_id": started["message_id"]}))?;
    answered("the press noticed", &|one| one["method"] == "answerCallbackQuery")?;
    answered("the edit", &|one| {
        one["method"] == "editMessageText"
            && one["text"] == "pressed again"
            && one["message_id"] == started["message_id"]
    })?;
    let form =
        server.upload_form("/api/v1/test/upload_media?session_id=judge", "file", "receipt.png", picture)?;
    send(json!({"photo_file_id": form["file_id"], "photo_caption": "чек"}))?;
    let caption = format!("{} bytes, чек", picture.len());
    let back = answered("the picture back", &|one| {
        one["method"] == "sendPhoto" && one["caption"] == caption.as_str()
    })?;
    let size = &back["photo"][0]["file_size"];
    if *size != json!(picture.len()) {
        bail!("{size} bytes came back, {} were sent", picture.len());
    }
    Ok(())
}

/// Tries until it works; the last failure is the complaint.
fn until<T>(what: &str, try_it: impl Fn() -> Result<T>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match try_it() {
            Ok(done) => return Ok(done),
            Err(error) if Instant::now() > deadline => {
                return Err(error.context(format!("waited in vain for {what}")));
            }
            Err(_) => sleep(Duration::from_millis(100)),
        }
    }
}
