//! Commands as a client sends them. For our own clients in tests, and to hold the parser to its word.

use super::pieces::{Pieces, chosen};
use super::{mailboxes, search, tokens};
use crate::{
    AppendData, AppendMessage, CatenatePart, Command, CommandBody, Enable, Fetch, FetchAttribute, MessageForm, Partial, Store, StoreAction,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// What a client has agreed on with its server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ClientOptions {
    /// IMAP4rev2 or UTF8=ACCEPT is enabled.
    pub utf8: bool,
    /// LITERAL+: literals are sent without asking. RFC 7888
    pub literal_plus: bool,
}

/// The command in the pieces in which it is sent: before each but the first the client waits for `+`.
///
/// `messages` are the octets of an APPEND, one for each message or part that is sent, and as long as those say.
pub fn encode_command(command: &Command, messages: &[&[u8]], options: ClientOptions) -> Vec<Vec<u8>> {
    let mut out = Pieces::new(options);
    out.text(command.tag.as_str());
    out.octets.push(b' ');
    body(&mut out, &command.body, messages);
    out.text("\r\n");
    out.finish()
}

fn body(out: &mut Pieces, body: &CommandBody, messages: &[&[u8]]) {
    let uid = |uid: bool| if uid { "UID " } else { "" };
    match body {
        CommandBody::Fetch(fetch) => out.text(uid(fetch.uid)),
        CommandBody::Store(store) => out.text(uid(store.uid)),
        CommandBody::Copy(copy) | CommandBody::Move(copy) => out.text(uid(copy.uid)),
        CommandBody::Search(search) => out.text(uid(search.uid)),
        CommandBody::Sort(sort) => out.text(uid(sort.uid)),
        CommandBody::Thread(thread) => out.text(uid(thread.uid)),
        CommandBody::Replace(replace) => out.text(uid(replace.replaced.uid)),
        CommandBody::UidExpunge(_) => out.text("UID "),
        _ => {}
    }
    out.text(body.name());
    match body {
        CommandBody::Search(search) => return search::search(out, search),
        CommandBody::ESearch(wanted) => return search::multi_search(out, wanted),
        CommandBody::Sort(sort) => return search::sort(out, sort),
        CommandBody::Thread(thread) => return search::thread(out, thread),
        _ if has_no_arguments(body) => return,
        _ => out.text(" "),
    }
    match body {
        CommandBody::Id(fields) => id(out, fields),
        CommandBody::Authenticate { mechanism, initial } => {
            out.text(mechanism.as_str());
            if let Some(initial) = initial {
                let initial = initial.as_bytes();
                out.text(" ");
                out.text(&if initial.is_empty() { "=".to_owned() } else { STANDARD.encode(initial) });
            }
        }
        CommandBody::Login { user, password } => {
            out.astring(user.as_bytes());
            out.text(" ");
            out.string(password.as_bytes());
        }
        CommandBody::Enable(capabilities) => out.spaced(capabilities, |out, capability| out.text(enable_name(capability))),
        CommandBody::Select(arguments) | CommandBody::Examine(arguments) => mailboxes::select(out, arguments),
        CommandBody::Create { mailbox, special_uses } => {
            out.mailbox(mailbox.as_str());
            if !special_uses.is_empty() {
                out.text(" (USE ");
                out.list(special_uses, |out, special_use| out.text(special_use.name()));
                out.text(")");
            }
        }
        CommandBody::Delete(mailbox)
        | CommandBody::Subscribe(mailbox)
        | CommandBody::Unsubscribe(mailbox)
        | CommandBody::GetQuotaRoot(mailbox) => {
            out.mailbox(mailbox.as_str());
        }
        CommandBody::Rename { from, to } => out.spaced([from, to], |out, name| out.mailbox(name.as_str())),
        CommandBody::List(arguments) => mailboxes::list(out, arguments),
        CommandBody::Lsub { reference, pattern } => {
            out.mailbox(reference);
            out.text(" ");
            let pattern = out.name(pattern.as_str());
            out.string(&pattern);
        }
        CommandBody::Status { mailbox, items } => {
            out.mailbox(mailbox.as_str());
            out.text(" ");
            mailboxes::status_items(out, items);
        }
        CommandBody::Append(arguments) => {
            out.mailbox(arguments.mailbox.as_str());
            append_messages(out, &arguments.messages, messages);
        }
        CommandBody::Replace(replace) => {
            tokens::sequence_number(&mut out.octets, replace.replaced.number);
            out.text(" ");
            out.mailbox(replace.mailbox.as_str());
            append_messages(out, std::slice::from_ref(&replace.message), messages);
        }
        CommandBody::GetQuota { root } => out.astring(root.as_bytes()),
        CommandBody::SetQuota { root, limits } => {
            out.astring(root.as_bytes());
            out.text(" ");
            out.list(limits, |out, (resource, limit)| {
                out.text(resource.as_str());
                out.text(" ");
                out.number(*limit);
            });
        }
        CommandBody::GetMetadata(get) => mailboxes::get_metadata(out, get),
        CommandBody::SetMetadata(set) => mailboxes::set_metadata(out, set),
        CommandBody::Notify(wanted) => mailboxes::notify(out, wanted),
        CommandBody::Compress { algorithm } => out.text(algorithm.as_str()),
        CommandBody::UidExpunge(set) => tokens::message_set(&mut out.octets, set),
        CommandBody::Fetch(arguments) => fetch(out, arguments),
        CommandBody::Store(arguments) => store(out, arguments),
        CommandBody::Copy(copy) | CommandBody::Move(copy) => {
            tokens::message_set(&mut out.octets, &copy.messages);
            out.text(" ");
            out.mailbox(copy.mailbox.as_str());
        }
        _ => {}
    }
}

