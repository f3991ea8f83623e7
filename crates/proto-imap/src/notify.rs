//! What a client wants to be told of unasked. RFC 5465

use crate::{Atom, FetchAttribute, MailboxName};

/// NOTIFY. RFC 5465 §3.1
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notify {
    None,
    Set {
        /// STATUS of what is watched comes first.
        status: bool,
        /// At least one; at most one of them is about the selected mailbox.
        groups: Vec<EventGroup>,
    },
}

/// Mailboxes, and what of them is told. Well-formed as RFC 5465 §5 asks: MessageNew with MessageExpunge, FlagChange only with both, and of the selected
/// mailbox nothing but messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventGroup {
    pub mailboxes: NotifyMailboxes,
    /// Empty: `NONE`.
    pub events: Vec<NotifyEvent>,
}

/// `filter-mailboxes`. RFC 5465 §6
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotifyMailboxes {
    Selected,
    /// What is gone is told only where sequence numbers may shift.
    SelectedDelayed,
    Inboxes,
    Personal,
    Subscribed,
    /// These and all below them.
    Subtree(Vec<MailboxName>),
    Mailboxes(Vec<MailboxName>),
}

impl NotifyMailboxes {
    pub fn is_selected(&self) -> bool {
        matches!(self, Self::Selected | Self::SelectedDelayed)
    }
}

/// `event`. RFC 5465 §5
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotifyEvent {
    /// With what is told of each new message of the selected mailbox.
    MessageNew(Vec<FetchAttribute>),
    MessageExpunge,
    FlagChange,
    AnnotationChange,
    MailboxName,
    SubscriptionChange,
    MailboxMetadataChange,
    ServerMetadataChange,
    /// Not known: `NO [BADEVENT]`.
    Other(Atom),
}

impl NotifyEvent {
    /// Those without an argument.
    pub const PLAIN: [Self; 7] = [
        Self::MessageExpunge,
        Self::FlagChange,
        Self::AnnotationChange,
        Self::MailboxName,
        Self::SubscriptionChange,
        Self::MailboxMetadataChange,
        Self::ServerMetadataChange,
    ];

    pub fn name(&self) -> &str {
        match self {
            Self::MessageNew(_) => "MessageNew",
            Self::MessageExpunge => "MessageExpunge",
            Self::FlagChange => "FlagChange",
            Self::AnnotationChange => "AnnotationChange",
            Self::MailboxName => "MailboxName",
            Self::SubscriptionChange => "SubscriptionChange",
            Self::MailboxMetadataChange => "MailboxMetadataChange",
            Self::ServerMetadataChange => "ServerMetadataChange",
            Self::Other(name) => name.as_str(),
        }
    }

    /// Whether it is about messages and not about mailboxes.
    pub fn is_of_messages(&self) -> bool {
        matches!(self, Self::MessageNew(_) | Self::MessageExpunge | Self::FlagChange | Self::AnnotationChange)
    }
}
