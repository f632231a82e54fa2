//! The list of tickets, and how it is written.
//!
//! A line for each ticket, in the order of their numbers: number, tab, moment of the receipt's arrival
//! (`2026-11-21T09:00:00Z`), tab, person (16 small hexadecimal digits), tab, masked name, line feed. Nothing else: no
//! heading, no byte order mark. The hash of the list is the SHA-256 of the file.

use crate::{Malformed, hash, moment, seconds};
use std::fmt::Write as _;

/// Bytes of a masked name.
const NAME_MAX: usize = 96;
/// Bytes of a line, its end included.
const LINE_MAX: usize = 160;

/// A person of a promotion: the same in all its draws, and known to the company alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Person(pub u64);

impl std::fmt::Display for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl Person {
    /// From its 16 digits.
    pub fn read(text: &str) -> Option<Self> {
        let small = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let fits = text.len() == 16 && text.bytes().all(small);
        if fits { u64::from_str_radix(text, 16).ok().map(Self) } else { None }
    }
}

impl serde::Serialize for Person {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Person {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
        Self::read(&text).ok_or_else(|| serde::de::Error::custom("a person is 16 small hexadecimal digits"))
    }
}

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket<'a> {
    /// From 1, growing.
    pub number: u64,
    /// When the receipt arrived: seconds since 1970.
    pub arrived: i64,
    /// Whose.
    pub person: Person,
    /// As strangers may see them.
    pub name: &'a str,
}

/// Writes a line. The name is one that [`mask`](crate::mask()) made.
pub fn write_line(out: &mut String, ticket: &Ticket<'_>) {
    let Ticket { number, arrived, person, name } = ticket;
    let _ = writeln!(out, "{number}\t{}\t{person}\t{name}", moment(*arrived));
}

/// A list that was read, and is in order.
#[derive(Debug, Clone)]
pub struct List {
    bytes: Vec<u8>,
    /// Where lines begin.
    lines: Vec<u32>,
    hash: String,
}

impl List {
    /// Reads a whole list; the first line that is not in order is named.
    pub fn read(bytes: Vec<u8>) -> Result<Self, Malformed> {
        let wrong = |line: usize, what| Malformed { line: line as u64 + 1, what };
        if u32::try_from(bytes.len()).is_err() {
            return Err(wrong(0, "the list is larger than 4 GB"));
        }
        let text = std::str::from_utf8(&bytes).map_err(|error| {
            let before = bytes[..error.valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
            wrong(before, "this is not UTF-8")
        })?;
        if !text.is_empty() && !text.ends_with('\n') {
            return Err(wrong(text.lines().count().saturating_sub(1), "the last line has no end"));
        }
        let (mut lines, mut at, mut last) = (Vec::with_capacity(bytes.len() / 60), 0_usize, 0_u64);
        for (index, line) in text.split_inclusive('\n').enumerate() {
            let ticket = parse(line).map_err(|what| wrong(index, what))?;
            if ticket.number <= last {
                return Err(wrong(index, "numbers must grow"));
            }
            last = ticket.number;
            lines.push(u32::try_from(at).unwrap_or(u32::MAX));
            at += line.len();
        }
        let hash = hash(&bytes);
        Ok(Self { bytes, lines, hash })
    }

    /// How many tickets.
    pub fn len(&self) -> u64 {
        self.lines.len() as u64
    }
    /// Nobody takes part.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }
    /// SHA-256 of the file.
    pub fn hash(&self) -> &str {
        &self.hash
    }
    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    /// The ticket in a place; places are counted from 0.
    pub fn ticket(&self, place: u64) -> Option<Ticket<'_>> {
        let from = *self.lines.get(usize::try_from(place).ok()?)? as usize;
        let rest = &self.bytes[from..];
        let end = rest.iter().take(LINE_MAX).position(|byte| *byte == b'\n')?;
        parse(std::str::from_utf8(&rest[..=end]).ok()?).ok()
    }
    /// All of them, in order.
    pub fn tickets(&self) -> impl Iterator<Item = Ticket<'_>> {
        (0..self.len()).filter_map(|place| self.ticket(place))
    }
}

fn parse(line: &str) -> Result<Ticket<'_>, &'static str> {
    if line.len() > LINE_MAX {
        return Err("the line is too long");
    }
    let line = line.strip_suffix('\n').ok_or("the line has no end")?;
    let mut parts = line.split('\t');
    let mut next = || parts.next().ok_or("four parts with tabs between them are needed");
    let (number, arrived, person, name) = (next()?, next()?, next()?, next()?);
    if parts.next().is_some() {
        return Err("four parts with tabs between them are needed");
    }
    let number = whole(number).filter(|number| *number > 0).ok_or("the number must be whole, from 1")?;
    let arrived = seconds(arrived).ok_or("the moment must be as 2026-11-21T09:00:00Z")?;
    let person = Person::read(person).ok_or("a person is 16 small hexadecimal digits")?;
    if name.is_empty() || name.len() > NAME_MAX || name.chars().any(char::is_control) {
        return Err("the name must be a short text");
    }
    Ok(Ticket { number, arrived, person, name })
}

/// A whole number written in the one way there is: no sign, no zeros before it.
pub(crate) fn whole(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut text = String::new();
        let one =
            Ticket { number: 7, arrived: 1_795_251_600, person: Person(0xab), name: "Анна К. ··34" };
        let two = Ticket { number: 9, arrived: 1_795_251_500, person: Person(u64::MAX), name: "—" };
        write_line(&mut text, &one);
        write_line(&mut text, &two);
        assert_eq!(text.lines().next(), Some("7\t2026-11-21T09:00:00Z\t00000000000000ab\tАнна К. ··34"));
        let list = List::read(text.into_bytes()).unwrap();
        assert_eq!(list.tickets().collect::<Vec<_>>(), [one, two]);
        assert_eq!(List::read(Vec::new()).unwrap().len(), 0);
    }

    #[test]
    fn there_is_one_way_to_write_a_list() {
        let good = "1\t2026-11-21T09:00:00Z\t00000000000000ab\tАнна\n";
        for (wrong, line) in [
            (good.trim_end().to_owned(), 1),
            (format!("{good}{good}"), 2),
            (good.replace('\n', "\r\n"), 1),
            (good.replace("1\t", "01\t"), 1),
            (good.replace("1\t", "+1\t"), 1),
            (good.replace("1\t", "0\t"), 1),
            (good.replace("ab", "AB"), 1),
            (good.replace("00Z", "00.0Z"), 1),
            (good.replace('\t', " "), 1),
            (good.replace("Анна", "Анна\t"), 1),
            (good.replace("Анна", ""), 1),
            (format!("\u{feff}{good}"), 1),
            (format!("{good}\n"), 2),
        ] {
            assert_eq!(List::read(wrong.clone().into_bytes()).unwrap_err().line, line, "{wrong:?}");
        }
        assert_eq!(List::read(vec![0xff]).unwrap_err().line, 1);
    }
}
