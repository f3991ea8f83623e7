//! Strategies: every value a client can say.

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proto_imap::*;
use std::num::NonZeroU32;

pub fn tag() -> impl Strategy<Value = Tag> {
    r"[A-Za-z0-9#$&'./:;<=>?@^_`|}~,!\[\]-]{1,10}".prop_map(|text| Tag::new(&text).unwrap())
}

pub fn atom() -> impl Strategy<Value = Atom> {
    r"[A-Za-z0-9#$&'./:;<=>?@^_`|}~,!\[+-]{1,10}".prop_map(|text| Atom::new(&text).unwrap())
}

pub fn object_id() -> impl Strategy<Value = ObjectId> {
    "[A-Za-z0-9_-]{1,20}".prop_map(|text| ObjectId::new(&text).unwrap())
}

/// Texts of all kinds, without NUL, which no string can hold.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        10 => "[a-zA-Z0-9]{0,10}",
        10 => "[ -~]{0,20}",
        10 => r#"["\\\r\n{}+5 ]{0,8}"#,
        10 => "[&\u{4e00}-\u{4e20}a/-]{0,10}",
        10 => r"\PC{0,12}",
        5 => Just("NIL".to_owned()),
        1 => "[a\u{e9}]{5}".prop_map(|text| text.repeat(1000)),
    ]
}

pub fn mailbox() -> impl Strategy<Value = MailboxName> {
    text().prop_filter_map("no mailbox name", |text| MailboxName::new(&text))
}

fn pattern() -> impl Strategy<Value = ListPattern> {
    prop_oneof![text(), "[%*a/\u{4e00}]{0,5}"].prop_filter_map("no pattern", |text| (text.len() < 4000).then(|| ListPattern::new(&text))?)
}

pub fn number63() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..100, 0..=i64::MAX as u64]
}

fn number() -> impl Strategy<Value = u32> {
    prop_oneof![1_u32..20, 1..=u32::MAX]
}

pub fn number_set() -> impl Strategy<Value = NumberSet> {
    vec((number(), 0_u32..5), 1..6)
        .prop_map(|ranges| NumberSet::from_ranges(ranges.into_iter().map(|(first, more)| first..=first.saturating_add(more))))
}

fn message_set() -> impl Strategy<Value = MessageSet> {
    let number = || prop_oneof![4 => number().prop_map(|number| SequenceNumber::new(number).unwrap()), 1 => Just(SequenceNumber::Largest)];
    let range = prop_oneof![
        number().prop_map(SequenceRange::One),
        (number(), number()).prop_map(|(first, last)| SequenceRange::Range(first, last))
    ];
    prop_oneof![9 => vec(range, 1..5).prop_map(|ranges| MessageSet::Set(SequenceSet::new(ranges).unwrap())), 1 => Just(MessageSet::Saved)]
}

pub fn flag() -> impl Strategy<Value = Flag> {
    prop_oneof![
        select(vec![Flag::Seen, Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Draft]),
        atom().prop_map(Flag::Keyword),
        atom().prop_map(|name| Flag::new(&format!("\\{name}")).unwrap()),
    ]
}

fn date() -> impl Strategy<Value = Date> {
    (0_u16..=9999, 1_u8..=12, 1_u8..=31).prop_filter_map("no such day", |(year, month, day)| Date::new(year, month, day))
}

pub fn date_time() -> impl Strategy<Value = DateTime> {
    (date(), 0_u8..24, 0_u8..60, 0_u8..=60, -1439_i16..1440)
        .prop_map(|(date, hour, minute, second, zone)| DateTime::new(date, hour, minute, second, zone).unwrap())
}

pub fn path(at_least: usize) -> impl Strategy<Value = Vec<NonZeroU32>> {
    vec(number().prop_map(|number| NonZeroU32::new(number).unwrap()), at_least..4)
}

pub fn section() -> impl Strategy<Value = Section> {
    let names = || vec("[!-9;-~]{1,10}".prop_map(|name| HeaderName::new(&name).unwrap()), 1..4);
    let what = prop_oneof![
        Just(SectionText::Whole),
        Just(SectionText::Header),
        Just(SectionText::Text),
        Just(SectionText::Mime),
        (names(), any::<bool>()).prop_map(|(names, not)| SectionText::HeaderFields { names, not }),
    ];
    (path(0), what)
        .prop_filter("MIME is of a part", |(path, what)| !path.is_empty() || *what != SectionText::Mime)
        .prop_map(|(path, what)| Section { path, what })
}

