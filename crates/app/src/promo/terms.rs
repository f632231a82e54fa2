//! What the terms of a promotion may be. Pure.

use super::model::{Entry, Goods, Promotion, Shop, State, Terms};
use super::texts;
use crate::problem::{Kind, Problem};
use samovar_base::Instant;

/// Longest name, in letters.
const NAME_MAX: usize = 120;
/// Longest short name: it goes into links of 64 letters together with a source.
const KEY_MAX: usize = 24;
/// Longest source of an entry.
const SOURCE_MAX: usize = 30;
/// Most entries of a list of shops, of entries, of stages.
const SHOPS_MAX: usize = 1_000;
const ENTRIES_MAX: usize = 100;
const STAGES_MAX: usize = 50;
/// Most words and codes of a list.
const WORDS_MAX: usize = 5_000;
/// Longest of them.
const WORD_MAX: usize = 80;
/// Longest rules, and what is told of the promotion and its prizes.
const RULES_MAX: usize = 60_000;
const ABOUT_MAX: usize = 3_000;
/// Longest pattern or note of a shop.
const PATTERN_MAX: usize = 200;
/// Longest phrase that leads in.
const PHRASE_MAX: usize = 60;
/// The largest sum, in kopecks: a milliard of roubles.
const SUM_MAX: i64 = 100_000_000_000;
/// Longest promotion.
const DAYS_MAX: i64 = 3_660;

/// Everything that is wrong with a promotion as it would be kept.
pub fn problems(promotion: &Promotion) -> Vec<Problem> {
    let mut all = Vec::new();
    if let Err(problem) = crate::tenants::word("key", &promotion.key) {
        all.push(problem);
    } else if promotion.key.len() > KEY_MAX {
        all.push(too_long("key", KEY_MAX));
    }
    length(&mut all, "name", &promotion.name, NAME_MAX);
    if promotion.name.trim().is_empty() {
        all.push(Problem::invalid("name", "no_name", "Назовите акцию", "Give the promotion a name"));
    }
    if promotion.ends_at <= promotion.starts_at {
        let (ru, en) = ("Конец должен быть позже начала", "The end must be later than the start");
        all.push(Problem::invalid("ends_at", "ends_early", ru, en));
    } else if promotion.ends_at.millis_since(promotion.starts_at) > DAYS_MAX * 86_400_000 {
        let (ru, en) =
            ("Акция длиннее десяти лет: проверьте даты", "It is longer than ten years: look at the dates");
        all.push(Problem::invalid("ends_at", "too_long", ru, en));
    }
    of_terms(&mut all, &promotion.terms);
    all
}

