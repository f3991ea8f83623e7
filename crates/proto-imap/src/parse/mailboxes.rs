//! Commands on mailboxes as a whole.

use super::{Input, Parsed, metadata, values};
use crate::{
    CommandBody, List, ListPattern, ListReturn, ListSelect, MailboxName, QResync, Select, SpecialUse, StatusItem, SyntaxErrorKind, chars,
};

/// Longer patterns cost time with every mailbox they are held against.
const MAX_PATTERN_BYTES: usize = 8 << 10;
const MAX_PATTERNS: usize = 100;

/// `SP mailbox`, and no more.
pub(super) fn only_mailbox(input: &mut Input) -> Parsed<MailboxName> {
    input.space()?;
    values::mailbox(input)
}

/// `select = "SELECT" SP mailbox [select-params]`  (RFC 9051 §9, RFC 4466 §6, RFC 7162 §7)
pub(super) fn select(input: &mut Input) -> Parsed<Select> {
    let mailbox = only_mailbox(input)?;
    let mut select = Select { mailbox, condstore: false, qresync: None };
    if input.accept(b' ') {
        input.filled_list("a parameter", |input| {
            let wrong = input.unexpected("CONDSTORE or QRESYNC");
            match input.word(wrong.expected)?.as_str() {
                "CONDSTORE" => select.condstore = true,
                "QRESYNC" if select.qresync.is_none() => {
                    input.space()?;
                    select.qresync = Some(qresync(input)?);
                }
                _ => return Err(wrong),
            }
            Ok(())
        })?;
    }
    Ok(select)
}

/// `"(" uidvalidity SP mod-sequence-value [SP known-uids] [SP seq-match-data] ")"`  (RFC 7162 §7)
fn qresync(input: &mut Input) -> Parsed<QResync> {
    input.open()?;
    let uid_validity = input.nz_number("a UIDVALIDITY")?.get();
    input.space()?;
    let zero = input.unexpected("a modification sequence of at least 1");
    let mod_seq = input.number64(zero.expected)?;
    if mod_seq == 0 {
        return Err(zero);
    }
    let (mut known_uids, mut matches) = (None, None);
    if matches!(input.rest(), [b' ', b'0'..=b'9' | b'*', ..]) {
        input.space()?;
        known_uids = Some(values::number_set(input)?);
    }
    if input.accept(b' ') {
        input.open()?;
        let numbers = values::number_set(input)?;
        input.space()?;
        matches = Some((numbers, values::number_set(input)?));
        input.close()?;
    }
    input.close()?;
    Ok(QResync { uid_validity, mod_seq, known_uids, matches })
}

/// `create = "CREATE" SP mailbox [create-params]`  (RFC 9051 §9, RFC 4466 §3, RFC 6154 §6)
pub(super) fn create(input: &mut Input) -> Parsed<CommandBody> {
    let mailbox = only_mailbox(input)?;
    let mut special_uses = Vec::new();
    if input.accept(b' ') {
        input.open()?;
        let wrong = input.unexpected("USE");
        if input.word(wrong.expected)? != "USE" {
            return Err(wrong);
        }
        input.space()?;
        special_uses = input.list(special_use)?;
        input.close()?;
    }
    Ok(CommandBody::Create { mailbox, special_uses })
}

fn special_use(input: &mut Input) -> Parsed<SpecialUse> {
    let unknown = input.error(SyntaxErrorKind::UnknownUse, "a special use");
    input.octet(b'\\', "a special use")?;
    let name = input.text_while(chars::is_atom_char, "a special use")?;
    SpecialUse::ALL.into_iter().find(|special_use| special_use.name()[1..].eq_ignore_ascii_case(name)).ok_or(unknown)
}

/// `rename = "RENAME" SP mailbox SP mailbox`
pub(super) fn rename(input: &mut Input) -> Parsed<CommandBody> {
    let from = only_mailbox(input)?;
    Ok(CommandBody::Rename { from, to: only_mailbox(input)? })
}

/// `list = "LIST" [SP list-select-opts] SP mailbox SP mbox-or-pat [SP list-return-opts]`  (RFC 9051 §9, RFC 5258 §6)
pub(super) fn list(input: &mut Input) -> Parsed<List> {
    input.space()?;
    let mut select = None;
    if input.peek() == Some(b'(') {
        select = Some(list_select(input)?);
        input.space()?;
    }
    let reference = reference(input)?;
    input.space()?;
    let patterns = if input.peek() == Some(b'(') {
        let mut count = 0;
        input.filled_list("a pattern", |input| {
            count += 1;
            if count > MAX_PATTERNS {
                return Err(input.error(SyntaxErrorKind::TooLarge, "more than 100 patterns"));
            }
            pattern(input)
        })?
    } else {
        vec![pattern(input)?]
    };
    let mut returns = None;
    if input.accept(b' ') {
        let wrong = input.unexpected("RETURN");
        if input.word(wrong.expected)? != "RETURN" {
            return Err(wrong);
        }
        input.space()?;
        returns = Some(list_return(input)?);
    }
    Ok(List { select, reference, patterns, returns })
}

