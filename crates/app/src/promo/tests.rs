//! The rules over real receipts and over the edges of time.

use super::model::{
    Banned, Doubt, Effect, Entry, Goods, Limits, Minimum, MinimumOf, Needed, Promotion, Rules, Shop, State,
    Terms, Verdict, Wording,
};
use super::rules::{Counts, Period, Same, before, has, judge, learnt};
use super::texts::{self, Speech, receipt_values};
use super::{Reason, terms};
use jiff::tz::TimeZone;
use samovar_base::{Instant, PromotionId};
use samovar_fiscal::{Code, Key, Operation, Receipt, document};
use serde_json::json;

fn moment(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().expect("a moment").into()
}

fn moscow() -> TimeZone {
    TimeZone::get("Europe/Moscow").expect("a zone")
}

/// December where the business is, in Moscow.
fn promotion(terms: Terms) -> Promotion {
    Promotion {
        id: PromotionId(1),
        key: "december".into(),
        name: "Декабрь с призами".into(),
        state: State::Running,
        starts_at: moment("2024-11-30T21:00:00Z"),
        ends_at: moment("2024-12-31T21:00:00Z"),
        terms,
        version: 1,
        channel: None,
        revision: 1,
        created_at: moment("2024-11-20T09:00:00Z"),
        updated_at: moment("2024-11-20T09:00:00Z"),
    }
}

fn code(at: &str, sum: i64) -> Code {
    let key = Key { drive: "7281440500751551".into(), document: 30_526, sign: 1_168_453_787 };
    Code { key, at: at.parse().expect("a time"), sum, operation: Operation::Sale }
}

fn words(words: &[&str]) -> Goods {
    Goods { words: words.iter().map(|word| (*word).to_owned()).collect(), ..Goods::default() }
}

/// The real receipts, as `crates/fiscal/tests/data` has them.
fn receipts() -> Vec<(String, Receipt)> {
    let mut all = Vec::new();
    for name in [
        "fns_app_export.json",
        "proverkacheka_ok_2024.json",
        "fns_mobile_ozon_2023.json",
        "fns_old_2019.json",
    ] {
        let path = format!("{}/../fiscal/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        for (at, receipt) in document::decode_all(&bytes).expect("JSON").into_iter().enumerate() {
            let receipt = receipt.unwrap_or_else(|error| panic!("{name} {at}: {error:?}"));
            all.push((format!("{}#{at:02}", name.trim_end_matches(".json")), receipt));
        }
    }
    all
}

fn code_of(receipt: &Receipt) -> Code {
    Code {
        key: receipt.key.clone(),
        at: receipt.at.expect("a date"),
        sum: receipt.total,
        operation: receipt.operation,
    }
}

fn shop(inn: &str) -> Shop {
    Shop { inn: inn.into(), ..Shop::default() }
}

/// Promotions that between them use every rule over documents.
fn promotions() -> Vec<(&'static str, Terms)> {
    let any = Terms::default();
    let metro = Terms {
        shops: vec![shop("7704218694")],
        minimum: Minimum { sum: 100_000, of: MinimumOf::Receipt },
        ..Terms::default()
    };
    let patterns = Terms {
        shops: vec![
            Shop { name: "лента".into(), ..Shop::default() },
            Shop { name: "*spar*".into(), ..Shop::default() },
            Shop { inn: "7703270067".into(), name: "ашан сити".into(), ..Shop::default() },
        ],
        banned: Banned { effect: Effect::LeaveOut, doubt: Doubt::Allow, ..Banned::default() },
        minimum: Minimum { sum: 200_000, of: MinimumOf::Receipt },
        ..Terms::default()
    };
    let porridge = Terms {
        needed: Needed { goods: words(&["гречк*", "крупа", "сахар"]), quantity: 2_000 },
        minimum: Minimum { sum: 10_000, of: MinimumOf::NeededGoods },
        banned: Banned { excise: false, goods: words(&["уксус"]), ..Banned::default() },
        ..Terms::default()
    };
    vec![("any", any), ("metro", metro), ("patterns", patterns), ("porridge", porridge)]
}