fn of_terms(all: &mut Vec<Problem>, terms: &Terms) {
    for (field, wording) in [("terms.about", &terms.about), ("terms.prizes", &terms.prizes)] {
        length(all, field, &wording.ru, ABOUT_MAX);
        length(all, field, &wording.en, ABOUT_MAX);
    }
    many(all, "terms.shops", terms.shops.len(), SHOPS_MAX);
    for (at, shop) in terms.shops.iter().take(SHOPS_MAX).enumerate() {
        of_shop(all, &format!("terms.shops[{at}]"), shop);
    }
    range(all, "terms.minimum.sum", terms.minimum.sum, 0, SUM_MAX);
    of_goods(all, "terms.banned.goods", &terms.banned.goods);
    if let Some(own) = &terms.banned.excise_words {
        words(all, "terms.banned.excise_words.words", &own.words);
        words(all, "terms.banned.excise_words.except", &own.except);
    }
    of_goods(all, "terms.needed.goods", &terms.needed.goods);
    range(all, "terms.needed.quantity", terms.needed.quantity, 1, 1_000_000_000);
    range(all, "terms.limits.person", terms.limits.person, 1, 100_000);
    if let Some(day) = terms.limits.day {
        range(all, "terms.limits.day", day, 1, 100_000);
    }
    of_entries(all, &terms.entries);
    length(all, "terms.rules.text", &terms.rules.text.ru, RULES_MAX);
    length(all, "terms.rules.text", &terms.rules.text.en, RULES_MAX);
    if terms.rules.url.as_deref().is_some_and(|url| !is_address(url)) {
        let (ru, en) =
            ("Адрес правил начинается с https://", "The address of the rules begins with https://");
        all.push(Problem::invalid("terms.rules.url", "bad_address", ru, en));
    }
    if !terms.rules.purpose.is_empty()
        && let Err(problem) = crate::tenants::word("terms.rules.purpose", &terms.rules.purpose)
    {
        all.push(problem);
    }
    many(all, "terms.stages", terms.stages.len(), STAGES_MAX);
    for (at, stage) in terms.stages.iter().take(STAGES_MAX).enumerate() {
        let field = format!("terms.stages[{at}].name");
        if stage.name.is_empty() {
            all.push(Problem::invalid(&field, "no_name", "Назовите этап", "Give the stage a name"));
        }
        length(all, &field, &stage.name.ru, NAME_MAX);
        length(all, &field, &stage.name.en, NAME_MAX);
    }
    for (key, wording) in &terms.texts {
        let field = format!("terms.texts.{key}");
        let wrong =
            [&wording.ru, &wording.en].into_iter().find_map(|text| texts::problem_of(key, &field, text));
        all.extend(wrong);
    }
    if let Some(budget) = terms.checks.budget {
        range(all, "terms.checks.budget", budget, 0, 1_000_000_000);
    }
    range(all, "terms.moderation.score", terms.moderation.score, 1, 101);
    range(all, "terms.keep_pictures_days", terms.keep_pictures_days, 1, 3_650);
}

fn of_shop(all: &mut Vec<Problem>, field: &str, shop: &Shop) {
    let inn = shop.inn.trim();
    if !(inn.is_empty() || matches!(inn.len(), 10 | 12) && inn.bytes().all(|byte| byte.is_ascii_digit())) {
        let (ru, en) = ("ИНН — это 10 или 12 цифр", "A tax number has 10 or 12 digits");
        all.push(Problem::invalid(&format!("{field}.inn"), "bad_inn", ru, en));
    }
    let says = |pattern: &str| pattern.chars().any(char::is_alphanumeric);
    if inn.is_empty() && !says(&shop.name) && !says(&shop.address) {
        let ru = "Укажите ИНН, название или адрес: пустая строка не подходит никому";
        let en = "Give a tax number, a name or an address: an empty line fits nobody";
        all.push(Problem::invalid(field, "empty_shop", ru, en));
    }
    for (name, text) in [("name", &shop.name), ("address", &shop.address), ("note", &shop.note)] {
        length(all, &format!("{field}.{name}"), text, PATTERN_MAX);
    }
}

fn of_goods(all: &mut Vec<Problem>, field: &str, goods: &Goods) {
    words(all, &format!("{field}.words"), &goods.words);
    words(all, &format!("{field}.except"), &goods.except);
    let field = format!("{field}.gtins");
    many(all, &field, goods.gtins.len(), WORDS_MAX);
    let is_gtin =
        |gtin: &String| (8..=14).contains(&gtin.len()) && gtin.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(wrong) = goods.gtins.iter().find(|gtin| !is_gtin(gtin)) {
        let (ru, en) = (
            format!("«{wrong}» — не код товара: нужно от 8 до 14 цифр"),
            format!("“{wrong}” is not a code of goods: it takes 8 to 14 digits"),
        );
        all.push(Problem::invalid(&field, "bad_gtin", ru, en));
    }
}

fn words(all: &mut Vec<Problem>, field: &str, words: &[String]) {
    many(all, field, words.len(), WORDS_MAX);
    let fits = |word: &String| word.chars().count() <= WORD_MAX && word.chars().any(char::is_alphanumeric);
    if let Some(wrong) = words.iter().find(|word| !fits(word)) {
        let shown: String = wrong.chars().take(WORD_MAX).collect();
        let ru = format!("Слово «{shown}» не подходит: нужны буквы, до {WORD_MAX} знаков");
        let en = format!("The word “{shown}” does not fit: it takes letters, at most {WORD_MAX} characters");
        all.push(Problem::invalid(field, "bad_word", ru, en));
    }
}

