//! Imports: contacts with their balances from a file of Excel or CSV.
//!
//! A file is brought and read ([`bring`]); its columns are named by their titles and can be named anew ([`map`]); a
//! [`preview`] tells what would become of every row; [`start`] has it done by a durable job in portions of
//! [`PORTION`] rows. Each portion is one unit together with how far the import is, so a crash neither repeats nor
//! leaves out a row. Rows that cannot be taken are listed with the reason ([`bad`]) and hold nothing up.
//!
//! A person is known by the contact's id, the phone, the card, or another program's id, in this order. Empty cells
//! change nothing. Opening balances are posted once for the file and the person: the same file again changes nothing.

mod apply;
mod model;
mod rules;
pub(crate) mod store;
pub mod work;

pub use model::{Bad, Counts, Fate, Field, Import, ImportId, Preview, Shown, State};

use crate::access::{Actor, Right, audit};
use crate::app::App;
use crate::problem::{Fail, Kind, Problem};
use crate::sheets::{self, Book, COLUMNS_MAX, Cell, Column, Csv, Language, Unreadable};
use crate::work::enqueue;
use apply::Seen;
use bytes::Bytes;
use samovar_base::Instant;
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// Rows taken in one unit.
pub const PORTION: usize = 100;
/// Most rows of a file.
pub const ROWS_MAX: usize = 200_000;
/// Largest file.
pub const BYTES_MAX: usize = 25 << 20;
/// For how many days the rows of a file and the list of bad ones are kept.
pub const KEEP_DAYS: i64 = 7;
/// Rows that a preview shows.
const SHOWN: usize = 20;
/// Portions written in one unit.
const PORTIONS: usize = 20;

/// Reads a file and keeps its rows; what the columns are is guessed by their titles. Nothing is changed yet.
pub async fn bring(app: &App, actor: &Actor, file_name: &str, bytes: Bytes) -> Result<Import, Fail> {
    allowed(actor)?;
    if bytes.len() > BYTES_MAX {
        let megabytes = BYTES_MAX >> 20;
        let (ru, en) =
            (format!("Файл больше {megabytes} МБ"), format!("The file is larger than {megabytes} MB"));
        return Err(Problem::new(Kind::TooLarge, "file_too_large", ru, en).into());
    }
    let read = tokio::task::spawn_blocking(move || {
        let hash = samovar_base::vault::fingerprint(&bytes);
        sheets::read(&bytes, ROWS_MAX).map(|read| (hash, read))
    });
    let read = read.await.map_err(|error| samovar_store::StoreError::Panicked(error.to_string()))?;
    let (file_hash, read) = read.map_err(unreadable)?;
    let now = app.clock.now();
    let chunks: Vec<Arc<str>> = read
        .rows
        .chunks(PORTION)
        .map(|rows| serde_json::to_string(rows).unwrap_or_default().into())
        .collect();
    let import = Import {
        id: ImportId::new(&app.ids, app.clock.as_ref()),
        file_name: file_name.chars().filter(|one| !one.is_control()).take(120).collect(),
        file_hash,
        mapping: rules::guess(&read.titles),
        titles: read.titles,
        state: State::Draft,
        rows_total: i64::try_from(read.rows.len()).unwrap_or(i64::MAX),
        counts: Counts::default(),
        created_by: actor.who.to_string(),
        created_at: now,
        finished_at: None,
        expires_at: now.plus_seconds(KEEP_DAYS * 86_400),
        chunks: i64::try_from(chunks.len()).unwrap_or(i64::MAX),
        chunk: 0,
        revision: 1,
    };
    keep(app, actor, &import, &chunks).await?;
    Ok(import)
}

/// The first unit sees to it that everything goes at its term, the last one makes the import.
async fn keep(app: &App, actor: &Actor, import: &Import, chunks: &[Arc<str>]) -> Result<(), Fail> {
    let parts = chunks.len().div_ceil(PORTIONS);
    for (part, some) in chunks.chunks(PORTIONS).enumerate() {
        let (services, actor_of_unit, import, some) =
            (app.clone(), actor.clone(), import.clone(), some.to_vec());
        app.store
            .run(actor.tenant, import.id.0.unsigned_abs(), move |tx| {
                let (app, actor, import, some) =
                    (services.clone(), actor_of_unit.clone(), import.clone(), some.clone());
                async move {
                    if part == 0 {
                        let job = work::Forget { import: import.id };
                        enqueue(&app, &tx, &job, import.expires_at, Some(&import.id.to_string())).await?;
                    }
                    for (at, rows) in some.iter().enumerate() {
                        let number = i64::try_from(part * PORTIONS + at).unwrap_or(i64::MAX);
                        store::put_chunk(&tx, import.id, number, rows);
                    }
                    if part + 1 == parts {
                        store::create(&tx, &import);
                        let data = json!({ "rows": import.rows_total, "file_hash": import.file_hash });
                        audit(&tx, &app, &actor, "import.bring", import.id, &data);
                    }
                    Ok::<_, Fail>(())
                }
            })
            .await?;
    }
    Ok(())
}