#[test]
fn all_receipts_get_the_right_verdicts() {
    let mut table = String::new();
    for (name, receipt) in receipts() {
        table.push_str(&format!("{name} {} {} ₽\n", receipt.seller.inn, receipt.total / 100));
        for (title, terms) in promotions() {
            let said = match judge(&terms, &code_of(&receipt), &receipt) {
                Verdict::Accept => "accept".to_owned(),
                Verdict::Refuse(why) => format!("refuse {} {}", why.reason, why.details),
                Verdict::Person(why) => format!("person {} {}", why.reason, why.details),
            };
            table.push_str(&format!("  {title}: {}\n", said.trim_end()));
        }
    }
    insta::assert_snapshot!("verdicts", table);
}

#[test]
fn what_was_scanned_must_be_what_the_tax_service_keeps() {
    let (_, receipt) = receipts().remove(0);
    let right = code_of(&receipt);
    let refused = |code: &Code| match judge(&Terms::default(), code, &receipt) {
        Verdict::Refuse(why) => why.reason,
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(&Code { sum: right.sum + 1, ..right.clone() }), Reason::Differs);
    let key = Key { sign: right.key.sign + 1, ..right.key.clone() };
    assert_eq!(refused(&Code { key, ..right.clone() }), Reason::Differs);
    assert_eq!(refused(&Code { operation: Operation::SaleReturn, ..right.clone() }), Reason::Differs);
    let later = right.at.checked_add(jiff::ToSpan::days(1)).expect("a day");
    assert_eq!(refused(&Code { at: later, ..right.clone() }), Reason::Differs);
    // Seconds are not always in the code.
    let seconds = right.at.with().second(59).build().expect("a time");
    assert_eq!(judge(&Terms::default(), &Code { at: seconds, ..right }, &receipt), Verdict::Accept);
}

#[test]
fn arrival_decides_about_being_in_time_and_the_till_about_the_days() {
    let terms = Terms::default();
    let period = Period::of(&promotion(terms.clone()), moscow());
    let try_it = |bought: &str, arrived: &str| {
        before(&terms, &period, &code(bought, 50_000), moment(arrived), &Counts::default())
    };
    // The last second of the promotion where the business is.
    assert_eq!(try_it("2024-12-31T23:58", "2024-12-31T20:59:59Z"), Ok(()));
    assert_eq!(try_it("2024-12-31T23:58", "2024-12-31T21:00:00Z"), Err(Reason::Ended));
    // In Vladivostok it is 1 January already, by the till; in Kaliningrad it is still 31 December.
    assert_eq!(try_it("2025-01-01T03:00", "2024-12-31T20:00:00Z"), Err(Reason::Late));
    assert_eq!(try_it("2024-12-31T20:00", "2024-12-31T20:00:00Z"), Ok(()));
    assert_eq!(try_it("2024-12-01T00:00", "2024-12-01T09:00:00Z"), Ok(()));
    assert_eq!(try_it("2024-11-30T23:59", "2024-12-01T09:00:00Z"), Err(Reason::Early));
    assert_eq!(try_it("2024-12-01T00:00", "2024-11-30T20:59:59Z"), Err(Reason::NotStarted));
    // A till may be a day ahead, and no more.
    assert_eq!(try_it("2024-12-11T09:00", "2024-12-10T09:00:00Z"), Ok(()));
    assert_eq!(try_it("2024-12-12T00:00", "2024-12-10T09:00:00Z"), Err(Reason::Future));
}

#[test]
fn while_it_is_tried_receipts_of_before_the_start_are_taken() {
    let tried = Promotion { state: State::Test, ..promotion(Terms::default()) };
    let period = Period::of(&tried, moscow());
    let code = code("2024-10-01T12:00", 100);
    let arrived = moment("2024-11-20T09:00:00Z");
    assert_eq!(before(&tried.terms, &period, &code, arrived, &Counts::default()), Ok(()));
}