fn fetch_attribute() -> impl Strategy<Value = FetchAttribute> {
    let partial = || of((number63(), number63()).prop_map(|(offset, count)| Partial { offset, count: count.max(1) }));
    let plain = vec![
        FetchAttribute::Uid,
        FetchAttribute::Flags,
        FetchAttribute::InternalDate,
        FetchAttribute::Envelope,
        FetchAttribute::BodyStructure,
        FetchAttribute::Body,
        FetchAttribute::Rfc822Size,
        FetchAttribute::Rfc822,
        FetchAttribute::Rfc822Header,
        FetchAttribute::Rfc822Text,
        FetchAttribute::ModSeq,
        FetchAttribute::EmailId,
        FetchAttribute::ThreadId,
        FetchAttribute::Preview { lazy: true },
        FetchAttribute::Preview { lazy: false },
        FetchAttribute::SaveDate,
    ];
    prop_oneof![
        select(plain),
        (section(), any::<bool>(), partial()).prop_map(|(section, peek, partial)| FetchAttribute::Section { section, peek, partial }),
        (path(0), any::<bool>(), partial()).prop_map(|(path, peek, partial)| FetchAttribute::Binary { path, peek, partial }),
        path(0).prop_map(FetchAttribute::BinarySize),
    ]
}

fn fetch() -> impl Strategy<Value = Fetch> {
    let attributes = vec(fetch_attribute(), 1..5).prop_map(|mut attributes| {
        let mut seen = Vec::new();
        attributes.retain(|attribute| {
            !seen.contains(attribute) && {
                seen.push(attribute.clone());
                true
            }
        });
        attributes
    });
    (any::<bool>(), message_set(), attributes, of(number63()), any::<bool>(), of(partial_range())).prop_map(
        |(uid, messages, attributes, changed_since, vanished, partial)| Fetch {
            uid,
            messages,
            attributes,
            changed_since,
            vanished: vanished && uid && changed_since.is_some(),
            partial: partial.filter(|_| uid),
        },
    )
}

fn store() -> impl Strategy<Value = Store> {
    let action = select(vec![StoreAction::Replace, StoreAction::Add, StoreAction::Remove]);
    (any::<bool>(), message_set(), action, any::<bool>(), vec(flag(), 0..4), of(number63()))
        .prop_map(|(uid, messages, action, silent, flags, unchanged_since)| Store { uid, messages, action, silent, flags, unchanged_since })
}

fn search_key() -> impl Strategy<Value = SearchKey> {
    use SearchKey as Key;
    let plain = vec![
        Key::All,
        Key::Answered,
        Key::Unanswered,
        Key::Deleted,
        Key::Undeleted,
        Key::Draft,
        Key::Undraft,
        Key::Flagged,
        Key::Unflagged,
        Key::Seen,
        Key::Unseen,
        Key::Recent,
        Key::Old,
        Key::New,
        Key::SaveDateSupported,
    ];
    let of_date = vec![
        Key::Before,
        Key::On,
        Key::Since,
        Key::SentBefore,
        Key::SentOn,
        Key::SentSince,
        Key::SavedBefore,
        Key::SavedOn,
        Key::SavedSince,
    ];
    let of_text = vec![Key::From, Key::To, Key::Cc, Key::Bcc, Key::Subject, Key::Body, Key::Text];
    let leaf = prop_oneof![
        select(plain),
        atom().prop_map(Key::Keyword),
        atom().prop_map(Key::Unkeyword),
        (select(of_date as Vec<fn(Date) -> Key>), date()).prop_map(|(key, date)| key(date)),
        (select(of_text as Vec<fn(String) -> Key>), text()).prop_map(|(key, text)| key(text)),
        (text(), text()).prop_map(|(field, text)| Key::Header { field, text }),
        number().prop_map(Key::Older),
        number().prop_map(Key::Younger),
        number63().prop_map(Key::Larger),
        number63().prop_map(Key::Smaller),
        number63().prop_map(Key::ModSeq),
        message_set().prop_map(Key::Sequence),
        message_set().prop_map(Key::Uid),
        object_id().prop_map(Key::EmailId),
        object_id().prop_map(Key::ThreadId),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|key| Key::Not(Box::new(key))),
            (inner.clone(), inner.clone()).prop_map(|(left, right)| Key::Or(Box::new(left), Box::new(right))),
            vec(inner, 2..4).prop_map(Key::And),
        ]
    })
}

