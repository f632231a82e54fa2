//! TLS to PostgreSQL: a server of our own with a certificate of an authority of our own.

use samovar_store::{Store, StoreOptions};
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// PostgreSQL refuses to be run by root; files of the server belong to this one then: nobody.
const NOBODY: u32 = 65_534;

/// A server that takes nobody in without TLS. It ends, and its files go, when it is dropped.
struct Server {
    home: PathBuf,
    port: u16,
    process: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

impl Server {
    /// Its certificate is for `name`, given by the authority `ours`; beside it lies the authority `strange`.
    fn start(home: &str, name: &str) -> Self {
        let home = std::env::temp_dir().join(format!("samovar-{home}-{}", std::process::id()));
        fs::create_dir_all(&home).expect("a folder");
        authority(&home, "ours");
        authority(&home, "strange");
        certificate(&home, name);
        own(&home);
        let port =
            TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a port").port();
        let data = home.join("data");
        done(unprivileged(&program("initdb")).args(["-N", "-U", "postgres", "-A", "trust", "-D"]).arg(&data));
        fs::write(data.join("pg_hba.conf"), "hostssl all all 127.0.0.1/32 trust\n").expect("who may come in");
        let mut server = unprivileged(&program("postgres"));
        server.arg("-D").arg(&data).arg("-k").arg(&home).args(["-h", "127.0.0.1", "-p", &port.to_string()]);
        for setting in ["ssl=on", "fsync=off"] {
            server.args(["-c", setting]);
        }
        for (setting, file) in [("ssl_cert_file", "server.pem"), ("ssl_key_file", "server.key")] {
            server.arg("-c").arg(format!("{setting}={}", home.join(file).display()));
        }
        let log = fs::File::create(home.join("log")).expect("a log");
        let process = server.stdout(Stdio::null()).stderr(log).spawn().expect("a server");
        let server = Self { home, port, process };
        server.await_ready();
        server
    }

    fn await_ready(&self) {
        let deadline = Instant::now() + Duration::from_secs(30);
        let log = || fs::read_to_string(self.home.join("log")).unwrap_or_default();
        while !log().contains("ready to accept connections") {
            assert!(Instant::now() < deadline, "PostgreSQL does not start: {}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// What came of opening a store there.
    async fn opens(&self, settings: &str) -> Result<(), String> {
        let settings = settings.replace("{home}", &self.home.display().to_string());
        let url = format!("postgres://postgres@127.0.0.1:{}/postgres?{settings}", self.port);
        let store = Store::open(StoreOptions::new(url)).await.map_err(|error| error.to_string())?;
        store.close().await;
        Ok(())
    }
}

fn authority(home: &Path, name: &str) {
    let subject = format!("/CN=samovar test {name}");
    let (key, file) = (format!("{name}.key"), format!("{name}.pem"));
    let made = [
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", &subject, "-keyout", &key,
        "-out", &file,
    ];
    done(Command::new("openssl").args(made).current_dir(home));
}

fn certificate(home: &Path, name: &str) {
    fs::write(home.join("names"), format!("subjectAltName={name}\n")).expect("names");
    let asked = [
        "req",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=server",
        "-keyout",
        "server.key",
        "-out",
        "server.csr",
    ];
    done(Command::new("openssl").args(asked).current_dir(home));
    let given = [
        "x509",
        "-req",
        "-in",
        "server.csr",
        "-CA",
        "ours.pem",
        "-CAkey",
        "ours.key",
        "-CAcreateserial",
        "-days",
        "2",
        "-extfile",
        "names",
        "-out",
        "server.pem",
    ];
    done(Command::new("openssl").args(given).current_dir(home));
    fs::set_permissions(home.join("server.key"), fs::Permissions::from_mode(0o600))
        .expect("a key of nobody else");
}

/// The files belong to whoever runs the server.
fn own(home: &Path) {
    if fs::metadata(home).expect("a folder").uid() != 0 {
        return;
    }
    let files = fs::read_dir(home).expect("files").map(|file| file.expect("a file").path());
    for path in files.chain([home.to_path_buf()]) {
        chown(path, Some(NOBODY), Some(NOBODY)).expect("an owner");
    }
}

fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir("/");
    if fs::metadata("/proc/self").expect("a process").uid() == 0 {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

/// A program of the newest PostgreSQL that is installed.
fn program(name: &str) -> PathBuf {
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = installed.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let on_path = std::env::var_os("PATH").map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
    let mut all =
        folders.into_iter().rev().chain(on_path.unwrap_or_default()).map(|folder| folder.join(name));
    all.find(|path| path.is_file()).unwrap_or_else(|| panic!("{name} of PostgreSQL is not installed"))
}

fn done(command: &mut Command) {
    let told = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(told.status.success(), "{command:?}: {}", String::from_utf8_lossy(&told.stderr));
}

#[tokio::test]
async fn a_server_is_believed_by_its_authority_and_its_name() {
    let server = Server::start("tls", "IP:127.0.0.1,DNS:localhost");
    for good in [
        "sslmode=require&sslrootcert={home}/ours.pem",
        "sslmode=verify-full&sslrootcert={home}/ours.pem",
        "sslrootcert={home}/ours.pem&sslmode=verify-ca",
    ] {
        assert_eq!(server.opens(good).await, Ok(()), "{good}");
    }
    for (bad, why) in [
        ("sslmode=verify-full&sslrootcert={home}/strange.pem", "UnknownIssuer"),
        ("sslmode=require&sslrootcert={home}/strange.pem", "UnknownIssuer"),
        ("sslmode=require", "certificate"),
        ("sslmode=verify-full&sslrootcert={home}/nowhere.pem", "nowhere.pem"),
        ("sslmode=verify-full&sslrootcert={home}/log", "no certificate"),
        ("sslmode=disable", "no encryption"),
    ] {
        let refused = server.opens(bad).await.expect_err(bad);
        assert!(refused.contains(why), "{bad}: {refused}");
    }
}

#[tokio::test]
async fn a_server_of_another_name_is_refused() {
    let server = Server::start("tls-name", "DNS:elsewhere.example");
    for settings in ["sslmode=require", "sslmode=verify-full"] {
        let refused = server.opens(&format!("{settings}&sslrootcert={{home}}/ours.pem")).await;
        let refused = refused.expect_err("not its name");
        assert!(refused.contains("not valid for name") || refused.contains("NotValidForName"), "{refused}");
    }
}
