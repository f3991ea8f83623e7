//! `yanshu org …`

use clap::Subcommand;
use directory::organisations::{self, Language, OrganisationPatch};
use kernel::OrgId;
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::StoreError;

use super::Output;
use super::table::table;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Subcommand, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verb {
    /// Every organisation of this installation.
    List,
    /// One organisation.
    Show {
        /// Its organisation code.
        code: String,
    },
    /// Change an organisation.
    Set {
        /// Its organisation code.
        code: String,
        #[arg(long)]
        name: Option<String>,
        /// Such as Asia/Shanghai.
        #[arg(long)]
        time_zone: Option<String>,
        /// zh-CN or en.
        #[arg(long)]
        language: Option<String>,
        /// How many members it may have; "none" lifts the limit.
        #[arg(long)]
        member_limit: Option<String>,
    },
}

pub async fn run(app: &App, operator: &str, verb: Verb) -> Result<Output, Failure> {
    match verb {
        Verb::List => {
            let all = app.store.read::<_, StoreError, _>(organisations::list).await?;
            let rows: Vec<_> =
                all.iter().map(|org| vec![org.code.clone(), org.name.clone(), org.id.to_string(), org.time_zone.clone()]).collect();
            Ok(Output::new(table(&["CODE", "NAME", "ID", "TIME ZONE"], &rows), json!(all)))
        }
        Verb::Show { code } => show(app, app.org(&code).await?).await,
        Verb::Set { code, name, time_zone, language, member_limit } => {
            let org = app.org(&code).await?;
            let language =
                language.map(|text| text.parse::<Language>().map_err(|_| Failure::new("--language is zh-CN or en"))).transpose()?;
            let member_limit = member_limit.map(|text| limit(&text)).transpose()?;
            let ctx = app.ctx(operator, org);
            let patch = OrganisationPatch { name, time_zone, language, member_limit, settings: None };
            app.store.write(move |tx| organisations::update(&ctx, tx, &patch)).await?;
            show(app, org).await
        }
    }
}

async fn show(app: &App, org: OrgId) -> Result<Output, Failure> {
    let found = app.store.read::<_, StoreError, _>(move |tx| organisations::get(tx, org)).await?;
    let limit = found.member_limit.map_or("none".to_owned(), |limit| limit.to_string());
    let text = format!(
        "code          {}\nname          {}\nid            {}\ntime zone     {}\nlanguage      {}\nmember limit  {limit}\ncreated       {}",
        found.code,
        found.name,
        found.id,
        found.time_zone,
        found.language.as_str(),
        found.created_at
    );
    Ok(Output::new(text, json!(found)))
}

/// A limit as it is typed: a number, or "none".
pub fn limit(text: &str) -> Result<Option<i64>, Failure> {
    match text {
        "none" => Ok(None),
        number => number.parse().map(Some).map_err(|_| Failure::new(format!("\"{number}\" is neither a number nor \"none\""))),
    }
}
