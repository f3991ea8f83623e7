//! 服务等级: what a group of members gets, first of all how much room.

mod repo;

use kernel::{Ctx, OrgId, ServiceClassId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{StoreError, Tx};

use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::fields::{FieldCheck, InvalidFields};
use crate::topics;

/// A service class as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClass {
    pub id: ServiceClassId,
    pub name: String,
    /// What members get when none is named.
    pub is_default: bool,
    /// `None` is unlimited.
    pub mail_quota_bytes: Option<i64>,
    pub drive_quota_bytes: Option<i64>,
    pub version: i64,
}

/// A service class in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClassRow {
    #[serde(flatten)]
    pub class: ServiceClass,
    /// Members outside the recycle bin.
    pub member_count: i64,
}

#[derive(Debug, Clone)]
pub struct NewServiceClass {
    pub name: String,
    pub mail_quota_bytes: Option<i64>,
    pub drive_quota_bytes: Option<i64>,
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct ServiceClassPatch {
    pub name: Option<String>,
    /// `Some(None)` makes it unlimited.
    pub mail_quota_bytes: Option<Option<i64>>,
    pub drive_quota_bytes: Option<Option<i64>>,
    /// Makes this the default in place of the present one. A default cannot be unmade but by another.
    pub make_default: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error("service class {0} does not exist")]
    NotFound(ServiceClassId),
    #[error("there is a service class {name} already")]
    NameTaken { name: String },
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not change the service class")]
    Store(#[from] StoreError),
}
kernel::faults! { ChangeError:
    ChangeError::NotFound(_) => NotFound "service_class_not_found",
    ChangeError::NameTaken { name } => Conflict "service_class_name_taken" { name },
    ChangeError::Fields(inner) => inner,
    ChangeError::Denied(inner) => inner,
    ChangeError::Store(inner) => inner,
}

#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    #[error("service class {0} does not exist")]
    NotFound(ServiceClassId),
    #[error("the default service class cannot be removed")]
    IsDefault,
    #[error("{count} members have this service class")]
    InUse { count: i64 },
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not remove the service class")]
    Store(#[from] StoreError),
}
kernel::faults! { RemoveError:
    RemoveError::NotFound(_) => NotFound "service_class_not_found",
    RemoveError::IsDefault => Conflict "service_class_is_default",
    RemoveError::InUse { count } => Conflict "service_class_in_use" { count },
    RemoveError::Denied(inner) => inner,
    RemoveError::Store(inner) => inner,
}

/// A million gibibytes: more than any disk, and far from overflow when extras are added.
pub const MAX_QUOTA_BYTES: i64 = 1 << 50;
const DEFAULT_MAIL_QUOTA_BYTES: i64 = 10 << 30;
const DEFAULT_DRIVE_QUOTA_BYTES: i64 = 10 << 30;

/// The first class of a new organisation.
pub(crate) fn add_default(ctx: &Ctx, tx: &mut Tx, name: &str) -> Result<ServiceClassId, StoreError> {
    let class = ServiceClass {
        id: ctx.new_id(),
        name: name.to_owned(),
        is_default: true,
        mail_quota_bytes: Some(DEFAULT_MAIL_QUOTA_BYTES),
        drive_quota_bytes: Some(DEFAULT_DRIVE_QUOTA_BYTES),
        version: 1,
    };
    repo::insert(tx, ctx.org, &class, ctx.now)?;
    Ok(class.id)
}

pub fn add(ctx: &Ctx, tx: &mut Tx, new: &NewServiceClass) -> Result<ServiceClassId, ChangeError> {
    authorize(ctx, tx, Permission::ManageServiceClasses, Target::Organisation)?;
    let class = ServiceClass {
        id: ctx.new_id(),
        name: new.name.clone(),
        is_default: false,
        mail_quota_bytes: new.mail_quota_bytes,
        drive_quota_bytes: new.drive_quota_bytes,
        version: 1,
    };
    let class = checked(class)?;
    if !repo::insert(tx, ctx.org, &class, ctx.now)? {
        return Err(ChangeError::NameTaken { name: class.name });
    }
    let after = json!({ "name": class.name, "mail_quota_bytes": class.mail_quota_bytes, "drive_quota_bytes": class.drive_quota_bytes });
    audit::record(ctx, tx, AuditEvent::new("service_class.added", AuditTarget::service_class(class.id, &class.name)).with_after(after))?;
    crate::changed(ctx, tx, topics::SERVICE_CLASSES);
    Ok(class.id)
}

pub fn update(ctx: &Ctx, tx: &mut Tx, id: ServiceClassId, patch: &ServiceClassPatch) -> Result<ServiceClass, ChangeError> {
    authorize(ctx, tx, Permission::ManageServiceClasses, Target::Organisation)?;
    let old = repo::find(tx, ctx.org, id)?.ok_or(ChangeError::NotFound(id))?;
    let mut new = checked(ServiceClass {
        name: patch.name.clone().unwrap_or_else(|| old.name.clone()),
        mail_quota_bytes: patch.mail_quota_bytes.unwrap_or(old.mail_quota_bytes),
        drive_quota_bytes: patch.drive_quota_bytes.unwrap_or(old.drive_quota_bytes),
        is_default: old.is_default || patch.make_default,
        ..old.clone()
    })?;
    if new == old {
        return Ok(old);
    }
    if repo::find_by_name_key(tx, ctx.org, &kernel::fold(&new.name))?.is_some_and(|other| other != id) {
        return Err(ChangeError::NameTaken { name: new.name });
    }
    if new.is_default && !old.is_default {
        repo::clear_default(tx, ctx.org)?;
    }
    new.version += 1;
    repo::update(tx, ctx.org, &new)?;
    let (before, after) = crate::changes::between(&old, &new, &["version"]);
    let target = AuditTarget::service_class(id, &new.name);
    audit::record(ctx, tx, AuditEvent::new("service_class.changed", target).with_before(before).with_after(after))?;
    crate::changed(ctx, tx, topics::SERVICE_CLASSES);
    Ok(new)
}

/// Removes a class that no member has. Members in the recycle bin come back with the default class.
pub fn remove(ctx: &Ctx, tx: &mut Tx, id: ServiceClassId) -> Result<(), RemoveError> {
    authorize(ctx, tx, Permission::ManageServiceClasses, Target::Organisation)?;
    let class = repo::find(tx, ctx.org, id)?.ok_or(RemoveError::NotFound(id))?;
    if class.is_default {
        return Err(RemoveError::IsDefault);
    }
    let count = repo::member_count(tx, ctx.org, id)?;
    if count > 0 {
        return Err(RemoveError::InUse { count });
    }
    let default = default_class(tx, ctx.org)?;
    repo::replace_in_recycle_bin(tx, ctx.org, id, default.id)?;
    repo::delete(tx, ctx.org, id)?;
    let before = json!({ "name": class.name, "mail_quota_bytes": class.mail_quota_bytes, "drive_quota_bytes": class.drive_quota_bytes });
    audit::record(ctx, tx, AuditEvent::new("service_class.removed", AuditTarget::service_class(id, &class.name)).with_before(before))?;
    crate::changed(ctx, tx, topics::SERVICE_CLASSES);
    Ok(())
}

/// All classes by name, the default one first.
pub fn list(ctx: &Ctx, tx: &mut Tx) -> Result<Vec<ServiceClassRow>, Denied> {
    authorize(ctx, tx, Permission::ViewMembers, Target::Organisation)?;
    Ok(repo::list(tx, ctx.org)?)
}

pub fn find(tx: &mut Tx, org: OrgId, id: ServiceClassId) -> Result<Option<ServiceClass>, StoreError> {
    repo::find(tx, org, id)
}

/// The class with this name, however it is written.
pub fn find_by_name(tx: &mut Tx, org: OrgId, name: &str) -> Result<Option<ServiceClassId>, StoreError> {
    repo::find_by_name_key(tx, org, &kernel::fold(name))
}

/// The class of members for whom none is named; every organisation has one.
pub fn default_class(tx: &mut Tx, org: OrgId) -> Result<ServiceClass, StoreError> {
    repo::default_class(tx, org)
}

fn checked(class: ServiceClass) -> Result<ServiceClass, InvalidFields> {
    let mut fields = FieldCheck::new();
    let name = fields.required("name", &class.name, 64);
    for (field, quota) in [("mail_quota_bytes", class.mail_quota_bytes), ("drive_quota_bytes", class.drive_quota_bytes)] {
        if let Some(bytes) = quota {
            fields.within(field, bytes, 0, MAX_QUOTA_BYTES);
        }
    }
    fields.finish()?;
    Ok(ServiceClass { name, ..class })
}
