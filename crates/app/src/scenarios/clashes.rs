//! Scenarios that wait for the same: on one channel only the first of them is heard.

use super::{Drafted, not_found, store};
use crate::access::{Actor, Right};
use crate::app::App;
use crate::problem::Fail;
use samovar_engine::{Draft, Link, TriggerOn, normalise};
use samovar_store::params;

/// Most other scenarios that are looked at.
const OTHERS_MAX: i64 = 100;

/// Another published scenario waits for the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// The number of the trigger in the draft, from 0.
    pub trigger: usize,
    /// The key of the other scenario.
    pub scenario: String,
    /// Its name.
    pub name: String,
    /// What both wait for.
    pub what: String,
}

/// What of a draft other published scenarios wait for too.
pub async fn clashes(app: &App, actor: &Actor, key: &str) -> Result<Vec<Clash>, Fail> {
    actor.require(Right::ScenariosRead)?;
    let owned = key.to_owned();
    let (draft, others) = app
        .store
        .read(actor.tenant, move |tx| {
            let key = owned.clone();
            async move {
                let row = tx.one(&store::DRAFT_BY_KEY, params![key.as_str()]).await?;
                let row = row.ok_or_else(|| not_found(&key))?;
                let mut others = Vec::new();
                for row in tx.all(&store::PUBLISHED_OTHERS, params![key.as_str(), OTHERS_MAX]).await? {
                    others.push((row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.json::<Draft>(2)?));
                }
                Ok::<_, Fail>((Drafted::from_row(&row)?.draft, others))
            }
        })
        .await?;
    let mut found = Vec::new();
    for (trigger, one) in draft.triggers.iter().enumerate() {
        for name in names(&one.on) {
            for (scenario, title, other) in &others {
                if other.triggers.iter().any(|theirs| names(&theirs.on).contains(&name)) {
                    let (scenario, title) = (scenario.clone(), title.clone());
                    found.push(Clash { trigger, scenario, name: title, what: name.1.clone() });
                }
            }
        }
    }
    Ok(found)
}

/// What a trigger waits for, in a form that can be compared.
fn names(on: &TriggerOn) -> Vec<(&'static str, String)> {
    match on {
        TriggerOn::Start => vec![("start", "/start".into())],
        TriggerOn::Link(Link { payload: Some(payload), .. }) => vec![("link", payload.clone())],
        TriggerOn::Link(Link { prefix, .. }) => {
            vec![("prefix", format!("{}…", prefix.clone().unwrap_or_default()))]
        }
        TriggerOn::Phrase { phrases } => phrases.iter().map(|one| ("words", normalise(one))).collect(),
        TriggerOn::Button { label } => vec![("words", normalise(label))],
        // Of each scenario those who are in it.
        TriggerOn::Silence { .. } => Vec::new(),
        TriggerOn::Event { event, values } if values.is_empty() => vec![("event", event.clone())],
        TriggerOn::Event { event, values } => {
            let all = values.values().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            vec![("event", format!("{event} ({all})"))]
        }
        TriggerOn::Date { field, days_before, .. } => vec![("date", format!("{field} {days_before}"))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_clash_however_they_are_written() {
        let phrase = names(&TriggerOn::Phrase { phrases: vec!["Мои баллы!".into()] });
        let button = names(&TriggerOn::Button { label: "мои  баллы".into() });
        assert_eq!(phrase, button);
        assert_ne!(phrase, names(&TriggerOn::Start));
    }
}
