//! `yanshu administrator …`

use clap::Subcommand;
use directory::administrators::{self, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Output;
use super::members::find;
use super::table::table;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    List {
        #[arg(long)]
        org: String,
    },
    /// Make a member an administrator, or give one another role.
    Grant {
        /// Account name, mail address or id.
        member: String,
        #[arg(long)]
        org: String,
        /// owner or org_admin.
        #[arg(long, default_value = "org_admin")]
        role: String,
    },
    /// Take a member's rights back.
    Revoke {
        member: String,
        #[arg(long)]
        org: String,
    },
}

pub async fn run(app: &App, operator: &str, verb: Verb) -> Result<Output, Failure> {
    match verb {
        Verb::List { org } => {
            let ctx = app.ctx(operator, app.org(&org).await?);
            let all = app.store.read(move |tx| administrators::list(&ctx, tx)).await?;
            let rows: Vec<_> =
                all.iter().map(|one| vec![one.account_name.clone(), one.name.clone(), one.role.as_str().to_owned()]).collect();
            Ok(Output::new(table(&["ACCOUNT", "NAME", "ROLE"], &rows), json!(all)))
        }
        Verb::Grant { member, org, role } => {
            let role = role.parse::<Role>().map_err(|_| Failure::new("--role is owner or org_admin"))?;
            let org = app.org(&org).await?;
            let (ctx, id) = (app.ctx(operator, org), find(app, org, &member).await?);
            app.store.write(move |tx| administrators::grant(&ctx, tx, id, role)).await?;
            Ok(Output::new(format!("{member} is {} now", role.as_str()), json!({ "member_id": id, "role": role })))
        }
        Verb::Revoke { member, org } => {
            let org = app.org(&org).await?;
            let (ctx, id) = (app.ctx(operator, org), find(app, org, &member).await?);
            app.store.write(move |tx| administrators::revoke(&ctx, tx, id)).await?;
            Ok(Output::new(format!("{member} is no administrator any more"), json!({ "member_id": id })))
        }
    }
}
