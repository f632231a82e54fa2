//! `samovar doctor`: what is wrong, in plain words, and what to do.

use crate::config::Config;
use crate::node;
use samovar_app::directory::{ChannelInfo, ChannelState, ReceiveBy};
use samovar_app::pipeline::desk;
use samovar_app::{App, ledger};
use std::process::ExitCode;
use std::sync::Arc;

/// Messages waiting for longer are worth a word.
const QUEUE_LARGE: i64 = 10_000;
/// Messages that were not sent are counted for so long.
const TROUBLE_DAYS: i64 = 7;

/// One finding.
enum Finding {
    Good(String),
    Bad { what: String, advice: String },
}

/// Looks at everything and prints what it finds; fails when something needs a hand.
#[allow(clippy::print_stdout)]
pub async fn run(config: &Config) -> anyhow::Result<ExitCode> {
    let mut findings = Vec::new();
    address(config, &mut findings);
    for variable in &config.unknown {
        findings.push(match variable.nearest {
            Some(_) => bad(&variable.told(), "correct its name, or take it out of the environment"),
            None => Finding::Good(variable.told()),
        });
    }
    match node::missing(config) {
        None => the_node(config, &mut findings).await,
        Some((what, advice)) => findings.push(bad(&what, advice)),
    }
    let mut sick = 0;
    for finding in &findings {
        match finding {
            Finding::Good(what) => println!("ok    {what}"),
            Finding::Bad { what, advice } => {
                sick += 1;
                println!("BAD   {what}\n      -> {advice}");
            }
        }
    }
    Ok(if sick == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn the_node(config: &Config, findings: &mut Vec<Finding>) {
    let looked = node::with(config, async |app| {
        let engine = app.store.engine();
        findings.push(Finding::Good(format!("the database opens and is up to date ({engine:?})")));
        queues(app, findings).await;
        trouble(app, findings).await;
        for channel in app.directory.channels() {
            one_channel(config, &channel, findings).await;
        }
        if app.directory.channels().is_empty() {
            findings.push(bad(
                "no bot is connected",
                "describe your company in a file and run `samovar apply FILE`",
            ));
        }
        books(app, findings).await;
        Ok(())
    });
    if let Err(error) = looked.await {
        findings.push(bad(
            &format!("{error:#}"),
            "check [store] url and [secrets]; if samovar is running on this SQLite file, stop it first, or ask /health/ready and /metrics of the running one",
        ));
    }
}

fn address(config: &Config, findings: &mut Vec<Finding>) {
    match config.public_url() {
        Ok(Some(url)) if url.scheme() == "http" && url.host_str() != Some("127.0.0.1") => {
            findings.push(bad(
                "[http] public_url is not https",
                "messengers deliver only to https: put a server with TLS before samovar",
            ));
        }
        Ok(_) => findings.push(Finding::Good(format!("listens on {}", config.http.listen))),
        Err(error) => findings.push(bad(&format!("{error:#}"), "write it like https://bots.example.ru")),
    }
}

async fn queues(app: &App, findings: &mut Vec<Finding>) {
    match app.pipeline.open_rows(app).await {
        Ok((inbound, outbound)) if inbound.max(outbound) < QUEUE_LARGE => {
            findings.push(Finding::Good(format!("queues: {inbound} events and {outbound} messages open")));
        }
        Ok((inbound, outbound)) => findings.push(bad(
            &format!("queues are long: {inbound} events and {outbound} messages open"),
            "if samovar is serving, look at /metrics for what the messenger answers; else start it",
        )),
        Err(error) => findings
            .push(bad(&format!("the queues cannot be read: {error}"), "see the line about the database")),
    }
}

async fn trouble(app: &App, findings: &mut Vec<Finding>) {
    let since = app.clock.now().minus_seconds(TROUBLE_DAYS * 86_400);
    match desk::trouble(app, since).await {
        Ok(desk::Trouble { unsure, failed, dead }) => {
            findings.push(Finding::Good(format!(
                "messages of the last {TROUBLE_DAYS} days: {unsure} unsure and {failed} failed"
            )));
            if dead > 0 {
                findings.push(bad(
                    &format!("{dead} events could not be handled"),
                    "look at GET /api/v1/events/dead and the log; when the cause is gone, handle them again by POST /api/v1/events/repeat",
                ));
            }
        }
        Err(error) => findings
            .push(bad(&format!("the queues cannot be read: {error}"), "see the line about the database")),
    }
}

async fn one_channel(config: &Config, channel: &Arc<ChannelInfo>, findings: &mut Vec<Finding>) {
    let name = format!("channel {} of {}", channel.key, channel.tenant.key);
    if channel.state == ChannelState::Broken {
        findings.push(bad(
            &format!("{name} is switched off: its messenger did not accept the token"),
            "put the right token in the company file and run `samovar apply` again",
        ));
        return;
    }
    if channel.scenarios.is_empty() {
        findings
            .push(bad(&format!("{name} runs no scenario"), "name published scenarios in its `scenarios`"));
    }
    if channel.receive == ReceiveBy::Webhook && config.http.public_url.is_empty() {
        findings.push(bad(
            &format!("{name} receives by webhook, and [http] public_url is not set"),
            "set it, or let the channel receive by polling",
        ));
    }
    if channel.receive == ReceiveBy::Page {
        findings.push(Finding::Good(format!("{name}: page /chat/{}", channel.hook)));
        return;
    }
    match channel.messenger.identify(&channel.link).await {
        Ok(bot) => findings.push(Finding::Good(format!("{name}: {} answers", bot.name))),
        Err(error) => findings.push(bad(
            &format!("{name}: {error}"),
            "check token, api_base and proxy; from Russia Telegram may need a proxy or an own Bot API server",
        )),
    }
    if channel.receive == ReceiveBy::Webhook {
        tell_hook(channel, findings);
    }
}

fn tell_hook(channel: &ChannelInfo, findings: &mut Vec<Finding>) {
    findings.push(Finding::Good(format!(
        "channel {}: hook /hooks/{}…",
        channel.key,
        channel.hook.get(..4).unwrap_or_default()
    )));
}

async fn books(app: &App, findings: &mut Vec<Finding>) {
    for tenant in app.directory.tenants() {
        match app.store.read(tenant.id, |tx| async move { ledger::check(&tx).await }).await {
            Ok(wrong) if wrong.is_empty() => {
                findings.push(Finding::Good(format!("the books of {} are right", tenant.key)))
            }
            Ok(wrong) => findings.push(bad(
                &format!("the books of {} are not right: {wrong:?}", tenant.key),
                "stop samovar, keep a copy of the database and report this",
            )),
            Err(error) => findings.push(bad(
                &format!("the books of {} cannot be read: {error}", tenant.key),
                "see the line about the database",
            )),
        }
    }
}

fn bad(what: &str, advice: &str) -> Finding {
    Finding::Bad { what: what.to_owned(), advice: advice.to_owned() }
}
