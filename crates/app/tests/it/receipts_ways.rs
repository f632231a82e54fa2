//! Where people get stuck on their way to a number, what is left of a trial, and who is seen as one.

use crate::receipts::{Shop, at, code, fast, joins, shop, shop_as, terms};
use futures::TryStreamExt;
use samovar_app::access::{Actor, Right, Rights, Role};
use samovar_app::contacts::{self, merge};
use samovar_app::exports::{self, Format, Request, What};
use samovar_app::promo::moderation::{self, Decision};
use samovar_app::promo::suspicion::Sign;
use samovar_app::promo::{self, Changes, Checks, Draft, Limits, Minimum, Moderation, Reason, Terms, pools};
use samovar_app::receipts::{self, Filter, State};
use samovar_app::staff::{self, Whom};
use samovar_base::{ContactId, PoolId};
use samovar_fakes::receipt_check::Fate;
use samovar_testkit::photos::{Flaw, photo};
use samovar_testkit::{Engine, Guest, Setting, TestApp, on_both};
use serde_json::json;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);

/// A picture in which there is no code.
fn blank() -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, 320, 240);
    encoder.set_color(png::ColorType::Grayscale);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&[180; 320 * 240]));
    assert!(written.is_ok(), "{written:?}");
    out
}

async fn shows(shop: &Shop, guest: &Guest, picture: Vec<u8>) {
    guest.sends_photo(picture).await;
    shop.app.advance(Duration::from_secs(1)).await;
}

async fn types_it(shop: &Shop, guest: &Guest, number: i64, rubles: i64) {
    let (sum, number, sign) = (rubles.to_string(), number.to_string(), (1_000_000 + number).to_string());
    for answer in ["21.11.2026", "11:30", &sum, "7281440500751551", &number, &sign] {
        shop.says(guest, answer).await;
    }
}

/// A pool with codes of a partner.
async fn codes(shop: &Shop, message: &str, codes: &'static str) -> PoolId {
    let (services, owner) = (shop.app.app(), shop.app.owner());
    let draft = pools::Draft { partner: "Кофейня".into(), message: message.into(), low_at: 1 };
    let pool = pools::create(&services, &owner, shop.promotion, draft).await.expect("a pool");
    pools::upload(&services, &owner, shop.promotion, pool.id, codes.into()).await.expect("codes");
    pool.id
}

/// Who takes part, whose the numbers are, and whose the codes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Standing {
    people: Vec<ContactId>,
    numbers: Vec<ContactId>,
    codes: Vec<(String, ContactId)>,
}

async fn standing(shop: &Shop, pool: PoolId) -> Standing {
    let (services, owner) = (shop.app.app(), shop.app.owner());
    let people = promo::participants(&services, &owner, shop.promotion, None, 20).await.expect("people");
    let numbers =
        promo::ticket_list(&services, &owner, shop.promotion, None, None, 20).await.expect("numbers");
    let given = pools::given(&services, &owner, shop.promotion, pool, None, 20).await.expect("codes");
    let mut people: Vec<_> = people.iter().map(|one| one.participant.contact).collect();
    let mut codes: Vec<_> = given.into_iter().map(|one| (one.code, one.contact)).collect();
    people.sort_unstable();
    codes.sort_unstable();
    Standing { people, numbers: numbers.iter().rev().map(|one| one.ticket.contact).collect(), codes }
}

fn moderator(shop: &Shop) -> Actor {
    Actor { rights: Rights::of(&[Right::Moderation]), ..shop.app.owner() }
}

async fn listed(shop: &Shop, actor: &Actor, filter: Filter) -> Vec<Option<&'static str>> {
    let services = shop.app.app();
    let found = receipts::receipts(&services, actor, shop.promotion, filter, None, 50).await;
    found.expect("receipts").into_iter().map(|one| one.receipt.reason.map(Reason::as_str)).collect()
}

