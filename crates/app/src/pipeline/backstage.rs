//! The bot for the staff: the same flow, but only people of the company get in, and act with their own rights.

use super::item::Item;
use super::outbound::{Class, NewOutbound, Policy, Ready};
use super::react::{self, Ended};
use super::standing::Standing;
use super::talk::Talk;
use crate::app::App;
use crate::contacts;
use crate::problem::Fail;
use crate::staff::{self, Entered, Member};
use crate::visit::Cause;
use samovar_base::message::{Body, Event, Incoming};
use samovar_base::{ContactId, Instant};
use samovar_store::Tx;

/// Somebody did something in a conversation with the staff's bot.
pub(super) async fn said(
    app: &App,
    item: &Item,
    tx: &Tx,
    mut standing: Standing,
    incoming: &Incoming,
    now: Instant,
    ended: &mut Ended,
) -> Result<Vec<Ready>, Fail> {
    let before = standing.contact.clone();
    let (tenant, locale) = (item.channel.tenant.id, item.channel.locale.as_str());
    let entered = staff::enter(app, tx, tenant, &mut standing.contact, &incoming.event, locale, now).await?;
    match entered {
        Entered::In { member, joined } => {
            let mut talk = Talk::new(app, item, tx, standing, incoming.person.clone(), now);
            talk.began_with(before);
            talk.of_staff(member);
            let start = Event::Start { payload: None };
            talk.hear(if joined { &start } else { &incoming.event }).await?;
            talk.end(ended).await
        }
        Entered::Out(words) => {
            contacts::save(tx, &before, &mut standing.contact, now);
            ended.note = Some("a stranger".into());
            let answer = words.map(|words| NewOutbound {
                body: Body::text(words),
                class: Class::Answer,
                policy: Policy::Repeat,
                cause: Cause::new("update", &*item.dedup),
            });
            Ok(react::written(app, tx, item, standing.contact.id, answer.into_iter().collect(), now))
        }
    }
}

/// Who of the staff is in a conversation of their bot.
pub(super) async fn member(item: &Item, tx: &Tx, contact: ContactId) -> Result<Option<Member>, Fail> {
    if !item.channel.audience.is_staff() {
        return Ok(None);
    }
    staff::member(tx, item.channel.tenant.id, contact, &item.channel.locale).await
}
