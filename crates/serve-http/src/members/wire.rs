//! What the API tells about members.

use kernel::{Date, DepartmentId, MailAccountId, MemberId, ServiceClassId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::departments::Leader;
use crate::session::AdministratorRole;

/// What a member can do now; computed, the first that applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    Recycled,
    Leaving,
    Suspended,
    Locked,
    Expired,
    Pending,
    Active,
}

/// Whether the post is held by a person or a function (a unit account).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberKind {
    #[default]
    Person,
    Function,
}

/// Whether the sign-in identity belongs to the organisation or to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    Enterprise,
    Personal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gender {
    Male,
    Female,
}

/// A department a member belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberDepartment {
    #[schema(value_type = String)]
    pub department_id: DepartmentId,
    /// The names from below the root down to it; empty for the root itself.
    pub path: Vec<String>,
    pub is_main: bool,
    #[schema(required)]
    pub position: Option<String>,
    #[schema(required)]
    pub rank: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct ServiceClassRef {
    #[schema(value_type = String)]
    pub id: ServiceClassId,
    pub name: String,
}

/// A quota as people read it: class base plus the member's own addition.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quota {
    /// What the service class gives; null is unlimited.
    #[schema(required)]
    pub class_bytes: Option<i64>,
    pub extra_bytes: i64,
    /// What applies; null is unlimited.
    #[schema(required)]
    pub total_bytes: Option<i64>,
}

/// A mailbox and how full it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct MailStorage {
    #[schema(value_type = String)]
    pub mail_account_id: MailAccountId,
    pub quota: Quota,
    pub used_bytes: i64,
    pub message_count: i64,
}

/// A member in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberRow {
    #[schema(value_type = String)]
    pub id: MemberId,
    pub kind: MemberKind,
    pub account_kind: AccountKind,
    pub name: String,
    pub account_name: String,
    #[schema(required)]
    pub address: Option<String>,
    #[schema(required)]
    pub mobile: Option<String>,
    #[schema(required)]
    pub employee_number: Option<String>,
    pub state: MemberState,
    /// The main department first.
    pub departments: Vec<MemberDepartment>,
    pub service_class: ServiceClassRef,
    #[schema(value_type = Option<String>, format = Date, required)]
    pub expires_on: Option<Date>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub last_sign_in_at: Option<Timestamp>,
}

/// A member with everything an administrator may see.
#[derive(Debug, Serialize, ToSchema)]
pub struct Member {
    #[schema(value_type = String)]
    pub id: MemberId,
    pub kind: MemberKind,
    pub account_kind: AccountKind,
    pub name: String,
    pub account_name: String,
    /// The primary address; null without a mailbox.
    #[schema(required)]
    pub address: Option<String>,
    pub aliases: Vec<String>,
    pub state: MemberState,
    /// The main department first.
    pub departments: Vec<MemberDepartment>,
    /// The mailbox; null when the member has none.
    #[schema(required)]
    pub mail: Option<MailStorage>,
    /// Room for files.
    pub drive: Quota,
    pub service_class: ServiceClassRef,
    #[schema(required)]
    pub nickname: Option<String>,
    #[schema(required)]
    pub gender: Option<Gender>,
    #[schema(value_type = Option<String>, format = Date, required)]
    pub birthday: Option<Date>,
    #[schema(required)]
    pub alternate_address: Option<String>,
    #[schema(required)]
    pub mobile: Option<String>,
    #[schema(required)]
    pub home_phone: Option<String>,
    #[schema(required)]
    pub office_phone: Option<String>,
    #[schema(required)]
    pub employee_number: Option<String>,
    #[schema(value_type = Option<String>, format = Date, required)]
    pub join_date: Option<Date>,
    #[schema(required)]
    pub supervisor: Option<Leader>,
    #[schema(required)]
    pub office_location: Option<String>,
    #[schema(required)]
    pub remarks: Option<String>,
    pub visible_in_directory: bool,
    #[schema(value_type = Option<String>, format = Date, required)]
    pub expires_on: Option<Date>,
    /// The member's role as administrator, if any.
    #[schema(required)]
    pub role: Option<AdministratorRole>,
    /// Fields the organisation requires and the member lacks.
    pub missing_fields: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub activated_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub suspended_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub locked_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub recycled_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime, required)]
    pub last_sign_in_at: Option<Timestamp>,
}
