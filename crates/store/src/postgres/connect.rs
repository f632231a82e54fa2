//! Reaching the server, with TLS where the address asks for it.

use crate::StoreError;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls_platform_verifier::BuilderVerifierExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_postgres::config::SslMode;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Notification};
use tokio_postgres_rustls::MakeRustlsConnect;

pub(super) struct Address {
    config: Config,
    tls: Option<MakeRustlsConnect>,
}

/// Notifications that a connection hears.
pub(super) type Heard = mpsc::UnboundedReceiver<Notification>;

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let (url, authority) = taken_apart(url);
        let mut config: Config = url
            .parse()
            .map_err(|error: tokio_postgres::Error| StoreError::Options(super::values::message(&error)))?;
        let wanted = config.get_ssl_mode() == SslMode::Require;
        let tls = wanted.then(|| tls(authority.as_deref())).transpose()?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(Duration::from_secs(5));
        }
        config.keepalives_idle(Duration::from_secs(10)).tcp_user_timeout(Duration::from_secs(15));
        Ok(Self { config, tls })
    }

    /// A new connection; it lives until its client is dropped.
    pub(super) async fn connect(&self) -> Result<(Client, Heard), tokio_postgres::Error> {
        let (tell, heard) = mpsc::unbounded_channel();
        let client = match &self.tls {
            Some(tls) => {
                let (client, connection) = self.config.connect(tls.clone()).await?;
                tokio::spawn(serve(connection, tell));
                client
            }
            None => {
                let (client, connection) = self.config.connect(NoTls).await?;
                tokio::spawn(serve(connection, tell));
                client
            }
        };
        Ok((client, heard))
    }
}

async fn serve<S, T>(mut connection: Connection<S, T>, tell: mpsc::UnboundedSender<Notification>)
where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
    T: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    loop {
        match std::future::poll_fn(|context| connection.poll_message(context)).await {
            Some(Ok(AsyncMessage::Notification(heard))) => {
                // Most connections listen to nothing and drop their receiver.
                let _ = tell.send(heard);
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                tracing::debug!(%error, "a connection to PostgreSQL ended");
                return;
            }
            None => return,
        }
    }
}

/// The address in words that the driver knows, and the file of the authorities that are trusted instead of the system's. With
/// `require` the certificate is checked as strictly as the stricter words of libpq ask for.
fn taken_apart(url: &str) -> (String, Option<PathBuf>) {
    let Some((place, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut authority = None;
    let kept: Vec<&str> = query
        .split('&')
        .filter_map(|setting| match setting.split_once('=') {
            Some(("sslrootcert", file)) => {
                authority = Some(PathBuf::from(file.replace("%2F", "/").replace("%20", " ")));
                None
            }
            Some(("sslmode", "verify-full" | "verify-ca")) => Some("sslmode=require"),
            _ => Some(setting),
        })
        .collect();
    (format!("{place}?{}", kept.join("&")), authority)
}

/// Checks the server's certificate and its name against the authorities of a file, or against those the system trusts.
fn tls(authority: Option<&Path>) -> Result<MakeRustlsConnect, StoreError> {
    let failed = |error: rustls::Error| StoreError::Options(format!("TLS: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?;
    let config = match authority {
        Some(file) => builder.with_root_certificates(authorities(file)?),
        None => builder.with_platform_verifier().map_err(failed)?,
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn authorities(file: &Path) -> Result<RootCertStore, StoreError> {
    let unread = |why: String| StoreError::Options(format!("sslrootcert {}: {why}", file.display()));
    let mut trusted = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|error| unread(error.to_string()))? {
        let certificate = certificate.map_err(|error| unread(error.to_string()))?;
        trusted.add(certificate).map_err(|error| unread(error.to_string()))?;
    }
    if trusted.is_empty() {
        return Err(unread("there is no certificate in it".into()));
    }
    Ok(trusted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_driver_gets_words_that_it_knows() {
        for (url, plain, authority) in [
            ("postgres://u@h/d", "postgres://u@h/d", None),
            ("postgres://u@h/d?sslmode=require", "postgres://u@h/d?sslmode=require", None),
            ("postgres://u@h/d?sslmode=verify-ca&a=b", "postgres://u@h/d?sslmode=require&a=b", None),
            (
                "postgres://u@h/d?sslrootcert=%2Fetc%2Four ca.pem&sslmode=verify-full",
                "postgres://u@h/d?sslmode=require",
                Some("/etc/our ca.pem"),
            ),
        ] {
            assert_eq!(taken_apart(url), (plain.to_owned(), authority.map(PathBuf::from)), "{url}");
        }
    }
}
