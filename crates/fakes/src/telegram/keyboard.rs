//! What a `reply_markup` may be, and what a person sees of it.

use super::params::Params;
use super::refusal::Refusal;
use serde_json::{Value, json};

/// Longest `callback_data`, in bytes.
const MAX_DATA: usize = 64;
/// Most buttons of one message, and the longest markup in bytes: figures of the community, not published.
const MAX_BUTTONS: usize = 100;
const MAX_MARKUP: usize = 10_240;

/// A markup that passed the checks.
#[derive(Debug, Clone, PartialEq)]
pub enum Markup {
    /// None was given.
    None,
    /// Stays under the message; the `InlineKeyboardMarkup`.
    Inline(Value),
    /// Takes the place of the person's keyboard; the `ReplyKeyboardMarkup`.
    Reply(Value),
    /// Takes that keyboard away.
    Remove,
    /// Opens an answer to the message.
    ForceReply,
}

/// Reads `reply_markup`. `private`: whether the chat is with one person.
pub fn read(params: &Params, private: bool) -> Result<Markup, Refusal> {
    let Some(markup) = params.json("reply_markup") else { return Ok(Markup::None) };
    let Some(object) = markup.as_object() else {
        return Err(Refusal::bad_request("object expected as reply markup"));
    };
    let (reply, inline) = (object.get("keyboard"), object.get("inline_keyboard"));
    if reply.is_some() && inline.is_some() {
        return Err(Refusal::bad_request("a message carries either an inline or a reply keyboard"));
    }
    if let Some(rows) = inline {
        return read_inline(rows, private);
    }
    if let Some(rows) = reply {
        return read_reply(&markup, rows, private);
    }
    let set = |name: &str| object.get(name) == Some(&Value::Bool(true));
    Ok(match (set("remove_keyboard"), set("force_reply")) {
        (true, _) => Markup::Remove,
        (_, true) => Markup::ForceReply,
        _ => Markup::None,
    })
}

/// Reads `reply_markup` of an edit, where only an inline keyboard can be.
pub fn read_inline_only(params: &Params, private: bool) -> Result<Option<Value>, Refusal> {
    match read(params, private)? {
        Markup::None => Ok(None),
        Markup::Inline(markup) => Ok(Some(markup)),
        _ => Err(Refusal::bad_request("inline keyboard expected")),
    }
}

fn rows_of<'a>(rows: &'a Value, complaint: &str) -> Result<Vec<&'a Vec<Value>>, Refusal> {
    let wrong = || Refusal::bad_request(complaint);
    let rows = rows.as_array().ok_or_else(wrong)?;
    let rows: Vec<&Vec<Value>> =
        rows.iter().map(|row| row.as_array().ok_or_else(wrong)).collect::<Result<_, _>>()?;
    if rows.iter().map(|row| row.len()).sum::<usize>() > MAX_BUTTONS {
        return Err(Refusal::bad_request("reply markup is too long"));
    }
    Ok(rows)
}

fn read_inline(rows: &Value, private: bool) -> Result<Markup, Refusal> {
    let complaint = "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays";
    let mut kept = Vec::new();
    for row in rows_of(rows, complaint)? {
        let mut buttons = Vec::new();
        for button in row {
            check_inline(button, private)?;
            if button["text"] != "" {
                buttons.push(button.clone());
            }
        }
        if !buttons.is_empty() {
            kept.push(Value::Array(buttons));
        }
    }
    if kept.is_empty() {
        return Ok(Markup::None);
    }
    let markup = json!({"inline_keyboard": kept});
    if length(&markup) > MAX_MARKUP {
        return Err(Refusal::bad_request("reply markup is too long"));
    }
    Ok(Markup::Inline(markup))
}

/// Bytes of a value when written out.
fn length(value: &Value) -> usize {
    struct Counter(usize);
    impl std::io::Write for Counter {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut counter = Counter(0);
    // Counting cannot fail.
    let _ = serde_json::to_writer(&mut counter, value);
    counter.0
}

fn check_inline(button: &Value, private: bool) -> Result<(), Refusal> {
    let unreadable = |why: &str| Refusal::bad_request(format!("can't parse inline keyboard button: {why}"));
    let object = button.as_object().ok_or_else(|| unreadable("InlineKeyboardButton must be an Object"))?;
    match object.get("text") {
        None => return Err(unreadable("Can't find field \"text\"")),
        Some(text) if !text.is_string() => return Err(unreadable("Field \"text\" must be of type String")),
        Some(_) => {}
    }
    let style = object.get("style").and_then(Value::as_str);
    if style.is_some_and(|style| !matches!(style, "danger" | "success" | "primary")) {
        return Err(unreadable("invalid button style specified"));
    }
    let actions: Vec<&String> = object
        .iter()
        .filter(|(name, value)| {
            !matches!(name.as_str(), "text" | "style" | "icon_custom_emoji_id")
                && !value.is_null()
                && **value != ""
        })
        .map(|(name, _)| name)
        .collect();
    match actions.as_slice() {
        [] => Err(unreadable("Text buttons are unallowed in the inline keyboard")),
        [action] => check_action(action, &object[action.as_str()], private),
        _ => Err(unreadable("Exactly one of the optional fields must be used")),
    }
}

fn check_action(action: &str, value: &Value, private: bool) -> Result<(), Refusal> {
    match action {
        "callback_data" if value.as_str().is_none_or(|data| data.len() > MAX_DATA) => {
            Err(Refusal::bad_request("BUTTON_DATA_INVALID"))
        }
        "url" if !value.as_str().is_some_and(is_link) => Err(Refusal::bad_request("BUTTON_URL_INVALID")),
        "web_app" if !private => Err(Refusal::bad_request("BUTTON_TYPE_INVALID")),
        "web_app" => check_web_app(value, "inline keyboard button"),
        "copy_text" => {
            let length = value["text"].as_str().map_or(0, super::text::units);
            if (1..=256).contains(&length) {
                Ok(())
            } else {
                Err(Refusal::bad_request("BUTTON_COPY_TEXT_INVALID"))
            }
        }
        "callback_data" | "url" | "login_url" | "pay" | "callback_game" | "disabled" => Ok(()),
        name if name.starts_with("switch_inline_query") => Ok(()),
        _ => Err(Refusal::bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        )),
    }
}

