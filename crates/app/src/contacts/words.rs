//! What scenarios may say of the person they talk to, and have done for them.

use super::{Contact, Given, give_consent, join, register, resume, revoke_consent, stop};
use crate::broadcasts;
use crate::capability::{Capability, Look, Outcome, Shown, Words};
use crate::deals;
use crate::problem::Fail;
use crate::visit::Visit;
use futures::future::{BoxFuture, FutureExt};
use samovar_base::ConsentId;
use samovar_engine::{ActionSpec, EventSpec, FactSpec, Kind, OutcomeSpec, ParamSpec, Title, Values};
use serde_json::{Value, json};

/// The contact, as scenarios see them.
#[derive(Debug)]
pub struct Contacts;

/// Consents, as scenarios see them.
#[derive(Debug)]
pub struct Consents;

impl Capability for Contacts {
    fn name(&self) -> &'static str {
        "contact"
    }

    fn words(&self) -> Words {
        let register =
            action("contact.register", "закончить регистрацию", "finish registration", &[DONE, ALREADY]);
        let actions = vec![
            // Whoever was known before finds their points.
            ActionSpec { changes: vec!["contact".into(), "loyalty".into()], ..register },
            action("contact.stop", "больше не писать", "stop writing", &[DONE]),
            action("contact.resume", "снова писать", "write again", &[DONE]),
        ];
        let events = vec![
            event("contact.registered", "зарегистрировался", "registered", Vec::new()),
            event("contact.tag_added", "получил метку", "got a tag", vec![tag()]),
            event("contact.tag_removed", "лишился метки", "lost a tag", vec![tag()]),
        ];
        Words { actions, events, facts: FACTS.iter().map(fact).collect(), ..Words::default() }
    }

    fn act<'a>(
        &'a self,
        action: &'a str,
        _: &'a Values,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        let outcome = match action {
            "register" if !register(&mut visit.contact, visit.now) => "already",
            "stop" => {
                stop(&mut visit.contact, visit.now);
                "done"
            }
            "resume" => {
                resume(&mut visit.contact);
                "done"
            }
            _ => "done",
        };
        async move {
            if action == "register" {
                join(visit).await?;
            }
            if (action, outcome) == ("register", "done") {
                deals::at_registration(visit).await?;
                broadcasts::at_registration(visit).await?;
            }
            Ok(Outcome::named(outcome))
        }
        .boxed()
    }

    fn show<'a>(&'a self, _: &'a str, _: Look<'a>, _: &'a mut Visit) -> BoxFuture<'a, Result<Shown, Fail>> {
        async { Ok(Shown::Left(Outcome::named("failed"))) }.boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, visit: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        let facts = facts(&visit.contact, &visit.person.name);
        async { Ok(facts) }.boxed()
    }
}

impl Capability for Consents {
    fn name(&self) -> &'static str {
        "consent"
    }

    fn words(&self) -> Words {
        let give = action("consent.give", "записать согласие", "record a consent", &[DONE, ALREADY]);
        let revoke = action("consent.revoke", "отозвать согласие", "take a consent back", &[DONE]);
        let params = vec![ParamSpec {
            name: "purpose".into(),
            kind: Kind::Text,
            required: true,
            title: Title::new("цель", "purpose"),
        }];
        let actions = [give, revoke].map(|action| ActionSpec { params: params.clone(), ..action }).into();
        Words { actions, ..Words::default() }
    }

    fn act<'a>(
        &'a self,
        action: &'a str,
        params: &'a Values,
        visit: &'a mut Visit,
    ) -> BoxFuture<'a, Result<Outcome, Fail>> {
        async move {
            let purpose = &purpose(params);
            let given = match action {
                "give" => {
                    let id = ConsentId::new(&visit.app.ids, visit.app.clock.as_ref());
                    let channel = Some(visit.channel.id);
                    give_consent(&visit.tx, &mut visit.contact, purpose, channel, id, visit.now).await?
                }
                _ => {
                    revoke_consent(&visit.tx, &mut visit.contact, purpose, visit.now).await?;
                    Given::Now
                }
            };
            Ok(Outcome::named(if given == Given::Before { "already" } else { "done" }))
        }
        .boxed()
    }

    fn show<'a>(&'a self, _: &'a str, _: Look<'a>, _: &'a mut Visit) -> BoxFuture<'a, Result<Shown, Fail>> {
        async { Ok(Shown::Left(Outcome::named("failed"))) }.boxed()
    }

    fn facts<'a>(&'a self, _: &'a str, _: &'a mut Visit) -> BoxFuture<'a, Result<Value, Fail>> {
        async { Ok(json!({})) }.boxed()
    }
}

