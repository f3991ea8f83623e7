//! Notices to senders of this installation, ready to be delivered in the transaction that decides what they tell.

use directory::organisations::{self, Language};
use kernel::{Ctx, MailAccountId, OrgId, Timestamp};
use store::{BlobError, Store, StoreError};

use super::{Action, Here, LocalCopy, Report, Reported, build_report};
use crate::submission::{EnvelopeAddress, Return, ReversePath};

/// The message notices are about.
pub(crate) struct About<'a> {
    pub org: OrgId,
    /// Who is told; without an account nobody is.
    pub account: Option<MailAccountId>,
    pub reverse_path: &'a ReversePath,
    pub envelope_id: Option<&'a str>,
    pub ret: Return,
    pub arrived_at: Timestamp,
}

impl About<'_> {
    /// Whether anybody is told at all. A notice is never sent about a notice: those have the null path.
    pub(crate) fn listener(&self) -> Option<(MailAccountId, &EnvelopeAddress)> {
        Some((self.account?, self.reverse_path.address()?))
    }
}

/// Makes a notice for each action that has somebody to tell of, and puts it on disk. `by` is the public name of this server.
pub(crate) async fn stage(
    store: &Store,
    ctx: &Ctx,
    by: &str,
    about: &About<'_>,
    told: Vec<(Action, Vec<Reported>)>,
    original: &[u8],
) -> Result<Vec<LocalCopy>, BlobError> {
    let Some((account, to)) = about.listener() else { return Ok(Vec::new()) };
    let told: Vec<_> = told.into_iter().filter(|(_, reported)| !reported.is_empty()).collect();
    if told.is_empty() {
        return Ok(Vec::new());
    }
    let language = language_of(store, about.org).await?;
    let mut staged = Vec::with_capacity(told.len());
    for (action, recipients) in told {
        let report = Report {
            action,
            by,
            from_domain: to.domain(),
            to,
            language,
            now: ctx.now,
            arrived_at: about.arrived_at,
            envelope_id: about.envelope_id,
            ret: about.ret,
            recipients: &recipients,
            original,
        };
        let bytes = build_report(&report, &*ctx.rng);
        let to = [Here { account, address: to.clone(), wishes: None }];
        staged.push(LocalCopy::stage(store, about.org, b"", bytes, ReversePath::Null, &to, ctx.now).await?);
    }
    Ok(staged)
}

pub(super) async fn language_of(store: &Store, org: OrgId) -> Result<Language, StoreError> {
    let found = store.read::<_, StoreError, _>(move |tx| organisations::find(tx, org)).await?;
    Ok(found.map_or(Language::ZhCn, |organisation| organisation.language))
}
