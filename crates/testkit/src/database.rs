//! A database of its own for each test, gone when the test ends.

use samovar_store::Engine;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_postgres::NoTls;
use url::Url;

/// The variable that names a PostgreSQL server for tests.
pub const POSTGRES: &str = "SAMOVAR_TEST_POSTGRES";

/// A fresh database. It is removed when this is dropped; whoever still uses it is cut off.
pub struct Database {
    url: String,
    place: Place,
}

enum Place {
    File(PathBuf),
    Server { server: Url, name: String },
}

impl Database {
    /// An empty one.
    ///
    /// # Panics
    /// On PostgreSQL, when the server is not named or cannot be reached.
    pub async fn fresh(engine: Engine) -> Self {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let name = format!("samovar_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        match engine {
            Engine::Sqlite => {
                let path = std::env::temp_dir().join(format!("{name}.db"));
                remove_file(&path);
                Self { url: format!("sqlite:{}", path.display()), place: Place::File(path) }
            }
            Engine::Postgres => {
                let server = server();
                command(&server, &[drop_it(&name), format!("CREATE DATABASE {name}")]).await;
                let mut url = server.clone();
                url.set_path(&name);
                Self { url: url.to_string(), place: Place::Server { server, name } }
            }
        }
    }

    /// What [`samovar_store::StoreOptions`] takes.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        match &self.place {
            Place::File(path) => remove_file(path),
            Place::Server { server, name } => {
                let (server, name) = (server.clone(), name.clone());
                // A runtime of its own: the test's may be the one that is ending.
                let dropped = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    runtime.expect("a runtime").block_on(command(&server, &[drop_it(&name)]));
                });
                if dropped.join().is_err() {
                    eprintln!("a test database could not be dropped");
                }
            }
        }
    }
}

fn server() -> Url {
    let address = std::env::var(POSTGRES).unwrap_or_else(|_| {
        panic!(
            "tests run on PostgreSQL too: set {POSTGRES}=postgres://user@127.0.0.1:5432/postgres, \
             or let `cargo xtask test` start a server"
        )
    });
    address.parse().unwrap_or_else(|error| panic!("{POSTGRES} is not an address: {error}"))
}

fn drop_it(name: &str) -> String {
    format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")
}

async fn command(server: &Url, statements: &[String]) {
    let (client, connection) = tokio_postgres::connect(server.as_str(), NoTls)
        .await
        .unwrap_or_else(|error| panic!("the PostgreSQL server of {POSTGRES} cannot be reached: {error}"));
    let connection = tokio::spawn(connection);
    for statement in statements {
        client.batch_execute(statement).await.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }
    drop(client);
    // Whatever ended the connection, the statements were done.
    let _ = connection.await;
}

fn remove_file(path: &std::path::Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        // It may never have been made.
        let _ = std::fs::remove_file(name);
    }
}
