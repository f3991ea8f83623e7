//! The commands an operator gives. Each is one value that can travel over the control socket: it runs against the server that has the data
//! open, or, when none has, on the data itself with a worker of its own.

mod administrators;
mod audit;
pub mod backup;
mod demo_mail;
mod departments;
mod domains;
mod jobs;
mod members;
mod organisations;
mod queue;
mod search;
mod setup;
mod spreadsheets;
mod table;
mod verify;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use worker::{Worker, WorkerOptions};

use crate::app::App;
use crate::config::Config;
use crate::control::{self, ControlSocket, Conversation};
use crate::data::{DataDir, DataError, Layout};
use crate::failure::Failure;

/// A command as it is typed, and as it travels.
#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Create an organisation with its mail domain and first administrator.
    Setup(setup::Setup),
    /// Organisations 组织.
    #[command(subcommand)]
    Org(organisations::Verb),
    /// Domains 域名.
    #[command(subcommand)]
    Domain(domains::Verb),
    /// Departments 部门.
    #[command(subcommand)]
    Department(departments::Verb),
    /// Members 成员.
    #[command(subcommand)]
    Member(members::Verb),
    /// Administrators 管理员.
    #[command(subcommand)]
    Administrator(administrators::Verb),
    /// Imports 批量导入 that were made.
    #[command(subcommand)]
    Import(spreadsheets::Verb),
    /// Jobs 任务: long work.
    #[command(subcommand)]
    Job(jobs::Verb),
    /// The sending queue 发送队列.
    #[command(subcommand)]
    Queue(queue::Verb),
    /// The full-text index of mail.
    #[command(subcommand)]
    Search(search::Verb),
    /// The audit log 操作日志.
    #[command(subcommand)]
    Audit(audit::Verb),
    /// Write a backup of everything to a directory, while the server runs.
    Backup(backup::Backup),
    /// Fill empty mailboxes with made-up mail, for a demonstration.
    #[command(hide = true)]
    DemoMail(demo_mail::DemoMail),
    /// Check the database, every blob and the audit logs, while the server runs.
    Verify,
}

pub type Command = Verb;

/// What a command answers.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Output {
    /// For people.
    pub text: String,
    /// For programs.
    pub json: serde_json::Value,
    pub exit_code: u8,
    /// Set when the command failed; then the rest is empty.
    pub failure: Option<String>,
    /// Files the caller asked for, each with the place it asked for.
    #[serde(skip)]
    pub files: Vec<Vec<u8>>,
    pub file_paths: Vec<PathBuf>,
}

impl Output {
    pub fn new(text: impl Into<String>, json: serde_json::Value) -> Self {
        Self { text: text.into(), json, ..Self::default() }
    }

    pub fn with_exit_code(self, exit_code: u8) -> Self {
        Self { exit_code, ..self }
    }

    pub fn with_file(mut self, path: PathBuf, bytes: Vec<u8>) -> Self {
        self.file_paths.push(path);
        self.files.push(bytes);
        self
    }
}

/// Runs a command from the command line to its end.
pub fn run(config: &Config, data: &Path, mut verb: Verb, json: bool) -> Result<ExitCode, Failure> {
    let file = prepare(&mut verb)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let taken = if matches!(verb, Verb::Setup(_)) { DataDir::take(data) } else { DataDir::take_existing(data) };
    let output = match taken {
        Err(DataError::InUse(path)) => runtime.block_on(control::send(&Layout::new(&path, config).control_socket, &verb, file))?,
        Err(error) => return Err(error.into()),
        Ok(data) => {
            let layout = Layout::new(data.path(), config);
            let app = App::open(config, &layout)?;
            runtime.block_on(run_here(app, layout, config.node_name(), verb, file))
        }
    };
    if let Some(sentence) = output.failure {
        return Err(Failure::new(sentence).with_exit_code(output.exit_code.max(1)));
    }
    for (path, bytes) in output.file_paths.iter().zip(&output.files) {
        std::fs::write(path, bytes).map_err(|error| Failure::new(format!("{} cannot be written: {error}", path.display())))?;
    }
    if json {
        println!("{}", output.json);
    } else if !output.text.is_empty() {
        println!("{}", output.text.trim_end());
    }
    Ok(ExitCode::from(output.exit_code))
}

