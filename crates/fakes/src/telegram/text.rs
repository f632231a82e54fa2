//! Texts with formatting: from marks to entities, with the limits of the server. Offsets count UTF-16 units.

use super::markup;
use super::params::Params;
use super::refusal::Refusal;
use serde_json::{Map, Value, json};

/// Longest text of a message, in UTF-16 units after parsing.
pub const MAX_TEXT: usize = 4096;
/// Longest caption, in UTF-16 units after parsing.
pub const MAX_CAPTION: usize = 1024;

/// A text and what is special in it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Formatted {
    /// What is read.
    pub text: String,
    /// `MessageEntity` objects, by offset.
    pub entities: Vec<Value>,
}

/// How many UTF-16 units a text takes.
pub fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The text of a message: `text`, `parse_mode`, `entities`.
pub fn message_text(params: &Params) -> Result<Formatted, Refusal> {
    let formatted = read(params, "text", "entities")?;
    if formatted.text.is_empty() {
        return Err(Refusal::bad_request("message text is empty"));
    }
    if units(&formatted.text) > MAX_TEXT {
        return Err(Refusal::bad_request("message is too long"));
    }
    Ok(formatted)
}

/// The caption of a photo or document: `caption`, `parse_mode`, `caption_entities`.
pub fn caption(params: &Params) -> Result<Formatted, Refusal> {
    let formatted = read(params, "caption", "caption_entities")?;
    if units(&formatted.text) > MAX_CAPTION {
        return Err(Refusal::bad_request("message caption is too long"));
    }
    Ok(formatted)
}

fn read(params: &Params, text_name: &str, entities_name: &str) -> Result<Formatted, Refusal> {
    let text = params.text(text_name).unwrap_or_default();
    let mode = params.text("parse_mode").unwrap_or_default();
    let parsed = match mode.to_ascii_lowercase().as_str() {
        "" | "none" => Ok(Formatted { text: text.into_owned(), entities: given(params, entities_name)? }),
        "html" => markup::html(&text),
        "markdown" => markup::markdown(&text),
        "markdownv2" => markup::markdown_v2(&text),
        _ => return Err(Refusal::bad_request("unsupported parse_mode")),
    };
    let parsed = parsed.map_err(|why| Refusal::bad_request(format!("can't parse entities: {why}")))?;
    let mut formatted = trimmed(parsed);
    add_found(&mut formatted);
    Ok(formatted)
}

fn given(params: &Params, name: &str) -> Result<Vec<Value>, Refusal> {
    let Some(list) = params.json(name) else { return Ok(Vec::new()) };
    let entities = list.as_array().cloned().unwrap_or_default();
    for entity in &entities {
        let placed = entity["offset"].is_u64() && entity["length"].is_u64() && entity["type"].is_string();
        if !placed {
            let text =
                "can't parse MessageEntity: Field \"offset\", \"length\" or \"type\" is missing or wrong";
            return Err(Refusal::bad_request(text));
        }
    }
    Ok(entities)
}

/// The server drops blanks at both ends and moves the entities with them.
fn trimmed(formatted: Formatted) -> Formatted {
    let Formatted { text, entities } = formatted;
    let start = text.trim_start();
    let lost = units(&text[..text.len() - start.len()]);
    let kept = start.trim_end();
    if kept.len() == text.len() {
        return Formatted { text, entities };
    }
    let end = units(kept);
    let entities = entities.into_iter().filter_map(|entity| moved(entity, lost, end)).collect();
    Formatted { text: kept.to_owned(), entities }
}

fn moved(mut entity: Value, lost: usize, end: usize) -> Option<Value> {
    let number = |field: &str| entity[field].as_u64().and_then(|number| usize::try_from(number).ok());
    let (offset, length) = (number("offset")?, number("length")?);
    let from = offset.saturating_sub(lost).min(end);
    let to = (offset + length).saturating_sub(lost).min(end);
    (from < to).then(|| {
        entity["offset"] = json!(from);
        entity["length"] = json!(to - from);
        entity
    })
}

