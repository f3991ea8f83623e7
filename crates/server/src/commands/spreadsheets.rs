//! `yanshu member import`, `yanshu member export` and `yanshu import …`: members as spreadsheets.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use kernel::{Ctx, ImportId, JobId, OrgId, PageRequest};
use lifecycle::exports;
use lifecycle::imports::{
    self, Import, ImportState, InitialPasswords, Invite, NewImport, OnExisting, Options, Outcome, RowFilter, RowResult,
};
use lifecycle::sheets::Format;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Notice, StoreError, jobs};

use super::Output;
use super::departments;
use super::table::table;
use crate::app::App;
use crate::failure::Failure;
use crate::texts;

#[derive(Debug, Args, Serialize, Deserialize)]
pub struct ImportFile {
    /// .xlsx or .csv.
    pub file: PathBuf,
    #[arg(long, value_name = "C")]
    org: String,
    /// The domain that completes mail prefixes; the organisation's default when missing.
    #[arg(long, value_name = "D")]
    domain: Option<String>,
    /// Only say what would happen.
    #[arg(long)]
    dry_run: bool,
    /// What a row does that meets a member who is there: update, skip or fail.
    #[arg(long, default_value = "update")]
    on_existing: String,
    /// Where members go whose row names no department.
    #[arg(long, value_name = "PATH")]
    department: Option<String>,
    /// Rows that name a department which does not exist are errors.
    #[arg(long)]
    no_create_departments: bool,
    /// For mobile numbers written without one.
    #[arg(long, default_value = "+86")]
    default_country: String,
    /// How new members hear of their account: none. (sms and mail come with the notices.)
    #[arg(long, default_value = "none")]
    invite: String,
    /// Where initial passwords come from: generated, given or none.
    #[arg(long, default_value = "generated")]
    initial_passwords: String,
    /// Write every row's outcome to this file (JSON).
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Write the rows that were wrong to this file (.xlsx or .csv), to mend and import again.
    #[arg(long, value_name = "FILE")]
    wrong_rows: Option<PathBuf>,
    /// Write the generated initial passwords to this file (.xlsx); they are told only once.
    #[arg(long, value_name = "FILE")]
    passwords: Option<PathBuf>,
}

#[derive(Debug, Args, Serialize, Deserialize)]
pub struct Export {
    #[arg(long, value_name = "C")]
    org: String,
    /// Only this department and everything below it.
    #[arg(long, value_name = "PATH")]
    department: Option<String>,
    /// Columns in their order, such as name,gender,mobile; all when missing.
    #[arg(long, value_delimiter = ',')]
    fields: Vec<String>,
    /// .xlsx or .csv.
    #[arg(long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The newest imports of an organisation.
    List {
        #[arg(long)]
        org: String,
    },
    /// Take an import back: members it made who never signed in go, values it changed return.
    Undo {
        id: String,
        #[arg(long)]
        org: String,
    },
}

pub async fn run_import(app: &App, operator: &str, import: ImportFile, file: Vec<u8>) -> Result<Output, Failure> {
    let word = |name: &str, value: &str| Failure::new(format!("--{name}: \"{value}\" is not one of its words"));
    let org = app.org(&import.org).await?;
    let department_id = match &import.department {
        Some(path) => Some(departments::find(app, org, path).await?),
        None => None,
    };
    let options = Options {
        domain: import.domain.clone(),
        on_existing: OnExisting::parse(&import.on_existing).ok_or_else(|| word("on-existing", &import.on_existing))?,
        create_missing_departments: !import.no_create_departments,
        department_id,
        default_country: import.default_country.clone(),
        invite: Invite::parse(&import.invite).ok_or_else(|| word("invite", &import.invite))?,
        initial_passwords: InitialPasswords::parse(&import.initial_passwords)
            .ok_or_else(|| word("initial-passwords", &import.initial_passwords))?,
    };
    let file_name = import.file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let ctx = app.ctx(operator, org);
    let uploaded = imports::upload(&app.store, &ctx, NewImport { file_name, bytes: Arc::from(file), options }).await?;
    let planned = settle(app, &ctx, uploaded.id).await?;
    if planned.state != ImportState::Planned {
        return Err(failed(&planned));
    }
    let end = if import.dry_run || planned.summary.to_apply() == 0 {
        planned
    } else {
        let (applying, id) = (ctx.clone(), planned.id);
        app.store.write(move |tx| imports::apply_import(&applying, tx, id)).await?;
        settle(app, &ctx, id).await?
    };
    if matches!(end.state, ImportState::Failed) {
        return Err(failed(&end));
    }

    let wrong = end.summary.conflict + end.summary.error + end.rows_failed;
    let done = end.summary.unchanged + if import.dry_run { end.summary.to_apply() } else { end.rows_applied };
    let exit_code = match (wrong, done) {
        (0, _) => 0,
        (_, 0) => 1,
        _ => 3,
    };
    let mut output = Output::new(summary(&end, import.dry_run), json!(end)).with_exit_code(exit_code);
    if let Some(path) = import.report {
        output = output.with_file(path, report(app, &ctx, &end).await?);
    }
    if let Some(path) = import.wrong_rows {
        let format = Format::of_path(&path).ok_or_else(|| Failure::new("--wrong-rows ends in .xlsx or .csv"))?;
        output = output.with_file(path, imports::wrong_rows(&app.store, &ctx, end.id, format).await?.bytes);
    }
    if let Some(path) = import.passwords.filter(|_| end.passwords_available) {
        output = output.with_file(path, imports::take_initial_passwords(&app.store, &ctx, end.id).await?.bytes);
    }
    Ok(output)
}

