//! What is wrong with a draft, where, and in whose language.

use crate::Locale;
use serde::Serialize;

/// One thing that is wrong with a draft.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Whether the draft can be published with it.
    pub severity: Severity,
    /// Where.
    pub at: Place,
    /// What, for programs.
    pub code: &'static str,
    /// The name or value it is about.
    pub detail: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Can be published.
    Warning,
    /// Cannot.
    Error,
}

/// Where a problem is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "part", rename_all = "snake_case")]
pub enum Place {
    /// The scenario as a whole.
    Scenario {
        /// Which part of it.
        field: String,
    },
    /// A trigger.
    Trigger {
        /// From zero.
        index: usize,
        /// Which part of it.
        field: String,
    },
    /// A step.
    Step {
        /// Which.
        step: String,
        /// Which part of it.
        field: String,
    },
    /// An edge.
    Edge {
        /// `step` or `step.port`.
        edge: String,
    },
    /// A sentence of the system.
    Text {
        /// Its name.
        name: String,
    },
}

impl Problem {
    /// Where and what, in a language.
    pub fn text(&self, locale: Locale) -> String {
        format!("{}: {}", self.place(locale), self.sentence(locale).replace("{}", &self.detail))
    }

    /// Every code there is.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        SENTENCES.iter().map(|(code, _, _)| *code)
    }

    pub(crate) fn error(at: Place, code: &'static str, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Error, at, code, detail: detail.into() }
    }

    pub(crate) fn warning(at: Place, code: &'static str, detail: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, at, code, detail: detail.into() }
    }

    fn place(&self, locale: Locale) -> String {
        let (what, field) = match (&self.at, locale) {
            (Place::Scenario { field }, Locale::Ru) => ("сценарий".to_owned(), field.as_str()),
            (Place::Scenario { field }, Locale::En) => ("scenario".to_owned(), field.as_str()),
            (Place::Trigger { index, field }, Locale::Ru) => {
                (format!("запуск {}", index + 1), field.as_str())
            }
            (Place::Trigger { index, field }, Locale::En) => {
                (format!("trigger {}", index + 1), field.as_str())
            }
            (Place::Step { step, field }, Locale::Ru) => (format!("шаг «{step}»"), field.as_str()),
            (Place::Step { step, field }, Locale::En) => (format!("step “{step}”"), field.as_str()),
            (Place::Edge { edge }, Locale::Ru) => (format!("связь «{edge}»"), ""),
            (Place::Edge { edge }, Locale::En) => (format!("edge “{edge}”"), ""),
            (Place::Text { name }, Locale::Ru) => (format!("фраза «{name}»"), ""),
            (Place::Text { name }, Locale::En) => (format!("text “{name}”"), ""),
        };
        if field.is_empty() { what } else { format!("{what}, {field}") }
    }

    fn sentence(&self, locale: Locale) -> &'static str {
        let known = SENTENCES.iter().find(|(code, _, _)| *code == self.code);
        match (known, locale) {
            (Some((_, ru, _)), Locale::Ru) => ru,
            (Some((_, _, en)), Locale::En) => en,
            (None, _) => "{}",
        }
    }
}

