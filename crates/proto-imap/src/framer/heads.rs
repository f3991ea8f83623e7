//! What the beginning of a command says of the literals behind it.

/// Whether a literal behind an APPEND or REPLACE is a URL within CATENATE, which belongs to the command. RFC 4469 §5
pub(super) fn holds_url(command: &[u8]) -> bool {
    let is_url = command
        .len()
        .checked_sub(5)
        .is_some_and(|at| matches!(command[at], b' ' | b'(') && command[at + 1..].eq_ignore_ascii_case(b"URL "));
    is_url && command.windows(10).any(|window| window.eq_ignore_ascii_case(b"CATENATE ("))
}

/// `tag SP "ID" SP …`
pub(super) fn is_id(command: &[u8]) -> bool {
    let mut words = command.splitn(3, |octet| *octet == b' ');
    words.next().is_some_and(|tag| !tag.is_empty())
        && words.next().is_some_and(|verb| verb.eq_ignore_ascii_case(b"ID"))
        && words.next().is_some()
}

/// Whether a literal behind `command` is a message: it is an APPEND or a REPLACE, and its mailbox is named.
pub(super) fn holds_message(command: &[u8]) -> bool {
    let mut rest = command;
    let mut word = || {
        let (word, behind) = rest.split_at(rest.iter().position(|octet| *octet == b' ').unwrap_or(rest.len()));
        rest = behind.get(1..).unwrap_or_default();
        word.to_ascii_uppercase()
    };
    let _tag = word();
    let mut verb = word();
    if verb == b"UID" {
        verb = word();
    }
    if verb == b"REPLACE" {
        let _message = word();
    } else if verb != b"APPEND" {
        return false;
    }
    !rest.is_empty()
}
