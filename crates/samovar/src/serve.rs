//! `samovar serve`.

use crate::config::Config;
use crate::node;
use anyhow::Context;
use axum::routing::get;
use futures::FutureExt;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use samovar_app::App;
use samovar_app::channels;
use samovar_app::directory::{ChannelState, ReceiveBy};
use samovar_app::users::Letter;
use samovar_connectors::mail::Mail;
use samovar_http::{EntryOptions, HttpOptions, Post};
use secrecy::ExposeSecret;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

/// Bounds of the histograms, in seconds.
const SECONDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];

/// Serves until the process is told to stop.
pub async fn run(config: Config) -> anyhow::Result<ExitCode> {
    node::start_logs(&config)?;
    let public_url = config.public_url()?;
    let node = node::open(&config).await?;
    let metrics = start_metrics()?;
    let listener = TcpListener::bind(config.http.listen)
        .await
        .with_context(|| format!("cannot listen on {}: is another program there?", config.http.listen))?;
    let options = HttpOptions {
        metrics: Some(metrics),
        behind_proxy: config.http.behind_proxy,
        pages: samovar_console::faces().merge(samovar_console::routes()),
        font: samovar_console::font(),
        elsewhere: Some(get(samovar_console::page)),
        public_url: public_url.clone(),
        entry: EntryOptions { sign_up: config.console.sign_up, post: post(&config)? },
    };
    let stop = CancellationToken::new();
    let server = serve(&node.app, listener, options, stop.clone());
    node.app.start().await?;
    tracing::info!(address = %config.http.listen, shared = node::is_shared(&node.app), "samovar is ready");
    tokio::spawn(connect_all(node.app.clone(), public_url));
    told_to_stop().await?;
    tracing::info!("stopping");
    stop.cancel();
    node.app.shut_down(Duration::from_secs(config.shutdown.patience_seconds)).await;
    let _ = tokio::time::timeout(Duration::from_secs(5), server).await;
    node.app.store.clone().close().await;
    Ok(ExitCode::SUCCESS)
}

/// What sends letters, if a server is set.
fn post(config: &Config) -> anyhow::Result<Option<Post>> {
    let server = config.mail.server.expose_secret();
    if server.is_empty() {
        return Ok(None);
    }
    let mail = Mail::new(server, &config.mail.from).context("[mail]")?;
    Ok(Some(Arc::new(move |letter: Letter| {
        let mail = mail.clone();
        async move {
            if let Err(error) = mail.send(&letter.to, &letter.subject, &letter.text).await {
                tracing::error!(%error, "a letter was not sent");
            }
        }
        .boxed()
    })))
}

/// Serves HTTP until `stop`; requests in hand are finished.
pub fn serve(
    app: &App,
    listener: TcpListener,
    options: HttpOptions,
    stop: CancellationToken,
) -> JoinHandle<()> {
    let router =
        samovar_http::router(app.clone(), options).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move {
        let served =
            axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await;
        if let Err(error) = served {
            tracing::error!(%error, "the HTTP server ended");
        }
    })
}

/// Tells every messenger how to deliver, when a webhook is wanted and may have been lost. A messenger that is away
/// is not waited for.
async fn connect_all(app: App, public_url: Option<Url>) {
    for channel in app.directory.channels() {
        if channel.receive == ReceiveBy::Page || channel.state != ChannelState::On {
            continue;
        }
        match channels::connect(&app, channel.id, public_url.as_ref()).await {
            Ok(connected) => tracing::info!(channel = ?channel, bot = connected.identity.name, "connected"),
            Err(error) => {
                tracing::warn!(channel = ?channel, %error, "the channel could not be connected; `samovar doctor` says more")
            }
        }
    }
}

/// The page of metrics.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    PrometheusBuilder::new().set_buckets(&SECONDS)?.install_recorder().context("metrics")
}

/// Resolves at Ctrl-C and at the signal by which services are stopped.
pub async fn told_to_stop() -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            done = tokio::signal::ctrl_c() => done?,
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await?;
    Ok(())
}
