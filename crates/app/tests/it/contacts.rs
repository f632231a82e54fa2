//! Contacts, tags, consents and erasure on both databases.

use crate::common::{Bed, both};
use crate::tenants::codes;
use samovar_app::access;
use samovar_app::contacts::{self, Contact, Filter, Given};
use samovar_app::problem::Fail;
use samovar_base::message::Person;
use samovar_base::{ChannelId, Clock, ConsentId, ContactId, Instant};
use samovar_store::{Tx, params, query, table_write};
use serde_json::{Value, json};

query! {
    static TAG_ROWS = "SELECT tag FROM contact_tag WHERE tenant_id = $1 AND contact_id = $2 ORDER BY tag";
    static INBOUND_RAW = "SELECT raw FROM inbound WHERE tenant_id = $1 AND contact_id = $2";
    static OUTBOUND_LEFT = "SELECT body, state FROM outbound WHERE tenant_id = $1 AND contact_id = $2";
}

table_write! {
    static INBOUND = insert inbound key(channel_id int, dedup text) set(
        bucket int, position int, source text, raw bytes, state int, contact_id int, received_at int
    );
    static OUTBOUND = insert outbound key(id int) set(
        channel_id int, contact_id int, chat text, bucket int, class int, policy int, body text, state int, due_at int,
        attempts int, cause text, page bool, created_at int
    );
}

const CHANNEL: ChannelId = ChannelId(11);

