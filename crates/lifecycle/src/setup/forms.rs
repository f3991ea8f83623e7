//! The two ways in: the page behind the one-time link, and the command.

use std::sync::Arc;

use directory::organisations::PasswordPolicy;
use identity::passwords::{Hasher, Password, PasswordHash, PasswordRuleResult, Personal, check_policy, require_policy};
use identity::sessions::{self, NewSession, Opened, Stage};
use identity::{devices, setup_link};
use kernel::{Actor, Ctx, Realm};
use store::Store;

use super::{SetUp, SetUpDone, SetUpError, set_up_organisation};

/// The owner of a new organisation, signed in to the console.
pub struct OwnerSignedIn {
    pub done: SetUpDone,
    pub opened: Opened,
    /// See [`devices`].
    pub device_cookie: String,
}

/// What a new organisation's policy says of the owner's password while it is typed.
pub fn password_rules(new: &SetUp, password: &Password) -> Vec<PasswordRuleResult> {
    let words = [&new.organisation_code, &new.organisation_name, &new.administrator_name, &new.mail_prefix];
    let words = words.into_iter().chain(&new.account_name).map(String::as_str);
    check_policy(&PasswordPolicy::default(), &Personal::of(words), password)
}

/// Sets up the first organisation from the page behind the one-time link, and signs its owner in to the console. The link is proof enough of
/// standing before the machine, but it never makes a second organisation.
pub async fn set_up_by_link(
    store: &Store,
    hasher: &Arc<Hasher>,
    ctx: &Ctx,
    token: &str,
    new: SetUp,
    password: &Password,
    user_agent: Option<String>,
) -> Result<OwnerSignedIn, SetUpError> {
    let (keys_of, asked) = (store.clone(), token.to_owned());
    // Asked before the password is hashed, so that nobody without a link can keep the cores busy, and again when it counts.
    if !store.read(move |tx| setup_link::is_valid(tx, keys_of.keys(), &asked)).await? {
        return Err(SetUpError::LinkInvalid);
    }
    let new = SetUp { assume_verified: false, ..new };
    let hash = checked_hash(hasher, &new, password).await?;
    let ctx = ctx.acted_by(Actor::System { task: "setup" });
    let (keys_of, token) = (store.clone(), token.to_owned());
    store
        .write(move |tx| {
            let keys = keys_of.keys();
            if !setup_link::is_valid(tx, keys, &token)? {
                return Err(SetUpError::LinkInvalid);
            }
            let done = set_up_organisation(&ctx, tx, &new, &hash)?;
            let session = NewSession {
                identity_id: done.identity_id,
                member_id: done.member_id,
                realm: Realm::Console,
                stage: Stage::Full,
                user_agent: user_agent.clone(),
                remember: false,
            };
            let opened = sessions::open(&ctx.in_org(done.org), tx, keys, session)?;
            let device_cookie = devices::remember(keys, None, done.identity_id, ctx.now, &*ctx.rng);
            Ok(OwnerSignedIn { done, opened, device_cookie })
        })
        .await
}

/// Sets up an organisation for the operator of `ctx`, first or not.
pub async fn set_up_as_operator(
    store: &Store,
    hasher: &Arc<Hasher>,
    ctx: &Ctx,
    new: SetUp,
    password: &Password,
) -> Result<SetUpDone, SetUpError> {
    let hash = checked_hash(hasher, &new, password).await?;
    let ctx = ctx.clone();
    store.write(move |tx| set_up_organisation(&ctx, tx, &new, &hash)).await
}

async fn checked_hash(hasher: &Arc<Hasher>, new: &SetUp, password: &Password) -> Result<PasswordHash, SetUpError> {
    require_policy("password", password_rules(new, password))?;
    Ok(hasher.enter()?.hash(password).await?)
}
