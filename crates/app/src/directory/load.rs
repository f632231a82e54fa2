//! Reading the directory from the tables.

use super::{ChannelInfo, ChannelState, Directory, Published};
use crate::app::App;
use crate::channels::{self, ChannelSettings};
use crate::problem::Fail;
use crate::tenants::{self, Tenant};
use samovar_base::{ChannelId, ScenarioId, TenantId};
use samovar_connectors::{Channel, Kind};
use samovar_store::{Row, Tx, params, query};
use secrecy::SecretString;
use std::sync::Arc;

query! {
    instance static ALL_TENANTS = "SELECT tenant_id FROM tenant ORDER BY tenant_id";
}
query! {
    static CHANNELS = "SELECT id, key, messenger, name, hook, token_sealed, secret_sealed, settings, state, identity \
                       FROM channel WHERE tenant_id = $1 ORDER BY id";
    static RUNS = "SELECT b.scenario_id, s.published, v.source FROM channel_scenario b \
                   JOIN scenario s ON s.tenant_id = b.tenant_id AND s.id = b.scenario_id \
                   JOIN scenario_version v ON v.tenant_id = s.tenant_id AND v.scenario_id = s.id AND v.version = s.published \
                   WHERE b.tenant_id = $1 AND b.channel_id = $2 ORDER BY b.position, b.scenario_id";
    static SOURCE = "SELECT source FROM scenario_version WHERE tenant_id = $1 AND scenario_id = $2 AND version = $3";
}

/// All companies of the instance.
pub(super) async fn tenants(app: &App) -> Result<Vec<TenantId>, Fail> {
    app.store
        .read_instance(|tx| async move {
            let rows = tx.all(&ALL_TENANTS, params![]).await?;
            rows.iter().map(|row| Ok::<_, Fail>(row.id(0)?)).collect()
        })
        .await
}

/// The source of a version.
pub(super) async fn source(tx: &Tx, id: ScenarioId, version: i64) -> Result<Option<String>, Fail> {
    Ok(tx.one(&SOURCE, params![id, version]).await?.map(|row| row.text(0).map(str::to_owned)).transpose()?)
}

/// What is read of a channel before it is opened.
struct Found {
    row: Row,
    runs: Vec<(ScenarioId, i64, String)>,
}

/// A company with its channels; `None` when there is no such company.
pub(super) async fn tenant(
    directory: &Directory,
    app: &App,
    id: TenantId,
) -> Result<Option<(Arc<Tenant>, Vec<ChannelInfo>)>, Fail> {
    let found = app
        .store
        .read(id, |tx| async move {
            let Some(tenant) = tenants::load(&tx).await? else { return Ok::<_, Fail>(None) };
            let mut found = Vec::new();
            for row in tx.all(&CHANNELS, params![]).await? {
                let mut runs = Vec::new();
                for run in tx.all(&RUNS, params![row.id::<ChannelId>(0)?]).await? {
                    runs.push((run.id(0)?, run.int(1)?, run.text(2)?.to_owned()));
                }
                found.push(Found { row, runs });
            }
            Ok(Some((tenant, found)))
        })
        .await?;
    let Some((tenant, found)) = found else { return Ok(None) };
    let tenant = Arc::new(tenant);
    let mut channels = Vec::with_capacity(found.len());
    for one in &found {
        channels.push(open(directory, app, &tenant, one)?);
    }
    Ok(Some((tenant, channels)))
}

fn open(directory: &Directory, app: &App, tenant: &Arc<Tenant>, found: &Found) -> Result<ChannelInfo, Fail> {
    let row = &found.row;
    let id: ChannelId = row.id(0)?;
    let kind: Kind = row.parse(2)?;
    let messenger = app.messengers.get(kind);
    let settings: ChannelSettings = row.json(7)?;
    let token = opened(app, &channels::token_row(id), row.opt_bytes(5)?);
    let secret = opened(app, &channels::secret_row(id), row.opt_bytes(6)?);
    let mut state: ChannelState = row.parse(8)?;
    if row.opt_bytes(5)?.is_some() && token.is_none() {
        tracing::error!(channel = %id, "the channel's token cannot be opened: was the instance's key changed?");
        state = ChannelState::Broken;
    }
    let scenarios: Vec<Arc<Published>> = found
        .runs
        .iter()
        .filter_map(|(id, version, source)| directory.keep(app, *id, *version, source))
        .collect();
    let locale = settings.locale.clone().unwrap_or_else(|| tenant.locale.clone());
    Ok(ChannelInfo {
        tenant: Arc::clone(tenant),
        id,
        key: row.text(1)?.to_owned(),
        name: row.text(3)?.to_owned(),
        hook: row.text(4)?.to_owned(),
        link: Channel {
            id,
            kind,
            token: token.unwrap_or_default(),
            api_base: settings.api_base(messenger.as_ref()),
            proxy: settings.proxy.clone(),
            secret,
            locale: locale.clone(),
        },
        receive: settings.receive_by(kind),
        pace: settings.pace.unwrap_or(messenger.limits().pace),
        audience: settings.audience,
        widget: settings.widget,
        mini_app: settings.mini_app,
        identity: row.opt_text(9)?.and_then(|identity| serde_json::from_str(identity).ok()),
        page: kind == Kind::Webchat,
        state,
        scenarios,
        locale,
        messenger,
    })
}

fn opened(app: &App, row: &str, sealed: Option<&[u8]>) -> Option<SecretString> {
    let plain = app.vault.open(row, sealed?).ok()?;
    Some(SecretString::from(String::from_utf8(plain).ok()?))
}
