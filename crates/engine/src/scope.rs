//! What texts and conditions see: the session's own values over the facts of the business.

use crate::condition::at_path;
use crate::{Facts, Lookup, Session, Values};
use jiff::tz::TimeZone;
use samovar_base::Instant;
use serde_json::Value;

/// One session and the facts at its moment.
pub(crate) struct Scope<'a> {
    pub session: &'a Session,
    pub facts: &'a Facts,
}

impl Lookup for Scope<'_> {
    fn value(&self, path: &str) -> Option<&Value> {
        match path.split_once('.')? {
            ("vars", rest) => own(&self.session.vars, rest),
            ("event", rest) => own(&self.session.event, rest),
            ("outcome", rest) => own(&self.session.outcome, rest),
            _ => self.session.written.get(path).or_else(|| self.facts.value(path)),
        }
    }
    fn now(&self) -> Instant {
        self.facts.now
    }
    fn zone(&self) -> TimeZone {
        self.facts.zone()
    }
}

fn own<'v>(values: &'v Values, path: &str) -> Option<&'v Value> {
    // Values of events and outcomes may have dots in their names.
    if let Some(value) = values.get(path) {
        return Some(value);
    }
    let (name, rest) = path.split_once('.')?;
    at_path(values.get(name)?, rest)
}
