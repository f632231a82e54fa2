//! The table of methods: which exist, which parameters each takes, what a missing or wrong one is answered with.

use super::params::Params;
use super::refusal::Refusal;
use serde_json::Value;
use std::collections::HashMap;
use std::sync::OnceLock;

/// One method of the Bot API.
#[derive(Debug)]
pub struct Method {
    /// As the documentation writes it: `sendMessage`.
    pub name: &'static str,
    params: Vec<Param>,
}

#[derive(Debug)]
struct Param {
    name: &'static str,
    types: &'static str,
    required: bool,
}

/// The method of that name, in whatever case it was asked.
pub fn find(name: &str) -> Option<&'static Method> {
    static TABLE: OnceLock<HashMap<String, Method>> = OnceLock::new();
    let table = TABLE.get_or_init(|| {
        let lines = include_str!("rules.txt").lines().filter(|line| !line.starts_with('#'));
        lines.filter_map(method).map(|method| (method.name.to_ascii_lowercase(), method)).collect()
    });
    match table.get(name) {
        Some(method) => Some(method),
        None => table.get(&name.to_ascii_lowercase()),
    }
}

fn method(line: &'static str) -> Option<Method> {
    let mut words = line.split(' ');
    let name = words.next()?;
    Some(Method { name, params: words.filter_map(param).collect() })
}

fn param(word: &'static str) -> Option<Param> {
    let (name, types) = word.split_once(':')?;
    Some(match types.strip_suffix('!') {
        Some(types) => Param { name, types, required: true },
        None => Param { name, types, required: false },
    })
}

impl Method {
    /// Refuses what lacks a required parameter or carries one of a wrong type. Unknown parameters are passed over,
    /// as the real server does; see [`Method::unknown`].
    pub fn check(&self, params: &Params) -> Result<(), Refusal> {
        for param in &self.params {
            if let Some(value) = params.value(param.name) {
                if !fits(param.types, value) {
                    return Err(wrong_type(self.name, param));
                }
            } else if param.required && !params.has_file(param.name) && !may_be_missing(self.name, param.name)
            {
                return Err(missing(self.name, param.name));
            }
        }
        Ok(())
    }

    /// Parameters that the method does not have: misspelt ones, most likely.
    pub fn unknown<'a>(&'a self, params: &'a Params) -> impl Iterator<Item = &'a str> {
        params
            .names()
            .filter(|name| *name != "method" && !self.params.iter().any(|known| known.name == *name))
    }
}

/// The server itself treats these as empty when they are absent.
fn may_be_missing(method: &str, param: &str) -> bool {
    matches!((method, param), ("setWebhook", "url") | ("setMyCommands", "commands"))
}

fn missing(method: &str, param: &str) -> Refusal {
    let text = match (method, param) {
        ("deleteMessage", "chat_id") => "chat identifier is not specified",
        (_, "chat_id") => "chat_id is empty",
        (_, "message_id") => "message identifier is not specified",
        (_, "message_ids") => "message identifiers are not specified",
        (_, "text") => "message text is empty",
        (_, "photo") => "there is no photo in the request",
        (_, "document") => "there is no document in the request",
        (_, "video") => "there is no video in the request",
        (_, "voice") => "there is no voice in the request",
        (_, "audio") => "there is no audio in the request",
        (_, "animation") => "there is no animation in the request",
        (_, "media") => "can't parse media JSON object",
        (_, "action") => "wrong parameter action in request",
        (_, "user_id") => "invalid user_id specified",
        (_, "file_id") => "file_id not specified",
        (_, "latitude") => "latitude is empty",
        (_, "longitude") => "longitude is empty",
        (_, "callback_query_id") => "query is too old and response timeout expired or query ID is invalid",
        _ => return Refusal::bad_request(format!("parameter \"{param}\" is required")),
    };
    Refusal::bad_request(text)
}

