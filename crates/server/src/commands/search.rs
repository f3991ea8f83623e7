//! `yanshu search …`

use clap::Subcommand;
use mail::search::index;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Output;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// How far the full-text index is. Exit code 3 when a part of it cannot be read.
    Status,
    /// Make the full-text index again, while the server runs. Searches find the same meanwhile, and take longer.
    Rebuild,
}

pub async fn run(app: &App, verb: Verb) -> Result<Output, Failure> {
    let store = app.store.clone();
    match verb {
        Verb::Status => {
            let status = tokio::task::spawn_blocking(move || index::status(&store)).await??;
            let mut text = format!(
                "{} accounts with {} messages, {} of them not indexed yet\nindex: {} documents in {} bytes",
                status.accounts, status.messages, status.waiting, status.index.documents, status.index.bytes
            );
            if status.index.broken > 0 {
                text.push_str(&format!("\n{} parts cannot be read and will be made again", status.index.broken));
            }
            let json = json!({
                "accounts": status.accounts,
                "messages": status.messages,
                "waiting": status.waiting,
                "documents": status.index.documents,
                "bytes": status.index.bytes,
                "broken": status.index.broken,
            });
            Ok(Output::new(text, json).with_exit_code(if status.index.broken > 0 { 3 } else { 0 }))
        }
        Verb::Rebuild => {
            tokio::task::spawn_blocking(move || index::rebuild(&store)).await??;
            Ok(Output::new(
                "The full-text index is made again; \"yanshu search status\" tells how far it is.",
                json!({ "rebuilding": true }),
            ))
        }
    }
}
