//! A conversation played through for whoever writes a scenario, and undone: the real flow with a clock of its own, inside
//! one unit of work that is never committed. What capabilities do is really done, seen by what follows, and taken back.

use super::item::{Item, Own, What};
use super::resume::OwnRow;
use super::store::{STATE_DONE, STATE_LATER, TIMER_CANCEL};
use super::talk::Talk;
use super::{bucket, react, standing};
use crate::app::App;
use crate::contacts::{self, Contact};
use crate::directory::ChannelInfo;
use crate::problem::Fail;
use crate::scenarios::Passage;
use crate::visit::Cause;
use samovar_base::message::{Action, Event, Incoming, Person};
use samovar_base::{ContactId, Instant, OutboundId, Points};
use samovar_connectors::{Drawn, Keys};
use samovar_engine::{Awaits, Facts};
use samovar_store::{Row, StoreError, Tx, params, query};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The conversation's name; the channel is there for this rehearsal only.
const CHAT: &str = "rehearsal";
/// The person's id in it.
const PERSON: &str = "guest";
/// Timers and events of the business that one act may lead to.
const FOLLOW_MAX: usize = 100;
/// Messages that are told of one act.
const MESSAGES_MAX: u32 = 100;

query! {
    static OPEN = "SELECT dedup, raw FROM inbound WHERE tenant_id = $1 AND channel_id = $2 AND state = 0 \
                   ORDER BY received_at, dedup LIMIT 1";
    static CLOSE = "UPDATE inbound SET state = $4 WHERE tenant_id = $1 AND channel_id = $2 AND dedup = $3";
    static NEXT_TIMER = "SELECT key, due_at FROM timer WHERE tenant_id = $1 AND channel_id = $2 AND contact_id = $3 \
                         ORDER BY due_at, key LIMIT 1";
    static SAID = "SELECT id, body, cause FROM outbound WHERE tenant_id = $1 AND channel_id = $2 AND chat = $3 \
                   AND page = TRUE AND id > $4 ORDER BY id LIMIT $5";
}

/// What is played.
pub(crate) struct Play {
    /// Where: a channel that stands in no table.
    pub channel: Arc<ChannelInfo>,
    /// Who, when it is somebody made up.
    pub contact: Contact,
    /// Who, when it is somebody there is.
    pub real: Option<ContactId>,
    /// Points that the made up one has.
    pub points: Points,
    /// When it begins.
    pub began: Instant,
    /// What happens.
    pub acts: Vec<Act>,
}

/// What happens.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Act {
    /// The person does something.
    Does(Event),
    /// The person presses the button of that label under a message, counted from 0.
    Press { message: usize, label: String },
    /// The first scenario is begun at a step.
    Enter { step: String },
    /// So many milliseconds go by.
    Pass { ms: i64 },
    /// The time goes by until something happens by itself.
    Next,
}

/// How it went.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// By act.
    pub scenes: Vec<Scene>,
    /// The clock's time in the end.
    pub now: Instant,
    /// Where the person is in the end.
    pub step: Option<String>,
    /// What is waited for: `nothing`, `person`, `timer`, `app`, `operator`.
    pub awaits: &'static str,
    /// When something happens by itself.
    pub next_at: Option<Instant>,
    /// What is known of the person in the end, by path.
    pub facts: BTreeMap<String, Value>,
}

/// What one act led to.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// When it ended.
    pub at: Instant,
    /// What was said.
    pub messages: Vec<Told>,
    /// What is known of the person and was not before, or otherwise: path, before, after.
    pub changes: Vec<(String, Value, Value)>,
    /// Which steps were gone through: step, port.
    pub passed: Vec<(String, String)>,
    /// What was passed over, and why.
    pub notes: Vec<String>,
}

/// A message of the bot.
#[derive(Debug, Clone)]
pub struct Told {
    /// When.
    pub at: Instant,
    /// As its messenger shows it.
    pub drawn: Drawn,
    /// The step that said it.
    pub step: Option<String>,
}

