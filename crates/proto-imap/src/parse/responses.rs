//! Responses, as our own clients read them. RFC 9051 §7
//!
//! Small on purpose: it reads what we write and what tests need, and refuses the rest.

use super::{Input, Parsed, codes, fetch_items, metadata, session, values};
use crate::{Atom, Condition, ESearch, ListItem, MailboxAttribute, Namespace, NumberList, NumberSet, QuotaResource, Response, StatusItem};
use crate::{StatusValue, Tag, chars};

pub(super) fn response(input: &mut Input) -> Parsed<Response> {
    if input.accept(b'+') {
        input.accept(b' ');
        return Ok(Response::Continuation(text(input)));
    }
    let tag = if input.accept(b'*') {
        None
    } else {
        let wrong = input.unexpected("a tag");
        Some(Tag::new(input.text_while(chars::is_tag_char, "a tag")?).ok_or(wrong)?)
    };
    input.space()?;
    if tag.is_none() && input.peek().is_some_and(|octet| octet.is_ascii_digit()) {
        return numbered(input);
    }
    let wrong = input.unexpected("a response");
    let word = input.word(wrong.expected)?;
    let condition =
        [Condition::Ok, Condition::No, Condition::Bad, Condition::PreAuth, Condition::Bye].into_iter().find(|it| it.name() == word);
    if let Some(condition) = condition {
        input.accept(b' ');
        let code = codes::code(input)?;
        return Ok(Response::Status { tag, condition, code, text: text(input) });
    }
    if tag.is_some() {
        return Err(wrong);
    }
    untagged(input, &word)?.ok_or(wrong)
}

/// The rest of the line.
fn text(input: &mut Input) -> String {
    String::from_utf8_lossy(input.take_while(|_| true)).into_owned()
}

fn numbered(input: &mut Input) -> Parsed<Response> {
    let number = input.number("a number")?;
    input.space()?;
    let wrong = input.unexpected("EXISTS, RECENT, EXPUNGE, FETCH or UIDFETCH");
    Ok(match input.word(wrong.expected)?.as_str() {
        "EXISTS" => Response::Exists(number),
        "RECENT" => Response::Recent(number),
        "EXPUNGE" => Response::Expunge(number),
        "FETCH" => {
            input.space()?;
            Response::Fetch { number, items: input.list(fetch_items::item)? }
        }
        "UIDFETCH" => {
            input.space()?;
            Response::UidFetch { uid: number, items: input.list(fetch_items::item)? }
        }
        _ => return Err(wrong),
    })
}

fn untagged(input: &mut Input, word: &str) -> Parsed<Option<Response>> {
    Ok(Some(match word {
        "CAPABILITY" => Response::Capability(atoms(input)?),
        "ENABLED" => Response::Enabled(atoms(input)?),
        "SEARCH" => {
            let (numbers, mod_seq) = found(input)?;
            Response::Search { numbers, mod_seq }
        }
        "SORT" => {
            let (numbers, mod_seq) = found(input)?;
            Response::Sort { numbers, mod_seq }
        }
        "THREAD" => {
            input.accept(b' ');
            Response::Thread(text(input))
        }
        "ESEARCH" => Response::ESearch(esearch(input)?),
        _ => {
            input.space()?;
            return with_argument(input, word);
        }
    }))
}

