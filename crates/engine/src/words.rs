//! Words that do not come from the scenario: the system's sentences, plurals, numbers; and how typed words are compared.

use serde::{Deserialize, Serialize};

/// The languages the program itself speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// Russian.
    #[default]
    Ru,
    /// English.
    En,
}

impl Locale {
    /// By language tag: `ru`, `ru-RU`; English for any other.
    pub fn from_tag(tag: &str) -> Self {
        let language = tag.split(['-', '_']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("ru") { Self::Ru } else { Self::En }
    }
}

macro_rules! system_texts {
    ($($(#[$doc:meta])* $variant:ident $name:literal $ru:literal $en:literal;)*) => {
        /// A sentence of the system; a scenario may word it differently under its name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum SystemText {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl SystemText {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Its name in a scenario's `texts`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What is said unless the scenario words it.
            pub const fn default_text(self, locale: Locale) -> &'static str {
                match (self, locale) {
                    $((Self::$variant, Locale::Ru) => $ru, (Self::$variant, Locale::En) => $en,)*
                }
            }
        }
    };
}

system_texts! {
    /// An answer fits nothing.
    NotUnderstood "not_understood"
        "Не получилось понять ответ. Выберите, пожалуйста, один из вариантов."
        "Sorry, I did not get that. Please choose one of the options.";
    /// Nothing is being asked, and no trigger knows the text.
    NothingAsked "nothing_asked"
        "Я пока не умею отвечать на такие сообщения."
        "I cannot answer such messages yet.";
    /// An old button was pressed.
    StaleButton "stale_button"
        "Эта кнопка уже не действует."
        "This button no longer works.";
    /// Too many inputs.
    TooFast "too_fast"
        "Слишком много сообщений подряд. Подождите, пожалуйста, минуту."
        "Too many messages at once. Please wait a minute.";
    /// A person is called.
    HandedOff "handed_off"
        "Передаю ваш вопрос сотруднику. Вам ответят здесь же."
        "I am passing your question to our team. They will answer right here.";
    /// The scenario ran in a circle or could not go on.
    Broken "broken"
        "Что-то пошло не так. Мы уже разбираемся, вам ответит сотрудник."
        "Something went wrong. We are on it: our team will answer you.";
    /// Not words where words are needed.
    NotText "not_text"
        "Ответьте, пожалуйста, текстом."
        "Please answer with a text.";
    /// A text of a wrong length.
    BadLength "bad_length"
        "Такой ответ слишком короткий или слишком длинный. Попробуйте ещё раз."
        "This answer is too short or too long. Please try again.";
    /// Not a name.
    NotName "not_name"
        "Напишите, пожалуйста, имя буквами."
        "Please write the name in letters.";
    /// Not a phone number.
    NotPhone "not_phone"
        "Не похоже на номер телефона. Напишите его, например, так: +7 916 123-45-67."
        "This does not look like a phone number. Please write it like this: +44 20 7946 0958.";
    /// A typed number where the button is wanted.
    PhoneByButton "phone_by_button"
        "Нажмите, пожалуйста, кнопку под полем ввода: так мы убедимся, что номер ваш."
        "Please tap the button below the message field, so that we know the number is yours.";
    /// A shared number that is not the sender's own.
    PhoneNotOwn "phone_not_own"
        "Это чужой контакт. Нажмите кнопку под полем ввода, чтобы отправить свой номер."
        "This is someone else's contact. Tap the button below the message field to share your own number.";
    /// Not an e-mail address.
    NotEmail "not_email"
        "Не похоже на адрес почты. Напишите его, например, так: name@example.com."
        "This does not look like an e-mail address. Please write it like this: name@example.com.";
    /// Not a number.
    NotNumber "not_number"
        "Напишите, пожалуйста, число цифрами."
        "Please write a number in digits.";
    /// Not a sum of money.
    NotMoney "not_money"
        "Напишите, пожалуйста, сумму цифрами, например: 1500 или 1 500,50."
        "Please write the sum in digits, for example 1500 or 1 500.50.";
    /// A number outside its bounds.
    NumberOutside "number_outside"
        "Такое число не подходит. Попробуйте другое."
        "This number does not fit. Please try another.";
    /// Not a date.
    NotDate "not_date"
        "Напишите, пожалуйста, дату так: 17.05.1990."
        "Please write the date like this: 17.05.1990 (day, month, year).";
    /// A date outside its bounds.
    DateOutside "date_outside"
        "Такая дата не подходит. Проверьте её и напишите ещё раз."
        "This date does not fit. Please check it and write it again.";
    /// Not a picture.
    NotPhoto "not_photo"
        "Пришлите, пожалуйста, фотографию."
        "Please send a photo.";
    /// Not a file.
    NotDocument "not_document"
        "Пришлите, пожалуйста, файл или фотографию."
        "Please send a file or a photo.";
    /// The button of the page before.
    PagePrevious "page_previous" "← Назад" "← Back";
    /// The button of the page after.
    PageNext "page_next" "Дальше →" "More →";
}

impl SystemText {
    /// It tells how a phone number is shared, which a question's own wording for a wrong answer does not.
    pub(crate) const fn is_about_phone(self) -> bool {
        matches!(self, Self::PhoneByButton | Self::PhoneNotOwn)
    }
    /// By its name in a scenario's `texts`.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|text| text.name() == name)
    }
}

