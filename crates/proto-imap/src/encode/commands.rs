//! Commands as a client sends them. For our own clients in tests, and to hold the parser to its word.

use super::{search, tokens};
use crate::{
    AppendData, AppendMessage, CatenatePart, Command, CommandBody, Enable, Fetch, FetchAttribute, GetMetadata, List, ListReturn,
    ListSelect, MailboxName, MessageForm, MetadataDepth, Notify, NotifyEvent, NotifyMailboxes, Partial, Select, SetMetadata, StatusItem,
};
use crate::{Store, StoreAction};
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
    let mut out = Pieces { done: Vec::new(), octets: Vec::new(), options };
    out.text(command.tag.as_str());
    out.octets.push(b' ');
    body(&mut out, &command.body, messages);
    out.text("\r\n");
    out.done.push(out.octets);
    out.done
}

/// A command under way.
pub(super) struct Pieces {
    done: Vec<Vec<u8>>,
    pub octets: Vec<u8>,
    pub options: ClientOptions,
}

impl Pieces {
    pub fn text(&mut self, text: &str) {
        self.octets.extend_from_slice(text.as_bytes());
    }

    pub fn number(&mut self, number: u64) {
        tokens::number(&mut self.octets, number);
    }

    pub fn string(&mut self, octets: &[u8]) {
        if tokens::fits_quotes(octets, self.options.utf8) { tokens::quoted(&mut self.octets, octets) } else { self.literal(octets) }
    }

    pub fn astring(&mut self, octets: &[u8]) {
        if tokens::is_astring_atom(octets) { self.octets.extend_from_slice(octets) } else { self.string(octets) }
    }

    pub fn mailbox(&mut self, name: &str) {
        let encoded = self.name(name);
        self.astring(&encoded);
    }

    /// A name or pattern in the session's encoding.
    fn name(&self, name: &str) -> Vec<u8> {
        if self.options.utf8 {
            return name.as_bytes().to_vec();
        }
        let mut encoded = Vec::new();
        crate::utf7::encode(name, &mut encoded);
        encoded
    }

    fn literal(&mut self, octets: &[u8]) {
        self.octets.push(b'{');
        self.number(octets.len() as u64);
        self.text(if self.options.literal_plus { "+}\r\n" } else { "}\r\n" });
        if !self.options.literal_plus {
            self.done.push(std::mem::take(&mut self.octets));
        }
        self.octets.extend_from_slice(octets);
    }