fn with_argument(input: &mut Input, word: &str) -> Parsed<Option<Response>> {
    Ok(Some(match word {
        "LIST" => Response::List(list_item(input)?),
        "LSUB" => Response::Lsub(list_item(input)?),
        "STATUS" => {
            let mailbox = name(input)?;
            input.space()?;
            Response::MailboxStatus { mailbox, values: input.list(status_value)? }
        }
        "JMAPACCESS" => Response::JmapAccess(input.text("a URL")?),
        "FLAGS" => Response::Flags(values::flag_list(input)?),
        "VANISHED" => {
            let earlier = input.accept_word("(EARLIER) ");
            Response::Vanished { earlier, uids: values::number_set(input)? }
        }
        "METADATA" => {
            let mailbox = name(input)?;
            input.space()?;
            let entry = |input: &mut Input| input.text("an entry");
            if input.peek() == Some(b'(') {
                let entries = input.list(|input| {
                    let name = entry(input)?;
                    input.space()?;
                    Ok((name, metadata::value(input)?))
                })?;
                return Ok(Some(Response::Metadata { mailbox, entries }));
            }
            let mut entries = vec![entry(input)?];
            while input.accept(b' ') {
                entries.push(entry(input)?);
            }
            Response::MetadataChanged { mailbox, entries }
        }
        "NAMESPACE" => {
            let personal = namespaces(input)?;
            input.space()?;
            let others = namespaces(input)?;
            input.space()?;
            Response::Namespace { personal, others, shared: namespaces(input)? }
        }
        "ID" => Response::Id(session::id_fields(input)?),
        "QUOTA" => {
            let root = input.text("a quota root")?;
            input.space()?;
            let resources = input.list(|input| {
                let name = input.atom("a resource")?;
                input.space()?;
                let usage = input.number64("a usage")?;
                input.space()?;
                Ok(QuotaResource { name, usage, limit: input.number64("a limit")? })
            })?;
            Response::Quota { root, resources }
        }
        "QUOTAROOT" => {
            let mailbox = name(input)?;
            let mut roots = Vec::new();
            while input.accept(b' ') {
                roots.push(input.text("a quota root")?);
            }
            Response::QuotaRoot { mailbox, roots }
        }
        _ => return Ok(None),
    }))
}

fn atoms(input: &mut Input) -> Parsed<Vec<Atom>> {
    let mut atoms = Vec::new();
    while input.accept(b' ') {
        atoms.push(input.atom("a capability")?);
    }
    Ok(atoms)
}

fn numbers(input: &mut Input) -> Parsed<Vec<u32>> {
    let mut numbers = Vec::new();
    while matches!(input.rest(), [b' ', b'0'..=b'9', ..]) {
        input.skip(1);
        numbers.push(input.number("a number")?);
    }
    Ok(numbers)
}

/// What SEARCH and SORT tell: numbers, and perhaps the highest MODSEQ of them.
fn found(input: &mut Input) -> Parsed<(Vec<u32>, Option<u64>)> {
    let numbers = numbers(input)?;
    let mut mod_seq = None;
    if input.accept_word(" (MODSEQ ") {
        mod_seq = Some(input.number64("a modification sequence")?);
        input.close()?;
    }
    Ok((numbers, mod_seq))
}

fn esearch(input: &mut Input) -> Parsed<ESearch> {
    let mut found = ESearch::default();
    if input.accept_word(" (TAG ") {
        let wrong = input.unexpected("a tag");
        found.tag = Some(Tag::new(&input.text("a tag")?).ok_or(wrong)?);
        if input.accept_word(" MAILBOX ") {
            let mailbox = name(input)?;
            if !input.accept_word(" UIDVALIDITY ") {
                return input.fail("UIDVALIDITY");
            }
            found.mailbox = Some((mailbox, input.number("a UIDVALIDITY")?));
        }
        input.close()?;
    }
    found.uid = input.accept_word(" UID");
    while input.accept(b' ') {
        let wrong = input.unexpected("a result");
        let word = input.word(wrong.expected)?;
        input.space()?;
        match word.as_str() {
            "MIN" => found.min = Some(input.number("a number")?),
            "MAX" => found.max = Some(input.number("a number")?),
            "COUNT" => found.count = Some(input.number("a number")?),
            "MODSEQ" => found.mod_seq = Some(input.number64("a modification sequence")?),
            "ALL" => found.all = values::number_list(input)?,
            "PARTIAL" => {
                input.open()?;
                let range = values::partial_range(input)?;
                input.space()?;
                let part = if input.accept_word("NIL") { NumberList::new() } else { values::number_list(input)? };
                input.close()?;
                found.partial = Some((range, part));
            }
            _ => return Err(wrong),
        }
    }
    Ok(found)
}

