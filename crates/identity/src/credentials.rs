//! What a caller has signed in with, in a form that can be kept: what is tied to it ends with it.

use kernel::{ClientPasswordId, IdentityId, MemberId, OrgId, SessionId, Timestamp};
use store::{Column, FromColumn, KeyRing, StoreError, ToParam, Tx, Value};

use crate::protocols::may_sign_in;
use crate::sign_in::load_account;
use crate::{client_passwords, identities, sessions};

/// A session, a client password, or the member's own password as it was. Tells nothing of the secret itself.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Credential(String);

const SESSION: &str = "session:";
const CLIENT_PASSWORD: &str = "client_password:";
const PASSWORD: &str = "password:";

impl Credential {
    pub fn of_session(id: SessionId) -> Self {
        Self(format!("{SESSION}{id}"))
    }

    pub(crate) fn of_client_password(id: ClientPasswordId) -> Self {
        Self(format!("{CLIENT_PASSWORD}{id}"))
    }

    pub(crate) fn of_password(keys: &KeyRing, identity: IdentityId, stored: &str) -> Self {
        let hash = keys.keyed_hash("credential", &[&identity.raw().to_le_bytes(), stored.as_bytes()]);
        Self(format!("{PASSWORD}1{}", hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()))
    }

    /// Whether it ends by itself, as a session does.
    pub fn is_time_bounded(&self) -> bool {
        self.0.starts_with(SESSION)
    }

    /// Whether it would still let the member in.
    pub fn is_alive(
        &self,
        tx: &mut Tx,
        keys: &KeyRing,
        org: OrgId,
        member: MemberId,
        identity: IdentityId,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let Some(account) = load_account(tx, org, member, now)? else { return Ok(false) };
        if !may_sign_in(account.state) || account.identity.as_ref().map(|own| own.id) != Some(identity) {
            return Ok(false);
        }
        if let Some(id) = self.0.strip_prefix(SESSION) {
            return match id.parse() {
                Ok(id) => sessions::repo::is_alive(tx, id, now),
                Err(_) => Ok(false),
            };
        }
        if let Some(id) = self.0.strip_prefix(CLIENT_PASSWORD) {
            let Ok(id) = id.parse() else { return Ok(false) };
            let found = client_passwords::repo::find(tx, org, identity, id)?;
            return Ok(found.is_some_and(|found| found.expires_at.is_none_or(|end| end > now)));
        }
        let stored = identities::find(tx, identity)?.and_then(|identity| identity.password_hash);
        let same = stored.is_some_and(|stored| Self::of_password(keys, identity, &stored) == *self);
        Ok(same && !account.org.settings.client_passwords_only)
    }
}

impl ToParam for Credential {
    fn to_param(&self) -> Value {
        self.0.to_param()
    }

    fn null() -> Value {
        Value::Text(None)
    }
}

impl FromColumn for Credential {
    const NAME: &'static str = "a credential";

    fn from_column(column: Column<'_>) -> Option<Self> {
        match column {
            Column::Text(text) => Some(Self(text.to_owned())),
            _ => None,
        }
    }
}