/// The real server reads a wrong number as zero and says something else later; the fake says at once what is wrong.
fn wrong_type(method: &str, param: &Param) -> Refusal {
    let text = match param.name {
        "chat_id" => "chat not found",
        "reply_markup" => "can't parse reply keyboard markup JSON object",
        "reply_parameters" => "can't parse reply parameters JSON object",
        "link_preview_options" => "can't parse link preview options JSON object",
        "commands" => "can't parse commands JSON object",
        "media" => "can't parse media JSON object",
        "message_ids" => "can't parse message_ids JSON object",
        "allowed_updates" => "can't parse allowed_updates JSON object",
        name => {
            return Refusal::bad_request(format!("parameter \"{name}\" of {method} has a wrong type"));
        }
    };
    Refusal::bad_request(text)
}

fn fits(types: &str, value: &Value) -> bool {
    types.bytes().any(|kind| match kind {
        b'I' => is_integer(value),
        b'N' => value.is_number() || value.as_str().is_some_and(|text| text.parse::<f64>().is_ok()),
        b'B' => value.is_boolean() || value.as_str().is_some_and(is_boolean_word) || is_bit(value),
        b'S' => value.is_string() || value.is_number(),
        b'O' => value.is_object() || value.as_str().is_some_and(|text| is_json(text, '{')),
        b'A' => value.is_array() || value.as_str().is_some_and(|text| is_json(text, '[')),
        _ => value.is_string(),
    })
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_str().is_some_and(|text| text.trim().parse::<i64>().is_ok())
}

fn is_bit(value: &Value) -> bool {
    matches!(value.as_i64(), Some(0 | 1))
}

fn is_boolean_word(text: &str) -> bool {
    ["true", "false", "yes", "no", "1", "0"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

fn is_json(text: &str, opening: char) -> bool {
    text.trim_start().starts_with(opening)
        && serde_json::from_str::<&serde_json::value::RawValue>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(name: &str, body: Value) -> Result<(), String> {
        let params = Params::from_json(body);
        find(name).expect("a known method").check(&params).map_err(|refusal| refusal.description)
    }

    #[test]
    fn names_are_found_in_any_case_and_others_are_not() {
        assert_eq!(find("SENDmessage").map(|method| method.name), Some("sendMessage"));
        assert!(find("sendMessages").is_none());
    }

    #[test]
    fn required_parameters_are_asked_for_in_the_words_of_the_server() {
        assert_eq!(check("sendMessage", json!({"text": "a"})), Err("Bad Request: chat_id is empty".into()));
        assert_eq!(
            check("sendMessage", json!({"chat_id": 1})),
            Err("Bad Request: message text is empty".into())
        );
        assert_eq!(
            check("sendPhoto", json!({"chat_id": 1})),
            Err("Bad Request: there is no photo in the request".into())
        );
        assert_eq!(check("setMyName", json!({})), Ok(()));
        assert_eq!(
            check("sendInvoice", json!({"chat_id": 1})),
            Err("Bad Request: parameter \"title\" is required".into())
        );
    }

    #[test]
    fn types_are_checked_and_numbers_may_be_written_as_text() {
        assert_eq!(
            check("sendMessage", json!({"chat_id": "12", "text": "a", "disable_notification": "True"})),
            Ok(())
        );
        assert_eq!(
            check("sendMessage", json!({"chat_id": [12], "text": "a"})),
            Err("Bad Request: chat not found".into())
        );
        assert_eq!(
            check("sendMessage", json!({"chat_id": 12, "text": "a", "reply_markup": "{oops"})),
            Err("Bad Request: can't parse reply keyboard markup JSON object".into())
        );
        assert_eq!(
            check("deleteMessage", json!({"chat_id": 12, "message_id": "x"})),
            Err("Bad Request: parameter \"message_id\" of deleteMessage has a wrong type".into())
        );
    }

    #[test]
    fn misspelt_parameters_can_be_asked_for() {
        let params = Params::from_json(json!({"chat_id": 1, "texts": "a"}));
        assert_eq!(find("sendMessage").unwrap().unknown(&params).collect::<Vec<_>>(), ["texts"]);
    }
}