/// A mailbox name decoded; one that is not in the session's encoding is taken as it stands.
fn name(input: &mut Input) -> Parsed<String> {
    let octets = input.astring("a mailbox name")?;
    let decoded = if input.options.utf8 { None } else { crate::utf7::decode(&octets) };
    Ok(decoded.unwrap_or_else(|| String::from_utf8_lossy(&octets).into_owned()))
}

fn list_item(input: &mut Input) -> Parsed<ListItem> {
    let attributes = input.list(|input| {
        let wrong = input.unexpected("an attribute");
        input.octet(b'\\', wrong.expected)?;
        let bare = input.text_while(chars::is_atom_char, wrong.expected)?;
        MailboxAttribute::new(&format!("\\{bare}")).ok_or(wrong)
    })?;
    input.space()?;
    let delimiter = delimiter(input)?;
    input.space()?;
    let mut item = ListItem { attributes, delimiter, name: name(input)?, child_subscribed: false, old_name: None };
    if input.accept(b' ') {
        input.list(|input| {
            let wrong = input.unexpected("CHILDINFO or OLDNAME");
            let extension = input.text(wrong.expected)?;
            input.space()?;
            match extension.to_ascii_uppercase().as_str() {
                "CHILDINFO" => {
                    let options = input.list(|input| input.text("an option"))?;
                    item.child_subscribed = options.iter().any(|option| option.eq_ignore_ascii_case("SUBSCRIBED"));
                }
                "OLDNAME" => item.old_name = input.list(name)?.pop(),
                _ => return Err(wrong),
            }
            Ok(())
        })?;
    }
    Ok(item)
}

fn delimiter(input: &mut Input) -> Parsed<Option<char>> {
    let wrong = input.unexpected("a delimiter");
    let Some(octets) = input.nstring(wrong.expected)? else { return Ok(None) };
    let text = std::str::from_utf8(&octets).map_err(|_| wrong)?;
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(delimiter), None) => Ok(Some(delimiter)),
        _ => Err(wrong),
    }
}

fn namespaces(input: &mut Input) -> Parsed<Vec<Namespace>> {
    if input.accept_word("NIL") {
        return Ok(Vec::new());
    }
    input.open()?;
    let mut namespaces = Vec::new();
    while input.accept(b'(') {
        let prefix = name(input)?;
        input.space()?;
        namespaces.push(Namespace { prefix, delimiter: delimiter(input)? });
        input.close()?;
    }
    input.close()?;
    Ok(namespaces)
}

fn status_value(input: &mut Input) -> Parsed<StatusValue> {
    let item = values::status_item(input)?;
    input.space()?;
    Ok(match item {
        StatusItem::Messages => StatusValue::Messages(input.number("a number")?),
        StatusItem::Recent => StatusValue::Recent(input.number("a number")?),
        StatusItem::UidNext => StatusValue::UidNext(input.number("a number")?),
        StatusItem::UidValidity => StatusValue::UidValidity(input.number("a number")?),
        StatusItem::Unseen => StatusValue::Unseen(input.number("a number")?),
        StatusItem::Deleted => StatusValue::Deleted(input.number("a number")?),
        StatusItem::Size => StatusValue::Size(input.number64("a number")?),
        StatusItem::HighestModSeq => StatusValue::HighestModSeq(input.number64("a number")?),
        StatusItem::DeletedStorage => StatusValue::DeletedStorage(input.number64("a number")?),
        StatusItem::AppendLimit if input.accept_word("NIL") => StatusValue::AppendLimit(None),
        StatusItem::AppendLimit => StatusValue::AppendLimit(Some(input.number64("a number")?)),
        StatusItem::MailboxId => {
            input.open()?;
            let id = values::object_id(input)?;
            input.close()?;
            StatusValue::MailboxId(id)
        }
    })
}

/// The set as it is, for codes that carry one.
pub(super) fn set(input: &mut Input) -> Parsed<NumberSet> {
    input.space()?;
    values::number_set(input)
}