/// One import.
pub async fn get(app: &App, actor: &Actor, id: ImportId) -> Result<Import, Fail> {
    allowed(actor)?;
    app.store.read(actor.tenant, move |tx| async move { store::load(&tx, id).await }).await
}

/// Up to `limit` imports, the youngest first, from `after` on.
pub async fn list(
    app: &App,
    actor: &Actor,
    after: Option<ImportId>,
    limit: u32,
) -> Result<Vec<Import>, Fail> {
    allowed(actor)?;
    let before = after.unwrap_or(ImportId(i64::MAX));
    app.store.read(actor.tenant, move |tx| async move { Ok(store::page(&tx, before, limit).await?) }).await
}

/// Says what the columns are, one field for each title.
pub async fn map(app: &App, actor: &Actor, id: ImportId, mapping: Vec<Field>) -> Result<Import, Fail> {
    change(app, actor, id, move |import, _| {
        drafted(import)?;
        let wrong = rules::check(&import.titles, &mapping);
        if !wrong.is_empty() {
            return Err(Fail::Problems(wrong));
        }
        import.mapping.clone_from(&mapping);
        Ok(None)
    })
    .await
}

/// What would become of every row if the import were started now. Nothing is written.
pub async fn preview(app: &App, actor: &Actor, id: ImportId) -> Result<Preview, Fail> {
    let import = get(app, actor, id).await?;
    drafted(&import)?;
    let wrong = rules::check(&import.titles, &import.mapping);
    if !wrong.is_empty() {
        return Err(Fail::Problems(wrong));
    }
    let (mut seen, now) = (HashSet::new(), app.clock.now());
    let mut preview = Preview { counts: Counts::default(), rows: Vec::new(), bad: Vec::new() };
    for number in 0..import.chunks {
        let (services, known, asked) = (app.clone(), seen, import.clone());
        let (done, known) = app
            .store
            .read(actor.tenant, move |tx| {
                let (app, mut seen, import) = (services.clone(), known.clone(), asked.clone());
                async move {
                    let terms = apply::terms(&app, &tx, now).await?;
                    let mut all = Vec::new();
                    for line in store::chunk(&tx, id, number).await? {
                        let mut memory = Seen::Memory(&mut seen);
                        all.push((line.0, apply::row(&app, &tx, &import, &terms, &line, &mut memory).await?));
                    }
                    Ok::<_, Fail>((all, seen))
                }
            })
            .await?;
        seen = known;
        for (line, done) in done {
            preview.counts.add(done.counts());
            preview.bad.extend(done.bad.iter().take(SHOWN.saturating_sub(preview.bad.len())).cloned());
            if preview.rows.len() < SHOWN {
                let phone = done.phone.as_deref().map(|phone| actor.sees_phone(phone));
                preview.rows.push(Shown {
                    line: i64::from(line),
                    fate: done.fate,
                    name: done.name,
                    phone,
                    points: done.points,
                    bad: done.bad,
                });
            }
        }
    }
    Ok(preview)
}

/// Has the rows taken. Doing it again is no error.
pub async fn start(app: &App, actor: &Actor, id: ImportId) -> Result<Import, Fail> {
    change(app, actor, id, |import, _| {
        if import.state == State::Running {
            return Ok(None);
        }
        drafted(import)?;
        let wrong = rules::check(&import.titles, &import.mapping);
        if !wrong.is_empty() {
            return Err(Fail::Problems(wrong));
        }
        import.state = State::Running;
        Ok(Some("import.start"))
    })
    .await
}

/// Stops it; the rows that were taken stay taken. Doing it again is no error.
pub async fn cancel(app: &App, actor: &Actor, id: ImportId) -> Result<Import, Fail> {
    change(app, actor, id, |import, now| {
        if matches!(import.state, State::Done | State::Cancelled) {
            return Ok(None);
        }
        import.state = State::Cancelled;
        import.finished_at = Some(now);
        Ok(Some("import.cancel"))
    })
    .await
}

