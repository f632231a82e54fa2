use super::rules::{draw, fits, hash};
use super::*;
use crate::loyalty::Units;
use samovar_base::{Chance, TenantId, Vault};

#[test]
fn a_code_fits_its_row_and_company_only() {
    let vault = Vault::new([7; 32]);
    let (ours, theirs, id, other) = (TenantId(1), TenantId(2), CodeId(5), CodeId(6));
    let kept = hash(&vault, ours, id, "0412");
    for good in ["0412", " 04 12 ", "04-12", "Код 0412"] {
        assert!(fits(&vault, ours, id, good, &kept), "{good}");
    }
    for bad in ["0413", "412", "00412", "", "четыре"] {
        assert!(!fits(&vault, ours, id, bad, &kept), "{bad}");
    }
    assert!(!fits(&vault, theirs, id, "0412", &kept) && !fits(&vault, ours, other, "0412", &kept));
}

#[test]
fn codes_have_as_many_digits_as_the_rules_say() {
    let chance = Chance::from_seed(3);
    for digits in 4..=6 {
        for _ in 0..2_000 {
            let code = draw(&chance, digits);
            assert!(
                code.len() == digits as usize && code.bytes().all(|byte| byte.is_ascii_digit()),
                "{code}"
            );
        }
    }
}

#[test]
fn rules_are_checked_by_field() {
    let units = Units::default();
    assert_eq!(CodeRules::default().problems(&units), []);
    let mut rules = CodeRules { digits: 3, minutes: 0, tries: 11, per_hour: 61, ..CodeRules::default() };
    rules.required.deduct = Some(Points(-1));
    rules.texts.asked.ru = "Подтвердите {{ pointz }}".into();
    rules.texts.confirm.en = "x".repeat(41);
    let found = rules.problems(&units);
    let told: Vec<_> =
        found.iter().map(|problem| (problem.field.as_deref().unwrap_or_default(), problem.code)).collect();
    assert_eq!(
        told,
        [
            ("digits", "out_of_range"),
            ("minutes", "out_of_range"),
            ("tries", "out_of_range"),
            ("per_hour", "out_of_range"),
            ("required.deduct", "out_of_range"),
            ("texts.asked.ru", "bad_template"),
            ("texts.asked.ru", "no_code"),
            ("texts.confirm.en", "bad_length"),
        ]
    );
}
