//! Segments on both databases: SQL finds whom the engine's own evaluation finds.

use crate::common::{Bed, both};
use samovar_app::access;
use samovar_app::contacts::{self, Contact};
use samovar_app::ledger::{self, Act, Operation, POINTS};
use samovar_app::segments::search::{self, Search, Sort};
use samovar_app::segments::{self, Audience, FIELDS, FieldKind, Known, SegmentId, audience};
use samovar_app::visit::Cause;
use samovar_app::{Fail, tenants};
use samovar_base::message::Person;
use samovar_base::{Chance, ChannelId, Clock, ContactId, HoldId, Instant, LotId, Points};
use samovar_engine::{Condition, Operator, eval};
use samovar_store::{Tx, params, query};
use serde_json::{Value, json};
use std::collections::BTreeSet;

query! {
    static CHANNEL = "INSERT INTO channel (tenant_id, id, key, messenger, name, hook, settings, state, revision, created_at)
        VALUES ($1, $2, $3, 'webchat', 'Чат', $3, '{}', 'on', 1, 1)";
    static BLOCKED = "INSERT INTO identity (tenant_id, channel_id, external_id, contact_id, chat, name, blocked_at, created_at)
        VALUES ($1, $2, $5, $3, '', '', $4, 1)";
}

const PEOPLE: usize = 80;
const CONDITIONS: usize = 500;
const NAMES: &[&str] = &[
    "",
    "Анна Петрова",
    "АННА",
    "анна",
    "Ёлка",
    "ёлка",
    "İstanbul",
    "ΟΔΥΣΣΕΥΣ Σ",
    "Straße",
    "50%_!",
    "o'Hara \"x\"",
];
const DATES: &[&str] = &[
    "1990-05-17",
    "2000-02-29",
    "1985-11-21",
    "1985-11-22",
    "2026-11-21",
    "2026-11-22",
    "2026-11-25",
    "2027-01-01",
];
const TAGS: &[&str] = &["vip", "VIP", "новый", "o'tag"];
const OWN: &[&str] = &["size", "note", "absent"];

/// Somebody, with everything that conditions may ask about.
struct Somebody {
    contact: Contact,
    known: Known,
}

fn index(chance: &Chance, of: usize) -> usize {
    usize::try_from(chance.below(of as u64)).unwrap_or(0)
}

fn any<T: Copy>(chance: &Chance, of: &[T]) -> T {
    of[index(chance, of.len())]
}

fn number(chance: &Chance, below: u64) -> i64 {
    i64::try_from(chance.below(below)).unwrap_or(0)
}

/// Whatever a company may keep in a field of its own.
fn own_value(chance: &Chance) -> Value {
    match chance.below(8) {
        0 => json!(number(chance, 5)),
        1 => json!([2.5, 36.0, -1.5][index(chance, 3)]),
        2 => json!(chance.below(2) == 0),
        3 => json!(any(chance, DATES)),
        4 => json!(any(
            chance,
            &["2026-02-31", "2026-11-2", "2026-11-221", "20261122", "0", "яя", "2026-11-2я"]
        )),
        _ => json!(any(chance, NAMES)),
    }
}

fn somebody(bed: &Bed, chance: &Chance) -> Contact {
    let now = bed.clock.now();
    let some = || chance.below(2) == 0;
    let past = |chance: &Chance| Instant(now.0 - number(chance, 40) * 43_200_000_000);
    let mut contact =
        Contact::new(ContactId::new(&bed.app.ids, bed.clock.as_ref()), any(chance, &["ru", "en"]), now);
    contact.name = any(chance, NAMES).to_owned();
    contact.phone = some().then(|| format!("+7916000{:04}", chance.below(3)));
    contact.phone_proved = contact.phone.is_some() && some();
    contact.birthday = some().then(|| any(chance, DATES).parse().expect("a date"));
    contact.source = some().then(|| any(chance, &["flyer", "Flyer", "o'source"]).to_owned());
    contact.created_at = past(chance);
    contact.registered_at = some().then(|| past(chance));
    contact.stopped_at = (chance.below(4) == 0).then_some(now);
    contact.staff_side = chance.below(10) == 0;
    contact.erased_at = (chance.below(10) == 0).then_some(now);
    if some() {
        contact.consents.insert(any(chance, &["loyalty", "mailing"]).to_owned(), 1);
    }
    for _ in 0..chance.below(3) {
        contact.tags.insert(any(chance, TAGS).to_owned());
    }
    for _ in 0..chance.below(3) {
        contact.fields.insert(any(chance, &OWN[..2]).to_owned(), own_value(chance));
    }
    contact
}

