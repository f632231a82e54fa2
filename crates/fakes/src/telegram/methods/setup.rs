//! What a bot says about itself, and what it may ask about a chat.

use super::{Answer, Call, Reply};
use crate::telegram::refusal::Refusal;
use crate::telegram::state::Chat;
use crate::telegram::text;
use serde_json::{Value, json};
use std::borrow::Cow;

const MAX_COMMANDS: usize = 100;

impl Call<'_> {
    pub(super) fn set_commands(&mut self) -> Answer {
        let list = self.params.json("commands").map(Cow::into_owned).unwrap_or_else(|| json!([]));
        let commands =
            list.as_array().ok_or_else(|| Refusal::bad_request("expected an Array of BotCommand"))?;
        if commands.len() > MAX_COMMANDS {
            return Err(Refusal::bad_request("BOT_COMMANDS_TOO_MUCH"));
        }
        for command in commands {
            check_command(command)?;
        }
        let key = self.commands_key()?;
        self.state.bots[self.bot].commands.insert(key, list);
        Ok(Reply::TRUE)
    }

    pub(super) fn commands(&self) -> Value {
        let key = self.commands_key().unwrap_or_default();
        self.state.bots[self.bot].commands.get(&key).cloned().unwrap_or_else(|| json!([]))
    }

    pub(super) fn delete_commands(&mut self) -> Answer {
        let key = self.commands_key()?;
        self.state.bots[self.bot].commands.remove(&key);
        Ok(Reply::TRUE)
    }

    fn commands_key(&self) -> Result<(String, String), Refusal> {
        let language = self.params.text("language_code").unwrap_or_default().into_owned();
        let Some(scope) = self.params.json("scope") else { return Ok(("default".into(), language)) };
        let kind = scope["type"].as_str().unwrap_or_default();
        let unreadable = |why: &str| Refusal::bad_request(format!("can't parse BotCommandScope: {why}"));
        match kind {
            "default" | "all_private_chats" | "all_group_chats" | "all_chat_administrators" => {
                Ok((kind.into(), language))
            }
            "chat" | "chat_administrators" | "chat_member" => {
                let chat = scope.get("chat_id").ok_or_else(|| unreadable("Empty chat_id specified"))?;
                Ok((format!("{kind}:{chat}:{}", scope["user_id"]), language))
            }
            _ => Err(unreadable("Unsupported type specified")),
        }
    }

    pub(super) fn set_own_text(&mut self) -> Answer {
        let (family, field, longest, refused) = self.own();
        let value = self.params.text(field).unwrap_or_default().into_owned();
        if text::units(&value) > longest {
            return Err(Refusal::bad_request(refused));
        }
        let language = self.params.text("language_code").unwrap_or_default().into_owned();
        self.state.bots[self.bot].texts.insert((family, language), value);
        Ok(Reply::TRUE)
    }

    pub(super) fn own_text(&self) -> Value {
        let (family, field, ..) = self.own();
        let language = self.params.text("language_code").unwrap_or_default().into_owned();
        let texts = &self.state.bots[self.bot].texts;
        let value = texts.get(&(family, language)).or_else(|| texts.get(&(family, String::new())));
        let named = || if family == "name" { self.state.bots[self.bot].name.clone() } else { String::new() };
        json!({field: value.cloned().unwrap_or_else(named)})
    }

    /// Family, field, longest text and complaint of the texts a bot has about itself.
    fn own(&self) -> (&'static str, &'static str, usize, &'static str) {
        match self.method {
            "setMyDescription" | "getMyDescription" => {
                ("description", "description", 512, "BOT_DESCRIPTION_TOO_LONG")
            }
            "setMyName" | "getMyName" => ("name", "name", 64, "BOT_TITLE_INVALID"),
            _ => ("short", "short_description", 120, "BOT_SHORT_DESCRIPTION_TOO_LONG"),
        }
    }

    pub(super) fn set_menu_button(&mut self) -> Answer {
        let chat = self.menu_chat()?;
        let button =
            self.params.json("menu_button").map_or_else(|| json!({"type": "default"}), Cow::into_owned);
        if !matches!(button["type"].as_str(), Some("commands" | "web_app" | "default")) {
            return Err(Refusal::bad_request("can't parse menu button: MenuButton has unsupported type"));
        }
        if button["type"] == "web_app" {
            self.check_app(&button)?;
        }
        self.state.bots[self.bot].menu_buttons.insert(chat, button);
        Ok(Reply::TRUE)
    }

    pub(super) fn menu_button(&self) -> Result<Value, Refusal> {
        let buttons = &self.state.bots[self.bot].menu_buttons;
        let own = buttons.get(&self.menu_chat()?);
        Ok(own.or_else(|| buttons.get(&0)).cloned().unwrap_or_else(|| json!({"type": "commands"})))
    }

    fn check_app(&self, button: &Value) -> Result<(), Refusal> {
        let unreadable = |why: &str| Refusal::bad_request(format!("can't parse menu button: {why}"));
        let text = button["text"].as_str().ok_or_else(|| unreadable("Can't find field \"text\""))?;
        if text.trim().is_empty() {
            return Err(Refusal::bad_request("menu button text must be non-empty"));
        }
        let url = button["web_app"]["url"].as_str().ok_or_else(|| unreadable("Can't find field \"url\""))?;
        let scheme = url::Url::parse(url).map(|url| url.scheme().to_owned()).unwrap_or_default();
        if scheme == "https" || (scheme == "http" && self.hub.config.test_servers) {
            return Ok(());
        }
        Err(Refusal::bad_request(format!(
            "menu button Web App URL '{url}' is invalid: Only HTTPS links are allowed"
        )))
    }

    fn menu_chat(&self) -> Result<i64, Refusal> {
        if self.params.value("chat_id").is_some() { self.chat_id() } else { Ok(0) }
    }

    /// Of people only those are known who wrote to the bot; they have no pictures here.
    pub(super) fn profile_photos(&mut self) -> Result<Value, Refusal> {
        let (id, asked) = (self.state.bots[self.bot].id, self.params.integer("user_id").unwrap_or_default());
        if asked != id {
            let known = self.state.bots[self.bot].chats.get(&asked).is_some_and(Chat::is_private);
            return if known {
                Ok(json!({"total_count": 0, "photos": []}))
            } else {
                Err(Refusal::bad_request("user not found"))
            };
        }
        let sizes: Vec<Value> = match self.state.bots[self.bot].picture.clone() {
            Some(picture) => vec![self.state.files.photo_sizes(id, &picture)],
            None => vec![],
        };
        let skipped = usize::try_from(self.params.integer("offset").unwrap_or(0)).unwrap_or(0);
        Ok(json!({"total_count": sizes.len(), "photos": sizes.get(skipped..).unwrap_or_default()}))
    }

    pub(super) fn chat_info(&self) -> Result<Value, Refusal> {
        let chat = self.state.chat_object(self.bot, self.chat_id()?);
        let mut chat = serde_json::to_value(chat).unwrap_or_default();
        chat["accent_color_id"] = json!(0);
        chat["max_reaction_count"] = json!(11);
        chat["accepted_gift_types"] = json!({
            "unlimited_gifts": false, "limited_gifts": false, "unique_gifts": false, "premium_subscription": false,
            "gifts_from_channels": false,
        });
        Ok(chat)
    }
}

fn check_command(command: &Value) -> Result<(), Refusal> {
    let unreadable = |why: &str| Refusal::bad_request(format!("can't parse BotCommand: {why}"));
    let object = command.as_object().ok_or_else(|| unreadable("expected an Object"))?;
    let field = |name: &str| {
        let missing = || unreadable(&format!("Can't find field \"{name}\""));
        object.get(name).and_then(Value::as_str).ok_or_else(missing)
    };
    let name = field("command")?.trim_start_matches('/');
    let description = field("description")?;
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !plain || !(1..=32).contains(&name.len()) {
        return Err(Refusal::bad_request("BOT_COMMAND_INVALID"));
    }
    if !(1..=256).contains(&text::units(description)) {
        return Err(Refusal::bad_request("BOT_COMMAND_DESCRIPTION_INVALID"));
    }
    Ok(())
}
