//! What was wrong with a command: told to people, without a word of what they sent.

use std::fmt;

use crate::Tag;

/// A command that could not be read. `Display` says what was expected where, and can go to the client as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct SyntaxError {
    /// When it could be read; without one the answer is an untagged BAD.
    pub tag: Option<Tag>,
    pub kind: SyntaxErrorKind,
    /// What should have stood there, or which bound was passed.
    pub expected: &'static str,
    /// Octets from the beginning of the command, literals included, messages not.
    pub at: usize,
}

/// How the session answers: BAD for all but the last three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SyntaxErrorKind {
    /// Not the grammar.
    Syntax,
    /// No command of this name.
    UnknownCommand,
    /// A line, literal, list or nesting beyond its bound.
    TooLarge,
    /// `NO [BADCHARSET (…)]`
    BadCharset,
    /// `NO [CANNOT]`: a mailbox name in no valid encoding, empty, or with control characters.
    BadMailboxName,
    /// `NO [USEATTR]`: CREATE asks for a special use that RFC 6154 does not know.
    UnknownUse,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            SyntaxErrorKind::Syntax => write!(f, "expected {} at octet {}", self.expected, self.at),
            SyntaxErrorKind::UnknownCommand => f.write_str("unknown command"),
            SyntaxErrorKind::TooLarge => write!(f, "too large: {} at octet {}", self.expected, self.at),
            SyntaxErrorKind::BadCharset => f.write_str("unknown charset"),
            SyntaxErrorKind::UnknownUse => f.write_str("unknown special use"),
            SyntaxErrorKind::BadMailboxName => write!(f, "not a valid mailbox name at octet {}", self.at),
        }
    }
}