fn has_no_arguments(body: &CommandBody) -> bool {
    matches!(
        body,
        CommandBody::Capability
            | CommandBody::Noop
            | CommandBody::Logout
            | CommandBody::StartTls
            | CommandBody::Namespace
            | CommandBody::Idle
            | CommandBody::GetJmapAccess
            | CommandBody::Close
            | CommandBody::Unselect
            | CommandBody::Check
            | CommandBody::Expunge
    )
}

fn enable_name(capability: &Enable) -> &str {
    match capability {
        Enable::Imap4Rev2 => "IMAP4rev2",
        Enable::Utf8Accept => "UTF8=ACCEPT",
        Enable::CondStore => "CONDSTORE",
        Enable::QResync => "QRESYNC",
        Enable::UidOnly => "UIDONLY",
        Enable::Metadata => "METADATA",
        Enable::Other(capability) => capability.as_str(),
    }
}

fn id(out: &mut Pieces, fields: &[(String, Option<String>)]) {
    if fields.is_empty() {
        return out.text("NIL");
    }
    out.list(fields, |out, (field, value)| {
        out.string(field.as_bytes());
        out.text(" ");
        match value {
            Some(value) => out.string(value.as_bytes()),
            None => out.text("NIL"),
        }
    });
}

fn append_messages(out: &mut Pieces, announced: &[AppendMessage], messages: &[&[u8]]) {
    let mut octets = messages.iter();
    for message in announced {
        out.text(" ");
        if !message.flags.is_empty() {
            out.list(&message.flags, |out, flag| tokens::flag(&mut out.octets, flag));
            out.text(" ");
        }
        if let Some(date) = message.date {
            tokens::date_time(&mut out.octets, date);
            out.text(" ");
        }
        match &message.data {
            AppendData::Literal { form, .. } => {
                out.text(match form {
                    MessageForm::Literal => "",
                    MessageForm::Literal8 => "~",
                    MessageForm::Utf8 => "UTF8 (~",
                });
                out.literal(octets.next().unwrap_or(&&[][..]));
                if *form == MessageForm::Utf8 {
                    out.text(")");
                }
            }
            AppendData::Catenate(parts) => {
                out.text("CATENATE ");
                out.list(parts, |out, part| match part {
                    CatenatePart::Text { .. } => {
                        out.text("TEXT ");
                        out.literal(octets.next().unwrap_or(&&[][..]));
                    }
                    CatenatePart::Url(url) => {
                        out.text("URL ");
                        out.astring(url.as_bytes());
                    }
                });
            }
        }
    }
}

