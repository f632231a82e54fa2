//! Promotions from draft to archive, and partners' codes, on both databases.

use crate::common::{Bed, both};
use bytes::Bytes;
use samovar_app::access::{Actor, Role};
use samovar_app::promo::past::{self, PastOutcome, PastPurchase, PastShop};
use samovar_app::promo::{
    self, Changes, Draft, Gift, Limits, Participant, Promotion, Reason, Rules, Shop, State, Terms, Wording,
    pools,
};
use samovar_app::work;
use samovar_app::{Fail, contacts};
use samovar_base::{ChannelId, Clock, ContactId, Instant, StaffId};
use std::collections::{HashMap, HashSet};

fn moment(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().expect("a moment").into()
}

fn draft(key: &str) -> Draft {
    let rules =
        Rules { text: Wording::new("Участвуют чеки от 500 ₽.", ""), ..Rules::default() };
    Draft {
        key: key.into(),
        name: "Осень с призами".into(),
        starts_at: moment("2026-11-22T00:00:00Z"),
        ends_at: moment("2026-12-01T00:00:00Z"),
        terms: Terms { rules, ..Terms::default() },
        channel: None,
    }
}

async fn made(bed: &Bed, key: &str) -> Promotion {
    promo::create(&bed.app, &bed.owner, draft(key)).await.expect("a draft")
}

async fn person(bed: &Bed, name: &str) -> ContactId {
    let name = vec![("name".to_owned(), name.into())];
    contacts::add(&bed.app, &bed.owner, name, Vec::new()).await.expect("a contact").id
}

async fn joins(bed: &Bed, promotion: &Promotion, contact: ContactId) -> bool {
    let new = Participant {
        promotion: promotion.id,
        contact,
        channel: ChannelId(1),
        source: "shelf".into(),
        version: 1,
        blocked: String::new(),
        joined_at: bed.clock.now(),
    };
    bed.clock.advance_seconds(1);
    bed.app
        .store
        .run(bed.owner.tenant, contact.0.unsigned_abs(), move |tx| {
            let new = new.clone();
            async move { Ok::<_, Fail>(promo::join(&tx, &new).await?) }
        })
        .await
        .expect("joined")
}

/// What each of these people gets.
async fn gives(bed: &Bed, promotion: &Promotion, people: &[ContactId]) -> HashMap<ContactId, Gift> {
    let (app, promotion, people, now) =
        (bed.app.clone(), promotion.clone(), people.to_vec(), bed.clock.now());
    bed.app
        .store
        .run(bed.owner.tenant, promo::unit_key(promotion.id), move |tx| {
            let (app, promotion, people) = (app.clone(), promotion.clone(), people.clone());
            async move { pools::give_in(&app, &tx, &promotion, &people, now).await }
        })
        .await
        .expect("gifts")
}

fn code(gift: Option<&Gift>) -> Option<&str> {
    match gift {
        Some(Gift::Code { code, .. }) => Some(code),
        _ => None,
    }
}

