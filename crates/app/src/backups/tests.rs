use super::rules::{Backup, is_name, too_old};
use super::{KEPT, file_name};
use samovar_base::{Clock, ManualClock};

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
    let found: Vec<Backup> = (0..KEPT + 3).map(made).collect();
    let gone: Vec<&str> = too_old(&found).map(|backup| backup.name.as_str()).collect();
    assert_eq!(gone, [format!("samovar-{}", KEPT + 1), format!("samovar-{}", KEPT + 2)]);
}
