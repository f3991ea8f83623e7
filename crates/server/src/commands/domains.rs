//! `yanshu domain …`

use clap::Subcommand;
use directory::domains;
use kernel::{DomainName, OrgId};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Output;
use super::table::table;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The domains an organisation may use.
    List {
        #[arg(long)]
        org: String,
    },
    /// A domain with the DNS records it needs.
    Show {
        name: String,
        #[arg(long)]
        org: String,
    },
    /// Add a domain to an organisation.
    Add {
        name: String,
        #[arg(long)]
        org: String,
        /// Usable at once, without a look at DNS: for tests and closed networks.
        #[arg(long)]
        assume_verified: bool,
    },
    /// Make a domain usable without a look at DNS: for tests and closed networks.
    AssumeVerified {
        name: String,
        #[arg(long)]
        org: String,
    },
    /// Let another organisation use a domain.
    Grant {
        name: String,
        #[arg(long)]
        org: String,
        /// The code of the organisation that may use it.
        #[arg(long)]
        to: String,
    },
    /// Remove a domain that has no addresses.
    Remove {
        name: String,
        #[arg(long)]
        org: String,
    },
}

pub async fn run(app: &App, operator: &str, verb: Verb) -> Result<Output, Failure> {
    match verb {
        Verb::List { org } => {
            let ctx = app.ctx(operator, app.org(&org).await?);
            let all = app.store.read(move |tx| domains::list(&ctx, tx)).await?;
            let state = |domain: &domains::Domain| if domain.is_usable() { "usable" } else { "waits for DNS" };
            let rows: Vec<_> = all
                .iter()
                .map(|domain| {
                    vec![domain.name.to_string(), state(domain).to_owned(), if domain.is_default { "default" } else { "" }.to_owned()]
                })
                .collect();
            Ok(Output::new(table(&["NAME", "STATE", ""], &rows), json!(all)))
        }
        Verb::Show { name, org } => {
            let (_, domain) = find(app, &org, &name).await?;
            let mut records = domains::dns_records(&domain, &app.mail_host);
            let keys = mail::dkim::ensure(&app.store, &app.source.rng, &domain, app.source.now()).await?;
            records.extend(mail::dkim::dns_records(&domain, &keys));
            let rows: Vec<_> = records
                .iter()
                .map(|record| {
                    let priority = record.priority.map(|priority| priority.to_string()).unwrap_or_default();
                    vec![record.kind.to_string(), record.name.clone(), priority, record.value.clone()]
                })
                .collect();
            let text = format!("{}\n\n{}", domain.name, table(&["TYPE", "NAME", "PRIORITY", "VALUE"], &rows));
            Ok(Output::new(text, json!({ "domain": domain, "dns_records": records })))
        }
        Verb::Add { name, org, assume_verified } => {
            let ctx = app.ctx(operator, app.org(&org).await?);
            let name: DomainName = name.parse()?;
            let added = name.clone();
            let add = if assume_verified { domains::add_assumed } else { domains::add };
            let id = app.store.write(move |tx| add(&ctx, tx, &added)).await?;
            Ok(Output::new(format!("added {name}"), json!({ "id": id, "name": name })))
        }
        Verb::AssumeVerified { name, org } => {
            let (from, domain) = find(app, &org, &name).await?;
            let ctx = app.ctx(operator, from);
            app.store.write(move |tx| domains::assume(&ctx, tx, domain.id)).await?;
            Ok(Output::new(format!("{name} is usable"), json!({ "name": name })))
        }
        Verb::Grant { name, org, to } => {
            let (from, domain) = find(app, &org, &name).await?;
            let (ctx, receiver) = (app.ctx(operator, from), app.org(&to).await?);
            app.store.write(move |tx| domains::grant(&ctx, tx, domain.id, receiver)).await?;
            Ok(Output::new(format!("{to} may use {name}"), json!({ "name": name, "granted_to": to })))
        }
        Verb::Remove { name, org } => {
            let (from, domain) = find(app, &org, &name).await?;
            let ctx = app.ctx(operator, from);
            app.store.write(move |tx| domains::remove(&ctx, tx, domain.id)).await?;
            Ok(Output::new(format!("removed {name}"), json!({ "name": name })))
        }
    }
}

/// A domain the organisation may use, by name.
async fn find(app: &App, org: &str, name: &str) -> Result<(OrgId, domains::Domain), Failure> {
    let (id, wanted) = (app.org(org).await?, name.parse::<DomainName>()?);
    let ctx = app.ctx("", id);
    let all = app.store.read(move |tx| domains::list(&ctx, tx)).await?;
    let found = all.into_iter().find(|domain| domain.name == wanted);
    found.map(|domain| (id, domain)).ok_or_else(|| Failure::new(format!("{org} has no domain {wanted}")))
}
