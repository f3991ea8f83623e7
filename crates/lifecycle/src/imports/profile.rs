//! From the values of a row to what the directory's operations take.

use std::str::FromStr;

use directory::members::{MemberPatch, Place, Placement};
use kernel::{DepartmentId, MemberId, PhoneNumber, fold};

use super::draft::Terms;
use super::values::Values;
use crate::sheets::ColumnKey;

/// The changes of an existing member that are not about departments and addresses: for each of `columns` the value it is to have.
///
/// Values stand in the plan in the form the rules gave them; one that does not read any more, because the rules were changed since, stays
/// as it is.
pub(super) fn patch(
    terms: &Terms,
    values: &Values,
    supervisor: Option<MemberId>,
    columns: impl IntoIterator<Item = ColumnKey>,
) -> MemberPatch {
    let mut patch = MemberPatch::default();
    for column in columns {
        let text = values.get(&column).cloned();
        match column {
            ColumnKey::Name => patch.name = text,
            ColumnKey::AccountName => patch.account_name = text,
            ColumnKey::Nickname => patch.nickname = Some(text),
            ColumnKey::Gender => patch.gender = Some(parsed(text.as_deref())),
            ColumnKey::Birthday => patch.birthday = Some(parsed(text.as_deref())),
            ColumnKey::AlternateAddress => patch.alternate_address = Some(text),
            ColumnKey::Mobile => patch.mobile = Some(parsed::<PhoneNumber>(text.as_deref())),
            ColumnKey::HomePhone => patch.home_phone = Some(text),
            ColumnKey::OfficePhone => patch.office_phone = Some(text),
            ColumnKey::EmployeeNumber => patch.employee_number = Some(text),
            ColumnKey::JoinDate => patch.join_date = Some(parsed(text.as_deref())),
            ColumnKey::Supervisor => patch.supervisor_id = Some(supervisor),
            ColumnKey::OfficeLocation => patch.office_location = Some(text),
            ColumnKey::Remarks => patch.remarks = Some(text),
            ColumnKey::VisibleInDirectory => patch.visible_in_directory = parsed(text.as_deref()),
            ColumnKey::ServiceClass => {
                patch.service_class_id = text.and_then(|name| terms.service_classes.get(&fold(&name)).copied());
            }
            ColumnKey::ExpiresOn => patch.expires_on = Some(parsed(text.as_deref())),
            ColumnKey::Number
            | ColumnKey::MemberId
            | ColumnKey::MailPrefix
            | ColumnKey::Address
            | ColumnKey::InitialPassword
            | ColumnKey::Department
            | ColumnKey::Position
            | ColumnKey::Rank
            | ColumnKey::State
            | ColumnKey::CreatedAt => {}
        }
    }
    patch
}

fn parsed<T: FromStr>(text: Option<&str>) -> Option<T> {
    text.and_then(|text| text.parse().ok())
}

/// Where a member is to be: position and rank of the row belong to the first department.
pub(super) fn placements(departments: &[DepartmentId], values: &Values) -> Vec<Placement> {
    departments
        .iter()
        .enumerate()
        .map(|(index, id)| Placement {
            department_id: *id,
            is_main: index == 0,
            position: values.get(&ColumnKey::Position).filter(|_| index == 0).cloned(),
            rank: values.get(&ColumnKey::Rank).filter(|_| index == 0).cloned(),
        })
        .collect()
}

/// A place a member has, as the directory takes it.
pub(super) fn placement(place: Place) -> Placement {
    Placement { department_id: place.department_id, is_main: place.is_main, position: place.position, rank: place.rank }
}
