//! What scenarios may say of the company, of the channel, and of the event that began it all.

use crate::capability::{Capability, Look, Outcome, Shown, Words};
use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_engine::{FactSpec, Kind, Title, Values};
use serde_json::{Value, json};

/// The company, the channel and the event, as scenarios see them. Only facts.
#[derive(Debug)]
pub struct Business;

impl Capability for Business {
    fn name(&self) -> &'static str {
        "business"
    }

    fn words(&self) -> Words {
        Words { facts: FACTS.iter().map(fact).collect(), ..Words::default() }
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

    fn facts<'a>(&'a self, namespace: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        let facts = match namespace {
            "business" => business(visit),
            "channel" => channel(visit),
            _ => json!({}),
        };
        async { Ok(facts) }.boxed()
    }
}

const FACTS: &[(&str, Kind, &str, &str)] = &[
    ("business.name", Kind::Text, "название компании", "name of the company"),
    ("business.zone", Kind::Text, "часовой пояс", "time zone"),
    ("business.locale", Kind::Text, "язык компании", "language of the company"),
    ("business.policy_url", Kind::Text, "адрес политики", "address of the policy"),
    ("business.today", Kind::Date, "сегодня", "today"),
    ("business.now_hour", Kind::Number, "который час", "hour of the day"),
    ("channel.kind", Kind::Text, "мессенджер", "messenger"),
    ("channel.name", Kind::Text, "название бота", "name of the bot"),
    ("channel.shares_phone", Kind::Flag, "есть кнопка телефона", "has a phone button"),
    ("event.payload", Kind::Text, "метка ссылки", "payload of the link"),
];

fn fact((path, kind, ru, en): &(&str, Kind, &str, &str)) -> FactSpec {
    FactSpec { path: (*path).into(), kind: *kind, writable: false, title: Title::new(*ru, *en) }
}

fn business(visit: &Visit) -> Value {
    let tenant = &visit.channel.tenant;
    let local = visit.now.in_zone(&tenant.time_zone());
    json!({
        "name": tenant.name,
        "zone": tenant.zone,
        "locale": tenant.locale,
        "policy_url": tenant.settings.policy_url,
        "today": local.date().to_string(),
        "now_hour": local.hour(),
    })
}

fn channel(visit: &Visit) -> Value {
    let messenger = &visit.channel.messenger;
    json!({
        "kind": messenger.kind().as_str(),
        "name": visit.channel.name,
        "shares_phone": messenger.limits().shares_phone(),
    })
}
