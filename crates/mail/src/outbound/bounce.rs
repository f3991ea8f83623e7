//! What was accepted for people here and could not be delivered to them after all: its sender is told.

use kernel::{Ctx, IngressId, OrgId};
use store::{BlobError, BlobId, Notice, Store, StoreError};

use super::local::Wishes;
use super::notices::{self, About};
use super::{Action, Answer, Content, LocalCopy, NewQueued, Reported, TOPIC, build_report, repo};
use crate::delivery::{self, Refused};
use crate::submission::{EnvelopeAddress, NewRecipient, Notify, Return, ReversePath};

/// Recipients that a fan-out has left, of one message.
pub(super) struct Leftover {
    pub org: OrgId,
    pub ingress: IngressId,
    pub return_path: String,
    pub blob_id: BlobId,
    pub received_at: kernel::Timestamp,
    pub refused: Vec<Refused>,
}

const MESSAGES_AT_A_TIME: u32 = 100;

/// Tells the senders of everything that fan-out could not deliver; answers of how many messages. `by` is the public name of this server.
///
/// Members are told in their mailbox. Somebody outside is told when the message was kept with a return path: reception leaves it out unless it is certain
/// who had sent the message, because notices to forged senders would be spam of our own making.
pub async fn bounce_refused(store: &Store, ctx: &Ctx, by: &str) -> Result<u64, BlobError> {
    let leftovers = store.read(|tx| repo::leftovers(tx, MESSAGES_AT_A_TIME)).await?;
    let mut told = 0;
    for leftover in leftovers {
        bounce(store, ctx, by, leftover).await?;
        told += 1;
    }
    Ok(told)
}

async fn bounce(store: &Store, ctx: &Ctx, by: &str, leftover: Leftover) -> Result<(), BlobError> {
    let ctx = ctx.in_org(leftover.org);
    let original = match store.blobs().get(leftover.org, &leftover.blob_id).await {
        Ok(original) => original,
        // The notice tells of it all the same.
        Err(BlobError::NotFound | BlobError::Damaged) => Vec::new(),
        Err(error) => return Err(error),
    };
    let reverse_path: ReversePath = leftover.return_path.parse().unwrap_or(ReversePath::Null);
    let wishes = leftover.refused.iter().find_map(|refused| serde_json::from_str::<Wishes>(refused.note.as_deref()?).ok());
    let reported = reported(&leftover.refused);
    let (mut copies, mut remote) = (Vec::new(), None);
    match (&wishes, &reverse_path) {
        (Some(wishes), _) => {
            let about = About {
                org: wishes.org,
                account: Some(wishes.sender),
                reverse_path: &reverse_path,
                envelope_id: wishes.envelope_id.as_deref(),
                ret: wishes.ret,
                arrived_at: leftover.received_at,
            };
            copies = notices::stage(store, &ctx, by, &about, vec![(Action::Failed, reported)], &original).await?;
        }
        (None, ReversePath::Address(to)) if !reported.is_empty() => {
            remote = Some(stage_remote(store, &ctx, by, to, &leftover, &reported, &original).await?);
        }
        _ => tracing::warn!(
            org.id = %leftover.org, recipients = leftover.refused.len(),
            "A message could not be delivered to everybody, and its sender is not told: who that is is not certain, or there is none"
        ),
    }
    let (org, ingress) = (leftover.org, leftover.ingress);
    store
        .write(move |tx| {
            // Another server may have told meanwhile.
            if !repo::has_leftover(tx, org, ingress)? {
                return Ok(());
            }
            delivery::forget_refused(tx, org, ingress)?;
            for copy in &copies {
                LocalCopy::deliver(copy, &ctx, tx)?;
            }
            if let Some((queued, staged)) = &remote {
                super::enqueue(tx, queued, staged, ctx.now)?;
            }
            tx.publish(Notice::Changed { org, topic: TOPIC });
            Ok::<_, StoreError>(())
        })
        .await?;
    Ok(())
}

fn reported(refused: &[Refused]) -> Vec<Reported> {
    let each = refused.iter().filter_map(|refused| {
        let wishes = refused.note.as_deref().and_then(|note| serde_json::from_str::<Wishes>(note).ok());
        if wishes.as_ref().is_some_and(|wishes| !wishes.notify.failure) {
            return None;
        }
        let answer = match refused.code.as_str() {
            "mail_over_quota" => Answer::own("5.2.2", "the mailbox is full"),
            _ => Answer::own("5.1.1", "there is no such mailbox"),
        };
        let address: EnvelopeAddress = refused.address.parse().ok()?;
        Some(Reported { address, original: wishes.and_then(|wishes| wishes.original), answer, retried_until: None })
    });
    each.collect()
}

async fn stage_remote(
    store: &Store,
    ctx: &Ctx,
    by: &str,
    to: &EnvelopeAddress,
    leftover: &Leftover,
    reported: &[Reported],
    original: &[u8],
) -> Result<(NewQueued, store::StagedBlob), BlobError> {
    let language = notices::language_of(store, leftover.org).await?;
    let report = super::Report {
        action: Action::Failed,
        by,
        // From the domain of the recipient that refused, which is ours.
        from_domain: reported[0].address.domain(),
        to,
        language,
        now: ctx.now,
        arrived_at: leftover.received_at,
        envelope_id: None,
        ret: Return::Headers,
        recipients: reported,
        original,
    };
    let bytes = build_report(&report, &*ctx.rng);
    let queued = NewQueued {
        org: leftover.org,
        id: ctx.new_id(),
        account: None,
        reverse_path: ReversePath::Null,
        prefix: Vec::new(),
        size_bytes: bytes.len() as u64,
        content: if bytes.is_ascii() { Content::SevenBit } else { Content::EightBit },
        ret: Return::Headers,
        envelope_id: None,
        due_at: ctx.now,
        recipients: vec![NewRecipient { notify: Notify::NEVER, ..NewRecipient::new(to.clone()) }],
    };
    Ok((queued, store.blobs().stage(leftover.org, bytes).await?))
}
