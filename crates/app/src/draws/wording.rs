//! What winners are told. Pure.

use super::model::{Rules, TaxRule, Texts};
use crate::loyalty::{Units, Wording, wrong_wording};
use crate::problem::Problem;
use serde::Serialize;

/// Longest label of a button, in letters.
const LABEL_MAX: usize = 40;
/// How long an answer may be waited for, in hours.
const ANSWER_HOURS_MAX: i64 = 24 * 60;

/// What the texts may name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub(super) struct Names {
    /// The prize.
    pub prize: String,
    /// The draw.
    pub draw: String,
    /// The promotion.
    pub promotion: String,
    /// Number of the ticket.
    pub ticket: i64,
    /// Until when an answer is waited for: day and hour where the business is.
    pub until: String,
    /// First name; may be empty.
    pub name: String,
    /// The company.
    pub business: String,
    /// What the staff wrote: the number of a parcel; may be empty.
    pub note: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self {
            won: Wording::new(
                "{% if name %}{{ name }}, ваш{% else %}Ваш{% endif %} билет № {{ ticket }} выиграл: {{ prize }}.\n\
                 Розыгрыш «{{ draw }}», акция «{{ promotion }}».\n\n\
                 Возьмёте приз? Ответьте до {{ until }}: потом он перейдёт к следующему из резерва.",
                "{% if name %}{{ name }}, your{% else %}Your{% endif %} ticket No. {{ ticket }} has won: {{ prize }}.\n\
                 The draw “{{ draw }}”, the promotion “{{ promotion }}”.\n\n\
                 Will you take the prize? Please answer by {{ until }}: after that it passes to the next in reserve.",
            ),
            take: Wording::new("Беру приз", "I take it"),
            refuse: Wording::new("Отказаться", "No, thanks"),
            taken: Wording::new(
                "Приз за вами: {{ prize }}. Осталось сказать, кому и куда его отправить.",
                "The prize is yours: {{ prize }}. It only remains to say to whom and where to send it.",
            ),
            refused: Wording::new(
                "Хорошо, приз перейдёт к следующему из резерва. Спасибо, что ответили.",
                "All right, the prize passes to the next in reserve. Thank you for the answer.",
            ),
            late: Wording::new(
                "Этот приз уже не ждёт ответа. Если вы думаете, что это ошибка, напишите нам сюда.",
                "This prize does not wait for an answer any more. If you think that is a mistake, write to us here.",
            ),
            sent: Wording::new(
                "Приз отправлен: {{ prize }}.{% if note %}\n{{ note }}{% endif %}",
                "The prize is on its way: {{ prize }}.{% if note %}\n{{ note }}{% endif %}",
            ),
        }
    }
}

impl Default for Rules {
    fn default() -> Self {
        Self { answer_hours: 72, tax: TaxRule::default(), texts: Texts::default() }
    }
}

impl Rules {
    /// What is wrong with them, by field.
    pub(super) fn problems(&self, units: &Units) -> Vec<Problem> {
        let mut problems = Vec::new();
        if !(1..=ANSWER_HOURS_MAX).contains(&self.answer_hours) {
            let ru = format!("Ответа можно ждать от 1 до {ANSWER_HOURS_MAX} часов");
            let en = format!("An answer can be waited for from 1 to {ANSWER_HOURS_MAX} hours");
            problems.push(Problem::invalid("answer_hours", "out_of_range", ru, en));
        }
        if self.tax.free < 0 || !(0..=10_000).contains(&self.tax.rate) {
            let ru = "Необлагаемая сумма не меньше нуля, ставка от 0 до 10000 (сотые доли процента)";
            let en = "The free sum is not below zero, the rate is from 0 to 10000 (hundredths of a per cent)";
            problems.push(Problem::invalid("tax", "out_of_range", ru, en));
        }
        let sample = Names {
            prize: "…".into(),
            until: "…".into(),
            name: "…".into(),
            note: "…".into(),
            ..Names::default()
        };
        let Texts { won, take, refuse, taken, refused, late, sent } = &self.texts;
        let all = [
            ("won", won),
            ("take", take),
            ("refuse", refuse),
            ("taken", taken),
            ("refused", refused),
            ("late", late),
            ("sent", sent),
        ];
        for (name, wording) in all {
            problems.extend(wrong_wording(units, &format!("texts.{name}"), wording, &sample));
        }
        for (name, label) in [("take", take), ("refuse", refuse)] {
            if label.ru.chars().count() > LABEL_MAX || label.en.chars().count() > LABEL_MAX {
                let ru = format!("На кнопке помещается {LABEL_MAX} знаков");
                let en = format!("A button holds {LABEL_MAX} characters");
                problems.push(Problem::invalid(&format!("texts.{name}"), "bad_length", ru, en));
            }
        }
        problems
    }
}
