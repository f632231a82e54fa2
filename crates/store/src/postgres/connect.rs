//! Reaching the server, with TLS where the address asks for it.

use crate::StoreError;
use rustls_platform_verifier::BuilderVerifierExt;
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
        // With `require` the certificate is checked as strictly as the stricter words of libpq ask for.
        let url = url
            .replace("sslmode=verify-full", "sslmode=require")
            .replace("sslmode=verify-ca", "sslmode=require");
        let mut config: Config = url
            .parse()
            .map_err(|error: tokio_postgres::Error| StoreError::Options(super::values::message(&error)))?;
        let tls = (config.get_ssl_mode() == SslMode::Require).then(tls).transpose()?;
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

fn tls() -> Result<MakeRustlsConnect, StoreError> {
    let failed = |error: rustls::Error| StoreError::Options(format!("TLS: {error}"));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(failed)?
        .with_platform_verifier()
        .map_err(failed)?
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
