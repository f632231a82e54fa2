//! Decisions about draws. Pure.

use super::model::{
    Delivery, Draw, DrawState, NewDraw, Plan, Readiness, SourcePlan, TaxRule, Winner, WinnerState,
};
use crate::problem::{Kind, Problem};
use samovar_base::{Instant, phone};
use samovar_draw::{
    Announcement, EXCLUDED_MAX, Excluded, PIECES_MAX, PRIZES_MAX, QUICKNET, RESERVE_MAX, Source,
};

/// Letters of a name.
const NAME_MAX: usize = 120;
/// Letters of an address.
const ADDRESS_MAX: usize = 500;
/// Contacts that are left out by hand.
const WITHOUT_MAX: usize = 1_000;
/// Kopecks of a prize: a hundred million roubles.
const VALUE_MAX: i64 = 10_000_000_000;
/// The beacon's number is said at least so long after the list is frozen, so that the announcement can be seen first.
const AHEAD_SECONDS: i64 = 60;

/// A draw as somebody plans it, checked; texts without blanks at their ends.
pub(super) fn tidy(mut new: NewDraw) -> Result<NewDraw, Vec<Problem>> {
    let mut problems = Vec::new();
    new.name = new.name.trim().to_owned();
    if !is_line(&new.name) {
        problems.push(text("name"));
    }
    if new.from >= new.until {
        let (ru, en) = ("Начало периода должно быть раньше конца", "The period must begin before it ends");
        problems.push(Problem::invalid("until", "out_of_range", ru, en));
    }
    if new.planned_at < new.until {
        let ru = "Розыгрыш проводят не раньше, чем кончится период билетов";
        let en = "A draw is held not before the period of its tickets is over";
        problems.push(Problem::invalid("planned_at", "out_of_range", ru, en));
    }
    check_plan(&mut new.plan, new.until, &mut problems);
    if problems.is_empty() { Ok(new) } else { Err(problems) }
}

fn check_plan(plan: &mut Plan, until: Instant, problems: &mut Vec<Problem>) {
    let pieces: u64 = plan.prizes.iter().map(|prize| u64::from(prize.count)).sum();
    if plan.prizes.is_empty() || plan.prizes.len() > PRIZES_MAX || pieces > u64::from(PIECES_MAX) {
        let ru = format!("Нужно от 1 до {PRIZES_MAX} призов, штук вместе не больше {PIECES_MAX}");
        let en = format!("There must be from 1 to {PRIZES_MAX} prizes, at most {PIECES_MAX} pieces together");
        problems.push(Problem::invalid("prizes", "out_of_range", ru, en));
    }
    for (at, prize) in plan.prizes.iter_mut().enumerate() {
        prize.name = prize.name.trim().to_owned();
        if !is_line(&prize.name) {
            problems.push(text(&format!("prizes.{at}.name")));
        }
        if prize.count == 0 {
            let (ru, en) = ("Нужна хотя бы одна штука", "At least one piece is needed");
            problems.push(Problem::invalid(&format!("prizes.{at}.count"), "out_of_range", ru, en));
        }
        if !(0..=VALUE_MAX).contains(&prize.value) {
            let (ru, en) = ("Стоимость от 0 до 100 млн рублей", "A value from 0 to 100 million roubles");
            problems.push(Problem::invalid(&format!("prizes.{at}.value"), "out_of_range", ru, en));
        }
    }
    if plan.reserve > RESERVE_MAX {
        let ru = format!("В резерве не больше {RESERVE_MAX} билетов");
        let en = format!("The reserve has at most {RESERVE_MAX} tickets");
        problems.push(Problem::invalid("reserve", "out_of_range", ru, en));
    }
    plan.without.sort_unstable();
    plan.without.dedup();
    if plan.without.len() > WITHOUT_MAX {
        let ru = format!("Исключить можно не больше {WITHOUT_MAX} человек");
        let en = format!("At most {WITHOUT_MAX} people can be left out");
        problems.push(Problem::invalid("without", "too_many", ru, en));
    }
    match &mut plan.source {
        SourcePlan::Figure { what, at } => {
            *what = what.trim().to_owned();
            if *at <= until {
                let ru = "Значение должно стать известно после конца периода билетов";
                let en = "The figure must become known after the period of the tickets";
                problems.push(Problem::invalid("source.at", "out_of_range", ru, en));
            }
        }
        SourcePlan::Block { network, .. } => *network = network.trim().to_lowercase(),
        SourcePlan::Drand | SourcePlan::Reveal { .. } => {}
    }
    if !source(&plan.source, until, until).is_some_and(|source| source.is_sound()) {
        let ru = "Источник случайного числа описан не полностью";
        let en = "The source of the randomness is not described completely";
        problems.push(Problem::invalid("source", "bad_source", ru, en));
    }
}