/// The promotion of a shop is tried before it begins.
async fn tried(engine: Engine, terms: Terms) -> Shop {
    let mut shop = shop(engine, "ru", terms.clone(), fast()).await;
    let (services, owner) = (shop.app.app(), shop.app.owner());
    let over = promo::finish(&services, &owner, shop.promotion).await.expect("the other one is over");
    promo::archive(&services, &owner, over.id).await.expect("put away");
    let draft = Draft {
        key: "honey".into(),
        name: "Мёд с призами".into(),
        starts_at: at("2026-11-20T21:00:00Z"),
        ends_at: at("2026-11-30T21:00:00Z"),
        terms,
        channel: None,
    };
    shop.promotion = promo::create(&services, &owner, draft).await.expect("a draft").id;
    promo::test(&services, &owner, shop.promotion).await.expect("tried");
    shop
}

on_both! {
    /// A picture without a code, another one, the fields typed: a number.
    async fn an_unreadable_photo(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shows(&shop, &anna, blank()).await;
        shows(&shop, &anna, blank()).await;
        anna.presses("Ввести вручную").await;
        types_it(&shop, &anna, 102, 800).await;
        shop.knows(102, 800);
        anna.presses("Приход").await;
        shop.app.advance(Duration::from_secs(1)).await;
        assert_eq!(shop.states().await, [(State::Accepted, None, Some(1))]);
        insta::assert_snapshot!("an_unreadable_photo", anna.transcript().await);
        shop.app.finish().await;
    }

    /// Who falls silent is told what comes next, once.
    async fn hints_on_silence(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        anna.starts(None).await;
        shop.app.advance(16 * MINUTE).await;
        anna.says("акция").await;
        anna.presses("Принимаю правила").await;
        shop.app.advance(11 * MINUTE).await;
        shop.app.advance(60 * MINUTE).await;
        insta::assert_snapshot!("hints_on_silence", anna.transcript().await);
        shop.app.finish().await;
    }

    /// The codes of a partner are over: the number is there, kind words are said, those in charge know.
    async fn codes_are_over(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let pool = "А ещё кофе за наш счёт: {{ code }}.";
        codes(&shop, pool, "код\nCOFFEE-1\n").await;
        let (anna, boris) = (shop.app.telegram("Анна"), shop.app.telegram("Борис"));
        for (guest, number) in [(&anna, 101), (&boris, 102)] {
            joins(guest).await;
            shop.knows(number, 700);
            shop.says(guest, &code(number, 700)).await;
        }
        assert!(anna.looks().await.contains("COFFEE-1"));
        assert_eq!(shop.states().await[1], (State::Accepted, None, Some(2)));
        let (pools, owed) = pools::list(&shop.app.app(), &shop.app.owner(), shop.promotion).await.expect("pools");
        assert!(pools[0].alerted_at.is_some() && owed == 1, "{pools:?}");
        insta::assert_snapshot!("codes_are_over", boris.transcript().await);
        shop.app.finish().await;
    }

    /// One a day: the second waits for tomorrow, and is taken then.
    async fn one_receipt_a_day(engine: Engine) {
        let terms = Terms { limits: Limits { person: 50, day: Some(1) }, ..terms() };
        let shop = shop(engine, "ru", terms, fast()).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.knows(101, 700);
        shop.knows(102, 900);
        shop.says(&anna, &code(101, 700)).await;
        shop.says(&anna, &code(102, 900)).await;
        shop.app.advance(24 * 60 * MINUTE).await;
        shop.says(&anna, &code(102, 900)).await;
        insta::assert_snapshot!("one_receipt_a_day", anna.transcript().await);
        shop.app.finish().await;
    }

    async fn the_whole_way_in_english(engine: Engine) {
        let terms = Terms { limits: Limits { person: 50, day: Some(2) }, ..terms() };
        let shop = shop(engine, "en", terms, fast()).await;
        codes(&shop, "And a coffee on us: {{ code }}.", "код\nCOFFEE-1\n").await;
        let (ann, bob) = (shop.app.telegram("Ann"), shop.app.telegram("Bob"));
        ann.starts(None).await;
        shop.app.advance(16 * MINUTE).await;
        ann.says("promo").await;
        ann.presses("Read the rules").await;
        ann.presses("I accept the rules").await;
        shop.app.advance(11 * MINUTE).await;
        shows(&shop, &ann, blank()).await;
        shows(&shop, &ann, blank()).await;
        ann.presses("Type it in").await;
        types_it(&shop, &ann, 102, 800).await;
        shop.knows(102, 800);
        ann.presses("Приход: a sale").await;
        shop.app.advance(Duration::from_secs(1)).await;
        for number in [103, 104] {
            shop.knows(number, 900);
            shop.says(&ann, &code(number, 900)).await;
        }
        ann.presses("My numbers").await;
        ann.presses("Prizes").await;
        insta::assert_snapshot!("the_whole_way_in_english", ann.transcript().await);
        bob.starts(None).await;
        bob.presses("I accept the rules").await;
        shop.knows(105, 700);
        shop.says(&bob, &code(105, 700)).await;
        insta::assert_snapshot!("codes_are_over_in_english", bob.transcript().await);
        shop.app.finish().await;
    }

    /// Nothing of a trial is left at the start: neither what was decided nor what is with a provider, a picture, a form that
    /// is being typed, or questions against the budget.
    async fn a_trial_leaves_nothing(engine: Engine) {
        let terms = Terms { checks: Checks { budget: Some(2) }, ..terms() };
        let shop = tried(engine, terms).await;
        let (services, owner) = (shop.app.app(), shop.app.owner());
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.knows(101, 700);
        shop.says(&anna, &code(101, 700)).await;
        shows(&shop, &anna, blank()).await;
        anna.says("вручную").await;
        anna.says("21.11.2026").await;
        anna.says("меню").await;
        shop.knows(102, 700);
        anna.says("чек").await;
        anna.says(&code(102, 700)).await;
        // With the provider when the promotion begins, answered after it.
        shop.checks.next(&[Fate::Hang(Duration::from_millis(400))]);
        let both = async {
            tokio::time::sleep(Duration::from_millis(150)).await;
            promo::start(&services, &owner, shop.promotion).await.expect("it begins");
        };
        let (worked, ()) = tokio::join!(receipts::work_off(&services), both);
        worked.expect("all is worked off");
        shop.app.advance(MINUTE).await;
        assert_eq!(shop.states().await, []);
        let (_, counts) = promo::get(&services, &owner, shop.promotion).await.expect("a promotion");
        assert_eq!((counts.participants, counts.tickets, counts.waiting), (0, 0, 0));
        let queue = receipts::queue(&services, &owner, shop.promotion).await.expect("a queue");
        assert_eq!((queue.receipts, queue.pictures, queue.person), (0, 0, 0));

        // Whoever took part in the trial accepts the rules as everybody does; both paid questions are there.
        anna.says("акция").await;
        anna.presses("Принимаю правила").await;
        for number in [103, 104] {
            shop.knows(number, 700);
            shop.says(&anna, &code(number, 700)).await;
        }
        let accepted = |number| (State::Accepted, None, Some(number));
        assert_eq!(shop.states().await, [accepted(1), accepted(2)]);
        shop.app.finish().await;
    }

    /// Two contacts of one person: one participation with the receipts, numbers and codes of both, and two again.
    async fn two_who_are_one(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let (services, owner) = (shop.app.app(), shop.app.owner());
        let pool = codes(&shop, "Кофе за наш счёт: {{ code }}.", "код\nCOFFEE-1\nCOFFEE-2\n").await;
        let (anna, boris, clara) = (shop.app.telegram("Анна"), shop.app.telegram("Борис"), shop.app.telegram("Клара"));
        for (guest, number) in [(&anna, 101), (&boris, 102)] {
            joins(guest).await;
            shop.knows(number, 700);
            shop.says(guest, &code(number, 700)).await;
        }
        shop.checks.next(&[Fate::NotYet]);
        shop.knows(103, 700);
        shop.says(&boris, &code(103, 700)).await;
        joins(&clara).await;
        let (one, other, third) =
            (anna.contact_id().await, boris.contact_id().await, clara.contact_id().await);
        let before = standing(&shop, pool).await;
        assert_eq!(before.people, [one, other, third]);

        let made = merge::merge(&services, &owner, one, other).await.expect("they are one");
        let together = standing(&shop, pool).await;
        assert_eq!((together.people.as_slice(), together.numbers.as_slice()), (&[one, third][..], &[one, one][..]));
        assert_eq!(together.codes, before.codes, "one code a person, and both are given");
        // What waited goes on as the person's.
        shop.app.advance(Duration::from_secs(3_700)).await;
        assert_eq!(standing(&shop, pool).await.numbers, [one, one, one]);
        let of = Filter { contact: Some(one), ..Filter::default() };
        assert_eq!(listed(&shop, &owner, of).await.len(), 3);
        merge::undo(&services, &owner, made.id).await.expect("nobody was here since");
        let after = standing(&shop, pool).await;
        assert_eq!(after, Standing { numbers: vec![one, other, other], ..before.clone() });

        // Who takes part goes on under the other, who did not, and takes the code along.
        let stranger = contacts::add(&services, &owner, vec![("name".to_owned(), "Она же".into())], Vec::new());
        let stranger = stranger.await.expect("a contact").id;
        let made = merge::merge(&services, &owner, stranger, one).await.expect("they are one");
        let moved = standing(&shop, pool).await;
        assert!(moved.people.contains(&stranger) && !moved.people.contains(&one));
        assert!(moved.codes.iter().any(|(code, who)| code == "COFFEE-1" && *who == stranger));
        merge::undo(&services, &owner, made.id).await.expect("nobody was here since");
        assert_eq!(standing(&shop, pool).await, after);
        shop.app.finish().await;
    }

    /// "Too many questions", and not about what: one receipt waits for an hour, the others go on; when none goes on, the
    /// service is left alone.
    async fn too_many_questions_about_nobody_knows_what(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        (101..110).for_each(|number| shop.knows(number, 700));
        shop.checks.next(&[Fate::Quota]);
        shop.says(&anna, &code(101, 700)).await;
        shop.says(&anna, &code(102, 700)).await;
        let states = shop.states().await;
        assert_eq!((states[0].0, states[1]), (State::Waiting, (State::Accepted, None, Some(1))));
        shop.app.advance(Duration::from_secs(3_600)).await;
        assert_eq!(shop.states().await[0], (State::Accepted, None, Some(2)));

        shop.checks.set_faults(&[(Fate::Quota, 1_000)]);
        let before = shop.checks.asked();
        for number in 103..110 {
            shop.says(&anna, &code(number, 700)).await;
        }
        assert_eq!(shop.checks.asked() - before, 5, "nobody is asked in vain again and again");
        let told = receipts::providers(&shop.app.app(), &shop.app.owner()).await.expect("providers");
        assert_eq!(told[0].health.as_str(), "quota");
        shop.checks.set_faults(&[]);
        for _ in 0..3 {
            shop.app.advance(Duration::from_secs(3_700)).await;
        }
        assert!(shop.states().await.iter().all(|(state, ..)| *state == State::Accepted));
        shop.app.finish().await;
    }

    /// The desk of a moderator in the bot for the staff, word for word.
    async fn receipts_at_the_counter(engine: Engine) {
        let setting = Setting { bot: "receipt-draw", staff: true, ..Setting::new(engine) };
        let shop = shop_as(setting, terms(), fast()).await;
        let (services, owner) = (shop.app.app(), shop.app.owner());
        let whom = Whom::New { name: "Ольга".into(), role: Role::Marketer.into(), channels: None };
        let invited = staff::invite(&services, &owner, whom).await.expect("invited");
        let olga = shop.app.colleague("Ольга");
        olga.starts(Some(&invited.payload)).await;
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        // The tax service stays without an answer about them: a person decides.
        shop.checks.next(&[const { Fate::NotYet }; 18]);
        for number in [101, 102, 103] {
            shop.says(&anna, &code(number, 700)).await;
        }
        for hours in [1, 3, 6, 12, 24] {
            shop.app.advance(Duration::from_secs(hours * 3_600 + 60)).await;
        }
        let seen = olga.transcript().await.lines().count();
        olga.says("чеки").await;
        olga.presses("Принять").await;
        olga.presses("Отклонить…").await;
        olga.presses("Назад").await;
        olga.presses("Отклонить…").await;
        olga.presses("чужой магазин").await;
        olga.presses("Принять").await;
        let told = olga.transcript().await.lines().skip(seen).collect::<Vec<_>>().join("\n");
        insta::assert_snapshot!("receipts_at_the_counter", told);
        let states: Vec<_> = shop.states().await.into_iter().map(|(state, _, ticket)| (state, ticket)).collect();
        assert_eq!(states, [(State::Accepted, Some(1)), (State::Refused, None), (State::Accepted, Some(2))]);
        shop.app.finish().await;
    }

    /// Files of receipts, numbers and participants, from the first line to the last.
    async fn a_promotion_in_files(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        codes(&shop, "Кофе за наш счёт: {{ code }}.", "код\nCOFFEE-1\n").await;
        let (anna, boris) = (shop.app.telegram("Анна"), shop.app.telegram("Борис"));
        for (guest, number) in [(&anna, 101), (&boris, 102)] {
            joins(guest).await;
            shop.knows(number, 700);
            shop.says(guest, &code(number, 700)).await;
        }
        shop.says(&anna, &code(103, 300)).await;
        let (services, owner) = (shop.app.app(), shop.app.owner());
        let boris = boris.contact_id().await;
        promo::block(&services, &owner, shop.promotion, boris, "чеки коллег").await.expect("stopped");
        for what in [What::Receipts, What::Tickets, What::Participants] {
            insta::assert_snapshot!(format!("file_of_{}", what.as_str()), exported(&shop.app, what).await);
        }
        shop.app.finish().await;
    }

    /// Lists by reason, and what somebody sees whose one right is to decide.
    async fn a_moderator_with_one_right(engine: Engine) {
        let shop = shop(engine, "ru", terms(), fast()).await;
        let (services, owner) = (shop.app.app(), shop.app.owner());
        let anna = shop.app.telegram("Анна");
        joins(&anna).await;
        shop.checks.next(&[const { Fate::NotYet }; 6]);
        shop.says(&anna, &code(101, 700)).await;
        shop.says(&anna, &code(102, 300)).await;
        shop.says(&anna, &code(103, 300)).await;
        for hours in [1, 3, 6, 12, 24] {
            shop.app.advance(Duration::from_secs(hours * 3_600 + 60)).await;
        }
        let desk = moderator(&shop);
        let by = |reason| Filter { reason: Some(reason), ..Filter::default() };
        assert_eq!(listed(&shop, &desk, by(Reason::SmallSum)).await, [Some("small_sum"); 2]);
        assert_eq!(listed(&shop, &desk, by(Reason::NoAnswer)).await, [Some("no_answer")]);
        let contact = Some(anna.contact_id().await);
        let of = |state, reason| Filter { state: Some(state), reason: Some(reason), contact };
        assert_eq!(listed(&shop, &desk, of(State::Refused, Reason::SmallSum)).await.len(), 2);
        assert!(listed(&shop, &desk, of(State::Person, Reason::SmallSum)).await.is_empty());
        let refused = Filter { state: Some(State::Refused), reason: None, contact };
        assert_eq!(listed(&shop, &desk, refused).await.len(), 2);

        assert_eq!(promo::list(&services, &desk, false, None, 10).await.expect("promotions").len(), 1);
        promo::get(&services, &desk, shop.promotion).await.expect("the promotion");
        assert_eq!(moderation::count(&services, &desk).await.expect("a count"), 1);
        let waiting = moderation::queue(&services, &desk, shop.promotion, None, 10).await.expect("a queue");
        let id = waiting[0].receipt.id;
        moderation::case(&services, &desk, shop.promotion, id).await.expect("all about it");
        let none = receipts::receipt_picture(&services, &desk, shop.promotion, id).await;
        assert_eq!(none.expect_err("it came as words").code(), "not_found");
        let change = promo::update(&services, &desk, shop.promotion, None, Changes::default()).await;
        assert_eq!(change.expect_err("not theirs").code(), "forbidden");
        moderation::decide(&services, &desk, shop.promotion, id, None, Decision::Accept).await.expect("decided");
        assert_eq!(moderation::count(&services, &owner).await.expect("a count"), 0);
        shop.app.finish().await;
    }

    /// Whoever passes a picture on passes its code on: one that holds no place for its sender gets another person no number
    /// unseen.
    async fn the_same_picture_of_two(engine: Engine) {
        let terms = Terms {
            minimum: Minimum::default(),
            moderation: Moderation { score: 50, ..Moderation::default() },
            limits: Limits { person: 1, day: None },
            ..terms()
        };
        let shop = tried(engine, terms).await;
        let (picture, text) = of_a_past_day();
        let bought = samovar_fiscal::read(&text).expect("a code");
        let document = json!({
            "user": "ООО «Чайная лавка»", "userInn": "7300000011", "dateTime": bought.at.to_string(), "totalSum": bought.sum,
            "operationType": 1, "fiscalDriveNumber": bought.key.drive, "fiscalDocumentNumber": bought.key.document,
            "fiscalSign": bought.key.sign,
            "items": [{ "name": "Чай чёрный 100 г", "price": bought.sum, "quantity": 1, "sum": bought.sum }]
        });
        shop.checks.knows(&text, &document);
        let (anna, boris) = (shop.app.telegram("Анна"), shop.app.telegram("Борис"));
        joins(&anna).await;
        shop.knows(101, 700);
        shop.says(&anna, &code(101, 700)).await;
        shows(&shop, &anna, picture.clone()).await;
        joins(&boris).await;
        shows(&shop, &boris, picture).await;
        let refused = (State::Refused, Some("person_limit"), None);
        let looked_at = (State::Person, Some("suspicious"), None);
        assert_eq!(shop.states().await, [(State::Accepted, None, Some(1)), refused, looked_at]);
        let (services, owner) = (shop.app.app(), shop.app.owner());
        let waiting = moderation::queue(&services, &owner, shop.promotion, None, 10).await.expect("a queue");
        let id = waiting[0].receipt.id;
        let case = moderation::case(&services, &owner, shop.promotion, id).await.expect("all about it");
        assert!(case.signs.iter().any(|one| one.sign == Sign::SamePicture && one.count == 1), "{:?}", case.signs);
        shop.app.finish().await;
    }
}

