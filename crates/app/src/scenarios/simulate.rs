//! The simulator: a draft is played with somebody made up, or with a copy of somebody there is, by a clock of its own.
//! What actions do is really done, inside a unit that is never committed: nothing of it remains, nothing is sent.

use super::rules;
use crate::access::{Actor, Right};
use crate::app::App;
use crate::contacts::{self, Contact};
use crate::directory::{Audience, ChannelInfo, ChannelState, Published, ReceiveBy};
use crate::pipeline::rehearse::{self, Act, Play, Played};
use crate::problem::{Fail, Kind as ProblemKind, Problem};
use samovar_base::message::{Event, FileKind, FileRef};
use samovar_base::{ChannelId, ContactId, Instant, Points, ScenarioId};
use samovar_connectors::{Channel, Drawn, Kind};
use samovar_engine::{Draft, End, Step, Trigger, TriggerOn};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Most things that happen in one simulation.
pub const ACTS_MAX: usize = 200;
/// The longest the clock is moved at once.
pub const PASS_MINUTES_MAX: i64 = 366 * 24 * 60;
/// A version that is not published: the draft.
const DRAFT: i64 = 0;
/// The step behind every port of a step that is shown alone.
const NOWHERE: &str = "nowhere";

/// A draft and what happens with it.
#[derive(Debug, Clone)]
pub struct Simulation {
    /// The draft, as the builder draws it.
    pub draft: Value,
    /// For which messenger it is drawn.
    pub messenger: Kind,
    /// With whom.
    pub guest: Guest,
    /// When it begins; now unless told.
    pub began: Option<Instant>,
    /// What happens, from the beginning on.
    pub acts: Vec<Happens>,
}

/// With whom.
#[derive(Debug, Clone, Default)]
pub struct Guest {
    /// Somebody there is: everything of theirs is at hand, and nothing is changed.
    pub contact: Option<ContactId>,
    /// The name of somebody made up.
    pub name: String,
    /// Their number, E.164.
    pub phone: Option<String>,
    /// Their language.
    pub locale: Option<String>,
    /// Their tags.
    pub tags: BTreeSet<String>,
    /// Their points.
    pub points: Points,
}

/// What happens.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Happens {
    /// The bot is opened, perhaps by a link.
    Start {
        /// Its payload.
        #[serde(default)]
        payload: Option<String>,
    },
    /// The person writes.
    Text {
        /// As written.
        text: String,
    },
    /// The person presses the button of a label.
    Press {
        /// Under which message of the bot, counted from 0.
        message: usize,
        /// What is written on it.
        label: String,
    },
    /// The person sends a picture.
    Photo,
    /// The person shares a phone number of their own.
    Phone {
        /// The number.
        number: String,
    },
    /// Time goes by, and nothing else.
    Pass {
        /// So many minutes.
        minutes: i64,
    },
    /// Time goes by until something happens by itself: a delay is over, a silence was long enough.
    Silence,
    /// The scenario is begun at a step.
    Enter {
        /// Which.
        step: String,
    },
}

impl Happens {
    fn act(&self) -> Result<Act, Problem> {
        let does = |event| Ok(Act::Does(event));
        match self {
            Self::Start { payload } => does(Event::Start { payload: payload.clone() }),
            Self::Text { text } => does(Event::Text { text: text.clone() }),
            Self::Press { message, label } => Ok(Act::Press { message: *message, label: label.clone() }),
            Self::Photo => {
                let vendor_id = "rehearsal".into();
                let file =
                    FileRef { vendor_id, kind: FileKind::Photo, name: None, media_type: None, size: None };
                does(Event::File { file, caption: String::new() })
            }
            Self::Phone { number } => does(Event::Phone { number: number.clone(), own: true }),
            Self::Pass { minutes } if (1..=PASS_MINUTES_MAX).contains(minutes) => {
                Ok(Act::Pass { ms: minutes * 60_000 })
            }
            Self::Pass { .. } => Err(Problem::invalid(
                "acts",
                "bad_minutes",
                format!("Часы можно перевести на 1–{PASS_MINUTES_MAX} минут вперёд"),
                format!("The clock moves on by 1 to {PASS_MINUTES_MAX} minutes"),
            )),
            Self::Silence => Ok(Act::Next),
            Self::Enter { step } => Ok(Act::Enter { step: step.clone() }),
        }
    }
}

