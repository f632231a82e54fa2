//! A business small enough for tests: it loads facts, runs actions, draws screens, rings timers, and writes down the
//! conversation.

use crate::fixture;
use samovar_base::message::{Action, Body, Button, Event, FileKind, FileRef, Media};
use samovar_base::{Clock, Instant, ManualClock, ScenarioId};
use samovar_engine::{
    Effect, Entry, Facts, Input, Next, Reading, Said, Scenario, Session, Span, Turn, Values, advance,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// One person, one bot.
pub struct World {
    pub scenario: Scenario,
    pub session: Session,
    pub known: BTreeMap<String, Value>,
    clock: ManualClock,
    timers: BTreeMap<String, Instant>,
    buttons: Vec<Button>,
    pub story: String,
    /// Effects that are not messages are written down too.
    pub tells_effects: bool,
}

/// The conversation that follows from what is done, in the language of [`World::act`].
pub fn check(draft: &str, doings: &[&str]) -> String {
    let mut world = World::new(fixture::scenario(draft));
    for doing in doings {
        world.act(doing);
    }
    world.story
}

impl World {
    pub fn new(scenario: Scenario) -> Self {
        let known = json!({
            "contact": {"messenger_name": "Анна К.", "tags": []},
            "loyalty": {"balance": 0, "card_number": "1234 5678 9012", "welcome_points": 100},
            "business": {
                "name": "Зерно", "zone": "Europe/Moscow", "locale": "ru", "policy_url": "https://zerno.example/policy"
            },
            "channel": {"kind": "telegram", "shares_phone": true},
        });
        let known = known.as_object().map(|map| map.clone().into_iter().collect()).unwrap_or_default();
        Self {
            scenario,
            session: Session::new(ScenarioId(1), 1),
            known,
            clock: ManualClock::at_rfc3339("2026-11-21T09:00:00Z"),
            timers: BTreeMap::new(),
            buttons: Vec::new(),
            story: String::new(),
            tells_effects: true,
        }
    }

    /// Sets a fact.
    pub fn knows(&mut self, path: &str, value: Value) {
        let (space, name) = path.split_once('.').expect("namespace.name");
        let mut held = self.known.get_mut(space).expect("a known namespace");
        for name in name.split('.') {
            held = &mut held[name];
        }
        *held = value;
    }

    /// One doing: `/start [payload]`, `press LABEL`, `token TOKEN`, `share NUMBER`, `forge NUMBER`, `photo`, `file`,
    /// `pass SPAN`, `taken over`, `given back`, `event NAME JSON`, `fact PATH JSON`; anything else is said as a text.
    pub fn act(&mut self, doing: &str) {
        self.story.push_str(&format!("> {doing}\n"));
        let (word, rest) = doing.split_once(' ').unwrap_or((doing, ""));
        match word {
            "/start" => self.hears(Event::Start { payload: (!rest.is_empty()).then(|| rest.to_owned()) }),
            "press" => {
                let found = self.buttons.iter().rev().find(|button| button.label == rest).cloned();
                match found.map(|button| button.action) {
                    Some(Action::Press(token)) => {
                        self.hears(Event::Press { token, message: Some("m1".into()) })
                    }
                    other => panic!("«{rest}» cannot be pressed: {other:?}\n{}", self.story),
                }
            }
            "token" => self.hears(Event::Press { token: rest.into(), message: None }),
            "share" | "forge" => self.hears(Event::Phone { number: rest.into(), own: word == "share" }),
            "photo" => self.hears(file(FileKind::Photo)),
            "file" => self.hears(file(FileKind::Document)),
            "read" => {
                let (step, text) = rest.split_once(' ').unwrap_or((rest, ""));
                let Event::File { file, .. } = file(FileKind::Photo) else { unreachable!() };
                let codes = Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
                let reading = Reading {
                    codes: codes.into_iter().collect(),
                    unseen: None,
                    file,
                    once: "e1".into(),
                    sent_at: self.clock.now(),
                };
                self.run(Input::Read { step, reading: &reading });
            }
            "pass" => self.pass(rest.parse().expect("a span")),
            "taken" => self.run(Input::TakenOver),
            "given" => self.run(Input::GivenBack),
            "event" => {
                let (name, values) = rest.split_once(' ').unwrap_or((rest, "{}"));
                let values: Values = serde_json::from_str(values).expect("an object");
                let trigger = self.scenario.listens(name, &values).expect("a trigger for the event");
                self.run(Input::Enter { entry: Entry::Trigger(trigger.index), values });
            }
            "fact" => {
                let (path, value) = rest.split_once(' ').expect("path and value");
                self.knows(path, serde_json::from_str(value).expect("a value"));
            }
            _ => self.hears(Event::Text { text: doing.to_owned() }),
        }
    }

    /// Routes as the app does: interrupting triggers, the waiting session, other triggers, not understood.
    pub fn hears(&mut self, event: Event) {
        let found = self.scenario.matches(&event);
        let answers = self.scenario.answers(&self.session, &event);
        match found.filter(|found| found.interrupts || !answers) {
            Some(found) => {
                self.run(Input::Enter { entry: Entry::Trigger(found.index), values: found.values })
            }
            None => self.run(Input::Said(&event)),
        }
    }

    /// Obeys until the engine rests.
    pub fn run(&mut self, first: Input<'_>) {
        let mut facts = Facts::at(self.clock.now());
        let mut input = first;
        for _ in 0..1_000 {
            let packed = serde_json::to_string(&self.session).expect("a session is JSON");
            let session: Session = serde_json::from_str(&packed).expect("a session is read back");
            assert_eq!(session, self.session);
            let Turn { session, effects, next, .. } = advance(&self.scenario, session, input, &facts);
            self.session = session;
            effects.into_iter().for_each(|effect| self.apply(effect));
            input = match next {
                Next::Rest => return,
                Next::Ended => return self.tell("(ended)"),
                Next::Goto { scenario } => return self.tell(&format!("(goes to {scenario})")),
                Next::NeedFacts(spaces) => {
                    assert!(!spaces.is_empty());
                    for space in spaces {
                        let values = self.known.get(&space).cloned().unwrap_or_else(|| json!({}));
                        assert!(facts.namespaces.insert(space, values).is_none(), "asked for what is loaded");
                    }
                    Input::Facts
                }
                Next::Act { action, params, .. } => {
                    self.tell(&format!("* {action} {}", Value::Object(params.clone())));
                    let changed = fixture::catalogue().action(&action).map(|spec| spec.changes.clone());
                    facts
                        .namespaces
                        .retain(|space, _| !changed.iter().flatten().any(|changed| changed == space));
                    self.does(&action, &params)
                }
                Next::Show { screen, said: Some(said), .. } => {
                    self.tell(&format!("* {screen} hears {said:?}"));
                    match said {
                        Said::Text(sum) if sum == "1 500" => {
                            Input::Outcome { name: "sold".into(), values: Values::new() }
                        }
                        _ => Input::Shown { body: Body::text("[касса: сумма?]"), more: false },
                    }
                }
                Next::Show { screen, page, pressed, .. } => self.draws(&screen, page, pressed.as_deref()),
            };
        }
        panic!("the engine does not rest:\n{}", self.story);
    }

    /// Moves the clock, ringing what becomes due.
    pub fn pass(&mut self, span: Span) {
        let end = self.clock.now().plus_seconds(span.seconds());
        while let Some((key, due)) =
            self.timers.iter().min_by_key(|(_, due)| **due).map(|(k, d)| (k.clone(), *d))
        {
            if due > end {
                break;
            }
            self.timers.remove(&key);
            self.clock.set(due);
            self.run(Input::Due { key: &key });
        }
        self.clock.set(end);
    }

    fn does<'a>(&mut self, action: &str, params: &Values) -> Input<'a> {
        let was = |world: &Self, path: (&str, &str)| world.known[path.0][path.1] == json!(true);
        let mut values = Values::new();
        let name = match action {
            "consent.give" => {
                self.knows("contact.consented", json!(true));
                "done"
            }
            "contact.register" if was(self, ("contact", "registered")) => "already",
            "contact.register" => {
                self.knows("contact.registered", json!(true));
                "done"
            }
            "contact.resume" => {
                self.knows("contact.stopped", json!(false));
                "done"
            }
            "contact.stop" => {
                self.knows("contact.stopped", json!(true));
                "done"
            }
            "loyalty.welcome" if self.known["loyalty"]["balance"] != json!(0) => "already",
            "loyalty.welcome" => {
                self.knows("loyalty.balance", json!(100));
                "done"
            }
            "test.spend" => {
                let left = self.known["loyalty"]["balance"].as_i64().unwrap_or(0)
                    - params["points"].as_i64().unwrap_or(0);
                if left >= 0 {
                    self.knows("loyalty.balance", json!(left));
                    values.insert("left".into(), json!(left));
                }
                if left >= 0 { "done" } else { "refused" }
            }
            other => panic!("no such action: {other}"),
        };
        Input::Outcome { name: name.into(), values }
    }

    fn draws<'a>(&self, screen: &str, page: u32, pressed: Option<&str>) -> Input<'a> {
        let text = match screen {
            "loyalty.balance" => format!("[баланс: {}]", self.known["loyalty"]["balance"]),
            "loyalty.history" => format!("[история, страница {page}]"),
            "test.orders" if pressed == Some("order-7") => {
                return Input::Outcome { name: "picked".into(), values: Values::new() };
            }
            other => format!("[{other}, нажато {pressed:?}]"),
        };
        let mut body = Body::text(text);
        if screen == "loyalty.card" {
            body.media = Some(Media { kind: FileKind::Photo, key: "card/con_1/tray".into() });
        }
        if screen == "test.orders" {
            let row = |label: &str, carries: &str| {
                vec![Button { label: label.into(), action: Action::Press(carries.into()) }]
            };
            body.buttons = vec![row("Заказ 6", "order-6"), row("Заказ 7", "order-7")];
        }
        Input::Shown { body, more: screen == "loyalty.history" && page < 3 }
    }

    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::Send { body, policy, .. } => {
                let kept = if policy == samovar_engine::Policy::Keep { " (once)" } else { "" };
                let lines = body.text.replace('\u{a0}', " ");
                let lines = lines.trim_end().replace('\n', "\n  ").replace("\n  \n", "\n\n");
                self.story.push_str(&format!("< {lines}{kept}\n"));
                if let Some(media) = &body.media {
                    self.story.push_str(&format!("  ({:?} {})\n", media.kind, media.key));
                }
                for row in &body.buttons {
                    let labels: Vec<String> = row.iter().map(label).collect();
                    self.story.push_str(&format!("  {}\n", labels.join(" ")));
                    self.buttons.extend(row.iter().cloned());
                }
                if body.clears_keyboard {
                    self.story.push_str("  (keyboard cleared)\n");
                }
                if let Some(replaced) = &body.replaces {
                    self.story.push_str(&format!("  (in place of {replaced})\n"));
                }
            }
            Effect::SetField { name, value, proven } => {
                self.tell(&format!("* {name} = {value}{}", if proven { ", proven" } else { "" }));
                self.knows(&name, value);
            }
            Effect::Timer { key, due } => {
                let after = due.millis_since(self.clock.now()) / 1_000;
                self.tell(&format!("* timer {key} after {}", Span::from_seconds(after)));
                self.timers.insert(key, due);
            }
            Effect::CancelTimer { key } => {
                self.timers.remove(&key);
            }
            Effect::AddTag(tag) => self.tell(&format!("* tag +{tag}")),
            Effect::RemoveTag(tag) => self.tell(&format!("* tag -{tag}")),
            Effect::Source(source) => self.tell(&format!("* source {source}")),
            Effect::HandOff { reason } => self.tell(&format!("* calls a person: {reason}")),
            Effect::Read { step, file } => self.tell(&format!("* looks at {} for {step}", file.vendor_id)),
            Effect::Note { code, detail } => self.tell(&format!("* note {code}: {detail}")),
        }
    }

    fn tell(&mut self, line: &str) {
        if self.tells_effects {
            self.story.push_str(&format!("  {line}\n"));
        }
    }
}

fn label(button: &Button) -> String {
    match &button.action {
        Action::Press(_) => format!("[{}]", button.label),
        Action::Open(url) => format!("[{} → {url}]", button.label),
        Action::SharePhone => format!("[{} ☎]", button.label),
    }
}

fn file(kind: FileKind) -> Event {
    let file = FileRef { vendor_id: "f1".into(), kind, name: None, media_type: None, size: None };
    Event::File { file, caption: String::new() }
}
