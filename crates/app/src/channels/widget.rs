//! The widget of a web chat: what it looks like, and on which sites it may stand.

use crate::problem::Problem;
use serde::{Deserialize, Serialize};
use url::{Origin, Url};

const TITLE_MAX: usize = 60;
const GREETING_MAX: usize = 300;
const SITES_MAX: usize = 50;

/// In which corner the widget stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Bottom right.
    #[default]
    Right,
    /// Bottom left.
    Left,
}

/// Settings of the widget; what is absent has its default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WidgetSettings {
    /// Above the conversation, up to 60 characters; the company's name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Said before the visitor begins, up to 300 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub greeting: Option<String>,
    /// The colour of the button and of the visitor's own words, `#2f50b2`; white must be readable on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<String>,
    /// In which corner.
    pub side: Side,
    /// Sites on which it may stand, as `https://shop.example`; on any when there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sites: Vec<String>,
}

impl WidgetSettings {
    /// Whether nothing was chosen.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a page of this origin may speak with the chat.
    pub fn allows(&self, origin: &str) -> bool {
        self.sites.is_empty() || self.sites.iter().any(|site| site == origin)
    }

    /// What is wrong with it.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut all = Vec::new();
        for (field, text, longest) in
            [("widget.title", &self.title, TITLE_MAX), ("widget.greeting", &self.greeting, GREETING_MAX)]
        {
            let fits = |text: &String| !text.trim().is_empty() && text.chars().count() <= longest;
            if text.as_ref().is_some_and(|text| !fits(text)) {
                let (ru, en) = (
                    format!("Текст от 1 до {longest} знаков"),
                    format!("A text of 1 to {longest} characters"),
                );
                all.push(Problem::invalid(field, "bad_length", ru, en));
            }
        }
        if self.colour.as_ref().is_some_and(|colour| contrast_with_white(colour).is_none_or(|it| it < 4.5)) {
            let ru =
                "Цвет пишется как #2f50b2 и должен быть достаточно тёмным, чтобы на нём читался белый текст";
            let en = "A colour is written #2f50b2 and must be dark enough for white text to be read on it";
            all.push(Problem::invalid("widget.colour", "bad_colour", ru, en));
        }
        if self.sites.len() > SITES_MAX {
            let ru = format!("Не больше {SITES_MAX} сайтов");
            all.push(Problem::invalid("widget.sites", "too_many", ru, format!("At most {SITES_MAX} sites")));
        }
        for (at, site) in self.sites.iter().enumerate() {
            if !is_origin(site) {
                let ru = "Сайт пишется без пути и косой черты в конце: https://shop.example";
                let en = "A site is written without a path and a slash at the end: https://shop.example";
                all.push(Problem::invalid(&format!("widget.sites.{at}"), "bad_site", ru, en));
            }
        }
        all
    }
}

/// As browsers write it in `Origin`.
fn is_origin(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    matches!(url.scheme(), "https" | "http")
        && matches!(url.origin(), Origin::Tuple(..))
        && url.origin().ascii_serialization() == text
}

/// By WCAG 2; none when it is no colour.
fn contrast_with_white(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let part = |at: usize| {
        let byte = u8::from_str_radix(digits.get(at..at + 2)?, 16).ok()?;
        let share = f64::from(byte) / 255.0;
        Some(if share <= 0.040_45 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) })
    };
    let light = 0.2126 * part(0)? + 0.7152 * part(2)? + 0.0722 * part(4)?;
    Some(1.05 / (light + 0.05))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_origins_and_colours_carry_white() {
        for (site, good) in [
            ("https://shop.example", true),
            ("http://127.0.0.1:8080", true),
            ("https://shop.example/", false),
            ("https://shop.example/path", false),
            ("shop.example", false),
            ("https://SHOP.example", false),
            ("file:///x", false),
            ("javascript:alert(1)", false),
        ] {
            assert_eq!(is_origin(site), good, "{site}");
        }
        for (colour, good) in [
            ("#2f50b2", true),
            ("#bc5424", true),
            ("#ffffff", false),
            ("#ffdd00", false),
            ("red", false),
            ("#ыы", false),
        ] {
            let settings = WidgetSettings { colour: Some(colour.into()), ..WidgetSettings::default() };
            assert_eq!(settings.problems().is_empty(), good, "{colour}");
        }
    }

    #[test]
    fn a_list_of_sites_keeps_the_others_out() {
        let open = WidgetSettings::default();
        let bound = WidgetSettings { sites: vec!["https://shop.example".into()], ..open.clone() };
        assert!(open.allows("https://any.example") && bound.allows("https://shop.example"));
        assert!(!bound.allows("https://shop.example.evil") && !bound.allows("null"));
    }
}