/// Plays a draft. Refused with every error of the draft when there are any.
pub async fn simulate(app: &App, actor: &Actor, simulation: Simulation) -> Result<Played, Fail> {
    actor.require(Right::ScenariosWrite)?;
    if simulation.guest.contact.is_some() {
        actor.require(Right::ContactsRead)?;
        actor.require(Right::PersonalDataSee)?;
    }
    if simulation.acts.len() > ACTS_MAX {
        return Err(too_long().into());
    }
    let acts = simulation.acts.iter().map(Happens::act).collect::<Result<Vec<_>, _>>()?;
    let (draft, unread) = Draft::from_json(simulation.draft);
    if let Some(syntax) = rules::unreadable(&unread) {
        return Err(Fail::Problems(syntax));
    }
    let began = simulation.began.unwrap_or_else(|| app.clock.now());
    let scenario = compiled(app, &draft)?;
    let channel = channel(app, actor, simulation.messenger, scenario)?;
    let contact = made_up(app, &channel, &simulation.guest, began)?;
    let play = Play {
        channel,
        contact,
        real: simulation.guest.contact,
        points: simulation.guest.points,
        began,
        acts,
    };
    rehearse::rehearse(app, play).await
}

/// A step as messengers show it.
#[derive(Debug, Clone)]
pub struct Preview {
    /// Which messenger.
    pub messenger: Kind,
    /// Its messages.
    pub messages: Vec<Drawn>,
}

/// What one step of a draft says, in every messenger, to somebody made up. Wrong steps beside it do not matter.
pub async fn preview(
    app: &App,
    actor: &Actor,
    document: Value,
    step: &str,
    name: &str,
) -> Result<Vec<Preview>, Fail> {
    actor.require(Right::ScenariosRead)?;
    let (draft, _) = Draft::from_json(document);
    let alone = alone(draft, step).ok_or_else(|| Problem::not_found("шаг", "step", step))?;
    let mut drawn = Vec::new();
    let began = app.clock.now();
    for messenger in [Kind::Telegram, Kind::Webchat] {
        let channel = channel(app, actor, messenger, compiled(app, &alone)?)?;
        let guest = Guest { name: name.to_owned(), phone: Some("+79990000001".into()), ..Guest::default() };
        let contact = made_up(app, &channel, &guest, began)?;
        let acts = vec![Act::Enter { step: step.to_owned() }];
        let play = Play { channel, contact, real: None, points: Points(1240), began, acts };
        let played = rehearse::rehearse(app, play).await?;
        let scenes = played.scenes.into_iter();
        let said = scenes.flat_map(|scene| scene.messages).filter(|told| told.step.as_deref() == Some(step));
        drawn.push(Preview { messenger, messages: said.map(|told| told.drawn).collect() });
    }
    Ok(drawn)
}

/// The draft with one step whose ports lead to an end.
fn alone(draft: Draft, step: &str) -> Option<Draft> {
    let mut shown = draft.steps.get(step)?.clone();
    let silence = match &mut shown {
        Step::Ask(ask) => &mut ask.silence,
        Step::Choose(choose) => &mut choose.silence,
        Step::Show(show) => &mut show.silence,
        _ => &mut None,
    };
    *silence = None;
    let own =
        |edge: &String| edge == step || edge.strip_prefix(step).is_some_and(|port| port.starts_with('.'));
    let mut edges: BTreeMap<String, String> =
        draft.edges.keys().filter(|edge| own(edge)).map(|edge| (edge.clone(), NOWHERE.to_owned())).collect();
    let ports: Vec<String> = match &shown {
        Step::Choose(choose) => choose.choices.iter().map(|choice| choice.key.clone()).collect(),
        Step::Show(show) => show.choices.iter().map(|choice| choice.key.clone()).collect(),
        Step::Ask(_) => vec!["next".into()],
        _ => Vec::new(),
    };
    for port in ports {
        let named = format!("{step}.{port}");
        if port != "next" || !edges.contains_key(step) {
            edges.entry(named).or_insert_with(|| NOWHERE.to_owned());
        }
    }
    let steps = BTreeMap::from([(step.to_owned(), shown), (NOWHERE.to_owned(), Step::End(End {}))]);
    let start = Trigger { on: TriggerOn::Start, goto: step.to_owned(), interrupts: false };
    Some(Draft { steps, edges, triggers: vec![start], help: None, texts: BTreeMap::new(), ..draft })
}

