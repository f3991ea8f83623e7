//! Mail for a demonstration: mailboxes of a hospital group as they look after some months.
//!
//! `texts/` holds what people say, [`plan`] decides who says it to whom and when, [`letter`] writes the bytes as different programs do, and [`write`]
//! puts them into accounts by the operations that real mail takes. Everything is a function of members, moment and seed. To add a conversation, add
//! a text. Organisations and people outside are made up, under `example.test`.

mod dice;
mod files;
mod letter;
mod markup;
mod old_programs;
mod people;
mod plan;
mod scripts;
mod words;
mod write;

use directory::members::ListError;
use kernel::Ctx;
use mail::delivery::DeliverError;
use mail::heads::MailError;
use mail::mailboxes::{self, MailboxError, Role};
use store::{BlobError, Store, StoreError, Tx};

use dice::Dice;
use people::House;

/// How much mail, and which.
#[derive(Debug, Clone, Copy)]
pub struct DemoMailOptions {
    /// The same members, moment and seed make the same mail.
    pub seed: u64,
    /// Mails in the inbox of one member.
    pub full_mailbox: usize,
}

impl Default for DemoMailOptions {
    fn default() -> Self {
        Self { seed: 1, full_mailbox: 5000 }
    }
}

/// What was put into mailboxes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoMail {
    pub members: usize,
    pub mails: usize,
    /// The mails as they lie in mailboxes, each with everybody who has it.
    pub copies: usize,
    /// Name and address of the member with the long inbox.
    pub full_mailbox: Option<(String, String)>,
}

/// Told to the operator only, so there are no codes.
#[derive(Debug, thiserror::Error)]
pub enum DemoMailError {
    #[error("there is mail already: demonstration mail goes into an organisation without any")]
    NotEmpty,
    #[error("no member has a mailbox; import members first")]
    NoMembers,
    #[error("could not read the members")]
    Members(#[from] ListError),
    #[error("could not use a mail account")]
    Mail(#[from] MailError),
    #[error("could not make a folder")]
    Mailbox(#[from] MailboxError),
    #[error("could not deliver a mail")]
    Deliver(#[from] DeliverError),
    #[error("could not write a mail to disk")]
    Blob(#[from] BlobError),
    #[error("could not fill the mailboxes")]
    Store(#[from] StoreError),
    #[error("a task of it broke off")]
    Task(#[from] tokio::task::JoinError),
}

/// Fills the mailboxes of every member of the organisation. All of them must be empty; when this breaks off, some are not.
pub async fn fill(store: &Store, ctx: &Ctx, options: DemoMailOptions) -> Result<DemoMail, DemoMailError> {
    let reading = ctx.clone();
    let house = store.read(move |tx| read_house(&reading, tx, options.seed)).await?;
    let (planned, moment) = (house.clone(), ctx.now);
    let plan = tokio::task::spawn_blocking(move || plan::plan(&planned, moment, Dice::new(options.seed), options)).await?;
    let full_mailbox = plan.full.map(|index| (house.people[index].name.clone(), house.people[index].address.clone()));
    let copies = plan.letters.iter().map(|letter| letter.copies.len()).sum();
    let done = DemoMail { members: house.people.len(), mails: plan.letters.len(), copies, full_mailbox };
    write::write(store, ctx, &house, plan.letters).await?;
    Ok(done)
}

fn read_house(ctx: &Ctx, tx: &mut Tx, seed: u64) -> Result<House, DemoMailError> {
    let house = people::read(ctx, tx, &mut Dice::new(seed))?;
    if house.people.is_empty() {
        return Err(DemoMailError::NoMembers);
    }
    for person in &house.people {
        if mailboxes::find_role(ctx, tx, person.account, Role::Inbox)?.is_some_and(|inbox| inbox.total > 0) {
            return Err(DemoMailError::NotEmpty);
        }
    }
    Ok(house)
}
