//! An export is asked for.

use directory::access::{Denied, Permission, Target, authorize};
use directory::audit::{self, AuditEvent, AuditTarget};
use directory::departments;
use kernel::{Ctx, DepartmentId, JobId};
use serde_json::json;
use store::{IN_LIST_MAX, StoreError, Tx};

use super::EXPORT_JOB;
use super::errand::Errand;
use crate::sheets::{ColumnKey, Format};

/// Which columns of which members, in what form.
#[derive(Debug, Clone)]
pub struct NewExport {
    /// Keys of columns in the order of the file; empty for [`default_fields`].
    pub fields: Vec<String>,
    /// Members of these departments and of all below them; empty for the whole organisation.
    pub department_ids: Vec<DepartmentId>,
    pub format: Format,
    /// The tag of the language of headings and words; the organisation's when missing.
    pub language: Option<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{field} is not a column that can be exported")]
    FieldUnknown { field: String },
    #[error("{field} is asked for twice")]
    FieldTwice { field: String },
    #[error("department {0} does not exist")]
    DepartmentNotFound(DepartmentId),
    #[error("more than {limit} departments at once")]
    TooManyDepartments { limit: usize },
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not start the export")]
    Store(#[from] StoreError),
}
kernel::faults! { StartError:
    StartError::FieldUnknown { field } => Invalid "export_field_unknown" { field },
    StartError::FieldTwice { field } => Invalid "export_field_twice" { field },
    StartError::DepartmentNotFound(_) => Invalid "department_not_found",
    StartError::TooManyDepartments { limit } => Invalid "too_many_departments" { limit },
    StartError::Denied(inner) => inner,
    StartError::Store(inner) => inner,
}

/// All that is known of a member but sequence numbers, which say nothing, and passwords, which nobody knows.
pub fn default_fields() -> Vec<ColumnKey> {
    ColumnKey::ALL.iter().copied().filter(|key| !matches!(key, ColumnKey::Number | ColumnKey::InitialPassword)).collect()
}

/// Promises the file; it is there when the job is done. Every chosen department must be the actor's to export.
pub fn start(ctx: &Ctx, tx: &mut Tx, new: &NewExport) -> Result<JobId, StartError> {
    if new.department_ids.len() > IN_LIST_MAX {
        return Err(StartError::TooManyDepartments { limit: IN_LIST_MAX });
    }
    authorize_all(ctx, tx, &new.department_ids)?;
    let fields = read_fields(&new.fields)?;
    let mut names = Vec::with_capacity(new.department_ids.len());
    for &id in &new.department_ids {
        let department = departments::find(tx, ctx.org, id)?.ok_or(StartError::DepartmentNotFound(id))?;
        names.push(department.name);
    }
    let event = json!({ "fields": fields, "department_ids": new.department_ids, "departments": names, "format": new.format });
    let language = new.language.as_deref().map(|tag| tag.chars().take(16).collect());
    let errand = Errand::new(ctx, fields, new.department_ids.clone(), new.format, language);
    let job = store::jobs::NewJob {
        org: ctx.org,
        id: ctx.new_id(),
        kind: EXPORT_JOB,
        payload: errand.payload(),
        listed: true,
        run_after: ctx.now,
        created_by: ctx.actor.member_id(),
        now: ctx.now,
    };
    let id = store::jobs::push(tx, job)?;
    audit::record(ctx, tx, AuditEvent::new("export.started", AuditTarget::job(id, EXPORT_JOB)).with_after(event))?;
    Ok(id)
}

/// Whether the actor may export these departments, or the organisation when there are none.
pub(super) fn authorize_all(ctx: &Ctx, tx: &mut Tx, departments: &[DepartmentId]) -> Result<(), Denied> {
    if departments.is_empty() {
        return authorize(ctx, tx, Permission::ExportMembers, Target::Organisation);
    }
    departments.iter().try_for_each(|&id| authorize(ctx, tx, Permission::ExportMembers, Target::Department(id)))
}

fn read_fields(fields: &[String]) -> Result<Vec<ColumnKey>, StartError> {
    if fields.is_empty() {
        return Ok(default_fields());
    }
    let mut keys = Vec::new();
    for field in fields {
        let shown = || field.chars().take(40).collect();
        let key = field.parse().ok().filter(|key| *key != ColumnKey::InitialPassword);
        let key = key.ok_or_else(|| StartError::FieldUnknown { field: shown() })?;
        if keys.contains(&key) {
            return Err(StartError::FieldTwice { field: shown() });
        }
        keys.push(key);
    }
    Ok(keys)
}