/// Nobody else has the data, so the jobs a command starts are done here.
async fn run_here(app: App, layout: Layout, node: String, verb: Verb, file: Vec<u8>) -> Output {
    let (stop, stopping) = watch::channel(false);
    let worker = Worker::new(app.jobs(), WorkerOptions::new(node, std::process::id()));
    let working = tokio::spawn(async move { worker.run(stopping).await });
    let operator = control::account_name(rustix::process::geteuid().as_raw());
    let output = execute(&app, &layout, &operator, verb, file).await;
    // The worker ends at its next look; a send without receiver means it has ended already.
    let _ = stop.send(true);
    let _ = working.await;
    output
}

/// Answers commands that come through the control socket, until the server stops.
pub async fn answer(socket: ControlSocket, app: App, layout: Layout) {
    loop {
        match socket.accept().await {
            Ok(conversation) => {
                tokio::spawn(converse(conversation, app.clone(), layout.clone()));
            }
            Err(error) => {
                tracing::warn!(%error, "The control socket could not take a command");
                // Out of file descriptors, as a rule: give others the time to close theirs.
                tokio::time::sleep(std::time::Duration::from_millis(200)).await;
            }
        }
    }
}

async fn converse(mut conversation: Conversation, app: App, layout: Layout) {
    let answered = async {
        let (verb, file) = conversation.command().await?;
        let operator = conversation.operator.clone();
        let output = execute(&app, &layout, &operator, verb, file).await;
        conversation.answer(output).await
    };
    if let Err(error) = answered.await {
        tracing::warn!(%error, "A conversation on the control socket broke off");
    }
}

async fn execute(app: &App, layout: &Layout, operator: &str, verb: Verb, file: Vec<u8>) -> Output {
    let done = match verb {
        Verb::Setup(setup) => setup::run(app, operator, setup, file).await,
        Verb::Org(verb) => organisations::run(app, operator, verb).await,
        Verb::Domain(verb) => domains::run(app, operator, verb).await,
        Verb::Department(verb) => departments::run(app, operator, verb).await,
        Verb::Member(verb) => members::run(app, operator, verb, file).await,
        Verb::Administrator(verb) => administrators::run(app, operator, verb).await,
        Verb::Import(verb) => spreadsheets::run(app, operator, verb).await,
        Verb::Job(verb) => jobs::run(app, verb).await,
        Verb::Queue(verb) => queue::run(app, operator, verb).await,
        Verb::Search(verb) => search::run(app, verb).await,
        Verb::Audit(verb) => audit::run(app, verb).await,
        Verb::Backup(backup) => backup::run(app, layout, backup).await,
        Verb::DemoMail(command) => demo_mail::run(app, operator, command).await,
        Verb::Verify => verify::run(app).await,
    };
    done.unwrap_or_else(|failure| Output { failure: Some(failure.to_string()), exit_code: failure.exit_code, ..Output::default() })
}

/// Reads what the command names on this side of the socket, and makes paths mean the same on the other.
fn prepare(verb: &mut Verb) -> Result<Vec<u8>, Failure> {
    match verb {
        Verb::Setup(setup) => read(&setup.password_file),
        Verb::Member(members::Verb::Import(import)) => read(&import.file),
        Verb::Member(members::Verb::BringUniqueIds { file, .. }) => read(file),
        Verb::Backup(backup) => {
            backup.dir = std::path::absolute(&backup.dir)?;
            backup.key_bundle = backup.key_bundle.as_deref().map(std::path::absolute).transpose()?;
            Ok(Vec::new())
        }
        _ => Ok(Vec::new()),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error| Failure::new(format!("{} cannot be read: {error}", path.display()));
    let mut file = Vec::new();
    std::fs::File::open(path).and_then(|opened| opened.take(control::FILE_BYTES + 1).read_to_end(&mut file)).map_err(unreadable)?;
    if file.len() as u64 > control::FILE_BYTES {
        return Err(Failure::new(format!("{} is larger than {} MiB", path.display(), control::FILE_BYTES >> 20)));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(subcommand)]
        verb: Verb,
    }

    #[test]
    fn the_places_a_backup_is_written_to_mean_the_same_to_a_server_that_runs_elsewhere() {
        let mut line = Line::parse_from(["yanshu", "backup", "monday", "--key-bundle", "keys/monday.key"]);
        prepare(&mut line.verb).unwrap();
        let Verb::Backup(backup) = line.verb else { panic!("a backup was asked for") };
        let here = std::env::current_dir().unwrap();
        assert_eq!((backup.dir, backup.key_bundle), (here.join("monday"), Some(here.join("keys/monday.key"))));
    }
}
