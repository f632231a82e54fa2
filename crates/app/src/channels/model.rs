//! A channel's settings as stored and as asked for.

use super::widget::WidgetSettings;
use crate::directory::{Audience, ReceiveBy};
use crate::problem::Problem;
use samovar_connectors::{Kind, Messenger, Pace};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use url::Url;

/// What is stored in the clear about a channel; absent means the messenger's own default.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelSettings {
    /// Another Bot API server than the vendor's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_base: Option<Url>,
    /// `http`, `https`, `socks5` or `socks5h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Url>,
    /// How deliveries come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receive: Option<ReceiveBy>,
    /// How fast the bot may write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<Pace>,
    /// Language of the system's own sentences; the company's when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// Who writes to it; never changes.
    #[serde(default, skip_serializing_if = "Audience::is_customers")]
    pub audience: Audience,
    /// What the widget on the company's sites looks like, and where it may stand.
    #[serde(default, skip_serializing_if = "WidgetSettings::is_default")]
    pub widget: WidgetSettings,
    /// The bot offers the Mini App by a button beside the text field.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mini_app: bool,
}

impl ChannelSettings {
    /// Where the messenger's API is.
    pub fn api_base(&self, messenger: &dyn Messenger) -> Url {
        self.api_base.clone().unwrap_or_else(|| messenger.api_base())
    }
    /// How deliveries come.
    pub fn receive_by(&self, kind: Kind) -> ReceiveBy {
        match kind {
            Kind::Webchat => ReceiveBy::Page,
            Kind::Telegram => self.receive.unwrap_or(ReceiveBy::Polling),
        }
    }
}

/// A channel as somebody wants it to be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Short name, by which it is found again.
    pub key: String,
    /// The protocol; never changes.
    pub kind: Kind,
    /// For people.
    pub name: String,
    /// The messenger's key to the bot; the stored one stays when absent.
    pub token: Option<SecretString>,
    /// The rest.
    pub settings: ChannelSettings,
    /// Keys of the scenarios it runs, in order.
    pub scenarios: Vec<String>,
}

impl Wanted {
    /// What is wrong with it, as far as it can be told without looking anywhere.
    pub fn problems(&self) -> Vec<Problem> {
        let mut all = Vec::new();
        if let Err(problem) = crate::tenants::word("key", &self.key) {
            all.push(problem);
        }
        if self.name.trim().is_empty() || self.name.chars().count() > 200 {
            all.push(Problem::invalid(
                "name",
                "bad_length",
                "Нужно название, до 200 знаков",
                "A name of at most 200 characters is needed",
            ));
        }
        if self.settings.locale.as_deref().is_some_and(|locale| !matches!(locale, "ru" | "en")) {
            all.push(crate::tenants::unknown_locale("locale"));
        }
        for (field, address, schemes) in [
            ("api_base", &self.settings.api_base, &["http", "https"][..]),
            ("proxy", &self.settings.proxy, &["http", "https", "socks5", "socks5h"][..]),
        ] {
            if address.as_ref().is_some_and(|url| !schemes.contains(&url.scheme())) {
                let ru = format!("Адрес должен начинаться с одного из: {}", schemes.join(", "));
                all.push(Problem::invalid(
                    field,
                    "bad_address",
                    ru,
                    format!("The address must begin with one of: {}", schemes.join(", ")),
                ));
            }
        }
        all.extend(self.settings.widget.problems());
        if self.settings.pace.is_some_and(|pace| pace.bot_per_second == 0 || pace.chat_per_second == 0) {
            all.push(Problem::invalid(
                "pace",
                "bad_pace",
                "Скорость должна быть больше нуля",
                "A pace must be above zero",
            ));
        }
        all
    }
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Put {
    /// It is new.
    Created,
    /// It was there and differed.
    Changed,
    /// It was so already.
    Kept,
}
