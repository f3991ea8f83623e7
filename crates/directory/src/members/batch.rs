//! Making members, one or a hundred thousand.

use std::collections::HashMap;

use kernel::{Ctx, Date, DomainId, EmailAddress, IdentityId, MailAccountId, MemberId, PhoneNumber, ServiceClassId, Timestamp};
use serde_json::{Map, Value, json};
use store::{Notice, StoreError, Tx};

use super::places::{self, PlaceError, Placement};
use super::profile::MAX_ACCOUNT_NAME_CHARS;
use super::{AccountKind, Gender, MemberKind, Profile, repo, search};
use crate::access::{Denied, Permission, Target, authorize};
use crate::addresses::{self, AddressKind, ClaimError};
use crate::audit::{self, AuditEvent, AuditTarget};
use crate::clashes::{Clash, ClashField};
use crate::departments::{LimitError, LimitLedger};
use crate::domains::{self, Domain};
use crate::fields::{FieldCheck, InvalidFields};
use crate::{names, service_classes, topics};

/// A member to be made. `..Default::default()` leaves the rest empty.
#[derive(Debug, Clone)]
pub struct NewMember {
    pub kind: MemberKind,
    pub account_kind: AccountKind,
    pub identity_id: Option<IdentityId>,
    /// The caller opens it once the member is there.
    pub mail_account_id: Option<MailAccountId>,
    pub name: String,
    /// By default the part of the address before the `@`, or else the name in pinyin, numbered when that is taken.
    pub account_name: Option<String>,
    pub nickname: Option<String>,
    pub gender: Option<Gender>,
    pub birthday: Option<Date>,
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
    /// By default the organisation's default class.
    pub service_class_id: Option<ServiceClassId>,
    pub extra_mail_quota_bytes: i64,
    pub extra_drive_quota_bytes: i64,
    pub expires_on: Option<Date>,
    /// Activated from the start: its password was chosen, not given.
    pub activated: bool,
    /// The root department when empty.
    pub departments: Vec<Placement>,
    /// The primary address.
    pub address: Option<EmailAddress>,
}

