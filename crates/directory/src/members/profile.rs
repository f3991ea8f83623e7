use kernel::{Date, EmailAddress, MemberId, PhoneNumber, ServiceClassId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Gender, MemberKind};
use crate::fields::FieldCheck;
use crate::service_classes::MAX_QUOTA_BYTES;

/// What an administrator may change about a member.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Profile {
    pub kind: MemberKind,
    pub name: String,
    /// 帐号: NFKC and case-folded; unique in the organisation.
    pub account_name: String,
    pub nickname: Option<String>,
    pub gender: Option<Gender>,
    pub birthday: Option<Date>,
    /// Outside of this system.
    pub alternate_address: Option<String>,
    pub mobile: Option<PhoneNumber>,
    pub home_phone: Option<String>,
    pub office_phone: Option<String>,
    pub employee_number: Option<String>,
    pub join_date: Option<Date>,
    pub supervisor_id: Option<MemberId>,
    pub office_location: Option<String>,
    pub remarks: Option<String>,
    pub custom_fields: Map<String, Value>,
    pub visible_in_directory: bool,
    pub service_class_id: ServiceClassId,
    pub extra_mail_quota_bytes: i64,
    pub extra_drive_quota_bytes: i64,
    /// The last day on which the member may sign in.
    pub expires_on: Option<Date>,
}

pub(super) const MAX_NAME_CHARS: usize = 128;
pub(super) const MAX_ACCOUNT_NAME_CHARS: usize = 64;
const MAX_CODE_CHARS: usize = 32;
const MAX_PHONE_CHARS: usize = 40;
const MAX_LINE_CHARS: usize = 128;
const MAX_REMARKS_CHARS: usize = 2000;
const MAX_CUSTOM_FIELDS: usize = 100;
const MAX_CUSTOM_BYTES: usize = 16 * 1024;

impl Profile {
    /// Brings every text into the form it is kept in, and notes what cannot be kept.
    pub(super) fn normalise(&mut self, fields: &mut FieldCheck) {
        self.name = fields.required("name", &self.name, MAX_NAME_CHARS);
        self.account_name = check_account_name(fields, &self.account_name);
        for (field, text, max_chars) in [
            ("nickname", &mut self.nickname, MAX_LINE_CHARS),
            ("home_phone", &mut self.home_phone, MAX_PHONE_CHARS),
            ("office_phone", &mut self.office_phone, MAX_PHONE_CHARS),
            ("employee_number", &mut self.employee_number, MAX_CODE_CHARS),
            ("office_location", &mut self.office_location, MAX_LINE_CHARS),
            // RFC 5321 §4.5.3.1.3 with the brackets taken off.
            ("alternate_address", &mut self.alternate_address, 254),
        ] {
            if text.is_some() {
                *text = fields.optional(field, text.as_deref(), max_chars);
            }
        }
        if self.alternate_address.as_deref().is_some_and(|address| !looks_like_address(address)) {
            fields.wrong("alternate_address", "address_invalid");
        }
        if self.remarks.is_some() {
            self.remarks = fields.paragraphs("remarks", self.remarks.as_deref(), MAX_REMARKS_CHARS);
        }
        if !self.custom_fields.is_empty() {
            let bytes = serde_json::to_string(&self.custom_fields).map_or(usize::MAX, |json| json.len());
            if self.custom_fields.len() > MAX_CUSTOM_FIELDS || bytes > MAX_CUSTOM_BYTES {
                fields.wrong("custom_fields", "value_too_long");
            }
        }
        fields.within("extra_mail_quota_bytes", self.extra_mail_quota_bytes, 0, MAX_QUOTA_BYTES);
        fields.within("extra_drive_quota_bytes", self.extra_drive_quota_bytes, 0, MAX_QUOTA_BYTES);
    }
}

kernel::codes! { Invalid "account_name_invalid", Invalid "address_invalid" }

/// The form in which account names are kept and compared.
pub(super) fn check_account_name(fields: &mut FieldCheck, text: &str) -> String {
    let name = fields.required("account_name", text, MAX_ACCOUNT_NAME_CHARS).to_lowercase();
    // An @ would make it look like an address at sign-in; the others are awkward in paths, headers and LDAP names.
    if name.chars().any(|character| character.is_whitespace() || "@/\\\"<>,;:*?|".contains(character)) {
        fields.wrong("account_name", "account_name_invalid");
    }
    name
}

/// An address anywhere in the world; only what is plainly none is refused.
fn looks_like_address(text: &str) -> bool {
    if text.parse::<EmailAddress>().is_ok() {
        return true;
    }
    match text.rsplit_once('@') {
        Some((local, domain)) => {
            !local.is_empty() && local.len() <= 64 && !text.contains(char::is_whitespace) && domain.parse::<kernel::DomainName>().is_ok()
        }
        None => false,
    }
}
