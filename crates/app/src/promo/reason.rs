//! Why a receipt is refused, or waits for a person: with a name for tables, and a sentence that says what to do next.

use crate::problem::Problem;
use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident $code:literal $($fate:ident)? {
        $title_ru:literal $title_en:literal $said_ru:literal $said_en:literal
    })*) => {
        /// Why. Names are stored and are keys of texts (`reason.small_sum`): they never change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The name in tables and answers.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
            /// For the staff, short.
            pub fn title(self, locale: &str) -> &'static str {
                match (self, locale.starts_with("ru")) {
                    $((Self::$name, true) => $title_ru, (Self::$name, false) => $title_en,)*
                }
            }
            /// What the participant reads by default: a template, see [`super::texts`].
            pub fn said(self, locale: &str) -> &'static str {
                match (self, locale.starts_with("ru")) {
                    $((Self::$name, true) => $said_ru, (Self::$name, false) => $said_en,)*
                }
            }
            /// The receipt is not refused: a person of the company decides.
            pub const fn waits(self) -> bool {
                match self { $(Self::$name => reasons!(@waits $($fate)?),)* }
            }
        }
    };
    (@waits waits) => { true };
    (@waits) => { false };
}

reasons! {
    /// Nothing could be read in what was sent.
    Unreadable "unreadable" {
        "код не читается" "the code cannot be read"
        "QR-код на снимке не прочитался. Положите чек на ровное место, добавьте света и снимите код крупно и целиком, без бликов. Не выйдет — нажмите «Ввести вручную»."
        "The QR code in the picture could not be read. Lay the receipt flat, add some light and take the whole code, large and without glare. If that fails, press “Type it in”."
    }
    /// It is a code, but not of a receipt.
    NotReceipt "not_receipt" {
        "это не чек" "not a receipt"
        "Это код, но не с кассового чека{% if details %}: {{ details }}{% endif %}. Пришлите QR-код, который напечатан внизу кассового чека."
        "This is a code, but not one of a till receipt{% if details %}: {{ details }}{% endif %}. Send the QR code printed at the bottom of the receipt."
    }
    /// A return or a purchase from a person.
    NotSale "not_sale" {
        "чек не на продажу" "not a sale"
        "Это чек возврата или выплаты, а в акции участвуют чеки на покупку. Пришлите чек, который вы получили при оплате."
        "This receipt is of a return or a payout; the promotion takes receipts of purchases. Send the one you got when you paid."
    }
    /// It is dated later than could be.
    Future "future" {
        "чек из будущего" "dated in the future"
        "На чеке дата, которая ещё не наступила: {{ bought }}. Если на кассе сбились часы, напишите нам: «помощь»."
        "The receipt has a date that is still to come: {{ bought }}. If the till's clock was wrong, write to us: “help”."
    }
    /// The promotion takes no receipts yet.
    NotStarted "not_started" {
        "акция ещё не началась" "not started yet"
        "Акция начнётся {{ starts }}. Пришлите чек в этот день или позже."
        "The promotion begins on {{ starts }}. Send the receipt on that day or later."
    }
    /// It arrived after the end.
    Ended "ended" {
        "прислан после конца" "sent after the end"
        "Приём чеков закончился {{ ends }}. Чеки, которые пришли раньше, участвуют; свои номера смотрите в «Мои номера»."
        "Receipts were taken until {{ ends }}. Those that came before take part; see your numbers under “My numbers”."
    }
    /// Bought before the promotion.
    Early "early" {
        "куплено до начала" "bought before the start"
        "Покупка сделана {{ bought }}, а акция действует с {{ starts }}. Пришлите чек за дни акции: с {{ starts }} по {{ last }}."
        "It was bought on {{ bought }}, and the promotion runs from {{ starts }}. Send a receipt of its days: {{ starts }} to {{ last }}."
    }
    /// Bought after the promotion.
    Late "late" {
        "куплено после конца" "bought after the end"
        "Покупка сделана {{ bought }}, а акция действовала по {{ last }}. Такой чек не участвует."
        "It was bought on {{ bought }}, and the promotion ran until {{ last }}. Such a receipt does not take part."
    }
    /// The sum is below the minimum.
    SmallSum "small_sum" {
        "сумма меньше нужной" "the sum is too small"
        "Для участия нужен чек от {{ minimum }}{% if details %}, а без товаров, которые в акции не участвуют, в этом — {{ details }}{% endif %}. Чеки не складываются: пришлите один чек на нужную сумму."
        "It takes a receipt of {{ minimum }} or more{% if details %}; without the goods that do not take part this one is of {{ details }}{% endif %}. Receipts are not added up: send one of that sum."
    }
    /// The same person sent it before.
    Again "again" {
        "прислан повторно" "sent again"
        "Этот чек вы уже присылали. Что с ним, видно в «Мои номера». Пришлите другой чек."
        "You sent this receipt before. See what became of it under “My numbers”. Send another one."
    }
    /// Somebody else sent it before.
    Taken "taken" {
        "прислал другой человек" "sent by somebody else"
        "Этот чек уже прислал другой участник, а один чек участвует один раз. Если чек ваш, напишите нам: «помощь», и мы разберёмся."
        "Somebody else sent this receipt already, and a receipt takes part once. If it is yours, write to us: “help”, and we will look into it."
    }
    /// The person has as many as are taken.
    PersonLimit "person_limit" {
        "предел чеков на человека" "the limit of a person"
        "Все ваши чеки уже приняты: предел на одного участника — {{ limit }}. Номера видны в «Мои номера»."
        "Your receipts are all in: the limit for one person is {{ limit }}. See them under “My numbers”."
    }
    /// The person has as many as are taken in a day.
    DayLimit "day_limit" {
        "предел чеков в день" "the limit of a day"
        "Сегодня ваши чеки уже приняты: предел на одного участника в день — {{ day_limit }}. Пришлите этот чек завтра."
        "Your receipts of today are all in: the limit for one person is {{ day_limit }} a day. Send this one tomorrow."
    }
    /// The tax service does not know it.
    Unknown "unknown" {
        "налоговая не знает чека" "the tax service does not know it"
        "Налоговая служба не нашла такой чек. Проверьте, что прислали код с кассового чека, а не с бланка терминала; если касса новая, спросите чек в магазине."
        "The tax service knows no such receipt. See that the code is of a till receipt and not of a card slip; if the till is new, ask the shop for the receipt."
    }
    /// What the tax service keeps is another receipt.
    Differs "differs" {
        "данные чека не совпали" "it is not the same receipt"
        "Сумма или номера в коде не те, что хранит налоговая{% if details %}: {{ details }}{% endif %}. Пришлите фото самого чека или введите данные ещё раз."
        "The sum or the numbers of the code are not what the tax service keeps{% if details %}: {{ details }}{% endif %}. Send a photo of the receipt itself, or type it in again."
    }
    /// Another seller.
    OtherShop "other_shop" {
        "чужой магазин" "another shop"
        "Чек из другого магазина{% if details %}: {{ details }}{% endif %}.{% if shops %} Участвуют чеки из: {{ shops }}.{% endif %} Пришлите чек из магазина акции."
        "The receipt is of another shop{% if details %}: {{ details }}{% endif %}.{% if shops %} It takes receipts of: {{ shops }}.{% endif %} Send one of a shop that takes part."
    }
    /// Banned goods are in it.
    Banned "banned" {
        "запрещённые товары" "banned goods"
        "В чеке есть товар, который в акции не участвует: {{ details }}. Пришлите чек без таких товаров."
        "The receipt has goods that do not take part: {{ details }}. Send one without them."
    }
    /// Needed goods are not in it.
    NotNeeded "not_needed" {
        "нет нужного товара" "the needed goods are missing"
        "В чеке нет товара акции в нужном количестве. Проверьте, что покупали товар акции, и пришлите чек на него."
        "The receipt does not have the promotion's goods in the needed quantity. See what takes part, and send a receipt of it."
    }
    /// Needed goods are there for less than the minimum.
    SmallNeeded "small_needed" {
        "товара акции мало" "too little of the needed goods"
        "Товаров акции в чеке на {{ details }}, а нужно от {{ minimum }}. Пришлите чек, где их хватает."
        "The promotion's goods in the receipt come to {{ details }}; it takes {{ minimum }} or more. Send one with enough of them."
    }
    /// The purchase was brought back.
    Returned "returned" {
        "покупку вернули" "brought back"
        "Покупку по этому чеку вернули, поэтому он не участвует. Пришлите чек на другую покупку."
        "What was bought by this receipt was brought back, so it does not take part. Send one of another purchase."
    }
    /// The person takes part no more.
    Blocked "blocked" {
        "участник отстранён" "the person takes part no more"
        "Приём ваших чеков остановлен организатором{% if details %}: {{ details }}{% endif %}. Если это ошибка, напишите нам: «помощь»."
        "The organiser stopped taking your receipts{% if details %}: {{ details }}{% endif %}. If this is a mistake, write to us: “help”."
    }
    /// Somebody of the staff refused it.
    ByPerson "by_person" {
        "отказал сотрудник" "refused by the staff"
        "Сотрудник посмотрел чек и не принял его{% if details %}: {{ details }}{% endif %}. Если вы не согласны, напишите нам: «помощь»."
        "Somebody of the staff looked at the receipt and did not take it{% if details %}: {{ details }}{% endif %}. If you do not agree, write to us: “help”."
    }
    /// Some goods may be banned.
    DoubtGoods "doubt_goods" waits {
        "сомнительный товар" "doubtful goods"
        "Чек посмотрит сотрудник: по названию товара не всё понятно. Время, когда вы его прислали, сохранено; ответ придёт сюда."
        "Somebody will look at the receipt: a name among the goods is not clear. The time you sent it is kept; the answer comes here."
    }
    /// It looks like cheating.
    Suspicious "suspicious" waits {
        "похоже на обман" "looks like cheating"
        "Чек посмотрит сотрудник. Время, когда вы его прислали, сохранено; ответ придёт сюда."
        "Somebody will look at the receipt. The time you sent it is kept; the answer comes here."
    }
    /// There is nobody to check it.
    NoProvider "no_provider" waits {
        "проверить негде" "nobody to check it"
        "Чек посмотрит сотрудник. Время, когда вы его прислали, сохранено; ответ придёт сюда."
        "Somebody will look at the receipt. The time you sent it is kept; the answer comes here."
    }
    /// The providers did not answer however often they were asked.
    NoAnswer "no_answer" waits {
        "проверка не ответила" "the check did not answer"
        "Налоговая служба пока не отдала этот чек, его посмотрит сотрудник. Время, когда вы его прислали, сохранено; ответ придёт сюда."
        "The tax service has not given out this receipt; somebody will look at it. The time you sent it is kept; the answer comes here."
    }
    /// The budget of paid checks is used up.
    NoBudget "no_budget" waits {
        "бюджет проверок исчерпан" "the budget of checks is used up"
        "Чек посмотрит сотрудник. Время, когда вы его прислали, сохранено; ответ придёт сюда."
        "Somebody will look at the receipt. The time you sent it is kept; the answer comes here."
    }
    /// A picture without a code that could be read, kept for a person.
    ByPicture "by_picture" waits {
        "только снимок" "only a picture"
        "Код не прочитался, но снимок сохранён: его посмотрит сотрудник. Ответ придёт сюда."
        "The code could not be read, but the picture is kept: somebody will look at it. The answer comes here."
    }
}

impl Reason {
    /// From its name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == name)
    }
    /// The key of its text among the terms' texts.
    pub fn key(self) -> String {
        format!("reason.{}", self.as_str())
    }
}

impl std::str::FromStr for Reason {
    type Err = Problem;
    fn from_str(name: &str) -> Result<Self, Problem> {
        Self::from_name(name).ok_or_else(|| {
            let ru = format!("Причины «{name}» нет");
            Problem::invalid("reason", "unknown_reason", ru, format!("There is no reason “{name}”"))
        })
    }
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
