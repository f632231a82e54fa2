//! Companies, channels and published scenarios, held in memory: an update finds its bot without a query.

mod load;

use crate::app::App;
use crate::channels::WidgetSettings;
use crate::problem::Fail;
use crate::tenants::Tenant;
use samovar_base::{ChannelId, ScenarioId, TenantId};
use samovar_connectors::{BotIdentity, Channel, Messenger, Pace};
use samovar_engine::Scenario;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// What is published, by id and version.
type Versions = HashMap<(ScenarioId, i64), Arc<Published>>;

/// What this node knows of the companies it serves.
#[derive(Default)]
pub struct Directory {
    known: RwLock<Known>,
    versions: Mutex<Versions>,
    loading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    tenants: HashMap<TenantId, Arc<Tenant>>,
    channels: HashMap<ChannelId, Arc<ChannelInfo>>,
    by_hook: HashMap<String, ChannelId>,
}

/// A tenant's connected bot or widget, ready for use.
pub struct ChannelInfo {
    /// The company.
    pub tenant: Arc<Tenant>,
    /// Ours.
    pub id: ChannelId,
    /// Short name within the company.
    pub key: String,
    /// For people.
    pub name: String,
    /// The last part of the hook's address.
    pub hook: String,
    /// The language in which the system's own sentences are said here.
    pub locale: String,
    /// The protocol.
    pub messenger: Arc<dyn Messenger>,
    /// What the protocol needs to know of the bot.
    pub link: Channel,
    /// How deliveries come.
    pub receive: ReceiveBy,
    /// How fast the bot may write.
    pub pace: Pace,
    /// Who writes to it.
    pub audience: Audience,
    /// The bot, as its messenger knew it when it was connected last.
    pub identity: Option<BotIdentity>,
    /// The widget on the company's sites.
    pub widget: WidgetSettings,
    /// The bot offers the Mini App.
    pub mini_app: bool,
    /// A page of ours shows its messages again.
    pub page: bool,
    /// Whether it works.
    pub state: ChannelState,
    /// What it runs, in the order in which it is asked.
    pub scenarios: Vec<Arc<Published>>,
}

impl std::fmt::Debug for ChannelInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Channel({} {})", self.key, self.id)
    }
}

/// How deliveries of a channel come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiveBy {
    /// The messenger calls us.
    Webhook,
    /// We ask.
    Polling,
    /// Our own page posts to us.
    Page,
}

/// Who writes to a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Anybody.
    #[default]
    Customers,
    /// People of the company who were invited; nobody else is answered.
    Staff,
}

impl Audience {
    /// Whether it is that of a channel of which nothing is said.
    #[allow(clippy::trivially_copy_pass_by_ref)] // as serde asks
    pub fn is_customers(&self) -> bool {
        *self == Self::Customers
    }
    /// Whether it is the staff.
    pub fn is_staff(self) -> bool {
        self == Self::Staff
    }
}

/// Whether a channel works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelState {
    /// It does.
    On,
    /// Somebody switched it off: what comes in is stored and not answered.
    Paused,
    /// The messenger does not accept its token.
    Broken,
}

impl ChannelState {
    /// As stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Paused => "paused",
            Self::Broken => "broken",
        }
    }
}

impl std::str::FromStr for ChannelState {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        [Self::On, Self::Paused, Self::Broken]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| format!("«{text}» is not a state of a channel"))
    }
}

/// A version of a scenario that can run.
pub struct Published {
    /// Which scenario.
    pub id: ScenarioId,
    /// Which version.
    pub version: i64,
    /// What it says and does.
    pub scenario: Scenario,
}

impl Directory {
    /// The channel of a hook's address.
    pub fn by_hook(&self, hook: &str) -> Option<Arc<ChannelInfo>> {
        let known = self.read();
        known.channels.get(known.by_hook.get(hook)?).cloned()
    }
    /// A channel.
    pub fn channel(&self, id: ChannelId) -> Option<Arc<ChannelInfo>> {
        self.read().channels.get(&id).cloned()
    }
    /// All channels, in no order.
    pub fn channels(&self) -> Vec<Arc<ChannelInfo>> {
        self.read().channels.values().cloned().collect()
    }
    /// Whether any channel of a company fits.
    pub fn any_channel(&self, tenant: TenantId, fits: impl Fn(&ChannelInfo) -> bool) -> bool {
        self.read().channels.values().any(|channel| channel.tenant.id == tenant && fits(channel))
    }
    /// A company.
    pub fn tenant(&self, id: TenantId) -> Option<Arc<Tenant>> {
        self.read().tenants.get(&id).cloned()
    }
    /// All companies, in no order.
    pub fn tenants(&self) -> Vec<Arc<Tenant>> {
        self.read().tenants.values().cloned().collect()
    }

    /// A version of a scenario on which somebody still is; compiled once and kept.
    pub async fn version(
        &self,
        app: &App,
        tx: &samovar_store::Tx,
        id: ScenarioId,
        version: i64,
    ) -> Result<Option<Arc<Published>>, Fail> {
        if let Some(found) = self.compiled(id, version) {
            return Ok(Some(found));
        }
        let Some(source) = load::source(tx, id, version).await? else { return Ok(None) };
        Ok(self.keep(app, id, version, &source))
    }

    /// Reads everything anew.
    pub async fn load(&self, app: &App) -> Result<(), Fail> {
        for tenant in load::tenants(app).await? {
            self.load_tenant(app, tenant).await?;
        }
        Ok(())
    }

    /// Reads one company anew; called on every node after its channels, scenarios or settings changed.
    pub async fn load_tenant(&self, app: &App, tenant: TenantId) -> Result<(), Fail> {
        // One after another: what was read earlier must not take the place of what was read later.
        let _alone = self.loading.lock().await;
        let fresh = load::tenant(self, app, tenant).await?;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let gone: Vec<ChannelId> = known
            .channels
            .values()
            .filter(|channel| channel.tenant.id == tenant)
            .map(|channel| channel.id)
            .collect();
        for id in gone {
            if let Some(channel) = known.channels.remove(&id) {
                known.by_hook.remove(&channel.hook);
            }
        }
        known.tenants.remove(&tenant);
        if let Some((tenant, channels)) = fresh {
            known.tenants.insert(tenant.id, tenant);
            for channel in channels {
                known.by_hook.insert(channel.hook.clone(), channel.id);
                known.channels.insert(channel.id, Arc::new(channel));
            }
        }
        Ok(())
    }

    fn compiled(&self, id: ScenarioId, version: i64) -> Option<Arc<Published>> {
        self.versions.lock().unwrap_or_else(PoisonError::into_inner).get(&(id, version)).cloned()
    }

    /// A source that no longer compiles (its words were taken out of the program) is left out and logged.
    fn keep(&self, app: &App, id: ScenarioId, version: i64, source: &str) -> Option<Arc<Published>> {
        if let Some(found) = self.compiled(id, version) {
            return Some(found);
        }
        let draft = match serde_json::from_str(source) {
            Ok(draft) => draft,
            Err(error) => {
                tracing::error!(scenario = %id, version, %error, "a published scenario cannot be read");
                return None;
            }
        };
        let (scenario, problems) = Scenario::compile(&draft, app.capabilities.catalogue());
        let Some(scenario) = scenario else {
            tracing::error!(scenario = %id, version, ?problems, "a published scenario does not compile");
            return None;
        };
        let published = Arc::new(Published { id, version, scenario });
        self.versions
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert((id, version), Arc::clone(&published));
        Some(published)
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }
}
