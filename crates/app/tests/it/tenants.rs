//! Companies on both databases: made once, changed by revision, blind to one another.

use crate::common::{Bed, both};
use samovar_app::access::{self, Actor, Right, Role, Who};
use samovar_app::problem::{Fail, Kind};
use samovar_app::tenants::{self, Changes, NewTenant, Settings, Tenant};
use samovar_app::{contacts, scenarios, staff};
use samovar_base::StaffId;
use samovar_store::Wake;
use serde_json::json;

/// Another company on the same instance, and its owner.
pub async fn neighbour(bed: &Bed) -> Actor {
    Actor::setup(company(bed, "neighbour").await.expect("a company can be made").id)
}

/// An actor of the bed's company with a role.
pub fn with(bed: &Bed, role: Role) -> Actor {
    Actor::staff(bed.owner.tenant, StaffId(7), role, "ru")
}

/// The codes of a refusal.
pub fn codes<T: std::fmt::Debug>(refused: Result<T, Fail>) -> Vec<&'static str> {
    refused.expect_err("this is refused").problems().iter().map(|problem| problem.code).collect()
}

async fn company(bed: &Bed, key: &str) -> Result<Tenant, Fail> {
    let new = NewTenant {
        key: key.into(),
        name: "Соседи".into(),
        zone: "Asia/Yekaterinburg".into(),
        locale: "ru".into(),
        settings: Settings::default(),
    };
    tenants::create(&bed.app, new).await
}

#[tokio::test]
async fn a_company_is_made_once_and_found_by_its_key() {
    both(async |bed: Bed| {
        let made = company(&bed, "tea").await.expect("a company can be made");
        assert_eq!(codes(company(&bed, "tea").await), ["key_taken"]);
        assert_eq!(tenants::find(&bed.app, "tea").await.expect("it can be read"), Some(made.clone()));
        assert_eq!(tenants::find(&bed.app, "coffin").await.expect("it can be read"), None);
        let all = tenants::list(&bed.app, None, 100).await.expect("they can be read");
        assert!(all.contains(&made) && all.len() == 2, "{all:?}");
        let rest = tenants::list(&bed.app, Some(all[0].id), 100).await.expect("they can be read");
        assert_eq!(rest, all[1..]);
    })
    .await;
}

#[tokio::test]
async fn twenty_who_make_the_same_company_at_once_make_one() {
    both(async |bed: Bed| {
        let made = futures::future::join_all((0..20).map(|_| company(&bed, "tea"))).await;
        assert_eq!(made.iter().filter(|made| made.is_ok()).count(), 1);
        assert!(made.into_iter().filter_map(Result::err).all(|fail| fail.code() == "key_taken"));
    })
    .await;
}

#[tokio::test]
async fn settings_change_by_revision_and_every_node_hears_of_it() {
    both(async |bed: Bed| {
        let mut wakes = bed.app.store.subscribe();
        let before = tenants::get(&bed.app, &bed.owner).await.expect("it can be read");
        let changes = Changes {
            name: Some(" Чайная ".into()),
            policy_url: Some(Some("https://example.org/p".into())),
            ..Changes::default()
        };
        let after = tenants::update(&bed.app, &bed.owner, Some(before.revision), changes.clone()).await;
        let after = after.expect("it can be changed");
        assert_eq!((after.name.as_str(), after.revision), ("Чайная", before.revision + 1));
        let again =
            tenants::update(&bed.app, &bed.owner, None, changes.clone()).await.expect("nothing to do");
        assert_eq!(again.revision, after.revision, "the same again is no change");
        let stale = tenants::update(&bed.app, &bed.owner, Some(before.revision), changes).await;
        assert_eq!(codes(stale), ["revision_conflict"]);
        let wrong = Changes { zone: Some("Mars".into()), locale: Some("fr".into()), ..Changes::default() };
        assert_eq!(
            codes(tenants::update(&bed.app, &bed.owner, None, wrong).await),
            ["unknown_zone", "unknown_locale"]
        );
        let none = Changes { policy_url: Some(None), ..Changes::default() };
        let cleared = tenants::update(&bed.app, &bed.owner, None, none).await.expect("it can be changed");
        assert_eq!(cleared.settings.policy_url, None);
        let heard: Vec<Wake> = std::iter::from_fn(|| wakes.try_recv().ok()).collect();
        let told = Wake { topic: tenants::WAKE_DIRECTORY.into(), payload: after.id.to_string() };
        assert!(heard.contains(&told), "{heard:?}");
    })
    .await;
}

