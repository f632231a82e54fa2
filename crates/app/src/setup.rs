//! A company set up from one file; again with the same file changes nothing.

use crate::access::{Actor, Rights, Role};
use crate::app::App;
use crate::catalogue::{self, CatalogueTexts, ItemFields};
use crate::channels::{self, ChannelSettings, Put, Wanted, WidgetSettings};
use crate::codes::{self, CodeRules};
use crate::deals::{self, PipelineFields};
use crate::directory::{Audience, ReceiveBy};
use crate::loyalty::{self, Programme};
use crate::pipeline::sweep;
use crate::problem::{Fail, Kind as ProblemKind, Problem};
use crate::tenants::{self, NewTenant, Settings, Tenant};
use crate::{contacts, ledger, scenarios, staff};
use samovar_base::ChannelId;
use samovar_connectors::{Kind, Pace};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use url::Url;

/// A company as a file says it should be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompanyFile {
    /// The company.
    pub company: Company,
    /// Who owns it.
    pub owner: Owner,
    /// Keys to the REST API.
    #[serde(default)]
    pub api_keys: Vec<Key>,
    /// Texts people agree to.
    #[serde(default)]
    pub consents: Vec<Consent>,
    /// The loyalty programme.
    #[serde(default)]
    pub loyalty: Option<Programme>,
    /// When an operation needs a code from the customer.
    #[serde(default)]
    pub codes: Option<CodeRules>,
    /// Services and goods.
    #[serde(default)]
    pub catalogue: CatalogueFile,
    /// Ways that deals go, by their short names.
    #[serde(default)]
    pub pipelines: BTreeMap<String, PipelineFields>,
    /// Scenarios, from files.
    #[serde(default)]
    pub scenarios: Vec<ScenarioFile>,
    /// Bots and widgets.
    #[serde(default)]
    pub channels: Vec<ChannelFile>,
}

/// The company.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Company {
    /// Short name, by which it is found again.
    pub key: String,
    /// As customers read it.
    pub name: String,
    /// IANA time zone.
    pub zone: String,
    /// `ru` or `en`.
    pub locale: String,
    /// Where the privacy policy can be read.
    pub policy_url: Option<String>,
}

/// Who owns it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// By which they will sign in.
    pub email: String,
    /// For people.
    pub name: String,
}

/// A key to the REST API.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// By which it is found again.
    pub name: String,
    /// Names of rights; `["*"]` is all.
    pub scopes: Vec<String>,
    /// The key itself, made by you: `sv_` and at least 20 characters.
    pub secret: Secret,
}

/// A text people agree to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// For what: `loyalty`.
    pub purpose: String,
    /// The text.
    pub text: String,
}

/// Services and goods.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CatalogueFile {
    /// By their short names.
    pub items: BTreeMap<String, ItemFields>,
    /// With how many pieces an item begins; what is there later is not changed by the file.
    pub stock: BTreeMap<String, i64>,
    /// What the screens say.
    pub texts: Option<CatalogueTexts>,
}

/// A scenario.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFile {
    /// Its file, from the folder of this one.
    pub file: PathBuf,
}

/// A bot or widget.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelFile {
    /// By which it is found again.
    pub key: String,
    /// `telegram` or `webchat`.
    pub messenger: String,
    /// For people.
    pub name: String,
    /// The messenger's key to the bot.
    pub token: Option<Secret>,
    /// Another Bot API server.
    pub api_base: Option<Url>,
    /// `http`, `https`, `socks5` or `socks5h`.
    pub proxy: Option<Url>,
    /// `polling` or `webhook`.
    pub receive: Option<ReceiveBy>,
    /// How fast it may write; the messenger's own limits when absent.
    pub pace: Option<Pace>,
    /// Language of the system's own sentences.
    pub locale: Option<String>,
    /// `customers` or `staff`; customers when absent.
    #[serde(default)]
    pub audience: Audience,
    /// The widget of a web chat.
    #[serde(default)]
    pub widget: WidgetSettings,
    /// Offer the Mini App by a button beside the text field.
    #[serde(default)]
    pub mini_app: bool,
    /// Keys of the scenarios it runs, in order.
    pub scenarios: Vec<String>,
}

/// A secret, never in the file itself unless you insist.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Secret {
    /// In an environment variable.
    Env(String),
    /// In a file, from the folder of this one; blanks around it are left out.
    File(PathBuf),
    /// Here.
    Value(SecretString),
}

/// What came of one part of the file.
#[derive(Debug, Clone, Serialize)]
pub struct Change {
    /// What: `channel telegram`.
    pub what: String,
    /// Created, changed or kept.
    pub put: Put,
}

/// What came of the file.
#[derive(Debug)]
pub struct Applied {
    /// The company.
    pub tenant: Tenant,
    /// Part by part, in the order in which it was done.
    pub changes: Vec<Change>,
    /// Channels that are new or changed: they are to be connected to their messengers.
    pub connect: Vec<ChannelId>,
}

