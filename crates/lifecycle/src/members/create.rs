use directory::members::{self, InsertError, NewMember};
use directory::organisations;
use identity::identities::{self, Credential};
use identity::initial::InitialPassword;
use identity::passwords::{Password, generate_initial};
use kernel::{Ctx, Fault, FaultKind, FieldFault, IdentityId, MailAccountId, MemberId, Params, ParamsBuilder, Timestamp};
use mail::mail_accounts;
use store::{KeyRing, StoreError, Tx};
use zeroize::Zeroizing;

/// A member to make, with how it signs in.
#[derive(Debug, Clone)]
pub struct CreateMember {
    pub member: NewMember,
    /// As the administrator typed it; `None` has one generated.
    pub initial_password: Option<Password>,
    /// Whether the member gets a mailbox.
    pub with_mail_account: bool,
}

/// What was made. The initial password is told here and never again.
pub struct Created {
    pub member_id: MemberId,
    pub identity_id: IdentityId,
    pub mail_account_id: Option<MailAccountId>,
    pub initial_password: Zeroizing<String>,
    pub initial_password_expires_at: Timestamp,
}

#[derive(Debug, thiserror::Error)]
pub enum CreateMemberError {
    #[error("an initial password has at least {min} characters")]
    InitialPasswordTooShort { min: usize },
    #[error(transparent)]
    Member(#[from] InsertError),
    #[error("could not create the member")]
    Store(#[from] StoreError),
}

kernel::codes! { Invalid "initial_password_too_short" }

impl Fault for CreateMemberError {
    fn kind(&self) -> FaultKind {
        match self {
            Self::InitialPasswordTooShort { .. } => FaultKind::Invalid,
            Self::Member(inner) => inner.kind(),
            Self::Store(inner) => inner.kind(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::InitialPasswordTooShort { .. } => "initial_password_too_short",
            Self::Member(inner) => inner.code(),
            Self::Store(inner) => inner.code(),
        }
    }

    fn params(&self) -> Params {
        match self {
            Self::InitialPasswordTooShort { min } => ParamsBuilder::default().with("min", min).build(),
            Self::Member(inner) => inner.params(),
            Self::Store(inner) => inner.params(),
        }
    }

    fn fields(&self) -> Vec<FieldFault> {
        match self {
            Self::InitialPasswordTooShort { .. } => {
                vec![FieldFault { field: "initial_password".to_owned(), code: self.code(), params: self.params() }]
            }
            Self::Member(inner) => inner.fields(),
            Self::Store(inner) => inner.fields(),
        }
    }
}

/// Makes a member that is pending until it chooses a password: the directory's rules and permissions hold, and all of it is made or nothing.
pub fn create_member(ctx: &Ctx, tx: &mut Tx, keys: &KeyRing, new: &CreateMember) -> Result<Created, CreateMemberError> {
    let min = identity::initial::MIN_GIVEN_CHARS;
    if new.initial_password.as_ref().is_some_and(|given| given.as_str().chars().count() < min) {
        return Err(CreateMemberError::InitialPasswordTooShort { min });
    }
    // The directory asks for permission and writes first: whoever may not do this costs no more than the question.
    let member_id = members::insert(ctx, tx, &new.member)?;
    let settings = organisations::settings(tx, ctx.org)?;
    let (password, initial) = initial_password(ctx, keys, &settings, new.initial_password.as_ref());
    let initial_password_expires_at = initial.expires_at;
    let identity_id = identities::add_enterprise(ctx, tx, &Credential::Initial(initial))?;
    members::set_identity(tx, ctx.org, member_id, identity_id)?;
    let mail_account_id = if new.with_mail_account {
        let account = mail_accounts::open(ctx, tx, member_id)?;
        members::set_mail_account(tx, ctx.org, member_id, Some(account))?;
        Some(account)
    } else {
        None
    };
    Ok(Created { member_id, identity_id, mail_account_id, initial_password: password, initial_password_expires_at })
}

/// The given password, or a generated one that every policy accepts, in the clear and as it is stored.
pub(super) fn initial_password(
    ctx: &Ctx,
    keys: &KeyRing,
    settings: &organisations::Settings,
    given: Option<&Password>,
) -> (Zeroizing<String>, InitialPassword) {
    let password = given.cloned().unwrap_or_else(|| {
        let text = Zeroizing::new(generate_initial(&*ctx.rng, settings.password_policy.min_length as usize));
        Password::new(&text).expect("a generated password has at most a few more characters than the policy's minimum of 64")
    });
    let initial = InitialPassword::new(keys, &*ctx.rng, &password, ctx.now, settings.initial_password_days);
    (Zeroizing::new(password.as_str().to_owned()), initial)
}
