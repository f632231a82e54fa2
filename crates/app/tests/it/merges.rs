//! Two contacts made one and two again, and tags for many with the way back.

use crate::common::{Bed, both};
use samovar_app::contacts::bulk::{self, Action, State};
use samovar_app::contacts::{self, Contact, merge, timeline};
use samovar_app::ledger::{self, Act, Operation, POINTS, Wallet};
use samovar_app::segments::Audience;
use samovar_app::visit::Cause;
use samovar_app::{Fail, loyalty};
use samovar_base::message::Person;
use samovar_base::{Chance, ChannelId, Clock, ContactId, LotId, Points};
use serde_json::json;

async fn books(bed: &Bed) {
    let found =
        bed.app.store.read(bed.owner.tenant, |tx| async move { Ok::<_, Fail>(ledger::check(&tx).await?) });
    assert!(found.await.expect("books").is_empty());
}

async fn somebody(bed: &Bed, name: &str, phone: Option<&str>, tags: &[&str]) -> ContactId {
    let mut fields = vec![("name".to_owned(), json!(name)), ("fields.from".to_owned(), json!(name))];
    fields.extend(phone.map(|phone| ("phone".to_owned(), json!(phone))));
    let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    contacts::add(&bed.app, &bed.owner, fields, tags).await.expect("a contact").id
}

/// Some lots, some of them without an end; some points spent.
async fn earns(bed: &Bed, contact: ContactId, chance: &Chance) {
    let (app, now) = (bed.app.clone(), bed.clock.now());
    let mut acts = Vec::new();
    for _ in 0..chance.below(5) {
        let points = Points(1 + i64::try_from(chance.below(50)).unwrap_or(0));
        let days = i64::try_from(chance.below(4)).unwrap_or(0);
        let expires_at = (days > 0).then(|| now.plus_seconds(days * 86_400));
        acts.push(Act::Earn { lot: LotId(app.ids.next(bed.clock.as_ref())), points, expires_at });
    }
    if !acts.is_empty() && chance.below(2) == 0 {
        acts.push(Act::Spend { points: Points(1) });
    }
    let key = app.ids.next(bed.clock.as_ref());
    bed.app
        .store
        .run(bed.owner.tenant, contacts::unit_key(contact), move |tx| {
            let (app, acts) = (app.clone(), acts.clone());
            async move {
                let mut wallet = ledger::load(&app, &tx, contact, POINTS).await?;
                for (at, act) in acts.into_iter().enumerate() {
                    let cause = Cause::new("job", "test");
                    let operation =
                        Operation { key: format!("{key}:{at}"), kind: "test".into(), note: None, cause, act };
                    ledger::post(&app, &tx, &mut wallet, operation, now).await?;
                }
                Ok::<_, Fail>(())
            }
        })
        .await
        .expect("points");
}