impl CompanyFile {
    /// Reads the text of a company file; what is wrong with it is said with its line.
    pub fn parse(text: &str) -> Result<Self, Fail> {
        toml::from_str(text).map_err(|error| {
            let en = format!("The company file cannot be read: {error}");
            Problem::new(
                ProblemKind::Invalid,
                "bad_company_file",
                format!("Файл компании не читается: {error}"),
                en,
            )
            .into()
        })
    }
}

/// Makes a company be as the file says. `folder` is where the files it names are looked for. What the file does not
/// name is left alone.
pub async fn apply(app: &App, file: &CompanyFile, folder: &Path) -> Result<Applied, Fail> {
    let mut changes = Vec::new();
    let tenant = company(app, &file.company, &mut changes).await?;
    let actor = Actor::setup(tenant.id);
    let (_, put) = staff::put(app, &actor, &file.owner.email, &file.owner.name, Role::Owner).await?;
    changes.push(Change { what: format!("owner {}", file.owner.email), put: created_or_kept(put) });
    for key in &file.api_keys {
        changes.push(api_key(app, &actor, key, folder).await?);
    }
    for consent in &file.consents {
        changes.push(consent_text(app, &actor, consent).await?);
    }
    if let Some(programme) = &file.loyalty {
        changes.push(loyalty_programme(app, &actor, programme).await?);
    }
    offers(app, &actor, file, &mut changes).await?;
    for scenario in &file.scenarios {
        changes.push(publish(app, &actor, scenario, folder).await?);
    }
    let mut connect = Vec::new();
    for channel in &file.channels {
        let (id, change) = connect_channel(app, &actor, channel, folder).await?;
        if change.put != Put::Kept {
            connect.push(id);
        }
        changes.push(change);
    }
    housekeeping(app, &tenant).await?;
    app.directory.load_tenant(app, tenant.id).await?;
    Ok(Applied { tenant, changes, connect })
}

async fn company(app: &App, wanted: &Company, changes: &mut Vec<Change>) -> Result<Tenant, Fail> {
    let what = format!("company {}", wanted.key);
    let Some(found) = tenants::find(app, &wanted.key).await? else {
        let new = NewTenant {
            key: wanted.key.clone(),
            name: wanted.name.clone(),
            zone: wanted.zone.clone(),
            locale: wanted.locale.clone(),
            settings: Settings { policy_url: wanted.policy_url.clone(), ..Settings::default() },
        };
        changes.push(Change { what, put: Put::Created });
        return tenants::create(app, new).await;
    };
    let wish = tenants::Changes {
        name: Some(wanted.name.clone()),
        zone: Some(wanted.zone.clone()),
        locale: Some(wanted.locale.clone()),
        policy_url: Some(wanted.policy_url.clone()),
        logo: None,
    };
    let updated = tenants::update(app, &Actor::setup(found.id), None, wish).await?;
    changes.push(Change {
        what,
        put: if updated.revision == found.revision { Put::Kept } else { Put::Changed },
    });
    Ok(updated)
}

async fn api_key(app: &App, actor: &Actor, key: &Key, folder: &Path) -> Result<Change, Fail> {
    let rights = if key.scopes == ["*"] {
        Rights::ALL
    } else {
        Rights::parse(&key.scopes.join(" ")).map_err(Fail::Problems)?
    };
    let secret = read_secret(&key.secret, folder)?;
    let (_, made) =
        staff::put_key(app, actor, &key.name, rights, secrecy::ExposeSecret::expose_secret(&secret)).await?;
    Ok(Change { what: format!("api key {}", key.name), put: created_or_kept(made) })
}

async fn consent_text(app: &App, actor: &Actor, consent: &Consent) -> Result<Change, Fail> {
    let before = contacts::consent_texts(app, actor).await?;
    let known = before.iter().filter(|text| text.purpose == consent.purpose).map(|text| text.version).max();
    let now = contacts::put_consent_text(app, actor, &consent.purpose, &consent.text).await?;
    let put = match known {
        None => Put::Created,
        Some(version) if version == now.version => Put::Kept,
        Some(_) => Put::Changed,
    };
    Ok(Change { what: format!("consent {}", consent.purpose), put })
}

async fn loyalty_programme(app: &App, actor: &Actor, wanted: &Programme) -> Result<Change, Fail> {
    let before = loyalty::programme(app, actor).await?;
    let put = if before.programme == *wanted && before.revision > 0 {
        Put::Kept
    } else {
        loyalty::set_programme(app, actor, None, wanted.clone()).await?;
        if before.revision == 0 { Put::Created } else { Put::Changed }
    };
    Ok(Change { what: "loyalty programme".into(), put })
}

