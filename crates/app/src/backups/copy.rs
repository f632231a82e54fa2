//! Making a backup and checking it. Needs the database only, not the rest of the program: the command line makes one
//! while another process is at work.

use super::{beside, blocking, disk, rules};
use crate::ledger;
use crate::problem::{Fail, Kind, Problem};
use flate2::Compression;
use flate2::write::GzEncoder;
use samovar_base::TenantId;
use samovar_store::{Store, StoreOptions, query};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

query! {
    instance static INTEGRITY = "PRAGMA integrity_check", postgres = "SELECT 'ok'";
    instance static COMPANIES = "SELECT tenant_id FROM tenant ORDER BY tenant_id";
}

/// A backup that was made and checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Bytes of the packed file.
    pub size: u64,
    /// Companies in it, with their books right.
    pub companies: usize,
}

/// Copies the database as it is at one moment, while it is in use; checks the copy; packs it to `to`. Nothing is left of
/// an attempt that failed.
pub async fn make(store: &Store, to: &Path) -> Result<Made, Fail> {
    if store.file().is_none() {
        return Err(rules::use_pg_dump().into());
    }
    let (raw, part) = (beside(to, ".copy"), beside(to, ".part"));
    let made = attempt(store, &raw, &part, to).await;
    let rest = [raw.clone(), beside(&raw, "-wal"), beside(&raw, "-shm"), part];
    blocking(move || {
        rest.iter().for_each(|path| drop(std::fs::remove_file(path)));
        Ok(())
    })
    .await?;
    made
}

async fn attempt(store: &Store, raw: &Path, part: &Path, to: &Path) -> Result<Made, Fail> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).map(Path::to_path_buf);
    if let Some(folder) = folder {
        blocking(move || std::fs::create_dir_all(folder).map_err(|error| disk(&error))).await?;
    }
    store.backup_to(raw).await?;
    let companies = check(raw).await?;
    let (raw, part, to): (PathBuf, PathBuf, PathBuf) = (raw.into(), part.into(), to.into());
    let size = blocking(move || {
        pack(&raw, &part)
            .and_then(|size| std::fs::rename(&part, &to).map(|()| size))
            .map_err(|error| disk(&error))
    })
    .await?;
    Ok(Made { size, companies })
}

/// Opens a copy and looks through it: the file is whole, and the books of every company are right. How many companies
/// are in it.
pub async fn check(copy: &Path) -> Result<usize, Fail> {
    let store = Store::open(StoreOptions::new(format!("sqlite:{}", copy.display()))).await?;
    let checked = look_through(&store).await;
    store.close().await;
    checked
}

async fn look_through(store: &Store) -> Result<usize, Fail> {
    let (word, companies) = store
        .read_instance(|tx| async move {
            let word = tx
                .one(&INTEGRITY, ())
                .await?
                .map_or(Ok(String::new()), |row| row.text(0).map(str::to_owned))?;
            let companies: Vec<TenantId> =
                tx.all(&COMPANIES, ()).await?.iter().map(|row| row.id(0)).collect::<Result<_, _>>()?;
            Ok::<_, Fail>((word, companies))
        })
        .await?;
    if word != "ok" {
        return Err(broken(&word).into());
    }
    for company in &companies {
        let wrong =
            store.read(*company, |tx| async move { Ok::<_, Fail>(ledger::check(&tx).await?) }).await?;
        if let Some(first) = wrong.first() {
            return Err(broken(&first.to_string()).into());
        }
    }
    Ok(companies.len())
}

fn broken(what: &str) -> Problem {
    Problem::new(
        Kind::Refused,
        "backup_is_broken",
        format!("Копия не прошла проверку: {what}. Запустите samovar doctor"),
        format!("The backup did not pass its check: {what}. Run samovar doctor"),
    )
}

fn pack(raw: &Path, to: &Path) -> std::io::Result<u64> {
    let mut packer = GzEncoder::new(File::create(to)?, Compression::new(3));
    std::io::copy(&mut File::open(raw)?, &mut packer)?;
    let mut file = packer.finish()?;
    file.flush()?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}