pub fn partial_range() -> impl Strategy<Value = PartialRange> {
    let place = || number().prop_map(|number| NonZeroU32::new(number).unwrap());
    (place(), place(), any::<bool>()).prop_map(|(first, last, from_end)| PartialRange { first, last, from_end })
}

fn returns() -> impl Strategy<Value = Option<ReturnOptions>> {
    let some = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), of(partial_range()))
        .prop_map(|(min, max, all, count, save, partial)| ReturnOptions { min, max, all, count, save, partial: partial.filter(|_| !all) });
    // No option at all would be read as ALL.
    of(some.prop_filter("none", |options| *options != ReturnOptions::default()))
}

fn search() -> impl Strategy<Value = CommandBody> {
    let by = vec![
        SortBy::Arrival,
        SortBy::Cc,
        SortBy::Date,
        SortBy::From,
        SortBy::Size,
        SortBy::Subject,
        SortBy::To,
        SortBy::DisplayFrom,
        SortBy::DisplayTo,
    ];
    let order = vec((select(by), any::<bool>()).prop_map(|(by, reverse)| SortCriterion { by, reverse }), 1..4);
    let algorithm = select(vec![ThreadAlgorithm::OrderedSubject, ThreadAlgorithm::References]);
    let names = || vec(mailbox(), 1..3);
    let source = prop_oneof![
        select(vec![SourceMailboxes::Selected, SourceMailboxes::Inboxes, SourceMailboxes::Personal, SourceMailboxes::Subscribed]),
        names().prop_map(SourceMailboxes::Subtree),
        names().prop_map(SourceMailboxes::SubtreeOne),
        names().prop_map(SourceMailboxes::Mailboxes),
    ];
    prop_oneof![
        1 => (of(vec(source, 1..3)), returns(), search_key())
            .prop_map(|(sources, returns, key)| CommandBody::ESearch(MultiSearch { sources, returns, key })),
        3 => (any::<bool>(), returns(), search_key()).prop_map(|(uid, returns, key)| CommandBody::Search(Search { uid, returns, key })),
        1 => (any::<bool>(), returns(), order, search_key()).prop_map(|(uid, returns, order, key)| CommandBody::Sort(Sort { uid, returns, order, key })),
        1 => (any::<bool>(), algorithm, search_key()).prop_map(|(uid, algorithm, key)| CommandBody::Thread(Thread { uid, algorithm, key })),
    ]
}

fn select_command() -> impl Strategy<Value = Select> {
    let qresync = (number(), number63(), of(number_set()), of((number_set(), number_set())))
        .prop_map(|(uid_validity, mod_seq, known_uids, matches)| QResync { uid_validity, mod_seq: mod_seq.max(1), known_uids, matches });
    (mailbox(), any::<bool>(), of(qresync)).prop_map(|(mailbox, condstore, qresync)| Select { mailbox, condstore, qresync })
}

fn list() -> impl Strategy<Value = List> {
    let select = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(subscribed, remote, recursive, special_use)| {
        ListSelect { subscribed, remote, recursive_match: recursive && (subscribed || special_use), special_use }
    });
    let status = subsequence(StatusItem::ALL.to_vec(), 0..4);
    let returns = (any::<bool>(), any::<bool>(), any::<bool>(), status, prop_oneof![Just(Vec::new()), entry_names()]).prop_map(
        |(subscribed, children, special_use, status, metadata)| ListReturn { subscribed, children, special_use, status, metadata },
    );
    (of(select), pattern(), vec(pattern(), 1..4), of(returns)).prop_map(|(select, reference, patterns, returns)| List {
        select,
        reference: reference.as_str().to_owned(),
        patterns,
        returns,
    })
}

fn entry_name() -> impl Strategy<Value = EntryName> {
    "/(private|shared)/[a-z \"\\\\(){]{1,6}(/[a-z]{1,3}){2}".prop_map(|name| EntryName::new(&name).unwrap())
}

fn entry_names() -> impl Strategy<Value = Vec<EntryName>> {
    vec(entry_name(), 1..4).prop_map(|mut names| {
        names.dedup();
        names.sort_by(|one, other| one.as_str().cmp(other.as_str()));
        names.dedup();
        names
    })
}

