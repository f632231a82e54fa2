//! What scenarios of the staff's bot may say of whoever writes to it. Only facts.

use crate::access::Right;
use crate::capability::{Capability, Look, Outcome, Shown, Words};
use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_engine::{FactSpec, Kind, Title, Values};
use serde_json::{Map, Value, json};

/// Who works here, as scenarios see them. Empty in a bot for customers.
#[derive(Debug)]
pub struct Colleague;

impl Capability for Colleague {
    fn name(&self) -> &'static str {
        "staff"
    }

    fn words(&self) -> Words {
        let mut facts = vec![
            fact("staff.name".into(), Kind::Text, "имя сотрудника", "name of the staff member"),
            fact("staff.role".into(), Kind::Text, "роль: owner, manager…", "role: owner, manager…"),
            fact("staff.role_title".into(), Kind::Text, "название роли", "the role in words"),
        ];
        facts.extend(Right::ALL.iter().map(|right| {
            let (ru, en) = (right.title("ru"), right.title("en"));
            fact(format!("staff.may.{right}"), Kind::Flag, &format!("может {ru}"), &format!("may {en}"))
        }));
        Words { facts, ..Words::default() }
    }

    fn act<'a>(
        &'a self,
        _: &'a str,
        _: &'a Values,
        _: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        async { Ok(Outcome::named("failed")) }.boxed()
    }

    fn show<'a>(&'a self, _: &'a str, _: Look<'a>, _: &'a mut Visit) -> BoxFuture<'a, Result<Shown, Fail>> {
        async { Ok(Shown::Left(Outcome::named("failed"))) }.boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        let facts = visit.staff.as_ref().map_or_else(
            || json!({}),
            |member| {
                let may: Map<String, Value> =
                    member.actor.rights.iter().map(|right| (right.to_string(), json!(true))).collect();
                json!({
                    "name": member.name,
                    "role": member.role,
                    "role_title": member.role_title,
                    "may": may,
                })
            },
        );
        async { Ok(facts) }.boxed()
    }
}

fn fact(path: String, kind: Kind, ru: &str, en: &str) -> FactSpec {
    FactSpec { path, kind, writable: false, title: Title::new(ru, en) }
}