/// Where the randomness comes from, as it is announced at `now`. None while a secret has no hash.
pub(super) fn source(plan: &SourcePlan, planned_at: Instant, now: Instant) -> Option<Source> {
    Some(match plan {
        SourcePlan::Drand => {
            let earliest = now.seconds() + AHEAD_SECONDS;
            Source::Drand { round: QUICKNET.round_at(planned_at.seconds().max(earliest)) }
        }
        SourcePlan::Block { network, height } => Source::Block { network: network.clone(), height: *height },
        SourcePlan::Figure { what, at } => Source::Figure { what: what.clone(), moment: at.seconds() },
        // Before the hash is known any is as good to be checked.
        SourcePlan::Reveal { commitment } => {
            Source::Reveal { commitment: commitment.clone().unwrap_or_else(|| "0".repeat(64)) }
        }
    })
}

/// Whether the randomness of that plan cannot exist yet, as far as that is known.
pub(super) fn is_ahead(plan: &SourcePlan, now: Instant) -> bool {
    match plan {
        SourcePlan::Figure { at, .. } => now.seconds() < at.seconds(),
        SourcePlan::Drand | SourcePlan::Block { .. } | SourcePlan::Reveal { .. } => true,
    }
}

/// What is announced of a draw whose list is written.
pub(super) fn announce(
    draw: &Draw,
    (organiser, promotion): (&str, &str),
    list: &str,
    source: Source,
    mut excluded: Vec<Excluded>,
    now: Instant,
) -> Result<Announcement, Problem> {
    excluded.sort_by_key(|one| one.person);
    excluded.dedup_by_key(|one| one.person);
    excluded.truncate(EXCLUDED_MAX + 1);
    let told = Announcement {
        organiser: line(organiser),
        promotion: format!("{} {}", draw.promotion, line(promotion)),
        draw: format!("{} {}", draw.id, draw.name),
        frozen: now.seconds(),
        from: draw.from.seconds(),
        until: draw.until.seconds(),
        tickets: draw.tickets.unsigned_abs(),
        list: list.to_owned(),
        source,
        one_prize: draw.plan.one_prize,
        prizes: draw
            .plan
            .prizes
            .iter()
            .map(|prize| samovar_draw::Prize {
                count: prize.count,
                value: prize.value.unsigned_abs(),
                name: prize.name.clone(),
            })
            .collect(),
        reserve: draw.plan.reserve,
        excluded,
    };
    told.check().map_err(|what| {
        let ru = format!("Объявление розыгрыша не составлено: {what}");
        Problem::refused("cannot_announce", ru, format!("The draw cannot be announced: {what}"))
    })?;
    Ok(told)
}

/// A text as one line of bounded length; never empty.
fn line(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let line: String = line.chars().filter(|sign| !sign.is_control()).take(NAME_MAX).collect();
    let line = line.trim().to_owned();
    if line.is_empty() { "—".into() } else { line }
}

/// Only a draw in that state can go on.
pub(super) fn is_in(draw: &Draw, state: DrawState) -> Result<(), Problem> {
    if draw.state == state { Ok(()) } else { Err(wrong_state(draw.state)) }
}

/// What stands in the way, first things first.
pub(super) fn may_freeze(ready: Readiness, without_waiting: bool) -> Result<(), Problem> {
    let Readiness { period_over, unchecked, undecided, tickets, source_ahead } = ready;
    if !period_over {
        let ru = "Период билетов ещё не кончился: список можно заморозить после него";
        return Err(Problem::refused(
            "period_not_over",
            ru,
            "The period of the tickets is not over: freeze the list after it",
        ));
    }
    if !source_ahead {
        let ru = "Случайное число, возможно, уже известно: перенесите его момент вперёд и повторите";
        let en = "The randomness may be known already: move its moment forward and try again";
        return Err(Problem::refused("source_not_ahead", ru, en));
    }
    if (unchecked > 0 || undecided > 0) && !without_waiting {
        let ru = format!(
            "Чеки этого периода ещё ждут: проверки {unchecked}, решения модератора {undecided}. Дождитесь их или \
             заморозьте список без них"
        );
        let en = format!(
            "Receipts of this period still wait: {unchecked} for their check, {undecided} for a moderator. Wait for \
             them, or freeze the list without them"
        );
        return Err(Problem::refused("receipts_wait", ru, en));
    }
    if tickets == 0 {
        let (ru, en) = ("В этом периоде нет ни одного билета", "There is no ticket in this period");
        return Err(Problem::refused("no_tickets", ru, en));
    }
    Ok(())
}

