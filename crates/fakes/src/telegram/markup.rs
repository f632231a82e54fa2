//! Parsers of the three parse modes. Offsets of the complaints are in bytes, as on the server.

use super::text::{Formatted, units};
use serde_json::{Value, json};

/// `parse_mode` HTML.
pub fn html(source: &str) -> Result<Formatted, String> {
    Html { source, at: 0, out: Out::default(), open: Vec::new() }.parse()
}

/// `parse_mode` MarkdownV2.
pub fn markdown_v2(source: &str) -> Result<Formatted, String> {
    Markdown { source, at: 0, out: Out::default(), open: Vec::new() }.parse()
}

/// `parse_mode` Markdown, the old one: no nesting, four marks.
pub fn markdown(source: &str) -> Result<Formatted, String> {
    let mut out = Out::default();
    let mut at = 0;
    while let Some(letter) = source[at..].chars().next() {
        let rest = &source[at..];
        if letter == '\\' && rest[1..].starts_with(['_', '*', '`', '[']) {
            out.text.push_str(&rest[1..2]);
            at += 2;
            continue;
        }
        let unfinished = || format!("Can't find end of the entity starting at byte offset {at}");
        let (mark, kind) = match letter {
            '`' if rest.starts_with("```") => ("```", "pre"),
            '`' => ("`", "code"),
            '*' => ("*", "bold"),
            '_' => ("_", "italic"),
            '[' if rest.contains("](") => {
                let (label, tail) = rest[1..].split_once("](").ok_or_else(unfinished)?;
                let (address, _) = tail.split_once(')').ok_or_else(unfinished)?;
                let start = out.units();
                out.text.push_str(label);
                out.add(start, "text_link", Some(("url", address)));
                at += 1 + label.len() + 2 + address.len() + 1;
                continue;
            }
            _ => {
                out.text.push(letter);
                at += letter.len_utf8();
                continue;
            }
        };
        let inner = &rest[mark.len()..];
        let length = inner.find(mark).ok_or_else(unfinished)?;
        let start = out.units();
        out.text.push_str(&inner[..length]);
        out.add(start, kind, None);
        at += mark.len() * 2 + length;
    }
    Ok(out.finish())
}

#[derive(Default)]
struct Out {
    text: String,
    entities: Vec<Value>,
}

impl Out {
    fn units(&self) -> usize {
        units(&self.text)
    }
    fn add(&mut self, start: usize, kind: &str, extra: Option<(&str, &str)>) {
        let length = self.units() - start;
        if length == 0 {
            return;
        }
        let mut entity = json!({"type": kind, "offset": start, "length": length});
        if let Some((name, value)) = extra {
            entity[name] = json!(value);
        }
        self.entities.push(entity);
    }
    fn finish(mut self) -> Formatted {
        self.entities
            .sort_by_key(|entity| (entity["offset"].as_u64(), std::cmp::Reverse(entity["length"].as_u64())));
        Formatted { text: self.text, entities: self.entities }
    }
}

struct OpenTag {
    name: String,
    kind: &'static str,
    extra: Option<(&'static str, String)>,
    start: usize,
}

struct Html<'a> {
    source: &'a str,
    at: usize,
    out: Out,
    open: Vec<OpenTag>,
}

