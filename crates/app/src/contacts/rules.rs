//! What may be written about a contact. Pure.

use super::model::Contact;
use crate::problem::{Kind, Problem};
use crate::tenants::{unknown_locale, word};
use jiff::civil::Date;
use samovar_base::Instant;
use samovar_engine::Values;
use serde_json::Value;

/// Longest name, in letters.
pub const NAME_MAX: usize = 200;
/// Longest tag, in letters.
pub const TAG_MAX: usize = 64;
/// Most tags of one contact.
pub const TAGS_MAX: usize = 100;
/// Most own fields of one contact.
pub const FIELDS_MAX: usize = 100;
/// Longest text in an own field, in letters.
pub const FIELD_TEXT_MAX: usize = 2_000;

/// Writes one field: `contact.name`, `phone`, `birthday`, `locale`, `source`, or an own field by `fields.<name>`.
/// `null` clears it. `proven`: the messenger vouches for it; a phone that is changed without that is unproven again.
pub fn set_field(contact: &mut Contact, path: &str, value: &Value, proven: bool) -> Result<(), Problem> {
    match path.strip_prefix("contact.").unwrap_or(path) {
        "name" => contact.name = name(value)?,
        "phone" => set_phone(contact, value, proven)?,
        "birthday" => contact.birthday = birthday(value)?,
        "locale" => contact.locale = locale(value)?,
        "source" => contact.source = text("source", value)?,
        own => set_own(contact, own.strip_prefix("fields.").unwrap_or(own), value)?,
    }
    Ok(())
}

/// Gives a tag; `false` when the contact has it already.
pub fn add_tag(contact: &mut Contact, tag: &str) -> Result<bool, Problem> {
    let tag = tag_name(tag)?;
    if contact.tags.contains(&tag) {
        return Ok(false);
    }
    if contact.tags.len() >= TAGS_MAX {
        return Err(too_many("tags", TAGS_MAX));
    }
    Ok(contact.tags.insert(tag))
}

/// Takes a tag; `false` when the contact does not have it.
pub fn remove_tag(contact: &mut Contact, tag: &str) -> bool {
    contact.tags.remove(tag.trim())
}

/// Registration is finished; `false` when it was before.
pub fn register(contact: &mut Contact, now: Instant) -> bool {
    let first = contact.registered_at.is_none();
    contact.registered_at.get_or_insert(now);
    first
}

/// The person asks for silence: from now on only their own requests are answered.
pub fn stop(contact: &mut Contact, now: Instant) {
    contact.stopped_at.get_or_insert(now);
}

/// The person wants to be written to again.
pub fn resume(contact: &mut Contact) {
    contact.stopped_at = None;
}

/// Where the person came from: the first that is told stays.
pub fn came_from(contact: &mut Contact, source: &str) {
    if contact.source.is_none() {
        let cut: String = source.trim().chars().take(TAG_MAX).collect();
        contact.source = (!cut.is_empty()).then_some(cut);
    }
}

/// Removes what tells who the person is. The row stays, so that the ledger stays whole.
pub fn erase(contact: &mut Contact, now: Instant) {
    *contact = Contact {
        registered_at: contact.registered_at,
        stopped_at: Some(contact.stopped_at.unwrap_or(now)),
        erased_at: Some(contact.erased_at.unwrap_or(now)),
        revision: contact.revision,
        created_at: contact.created_at,
        ..Contact::new(contact.id, &contact.locale, now)
    };
}

/// What is not known of the person is taken from who they were before; a wish for silence holds on.
pub fn fill(person: &mut Contact, old: &Contact) {
    if person.name.is_empty() {
        person.name.clone_from(&old.name);
    }
    person.birthday = person.birthday.or(old.birthday);
    person.stopped_at = person.stopped_at.or(old.stopped_at);
    if person.source.is_none() {
        person.source.clone_from(&old.source);
    }
    for tag in &old.tags {
        if person.tags.len() < TAGS_MAX {
            person.tags.insert(tag.clone());
        }
    }
    for (name, value) in &old.fields {
        if !person.fields.contains_key(name) && person.fields.len() < FIELDS_MAX {
            person.fields.insert(name.clone(), value.clone());
        }
    }
}

