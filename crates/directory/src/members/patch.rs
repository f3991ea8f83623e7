use kernel::{Date, MemberId, PhoneNumber, ServiceClassId};
use serde_json::{Map, Value};

use super::{Gender, MemberKind, Profile};

/// What to change about a member: `None` stays, `Some(None)` is emptied.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemberPatch {
    pub kind: Option<MemberKind>,
    pub name: Option<String>,
    pub account_name: Option<String>,
    pub nickname: Option<Option<String>>,
    pub gender: Option<Option<Gender>>,
    pub birthday: Option<Option<Date>>,
    pub alternate_address: Option<Option<String>>,
    pub mobile: Option<Option<PhoneNumber>>,
    pub home_phone: Option<Option<String>>,
    pub office_phone: Option<Option<String>>,
    pub employee_number: Option<Option<String>>,
    pub join_date: Option<Option<Date>>,
    pub supervisor_id: Option<Option<MemberId>>,
    pub office_location: Option<Option<String>>,
    pub remarks: Option<Option<String>>,
    pub custom_fields: Option<Map<String, Value>>,
    pub visible_in_directory: Option<bool>,
    pub service_class_id: Option<ServiceClassId>,
    pub extra_mail_quota_bytes: Option<i64>,
    pub extra_drive_quota_bytes: Option<i64>,
    pub expires_on: Option<Option<Date>>,
}

impl MemberPatch {
    pub(super) fn apply(&self, profile: &mut Profile) {
        macro_rules! take {
            ($($field:ident),* $(,)?) => {$(
                if let Some(value) = &self.$field {
                    profile.$field = value.clone();
                }
            )*};
        }
        take!(
            kind,
            name,
            account_name,
            nickname,
            gender,
            birthday,
            alternate_address,
            mobile,
            home_phone,
            office_phone,
            employee_number,
            join_date,
            supervisor_id,
            office_location,
            remarks,
            custom_fields,
            visible_in_directory,
            service_class_id,
            extra_mail_quota_bytes,
            extra_drive_quota_bytes,
            expires_on,
        );
    }

    /// What members may change about themselves; the rest is the organisation's.
    pub(super) fn own_fields(&self) -> Self {
        Self {
            nickname: self.nickname.clone(),
            birthday: self.birthday,
            home_phone: self.home_phone.clone(),
            office_phone: self.office_phone.clone(),
            alternate_address: self.alternate_address.clone(),
            ..Self::default()
        }
    }
}
