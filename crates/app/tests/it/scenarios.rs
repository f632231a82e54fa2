//! Drafts and versions on both databases.

use crate::common::{Bed, both};
use crate::tenants::codes;
use samovar_app::scenarios::{self, path};
use samovar_app::{access, tenants};
use samovar_engine::Severity;
use serde_json::{Value, json};

fn hello(text: &str) -> Value {
    json!({
        "name": "Привет", "locale": "ru",
        "triggers": [{ "on": "start", "goto": "greet" }],
        "steps": { "greet": { "kind": "say", "text": text }, "bye": { "kind": "end" } },
        "edges": { "greet": "bye" }
    })
}

#[tokio::test]
async fn a_draft_may_be_wrong_and_is_told_so() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let mut wrong = hello("Здравствуйте, {{ contact.nmae }}!");
        wrong["edges"]["greet"] = json!("nowhere");
        wrong["steps"]["give"] = json!({ "kind": "act", "action": "consent.give" });
        wrong["steps"]["odd"] = json!({ "kind": "dance" });
        wrong["colour"] = json!("red");
        let stored = scenarios::put_draft(app, owner, "hello", Some(0), wrong.clone()).await.expect("stored");
        assert!(stored.changed && stored.drafted.scenario.revision == 1);
        assert_eq!(
            (stored.drafted.scenario.name.as_str(), stored.drafted.draft.key.as_str()),
            ("Привет", "hello")
        );
        let told: Vec<_> = stored.problems.iter().map(|problem| (problem.code, path(&problem.at))).collect();
        for (code, place) in [
            ("unknown_fact", "steps.greet.text"),
            ("unknown_step", "edges.greet"),
            ("missing_param", "steps.give.params"),
        ] {
            assert!(told.iter().any(|(c, p)| *c == code && p.starts_with(place)), "{code} {place}: {told:?}");
        }
        assert!(told.iter().any(|(code, _)| *code == "unknown_key"), "{told:?}");
        let checked = scenarios::check(app, owner, "hello").await.expect("checked");
        assert!(checked.iter().any(|problem| problem.code == "unknown_fact"));
        let refused = scenarios::publish(app, owner, "hello", None).await.expect_err("it has errors");
        assert_eq!(refused.code(), "draft_not_ready");
        let errors = checked.iter().filter(|problem| problem.severity == Severity::Error).count();
        assert_eq!(refused.problems().len(), errors + 1, "each error is told");
        let unsaved = scenarios::check_document(app, owner, hello("Здравствуйте!")).expect("checked");
        assert!(unsaved.iter().all(|problem| problem.code != "unknown_fact"), "{unsaved:?}");
        assert_eq!(scenarios::get(app, owner, "hello").await.expect("read").scenario.published, None);
    })
    .await;
}

#[tokio::test]
async fn drafts_are_guarded_by_their_revision() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let put = |revision, text: &str| scenarios::put_draft(app, owner, "hello", revision, hello(text));
        assert_eq!(codes(put(Some(3), "Раз").await), ["not_found"]);
        assert_eq!(put(None, "Раз").await.expect("stored").drafted.scenario.revision, 1);
        let same = put(None, "Раз").await.expect("kept");
        assert!(!same.changed && same.drafted.scenario.revision == 1);
        assert_eq!(put(Some(1), "Два").await.expect("stored").drafted.scenario.revision, 2);
        assert_eq!(codes(put(Some(1), "Три").await), ["revision_conflict"]);
        assert_eq!(codes(put(Some(0), "Три").await), ["revision_conflict"]);
        assert_eq!(codes(scenarios::publish(app, owner, "hello", Some(1)).await), ["revision_conflict"]);
        for key in ["", "Привет", "a b", &"k".repeat(41)] {
            assert_eq!(
                codes(scenarios::put_draft(app, owner, key, None, hello("Раз")).await),
                ["bad_name"],
                "{key}"
            );
        }
        let many = futures::future::join_all((0..10).map(|at| {
            let text = format!("Сразу {at}");
            async move { scenarios::put_draft(app, owner, "hello", Some(2), hello(&text)).await }
        }))
        .await;
        assert_eq!(many.iter().filter(|put| put.is_ok()).count(), 1, "of ten at once one wins");
    })
    .await;
}