/// Where a winner goes by what was done; the same again changes nothing.
pub(super) fn turn(winner: &Winner, to: WinnerState) -> Result<bool, Problem> {
    use WinnerState::{Accepted, Drawn, Handed, Refused, Sent, Told};
    if winner.state == to {
        return Ok(false);
    }
    let fits = matches!(
        (winner.state, to),
        (Drawn | Told, Accepted | Refused) | (Accepted, Sent | Handed | Refused) | (Sent, Handed | Refused)
    );
    if fits { Ok(true) } else { Err(wrong_turn(winner.state, to)) }
}

/// What of a prize is taxed, and the tax, when prizes of `before` kopecks were handed over to the person in the same year.
/// The tax is in whole roubles: less than fifty kopecks are dropped, fifty and more are a rouble.
pub(super) fn tax(rule: TaxRule, before: i64, worth: i64) -> (i64, i64) {
    let above = |worth: i64| (worth - rule.free).max(0);
    let taxable = above(before.saturating_add(worth)) - above(before);
    // Counted over the year, so that many small prizes are taxed as one large one.
    let due = |above: i64| {
        let exact = i128::from(above) * i128::from(rule.rate);
        i64::try_from((exact + 500_000) / 1_000_000).unwrap_or(i64::MAX).saturating_mul(100)
    };
    (taxable, due(above(before.saturating_add(worth))) - due(above(before)))
}

/// Where a prize goes, checked; every part of it.
pub(super) fn delivery(given: Delivery) -> Result<Delivery, Vec<Problem>> {
    let (mut whole, mut problems) = (Delivery::default(), Vec::new());
    for words in [&given.name, &given.phone, &given.address] {
        // A part that is wrong stays empty, and the next one is asked for as if it were there.
        if let Err(problem) = tell(&mut whole, words) {
            problems.push(problem);
            match missing(&whole) {
                Some("name") => whole.name = "-".into(),
                Some("phone") => whole.phone = "-".into(),
                _ => {}
            }
        }
    }
    if problems.is_empty() { Ok(whole) } else { Err(problems) }
}

/// What was not told yet.
pub(super) fn missing(given: &Delivery) -> Option<&'static str> {
    if given.name.is_empty() {
        Some("name")
    } else if given.phone.is_empty() {
        Some("phone")
    } else if given.address.is_empty() {
        Some("address")
    } else {
        None
    }
}

/// Takes words as what is asked for next.
pub(super) fn tell(given: &mut Delivery, words: &str) -> Result<(), Problem> {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let letters = words.chars().count();
    match missing(given) {
        Some("name") if !(5..=NAME_MAX).contains(&letters) || !words.contains(' ') => {
            let ru = "Нужны фамилия и имя целиком, как в паспорте";
            Err(Problem::invalid("name", "bad_name", ru, "The full name is needed, as in the passport"))
        }
        Some("name") => {
            given.name = words;
            Ok(())
        }
        Some("phone") => {
            let digits = words.chars().filter(char::is_ascii_digit).count();
            if !(10..=15).contains(&digits) || letters > 40 {
                let ru = "Нужен телефон с кодом, например +7 916 123-45-67";
                let en = "A phone with its code is needed, as +7 916 123-45-67";
                return Err(Problem::invalid("phone", "bad_phone", ru, en));
            }
            given.phone = words;
            Ok(())
        }
        Some(_) if !(10..=ADDRESS_MAX).contains(&letters) => {
            let ru = "Нужен адрес целиком, с индексом";
            Err(Problem::invalid(
                "address",
                "bad_address",
                ru,
                "The whole address is needed, with its postcode",
            ))
        }
        Some(_) => {
            given.address = words;
            Ok(())
        }
        None => Ok(()),
    }
}

/// As those see it who may not see personal data.
pub(super) fn masked(delivery: &Delivery) -> Delivery {
    let town = delivery.address.split(',').next().unwrap_or_default().chars().take(20).collect::<String>();
    Delivery {
        name: samovar_draw::mask(&delivery.name, None),
        phone: phone::masked(&delivery.phone),
        address: format!("{town}…"),
    }
}

fn is_line(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}

fn text(field: &str) -> Problem {
    let ru = format!("Нужно название в одну строку, от 1 до {NAME_MAX} знаков");
    let en = format!("A name of one line is needed, 1 to {NAME_MAX} characters");
    Problem::invalid(field, "bad_length", ru, en)
}

