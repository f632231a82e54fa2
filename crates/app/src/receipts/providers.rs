//! Where receipts are checked: the ladder of a company's providers, and how they do, in plain words.

use super::model::{Provider, ProviderSettings};
use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::problem::{Fail, Problem};
use samovar_base::{Instant, ProviderId, TenantId};
use samovar_connectors::receipt_check::Kind;
use samovar_store::{Row, StoreError, Tx, params, query, table_write};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::Arc;

/// Most providers of a company.
const PROVIDERS_MAX: usize = 10;
/// Answers by which it is told how a provider does.
const LAST: u32 = 50;
/// Questions that are counted of a day.
const DAY_MAX: i64 = 1_000_000;
/// Longest name, in letters.
const NAME_MAX: usize = 80;
/// The last place of a ladder.
const PLACE_MAX: i64 = 1_000;
/// Failures in a row from which a provider counts as silent.
const SILENT: usize = 3;

macro_rules! columns {
    () => {
        "id, kind, name, place, secret, settings, paused, revision, created_at"
    };
}

query! {
    static PROVIDERS = concat!("SELECT ", columns!(), " FROM receipts_provider WHERE tenant_id = $1 ORDER BY place, id");
    static PROVIDER = concat!("SELECT ", columns!(), " FROM receipts_provider WHERE tenant_id = $1 AND id = $2");
    static ASKED_SINCE = "SELECT COUNT(*) FROM (SELECT 1 FROM receipts_attempt \
        WHERE tenant_id = $1 AND provider_id = $2 AND asked_at >= $3 LIMIT $4) AS asked";
    static LAST_ATTEMPTS = "SELECT asked_at, took_ms, outcome, words FROM receipts_attempt \
        WHERE tenant_id = $1 AND provider_id = $2 ORDER BY asked_at DESC LIMIT $3";
    static PROVIDER_GONE = "DELETE FROM receipts_provider WHERE tenant_id = $1 AND id = $2";
}
table_write! {
    static PROVIDER_NEW = insert receipts_provider key(id int) set(
        kind text, name text, place int, secret bytes, settings text, paused bool, revision int, created_at int);
    static PROVIDER_SAVE = update receipts_provider key(id int) guard(revision int) set(
        revision int, name text, place int, secret bytes, settings text, paused bool);
}

/// A provider to be made.
#[derive(Debug, Clone)]
pub struct NewProvider {
    /// Which service.
    pub kind: Kind,
    /// As the staff calls it.
    pub name: String,
    /// Where in the ladder, from 1; none: last.
    pub place: Option<i64>,
    /// What it needs to know.
    pub settings: ProviderSettings,
    /// Its token.
    pub token: SecretString,
}

/// What to change of a provider; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct ProviderChange {
    /// Refused when it has another revision by now.
    pub revision: Option<i64>,
    /// Its name.
    pub name: Option<String>,
    /// Its place in the ladder.
    pub place: Option<i64>,
    /// Its settings, all of them.
    pub settings: Option<ProviderSettings>,
    /// Another token.
    pub token: Option<SecretString>,
    /// Switched off or on.
    pub paused: Option<bool>,
}

/// How a provider does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// Nothing was asked yet.
    Unknown,
    /// It answers.
    Works,
    /// It did not answer several times in a row.
    Silent,
    /// Its quota is used up.
    Quota,
    /// It does not accept the token.
    Token,
    /// Somebody switched it off.
    Paused,
}

impl Health {
    /// The name in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Works => "works",
            Self::Silent => "silent",
            Self::Quota => "quota",
            Self::Token => "token",
            Self::Paused => "paused",
        }
    }
}

/// A provider with how it does.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Which.
    pub provider: Provider,
    /// How it does.
    pub health: Health,
    /// The same in plain words: Russian, English.
    pub words: [String; 2],
    /// Questions on this day of the business.
    pub asked_today: i64,
    /// When it was asked last.
    pub asked_at: Option<Instant>,
    /// The mean time of its last answers.
    pub answers_in_ms: Option<i64>,
}

/// The providers that may be asked, in the order of the ladder.
pub(super) async fn ladder(app: &App, tenant: TenantId) -> Result<Vec<Arc<Provider>>, Fail> {
    let services = app.clone();
    app.store
        .read(tenant, move |tx| {
            let app = services.clone();
            async move {
                let mut ladder = Vec::new();
                for row in &tx.all(&PROVIDERS, ()).await? {
                    ladder.extend(provider(&app, &tx, row)?.filter(|known| !known.paused).map(Arc::new));
                }
                Ok::<_, Fail>(ladder)
            }
        })
        .await
}

