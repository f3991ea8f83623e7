//! What the planner is told of our tables.

use postgres::{Client, Error};

/// Columns that say whose rows they are.
const OWNERS: [&str; 3] = ["org_id", "account_id", "mailbox_id"];

/// Has plans fit whoever holds the largest share of a table. A statement is planned for the average account, and kept: where ten thousand accounts hold
/// one message each, the planner takes it for cheaper to read all that an account has than to go to each message by its key, and one account has a
/// million. Told that there is one owner, it goes by the share of the largest that it has met. An operator's own setting stays; an engine that has none
/// plans as it does.
pub(crate) fn plan_for_the_largest(client: &mut Client) {
    if let Err(error) = set_owners(client) {
        tracing::warn!(error = &error as &dyn std::error::Error, "The database was not told to plan for the largest accounts");
    }
}

fn set_owners(client: &mut Client) -> Result<(), Error> {
    let not_set = client.query(
        "SELECT CAST(c.relname AS TEXT), CAST(a.attname AS TEXT), c.reltuples > 0
           FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = current_schema() AND c.relkind = 'r' AND CAST(a.attname AS TEXT) = ANY($1) AND a.attoptions IS NULL
          ORDER BY c.relname",
        &[&OWNERS.as_slice()],
    )?;
    let mut statements = String::new();
    let mut looked_at = Vec::new();
    for row in &not_set {
        let (table, column): (&str, &str) = (row.get(0), row.get(1));
        statements += &format!("ALTER TABLE \"{table}\" ALTER COLUMN \"{column}\" SET (n_distinct = 1);");
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
