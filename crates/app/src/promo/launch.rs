//! A promotion goes into a bot: the ready bot of the library under the promotion's key, with its phrases and links, beside
//! whatever the bot runs already; and the one in which whoever wins says where the prize goes.

use super::{Promotion, get};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::channels::{self, ChannelRow, Wanted};
use crate::problem::{Fail, Kind, Problem};
use crate::scenarios;
use samovar_base::{ChannelId, PromotionId};
use samovar_engine::{Draft, Link, Trigger, TriggerOn};
use serde_json::Value;
use url::Url;

/// The ready bot.
const TEMPLATE: &str = "receipt-draw";
/// The ready bot in which winners say where their prizes go.
const DELIVERY: &str = "prize-delivery";
/// The first step of a promotion's bot.
const ENTRY: &str = "entry";
/// A screen that only bots of promotions have.
const SCREEN: &str = "receipts.send";
/// Channels that are looked through for links.
const CHANNELS_MAX: i64 = 200;

/// What became of putting a promotion into a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launched {
    /// The key of the scenario.
    pub scenario: String,
    /// Its version.
    pub version: i64,
    /// What other scenarios of the company wait for, too: on one channel the first is heard.
    pub clashes: Vec<scenarios::Clash>,
}

/// A way into a promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Where people come from by it; empty: unknown.
    pub source: String,
    /// For the staff.
    pub title: String,
    /// What they type; may be empty.
    pub phrase: String,
    /// By which channel.
    pub channel: ChannelId,
    /// The tag of the link: for its QR.
    pub tag: String,
    /// The address; none while the bot was not connected.
    pub link: Option<String>,
}

impl Promotion {
    /// What the link of a source carries.
    pub fn tag(&self, source: &str) -> String {
        if source.is_empty() { self.key.clone() } else { format!("{}-{source}", self.key) }
    }

    fn triggers(&self) -> Vec<Trigger> {
        let to_entry = |on: TriggerOn| Trigger { on, goto: ENTRY.into(), interrupts: true };
        let link = |payload: Option<String>, prefix: Option<String>| {
            to_entry(TriggerOn::Link(Link { payload, prefix, source: None }))
        };
        let mut all = vec![link(Some(self.key.clone()), None), link(None, Some(format!("{}-", self.key)))];
        let phrases = self.terms.entries.iter().map(|entry| entry.phrase.trim());
        let phrases: Vec<String> = phrases.filter(|phrase| !phrase.is_empty()).map(str::to_owned).collect();
        if !phrases.is_empty() {
            all.push(to_entry(TriggerOn::Phrase { phrases }));
        }
        all
    }

    /// Takes the triggers that an earlier [`launch`] put in front out of a scenario.
    fn without_triggers(&self, triggers: Vec<Trigger>) -> Vec<Trigger> {
        let ours = |link: &Link| {
            link.payload.as_deref() == Some(&self.key)
                || link.prefix.as_deref().and_then(|prefix| prefix.strip_suffix('-')) == Some(&self.key)
        };
        let is_link = |trigger: &Trigger| matches!(&trigger.on, TriggerOn::Link(link) if ours(link));
        let links = triggers.iter().take_while(|trigger| is_link(trigger)).count();
        let phrases = triggers.get(links).is_some_and(|next| {
            links > 0 && next.goto == ENTRY && matches!(next.on, TriggerOn::Phrase { .. })
        });
        triggers.into_iter().skip(links + usize::from(phrases)).filter(|trigger| !is_link(trigger)).collect()
    }
}

/// Puts a promotion into a bot: its scenario is made from the library, or given the phrases and links of the terms anew,
/// published, and run by the channel after those it runs already; so is the scenario in which winners say where their
/// prizes go, once for the company. Twice the same changes nothing.
pub async fn launch(
    app: &App,
    actor: &Actor,
    id: PromotionId,
    channel: ChannelId,
    locale: &str,
) -> Result<Launched, Fail> {
    actor.require(Right::Promotions)?;
    actor.require(Right::ScenariosWrite)?;
    actor.require(Right::ChannelsManage)?;
    let (promotion, _) = get(app, actor, id).await?;
    let row = channels::get(app, actor, channel).await?;
    let mut draft = draft(app, actor, &promotion, locale).await?;
    let mut triggers = promotion.triggers();
    triggers.extend(promotion.without_triggers(draft.triggers));
    draft.triggers = triggers;
    let document = serde_json::to_value(&draft).unwrap_or(Value::Null);
    scenarios::put_draft(app, actor, &promotion.key, None, document).await?;
    let published = scenarios::publish(app, actor, &promotion.key, None).await?;
    ready_for_winners(app, actor, locale).await?;
    run_by(app, actor, row, [&promotion.key, DELIVERY]).await?;
    for entry in &promotion.terms.entries {
        let title = if entry.title.trim().is_empty() { &entry.source } else { &entry.title };
        channels::put_entry(app, actor, channel, &promotion.tag(&entry.source), title).await?;
    }
    let clashes = scenarios::clashes(app, actor, &promotion.key).await?;
    Ok(Launched { scenario: promotion.key, version: published.version, clashes })
}