#[tokio::test]
async fn what_is_anothers_is_not_found() {
    both(async |bed: Bed| {
        let (app, owner, other) = (&bed.app, &bed.owner, neighbour(&bed).await);
        let contact = contacts::add(app, owner, Vec::new(), Vec::new()).await.expect("added").id;
        let member =
            staff::add(app, owner, "anna@example.org", "Анна", Role::Manager).await.expect("added").id;
        let key = staff::create_key(app, owner, "Касса", Role::Cashier.rights()).await.expect("made").key.id;
        let draft = json!({ "key": "hello" });
        scenarios::put_draft(app, owner, "hello", None, draft).await.expect("stored");
        let refusals = [
            codes(contacts::get(app, &other, contact).await),
            codes(contacts::update(app, &other, contact, None, vec![("name".into(), json!("Х"))]).await),
            codes(contacts::tag(app, &other, contact, vec!["x".into()]).await),
            codes(contacts::untag(app, &other, contact, "x".into()).await),
            codes(contacts::silence(app, &other, contact).await),
            codes(contacts::unsilence(app, &other, contact).await),
            codes(contacts::identities(app, &other, contact).await),
            codes(contacts::consents(app, &other, contact).await),
            codes(contacts::record_consent(app, &other, contact, "loyalty").await),
            codes(contacts::withdraw_consent(app, &other, contact, "loyalty").await),
            codes(contacts::export(app, &other, contact).await),
            codes(contacts::erase(app, &other, contact).await),
            codes(staff::get(app, &other, member).await),
            codes(staff::update(app, &other, member, None, staff::Changes::default()).await),
            codes(staff::revoke_key(app, &other, key).await),
            codes(scenarios::get(app, &other, "hello").await),
            codes(scenarios::check(app, &other, "hello").await),
            codes(scenarios::export(app, &other, "hello").await),
            codes(scenarios::publish(app, &other, "hello", None).await),
            codes(scenarios::roll_back(app, &other, "hello", 1).await),
            codes(scenarios::versions(app, &other, "hello", None, 10).await),
        ];
        for (at, codes) in refusals.iter().enumerate() {
            assert_eq!(codes, &["not_found"], "the refusal at {at}");
        }
        assert_eq!(contacts::list(app, &other, &contacts::Filter::All, None, 10).await.expect("read"), []);
        assert_eq!(staff::list(app, &other).await.expect("read"), []);
        assert_eq!(staff::keys(app, &other).await.expect("read"), []);
        assert_eq!(scenarios::list(app, &other, None, 10).await.expect("read"), []);
        assert_eq!(access::entries(app, &other, None, 10).await.expect("read"), []);
        assert!(!access::entries(app, owner, None, 10).await.expect("read").is_empty());
    })
    .await;
}

/// Every verb asks for its right before it looks at anything.
#[tokio::test]
async fn who_has_no_rights_is_refused_everywhere() {
    both(async |bed: Bed| {
        let app = &bed.app;
        let nobody = Actor { rights: access::Rights::NONE, who: Who::System, ..bed.owner.clone() };
        let id = samovar_base::ContactId(1);
        let refusals = [
            codes(tenants::get(app, &nobody).await),
            codes(tenants::update(app, &nobody, None, Changes::default()).await),
            codes(staff::list(app, &nobody).await),
            codes(staff::get(app, &nobody, StaffId(1)).await),
            codes(staff::add(app, &nobody, "a@b.c", "А", Role::Cashier).await),
            codes(staff::put(app, &nobody, "a@b.c", "А", Role::Cashier).await),
            codes(staff::update(app, &nobody, StaffId(1), None, staff::Changes::default()).await),
            codes(staff::keys(app, &nobody).await),
            codes(staff::create_key(app, &nobody, "k", access::Rights::NONE).await),
            codes(staff::put_key(app, &nobody, "k", access::Rights::NONE, "k7d2mmsjq94hhx3vvn5t").await),
            codes(staff::revoke_key(app, &nobody, samovar_base::ApiKeyId(1)).await),
            codes(contacts::list(app, &nobody, &contacts::Filter::All, None, 1).await),
            codes(contacts::get(app, &nobody, id).await),
            codes(contacts::add(app, &nobody, Vec::new(), Vec::new()).await),
            codes(contacts::update(app, &nobody, id, None, Vec::new()).await),
            codes(contacts::tag(app, &nobody, id, Vec::new()).await),
            codes(contacts::untag(app, &nobody, id, String::new()).await),
            codes(contacts::silence(app, &nobody, id).await),
            codes(contacts::unsilence(app, &nobody, id).await),
            codes(contacts::identities(app, &nobody, id).await),
            codes(contacts::consents(app, &nobody, id).await),
            codes(contacts::record_consent(app, &nobody, id, "loyalty").await),
            codes(contacts::withdraw_consent(app, &nobody, id, "loyalty").await),
            codes(contacts::consent_texts(app, &nobody).await),
            codes(contacts::put_consent_text(app, &nobody, "loyalty", "…").await),
            codes(contacts::export(app, &nobody, id).await),
            codes(contacts::erase(app, &nobody, id).await),
            codes(scenarios::list(app, &nobody, None, 1).await),
            codes(scenarios::get(app, &nobody, "hello").await),
            codes(scenarios::check(app, &nobody, "hello").await),
            codes(scenarios::check_document(app, &nobody, json!({}))),
            codes(scenarios::put_draft(app, &nobody, "hello", None, json!({})).await),
            codes(scenarios::import(app, &nobody, "").await),
            codes(scenarios::export(app, &nobody, "hello").await),
            codes(scenarios::publish(app, &nobody, "hello", None).await),
            codes(scenarios::roll_back(app, &nobody, "hello", 1).await),
            codes(scenarios::versions(app, &nobody, "hello", None, 1).await),
            codes(access::entries(app, &nobody, None, 1).await),
        ];
        for (at, codes) in refusals.iter().enumerate() {
            assert_eq!(codes, &["forbidden"], "the refusal at {at}");
        }
        let sees = Actor { rights: access::Rights::of(&[Right::ContactsRead]), ..nobody };
        let refused =
            contacts::export(app, &sees, id).await.expect_err("personal data is for those who may see it");
        assert_eq!(refused.problems()[0].kind, Kind::Forbidden);
    })
    .await;
}
