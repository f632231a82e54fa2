//! The one HTTP client of all connectors: bounded in time and size, follows nothing.

use bytes::{Bytes, BytesMut};
use reqwest::{Client, Proxy, Response, redirect};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::Duration;
use url::Url;

/// Time to look up, connect, greet a proxy and shake hands.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Time for a whole call, unless the call says otherwise.
pub const CALL_TIMEOUT: Duration = Duration::from_secs(20);
/// A connection unused for so long is closed. Kept short: a server that closes first costs a message its certainty.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// Idle connections kept to one host.
const IDLE_CONNECTIONS: usize = 512;

/// No client could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The address of the proxy is not one.
    #[error("the proxy must be an address like http://host:port or socks5://user:password@host:port")]
    Proxy,
    /// The rest.
    #[error("the HTTP client cannot be made: {0}")]
    Other(String),
}

/// A client of foreign APIs: TLS by the system's certificates, time-outs, no redirects (they would carry tokens to
/// strangers), a pool for thousands of calls a second to one host. The environment's proxy variables are not
/// obeyed: what a channel says is all there is.
pub fn client(proxy: Option<&Url>) -> Result<Client, ClientError> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(TLS.clone()?)
        .user_agent(concat!("samovar/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS)
        .retry(reqwest::retry::never())
        .tcp_nodelay(true)
        .no_proxy();
    if let Some(address) = proxy {
        builder = builder.proxy(through(address)?);
    }
    builder.build().map_err(|error| ClientError::Other(chain(&error.without_url())))
}

/// A client for each proxy, made when it is first needed.
pub(crate) struct Clients {
    direct: Client,
    proxied: Mutex<HashMap<Url, Client>>,
    /// Time for a whole call that carries no file.
    pub(crate) patience: Duration,
}

/// A file may take so many times longer: some networks slow media down on purpose.
const FILE_PATIENCE: u32 = 6;

/// Proxies whose connections are kept; beyond that all are forgotten and made again.
const PROXIES_MAX: usize = 256;

impl Clients {
    pub(crate) fn new() -> Result<Self, ClientError> {
        Ok(Self { direct: client(None)?, proxied: Mutex::default(), patience: CALL_TIMEOUT })
    }

    /// Time for a whole call that carries a file.
    pub(crate) fn file_patience(&self) -> Duration {
        self.patience.saturating_mul(FILE_PATIENCE)
    }

    pub(crate) fn of(&self, proxy: Option<&Url>) -> Result<Client, ClientError> {
        let Some(address) = proxy else { return Ok(self.direct.clone()) };
        let mut proxied = self.proxied.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = proxied.get(address) {
            return Ok(known.clone());
        }
        let made = client(Some(address))?;
        if proxied.len() >= PROXIES_MAX {
            proxied.clear();
        }
        proxied.insert(address.clone(), made.clone());
        Ok(made)
    }
}

/// The whole body, when it has at most `bytes_max` bytes; otherwise `None`, without reading on.
pub(crate) async fn body(mut response: Response, bytes_max: u64) -> Result<Option<Bytes>, reqwest::Error> {
    let told = response.content_length();
    if told.is_some_and(|length| length > bytes_max) {
        return Ok(None);
    }
    let Some(first) = response.chunk().await? else { return Ok(Some(Bytes::new())) };
    if told == Some(first.len() as u64) {
        return Ok(Some(first));
    }
    let mut all = BytesMut::from(&first[..]);
    while let Some(chunk) = response.chunk().await? {
        if (all.len() + chunk.len()) as u64 > bytes_max {
            return Ok(None);
        }
        all.extend_from_slice(&chunk);
    }
    Ok((all.len() as u64 <= bytes_max).then(|| all.freeze()))
}

/// An error and its causes in one line. For errors of reqwest call `without_url` first.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

fn through(address: &Url) -> Result<Proxy, ClientError> {
    let known = matches!(address.scheme(), "http" | "https" | "socks5" | "socks5h");
    if !known || address.host().is_none() {
        return Err(ClientError::Proxy);
    }
    Proxy::all(address.clone()).map_err(|_| ClientError::Proxy)
}

/// Made once: it reads the system's certificates.
static TLS: LazyLock<Result<rustls::ClientConfig, ClientError>> = LazyLock::new(tls);

fn tls() -> Result<rustls::ClientConfig, ClientError> {
    let other = |error: rustls::Error| ClientError::Other(error.to_string());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(other)?;
    let config = match rustls_platform_verifier::Verifier::new(provider) {
        Ok(verifier) => {
            builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth()
        }
        Err(error) => {
            // A bare machine must still run the demo, which calls nobody: with no roots every handshake fails.
            tracing::warn!(%error, "the system has no certificates: calls by https will fail");
            builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth()
        }
    };
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_http_or_socks5() {
        for good in
            ["http://10.0.0.1:3128", "socks5://user:secret@proxy.example:1080", "socks5h://proxy.example"]
        {
            assert!(client(Some(&good.parse().expect("an address"))).is_ok(), "{good}");
        }
        for bad in ["ftp://proxy.example", "mailto:proxy@example.org"] {
            assert_eq!(
                client(Some(&bad.parse().expect("an address"))).err(),
                Some(ClientError::Proxy),
                "{bad}"
            );
        }
    }
}