#[tokio::test]
async fn versions_are_published_and_rolled_back() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let mut wakes = app.store.subscribe();
        let put = |text: &str| scenarios::put_draft(app, owner, "hello", None, hello(text));
        let publish = || scenarios::publish(app, owner, "hello", None);
        put("Раз").await.expect("stored");
        let first = publish().await.expect("published");
        assert_eq!((first.version, first.new), (1, true));
        let heard: Vec<_> = std::iter::from_fn(|| wakes.try_recv().ok()).collect();
        assert!(heard.iter().any(|wake| wake.topic == tenants::WAKE_DIRECTORY), "{heard:?}");
        let again = publish().await.expect("nothing to do");
        assert_eq!((again.version, again.new), (1, false));
        let mut moved = hello("Раз");
        moved["layout"] = json!({ "greet": [10, 20] });
        scenarios::put_draft(app, owner, "hello", None, moved).await.expect("stored");
        assert!(!publish().await.expect("nothing to do").new, "the canvas means nothing");
        put("Два").await.expect("stored");
        assert_eq!(publish().await.expect("published").version, 2);
        let back = scenarios::roll_back(app, owner, "hello", 1).await.expect("rolled back");
        assert_eq!((back.version, back.new), (3, true));
        let scenario = scenarios::get(app, owner, "hello").await.expect("read");
        assert_eq!(scenario.scenario.published, Some(3));
        assert_eq!(
            serde_json::to_value(&scenario.draft).expect("JSON")["steps"]["greet"]["text"],
            "Два",
            "the draft stays"
        );
        assert!(!scenarios::roll_back(app, owner, "hello", 3).await.expect("nothing to do").new);
        assert_eq!(codes(scenarios::roll_back(app, owner, "hello", 9).await), ["not_found"]);
        let versions = scenarios::versions(app, owner, "hello", None, 10).await.expect("read");
        let told: Vec<_> = versions.iter().map(|version| version.version).collect();
        assert_eq!(told, [3, 2, 1]);
        assert_eq!(versions[0].source_hash, versions[2].source_hash);
        assert_eq!(scenarios::versions(app, owner, "hello", Some(3), 1).await.expect("read"), versions[1..2]);
        let published = access::entries(app, owner, None, 100).await.expect("read");
        let published = published.iter().filter(|line| line.action == "scenario.publish").count();
        assert_eq!(published, 3);
    })
    .await;
}

#[tokio::test]
async fn a_file_goes_out_and_comes_back() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        scenarios::put_draft(app, owner, "hello", None, hello("Строка\nи «кавычки»")).await.expect("stored");
        let file = scenarios::export(app, owner, "hello").await.expect("exported");
        let same = scenarios::import(app, owner, &file).await.expect("imported");
        assert!(!same.changed, "{file}");
        let other = file.replace("key = \"hello\"", "key = \"copy\"");
        let copy = scenarios::import(app, owner, &other).await.expect("imported");
        assert!(copy.changed && copy.drafted.scenario.key == "copy");
        assert_eq!(copy.drafted.draft.steps, same.drafted.draft.steps);
        assert_eq!(scenarios::list(app, owner, None, 10).await.expect("read").len(), 2);
        for (bad, code) in [
            ("key = ", "syntax"),
            ("name = \"Без ключа\"", "bad_name"),
            ("key = \"hello\"\ncolour = 1", "unknown_key"),
        ] {
            let codes = codes(scenarios::import(app, owner, bad).await);
            assert!(codes.contains(&code), "{bad}: {codes:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn the_library_bot_compiles_against_this_programs_words() {
    both(async |bed: Bed| {
        for file in [
            include_str!("../../../../examples/coffee-loyalty/ru.toml"),
            include_str!("../../../../examples/coffee-loyalty/en.toml"),
        ] {
            let imported = scenarios::import(&bed.app, &bed.owner, file).await.expect("the file is read");
            assert_eq!(imported.problems, []);
            let key = imported.drafted.scenario.key;
            assert!(scenarios::publish(&bed.app, &bed.owner, &key, None).await.is_ok());
        }
    })
    .await;
}