fn fields(given: &[(&str, Value)]) -> Vec<(String, Value)> {
    given.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

async fn anna(bed: &Bed) -> Contact {
    let given = fields(&[
        ("name", json!("Анна Ёлкина")),
        ("phone", json!("8 916 123-45-67")),
        ("birthday", json!("1990-02-28")),
        ("fields.city", json!("Тверь")),
    ]);
    contacts::add(&bed.app, &bed.owner, given, vec!["vip".into()]).await.expect("a contact can be added")
}

/// A change of one contact inside a unit, as the flow makes it.
async fn inside<T, F>(bed: &Bed, id: ContactId, change: F) -> Result<T, Fail>
where
    T: Send + 'static,
    F: for<'a> Fn(&'a Tx, &'a mut Contact, Instant) -> futures::future::BoxFuture<'a, Result<T, Fail>>
        + Clone
        + Send
        + 'static,
{
    let now = bed.clock.now();
    bed.app
        .store
        .run(bed.owner.tenant, contacts::unit_key(id), move |tx| {
            let change = change.clone();
            async move {
                let before = contacts::load(&tx, id).await?.expect("the contact is there");
                let mut contact = before.clone();
                let out = change(&tx, &mut contact, now).await?;
                contacts::save(&tx, &before, &mut contact, now);
                Ok(out)
            }
        })
        .await
}

#[tokio::test]
async fn a_contact_comes_back_as_it_was_stored() {
    both(async |bed: Bed| {
        let anna = anna(&bed).await;
        let read = contacts::get(&bed.app, &bed.owner, anna.id).await.expect("it can be read");
        assert_eq!(read, anna);
        let wrong =
            fields(&[("name", json!("x".repeat(300))), ("phone", json!("12")), ("fields.Город", json!(1))]);
        let refused = contacts::update(&bed.app, &bed.owner, anna.id, None, wrong).await;
        assert_eq!(codes(refused), ["bad_length", "bad_phone", "bad_name"]);
        let read = contacts::get(&bed.app, &bed.owner, anna.id).await.expect("it can be read");
        assert_eq!(read, anna, "all or nothing");
        let given =
            fields(&[("birthday", Value::Null), ("fields.city", Value::Null), ("fields.visits", json!(3))]);
        let changed =
            contacts::update(&bed.app, &bed.owner, anna.id, Some(anna.revision), given.clone()).await;
        let changed = changed.expect("it can be changed");
        assert_eq!((changed.birthday, changed.revision), (None, 2));
        assert_eq!(Value::Object(changed.fields.clone()), json!({ "visits": 3 }));
        assert_eq!(contacts::get(&bed.app, &bed.owner, anna.id).await.expect("read"), changed);
        let stale = contacts::update(&bed.app, &bed.owner, anna.id, Some(1), given.clone()).await;
        assert_eq!(codes(stale), ["revision_conflict"]);
        let same = contacts::update(&bed.app, &bed.owner, anna.id, None, given).await.expect("nothing to do");
        assert_eq!(same.revision, 2);
    })
    .await;
}

#[tokio::test]
async fn contacts_are_found_by_phone_name_and_tag_in_pages() {
    both(async |bed: Bed| {
        let anna = anna(&bed).await;
        for at in 0..5 {
            let name = fields(&[("name", json!(format!("Пётр {at}_100%")))]);
            contacts::add(&bed.app, &bed.owner, name, Vec::new()).await.expect("added");
        }
        let found = async |filter: Filter, after, limit| {
            let found = contacts::list(&bed.app, &bed.owner, &filter, after, limit).await.expect("read");
            found.into_iter().map(|contact| contact.id).collect::<Vec<_>>()
        };
        let query = |words: &str| Filter::Query(words.into());
        for words in ["+7 (916) 123-45-67", "89161234567", "елкин", "ННА ЁЛК"] {
            assert_eq!(found(query(words), None, 10).await, [anna.id], "{words}");
        }
        assert_eq!(found(query("+7 916 123-45-68"), None, 10).await, []);
        assert_eq!(found(query("петр"), None, 10).await.len(), 5);
        assert_eq!(
            found(query("3_100%"), None, 10).await.len(),
            1,
            "signs of patterns are letters like others"
        );
        assert_eq!(found(Filter::Tag(" vip ".into()), None, 10).await, [anna.id]);
        assert_eq!(found(Filter::Tag("VIP".into()), None, 10).await, []);
        let all = found(Filter::All, None, 10).await;
        assert!(all.len() == 6 && all.windows(2).all(|pair| pair[0] > pair[1]), "the youngest first");
        assert_eq!(found(Filter::All, None, 4).await, all[..4]);
        assert_eq!(found(Filter::All, Some(all[3]), 4).await, all[4..]);
    })
    .await;
}

#[tokio::test]
async fn tags_of_the_card_and_rows_of_the_index_agree() {
    both(async |bed: Bed| {
        let anna = anna(&bed).await;
        let (app, owner) = (&bed.app, &bed.owner);
        let tags = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        contacts::tag(app, owner, anna.id, tags(&["b", " a ", "vip"])).await.expect("tagged");
        let untagged = contacts::untag(app, owner, anna.id, "vip".into()).await.expect("untagged");
        assert_eq!(Vec::from_iter(untagged.tags.clone()), tags(&["a", "b"]));
        assert_eq!(codes(contacts::tag(app, owner, anna.id, tags(&["ok", ""])).await), ["bad_length"]);
        inside(&bed, anna.id, |_, contact, _| {
            Box::pin(async move {
                contacts::add_tag(contact, "c")?;
                contacts::remove_tag(contact, "a");
                contacts::remove_tag(contact, "c");
                contacts::add_tag(contact, "d")?;
                Ok(())
            })
        })
        .await
        .expect("a unit can tag");
        let rows =
            app.store
                .read(owner.tenant, move |tx| async move {
                    Ok::<_, Fail>(tx.all(&TAG_ROWS, params![anna.id]).await?)
                })
                .await
                .expect("read");
        let rows: Vec<_> = rows.iter().map(|row| row.text(0).expect("a text").to_owned()).collect();
        assert_eq!(rows, tags(&["b", "d"]));
        assert_eq!(Vec::from_iter(contacts::get(app, owner, anna.id).await.expect("read").tags), rows);
    })
    .await;
}

#[tokio::test]
async fn fifty_changes_at_once_are_all_kept() {
    both(async |bed: Bed| {
        let anna = anna(&bed).await;
        let changes = (0..50_u64).map(|at| {
            let (app, tenant, id, now) = (bed.app.clone(), bed.owner.tenant, anna.id, bed.clock.now());
            // Each in a lane of its own: only the revision keeps them apart.
            async move {
                app.store
                    .run(tenant, at, move |tx| async move {
                        let before = contacts::load(&tx, id).await?.expect("the contact is there");
                        let mut contact = before.clone();
                        contacts::add_tag(&mut contact, &format!("tag {at}"))?;
                        contacts::save(&tx, &before, &mut contact, now);
                        Ok::<_, Fail>(())
                    })
                    .await
            }
        });
        let mut kept = 0;
        for done in futures::future::join_all(changes).await {
            match done {
                Ok(()) => kept += 1,
                Err(Fail::Store(error)) => {
                    assert!(error.to_string().contains("changed by others"), "{error}")
                }
                Err(other) => panic!("{other}"),
            }
        }
        let tagged = contacts::get(&bed.app, &bed.owner, anna.id).await.expect("read");
        assert_eq!(tagged.tags.len(), kept + 1, "what was confirmed is there");
        assert_eq!(tagged.revision, i64::try_from(kept).expect("few") + 1);
        assert!(kept >= 10, "{kept}");
    })
    .await;
}

#[tokio::test]
async fn a_consent_is_to_a_version_of_a_text() {
    both(async |bed: Bed| {
        let (app, owner, anna) = (&bed.app, &bed.owner, anna(&bed).await);
        let give = async || {
            let id = ConsentId::new(&app.ids, app.clock.as_ref());
            inside(&bed, anna.id, move |tx, contact, now| {
                Box::pin(contacts::give_consent(tx, contact, "loyalty", Some(CHANNEL), id, now))
            })
            .await
            .expect("a consent can be given")
        };
        assert_eq!(give().await, Given::Now);
        assert_eq!(give().await, Given::Before);
        let first = contacts::put_consent_text(app, owner, "loyalty", " Согласие ").await.expect("put");
        assert_eq!((first.version, first.text.as_str()), (1, "Согласие"));
        assert_eq!(contacts::put_consent_text(app, owner, "loyalty", "Согласие").await.expect("kept"), first);
        assert_eq!(give().await, Given::Now, "the text is another one");
        bed.clock.advance_seconds(60);
        let second = contacts::put_consent_text(app, owner, "loyalty", "Новое согласие").await.expect("put");
        assert_eq!((second.version, give().await), (2, Given::Now));
        let given = contacts::consents(app, owner, anna.id).await.expect("read");
        let told: Vec<_> = given.iter().map(|one| (one.version, one.revoked_at.is_some())).collect();
        assert_eq!(told, [(2, false), (1, true), (0, true)]);
        assert_eq!(given[0].text_hash, second.text_hash);
        assert_eq!((given[0].channel, given[0].given_at), (Some(CHANNEL), bed.clock.now()));
        let contact = contacts::get(app, owner, anna.id).await.expect("read");
        assert!(
            contacts::consent_given(&contact, "loyalty") && !contacts::consent_given(&contact, "mailing")
        );
        let contact = contacts::withdraw_consent(app, owner, anna.id, "loyalty").await.expect("withdrawn");
        assert!(!contacts::consent_given(&contact, "loyalty"));
        contacts::withdraw_consent(app, owner, anna.id, "loyalty").await.expect("again is no error");
        let given = contacts::consents(app, owner, anna.id).await.expect("read");
        assert!(given.len() == 3 && given.iter().all(|one| one.revoked_at.is_some()));
        let texts = contacts::consent_texts(app, owner).await.expect("read");
        assert_eq!(texts, [second, first]);
        assert_eq!(codes(contacts::put_consent_text(app, owner, "loyalty", " ").await), ["bad_length"]);
        assert_eq!(codes(contacts::put_consent_text(app, owner, "Лояльность", "…").await), ["bad_name"]);
        assert_eq!(codes(contacts::record_consent(app, owner, anna.id, "").await), ["bad_name"]);
    })
    .await;
}

#[tokio::test]
async fn a_consent_given_and_taken_back_in_one_unit_is_no_consent() {
    both(async |bed: Bed| {
        let anna = anna(&bed).await;
        let id = ConsentId::new(&bed.app.ids, bed.app.clock.as_ref());
        inside(&bed, anna.id, move |tx, contact, now| {
            Box::pin(async move {
                contacts::give_consent(tx, contact, "mailing", None, id, now).await?;
                assert!(contacts::revoke_consent(tx, contact, "mailing", now).await?);
                assert!(!contacts::revoke_consent(tx, contact, "mailing", now).await?);
                Ok(())
            })
        })
        .await
        .expect("the unit is done");
        let given = contacts::consents(&bed.app, &bed.owner, anna.id).await.expect("read");
        assert!(given.len() == 1 && given[0].revoked_at.is_some(), "{given:?}");
    })
    .await;
}

async fn with_history(bed: &Bed) -> Contact {
    let anna = anna(bed).await;
    let (id, now) = (anna.id, bed.clock.now());
    let person = Person {
        id: "4815162342".into(),
        name: "Anna".into(),
        handle: Some("anna_k".into()),
        language: None,
    };
    bed.app
        .store
        .run(bed.owner.tenant, contacts::unit_key(id), move |tx| {
            contacts::add_identity(&tx, CHANNEL, id, "4815162342", &person, now);
            for (at, dedup) in ["u1", "u2"].into_iter().enumerate() {
                let at = i64::try_from(at).unwrap_or_default();
                tx.put(
                    &INBOUND,
                    params![CHANNEL, dedup, 0, at, "update", b"{\"text\":\"hi\"}".to_vec(), 1, id, now],
                );
            }
            for (row, state) in [(1_i64, 2_i64), (2, 0)] {
                let head = params![
                    row,
                    CHANNEL,
                    id,
                    "4815162342",
                    0,
                    0,
                    0,
                    "{\"text\":\"Анна\"}",
                    state,
                    now,
                    1,
                    "{}",
                    true,
                    now
                ];
                tx.put(&OUTBOUND, head);
            }
            std::future::ready(Ok::<_, Fail>(()))
        })
        .await
        .expect("a history can be made up");
    anna
}

#[tokio::test]
async fn a_person_gets_a_copy_of_their_data() {
    both(async |bed: Bed| {
        let (app, owner, anna) = (&bed.app, &bed.owner, with_history(&bed).await);
        contacts::record_consent(app, owner, anna.id, "loyalty").await.expect("recorded");
        let data = contacts::export(app, owner, anna.id).await.expect("exported");
        assert_eq!(data.contact.phone.as_deref(), Some("+79161234567"));
        assert_eq!(data.identities[0].handle.as_deref(), Some("anna_k"));
        assert_eq!((data.consents[0].purpose.as_str(), data.consents[0].channel), ("loyalty", None));
        assert_eq!(data.tags, [("vip".to_owned(), bed.clock.now())]);
        assert_eq!(data.received.len(), 2);
        assert_eq!(data.received[0], (bed.clock.now(), json!({ "text": "hi" })));
        assert_eq!(data.sent[1], (bed.clock.now(), json!({ "text": "Анна" })));
        let line = &access::entries(app, owner, None, 1).await.expect("read")[0];
        assert_eq!(
            (line.action.as_str(), line.object.as_str()),
            ("contact.export", anna.id.to_string().as_str())
        );
    })
    .await;
}

#[tokio::test]
async fn erasure_leaves_an_empty_contact_and_its_books() {
    both(async |bed: Bed| {
        let (app, owner, anna) = (&bed.app, &bed.owner, with_history(&bed).await);
        contacts::record_consent(app, owner, anna.id, "loyalty").await.expect("recorded");
        contacts::erase(app, owner, anna.id).await.expect("erased");
        app.pipeline.look(app).await.expect("due work is done");
        let left = contacts::get(app, owner, anna.id).await.expect("the row stays");
        let empty = Contact {
            stopped_at: Some(bed.clock.now()),
            erased_at: Some(bed.clock.now()),
            revision: left.revision,
            ..Contact::new(anna.id, &anna.locale, anna.created_at)
        };
        assert_eq!(left, empty);
        assert_eq!(contacts::identities(app, owner, anna.id).await.expect("read"), []);
        let consents = contacts::consents(app, owner, anna.id).await.expect("the proof stays");
        assert!(consents.len() == 1 && consents[0].revoked_at.is_some());
        for words in ["89161234567", "анна"] {
            let found =
                contacts::list(app, owner, &Filter::Query(words.into()), None, 10).await.expect("read");
            assert_eq!(found, [], "{words}");
        }
        assert_eq!(contacts::list(app, owner, &Filter::Tag("vip".into()), None, 10).await.expect("read"), []);
        let (inbound, outbound) = app
            .store
            .read(owner.tenant, move |tx| async move {
                let inbound = tx.all(&INBOUND_RAW, params![anna.id]).await?;
                Ok::<_, Fail>((inbound, tx.all(&OUTBOUND_LEFT, params![anna.id]).await?))
            })
            .await
            .expect("read");
        assert!(inbound.len() == 2 && inbound.iter().all(|row| row.bytes(0) == Ok(&[][..])));
        assert!(
            outbound.len() == 2
                && outbound
                    .iter()
                    .all(|row| row.text(0) == Ok("{}") && row.int(1).is_ok_and(|state| state >= 2))
        );
        contacts::erase(app, owner, anna.id).await.expect("again is no error");
        let refused = contacts::update(app, owner, anna.id, None, fields(&[("name", json!("Анна"))])).await;
        assert_eq!(codes(refused), ["erased"]);
        let log = access::entries(app, owner, None, 100).await.expect("read");
        let told = log.iter().map(|line| line.data.to_string()).collect::<String>();
        assert!(!told.contains("Анна") && !told.contains("916"), "the log holds no personal data: {told}");
    })
    .await;
}

#[tokio::test]
async fn an_identity_is_blocked_and_unblocked() {
    both(async |bed: Bed| {
        let (app, owner, anna) = (&bed.app, &bed.owner, with_history(&bed).await);
        let now = bed.clock.now();
        let set = async |blocked: bool| {
            app.store
                .run(owner.tenant, contacts::unit_key(anna.id), move |tx| async move {
                    if blocked {
                        contacts::block(&tx, CHANNEL, "4815162342", now).await
                    } else {
                        contacts::unblock(&tx, CHANNEL, "4815162342").await
                    }
                })
                .await
                .expect("it can be set");
            contacts::identities(app, owner, anna.id).await.expect("read")[0].blocked_at
        };
        assert_eq!(set(true).await, Some(now));
        assert_eq!(set(false).await, None);
    })
    .await;
}
