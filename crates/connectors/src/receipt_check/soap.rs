//! The little of SOAP that the tax service speaks.

use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

/// Elements in elements.
const DEPTH_MAX: usize = 32;
/// Elements of an answer.
const ELEMENTS_MAX: usize = 1_000;

/// A body in its envelope.
pub(super) fn envelope(body: &str) -> String {
    [
        r#"<?xml version="1.0" encoding="UTF-8"?>"#,
        r#"<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/">"#,
        "<soapenv:Header/><soapenv:Body>",
        body,
        "</soapenv:Body></soapenv:Envelope>",
    ]
    .concat()
}

/// The texts of an answer by the path of their elements, prefixes apart.
#[derive(Debug, Default)]
pub(super) struct Texts(Vec<(String, String)>);

impl Texts {
    /// Reads an answer; `None` of what is no XML, is deep or long beyond sense, or brings entities of its own.
    pub fn read(body: &[u8]) -> Option<Self> {
        let body = std::str::from_utf8(body).ok()?;
        let mut reader = Reader::from_str(body);
        let mut open: Vec<(String, String)> = Vec::new();
        let mut texts = Self::default();
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    let name = std::str::from_utf8(start.local_name().into_inner()).ok()?.to_owned();
                    if open.len() >= DEPTH_MAX || texts.0.len() >= ELEMENTS_MAX {
                        return None;
                    }
                    let path = open.last().map_or(name.clone(), |(path, _)| format!("{path}/{name}"));
                    open.push((path, String::new()));
                }
                Event::End(_) => texts.0.push(open.pop()?),
                Event::Text(text) => add(&mut open, &text.decode().ok()?),
                Event::CData(text) => add(&mut open, &text.decode().ok()?),
                Event::GeneralRef(entity) => match entity.resolve_char_ref().ok()? {
                    Some(letter) => add(&mut open, letter.encode_utf8(&mut [0; 4])),
                    None => add(&mut open, resolve_xml_entity(&entity.decode().ok()?)?),
                },
                Event::DocType(_) => return None,
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::Eof => return open.is_empty().then_some(texts),
            }
        }
    }

    /// The text of the first element with this end of a path: `Fault/Message`.
    pub fn get(&self, path: &str) -> Option<&str> {
        let ends =
            |whole: &str| whole.strip_suffix(path).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
        self.0.iter().find(|(whole, _)| ends(whole)).map(|(_, text)| text.trim())
    }
}

fn add(open: &mut [(String, String)], text: &str) {
    if let Some((_, so_far)) = open.last_mut() {
        so_far.push_str(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_the_end_of_their_path() {
        let xml = envelope(
            r#"<a:R xmlns:a="u"><a:Message><Ticket>{&quot;a&quot;:&#34;&lt;1&gt;&amp;"}</Ticket><B><![CDATA[<x>]]></B><C/></a:Message></a:R>"#,
        );
        let texts = Texts::read(xml.as_bytes()).expect("an answer");
        assert_eq!(texts.get("Message/Ticket"), Some(r#"{"a":"<1>&"}"#));
        assert_eq!(texts.get("B"), Some("<x>"));
        assert_eq!(texts.get("sage/B"), None, "names are whole");
    }

    #[test]
    fn nonsense_is_none() {
        for bad in [
            "<a>".to_owned(),
            "{}</a>".to_owned(),
            "<a>&b;</a>".to_owned(),
            r#"<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>"#.to_owned(),
            "<a>".repeat(100) + &"</a>".repeat(100),
            format!("<a>{}</a>", "<b></b>".repeat(2_000)),
        ] {
            assert!(Texts::read(bad.as_bytes()).is_none(), "{bad}");
        }
        assert!(Texts::read(b"\xff<a></a>").is_none());
        assert!(Texts::read(b"plain words").is_some_and(|texts| texts.get("a").is_none()));
    }

    proptest::proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "[<>/&;a-c:=\" !\\[\\]?-]{0,120}", bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let _ = Texts::read(text.as_bytes());
            let _ = Texts::read(&bytes);
            let _ = Texts::read(envelope(&text).as_bytes());
        }
    }
}
