//! GETMETADATA and SETMETADATA: notes on mailboxes, and on the server. RFC 5464
//!
//! Of the server's own notes `/private` are the account's; `/shared` are the same for everybody and read only, and there is one: `/shared/admin`.

use directory::addresses;
use mail::heads::MailError;
use mail::mailboxes;
use mail::metadata::{self, Entry, MetadataError};
use proto_imap::{Code, EntryName, GetMetadata, MailboxName, MetadataCode, MetadataDepth, SetMetadata};

use crate::errors::{Failed, Refusal};
use crate::names::{no_such_mailbox, path_of};
use crate::session::{Answer, Done, Session};

/// How to reach those who run the server. RFC 5464 §3.2.1.1
const ADMIN: &str = "/shared/admin";

pub(crate) async fn get_metadata(session: &mut Session, get: GetMetadata) -> Answer {
    let there = match &get.mailbox {
        Some(mailbox) => of_mailbox(session, mailbox).await?,
        None => of_server(session).await?,
    };
    let told = told(&get, &there);
    let name = get.mailbox.as_ref().map_or("", MailboxName::as_str);
    if !told.entries.is_empty() {
        session.say().metadata(name, told.entries);
    }
    let code = told.longest_left_out.map(|size| Code::Metadata(MetadataCode::LongEntries(size as u64)));
    Ok(Done::Ok(code, "GETMETADATA completed"))
}

async fn of_mailbox(session: &Session, mailbox: &MailboxName) -> Result<Vec<Entry>, Failed> {
    let path = path_of(mailbox)?;
    let found = session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let Some(mailbox) = mailboxes::find_path(ctx, tx, account, &path)? else { return Ok(None) };
            metadata::list(ctx, tx, account, Some(mailbox.id)).map(Some)
        })
        .await?;
    found.ok_or_else(|| no_such_mailbox().into())
}

async fn of_server(session: &Session) -> Result<Vec<Entry>, Failed> {
    let member = session.user()?.signed_in.member_id;
    session
        .read(move |ctx, tx, account| -> Result<_, MailError> {
            let mut entries = metadata::list(ctx, tx, account, None)?;
            if let Some(own) = addresses::list_of_member(tx, ctx.org, member)?.first() {
                // RFC 5321 §4.5.1: every domain has one, and who reads it is for the organisation's owners to say.
                let value = format!("mailto:postmaster@{}", own.address.domain).into_bytes();
                entries.push(Entry { name: ADMIN.to_owned(), value });
            }
            Ok(entries)
        })
        .await
}

struct Told<'a> {
    entries: Vec<(&'a str, Option<&'a [u8]>)>,
    longest_left_out: Option<usize>,
}

/// What was asked for of what is there: each named entry, with NIL where it has no value and nothing below it was asked for, and those below it.
fn told<'a>(get: &'a GetMetadata, there: &'a [Entry]) -> Told<'a> {
    let mut told = Told { entries: Vec::new(), longest_left_out: None };
    let mut is_told = vec![false; there.len()];
    for name in &get.entries {
        for (entry, is_told) in there.iter().zip(&mut is_told) {
            if *is_told || !is_meant(name, get.depth, &entry.name) {
                continue;
            }
            *is_told = true;
            if get.max_size.is_some_and(|most| entry.value.len() > most as usize) {
                told.longest_left_out = told.longest_left_out.max(Some(entry.value.len()));
            } else {
                told.entries.push((&entry.name, Some(&entry.value)));
            }
        }
        if get.depth == MetadataDepth::Zero && !there.iter().any(|entry| entry.name.eq_ignore_ascii_case(name.as_str())) {
            told.entries.push((name.as_str(), None));
        }
    }
    // RFC 5464 §4.2: a METADATA response is required.
    if told.entries.is_empty() && told.longest_left_out.is_none() {
        told.entries = get.entries.iter().map(|name| (name.as_str(), None)).collect();
    }
    told
}

