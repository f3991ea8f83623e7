//! 组织: the tenant. Several live in one installation and know nothing of each other.

mod repo;
mod settings;

use kernel::{Actor, Ctx, Date, OrgId, TimeZone, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{StoreError, Tx};

use crate::access::{Denied, Permission, Target, authorize};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::fields::{FieldCheck, InvalidFields};
use crate::{departments, service_classes, topics};

pub use settings::{PasswordPolicy, ProfileAttribute, RequiredFields, Settings};

crate::words::words! {
    /// A language the user interface speaks.
    Language {
        ZhCn = "zh-CN",
        En = "en",
    }
}

/// An organisation as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    pub id: OrgId,
    /// 组织代码: what members type at sign-in; unique in the installation.
    pub code: String,
    pub name: String,
    /// IANA name, such as `Asia/Shanghai`.
    pub time_zone: String,
    pub language: Language,
    /// How many members it may have, recycle bin not counted.
    pub member_limit: Option<i64>,
    pub settings: Settings,
    pub created_at: Timestamp,
    pub version: i64,
}

impl Organisation {
    pub fn zone(&self) -> TimeZone {
        TimeZone::named(&self.time_zone).unwrap_or_else(TimeZone::utc)
    }
}

#[derive(Debug, Clone)]
pub struct NewOrganisation {
    pub code: String,
    pub name: String,
    /// IANA name; see [`DEFAULT_TIME_ZONE`].
    pub time_zone: String,
    pub language: Language,
}

pub const DEFAULT_TIME_ZONE: &str = "Asia/Shanghai";
const MAX_NAME_CHARS: usize = 64;
const MAX_CODE_CHARS: usize = 32;

#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error("an organisation code has 2 to 32 letters a-z, digits and hyphens between them")]
    CodeInvalid,
    #[error("the organisation code {code} is taken")]
    CodeTaken { code: String },
    #[error("there is no time zone {time_zone}")]
    TimeZoneUnknown { time_zone: String },
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not add the organisation")]
    Store(#[from] StoreError),
}
kernel::faults! { AddError:
    AddError::CodeInvalid => Invalid "organisation_code_invalid",
    AddError::CodeTaken { code } => Conflict "organisation_code_taken" { code },
    AddError::TimeZoneUnknown { time_zone } => Invalid "time_zone_unknown" { time_zone },
    AddError::Fields(inner) => inner,
    AddError::Denied(inner) => inner,
    AddError::Store(inner) => inner,
}

