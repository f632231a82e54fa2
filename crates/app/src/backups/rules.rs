//! Names of backups, which there are, and when they are made by themselves.

use crate::problem::{Kind, Problem};
use jiff::ToSpan;
use jiff::tz::TimeZone;
use samovar_base::Instant;
use serde::{Deserialize, Serialize};
use std::path::Path;

const BEGIN: &str = "samovar-";
const END: &str = ".sqlite.gz";
const MAKING: &str = ".sqlite.gz.part";

/// The most backups that can be kept.
const KEEP_MAX: usize = 60;

/// When backups are made by themselves, and how many are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schedule {
    /// Every day at this hour of the business; none is never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hour: Option<i8>,
    /// So many of the youngest stay when a new one is made, by itself or by hand.
    pub keep: usize,
}

impl Default for Schedule {
    fn default() -> Self {
        Self { hour: None, keep: 7 }
    }
}

impl Schedule {
    /// Whether nothing was chosen.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What is wrong with it.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.hour.is_some_and(|hour| !(0..=23).contains(&hour)) {
            found.push(Problem::invalid("hour", "bad_hour", "Час — от 0 до 23", "An hour is from 0 to 23"));
        }
        if !(1..=KEEP_MAX).contains(&self.keep) {
            let (ru, en) = (format!("Копий — от 1 до {KEEP_MAX}"), format!("From 1 to {KEEP_MAX} backups"));
            found.push(Problem::invalid("keep", "out_of_range", ru, en));
        }
        found
    }
}

/// The last moment that was that hour of the day, and the next one; none where the calendar ends.
pub(super) fn around(hour: i8, now: Instant, zone: &TimeZone) -> Option<(Instant, Instant)> {
    let today = now.in_zone(zone).date();
    let on = |days: i64| {
        let date = today.checked_add(days.days()).ok()?;
        Some(Instant::from(date.at(hour, 0, 0, 0).to_zoned(zone.clone()).ok()?.timestamp()))
    };
    let due = on(0)?;
    if due <= now { Some((due, on(1)?)) } else { Some((on(-1)?, due)) }
}

/// A backup that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// The name of its file; tells when it was made.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// It is not finished yet.
    pub making: bool,
}

/// The name of one made at that moment: `samovar-20261121T100000Z.sqlite.gz`.
pub fn file_name(now: Instant) -> String {
    let at = now.in_zone(&TimeZone::UTC);
    format!("{BEGIN}{}{END}", at.strftime("%Y%m%dT%H%M%SZ"))
}

/// Whether a file of ours can be called so; nothing that leads out of the folder can.
pub(super) fn is_name(name: &str) -> bool {
    let stamp = name.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
    stamp.is_some_and(|stamp| {
        stamp.len() == 16 && stamp.chars().all(|one| one.is_ascii_digit() || "TZ".contains(one))
    })
}

/// What lies in the folder, the youngest first.
pub(super) fn list(folder: &Path) -> Vec<Backup> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<Backup> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let file = entry.file_name().into_string().ok()?;
            let making = file.ends_with(MAKING);
            let name = if making { file.strip_suffix(".part")?.to_owned() } else { file };
            let size = entry.metadata().ok()?.len();
            is_name(&name).then_some(Backup { name, size, making })
        })
        .collect();
    found.sort_by(|one, two| two.name.cmp(&one.name));
    found
}

/// Those that are too many.
pub(super) fn too_old(found: &[Backup], keep: usize) -> impl Iterator<Item = &Backup> {
    found.iter().filter(|backup| !backup.making).skip(keep)
}

pub(super) fn missing(name: &str) -> Problem {
    Problem::not_found("копия", "backup", name)
}

pub(super) fn use_pg_dump() -> Problem {
    Problem::new(
        Kind::Refused,
        "use_pg_dump",
        "База на PostgreSQL: копию делает pg_dump (см. «Резервные копии» в книге оператора); данные компании можно выгрузить файлами",
        "The database is on PostgreSQL: pg_dump makes its backup (see “Backups” in the operator's book); the company's data can be exported as files",
    )
}

/// What is said with the file in a chat, or instead of it.
pub(super) fn told(locale: &str, name: &str, size: u64, sent: bool) -> String {
    let megabytes = size.div_ceil(1 << 20);
    match (locale == "ru", sent) {
        (true, true) => {
            "Резервная копия готова и проверена. Ключа шифрования в ней нет: храните его отдельно.".into()
        }
        (false, true) => "The backup is ready and checked. The key is not in it: keep it apart.".into(),
        (true, false) => format!(
            "Резервная копия готова и проверена, но больше, чем принимает мессенджер ({megabytes} МБ). Она лежит на сервере: {name}. Скачать: GET /api/v1/backups/{name}/file"
        ),
        (false, false) => format!(
            "The backup is ready and checked, but larger than the messenger takes ({megabytes} MB). It lies on the server: {name}. To download: GET /api/v1/backups/{name}/file"
        ),
    }
}

/// What the owners are told when none is made by itself any more.
pub(super) fn farewell(locale: &str, why: &Problem) -> String {
    match locale {
        "ru" => format!("Копии по расписанию больше не делаются. {}", why.ru),
        _ => format!("Backups are not made by themselves any more. {}", why.en),
    }
}

/// Why the database gave no copy: what exactly is for the log.
pub(super) fn no_copy() -> Problem {
    let (ru, en) = (
        "База данных не отдала копию: проверьте место на диске, подробности — в журнале сервера",
        "The database gave no copy: check the room on the disk, the log of the server tells more",
    );
    Problem::new(Kind::Busy, "no_copy", ru, en)
}

/// What is said in a chat when it did not work out.
pub(super) fn apology(locale: &str, why: &Problem) -> String {
    match locale {
        "ru" => format!("Резервная копия не сделана. {}", why.ru),
        _ => format!("The backup was not made. {}", why.en),
    }
}
