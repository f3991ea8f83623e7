//! The program `yanshu`: the server, and every command an operator gives.
//!
//! This crate reads the configuration, opens the data, starts listeners and worker, and translates commands. Rules live in the subject crates.
//! Start with [`main`]; `serve.rs` is the server, `commands/` holds a file for each noun of the command line.

mod ambient;
mod app;
mod commands;
mod config;
mod connections;
mod control;
mod data;
mod dns;
mod failure;
mod logging;
mod mail_listeners;
mod maintenance;
mod outbound;
pub mod reference;
mod serve;
mod texts;
mod tls;
mod web_push;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::failure::Failure;

/// Yanshu 雁书: mail for an organisation that runs it itself.
#[derive(Parser)]
#[command(name = "yanshu", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Args)]
struct Place {
    /// The configuration file (TOML). Every key also as YANSHU_<SECTION>__<KEY> in the environment.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data directory.
    #[arg(long, global = true, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Answer with JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one, made once")]
enum Verb {
    /// Run the server: everything, until SIGTERM or Ctrl-C.
    Serve,
    /// Say what is wrong with this machine, the configuration and the data.
    Doctor {
        /// Only the exit code: 0 when a server is running and well.
        #[arg(long)]
        quiet: bool,
    },
    /// Bring a backup back into an empty data directory.
    Restore {
        /// The directory a backup was written to.
        dir: PathBuf,
        /// The master key that was kept apart from the backup; not needed where it lies in the data directory already.
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
    },
    #[command(flatten)]
    Command(commands::Verb),
}

/// What the program does with its arguments.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match run(cli) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("yanshu: {failure}");
            ExitCode::from(failure.exit_code)
        }
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let config = Config::load(cli.place.config.as_deref())?;
    let data: &Path = &cli.place.data;
    match cli.verb {
        Verb::Serve => serve::run(config, data).map(|()| ExitCode::SUCCESS),
        Verb::Doctor { quiet } => maintenance::doctor(&config, data, cli.place.json, quiet),
        Verb::Restore { dir, key_file } => maintenance::restore(&config, data, &dir, key_file.as_deref()).map(|()| ExitCode::SUCCESS),
        Verb::Command(verb) => commands::run(&config, data, verb, cli.place.json),
    }
}