/// Questions to a provider since a moment.
pub(super) async fn asked_since(
    app: &App,
    tenant: TenantId,
    provider: ProviderId,
    since: Instant,
) -> Result<i64, Fail> {
    app.store.read(tenant, move |tx| async move { asked_in(&tx, provider, since).await }).await
}

async fn asked_in(tx: &Tx, provider: ProviderId, since: Instant) -> Result<i64, Fail> {
    let row = tx.one(&ASKED_SINCE, params![provider, since, DAY_MAX]).await?;
    Ok(row.map_or(Ok(0), |row| row.int(0))?)
}

/// A row of a kind that this program does not know is passed over.
fn provider(app: &App, tx: &Tx, row: &Row) -> Result<Option<Provider>, Fail> {
    let id: ProviderId = row.id(0)?;
    let Ok(kind) = row.text(1)?.parse::<Kind>() else { return Ok(None) };
    let token = match row.bytes(4)? {
        [] => String::new(),
        sealed => match app.vault.open(&of(tx.tenant(), id), sealed) {
            Ok(open) => String::from_utf8_lossy(&open).into_owned(),
            Err(_) => {
                return Err(StoreError::Misused {
                    statement: "PROVIDER",
                    what: "a token cannot be opened".into(),
                }
                .into());
            }
        },
    };
    Ok(Some(Provider {
        id,
        kind,
        name: row.text(2)?.to_owned(),
        place: row.int(3)?,
        token: token.into(),
        settings: row.json(5)?,
        paused: row.bool(6)?,
        revision: row.int(7)?,
        created_at: row.instant(8)?,
    }))
}

/// What a sealed token belongs to.
fn of(tenant: TenantId, id: ProviderId) -> String {
    format!("receipts_provider/{tenant}/{id}")
}

fn sealed(app: &App, tenant: TenantId, id: ProviderId, token: &SecretString) -> Vec<u8> {
    if token.expose_secret().is_empty() {
        return Vec::new();
    }
    app.vault.seal(&app.chance, &of(tenant, id), token.expose_secret().as_bytes())
}

/// All providers, in the order of the ladder, with how they do.
pub async fn providers(app: &App, actor: &Actor) -> Result<Vec<Listed>, Fail> {
    actor.require(Right::Promotions)?;
    let (services, now) = (app.clone(), app.clock.now());
    let zone =
        app.directory.tenant(actor.tenant).map_or(jiff::tz::TimeZone::UTC, |tenant| tenant.time_zone());
    let day = now.in_zone(&zone).start_of_day().map_or(now, |day| Instant::from(day.timestamp()));
    app.store
        .read(actor.tenant, move |tx| {
            let app = services.clone();
            async move {
                let mut all = Vec::new();
                for row in &tx.all(&PROVIDERS, ()).await? {
                    if let Some(known) = provider(&app, &tx, row)? {
                        all.push(listed(&tx, known, day).await?);
                    }
                }
                Ok::<_, Fail>(all)
            }
        })
        .await
}

struct Last {
    asked_at: Instant,
    took_ms: i64,
    outcome: String,
    words: String,
}

async fn listed(tx: &Tx, provider: Provider, day: Instant) -> Result<Listed, Fail> {
    let rows = tx.all(&LAST_ATTEMPTS, params![provider.id, LAST]).await?;
    let last = rows
        .iter()
        .map(|row| {
            Ok(Last {
                asked_at: row.instant(0)?,
                took_ms: row.int(1)?,
                outcome: row.text(2)?.to_owned(),
                words: row.text(3)?.to_owned(),
            })
        })
        .collect::<Result<Vec<_>, StoreError>>()?;
    let (health, words) = told(&provider, &last);
    let answered: Vec<i64> =
        last.iter().filter(|one| is_answer(&one.outcome)).map(|one| one.took_ms).collect();
    let mean = i64::try_from(answered.len()).ok().filter(|count| *count > 0);
    Ok(Listed {
        health,
        words,
        asked_today: asked_in(tx, provider.id, day).await?,
        asked_at: last.first().map(|one| one.asked_at),
        answers_in_ms: mean.map(|count| answered.iter().sum::<i64>() / count),
        provider,
    })
}

fn is_answer(outcome: &str) -> bool {
    matches!(outcome, "found" | "not_yet" | "unknown" | "later")
}

