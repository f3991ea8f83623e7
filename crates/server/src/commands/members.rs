//! `yanshu member …`, but for spreadsheets.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use directory::members::{self, MemberFilter, MemberSort, NewMember, Placement};
use identity::client_passwords;
use identity::passwords::Password;
use identity::protocols::Protocol;
use kernel::{Ctx, EmailAddress, Fault, MemberId, OrgId, PageRequest, PhoneNumber};
use lifecycle::members::{CreateMember, create_member, lock, recycle, reset_password, suspend};
use lifecycle::unique_ids;
use mail::maildrop::KnownBy;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::StoreError;

use super::Output;
use super::table::table;
use super::{departments, spreadsheets};
use crate::app::App;
use crate::failure::Failure;

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
    /// Make a client password for a member's mail programs, or for a program that has an account of its own; prints it, this once.
    AddClientPassword {
        /// Account name, mail address or id.
        member: String,
        #[arg(long)]
        org: String,
        /// What the member sees it called.
        #[arg(long)]
        name: String,
        /// Some of imap, pop3, smtp and jmap.
        #[arg(long, value_delimiter = ',', default_value = "imap,smtp")]
        protocols: Vec<String>,
    },
    /// Give the messages of a member's INBOX the unique ids that POP3 programs know them by from another server, so that they download nothing twice. To be
    /// done after the mail was brought and before the programs come. Exit code 3 when some were refused.
    BringUniqueIds {
        /// Account name, mail address or id.
        member: String,
        /// Lines of Message-ID, tab, unique id, in the order of the other server's INBOX.
        file: PathBuf,
        #[arg(long)]
        org: String,
    },
    /// Import members from a spreadsheet. Exit code 0 when all rows were applied, 3 when some were wrong, 1 when nothing was applied.
    Import(spreadsheets::ImportFile),
    /// Export members to a spreadsheet.
    Export(spreadsheets::Export),
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
        Verb::AddClientPassword { member, org, name, protocols } => {
            let org = app.org(&org).await?;
            let (ctx, id, store) = (app.ctx(operator, org), find(app, org, &member).await?, app.store.clone());
            let protocols = protocols.iter().map(|name| protocol(name)).collect::<Result<Vec<_>, _>>()?;
            let made = app
                .store
                .write(move |tx| client_passwords::create_as_operator(&ctx, tx, store.keys(), id, &name, protocols.clone()))
                .await?;
            let answer = json!({ "id": made.client_password.id, "password": made.password.as_str() });
            Ok(Output::new(format!("client password {}", made.password.as_str()), answer))
        }
        Verb::BringUniqueIds { member, file: _, org } => {
            let org = app.org(&org).await?;
            let (ctx, id) = (app.ctx(operator, org), find(app, org, &member).await?);
            bring_unique_ids(app, &ctx, id, &file).await
        }
        Verb::Import(import) => spreadsheets::run_import(app, operator, import, file).await,
        Verb::Export(export) => spreadsheets::run_export(app, operator, export).await,
    }
}

fn protocol(name: &str) -> Result<Protocol, Failure> {
    Protocol::from_name(name).ok_or_else(|| Failure::new(format!("{name} is none of imap, pop3, smtp and jmap")))
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

/// Held in memory at once.
const MAX_UNIQUE_IDS: usize = 1_000_000;
/// Lines that a person is told of; a program is told of all.
const REFUSALS_SHOWN: usize = 50;

/// With the numbers of their lines, from 1.
fn read_unique_ids(file: &[u8]) -> Result<Vec<(usize, KnownBy)>, Failure> {
    let lines = (1..).zip(file.split(|octet| *octet == b'\n').map(<[u8]>::trim_ascii)).filter(|(_, line)| !line.is_empty());
    let known = lines.map(|(number, line)| {
        let said = std::str::from_utf8(line).ok().and_then(|line| line.split_once('\t'));
        let Some((message_id, unique_id)) = said else {
            return Err(Failure::new(format!("line {number} is not a Message-ID, a tab and a unique id; nothing was changed")));
        };
        let message_id = message_id.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
        Ok((number, KnownBy { message_id, unique_id: unique_id.trim().to_owned() }))
    });
    let known = known.take(MAX_UNIQUE_IDS + 1).collect::<Result<Vec<_>, _>>()?;
    if known.len() > MAX_UNIQUE_IDS {
        return Err(Failure::new(format!("more than {MAX_UNIQUE_IDS} lines; give them in several files, nothing was changed")));
    }
    Ok(known)
}

async fn bring_unique_ids(app: &App, ctx: &Ctx, id: MemberId, file: &[u8]) -> Result<Output, Failure> {
    let (lines, known): (Vec<usize>, Vec<KnownBy>) = read_unique_ids(file)?.into_iter().unzip();
    let brought = unique_ids::bring(&app.store, ctx, id, known).await?;
    let mut text = format!("{} messages are known by the unique ids of the other server", brought.given);
    for (at, error) in brought.refused.iter().take(REFUSALS_SHOWN) {
        text.push_str(&format!("\nline {}: {error}", lines[*at]));
    }
    if let Some(more) = brought.refused.len().checked_sub(REFUSALS_SHOWN + 1) {
        text.push_str(&format!("\nand {} more; --json names them all", more + 1));
    }
    let refused: Vec<_> = brought.refused.iter().map(|(at, error)| json!({ "line": lines[*at], "code": error.code() })).collect();
    let exit_code = if refused.is_empty() { 0 } else { 3 };
    Ok(Output::new(text, json!({ "given": brought.given, "refused": refused })).with_exit_code(exit_code))
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