/// Makes the rows, and tells what is in them beside the contact's own.
async fn make(
    bed: &Bed,
    chance: &Chance,
    mut contact: Contact,
    channels: [(ChannelId, &str); 2],
) -> Somebody {
    let now = bed.clock.now();
    let mut known = Known::default();
    let mut identities = Vec::new();
    for (channel, key) in channels {
        if chance.below(2) == 0 {
            let blocked = chance.below(3) == 0;
            let seen = (chance.below(2) == 0).then(|| Instant(now.0 - number(chance, 40) * 43_200_000_000));
            if !blocked {
                known.channels.push(key.to_owned());
            }
            contact.last_seen_at = contact.last_seen_at.max(seen);
            identities.push((channel, blocked));
        }
    }
    let id = || bed.app.ids.next(bed.clock.as_ref());
    let earn = |days: Option<i64>| Act::Earn {
        lot: LotId(id()),
        points: Points(1 + number(chance, 4)),
        expires_at: days.map(|days| now.plus_seconds(days * 86_400)),
    };
    let mut acts = Vec::new();
    if chance.below(3) > 0 {
        acts.extend([
            earn(Some(1)),
            earn(None),
            Act::Hold { hold: HoldId(id()), points: Points(1), until: None },
        ]);
    }
    let (app, person) = (bed.app.clone(), contact.clone());
    bed.app
        .store
        .run(bed.owner.tenant, contacts::unit_key(contact.id), move |tx| {
            let (app, contact, acts, identities) =
                (app.clone(), person.clone(), acts.clone(), identities.clone());
            async move {
                contacts::create(&tx, &contact);
                for (channel, blocked) in identities {
                    let id = contact.id.to_string();
                    let person = Person { id: id.clone(), ..Person::default() };
                    if !blocked {
                        contacts::add_identity(&tx, channel, contact.id, &id, &person, now);
                    }
                    if blocked {
                        tx.exec(&BLOCKED, params![channel, contact.id, now, id.as_str()]).await?;
                    }
                }
                let mut wallet = ledger::load(&app, &tx, contact.id, POINTS).await?;
                for (at, act) in acts.into_iter().enumerate() {
                    let operation = Operation {
                        key: format!("{}:{at}", contact.id),
                        kind: "test".into(),
                        note: None,
                        cause: Cause::new("job", "test"),
                        act,
                    };
                    ledger::post(&app, &tx, &mut wallet, operation, now).await?;
                }
                Ok::<_, Fail>(())
            }
        })
        .await
        .expect("somebody can be made");
    Somebody { contact, known }
}

fn value_for(chance: &Chance, kind: FieldKind, op: Operator) -> Value {
    if op.counts_days() {
        return json!(any(chance, &[0_i64, 1, 3, 7, 30, 365, 366, 400]));
    }
    let one = |chance: &Chance| match kind {
        FieldKind::Text => match chance.below(6) {
            0 => Value::Null,
            1 => json!(format!("+7916000{:04}", chance.below(3))),
            2 => json!(any(chance, &["ru", "en", "flyer", "o'source"])),
            _ => json!(any(chance, NAMES)),
        },
        FieldKind::Flag => [Value::Null, json!(true), json!(false)][index(chance, 3)].clone(),
        FieldKind::Date | FieldKind::Moment | FieldKind::Yearly => json!(any(chance, DATES)),
        FieldKind::Points => match chance.below(4) {
            0 => json!([1.5, 2.0, -0.5][index(chance, 3)]),
            _ => json!(number(chance, 9)),
        },
        FieldKind::List => json!(any(chance, &["vip", "новый", "o'tag", "loyalty", "one", "two"])),
        FieldKind::Own => own_value(chance),
    };
    match op {
        Operator::Set | Operator::Unset => Value::Null,
        Operator::In => (0..chance.below(4)).map(|_| one(chance)).collect(),
        Operator::Contains if kind != FieldKind::List => {
            json!(any(
                chance,
                &["анн", "АНН", "ёл", "i̇s", "İ", "σ", "ς", "SS", "ß", "%", "_", "'", "", "2026", "e"]
            ))
        }
        Operator::Lt | Operator::Le | Operator::Gt | Operator::Ge if kind == FieldKind::Own => {
            if chance.below(2) == 0 {
                json!(any(chance, DATES))
            } else {
                json!([0.0, 2.0, 2.5][index(chance, 3)])
            }
        }
        _ => one(chance),
    }
}

