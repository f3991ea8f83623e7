//! `yanshu member …` and `yanshu import …`

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};
use directory::members::{self, MemberFilter, MemberSort, NewMember, Placement};
use identity::passwords::Password;
use kernel::{Ctx, EmailAddress, ImportId, JobId, MemberId, OrgId, PageRequest, PhoneNumber};
use lifecycle::exports;
use lifecycle::imports::{
    self, Import, ImportState, InitialPasswords, Invite, NewImport, OnExisting, Options, Outcome, RowFilter, RowResult,
};
use lifecycle::members::{CreateMember, create_member, lock, recycle, reset_password, suspend};
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

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Members by name.
    List {
        #[arg(long)]
        org: String,
        /// Only those of this department and everything below it.
        #[arg(long, value_name = "PATH")]
        department: Option<String>,
        /// Words to be found in name, pinyin, account name, addresses, mobile or employee number.
        #[arg(long)]
        search: Option<String>,
        /// active, pending, expired, locked, suspended, leaving or recycled.
        #[arg(long)]
        state: Option<String>,
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// One member.
    Show {
        /// Account name, mail address or id.
        member: String,
        #[arg(long)]
        org: String,
    },
    /// Add one member; prints the initial password.
    Add(Add),
    /// Stop a member's sign-in and sending.
    Suspend(Named),
    Resume(Named),
    /// Lock a member's account, as after a compromise.
    Lock(Named),
    Unlock(Named),
    /// Put a member into the recycle bin for 30 days.
    Remove(Named),
    Restore {
        /// The member's id.
        member: String,
        #[arg(long)]
        org: String,
    },
    /// Give a member a new initial password.
    ResetPassword(Named),
    /// Import members from a spreadsheet. Exit code 0 when all rows were applied, 3 when some were wrong, 1 when nothing was applied.
    Import(ImportFile),
    /// Export members to a spreadsheet.
    Export(Export),
}

#[derive(Debug, Args, Serialize, Deserialize)]
pub struct Named {
    /// Account name, mail address or id.
    member: String,
    #[arg(long)]
    org: String,
}

