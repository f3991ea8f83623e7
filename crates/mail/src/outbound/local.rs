//! Mail for people of this installation: its bytes are on disk, and [`LocalCopy::deliver`] puts it into their ingress in a transaction of others.

use kernel::{Ctx, MailAccountId, OrgId};
use store::{Store, StoreError, Tx};

use crate::submission::{EnvelopeAddress, ReversePath};

/// Somebody here a message goes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Here {
    pub account: MailAccountId,
    pub address: EnvelopeAddress,
}

/// A message for people of one organisation here.
pub(crate) struct LocalCopy {
    pub org: OrgId,
    pub return_path: ReversePath,
    pub to: Vec<Here>,
}

impl LocalCopy {
    pub(crate) fn deliver(&self, _ctx: &Ctx, _tx: &mut Tx) -> Result<(), StoreError> {
        Err(StoreError::Unsupported("local delivery is not built yet"))
    }

    pub(crate) async fn stage(
        _store: &Store,
        org: OrgId,
        _prefix: &[u8],
        _bytes: Vec<u8>,
        return_path: ReversePath,
        to: Vec<Here>,
        _now: kernel::Timestamp,
    ) -> Result<Self, store::BlobError> {
        Ok(Self { org, return_path, to })
    }
}
