//! What a check says, in both languages.

use crate::source::Unfit;
use crate::verify::beacon_address;
use crate::{Malformed, moment};

pub(crate) struct Words {
    pub ru: String,
    pub en: String,
}

fn say(ru: impl Into<String>, en: impl Into<String>) -> Words {
    Words { ru: ru.into(), en: en.into() }
}

pub(crate) fn no_protocol(malformed: &Malformed) -> Words {
    say(
        format!("Файл не читается как протокол розыгрыша: {}", malformed.what),
        format!("The file cannot be read as a protocol of a draw: {}", malformed.what),
    )
}
pub(crate) fn genuine() -> Words {
    say(
        "Подпись протокола верна: после подписания в нём ничего не меняли",
        "The signature holds: nothing was changed since the protocol was signed",
    )
}
pub(crate) fn forged() -> Words {
    say(
        "Подпись не сходится: протокол изменили после подписания",
        "The signature does not hold: the protocol was changed after it was signed",
    )
}
pub(crate) fn own_key() -> Words {
    say("Протокол подписан опубликованным ключом", "The protocol is signed by the published key")
}
pub(crate) fn other_key(key: &str) -> Words {
    say(
        format!("Протокол подписан другим ключом: {key}"),
        format!("The protocol is signed by another key: {key}"),
    )
}
pub(crate) fn compare_key(key: &str) -> Words {
    say(
        format!("Подписано ключом {key}. Сравните его с ключом, который опубликовал организатор"),
        format!("Signed by the key {key}. Compare it with the one that the organiser published"),
    )
}
pub(crate) fn no_announcement(malformed: &Malformed) -> Words {
    let Malformed { line, what } = malformed;
    say(
        format!("Объявление испорчено: строка {line}: {what}"),
        format!("The announcement is spoilt: line {line}: {what}"),
    )
}
pub(crate) fn announced(hash: &str) -> Words {
    say(
        format!("Отпечаток объявления сходится: {hash}"),
        format!("The hash of the announcement is as written: {hash}"),
    )
}
pub(crate) fn announced_otherwise(hash: &str) -> Words {
    say(
        format!("Отпечаток объявления не тот, что был опубликован: у этого объявления {hash}"),
        format!("The hash of the announcement is not the published one: this announcement has {hash}"),
    )
}
pub(crate) fn compare_announced(hash: &str) -> Words {
    say(
        format!("Сравните отпечаток {hash} с тем, что был опубликован до розыгрыша"),
        format!("Compare the hash {hash} with the one published before the draw"),
    )
}
pub(crate) fn unfit(unfit: Unfit) -> Words {
    match unfit {
        Unfit::Other => say(
            "Случайное число не из того источника, который был объявлен",
            "The randomness is not from the source that was announced",
        ),
        Unfit::Form => say(
            "Случайное число записано не так, как должно быть для этого источника",
            "The randomness is not written as this source writes it",
        ),
        Unfit::Signature => {
            say("Маяк drand такого числа не подписывал", "The drand beacon did not sign such a number")
        }
        Unfit::Commitment => say(
            "Раскрыт не тот секрет, отпечаток которого был объявлен",
            "This is not the secret whose hash was announced",
        ),
    }
}
pub(crate) fn drand(round: u64) -> Words {
    let at = beacon_address(round);
    say(
        format!(
            "Число маяка drand, раунд {round}, подписано Лигой энтропии; его может прочитать каждый: {at}"
        ),
        format!(
            "The number of drand's round {round} is signed by the League of Entropy; anybody can read it: {at}"
        ),
    )
}
pub(crate) fn block(network: &str, height: u64, hash: &str) -> Words {
    say(
        format!("Сравните сами: в сети {network} у блока {height} должен быть хеш {hash}"),
        format!("Compare by yourself: block {height} of {network} must have the hash {hash}"),
    )
}
pub(crate) fn figure(what: &str, value: &str) -> Words {
    say(
        format!("Сравните сами: «{what}» должно быть равно {value}"),
        format!("Compare by yourself: “{what}” must be {value}"),
    )
}
pub(crate) fn reveal() -> Words {
    say(
        "Секрет совпадает с отпечатком, объявленным заранее. Но организатор знал его до розыгрыша: такому источнику верят настолько, насколько верят организатору",
        "The secret fits the hash announced before. But the organiser knew it before the draw: this source is as good as one's trust in the organiser",
    )
}
pub(crate) fn rehearsal() -> Words {
    say(
        "Это репетиция: число выдумано, никто ничего не выиграл",
        "This is a rehearsal: the number is made up, nobody won anything",
    )
}
pub(crate) fn no_moment() -> Words {
    say("Время розыгрыша записано неверно", "The moment of the draw is not written as it must be")
}
pub(crate) fn later(frozen: i64, at: i64) -> Words {
    let (frozen, at) = (moment(frozen), moment(at));
    say(
        format!("Список заморожен {frozen}, а число появилось позже: {at}"),
        format!("The list was frozen at {frozen}, and the number came later: {at}"),
    )
}
pub(crate) fn not_later(frozen: i64, at: i64, drawn: i64) -> Words {
    let (frozen, at, drawn) = (moment(frozen), moment(at), moment(drawn));
    say(
        format!("Порядок нарушен: список заморожен {frozen}, число появилось {at}, розыгрыш записан {drawn}"),
        format!(
            "The order is wrong: the list was frozen at {frozen}, the number came at {at}, the draw is of {drawn}"
        ),
    )
}
pub(crate) fn drawn_later(frozen: i64) -> Words {
    let frozen = moment(frozen);
    say(
        format!("Список заморожен {frozen}, розыгрыш позже"),
        format!("The list was frozen at {frozen}, the draw came later"),
    )
}
pub(crate) fn compare_block(frozen: i64) -> Words {
    let frozen = moment(frozen);
    say(
        format!("Сравните сами: блок должен быть найден позже, чем {frozen}"),
        format!("Compare by yourself: the block must have been found after {frozen}"),
    )
}
pub(crate) fn no_list(hash: &str) -> Words {
    say(
        format!(
            "Список билетов не приложен, поэтому победителей пересчитать нельзя. Нужен файл с отпечатком {hash}"
        ),
        format!(
            "There is no list of tickets, so that the winners cannot be counted. A file with the hash {hash} is needed"
        ),
    )
}
pub(crate) fn other_list(hash: &str) -> Words {
    say(
        format!("Это не тот список, который был заморожен: у этого отпечаток {hash}"),
        format!("This is not the list that was frozen: this one has the hash {hash}"),
    )
}
pub(crate) fn list(count: u64) -> Words {
    say(
        format!("Список тот самый, билетов в нём: {count}"),
        format!("This is the frozen list, tickets in it: {count}"),
    )
}
pub(crate) fn other_count(told: u64, found: u64) -> Words {
    say(
        format!("Объявлено билетов: {told}, в списке: {found}"),
        format!("Tickets announced: {told}, in the list: {found}"),
    )
}
pub(crate) fn bad_list(malformed: &Malformed) -> Words {
    let Malformed { line, what } = malformed;
    say(format!("Список испорчен: строка {line}: {what}"), format!("The list is spoilt: line {line}: {what}"))
}
pub(crate) fn seed() -> Words {
    say("Зерно посчитано верно", "The seed is counted right")
}
pub(crate) fn other_seed(seed: &str) -> Words {
    say(
        format!("Зерно посчитано неверно: должно быть {seed}"),
        format!("The seed is counted wrong: it must be {seed}"),
    )
}
pub(crate) fn winners(count: usize) -> Words {
    say(
        format!("Победители и резерв пересчитаны по формуле и совпали; победителей: {count}"),
        format!("Winners and reserve were counted again by the formula and are the same; winners: {count}"),
    )
}
pub(crate) fn other_winners() -> Words {
    say("По формуле выигрывают другие билеты", "By the formula other tickets win")
}