#[derive(Debug, Args, Serialize, Deserialize)]
pub struct Add {
    /// The member's name.
    name: String,
    #[arg(long)]
    org: String,
    /// The mail address; makes the mailbox, too.
    #[arg(long)]
    address: Option<String>,
    #[arg(long)]
    account_name: Option<String>,
    #[arg(long)]
    mobile: Option<String>,
    /// Such as 总院/内科; "/" when missing.
    #[arg(long, value_name = "PATH")]
    department: Option<String>,
    #[arg(long)]
    employee_number: Option<String>,
    #[arg(long)]
    position: Option<String>,
}

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
pub enum ImportVerb {
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

pub async fn run(app: &App, operator: &str, verb: Verb, file: Vec<u8>) -> Result<Output, Failure> {
    match verb {
        Verb::List { org, department, search, state, limit } => {
            let org = app.org(&org).await?;
            let department_id = match department {
                Some(path) => Some(departments::find(app, org, &path).await?),
                None => None,
            };
            let state = state
                .map(|word| word.parse::<members::MemberState>().map_err(|_| Failure::new(format!("there is no state \"{word}\""))))
                .transpose()?;
            let filter = MemberFilter { department_id, include_subdepartments: true, search, state, ..MemberFilter::default() };
            let ctx = app.ctx(operator, org);
            let page =
                app.store.read(move |tx| members::list(&ctx, tx, &filter, &PageRequest::first(limit), MemberSort::default())).await?;
            let rows: Vec<_> = page
                .items
                .iter()
                .map(|row| {
                    let address = row.address.as_ref().map(ToString::to_string).unwrap_or_default();
                    vec![row.account_name.clone(), row.name.clone(), address, row.state.as_str().to_owned(), row.id.to_string()]
                })
                .collect();
            Ok(Output::new(table(&["ACCOUNT", "NAME", "ADDRESS", "STATE", "ID"], &rows), json!(page.items)))
        }
        Verb::Show { member, org } => {
            let org = app.org(&org).await?;
            let (ctx, id) = (app.ctx(operator, org), find(app, org, &member).await?);
            let found = app.store.read(move |tx| members::get(&ctx, tx, id)).await?;
            Ok(Output::new(serde_json::to_string_pretty(&found)?, json!(found)))
        }
        Verb::Add(add) => run_add(app, operator, add).await,
        Verb::Suspend(named) => change(app, operator, named, "suspended", suspend).await,
        Verb::Resume(named) => change(app, operator, named, "resumed", members::resume).await,
        Verb::Lock(named) => change(app, operator, named, "locked", lock).await,
        Verb::Unlock(named) => change(app, operator, named, "unlocked", members::unlock).await,
        Verb::Remove(named) => change(app, operator, named, "in the recycle bin", recycle).await,
        Verb::Restore { member, org } => {
            let (ctx, id) = (app.ctx(operator, app.org(&org).await?), member.parse::<MemberId>()?);
            app.store.write(move |tx| members::restore(&ctx, tx, id)).await?;
            Ok(Output::new(format!("{member} is back"), json!({ "id": id })))
        }
        Verb::ResetPassword(named) => {
            let org = app.org(&named.org).await?;
            let (ctx, id, store) = (app.ctx(operator, org), find(app, org, &named.member).await?, app.store.clone());
            let reset = app.store.write(move |tx| reset_password(&ctx, tx, store.keys(), id)).await?;
            let text = format!("initial password {} until {}", reset.initial_password.as_str(), reset.expires_at);
            Ok(Output::new(text, json!({ "id": id, "initial_password": reset.initial_password.as_str(), "expires_at": reset.expires_at })))
        }
        Verb::Import(import) => run_import_file(app, operator, import, file).await,
        Verb::Export(export) => run_export(app, operator, export).await,
    }
}

async fn run_add(app: &App, operator: &str, add: Add) -> Result<Output, Failure> {
    let org = app.org(&add.org).await?;
    let department = departments::find(app, org, add.department.as_deref().unwrap_or("/")).await?;
    let address = add.address.map(|text| text.parse::<EmailAddress>()).transpose()?;
    let new = CreateMember {
        with_mail_account: address.is_some(),
        initial_password: None::<Password>,
        member: NewMember {
            name: add.name.clone(),
            account_name: add.account_name,
            mobile: add.mobile.map(|text| PhoneNumber::parse_mobile(&text, kernel::CountryCode::CHINA)).transpose()?,
            employee_number: add.employee_number,
            departments: vec![Placement { position: add.position, ..Placement::main(department) }],
            address,
            ..NewMember::default()
        },
    };
    let (ctx, store) = (app.ctx(operator, org), app.store.clone());
    let created = app.store.write(move |tx| create_member(&ctx, tx, store.keys(), &new)).await?;
    let text = format!(
        "{} is {}; initial password {} until {}",
        add.name,
        created.member_id,
        created.initial_password.as_str(),
        created.initial_password_expires_at
    );
    let json = json!({ "id": created.member_id, "initial_password": created.initial_password.as_str(), "expires_at": created.initial_password_expires_at });
    Ok(Output::new(text, json))
}

/// One of the changes of state.
async fn change<E>(
    app: &App,
    operator: &str,
    named: Named,
    done: &str,
    operation: fn(&Ctx, &mut store::Tx, MemberId) -> Result<(), E>,
) -> Result<Output, Failure>
where
    E: std::error::Error + From<StoreError> + Send + 'static,
{
    let org = app.org(&named.org).await?;
    let (ctx, id) = (app.ctx(operator, org), find(app, org, &named.member).await?);
    app.store.write(move |tx| operation(&ctx, tx, id)).await?;
    Ok(Output::new(format!("{} is {done}", named.member), json!({ "id": id })))
}

/// A member by id, mail address or account name.
pub async fn find(app: &App, org: OrgId, member: &str) -> Result<MemberId, Failure> {
    if let Ok(id) = member.parse::<MemberId>() {
        return Ok(id);
    }
    let wanted = member.to_owned();
    let found = app
        .store
        .read::<_, StoreError, _>(move |tx| match wanted.parse::<EmailAddress>() {
            Ok(address) => Ok(members::find_many_by_address(tx, org, &[address])?.pop().and_then(|(_, id)| id)),
            Err(_) => members::find_by_account_name(tx, org, &wanted),
        })
        .await?;
    found.ok_or_else(|| Failure::new(format!("there is no member {member}")))
}

async fn run_import_file(app: &App, operator: &str, import: ImportFile, file: Vec<u8>) -> Result<Output, Failure> {
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

async fn run_export(app: &App, operator: &str, export: Export) -> Result<Output, Failure> {
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

pub async fn run_import(app: &App, operator: &str, verb: ImportVerb) -> Result<Output, Failure> {
    match verb {
        ImportVerb::List { org } => {
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
        ImportVerb::Undo { id, org } => {
            let (ctx, id) = (app.ctx(operator, app.org(&org).await?), id.parse::<ImportId>()?);
            let undoing = ctx.clone();
            app.store.write(move |tx| imports::undo_import(&undoing, tx, id)).await?;
            let end = settle(app, &ctx, id).await?;
            let text = format!("{}: {} rows were taken back", end.state.as_str(), end.rows_undone);
            Ok(Output::new(text, json!(end)).with_exit_code(if end.state == ImportState::Undone { 0 } else { 3 }))
        }
    }
}