/// The file of a table, with its ids hidden.
pub async fn exported(app: &TestApp, what: What) -> String {
    let (services, owner) = (app.app(), app.owner());
    let request = Request { locale: Some("ru".into()), ..Request::new(what, Format::Csv) };
    let export = exports::start(&services, &owner, request).await.expect("it begins");
    services.pipeline.look(&services).await.expect("due jobs run");
    let (_, bytes) = exports::download(&services, &owner, export.id).await.expect("there is a file");
    let bytes: Vec<_> = bytes.try_collect().await.expect("it can be read");
    let text = String::from_utf8(bytes.concat()).expect("UTF-8");
    let hidden = |word: &str| match word.split_once('_') {
        Some((kind, id)) if kind.len() == 3 && id.len() == 13 => format!("{kind}_…"),
        _ => word.to_owned(),
    };
    let words = text.trim_start_matches('\u{feff}').split_inclusive([';', ',', '\n', '"']);
    words
        .map(|word| {
            let end = word.trim_end_matches([';', ',', '\r', '\n', '"']).len();
            hidden(&word[..end]) + &word[end..].replace('\r', "")
        })
        .collect()
}

/// A photo of a receipt bought before today, with the text of its code.
fn of_a_past_day() -> (Vec<u8>, String) {
    let past = |seed: &u64| photo(Flaw::None, *seed, 60).texts[0].as_str() < "t=20261121";
    let seed = (0..100).find(past).expect("one of a hundred");
    let photo = photo(Flaw::None, seed, 900);
    (photo.png(), photo.texts[0].clone())
}