#[test]
fn local_refusals_come_in_their_order() {
    let terms = Terms {
        minimum: Minimum { sum: 50_000, of: MinimumOf::Receipt },
        limits: Limits { person: 50, day: Some(3) },
        ..Terms::default()
    };
    let period = Period::of(&promotion(terms.clone()), moscow());
    let arrived = moment("2024-12-10T09:00:00Z");
    let all_wrong = Counts { person: 50, day: 3, same: Some(Same::Others) };
    let returned = Code { operation: Operation::SaleReturn, ..code("2020-01-01T10:00", 1) };
    let say = |code: &Code, counts: &Counts| before(&terms, &period, code, arrived, counts);
    assert_eq!(say(&returned, &all_wrong), Err(Reason::NotSale));
    assert_eq!(say(&code("2020-01-01T10:00", 1), &all_wrong), Err(Reason::Early));
    assert_eq!(say(&code("2024-12-10T10:00", 49_999), &all_wrong), Err(Reason::SmallSum));
    let good = code("2024-12-10T10:00", 50_000);
    assert_eq!(say(&good, &all_wrong), Err(Reason::Taken));
    assert_eq!(say(&good, &Counts { same: Some(Same::Own), ..all_wrong }), Err(Reason::Again));
    assert_eq!(say(&good, &Counts { same: None, ..all_wrong }), Err(Reason::PersonLimit));
    assert_eq!(say(&good, &Counts { person: 49, day: 3, same: None }), Err(Reason::DayLimit));
    assert_eq!(say(&good, &Counts { person: 49, day: 2, same: None }), Ok(()));
    // A minimum of needed goods is the document's matter.
    let needed = Terms { minimum: Minimum { sum: 50_000, of: MinimumOf::NeededGoods }, ..terms.clone() };
    assert_eq!(before(&needed, &period, &code("2024-12-10T10:00", 1), arrived, &Counts::default()), Ok(()));
}

#[test]
fn patterns_stand_anywhere_in_any_case() {
    let name = "ОБЩЕСТВО С ОГРАНИЧЕННОЙ  ОТВЕТСТВЕННОСТЬЮ \"ЛЕ МОНЛИД\"";
    for fits in [
        "ле монлид",
        "ООО".to_lowercase().replace("ооо", "общество").as_str(),
        "общество*монлид",
        "«Ле Монлид»",
    ] {
        assert!(has(name, fits), "{fits}");
    }
    for other in ["монлид*общество", "лемонлид", "", "*", " * "] {
        assert!(!has(name, other), "{other}");
    }
    assert!(has("ТЦ «Ёлка»", "елка"));
}

#[test]
fn a_shop_is_learnt_from_its_first_receipt() {
    for (name, receipt) in receipts() {
        let terms = Terms {
            shops: vec![learnt(&receipt)],
            banned: Banned { excise: false, ..Banned::default() },
            ..Terms::default()
        };
        assert_eq!(judge(&terms, &code_of(&receipt), &receipt), Verdict::Accept, "{name}");
    }
    let nobody = Terms { shops: vec![Shop::default()], ..Terms::default() };
    let (_, receipt) = receipts().remove(0);
    assert!(
        matches!(judge(&nobody, &code_of(&receipt), &receipt), Verdict::Refuse(why) if why.reason == Reason::OtherShop)
    );
}

#[test]
fn everything_wrong_with_terms_is_told_with_its_field() {
    let bad = Terms {
        shops: vec![shop("123"), Shop::default()],
        minimum: Minimum { sum: -1, ..Minimum::default() },
        limits: Limits { person: 0, day: Some(0) },
        banned: Banned { goods: Goods { gtins: vec!["x".into()], ..words(&["*"]) }, ..Banned::default() },
        entries: vec![
            Entry { source: "полка".into(), ..Entry::default() },
            Entry { source: "radio".into(), phrase: "Осень!".into(), ..Entry::default() },
            Entry { source: "tv".into(), phrase: "осень".into(), ..Entry::default() },
        ],
        rules: Rules { url: Some("javascript:1".into()), ..Rules::default() },
        texts: [
            ("accepted".to_owned(), Wording::new("{{ ticket", "")),
            ("nonsense".to_owned(), Wording::default()),
            ("reason.small_sum".to_owned(), Wording::new("Мало", "Too little")),
        ]
        .into(),
        keep_pictures_days: 0,
        ..Terms::default()
    };
    let wrong =
        Promotion { key: "Декабрь".into(), ends_at: moment("2024-11-01T00:00:00Z"), ..promotion(bad) };
    let told: Vec<String> = terms::problems(&wrong)
        .iter()
        .map(|problem| format!("{} {}", problem.field.as_deref().unwrap_or("-"), problem.code))
        .collect();
    assert_eq!(
        told,
        [
            "key bad_name",
            "ends_at ends_early",
            "terms.shops[0].inn bad_inn",
            "terms.shops[1] empty_shop",
            "terms.minimum.sum out_of_range",
            "terms.banned.goods.words bad_word",
            "terms.banned.goods.gtins bad_gtin",
            "terms.limits.person out_of_range",
            "terms.limits.day out_of_range",
            "terms.entries[0].source bad_source",
            "terms.entries[2] same_entry",
            "terms.rules.url bad_address",
            "terms.texts.accepted bad_template",
            "terms.texts.nonsense unknown_text",
            "terms.keep_pictures_days out_of_range",
        ]
    );
    assert_eq!(terms::problems(&promotion(Terms::default())), []);
}