impl Html<'_> {
    fn parse(mut self) -> Result<Formatted, String> {
        while let Some(letter) = self.source[self.at..].chars().next() {
            match letter {
                '<' if self.source[self.at..].starts_with("</") => self.close()?,
                '<' => self.start()?,
                '&' => self.reference(),
                _ => {
                    self.out.text.push(letter);
                    self.at += letter.len_utf8();
                }
            }
        }
        match self.open.last() {
            Some(tag) => Err(format!("Can't find end tag corresponding to start tag \"{}\"", tag.name)),
            None => Ok(self.out.finish()),
        }
    }

    fn start(&mut self) -> Result<(), String> {
        let begin = self.at;
        let end = self.source[begin..]
            .find('>')
            .ok_or_else(|| format!("Unclosed start tag at byte offset {begin}"))?;
        let inner = self.source[begin + 1..begin + end].trim();
        let (name, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let name = name.to_ascii_lowercase();
        let unsupported = || format!("Unsupported start tag \"{name}\" at byte offset {begin}");
        let attribute = |wanted: &str| attribute(attributes, wanted);
        let (kind, extra) = match name.as_str() {
            "b" | "strong" => ("bold", None),
            "i" | "em" => ("italic", None),
            "u" | "ins" => ("underline", None),
            "s" | "strike" | "del" => ("strikethrough", None),
            "tg-spoiler" => ("spoiler", None),
            "span" if attribute("class").as_deref() == Some("tg-spoiler") => ("spoiler", None),
            "span" => {
                return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {begin}"));
            }
            "a" => ("text_link", attribute("href").map(|address| ("url", address))),
            "code" => ("code", attribute("class").and_then(language).map(|name| ("language", name))),
            "pre" => ("pre", None),
            "blockquote" if attributes.contains("expandable") => ("expandable_blockquote", None),
            "blockquote" => ("blockquote", None),
            "tg-emoji" => ("custom_emoji", attribute("emoji-id").map(|id| ("custom_emoji_id", id))),
            _ => return Err(unsupported()),
        };
        self.open.push(OpenTag { name, kind, extra, start: self.out.units() });
        self.at = begin + end + 1;
        Ok(())
    }

    fn close(&mut self) -> Result<(), String> {
        let begin = self.at;
        let end = self.source[begin..]
            .find('>')
            .ok_or_else(|| format!("Unclosed end tag at byte offset {begin}"))?;
        let name = self.source[begin + 2..begin + end].trim().to_ascii_lowercase();
        let tag = self.open.pop().ok_or_else(|| format!("Unexpected end tag at byte offset {begin}"))?;
        if !name.is_empty() && name != tag.name {
            let wanted = &tag.name;
            return Err(format!(
                "Unmatched end tag at byte offset {begin}, expected \"</{wanted}>\", found \"</{name}>\""
            ));
        }
        self.at = begin + end + 1;
        let plain_link = tag.kind == "text_link" && tag.extra.is_none();
        if !plain_link {
            let extra = tag.extra.as_ref().map(|(field, value)| (*field, value.as_str()));
            self.out.add(tag.start, tag.kind, extra);
        }
        Ok(())
    }

    fn reference(&mut self) {
        let rest = &self.source[self.at..];
        let named = [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&quot;", '"')];
        let known =
            named.iter().find(|(name, _)| rest.starts_with(name)).map(|(name, letter)| (name.len(), *letter));
        let (length, letter) = known.or_else(|| numbered(rest)).unwrap_or((1, '&'));
        self.out.text.push(letter);
        self.at += length;
    }
}

fn numbered(rest: &str) -> Option<(usize, char)> {
    let digits = rest.strip_prefix("&#")?;
    let end = digits.find(';').filter(|end| *end <= 8)?;
    let number = match digits[..end].strip_prefix(['x', 'X']) {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
        None => digits[..end].parse().ok()?,
    };
    char::from_u32(number).filter(|letter| *letter != '\0').map(|letter| (end + 3, letter))
}

fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes;
    loop {
        let (name, tail) = rest.split_once('=')?;
        let quote = tail.trim_start().chars().next().filter(|letter| matches!(letter, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => tail.trim_start()[1..].split_once(quote)?,
            None => tail.trim_start().split_once(char::is_whitespace).unwrap_or((tail.trim(), "")),
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(html(value).map_or_else(|_| value.to_owned(), |plain| plain.text));
        }
        rest = after;
    }
}

fn language(class: String) -> Option<String> {
    class.strip_prefix("language-").map(ToOwned::to_owned)
}

struct OpenMark {
    mark: &'static str,
    start: usize,
    at: usize,
}

struct Markdown<'a> {
    source: &'a str,
    at: usize,
    out: Out,
    open: Vec<OpenMark>,
}

const MARKS: [(&str, &str); 6] = [
    ("||", "spoiler"),
    ("__", "underline"),
    ("*", "bold"),
    ("_", "italic"),
    ("~", "strikethrough"),
    ("[", "text_link"),
];

