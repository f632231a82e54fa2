//! Keys to the REST API: handed out once, never shown again.

use super::{ApiKey, rules, store};
use crate::access::{self, Actor, Right, Rights, TOKEN_PREFIX, audit, token_hash};
use crate::app::App;
use crate::problem::{Fail, Problem};
use crate::tenants::unit_key;
use samovar_base::ApiKeyId;
use samovar_store::{Tx, params};
use serde_json::json;

/// A key with its token, as it is seen once.
#[derive(Clone)]
pub struct NewKey {
    /// The key.
    pub key: ApiKey,
    /// What the program sends as `Authorization: Bearer …`.
    pub token: String,
}

impl std::fmt::Debug for NewKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// All keys, the youngest first, revoked ones too.
pub async fn keys(app: &App, actor: &Actor) -> Result<Vec<ApiKey>, Fail> {
    actor.require(Right::StaffManage)?;
    app.store
        .read(actor.tenant, |tx| async move {
            let rows = tx.all(&store::KEYS_ALL, ()).await?;
            Ok(rows.iter().map(ApiKey::from_row).collect::<Result<_, _>>()?)
        })
        .await
}

/// Makes a key. Nobody gives it rights they do not have.
pub async fn create_key(app: &App, actor: &Actor, name: &str, scopes: Rights) -> Result<NewKey, Fail> {
    let key = checked(app, actor, name, scopes)?;
    let token = format!("{TOKEN_PREFIX}{}", app.chance.token());
    let hash = token_hash(&token);
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            insert(&tx, &unit_app, &unit_actor, &key, &hash);
            std::future::ready(Ok::<_, Fail>(key.clone()))
        })
        .await
        .map(|key| NewKey { key, token })
}

/// Sees to it that the key with this token, made elsewhere, has this name and scopes and opens; whether anything was
/// changed. For the set-up from a file.
pub async fn put_key(
    app: &App,
    actor: &Actor,
    name: &str,
    scopes: Rights,
    token: &str,
) -> Result<(ApiKey, bool), Fail> {
    rules::token(token)?;
    let key = checked(app, actor, name, scopes)?;
    let hash = token_hash(token);
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor, key, hash) = (unit_app.clone(), unit_actor.clone(), key.clone(), hash.clone());
            async move {
                let found = tx.one(&store::KEY_BY_HASH, params![hash]).await?;
                let Some(row) = found else {
                    insert(&tx, &app, &actor, &key, &hash);
                    return Ok((key, true));
                };
                let before = ApiKey::from_row(&row)?;
                let after = ApiKey { name: key.name, scopes: key.scopes, revoked_at: None, ..before.clone() };
                let changed = after != before;
                if changed {
                    save(&tx, &app, &actor, "api_key.update", &after);
                }
                Ok((after, changed))
            }
        })
        .await
}

/// Takes a key back: it opens nothing any more. Doing it again is no error.
pub async fn revoke_key(app: &App, actor: &Actor, id: ApiKeyId) -> Result<ApiKey, Fail> {
    actor.require(Right::StaffManage)?;
    let now = app.clock.now();
    let (unit_app, unit_actor) = (app.clone(), actor.clone());
    app.store
        .run(actor.tenant, unit_key(actor.tenant), move |tx| {
            let (app, actor) = (unit_app.clone(), unit_actor.clone());
            async move {
                let row = tx.one(&store::KEY_BY_ID, params![id]).await?;
                let row = row.ok_or_else(|| Problem::not_found("ключ", "key", id))?;
                let mut key = ApiKey::from_row(&row)?;
                if key.revoked_at.is_none() {
                    key.revoked_at = Some(now);
                    save(&tx, &app, &actor, "api_key.revoke", &key);
                }
                Ok(key)
            }
        })
        .await
}

fn checked(app: &App, actor: &Actor, name: &str, scopes: Rights) -> Result<ApiKey, Fail> {
    actor.require(Right::StaffManage)?;
    actor.require_all(scopes)?;
    Ok(ApiKey {
        id: ApiKeyId::new(&app.ids, app.clock.as_ref()),
        name: rules::name(name)?,
        scopes,
        created_by: actor.who.to_string(),
        created_at: app.clock.now(),
        last_used_at: None,
        revoked_at: None,
    })
}

fn insert(tx: &Tx, app: &App, actor: &Actor, key: &ApiKey, hash: &str) {
    let scopes = key.scopes.to_string();
    tx.put(&store::KEY_NEW, params![key.id, key.name, hash, scopes, key.created_by, key.created_at]);
    audit(
        tx,
        app,
        actor,
        "api_key.create",
        key.id,
        &json!({ "name": key.name, "scopes": key.scopes.to_string() }),
    );
}

fn save(tx: &Tx, app: &App, actor: &Actor, action: &str, key: &ApiKey) {
    tx.put(&store::KEY_SAVE, params![key.id, key.name, key.scopes.to_string(), key.revoked_at]);
    tx.wake(access::WAKE_ACCESS, &key.id.to_string());
    audit(tx, app, actor, action, key.id, &json!({ "name": key.name, "scopes": key.scopes.to_string() }));
}