fn check_web_app(value: &Value, place: &str) -> Result<(), Refusal> {
    let address = value["url"].as_str().unwrap_or_default();
    if address.starts_with("https://") {
        return Ok(());
    }
    Err(Refusal::bad_request(format!(
        "{place} Web App URL '{address}' is invalid: Only HTTPS links are allowed"
    )))
}

/// The real server refuses addresses of this machine; the fake lets them pass, for the demo.
fn is_link(address: &str) -> bool {
    let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
    let known = matches!(scheme, "http" | "https" | "tg" | "ton");
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let named = scheme == "tg" || host.contains('.') || host == "localhost";
    known && named && !address.contains(char::is_whitespace)
}

fn read_reply(markup: &Value, rows: &Value, private: bool) -> Result<Markup, Refusal> {
    for button in rows_of(rows, "field \"keyboard\" must be an Array of Arrays")?.into_iter().flatten() {
        check_reply(button, private)?;
    }
    let placeholder = markup["input_field_placeholder"].as_str().unwrap_or_default();
    if placeholder.chars().count() > 64 {
        return Err(Refusal::bad_request("INPUT_FIELD_PLACEHOLDER_INVALID"));
    }
    let empty =
        rows.as_array().is_some_and(|rows| rows.iter().all(|row| row.as_array().is_some_and(Vec::is_empty)));
    Ok(if empty { Markup::None } else { Markup::Reply(markup.clone()) })
}

fn check_reply(button: &Value, private: bool) -> Result<(), Refusal> {
    let unreadable = |why: &str| Refusal::bad_request(format!("can't parse keyboard button: {why}"));
    let object = match button {
        Value::String(_) => return Ok(()),
        Value::Object(object) => object,
        _ => return Err(unreadable("KeyboardButton must be a String or an Object")),
    };
    if !object.get("text").is_some_and(Value::is_string) {
        return Err(unreadable("Can't find field \"text\""));
    }
    let asks =
        |name: &str| object.get(name).is_some_and(|value| *value != Value::Bool(false) && !value.is_null());
    let refused = [
        ("request_contact", "phone number can be requested in private chats only"),
        ("request_location", "location can be requested in private chats only"),
        ("request_users", "users can be requested in private chats only"),
        ("request_chat", "chats can be requested in private chats only"),
        ("request_poll", "polls can be requested in private chats only"),
        ("web_app", "web App buttons can be used in private chats only"),
    ];
    if let Some((_, why)) = refused.iter().find(|(name, _)| !private && asks(name)) {
        return Err(Refusal::bad_request(why));
    }
    object.get("web_app").map_or(Ok(()), |app| check_web_app(app, "keyboard button"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(markup: Value) -> String {
        read(&Params::from_json(json!({"reply_markup": markup})), true).unwrap_err().description
    }

    fn inline(button: Value) -> Value {
        json!({"inline_keyboard": [[button]]})
    }

    #[test]
    fn wrong_keyboards_are_refused() {
        let table = [
            (
                inline(json!({"text": "a"})),
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ),
            (inline(json!({"text": "a", "callback_data": "я".repeat(33)})), "BUTTON_DATA_INVALID"),
            (
                inline(json!({"text": "a", "callback_data": ""})),
                "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
            ),
            (inline(json!({"text": "a", "url": "not a link"})), "BUTTON_URL_INVALID"),
            (
                inline(json!({"text": "a", "web_app": {"url": "http://a.example"}})),
                "inline keyboard button Web App URL 'http://a.example' is invalid: Only HTTPS links are allowed",
            ),
            (
                inline(json!("a")),
                "can't parse inline keyboard button: InlineKeyboardButton must be an Object",
            ),
            (
                json!({"inline_keyboard": ["a"]}),
                "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays",
            ),
            (
                json!({"inline_keyboard": [vec![json!({"text": "a", "callback_data": "a"}); 101]]}),
                "reply markup is too long",
            ),
            (
                json!({"keyboard": [["a"]], "inline_keyboard": []}),
                "a message carries either an inline or a reply keyboard",
            ),
            (
                json!({"keyboard": [[1]]}),
                "can't parse keyboard button: KeyboardButton must be a String or an Object",
            ),
        ];
        for (markup, why) in table {
            assert_eq!(refusal(markup), format!("Bad Request: {why}"));
        }
    }

    #[test]
    fn data_of_64_bytes_passes_and_a_contact_is_asked_only_in_private() {
        let params = Params::from_json(
            json!({"reply_markup": inline(json!({"text": "a", "callback_data": "x".repeat(64)}))}),
        );
        assert!(matches!(read(&params, true), Ok(Markup::Inline(_))));
        let markup = json!({"keyboard": [[{"text": "a", "request_contact": true}]]});
        let params = Params::from_json(json!({"reply_markup": markup}));
        assert!(matches!(read(&params, true), Ok(Markup::Reply(_))));
        assert_eq!(
            read(&params, false).unwrap_err().description,
            "Bad Request: phone number can be requested in private chats only"
        );
    }
}