fn notify() -> impl Strategy<Value = CommandBody> {
    let names = || vec(mailbox(), 1..3);
    let others = prop_oneof![
        select(vec![NotifyMailboxes::Inboxes, NotifyMailboxes::Personal, NotifyMailboxes::Subscribed]),
        names().prop_map(NotifyMailboxes::Subtree),
        names().prop_map(NotifyMailboxes::Mailboxes),
    ];
    let of_messages = |attributes: Vec<FetchAttribute>, changes: bool| {
        let mut events = vec![NotifyEvent::MessageNew(attributes), NotifyEvent::MessageExpunge];
        events.extend(changes.then_some(NotifyEvent::FlagChange));
        events
    };
    let of_mailboxes = vec![NotifyEvent::MailboxName, NotifyEvent::SubscriptionChange, NotifyEvent::MailboxMetadataChange];
    let other =
        (others, any::<bool>(), any::<bool>(), subsequence(of_mailboxes, 0..3)).prop_map(move |(mailboxes, messages, changes, more)| {
            let mut events = if messages { of_messages(Vec::new(), changes) } else { Vec::new() };
            events.extend(more);
            EventGroup { mailboxes, events }
        });
    let selected = (any::<bool>(), vec(select(vec![FetchAttribute::Uid, FetchAttribute::Envelope]), 0..2), any::<bool>()).prop_map(
        move |(delayed, attributes, changes)| {
            let mailboxes = if delayed { NotifyMailboxes::SelectedDelayed } else { NotifyMailboxes::Selected };
            EventGroup { mailboxes, events: of_messages(attributes, changes) }
        },
    );
    let set = (any::<bool>(), of(selected), vec(other, 1..3)).prop_map(|(status, selected, others)| {
        CommandBody::Notify(Notify::Set { status, groups: selected.into_iter().chain(others).collect() })
    });
    prop_oneof![1 => Just(CommandBody::Notify(Notify::None)), 5 => set]
}

fn metadata() -> impl Strategy<Value = CommandBody> {
    let depth = select(vec![MetadataDepth::Zero, MetadataDepth::One, MetadataDepth::Infinity]);
    let value = of(prop_oneof![vec(any::<u8>(), 0..30), text().prop_map(String::into_bytes)]);
    prop_oneof![
        (of(mailbox()), entry_names(), depth, of(any::<u32>()))
            .prop_map(|(mailbox, entries, depth, max_size)| CommandBody::GetMetadata(GetMetadata { mailbox, entries, depth, max_size })),
        (of(mailbox()), vec((entry_name(), value), 1..4))
            .prop_map(|(mailbox, entries)| CommandBody::SetMetadata(SetMetadata { mailbox, entries })),
    ]
}

fn plain() -> impl Strategy<Value = CommandBody> {
    select(vec![
        CommandBody::Capability,
        CommandBody::Noop,
        CommandBody::Logout,
        CommandBody::StartTls,
        CommandBody::Namespace,
        CommandBody::Idle,
        CommandBody::GetJmapAccess,
        CommandBody::Close,
        CommandBody::Unselect,
        CommandBody::Check,
        CommandBody::Expunge,
    ])
}

fn session() -> impl Strategy<Value = CommandBody> {
    let known = ["IMAP4REV2", "UTF8=ACCEPT", "CONDSTORE", "QRESYNC", "UIDONLY", "METADATA"];
    let other = atom().prop_filter("known", move |atom| !known.iter().any(|name| atom.is(name)));
    let enabled = vec![Enable::Imap4Rev2, Enable::Utf8Accept, Enable::CondStore, Enable::QResync, Enable::UidOnly, Enable::Metadata];
    let enable = prop_oneof![select(enabled), other.prop_map(Enable::Other)];
    prop_oneof![
        vec((text(), of(text())), 0..3).prop_map(CommandBody::Id),
        (atom(), of(vec(any::<u8>(), 0..40)))
            .prop_map(|(mechanism, initial)| CommandBody::Authenticate { mechanism, initial: initial.map(Secret::new) }),
        (text(), text()).prop_map(|(user, password)| CommandBody::Login { user, password: Secret::new(password) }),
        vec(enable, 1..4).prop_map(CommandBody::Enable),
        atom().prop_map(|algorithm| CommandBody::Compress { algorithm }),
        text().prop_map(|root| CommandBody::GetQuota { root }),
        (text(), vec((atom(), number63()), 0..3)).prop_map(|(root, limits)| CommandBody::SetQuota { root, limits }),
    ]
}