/// How typed words are compared: small letters, «ё» as «е», only letters and digits, single blanks between words.
/// Words that have neither (a lone emoji) are only trimmed.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut gap = false;
    for letter in text.chars() {
        if letter.is_alphanumeric() {
            if gap && !out.is_empty() {
                out.push(' ');
            }
            gap = false;
            out.extend(letter.to_lowercase().map(|small| if small == 'ё' { 'е' } else { small }));
        } else {
            gap = true;
        }
    }
    if out.is_empty() { text.trim().to_owned() } else { out }
}

/// The number with no-break blanks between thousands and a true minus.
pub(crate) fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + 8);
    if number < 0 {
        out.push('−');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    out
}

/// The form that goes with the number: Russian by its three forms, English by the first two.
pub(crate) fn plural(locale: Locale, number: i64, forms: [&str; 3]) -> &str {
    let number = number.unsigned_abs();
    match (locale, number % 10, number % 100) {
        (Locale::En, ..) => forms[usize::from(number != 1)],
        (Locale::Ru, 1, tens) if tens != 11 => forms[0],
        (Locale::Ru, 2..=4, tens) if !(12..=14).contains(&tens) => forms[1],
        (Locale::Ru, ..) => forms[2],
    }
}

/// Points with their word.
pub(crate) fn points(locale: Locale, number: i64) -> String {
    let forms = match locale {
        Locale::Ru => ["балл", "балла", "баллов"],
        Locale::En => ["point", "points", "points"],
    };
    format!("{}\u{a0}{}", grouped(number), plural(locale, number, forms))
}

/// A date as people read it.
pub(crate) fn date(locale: Locale, date: jiff::civil::Date) -> String {
    let month = usize::try_from(date.month() - 1).unwrap_or(0);
    format!("{}\u{a0}{} {}", date.day(), months(locale)[month], date.year())
}

/// Names of months as they stand in dates.
pub(crate) fn months(locale: Locale) -> [&'static str; 12] {
    match locale {
        Locale::Ru => [
            "января",
            "февраля",
            "марта",
            "апреля",
            "мая",
            "июня",
            "июля",
            "августа",
            "сентября",
            "октября",
            "ноября",
            "декабря",
        ],
        Locale::En => [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    }
}

/// The name by which a person is addressed: the first word.
pub(crate) fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_compared_by_letters_and_digits() {
        for (typed, same) in [
            ("  БАЛАНС! ", "баланс"),
            ("/menu", "menu"),
            ("⭐ Мой   баланс…", "мой баланс"),
            ("Счёт", "счет"),
            ("1.", "1"),
            ("👍", "👍"),
            ("", ""),
        ] {
            assert_eq!(normalise(typed), same);
        }
    }

    #[test]
    fn points_agree_with_their_number() {
        let ru = |number| points(Locale::Ru, number).replace('\u{a0}', " ");
        for (number, text) in [
            (0, "0 баллов"),
            (1, "1 балл"),
            (2, "2 балла"),
            (5, "5 баллов"),
            (11, "11 баллов"),
            (14, "14 баллов"),
            (21, "21 балл"),
            (-103, "−103 балла"),
            (1_112, "1 112 баллов"),
            (1_234_567, "1 234 567 баллов"),
            (i64::MIN, "−9 223 372 036 854 775 808 баллов"),
        ] {
            assert_eq!(ru(number), text);
        }
        assert_eq!(points(Locale::En, 1), "1\u{a0}point");
        assert_eq!(points(Locale::En, 21), "21\u{a0}points");
    }

    #[test]
    fn names_of_system_texts_lead_back() {
        for text in SystemText::ALL {
            assert_eq!(SystemText::by_name(text.name()), Some(*text));
        }
    }
}
