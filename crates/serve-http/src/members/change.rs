//! What requests say of members, in the directory's terms.

use directory::domains;
use directory::members::{MemberPatch, NewMember, Placement};
use kernel::{CountryCode, Ctx, DomainId, DomainName, EmailAddress, LocalPart, PhoneNumber};
use store::Tx;

use super::{CreateMember, DepartmentPost, MemberPatch as Patch};
use crate::error::ApiError;

kernel::codes! {
    Invalid "mobile_invalid",
    Invalid "mail_prefix_invalid",
    Invalid "domain_not_usable_by_organisation",
}

/// The member that is asked for; its address is in the domain that was named, or the default one.
pub fn new_member(ctx: &Ctx, tx: &mut Tx, body: &CreateMember) -> Result<NewMember, ApiError> {
    let prefix = body.mail_prefix.as_deref().map(kernel::normalise).filter(|prefix| !prefix.is_empty());
    let address = match prefix {
        Some(prefix) => Some(address_in(ctx, tx, "mail_prefix", &prefix, body.domain_id)?),
        None => None,
    };
    Ok(NewMember {
        kind: body.kind.into(),
        name: body.name.clone(),
        account_name: body.account_name.clone(),
        nickname: body.nickname.clone(),
        gender: body.gender.map(Into::into),
        birthday: body.birthday,
        alternate_address: body.alternate_address.clone(),
        mobile: body.mobile.as_deref().map(mobile).transpose()?.flatten(),
        home_phone: body.home_phone.clone(),
        office_phone: body.office_phone.clone(),
        employee_number: body.employee_number.clone(),
        join_date: body.join_date,
        supervisor_id: body.supervisor_id,
        office_location: body.office_location.clone(),
        remarks: body.remarks.clone(),
        visible_in_directory: body.visible_in_directory.unwrap_or(true),
        service_class_id: body.service_class_id,
        extra_mail_quota_bytes: body.extra_mail_quota_bytes.unwrap_or(0),
        expires_on: body.expires_on,
        departments: placements(&body.departments),
        address,
        ..NewMember::default()
    })
}

/// An address in a domain the organisation may use; in the default one when none is named.
pub fn address_in(ctx: &Ctx, tx: &mut Tx, field: &'static str, local: &str, domain: Option<DomainId>) -> Result<EmailAddress, ApiError> {
    let local_part: LocalPart = local.parse().map_err(|_| ApiError::field(field, "mail_prefix_invalid"))?;
    let usable = domains::usable_by(tx, ctx.org)?;
    let found = match domain {
        Some(id) => usable.into_iter().find(|one| one.id == id),
        None => usable.into_iter().next(),
    };
    let domain: DomainName = found.map(|one| one.name).ok_or_else(|| ApiError::field("domain_id", "domain_not_usable_by_organisation"))?;
    Ok(EmailAddress { local_part, domain })
}

/// A mobile as people write it; empty is none.
fn mobile(text: &str) -> Result<Option<PhoneNumber>, ApiError> {
    let text = kernel::normalise(text);
    if text.is_empty() {
        return Ok(None);
    }
    PhoneNumber::parse_mobile(&text, CountryCode::CHINA).map(Some).map_err(|_| ApiError::field("mobile", "mobile_invalid"))
}

pub fn patch(body: &Patch) -> Result<MemberPatch, ApiError> {
    let mobile = match &body.mobile {
        Some(Some(text)) => Some(mobile(text)?),
        Some(None) => Some(None),
        None => None,
    };
    Ok(MemberPatch {
        name: body.name.clone(),
        gender: body.gender.map(|gender| gender.map(Into::into)),
        mobile,
        account_name: body.account_name.clone(),
        employee_number: body.employee_number.clone(),
        join_date: body.join_date,
        nickname: body.nickname.clone(),
        birthday: body.birthday,
        alternate_address: body.alternate_address.clone(),
        home_phone: body.home_phone.clone(),
        office_phone: body.office_phone.clone(),
        office_location: body.office_location.clone(),
        remarks: body.remarks.clone(),
        supervisor_id: body.supervisor_id,
        service_class_id: body.service_class_id,
        extra_mail_quota_bytes: body.extra_mail_quota_bytes,
        extra_drive_quota_bytes: body.extra_drive_quota_bytes,
        expires_on: body.expires_on,
        visible_in_directory: body.visible_in_directory,
        ..MemberPatch::default()
    })
}

/// The first is the main one.
pub fn placements(posts: &[DepartmentPost]) -> Vec<Placement> {
    let placement = |(index, post): (usize, &DepartmentPost)| Placement {
        department_id: post.department_id,
        is_main: index == 0,
        position: post.position.clone(),
        rank: post.rank.clone(),
    };
    posts.iter().enumerate().map(placement).collect()
}