fn on_mailboxes() -> impl Strategy<Value = CommandBody> {
    let of_mailbox = vec![CommandBody::Delete, CommandBody::Subscribe, CommandBody::Unsubscribe, CommandBody::GetQuotaRoot];
    prop_oneof![
        select_command().prop_map(CommandBody::Select),
        select_command().prop_map(CommandBody::Examine),
        (mailbox(), subsequence(SpecialUse::ALL.to_vec(), 0..3))
            .prop_map(|(mailbox, special_uses)| CommandBody::Create { mailbox, special_uses }),
        (select(of_mailbox as Vec<fn(MailboxName) -> CommandBody>), mailbox()).prop_map(|(command, mailbox)| command(mailbox)),
        (mailbox(), mailbox()).prop_map(|(from, to)| CommandBody::Rename { from, to }),
        list().prop_map(CommandBody::List),
        (pattern(), pattern()).prop_map(|(reference, pattern)| CommandBody::Lsub { reference: reference.as_str().to_owned(), pattern }),
        (mailbox(), subsequence(StatusItem::ALL.to_vec(), 1..5)).prop_map(|(mailbox, items)| CommandBody::Status { mailbox, items }),
    ]
}

fn on_messages() -> impl Strategy<Value = CommandBody> {
    let copy = || (any::<bool>(), message_set(), mailbox()).prop_map(|(uid, messages, mailbox)| Copy { uid, messages, mailbox });
    prop_oneof![
        message_set().prop_map(CommandBody::UidExpunge),
        fetch().prop_map(CommandBody::Fetch),
        store().prop_map(CommandBody::Store),
        copy().prop_map(CommandBody::Copy),
        copy().prop_map(CommandBody::Move),
    ]
}

type Messages = Vec<Vec<u8>>;

fn append() -> impl Strategy<Value = (CommandBody, Messages)> {
    let form = select(vec![MessageForm::Literal, MessageForm::Literal8, MessageForm::Utf8]);
    let literal = (form, vec(any::<u8>(), 0..50)).prop_map(|(form, octets)| {
        let size = octets.len() as u64;
        (AppendData::Literal { size, form }, vec![octets])
    });
    let part =
        prop_oneof![vec(any::<u8>(), 0..50).prop_map(Ok), text().prop_filter("no URL is so long", |text| text.len() < 8000).prop_map(Err)];
    let catenate = vec(part, 1..5).prop_map(|parts| {
        let (mut made, mut sent) = (Vec::new(), Messages::new());
        for part in parts {
            made.push(match part {
                Ok(octets) => {
                    sent.push(octets);
                    CatenatePart::Text { size: sent[sent.len() - 1].len() as u64 }
                }
                Err(url) => CatenatePart::Url(url),
            });
        }
        (AppendData::Catenate(made), sent)
    });
    let message = (vec(flag(), 0..3), of(date_time()), prop_oneof![literal, catenate])
        .prop_map(|(flags, date, (data, octets))| (AppendMessage { flags, date, data }, octets));
    let number = of(1..u32::MAX).prop_map(|number| number.and_then(SequenceNumber::new).unwrap_or(SequenceNumber::Largest));
    (mailbox(), vec(message, 1..4), of((any::<bool>(), number))).prop_map(|(mailbox, messages, replaced)| {
        let (mut messages, mut octets): (Vec<AppendMessage>, Vec<Messages>) = messages.into_iter().unzip();
        let Some((uid, number)) = replaced else {
            return (CommandBody::Append(Append { mailbox, messages }), octets.concat());
        };
        let octets = octets.swap_remove(0);
        let message = messages.swap_remove(0);
        (CommandBody::Replace(Replace { replaced: Replaced { uid, number }, mailbox, message }), octets)
    })
}

/// Any command, with the messages that go with it.
pub fn command() -> impl Strategy<Value = (Command, Messages)> {
    let without = |body: BoxedStrategy<CommandBody>| body.prop_map(|body| (body, Messages::new()));
    let body = prop_oneof![
        1 => without(plain().boxed()),
        2 => without(session().boxed()),
        4 => without(on_mailboxes().boxed()),
        4 => without(on_messages().boxed()),
        2 => without(metadata().boxed()),
        1 => without(notify().boxed()),
        4 => without(search().boxed()),
        2 => append(),
    ];
    (tag(), body).prop_map(|(tag, (body, messages))| (Command { tag, body }, messages))
}