/// Every code there is, with its sentence in Russian and in English; `{}` is the detail.
pub(crate) const SENTENCES: &[(&str, &str, &str)] = &[
    ("syntax", "файл не читается: {}", "the file cannot be read: {}"),
    ("unknown_key", "неизвестное поле «{}»", "unknown field “{}”"),
    ("bad_value", "значение не подходит: {}", "the value does not fit: {}"),
    ("missing", "не заполнено поле «{}»", "“{}” is missing"),
    (
        "bad_name",
        "имя «{}» не подходит: нужны строчные латинские буквы, цифры, «_» и «-», не больше 40",
        "“{}” is not a name: use lower-case Latin letters, digits, “_” and “-”, at most 40",
    ),
    (
        "bad_locale",
        "язык «{}» не поддерживается, будет английский",
        "language “{}” is not supported, English is used",
    ),
    ("too_large", "слишком много: {}", "too many: {}"),
    (
        "no_entry",
        "нет ни одного запуска: сценарий никогда не начнётся",
        "there is no trigger: the scenario never begins",
    ),
    ("unknown_step", "шага «{}» нет", "there is no step “{}”"),
    ("unknown_port", "у шага нет выхода «{}»", "the step has no port “{}”"),
    (
        "doubled_edge",
        "выход уже связан другой записью: «{}»",
        "the port is already wired by another entry: “{}”",
    ),
    ("unwired", "выход «{}» никуда не ведёт", "port “{}” leads nowhere"),
    ("unreachable", "на этот шаг никто не попадёт", "nobody can get to this step"),
    (
        "endless",
        "сценарий ходит по кругу без остановки: {}",
        "the scenario runs in a circle without a stop: {}",
    ),
    ("unknown_event", "события «{}» нет", "there is no event “{}”"),
    ("unknown_value", "у события нет значения «{}»", "the event brings no value “{}”"),
    (
        "not_a_date",
        "«{}» не дата клиента: нужна contact.birthday или поле contact.fields.…",
        "“{}” is not a date of the contact: use contact.birthday or a field contact.fields.…",
    ),
    ("bad_days", "дней может быть от −180 до 180, а не {}", "days are −180 to 180, not {}"),
    ("bad_time", "время «{}» не подходит: нужно «ЧЧ:ММ»", "“{}” is not a time: use “HH:MM”"),
    ("unknown_action", "действия «{}» нет", "there is no action “{}”"),
    ("unknown_screen", "экрана «{}» нет", "there is no screen “{}”"),
    ("unknown_param", "параметра «{}» нет", "there is no parameter “{}”"),
    ("missing_param", "не указан параметр «{}»", "parameter “{}” is missing"),
    ("bad_param", "параметр «{}» другого вида", "parameter “{}” is of another kind"),
    ("unknown_fact", "переменной «{}» нет", "there is no variable “{}”"),
    ("unset_var", "переменную «{}» ни один шаг не записывает", "no step writes variable “{}”"),
    ("not_writable", "в «{}» сценарий писать не может", "a scenario cannot write to “{}”"),
    ("bad_template", "шаблон не читается: {}", "the template cannot be read: {}"),
    ("unknown_filter", "фильтра «{}» нет", "there is no filter “{}”"),
    ("empty_text", "нет текста", "there is no text"),
    (
        "long_text",
        "текст длиннее {} знаков: придёт частями",
        "the text is longer than {} characters: it will come in parts",
    ),
    (
        "long_label",
        "надпись на кнопке длиннее 40 знаков, её обрежут: «{}»",
        "the label is longer than 40 characters and will be cut: “{}”",
    ),
    ("no_choices", "нет ни одного варианта", "there are no choices"),
    ("doubled_choice", "вариант «{}» повторяется", "choice “{}” is there twice"),
    (
        "doubled_label",
        "надпись «{}» повторяется: набранный ответ не отличить",
        "label “{}” is there twice: a typed answer cannot be told apart",
    ),
    ("reserved", "имя «{}» занято самим шагом", "name “{}” belongs to the step itself"),
    ("no_cases", "нет ни одного условия", "there are no cases"),
    ("bad_condition", "условие не подходит: {}", "the condition does not fit: {}"),
    (
        "bad_url",
        "адрес «{}» не подходит: нужен https://, http://, tel: или mailto:",
        "“{}” is not an address: use https://, http://, tel: or mailto:",
    ),
    ("bad_bound", "граница «{}» не подходит к виду ответа", "bound “{}” does not fit the kind of answer"),
    ("bad_bounds", "нижняя граница выше верхней", "the lower bound is above the upper one"),
    (
        "no_phone",
        "кнопка телефона годится только для вопроса о телефоне",
        "a phone button fits only a question for a phone number",
    ),
    ("one_of", "нужно ровно одно из двух: {}", "exactly one of both is needed: {}"),
    (
        "bad_moment",
        "время «{}» не подходит: нужно «ЧЧ:ММ» или «ГГГГ-ММ-ДД ЧЧ:ММ»",
        "“{}” is not a time: use “HH:MM” or “YYYY-MM-DD HH:MM”",
    ),
    ("empty_phrase", "пустая фраза", "an empty phrase"),
    ("doubled_trigger", "такой запуск уже есть: «{}»", "there is already such a trigger: “{}”"),
    ("unknown_text", "фразы «{}» нет", "there is no text “{}”"),
    ("bad_columns", "кнопок в ряду может быть от 1 до 8", "a row has 1 to 8 buttons"),
    ("bad_tries", "попыток может быть от 1 до 20", "tries are 1 to 20"),
    (
        "token_clash",
        "кнопки «{}» не отличить друг от друга: переименуйте вариант",
        "buttons “{}” cannot be told apart: rename the choice",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_speak_both_languages() {
        let at = Place::Step { step: "menu".into(), field: "text".into() };
        let problem = Problem::error(at, "unknown_fact", "contact.nmae");
        assert_eq!(problem.text(Locale::Ru), "шаг «menu», text: переменной «contact.nmae» нет");
        assert_eq!(problem.text(Locale::En), "step “menu”, text: there is no variable “contact.nmae”");
    }

    #[test]
    fn codes_are_told_once() {
        let mut codes: Vec<_> = SENTENCES.iter().map(|(code, _, _)| code).collect();
        codes.sort_unstable();
        assert!(codes.windows(2).all(|pair| pair[0] != pair[1]));
    }
}
