//! Commands that end by themselves leave nothing behind among the nodes.

use samovar_store::{Store, StoreOptions};
use samovar_testkit::{Database, Engine};
use std::path::Path;
use std::process::{Command, Output};

const COMPANY: &str = r#"
    [company]
    key = "coffee"
    name = "Уголок"
    zone = "Europe/Moscow"
    locale = "ru"

    [owner]
    email = "owner@coffee.example"
    name = "Owner"
"#;

fn samovar(folder: &Path, database: &str, arguments: &[&str]) -> Output {
    let mut samovar = Command::new(env!("CARGO_BIN_EXE_samovar"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SAMOVAR_")) {
        samovar.env_remove(name);
    }
    samovar
        .env("SAMOVAR_STORE_URL", database)
        .env("SAMOVAR_SECRETS_KEY", "a key of the tests that is long enough");
    samovar.args(arguments).current_dir(folder).output().expect("the program starts")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_gives_its_place_back_however_it_ends() {
    let database = Database::fresh(Engine::Postgres).await;
    let folder = std::env::temp_dir().join(format!("samovar-commands-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("coffee.toml"), COMPANY).expect("a file");
    std::fs::write(folder.join("wrong.toml"), COMPANY.replace("Europe/Moscow", "Europe/Nowhere"))
        .expect("a file");
    let store = Store::open(StoreOptions::new(database.url())).await.expect("a database");
    for (arguments, code) in [
        (&["apply", "coffee.toml"][..], 0),
        (&["apply", "wrong.toml"], 1),
        (&["sign-in-link", "owner@coffee.example"], 0),
        (&["export", "contacts", "--out", "contacts.csv"], 0),
        (&["export", "contacts", "--company", "nobody", "--out", "nobody.csv"], 1),
        (&["doctor"], 1),
    ] {
        let output = samovar(&folder, database.url(), arguments);
        let told =
            format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {told}");
        let leases = store.leases("").await.expect("leases");
        assert!(leases.iter().all(|lease| lease.holder.is_empty()), "{arguments:?}: {leases:?}");
    }
    store.close().await;
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}
