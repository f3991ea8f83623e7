//! What an organisation has decided for itself.

use serde::{Deserialize, Serialize};

use crate::fields::FieldCheck;

/// Rules for passwords that members choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PasswordPolicy {
    pub min_length: u32,
    pub require_upper: bool,
    pub require_lower: bool,
    pub require_digit: bool,
    pub require_special: bool,
    /// How many former passwords may not be chosen again.
    pub history: u32,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min_length: 8, require_upper: false, require_lower: true, require_digit: true, require_special: false, history: 3 }
    }
}

/// What must be given when a member is added or imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequiredFields {
    pub name: bool,
    pub mobile: bool,
    pub department: bool,
}

impl Default for RequiredFields {
    fn default() -> Self {
        Self { name: true, mobile: true, department: true }
    }
}

crate::words::words! {
    /// A part of the profile that a complete one has.
    ProfileAttribute {
        Gender = "gender",
        Mobile = "mobile",
        OfficePhone = "office_phone",
        Position = "position",
        Address = "address",
        EmployeeNumber = "employee_number",
        Birthday = "birthday",
        JoinDate = "join_date",
        OfficeLocation = "office_location",
    }
}

/// Stored as JSON; what is missing has its default, so that new settings need no migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub password_policy: PasswordPolicy,
    pub required_fields: RequiredFields,
    /// A profile that lacks one of these is shown as incomplete.
    pub complete_profile: Vec<ProfileAttribute>,
    /// How long an initial password opens the page that chooses a new one.
    pub initial_password_days: u32,
    /// From how many days before its expiry a member is listed as expiring soon.
    pub expiring_soon_days: u32,
    /// Mail programs sign in with client passwords only, never with the member's own password.
    pub client_passwords_only: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            password_policy: PasswordPolicy::default(),
            required_fields: RequiredFields::default(),
            complete_profile: vec![
                ProfileAttribute::Gender,
                ProfileAttribute::Mobile,
                ProfileAttribute::Position,
                ProfileAttribute::Address,
            ],
            initial_password_days: 30,
            expiring_soon_days: 30,
            client_passwords_only: false,
        }
    }
}

impl Settings {
    pub(super) fn check(&self, fields: &mut FieldCheck) {
        // Six is the least the console offers; 256 bytes are the most a password may have.
        fields.within("settings.password_policy.min_length", i64::from(self.password_policy.min_length), 6, 64);
        fields.within("settings.password_policy.history", i64::from(self.password_policy.history), 0, 24);
        fields.within("settings.initial_password_days", i64::from(self.initial_password_days), 1, 90);
        fields.within("settings.expiring_soon_days", i64::from(self.expiring_soon_days), 1, 365);
    }
}