/// How a provider does, from its last answers; the youngest is the first.
fn told(provider: &Provider, last: &[Last]) -> (Health, [String; 2]) {
    let both = |ru: &str, en: &str| [ru.to_owned(), en.to_owned()];
    if provider.paused {
        return (
            Health::Paused,
            both("Выключен: чеки у него не проверяются.", "Switched off: no receipts are checked there."),
        );
    }
    let Some(newest) = last.first() else {
        return (Health::Unknown, both("Запросов ещё не было.", "Nothing was asked yet."));
    };
    let words = if newest.words.is_empty() { String::new() } else { format!(" ({})", newest.words) };
    let failures = last.iter().take_while(|one| one.outcome == "error").count();
    match newest.outcome.as_str() {
        "refused" => (
            Health::Token,
            [
                format!("Токен не принимается{words}. Замените его: чеки ждут и не потеряются."),
                format!("The token is not accepted{words}. Replace it: receipts wait and are not lost."),
            ],
        ),
        "quota" => (
            Health::Quota,
            [
                format!(
                    "Лимит запросов исчерпан{words}. Чеки ждут; проверка продолжится, когда лимит обновится. Чтобы быстрее, увеличьте тариф или добавьте второго провайдера."
                ),
                format!(
                    "The quota is used up{words}. Receipts wait; checking goes on when it is renewed. To be faster, take a larger plan or add a second provider."
                ),
            ],
        ),
        "error" if failures >= SILENT => (
            Health::Silent,
            [
                format!(
                    "Не отвечает уже {failures} раз подряд{words}. Чеки ждут и не потеряются: спросим снова сами."
                ),
                format!(
                    "Did not answer {failures} times in a row{words}. Receipts wait and are not lost: it is asked again by itself."
                ),
            ],
        ),
        _ => {
            let answered = last.iter().filter(|one| is_answer(&one.outcome)).count();
            (
                Health::Works,
                [
                    format!("Работает: ответил на {answered} из {} последних запросов.", last.len()),
                    format!("Works: answered {answered} of the last {} questions.", last.len()),
                ],
            )
        }
    }
}

/// Makes a provider.
pub async fn add_provider(app: &App, actor: &Actor, new: NewProvider) -> Result<Provider, Fail> {
    actor.require(Right::Promotions)?;
    let name = named(&new.name)?;
    placed(new.place)?;
    checked(&new.settings)?;
    let id = ProviderId::new(&app.ids, app.clock.as_ref());
    let now = app.clock.now();
    let secret = sealed(app, actor.tenant, id, &new.token);
    let (services, who) = (app.clone(), actor.clone());
    let made = app
        .store
        .run(actor.tenant, 0, move |tx| {
            let (app, actor, new, name, secret) =
                (services.clone(), who.clone(), new.clone(), name.clone(), secret.clone());
            async move {
                let known = tx.all(&PROVIDERS, ()).await?;
                if known.len() >= PROVIDERS_MAX {
                    return Err(Fail::from(too_many()));
                }
                let last = known.last().map_or(Ok(0), |row| row.int(3))?;
                let place = new.place.unwrap_or((last + 1).min(PLACE_MAX));
                let settings = serde_json::to_string(&new.settings).unwrap_or_default();
                let kind = new.kind.as_str();
                tx.put(
                    &PROVIDER_NEW,
                    params![id, kind, name.as_str(), place, secret, settings, false, 1_i64, now],
                );
                audit(
                    &tx,
                    &app,
                    &actor,
                    "receipts.provider.add",
                    id,
                    &json!({ "kind": kind, "name": name, "place": place }),
                );
                Ok(Provider {
                    id,
                    kind: new.kind,
                    name,
                    place,
                    settings: new.settings,
                    token: new.token,
                    paused: false,
                    revision: 1,
                    created_at: now,
                })
            }
        })
        .await?;
    app.checks.forget(id);
    Ok(made)
}

