//! What the objects of the audit log are called.

use super::{Actor, Entry, Right};
use crate::app::App;
use crate::problem::Fail;
use samovar_base::id::{decode, encode};
use samovar_store::{Query, params, query};
use std::collections::{BTreeMap, HashMap};

macro_rules! given {
    ($table:literal) => {
        concat!(
            "SELECT o.id, o.name FROM json_each($2) AS given
             CROSS JOIN ",
            $table,
            " o ON o.tenant_id = $1 AND o.id = given.value"
        )
    };
    (postgres $table:literal) => {
        concat!(
            "SELECT o.id, o.name FROM jsonb_array_elements_text(CAST(CAST($2 AS TEXT) AS JSONB)) AS given(value)
             JOIN ",
            $table,
            " o ON o.tenant_id = $1 AND o.id = CAST(given.value AS BIGINT)"
        )
    };
}

query! {
    static BROADCASTS = given!("broadcasts_run"), postgres = given!(postgres "broadcasts_run");
    static CHANNELS = given!("channel"), postgres = given!(postgres "channel");
    static CONTACTS = given!("contact"), postgres = given!(postgres "contact");
    static DRAWS = given!("draws_draw"), postgres = given!(postgres "draws_draw");
    static PROMOTIONS = given!("promo_promotion"), postgres = given!(postgres "promo_promotion");
    static SEGMENTS = given!("segment"), postgres = given!(postgres "segment");
}

/// Nouns with a name, by the prefix of their ids.
static NAMED: [(&str, &Query); 6] = [
    ("bro", &BROADCASTS),
    ("chn", &CHANNELS),
    ("con", &CONTACTS),
    ("drw", &DRAWS),
    ("prm", &PROMOTIONS),
    ("seg", &SEGMENTS),
];

/// What the objects of these lines are called, by their ids as in the log. Contacts have names for those who may look at
/// all of them; what is no more has none.
pub async fn objects(app: &App, actor: &Actor, entries: &[Entry]) -> Result<HashMap<String, String>, Fail> {
    actor.require(Right::AuditRead)?;
    let people = actor.may(Right::ContactsRead) && actor.channels.is_none();
    let mut wanted: BTreeMap<&'static str, Vec<i64>> = BTreeMap::new();
    for entry in entries {
        let Some((prefix, id)) = entry.object.split_once('_') else { continue };
        let named = NAMED.iter().find(|(known, _)| *known == prefix && (people || *known != "con"));
        if let (Some((prefix, _)), Some(id)) = (named, decode(id)) {
            wanted.entry(prefix).or_default().push(id);
        }
    }
    app.store
        .read(actor.tenant, move |tx| {
            let wanted = wanted.clone();
            async move {
                let mut names = HashMap::new();
                for (prefix, query) in NAMED {
                    let Some(ids) = wanted.get(prefix) else { continue };
                    let given = serde_json::to_string(ids).unwrap_or_default();
                    for row in tx.all(query, params![given]).await? {
                        let (id, name) = (format!("{prefix}_{}", encode(row.int(0)?)), row.text(1)?);
                        if !name.is_empty() {
                            names.insert(id, name.to_owned());
                        }
                    }
                }
                Ok(names)
            }
        })
        .await
}