pub(super) fn wrong_state(state: DrawState) -> Problem {
    let (ru, en) = match state {
        DrawState::Planned => ("Сначала заморозьте список билетов", "Freeze the list of tickets first"),
        DrawState::Freezing => (
            "Список билетов ещё пишется: подождите немного",
            "The list of tickets is being written: wait a little",
        ),
        DrawState::Frozen => (
            "Список заморожен и объявлен: менять розыгрыш нельзя, можно только провести его",
            "The list is frozen and announced: the draw cannot be changed any more, only held",
        ),
        DrawState::Drawn => ("Розыгрыш уже проведён", "The draw was held already"),
        DrawState::Published => ("Результаты уже опубликованы", "The results are published already"),
    };
    Problem::new(Kind::Conflict, "wrong_draw_state", ru, en)
}

fn wrong_turn(from: WinnerState, to: WinnerState) -> Problem {
    let (is_ru, is_en) = match from {
        WinnerState::Reserve => ("в резерве", "in reserve"),
        WinnerState::Drawn => ("выиграл и ещё не ответил", "has won and not answered"),
        WinnerState::Told => ("извещён и ещё не ответил", "was told and has not answered"),
        WinnerState::Accepted => ("берёт приз", "takes the prize"),
        WinnerState::Sent => ("ждёт отправленный приз", "waits for the prize that was sent"),
        WinnerState::Handed => ("приз уже получил", "has the prize already"),
        WinnerState::Refused => ("от приза отказался", "refused the prize"),
        WinnerState::Silent => {
            ("не ответил в срок, приз передан дальше", "did not answer in time, the prize was passed on")
        }
    };
    let (ru, en) = match to {
        WinnerState::Sent => ("Отправить приз нельзя", "The prize cannot be sent"),
        WinnerState::Handed => ("Вручить приз нельзя", "The prize cannot be handed over"),
        WinnerState::Refused => ("Отказ записать нельзя", "A refusal cannot be noted"),
        _ => ("Так сделать нельзя", "This cannot be done"),
    };
    Problem::new(
        Kind::Conflict,
        "wrong_winner_state",
        format!("{ru}: победитель {is_ru}"),
        format!("{en}: the winner {is_en}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prizes_above_the_free_sum_of_a_year_are_taxed() {
        let rule = TaxRule::default();
        assert_eq!(tax(rule, 0, 400_000), (0, 0));
        assert_eq!(tax(rule, 0, 500_000), (100_000, 35_000 / 100 * 100));
        assert_eq!(tax(rule, 400_000, 100_000), (100_000, 35_000));
        assert_eq!(tax(rule, 300_000, 200_000), (100_000, 35_000));
        assert_eq!(tax(rule, 1_000_000, 5_000_000), (5_000_000, 1_750_000));
        // A kopeck above is a third of a kopeck of tax: nothing in whole roubles.
        assert_eq!(tax(rule, 0, 400_001), (1, 0));
        assert_eq!(tax(TaxRule { free: 0, rate: 1_300 }, 0, 10_000), (10_000, 1_300 / 100 * 100));
    }

    #[test]
    fn many_small_prizes_are_taxed_as_one_large_one() {
        let rule = TaxRule::default();
        let (mut before, mut sum) = (0, 0);
        for worth in [99_999, 150_001, 250_050, 1, 333_333, 7] {
            sum += tax(rule, before, worth).1;
            before += worth;
        }
        assert_eq!(sum, tax(rule, 0, before).1);
    }

    #[test]
    fn the_beacon_speaks_after_the_list_is_frozen() {
        let now = Instant::from_seconds(1_795_251_600);
        for planned in [now.minus_seconds(500), now, now.plus_seconds(7_200)] {
            let Some(Source::Drand { round }) = source(&SourcePlan::Drand, planned, now) else { panic!() };
            let said = QUICKNET.moment_of(round).unwrap();
            assert!(said >= now.seconds() + AHEAD_SECONDS && said >= planned.seconds(), "{said}");
        }
    }

    #[test]
    fn what_is_masked_tells_little() {
        let whole = Delivery {
            name: "Каренина Анна Аркадьевна".into(),
            phone: "+79161234567".into(),
            address: "101000, Москва, Мясницкая, 1".into(),
        };
        let seen = masked(&delivery(whole.clone()).unwrap());
        assert_eq!((seen.name.as_str(), seen.address.as_str()), ("Каренина А.", "101000…"));
        assert!(!seen.phone.contains("123"), "{}", seen.phone);
        let short = Delivery { name: "Анна".into(), phone: "12".into(), address: "тут".into() };
        assert_eq!(delivery(short).unwrap_err().len(), 3);
    }
}
