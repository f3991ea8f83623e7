//! Names of mailboxes on the wire and paths in the tree. Wire names are text already: `proto-imap` has undone modified UTF-7.

use std::collections::HashMap;

use mail::MailboxId;
use mail::mailboxes::{Mailbox, Role, SEPARATOR, is_inbox_name};
use proto_imap::{Code, MailboxAttribute, MailboxName, SpecialUse};

use crate::errors::Refusal;

/// The levels of a name, for looking up. A name with an empty level names nothing.
pub(crate) fn path_of(name: &MailboxName) -> Result<Vec<String>, Refusal> {
    levels(name).ok_or_else(no_such_mailbox)
}

/// The levels of a name, for making a mailbox of it.
pub(crate) fn new_path_of(name: &MailboxName) -> Result<Vec<String>, Refusal> {
    levels(name).ok_or_else(|| Refusal::no(Code::Cannot, "A mailbox name cannot have an empty level"))
}

fn levels(name: &MailboxName) -> Option<Vec<String>> {
    let levels: Vec<String> = bare(name).split(SEPARATOR).map(str::to_owned).collect();
    (!levels.iter().any(String::is_empty)).then_some(levels)
}

/// RFC 9051 §6.3.4: a trailing separator announces children and is not part of the name.
pub(crate) fn bare(name: &MailboxName) -> &str {
    name.as_str().strip_suffix(SEPARATOR).unwrap_or(name.as_str())
}

pub(crate) fn no_such_mailbox() -> Refusal {
    Refusal::no(Code::NonExistent, "There is no such mailbox")
}

/// The full names of mailboxes, which come parents before children; INBOX is spelled as IMAP spells it.
pub(crate) fn full_names(mailboxes: &[Mailbox]) -> HashMap<MailboxId, String> {
    let mut names: HashMap<MailboxId, String> = HashMap::with_capacity(mailboxes.len());
    for mailbox in mailboxes {
        let name = match mailbox.parent.and_then(|parent| names.get(&parent)) {
            Some(above) => format!("{above}{SEPARATOR}{}", mailbox.name),
            None if is_inbox_name(&mailbox.name) => "INBOX".to_owned(),
            None => mailbox.name.clone(),
        };
        names.insert(mailbox.id, name);
    }
    names
}

/// RFC 6154; INBOX needs no word, its name says it.
pub(crate) fn use_of(role: Role) -> Option<SpecialUse> {
    Some(match role {
        Role::Inbox => return None,
        Role::Drafts => SpecialUse::Drafts,
        Role::Sent => SpecialUse::Sent,
        Role::Junk => SpecialUse::Junk,
        Role::Trash => SpecialUse::Trash,
        Role::Archive => SpecialUse::Archive,
    })
}

/// The role for a use; the others would be views over all mailboxes, which are not offered.
pub(crate) fn role_of(special_use: SpecialUse) -> Option<Role> {
    Role::ALL.into_iter().find(|role| use_of(*role) == Some(special_use))
}

pub(crate) fn use_attribute(mailbox: &Mailbox) -> Option<MailboxAttribute> {
    mailbox.role.and_then(use_of).map(MailboxAttribute::Use)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_into_levels() {
        let levels = |name: &str| path_of(&MailboxName::new(name).expect("a name")).ok();
        assert_eq!(levels("Projects/2025/").as_deref(), Some(&["Projects".to_owned(), "2025".to_owned()][..]));
        assert_eq!(levels("项目").as_deref(), Some(&["项目".to_owned()][..]));
        for wrong in ["/", "a//b", "/a", "a//"] {
            assert_eq!(levels(wrong), None, "{wrong}");
        }
    }
}