type Named = (&'static str, &'static str, &'static str);
/// Longest purpose, in letters.
const PURPOSE_MAX: usize = 40;
const DONE: Named = ("done", "сделано", "done");
const ALREADY: Named = ("already", "уже было", "already");

const FACTS: &[(&str, Kind, bool, &str, &str)] = &[
    ("contact.name", Kind::Text, true, "имя", "name"),
    ("contact.first_name", Kind::Text, false, "имя без фамилии", "first name"),
    ("contact.phone", Kind::Phone, true, "телефон", "phone"),
    ("contact.phone_proved", Kind::Flag, false, "телефон подтверждён", "phone is proved"),
    ("contact.birthday", Kind::Date, true, "день рождения", "birthday"),
    ("contact.locale", Kind::Text, true, "язык", "language"),
    ("contact.source", Kind::Text, true, "откуда пришёл", "where from"),
    ("contact.registered", Kind::Flag, false, "зарегистрирован", "is registered"),
    ("contact.consented", Kind::Flag, false, "дал согласие", "has consented"),
    ("contact.consents", Kind::List, false, "согласия", "consents"),
    ("contact.stopped", Kind::Flag, false, "просил не писать", "asked for silence"),
    ("contact.tags", Kind::List, false, "метки", "tags"),
    ("contact.fields", Kind::Text, true, "поля компании", "fields of the company"),
    ("contact.messenger_name", Kind::Text, false, "имя в мессенджере", "name in the messenger"),
];

/// The namespace `contact`. Absent values are `null`; the company's own fields stand under `fields`.
pub(crate) fn facts(contact: &Contact, messenger_name: &str) -> Value {
    let told = |text: &str| if text.is_empty() { Value::Null } else { text.into() };
    json!({
        "name": told(&contact.name),
        "first_name": told(contact.first_name()),
        "phone": contact.phone,
        "phone_proved": contact.phone_proved,
        "birthday": contact.birthday.map(|date| date.to_string()),
        "locale": contact.locale,
        "source": contact.source,
        "registered": contact.registered_at.is_some(),
        "consented": !contact.consents.is_empty(),
        "consents": contact.consents.keys().collect::<Vec<_>>(),
        "stopped": contact.stopped_at.is_some(),
        "tags": contact.tags,
        "messenger_name": told(messenger_name),
        "fields": contact.fields,
    })
}

/// A purpose that came out of a template is cut to size rather than refused: nobody is there to correct it.
fn purpose(params: &Values) -> String {
    let said = params.get("purpose").and_then(Value::as_str).unwrap_or_default().trim();
    if said.is_empty() { "general".into() } else { said.chars().take(PURPOSE_MAX).collect() }
}

fn fact((path, kind, writable, ru, en): &(&str, Kind, bool, &str, &str)) -> FactSpec {
    FactSpec { path: (*path).into(), kind: *kind, writable: *writable, title: Title::new(*ru, *en) }
}

fn event(name: &str, ru: &str, en: &str, values: Vec<FactSpec>) -> EventSpec {
    EventSpec { name: name.into(), values, title: Title::new(ru, en) }
}

fn tag() -> FactSpec {
    FactSpec { path: "tag".into(), kind: Kind::Text, writable: false, title: Title::new("метка", "tag") }
}

fn action(name: &str, ru: &str, en: &str, outcomes: &[Named]) -> ActionSpec {
    let outcome = |(name, ru, en): &Named| OutcomeSpec {
        name: (*name).into(),
        values: Vec::new(),
        title: Title::new(*ru, *en),
    };
    ActionSpec {
        name: name.into(),
        params: Vec::new(),
        outcomes: outcomes.iter().map(outcome).collect(),
        changes: vec!["contact".into()],
        title: Title::new(ru, en),
    }
}
