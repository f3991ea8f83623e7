//! A value that only one may have is had by another.

use kernel::{Ctx, Fault, FaultKind, FieldFault, MemberId, OrgId, Params, ParamsBuilder};
use store::{StoreError, Tx, params};

use crate::access::{self, Permission, Target};

crate::words::words! {
    /// Which value clashes.
    ClashField {
        AccountName = "account_name",
        Mobile = "mobile",
        EmployeeNumber = "employee_number",
        Address = "address",
    }
}

kernel::codes! {
    Conflict "account_name_taken",
    Conflict "mobile_taken",
    Conflict "employee_number_taken",
    Conflict "address_taken",
    Conflict "address_held",
}

/// The value is taken. Who has it is told only to an actor who may see members, and then with the name half hidden.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {field} is taken")]
pub struct Clash {
    pub field: ClashField,
    /// The value that was asked for.
    pub value: String,
    /// A held address belonged to a member who was removed, and is not given out again.
    pub held: bool,
    pub holder: Option<Holder>,
}

/// Who has a value that another wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub member_id: MemberId,
    /// The first character of the name, the others hidden.
    pub masked_name: String,
    /// The main department's name.
    pub department: String,
}

impl Clash {
    pub(crate) fn new(
        ctx: &Ctx,
        tx: &mut Tx,
        field: ClashField,
        value: impl ToString,
        holder: Option<MemberId>,
    ) -> Result<Self, StoreError> {
        let holder = match holder {
            Some(member) if access::is_allowed(ctx, tx, Permission::ViewMembers, Target::Member(member))? => {
                holder_of(tx, ctx.org, member)?
            }
            _ => None,
        };
        Ok(Self { field, value: value.to_string(), held: false, holder })
    }
}

impl Fault for Clash {
    fn kind(&self) -> FaultKind {
        FaultKind::Conflict
    }

    fn code(&self) -> &'static str {
        match self.field {
            ClashField::AccountName => "account_name_taken",
            ClashField::Mobile => "mobile_taken",
            ClashField::EmployeeNumber => "employee_number_taken",
            ClashField::Address if self.held => "address_held",
            ClashField::Address => "address_taken",
        }
    }

    fn params(&self) -> Params {
        let params = ParamsBuilder::default().with("value", &self.value);
        match &self.holder {
            Some(holder) => params
                .with("member_id", holder.member_id)
                .with("holder", &holder.masked_name)
                .with("department", &holder.department)
                .build(),
            None => params.build(),
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        vec![FieldFault { field: self.field.as_str().to_owned(), code: self.code(), params: self.params() }]
    }
}

fn holder_of(tx: &mut Tx, org: OrgId, member: MemberId) -> Result<Option<Holder>, StoreError> {
    tx.query_opt(
        "SELECT m.name, COALESCE(d.name, '') FROM member m
         LEFT JOIN department_member dm ON dm.org_id = m.org_id AND dm.member_id = m.id AND dm.is_main
         LEFT JOIN department d ON d.org_id = dm.org_id AND d.id = dm.department_id
         WHERE m.org_id = $1 AND m.id = $2",
        params![org, member],
        |row| {
            let name: String = row.get(0)?;
            let masked_name = name.chars().next().map(|first| format!("{first}*")).unwrap_or_default();
            Ok(Holder { member_id: member, masked_name, department: row.get(1)? })
        },
    )
}