impl Default for NewMember {
    fn default() -> Self {
        Self {
            kind: MemberKind::Person,
            account_kind: AccountKind::Enterprise,
            identity_id: None,
            mail_account_id: None,
            name: String::new(),
            account_name: None,
            nickname: None,
            gender: None,
            birthday: None,
            alternate_address: None,
            mobile: None,
            home_phone: None,
            office_phone: None,
            employee_number: None,
            join_date: None,
            supervisor_id: None,
            office_location: None,
            remarks: None,
            custom_fields: Map::new(),
            visible_in_directory: true,
            service_class_id: None,
            extra_mail_quota_bytes: 0,
            extra_drive_quota_bytes: 0,
            expires_on: None,
            activated: false,
            departments: Vec::new(),
            address: None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum InsertError {
    #[error(transparent)]
    Fields(#[from] InvalidFields),
    #[error(transparent)]
    Clash(#[from] Clash),
    #[error(transparent)]
    Limit(#[from] LimitError),
    #[error("the organisation may not make addresses in {domain}")]
    DomainNotUsable { domain: String },
    #[error("service class {0} does not exist")]
    ServiceClassNotFound(ServiceClassId),
    #[error("member {0}, who should be the supervisor, does not exist")]
    SupervisorNotFound(MemberId),
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("could not add the member")]
    Store(#[from] StoreError),
}
kernel::faults! { InsertError:
    InsertError::DomainNotUsable { domain } => Invalid "domain_not_usable_by_organisation" { domain },
    InsertError::ServiceClassNotFound(_) => NotFound "service_class_not_found",
    InsertError::SupervisorNotFound(_) => NotFound "supervisor_not_found",
    InsertError::Fields(inner) => inner,
    InsertError::Clash(inner) => inner,
    InsertError::Limit(inner) => inner,
    InsertError::Denied(inner) => inner,
    InsertError::Store(inner) => inner,
}

impl From<PlaceError> for InsertError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Limit(inner) => Self::Limit(inner),
            PlaceError::Fields(inner) => Self::Fields(inner),
            PlaceError::Denied(inner) => Self::Denied(inner),
            PlaceError::Store(inner) => Self::Store(inner),
            PlaceError::NotFound(id) => Self::SupervisorNotFound(id),
            PlaceError::InRecycleBin => Self::Denied(Denied::NotFound),
        }
    }
}

impl From<ClaimError> for InsertError {
    fn from(error: ClaimError) -> Self {
        match error {
            ClaimError::DomainNotUsable { domain } => Self::DomainNotUsable { domain },
            ClaimError::Taken(clash) => Self::Clash(clash),
            ClaimError::Denied(inner) => Self::Denied(inner),
            ClaimError::Store(inner) => Self::Store(inner),
            ClaimError::MemberNotFound(_) | ClaimError::TooMany { .. } => Self::Denied(Denied::NotFound),
        }
    }
}

/// Adds one member with its departments and its primary address. Identity and mail account are others' work.
pub fn insert(ctx: &Ctx, tx: &mut Tx, new: &NewMember) -> Result<MemberId, InsertError> {
    let mut batch = Batch::begin(ctx, tx)?;
    let id = batch.insert(ctx, tx, new)?;
    batch.finish(ctx, tx)?;
    Ok(id)
}

/// Many changes of members in one transaction, each with its own outcome: one that fails has written nothing, and the next can go on.
///
/// Keeps what does not change between rows, and counts members under a limit once. What belongs to new members and can refuse none of them (places,
/// search text, events) is written by the hundred in [`finish`](Self::finish), without which the transaction must not commit. It must not outlive its
/// transaction, nor may members be placed past it while it lives.
///
/// One that [defers](Self::begin_deferring) writes the members themselves by the hundred, too.
#[derive(Debug)]
pub struct Batch {
    deferred: Option<Vec<Deferred>>,
    pub(super) actor_name: String,
    pub(super) ledger: LimitLedger,
    domains: Option<Vec<Domain>>,
    default_class: Option<ServiceClassId>,
    classes: HashMap<ServiceClassId, bool>,
    published: Vec<&'static str>,
    places: Vec<(MemberId, Vec<Placement>)>,
    search: Vec<(MemberId, String)>,
    events: Vec<AuditEvent>,
}

impl Batch {
    /// As [`begin`](Self::begin), for new members whose values the caller has found to be free: they are written in [`write_deferred`](Self::write_deferred),
    /// which is a twentieth of the round trips. What is inserted does not say that a value is taken.
    pub fn begin_deferring(ctx: &Ctx, tx: &mut Tx) -> Result<Self, Denied> {
        Ok(Self { deferred: Some(Vec::new()), ..Self::begin(ctx, tx)? })
    }

    /// Writes the members that were deferred. `false` when a value of one has come to be taken: then the transaction must be rolled back, and is
    /// to be done again without deferring, which tells whose and which.
    #[must_use = "a transaction in which members are missing must not commit"]
    pub fn write_deferred(&mut self, ctx: &Ctx, tx: &mut Tx) -> Result<bool, StoreError> {
        let Some(deferred) = self.deferred.take() else { return Ok(true) };
        let rows: Vec<repo::NewRow<'_>> = deferred.iter().map(Deferred::row).collect();
        if repo::insert_many(tx, ctx.org, &rows, ctx.now)? < rows.len() as u64 {
            return Ok(false);
        }
        let claims: Vec<_> =
            deferred.iter().filter_map(|new| new.address.as_ref().map(|(domain, address)| (*domain, address, new.id))).collect();
        addresses::claim_many(ctx, tx, &claims)
    }

    /// For an actor who may manage any member.
    pub fn begin(ctx: &Ctx, tx: &mut Tx) -> Result<Self, Denied> {
        Self::begin_for(ctx, tx, Target::Organisation)
    }

    pub(super) fn begin_for(ctx: &Ctx, tx: &mut Tx, target: Target) -> Result<Self, Denied> {
        authorize(ctx, tx, Permission::ManageMembers, target)?;
        Ok(Self {
            deferred: None,
            actor_name: audit::actor_name(ctx, tx)?,
            ledger: LimitLedger::new(),
            domains: None,
            default_class: None,
            classes: HashMap::new(),
            published: Vec::new(),
            places: Vec::new(),
            search: Vec::new(),
            events: Vec::new(),
        })
    }

    /// As [`insert`](fn@insert).
    pub fn insert(&mut self, ctx: &Ctx, tx: &mut Tx, new: &NewMember) -> Result<MemberId, InsertError> {
        let mut profile = self.profile(ctx, tx, new)?;
        let mut fields = FieldCheck::new();
        let given = !profile.account_name.is_empty();
        if !given {
            // Stands in until the name is known to be well-formed.
            profile.account_name.push('-');
        }
        profile.normalise(&mut fields);
        fields.finish()?;
        if !given {
            let deferred = self.deferred.iter().flatten().map(|new| new.profile.account_name.as_str());
            profile.account_name = free_account_name(ctx, tx, &profile.name, deferred)?;
        }
        if let Some(supervisor) = profile.supervisor_id
            && repo::head(tx, ctx.org, supervisor)?.is_none()
        {
            return Err(InsertError::SupervisorNotFound(supervisor));
        }
        let places = places::checked(tx, ctx.org, &new.departments)?;
        let departments: Vec<_> = places.iter().map(|place| place.department_id).collect();
        let admission = self.ledger.check(tx, ctx.org, &[], &departments)?;
        let domain = match &new.address {
            Some(address) => Some(addresses::usable_domain(ctx, self.domains(ctx, tx)?, address)?),
            None => None,
        };

        let id: MemberId = ctx.new_id();
        let search_text = search::text(&profile, new.address.iter());

        let after = json!({
            "name": profile.name,
            "account_name": profile.account_name,
            "mobile": profile.mobile,
            "employee_number": profile.employee_number,
            "address": new.address,
            "departments": departments,
        });
        let event = AuditEvent::new("member.added", AuditTarget::member(id, &profile.name)).with_after(after);
        let row = Deferred {
            id,
            profile,
            account_kind: new.account_kind,
            identity_id: new.identity_id,
            mail_account_id: new.mail_account_id,
            activated_at: new.activated.then_some(ctx.now),
            address: domain.zip(new.address.clone()),
        };
        match &mut self.deferred {
            Some(deferred) => deferred.push(row),
            None => write(ctx, tx, &row)?,
        }
        self.places.push((id, places));
        self.search.push((id, search_text));
        self.ledger.admit(admission);
        self.events.push(event);
        self.publish(ctx, tx, topics::MEMBERS);
        Ok(id)
    }

    /// Writes what belongs to the members inserted so far.
    pub fn finish(self, ctx: &Ctx, tx: &mut Tx) -> Result<(), StoreError> {
        repo::insert_places(tx, ctx.org, &self.places)?;
        repo::insert_search(tx, ctx.org, &self.search)?;
        audit::record_many_as(ctx, tx, &self.actor_name, &self.events)
    }

    fn profile(&mut self, ctx: &Ctx, tx: &mut Tx, new: &NewMember) -> Result<Profile, InsertError> {
        let service_class_id = match new.service_class_id {
            Some(class) if self.has_class(ctx, tx, class)? => class,
            Some(class) => return Err(InsertError::ServiceClassNotFound(class)),
            None => self.default_class(ctx, tx)?,
        };
        let prefix = || new.address.as_ref().map(|address| address.local_part.as_str().to_owned());
        Ok(Profile {
            kind: new.kind,
            name: new.name.clone(),
            account_name: new.account_name.clone().filter(|name| !name.trim().is_empty()).or_else(prefix).unwrap_or_default(),
            nickname: new.nickname.clone(),
            gender: new.gender,
            birthday: new.birthday,
            alternate_address: new.alternate_address.clone(),
            mobile: new.mobile.clone(),
            home_phone: new.home_phone.clone(),
            office_phone: new.office_phone.clone(),
            employee_number: new.employee_number.clone(),
            join_date: new.join_date,
            supervisor_id: new.supervisor_id,
            office_location: new.office_location.clone(),
            remarks: new.remarks.clone(),
            custom_fields: new.custom_fields.clone(),
            visible_in_directory: new.visible_in_directory,
            service_class_id,
            extra_mail_quota_bytes: new.extra_mail_quota_bytes,
            extra_drive_quota_bytes: new.extra_drive_quota_bytes,
            expires_on: new.expires_on,
        })
    }

    fn domains(&mut self, ctx: &Ctx, tx: &mut Tx) -> Result<&[Domain], StoreError> {
        if self.domains.is_none() {
            self.domains = Some(domains::list_unchecked(tx, ctx.org)?);
        }
        Ok(self.domains.as_deref().expect("set above"))
    }

    fn default_class(&mut self, ctx: &Ctx, tx: &mut Tx) -> Result<ServiceClassId, StoreError> {
        if let Some(class) = self.default_class {
            return Ok(class);
        }
        let class = service_classes::default_class(tx, ctx.org)?.id;
        self.default_class = Some(class);
        Ok(class)
    }

    pub(super) fn has_class(&mut self, ctx: &Ctx, tx: &mut Tx, class: ServiceClassId) -> Result<bool, StoreError> {
        if let Some(exists) = self.classes.get(&class) {
            return Ok(*exists);
        }
        let exists = service_classes::find(tx, ctx.org, class)?.is_some();
        self.classes.insert(class, exists);
        Ok(exists)
    }

    /// Tells live pages once, however many rows change.
    pub(super) fn publish(&mut self, ctx: &Ctx, tx: &mut Tx, topic: &'static str) {
        if !self.published.contains(&topic) {
            self.published.push(topic);
            crate::changed(ctx, tx, topic);
            tx.publish(Notice::AuditAppended { org: ctx.org });
        }
    }
}

/// A new member, as it is written.
#[derive(Debug)]
struct Deferred {
    id: MemberId,
    profile: Profile,
    account_kind: AccountKind,
    identity_id: Option<IdentityId>,
    mail_account_id: Option<MailAccountId>,
    activated_at: Option<Timestamp>,
    address: Option<(DomainId, EmailAddress)>,
}

impl Deferred {
    fn row(&self) -> repo::NewRow<'_> {
        repo::NewRow {
            id: self.id,
            profile: &self.profile,
            account_kind: self.account_kind,
            identity_id: self.identity_id,
            mail_account_id: self.mail_account_id,
            activated_at: self.activated_at,
        }
    }
}

/// Writes one member with its address, or nothing.
fn write(ctx: &Ctx, tx: &mut Tx, new: &Deferred) -> Result<(), InsertError> {
    if repo::insert_many(tx, ctx.org, &[new.row()], ctx.now)? == 0 {
        return Err(clash_of(ctx, tx, &new.profile, None)?.into());
    }
    if let Some((domain, address)) = &new.address
        && let Err(error) = addresses::claim_in(ctx, tx, *domain, address, AddressKind::Primary, new.id)
    {
        // What failed must leave nothing, so that the rows after it can be written.
        repo::delete(tx, ctx.org, new.id)?;
        return Err(error.into());
    }
    Ok(())
}

/// Which of the values that only one may have is had by another than `except`.
pub(super) fn find_clash(ctx: &Ctx, tx: &mut Tx, profile: &Profile, except: Option<MemberId>) -> Result<Option<Clash>, StoreError> {
    let values = [
        (ClashField::AccountName, Some(profile.account_name.clone())),
        (ClashField::Mobile, profile.mobile.as_ref().map(|mobile| mobile.as_str().to_owned())),
        (ClashField::EmployeeNumber, profile.employee_number.clone()),
    ];
    for (field, value) in values {
        let Some(value) = value else { continue };
        if let Some(holder) = repo::holder_of(tx, ctx.org, field, &value)?
            && Some(holder) != except
        {
            return Clash::new(ctx, tx, field, value, Some(holder)).map(Some);
        }
    }
    Ok(None)
}

/// The clash that has just stopped an insert.
fn clash_of(ctx: &Ctx, tx: &mut Tx, profile: &Profile, except: Option<MemberId>) -> Result<Clash, StoreError> {
    find_clash(ctx, tx, profile, except)?.ok_or(StoreError::RowCount { expected: "the member that was in the way", found: 0 })
}

/// The name in pinyin, or the first number after it that is free.
fn free_account_name<'a>(ctx: &Ctx, tx: &mut Tx, name: &str, also_taken: impl Iterator<Item = &'a str>) -> Result<String, StoreError> {
    let mut base: String = names::full_pinyin(name).chars().take(MAX_ACCOUNT_NAME_CHARS - 8).collect();
    if base.is_empty() {
        base.push_str("member");
    }
    first_free(ctx, tx, &base, also_taken)
}

/// `base` itself, or with the first number from 2 on that makes it free; a long one is cut, so that the number has room.
pub(super) fn first_free<'a>(ctx: &Ctx, tx: &mut Tx, base: &str, also_taken: impl Iterator<Item = &'a str>) -> Result<String, StoreError> {
    let cut = base.char_indices().nth(MAX_ACCOUNT_NAME_CHARS - 8).map_or(base, |(end, _)| &base[..end]);
    let mut taken = repo::account_names_beginning_with(tx, ctx.org, cut)?;
    taken.extend(also_taken.map(str::to_owned));
    let mut candidates = (cut == base).then(|| base.to_owned()).into_iter().chain((2..).map(|number| format!("{cut}{number}")));
    Ok(candidates.find(|candidate| !taken.contains(candidate)).expect("there are more numbers than members"))
}
