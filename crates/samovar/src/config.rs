//! Settings: the annotated default file, the operator's file over it, the environment over both.

use crate::variables::{self, Unknown};
use anyhow::{Context, bail};
use samovar_app::users::SignUpPolicy;
use samovar_connectors::beacon::Beacon;
use samovar_store::StoreOptions;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use toml::{Table, Value};
use url::Url;

/// The documentation of every setting, and their defaults.
pub const DEFAULT: &str = include_str!("default.toml");

/// Settings of one instance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The database.
    pub store: StoreConfig,
    /// The HTTP face.
    pub http: HttpConfig,
    /// Telegram.
    pub telegram: TelegramConfig,
    /// Draws.
    pub draws: DrawsConfig,
    /// The instance's key.
    pub secrets: SecretsConfig,
    /// How people come in to the console.
    pub console: ConsoleConfig,
    /// Letters.
    pub mail: MailConfig,
    /// Logs.
    pub log: LogConfig,
    /// The end.
    pub shutdown: ShutdownConfig,
    /// Variables of the environment that look like settings and are none.
    #[serde(skip)]
    pub unknown: Vec<Unknown>,
}

/// The database.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// Where.
    pub url: SecretString,
    /// Connections that write.
    pub lanes: usize,
    /// Connections that read.
    pub readers: usize,
}

/// The HTTP face.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where the world reaches it; empty when it does not.
    pub public_url: String,
    /// Whether to believe `X-Forwarded-For`.
    pub behind_proxy: bool,
}

/// Telegram.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelegramConfig {
    /// The Bot API server of channels that name none.
    pub api_base: Url,
}

/// Draws.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrawsConfig {
    /// Addresses of drand, separated by blanks; the first that answers is believed, if the signature holds.
    pub drand: String,
}

/// The instance's key.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretsConfig {
    /// Itself; empty to use the file.
    pub key: SecretString,
    /// Where it is kept when it is not given.
    pub key_file: PathBuf,
}

/// How people come in to the console.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConsoleConfig {
    /// Who may make a company.
    pub sign_up: SignUpPolicy,
}

/// Letters.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    /// The server; empty to send none.
    pub server: SecretString,
    /// The sender.
    pub from: String,
}

/// Logs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// Which messages.
    pub filter: String,
    /// In which form.
    pub format: LogFormat,
}

/// The form of logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// The end.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShutdownConfig {
    /// How long work in hand may take.
    pub patience_seconds: u64,
}

impl Config {
    /// From the defaults, a file if one is named or `samovar.toml` lies here, and `SAMOVAR_*` of `environment`.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> anyhow::Result<Self> {
        let mut settings: Table = DEFAULT.parse().context("the default settings")?;
        let found = file
            .map(Path::to_path_buf)
            .or_else(|| Some(PathBuf::from("samovar.toml")).filter(|path| path.exists()));
        if let Some(path) = found {
            let text =
                std::fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let over: Table = text.parse().with_context(|| format!("{} is not TOML", path.display()))?;
            lay_over(&mut settings, over).with_context(|| format!("in {}", path.display()))?;
        }
        let environment: Vec<(String, String)> = environment.into_iter().collect();
        let unknown = variables::unknown(&settings, environment.iter().map(|(name, _)| name.as_str()));
        for (name, value) in environment {
            lay_variable(&mut settings, &name, value)?;
        }
        let config: Self = Value::Table(settings).try_into().context("a setting has a wrong value")?;
        Ok(Self { unknown, ..config })
    }

    /// The address at which the world reaches the program.
    pub fn public_url(&self) -> anyhow::Result<Option<Url>> {
        if self.http.public_url.is_empty() {
            return Ok(None);
        }
        let url = Url::parse(&self.http.public_url).context("[http] public_url is not an address")?;
        if !matches!(url.scheme(), "http" | "https") {
            bail!("[http] public_url must begin with https://");
        }
        Ok(Some(url))
    }

    /// The public randomness of draws.
    pub fn beacon(&self) -> anyhow::Result<Beacon> {
        let address = |text: &str| -> anyhow::Result<Url> {
            let url = Url::parse(text).with_context(|| format!("[draws] drand: {text} is not an address"))?;
            if !matches!(url.scheme(), "http" | "https") || url.query().is_some() {
                bail!("[draws] drand: {text} must be like https://api.drand.sh");
            }
            Ok(url)
        };
        let mirrors = self.draws.drand.split_whitespace().map(address).collect::<anyhow::Result<_>>()?;
        Ok(Beacon::new(mirrors))
    }

    /// How the store is opened.
    pub fn store_options(&self) -> StoreOptions {
        StoreOptions {
            lanes: self.store.lanes,
            readers: self.store.readers,
            ..StoreOptions::new(self.store.url.expose_secret())
        }
    }
}

fn lay_over(settings: &mut Table, over: Table) -> anyhow::Result<()> {
    for (section, values) in over {
        let Some(Value::Table(known)) = settings.get_mut(&section) else {
            bail!("there is no section [{section}]")
        };
        let Value::Table(values) = values else { bail!("[{section}] is a section") };
        for (key, value) in values {
            if known.insert(key.clone(), value).is_none() {
                bail!("there is no setting [{section}] {key}");
            }
        }
    }
    Ok(())
}

/// `SAMOVAR_STORE_URL` is `[store] url`. Variables of other names are told of, see [`Config::unknown`].
fn lay_variable(settings: &mut Table, name: &str, value: String) -> anyhow::Result<()> {
    let Some(rest) = name.strip_prefix("SAMOVAR_") else { return Ok(()) };
    let rest = rest.to_lowercase();
    let Some((section, key)) = rest.split_once('_') else { return Ok(()) };
    let Some(place) =
        settings.get_mut(section).and_then(Value::as_table_mut).and_then(|section| section.get_mut(key))
    else {
        return Ok(());
    };
    *place = match place {
        Value::Integer(_) => {
            Value::Integer(value.parse().with_context(|| format!("{name} must be a whole number"))?)
        }
        Value::Boolean(_) => {
            Value::Boolean(value.parse().with_context(|| format!("{name} must be true or false"))?)
        }
        _ => Value::String(value),
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(variables: &[(&str, &str)]) -> anyhow::Result<Config> {
        Config::load(None, variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn defaults_are_whole_and_the_environment_goes_over_them() {
        let config = load(&[
            ("SAMOVAR_STORE_LANES", "5"),
            ("SAMOVAR_HTTP_LISTEN", "0.0.0.0:80"),
            ("SAMOVAR_TEST_POSTGRES", "x"),
            ("HOME", "x"),
        ]);
        let config = config.expect("settings");
        assert_eq!((config.store.lanes, config.http.listen.port()), (5, 80));
        assert_eq!(config.store.url.expose_secret(), "sqlite:samovar.sqlite");
        assert_eq!(config.draws.drand, samovar_connectors::beacon::MIRRORS.join(" "));
        assert!(config.beacon().is_ok());
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = load(&[("SAMOVAR_STORE_LANES", "many")]).expect_err("not a number");
        assert!(error.to_string().contains("SAMOVAR_STORE_LANES"), "{error:#}");
        let config = load(&[("SAMOVAR_DRAWS_DRAND", "https://api.drand.sh ftp://mirror")]).expect("settings");
        let error = config.beacon().expect_err("no such scheme");
        assert!(error.to_string().contains("ftp://mirror"), "{error:#}");
        let mut settings: Table = DEFAULT.parse().expect("toml");
        let over = "[store]\nurll = 'x'".parse().expect("toml");
        assert!(lay_over(&mut settings, over).expect_err("unknown").to_string().contains("urll"));
    }
}
