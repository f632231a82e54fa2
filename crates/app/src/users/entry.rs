//! Coming in: a new company with its owner, or somebody with their password.

use super::model::{Device, Entered, User};
use super::{rules, second, secrets, sessions, store};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::staff;
use crate::tenants::{self, NewTenant, Tenant};
use crate::{access, setup};
use samovar_base::{StaffId, UserId};
use samovar_store::{Tx, params};
use serde::Deserialize;
use serde_json::json;

/// Who may make a company on this instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignUpPolicy {
    /// Anybody.
    Open,
    /// Whoever comes first, while nobody signs in here yet.
    #[default]
    First,
    /// Nobody: companies are made by `samovar apply`.
    Closed,
}

/// A company and its owner, both new.
#[derive(Debug, Clone)]
pub struct SignUp {
    /// The company.
    pub company: NewCompany,
    /// What colleagues call the owner.
    pub name: String,
    /// The owner's address.
    pub email: String,
    /// The owner's password.
    pub password: String,
}

/// A company as its owner describes it.
#[derive(Debug, Clone)]
pub struct NewCompany {
    /// As customers read it.
    pub name: String,
    /// IANA name of the time zone.
    pub zone: String,
    /// `ru` or `en`.
    pub locale: String,
}

/// Whether a company can be made here now.
pub async fn may_sign_up(app: &App, policy: SignUpPolicy) -> Result<bool, Fail> {
    match policy {
        SignUpPolicy::Open => Ok(true),
        SignUpPolicy::Closed => Ok(false),
        SignUpPolicy::First => {
            app.store
                .read_instance(|tx| async move { Ok(tx.one(&store::USERS_ANY, ()).await?.is_none()) })
                .await
        }
    }
}

/// Makes a company, its owner, and a session for them.
pub async fn sign_up(app: &App, policy: SignUpPolicy, new: SignUp, device: Device) -> Result<Entered, Fail> {
    if !may_sign_up(app, policy).await? {
        return Err(closed().into());
    }
    let tenant = tenants::new(app, described(&new.company))?;
    let email = staff::address(&new.email)?;
    let name = staff::person_name(&new.name)?;
    rules::password(&new.password, &email, &name)?;
    let made = Made {
        user: UserId::new(&app.ids, app.clock.as_ref()),
        staff: StaffId::new(&app.ids, app.clock.as_ref()),
        hash: secrets::hash(app, &new.password).await?,
        spare: app.chance.token(),
        token: sessions::token(app),
        tenant,
        email,
        name,
        device,
    };
    let services = app.clone();
    // One after another: only one can be the first.
    let (tenant, opened) = app
        .store
        .run_instance(0, move |tx| {
            let (app, made) = (services.clone(), made.clone());
            async move { made.insert(&app, &tx, policy).await }
        })
        .await?;
    setup::housekeeping(app, &tenant).await?;
    app.directory.load_tenant(app, tenant.id).await?;
    Ok(Entered::In(opened))
}

/// Lets somebody in by their password. An unknown address and a wrong password are answered alike, in the same time.
pub async fn sign_in(app: &App, email: &str, password: &str, device: Device) -> Result<Entered, Fail> {
    let user = by_email(app, email).await?;
    let hash = user.as_ref().and_then(|user| user.password_hash.clone());
    if !secrets::fits(password, hash).await? {
        return Err(wrong().into());
    }
    let Some(user) = user else { return Err(wrong().into()) };
    enter(app, &user, device).await
}

/// The person is known by now: a session, or the question for the second step.
pub(super) async fn enter(app: &App, user: &User, device: Device) -> Result<Entered, Fail> {
    if user.second_step_since.is_some() {
        return Ok(Entered::SecondStep(second::ticket(app, user.id).await?));
    }
    let (services, id, token) = (app.clone(), user.id, sessions::token(app));
    app.store
        .run_instance(sessions::unit_key(id), move |tx| {
            let (app, device, token) = (services.clone(), device.clone(), token.clone());
            async move { Ok(Entered::In(sessions::open(&app, &tx, id, None, &device, &token).await?)) }
        })
        .await
}

/// Somebody by their address.
pub(super) async fn by_email(app: &App, email: &str) -> Result<Option<User>, Fail> {
    let email = email.trim().to_lowercase();
    app.store
        .read_instance(move |tx| {
            let email = email.clone();
            async move {
                let row = tx.one(&store::USER_BY_EMAIL, params![email]).await?;
                Ok(row.map(|row| User::from_row(&row)).transpose()?)
            }
        })
        .await
}

#[derive(Clone)]
struct Made {
    tenant: Tenant,
    user: UserId,
    staff: StaffId,
    email: String,
    name: String,
    hash: String,
    /// Tells the company from another of the same name.
    spare: String,
    token: String,
    device: Device,
}

impl Made {
    async fn insert(self, app: &App, tx: &Tx, policy: SignUpPolicy) -> Result<(Tenant, super::Opened), Fail> {
        if policy == SignUpPolicy::First && tx.one(&store::USERS_ANY, ()).await?.is_some() {
            return Err(closed().into());
        }
        let Self { mut tenant, user, staff, email, name, hash, spare, token, device } = self;
        let now = tenant.created_at;
        let row = params![user, email, name, tenant.locale, hash, now];
        if tx.exec(&store::USER_CREATE, row).await? == 0 {
            return Err(taken().into());
        }
        if tenants::create_in(tx, &tenant).await.is_err() {
            tenant.key = format!("{}-{}", tenant.key, spare.chars().take(5).collect::<String>());
            tenants::create_in(tx, &tenant).await?;
        }
        tx.exec(&store::OWNER_CREATE, params![tenant.id, staff, email, name, now, user]).await?;
        tracing::info!(tenant = %tenant.id, data = %json!({ "key": tenant.key }), "a company signed up");
        let opened = sessions::open(app, tx, user, Some(tenant.id), &device, &token).await?;
        tx.wake(access::WAKE_ACCESS, &user.to_string());
        Ok((tenant, opened))
    }
}

fn described(new: &NewCompany) -> NewTenant {
    NewTenant {
        key: rules::key_of(&new.name),
        name: new.name.clone(),
        zone: new.zone.clone(),
        locale: new.locale.clone(),
        settings: tenants::Settings::default(),
    }
}

fn wrong() -> Problem {
    Problem::new(
        Kind::Unauthorized,
        "wrong_credentials",
        "Почта или пароль не подходят. Проверьте раскладку и попробуйте ещё раз",
        "The e-mail or the password is wrong. Check both and try again",
    )
}

pub(super) fn taken() -> Problem {
    Problem::new(
        Kind::Conflict,
        "email_taken",
        "С этой почтой уже входят: войдите или восстановите пароль",
        "Somebody signs in with this e-mail already: sign in or reset the password",
    )
    .at("email")
}

fn closed() -> Problem {
    Problem::new(
        Kind::Forbidden,
        "sign_up_closed",
        "Новые компании здесь не заводят: попросите приглашение у владельца",
        "No new companies are made here: ask an owner for an invitation",
    )
}
