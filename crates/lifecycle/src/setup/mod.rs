//! 创建组织: an organisation comes into being with its domain and its first owner, who can sign in at once.

mod error;
mod forms;

use directory::administrators::{self, Role};
use directory::domains;
use directory::members::{self, NewMember};
use directory::organisations::{self, DEFAULT_TIME_ZONE, Language, NewOrganisation};
use identity::identities::{self, Credential};
use identity::passwords::PasswordHash;
use identity::setup_link;
use kernel::{Ctx, DomainName, EmailAddress, IdentityId, LocalPart, MailAccountId, MemberId, OrgId};
use mail::mail_accounts;
use serde::Deserialize;
use store::Tx;

pub use error::SetUpError;
pub use forms::{OwnerSignedIn, password_rules, set_up_as_operator, set_up_by_link};

/// What the set-up page and the command ask for, as typed; the password comes separately.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct SetUp {
    pub organisation_code: String,
    pub organisation_name: String,
    pub domain: String,
    pub administrator_name: String,
    /// The part of the owner's address before the `@`.
    pub mail_prefix: String,
    /// The mail prefix when missing.
    #[serde(default)]
    pub account_name: Option<String>,
    pub language: Language,
    #[serde(default)]
    pub time_zone: Option<String>,
    /// Makes the domain usable without DNS. Never taken from a page: only who runs the server knows.
    #[serde(skip)]
    pub assume_verified: bool,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetUpDone {
    pub org: OrgId,
    pub member_id: MemberId,
    pub identity_id: IdentityId,
    pub mail_account_id: MailAccountId,
    pub address: EmailAddress,
}

/// Makes the organisation, its domain, and an active owner with a mailbox and the chosen password; every set-up link dies. Only operators and the
/// system may. A code or a domain that exists is refused on its field, and nothing is made.
pub fn set_up_organisation(ctx: &Ctx, tx: &mut Tx, new: &SetUp, password: &PasswordHash) -> Result<SetUpDone, SetUpError> {
    let domain: DomainName = kernel::normalise(&new.domain).parse().map_err(|_| SetUpError::wrong("domain", "domain_invalid"))?;
    let prefix: LocalPart =
        kernel::normalise(&new.mail_prefix).parse().map_err(|_| SetUpError::wrong("mail_prefix", "mail_prefix_invalid"))?;

    let organisation = NewOrganisation {
        code: new.organisation_code.clone(),
        name: new.organisation_name.clone(),
        time_zone: new.time_zone.clone().unwrap_or_else(|| DEFAULT_TIME_ZONE.to_owned()),
        language: new.language,
    };
    let org = organisations::add(ctx, tx, &organisation)?;
    let ctx = &ctx.in_org(org);
    if new.assume_verified {
        domains::add_assumed(ctx, tx, &domain)?;
    } else {
        domains::add(ctx, tx, &domain)?;
    }

    let address = EmailAddress { local_part: prefix, domain };
    let identity_id = identities::add_enterprise(ctx, tx, &Credential::Chosen(password.clone()))?;
    let owner = NewMember {
        name: new.administrator_name.clone(),
        account_name: new.account_name.clone(),
        identity_id: Some(identity_id),
        activated: true,
        address: Some(address.clone()),
        ..NewMember::default()
    };
    let member_id = members::insert(ctx, tx, &owner)?;
    let mail_account_id = mail_accounts::open(ctx, tx, member_id)?;
    members::set_mail_account(tx, org, member_id, Some(mail_account_id))?;
    administrators::grant(ctx, tx, member_id, Role::Owner)?;
    setup_link::end(tx)?;
    Ok(SetUpDone { org, member_id, identity_id, mail_account_id, address })
}