/// Why the unit is undone.
enum Undone {
    Played(Box<Played>),
    Failed(Fail),
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// Plays it through and undoes it.
pub(crate) async fn rehearse(app: &App, play: Play) -> Result<Played, Fail> {
    let (services, play) = (app.clone(), Arc::new(play));
    let (tenant, key) = (play.channel.tenant.id, bucket::conversation(play.channel.id, CHAT));
    let undone = app.store.run(tenant, key, move |tx| {
        let stage = Stage::new(services.clone(), Arc::clone(&play), tx);
        async move {
            Err::<std::convert::Infallible, _>(match stage.play().await {
                Ok(played) => Undone::Played(Box::new(played)),
                Err(fail) => Undone::Failed(fail),
            })
        }
    });
    match undone.await {
        Ok(never) => match never {},
        Err(Undone::Played(played)) => Ok(*played),
        Err(Undone::Failed(fail)) => Err(fail),
    }
}

struct Stage {
    app: App,
    play: Arc<Play>,
    tx: Tx,
    now: Instant,
    last: OutboundId,
    said: Vec<Drawn>,
    acts: i64,
}

impl Stage {
    fn new(app: App, play: Arc<Play>, tx: Tx) -> Self {
        let now = play.began;
        Self { app, play, tx, now, last: OutboundId(0), said: Vec::new(), acts: 0 }
    }

    async fn play(mut self) -> Result<Played, Fail> {
        let play = Arc::clone(&self.play);
        self.begin(&play).await?;
        let mut facts = self.known().await?;
        let mut scenes = Vec::with_capacity(play.acts.len());
        for act in &play.acts {
            let mut scene = Scene::default();
            self.act(act, &mut scene).await?;
            let after = self.known().await?;
            scene.at = self.now;
            scene.changes = differing(&facts, &after);
            facts = after;
            scenes.push(scene);
        }
        let standing = self.standing().await?;
        let (step, awaits) = match standing.and_then(|standing| standing.session) {
            Some(session) => (session.step.clone(), awaits(session.awaits())),
            None => (None, "nothing"),
        };
        let next_at = self.timer().await?.map(|(_, due)| due);
        Ok(Played { scenes, now: self.now, step, awaits, next_at, facts })
    }

    async fn begin(&mut self, play: &Play) -> Result<(), Fail> {
        let contact = play.real.unwrap_or(play.contact.id);
        let name = match play.real {
            Some(real) => contacts::load(&self.tx, real).await?.map(|found| found.name).unwrap_or_default(),
            None => play.contact.name.clone(),
        };
        if play.real.is_none() {
            contacts::create(&self.tx, &play.contact);
        }
        let person = Person { id: PERSON.into(), name, ..Person::default() };
        contacts::add_identity(&self.tx, play.channel.id, contact, CHAT, &person, self.now);
        self.tx.settle().await?;
        if play.real.is_none() && play.points > Points::ZERO {
            let award = crate::loyalty::Award {
                kind: Cow::Borrowed("grant"),
                points: play.points,
                comment: None,
                key: format!("rehearsal:{contact}"),
                cause: Cause::new("staff", "rehearsal"),
            };
            crate::loyalty::award_in(&self.app, &self.tx, contact, award, self.now).await?;
            self.tx.settle().await?;
        }
        Ok(())
    }

    async fn act(&mut self, act: &Act, scene: &mut Scene) -> Result<(), Fail> {
        self.acts += 1;
        match act {
            Act::Does(event) => self.does(event.clone(), scene).await?,
            Act::Press { message, label } => match self.button(*message, label) {
                Some(event) => self.does(event, scene).await?,
                None => scene.notes.push(format!("there is no button «{label}»")),
            },
            Act::Enter { step } => self.enter(step, scene).await?,
            Act::Pass { ms } => self.pass(self.now.plus_millis((*ms).max(0)), scene).await?,
            Act::Next => {
                if let Some((_, due)) = self.timer().await? {
                    self.pass(due.max(self.now), scene).await?;
                }
            }
        }
        self.follow(scene).await
    }

