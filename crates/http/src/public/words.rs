//! What public pages say, in both languages side by side.

use jiff::tz::TimeZone;
use samovar_base::Instant;

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// Declares the sentences of both languages.
macro_rules! words {
    ($($name:ident: $ru:literal, $en:literal;)*) => {
        /// The sentences of a language.
        #[derive(Debug)]
        pub struct Words {
            /// `ru` or `en`.
            pub lang: &'static str,
            $(pub $name: &'static str,)*
        }
        static RU: Words = Words { lang: "ru", $($name: $ru,)* };
        static EN: Words = Words { lang: "en", $($name: $en,)* };
    };
}

words! {
    locale: "ru_RU", "en_GB";
    other_language: "English", "По-русски";
    running: "Идёт", "Running";
    is_over: "Закончилась", "Over";
    how: "Как участвовать", "How to take part";
    step_buy: "Купите товар и сохраните чек", "Make a purchase and keep the receipt";
    step_open: "Откройте бота и примите правила", "Open the bot and accept the rules";
    step_send: "Отправьте в бот фото QR-кода с чека", "Send the bot a photo of the QR code on the receipt";
    step_ticket: "Получите номер билета: один принятый чек — один номер", "Get a ticket number: one for each accepted receipt";
    take_part: "Участвовать", "Take part";
    scan: "Наведите камеру телефона", "Point your phone’s camera here";
    or_phrase: "или напишите боту:", "or write to the bot:";
    prizes: "Призы", "Prizes";
    dates: "Важные дни", "Important days";
    conditions: "Условия коротко", "Conditions in short";
    rules: "Полные правила", "Full rules";
    rules_elsewhere: "Правила на сайте организатора", "The rules on the organiser’s site";
    no_rules: "Правила — у организатора: спросите их в боте.", "Ask the organiser for the rules in the bot.";
    policy: "Как обрабатываются персональные данные", "How personal data is processed";
    shops: "Где покупать", "Where to buy";
    any_shop: "В любом магазине", "In any shop";
    shops_in_rules: "В магазинах из правил", "In the shops named in the rules";
    minimum: "Сумма чека от", "Receipt from";
    limit: "Чеков от одного человека", "Receipts of one person";
    banned: "Не принимаются", "Not accepted";
    no_excise: "чеки с алкоголем и табаком", "receipts with alcohol or tobacco";
    over_text: "Новые чеки больше не принимаются. Чеки, отправленные вовремя, проверяются и после окончания.", "New receipts are no longer taken. Those sent in time are checked after the end, too.";
    organiser: "Организатор", "Organiser";
    draws: "Розыгрыши", "Draws";
    draw: "Розыгрыш", "Draw";
    draw_planned: "Ожидается", "Planned";
    draw_frozen: "Список закрыт", "List closed";
    draw_published: "Проведён", "Held";
    winners: "Победители", "Winners";
    all_winners: "Все победители", "All winners";
    no_winners: "Победителей пока нет. Они появятся здесь сразу после розыгрыша.", "There are no winners yet. They will be here right after the draw.";
    masked: "Имена сокращены, чтобы посторонние не узнали лишнего.", "Names are shortened so that strangers learn nothing more.";
    your_ticket: "Номер вашего билета", "Your ticket number";
    find: "Проверить", "Check";
    reserve: "Резерв", "Reserve";
    left_over: "Приз никому не достался: в резерве никого нет", "Nobody got the prize: there is nobody in the reserve";
    reserve_text: "К ним приз перейдёт по порядку, если победитель откажется или не ответит.", "A prize passes to them in this order when a winner refuses it or does not answer.";
    held_at: "Состоится", "Takes place";
    tickets: "Билетов в списке", "Tickets in the list";
    tickets_of: "Чеки, отправленные", "Receipts sent";
    frozen_at: "Список закрыт", "List closed";
    drawn_at: "Проведён", "Held";
    hash_title: "Отпечаток объявления", "Fingerprint of the announcement";
    hash_before: "Опубликован до того, как стало известно случайное число. Сохраните его: если в списке, призах или формуле изменится хоть один знак, отпечаток будет другим.", "Published before the random number exists. Keep it: if a single sign of the list, the prizes or the formula changes, the fingerprint will be another one.";
    hash_planned: "Появится здесь, когда список билетов будет закрыт, — до розыгрыша.", "It will be here once the list of tickets is closed, before the draw.";
    list_hash: "Отпечаток списка билетов", "Fingerprint of the list of tickets";
    randomness: "Случайное число", "Random number";
    seed: "Зерно", "Seed";
    formula: "Как выбираются победители", "How winners are chosen";
    formula_1: "Все билеты записываются в список по порядку номеров. Список закрывается, и его отпечаток (SHA-256) публикуется вместе с призами и источником случайного числа.", "All tickets are written down in the order of their numbers. The list is closed, and its fingerprint (SHA-256) is published together with the prizes and the source of the random number.";
    formula_2: "После этого появляется случайное число, которого никто не мог знать заранее.", "After that a random number comes to be that nobody could know before.";
    formula_3: "Из отпечатка и числа по опубликованной формуле считается зерно, а из него — места победителей в списке.", "A seed is counted from the fingerprint and the number by the published formula, and from it the places of the winners in the list.";
    formula_4: "Протокол с результатом подписан. Повторить расчёт может каждый: кнопкой ниже, командой samovar draw verify или своей программой.", "The protocol with the result is signed. Anyone can count it again: with the button below, the command samovar draw verify, or a program of their own.";
    source: "Откуда число", "Where the number comes from";
    source_drand: "маяк drand (League of Entropy), раунд", "the beacon drand (League of Entropy), round";
    source_drand_planned: "маяк drand (League of Entropy): первое число после назначенного времени", "the beacon drand (League of Entropy): the first number after the planned moment";
    source_block: "хеш блока сети", "the hash of a block of";
    source_reveal: "тайное слово организатора, отпечаток которого опубликован заранее", "a secret of the organiser whose fingerprint was published before";
    source_test: "выдуманное число: это репетиция", "a made-up number: this is a rehearsal";
    protocol: "Протокол", "Protocol";
    list: "Список билетов", "List of tickets";
    announcement: "Объявление", "Announcement";
    check_draw: "Проверить розыгрыш", "Check this draw";
    back: "К акции", "To the promotion";
    back_to_draw: "К розыгрышу", "To the draw";
    check_title: "Проверка розыгрыша", "Check of a draw";
    check_about: "Принесите протокол и список билетов: розыгрыш будет пересчитан заново, шаг за шагом.", "Bring a protocol and a list of tickets: the draw is counted again, step by step.";
    check_own: "Проверить свои файлы", "Check your own files";
    protocol_file: "Файл протокола", "Protocol file";
    drop_hint: "Выберите файл или перетащите его на это поле.", "Choose the file, or drop it on this field.";
    list_file: "Файл списка билетов", "File with the list of tickets";
    list_hint: "Без списка проверяются подпись, отпечаток и случайное число, но не победители.", "Without a list the signature, the fingerprint and the random number are checked, but not the winners.";
    check_button: "Пересчитать", "Count again";
    check_holds: "Всё сходится", "Everything holds";
    check_broken: "Не сходится", "It does not hold";
    check_missing: "Проверено не всё", "Not everything was checked";
    rehearsal: "Это репетиция: призы не разыгрывались.", "This was a rehearsal: nobody won anything.";
    holds: "сходится", "holds";
    broken: "не сходится", "does not hold";
    not_looked_at: "не проверено", "not checked";
    compare: "сравните сами", "compare yourself";
    missing: "Такой страницы нет", "There is no such page";
    missing_text: "Возможно, акция ещё не началась или в адресе опечатка. Проверьте ссылку или спросите организатора.", "Perhaps the promotion has not begun, or there is a slip in the address. Check the link or ask the organiser.";
    busy: "Слишком много запросов", "Too many requests";
    busy_text: "Подождите несколько секунд и обновите страницу.", "Wait a few seconds and reload the page.";
    too_large: "Файл слишком большой", "The file is too large";
    too_large_text: "Принимаются файлы до 100 МБ. Больший список проверит команда samovar draw verify.", "Files of up to 100 MB are taken. A larger list is checked by the command samovar draw verify.";
    failed: "Не получилось", "That did not work";
    failed_text: "Страницу не удалось собрать. Обновите её через минуту.", "The page could not be made. Reload it in a minute.";
    previous: "Назад", "Back";
    next: "Дальше", "Further";
}

const MONTHS: [(&str, &str); 12] = [
    ("января", "January"),
    ("февраля", "February"),
    ("марта", "March"),
    ("апреля", "April"),
    ("мая", "May"),
    ("июня", "June"),
    ("июля", "July"),
    ("августа", "August"),
    ("сентября", "September"),
    ("октября", "October"),
    ("ноября", "November"),
    ("декабря", "December"),
];

impl Words {
    /// Those of a language; Russian unless it is English.
    pub fn of(lang: &str) -> &'static Self {
        if lang.starts_with("en") { &EN } else { &RU }
    }

    /// The other language.
    pub fn other(&self) -> &'static str {
        if self.is_ru() { "en" } else { "ru" }
    }

    fn is_ru(&self) -> bool {
        self.lang == "ru"
    }

    fn pick<T>(&self, ru: T, en: T) -> T {
        if self.is_ru() { ru } else { en }
    }

    /// The form of a noun that fits a number.
    fn plural(&self, number: i64, ru: [&str; 3], en: [&str; 2]) -> String {
        let noun = if self.is_ru() {
            match (number % 10, number % 100) {
                (1, rest) if rest != 11 => ru[0],
                (2..=4, rest) if !(12..=14).contains(&rest) => ru[1],
                _ => ru[2],
            }
        } else {
            en[usize::from(number != 1)]
        };
        format!("{}\u{a0}{noun}", grouped(number))
    }

    /// A day: «22 ноября 2026».
    pub fn day(&self, at: Instant, zone: &TimeZone) -> String {
        let date = at.in_zone(zone).date();
        let month = MONTHS[usize::from(date.month().unsigned_abs()).clamp(1, 12) - 1];
        format!("{}\u{a0}{} {}", date.day(), self.pick(month.0, month.1), date.year())
    }

    /// A moment: «22 ноября 2026, 18:00 по Москве».
    pub fn moment(&self, at: Instant, zone: &TimeZone) -> String {
        let time = at.in_zone(zone).strftime("%H:%M").to_string();
        format!("{}, {time} {}", self.day(at, zone), self.zone(at, zone))
    }

    fn zone(&self, at: Instant, zone: &TimeZone) -> String {
        if zone.iana_name() == Some("Europe/Moscow") {
            return self.pick("по\u{a0}Москве", "Moscow time").to_owned();
        }
        let seconds = zone.to_offset(at.to_jiff()).seconds();
        let sign = if seconds < 0 { '−' } else { '+' };
        let (hours, minutes) = (seconds.abs() / 3_600, seconds.abs() / 60 % 60);
        if minutes == 0 { format!("UTC{sign}{hours}") } else { format!("UTC{sign}{hours}:{minutes:02}") }
    }

    /// From the first to the last moment that counts; an end at midnight is the end of the day before.
    pub fn period(&self, from: Instant, until: Instant, zone: &TimeZone) -> String {
        let midnight = until.in_zone(zone).time() == jiff::civil::Time::midnight();
        let end = if midnight {
            self.day(until.minus_seconds(1), zone)
        } else {
            let time = until.in_zone(zone).strftime("%H:%M").to_string();
            format!("{}, {time} {}", self.day(until, zone), self.zone(until, zone))
        };
        format!("{} — {end}", self.day(from, zone))
    }

    /// What is left of a promotion, or until it begins.
    pub fn left(&self, now: Instant, from: Instant, until: Instant) -> String {
        let (before, target) = if now < from { (true, from) } else { (false, until) };
        let seconds = (target.seconds() - now.seconds()).max(60);
        let span = if seconds >= 2 * DAY {
            self.plural(seconds / DAY, ["день", "дня", "дней"], ["day", "days"])
        } else if seconds >= HOUR {
            self.plural(seconds / HOUR, ["час", "часа", "часов"], ["hour", "hours"])
        } else {
            self.plural(seconds / 60, ["минута", "минуты", "минут"], ["minute", "minutes"])
        };
        match (before, self.is_ru()) {
            (true, true) => format!("До начала: {span}"),
            (true, false) => format!("Begins in {span}"),
            (false, true) => format!("До конца: {span}"),
            (false, false) => format!("{span} left"),
        }
    }

    /// That it was extended.
    pub fn extended(&self, before: Instant, until: Instant, zone: &TimeZone) -> String {
        let (old, new) = (self.day(before.minus_seconds(1), zone), self.day(until.minus_seconds(1), zone));
        self.pick(
            format!("Акция продлена: вместо {old} — по {new} включительно."),
            format!("The promotion was extended: to {new} instead of {old}."),
        )
    }

    /// A sum, from kopecks: «1 500 ₽».
    pub fn roubles(&self, kopecks: i64) -> String {
        let (whole, rest) = (kopecks / 100, kopecks % 100);
        let comma = self.pick(',', '.');
        let rest = if rest == 0 { String::new() } else { format!("{comma}{rest:02}") };
        format!("{}{rest}\u{a0}₽", grouped(whole))
    }

    /// A number with its thousands apart.
    pub fn number(&self, number: i64) -> String {
        grouped(number)
    }

    pub(super) fn promotion_of(&self, company: &str) -> String {
        self.pick(format!("Акция компании «{company}»"), format!("A promotion of {company}"))
    }

    pub(super) fn winners_of(&self, promotion: &str, company: &str) -> String {
        self.pick(
            format!("Кто выиграл в акции «{promotion}» компании «{company}» и как это проверить"),
            format!("Who won in the promotion “{promotion}” of {company}, and how to check it"),
        )
    }

    pub(super) fn take_part_in(&self, messenger: &str) -> String {
        match (messenger, self.is_ru()) {
            ("telegram", true) => "Участвовать в Telegram".into(),
            ("telegram", false) => "Take part in Telegram".into(),
            ("webchat", true) => "Участвовать на сайте".into(),
            ("webchat", false) => "Take part on the site".into(),
            ("vk", true) => "Участвовать во ВКонтакте".into(),
            ("max", true) => "Участвовать в MAX".into(),
            (other, true) => format!("Участвовать: {other}"),
            (other, false) => format!("Take part in {}", other.to_uppercase()),
        }
    }

    pub(super) fn buy_for(&self, sum: i64) -> String {
        let sum = self.roubles(sum);
        self.pick(
            format!("Купите на сумму от {sum} и сохраните чек"),
            format!("Buy for {sum} or more and keep the receipt"),
        )
    }

    pub(super) fn buy_goods_for(&self, sum: i64) -> String {
        let sum = self.roubles(sum);
        self.pick(
            format!("Купите товары акции на сумму от {sum} и сохраните чек"),
            format!("Buy the goods of the promotion for {sum} or more and keep the receipt"),
        )
    }

    pub(super) fn won(&self, number: u64, prize: &str) -> String {
        self.pick(
            format!("Билет {number} выиграл: {prize}. Организатор пишет победителю в бот."),
            format!("Ticket {number} won: {prize}. The organiser writes to the winner in the bot."),
        )
    }

    pub(super) fn won_and_lost(&self, number: u64, prize: &str, lost: &str) -> String {
        self.pick(
            format!("Билет {number} выиграл: {prize}. {lost}."),
            format!("Ticket {number} won: {prize}. {lost}."),
        )
    }

    pub(super) fn passed_to(&self, number: u64) -> String {
        self.pick(format!("Приз перешёл к билету {number}"), format!("The prize passed to ticket {number}"))
    }

    pub(super) fn instead_of(&self, number: u64) -> String {
        self.pick(
            format!("Из резерва, вместо билета {number}"),
            format!("From the reserve, in place of ticket {number}"),
        )
    }

    pub(super) fn in_reserve(&self, number: u64) -> String {
        self.pick(
            format!("Билет {number} — в резерве: приз может перейти к нему."),
            format!("Ticket {number} is in the reserve: a prize may pass to it."),
        )
    }

    pub(super) fn did_not_win(&self, number: u64) -> String {
        self.pick(
            format!("Билет {number} в этом розыгрыше не выиграл."),
            format!("Ticket {number} did not win in this draw."),
        )
    }

    pub(super) fn limit_of(&self, person: i64, day: Option<i64>) -> String {
        let all = self.pick(format!("до {}", grouped(person)), format!("up to {}", grouped(person)));
        match day {
            None => all,
            Some(day) => self.pick(
                format!("{all}, не больше {} в день", grouped(day)),
                format!("{all}, {} a day at most", grouped(day)),
            ),
        }
    }
}