/// The rows that were not taken, with the reasons, as a file.
pub async fn bad(
    app: &App,
    actor: &Actor,
    id: ImportId,
    language: Language,
    xlsx: bool,
) -> Result<Vec<u8>, Fail> {
    get(app, actor, id).await?;
    let titles = [
        ("Строка", "Row", 9),
        ("Колонка", "Column", 22),
        ("Значение", "Value", 30),
        ("Что не так", "What is wrong", 70),
    ];
    let columns: Vec<Column> =
        titles.into_iter().map(|(ru, en, width)| Column::new(language.pick(ru, en), width)).collect();
    let (csv, mut book, mut pieces) = (Csv::new(language), Book::default(), Vec::new());
    let mut text = csv.head(&columns);
    book.begin(language.pick("Не загружено", "Not taken"), &columns, &mut pieces);
    let mut after = (i64::MIN, i64::MIN);
    loop {
        let page =
            app.store
                .read(actor.tenant, move |tx| async move {
                    Ok::<_, Fail>(store::bad(&tx, id, after, 2_000).await?)
                })
                .await?;
        let Some((last, _)) = page.last() else { break };
        after = *last;
        let rows: Vec<Vec<Cell>> = page.iter().map(|(_, bad)| bad_cells(bad, language)).collect();
        if xlsx {
            book.rows(&rows, language, &mut pieces);
        } else {
            text.extend(csv.rows(&rows));
        }
    }
    if !xlsx {
        return Ok(text);
    }
    book.finish(&mut pieces);
    pieces.sort_unstable_by_key(|(number, _)| *number);
    Ok(pieces.into_iter().flat_map(|(_, bytes)| bytes).collect())
}

fn bad_cells(bad: &Bad, language: Language) -> Vec<Cell> {
    vec![
        Cell::Whole(bad.line),
        Cell::text(bad.title.as_str()),
        Cell::text(bad.value.as_str()),
        Cell::text(bad.text(language.pick("ru", "en"))),
    ]
}

/// One change of an import as a unit of its own: `apply` says what is noted in the audit log, or that nothing is.
async fn change<F>(app: &App, actor: &Actor, id: ImportId, apply: F) -> Result<Import, Fail>
where
    F: Fn(&mut Import, Instant) -> Result<Option<&'static str>, Fail> + Clone + Send + 'static,
{
    allowed(actor)?;
    let (services, actor_of_unit, now) = (app.clone(), actor.clone(), app.clock.now());
    app.store
        .run(actor.tenant, id.0.unsigned_abs(), move |tx| {
            let (app, actor, apply) = (services.clone(), actor_of_unit.clone(), apply.clone());
            async move {
                let before = store::load(&tx, id).await?;
                let mut import = before.clone();
                let noted = apply(&mut import, now)?;
                if import != before {
                    store::save(&tx, &mut import);
                }
                if let Some(action) = noted {
                    audit(&tx, &app, &actor, action, id, &json!({ "rows": import.rows_total }));
                }
                if import.state == State::Running && before.state != State::Running {
                    enqueue(&app, &tx, &work::Take { import: id }, now, Some(&id.to_string())).await?;
                }
                Ok(import)
            }
        })
        .await
}

fn allowed(actor: &Actor) -> Result<(), Fail> {
    [Right::ImportsMake, Right::ContactsWrite, Right::PointsWrite]
        .into_iter()
        .try_for_each(|right| actor.require(right))
}

fn drafted(import: &Import) -> Result<(), Problem> {
    if import.state == State::Draft {
        return Ok(());
    }
    let ru = "Эта загрузка уже начата; для новой принесите файл ещё раз";
    Err(Problem::new(
        Kind::Conflict,
        "import_started",
        ru,
        "This import was started already; bring the file again for another",
    ))
}

fn unreadable(why: Unreadable) -> Problem {
    let wrong = |code, ru: String, en: String| Problem::invalid("file", code, ru, en);
    match why {
        Unreadable::NotATable => wrong(
            "not_a_table",
            "Это не таблица: нужен файл XLSX или CSV".into(),
            "This is no table: an XLSX or CSV file is needed".into(),
        ),
        Unreadable::Damaged => wrong(
            "damaged",
            "Файл Excel повреждён или закрыт паролем; сохраните его заново без пароля".into(),
            "The Excel file is damaged or protected; save it again without a password".into(),
        ),
        Unreadable::TooLarge => wrong(
            "too_large",
            "Внутри файла слишком много данных; оставьте только лист с клиентами".into(),
            "There is too much in the file; leave only the sheet with the customers".into(),
        ),
        Unreadable::TooMany => wrong(
            "too_many",
            format!("Не больше {ROWS_MAX} строк и {COLUMNS_MAX} колонок; разделите файл"),
            format!("At most {ROWS_MAX} rows and {COLUMNS_MAX} columns; split the file"),
        ),
        Unreadable::Empty => wrong(
            "empty",
            "В файле нет строк: нужна строка с названиями колонок и клиенты под ней".into(),
            "There are no rows: a line of titles is needed, and customers under it".into(),
        ),
    }
}
