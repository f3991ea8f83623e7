//! The member behind what was typed.

use directory::addresses;
use directory::members::{self, MemberState};
use directory::organisations::{self, Organisation};
use kernel::{EmailAddress, MemberId, OrgId, Timestamp};
use store::{StoreError, Tx};

use super::Login;
use crate::identities::{self, Identity};
use crate::passwords::Personal;

/// What signing in needs to know of a member.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub org: Organisation,
    pub member_id: MemberId,
    pub name: String,
    pub account_name: String,
    pub state: MemberState,
    pub addresses: Vec<String>,
    /// `None` for a personal account that nobody has claimed.
    pub identity: Option<Identity>,
}

impl Account {
    pub fn personal(&self) -> Personal {
        let own = [self.name.as_str(), &self.account_name, &self.org.code];
        Personal::of(own.into_iter().chain(self.addresses.iter().map(String::as_str)))
    }
}

/// What was typed, in the form it is counted under: one for every way to write the same name.
pub(crate) fn normalised(login: &Login) -> String {
    match login {
        Login::Address(address) => kernel::fold(address),
        Login::Account { organisation_code, account_name } => {
            format!("{}\u{0}{}", kernel::fold(organisation_code), kernel::fold(account_name))
        }
    }
}

pub(crate) fn find(tx: &mut Tx, login: &Login, now: Timestamp) -> Result<Option<Account>, StoreError> {
    let found = match login {
        Login::Address(address) => {
            let Ok(address) = kernel::normalise(address).parse::<EmailAddress>() else { return Ok(None) };
            addresses::find(tx, &address)?.and_then(|found| found.member_id.map(|member| (found.org, member)))
        }
        Login::Account { organisation_code, account_name } => {
            let Some(org) = organisations::find_by_code(tx, organisation_code)? else { return Ok(None) };
            members::find_by_account_name(tx, org.id, account_name)?.map(|member| (org.id, member))
        }
    };
    match found {
        Some((org, member)) => load(tx, org, member, now),
        None => Ok(None),
    }
}

pub(crate) fn load(tx: &mut Tx, org: OrgId, member: MemberId, now: Timestamp) -> Result<Option<Account>, StoreError> {
    let Some(member) = members::find(tx, org, member, now)? else { return Ok(None) };
    let identity = match member.identity_id {
        Some(id) => identities::find(tx, id)?,
        None => None,
    };
    Ok(Some(Account {
        org: organisations::get(tx, org)?,
        member_id: member.id,
        state: member.state,
        addresses: member.address.iter().chain(&member.aliases).map(ToString::to_string).collect(),
        name: member.profile.name,
        account_name: member.profile.account_name,
        identity,
    }))
}
