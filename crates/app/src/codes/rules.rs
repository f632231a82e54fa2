//! Pure decisions about codes: how they are made and told, and what a company may set.

use super::model::{CodeId, CodeNames, CodeRules};
use crate::loyalty::{Units, wrong_wording};
use crate::problem::{Kind, Problem};
use samovar_base::{Chance, TenantId, Vault};

/// Longest label of the button.
const LABEL_MAX: usize = 40;
const PURPOSE: &str = "confirmation code";

/// Fresh digits.
pub fn draw(chance: &Chance, digits: u32) -> String {
    let end = 10_u64.pow(digits.clamp(4, 6));
    format!("{:0width$}", chance.below(end), width = digits.clamp(4, 6) as usize)
}

/// What is stored of a code: bound to its company and its row, so that it is worth nothing elsewhere.
pub fn hash(vault: &Vault, tenant: TenantId, id: CodeId, code: &str) -> [u8; 16] {
    vault.sign(PURPOSE, format!("{tenant}/{id}/{code}").as_bytes())
}

/// Whether these are the digits, in constant time. Blanks and signs that people put between digits do not count.
pub fn fits(vault: &Vault, tenant: TenantId, id: CodeId, entered: &str, hash: &[u8]) -> bool {
    let digits: String = entered.chars().filter(char::is_ascii_digit).take(12).collect();
    vault.verify(PURPOSE, format!("{tenant}/{id}/{digits}").as_bytes(), hash)
}

impl CodeRules {
    /// Everything that is wrong with them, by field.
    pub fn problems(&self, units: &Units) -> Vec<Problem> {
        let mut found = Vec::new();
        let ranges =
            [("digits", self.digits, 4, 6), ("minutes", self.minutes, 1, 60), ("tries", self.tries, 1, 10)];
        for (field, value, least, most) in ranges.into_iter().chain([("per_hour", self.per_hour, 1, 60)]) {
            if !(least..=most).contains(&value) {
                let (ru, en) = (format!("От {least} до {most}"), format!("From {least} to {most}"));
                found.push(Problem::invalid(field, "out_of_range", ru, en));
            }
        }
        let required =
            [("required.deduct", self.required.deduct), ("required.purchase", self.required.purchase)];
        for (field, from) in required {
            if from.is_some_and(|from| from.0 < 0) {
                let (ru, en) = ("Не меньше нуля", "Not less than zero");
                found.push(Problem::invalid(field, "out_of_range", ru, en));
            }
        }
        let sample = CodeNames { code: "0412".into(), points: 5, minutes: 10, ..CodeNames::default() };
        let texts = [
            ("texts.asked", &self.texts.asked),
            ("texts.confirm", &self.texts.confirm),
            ("texts.confirmed", &self.texts.confirmed),
            ("texts.over", &self.texts.over),
            ("texts.refused", &self.texts.refused),
        ];
        found.extend(texts.into_iter().flat_map(|(field, text)| wrong_wording(units, field, text, &sample)));
        for (locale, text) in [("ru", &self.texts.asked.ru), ("en", &self.texts.asked.en)] {
            if !text.contains("code") {
                let (ru, en) = ("В тексте нет кода: {{ code }}", "The text lacks the code: {{ code }}");
                found.push(Problem::invalid(&format!("texts.asked.{locale}"), "no_code", ru, en));
            }
        }
        for (locale, text) in [("ru", &self.texts.confirm.ru), ("en", &self.texts.confirm.en)] {
            if text.chars().count() > LABEL_MAX {
                let (ru, en) = (
                    format!("На кнопке не больше {LABEL_MAX} знаков"),
                    format!("At most {LABEL_MAX} characters on a button"),
                );
                found.push(Problem::invalid(&format!("texts.confirm.{locale}"), "bad_length", ru, en));
            }
        }
        found
    }
}

pub fn required() -> Problem {
    Problem::refused(
        "code_required",
        "Эту операцию подтверждает клиент: отправьте ему код и введите его",
        "The customer has to confirm this operation: send them a code and enter it",
    )
}

pub fn wrong(left: i64) -> Problem {
    let (ru, en) = match left {
        0 => (
            "Код неверный, попытки кончились: отправьте новый".to_owned(),
            "The code is wrong and there are no tries left: send a new one".to_owned(),
        ),
        _ => (
            format!("Код неверный, осталось попыток: {left}"),
            format!("The code is wrong; tries left: {left}"),
        ),
    };
    Problem::refused("code_wrong", ru, en).at("code")
}

pub fn over() -> Problem {
    Problem::refused(
        "code_over",
        "Этот код уже не действует: отправьте новый",
        "This code is no longer good: send a new one",
    )
    .at("code")
}

pub fn other_sum() -> Problem {
    Problem::refused(
        "code_for_other_sum",
        "Код отправлен для другой суммы: на новую нужен новый код",
        "The code was sent for another sum: a new sum needs a new code",
    )
    .at("points")
}

pub fn too_often(per_hour: u32) -> Problem {
    Problem::new(
        Kind::TooMany,
        "too_many_codes",
        format!("Этому клиенту за час уже отправили кодов: {per_hour}. Подождите немного"),
        format!("This customer was sent {per_hour} codes within an hour already. Wait a little"),
    )
}

pub fn unreachable() -> Problem {
    Problem::refused(
        "unreachable",
        "Код некуда отправить: клиент не писал ботам компании или запретил им писать",
        "There is nowhere to send the code: the customer never wrote to a bot or forbade it to write",
    )
}
