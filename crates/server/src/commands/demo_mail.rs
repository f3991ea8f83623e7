//! `yanshu demo-mail`: for `make demo`.

use clap::Args;
use lifecycle::demo_mail::{self, DemoMailOptions};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Output;
use crate::app::App;
use crate::failure::Failure;

#[derive(Debug, Args, Serialize, Deserialize)]
pub struct DemoMail {
    #[arg(long, value_name = "C")]
    org: String,
    /// Mails in the inbox of the one member who has very many.
    #[arg(long, default_value_t = DemoMailOptions::default().full_mailbox)]
    full_mailbox: usize,
}

pub async fn run(app: &App, operator: &str, command: DemoMail) -> Result<Output, Failure> {
    let ctx = app.ctx(operator, app.org(&command.org).await?);
    let options = DemoMailOptions { full_mailbox: command.full_mailbox, ..DemoMailOptions::default() };
    let done = demo_mail::fill(&app.store, &ctx, options).await?;
    let mut text = format!("{} mails lie in {} places in the mailboxes of {} members", done.mails, done.copies, done.members);
    if let Some((name, address)) = &done.full_mailbox {
        text.push_str(&format!("; the longest inbox is that of {name} <{address}>"));
    }
    let longest = done.full_mailbox.map(|(_, address)| address);
    Ok(Output::new(text, json!({ "mails": done.mails, "copies": done.copies, "members": done.members, "longest_inbox": longest })))
}
