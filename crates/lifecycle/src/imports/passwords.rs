//! Generated initial passwords: sealed one by one, handed out once, gone after a day.

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::organisations;
use kernel::{Ctx, ImportId, OrgId};
use store::{KeyRing, Store, StoreError, Tx};

use super::access::{self, AccessError};
use super::repo;
use super::types::Import;
use crate::sheets::{ColumnKey, File, Format, Language, Table, WriteError};

const PURPOSE: &str = "initial-passwords";
const ROWS_PER_READ: i64 = 1000;

/// Seals a password for its place in an import.
pub(super) fn seal(keys: &KeyRing, ctx: &Ctx, import: ImportId, row: u32, password: &str) -> Vec<u8> {
    keys.seal(PURPOSE, &context(ctx.org, import, row), password.as_bytes(), &*ctx.rng)
}

fn context(org: OrgId, import: ImportId, row: u32) -> Vec<u8> {
    format!("{}/{}/{row}", org.raw(), import.raw()).into_bytes()
}

#[derive(Debug, thiserror::Error)]
pub enum PasswordsError {
    #[error("no initial passwords wait for their download")]
    Gone,
    #[error("the initial passwords were sealed with another key")]
    Unreadable,
    #[error(transparent)]
    Sheet(#[from] WriteError),
    #[error(transparent)]
    Access(#[from] AccessError),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not fetch the initial passwords")]
    Store(#[from] StoreError),
}
kernel::faults! { PasswordsError:
    PasswordsError::Gone => NotFound "initial_passwords_gone",
    PasswordsError::Unreadable => Internal "initial_passwords_unreadable",
    PasswordsError::Sheet(inner) => inner,
    PasswordsError::Access(inner) => inner,
    PasswordsError::Denied(inner) => inner,
    PasswordsError::Store(inner) => inner,
}

/// The generated initial passwords of an import as a workbook. Given out once: they are gone with the answer.
pub async fn take_initial_passwords(store: &Store, ctx: &Ctx, id: ImportId) -> Result<File, PasswordsError> {
    let asking = ctx.clone();
    // Taken before they are read, so that of two who ask at once only one gets them.
    let (import, language) = store.write(move |tx| take(&asking, tx, id)).await?;
    let headings = COLUMNS.map(|key| key.heading(language));
    let sheet = match language {
        Language::Chinese => "初始密码",
        Language::English => "Initial passwords",
    };
    let mut table = Table::new(Format::Xlsx, sheet, &headings, ctx.now)?;
    let (org, now) = (ctx.org, ctx.now);
    let mut after = 0;
    loop {
        let rows = store.read(move |tx| repo::passwords::list(tx, org, id, after, ROWS_PER_READ, now)).await?;
        let Some(last) = rows.last() else { break };
        after = last.row_number;
        for row in &rows {
            let sealed = store.keys().unseal(PURPOSE, &context(org, id, row.row_number), &row.sealed);
            let password = sealed.map_err(|_| PasswordsError::Unreadable)?;
            let password = std::str::from_utf8(&password).map_err(|_| PasswordsError::Unreadable)?;
            table.row(&[&row.name, &row.account_name, row.address.as_deref().unwrap_or_default(), password])?;
        }
    }
    let bytes = table.finish()?;
    while store.write_bulk(move |tx| repo::passwords::delete_some(tx, org, id, ROWS_PER_READ)).await? > 0 {}
    let stem = import.file_name.rsplit_once('.').map_or(import.file_name.as_str(), |(stem, _)| stem);
    Ok(File { name: format!("{stem} - {sheet}.xlsx"), content_type: Format::Xlsx.content_type(), bytes })
}

/// What stands beside each password: all that its owner needs to sign in.
const COLUMNS: [ColumnKey; 4] = [ColumnKey::Name, ColumnKey::AccountName, ColumnKey::Address, ColumnKey::InitialPassword];

fn take(ctx: &Ctx, tx: &mut Tx, id: ImportId) -> Result<(Import, Language), PasswordsError> {
    let import = access::get(ctx, tx, id)?;
    authorize(ctx, tx, Permission::ResetPasswords, Target::Organisation)?;
    if !import.passwords_available || !repo::head::take_passwords(tx, ctx.org, id, ctx.now)? {
        return Err(PasswordsError::Gone);
    }
    let event = AuditEvent::new("import.initial_passwords_fetched", AuditTarget::import(id, &import.file_name));
    audit::record(ctx, tx, event)?;
    let language = organisations::get(tx, ctx.org)?.language;
    Ok((import, Language::of_tag(language.as_str())))
}
