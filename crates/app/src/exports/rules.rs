//! What an export may be. Pure.

use super::model::{Export, Format, Options, Request, State, What};
use super::{KEEP_DAYS, KEEP_DAYS_MAX};
use crate::access::{Actor, Right};
use crate::problem::{Kind, Problem};
use samovar_base::{Instant, TenantId};

/// The key of units that begin an export: one at a time for each company, so that their limit holds.
pub fn unit_key(tenant: TenantId) -> u64 {
    tenant.0.cast_unsigned().rotate_left(17)
}

/// How it is made: checked, and as the actor may see it.
pub fn options(actor: &Actor, request: &Request) -> Result<Options, Problem> {
    let locale = match request.locale.as_deref() {
        None => if actor.locale.starts_with("ru") { "ru" } else { "en" }.to_owned(),
        Some(known @ ("ru" | "en")) => known.to_owned(),
        Some(_) => return Err(crate::tenants::unknown_locale("locale")),
    };
    let keep_days = request.keep_days.unwrap_or(KEEP_DAYS);
    if !(1..=KEEP_DAYS_MAX).contains(&keep_days) {
        let ru = format!("Файл можно хранить от 1 до {KEEP_DAYS_MAX} дней");
        let en = format!("A file can be kept for 1 to {KEEP_DAYS_MAX} days");
        return Err(Problem::invalid("keep_days", "out_of_range", ru, en));
    }
    if request.audience.is_some() && request.what != What::Contacts {
        let (ru, en) = ("Выбирать можно только клиентов", "Only contacts can be chosen");
        return Err(Problem::invalid("audience", "not_of_contacts", ru, en));
    }
    let personal = actor.may(Right::PersonalDataSee);
    let (chat, audience) = (request.chat.clone(), request.audience.clone());
    Ok(Options { locale, personal, keep_days, chat, audience })
}

/// `contacts-2026-11-21.xlsx`.
pub fn file_name(what: What, format: Format, now: Instant) -> String {
    let day = now.in_zone(&jiff::tz::TimeZone::UTC).date();
    format!("{what}-{day}.{format}")
}

/// Whether there is a file to be had.
pub fn there(export: &Export, now: Instant) -> Result<(), Problem> {
    let conflict = |code, ru: &str, en: &str| Err(Problem::new(Kind::Conflict, code, ru, en));
    match export.state {
        State::Done if export.expires_at.is_none_or(|end| now < end) => Ok(()),
        State::Done => conflict(
            "export_expired",
            "Срок хранения файла прошёл; сделайте выгрузку ещё раз",
            "The term of the file is over; make the export again",
        ),
        State::Waiting | State::Running => conflict(
            "export_not_ready",
            "Файл ещё не готов; спросите немного позже",
            "The file is not ready yet; ask a little later",
        ),
        State::Failed | State::Cancelled => conflict(
            "export_ended",
            "Эта выгрузка не состоялась; сделайте новую",
            "This export came to nothing; make a new one",
        ),
    }
}

/// What is said with the file in a chat.
pub fn caption(export: &Export, until: &str) -> String {
    let (title, rows) = (export.what.title(&export.options.locale), export.rows_done);
    if export.options.locale == "ru" {
        format!("{title}: выгрузка готова, строк: {rows}. Файл хранится до {until}.")
    } else {
        format!("{title}: the export is ready, rows: {rows}. The file is kept until {until}.")
    }
}

/// What is said when the file is larger than the messenger takes.
pub fn too_large(export: &Export, megabytes: i64) -> String {
    let title = export.what.title(&export.options.locale);
    let address = format!("/api/v1/exports/{}/file", export.id);
    if export.options.locale == "ru" {
        format!(
            "{title}: выгрузка готова, но файл ({megabytes} МБ) больше, чем принимает мессенджер. Его можно скачать: GET {address}"
        )
    } else {
        format!(
            "{title}: the export is ready, but the file ({megabytes} MB) is larger than the messenger takes. It can be downloaded: GET {address}"
        )
    }
}

/// What is said in a chat when it did not work out.
pub fn apology(export: &Export) -> String {
    let title = export.what.title(&export.options.locale);
    if export.options.locale == "ru" {
        format!(
            "{title}: выгрузка не удалась. Попробуйте ещё раз; если не выйдет, покажите журнал программы её хозяину."
        )
    } else {
        format!(
            "{title}: the export did not work out. Try again; if it does not help, show the log of the program to its owner."
        )
    }
}
