//! The buttons of broadcasts: they lead into scenarios, for whoever got the message.

use super::{rules, store};
use crate::capability::{Capability, Look, Outcome, Pressed, Shown, Words};
use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_engine::Values;
use serde_json::{Value, json};

/// Broadcasts, as conversations see them.
#[derive(Debug)]
pub struct Broadcasts;

impl Capability for Broadcasts {
    fn name(&self) -> &'static str {
        rules::BUTTONS
    }

    fn words(&self) -> Words {
        Words::default()
    }

    fn act<'a>(
        &'a self,
        _: &'a str,
        _: &'a Values,
        _: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        async { Ok(Outcome::named("done")) }.boxed()
    }

    fn show<'a>(&'a self, _: &'a str, _: Look<'a>, _: &'a mut Visit) -> BoxFuture<'a, Result<Shown, Fail>> {
        async { Ok(Shown::Left(Outcome::named("failed"))) }.boxed()
    }

    /// Only who got the broadcast may use its buttons: a token can be made up.
    fn press<'a>(&'a self, data: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Pressed, Fail>> {
        async move {
            let Some((id, at)) = rules::pressed(data) else { return Ok(Pressed::default()) };
            if !store::got_it(&visit.tx, id, visit.contact.id).await? {
                return Ok(Pressed::default());
            }
            let broadcast = store::load(&visit.tx, id).await?;
            let link = broadcast.draft.content.buttons.get(at);
            Ok(Pressed { enter: link.and_then(|link| link.scenario.clone()), ..Pressed::default() })
        }
        .boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, _: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async { Ok(json!({})) }.boxed()
    }
}
