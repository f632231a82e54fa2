//! Who hears what a person did: the scenario in which they are, or another that waits for such a thing. Pure.

use crate::directory::Published;
use samovar_base::message::Event;
use samovar_engine::{Awaits, Session, TriggerMatch, Values};
use std::sync::Arc;

/// Where an event goes.
pub enum Route {
    /// To the session, in the version at which it is.
    Current(Arc<Published>),
    /// To a button of another scenario.
    Press(Arc<Published>),
    /// Into a scenario by one of its triggers.
    Enter {
        /// Which, in its published version.
        scenario: Arc<Published>,
        /// Which trigger.
        trigger: usize,
        /// What it brings.
        values: Values,
    },
    /// Into the channel's first scenario, from its beginning.
    Begin(Arc<Published>),
    /// There is nothing to hear it.
    Nowhere,
}

/// First a button where it belongs, then what interrupts, then the question that waits, then other triggers, then
/// the session's own "did not understand", then the beginning.
pub fn route(
    live: &[Arc<Published>],
    current: Option<&Arc<Published>>,
    session: Option<&Session>,
    event: &Event,
) -> Route {
    if let Event::Press { token, .. } = event {
        return press(live, current, token);
    }
    // Who opens the bot anew wants the bot, not the person who talked before.
    let opened = matches!(event, Event::Start { .. });
    let talking = !opened && session.is_some_and(|session| session.awaits() == Awaits::Operator);
    let found = if talking { None } else { best(live, event) };
    match (found, current, session) {
        (Some((scenario, found)), ..) if found.interrupts => enter(scenario, found),
        (_, Some(scenario), Some(session)) if talking || scenario.scenario.answers(session, event) => {
            Route::Current(Arc::clone(scenario))
        }
        (Some((scenario, found)), ..) => enter(scenario, found),
        (None, Some(scenario), Some(session)) if session.awaits() != Awaits::Nothing => {
            Route::Current(Arc::clone(scenario))
        }
        (None, ..) => begin(live),
    }
}

fn press(live: &[Arc<Published>], current: Option<&Arc<Published>>, token: &str) -> Route {
    match current {
        Some(current) if current.scenario.resolve(token).is_some() => Route::Current(Arc::clone(current)),
        _ => match live
            .iter()
            .find(|scenario| scenario.scenario.resolve(token).is_some_and(|target| target.anytime))
        {
            Some(scenario) => Route::Press(Arc::clone(scenario)),
            None => current.map_or_else(|| begin(live), |current| Route::Current(Arc::clone(current))),
        },
    }
}

fn best<'a>(live: &'a [Arc<Published>], event: &Event) -> Option<(&'a Arc<Published>, TriggerMatch)> {
    let mut best: Option<(&Arc<Published>, TriggerMatch)> = None;
    for scenario in live {
        if let Some(found) = scenario.scenario.matches(event)
            && best.as_ref().is_none_or(|(_, known)| found.priority > known.priority)
        {
            best = Some((scenario, found));
        }
    }
    best
}

/// The scenario that waits for an event of the business, and by which of its triggers.
pub fn listener(
    live: &[Arc<Published>],
    event: &str,
    values: &Values,
) -> Option<(Arc<Published>, TriggerMatch)> {
    let mut best: Option<(&Arc<Published>, TriggerMatch)> = None;
    for scenario in live {
        if let Some(found) = scenario.scenario.listens(event, values)
            && best.as_ref().is_none_or(|(_, known)| found.priority > known.priority)
        {
            best = Some((scenario, found));
        }
    }
    best.map(|(scenario, found)| (Arc::clone(scenario), found))
}

fn enter(scenario: &Arc<Published>, found: TriggerMatch) -> Route {
    Route::Enter { scenario: Arc::clone(scenario), trigger: found.index, values: found.values }
}

fn begin(live: &[Arc<Published>]) -> Route {
    live.first().map_or(Route::Nowhere, |scenario| Route::Begin(Arc::clone(scenario)))
}
