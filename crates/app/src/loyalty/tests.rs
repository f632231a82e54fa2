//! The programme's rules and words.

use super::card::CardNumber;
use super::model::{Programme, Screens, Wording};
use super::rules::{Turning, card_code, read_card, read_turning, turning_code, whole_points};
use super::wording::{Names, Speech};
use crate::ledger::{Entry, NextExpiry, OperationId, Standing};
use crate::visit::Cause;
use jiff::tz::TimeZone;
use samovar_base::{Instant, Points, TenantId, Vault};

fn moment(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().expect("RFC 3339").into()
}

fn moscow() -> TimeZone {
    TimeZone::get("Europe/Moscow").expect("a zone of the IANA data")
}

fn russian(programme: &Programme, check: impl Fn(Speech<'_>)) {
    check(Speech { units: &programme.units, locale: "ru", zone: &moscow() });
}

#[test]
fn points_end_with_the_last_day_of_their_term_in_the_zone_of_the_business() {
    let programme = Programme { expiry_days: Some(30), ..Programme::default() };
    for (earned, ends) in [
        ("2026-11-21T07:00:00Z", "2026-12-21T21:00:00Z"),
        ("2026-11-21T20:59:59Z", "2026-12-21T21:00:00Z"),
        ("2026-11-21T21:00:00Z", "2026-12-22T21:00:00Z"),
    ] {
        assert_eq!(programme.expires_at(moment(earned), &moscow()), Some(moment(ends)), "{earned}");
    }
    let berlin = TimeZone::get("Europe/Berlin").expect("a zone of the IANA data");
    let over_the_change = programme.expires_at(moment("2026-10-01T10:00:00Z"), &berlin);
    assert_eq!(over_the_change, Some(moment("2026-10-31T23:00:00Z")), "the clocks went back on the way");
    assert_eq!(Programme::default().expires_at(moment("2026-10-01T10:00:00Z"), &berlin), None);
}

#[test]
fn the_default_programme_has_no_problems_and_survives_its_document() {
    let programme = Programme::default();
    assert_eq!(programme.problems(), []);
    let text = serde_json::to_string(&programme).expect("JSON");
    assert_eq!(serde_json::from_str::<Programme>(&text).expect("its own JSON"), programme);
    assert_eq!(serde_json::from_str::<Programme>("{}").expect("all has defaults"), programme);
}

#[test]
fn everything_wrong_with_a_programme_is_told_by_field() {
    let mut programme =
        Programme { welcome_points: Points(-1), expiry_days: Some(0), ..Programme::default() };
    programme.units.ru[1] = " ".into();
    programme.notices.accrual.text.en = "You got {{ amount }}".into();
    programme.notices.write_off.text.ru = "{% if %}".into();
    programme.screens = Screens { balance: Some(Wording::new("ok", "")), ..Screens::default() };
    programme.card.colours.ink = "red".into();
    let found: Vec<_> = programme
        .problems()
        .into_iter()
        .map(|problem| (problem.field.unwrap_or_default(), problem.code))
        .collect();
    let wanted = [
        ("welcome_points", "out_of_range"),
        ("expiry_days", "out_of_range"),
        ("units.ru.1", "bad_length"),
        ("notices.accrual.text.en", "bad_template"),
        ("notices.write_off.text.ru", "bad_template"),
        ("screens.balance.en", "bad_length"),
        ("card.colours.ink", "not_a_colour"),
    ];
    assert_eq!(found, wanted.map(|(field, code)| (field.to_owned(), code)));
}

#[test]
fn a_card_code_is_read_back_and_a_made_up_one_is_not() {
    let (vault, tenant) = (Vault::new([7; 32]), TenantId(5));
    let number = CardNumber::from_draw(12_345);
    let code = card_code(&vault, tenant, number);
    assert!(
        code.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'.'),
        "{code}"
    );
    assert_eq!(read_card(&vault, tenant, &format!(" {code}\n")), Ok(number));
    assert_eq!(read_card(&vault, tenant, &number.to_string()), Ok(number));
    let refusal =
        |vault: &Vault, tenant, text: &str| read_card(vault, tenant, text).map_err(|problem| problem.code);
    assert_eq!(refusal(&vault, TenantId(6), &code), Err("card_not_ours"));
    assert_eq!(refusal(&Vault::new([8; 32]), tenant, &code), Err("card_not_ours"));
    let other = card_code(&vault, tenant, CardNumber::from_draw(12_346));
    let swapped = format!("SV1.{}.{}", number.digits(), &other[17..]);
    assert_eq!(refusal(&vault, tenant, &swapped), Err("card_not_ours"));
    for text in ["", "SV1", "SV1.", "SV1..", "SV1.1.2", "1234 5678 9013 4", "кофе", &code[..16]] {
        assert_eq!(refusal(&vault, tenant, text), Err("not_a_card"), "{text}");
    }
}