fn is_meant(asked: &EntryName, depth: MetadataDepth, name: &str) -> bool {
    let asked = asked.as_str();
    let Some((first, below)) = name.split_at_checked(asked.len()) else { return false };
    if !first.eq_ignore_ascii_case(asked) {
        return false;
    }
    match depth {
        _ if below.is_empty() => true,
        MetadataDepth::Zero => false,
        MetadataDepth::One => below.starts_with('/') && !below[1..].contains('/'),
        MetadataDepth::Infinity => below.starts_with('/'),
    }
}

pub(crate) async fn set_metadata(session: &mut Session, set: SetMetadata) -> Answer {
    let changes: Vec<(String, Option<Vec<u8>>)> = set.entries.into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect();
    let path = match &set.mailbox {
        Some(mailbox) => Some(path_of(mailbox)?),
        None if changes.iter().any(|(name, _)| is_shared(name)) => {
            return Err(Refusal::no(Code::NoPerm, "What the server says to everybody is not set so").into());
        }
        None => None,
    };
    let changed = session
        .write(move |ctx, tx, account| -> Result<_, MetadataError> {
            let mailbox = match &path {
                Some(path) => match mailboxes::find_path(ctx, tx, account, path)? {
                    Some(mailbox) => Some(mailbox.id),
                    None => return Ok(None),
                },
                None => None,
            };
            metadata::set(ctx, tx, account, mailbox, &changes).map(Some)
        })
        .await?;
    let change_number = changed.ok_or_else(no_such_mailbox)?;
    if let Some(watch) = &mut session.watch {
        watch.made(change_number);
    }
    Ok(Done::plain("SETMETADATA completed"))
}

fn is_shared(name: &str) -> bool {
    name.get(..8).is_some_and(|scope| scope.eq_ignore_ascii_case("/shared/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, size: usize) -> Entry {
        Entry { name: name.into(), value: vec![b'x'; size] }
    }

    fn asked(names: &[&str], depth: MetadataDepth, max_size: Option<u32>) -> (Vec<String>, Option<usize>) {
        let there = [entry("/private/a", 1), entry("/private/a/b", 20), entry("/private/a/b/c", 30), entry("/private/ab", 4)];
        let entries = names.iter().map(|name| EntryName::new(name).expect("a name")).collect();
        let get = GetMetadata { mailbox: None, entries, depth, max_size };
        let told = told(&get, &there);
        let name = |(name, value): &(&str, Option<&[u8]>)| if value.is_some() { (*name).to_owned() } else { format!("{name} NIL") };
        (told.entries.iter().map(name).collect(), told.longest_left_out)
    }

    #[test]
    fn what_is_below_a_name_is_told_as_deep_as_asked_and_once() {
        use MetadataDepth::{Infinity, One, Zero};
        assert_eq!(asked(&["/private/A"], Zero, None).0, ["/private/a"]);
        assert_eq!(asked(&["/private/a"], One, None).0, ["/private/a", "/private/a/b"]);
        assert_eq!(asked(&["/private/a", "/private/a/b"], Infinity, None).0, ["/private/a", "/private/a/b", "/private/a/b/c"]);
        assert_eq!(asked(&["/private/x", "/private/ab"], Zero, None).0, ["/private/x NIL", "/private/ab"]);
        assert_eq!(asked(&["/private/x", "/private/ab"], One, None).0, ["/private/ab"]);
        assert_eq!(asked(&["/private/x"], One, None).0, ["/private/x NIL"]);
    }

    #[test]
    fn what_is_too_long_is_left_out_and_the_longest_of_it_is_told() {
        assert_eq!(asked(&["/private/a"], MetadataDepth::Infinity, Some(10)), (vec!["/private/a".to_owned()], Some(30)));
        assert_eq!(asked(&["/private/a/b/c"], MetadataDepth::Zero, Some(10)), (Vec::new(), Some(30)));
    }
}