fn failed<T: std::fmt::Debug>(result: Result<T, Fail>) -> &'static str {
    result.expect_err("a refusal").code()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_promotion_goes_its_way() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let first = made(&bed, "autumn").await;
        assert_eq!((first.state, first.version, first.revision), (State::Draft, 1, 1));
        assert_eq!(first.terms.rules.hash.len(), 64);
        assert_eq!(failed(promo::create(app, owner, draft("autumn")).await), "key_taken");
        assert_eq!(failed(promo::create(app, owner, draft("Осень")).await), "bad_name");
        let consents = contacts::consent_texts(app, owner).await.expect("texts");
        assert!(consents.iter().any(|text| text.purpose == "promo-autumn" && text.version == 1));

        let terms = Terms { limits: Limits { person: 7, day: None }, ..first.terms.clone() };
        let changes = Changes { terms: Some(terms.clone()), ..Changes::default() };
        let changed = promo::update(app, owner, first.id, Some(1), changes.clone()).await.expect("changed");
        assert_eq!((changed.version, changed.revision, changed.terms.limits.person), (2, 2, 7));
        assert_eq!(failed(promo::update(app, owner, first.id, Some(1), changes).await), "revision_conflict");
        let name = Changes { name: Some("Осень".into()), ..Changes::default() };
        let named = promo::update(app, owner, first.id, None, name).await.expect("named");
        assert_eq!((named.version, named.revision), (2, 3), "a name is no term");
        let versions = promo::versions(app, owner, first.id).await.expect("versions");
        assert_eq!(versions.iter().map(|one| one.version).collect::<Vec<_>>(), [2, 1]);

        assert_eq!(promo::test(app, owner, first.id).await.expect("tried").state, State::Test);
        assert_eq!(failed(promo::test(app, owner, first.id).await), "wrong_state");
        assert_eq!(promo::start(app, owner, first.id).await.expect("started").state, State::Running);
        let later = Changes { ends_at: Some(moment("2027-01-01T00:00:00Z")), ..Changes::default() };
        assert_eq!(failed(promo::update(app, owner, first.id, None, later).await), "period_fixed");
        assert_eq!(failed(promo::archive(app, owner, first.id).await), "wrong_state");

        let shop = Shop { inn: "7704218694".into(), note: "METRO".into(), ..Shop::default() };
        promo::learn(app, owner, first.id, shop.clone()).await.expect("learnt");
        let learnt = promo::learn(app, owner, first.id, shop).await.expect("known");
        assert_eq!((learnt.terms.shops.len(), learnt.version), (1, 3));

        // It ends by itself, and goes on when it is extended.
        bed.clock.advance_seconds(12 * 86_400);
        work::look(app).await.expect("jobs");
        assert_eq!(promo::get(app, owner, first.id).await.expect("one").0.state, State::Over);
        let early = promo::extend(app, owner, first.id, moment("2026-12-01T00:00:01Z"), None).await;
        assert_eq!(failed(early), "ends_early");
        let longer = promo::extend(app, owner, first.id, moment("2026-12-20T00:00:00Z"), None).await;
        assert_eq!(longer.expect("extended").state, State::Running);
        let over = promo::finish(app, owner, first.id).await.expect("finished");
        assert_eq!((over.state, over.ends_at), (State::Over, bed.clock.now()));
        bed.clock.advance_seconds(30 * 86_400);
        work::look(app).await.expect("jobs");
        promo::archive(app, owner, first.id).await.expect("put away");
        assert!(promo::list(app, owner, false, None, 10).await.expect("a list").is_empty());
        assert_eq!(promo::list(app, owner, true, None, 10).await.expect("a list").len(), 1);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_starts_without_rules_or_after_the_end() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let bare = Draft { terms: Terms::default(), ..draft("bare") };
        let bare = promo::create(app, owner, bare).await.expect("a draft");
        assert_eq!(failed(promo::start(app, owner, bare.id).await), "no_rules");
        let late = made(&bed, "late").await;
        bed.clock.advance_seconds(20 * 86_400);
        assert_eq!(failed(promo::test(app, owner, late.id).await), "ends_past");
        let cashier = Actor::staff(owner.tenant, StaffId(1), Role::Cashier, "ru");
        assert_eq!(failed(promo::list(app, &cashier, false, None, 1).await), "forbidden");
        assert_eq!(failed(promo::start(app, &cashier, late.id).await), "forbidden");
        assert_eq!(failed(promo::create(app, &cashier, draft("x")).await), "forbidden");
        assert_eq!(failed(pools::list(app, &cashier, late.id).await), "forbidden");
        let marketer = Actor::staff(owner.tenant, StaffId(1), Role::Marketer, "ru");
        assert_eq!(promo::list(app, &marketer, false, None, 10).await.expect("a list").len(), 2);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn participants_come_in_pages_and_can_be_stopped() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let promotion = made(&bed, "autumn").await;
        let mut people = Vec::new();
        for number in 0..5 {
            let contact = person(&bed, &format!("Гость {number}")).await;
            assert!(joins(&bed, &promotion, contact).await);
            assert!(!joins(&bed, &promotion, contact).await, "once");
            people.push(contact);
        }
        let page = promo::participants(app, owner, promotion.id, None, 3).await.expect("a page");
        let told =
            |page: &[promo::ListedParticipant]| page.iter().map(|one| one.name.clone()).collect::<Vec<_>>();
        assert_eq!(told(&page), ["Гость 4", "Гость 3", "Гость 2"]);
        let last = &page[2].participant;
        let after = Some((last.joined_at, last.contact));
        let rest = promo::participants(app, owner, promotion.id, after, 3).await.expect("a page");
        assert_eq!(told(&rest), ["Гость 1", "Гость 0"]);
        promo::block(app, owner, promotion.id, people[0], " чужие чеки ").await.expect("blocked");
        let rest = promo::participants(app, owner, promotion.id, after, 3).await.expect("a page");
        assert_eq!(rest[1].participant.blocked, "чужие чеки");
        promo::block(app, owner, promotion.id, people[0], "").await.expect("let in");
        let stranger = person(&bed, "Чужой").await;
        assert_eq!(failed(promo::block(app, owner, promotion.id, stranger, "x").await), "not_found");
        let (_, counts) = promo::get(app, owner, promotion.id).await.expect("one");
        assert_eq!((counts.participants, counts.tickets, counts.waiting), (5, 0, 0));
        // What was tried is wiped at the start.
        promo::test(app, owner, promotion.id).await.expect("tried");
        promo::start(app, owner, promotion.id).await.expect("started");
        let (_, counts) = promo::get(app, owner, promotion.id).await.expect("one");
        assert_eq!(counts.participants, 0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_gets_one_code_and_no_code_goes_twice() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let promotion = made(&bed, "autumn").await;
        let anna = person(&bed, "Анна").await;
        assert!(gives(&bed, &promotion, &[anna]).await.is_empty(), "no pools, no gifts");
        let pool =
            |partner: &str, low_at| pools::Draft { partner: partner.into(), message: String::new(), low_at };
        let first = pools::create(app, owner, promotion.id, pool("Кофейня", 2)).await.expect("a pool");
        let second = pools::create(app, owner, promotion.id, pool("Кино", 0)).await.expect("a pool");
        let upload = async |pool: &pools::Pool, text: &str| {
            pools::upload(app, owner, promotion.id, pool.id, Bytes::from(text.to_owned()))
                .await
                .expect("codes")
        };
        let done = upload(&first, "код\nC-1\nC-2\nC-3\nC-3\n").await;
        assert_eq!((done.added, done.repeated, done.known, done.bad), (3, 1, 0, 0));
        let again = upload(&first, "код\nC-1\nC-2\nC-3\nC-4\n").await;
        assert_eq!((again.added, again.known), (1, 3));
        upload(&second, "M-1\nM-2\n").await;

        let gift = gives(&bed, &promotion, &[anna]).await;
        assert_eq!(code(gift.get(&anna)), Some("C-1"));
        assert!(gives(&bed, &promotion, &[anna]).await.is_empty(), "once");

        let mut people = Vec::new();
        for number in 0..8 {
            people.push(person(&bed, &format!("Гость {number}")).await);
        }
        // Many at once, each asked for several times: as settling nodes would.
        let asked = (0..4).map(|_| gives(&bed, &promotion, &people));
        let all = futures::future::join_all(asked).await;
        let (mut given, mut owed) = (HashMap::new(), HashSet::new());
        for (contact, gift) in all.into_iter().flatten() {
            match gift {
                Gift::Code { code, .. } => {
                    assert!(given.insert(code, contact).is_none(), "a code went twice")
                }
                Gift::Owed => assert!(owed.insert(contact), "told twice that there is none"),
            }
        }
        let mut codes: Vec<&str> = given.keys().map(String::as_str).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["C-2", "C-3", "C-4", "M-1", "M-2"]);
        assert_eq!((given.values().collect::<HashSet<_>>().len(), owed.len()), (5, 3));
        let (listed, waiting) = pools::list(app, owner, promotion.id).await.expect("pools");
        assert_eq!(
            listed.iter().map(|one| (one.total, one.given, one.left())).collect::<Vec<_>>(),
            [(4, 4, 0), (2, 2, 0)]
        );
        assert_eq!(waiting, 3);
        assert!(listed[0].alerted_at.is_some() && listed[1].alerted_at.is_none());

        // The next file brings theirs.
        upload(&second, "код\nM-3\nM-4\n").await;
        work::look(app).await.expect("jobs");
        let (listed, waiting) = pools::list(app, owner, promotion.id).await.expect("pools");
        assert_eq!((waiting, listed[1].left()), (1, 0));
        upload(&second, "код\nM-5\nM-6\n").await;
        work::look(app).await.expect("jobs");
        let (listed, waiting) = pools::list(app, owner, promotion.id).await.expect("pools");
        assert_eq!((waiting, listed[1].left()), (0, 1));
        assert!(gives(&bed, &promotion, &people).await.is_empty(), "everybody has one");
        let shown = pools::given(app, owner, promotion.id, second.id, None, 10).await.expect("codes");
        assert_eq!(shown.len(), 5);
        let left = pools::free(app, owner, promotion.id, second.id, None, 10).await.expect("codes");
        assert_eq!(left.iter().map(|(_, code)| code.as_str()).collect::<Vec<_>>(), ["M-6"]);
        assert_eq!(pools::clear(app, owner, promotion.id, second.id).await.expect("cleared"), 1);

        // At the start codes that were tried go back.
        promo::start(app, owner, promotion.id).await.expect("started");
        let (listed, _) = pools::list(app, owner, promotion.id).await.expect("pools");
        assert_eq!(listed.iter().map(|one| (one.total, one.given)).collect::<Vec<_>>(), [(4, 0), (5, 0)]);
        assert_eq!(code(gives(&bed, &promotion, &[anna]).await.get(&anna)), Some("C-1"));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_codes_are_brought_at_once() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let promotion = made(&bed, "autumn").await;
        let pool = pools::create(app, owner, promotion.id, pools::Draft::default()).await.expect("a pool");
        let mut file = String::from("code\n");
        for number in 0..100_000 {
            file.push_str(&format!("X{number:06}\n"));
        }
        let done =
            pools::upload(app, owner, promotion.id, pool.id, file.clone().into()).await.expect("codes");
        assert_eq!((done.added, done.known, done.bad), (100_000, 0, 0));
        let more = format!("{file}Y\n");
        let refused = pools::upload(app, owner, promotion.id, pool.id, more.into()).await;
        assert_eq!(failed(refused), "too_many_rows");
        let (listed, _) = pools::list(app, owner, promotion.id).await.expect("pools");
        assert_eq!(listed[0].total, 100_000);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_past_is_written_down_with_numbers_in_a_row() {
    both(async |bed: Bed| {
        let (app, owner) = (&bed.app, &bed.owner);
        let promotion = made(&bed, "autumn").await;
        promo::start(app, owner, promotion.id).await.expect("started");
        let mut people = Vec::new();
        for number in 0..10 {
            people.push(person(&bed, &format!("Гость {number}")).await);
        }
        let shop = PastShop {
            inn: "7300000011".into(),
            name: "Лавка".into(),
            drive: "7300000000000011".into(),
            ..PastShop::default()
        };
        let bought = moment("2026-11-20T09:00:00Z");
        let purchases = (0..250_i64).map(|number| PastPurchase {
            contact: people[usize::try_from(number % 10).expect("small")],
            source: "shelf".into(),
            shop: 0,
            document: 100 + number,
            arrived: bought.plus_seconds(number * 60),
            bought: "2026-11-20T12:00:00".parse().expect("a time"),
            goods: vec![("Чай".into(), 60_000)],
            outcome: match number % 5 {
                0 => PastOutcome::Refused(Reason::OtherShop),
                1 => PastOutcome::Waits(Reason::NoAnswer),
                _ => PastOutcome::Accepted,
            },
        });
        let purchases: Vec<PastPurchase> = purchases.collect();
        past::write(app, owner, promotion.id, ChannelId(1), vec![shop], purchases).await.expect("written");
        let (_, counts) = promo::get(app, owner, promotion.id).await.expect("one");
        assert_eq!(
            (counts.participants, counts.tickets, counts.waiting, counts.moderation),
            (10, 150, 0, 50)
        );
        let tickets = promo::ticket_list(app, owner, promotion.id, None, None, 200).await.expect("a list");
        let numbers: Vec<i64> = tickets.iter().map(|one| one.ticket.number).collect();
        assert_eq!(numbers, (1..=150).rev().collect::<Vec<_>>());
        assert!(tickets.is_sorted_by(|one, next| one.ticket.arrived_at > next.ticket.arrived_at));
    })
    .await;
}