async fn meets(bed: &Bed, contact: ContactId, external: &'static str) {
    let now = bed.clock.now();
    bed.app
        .store
        .run(bed.owner.tenant, contacts::unit_key(contact), move |tx| {
            let person = Person { id: external.into(), ..Person::default() };
            contacts::add_identity(&tx, ChannelId(11), contact, external, &person, now);
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await
        .expect("an identity");
}

/// What must be the same again; the revision grows.
async fn state(
    bed: &Bed,
    contact: ContactId,
) -> (Contact, Vec<(i64, i64, Option<samovar_base::Instant>)>, i64) {
    let found = contacts::get(&bed.app, &bed.owner, contact).await.expect("a contact");
    let wallet: Wallet = ledger::wallet(&bed.app, &bed.owner, contact).await.expect("a wallet");
    let mut lots: Vec<_> = wallet
        .lots
        .iter()
        .filter(|lot| lot.remaining.is_positive())
        .map(|lot| (lot.id.0, lot.remaining.0, lot.expires_at))
        .collect();
    lots.sort_unstable();
    (Contact { revision: 0, ..found }, lots, wallet.balance.0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_that_is_undone_leaves_both_and_the_books_as_they_were() {
    both(async |bed: Bed| {
        let (app, owner, chance) = (&bed.app, &bed.owner, Chance::from_seed(5));
        for round in 0..12 {
            let anna = somebody(&bed, "Анна", None, &["vip"]).await;
            let other = somebody(&bed, "Анна К.", Some("8 916 123-45-67"), &["новый", "vip"]).await;
            if round % 2 == 0 {
                contacts::record_consent(app, owner, other, "mailing").await.expect("a consent");
                loyalty::card_of(app, owner, other).await.expect("a card");
            }
            earns(&bed, anna, &chance).await;
            earns(&bed, other, &chance).await;
            let before = (state(&bed, anna).await, state(&bed, other).await);
            let seen = merge::preview(app, owner, anna, other).await.expect("a look");
            assert!(seen.problems.is_empty());

            let made = merge::merge(app, owner, anna, other).await.expect("they are one");
            books(&bed).await;
            let one = state(&bed, anna).await;
            assert_eq!(one.2, before.0.2 + before.1.2, "no point is lost");
            assert_eq!(one.0.tags, seen.contact.tags);
            assert_eq!(one.0.phone.as_deref(), Some("+79161234567"));
            assert_eq!(contacts::get(app, owner, other).await.expect_err("in no list").code(), "not_found");

            let undone = merge::undo(app, owner, made.id).await.expect("nobody was here since");
            assert!(undone.undone_at.is_some());
            books(&bed).await;
            assert_eq!((state(&bed, anna).await, state(&bed, other).await), before, "round {round}");
            assert!(merge::undo(app, owner, made.id).await.is_ok(), "again is no error");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_cannot_be_undone_after_something_newer() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let pair = async |points: bool| {
            let (anna, other) =
                (somebody(&bed, "Анна", None, &[]).await, somebody(&bed, "Она же", None, &[]).await);
            if points {
                let key = format!("g-{other}");
                loyalty::grant_by_hand(app, owner, other, Points(50), None, key).await.expect("points");
            }
            let made = merge::merge(app, owner, anna, other).await.expect("they are one");
            (anna, made.id)
        };
        let (anna, id) = pair(false).await;
        contacts::tag(app, owner, anna, vec!["новая".into()]).await.expect("a tag");
        assert_eq!(merge::undo(app, owner, id).await.expect_err("it was changed").code(), "changed_since");
        let (anna, id) = pair(true).await;
        let key = format!("d-{anna}");
        loyalty::deduct_by_hand(app, owner, anna, Points(10), None, key).await.expect("points");
        assert_eq!(merge::undo(app, owner, id).await.expect_err("they were spent").code(), "spent_since");
        assert_eq!(merge::merge(app, owner, anna, anna).await.expect_err("one and the same").code(), "same");
        books(&bed).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn chats_follow_a_merge_and_its_undoing_and_the_story_tells_why() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let (anna, other) = (somebody(&bed, "Анна", None, &[]).await, somebody(&bed, "Она же", None, &["vip"]).await);
        meets(&bed, other, "77").await;
        let made = merge::merge(app, owner, anna, other).await.expect("they are one");
        assert_eq!(contacts::identities(app, owner, anna).await.expect("chats").len(), 1);
        let (story, next) = timeline::timeline(app, owner, anna, None, 50).await.expect("a story");
        assert!(next.is_none());
        let merged = story.iter().find(|entry| matches!(&entry.what, timeline::What::Changed { action, .. } if action == "contact.merge"));
        assert_eq!(merged.map(|entry| entry.why.by), Some("company_file"));
        assert!(story.is_sorted_by(|a, b| a.at >= b.at));
        let first = timeline::timeline(app, owner, anna, None, 1).await.expect("a page");
        let rest = timeline::timeline(app, owner, anna, first.1, 50).await.expect("the rest");
        assert_eq!(first.0.len() + rest.0.len(), story.len());
        merge::undo(app, owner, made.id).await.expect("nobody was here since");
        assert_eq!(contacts::identities(app, owner, other).await.expect("chats").len(), 1);
        assert!(contacts::identities(app, owner, anna).await.expect("chats").is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_for_many_is_undone_for_those_whom_it_changed() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let had = somebody(&bed, "Была", None, &["весна"]).await;
        for at in 0..450 {
            somebody(&bed, &format!("Гость {at}"), None, &[]).await;
        }
        let run = bulk::start(app, owner, Action::Tag, "весна", Audience::All).await.expect("it begins");
        assert_eq!((run.total, run.state), (451, State::Running));
        app.pipeline.look(app).await.expect("due jobs run");
        let run = bulk::get(app, owner, run.id).await.expect("it is there");
        assert_eq!((run.seen, run.changed, run.state), (451, 450, State::Done));
        let undoing = bulk::undo(app, owner, run.id).await.expect("it is over");
        app.pipeline.look(app).await.expect("due jobs run");
        let undoing = bulk::get(app, owner, undoing.id).await.expect("it is there");
        assert_eq!((undoing.changed, undoing.state), (450, State::Done));
        let left = Audience::Condition {
            condition: serde_json::from_value(
                json!({ "field": "contact.tags", "op": "contains", "value": "весна" }),
            )
            .expect("a condition"),
        };
        let members = samovar_app::segments::members(app, owner, &left, None, 10).await.expect("members");
        assert_eq!(members.iter().map(|one| one.id).collect::<Vec<_>>(), [had]);
        let these = Audience::These { contacts: vec![had] };
        let one = bulk::start(app, owner, Action::Untag, "весна", these).await.expect("it begins");
        assert_eq!(one.total, 1);
    })
    .await;
}