fn fetch(out: &mut Pieces, fetch: &Fetch) {
    tokens::message_set(&mut out.octets, &fetch.messages);
    out.text(" ");
    out.list(&fetch.attributes, fetch_attribute);
    let Fetch { changed_since, vanished, partial, .. } = fetch;
    let words = [(changed_since.is_some(), "CHANGEDSINCE"), (*vanished, "VANISHED"), (partial.is_some(), "PARTIAL")];
    for (index, word) in chosen(words).enumerate() {
        out.text(if index > 0 { " " } else { " (" });
        out.text(word);
        match (word, changed_since, partial) {
            ("CHANGEDSINCE", Some(changed_since), _) => {
                out.text(" ");
                out.number(*changed_since);
            }
            ("PARTIAL", _, Some(partial)) => {
                out.text(" ");
                tokens::partial_range(&mut out.octets, *partial);
            }
            _ => {}
        }
    }
    if changed_since.is_some() || *vanished || partial.is_some() {
        out.text(")");
    }
}

pub(super) fn fetch_attribute(out: &mut Pieces, attribute: &FetchAttribute) {
    let word = match attribute {
        FetchAttribute::Uid => "UID",
        FetchAttribute::Flags => "FLAGS",
        FetchAttribute::InternalDate => "INTERNALDATE",
        FetchAttribute::Envelope => "ENVELOPE",
        FetchAttribute::BodyStructure => "BODYSTRUCTURE",
        FetchAttribute::Body | FetchAttribute::Section { peek: false, .. } => "BODY",
        FetchAttribute::Section { peek: true, .. } => "BODY.PEEK",
        FetchAttribute::Rfc822 => "RFC822",
        FetchAttribute::Rfc822Size => "RFC822.SIZE",
        FetchAttribute::Rfc822Header => "RFC822.HEADER",
        FetchAttribute::Rfc822Text => "RFC822.TEXT",
        FetchAttribute::Binary { peek: false, .. } => "BINARY",
        FetchAttribute::Binary { peek: true, .. } => "BINARY.PEEK",
        FetchAttribute::BinarySize(_) => "BINARY.SIZE",
        FetchAttribute::ModSeq => "MODSEQ",
        FetchAttribute::EmailId => "EMAILID",
        FetchAttribute::ThreadId => "THREADID",
        FetchAttribute::Preview { lazy: false } => "PREVIEW",
        FetchAttribute::Preview { lazy: true } => "PREVIEW (LAZY)",
        FetchAttribute::SaveDate => "SAVEDATE",
    };
    out.text(word);
    let partial = match attribute {
        FetchAttribute::Section { section, partial, .. } => {
            tokens::section(&mut out.octets, section);
            partial
        }
        FetchAttribute::Binary { path, partial, .. } => {
            tokens::section_binary(&mut out.octets, path);
            partial
        }
        FetchAttribute::BinarySize(path) => {
            tokens::section_binary(&mut out.octets, path);
            &None
        }
        _ => &None,
    };
    if let Some(Partial { offset, count }) = partial {
        out.text("<");
        out.number(*offset);
        out.text(".");
        out.number(*count);
        out.text(">");
    }
}

fn store(out: &mut Pieces, store: &Store) {
    tokens::message_set(&mut out.octets, &store.messages);
    out.text(" ");
    if let Some(unchanged_since) = store.unchanged_since {
        out.text("(UNCHANGEDSINCE ");
        out.number(unchanged_since);
        out.text(") ");
    }
    out.text(match store.action {
        StoreAction::Replace => "FLAGS",
        StoreAction::Add => "+FLAGS",
        StoreAction::Remove => "-FLAGS",
    });
    out.text(if store.silent { ".SILENT " } else { " " });
    out.list(&store.flags, |out, flag| tokens::flag(&mut out.octets, flag));
}