#[test]
fn a_code_that_turns_is_good_in_its_window_and_the_next() {
    let (vault, tenant) = (Vault::new([7; 32]), TenantId(5));
    let number = CardNumber::from_draw(12_345);
    let mut programme = Programme::default();
    programme.card.rotating_seconds = Some(60);
    let turning = Turning::of(&programme);
    let made = moment("2026-11-21T10:00:30Z");
    let window = turning.expect("it turns").window(made);
    let code = turning_code(&vault, tenant, number, window);
    let read = |text: &str, turning, after| {
        read_turning(&vault, tenant, text, turning, made.plus_seconds(after)).map_err(|problem| problem.code)
    };
    assert_eq!((read(&code, turning, 0), read(&code, turning, 89)), (Ok(number), Ok(number)));
    assert_eq!(turning.map(|turning| turning.good_until(window)), Some(made.plus_seconds(90)));
    assert_eq!(read(&code, turning, 90), Err("card_stale"));
    assert_eq!(read(&code, turning, -31), Err("card_stale"), "nor before its time");
    assert_eq!(read(&code, None, 0), Err("card_stale"), "cards do not turn any more");
    let still = card_code(&vault, tenant, number);
    assert_eq!((read(&still, turning, 0), read(&still, None, 0)), (Err("card_stale"), Ok(number)));
    assert_eq!(read(&number.to_string(), turning, 0), Ok(number), "typed");
}

#[test]
fn points_of_a_year_end_together_and_kinds_have_their_own_term() {
    let mut programme = Programme::default();
    programme.expiry.yearly = Some("12-31".into());
    programme.expiry.days_of = [("birthday".to_owned(), 14), ("grant".to_owned(), 0)].into();
    assert_eq!(programme.problems(), []);
    let ends = |kind: &str, at: &str| programme.ends(kind, moment(at), &moscow());
    assert_eq!(ends("purchase", "2026-12-31T20:59:59Z"), Some(moment("2026-12-31T21:00:00Z")));
    assert_eq!(ends("purchase", "2026-12-31T21:00:00Z"), Some(moment("2027-12-31T21:00:00Z")));
    assert_eq!(ends("birthday", "2026-11-21T09:00:00Z"), Some(moment("2026-12-05T21:00:00Z")));
    assert_eq!(ends("grant", "2026-11-21T09:00:00Z"), None);
    programme.expiry.yearly = Some("02-30".into());
    programme.expiry_days = Some(5);
    programme.warnings.until = "09:00".into();
    programme.birthday.hour = "25:00".into();
    programme.earning.percent_bp = samovar_base::Rate(10_001);
    let found: Vec<_> = programme.problems().into_iter().filter_map(|problem| problem.field).collect();
    let wanted = ["expiry.yearly", "expiry.yearly", "earning.percent_bp", "birthday.hour", "warnings.until"];
    assert_eq!(found, wanted);
}

#[test]
fn a_balance_is_said_as_people_say_it() {
    let next = NextExpiry { points: Points(20), at: moment("2027-01-20T21:00:00Z") };
    let standing = |balance: i64, held: i64| Standing {
        balance: Points(balance),
        held: Points(held),
        available: Points((balance - held).max(0)),
    };
    let programme = Programme::default();
    russian(&programme, |speech| {
        let say = |balance, held, next| speech.balance(standing(balance, held), next).replace('\u{a0}', " ");
        assert_eq!(say(1_241, 0, None), "У вас 1 241 балл.");
        assert_eq!(say(0, 0, None), "У вас пока нет баллов.");
        assert_eq!(
            say(142, 40, Some(next)),
            "У вас 102 балла.\nВ резерве 40 баллов.\nИз них 20 баллов действуют до 20.01.2027 включительно."
        );
        assert_eq!(say(40, 40, None), "Свободных баллов сейчас нет.\nВ резерве 40 баллов.");
        assert_eq!(say(-35, 0, None), "Вы должны 35 баллов: долг погасят следующие начисления.");
    });
    let zone = moscow();
    let english = Speech { units: &programme.units, locale: "en-GB", zone: &zone };
    let said = english.balance(standing(1, 0), Some(next)).replace('\u{a0}', " ");
    assert_eq!(said, "You have 1 point.\nOf these, 20 points can be spent through 20 Jan 2027.");
}

