//! Codes of receipts in a text, whoever wrote it: a till, a scanner, a messenger, a person.

use crate::code::{Code, Key, Operation};
use crate::fields::{self, Field, Flaw, Wrong, blank};
use crate::not_a_code::NotACode;
use crate::{labelled, layout};
use jiff::civil::{Date, DateTime, Time};
use std::borrow::Cow;

/// Codes that are taken from one text.
pub const CODES_MAX: usize = 20;
/// Of a longer text only the beginning is read, in bytes.
const TEXT_MAX: usize = 32 << 10;
/// A code that went through so many programs is still read.
const ENCODED_MAX: usize = 3;

/// The first code in a text.
///
/// Taken are any order of the parts, upper and lower case, blanks and line ends inside, signs behind, links, percent
/// encoding, a scanner that typed with the keyboard set to Russian, with seconds or without, sums like `35`, `35.5`
/// and `35,50`; also the words of the receipt itself, `ФН 7281… ФД 30526 ФП … 17.09.24 18:01 ИТОГ 1285.21`. Whether the receipt is from the future is for the caller to say: [`Code::is_ahead_of`].
///
/// # Errors
/// What the text is instead.
pub fn read(text: &str) -> Result<Code, NotACode> {
    let mut all = read_all(text);
    let first = all.iter().position(Result::is_ok).unwrap_or(0);
    if all.is_empty() { Err(NotACode::Nothing) } else { all.swap_remove(first) }
}

/// All codes in a text in its order, each receipt once, and what was like a code but is not whole; at most
/// [`CODES_MAX`]. Never empty: without any code it says what the text is instead.
pub fn read_all(text: &str) -> Vec<Result<Code, NotACode>> {
    let text = decoded(beginning(text));
    let mut found = codes(&text);
    if !found.iter().any(Result::is_ok) && layout::is_russian(&text) {
        let typed = codes(&layout::latin(&text));
        if typed.iter().any(Result::is_ok) || found.is_empty() {
            found = typed;
        }
    }
    if found.is_empty() {
        found.push(labelled::read(&text).unwrap_or_else(|| Err(instead(&text))));
    }
    found
}