fn condition(chance: &Chance, depth: u64) -> Value {
    let parts =
        |chance: &Chance| (0..chance.below(4)).map(|_| condition(chance, depth + 1)).collect::<Value>();
    match chance.below(6 + depth * 4) {
        0 => return json!({ "all": parts(chance) }),
        1 => return json!({ "any": parts(chance) }),
        2 => return json!({ "not": condition(chance, depth + 1) }),
        _ => {}
    }
    let (field, kind) = if chance.below(4) == 0 {
        (format!("contact.fields.{}", any(chance, OWN)), FieldKind::Own)
    } else {
        let (field, kind, ..) = FIELDS[index(chance, FIELDS.len())];
        (field.to_owned(), kind)
    };
    let op = any(chance, kind.operators());
    let value = value_for(chance, kind, op);
    if value.is_null() {
        json!({ "field": field, "op": op })
    } else {
        json!({ "field": field, "op": op, "value": value })
    }
}

async fn walk(bed: &Bed, audience: &Audience) -> Result<(Vec<ContactId>, i64), Fail> {
    let (audience, now) = (audience.clone(), bed.clock.now());
    bed.app
        .store
        .read(bed.owner.tenant, move |tx: Tx| {
            let audience = audience.clone();
            async move {
                let (mut found, mut after) = (Vec::new(), None);
                loop {
                    let page = audience::page(&tx, &audience, now, after, 13).await?;
                    let Some(last) = page.last() else { break };
                    after = Some(last.id);
                    found.extend(page.into_iter().map(|contact| contact.id));
                }
                Ok((found, audience::count(&tx, &audience, now).await?))
            }
        })
        .await
}