#[test]
fn history_tells_day_sum_and_what_for() {
    let entry = |points: i64, kind: &str, note: Option<&str>, at: &str| Entry {
        id: OperationId(1),
        key: String::new(),
        kind: kind.into(),
        points: Points(points),
        balance: Points(0),
        subject: None,
        note: note.map(str::to_owned),
        cause: Cause::new("update", ""),
        at: moment(at),
    };
    let entries = [
        entry(-1_500, "spend", None, "2026-11-21T22:00:00Z"),
        entry(100, "grant", Some("За отзыв"), "2026-11-20T09:00:00Z"),
        entry(50, "welcome", None, "2026-11-01T09:00:00Z"),
    ];
    russian(&Programme::default(), |speech| {
        assert_eq!(
            speech.history("История", &entries).replace('\u{a0}', " "),
            "История\n\n22.11.2026  −1 500  Оплата баллами\n20.11.2026  +100  За отзыв\n01.11.2026  +50  За знакомство"
        );
    });
}

#[test]
fn notices_fill_in_units_of_the_company() {
    let mut programme = Programme::default();
    programme.units.ru = ["зерно", "зерна", "зёрен"].map(str::to_owned);
    let names = Names { points: 21, balance: 1_002, comment: "за отзыв".into(), ..Names::default() };
    russian(&programme, |speech| {
        let said = speech.render(&programme.notices.accrual.text, &names).replace('\u{a0}', " ");
        assert_eq!(said, "Вам начислено 21 зерно: за отзыв.\nТеперь у вас 1 002 зерна.");
        let silent = Names { comment: String::new(), ..names.clone() };
        let said = speech.render(&programme.notices.write_off.text, &silent).replace('\u{a0}', " ");
        assert_eq!(said, "Списано 21 зерно.\nОсталось 1 002 зерна.");
    });
}

#[test]
fn a_text_of_the_company_cannot_run_for_ever() {
    let endless = "{% for a in range(10000) %}{% for b in range(10000) %}x{% endfor %}{% endfor %}";
    russian(&Programme::default(), |speech| assert!(speech.try_text(endless).is_err()));
}

#[test]
fn points_of_a_scenario_are_whole() {
    use serde_json::json;
    for (given, points) in
        [(json!(5), Some(5)), (json!(" 12 "), Some(12)), (json!(1.5), None), (json!("много"), None)]
    {
        assert_eq!(whole_points(Some(&given)), points.map(Points), "{given}");
    }
    assert_eq!(whole_points(None), None);
}

mod purchases {
    //! What a purchase comes to.

    use super::super::model::{Base, Earning, Programme, Spending};
    use super::super::purchase::{Booked, Item, Purchase, Weight};
    use proptest::prelude::*;
    use samovar_base::{Points, Rate, Rounding};

    fn earning(earning: Earning) -> Programme {
        Programme { earning, ..Programme::default() }
    }

    fn earns(programme: &Programme, purchase: &Purchase) -> i64 {
        programme.quote(purchase, Points(1_000)).expect("a purchase").earns.0
    }

    #[test]
    fn a_share_is_rounded_once_as_the_programme_says() {
        for (rounding, points) in [(Rounding::Down, 79), (Rounding::HalfUp, 80), (Rounding::Up, 80)] {
            let programme = earning(Earning { percent_bp: Rate(500), rounding, ..Earning::default() });
            assert_eq!(
                earns(&programme, &Purchase::of(159_000)),
                points,
                "{rounding:?}: 5% of 1 590 is 79.5"
            );
        }
        let ten_minor =
            Programme { point_minor: 10, ..earning(Earning { percent_bp: Rate(500), ..Earning::default() }) };
        assert_eq!(earns(&ten_minor, &Purchase::of(159_000)), 795, "cheaper points, more of them");
    }

