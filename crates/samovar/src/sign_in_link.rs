//! `samovar sign-in-link EMAIL`.

use crate::apply::complain;
use crate::config::Config;
use crate::node;
use samovar_app::users::{self, SIGN_IN_MINUTES};
use std::process::ExitCode;

/// What the command takes.
#[derive(clap::Args)]
pub struct Options {
    /// The address of somebody who signs in, or who was written down as staff of a company.
    email: String,
}

/// Prints the link.
#[allow(clippy::print_stdout)]
pub async fn run(config: &Config, options: Options) -> anyhow::Result<ExitCode> {
    let base = config.public_url()?.map(|url| url.to_string());
    let base = base.unwrap_or_else(|| format!("http://{}", config.http.listen));
    let made = node::with(config, async |app| Ok(users::sign_in_link(app, &options.email).await));
    match made.await? {
        Ok(token) => {
            println!("{}/enter/{token}", base.trim_end_matches('/'));
            println!("Good once, for {SIGN_IN_MINUTES} minutes.");
            Ok(ExitCode::SUCCESS)
        }
        Err(fail) => {
            complain(&fail);
            Ok(ExitCode::FAILURE)
        }
    }
}