    fn button(&self, message: usize, label: &str) -> Option<Event> {
        let drawn = self.said.get(message)?;
        let found = match &drawn.keys {
            Keys::Buttons(rows) | Keys::Keyboard(rows) => {
                rows.iter().flatten().find(|one| one.label == label)
            }
            Keys::List(rows) => rows.iter().find(|one| one.label == label),
            Keys::None | Keys::Hide => None,
        }?;
        match (&found.action, &drawn.keys) {
            (Action::SharePhone, _) => {
                let number = self.play.contact.phone.clone().unwrap_or_else(|| "+79990000001".into());
                Some(Event::Phone { number, own: true })
            }
            (_, Keys::Keyboard(_)) => Some(Event::Text { text: label.to_owned() }),
            (Action::Press(token), _) => {
                Some(Event::Press { token: token.clone(), message: Some(message.to_string()) })
            }
            (Action::Open(_), _) => None,
        }
    }

    async fn does(&mut self, event: Event, scene: &mut Scene) -> Result<(), Fail> {
        let incoming = Incoming {
            dedup: format!("rehearsal:{}", self.acts),
            order: self.acts,
            chat: CHAT.into(),
            person: Person { id: PERSON.into(), name: self.play.contact.name.clone(), ..Person::default() },
            at: self.now,
            event,
        };
        let item = self.item(incoming.dedup.clone(), What::Said(vec![incoming.clone()]));
        let mut ended = react::Ended::default();
        react::said(&self.app, &item, &self.tx, self.now, &incoming, &mut ended).await?;
        self.note(ended, scene);
        self.hear(scene).await
    }

    async fn enter(&mut self, step: &str, scene: &mut Scene) -> Result<(), Fail> {
        let Some(standing) = self.standing().await? else { return Ok(()) };
        let Some(first) = self.play.channel.scenarios.first().cloned() else { return Ok(()) };
        let item = self.item(format!("rehearsal:{}", self.acts), What::Said(Vec::new()));
        let mut ended = react::Ended::default();
        let mut talk = Talk::new(&self.app, &item, &self.tx, standing, Person::default(), self.now);
        talk.begin_at(&first, step).await?;
        talk.end(&mut ended).await?;
        self.note(ended, scene);
        self.hear(scene).await
    }

    async fn pass(&mut self, until: Instant, scene: &mut Scene) -> Result<(), Fail> {
        for _ in 0..FOLLOW_MAX {
            let Some((key, due)) = self.timer().await?.filter(|(_, due)| *due <= until) else { break };
            let Some(contact) = self.contact().await? else { break };
            self.now = self.now.max(due);
            self.tx.exec(&TIMER_CANCEL, params![self.play.channel.id, contact, key.as_str()]).await?;
            self.goes_on(format!("timer:{key}:{}", due.0), Own::Timer { contact, key, since: None }, scene)
                .await?;
            self.follow(scene).await?;
        }
        self.now = until;
        Ok(())
    }

    /// Events of the business that the act led to, as far as this conversation waits for them.
    async fn follow(&mut self, scene: &mut Scene) -> Result<(), Fail> {
        for _ in 0..FOLLOW_MAX {
            let Some(row) = self.tx.one(&OPEN, params![self.play.channel.id]).await? else { return Ok(()) };
            let dedup = row.text(0)?.to_owned();
            let own = serde_json::from_slice::<OwnRow>(row.bytes(1)?).ok();
            let later = match own {
                Some(row) => self.goes_on(dedup.clone(), row.own, scene).await?,
                None => false,
            };
            let state = if later { STATE_LATER } else { STATE_DONE };
            self.tx.exec(&CLOSE, params![self.play.channel.id, dedup, state]).await?;
        }
        Ok(())
    }

    /// True when it is put off.
    async fn goes_on(&mut self, dedup: String, own: Own, scene: &mut Scene) -> Result<bool, Fail> {
        let item = self.item(dedup, What::Own(own.clone()));
        let mut ended = react::Ended::default();
        react::on_own(&self.app, &item, &self.tx, self.now, &own, &mut ended).await?;
        let later = ended.later;
        self.note(ended, scene);
        self.hear(scene).await?;
        Ok(later)
    }

