//! `yanshu department …`; departments are named by their path below the organisation, `总院/内科`.

use clap::Subcommand;
use directory::departments;
use kernel::{DepartmentId, OrgId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::StoreError;

use super::Output;
use super::organisations::limit;
use super::table::table;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// The tree, with the number of members of each department and everything below it.
    List {
        #[arg(long)]
        org: String,
    },
    /// Add a department, and those above it that are missing.
    Add {
        /// Such as 总院/内科.
        path: String,
        #[arg(long)]
        org: String,
    },
    /// Change a department.
    Set {
        path: String,
        #[arg(long)]
        org: String,
        #[arg(long)]
        name: Option<String>,
        /// 标识, unique among its siblings.
        #[arg(long)]
        identifier: Option<String>,
        /// 可创建用户数; "none" lifts the limit.
        #[arg(long)]
        member_limit: Option<String>,
        /// Moves it below another department; "/" is the organisation itself.
        #[arg(long)]
        parent: Option<String>,
    },
    /// Remove an empty department.
    Remove {
        path: String,
        #[arg(long)]
        org: String,
    },
}

pub async fn run(app: &App, operator: &str, verb: Verb) -> Result<Output, Failure> {
    match verb {
        Verb::List { org } => {
            let ctx = app.ctx(operator, app.org(&org).await?);
            let (tree, paths) = app
                .store
                .read(move |tx| Ok::<_, directory::access::Denied>((departments::tree(&ctx, tx)?, departments::all_paths(tx, ctx.org)?)))
                .await?;
            let path = |id| paths.get(&id).map(|path| path.join("/")).filter(|path| !path.is_empty()).unwrap_or_else(|| "/".to_owned());
            let rows: Vec<_> = tree
                .iter()
                .map(|node| {
                    let limit = node.member_limit.map(|limit| limit.to_string()).unwrap_or_default();
                    vec![path(node.id), node.identifier.clone(), node.subtree_count.to_string(), limit, node.id.to_string()]
                })
                .collect();
            Ok(Output::new(table(&["PATH", "IDENTIFIER", "MEMBERS", "LIMIT", "ID"], &rows), json!(tree)))
        }
        Verb::Add { path, org } => {
            let ctx = app.ctx(operator, app.org(&org).await?);
            let parts = split(&path)?;
            let id = app.store.write(move |tx| departments::ensure_path(&ctx, tx, &parts)).await?;
            Ok(Output::new(format!("{path} is {id}"), json!({ "id": id })))
        }
        Verb::Set { path, org, name, identifier, member_limit, parent } => {
            let org = app.org(&org).await?;
            let id = find(app, org, &path).await?;
            let limit = member_limit.map(|text| limit(&text)).transpose()?;
            let parent = match parent {
                Some(path) => Some(find(app, org, &path).await?),
                None => None,
            };
            let ctx = app.ctx(operator, org);
            app.store
                .write(move |tx| {
                    if let Some(parent) = parent {
                        departments::move_to(&ctx, tx, id, parent, None)?;
                    }
                    if let Some(name) = &name {
                        departments::rename(&ctx, tx, id, name)?;
                    }
                    if let Some(identifier) = &identifier {
                        departments::set_identifier(&ctx, tx, id, identifier)?;
                    }
                    if let Some(limit) = limit {
                        departments::set_limit(&ctx, tx, id, limit)?;
                    }
                    Ok::<_, Refused>(())
                })
                .await?;
            Ok(Output::new(format!("changed {path}"), json!({ "id": id })))
        }
        Verb::Remove { path, org } => {
            let org = app.org(&org).await?;
            let id = find(app, org, &path).await?;
            let ctx = app.ctx(operator, org);
            app.store.write(move |tx| departments::remove(&ctx, tx, id)).await?;
            Ok(Output::new(format!("removed {path}"), json!({ "id": id })))
        }
    }
}

/// One of the changes of `set` was refused; none was made.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error(transparent)]
    Change(#[from] departments::ChangeError),
    #[error(transparent)]
    Move(#[from] departments::MoveError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The department at a path; "/" is the organisation itself.
pub async fn find(app: &App, org: OrgId, path: &str) -> Result<DepartmentId, Failure> {
    let parts = if path == "/" { Vec::new() } else { split(path)? };
    let found = app
        .store
        .read::<_, StoreError, _>(move |tx| {
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            departments::find_path(tx, org, &parts)
        })
        .await?;
    found.ok_or_else(|| Failure::new(format!("there is no department {path}")))
}

fn split(path: &str) -> Result<Vec<String>, Failure> {
    let parts: Vec<String> = path.trim_matches('/').split('/').map(kernel::normalise).collect();
    if parts.iter().any(String::is_empty) { Err(Failure::new(format!("\"{path}\" has an empty department in it"))) } else { Ok(parts) }
}