/// Commands, addresses, mentions and hashtags that the server finds by itself.
fn add_found(formatted: &mut Formatted) {
    if !formatted.text.contains(['/', '@', '#']) {
        return;
    }
    let found = found(&formatted.text);
    for entity in found {
        if !formatted.entities.iter().any(|known| overlap(known, &entity)) {
            formatted.entities.push(entity);
        }
    }
    formatted.entities.sort_by_key(|entity| entity["offset"].as_u64());
}

fn overlap(one: &Value, other: &Value) -> bool {
    let span = |entity: &Value| {
        let offset = entity["offset"].as_u64().unwrap_or(0);
        (offset, offset + entity["length"].as_u64().unwrap_or(0))
    };
    let ((a, b), (c, d)) = (span(one), span(other));
    a < d && c < b
}

/// The entities the server finds in a plain text.
pub fn found(text: &str) -> Vec<Value> {
    let mut entities = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        if let Some((kind, length)) = kind_of(bare) {
            entities.push(json!({"type": kind, "offset": offset, "length": length}));
        }
        offset += units(word);
    }
    entities
}

fn kind_of(word: &str) -> Option<(&'static str, usize)> {
    let name =
        |text: &str| text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').count();
    let ascii =
        |text: &str| text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    if word.starts_with("http://") || word.starts_with("https://") {
        let bare = word.trim_end_matches(['.', ',', '!', '?', ')', ';']);
        return (bare.len() > 8).then(|| ("url", units(bare)));
    }
    let mut letters = word.chars();
    let (first, rest) = (letters.next()?, letters.as_str());
    let long = name(rest);
    match first {
        '/' if ascii(rest) > 0 => {
            let command = ascii(rest);
            let addressed = rest[command..].strip_prefix('@').map_or(0, |bot| 1 + ascii(bot));
            Some(("bot_command", 1 + command + addressed))
        }
        '@' if long > 2 => Some(("mention", 1 + long)),
        '#' if long > 0 => Some(("hashtag", 1 + long)),
        _ => None,
    }
}

/// Puts text and entities into a message under the given names; an empty list is left out.
pub fn put(message: &mut Map<String, Value>, names: (&str, &str), formatted: Formatted) {
    if formatted.text.is_empty() {
        return;
    }
    message.insert(names.0.to_owned(), Value::String(formatted.text));
    if !formatted.entities.is_empty() {
        message.insert(names.1.to_owned(), Value::Array(formatted.entities));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: Value) -> Result<Formatted, String> {
        message_text(&Params::from_json(body)).map_err(|refusal| refusal.description)
    }

    #[test]
    fn length_is_counted_in_utf16_after_parsing() {
        let just = format!("<b>{}</b>", "я".repeat(4096));
        assert!(message(json!({"text": just, "parse_mode": "HTML"})).is_ok());
        assert_eq!(
            message(json!({"text": "😀".repeat(2049)})),
            Err("Bad Request: message is too long".into())
        );
        assert_eq!(message(json!({"text": " \n "})), Err("Bad Request: message text is empty".into()));
        assert_eq!(
            message(json!({"text": "<b> </b>", "parse_mode": "html"})),
            Err("Bad Request: message text is empty".into())
        );
        assert_eq!(
            message(json!({"text": "a", "parse_mode": "TeX"})),
            Err("Bad Request: unsupported parse_mode".into())
        );
    }

    #[test]
    fn blanks_at_the_ends_go_and_entities_follow() {
        let formatted = message(json!({"text": "  <b>a </b> ", "parse_mode": "HTML"})).unwrap();
        assert_eq!(formatted.text, "a");
        assert_eq!(formatted.entities, [json!({"type": "bold", "offset": 0, "length": 1})]);
    }

    #[test]
    fn commands_and_addresses_are_found() {
        let kinds: Vec<_> = found("😀 /start@coffee_bot https://a.example. @ann_b #кофе /")
            .iter()
            .map(|entity| {
                (
                    entity["type"].as_str().unwrap().to_owned(),
                    entity["offset"].clone(),
                    entity["length"].clone(),
                )
            })
            .collect();
        assert_eq!(
            kinds,
            [
                ("bot_command".into(), json!(3), json!(17)),
                ("url".into(), json!(21), json!(17)),
                ("mention".into(), json!(40), json!(6)),
                ("hashtag".into(), json!(47), json!(5)),
            ]
        );
    }
}
