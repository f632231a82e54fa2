use super::file_name;
use super::rules::{Backup, Schedule, around, is_name, too_old};
use samovar_base::{Clock, Instant, ManualClock};

#[test]
fn a_name_tells_the_moment_and_leads_nowhere_else() {
    let name = file_name(ManualClock::at_rfc3339("2026-11-21T10:00:07Z").now());
    assert_eq!(name, "samovar-20261121T100007Z.sqlite.gz");
    assert!(is_name(&name));
    for other in
        ["", "samovar.key", "samovar-../../../etc/pass.sqlite.gz", "samovar-20261121T100007Z.sqlite.gz.part"]
    {
        assert!(!is_name(other), "{other}");
    }
}

#[test]
fn the_oldest_go_and_one_that_is_being_made_is_not_counted() {
    let made = |at: usize| Backup { name: format!("samovar-{at}"), size: 1, making: at == 0 };
    let found: Vec<Backup> = (0..6).map(made).collect();
    let gone: Vec<&str> = too_old(&found, 3).map(|backup| backup.name.as_str()).collect();
    assert_eq!(gone, ["samovar-4", "samovar-5"]);
}

#[test]
fn a_day_has_its_hour_once_also_when_clocks_are_changed() {
    let at = |text: &str| ManualClock::at_rfc3339(text).now();
    let zone = |name: &str| jiff::tz::TimeZone::get(name).expect("a zone");
    for (now, place, last, next) in [
        ("2026-11-21T00:30:00Z", "Europe/Moscow", "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
        ("2026-11-20T23:59:59Z", "Europe/Moscow", "2026-11-20T00:00:00Z", "2026-11-21T00:00:00Z"),
        // That night there is no hour from 3 to 4 in Riga.
        ("2026-03-28T12:00:00Z", "Europe/Riga", "2026-03-28T01:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-03-29T12:00:00Z", "Europe/Riga", "2026-03-29T01:00:00Z", "2026-03-30T00:00:00Z"),
    ] {
        let found: Option<(Instant, Instant)> = around(3, at(now), &zone(place));
        assert_eq!(found, Some((at(last), at(next))), "{now} {place}");
    }
}

#[test]
fn a_schedule_stays_within_its_limits() {
    let wrong = |hour, keep| Schedule { hour, keep }.problems().len();
    assert_eq!((wrong(None, 7), wrong(Some(0), 1), wrong(Some(23), 60)), (0, 0, 0));
    assert_eq!((wrong(Some(24), 7), wrong(Some(-1), 0), wrong(None, 61)), (1, 2, 1));
}
