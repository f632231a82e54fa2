//! Rules for migrations.

use super::{File, Files};

const FOLDER: &str = "crates/app/migrations/";
const LIST: &str = "crates/app/src/migrations.rs";
/// Says beside a table why it has no tenant.
const EXEMPT: &str = "-- of the instance:";

/// A file that is not in the list is never run.
pub fn listed(files: &Files) -> Vec<String> {
    let list = files.find(LIST).map(|file| file.text.as_str()).unwrap_or_default();
    let missing = migrations(files).filter(|file| !list.contains(&format!("\"{}\"", stem(file))));
    missing.map(|file| format!("{}: not in {LIST}", file.path)).collect()
}

/// Numbers go up by one: two that were written side by side are noticed here.
pub fn numbered(files: &Files) -> Vec<String> {
    let mut names: Vec<&str> = migrations(files).map(stem).collect();
    names.sort_unstable();
    let expected = (1..).zip(&names);
    let wrong = expected.filter(|(number, name)| !name.starts_with(&format!("{number:04}_")));
    wrong.map(|(number, name)| format!("{FOLDER}{name}.sql: its number should be {number:04}")).collect()
}

/// The tenant is the first column of every table, and of its key.
pub fn by_tenant(files: &Files) -> Vec<String> {
    migrations(files)
        .flat_map(|file| tables(file).into_iter().filter_map(|table| wrong_table(file, &table)))
        .collect()
}

struct Table<'a> {
    line: usize,
    name: &'a str,
    exempt: bool,
    columns: Vec<&'a str>,
}

fn wrong_table(file: &File, table: &Table<'_>) -> Option<String> {
    let first = table.columns.first().copied().unwrap_or_default();
    let begins = first.starts_with("tenant_id ");
    let key_of_one = first.contains("PRIMARY KEY");
    let keyed = key_of_one || table.columns.iter().any(|column| column.starts_with("PRIMARY KEY (tenant_id"));
    let fine = table.exempt || (begins && keyed);
    (!fine).then(|| {
        format!("{}:{}: tenant_id must come first in {} and in its key", file.path, table.line, table.name)
    })
}

fn tables(file: &File) -> Vec<Table<'_>> {
    let mut all: Vec<Table<'_>> = Vec::new();
    let (mut inside, mut exempt) = (false, false);
    for (line, text) in file.lines().map(|(at, line)| (at, line.trim())) {
        if let Some(rest) = text.strip_prefix("CREATE TABLE ") {
            let name = rest.split([' ', '(']).next().unwrap_or_default();
            all.push(Table { line, name, exempt, columns: Vec::new() });
            inside = true;
        } else if text.starts_with(')') {
            inside = false;
        } else if let (true, Some(table)) = (inside && !text.starts_with("--"), all.last_mut()) {
            table.columns.push(text);
        }
        exempt = text.starts_with(EXEMPT);
    }
    all
}

fn migrations(files: &Files) -> impl Iterator<Item = &File> {
    files.under(FOLDER).filter(|file| file.path.ends_with(".sql") && !file.path.ends_with(".postgres.sql"))
}

fn stem(file: &File) -> &str {
    file.name().trim_end_matches(".sql")
}

#[cfg(test)]
mod tests {
    use super::super::made_of;
    use super::*;

    #[test]
    fn a_forgotten_or_doubled_migration_is_found() {
        let files = made_of(&[
            ("crates/app/migrations/0001_a.sql", ""),
            ("crates/app/migrations/0001_b.sql", ""),
            ("crates/app/migrations/0001_a.postgres.sql", ""),
            (LIST, "\"0001_a\""),
        ]);
        assert_eq!(listed(&files).len(), 1);
        assert_eq!(numbered(&files), ["crates/app/migrations/0001_b.sql: its number should be 0002"]);
    }

    #[test]
    fn a_table_without_its_tenant_is_found() {
        let sql = "CREATE TABLE a (\n tenant_id BIGINT NOT NULL,\n id BIGINT,\n PRIMARY KEY (tenant_id, id)\n);\n\
            CREATE TABLE t (\n tenant_id BIGINT NOT NULL PRIMARY KEY\n);\n\
            CREATE TABLE b (\n id BIGINT,\n tenant_id BIGINT,\n PRIMARY KEY (tenant_id, id)\n);\n\
            CREATE TABLE c (\n tenant_id BIGINT NOT NULL,\n id BIGINT PRIMARY KEY\n);\n\
            -- of the instance: plans are shared\nCREATE TABLE d (\n id BIGINT PRIMARY KEY\n);\n";
        let broken = by_tenant(&made_of(&[("crates/app/migrations/0001_a.sql", sql)]));
        assert_eq!(broken.len(), 2, "{broken:?}");
        assert!(
            broken[0].ends_with("first in b and in its key")
                && broken[1].ends_with("first in c and in its key")
        );
    }
}