fn of_entries(all: &mut Vec<Problem>, entries: &[Entry]) {
    many(all, "terms.entries", entries.len(), ENTRIES_MAX);
    for (at, entry) in entries.iter().take(ENTRIES_MAX).enumerate() {
        let field = format!("terms.entries[{at}]");
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if !(1..=SOURCE_MAX).contains(&entry.source.len()) || !entry.source.bytes().all(fits) {
            let ru = format!("Источник — от 1 до {SOURCE_MAX} латинских букв, цифр и дефисов");
            let en = format!("A source is 1 to {SOURCE_MAX} Latin letters, digits and dashes");
            all.push(Problem::invalid(&format!("{field}.source"), "bad_source", ru, en));
        }
        length(all, &format!("{field}.title"), &entry.title, NAME_MAX);
        length(all, &format!("{field}.phrase"), &entry.phrase, PHRASE_MAX);
        let said = |entry: &Entry| samovar_engine::normalise(&entry.phrase);
        let same = entries[..at].iter().any(|other| {
            other.source == entry.source || (!said(entry).is_empty() && said(other) == said(entry))
        });
        if same {
            let ru = "Такой источник или такая фраза уже есть выше: они не повторяются";
            let en = "This source or phrase stands above already: none may be there twice";
            all.push(Problem::invalid(&field, "same_entry", ru, en));
        }
    }
}

/// What must be mended before anybody may take part.
pub fn not_ready(promotion: &Promotion, now: Instant) -> Vec<Problem> {
    let mut all = Vec::new();
    let rules = &promotion.terms.rules;
    if rules.text.is_empty() && rules.url.is_none() {
        let ru = "Нет правил: вставьте их текст или ссылку. Без согласия с правилами участвовать нельзя";
        let en = "There are no rules: put in their text or a link. Nobody takes part without accepting them";
        all.push(Problem::new(Kind::Refused, "no_rules", ru, en).at("terms.rules"));
    }
    if promotion.ends_at <= now {
        let (ru, en) =
            ("Конец акции уже прошёл: поставьте другой", "The end has passed already: set another");
        all.push(Problem::new(Kind::Refused, "ends_past", ru, en).at("ends_at"));
    }
    all
}

/// Refuses what cannot be done in a state.
pub fn must_be(state: State, one_of: &[State]) -> Result<(), Problem> {
    if one_of.contains(&state) {
        return Ok(());
    }
    let ru = format!("Акция сейчас в состоянии «{}», так с ней поступить нельзя", state.title("ru"));
    let en = format!("The promotion is {} now; this cannot be done to it", state.title("en"));
    Err(Problem::new(Kind::Conflict, "wrong_state", ru, en))
}

fn is_address(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://"))
        && !url.contains(char::is_whitespace)
        && url.len() <= 500
}

fn length(all: &mut Vec<Problem>, field: &str, text: &str, most: usize) {
    if text.chars().count() > most {
        all.push(too_long(field, most));
    }
}

fn too_long(field: &str, most: usize) -> Problem {
    let ru = format!("Длиннее {most} знаков: сократите");
    Problem::invalid(field, "text_too_long", ru, format!("Longer than {most} characters: make it shorter"))
}

fn many(all: &mut Vec<Problem>, field: &str, count: usize, most: usize) {
    if count > most {
        let ru = format!("Здесь может быть не больше {most} строк");
        all.push(Problem::invalid(field, "too_many", ru, format!("There may be at most {most} lines here")));
    }
}

fn range(all: &mut Vec<Problem>, field: &str, value: i64, from: i64, to: i64) {
    if !(from..=to).contains(&value) {
        let ru = format!("Нужно число от {from} до {to}");
        all.push(Problem::invalid(
            field,
            "out_of_range",
            ru,
            format!("It takes a number from {from} to {to}"),
        ));
    }
}