/// The text by which a name is searched: lower case, «ё» as «е», single blanks.
pub fn search_key(name: &str) -> String {
    let folded = name.to_lowercase().replace('ё', "е");
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The pattern of names that contain `words`, for `LIKE … ESCAPE '!'`.
pub fn containing(words: &str) -> String {
    let mut pattern = String::from("%");
    for letter in search_key(words).chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern + "%"
}

/// A tag as it is kept: without blanks around.
pub fn tag_name(tag: &str) -> Result<String, Problem> {
    let tag = tag.trim();
    let fits = (1..=TAG_MAX).contains(&tag.chars().count()) && !tag.chars().any(char::is_control);
    if fits { Ok(tag.to_owned()) } else { Err(bad_length("tags", TAG_MAX)) }
}

fn name(value: &Value) -> Result<String, Problem> {
    match text("name", value)? {
        None => Ok(String::new()),
        Some(name) if name.chars().count() <= NAME_MAX => Ok(name),
        Some(_) => Err(bad_length("name", NAME_MAX)),
    }
}

fn set_phone(contact: &mut Contact, value: &Value, proven: bool) -> Result<(), Problem> {
    let phone = text("phone", value)?.map(|typed| phone(&typed)).transpose()?;
    let kept = contact.phone_proved && contact.phone == phone;
    contact.phone_proved = phone.is_some() && (proven || kept);
    contact.phone = phone;
    Ok(())
}

/// The E.164 form of a phone as people type it.
pub fn phone(typed: &str) -> Result<String, Problem> {
    samovar_base::phone::normalise(typed).ok_or_else(|| {
        let example = "+7 916 123-45-67";
        Problem::invalid(
            "phone",
            "bad_phone",
            format!("Это не похоже на номер телефона. Пример: {example}"),
            format!("This is not a phone number. Example: {example}"),
        )
    })
}

fn birthday(value: &Value) -> Result<Option<Date>, Problem> {
    let Some(text) = text("birthday", value)? else { return Ok(None) };
    match text.parse::<Date>() {
        Ok(date) if (1900..=2100).contains(&date.year()) => Ok(Some(date)),
        _ => Err(Problem::invalid(
            "birthday",
            "bad_date",
            "Дата нужна в виде ГГГГ-ММ-ДД, год от 1900",
            "A date is written YYYY-MM-DD, the year is 1900 or later",
        )),
    }
}

fn locale(value: &Value) -> Result<String, Problem> {
    match value.as_str() {
        Some(known @ ("ru" | "en")) => Ok(known.to_owned()),
        _ => Err(unknown_locale("locale")),
    }
}

fn text(field: &str, value: &Value) -> Result<Option<String>, Problem> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) if text.chars().any(|c| c.is_control() && c != '\n') => Err(bad_kind(field)),
        Value::String(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        _ => Err(bad_kind(field)),
    }
}

fn set_own(contact: &mut Contact, name: &str, value: &Value) -> Result<(), Problem> {
    let field = format!("fields.{name}");
    let name = word(&field, name)?;
    match value {
        Value::Null => {
            contact.fields.remove(&name);
            return Ok(());
        }
        Value::String(text) if text.chars().count() > FIELD_TEXT_MAX => {
            return Err(bad_length(&field, FIELD_TEXT_MAX));
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        Value::Array(_) | Value::Object(_) => return Err(bad_kind(&field)),
    }
    if contact.fields.len() >= FIELDS_MAX && !contact.fields.contains_key(&name) {
        return Err(too_many("fields", FIELDS_MAX));
    }
    contact.fields.insert(name, value.clone());
    Ok(())
}

fn bad_kind(field: &str) -> Problem {
    Problem::invalid(
        field,
        "bad_value",
        "Здесь нужен текст, число или да/нет",
        "A text, a number or yes/no is needed here",
    )
}

fn bad_length(field: &str, max: usize) -> Problem {
    Problem::invalid(
        field,
        "bad_length",
        format!("Здесь нужно от 1 до {max} знаков"),
        format!("1 to {max} characters are needed here"),
    )
}

fn too_many(field: &str, max: usize) -> Problem {
    Problem::new(
        Kind::Refused,
        "too_many",
        format!("Больше {max} нельзя"),
        format!("At most {max} are allowed"),
    )
    .at(field)
}
/// What a change means to scenarios: the event, what it brings, and a name that no other change has. `after` is as it
/// was saved.
pub fn changes(before: &Contact, after: &Contact) -> Vec<(&'static str, Values, String)> {
    let (id, revision) = (after.id, after.revision);
    let tag = |event, verb: &str, tag: &String| {
        let values = [("tag".to_owned(), Value::from(tag.as_str()))].into_iter().collect();
        (event, values, format!("tag:{id}:{revision}:{verb}:{tag}"))
    };
    let added = after.tags.difference(&before.tags).map(|name| tag("contact.tag_added", "added", name));
    let removed = before.tags.difference(&after.tags).map(|name| tag("contact.tag_removed", "removed", name));
    let mut events: Vec<_> = added.chain(removed).collect();
    if before.registered_at.is_none() && after.registered_at.is_some() {
        events.push(("contact.registered", Values::new(), format!("registered:{id}:{revision}")));
    }
    events
}