impl Markdown<'_> {
    fn parse(mut self) -> Result<Formatted, String> {
        while let Some(letter) = self.source[self.at..].chars().next() {
            let rest = &self.source[self.at..];
            let escaped = rest[letter.len_utf8()..]
                .chars()
                .next()
                .filter(|next| next.is_ascii() && !next.is_alphanumeric());
            if letter == '\\'
                && let Some(escaped) = escaped
            {
                self.out.text.push(escaped);
                self.at += 2;
            } else if letter == '`' {
                self.code()?;
            } else if letter == ']' && self.open.last().is_some_and(|open| open.mark == "[") {
                self.link()?;
            } else if let Some((mark, kind)) = MARKS.iter().find(|(mark, _)| rest.starts_with(mark)) {
                self.toggle(mark, kind);
            } else if letter == '>' && self.at_line_start() {
                self.quote();
            } else if "]()>#+-=|{}.!".contains(letter) {
                return Err(format!(
                    "Character '{letter}' is reserved and must be escaped with the preceding '\\'"
                ));
            } else {
                self.out.text.push(letter);
                self.at += letter.len_utf8();
            }
        }
        match self.open.last() {
            Some(open) => {
                Err(format!("Can't find end of {} entity at byte offset {}", called(open.mark), open.at))
            }
            None => Ok(self.out.finish()),
        }
    }

    fn toggle(&mut self, mark: &'static str, kind: &str) {
        match self.open.pop_if(|open| open.mark == mark && mark != "[") {
            Some(open) => self.out.add(open.start, kind, None),
            None => self.open.push(OpenMark { mark, start: self.out.units(), at: self.at }),
        }
        self.at += mark.len();
    }

    fn link(&mut self) -> Result<(), String> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let rest = &self.source[self.at + 1..];
        let address =
            rest.strip_prefix('(').and_then(|tail| tail.split_once(')')).map(|(address, _)| address);
        let address = address.ok_or_else(|| format!("Can't find end of a URL at byte offset {}", self.at))?;
        self.out.add(open.start, "text_link", Some(("url", address)));
        self.at += address.len() + 3;
        Ok(())
    }

    fn code(&mut self) -> Result<(), String> {
        let rest = &self.source[self.at..];
        let (mark, kind) = if rest.starts_with("```") { ("```", "pre") } else { ("`", "code") };
        let inner = &rest[mark.len()..];
        let unfinished = || {
            let name = if kind == "pre" { "PreCode" } else { "Code" };
            format!("Can't find end of {name} entity at byte offset {}", self.at)
        };
        let length = inner.find(mark).ok_or_else(unfinished)?;
        let start = self.out.units();
        let body = &inner[..length];
        let (tongue, body) = match body.split_once('\n') {
            Some((tongue, body)) if kind == "pre" && !tongue.contains(' ') => (tongue, body),
            _ => ("", body),
        };
        self.out.text.push_str(&body.replace("\\`", "`").replace("\\\\", "\\"));
        self.out.add(start, kind, (!tongue.is_empty()).then_some(("language", tongue)));
        self.at += mark.len() * 2 + length;
        Ok(())
    }

    fn at_line_start(&self) -> bool {
        self.at == 0 || self.source[..self.at].ends_with('\n')
    }

    /// One quoted line; its formatting is read on its own.
    fn quote(&mut self) {
        let start = self.out.units();
        let line = self.source[self.at + 1..].split('\n').next().unwrap_or_default();
        self.out.text.push_str(&line.replace('\\', ""));
        self.out.add(start, "blockquote", None);
        self.at += 1 + line.len();
    }
}

fn called(mark: &str) -> &'static str {
    match mark {
        "||" => "Spoiler",
        "__" => "Underline",
        "*" => "Bold",
        "_" => "Italic",
        "~" => "Strikethrough",
        _ => "TextUrl",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_becomes_text_and_entities() {
        let parsed = html(
            "<b>Баланс: <i>10</i></b> &lt;&amp;&#33; <a href=\"https://a.example/?x=1&amp;y=2\">тут</a>",
        )
        .unwrap();
        assert_eq!(parsed.text, "Баланс: 10 <&! тут");
        assert_eq!(
            parsed.entities,
            [
                json!({"type": "bold", "offset": 0, "length": 10}),
                json!({"type": "italic", "offset": 8, "length": 2}),
                json!({"type": "text_link", "offset": 15, "length": 3, "url": "https://a.example/?x=1&y=2"}),
            ]
        );
    }

    #[test]
    fn wrong_html_is_refused_in_the_words_of_the_server() {
        let why = |source| html(source).unwrap_err();
        assert_eq!(why("a <x>"), "Unsupported start tag \"x\" at byte offset 2");
        assert_eq!(why("<b>a"), "Can't find end tag corresponding to start tag \"b\"");
        assert_eq!(why("a</b>"), "Unexpected end tag at byte offset 1");
        assert_eq!(why("<b>a</i>"), "Unmatched end tag at byte offset 4, expected \"</b>\", found \"</i>\"");
        assert_eq!(why("1 < 2"), "Unclosed start tag at byte offset 2");
    }

    #[test]
    fn markdown_of_both_kinds() {
        let parsed = markdown_v2("*жирно _и косо_* `код` [тут](https://a.example)\\.").unwrap();
        assert_eq!(parsed.text, "жирно и косо код тут.");
        assert_eq!(parsed.entities.len(), 4);
        assert_eq!(
            markdown_v2("1.").unwrap_err(),
            "Character '.' is reserved and must be escaped with the preceding '\\'"
        );
        assert_eq!(markdown_v2("a *b").unwrap_err(), "Can't find end of Bold entity at byte offset 2");
        assert_eq!(markdown("*a* _b_").unwrap().text, "a b");
        assert_eq!(markdown("a *b").unwrap_err(), "Can't find end of the entity starting at byte offset 2");
    }
}
