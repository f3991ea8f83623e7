//! What pushing is made of, from the configuration.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinHandle;
use worker::outbound::SystemDns;
use worker::web_push::{WebPush, WebPushOptions, WebPushParts};

use crate::app::App;
use crate::config::Config;

/// Starts pushing. A machine that trusts no certificates cannot push to anybody, which is no reason not to serve.
pub fn start(config: &Config, app: &App, stopping: &watch::Receiver<bool>) -> Option<JoinHandle<()>> {
    let mut options = WebPushOptions::new(format!("mailto:postmaster@{}", app.mail_host));
    options.allowed_networks = config.web_push.allowed_networks.iter().filter_map(|network| network.parse().ok()).collect();
    options.ca_file = Some(config.web_push.ca_file.clone()).filter(|file| !file.as_os_str().is_empty());
    match WebPush::new(WebPushParts { app: app.jobs(), dns: Arc::new(SystemDns::default()), options }) {
        Ok(web_push) => {
            let stopping = stopping.clone();
            Some(tokio::spawn(async move { web_push.run(stopping).await }))
        }
        Err(error) => {
            tracing::warn!(%error, "Nothing is pushed to clients: {error}");
            None
        }
    }
}
