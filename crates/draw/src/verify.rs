//! Counting a draw again.

use crate::words::{self, Words};
use crate::{Announcement, List, Protocol, QUICKNET, Randomness, Source, draw, hash, hex, seconds, seed};
use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds.
    Holds,
    /// It does not hold: the draw is not what it says it is.
    Broken,
    /// It could not be looked at: something is missing.
    Missing,
    /// A program cannot know: whoever checks compares it with what others published.
    Compare,
}

/// One check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Stable name: `signature`, `announcement`, `randomness`, `moment`, `list`, `seed`, `winners`, `form`.
    pub name: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// What was found, in Russian.
    pub ru: String,
    /// What was found, in English.
    pub en: String,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In the order in which they were made.
    pub checks: Vec<Check>,
    /// It was a rehearsal: nobody won anything.
    pub rehearsal: bool,
    /// What the file says came of it, for whoever shows it; only of one that can be read.
    #[serde(skip)]
    pub protocol: Option<Protocol>,
    /// What the file says was announced.
    #[serde(skip)]
    pub announcement: Option<Announcement>,
}

impl Report {
    /// Everything that could be looked at holds, and nothing is missing.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| matches!(check.outcome, Outcome::Holds | Outcome::Compare))
    }
    /// Something does not hold.
    pub fn is_broken(&self) -> bool {
        self.checks.iter().any(|check| check.outcome == Outcome::Broken)
    }

    fn say(&mut self, name: &'static str, outcome: Outcome, words: Words) {
        let Words { ru, en } = words;
        self.checks.push(Check { name, outcome, ru, en });
    }
    fn judge(&mut self, name: &'static str, holds: bool, good: Words, bad: Words) {
        if holds { self.say(name, Outcome::Holds, good) } else { self.say(name, Outcome::Broken, bad) }
    }
}

/// Counts a draw again from its protocol and its list. `key` is the one that the company published, `announced` the hash
/// that was published before the draw: without them they are for the reader to compare. Without a list, who won cannot
/// be counted.
pub fn verify(file: &str, list: Option<Vec<u8>>, key: Option<&str>, announced: Option<&str>) -> Report {
    let mut report = Report { checks: Vec::new(), rehearsal: false, protocol: None, announcement: None };
    let signed = match Protocol::read(file) {
        Ok(signed) => signed,
        Err(malformed) => {
            report.say("form", Outcome::Broken, words::no_protocol(&malformed));
            return report;
        }
    };
    let protocol = signed.protocol;
    let told = Announcement::read(&protocol.announcement);
    report.judge("signature", signed.genuine, words::genuine(), words::forged());
    match key {
        Some(key) => {
            report.judge("key", key == protocol.key, words::own_key(), words::other_key(&protocol.key))
        }
        None => report.say("key", Outcome::Compare, words::compare_key(&protocol.key)),
    }
    let told = match told {
        Ok(told) => told,
        Err(malformed) => {
            report.say("announcement", Outcome::Broken, words::no_announcement(&malformed));
            report.protocol = Some(protocol);
            return report;
        }
    };
    report.rehearsal = told.source == Source::Test;
    announcement(&mut report, &protocol, announced);
    let value = randomness(&mut report, &protocol, &told);
    time(&mut report, &protocol, &told);
    let list = frozen_list(&mut report, &told, list);
    if let Some(value) = value {
        let seed = seed(&hash(protocol.announcement.as_bytes()), &value);
        report.judge("seed", hex(&seed) == protocol.seed, words::seed(), words::other_seed(&hex(&seed)));
        if let Some(list) = list {
            let drawn = draw(&told, &list, &seed);
            let same = drawn.winners == protocol.winners && drawn.reserve == protocol.reserve;
            report.judge("winners", same, words::winners(drawn.winners.len()), words::other_winners());
        }
    }
    report.protocol = Some(protocol);
    report.announcement = Some(told);
    report
}

/// Whether a randomness is what was announced, in words for whoever brought it.
pub fn check_randomness(source: &Source, randomness: &Randomness) -> Result<String, (String, String)> {
    randomness.value(source).map_err(|unfit| {
        let Words { ru, en } = words::unfit(unfit);
        (ru, en)
    })
}

fn announcement(report: &mut Report, protocol: &Protocol, announced: Option<&str>) {
    let hash = hash(protocol.announcement.as_bytes());
    let same = hash == protocol.announced && announced.is_none_or(|announced| announced == hash);
    report.judge("announcement", same, words::announced(&hash), words::announced_otherwise(&hash));
    if same && announced.is_none() {
        report.say("published", Outcome::Compare, words::compare_announced(&hash));
    }
}

fn randomness(report: &mut Report, protocol: &Protocol, told: &Announcement) -> Option<String> {
    let value = match protocol.randomness.value(&told.source) {
        Ok(value) => value,
        Err(unfit) => {
            let said = words::unfit(unfit);
            report.say("randomness", Outcome::Broken, said);
            return None;
        }
    };
    match (&told.source, &protocol.randomness) {
        (Source::Drand { round }, _) => report.say("randomness", Outcome::Holds, words::drand(*round)),
        (Source::Block { network, height }, Randomness::Block { hash }) => {
            report.say("randomness", Outcome::Compare, words::block(network, *height, hash));
        }
        (Source::Figure { what, .. }, Randomness::Figure { value }) => {
            report.say("randomness", Outcome::Compare, words::figure(what, value));
        }
        (Source::Reveal { .. }, _) => report.say("randomness", Outcome::Compare, words::reveal()),
        _ => report.say("randomness", Outcome::Compare, words::rehearsal()),
    }
    Some(value)
}

/// The randomness must be younger than the frozen list.
fn time(report: &mut Report, protocol: &Protocol, told: &Announcement) {
    let Some(drawn) = seconds(&protocol.drawn) else {
        return report.say("moment", Outcome::Broken, words::no_moment());
    };
    match told.source.moment() {
        Some(at) => {
            let fits = told.frozen < at && at <= drawn;
            report.judge(
                "moment",
                fits,
                words::later(told.frozen, at),
                words::not_later(told.frozen, at, drawn),
            );
        }
        None => {
            let fits = told.frozen <= drawn;
            let (good, bad) = (words::drawn_later(told.frozen), words::not_later(told.frozen, drawn, drawn));
            if fits && matches!(told.source, Source::Block { .. }) {
                report.say("moment", Outcome::Compare, words::compare_block(told.frozen));
            } else {
                report.judge("moment", fits, good, bad);
            }
        }
    }
}

fn frozen_list(report: &mut Report, told: &Announcement, list: Option<Vec<u8>>) -> Option<List> {
    let Some(bytes) = list else {
        report.say("list", Outcome::Missing, words::no_list(&told.list));
        return None;
    };
    // The hash first: whatever is wrong in a changed list, it is another list.
    let found = hash(&bytes);
    if found != told.list {
        report.say("list", Outcome::Broken, words::other_list(&found));
        return None;
    }
    match List::read(bytes) {
        Ok(list) if list.len() == told.tickets => {
            report.say("list", Outcome::Holds, words::list(list.len()));
            Some(list)
        }
        Ok(list) => {
            report.say("list", Outcome::Broken, words::other_count(told.tickets, list.len()));
            None
        }
        Err(malformed) => {
            report.say("list", Outcome::Broken, words::bad_list(&malformed));
            None
        }
    }
}

/// Where anybody can read what the beacon said.
pub(crate) fn beacon_address(round: u64) -> String {
    format!("https://api.drand.sh/{}/public/{round}", QUICKNET.chain)
}
