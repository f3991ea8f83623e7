//! A file comes in: it is checked from outside, sealed, and handed to the job that plans it.

use std::sync::Arc;

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::domains;
use kernel::{CountryCode, Ctx, DomainName, FaultKind, ImportId, JobId, OrgId};
use serde_json::json;
use store::{KeyRing, Store, StoreError, Tx};

use super::access::Errand;
use super::repo;
use super::types::{Import, ImportState, Options};
use crate::sheets::MAX_FILE_BYTES;

/// What is encrypted with the key of this name lies in `import_upload`.
const PURPOSE: &str = "uploads";
const PART_BYTES: usize = 1 << 20;
const MAX_FILE_NAME_CHARS: usize = 200;

/// The kinds of the jobs of imports.
pub const PLAN_JOB: &str = "import.plan";
pub const APPLY_JOB: &str = "import.apply";
pub const UNDO_JOB: &str = "import.undo";

#[derive(Debug, thiserror::Error)]
pub enum UploadError {
    #[error("the file is empty")]
    Empty,
    #[error("the file is larger than {limit_mib} MiB")]
    TooLarge { limit_mib: usize },
    #[error("{domain} is not a domain the organisation may use")]
    DomainNotUsable { domain: String },
    #[error("{country} is not a country calling code")]
    CountryUnknown { country: String },
    #[error("the department of the options does not exist")]
    DepartmentNotFound,
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not keep the upload")]
    Store(#[from] StoreError),
}
kernel::faults! { UploadError:
    UploadError::Empty => Invalid "file_empty",
    UploadError::TooLarge { limit_mib } => Invalid "file_too_large" { limit_mib },
    UploadError::DomainNotUsable { domain } => Invalid "address_domain_not_usable" { domain },
    UploadError::CountryUnknown { country } => Invalid "country_unknown" { country },
    UploadError::DepartmentNotFound => Invalid "department_not_found",
    UploadError::Denied(inner) => inner,
    UploadError::Store(inner) => inner,
}

/// A file to be imported.
#[derive(Debug, Clone)]
pub struct NewImport {
    pub file_name: String,
    pub bytes: Arc<[u8]>,
    pub options: Options,
}

/// Takes a file in and starts its plan. What kind of file it is, and whether it can be read, is found out by the job.
pub async fn upload(store: &Store, ctx: &Ctx, new: NewImport) -> Result<Import, UploadError> {
    if new.bytes.is_empty() {
        return Err(UploadError::Empty);
    }
    if new.bytes.len() > MAX_FILE_BYTES {
        return Err(UploadError::TooLarge { limit_mib: MAX_FILE_BYTES >> 20 });
    }
    let id: ImportId = ctx.new_id();
    let file_name = shown_file_name(&new.file_name);
    let head = {
        let (ctx, new, file_name) = (ctx.clone(), new.clone(), file_name.clone());
        move |tx: &mut Tx| begin(&ctx, tx, id, &file_name, &new)
    };
    store.write(head).await?;

    // Each part is its own transaction: a large file must not hold up the others.
    for (part, plain) in new.bytes.chunks(PART_BYTES).enumerate() {
        let sealed: Arc<[u8]> = store.keys().seal(PURPOSE, &part_context(ctx.org, id, part), plain, &*ctx.rng).into();
        let org = ctx.org;
        store.write_bulk(move |tx| repo::uploads::insert(tx, org, id, part, &sealed)).await?;
    }
    let job: JobId = ctx.new_id();
    let ctx = ctx.clone();
    store.write(move |tx| finish(&ctx, tx, id, job, &file_name)).await
}

fn begin(ctx: &Ctx, tx: &mut Tx, id: ImportId, file_name: &str, new: &NewImport) -> Result<(), UploadError> {
    authorize(ctx, tx, Permission::ImportMembers, Target::Organisation)?;
    check_options(ctx, tx, &new.options)?;
    let head = repo::head::NewHead {
        id,
        file_name,
        file_bytes: new.bytes.len(),
        options: &new.options,
        created_by: ctx.actor.member_id(),
        created_at: ctx.now,
    };
    Ok(repo::head::insert(tx, ctx.org, &head)?)
}

fn check_options(ctx: &Ctx, tx: &mut Tx, options: &Options) -> Result<(), UploadError> {
    let short = |text: &str| text.chars().take(64).collect::<String>();
    if let Some(domain) = &options.domain {
        let name: Option<DomainName> = domain.parse().ok();
        let usable = domains::usable_by(tx, ctx.org)?.into_iter().any(|one| Some(&one.name) == name.as_ref());
        if !usable {
            return Err(UploadError::DomainNotUsable { domain: short(domain) });
        }
    }
    if options.default_country.parse::<CountryCode>().is_err() {
        return Err(UploadError::CountryUnknown { country: short(&options.default_country) });
    }
    if let Some(id) = options.department_id
        && !super::world::departments(tx, ctx.org)?.contains(id)
    {
        return Err(UploadError::DepartmentNotFound);
    }
    Ok(())
}

fn finish(ctx: &Ctx, tx: &mut Tx, id: ImportId, job: JobId, file_name: &str) -> Result<Import, UploadError> {
    repo::head::change_state(tx, ctx.org, id, &[ImportState::Uploading], ImportState::Uploaded)?;
    push_job(ctx, tx, id, job, PLAN_JOB)?;
    let event = AuditEvent::new("import.uploaded", AuditTarget::import(id, file_name));
    audit::record(ctx, tx, event.with_after(json!({ "file_name": file_name })))?;
    let import = repo::head::find(tx, ctx.org, id, ctx.now)?;
    Ok(import.ok_or(StoreError::RowCount { expected: "the import", found: 0 })?)
}

/// Puts a job of the import into the queue, on behalf of the actor.
pub(super) fn push_job(ctx: &Ctx, tx: &mut Tx, id: ImportId, job: JobId, kind: &'static str) -> Result<(), StoreError> {
    let new = store::jobs::NewJob {
        org: ctx.org,
        id: job,
        kind,
        payload: Errand::new(ctx, id).payload(),
        listed: true,
        run_after: ctx.now,
        created_by: ctx.actor.member_id(),
        now: ctx.now,
    };
    store::jobs::push(tx, new)?;
    repo::head::set_job(tx, ctx.org, id, job)
}

/// The file as it was uploaded; `None` when it is not there any more.
pub(super) fn read_upload(store: &Store, org: OrgId, id: ImportId) -> Result<Option<Vec<u8>>, UnreadableUpload> {
    let mut bytes = Vec::new();
    for part in 0.. {
        let sealed = store.read_blocking(move |tx| repo::uploads::find(tx, org, id, part))?;
        let Some(sealed) = sealed else { break };
        let plain = unseal_part(store.keys(), org, id, part, &sealed)?;
        bytes.extend_from_slice(&plain);
    }
    Ok((!bytes.is_empty()).then_some(bytes))
}

fn unseal_part(keys: &KeyRing, org: OrgId, id: ImportId, part: usize, sealed: &[u8]) -> Result<Vec<u8>, UnreadableUpload> {
    let plain = keys.unseal(PURPOSE, &part_context(org, id, part), sealed).map_err(|_| UnreadableUpload::Key)?;
    Ok(plain.to_vec())
}

/// The upload cannot be read back.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadableUpload {
    #[error("the upload was sealed with another key")]
    Key,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl kernel::Fault for UnreadableUpload {
    fn kind(&self) -> FaultKind {
        match self {
            Self::Key => FaultKind::Internal,
            Self::Store(error) => error.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Key => "upload_unreadable",
            Self::Store(error) => error.code(),
        }
    }
}
kernel::codes! { Internal "upload_unreadable" }

/// Binds a sealed part to its import and place, so that parts cannot be exchanged.
fn part_context(org: OrgId, id: ImportId, part: usize) -> Vec<u8> {
    format!("{}/{}/{part}", org.raw(), id.raw()).into_bytes()
}

/// The last part of a path, without what cannot be shown.
fn shown_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = last.chars().filter(|character| !character.is_control()).take(MAX_FILE_NAME_CHARS).collect();
    if shown.trim().is_empty() { "import".to_owned() } else { shown.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_path_only_the_file_is_kept() {
        assert_eq!(shown_file_name("C:\\成员\\名单.xlsx"), "名单.xlsx");
        assert_eq!(shown_file_name("/tmp/a\u{7}b.csv"), "ab.csv");
        assert_eq!(shown_file_name("  "), "import");
    }
}
