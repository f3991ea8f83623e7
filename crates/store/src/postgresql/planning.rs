//! What the planner is told of our tables.

use postgres::{Client, Error};

/// Tables of which one account may hold a million rows and ten thousand others one each.
const OF_MESSAGES: [&str; 7] =
    ["message", "mailbox_entry", "thread_reference", "removed_message", "message_tombstone", "entry_tombstone", "maildrop_message"];

/// Has plans fit those who hold most of a table. A statement is planned for the average account, and kept: where that has a few messages, the planner
/// takes it for cheaper to read all messages of an account than to go to each of fifty by its key. An operator's own setting stays; an engine that has
/// none plans as it does.
pub(crate) fn plan_for_large_accounts(client: &mut Client) {
    if let Err(error) = set_owners(client) {
        tracing::warn!(error = &error as &dyn std::error::Error, "The database was not told to plan for large accounts");
    }
}

fn set_owners(client: &mut Client) -> Result<(), Error> {
    let not_set = client.query(
        "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), c.reltuples > 0
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attoptions IS NULL
            AND (CAST(a.attname AS TEXT) = 'org_id' OR CAST(a.attname AS TEXT) IN ('account_id', 'mailbox_id') AND CAST(c.relname AS TEXT) = ANY($1))
          ORDER BY c.relname",
        &[&OF_MESSAGES.as_slice()],
    )?;
    let mut statements = String::new();
    let mut looked_at = Vec::new();
    for row in &not_set {
        let (table, column): (&str, &str) = (row.get(0), row.get(1));
        let owners = match column {
            // So many for each row: an account has some thousand rows, enough to go to each by its key.
            "account_id" => "-0.0003",
            // One: what is asked of a mailbox names its account as well, and most installations have one organisation.
            _ => "1",
        };
        statements += &format!("ALTER TABLE \"{table}\" ALTER COLUMN \"{column}\" SET (n_distinct = {owners});");
        if row.get(2) && looked_at.last() != Some(&table) {
            looked_at.push(table);
        }
    }
    client.batch_execute(&statements)?;
    // It counts from the next look on.
    for table in looked_at {
        client.batch_execute(&format!("ANALYZE (SKIP_LOCKED) \"{table}\""))?;
    }
    Ok(())
}