/// Waits until an import has come to rest: planned, applied, undone, cancelled or failed.
async fn settle(app: &App, ctx: &Ctx, id: ImportId) -> Result<Import, Failure> {
    let mut notices = app.store.bus().subscribe();
    loop {
        let ctx = ctx.clone();
        let import = app.store.read(move |tx| imports::get_import(&ctx, tx, id)).await?;
        if import.state.is_at_rest() {
            return Ok(import);
        }
        wait(&mut notices).await;
    }
}

/// Waits for a job to end.
async fn finish(app: &App, org: OrgId, id: JobId) -> Result<jobs::Job, Failure> {
    let mut notices = app.store.bus().subscribe();
    loop {
        let job = app.store.read::<_, StoreError, _>(move |tx| jobs::find(tx, org, id)).await?;
        match job {
            Some(job) if job.state.has_ended() => return Ok(job),
            Some(_) => wait(&mut notices).await,
            None => return Err(Failure::new(format!("there is no job {id}"))),
        }
    }
}

/// Until something happened to a job; at most a second, because the worker may be another process's.
async fn wait(notices: &mut tokio::sync::broadcast::Receiver<Notice>) {
    let next = async {
        loop {
            match notices.recv().await {
                Ok(Notice::Job { .. }) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    // Nothing is lost by either end: the caller looks again.
    let _ = tokio::time::timeout(std::time::Duration::from_secs(1), next).await;
}

fn failed(import: &Import) -> Failure {
    let why = import.error.as_ref().map(|error| texts::sentence(&error.code, &error.params)).unwrap_or_default();
    Failure::new(format!("nothing was imported: {why}"))
}

fn summary(import: &Import, dry_run: bool) -> String {
    let plan = &import.summary;
    let head = format!(
        "create {}  update {}  move {}  unchanged {}  conflict {}  error {}",
        plan.create, plan.update, plan.moved, plan.unchanged, plan.conflict, plan.error
    );
    if dry_run {
        return format!("{head}\nnothing was changed (--dry-run); the plan is {}", import.id);
    }
    let passwords = if import.passwords_available {
        "\nInitial passwords wait for their one download in the console, 24 hours at most (or use --passwords FILE)."
    } else {
        ""
    };
    format!("{head}\napplied {}  failed {}  as {}{passwords}", import.rows_applied, import.rows_failed, import.id)
}

/// Every row with what was planned and what became of it.
async fn report(app: &App, ctx: &Ctx, import: &Import) -> Result<Vec<u8>, Failure> {
    let mut rows: Vec<Value> = Vec::new();
    let mut after = None;
    loop {
        let (reading, id, page) = (ctx.clone(), import.id, PageRequest::new(after, PageRequest::MAX_LIMIT));
        let filter = RowFilter { outcome: None::<Outcome>, result: None::<RowResult> };
        let found = app.store.read(move |tx| imports::list_rows(&reading, tx, id, filter, &page)).await?;
        rows.extend(found.items.iter().map(|row| json!(row)));
        match found.next.as_deref().and_then(kernel::Cursor::decode) {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    Ok(serde_json::to_vec_pretty(&json!({ "import": import, "rows": rows }))?)
}

pub async fn run_export(app: &App, operator: &str, export: Export) -> Result<Output, Failure> {
    let format = Format::of_path(&export.output).ok_or_else(|| Failure::new("--output ends in .xlsx or .csv"))?;
    let org = app.org(&export.org).await?;
    let department_ids = match export.department {
        Some(path) => vec![departments::find(app, org, &path).await?],
        None => Vec::new(),
    };
    let ctx = app.ctx(operator, org);
    let new = exports::NewExport { fields: export.fields, department_ids, format, language: None };
    let (starting, request) = (ctx.clone(), new);
    let id = app.store.write(move |tx| exports::start(&starting, tx, &request)).await?;
    let job = finish(app, org, id).await?;
    if let Some(code) = job.error_code {
        return Err(Failure::new(format!("the export failed: {}", texts::sentence(&code, &BTreeMap::new()))));
    }
    let file = exports::open_file(&app.store, &ctx, id).await?;
    let text = format!("{} members are in {}", job.progress_done, export.output.display());
    Ok(Output::new(text, json!({ "members": job.progress_done, "output": export.output })).with_file(export.output, file.bytes))
}

pub async fn run(app: &App, operator: &str, verb: Verb) -> Result<Output, Failure> {
    match verb {
        Verb::List { org } => {
            let ctx = app.ctx(operator, app.org(&org).await?);
            let page = app.store.read(move |tx| imports::list_imports(&ctx, tx, &PageRequest::first(100))).await?;
            let rows: Vec<_> = page
                .items
                .iter()
                .map(|import| {
                    vec![import.id.to_string(), import.state.as_str().to_owned(), import.file_name.clone(), import.created_at.to_string()]
                })
                .collect();
            Ok(Output::new(table(&["ID", "STATE", "FILE", "CREATED"], &rows), json!(page.items)))
        }
        Verb::Undo { id, org } => {
            let (ctx, id) = (app.ctx(operator, app.org(&org).await?), id.parse::<ImportId>()?);
            let undoing = ctx.clone();
            app.store.write(move |tx| imports::undo_import(&undoing, tx, id)).await?;
            let end = settle(app, &ctx, id).await?;
            let text = format!("{}: {} rows were taken back", end.state.as_str(), end.rows_undone);
            Ok(Output::new(text, json!(end)).with_exit_code(if end.state == ImportState::Undone { 0 } else { 3 }))
        }
    }
}
