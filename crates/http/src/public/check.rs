//! The page on which a stranger has a draw counted again.

use super::words::Words;
use super::{Desk, Fault, Guest, Head, drawn};
use askama::Template;
use axum::extract::{Multipart, State};
use axum::http::{HeaderValue, header};
use axum::response::Response;
use samovar_app::App;
use samovar_draw::{Outcome, Report, verify};
use std::sync::Arc;

/// A protocol and a list of a million tickets.
pub(super) const BROUGHT_BYTES_MAX: usize = 100 << 20;

#[derive(Template)]
#[template(path = "public/check.html")]
pub(super) struct CheckPage {
    pub head: Head,
    /// What was found; none while nothing was brought.
    pub report: Option<ReportView>,
    /// Of which draw; empty for files that somebody brought.
    pub of: String,
    /// The page of that draw.
    pub back: String,
}

pub(super) struct ReportView {
    /// `holds`, `broken`, `missing`.
    pub outcome: &'static str,
    pub title: &'static str,
    pub rehearsal: bool,
    pub checks: Vec<CheckView>,
    pub winners: Vec<WinnerView>,
}

pub(super) struct CheckView {
    pub outcome: &'static str,
    pub mark: &'static str,
    pub said: &'static str,
    pub text: String,
}

pub(super) struct WinnerView {
    pub prize: String,
    pub number: u64,
    pub name: String,
}

/// Winners that are shown beside a report.
const WINNERS_SHOWN: usize = 100;

/// `GET /p/check`
pub async fn form(guest: Guest) -> Response {
    drawn(&CheckPage::new(&guest, None))
}

/// `POST /p/check`
pub async fn brought(
    State(app): State<App>,
    State(desk): State<Arc<Desk>>,
    guest: Guest,
    files: Multipart,
) -> Response {
    if desk.checks.take(&guest.origin, app.clock.now()).is_err() {
        return Fault::Busy.page(guest.t);
    }
    // Taken before the files are: they lie in memory.
    let Ok(alone) = Arc::clone(&desk.counted).try_acquire_owned() else { return Fault::Busy.page(guest.t) };
    let (protocol, list) = match received(files).await {
        Ok(files) => files,
        Err(fault) => return fault.page(guest.t),
    };
    let counted = tokio::task::spawn_blocking(move || {
        let _alone = alone;
        verify(&protocol, list, None, None)
    })
    .await;
    let Ok(report) = counted else { return Fault::Failed.page(guest.t) };
    let mut response = drawn(&CheckPage::new(&guest, Some(&report)));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn received(mut files: Multipart) -> Result<(String, Option<Vec<u8>>), Fault> {
    let (mut protocol, mut list) = (String::new(), None);
    while let Some(field) = files.next_field().await.map_err(|_| Fault::TooLarge)? {
        let name = field.name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(|_| Fault::TooLarge)?;
        match name.as_str() {
            "protocol" => protocol = String::from_utf8_lossy(&bytes).into_owned(),
            "list" if !bytes.is_empty() => list = Some(bytes.to_vec()),
            _ => {}
        }
    }
    Ok((protocol, list))
}

impl CheckPage {
    fn new(guest: &Guest, report: Option<&Report>) -> Self {
        let mut head = Head::new(guest, "/p/check".to_owned(), guest.t.check_title.to_owned());
        head.description = guest.t.check_about.to_owned();
        Self {
            head,
            report: report.map(|report| ReportView::new(guest.t, report)),
            of: String::new(),
            back: String::new(),
        }
    }
}

impl ReportView {
    pub(super) fn new(t: &'static Words, report: &Report) -> Self {
        let (outcome, title) = match (report.is_broken(), report.holds()) {
            (true, _) => ("broken", t.check_broken),
            (false, true) => ("holds", t.check_holds),
            (false, false) => ("missing", t.check_missing),
        };
        let checks = report.checks.iter().map(|check| {
            let (outcome, mark, said) = match check.outcome {
                Outcome::Holds => ("holds", "✓", t.holds),
                Outcome::Broken => ("broken", "✕", t.broken),
                Outcome::Missing => ("missing", "?", t.not_looked_at),
                Outcome::Compare => ("compare", "≟", t.compare),
            };
            let text = if t.lang == "ru" { &check.ru } else { &check.en };
            CheckView { outcome, mark, said, text: text.clone() }
        });
        let prizes = report.announcement.as_ref().map(|told| told.prizes.as_slice()).unwrap_or_default();
        let won = report.protocol.as_ref().map(|protocol| protocol.winners.as_slice()).unwrap_or_default();
        let prize = |number: u32| {
            let at = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
            at.and_then(|at| prizes.get(at)).map(|prize| prize.name.clone()).unwrap_or_default()
        };
        Self {
            outcome,
            title,
            rehearsal: report.rehearsal,
            checks: checks.collect(),
            winners: won
                .iter()
                .take(WINNERS_SHOWN)
                .map(|won| WinnerView { prize: prize(won.prize), number: won.number, name: won.name.clone() })
                .collect(),
        }
    }
}
