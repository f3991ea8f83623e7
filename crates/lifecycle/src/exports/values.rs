//! A member as the cells of a row, in the writing that importing reads back as the same values.

use std::collections::HashMap;

use directory::members::{Gender, Member, MemberState, Place};
use directory::{departments, domains, members, organisations};
use kernel::{Ctx, DepartmentId, DomainName, MemberId, ServiceClassId, TimeZone};
use store::{StoreError, Tx};

use super::repo;
use crate::sheets::{ColumnKey, Language, join_departments};

/// What cells say beyond the member itself, loaded once for all rows.
pub(super) struct Words {
    pub language: Language,
    pub zone: TimeZone,
    departments: HashMap<DepartmentId, Vec<String>>,
    service_classes: HashMap<ServiceClassId, String>,
    default_domain: Option<DomainName>,
}

impl Words {
    pub fn load(ctx: &Ctx, tx: &mut Tx, language: Option<&str>) -> Result<Self, StoreError> {
        let organisation = organisations::get(tx, ctx.org)?;
        Ok(Self {
            language: Language::of_tag(language.unwrap_or(organisation.language.as_str())),
            zone: organisation.zone(),
            departments: departments::all_paths(tx, ctx.org)?,
            service_classes: repo::service_class_names(tx, ctx.org)?.into_iter().collect(),
            default_domain: domains::default_of(tx, ctx.org)?.map(|domain| domain.name),
        })
    }
}

/// The supervisors of some members, each by the word that an import takes for that member and no other.
pub(super) fn supervisors(ctx: &Ctx, tx: &mut Tx, of: &[Member]) -> Result<HashMap<MemberId, String>, StoreError> {
    let mut ids: Vec<MemberId> = of.iter().filter_map(|member| member.profile.supervisor_id).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = members::find_many(tx, ctx.org, &ids, ctx.now)?;
    let present: Vec<&Member> = found.iter().filter(|member| member.state != MemberState::Recycled).collect();
    let names: Vec<&str> = present.iter().map(|member| member.profile.account_name.as_str()).collect();
    let numbers: HashMap<String, MemberId> = members::find_many_by_employee_number(tx, ctx.org, &names)?.into_iter().collect();
    let word = |member: &&Member| {
        let name = &member.profile.account_name;
        // Somebody else's employee number, or what reads like an id or an address, would name another member.
        let ambiguous = numbers.get(name).is_some_and(|holder| *holder != member.id) || name.parse::<MemberId>().is_ok();
        (member.id, if ambiguous { member.id.to_string() } else { name.clone() })
    };
    Ok(present.iter().map(word).collect())
}

/// The cell of a member in the column `key`; `number` counts the rows.
pub(super) fn cell(words: &Words, supervisors: &HashMap<MemberId, String>, key: ColumnKey, member: &Member, number: usize) -> String {
    let profile = &member.profile;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let date = |value: Option<kernel::Date>| value.map(|date| date.to_string()).unwrap_or_default();
    let main = member.departments.iter().find(|place| place.is_main).or(member.departments.first());
    let of_main = |value: fn(&Place) -> &Option<String>| main.and_then(|place| value(place).clone()).unwrap_or_default();
    match key {
        ColumnKey::Number => number.to_string(),
        ColumnKey::MemberId => member.id.to_string(),
        ColumnKey::Name => profile.name.clone(),
        ColumnKey::Gender => profile.gender.map(|gender| gender_word(gender, words.language).to_owned()).unwrap_or_default(),
        ColumnKey::Mobile => profile.mobile.as_ref().map(|mobile| mobile.as_str().to_owned()).unwrap_or_default(),
        ColumnKey::AccountName => profile.account_name.clone(),
        ColumnKey::MailPrefix => mail_prefix(words, member),
        ColumnKey::Address => member.address.as_ref().map(ToString::to_string).unwrap_or_default(),
        ColumnKey::InitialPassword => String::new(),
        ColumnKey::Department => departments_cell(words, member),
        ColumnKey::Position => of_main(|place| &place.position),
        ColumnKey::Rank => of_main(|place| &place.rank),
        ColumnKey::EmployeeNumber => text(&profile.employee_number),
        ColumnKey::JoinDate => date(profile.join_date),
        ColumnKey::OfficePhone => text(&profile.office_phone),
        ColumnKey::HomePhone => text(&profile.home_phone),
        ColumnKey::OfficeLocation => text(&profile.office_location),
        ColumnKey::Supervisor => profile.supervisor_id.and_then(|id| supervisors.get(&id).cloned()).unwrap_or_default(),
        ColumnKey::Nickname => text(&profile.nickname),
        ColumnKey::Birthday => date(profile.birthday),
        ColumnKey::AlternateAddress => text(&profile.alternate_address),
        ColumnKey::ServiceClass => words.service_classes.get(&profile.service_class_id).cloned().unwrap_or_default(),
        ColumnKey::VisibleInDirectory => yes_or_no(profile.visible_in_directory, words.language).to_owned(),
        ColumnKey::ExpiresOn => date(profile.expires_on),
        ColumnKey::State => state_word(member.state, words.language).to_owned(),
        ColumnKey::CreatedAt => member.created_at.date_in(&words.zone).to_string(),
        ColumnKey::Remarks => text(&profile.remarks),
    }
}

/// The prefix alone where an import would complete it with the same domain, else the whole address.
fn mail_prefix(words: &Words, member: &Member) -> String {
    let Some(address) = &member.address else { return String::new() };
    if words.default_domain.as_ref() == Some(&address.domain) { address.local_part.to_string() } else { address.to_string() }
}

fn departments_cell(words: &Words, member: &Member) -> String {
    let paths = member.departments.iter().filter_map(|place| words.departments.get(&place.department_id));
    join_departments(&paths.collect::<Vec<_>>())
}

fn gender_word(gender: Gender, language: Language) -> &'static str {
    match (gender, language) {
        (Gender::Male, Language::Chinese) => "男",
        (Gender::Male, Language::English) => "Male",
        (Gender::Female, Language::Chinese) => "女",
        (Gender::Female, Language::English) => "Female",
    }
}

fn yes_or_no(value: bool, language: Language) -> &'static str {
    match (value, language) {
        (true, Language::Chinese) => "是",
        (true, Language::English) => "Yes",
        (false, Language::Chinese) => "否",
        (false, Language::English) => "No",
    }
}

fn state_word(state: MemberState, language: Language) -> &'static str {
    let (chinese, english) = match state {
        MemberState::Recycled => ("回收站", "Recycled"),
        MemberState::Leaving => ("离职办理中", "Leaving"),
        MemberState::Suspended => ("停用", "Suspended"),
        MemberState::Locked => ("锁定", "Locked"),
        MemberState::Expired => ("已过期", "Expired"),
        MemberState::Pending => ("未激活", "Not activated"),
        MemberState::Active => ("正常", "Active"),
    };
    match language {
        Language::Chinese => chinese,
        Language::English => english,
    }
}
