//! The way of planned mail into the store: in chunks, by the same operation that delivers what comes in.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use kernel::Ctx;
use mail::delivery::{self, Delivery, Into};
use mail::mailboxes::{self, NewMailbox, Role};
use mail::messages::NewMessage;
use mail::{Flags, MailboxId, mime};
use store::{StagedBlob, Store};
use tokio::task::JoinSet;

use super::DemoMailError;
use super::letter::{Copy, Letter, Place};
use super::people::{House, Person};

/// Mails whose bytes are on disk and whose rows are not.
const CHUNK: usize = 1000;
/// Copies in one transaction, which should hold the writer for a few milliseconds.
const COPIES: usize = 25;
const AT_ONCE: usize = 32;

/// The folders of everybody, by person and path.
type Folders = HashMap<(usize, &'static str), MailboxId>;

pub(super) async fn write(store: &Store, ctx: &Ctx, house: &House, letters: Vec<Letter>) -> Result<(), DemoMailError> {
    let folders = Arc::new(make_folders(store, ctx, house, &letters).await?);
    let mut letters = letters.into_iter();
    loop {
        let chunk: Vec<Letter> = letters.by_ref().take(CHUNK).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        let staged = stage(store, ctx, chunk).await?;
        deliver(store, ctx, house, &folders, &staged).await?;
    }
}

/// The standard mailboxes of everybody, and the folders that mail will lie in.
async fn make_folders(store: &Store, ctx: &Ctx, house: &House, letters: &[Letter]) -> Result<Folders, DemoMailError> {
    let mut wanted: BTreeMap<usize, Vec<&'static str>> = (0..house.people.len()).map(|person| (person, Vec::new())).collect();
    for copy in letters.iter().flat_map(|letter| &letter.copies) {
        if let (Place::Folder(path), Some(paths)) = (&copy.place, wanted.get_mut(&copy.person))
            && !paths.contains(path)
        {
            paths.push(path);
        }
    }
    let mut folders = Folders::new();
    let mut making = JoinSet::new();
    for (person, mut paths) in wanted {
        paths.sort_unstable();
        let account = house.people[person].account;
        let (store, ctx) = (store.clone(), ctx.clone());
        making.spawn(async move {
            let made = store.write_account(account, move |tx| {
                mailboxes::ensure(&ctx, tx, account)?;
                let mut made = Vec::with_capacity(paths.len());
                for path in &paths {
                    made.extend(ensure_path(&ctx, tx, account, path)?.map(|folder| (*path, folder)));
                }
                Ok::<_, DemoMailError>(made)
            });
            Ok::<_, DemoMailError>((person, made.await?))
        });
        if making.len() >= AT_ONCE {
            keep(&mut folders, making.join_next().await)?;
        }
    }
    while let Some(made) = making.join_next().await {
        keep(&mut folders, Some(made))?;
    }
    Ok(folders)
}

type Made = Result<Result<(usize, Vec<(&'static str, MailboxId)>), DemoMailError>, tokio::task::JoinError>;

fn keep(folders: &mut Folders, made: Option<Made>) -> Result<(), DemoMailError> {
    if let Some(made) = made {
        let (person, made) = made??;
        folders.extend(made.into_iter().map(|(path, id)| ((person, path), id)));
    }
    Ok(())
}

/// The folder at a path, with its parents, as somebody makes them who looks at them.
fn ensure_path(ctx: &Ctx, tx: &mut store::Tx, account: kernel::MailAccountId, path: &str) -> Result<Option<MailboxId>, DemoMailError> {
    let mut names: Vec<String> = Vec::new();
    let mut parent = None;
    for name in path.split('/') {
        names.push(name.to_owned());
        parent = Some(match mailboxes::find_path(ctx, tx, account, &names)? {
            Some(mailbox) => mailbox.id,
            None => {
                let new = NewMailbox { parent, name: name.to_owned(), subscribed: true, sort_order: 100, ..NewMailbox::default() };
                mailboxes::create(ctx, tx, account, &new)?
            }
        });
    }
    Ok(parent)
}

/// A mail whose bytes are on disk.
struct Staged {
    letter: Letter,
    blob: Arc<StagedBlob>,
    rendered: Arc<mime::Rendered>,
}

async fn stage(store: &Store, ctx: &Ctx, letters: Vec<Letter>) -> Result<Vec<Staged>, DemoMailError> {
    let mut staged: Vec<Option<Staged>> = Vec::new();
    staged.resize_with(letters.len(), || None);
    let mut staging = JoinSet::new();
    for (index, letter) in letters.into_iter().enumerate() {
        let (store, org) = (store.clone(), ctx.org);
        staging.spawn(async move {
            let written = tokio::task::spawn_blocking(move || {
                let bytes = letter.bytes();
                let rendered = mime::render(&bytes);
                (letter, bytes, rendered)
            });
            let (letter, bytes, rendered) = written.await?;
            let blob = store.blobs().stage(org, bytes).await?;
            Ok::<_, DemoMailError>((index, Staged { letter, blob: Arc::new(blob), rendered: Arc::new(rendered) }))
        });
        if staging.len() >= AT_ONCE * 2
            && let Some(done) = staging.join_next().await
        {
            let (index, one) = done??;
            staged[index] = Some(one);
        }
    }
    while let Some(done) = staging.join_next().await {
        let (index, one) = done??;
        staged[index] = Some(one);
    }
    Ok(staged.into_iter().flatten().collect())
}

async fn deliver(store: &Store, ctx: &Ctx, house: &House, folders: &Folders, staged: &[Staged]) -> Result<(), DemoMailError> {
    let mut by_person: BTreeMap<usize, Vec<Delivery>> = BTreeMap::new();
    for mail in staged {
        for copy in &mail.letter.copies {
            let delivery = delivery_of(mail, copy, &house.people[copy.person], &house.domain, folders);
            by_person.entry(copy.person).or_default().push(delivery);
        }
    }
    let mut writing = JoinSet::new();
    for (person, deliveries) in by_person {
        let account = house.people[person].account;
        let (store, ctx) = (store.clone(), ctx.clone());
        writing.spawn(async move {
            for chunk in deliveries.chunks(COPIES) {
                let (ctx, chunk) = (ctx.clone(), chunk.to_vec());
                store
                    .write_account(account, move |tx| {
                        chunk.iter().try_for_each(|delivery| delivery::deliver(&ctx, tx, account, delivery).map(|_| ()))
                    })
                    .await?;
            }
            Ok::<_, DemoMailError>(())
        });
        if writing.len() >= AT_ONCE
            && let Some(done) = writing.join_next().await
        {
            done??;
        }
    }
    while let Some(done) = writing.join_next().await {
        done??;
    }
    Ok(())
}

fn delivery_of(mail: &Staged, copy: &Copy, person: &Person, domain: &str, folders: &Folders) -> Delivery {
    let prefix = if copy.delivered { mail.letter.prefix(&person.address, domain) } else { Vec::new() };
    Delivery {
        message: NewMessage {
            blob: Arc::clone(&mail.blob),
            prefix: Arc::from(prefix),
            rendered: Arc::clone(&mail.rendered),
            received_at: mail.letter.at,
        },
        into: match &copy.place {
            Place::Role(role) => Into::Role(*role),
            Place::Folder(path) => folders.get(&(copy.person, *path)).map_or(Into::Role(Role::Inbox), |folder| Into::Mailbox(*folder)),
        },
        flags: Flags::of_bits(copy.flags),
    }
}
