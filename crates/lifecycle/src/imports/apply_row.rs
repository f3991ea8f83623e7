//! Rows become members, within one transaction.

use directory::departments::AddError;
use directory::members::{self, Batch, InsertError, NewMember, PlaceError, Placement, UpdateError};
use identity::identities::Credential;
use identity::initial::{self, InitialPassword};
use identity::passwords::{Password, generate_initial};
use kernel::{Ctx, DepartmentId, Fault, ImportId, MemberId};
use mail::mail_accounts;
use store::{KeyRing, StoreError, Tx};
use zeroize::Zeroizing;

use super::departments::Tree;
use super::draft::Draft;
use super::paths;
use super::profile;
use super::repo;
use super::rules::{Planned, plan_row};
use super::types::{ImportRow, InitialPasswords, Options, Outcome, RowResult};
use super::values::{RowKey, Values};
use super::world::{self, World};
use crate::jobs::JobError;
use crate::members::Bulk;
use crate::sheets::{CellError, ColumnKey, split_departments};

/// How long generated passwords wait for their download.
const PASSWORD_SECS: i64 = 24 * 3600;

kernel::codes! { Conflict "row_outdated" }

/// The code of a chunk that is to be applied [`OneByOne`](Writing::OneByOne).
pub(super) const CONTESTED: &str = "rows_contested";

/// How new members are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// By the hundred, as nearly always goes well: their values were found to be free in the same transaction.
    Together,
    /// Each by itself, which tells what is wrong with which.
    OneByOne,
}

/// Applies rows in one transaction. A row that fails leaves nothing but its mark.
pub(super) struct Applier<'a> {
    ctx: &'a Ctx,
    tx: &'a mut Tx,
    keys: &'a KeyRing,
    import: ImportId,
    world: World,
    tree: Tree,
    batch: Batch,
    bulk: Bulk,
    created: Vec<(u32, MemberId)>,
    /// Generated and sealed.
    passwords: Vec<(u32, Vec<u8>)>,
    changed: Vec<u32>,
}

/// A new member's initial password.
struct Initial {
    stored: InitialPassword,
    /// `None` when whoever wrote the file knows it.
    sealed: Option<Vec<u8>>,
}

