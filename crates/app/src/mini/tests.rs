use super::rules::{self, SESSION_SECONDS};
use crate::ledger::Lot;
use jiff::tz::TimeZone;
use samovar_base::{ChannelId, Instant, LotId, Points, Vault};

const CHANNEL: ChannelId = ChannelId(7);

fn at(seconds: i64) -> Instant {
    Instant::from_seconds(1_795_000_000 + seconds)
}

#[test]
fn a_token_opens_one_channel_for_one_person_for_a_while() {
    let vault = Vault::new([7; 32]);
    let token = rules::token(&vault, CHANNEL, "42", at(0));
    let read = |token: &str, channel, seconds| rules::read_token(&vault, channel, token, at(seconds));
    assert_eq!(read(&token, CHANNEL, SESSION_SECONDS - 1).as_deref(), Some("42"));
    assert_eq!(read(&token, CHANNEL, SESSION_SECONDS), None);
    assert_eq!(read(&token, CHANNEL, -301), None);
    assert_eq!(read(&token, ChannelId(8), 1), None, "another channel");
    assert_eq!(read(&token.replace("42.", "43."), CHANNEL, 1), None, "another person");
    assert_eq!(rules::read_token(&Vault::new([8; 32]), CHANNEL, &token, at(1)), None, "another instance");
    for odd in [
        "",
        ".",
        "..",
        "42",
        "42.1.zz",
        &token[..token.len() - 1],
        &format!("{token}0"),
        "42.x.ыыыыыыыыыыыыыыыы",
    ] {
        assert_eq!(read(odd, CHANNEL, 1), None, "{odd}");
    }
}

#[test]
fn what_ends_is_told_by_its_last_day() {
    let lot = |id: i64, remaining: i64, held: i64, ends: Option<i64>| Lot {
        id: LotId(id),
        points: Points(remaining),
        remaining: Points(remaining),
        held: Points(held),
        expired: Points::ZERO,
        earned_at: at(-1_000),
        expires_at: ends.map(at),
    };
    let day = 86_400;
    let lots = [
        lot(1, 100, 0, Some(-5)),
        lot(2, 50, 50, Some(day)),
        lot(3, 70, 20, Some(2 * day)),
        lot(4, 30, 0, Some(2 * day + 60)),
        lot(5, 10, 0, Some(9 * day)),
        lot(6, 500, 0, None),
    ];
    let ends = rules::endings(&lots, at(0), &TimeZone::UTC, 12);
    let told: Vec<i64> = ends.iter().map(|ending| ending.points.0).collect();
    assert_eq!(told, [80, 10], "neither gone nor held nor endless ones: {ends:?}");
    assert_eq!(rules::endings(&lots, at(0), &TimeZone::UTC, 1).len(), 1);
}

#[test]
fn a_key_of_an_order_is_plain() {
    assert!(rules::once("6f9619ff-8b86-d011-b42d-00cf4fc964ff").is_ok());
    for odd in ["", "a b", "a.b", &"x".repeat(65)] {
        assert!(rules::once(odd).is_err(), "{odd}");
    }
}
