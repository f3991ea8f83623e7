//! `yanshu job …`

use clap::Subcommand;
use kernel::{JobId, PageRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::StoreError;
use store::jobs::{self, Job};

use super::Output;
use super::table::table;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The newest jobs of an organisation.
    List {
        #[arg(long)]
        org: String,
    },
    /// One job.
    Show {
        id: String,
        #[arg(long)]
        org: String,
    },
}

pub async fn run(app: &App, verb: Verb) -> Result<Output, Failure> {
    match verb {
        Verb::List { org } => {
            let org = app.org(&org).await?;
            let page = app.store.read::<_, StoreError, _>(move |tx| jobs::list(tx, org, &PageRequest::first(100))).await?;
            let rows: Vec<_> = page
                .items
                .iter()
                .map(|job| {
                    vec![job.id.to_string(), job.kind.clone(), job.state.as_str().to_owned(), progress(job), job.created_at.to_string()]
                })
                .collect();
            let shown: Vec<Value> = page.items.iter().map(as_json).collect();
            Ok(Output::new(table(&["ID", "KIND", "STATE", "PROGRESS", "CREATED"], &rows), json!(shown)))
        }
        Verb::Show { id, org } => {
            let (org, id) = (app.org(&org).await?, id.parse::<JobId>()?);
            let found = app.store.read::<_, StoreError, _>(move |tx| jobs::find(tx, org, id)).await?;
            let job = found.ok_or_else(|| Failure::new(format!("there is no job {id}")))?;
            let error = job.error_code.clone().unwrap_or_default();
            let text = format!("{}  {}  {}  {}  {error}", job.id, job.kind, job.state.as_str(), progress(&job));
            Ok(Output::new(text.trim_end(), as_json(&job)))
        }
    }
}

fn progress(job: &Job) -> String {
    job.progress_total.map_or_else(|| job.progress_done.to_string(), |total| format!("{} of {total}", job.progress_done))
}

fn as_json(job: &Job) -> Value {
    json!({
        "id": job.id, "kind": job.kind, "state": job.state.as_str(), "progress_done": job.progress_done, "progress_total": job.progress_total,
        "result": job.result, "error_code": job.error_code, "error_params": job.error_params, "created_at": job.created_at,
        "started_at": job.started_at, "finished_at": job.finished_at,
    })
}