fn beginning(text: &str) -> &str {
    let mut end = text.len().min(TEXT_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Without percent encoding, where `=` is encoded; bytes that are no text are left as they stand.
fn decoded(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..ENCODED_MAX {
        if !text.contains('%') {
            break;
        }
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_bytes();
        while let Some((byte, tail)) = rest.split_first() {
            let code = (*byte == b'%').then(|| tail.get(..2).and_then(hexadecimal)).flatten();
            bytes.push(code.unwrap_or(*byte));
            rest = if code.is_some() { &tail[2..] } else { tail };
        }
        match String::from_utf8(bytes) {
            Ok(plain) if plain != *text => text = Cow::Owned(plain),
            _ => break,
        }
    }
    text
}

fn hexadecimal(two: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(*two.first()?)? * 16 + digit(*two.get(1)?)?).ok()
}

/// The parts of one code, as far as they were met.
#[derive(Default)]
struct Draft {
    at: Option<Result<DateTime, Wrong>>,
    sum: Option<Result<i64, Wrong>>,
    drive: Option<Result<String, Wrong>>,
    document: Option<Result<i64, Wrong>>,
    sign: Option<Result<i64, Wrong>>,
    operation: Option<Result<Operation, Wrong>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    At,
    Sum,
    Drive,
    Document,
    Sign,
    Operation,
}

impl Part {
    fn of(name: &str) -> Option<Self> {
        Some(match name {
            "t" => Self::At,
            "s" => Self::Sum,
            "fn" => Self::Drive,
            "i" | "fd" => Self::Document,
            "fp" | "fpd" => Self::Sign,
            "n" => Self::Operation,
            _ => return None,
        })
    }
}

impl Draft {
    fn has(&self, part: Part) -> bool {
        match part {
            Part::At => self.at.is_some(),
            Part::Sum => self.sum.is_some(),
            Part::Drive => self.drive.is_some(),
            Part::Document => self.document.is_some(),
            Part::Sign => self.sign.is_some(),
            Part::Operation => self.operation.is_some(),
        }
    }

    fn take(&mut self, part: Part, value: &Value) {
        let wrong = |field| move |flaw| Wrong { field, flaw };
        match part {
            Part::At => self.at = Some(moment(value)),
            Part::Sum => self.sum = Some(value.sum().map_err(wrong(Field::Sum))),
            Part::Drive => self.drive = Some(value.drive().map_err(wrong(Field::Drive))),
            Part::Document => self.document = Some(value.document().map_err(wrong(Field::Document))),
            Part::Sign => self.sign = Some(value.number().map_err(wrong(Field::Sign))),
            Part::Operation => self.operation = Some(value.operation().map_err(wrong(Field::Operation))),
        }
    }

    fn parts(&self) -> usize {
        let all = [Part::At, Part::Sum, Part::Drive, Part::Document, Part::Sign, Part::Operation];
        all.into_iter().filter(|part| self.has(*part)).count()
    }

    /// A drive or three parts are not there by chance.
    fn is_like_a_code(&self) -> bool {
        self.drive.is_some() || self.parts() >= 3
    }

    fn missing(&self) -> Vec<Field> {
        let mut missing = Vec::new();
        let mut lacks = |is_there: bool, fields: &[Field]| {
            if !is_there {
                missing.extend_from_slice(fields);
            }
        };
        lacks(self.at.is_some(), &[Field::Date, Field::Time]);
        lacks(self.sum.is_some(), &[Field::Sum]);
        lacks(self.drive.is_some(), &[Field::Drive]);
        lacks(self.document.is_some(), &[Field::Document]);
        lacks(self.sign.is_some(), &[Field::Sign]);
        lacks(self.operation.is_some(), &[Field::Operation]);
        missing
    }

    fn finish(self, is_link: bool) -> Result<Code, NotACode> {
        let missing = self.missing();
        let Self {
            at: Some(at),
            sum: Some(sum),
            drive: Some(drive),
            document: Some(document),
            sign: Some(sign),
            operation: Some(operation),
        } = self
        else {
            let without = |field| missing.contains(&field);
            let no_use = is_link && (without(Field::Date) || without(Field::Sum));
            return Err(if no_use { NotACode::OfdLink } else { NotACode::Incomplete(missing) });
        };
        let build = || {
            let key = Key { drive: drive?, document: document?, sign: sign? };
            Ok(Code { at: at?, sum: sum?, operation: operation?, key })
        };
        build().map_err(NotACode::Wrong)
    }
}

fn codes(text: &str) -> Vec<Result<Code, NotACode>> {
    let letters: Vec<char> = text.chars().collect();
    let is_link = text.contains("://") || text.trim_start().starts_with("www.");
    let mut drafts = vec![Draft::default()];
    for (place, _) in letters.iter().enumerate().filter(|(_, letter)| **letter == '=') {
        let Some(part) = Part::of(&name_before(&letters, place)) else { continue };
        let value = Value::after(&letters, place + 1, part);
        let begins = drafts.last().is_none_or(|draft| draft.has(part) || draft.parts() == 6);
        if begins {
            if drafts.len() >= CODES_MAX * 2 {
                break;
            }
            drafts.push(Draft::default());
        }
        if let Some(draft) = drafts.last_mut() {
            draft.take(part, &value);
        }
    }
    let mut found: Vec<Result<Code, NotACode>> = Vec::new();
    for draft in drafts.into_iter().filter(Draft::is_like_a_code) {
        let code = draft.finish(is_link);
        let again = found.iter().any(|known| match (known, &code) {
            (Ok(known), Ok(code)) => known.key == code.key,
            (known, code) => known == code,
        });
        if !again && found.len() < CODES_MAX {
            found.push(code);
        }
    }
    found
}

/// The Latin letters right before a `=`, small.
fn name_before(letters: &[char], place: usize) -> String {
    let end = letters[..place].iter().rposition(|letter| !blank(*letter)).map_or(0, |last| last + 1);
    let begin =
        letters[..end].iter().rposition(|letter| !letter.is_ascii_alphabetic()).map_or(0, |last| last + 1);
    // No name has more than three letters.
    let begin = begin.max(end.saturating_sub(4));
    letters[begin..end].iter().map(char::to_ascii_lowercase).collect()
}

/// What stands behind a `=`.
struct Value {
    /// Without blanks.
    text: String,
    /// Letters or digits hang on it that do not belong there.
    spoilt: bool,
}

impl Value {
    fn after(letters: &[char], begin: usize, part: Part) -> Self {
        let mut text = String::new();
        let mut at = begin;
        while letters.get(at).is_some_and(|letter| blank(*letter)) {
            at += 1;
        }
        while let Some(letter) = letters.get(at).copied() {
            let belongs = letter.is_ascii_digit()
                || match part {
                    Part::Sum => matches!(letter, '.' | ',' | '-'),
                    // In a date of a link a plus stands for a blank; the other letters are the Russian Т and Е.
                    Part::At => matches!(letter, 'T' | 't' | 'Т' | 'т' | 'Е' | 'е' | '-' | ':' | '.'),
                    _ => false,
                };
            if belongs && !is_name(letters, at) {
                text.push(letter);
                at += 1;
            } else if let Some(next) = goes_on(letters, at, part, &text) {
                at = next;
            } else {
                break;
            }
        }
        let hangs = letters.get(at).is_some_and(|letter| match part {
            // Read only up to a strange sign it would be another sum.
            Part::Sum => !ends_value(*letter),
            _ => letter.is_alphanumeric(),
        });
        let hangs = hangs && !is_name(letters, at);
        // A date may end in a zone, which says nothing of the till.
        Self { text, spoilt: hangs && part != Part::At }
    }

    fn digits(&self) -> Result<&str, Flaw> {
        let is_number = !self.text.is_empty() && self.text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number && !self.spoilt { Ok(&self.text) } else { Err(Flaw::Unreadable) }
    }

    fn number(&self) -> Result<i64, Flaw> {
        fields::up_to_ten(self.digits()?)
    }

    fn document(&self) -> Result<i64, Flaw> {
        self.number().and_then(|number| if number == 0 { Err(Flaw::NoSuch) } else { Ok(number) })
    }

    fn drive(&self) -> Result<String, Flaw> {
        let digits = self.digits()?;
        if digits.len() == 16 { Ok(digits.to_owned()) } else { Err(Flaw::Length) }
    }

    fn sum(&self) -> Result<i64, Flaw> {
        if self.spoilt {
            return Err(Flaw::Unreadable);
        }
        fields::money(self.text.trim_end_matches(['.', ',']))
    }

    fn operation(&self) -> Result<Operation, Flaw> {
        Operation::of(self.number()?).ok_or(Flaw::NoSuch)
    }
}

/// What may stand behind a part of a code.
fn ends_value(letter: char) -> bool {
    blank(letter) || matches!(letter, '&' | '?' | ';' | '$' | '#' | '"' | '\'' | ')' | ']' | '}' | '<' | '»')
}

/// Whether the name of the next part begins here, as in `…n=1t=2024…`.
fn is_name(letters: &[char], at: usize) -> bool {
    let name = letters[at..].iter().take(4).take_while(|letter| letter.is_ascii_alphabetic()).count();
    let behind = letters[at + name..].iter().copied().find(|letter| !blank(*letter));
    let word: String = letters[at..at + name].iter().map(char::to_ascii_lowercase).collect();
    behind == Some('=') && Part::of(&word).is_some()
}

/// Where a value goes on behind a blank or a line end: only where what follows belongs to it and to nothing else.
fn goes_on(letters: &[char], at: usize, part: Part, so_far: &str) -> Option<usize> {
    let is_gap = |letter: char| blank(letter) || (part == Part::At && letter == '+');
    let next = at + letters[at..].iter().take_while(|letter| is_gap(**letter)).count();
    if next == at || so_far.is_empty() || part == Part::Operation {
        return None;
    }
    let first = *letters.get(next)?;
    if part == Part::At {
        let has = so_far.chars().filter(char::is_ascii_digit).count();
        let fits =
            first.is_ascii_digit() || (matches!(first, 'T' | 't' | 'Т' | 'т') && !is_name(letters, next));
        return (fits && has < 12).then_some(next);
    }
    let is_inside =
        |letter: &char| letter.is_ascii_digit() || (part == Part::Sum && matches!(letter, '.' | ','));
    let end = next + letters[next..].iter().take_while(|letter| is_inside(letter)).count();
    let behind = letters[end..].iter().find(|letter| !blank(**letter));
    // Another piece may follow: `9960 4403 0245 2937&`. It is looked at when its turn comes.
    let another = behind.is_some_and(is_inside);
    let ends = behind.is_none_or(|letter| ends_value(*letter));
    (end > next && (ends || another)).then_some(next)
}

/// The moment in `20240917T1801`, `20240917T180124`, `2024-09-17T18:01:24`, `20240917 1801`.
fn moment(value: &Value) -> Result<DateTime, Wrong> {
    let wrong = |field, flaw| Wrong { field, flaw };
    let digits: String = value.text.chars().filter(char::is_ascii_digit).collect();
    let letter = value.text.find(|c: char| c.is_alphabetic());
    let before = letter.map(|at| value.text[..at].chars().filter(char::is_ascii_digit).count());
    if before.is_some_and(|count| count != 8) || digits.len() < 8 {
        return Err(wrong(Field::Date, Flaw::Unreadable));
    }
    // Two digits at least are there wherever they are cut.
    let number =
        |from: usize| digits.get(from..from + 2).and_then(|two| two.parse::<i8>().ok()).unwrap_or(-1);
    let year = digits[..4].parse().map_err(|_| wrong(Field::Date, Flaw::Unreadable))?;
    let date = Date::new(year, number(4), number(6)).map_err(|_| wrong(Field::Date, Flaw::NoSuch))?;
    let date = fields::since_2017(date).map_err(|flaw| wrong(Field::Date, flaw))?;
    let second = match digits.len() {
        12 => 0,
        // More digits are parts of a second.
        14.. => number(12),
        _ => return Err(wrong(Field::Time, Flaw::Unreadable)),
    };
    let time = Time::new(number(8), number(10), second, 0).map_err(|_| wrong(Field::Time, Flaw::NoSuch))?;
    Ok(date.to_datetime(time))
}

/// Operators of fiscal data and their pages of receipts.
const OFD: [&str; 16] = [
    "ofd.ru",
    "1-ofd.ru",
    "check.yandex.ru",
    "ofd.yandex.ru",
    "platformaofd.ru",
    "taxcom.ru",
    "ofd-ya.ru",
    "ofd.sbis.ru",
    "check.kontur.ru",
    "ofd.kontur.ru",
    "ofd.beeline.ru",
    "ofd-initpro.ru",
    "astralnalog.ru",
    "e-ofd.ru",
    "ofd-magnit.ru",
    "receipt.mts.ru",
];

/// What a text without a code is.
fn instead(text: &str) -> NotACode {
    let text = text.trim();
    let small = text.to_lowercase();
    let compact: String = small.chars().filter(|c| !blank(*c)).collect();
    if small.starts_with("st0001") || small.starts_with("st0002") || small.contains("nspk.ru") {
        return NotACode::Payment;
    }
    if is_mark(text) {
        return NotACode::Marking;
    }
    if let Some((_, rest)) =
        small.split_once("://").or_else(|| small.starts_with("www.").then_some(("", &small)))
    {
        let host = rest.split(['/', '?', '#', ' ', '\n']).next().unwrap_or_default();
        let host = host.split('@').next_back().unwrap_or_default().split(':').next().unwrap_or_default();
        let is_ofd = OFD.iter().any(|known| host == *known || host.ends_with(&format!(".{known}")));
        return if is_ofd { NotACode::OfdLink } else { NotACode::Link };
    }
    let is_number = compact.bytes().all(|byte| byte.is_ascii_digit());
    if is_number && matches!(compact.len(), 8 | 12 | 13 | 14) && is_article(&compact) {
        return NotACode::Barcode;
    }
    NotACode::Nothing
}

/// A mark of the national system, of tobacco, or an excise stamp.
fn is_mark(text: &str) -> bool {
    let text =
        text.trim_start_matches(['\u{1d}', '\u{e8}']).trim_start_matches("]d2").trim_start_matches("]C1");
    let plain = text.replace(['(', ')'], "");
    let is_word = !plain.chars().any(blank);
    let article = plain.strip_prefix("01").and_then(|rest| rest.get(..14));
    let marked = article.is_some_and(is_article) && plain.get(16..18) == Some("21");
    let is_tobacco = matches!(plain.chars().count(), 21 | 25 | 29)
        && plain.get(..14).is_some_and(|article| article.starts_with('0') && is_article(article));
    let upper = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let is_stamp = matches!(plain.len(), 68 | 150) && plain.bytes().all(upper);
    is_word && (marked || is_tobacco || is_stamp)
}

/// Digits of an article number with the right check digit (EAN-8, UPC, EAN-13, GTIN-14).
pub(crate) fn is_article(digits: &str) -> bool {
    if !matches!(digits.len(), 8 | 12 | 13 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return false;
    }
    let weighed = digits.bytes().rev().enumerate().map(|(place, byte)| {
        let weight = if place % 2 == 1 { 3 } else { 1 };
        u32::from(byte - b'0') * weight
    });
    weighed.sum::<u32>() % 10 == 0
}