#[test]
fn terms_are_read_from_nothing_and_written_back() {
    let empty: Terms = serde_json::from_str("{}").expect("defaults");
    assert_eq!(empty, Terms::default());
    assert_eq!(
        (empty.limits.person, empty.moderation.score, empty.banned.excise, empty.public),
        (50, 60, true, true)
    );
    for (name, terms) in promotions() {
        let text = serde_json::to_string(&terms).expect("JSON");
        assert_eq!(serde_json::from_str::<Terms>(&text).expect(name), terms);
    }
    assert!(serde_json::from_str::<Terms>(r#"{"minimun": {}}"#).is_err(), "a slip of the pen is told");
}

#[test]
fn every_text_can_be_said_in_both_languages() {
    let full = Terms {
        minimum: Minimum { sum: 50_000, ..Minimum::default() },
        shops: vec![Shop { inn: "7704218694".into(), note: "METRO".into(), ..Shop::default() }],
        about: Wording::new("Покупайте и выигрывайте.", "Buy and win."),
        ..Terms::default()
    };
    let (promotion, zone) = (promotion(full), moscow());
    let mut all = String::new();
    for locale in ["ru", "en"] {
        let speech = Speech::new(&promotion, locale, &zone);
        let keys =
            texts::ALL.iter().map(|one| one.key.to_owned()).chain(Reason::ALL.iter().map(|one| one.key()));
        for key in keys {
            let said = speech.sample(&key, moment("2024-12-10T09:00:00Z"));
            assert!(!said.is_empty() && !said.contains("{{") && !said.contains("  "), "{key}: {said}");
            let default = texts::default_of(&key, locale).expect("a default");
            assert_eq!(texts::problem_of(&key, "x", default), None, "{key}");
            all.push_str(&format!("{locale} {key}: {said}\n"));
        }
    }
    insta::assert_snapshot!("texts", all);
}

#[test]
fn own_words_go_first_and_broken_ones_last() {
    let mut terms = Terms::default();
    terms.texts.insert("accepted".into(), Wording::new("Номер {{ ticket }} ваш", ""));
    terms.texts.insert("menu".into(), Wording::new("{{ 1 / 0 }}", ""));
    terms.texts.insert("reason.small_sum".into(), Wording::new("Мало: {{ sum }}", ""));
    let (promotion, zone) = (promotion(terms), moscow());
    let speech = Speech::new(&promotion, "ru", &zone);
    assert_eq!(speech.say("accepted", &json!({ "ticket": 7 })), "Номер 7 ваш");
    assert_eq!(speech.say("menu", &json!({})), "Что дальше?");
    assert_eq!(speech.say("nonsense", &json!({})), "");
    let values = receipt_values(&code("2024-12-10T10:00", 123_456), "ru");
    assert_eq!(speech.reason(Reason::SmallSum, "", &values), "Мало: 1\u{a0}234,56\u{a0}₽");
    let said = Speech::new(&promotion, "en", &zone).say("accepted", &json!({ "ticket": 7 }));
    assert_eq!(said, "Номер 7 ваш", "own words in one language are said in both");
    for (kopecks, ru) in [
        (0, "0\u{a0}₽"),
        (5, "0,05\u{a0}₽"),
        (100_000_000, "1\u{a0}000\u{a0}000\u{a0}₽"),
        (-150, "−1,50\u{a0}₽"),
    ] {
        assert_eq!(texts::rubles(kopecks, "ru"), ru);
    }
}

#[test]
fn reasons_have_names_that_stay() {
    let names: Vec<&str> = Reason::ALL.iter().map(|one| one.as_str()).collect();
    insta::assert_snapshot!("reasons", names.join(" "));
    for reason in Reason::ALL {
        assert_eq!(Reason::from_name(reason.as_str()), Some(*reason));
        assert_eq!(serde_json::to_value(reason).expect("a name"), reason.as_str());
    }
}