/// The scenario as it is, or fresh from the library.
async fn draft(app: &App, actor: &Actor, promotion: &Promotion, locale: &str) -> Result<Draft, Fail> {
    match scenarios::get(app, actor, &promotion.key).await {
        Ok(found) => {
            let of_promotion =
                serde_json::to_string(&found.draft.steps).is_ok_and(|text| text.contains(SCREEN));
            if of_promotion { Ok(found.draft) } else { Err(other_scenario(&promotion.key).into()) }
        }
        Err(fail) if fail.code() == "not_found" => {
            let mut draft = ready(actor, locale, TEMPLATE)?;
            draft.key.clone_from(&promotion.key);
            draft.name.clone_from(&promotion.name);
            Ok(draft)
        }
        Err(fail) => Err(fail),
    }
}

/// A scenario as the library has it.
fn ready(actor: &Actor, locale: &str, key: &str) -> Result<Draft, Fail> {
    let found = scenarios::templates(actor, locale)?.into_iter().find(|template| template.key == key);
    Ok(found.ok_or_else(|| scenario_missing(key))?.draft)
}

/// The scenario of winners is published; one that the company has changed stays as it is.
async fn ready_for_winners(app: &App, actor: &Actor, locale: &str) -> Result<(), Fail> {
    match scenarios::get(app, actor, DELIVERY).await {
        Ok(found) if found.scenario.published.is_some() => return Ok(()),
        Ok(_) => {}
        Err(fail) if fail.code() == "not_found" => {
            let draft = ready(actor, locale, DELIVERY)?;
            let document = serde_json::to_value(&draft).unwrap_or(Value::Null);
            scenarios::put_draft(app, actor, DELIVERY, None, document).await?;
        }
        Err(fail) => return Err(fail),
    }
    scenarios::publish(app, actor, DELIVERY, None).await.map(drop)
}

/// Lets a channel run these, too, after what it runs already.
async fn run_by(app: &App, actor: &Actor, row: ChannelRow, keys: [&str; 2]) -> Result<(), Fail> {
    let ChannelRow { key: channel, kind, name, settings, mut scenarios, .. } = row;
    let missing: Vec<&str> = keys.into_iter().filter(|key| !scenarios.iter().any(|run| run == key)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    scenarios.extend(missing.into_iter().map(str::to_owned));
    let wanted = Wanted { key: channel, kind, name, token: None, settings, scenarios };
    channels::put(app, actor, wanted).await.map(drop)
}

/// The ways into a promotion by the channels that run its scenario: without a source, and by each of its entries.
pub async fn ways(app: &App, actor: &Actor, id: PromotionId, public: Option<&Url>) -> Result<Vec<Way>, Fail> {
    actor.require(Right::Promotions)?;
    let (promotion, _) = get(app, actor, id).await?;
    let rows = channels::list(app, actor, None, CHANNELS_MAX).await?;
    let mut all = Vec::new();
    for row in rows.iter().filter(|row| row.scenarios.contains(&promotion.key)) {
        let mut add = |source: &str, title: &str, phrase: &str| {
            let tag = promotion.tag(source);
            let link = channels::link(app, row, Some(&tag), public);
            let (source, title, phrase) = (source.to_owned(), title.to_owned(), phrase.to_owned());
            all.push(Way { source, title, phrase, channel: row.id, tag, link });
        };
        add("", "", "");
        promotion.terms.entries.iter().for_each(|entry| add(&entry.source, &entry.title, &entry.phrase));
    }
    Ok(all)
}

fn other_scenario(key: &str) -> Problem {
    let ru = format!(
        "Сценарий «{key}» уже есть, и он не про акцию с чеками: переименуйте его или возьмите акции другое имя"
    );
    let en =
        format!("There is a scenario “{key}” that is of no receipt promotion: name either of them otherwise");
    Problem::new(Kind::Conflict, "key_taken", ru, en).at("key")
}

fn scenario_missing(key: &str) -> Problem {
    Problem::not_found("готовый бот", "ready bot", key)
}
