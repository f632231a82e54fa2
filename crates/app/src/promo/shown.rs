//! What strangers may see of a promotion: its public page asks no right, so it gives out nothing that is not public.

use super::model::{Promotion, State};
use super::store;
use crate::app::App;
use crate::directory::{ChannelInfo, ChannelState};
use crate::problem::Fail;
use crate::tenants::Tenant;
use samovar_base::ChannelId;
use std::sync::Arc;
use url::Url;

/// Entrances that are shown side by side.
const WAYS_MAX: usize = 6;
/// Where people who come by it come from.
const SOURCE: &str = "page";

/// A promotion that runs or ran, and may be seen.
#[derive(Debug, Clone)]
pub struct Shown {
    /// Whose.
    pub tenant: Arc<Tenant>,
    /// Which.
    pub promotion: Arc<Promotion>,
    /// Where one can take part; empty once it is over.
    pub ways: Vec<Entrance>,
}

/// A bot in which one can take part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrance {
    /// Which.
    pub channel: ChannelId,
    /// The messenger, by the name of its protocol: `telegram`, `webchat`.
    pub messenger: &'static str,
    /// The bot, as people know it.
    pub name: String,
    /// Opens it at the promotion.
    pub link: String,
}

/// The promotion of an address; none when there is no such promotion, when it has not begun, or when its page is not
/// published.
pub async fn shown(app: &App, company: &str, key: &str, public: Option<&Url>) -> Result<Option<Shown>, Fail> {
    let Some(tenant) = app.directory.tenants().into_iter().find(|tenant| tenant.key == company) else {
        return Ok(None);
    };
    let (services, wanted) = (app.clone(), key.to_owned());
    let found = app
        .store
        .read(tenant.id, move |tx| {
            let (app, wanted) = (services.clone(), wanted.clone());
            async move {
                let Some(id) = store::of_key(&tx, &wanted).await? else { return Ok::<_, Fail>(None) };
                Ok(store::current(&app, &tx, id).await?)
            }
        })
        .await?;
    let seen = |promotion: &Arc<Promotion>| {
        promotion.terms.public && matches!(promotion.state, State::Running | State::Over)
    };
    let Some(promotion) = found.filter(seen) else { return Ok(None) };
    let ways = match promotion.state {
        State::Running => ways(app, &tenant, &promotion, public),
        _ => Vec::new(),
    };
    Ok(Some(Shown { tenant, promotion, ways }))
}

/// The bots that run its scenario, in a steady order.
fn ways(app: &App, tenant: &Tenant, promotion: &Promotion, public: Option<&Url>) -> Vec<Entrance> {
    let mut channels: Vec<_> = app
        .directory
        .channels()
        .into_iter()
        .filter(|channel| {
            channel.tenant.id == tenant.id
                && channel.state == ChannelState::On
                && !channel.audience.is_staff()
                && promotion.channel.is_none_or(|own| own == channel.id)
                && channel.scenarios.iter().any(|run| run.scenario.key() == promotion.key)
        })
        .collect();
    channels.sort_by_key(|channel| channel.id);
    let tag = format!("{}-{SOURCE}", promotion.key);
    let way = |channel: &Arc<ChannelInfo>| {
        Some(Entrance {
            channel: channel.id,
            messenger: channel.messenger.kind().as_str(),
            name: channel.identity.as_ref().map_or_else(|| channel.name.clone(), |bot| bot.name.clone()),
            link: link(channel, &tag, public)?,
        })
    };
    channels.iter().filter_map(way).take(WAYS_MAX).collect()
}

fn link(channel: &ChannelInfo, payload: &str, public: Option<&Url>) -> Option<String> {
    if channel.page {
        let base = public?.as_str().trim_end_matches('/');
        return Some(format!("{base}/chat/{}?start={payload}", channel.hook));
    }
    channel.messenger.entry_link(channel.identity.as_ref()?, payload)
}
