//! The simulator and the statistics of steps on both databases.

use crate::common::{Bed, both};
use samovar_app::pipeline::Played;
use samovar_app::scenarios::{self, Guest, Happens, Simulation};
use samovar_base::Points;
use samovar_connectors::Kind;
use serde_json::{Value, json};

fn gift() -> Value {
    json!({
        "key": "gift", "locale": "ru",
        "triggers": [{ "on": "start", "goto": "ask" }],
        "steps": {
            "ask": { "kind": "ask", "text": "Как вас зовут?", "into": "contact.name", "expects": "name" },
            "give": { "kind": "act", "action": "loyalty.grant", "params": { "points": 50 } },
            "mark": { "kind": "set", "add_tags": ["подарок"] },
            "pause": { "kind": "wait", "for": "3d" },
            "told": { "kind": "choose", "text": "{{ contact.name }}, у вас {{ loyalty.balance }}",
                      "choices": [{ "key": "more", "label": "Ещё" }, { "key": "enough", "label": "Хватит" }] },
            "bye": { "kind": "say", "text": "До встречи" }, "end": { "kind": "end" }
        },
        "edges": { "ask": "give", "give.done": "mark", "give.refused": "end", "mark": "pause", "pause": "told",
                   "told.more": "give", "told.enough": "bye", "bye": "end" }
    })
}

async fn play(bed: &Bed, acts: &[Happens]) -> Played {
    let guest = Guest { points: Points(100), ..Guest::default() };
    let (messenger, acts) = (Kind::Telegram, acts.to_vec());
    let simulation = Simulation { draft: gift(), messenger, guest, began: None, acts };
    scenarios::simulate(&bed.app, &bed.owner, simulation).await.expect("played")
}

#[tokio::test]
async fn a_draft_is_played_with_a_clock_of_its_own_and_nothing_of_it_remains() {
    both(async |bed: Bed| {
        let press = |message, label: &str| Happens::Press { message, label: label.into() };
        let acts = [
            Happens::Start { payload: None },
            Happens::Text { text: "Марина".into() },
            Happens::Pass { minutes: 60 },
            Happens::Silence,
            press(1, "Ещё"),
            Happens::Pass { minutes: 3 * 24 * 60 },
            press(2, "Хватит"),
        ];
        let played = play(&bed, &acts).await;
        let texts: Vec<_> = played
            .scenes
            .iter()
            .map(|scene| scene.messages.iter().map(|told| told.drawn.text.as_str()).collect::<Vec<_>>())
            .collect();
        let expected: [&[&str]; 7] = [
            &["Как вас зовут?"],
            &[],
            &[],
            &["Марина, у вас 150"],
            &[],
            &["Марина, у вас 200"],
            &["До встречи"],
        ];
        assert_eq!(texts, expected);
        let changed: Vec<_> =
            played.scenes[1].changes.iter().map(|(path, _, after)| (path.as_str(), after)).collect();
        assert!(changed.contains(&("loyalty.balance", &json!(150))), "{changed:?}");
        assert!(changed.contains(&("contact.tags", &json!(["подарок"]))), "{changed:?}");
        let waited = played.now.millis_since(bed.app.clock.now());
        assert_eq!(waited, 6 * 24 * 3_600_000, "the clock of the rehearsal went on by itself");
        let everybody =
            samovar_app::contacts::list(&bed.app, &bed.owner, &Default::default(), None, 10).await;
        assert!(everybody.is_ok_and(|all| all.is_empty()), "nobody was made");
        // Played once more it goes the same way.
        assert_eq!(play(&bed, &acts).await.scenes.len(), 7);
    })
    .await;
}

#[tokio::test]
async fn a_step_is_shown_however_wrong_the_rest_is() {
    both(async |bed: Bed| {
        let mut draft = gift();
        draft["steps"]["give"]["action"] = json!("loyalty.dance");
        let shown = scenarios::preview(&bed.app, &bed.owner, draft, "told", "Марина").await.expect("shown");
        assert_eq!(shown.len(), 2);
        for one in shown {
            assert_eq!(one.messages.len(), 1, "{}", one.messenger);
            assert!(one.messages[0].text.starts_with("Марина, у вас"), "{:?}", one.messages[0]);
        }
    })
    .await;
}
