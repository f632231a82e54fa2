//! Staff, keys and the audit log on both databases.

use crate::common::{Bed, both};
use crate::tenants::{codes, with};
use samovar_app::access::{self, Actor, Right, Rights, Role, Who};
use samovar_app::staff::{self, Changes};
use samovar_base::Clock;
use serde_json::json;

#[tokio::test]
async fn the_last_owner_stays_an_owner() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let (anna, new) =
            staff::put(app, owner, "Anna@Example.org", "Анна", Role::Owner).await.expect("added");
        assert!(new && anna.email == "anna@example.org" && anna.is_active_owner());
        let (same, new) =
            staff::put(app, owner, "anna@example.org", "Анна", Role::Owner).await.expect("kept");
        assert!(!new && same == anna);
        let demote = || Changes { role: Some(Role::Manager.into()), ..Changes::default() };
        let disable = || Changes { disabled: Some(true), ..Changes::default() };
        assert_eq!(codes(staff::update(app, owner, anna.id, None, demote()).await), ["last_owner"]);
        assert_eq!(codes(staff::update(app, owner, anna.id, None, disable()).await), ["last_owner"]);
        staff::add(app, owner, "boris@example.org", "Борис", Role::Owner).await.expect("added");
        let anna = staff::update(app, owner, anna.id, Some(anna.revision), demote()).await.expect("changed");
        assert_eq!((anna.role, anna.revision), (Role::Manager, 2));
        let anna = staff::update(app, owner, anna.id, None, disable()).await.expect("changed");
        let again = staff::update(app, owner, anna.id, None, disable()).await.expect("nothing to do");
        assert!(anna.disabled_at.is_some() && again == anna);
        let back = Changes { disabled: Some(false), ..Changes::default() };
        assert_eq!(staff::update(app, owner, anna.id, None, back).await.expect("changed").disabled_at, None);
        assert_eq!(codes(staff::update(app, owner, anna.id, Some(1), demote()).await), ["revision_conflict"]);
        assert_eq!(staff::list(app, owner).await.expect("read").len(), 2);
    })
    .await;
}

#[tokio::test]
async fn nobody_rises_above_themselves() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let boss = staff::add(app, owner, "boss@example.org", "Хозяйка", Role::Owner).await.expect("added");
        let administrator = with(&bed, Role::Administrator);
        let add = |role| staff::add(app, &administrator, "new@example.org", "Новый", role);
        assert_eq!(codes(add(Role::Owner).await), ["forbidden"]);
        let member = add(Role::Administrator).await.expect("an administrator makes administrators");
        assert_eq!(codes(add(Role::Cashier).await), ["email_taken"]);
        let to_owner = Changes { role: Some(Role::Owner.into()), ..Changes::default() };
        assert_eq!(codes(staff::update(app, &administrator, member.id, None, to_owner).await), ["forbidden"]);
        let rename = Changes { name: Some("Никто".into()), ..Changes::default() };
        assert_eq!(codes(staff::update(app, &administrator, boss.id, None, rename).await), ["forbidden"]);
        let all = staff::create_key(app, &administrator, "Всё", Rights::ALL).await;
        assert_eq!(codes(all), ["forbidden"]);
        for (email, name, code) in [("nobody", "Х", "bad_email"), ("x@example.org", " ", "bad_length")] {
            assert_eq!(codes(staff::add(app, owner, email, name, Role::Cashier).await), [code]);
        }
    })
    .await;
}

#[tokio::test]
async fn a_key_opens_until_it_is_revoked() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let scopes = Rights::of(&[Right::ContactsRead, Right::PointsRead]);
        let made = staff::create_key(app, owner, "Касса", scopes).await.expect("a key can be made");
        assert!(made.token.starts_with(access::TOKEN_PREFIX) && !format!("{made:?}").contains(&made.token));
        let actor = access::authenticate(app, &made.token).await.expect("the key opens");
        assert_eq!((actor.tenant, actor.who, actor.rights), (owner.tenant, Who::ApiKey(made.key.id), scopes));
        for wrong in ["", "sv_", &made.token[1..], &made.token.to_uppercase(), &format!("{} ", made.token)] {
            assert_eq!(codes(access::authenticate(app, wrong).await), ["unknown_key"], "«{wrong}»");
        }
        let used = |keys: Vec<staff::ApiKey>| keys[0].last_used_at;
        let first = used(staff::keys(app, owner).await.expect("read"));
        assert_eq!(first, Some(bed.clock.now()));
        bed.clock.advance_seconds(120);
        access::authenticate(app, &made.token).await.expect("the key opens");
        assert_eq!(used(staff::keys(app, owner).await.expect("read")), first, "noted to the hour");
        bed.clock.advance_seconds(3_600);
        access::authenticate(app, &made.token).await.expect("the key opens");
        assert_eq!(used(staff::keys(app, owner).await.expect("read")), Some(bed.clock.now()));
        let revoked = staff::revoke_key(app, owner, made.key.id).await.expect("it can be revoked");
        assert_eq!(
            codes(access::authenticate(app, &made.token).await),
            ["unknown_key"],
            "at once, though known"
        );
        assert_eq!(staff::revoke_key(app, owner, made.key.id).await.expect("again"), revoked);
    })
    .await;
}

#[tokio::test]
async fn a_key_made_elsewhere_is_put_and_kept() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let token = "sv_k7d2mmsjq94hhx3vvn5twa8b";
        let scopes = Rights::of(&[Right::ContactsRead]);
        let put = |scopes| staff::put_key(app, owner, "CRM", scopes, token);
        let (key, new) = put(scopes).await.expect("put");
        assert!(new);
        assert_eq!(put(scopes).await.expect("kept"), (key.clone(), false));
        let first = access::authenticate(app, token).await.expect("opens");
        assert!(!first.may(Right::ContactsWrite));
        let wider = Rights::of(&[Right::ContactsRead, Right::ContactsWrite]);
        assert!(put(wider).await.expect("changed").1);
        assert!(access::authenticate(app, token).await.expect("opens").may(Right::ContactsWrite), "at once");
        staff::revoke_key(app, owner, key.id).await.expect("revoked");
        assert_eq!(codes(access::authenticate(app, token).await), ["unknown_key"]);
        assert!(put(wider).await.expect("opened again").1);
        assert!(access::authenticate(app, token).await.is_ok());
        assert_eq!(codes(staff::put_key(app, owner, "CRM", scopes, "password").await), ["weak_token"]);
    })
    .await;
}

#[tokio::test]
async fn the_audit_log_tells_who_did_what() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let manager = Actor { rights: Rights::ALL, ..with(&bed, Role::Manager) };
        let made =
            staff::create_key(app, &manager, "Касса", Rights::of(&[Right::PointsRead])).await.expect("made");
        staff::revoke_key(app, owner, made.key.id).await.expect("revoked");
        let lines = access::entries(app, owner, None, 2).await.expect("read");
        let told: Vec<_> = lines.iter().map(|line| (line.actor.as_str(), line.action.as_str())).collect();
        let who = manager.who.to_string();
        assert_eq!(told, [("setup", "api_key.revoke"), (who.as_str(), "api_key.create")]);
        assert_eq!(lines[1].object, made.key.id.to_string());
        assert_eq!(lines[1].data, json!({ "name": "Касса", "scopes": "points_read" }));
        let next = access::entries(app, owner, Some(lines[0].id), 1).await.expect("read");
        assert_eq!(next, lines[1..]);
        assert!(lines.iter().all(|line| !line.data.to_string().contains(&made.token)));
    })
    .await;
}