#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    #[error("there is no time zone {time_zone}")]
    TimeZoneUnknown { time_zone: String },
    #[error("the organisation has {count} members already")]
    LimitBelowCount { count: i64 },
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not change the organisation")]
    Store(#[from] StoreError),
}
kernel::faults! { UpdateError:
    UpdateError::TimeZoneUnknown { time_zone } => Invalid "time_zone_unknown" { time_zone },
    UpdateError::LimitBelowCount { count } => Conflict "limit_below_count" { count },
    UpdateError::Fields(inner) => inner,
    UpdateError::Denied(inner) => inner,
    UpdateError::Store(inner) => inner,
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct OrganisationPatch {
    pub name: Option<String>,
    pub time_zone: Option<String>,
    pub language: Option<Language>,
    pub settings: Option<Settings>,
    /// For the operator only; `Some(None)` lifts the limit.
    pub member_limit: Option<Option<i64>>,
}

/// The form in which organisation codes are kept and compared; `None` when it cannot be one.
pub fn normalise_code(text: &str) -> Option<String> {
    let code = kernel::fold(text);
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let valid = (2..=MAX_CODE_CHARS).contains(&code.len()) && code.bytes().all(inner) && !code.starts_with('-') && !code.ends_with('-');
    valid.then_some(code)
}

/// Adds an organisation with its root department and a default service class. Only operators and the system may.
///
/// The context's organisation does not matter; the events go to the new organisation's log.
pub fn add(ctx: &Ctx, tx: &mut Tx, new: &NewOrganisation) -> Result<OrgId, AddError> {
    only_from_outside(ctx)?;
    let mut fields = FieldCheck::new();
    let name = fields.required("name", &new.name, MAX_NAME_CHARS);
    fields.finish()?;
    let code = normalise_code(&new.code).ok_or(AddError::CodeInvalid)?;
    let zone =
        TimeZone::named(&new.time_zone).ok_or_else(|| AddError::TimeZoneUnknown { time_zone: new.time_zone.chars().take(64).collect() })?;
    let organisation = Organisation {
        id: ctx.new_id(),
        code,
        name,
        time_zone: zone.name().to_owned(),
        language: new.language,
        member_limit: None,
        settings: Settings::default(),
        created_at: ctx.now,
        version: 1,
    };
    if !repo::insert(tx, &organisation)? {
        return Err(AddError::CodeTaken { code: organisation.code });
    }
    let ctx = ctx.in_org(organisation.id);
    departments::add_root(&ctx, tx, &organisation.name)?;
    let class_name = match new.language {
        Language::ZhCn => "标准",
        Language::En => "Standard",
    };
    service_classes::add_default(&ctx, tx, class_name)?;
    let target = AuditTarget::organisation(organisation.id, &organisation.name);
    let after = json!({ "code": organisation.code, "name": organisation.name, "time_zone": organisation.time_zone, "language": organisation.language });
    audit::record(&ctx, tx, AuditEvent::new("organisation.added", target).with_after(after))?;
    crate::changed(&ctx, tx, topics::ORGANISATION);
    Ok(organisation.id)
}

/// Changes the organisation of the context. Its name is that of its root department too.
pub fn update(ctx: &Ctx, tx: &mut Tx, patch: &OrganisationPatch) -> Result<Organisation, UpdateError> {
    authorize(ctx, tx, Permission::ManageOrganisation, Target::Organisation)?;
    if patch.member_limit.is_some() {
        only_from_outside(ctx)?;
    }
    let old = get(tx, ctx.org)?;
    let mut new = old.clone();
    let mut fields = FieldCheck::new();
    if let Some(name) = &patch.name {
        new.name = fields.required("name", name, MAX_NAME_CHARS);
    }
    if let Some(settings) = &patch.settings {
        settings.check(&mut fields);
        new.settings = settings.clone();
        new.settings.complete_profile.sort();
        new.settings.complete_profile.dedup();
    }
    if let Some(Some(limit)) = patch.member_limit {
        fields.within("member_limit", limit, 0, i64::from(i32::MAX));
    }
    fields.finish()?;
    if let Some(time_zone) = &patch.time_zone {
        let zone =
            TimeZone::named(time_zone).ok_or_else(|| UpdateError::TimeZoneUnknown { time_zone: time_zone.chars().take(64).collect() })?;
        new.time_zone = zone.name().to_owned();
    }
    new.language = patch.language.unwrap_or(new.language);
    if let Some(limit) = patch.member_limit {
        let count = departments::members_in_organisation(tx, ctx.org)?;
        if limit.is_some_and(|limit| limit < count) {
            return Err(UpdateError::LimitBelowCount { count });
        }
        new.member_limit = limit;
    }
    if new == old {
        return Ok(old);
    }
    new.version += 1;
    repo::update(tx, &new)?;
    if new.name != old.name {
        departments::rename_root(ctx, tx, &new.name)?;
    }
    let (before, after) = crate::changes::between(&old, &new, &["version"]);
    let target = AuditTarget::organisation(new.id, &new.name);
    audit::record(ctx, tx, AuditEvent::new("organisation.changed", target).with_before(before).with_after(after))?;
    crate::changed(ctx, tx, topics::ORGANISATION);
    Ok(new)
}

/// The organisation with this code, however it is written.
pub fn find_by_code(tx: &mut Tx, code: &str) -> Result<Option<Organisation>, StoreError> {
    match normalise_code(code) {
        Some(code) => repo::find_by_code(tx, &code),
        None => Ok(None),
    }
}

pub fn find(tx: &mut Tx, org: OrgId) -> Result<Option<Organisation>, StoreError> {
    repo::find(tx, org)
}

/// An organisation that must exist, because a session or a job names it.
pub fn get(tx: &mut Tx, org: OrgId) -> Result<Organisation, StoreError> {
    repo::find(tx, org)?.ok_or(StoreError::RowCount { expected: "the organisation", found: 0 })
}

/// All organisations by code, for operators and jobs.
pub fn list(tx: &mut Tx) -> Result<Vec<Organisation>, StoreError> {
    repo::list(tx)
}

pub fn settings(tx: &mut Tx, org: OrgId) -> Result<Settings, StoreError> {
    Ok(get(tx, org)?.settings)
}

/// The day it is in the organisation's time zone.
pub fn today(tx: &mut Tx, org: OrgId, now: Timestamp) -> Result<Date, StoreError> {
    // Nobody belongs to an organisation that is not there, so any day will do.
    let zone = repo::time_zone(tx, org)?.and_then(|name| TimeZone::named(&name)).unwrap_or_else(TimeZone::utc);
    Ok(now.date_in(&zone))
}

fn only_from_outside(ctx: &Ctx) -> Result<(), Denied> {
    match ctx.actor {
        Actor::Operator { .. } | Actor::System { .. } => Ok(()),
        Actor::Nobody => Err(Denied::Unauthenticated),
        Actor::Member { .. } => Err(Denied::Forbidden),
    }
}