    pub fn spaced<T>(&mut self, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Self, T)) {
        for (index, value) in items.into_iter().enumerate() {
            if index > 0 {
                self.octets.push(b' ');
            }
            item(self, value);
        }
    }

    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, item: impl FnMut(&mut Self, T)) {
        self.octets.push(b'(');
        self.spaced(items, item);
        self.octets.push(b')');
    }
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
        CommandBody::Select(arguments) | CommandBody::Examine(arguments) => select(out, arguments),
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
        CommandBody::List(arguments) => list(out, arguments),
        CommandBody::Lsub { reference, pattern } => {
            out.mailbox(reference);
            out.text(" ");
            let pattern = out.name(pattern.as_str());
            out.string(&pattern);
        }
        CommandBody::Status { mailbox, items } => {
            out.mailbox(mailbox.as_str());
            out.text(" ");
            status_items(out, items);
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
        CommandBody::GetMetadata(get) => get_metadata(out, get),
        CommandBody::SetMetadata(set) => set_metadata(out, set),
        CommandBody::Notify(wanted) => notify(out, wanted),
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

fn select(out: &mut Pieces, select: &Select) {
    out.mailbox(select.mailbox.as_str());
    if !select.condstore && select.qresync.is_none() {
        return;
    }
    out.text(if select.condstore { " (CONDSTORE" } else { " (" });
    if let Some(qresync) = &select.qresync {
        out.text(if select.condstore { " QRESYNC (" } else { "QRESYNC (" });
        out.number(u64::from(qresync.uid_validity));
        out.text(" ");
        out.number(qresync.mod_seq);
        if let Some(known) = &qresync.known_uids {
            out.text(" ");
            tokens::number_set(&mut out.octets, known.ranges());
        }
        if let Some((numbers, uids)) = &qresync.matches {
            out.text(" ");
            out.list([numbers, uids], |out, set| tokens::number_set(&mut out.octets, set.ranges()));
        }
        out.text(")");
    }
    out.text(")");
}

fn list(out: &mut Pieces, list: &List) {
    if let Some(ListSelect { subscribed, remote, recursive_match, special_use }) = list.select {
        out.list(
            chosen([(subscribed, "SUBSCRIBED"), (remote, "REMOTE"), (recursive_match, "RECURSIVEMATCH"), (special_use, "SPECIAL-USE")]),
            Pieces::text,
        );
        out.text(" ");
    }
    out.mailbox(&list.reference);
    out.text(" ");
    let patterns: Vec<Vec<u8>> = list.patterns.iter().map(|pattern| out.name(pattern.as_str())).collect();
    match patterns.as_slice() {
        [pattern] => out.string(pattern),
        patterns => out.list(patterns, |out, pattern| out.string(pattern)),
    }
    if let Some(ListReturn { subscribed, children, special_use, status, metadata }) = &list.returns {
        out.text(" RETURN (");
        out.spaced(
            chosen([(*subscribed, "SUBSCRIBED"), (*children, "CHILDREN"), (*special_use, "SPECIAL-USE"), (!status.is_empty(), "STATUS ")]),
            Pieces::text,
        );
        if !status.is_empty() {
            status_items(out, status);
        }
        if !metadata.is_empty() {
            out.text(if out.octets.ends_with(b"(") { "METADATA " } else { " METADATA " });
            out.list(metadata, |out, name| out.astring(name.as_str().as_bytes()));
        }
        out.text(")");
    }
}

fn notify(out: &mut Pieces, notify: &Notify) {
    let Notify::Set { status, groups } = notify else { return out.text("NONE") };
    out.text(if *status { "SET STATUS " } else { "SET " });
    out.spaced(groups, |out, group| {
        out.text("(");
        let (word, names) = match &group.mailboxes {
            NotifyMailboxes::Selected => ("SELECTED", &[][..]),
            NotifyMailboxes::SelectedDelayed => ("SELECTED-DELAYED", &[][..]),
            NotifyMailboxes::Inboxes => ("INBOXES", &[][..]),
            NotifyMailboxes::Personal => ("PERSONAL", &[][..]),
            NotifyMailboxes::Subscribed => ("SUBSCRIBED", &[][..]),
            NotifyMailboxes::Subtree(names) => ("SUBTREE ", names.as_slice()),
            NotifyMailboxes::Mailboxes(names) => ("MAILBOXES ", names.as_slice()),
        };
        out.text(word);
        if !names.is_empty() {
            out.list(names, |out, name| out.mailbox(name.as_str()));
        }
        out.text(" ");
        if group.events.is_empty() {
            out.text("NONE");
        } else {
            out.list(&group.events, |out, event| {
                out.text(event.name());
                if let NotifyEvent::MessageNew(attributes) = event
                    && !attributes.is_empty()
                {
                    out.text(" ");
                    out.list(attributes, fetch_attribute);
                }
            });
        }
        out.text(")");
    });
}

fn get_metadata(out: &mut Pieces, get: &GetMetadata) {
    let words = [(get.max_size.is_some(), "MAXSIZE "), (get.depth != MetadataDepth::Zero, "DEPTH ")];
    if words.iter().any(|(chosen, _)| *chosen) {
        out.list(chosen(words), |out, word| {
            out.text(word);
            match (word, get.max_size) {
                ("MAXSIZE ", Some(size)) => out.number(u64::from(size)),
                _ => out.text(get.depth.name()),
            }
        });
        out.text(" ");
    }
    mailbox_or_server(out, get.mailbox.as_ref());
    out.text(" ");
    out.list(&get.entries, |out, name| out.astring(name.as_str().as_bytes()));
}

fn set_metadata(out: &mut Pieces, set: &SetMetadata) {
    mailbox_or_server(out, set.mailbox.as_ref());
    out.text(" ");
    out.list(&set.entries, |out, (name, value)| {
        out.astring(name.as_str().as_bytes());
        out.text(" ");
        match value {
            Some(value) if value.contains(&0) => {
                out.text("~");
                out.literal(value);
            }
            Some(value) => out.string(value),
            None => out.text("NIL"),
        }
    });
}

fn mailbox_or_server(out: &mut Pieces, mailbox: Option<&MailboxName>) {
    match mailbox {
        Some(mailbox) => out.mailbox(mailbox.as_str()),
        None => out.text("\"\""),
    }
}

/// The words whose condition holds.
pub(super) fn chosen<const N: usize>(words: [(bool, &'static str); N]) -> impl Iterator<Item = &'static str> {
    words.into_iter().filter(|(chosen, _)| *chosen).map(|(_, word)| word)
}

fn status_items(out: &mut Pieces, items: &[StatusItem]) {
    out.list(items, |out, item| out.text(item.name()));
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

fn fetch_attribute(out: &mut Pieces, attribute: &FetchAttribute) {
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
