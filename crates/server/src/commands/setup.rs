//! `yanshu setup`

use std::path::PathBuf;

use clap::Args;
use directory::organisations::Language;
use identity::passwords::Password;
use kernel::NO_ORG;
use lifecycle::setup::{SetUp, set_up_as_operator};
use serde::{Deserialize, Serialize};
use serde_json::json;
use zeroize::Zeroizing;

use super::Output;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Args, Serialize, Deserialize)]
pub struct Setup {
    /// The organisation code members type at sign-in.
    #[arg(long, value_name = "C")]
    org_code: String,
    /// The organisation's name.
    #[arg(long, value_name = "N")]
    org_name: String,
    /// Its mail domain.
    #[arg(long, value_name = "D")]
    domain: String,
    /// The first administrator: a mail prefix such as "admin", which is also the account name.
    #[arg(long, value_name = "NAME")]
    admin: String,
    /// The administrator's name as people read it; the mail prefix when missing.
    #[arg(long, value_name = "NAME")]
    admin_name: Option<String>,
    /// A file with the administrator's password; a line end at its end does not count.
    #[arg(long, value_name = "FILE")]
    pub password_file: PathBuf,
    /// Use the domain without a look at DNS: for tests and closed networks.
    #[arg(long)]
    assume_verified: bool,
    /// zh-CN or en.
    #[arg(long, default_value = "zh-CN")]
    language: String,
    /// Such as Asia/Shanghai.
    #[arg(long)]
    time_zone: Option<String>,
}

pub async fn run(app: &App, operator: &str, setup: Setup, password: Vec<u8>) -> Result<Output, Failure> {
    let password = Zeroizing::new(String::from_utf8(password).map_err(|_| Failure::new("the password file is not UTF-8"))?);
    let password = Password::new(password.trim_end_matches(['\r', '\n']))?;
    let language = setup.language.parse::<Language>().map_err(|_| Failure::new("--language is zh-CN or en"))?;
    // An address as the administrator's name is taken at its word if it is in the domain.
    let mail_prefix = setup.admin.strip_suffix(&format!("@{}", setup.domain)).unwrap_or(&setup.admin).to_owned();
    let new = SetUp {
        organisation_code: setup.org_code,
        organisation_name: setup.org_name,
        domain: setup.domain,
        administrator_name: setup.admin_name.unwrap_or_else(|| mail_prefix.clone()),
        mail_prefix,
        account_name: None,
        language,
        time_zone: setup.time_zone,
        assume_verified: setup.assume_verified,
    };
    let ctx = app.ctx(operator, NO_ORG);
    let done = set_up_as_operator(&app.store, &app.hasher, &ctx, new, &password).await?;
    let text = format!("The organisation is {}; its administrator signs in as {}", done.org, done.address);
    Ok(Output::new(text, json!({ "organisation_id": done.org, "member_id": done.member_id, "address": done.address })))
}