/// Thousands apart by a narrow space that does not break.
fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut out = String::with_capacity(digits.len() + 4);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{a0}');
        }
        out.push(digit);
    }
    if number < 0 { format!("−{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::from_seconds(text.parse::<jiff::Timestamp>().unwrap().as_second())
    }

    #[test]
    fn a_period_names_the_last_day_that_counts() {
        let zone = TimeZone::get("Europe/Moscow").unwrap();
        let (from, until) = (at("2026-10-31T21:00:00Z"), at("2026-11-30T21:00:00Z"));
        assert_eq!(RU.period(from, until, &zone), "1\u{a0}ноября 2026 — 30\u{a0}ноября 2026");
        let until = at("2026-11-30T15:00:00Z");
        assert_eq!(
            RU.period(from, until, &zone),
            "1\u{a0}ноября 2026 — 30\u{a0}ноября 2026, 18:00 по\u{a0}Москве"
        );
        let ural = TimeZone::get("Asia/Yekaterinburg").unwrap();
        assert_eq!(EN.moment(until, &ural), "30\u{a0}November 2026, 20:00 UTC+5");
    }

    #[test]
    fn numbers_agree_with_their_nouns() {
        let now = at("2026-11-20T09:00:00Z");
        let from = at("2026-11-01T00:00:00Z");
        let left = |seconds| RU.left(now, from, now.plus_seconds(seconds));
        assert_eq!(left(5 * DAY), "До конца: 5\u{a0}дней");
        assert_eq!(left(22 * DAY), "До конца: 22\u{a0}дня");
        assert_eq!(left(21 * HOUR), "До конца: 21\u{a0}час");
        assert_eq!(left(30), "До конца: 1\u{a0}минута");
        assert_eq!(
            EN.left(now, now.plus_seconds(3 * DAY), now.plus_seconds(9 * DAY)),
            "Begins in 3\u{a0}days"
        );
        assert_eq!(RU.roubles(150_050), "1\u{a0}500,50\u{a0}₽");
    }
}