async fn stage(bed: &Bed, chance: &Chance) -> Vec<Somebody> {
    let channels = [
        (ChannelId(bed.app.ids.next(bed.clock.as_ref())), "one"),
        (ChannelId(bed.app.ids.next(bed.clock.as_ref())), "two"),
    ];
    bed.app
        .store
        .run(bed.owner.tenant, 1, move |tx| async move {
            for (channel, key) in channels {
                tx.exec(&CHANNEL, params![channel, key]).await?;
            }
            Ok::<_, Fail>(())
        })
        .await
        .expect("channels can be made");
    let mut people = Vec::new();
    for _ in 0..PEOPLE {
        people.push(make(bed, chance, somebody(bed, chance), channels).await);
    }
    for one in &mut people {
        // People of the company are not found, and not asked about.
        one.known.standing =
            samovar_app::loyalty::balance(&bed.app, &bed.owner, one.contact.id).await.unwrap_or_default();
    }
    people
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sql_finds_whom_the_evaluation_finds() {
    both(async |bed: Bed| {
        let chance = Chance::from_seed(12);
        let mut people = stage(&bed, &chance).await;
        let zone = tenants::get(&bed.app, &bed.owner).await.expect("the company").time_zone();
        let (mut asked, mut hits) = (0, 0);
        for round in 0..CONDITIONS {
            if round == CONDITIONS / 2 {
                // A day and a half later lots are over that were not: nothing was posted yet.
                bed.clock.advance_seconds(36 * 3_600);
                for one in &mut people {
                    let balance = samovar_app::loyalty::balance(&bed.app, &bed.owner, one.contact.id).await;
                    one.known.standing = balance.unwrap_or_default();
                }
            }
            let tree = condition(&chance, 0);
            let condition: Condition = serde_json::from_value(tree.clone()).expect("a condition");
            let found = match walk(&bed, &Audience::Condition { condition: condition.clone() }).await {
                Ok(found) => found,
                Err(Fail::Problems(_)) => continue,
                Err(fail) => panic!("{tree}: {fail}"),
            };
            let now = bed.clock.now();
            let belongs = |one: &&Somebody| {
                one.contact.erased_at.is_none()
                    && !one.contact.staff_side
                    && eval(&condition, &segments::facts(&one.contact, &one.known, &zone, now))
            };
            let expected: Vec<ContactId> = people.iter().filter(belongs).map(|one| one.contact.id).collect();
            let differ: Vec<String> = people
                .iter()
                .filter(|one| found.0.contains(&one.contact.id) != expected.contains(&one.contact.id))
                .map(|one| format!("{:?} {:?}", one.contact, one.known))
                .collect();
            assert!(differ.is_empty(), "{tree}\n{differ:#?}");
            assert_eq!(found, (expected.clone(), i64::try_from(expected.len()).expect("few")), "{tree}");
            asked += 1;
            hits += usize::from(!expected.is_empty() && expected.len() < people.len());
        }
        assert!(asked > CONDITIONS / 2 && hits > asked / 4, "{asked} asked, {hits} told people apart");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_with_a_condition_is_told_by_its_path() {
    both(async |bed: Bed| {
        let wrong = async |condition: Value| {
            let condition: Condition = serde_json::from_value(condition).expect("a condition");
            let refused =
                segments::create(&bed.app, &bed.owner, "Проба", condition).await.expect_err("it is wrong");
            refused
                .problems()
                .iter()
                .map(|problem| format!("{} {}", problem.field.clone().unwrap_or_default(), problem.code))
                .collect::<Vec<_>>()
        };
        let told = wrong(json!({ "all": [
            { "field": "contact.shoe", "op": "eq", "value": 1 },
            { "not": { "field": "contact.tags", "op": "lt", "value": "a" } },
            { "any": [{ "field": "loyalty.balance", "op": "ge", "value": "much" }] },
            { "field": "contact.birthday", "op": "in_next_days", "value": -1 },
            { "field": "contact.fields.o'x", "op": "set" },
        ] }))
        .await;
        assert_eq!(
            told,
            [
                "condition.all.0.field unknown_field",
                "condition.all.1.not.op wrong_operator",
                "condition.all.2.any.0.value wrong_value",
                "condition.all.3.value wrong_value",
                "condition.all.4.field unknown_field",
            ]
        );
        let mut deep = json!({ "all": [] });
        for _ in 0..20 {
            deep = json!({ "not": deep });
        }
        assert_eq!(wrong(deep).await.len(), 1);
        let wide: Vec<Value> = (0..200).map(|_| json!({ "field": "contact.name", "op": "set" })).collect();
        assert!(wrong(json!({ "any": wide })).await.iter().all(|told| told.ends_with("condition_too_large")));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn segments_are_saved_changed_and_removed() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let vip: Condition =
            serde_json::from_value(json!({ "field": "contact.tags", "op": "contains", "value": "vip" }))
                .expect("a condition");
        let saved =
            segments::create(app, owner, " Постоянные   гости ", vip.clone()).await.expect("it is right");
        assert_eq!((saved.name.as_str(), saved.revision), ("Постоянные гости", 1));
        let again =
            segments::create(app, owner, "Постоянные гости", vip).await.expect_err("the name is taken");
        assert_eq!(again.code(), "name_taken");
        contacts::add(app, owner, Vec::new(), vec!["vip".into()]).await.expect("a contact");
        contacts::add(app, owner, Vec::new(), Vec::new()).await.expect("a contact");
        let audience = Audience::Segment { segment: saved.id };
        assert_eq!(segments::count(app, owner, &audience).await.ok(), Some(1));
        assert_eq!(segments::count(app, owner, &Audience::All).await.ok(), Some(2));
        let everybody: Condition = serde_json::from_value(json!({ "all": [] })).expect("a condition");
        let stale = segments::update(app, owner, saved.id, Some(7), None, Some(everybody.clone())).await;
        assert_eq!(stale.expect_err("another revision").code(), "revision_conflict");
        let changed = segments::update(app, owner, saved.id, Some(1), None, Some(everybody))
            .await
            .expect("it is right");
        assert_eq!(changed.revision, 2);
        assert_eq!(segments::members(app, owner, &audience, None, 10).await.expect("members").len(), 2);
        segments::remove(app, owner, saved.id).await.expect("it is there");
        assert_eq!(segments::count(app, owner, &audience).await.expect_err("it is gone").code(), "not_found");
        assert_eq!(
            segments::get(app, owner, SegmentId(1)).await.expect_err("never there").code(),
            "not_found"
        );
        assert!(segments::list(app, owner, None, 10).await.expect("a list").is_empty());
    })
    .await;
}

/// Everybody whom a search finds, page by page.
async fn found(bed: &Bed, search: &Search, sort: Sort, descending: bool) -> Vec<ContactId> {
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let page = search::search(&bed.app, &bed.owner, search.clone(), sort, descending, after, 7).await;
        let page = page.expect("a search");
        found.extend(page.rows.iter().map(|row| row.contact.id));
        match page.next {
            Some(next) => after = Some(next),
            None => return found,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_table_shows_whom_a_condition_means_in_every_order() {
    both(async |bed: Bed| {
        let chance = Chance::from_seed(11);
        let people = stage(&bed, &chance).await;
        let listed = |one: &Somebody| one.contact.erased_at.is_none() && !one.contact.staff_side;
        let living: BTreeSet<ContactId> =
            people.iter().filter(|one| listed(one)).map(|one| one.contact.id).collect();
        for at in 0..60 {
            let condition: Condition = serde_json::from_value(condition(&chance, 0)).expect("a condition");
            let audience = Audience::Condition { condition: condition.clone() };
            let (meant, _) = walk(&bed, &audience).await.expect("it can be asked");
            let search = Search { condition: Some(condition.clone()), ..Search::default() };
            let sort = [Sort::Created, Sort::Name, Sort::Seen, Sort::Balance][at % 4];
            let shown = found(&bed, &search, sort, at % 8 < 4).await;
            let unique: BTreeSet<ContactId> = shown.iter().copied().collect();
            assert_eq!(unique.len(), shown.len(), "nobody twice: {condition:?} {sort:?}");
            assert_eq!(unique, meant.into_iter().collect(), "{condition:?} {sort:?}");
            let count = search::count(&bed.app, &bed.owner, search).await.expect("a count");
            assert_eq!((count.contacts, count.exact), (shown.len() as i64, true));
        }
        for (sort, descending) in
            [(Sort::Name, false), (Sort::Seen, true), (Sort::Balance, true), (Sort::Created, false)]
        {
            let shown = found(&bed, &Search::default(), sort, descending).await;
            assert_eq!(shown.iter().copied().collect::<BTreeSet<_>>(), living);
            let of =
                |id: &ContactId| &people.iter().find(|one| one.contact.id == *id).expect("somebody").contact;
            let last = |id: &ContactId| match sort {
                Sort::Name => of(id).name.is_empty(),
                Sort::Seen => of(id).last_seen_at.is_none(),
                _ => false,
            };
            assert!(shown.is_sorted_by_key(last), "those without come last: {sort:?}");
            if sort == Sort::Seen {
                let seen: Vec<_> = shown.iter().filter_map(|id| of(id).last_seen_at).collect();
                assert!(seen.is_sorted_by(|a, b| a >= b));
            }
        }
        let by = async |words: &str| {
            let search = Search { words: Some(words.into()), ..Search::default() };
            found(&bed, &search, Sort::Created, true).await.len()
        };
        let named = |part: &str| {
            people
                .iter()
                .filter(|one| listed(one) && one.contact.name.to_lowercase().replace('ё', "е").contains(part))
                .count()
        };
        assert_eq!(by("АННА").await, named("анна"));
        assert_eq!(by("ёлк").await, named("елк"));
        assert_eq!(by("50%_").await, named("50%_"));
        let phones = people
            .iter()
            .filter(|one| listed(one) && one.contact.phone.as_deref() == Some("+79160000001"))
            .count();
        assert_eq!(by("8 916 000-00-01").await, phones);
        assert_eq!(by("0001").await, phones);
        let marketer =
            access::Actor::staff(bed.owner.tenant, samovar_base::StaffId(1), access::Role::Marketer, "ru");
        let part = Search { words: Some("0001".into()), ..Search::default() };
        let page =
            search::search(&bed.app, &marketer, part, Sort::Created, true, None, 50).await.expect("a search");
        assert!(page.rows.is_empty(), "who may not see phones does not guess them by parts");
    })
    .await;
}