    fn note(&self, ended: react::Ended, scene: &mut Scene) {
        scene.notes.extend(ended.note);
        let steps = ended.passed.into_iter().map(|Passage { step, port, .. }| (step, port));
        scene.passed.extend(steps.filter(|(step, _)| !step.is_empty()));
    }

    /// What was said since it was looked last.
    async fn hear(&mut self, scene: &mut Scene) -> Result<(), Fail> {
        self.tx.settle().await?;
        let (channel, last) = (self.play.channel.id, self.last);
        for row in self.tx.all(&SAID, params![channel, CHAT, last, MESSAGES_MAX]).await? {
            self.last = row.id(0)?;
            let (drawn, step) = (row.json::<Drawn>(1)?, step_of(&row)?);
            self.said.push(drawn.clone());
            scene.messages.push(Told { at: self.now, drawn, step });
        }
        Ok(())
    }

    /// What is known of the person, by path.
    async fn known(&self) -> Result<BTreeMap<String, Value>, Fail> {
        let Some(standing) = self.standing().await? else { return Ok(BTreeMap::new()) };
        let item = self.item(String::new(), What::Said(Vec::new()));
        let talk = Talk::new(&self.app, &item, &self.tx, standing, Person::default(), self.now);
        let Facts { namespaces, .. } = talk.known(vec!["contact".into(), "loyalty".into()]).await?;
        let mut flat = BTreeMap::new();
        for (namespace, values) in namespaces {
            flatten(namespace, values, &mut flat);
        }
        Ok(flat)
    }

    async fn standing(&self) -> Result<Option<standing::Standing>, Fail> {
        standing::of_person(&self.tx, self.play.channel.id, PERSON).await
    }

    async fn contact(&self) -> Result<Option<ContactId>, Fail> {
        Ok(self.standing().await?.map(|standing| standing.contact.id))
    }

    async fn timer(&self) -> Result<Option<(String, Instant)>, Fail> {
        let Some(contact) = self.contact().await? else { return Ok(None) };
        let row = self.tx.one(&NEXT_TIMER, params![self.play.channel.id, contact]).await?;
        row.map(|row| Ok((row.text(0)?.to_owned(), row.instant(1)?))).transpose()
    }

    fn item(&self, dedup: String, what: What) -> Item {
        Item {
            channel: Arc::clone(&self.play.channel),
            chat: CHAT.into(),
            dedup: dedup.into(),
            position: self.acts,
            what,
            accepted_at: self.now,
        }
    }
}

/// The step of a cause: `coffee-loyalty@3/menu`.
fn step_of(row: &Row) -> Result<Option<String>, Fail> {
    let cause: Cause = row.json(2)?;
    Ok(cause.step.and_then(|step| step.split_once('/').map(|(_, step)| step.to_owned())))
}

const fn awaits(what: Awaits) -> &'static str {
    match what {
        Awaits::Nothing => "nothing",
        Awaits::Person => "person",
        Awaits::Timer => "timer",
        Awaits::App => "app",
        Awaits::Operator => "operator",
    }
}

fn flatten(path: String, value: Value, into: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(values) => {
            for (name, value) in values {
                flatten(format!("{path}.{name}"), value, into);
            }
        }
        value => drop(into.insert(path, value)),
    }
}

fn differing(
    before: &BTreeMap<String, Value>,
    after: &BTreeMap<String, Value>,
) -> Vec<(String, Value, Value)> {
    let mut paths: Vec<&String> = before.keys().chain(after.keys()).collect();
    paths.sort_unstable();
    paths.dedup();
    let value = |side: &BTreeMap<String, Value>, path: &String| side.get(path).cloned().unwrap_or_default();
    paths
        .into_iter()
        .map(|path| (path.clone(), value(before, path), value(after, path)))
        .filter(|(_, was, is)| was != is)
        .collect()
}