/// Codes, the catalogue and pipelines.
async fn offers(app: &App, actor: &Actor, file: &CompanyFile, changes: &mut Vec<Change>) -> Result<(), Fail> {
    if let Some(rules) = &file.codes {
        let before = codes::rules(app, actor).await?.revision;
        let after = codes::set_rules(app, actor, None, rules.clone()).await?.revision;
        changes.push(Change { what: "codes".into(), put: revised(before, after) });
    }
    for (key, item) in &file.catalogue.items {
        let (_, put) = catalogue::put(app, actor, key, None, item.clone(), None).await?;
        if let (catalogue::Done::Created, Some(stock)) = (put, file.catalogue.stock.get(key)) {
            catalogue::put(app, actor, key, None, item.clone(), Some(Some(*stock))).await?;
        }
        changes.push(Change { what: format!("catalogue item {key}"), put: done(put) });
    }
    if let Some(texts) = &file.catalogue.texts {
        let before = catalogue::texts(app, actor).await?.revision;
        let after = catalogue::set_texts(app, actor, None, texts.clone()).await?.revision;
        changes.push(Change { what: "catalogue texts".into(), put: revised(before, after) });
    }
    for (key, pipeline) in &file.pipelines {
        let (_, put) = deals::put_pipeline(app, actor, key, None, pipeline.clone()).await?;
        changes.push(Change { what: format!("pipeline {key}"), put: done(put) });
    }
    Ok(())
}

async fn publish(app: &App, actor: &Actor, scenario: &ScenarioFile, folder: &Path) -> Result<Change, Fail> {
    let path = folder.join(&scenario.file);
    let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?;
    let imported = scenarios::import(app, actor, &text).await?;
    let key = imported.drafted.scenario.key.clone();
    let published = scenarios::publish(app, actor, &key, None).await?;
    let put = match (published.new, published.version) {
        (false, _) => Put::Kept,
        (true, 1) => Put::Created,
        (true, _) => Put::Changed,
    };
    Ok(Change { what: format!("scenario {key} (version {})", published.version), put })
}

async fn connect_channel(
    app: &App,
    actor: &Actor,
    channel: &ChannelFile,
    folder: &Path,
) -> Result<(ChannelId, Change), Fail> {
    let kind: Kind =
        channel.messenger.parse().map_err(|error: samovar_connectors::messenger::UnknownKind| {
            Problem::invalid(
                "channels.messenger",
                "unknown_messenger",
                format!("Нет такого мессенджера: {}", error.0),
                error.to_string(),
            )
        })?;
    let wanted = Wanted {
        key: channel.key.clone(),
        kind,
        name: channel.name.clone(),
        token: channel.token.as_ref().map(|token| read_secret(token, folder)).transpose()?,
        settings: ChannelSettings {
            api_base: channel.api_base.clone(),
            proxy: channel.proxy.clone(),
            receive: channel.receive,
            pace: channel.pace,
            locale: channel.locale.clone(),
            audience: channel.audience,
            widget: channel.widget.clone(),
            mini_app: channel.mini_app,
        },
        scenarios: channel.scenarios.clone(),
    };
    let (id, put) = channels::put(app, actor, wanted).await?;
    Ok((id, Change { what: format!("channel {}", channel.key), put }))
}

/// The jobs every company has.
/// Sees to it that the company's books and queues are looked after.
pub(crate) async fn housekeeping(app: &App, tenant: &Tenant) -> Result<(), Fail> {
    let services = app.clone();
    app.store
        .run(tenant.id, tenants::unit_key(tenant.id), move |tx| {
            let app = services.clone();
            async move {
                sweep::ensure(&app, &tx).await?;
                ledger::work::watch(&app, &tx, app.clock.now()).await
            }
        })
        .await
}

/// Reads a secret from where the file says it is.
pub fn read_secret(secret: &Secret, folder: &Path) -> Result<SecretString, Fail> {
    let text = match secret {
        Secret::Value(value) => return Ok(value.clone()),
        Secret::Env(name) => std::env::var(name).map_err(|_| missing(&format!("${name}")))?,
        Secret::File(path) => {
            let path = folder.join(path);
            std::fs::read_to_string(&path).map_err(|error| unreadable(&path, &error))?
        }
    };
    let text = text.trim();
    if text.is_empty() { Err(missing("secret")) } else { Ok(SecretString::from(text.to_owned())) }
}

fn missing(what: &str) -> Fail {
    let ru = format!("Секрет не задан: {what}");
    Problem::new(ProblemKind::Invalid, "secret_missing", ru, format!("The secret is not set: {what}")).into()
}

fn unreadable(path: &Path, error: &std::io::Error) -> Fail {
    let ru = format!("Файл {} не читается: {error}", path.display());
    Problem::new(
        ProblemKind::Invalid,
        "file_unreadable",
        ru,
        format!("The file {} cannot be read: {error}", path.display()),
    )
    .into()
}

fn revised(before: i64, after: i64) -> Put {
    match before {
        _ if before == after => Put::Kept,
        0 => Put::Created,
        _ => Put::Changed,
    }
}

fn done(put: catalogue::Done) -> Put {
    match put {
        catalogue::Done::Created => Put::Created,
        catalogue::Done::Changed => Put::Changed,
        catalogue::Done::Kept => Put::Kept,
    }
}

fn created_or_kept(created: bool) -> Put {
    if created { Put::Created } else { Put::Kept }
}