/// Changes a provider; the next question goes by it.
pub async fn change_provider(
    app: &App,
    actor: &Actor,
    id: ProviderId,
    change: ProviderChange,
) -> Result<Provider, Fail> {
    actor.require(Right::Promotions)?;
    placed(change.place)?;
    if let Some(settings) = &change.settings {
        checked(settings)?;
    }
    let name = change.name.as_deref().map(named).transpose()?;
    let secret = change.token.as_ref().map(|token| sealed(app, actor.tenant, id, token));
    let (services, who) = (app.clone(), actor.clone());
    let changed = app
        .store
        .run(actor.tenant, 0, move |tx| {
            let (app, actor, change, name, secret) =
                (services.clone(), who.clone(), change.clone(), name.clone(), secret.clone());
            async move {
                let row = tx.one(&PROVIDER, params![id]).await?.ok_or_else(|| missing(id))?;
                let mut known = provider(&app, &tx, &row)?.ok_or_else(|| missing(id))?;
                let read = known.revision;
                if change.revision.is_some_and(|revision| revision != read) {
                    return Err(Fail::from(changed_meanwhile()));
                }
                known.name = name.unwrap_or(known.name);
                known.place = change.place.unwrap_or(known.place);
                known.settings = change.settings.unwrap_or(known.settings);
                known.token = change.token.unwrap_or(known.token);
                known.paused = change.paused.unwrap_or(known.paused);
                known.revision += 1;
                let secret = match secret {
                    Some(secret) => secret,
                    None => row.bytes(4)?.to_vec(),
                };
                let settings = serde_json::to_string(&known.settings).unwrap_or_default();
                let set = params![id, read, known.revision, known.name.as_str(), known.place, secret, settings, known.paused];
                tx.put(&PROVIDER_SAVE, set);
                let told = json!({ "name": known.name, "place": known.place, "paused": known.paused, "settings": known.settings });
                audit(&tx, &app, &actor, "receipts.provider.change", id, &told);
                Ok(known)
            }
        })
        .await?;
    app.checks.forget(id);
    Ok(changed)
}

/// Removes a provider; what it answered stays.
pub async fn remove_provider(app: &App, actor: &Actor, id: ProviderId) -> Result<(), Fail> {
    actor.require(Right::Promotions)?;
    let (services, who) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, 0, move |tx| {
            let (app, actor) = (services.clone(), who.clone());
            async move {
                if tx.exec(&PROVIDER_GONE, params![id]).await? == 0 {
                    return Err(missing(id));
                }
                audit(&tx, &app, &actor, "receipts.provider.remove", id, &json!({}));
                Ok(())
            }
        })
        .await?;
    app.checks.forget(id);
    Ok(())
}

fn named(name: &str) -> Result<String, Fail> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        let ru = format!("Назовите провайдера: от 1 до {NAME_MAX} знаков");
        return Err(Problem::invalid(
            "name",
            "bad_name",
            ru,
            format!("Name the provider in 1 to {NAME_MAX} characters"),
        )
        .into());
    }
    Ok(name.to_owned())
}

fn placed(place: Option<i64>) -> Result<(), Fail> {
    match place {
        Some(place) if !(1..=PLACE_MAX).contains(&place) => Err(out_of("place", 1, PLACE_MAX)),
        _ => Ok(()),
    }
}

fn out_of(field: &str, least: i64, most: i64) -> Fail {
    let ru = format!("Введите число от {least} до {most}");
    Problem::invalid(field, "out_of_range", ru, format!("Enter a number from {least} to {most}")).into()
}

fn checked(settings: &ProviderSettings) -> Result<(), Fail> {
    if !(1..=60_000).contains(&settings.per_minute) {
        return Err(out_of("settings.per_minute", 1, 60_000));
    }
    if !(1..=256).contains(&settings.at_once) {
        return Err(out_of("settings.at_once", 1, 256));
    }
    if settings.per_day.is_some_and(|most| !(1..=100_000_000).contains(&most)) {
        return Err(out_of("settings.per_day", 1, 100_000_000));
    }
    for (field, address) in [("settings.address", &settings.address), ("settings.proxy", &settings.proxy)] {
        if address.as_ref().is_some_and(|address| !matches!(address.scheme(), "http" | "https")) {
            let en = "Enter a whole address, like https://…";
            return Err(Problem::invalid(
                field,
                "bad_address",
                "Введите адрес целиком, например https://…",
                en,
            )
            .into());
        }
    }
    Ok(())
}

fn too_many() -> Problem {
    let ru = format!("Провайдеров уже {PROVIDERS_MAX}: удалите лишнего");
    Problem::refused(
        "too_many_providers",
        ru,
        format!("There are {PROVIDERS_MAX} providers already: remove one"),
    )
}

fn changed_meanwhile() -> Problem {
    let ru = "Провайдера изменил кто-то другой: обновите страницу и повторите";
    let en = "Somebody else changed the provider: reload and try again";
    Problem::new(crate::problem::Kind::Conflict, "changed_meanwhile", ru, en)
}

fn missing(id: ProviderId) -> Fail {
    Problem::not_found("провайдер проверки", "provider of checks", id).into()
}
