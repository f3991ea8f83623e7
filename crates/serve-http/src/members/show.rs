//! Members as the API tells them.

use std::collections::HashMap;

use directory::members::{self, Place};
use directory::organisations::ProfileAttribute;
use directory::{administrators, departments, organisations, service_classes};
use kernel::{Ctx, DepartmentId, MailAccountId, MemberId, OrgId, ServiceClassId};
use mail::mail_accounts;
use store::{StoreError, Tx};

use super::{AccountKind, Gender, MailStorage, Member, MemberDepartment, MemberKind, MemberRow, MemberState, Quota, ServiceClassRef};
use crate::departments::Leader;
use crate::error::ApiError;
use crate::words::same_words;

same_words!(MemberState, members::MemberState { Recycled, Leaving, Suspended, Locked, Expired, Pending, Active });
same_words!(MemberKind, members::MemberKind { Person, Function });
same_words!(AccountKind, members::AccountKind { Enterprise, Personal });
same_words!(Gender, members::Gender { Male, Female });

/// Looks names up for the length of one answer, each once.
pub struct Names {
    org: OrgId,
    paths: HashMap<DepartmentId, Vec<String>>,
    classes: HashMap<ServiceClassId, String>,
}

impl Names {
    pub fn of(org: OrgId) -> Self {
        Self { org, paths: HashMap::new(), classes: HashMap::new() }
    }

    fn department(&mut self, tx: &mut Tx, place: Place) -> Result<MemberDepartment, StoreError> {
        let path = match self.paths.get(&place.department_id) {
            Some(path) => path.clone(),
            None => {
                let path = departments::path_of(tx, self.org, place.department_id)?;
                self.paths.insert(place.department_id, path.clone());
                path
            }
        };
        Ok(MemberDepartment {
            department_id: place.department_id,
            path,
            is_main: place.is_main,
            position: place.position,
            rank: place.rank,
        })
    }

    fn departments(&mut self, tx: &mut Tx, places: Vec<Place>) -> Result<Vec<MemberDepartment>, StoreError> {
        places.into_iter().map(|place| self.department(tx, place)).collect()
    }

    fn service_class(&mut self, tx: &mut Tx, id: ServiceClassId) -> Result<ServiceClassRef, StoreError> {
        if let Some(name) = self.classes.get(&id) {
            return Ok(ServiceClassRef { id, name: name.clone() });
        }
        let name = service_classes::find(tx, self.org, id)?.map(|class| class.name).unwrap_or_default();
        self.classes.insert(id, name.clone());
        Ok(ServiceClassRef { id, name })
    }

    pub fn row(&mut self, tx: &mut Tx, row: members::MemberRow) -> Result<MemberRow, StoreError> {
        Ok(MemberRow {
            id: row.id,
            kind: row.kind.into(),
            account_kind: row.account_kind.into(),
            name: row.name,
            account_name: row.account_name,
            address: row.address.map(|address| address.to_string()),
            mobile: row.mobile.map(|mobile| mobile.to_string()),
            employee_number: row.employee_number,
            state: row.state.into(),
            departments: self.departments(tx, row.departments)?,
            service_class: self.service_class(tx, row.service_class_id)?,
            expires_on: row.expires_on,
            created_at: row.created_at,
            last_sign_in_at: row.last_sign_in_at,
        })
    }
}

/// Everything about a member that its administrators see. The directory asks whether the actor may see it.
pub fn describe(ctx: &Ctx, tx: &mut Tx, id: MemberId) -> Result<Member, ApiError> {
    let member = members::get(ctx, tx, id)?;
    let profile = member.profile;
    let mut names = Names::of(ctx.org);
    let class = service_classes::find(tx, ctx.org, profile.service_class_id)?;
    let (mail_base, drive_base) = class.map_or((None, None), |class| (class.mail_quota_bytes, class.drive_quota_bytes));
    let supervisor = match profile.supervisor_id {
        Some(id) => members::name_of_present(tx, ctx.org, id)?.map(|name| Leader { id, name }),
        None => None,
    };
    let attributes = organisations::settings(tx, ctx.org)?.complete_profile;
    let position = member.departments.iter().any(|place| place.is_main && place.position.is_some());
    let has = |attribute: &ProfileAttribute| match attribute {
        ProfileAttribute::Gender => profile.gender.is_some(),
        ProfileAttribute::Mobile => profile.mobile.is_some(),
        ProfileAttribute::OfficePhone => profile.office_phone.is_some(),
        ProfileAttribute::Position => position,
        ProfileAttribute::Address => member.address.is_some(),
        ProfileAttribute::EmployeeNumber => profile.employee_number.is_some(),
        ProfileAttribute::Birthday => profile.birthday.is_some(),
        ProfileAttribute::JoinDate => profile.join_date.is_some(),
        ProfileAttribute::OfficeLocation => profile.office_location.is_some(),
    };
    let missing_fields = attributes.iter().filter(|attribute| !has(attribute)).map(|attribute| attribute.as_str().to_owned()).collect();
    let mail = match member.mail_account_id {
        Some(account) => mail_storage(ctx, tx, account, quota(mail_base, profile.extra_mail_quota_bytes))?,
        None => None,
    };
    Ok(Member {
        id: member.id,
        kind: profile.kind.into(),
        account_kind: member.account_kind.into(),
        address: member.address.map(|address| address.to_string()),
        aliases: member.aliases.iter().map(ToString::to_string).collect(),
        state: member.state.into(),
        departments: names.departments(tx, member.departments)?,
        mail,
        drive: quota(drive_base, profile.extra_drive_quota_bytes),
        service_class: names.service_class(tx, profile.service_class_id)?,
        missing_fields,
        name: profile.name,
        account_name: profile.account_name,
        nickname: profile.nickname,
        gender: profile.gender.map(Into::into),
        birthday: profile.birthday,
        alternate_address: profile.alternate_address,
        mobile: profile.mobile.map(|mobile| mobile.to_string()),
        home_phone: profile.home_phone,
        office_phone: profile.office_phone,
        employee_number: profile.employee_number,
        join_date: profile.join_date,
        supervisor,
        office_location: profile.office_location,
        remarks: profile.remarks,
        visible_in_directory: profile.visible_in_directory,
        expires_on: profile.expires_on,
        role: administrators::role_of(tx, ctx.org, id)?.map(Into::into),
        created_at: member.created_at,
        activated_at: member.activated_at,
        suspended_at: member.suspended_at,
        locked_at: member.locked_at,
        recycled_at: member.recycled_at,
        last_sign_in_at: member.last_sign_in_at,
    })
}

fn quota(class_bytes: Option<i64>, extra_bytes: i64) -> Quota {
    let base = class_bytes.and_then(|bytes| u64::try_from(bytes).ok());
    let total = mail_accounts::effective_quota(base, extra_bytes).map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX));
    Quota { class_bytes, extra_bytes, total_bytes: total }
}

fn mail_storage(ctx: &Ctx, tx: &mut Tx, id: MailAccountId, quota: Quota) -> Result<Option<MailStorage>, StoreError> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let found = mail_accounts::find(tx, ctx.org, id)?;
    Ok(found.map(|account| MailStorage {
        mail_account_id: id,
        quota,
        used_bytes: number(account.used_bytes),
        message_count: number(account.message_count),
    }))
}
