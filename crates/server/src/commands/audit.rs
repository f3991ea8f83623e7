//! `yanshu audit …`

use clap::Subcommand;
use directory::{audit, organisations};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::StoreError;

use super::Output;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Check the chain of an organisation's audit log, or of every one. Exit code 3 when something was changed, removed or inserted.
    Verify {
        #[arg(long)]
        org: Option<String>,
    },
}

pub async fn run(app: &App, verb: Verb) -> Result<Output, Failure> {
    let Verb::Verify { org } = verb;
    let only = match org {
        Some(code) => Some(app.org(&code).await?),
        None => None,
    };
    let (text, reports, holds) = verify_all(app, only).await?;
    Ok(Output::new(text, json!({ "holds": holds, "organisations": reports })).with_exit_code(if holds { 0 } else { 3 }))
}

/// Checks the chains; answers a line for each organisation, the reports, and whether all hold.
pub async fn verify_all(app: &App, only: Option<kernel::OrgId>) -> Result<(String, Vec<serde_json::Value>, bool), Failure> {
    let organisations = app.store.read::<_, StoreError, _>(organisations::list).await?;
    let (mut lines, mut reports, mut holds) = (Vec::new(), Vec::new(), true);
    for organisation in organisations.into_iter().filter(|one| only.is_none_or(|only| only == one.id)) {
        let store = app.store.clone();
        let report = app.store.read::<_, StoreError, _>(move |tx| audit::verify(tx, organisation.id, store.keys())).await?;
        let state = match &report.first_bad {
            None => format!("holds: {} events sealed, {} not yet, {} checkpoints", report.sealed, report.unsealed, report.checkpoints),
            Some(bad) => format!("BROKEN after {} events: {bad:?}", report.sealed),
        };
        lines.push(format!("audit log of {}: {state}", organisation.code));
        holds &= report.holds();
        reports.push(json!({ "organisation_code": organisation.code, "report": report }));
    }
    Ok((lines.join("\n"), reports, holds))
}
