//! Events of the business: what happens to a person starts the scenarios that wait for it.

use super::item::Own;
use super::{Recipient, recipients, resume, route};
use crate::app::App;
use crate::directory::{ChannelInfo, ChannelState};
use crate::problem::Fail;
use crate::visit::Visit;
use samovar_base::{ContactId, Instant, TenantId};
use samovar_engine::Values;
use samovar_store::Tx;
use std::sync::Arc;

/// So many events may lead one to another; then a circle is suspected and cut.
pub const DEPTH_MAX: u32 = 8;

/// Inside any unit: something of the catalogue's events happened to a contact, once for `once`. Of the channels by which
/// they can be written to, the one where they were met last that runs a scenario with a fitting trigger is told; when
/// there is none, nothing happens. It is handled in a unit of its own right after the commit.
///
/// Inside a visit call [`Visit::raise`], which knows the conversation and guards against circles.
pub async fn raise(
    app: &App,
    tx: &Tx,
    contact: ContactId,
    event: &str,
    values: Values,
    once: &str,
) -> Result<(), Fail> {
    happened(app, tx, contact, Happening { event, values, depth: 0, until: None }, once).await
}

/// Something that happened to a contact.
pub(crate) struct Happening<'a> {
    /// Its name in the catalogue.
    pub event: &'a str,
    /// What it brings.
    pub values: Values,
    /// How many events led to it one through another.
    pub depth: u32,
    /// After that moment it is dropped rather than told late.
    pub until: Option<Instant>,
}

/// As [`raise`], with all that can be said of it.
pub(crate) async fn happened(
    app: &App,
    tx: &Tx,
    contact: ContactId,
    happening: Happening<'_>,
    once: &str,
) -> Result<(), Fail> {
    // Most companies wait for few events: then it costs nothing.
    if !app.directory.any_channel(tx.tenant(), |channel| waits(channel, &happening)) {
        return Ok(());
    }
    let all = recipients(app, tx, contact).await?;
    match all.into_iter().find(|to| waits(&to.channel, &happening)) {
        Some(to) => enter(tx, &to, happening, once, app.clock.now()).await,
        None => Ok(()),
    }
}

/// Whether any scenario of the company waits for an event of that name: asked once by who would raise it for many.
pub fn is_awaited(app: &App, tenant: TenantId, event: &str) -> bool {
    app.directory.any_channel(tenant, |channel| {
        channel.state != ChannelState::Paused
            && channel.scenarios.iter().any(|live| live.scenario.waits_for(event))
    })
}

fn waits(channel: &ChannelInfo, happening: &Happening<'_>) -> bool {
    channel.state != ChannelState::Paused
        && route::listener(&channel.scenarios, happening.event, &happening.values).is_some()
}

async fn enter(
    tx: &Tx,
    to: &Recipient,
    happening: Happening<'_>,
    once: &str,
    now: Instant,
) -> Result<(), Fail> {
    let Happening { event, values, depth, until } = happening;
    let own = Own::Event { contact: to.contact, event: event.to_owned(), values, depth, until };
    resume::enter_in(tx, to.channel.id, &to.chat, format!("event:{once}").into(), &own, now).await?;
    Ok(())
}

impl Visit {
    /// Something of the catalogue's events happened to the person of this visit, once for `once`. It is handled in this
    /// conversation when the channel runs a scenario that waits for it, and right after this visit.
    pub async fn raise(&mut self, event: &str, values: Values, once: &str) -> Result<(), Fail> {
        if self.depth >= DEPTH_MAX {
            tracing::warn!(contact = %self.contact.id, event, "events lead to events in a circle; it is cut here");
            return Ok(());
        }
        let happening = Happening { event, values, depth: self.depth, until: None };
        if waits(&self.channel, &happening) {
            let (channel, chat) = (Arc::clone(&self.channel), self.chat.as_str().into());
            let to = Recipient { channel, chat, contact: self.contact.id };
            return enter(&self.tx, &to, happening, once, self.now).await;
        }
        happened(&self.app, &self.tx, self.contact.id, happening, once).await
    }
}