fn list_select(input: &mut Input) -> Parsed<ListSelect> {
    let mut select = ListSelect::default();
    let alone = input.unexpected("RECURSIVEMATCH beside SUBSCRIBED or SPECIAL-USE");
    input.list(|input| {
        let wrong = input.unexpected("a selection option");
        match input.word(wrong.expected)?.as_str() {
            "SUBSCRIBED" => select.subscribed = true,
            "REMOTE" => select.remote = true,
            "RECURSIVEMATCH" => select.recursive_match = true,
            "SPECIAL-USE" => select.special_use = true,
            // RFC 5258 §3: an option that is not known is an error.
            _ => return Err(wrong),
        }
        Ok(())
    })?;
    // RFC 5258 §3: RECURSIVEMATCH says nothing by itself, nor with REMOTE.
    if select.recursive_match && !select.subscribed && !select.special_use { Err(alone) } else { Ok(select) }
}

fn list_return(input: &mut Input) -> Parsed<ListReturn> {
    let mut returns = ListReturn::default();
    input.list(|input| {
        let wrong = input.unexpected("a return option");
        match input.word(wrong.expected)?.as_str() {
            "SUBSCRIBED" => returns.subscribed = true,
            "CHILDREN" => returns.children = true,
            "SPECIAL-USE" => returns.special_use = true,
            "STATUS" => {
                input.space()?;
                returns.status = status_items(input)?;
            }
            // RFC 9590 §5
            "METADATA" => {
                input.space()?;
                returns.metadata = metadata::entry_list(input)?;
            }
            _ => return Err(wrong),
        }
        Ok(())
    })?;
    Ok(returns)
}

/// `lsub = "LSUB" SP mailbox SP list-mailbox`  (RFC 3501 §9)
pub(super) fn lsub(input: &mut Input) -> Parsed<CommandBody> {
    input.space()?;
    let reference = reference(input)?;
    input.space()?;
    Ok(CommandBody::Lsub { reference, pattern: pattern(input)? })
}

/// The reference of LIST: a mailbox name that may be empty.
fn reference(input: &mut Input) -> Parsed<String> {
    let start = input.error(SyntaxErrorKind::BadMailboxName, "a reference name");
    let octets = input.astring("a reference name")?;
    name_or_pattern(input, &octets).map(|text| text.as_str().to_owned()).ok_or(start)
}

/// `list-mailbox = 1*list-char / string`
fn pattern(input: &mut Input) -> Parsed<ListPattern> {
    let start = input.error(SyntaxErrorKind::BadMailboxName, "a pattern");
    let octets = match input.peek() {
        Some(b'"' | b'{') => input.string("a pattern")?,
        _ => input.text_while(chars::is_list_char, "a pattern")?.as_bytes().into(),
    };
    name_or_pattern(input, &octets).ok_or(start)
}

fn name_or_pattern(input: &Input, octets: &[u8]) -> Option<ListPattern> {
    if octets.len() > MAX_PATTERN_BYTES {
        return None;
    }
    let decoded = if input.options.utf8 { None } else { crate::utf7::decode(octets) };
    // What is no modified UTF-7 matches no mailbox, which is all the client learns of it.
    match decoded {
        Some(text) => ListPattern::new(&text),
        None => ListPattern::new(std::str::from_utf8(octets).ok()?),
    }
}

/// `status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"`
pub(super) fn status(input: &mut Input) -> Parsed<CommandBody> {
    let mailbox = only_mailbox(input)?;
    input.space()?;
    Ok(CommandBody::Status { mailbox, items: status_items(input)? })
}

fn status_items(input: &mut Input) -> Parsed<Vec<StatusItem>> {
    let mut items = Vec::new();
    input.filled_list("a status item", |input| {
        let item = values::status_item(input)?;
        if !items.contains(&item) {
            items.push(item);
        }
        Ok(())
    })?;
    Ok(items)
}

/// `getquota = "GETQUOTA" SP quota-root-name`  (RFC 9208 §7)
pub(super) fn get_quota(input: &mut Input) -> Parsed<CommandBody> {
    input.space()?;
    Ok(CommandBody::GetQuota { root: input.text("a quota root")? })
}

/// `setquota = "SETQUOTA" SP quota-root-name SP setquota-list`  (RFC 9208 §7)
pub(super) fn set_quota(input: &mut Input) -> Parsed<CommandBody> {
    input.space()?;
    let root = input.text("a quota root")?;
    input.space()?;
    let limits = input.list(|input| {
        let resource = input.atom("a resource")?;
        input.space()?;
        Ok((resource, input.number64("a limit")?))
    })?;
    Ok(CommandBody::SetQuota { root, limits })
}