    #[test]
    fn what_is_paid_with_points_earns_only_when_the_programme_says_so() {
        let purchase = Purchase { pay_points: Some(Points(400)), ..Purchase::of(100_000) };
        for (of, points) in [(Base::Paid, 60), (Base::Whole, 100)] {
            let programme = earning(Earning { percent_bp: Rate(1_000), of, ..Earning::default() });
            assert_eq!(earns(&programme, &purchase), points, "{of:?}");
        }
    }

    #[test]
    fn services_have_their_own_weight_and_the_rest_the_common_one() {
        let item =
            |key: &str, quantity, sum_minor, weight| Item { key: key.into(), quantity, sum_minor, weight };
        let items = vec![
            item("nails", 1, 200_000, Some(Weight::PercentBp(Rate(1_000)))),
            item("polish", 3, 90_000, Some(Weight::Points(Points(15)))),
            item("gift card", 1, 100_000, Some(Weight::PercentBp(Rate(0)))),
            item("cream", 1, 50_000, None),
        ];
        let purchase = Purchase { items, ..Purchase::of(500_000) };
        let programme = earning(Earning { percent_bp: Rate(500), ..Earning::default() });
        assert_eq!(earns(&programme, &purchase), 200 + 45 + 25 + 30);
    }

    #[test]
    fn limits_hold() {
        let programme = earning(Earning {
            percent_bp: Rate(1_000),
            fixed: Points(5),
            minimum_minor: 50_000,
            maximum: Some(Points(60)),
            ..Earning::default()
        });
        assert_eq!(earns(&programme, &Purchase::of(49_999)), 0);
        assert_eq!(earns(&programme, &Purchase::of(50_000)), 55);
        assert_eq!(earns(&programme, &Purchase::of(90_000)), 60);
        let spending = Spending { fixed: Some(Points(200)), ..Spending::default() };
        let programme = Programme { spending, ..Programme::default() };
        let most = |sum| programme.quote(&Purchase::of(sum), Points(500)).expect("a purchase").most.0;
        assert_eq!((most(19_999), most(20_000), most(90_000)), (0, 200, 200));
    }

    proptest! {
        #[test]
        fn nobody_pays_more_than_the_share_or_than_they_have(
            sum in 1_i64..10_000_000, share in 0_u32..=10_000, worth in 1_i64..5_000, available in 0_i64..100_000
        ) {
            let spending = Spending { max_percent_bp: Rate(share), ..Spending::default() };
            let programme = Programme { point_minor: worth, spending, ..Programme::default() };
            let most = programme.quote(&Purchase::of(sum), Points(available)).expect("a purchase").most;
            prop_assert!(most.0 <= available && most.0 * worth * 10_000 <= sum * i64::from(share));
            if most.is_positive() {
                let paid = Purchase { pay_points: Some(most), ..Purchase::of(sum) };
                let sums = programme.quote(&paid, Points(available)).expect("so much may be paid");
                prop_assert!(sums.to_pay_minor >= 0 && sums.pays == most);
            }
            let over = Purchase { pay_points: Some(Points(most.0 + 1)), ..Purchase::of(sum) };
            prop_assert!(programme.quote(&over, Points(available)).is_err());
        }

        #[test]
        fn parts_brought_back_never_come_to_more_than_the_whole(
            sum in 1_i64..1_000_000, worth in 1_i64..2_000, share in 0_i64..=100, earned in 0_i64..5_000,
            cuts in proptest::collection::vec(1_i64..400_000, 0..8), up in any::<bool>()
        ) {
            let paid = sum * share / 100 / worth;
            let rounding = if up { Rounding::Up } else { Rounding::Down };
            let mut booked = Booked {
                sum_minor: sum, paid: Points(paid), point_minor: worth, earned: Points(earned),
                refunded_minor: 0, money_back_minor: 0,
            };
            let (mut returned, mut taken) = (0, 0);
            for cut in cuts.into_iter().map(Some).chain([None]) {
                let Ok(back) = booked.back(cut, rounding) else { continue };
                prop_assert!(back.returns.0 >= 0 && back.takes.0 >= 0 && back.money_minor >= 0);
                returned += back.returns.0;
                taken += back.takes.0;
                booked.refunded_minor += back.sum_minor;
                booked.money_back_minor += back.money_minor;
                prop_assert!(returned <= paid && taken <= earned && booked.money_back_minor <= sum - paid * worth);
            }
            prop_assert_eq!((returned, taken), (paid, earned));
            prop_assert_eq!((booked.refunded_minor, booked.money_back_minor), (sum, sum - paid * worth));
        }
    }
}