/// Why a row was not applied.
enum Refused {
    Row(Vec<CellError>),
    Store(StoreError),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl<'a> Applier<'a> {
    pub fn begin(
        ctx: &'a Ctx,
        tx: &'a mut Tx,
        keys: &'a KeyRing,
        import: ImportId,
        options: &Options,
        writing: Writing,
    ) -> Result<Self, JobError> {
        let world = world::load_uncounted(ctx, tx, options)?;
        let batch = match writing {
            Writing::Together => Batch::begin_deferring(ctx, tx),
            Writing::OneByOne => Batch::begin(ctx, tx),
        };
        let batch = batch.map_err(super::running::denied)?;
        let tree = world.terms.departments.clone();
        Ok(Self {
            ctx,
            tx,
            keys,
            import,
            world,
            tree,
            batch,
            bulk: Bulk::default(),
            created: Vec::new(),
            passwords: Vec::new(),
            changed: Vec::new(),
        })
    }

    /// Applies the rows in their order and marks each; answers how many were applied. [`CONTESTED`] when somebody has taken a value of a row
    /// meanwhile that was written together with others: nobody knows yet which.
    pub fn apply(mut self, rows: Vec<ImportRow>) -> Result<usize, JobError> {
        let drafts: Vec<Draft> = rows.iter().map(|row| Draft::new(&self.world.terms, row.values.clone(), Vec::new())).collect();
        let wanted: Vec<RowKey> = drafts.iter().flat_map(Draft::wanted).collect();
        let stored = repo::lookups::load(self.tx, self.ctx.org, &self.world.domain_ids, &wanted)?;
        // Limits are the operations' to count; this tree has none.
        let mut unlimited = self.tree.clone();
        for (row, draft) in rows.into_iter().zip(drafts) {
            let planned = plan_row(&self.world.terms, &stored, &mut |_| true, &mut unlimited, draft);
            match self.apply_one(&row, &planned) {
                Ok(()) => {}
                Err(Refused::Row(errors)) => {
                    let (org, number) = (self.ctx.org, row.row_number);
                    repo::rows::set_result_with_errors(self.tx, org, self.import, number, RowResult::Failed, &errors)?;
                }
                Err(Refused::Store(error)) => return Err(error.into()),
            }
        }
        if !self.bulk.finish(self.ctx, self.tx, self.batch)? {
            return Err(JobError::Waiting { code: CONTESTED, retry_after_secs: 0 });
        }
        let fetch_until = self.ctx.now.plus_secs(PASSWORD_SECS);
        repo::passwords::insert_many(self.tx, self.ctx.org, self.import, &self.passwords, fetch_until)?;
        repo::rows::set_created(self.tx, self.ctx.org, self.import, &self.created)?;
        repo::rows::set_results(self.tx, self.ctx.org, self.import, RowResult::Applied, &self.changed)?;
        Ok(self.created.len() + self.changed.len())
    }

    fn apply_one(&mut self, row: &ImportRow, planned: &Planned) -> Result<(), Refused> {
        still_holds(row, planned)?;
        match row.outcome {
            Outcome::Create => self.create(row, planned),
            _ => self.change(row, planned),
        }
    }

    fn create(&mut self, row: &ImportRow, planned: &Planned) -> Result<(), Refused> {
        let values = &planned.values;
        let mut made = Vec::new();
        let departments = self.departments(values, &mut made)?;
        let mut new = new_member(&self.world, planned);
        new.departments = profile::placements(&departments, values);
        let initial = self.initial_password(row);
        let credential = initial.as_ref().map_or(Credential::Nothing, |initial| Credential::Initial(initial.stored.clone()));
        let with_mail_account = new.address.is_some();
        let member = match self.bulk.insert(self.ctx, self.tx, &mut self.batch, new, credential, with_mail_account) {
            Ok(member) => member,
            Err(InsertError::Store(error)) => return Err(Refused::Store(error)),
            Err(error) => {
                // A row that fails makes no departments either.
                paths::take_back(self.ctx, self.tx, self.import, &mut self.tree, &made)?;
                return Err(refused(&error));
            }
        };
        if let Some(sealed) = initial.and_then(|initial| initial.sealed) {
            self.passwords.push((row.row_number, sealed));
        }
        self.created.push((row.row_number, member));
        Ok(())
    }

    /// What the new member signs in with at first: as the file has it, or generated and sealed for its one download.
    fn initial_password(&self, row: &ImportRow) -> Option<Initial> {
        let expires_at = self.ctx.now.plus_secs(i64::from(self.world.initial_password_days) * 24 * 3600);
        if let Some(hash) = &row.initial_password_hash {
            return Some(Initial { stored: InitialPassword { hash: hash.clone(), expires_at }, sealed: None });
        }
        if self.world.terms.options.initial_passwords != InitialPasswords::Generated {
            return None;
        }
        let text = Zeroizing::new(generate_initial(&*self.ctx.rng, self.world.min_password_length));
        let password = Password::new(&text).expect("a generated password is far below the longest one");
        let hash = initial::hash(self.keys, &*self.ctx.rng, &password);
        let sealed = super::passwords::seal(self.keys, self.ctx, self.import, row.row_number, &text);
        Some(Initial { stored: InitialPassword { hash, expires_at }, sealed: Some(sealed) })
    }

    fn change(&mut self, row: &ImportRow, planned: &Planned) -> Result<(), Refused> {
        let Some(member) = planned.member_id else { return Err(outdated(ColumnKey::Name)) };
        // Only what the plan has shown; what has come to differ since is not this row's business.
        let due: Vec<ColumnKey> = row.changes.keys().copied().filter(|column| planned.changes.contains_key(column)).collect();
        let places = [ColumnKey::Department, ColumnKey::Position, ColumnKey::Rank];
        let before = match due.iter().any(|column| places.contains(column)) {
            true => Some(self.place(member, &planned.values, due.contains(&ColumnKey::Department))?),
            false => None,
        };
        let patch = profile::patch(&self.world.terms, &planned.values, planned.supervisor, due.iter().copied());
        if patch != members::MemberPatch::default()
            && let Err(error) = self.batch.update(self.ctx, self.tx, member, &patch)
        {
            let UpdateError::Store(error) = error else {
                // A row that fails leaves the member where it was.
                if let Some(before) = before {
                    self.set_departments(member, &before)?;
                }
                return Err(refused(&error));
            };
            return Err(Refused::Store(error));
        }
        if due.contains(&ColumnKey::MailPrefix)
            && let Some(address) = &planned.address
        {
            directory::addresses::set_primary(self.ctx, self.tx, member, address).map_err(|error| match error {
                directory::addresses::ClaimError::Store(error) => Refused::Store(error),
                error => refused(&error),
            })?;
            if mail_accounts::find_of_member(self.tx, self.ctx.org, member)?.is_none() {
                let account = mail_accounts::open(self.ctx, self.tx, member)?;
                members::set_mail_account(self.tx, self.ctx.org, member, Some(account))?;
            }
        }
        self.changed.push(row.row_number);
        Ok(())
    }

    /// Puts an existing member where the row says; answers where it was. Position and rank belong to the main department; the others keep
    /// theirs.
    fn place(&mut self, member: MemberId, values: &Values, move_member: bool) -> Result<Vec<Placement>, Refused> {
        let present = members::find(self.tx, self.ctx.org, member, self.ctx.now)?.map(|member| member.departments).unwrap_or_default();
        let mut made = Vec::new();
        let wanted: Vec<DepartmentId> = match move_member {
            true => self.departments(values, &mut made)?,
            false => present.iter().map(|place| place.department_id).collect(),
        };
        let mut placements = profile::placements(&wanted, values);
        for placement in &mut placements {
            let main = present.iter().find(|place| place.is_main && placement.is_main);
            if let Some(place) = present.iter().find(|place| place.department_id == placement.department_id).or(main) {
                placement.position = placement.position.take().or_else(|| place.position.clone());
                placement.rank = placement.rank.take().or_else(|| place.rank.clone());
            }
        }
        if let Err(refused) = self.set_departments(member, &placements) {
            paths::take_back(self.ctx, self.tx, self.import, &mut self.tree, &made)?;
            return Err(refused);
        }
        Ok(present.into_iter().map(profile::placement).collect())
    }

    fn set_departments(&mut self, member: MemberId, placements: &[Placement]) -> Result<(), Refused> {
        match self.batch.set_departments(self.ctx, self.tx, member, placements) {
            Ok(_) => Ok(()),
            Err(PlaceError::Store(error)) => Err(Refused::Store(error)),
            Err(error) => Err(refused(&error)),
        }
    }

    fn departments(&mut self, values: &Values, made: &mut Vec<DepartmentId>) -> Result<Vec<DepartmentId>, Refused> {
        let named = values.get(&ColumnKey::Department).and_then(|cell| split_departments(cell)).unwrap_or_default();
        if named.is_empty() {
            return Ok(self.world.terms.options.department_id.into_iter().collect());
        }
        match paths::ensure(self.ctx, self.tx, self.import, &mut self.tree, &named, made) {
            Ok(found) => Ok(found),
            Err(AddError::Store(error)) => Err(Refused::Store(error)),
            Err(error) => {
                // What was made of the path goes again: a row that fails makes no departments.
                paths::take_back(self.ctx, self.tx, self.import, &mut self.tree, made)?;
                Err(refused(&error))
            }
        }
    }
}

/// That the row would be planned as it was: nobody took a value or changed the member since.
fn still_holds(row: &ImportRow, planned: &Planned) -> Result<(), Refused> {
    if !planned.errors.is_empty() {
        return Err(Refused::Row(planned.errors.clone()));
    }
    match (row.outcome, planned.member_id) {
        (Outcome::Create, None) => return Ok(()),
        (Outcome::Create, Some(_)) => return Err(Refused::Row(planned.met_by.iter().cloned().collect())),
        (_, member) if member != row.member_id => return Err(outdated(ColumnKey::Name)),
        _ => {}
    }
    // A value that is neither what it was nor what it is to be was changed by somebody in between.
    let differs = |(column, [old, _]): (&ColumnKey, &[Option<String>; 2])| {
        planned.changes.get(column).filter(|[present, _]| present != old).map(|_| *column)
    };
    match row.changes.iter().find_map(differs) {
        Some(column) => Err(outdated(column)),
        None => Ok(()),
    }
}

fn outdated(column: ColumnKey) -> Refused {
    Refused::Row(vec![CellError::new(column, "row_outdated")])
}

/// The error an operation answered with, on the cell that caused it as far as its code tells.
fn refused(fault: &dyn Fault) -> Refused {
    let code = fault.fields().first().map_or(fault.code(), |field| field.code);
    let field = fault.fields().first().map(|field| field.field.clone()).unwrap_or_default();
    let column = field.parse().unwrap_or(match code {
        "mobile_taken" => ColumnKey::Mobile,
        "employee_number_taken" => ColumnKey::EmployeeNumber,
        "account_name_taken" | "account_name_invalid" => ColumnKey::AccountName,
        "address_taken" | "address_held" | "domain_not_usable_by_organisation" => ColumnKey::MailPrefix,
        "service_class_not_found" => ColumnKey::ServiceClass,
        "supervisor_not_found" => ColumnKey::Supervisor,
        code if code.starts_with("department_") => ColumnKey::Department,
        _ => ColumnKey::Name,
    });
    let params = fault.params().into_iter().map(|(name, value)| (name.into(), value)).collect();
    Refused::Row(vec![CellError { column, code: code.into(), params }])
}

fn new_member(world: &World, planned: &Planned) -> NewMember {
    let columns: Vec<ColumnKey> = planned.values.keys().copied().collect();
    let patch = profile::patch(&world.terms, &planned.values, planned.supervisor, columns);
    let default_name = || planned.address.as_ref().map(|address| address.local_part.to_string());
    NewMember {
        name: patch.name.or_else(|| patch.account_name.clone()).or_else(default_name).unwrap_or_default(),
        account_name: patch.account_name,
        nickname: patch.nickname.flatten(),
        gender: patch.gender.flatten(),
        birthday: patch.birthday.flatten(),
        alternate_address: patch.alternate_address.flatten(),
        mobile: patch.mobile.flatten(),
        home_phone: patch.home_phone.flatten(),
        office_phone: patch.office_phone.flatten(),
        employee_number: patch.employee_number.flatten(),
        join_date: patch.join_date.flatten(),
        supervisor_id: patch.supervisor_id.flatten(),
        office_location: patch.office_location.flatten(),
        remarks: patch.remarks.flatten(),
        visible_in_directory: patch.visible_in_directory.unwrap_or(true),
        service_class_id: patch.service_class_id,
        expires_on: patch.expires_on.flatten(),
        address: planned.address.clone(),
        ..NewMember::default()
    }
}