fn compiled(app: &App, draft: &Draft) -> Result<Published, Fail> {
    let (scenario, problems) = samovar_engine::Scenario::compile(draft, app.capabilities.catalogue());
    match scenario {
        Some(scenario) if !rules::has_errors(&problems) => {
            let id = ScenarioId::new(&app.ids, app.clock.as_ref());
            Ok(Published { id, version: DRAFT, scenario })
        }
        _ => Err(Fail::Problems(rules::refusal(&problems))),
    }
}

/// A channel for this simulation only. It runs the draft, and beside it what the draft's scenario stands beside.
fn channel(app: &App, actor: &Actor, kind: Kind, draft: Published) -> Result<Arc<ChannelInfo>, Fail> {
    let tenant = app.directory.tenant(actor.tenant);
    let tenant = tenant.ok_or_else(|| Problem::not_found("компания", "company", actor.tenant))?;
    let key = draft.scenario.key().to_owned();
    let runs = |channel: &Arc<ChannelInfo>| {
        channel.tenant.id == actor.tenant
            && !channel.audience.is_staff()
            && channel.scenarios.iter().any(|known| known.scenario.key() == key)
    };
    let beside = app.directory.channels().into_iter().filter(runs).min_by_key(|channel| channel.id);
    let others = beside.iter().flat_map(|channel| channel.scenarios.iter());
    let others: Vec<_> = others.filter(|known| known.scenario.key() != key).cloned().collect();
    let (messenger, id) = (app.messengers.get(kind), ChannelId::new(&app.ids, app.clock.as_ref()));
    let locale = beside.as_ref().map_or_else(|| tenant.locale.clone(), |channel| channel.locale.clone());
    Ok(Arc::new(ChannelInfo {
        id,
        key: "rehearsal".into(),
        name: beside.map_or_else(|| tenant.name.clone(), |channel| channel.name.clone()),
        hook: String::new(),
        link: Channel {
            id,
            kind,
            token: SecretString::default(),
            api_base: messenger.api_base(),
            proxy: None,
            secret: None,
            locale: locale.clone(),
        },
        receive: ReceiveBy::Page,
        pace: messenger.limits().pace,
        audience: Audience::Customers,
        identity: None,
        page: true,
        widget: Default::default(),
        mini_app: false,
        state: ChannelState::On,
        scenarios: std::iter::once(Arc::new(draft)).chain(others).collect(),
        tenant,
        locale,
        messenger,
    }))
}

fn made_up(app: &App, channel: &ChannelInfo, guest: &Guest, now: Instant) -> Result<Contact, Fail> {
    let locale = guest.locale.as_deref().unwrap_or(&channel.locale);
    let mut contact = Contact::new(ContactId::new(&app.ids, app.clock.as_ref()), locale, now);
    guest.name.trim().clone_into(&mut contact.name);
    for tag in &guest.tags {
        contacts::add_tag(&mut contact, tag)?;
    }
    if let Some(number) = guest.phone.as_deref().filter(|number| !number.trim().is_empty()) {
        contact.phone = Some(contacts::phone(number)?);
    }
    Ok(contact)
}

fn too_long() -> Problem {
    Problem::new(
        ProblemKind::Invalid,
        "too_long",
        format!("Проверка длиннее {ACTS_MAX} действий: начните её заново"),
        format!("The simulation is longer than {ACTS_MAX} acts: begin anew"),
    )
}
