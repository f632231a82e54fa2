//! What is told before the draw: everything that decides it but the randomness.

use crate::list::whole;
use crate::source::is_words;
use crate::{
    EXCLUDED_MAX, FORMAT, Malformed, PIECES_MAX, PRIZES_MAX, Person, RESERVE_MAX, Source, hash, moment,
    seconds,
};
use std::fmt::Write as _;

/// A prize, as many times as there are pieces of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prize {
    /// How many people win it.
    pub count: u32,
    /// What one is worth, in kopecks.
    pub value: u64,
    /// What it is.
    pub name: String,
}

/// Somebody whose tickets stay in the list and win nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excluded {
    /// Who.
    pub person: Person,
    /// Why: `staff`, `won before`.
    pub why: String,
}

/// What is published, with its hash, before the randomness exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// Who draws.
    pub organiser: String,
    /// The promotion: an id, a blank and its name.
    pub promotion: String,
    /// The draw: an id, a blank and its name.
    pub draw: String,
    /// When the list was frozen: seconds since 1970.
    pub frozen: i64,
    /// Tickets of receipts that arrived from this moment on …
    pub from: i64,
    /// … and before this one.
    pub until: i64,
    /// How many tickets are in the list.
    pub tickets: u64,
    /// The hash of the list.
    pub list: String,
    /// Where the randomness will come from.
    pub source: Source,
    /// A person wins once at most.
    pub one_prize: bool,
    /// In the order in which they are drawn.
    pub prizes: Vec<Prize>,
    /// Tickets drawn after them, for prizes that are refused.
    pub reserve: u32,
    /// Who wins nothing, in the order of persons.
    pub excluded: Vec<Excluded>,
}

impl Announcement {
    /// The text whose hash is published.
    pub fn text(&self) -> String {
        let mut out = String::with_capacity(600 + self.excluded.len() * 40);
        let mut line = |name: &str, value: &dyn std::fmt::Display| {
            let _ = writeln!(out, "{name}: {value}");
        };
        line("organiser", &self.organiser);
        line("promotion", &self.promotion);
        line("draw", &self.draw);
        line("frozen", &moment(self.frozen));
        line("arrived", &format_args!("{} {}", moment(self.from), moment(self.until)));
        line("tickets", &self.tickets);
        line("list", &self.list);
        line("source", &self.source.line());
        line("one-prize", &if self.one_prize { "yes" } else { "no" });
        for (index, Prize { count, value, name }) in self.prizes.iter().enumerate() {
            line("prize", &format_args!("{} {count} {value} {name}", index + 1));
        }
        line("reserve", &self.reserve);
        for Excluded { person, why } in &self.excluded {
            line("exclude", &format_args!("{person} {why}"));
        }
        format!("{FORMAT}\n{out}")
    }

    /// The hash by which the announcement is known.
    pub fn hash(&self) -> String {
        hash(self.text().as_bytes())
    }

    /// The reverse of [`Announcement::text`]: a text that is written otherwise is refused.
    pub fn read(text: &str) -> Result<Self, Malformed> {
        let mut lines = Lines { all: text.split_inclusive('\n').collect(), at: 0 };
        if lines.all.first() != Some(&"samovar-draw/1\n") {
            return Err(lines.wrong("the text must begin with samovar-draw/1"));
        }
        lines.at = 1;
        let words = |lines: &mut Lines<'_>, name| -> Result<String, Malformed> {
            let found = lines.next(name)?;
            if is_words(found) { Ok(found.to_owned()) } else { Err(lines.before("a short text is wanted")) }
        };
        let organiser = words(&mut lines, "organiser")?;
        let promotion = words(&mut lines, "promotion")?;
        let draw = words(&mut lines, "draw")?;
        let frozen = seconds(lines.next("frozen")?).ok_or_else(|| lines.before(MOMENT))?;
        let arrived = lines.next("arrived")?.split_once(' ');
        let arrived = arrived.and_then(|(from, until)| Some((seconds(from)?, seconds(until)?)));
        let (from, until) = arrived.ok_or_else(|| lines.before(MOMENT))?;
        let tickets = whole(lines.next("tickets")?).ok_or_else(|| lines.before(NUMBER))?;
        let list = lines.next("list")?.to_owned();
        if list.len() != 64 || crate::unhex(&list).is_none() {
            return Err(lines.before("a hash is 64 small hexadecimal digits"));
        }
        let source = Source::read(lines.next("source")?).ok_or_else(|| lines.before("no known source"))?;
        let one_prize = match lines.next("one-prize")? {
            "yes" => true,
            "no" => false,
            _ => return Err(lines.before("yes or no is wanted")),
        };
        let mut prizes = Vec::new();
        while let Some(rest) = lines.next_if("prize") {
            prizes.push(prize(rest, prizes.len() + 1).ok_or_else(|| lines.before("no prize as it must be"))?);
        }
        let reserve = whole(lines.next("reserve")?).and_then(|count| u32::try_from(count).ok());
        let reserve = reserve.ok_or_else(|| lines.before(NUMBER))?;
        let mut excluded = Vec::new();
        while let Some(rest) = lines.next_if("exclude") {
            let read = rest.split_once(' ').and_then(|(person, why)| {
                is_words(why).then_some(Excluded { person: Person::read(person)?, why: why.to_owned() })
            });
            excluded.push(read.ok_or_else(|| lines.before("a person and a reason are wanted"))?);
        }
        if lines.at < lines.all.len() {
            return Err(lines.wrong("nothing may follow"));
        }
        let read = Self {
            organiser,
            promotion,
            draw,
            frozen,
            from,
            until,
            tickets,
            list,
            source,
            one_prize,
            prizes,
            reserve,
            excluded,
        };
        read.check().map_err(|what| Malformed { line: 1, what })?;
        if read.text() == text {
            Ok(read)
        } else {
            Err(Malformed { line: 1, what: "the text is not as it is written" })
        }
    }

    /// Whether a draw can be held by it.
    pub fn check(&self) -> Result<(), &'static str> {
        let pieces: u64 = self.prizes.iter().map(|prize| u64::from(prize.count)).sum();
        let names = [&self.organiser, &self.promotion, &self.draw];
        let mut texts = names.into_iter().chain(self.prizes.iter().map(|prize| &prize.name));
        if self.prizes.is_empty() || self.prizes.len() > PRIZES_MAX {
            Err("a draw has from 1 to 200 prizes")
        } else if self.prizes.iter().any(|prize| prize.count == 0) || pieces > u64::from(PIECES_MAX) {
            Err("a draw has from 1 to 10,000 pieces of prizes")
        } else if self.reserve > RESERVE_MAX {
            Err("a reserve has up to 1,000 tickets")
        } else if self.excluded.len() > EXCLUDED_MAX {
            Err("up to 20,000 people are left out of a draw")
        } else if !self.excluded.is_sorted_by(|one, next| one.person < next.person) {
            Err("people who are left out stand once, in their order")
        } else if !texts.all(|text| is_words(text)) || !self.excluded.iter().all(|one| is_words(&one.why)) {
            Err("names are short texts of one line")
        } else if !self.source.is_sound() {
            Err("no randomness can come from that source")
        } else if self.from >= self.until {
            Err("the first moment is before the last")
        } else {
            Ok(())
        }
    }
}

