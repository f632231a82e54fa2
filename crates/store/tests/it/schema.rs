//! Migrations, the registry of statements, opening and backing up.

use crate::harness::{SCHEMA, TENANT, clock, note_new, notes, on_both, on_postgres};
use samovar_store::{
    Engine, Migration, Registered, Store, StoreError, StoreOptions, check_registry, query, registry,
};
use std::collections::BTreeSet;

query! {
    static NAMES_NO_TENANT = "SELECT count(*) FROM note WHERE version = $1";
    static SUMS_WITHOUT_CAST = "SELECT sum(balance) FROM account WHERE tenant_id = $1";
}

on_both! {
    async fn each_migration_is_applied_once(place) {
        let store = Store::open(place.options()).await.unwrap();
        assert_eq!(store.migrate(&SCHEMA[..1], &clock()).await.unwrap(), ["notes"]);
        assert_eq!(store.migrate(SCHEMA, &clock()).await.unwrap(), ["kinds of values"]);
        assert!(store.migrate(SCHEMA, &clock()).await.unwrap().is_empty());
        store.close().await;
    }

    async fn a_migration_that_changed_is_refused(place) {
        let store = place.store().await;
        let changed = Migration { sql: "CREATE TABLE other (id BIGINT)", ..SCHEMA[0] };
        let renamed = Migration { name: "other", ..SCHEMA[0] };
        for (migration, words) in [(changed, "text has changed"), (renamed, "under the name «notes»")] {
            match store.migrate(&[migration], &clock()).await {
                Err(StoreError::Migration { number: 1, what, .. }) => assert!(what.contains(words), "{what}"),
                other => panic!("{other:?}"),
            }
        }
        store.close().await;
    }

    async fn a_migration_that_fails_leaves_nothing(place) {
        let store = place.store().await;
        let third = Migration {
            number: 3,
            name: "half",
            sql: "CREATE TABLE half (id BIGINT); CREATE TABLE note (id BIGINT);",
            postgres: None,
        };
        let failed = store.migrate(&[third], &clock()).await;
        assert!(matches!(failed, Err(StoreError::Migration { number: 3, name: "half", .. })));
        let mended = Migration { sql: "CREATE TABLE half (id BIGINT);", ..third };
        assert_eq!(store.migrate(&[mended], &clock()).await.unwrap(), ["half"]);
        store.close().await;
    }

    async fn the_registry_tells_statements_that_do_not_work_here(place) {
        let store = Store::open(place.options()).await.unwrap();
        let without_tables = check_registry(&store).await.unwrap();
        assert!(without_tables.iter().any(|problem| problem.statement == "NOTE_NEW"));
        store.migrate(SCHEMA, &clock()).await.unwrap();
        let problems = check_registry(&store).await.unwrap();
        let found: BTreeSet<&str> = problems.iter().map(|problem| problem.statement).collect();
        let expected = match store.engine() {
            Engine::Sqlite => BTreeSet::from(["NAMES_NO_TENANT"]),
            Engine::Postgres => BTreeSet::from(["NAMES_NO_TENANT", "SUMS_WITHOUT_CAST"]),
        };
        assert_eq!(found, expected, "{problems:?}");
        let names: Vec<&str> = registry().map(|statement: Registered| statement.name()).collect();
        assert!(names.contains(&"NOTE") && names.contains(&"LEASE_TAKE"));
        store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_migrate_once() {
    on_postgres(|place| async move {
        let nodes = (0..4).map(|_| {
            let options = place.options();
            tokio::spawn(async move {
                let store = Store::open(options).await.unwrap();
                let applied = store.migrate(SCHEMA, &clock()).await.unwrap();
                store.close().await;
                applied
            })
        });
        let mut applied = Vec::new();
        for node in nodes.collect::<Vec<_>>() {
            applied.extend(node.await.unwrap());
        }
        applied.sort_unstable();
        assert_eq!(applied, ["kinds of values", "notes"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_keeps_its_rows_and_its_copy_has_them_too() {
    let folder = std::env::temp_dir().join(format!("samovar-store-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (path, copy) = (folder.join("a.db"), folder.join("copy.db"));
    let open = |path: &std::path::Path| {
        let options = StoreOptions::new(format!("sqlite:{}", path.display()));
        async move {
            let store = Store::open(options).await.unwrap();
            store.migrate(SCHEMA, &clock()).await.unwrap();
            store
        }
    };
    let store = open(&path).await;
    note_new(&store, 1, "kept").await;
    store.backup_to(&copy).await.unwrap();
    note_new(&store, 2, "after the copy").await;
    store.backup_to(&folder.join("missing").join("copy.db")).await.unwrap_err();
    store.close().await;
    let files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files.len(), 2, "the log is folded into the file: {files:?}");
    let (again, copied) = (open(&path).await, open(&copy).await);
    assert_eq!(notes(&again).await, ["1 kept", "2 after the copy"]);
    assert_eq!(notes(&copied).await, ["1 kept"]);
    again.close().await;
    copied.close().await;
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_backed_up_by_its_own_tool() {
    on_postgres(|place| async move {
        let store = place.store().await;
        let refused = store.backup_to("copy.db".as_ref()).await.unwrap_err();
        assert!(refused.to_string().contains("pg_dump"), "{refused}");
        store.close().await;
    })
    .await;
}

#[tokio::test]
async fn an_address_that_means_nothing_is_refused_without_showing_passwords() {
    for url in ["mysql://localhost", "sqlite:", ""] {
        assert!(matches!(Store::open(StoreOptions::new(url)).await, Err(StoreError::Options(_))), "{url}");
    }
    let options = StoreOptions::new("postgres://me:secret@127.0.0.1:1/none");
    assert!(!format!("{options:?}").contains("secret"));
    let error = Store::open(options).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(why) if !why.contains("secret")), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_store_lets_go_of_its_file() {
    let store = Store::open(StoreOptions::new("sqlite::memory:")).await.unwrap();
    let clone = store.clone();
    drop(store);
    let alive = clone.run(TENANT, 1, |_| async { Ok::<_, StoreError>(()) }).await;
    assert_eq!(alive, Ok(()), "a clone keeps it open");
}
