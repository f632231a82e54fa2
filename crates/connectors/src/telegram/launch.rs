//! The data with which Telegram opens a Mini App: a query string, signed with a key made of the bot's token.

use crate::messenger::{BadLaunch, Launch};
use samovar_base::message::Person;
use samovar_base::vault::mac;
use samovar_base::{Instant, hex};
use serde::Deserialize;
use subtle::ConstantTimeEq;

/// Older data is not taken: whoever got hold of it must not be able to use it for long.
const AGE_SECONDS_MAX: i64 = 3_600;
/// Telegram's clock and ours may differ by so much.
const SKEW_SECONDS_MAX: i64 = 300;
/// Far above any real data.
const BYTES_MAX: usize = 8 << 10;

#[derive(Deserialize)]
struct User {
    id: i64,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
    username: Option<String>,
    language_code: Option<String>,
    #[serde(default)]
    is_bot: bool,
}

/// See [`Messenger::launched`](crate::Messenger::launched).
pub(super) fn read(token: &str, data: &str, now: Instant) -> Result<Launch, BadLaunch> {
    if data.len() > BYTES_MAX || token.is_empty() {
        return Err(BadLaunch::Malformed);
    }
    let mut fields: Vec<(String, String)> =
        url::form_urlencoded::parse(data.as_bytes()).into_owned().collect();
    fields.sort();
    // The lines are joined before they are signed: a value with a line in it, or a name that comes twice, could be read
    // in two ways.
    let twice = fields.windows(2).any(|pair| pair[0].0 == pair[1].0);
    if twice || fields.iter().any(|(name, value)| name.contains('\n') || value.contains('\n')) {
        return Err(BadLaunch::Malformed);
    }
    let field = |name: &str| fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let hash = field("hash").ok_or(BadLaunch::Malformed)?;
    let lines: Vec<String> = fields
        .iter()
        .filter(|(name, _)| name != "hash")
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let key = mac(b"WebAppData", token.as_bytes());
    let ours = hex::encode(&mac(&key, lines.join("\n").as_bytes()));
    if !bool::from(ours.as_bytes().ct_eq(hash.as_bytes())) {
        return Err(BadLaunch::Forged);
    }
    let seconds: i64 = field("auth_date").and_then(|date| date.parse().ok()).ok_or(BadLaunch::Malformed)?;
    let age = now.seconds().saturating_sub(seconds);
    if !(-SKEW_SECONDS_MAX..=AGE_SECONDS_MAX).contains(&age) {
        return Err(BadLaunch::Stale);
    }
    let user: User = field("user")
        .and_then(|user| serde_json::from_str(user).ok())
        .filter(|user: &User| !user.is_bot)
        .ok_or(BadLaunch::Malformed)?;
    let person = Person {
        id: user.id.to_string(),
        name: format!("{} {}", user.first_name.trim(), user.last_name.trim()).trim().to_owned(),
        handle: user.username,
        language: user.language_code,
    };
    let start = field("start_param").filter(|start| !start.is_empty()).map(str::to_owned);
    Ok(Launch { person, at: Instant::from_seconds(seconds), start })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "7000001:token-of-the-bot";
    const NOW: i64 = 1_795_000_000;

    fn signed(token: &str, fields: &[(&str, &str)]) -> String {
        let mut lines: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
        lines.sort();
        let key = mac(b"WebAppData", token.as_bytes());
        let hash = hex::encode(&mac(&key, lines.join("\n").as_bytes()));
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(fields).append_pair("hash", &hash).finish()
    }

    fn fields(auth_date: &str) -> Vec<(&str, &str)> {
        vec![
            (
                "user",
                r#"{"id":42,"first_name":"Анна","last_name":"К","username":"anna","language_code":"ru"}"#,
            ),
            ("auth_date", auth_date),
            ("query_id", "AAH"),
            ("start_param", "spring"),
            ("signature", "of-another-scheme"),
        ]
    }

    fn read_at(data: &str, now: i64) -> Result<Launch, BadLaunch> {
        read(TOKEN, data, Instant::from_seconds(now))
    }

    #[test]
    fn what_telegram_signed_is_believed_for_an_hour() {
        let date = NOW.to_string();
        let data = signed(TOKEN, &fields(&date));
        let launch = read_at(&data, NOW + 10).expect("a launch");
        assert_eq!((launch.person.id.as_str(), launch.person.name.as_str()), ("42", "Анна К"));
        assert_eq!((launch.start.as_deref(), launch.at.seconds()), (Some("spring"), NOW));
        assert!(read_at(&data, NOW + AGE_SECONDS_MAX).is_ok());
        for out_of_date in [NOW + AGE_SECONDS_MAX + 1, NOW - SKEW_SECONDS_MAX - 1] {
            assert_eq!(read_at(&data, out_of_date), Err(BadLaunch::Stale));
        }
    }

    #[test]
    fn what_was_changed_or_signed_for_another_bot_is_not() {
        let date = NOW.to_string();
        let good = signed(TOKEN, &fields(&date));
        let foreign = signed("7000002:token-of-another", &fields(&date));
        let other_user = good.replace("42", "43");
        let added = format!("{good}&can_send_after=1");
        let unsigned = good.split("&hash=").next().unwrap_or_default().to_owned();
        let cut = good[..good.len() - 2].to_owned();
        for forged in [foreign, other_user, added, cut, "hash".into()] {
            assert_eq!(read_at(&forged, NOW), Err(BadLaunch::Forged), "{forged}");
        }
        for malformed in [unsigned, String::new(), "x".repeat(BYTES_MAX + 1)] {
            assert_eq!(read_at(&malformed, NOW), Err(BadLaunch::Malformed));
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        let date = NOW.to_string();
        let twice = [fields(&date), vec![("user", r#"{"id":1}"#)]].concat();
        let lines = [fields(&date), vec![("start", "x\nuser={\"id\":1}")]].concat();
        let nobody: Vec<_> = fields(&date).into_iter().filter(|(name, _)| *name != "user").collect();
        let bot = [nobody.clone(), vec![("user", r#"{"id":1,"first_name":"x","is_bot":true}"#)]].concat();
        for bad in [twice, lines, nobody, bot] {
            assert_eq!(read_at(&signed(TOKEN, &bad), NOW), Err(BadLaunch::Malformed), "{bad:?}");
        }
    }
}