const MOMENT: &str = "a moment must be as 2026-11-21T09:00:00Z";
const NUMBER: &str = "a whole number is wanted";

fn prize(rest: &str, place: usize) -> Option<Prize> {
    let mut parts = rest.splitn(4, ' ');
    let number = whole(parts.next()?)?;
    let count = u32::try_from(whole(parts.next()?)?).ok()?;
    let (value, name) = (whole(parts.next()?)?, parts.next()?.to_owned());
    (number == place as u64).then_some(Prize { count, value, name })
}

struct Lines<'a> {
    all: Vec<&'a str>,
    at: usize,
}

impl<'a> Lines<'a> {
    fn next_if(&mut self, name: &str) -> Option<&'a str> {
        let line = self.all.get(self.at)?.strip_suffix('\n')?;
        let rest = line.strip_prefix(name)?.strip_prefix(": ")?;
        self.at += 1;
        Some(rest)
    }
    fn next(&mut self, name: &'static str) -> Result<&'a str, Malformed> {
        self.next_if(name).ok_or_else(|| self.wrong("another line is wanted here"))
    }
    fn wrong(&self, what: &'static str) -> Malformed {
        Malformed { line: self.at as u64 + 1, what }
    }
    fn before(&self, what: &'static str) -> Malformed {
        Malformed { line: self.at as u64, what }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A draw of two prizes among whoever is in `list`.
    pub(crate) fn sample(list: &crate::List) -> Announcement {
        Announcement {
            organiser: "Кофейня «Полдень»".into(),
            promotion: "prm_0000000000001 Чек на удачу".into(),
            draw: "drw_0000000000002 Первая неделя".into(),
            frozen: 1_690_000_000,
            from: 1_689_000_000,
            until: 1_690_000_000,
            tickets: list.len(),
            list: list.hash().to_owned(),
            source: Source::Drand { round: 1_000 },
            one_prize: true,
            prizes: vec![
                Prize { count: 1, value: 5_000_000, name: "Кофемашина".into() },
                Prize { count: 3, value: 100_000, name: "Карта на 1000 ₽".into() },
            ],
            reserve: 2,
            excluded: vec![Excluded { person: Person(3), why: "staff".into() }],
        }
    }

    #[test]
    fn an_announcement_is_written_and_read_back() {
        let list = crate::List::read(Vec::new()).unwrap();
        let told = sample(&list);
        let text = told.text();
        assert_eq!(Announcement::read(&text), Ok(told));
        assert!(
            text.contains(
                "\nprize: 2 3 100000 Карта на 1000 ₽\nreserve: 2\nexclude: 0000000000000003 staff\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn what_is_written_otherwise_is_refused() {
        let text = sample(&crate::List::read(Vec::new()).unwrap()).text();
        for (from, to) in [
            ("samovar-draw/1", "samovar-draw/2"),
            ("reserve: 2\n", ""),
            ("reserve: 2\n", "reserve: 02\n"),
            ("reserve: 2\n", "reserve: 2000\n"),
            ("prize: 2 3", "prize: 3 3"),
            ("prize: 2 3", "prize: 2 0"),
            ("one-prize: yes", "one-prize: YES"),
            ("staff\n", "staff\nexclude: 0000000000000002 staff\n"),
            ("staff\n", "staff\n\n"),
            ("staff\n", "staff"),
            ("staff\n", "staff \n"),
            ("\n", "\r\n"),
        ] {
            assert!(Announcement::read(&text.replace(from, to)).is_err(), "{from:?} {to:?}");
        }
    }
}
