//! `yanshu verify`

use serde_json::json;

use super::Output;
use super::audit;
use crate::app::App;
use crate::failure::Failure;

/// Checks everything that can be checked beside the load. Exit code 3 when something is wrong.
pub async fn run(app: &App) -> Result<Output, Failure> {
    let store = app.store.clone();
    let database = tokio::task::spawn_blocking(move || store.check_database()).await??;
    let blobs = app.store.blobs().verify().await?;
    let mail = mail::verify::verify(&app.store, None).await?;
    let store = app.store.clone();
    let index = tokio::task::spawn_blocking(move || store.texts().verify()).await??;
    let (audit_lines, audit_reports, audit_holds) = audit::verify_all(app, None).await?;
    let sound = database.is_empty() && blobs.problem_count == 0 && mail.problems.is_empty() && index.is_empty() && audit_holds;

    let mut lines = vec![match database.as_slice() {
        [] => "database: sound".to_owned(),
        problems => format!("database: {}", problems.join("; ")),
    }];
    lines.push(format!("blobs: {} in {} bytes, {} damaged or missing", blobs.blobs, blobs.bytes, blobs.problem_count));
    lines.extend(
        blobs.problems.iter().map(|problem| format!("  {}: pack {} at {}: {}", problem.org, problem.pack_id, problem.offset, problem.what)),
    );
    lines.push(format!("mail: {} messages of {} accounts, {} do not fit", mail.messages, mail.accounts, mail.problems.len()));
    let account = |problem: &mail::verify::MailProblem| problem.account.map_or_else(String::new, |account| format!("{account}: "));
    lines.extend(mail.problems.iter().map(|problem| format!("  {}{} {}", account(problem), problem.what, problem.place)));
    lines.push(match index.as_slice() {
        [] => "full-text index: sound".to_owned(),
        // Nothing is lost with it.
        damaged => format!("full-text index: damaged; run \"yanshu search rebuild\": {}", damaged.join(", ")),
    });
    lines.push(audit_lines);
    let only_index = !index.is_empty() && database.is_empty() && blobs.problem_count == 0 && mail.problems.is_empty() && audit_holds;
    lines.push(if sound {
        "All is sound.".to_owned()
    } else if only_index {
        "The index alone is damaged; no mail is lost.".to_owned()
    } else {
        "SOMETHING IS WRONG; bring back a backup before you write on.".to_owned()
    });
    let problems: Vec<_> =
        mail.problems.iter().map(|problem| json!({ "account": problem.account, "what": problem.what, "place": problem.place })).collect();
    let json = json!({
        "sound": sound,
        "database": database,
        "blobs": { "count": blobs.blobs, "bytes": blobs.bytes, "problem_count": blobs.problem_count },
        "mail": { "accounts": mail.accounts, "messages": mail.messages, "problem_count": mail.problems.len(), "problems": problems },
        "index": { "damaged": index },
        "audit": audit_reports,
    });
    Ok(Output::new(lines.join("\n"), json).with_exit_code(if sound { 0 } else { 3 }))
}
