//! Responses as the RFCs write them, and that our client reads what our server writes.

use std::num::NonZeroU32;

use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proto_imap::*;

use crate::generate::{atom, date_time, flag, number_set, number63, object_id, partial_range, path, section, tag, text};

fn written(write: impl FnOnce(&mut ResponseWriter)) -> String {
    let mut out = Vec::new();
    write(&mut ResponseWriter::new(&mut out, false));
    String::from_utf8(out).unwrap()
}

fn atoms(names: &[&str]) -> Vec<Atom> {
    names.iter().map(|name| Atom::new(name).unwrap()).collect()
}

#[test]
fn status_responses_stand_as_in_the_rfc() {
    let tag = Tag::new("A003").unwrap();
    let uids = |ranges: &[std::ops::RangeInclusive<u32>]| NumberSet::from_ranges(ranges.iter().cloned());
    let append = Code::AppendUid { uid_validity: 38_505, uids: uids(&[3955..=3955]) };
    assert_eq!(
        written(|w| w.tagged(&tag, Condition::Ok, Some(&append), "APPEND completed")),
        "A003 OK [APPENDUID 38505 3955] APPEND completed\r\n"
    );
    for (code, expected) in [
        (
            Code::CopyUid { uid_validity: 38_505, from: uids(&[304..=304, 319..=320]), to: uids(&[3956..=3958]) },
            "[COPYUID 38505 304,319:320 3956:3958] x",
        ),
        (Code::Modified(uids(&[7..=7, 9..=9])), "[MODIFIED 7,9] x"),
        (Code::InProgress { tag: Tag::new("A001"), progress: Some((454, NonZeroU32::new(1000))) }, "[INPROGRESS (\"A001\" 454 1000)] x"),
        (Code::InProgress { tag: Tag::new("A001"), progress: Some((454, None)) }, "[INPROGRESS (\"A001\" 454 NIL)] x"),
        (Code::InProgress { tag: None, progress: None }, "[INPROGRESS (NIL NIL NIL)] x"),
        (Code::HighestModSeq(715_194_045_007), "[HIGHESTMODSEQ 715194045007] x"),
        (Code::BadCharset(atoms(&["UTF-8"])), "[BADCHARSET (UTF-8)] x"),
        (Code::Capability(atoms(&["IMAP4rev2", "AUTH=PLAIN"])), "[CAPABILITY IMAP4rev2 AUTH=PLAIN] x"),
        (Code::PermanentFlags { flags: vec![Flag::Deleted, Flag::Seen], any: true }, "[PERMANENTFLAGS (\\Deleted \\Seen \\*)] x"),
        (Code::PermanentFlags { flags: Vec::new(), any: false }, "[PERMANENTFLAGS ()] x"),
        (Code::MailboxId(ObjectId::new("F2212ea87").unwrap()), "[MAILBOXID (F2212ea87)] x"),
        (Code::ReadWrite, "[READ-WRITE] x"),
        (Code::Other(Atom::new("X").unwrap(), Some("a]b\r\nc".into())), "[X a b  c] x"),
    ] {
        assert_eq!(written(|w| w.untagged(Condition::Ok, Some(&code), "x")), format!("* OK {expected}\r\n"));
    }
    assert_eq!(written(|w| w.untagged(Condition::Bye, None, "see\r\nyou")), "* BYE see  you\r\n");
    assert_eq!(written(|w| w.challenge(b"")), "+ \r\n");
    assert_eq!(written(|w| w.challenge(b"a")), "+ YQ==\r\n");
}

#[test]
fn mailbox_responses_stand_as_in_the_rfc() {
    let extras = |child_subscribed, old_name| ListExtras { child_subscribed, old_name };
    use MailboxAttribute::{HasNoChildren, NonExistent, Subscribed, Use};
    for (line, expected) in [
        (written(|w| w.list(&[], Some('/'), "", ListExtras::default())), "* LIST () \"/\" \"\"\r\n"),
        (
            written(|w| w.list(&[NonExistent, Subscribed], Some('/'), "Foo", extras(true, None))),
            "* LIST (\\NonExistent \\Subscribed) \"/\" Foo (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n",
        ),
        (written(|w| w.list(&[], Some('/'), "New", extras(false, Some("Old one")))), "* LIST () \"/\" New (\"OLDNAME\" (\"Old one\"))\r\n"),
        (
            written(|w| w.list(&[HasNoChildren, Use(SpecialUse::Sent)], Some('/'), "已发送", ListExtras::default())),
            "* LIST (\\HasNoChildren \\Sent) \"/\" &XfJT0ZAB-\r\n",
        ),
        (written(|w| w.lsub(&[], None, "a\\b")), "* LSUB () NIL \"a\\\\b\"\r\n"),
        (
            written(|w| {
                w.status("blurdybloop", &[StatusValue::Messages(231), StatusValue::UidNext(44_292), StatusValue::AppendLimit(None)])
            }),
            "* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292 APPENDLIMIT NIL)\r\n",
        ),
        (
            written(|w| w.namespace(&[Namespace { prefix: String::new(), delimiter: Some('/') }], &[], &[])),
            "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n",
        ),
        (
            written(|w| w.quota("", &[QuotaResource { name: Atom::new("STORAGE").unwrap(), usage: 10, limit: 512 }])),
            "* QUOTA \"\" (STORAGE 10 512)\r\n",
        ),
        (written(|w| w.quota_root("INBOX", &[""])), "* QUOTAROOT INBOX \"\"\r\n"),
    ] {
        assert_eq!(line, expected);
    }
}

#[test]
fn message_responses_stand_as_in_the_rfc() {
    let found = ESearch { tag: Tag::new("A282"), min: Some(2), count: Some(3), ..ESearch::default() };
    let all = ESearch { tag: Tag::new("A283"), uid: true, all: [2, 10, 11].into_iter().collect(), mod_seq: Some(9), ..ESearch::default() };
    let sorted = ESearch { tag: Tag::new("E01"), uid: true, all: [17, 3, 4, 1].into_iter().collect(), ..ESearch::default() };
    let there =
        ESearch { mailbox: Some(("folder1".to_owned(), 1)), tag: Tag::new("tag1"), uid: true, count: Some(3), ..ESearch::default() };
    let place = |number: u32| NonZeroU32::new(number).unwrap();
    let range = PartialRange { first: place(1), last: place(100), from_end: true };
    let part = ESearch { tag: Tag::new("A01"), uid: true, partial: Some((range, NumberList::new())), ..ESearch::default() };
    for (line, expected) in [
        (written(|w| w.esearch(&found)), "* ESEARCH (TAG \"A282\") MIN 2 COUNT 3\r\n"),
        (written(|w| w.esearch(&all)), "* ESEARCH (TAG \"A283\") UID ALL 2,10:11 MODSEQ 9\r\n"),
        (written(|w| w.search([2, 5, 6], Some(917_162_500))), "* SEARCH 2 5 6 (MODSEQ 917162500)\r\n"),
        (written(|w| w.search([], None)), "* SEARCH\r\n"),
        (written(|w| w.sort([2, 84, 882], None)), "* SORT 2 84 882\r\n"),
        (written(|w| w.sort([5, 3], Some(9))), "* SORT 5 3 (MODSEQ 9)\r\n"),
        (written(|w| w.esearch(&part)), "* ESEARCH (TAG \"A01\") UID PARTIAL (-1:-100 NIL)\r\n"),
        (written(|w| w.esearch(&there)), "* ESEARCH (TAG \"tag1\" MAILBOX folder1 UIDVALIDITY 1) UID COUNT 3\r\n"),
        (written(|w| w.esearch(&sorted)), "* ESEARCH (TAG \"E01\") UID ALL 17,3:4,1\r\n"),
        (written(|w| w.vanished(true, &[41, 43, 44].into_iter().collect())), "* VANISHED (EARLIER) 41,43:44\r\n"),
        (written(|w| w.vanished(false, &NumberSet::new())), ""),
        (written(|w| w.id(&[("name", Some("Yanshu")), ("os", None)])), "* ID (\"name\" \"Yanshu\" \"os\" NIL)\r\n"),
        (written(|w| w.flags(&[Flag::Answered, Flag::new("$Junk").unwrap()])), "* FLAGS (\\Answered $Junk)\r\n"),
        (written(|w| w.exists(172)), "* 172 EXISTS\r\n"),
        (written(|w| w.enabled(["CONDSTORE"])), "* ENABLED CONDSTORE\r\n"),
        (written(|w| w.thread("(2)(3 6 (4 23)(44 7 96))")), "* THREAD (2)(3 6 (4 23)(44 7 96))\r\n"),
    ] {
        assert_eq!(line, expected);
    }
}

#[test]
fn a_fetch_is_written_item_by_item() {
    let line = written(|w| {
        let mut fetch = w.fetch(12);
        fetch
            .uid(7)
            .flags(["\\Seen", "$Junk"])
            .mod_seq(9)
            .rfc822_size(44_827)
            .internal_date(DateTime::from_unix_seconds(837_595_405, -420).unwrap());
        fetch.envelope(b"(NIL)").section(&Section::default(), Some(3), Some(b"a\r\nb")).section(&Section::default(), None, None);
        fetch.binary(&path_of(&[1, 2]), None, Some(b"\0")).binary_size(&path_of(&[1]), 5).preview(None).preview(Some("\u{e9}"));
        fetch.finish();
    });
    let expected = "* 12 FETCH (UID 7 FLAGS (\\Seen $Junk) MODSEQ (9) RFC822.SIZE 44827 INTERNALDATE \"17-Jul-1996 02:23:25 -0700\" ENVELOPE (NIL) \
        BODY[]<3> {4}\r\na\r\nb BODY[] NIL BINARY[1.2] ~{1}\r\n\0 BINARY.SIZE[1] 5 PREVIEW NIL PREVIEW {2}\r\n\u{e9})\r\n";
    assert_eq!(line, expected);
}

#[test]
fn a_large_literal_can_be_written_in_pieces() {
    let mut out = Vec::new();
    let mut writer = ResponseWriter::new(&mut out, false);
    let mut fetch = writer.fetch(1);
    fetch.section_announced(&Section::default(), None, 4);
    let paused = fetch.pause();
    assert_eq!(std::mem::take(&mut out), b"* 1 FETCH (BODY[] {4}\r\n");
    out.extend_from_slice(b"ab");
    out.extend_from_slice(b"cd");
    let mut fetch = paused.resume(&mut out);
    fetch.uid(1);
    fetch.finish();
    assert_eq!(out, b"abcd UID 1)\r\n");
}

fn path_of(parts: &[u32]) -> Vec<std::num::NonZeroU32> {
    parts.iter().map(|part| std::num::NonZeroU32::new(*part).unwrap()).collect()
}

/// Text of a status line: it neither begins like a code nor has anything to be blanked.
fn line_text() -> impl Strategy<Value = String> {
    r"[a-zA-Z{}5 \u{4e00}]{0,20}".prop_map(|text| text.trim_start().to_owned())
}

fn code() -> impl Strategy<Value = Code> {
    let other = ("X[A-Z]{1,9}", of("[a-z 0-9]{1,9}")).prop_map(|(name, argument)| Code::Other(Atom::new(&name).unwrap(), argument));
    prop_oneof![
        select(Code::PLAIN.to_vec()),
        (any::<u32>(), number_set()).prop_map(|(uid_validity, uids)| Code::AppendUid { uid_validity, uids }),
        (any::<u32>(), number_set(), number_set()).prop_map(|(uid_validity, from, to)| Code::CopyUid { uid_validity, from, to }),
        vec(atom(), 0..3).prop_map(Code::BadCharset),
        vec(atom(), 1..3).prop_map(Code::Capability),
        number63().prop_map(Code::HighestModSeq),
        (of(tag()), of((any::<u32>(), of(1_u32..)))).prop_map(|(tag, progress)| {
            let progress = progress.map(|(done, goal)| (done, goal.and_then(NonZeroU32::new)));
            Code::InProgress { tag, progress }
        }),
        object_id().prop_map(Code::MailboxId),
        number_set().prop_map(Code::Modified),
        "[a-z/;=0-9]{1,20}".prop_map(Code::BadUrl),
        vec(atom(), 1..3).prop_map(Code::BadEvent),
        number63().prop_map(|size| Code::Metadata(MetadataCode::LongEntries(size))),
        number63().prop_map(|size| Code::Metadata(MetadataCode::MaxSize(size))),
        select(vec![MetadataCode::TooMany, MetadataCode::NoPrivate]).prop_map(Code::Metadata),
        (vec(flag(), 0..4), any::<bool>()).prop_map(|(flags, any)| Code::PermanentFlags { flags, any }),
        any::<u32>().prop_map(Code::UidNext),
        any::<u32>().prop_map(Code::UidValidity),
        any::<u32>().prop_map(Code::Unseen),
        other,
    ]
}

fn list_item() -> impl Strategy<Value = ListItem> {
    let attribute = atom().prop_map(|name| MailboxAttribute::new(&format!("\\{name}")).unwrap());
    let known = select(vec!["\\Noselect", "\\HASCHILDREN", "\\Subscribed", "\\junk"]).prop_map(|name| MailboxAttribute::new(name).unwrap());
    (
        vec(prop_oneof![attribute, known], 0..4),
        of(any::<char>().prop_filter("control", |c| !c.is_control() && c.is_ascii())),
        text(),
        any::<bool>(),
        of(text()),
    )
        .prop_map(|(attributes, delimiter, name, child_subscribed, old_name)| ListItem {
            attributes,
            delimiter,
            name,
            child_subscribed,
            old_name,
        })
}

fn fetch_item() -> impl Strategy<Value = FetchItem> {
    let octets = || of(vec(any::<u8>(), 0..30));
    prop_oneof![
        any::<u32>().prop_map(FetchItem::Uid),
        vec(flag(), 0..4).prop_map(FetchItem::Flags),
        number63().prop_map(FetchItem::ModSeq),
        date_time().prop_map(FetchItem::InternalDate),
        number63().prop_map(FetchItem::Rfc822Size),
        Just(FetchItem::Envelope(b"(\"a)\\\"\" NIL ((NIL {3}\r\n)\"( \"b\")))".to_vec())),
        Just(FetchItem::BodyStructure(b"((\"TEXT\")(\"IMAGE\") \"MIXED\")".to_vec())),
        Just(FetchItem::Body(b"(\"TEXT\" 12)".to_vec())),
        octets().prop_map(FetchItem::Rfc822),
        octets().prop_map(FetchItem::Rfc822Header),
        octets().prop_map(FetchItem::Rfc822Text),
        (section(), of(number63()), octets()).prop_map(|(section, origin, octets)| FetchItem::Section { section, origin, octets }),
        (path(0), of(number63()), octets()).prop_map(|(path, origin, octets)| FetchItem::Binary { path, origin, octets }),
        (path(0), number63()).prop_map(|(path, size)| FetchItem::BinarySize { path, size }),
        object_id().prop_map(FetchItem::EmailId),
        of(object_id()).prop_map(FetchItem::ThreadId),
        of(text()).prop_map(FetchItem::Preview),
        of(date_time()).prop_map(FetchItem::SaveDate),
    ]
}

fn status_values() -> impl Strategy<Value = Vec<StatusValue>> {
    (any::<u32>(), number63(), of(number63()), object_id()).prop_flat_map(|(small, large, limit, id)| {
        let all = vec![
            StatusValue::Messages(small),
            StatusValue::Recent(small),
            StatusValue::UidNext(small),
            StatusValue::UidValidity(small),
            StatusValue::Unseen(small),
            StatusValue::Deleted(small),
            StatusValue::Size(large),
            StatusValue::HighestModSeq(large),
            StatusValue::AppendLimit(limit),
            StatusValue::MailboxId(id),
            StatusValue::DeletedStorage(large),
        ];
        subsequence(all, 0..6)
    })
}

fn response() -> impl Strategy<Value = Response> {
    let condition = select(vec![Condition::Ok, Condition::No, Condition::Bad, Condition::PreAuth, Condition::Bye]);
    let namespaces = || {
        let one = (text(), of(Just('/'))).prop_map(|(prefix, delimiter)| Namespace { prefix, delimiter });
        vec(one, 0..3)
    };
    let list = || vec(1_u32..50, 0..6).prop_map(|numbers| numbers.into_iter().collect::<NumberList>());
    let ends = (of(any::<u32>()), of(any::<u32>()), of(any::<u32>()));
    let correlators = of((tag(), of((text(), any::<u32>()))));
    let esearch = (correlators, any::<bool>(), ends, list(), of(number63()), of((partial_range(), list()))).prop_map(
        |(correlators, uid, (min, max, count), all, mod_seq, partial)| {
            let (tag, mailbox) = correlators.unzip();
            ESearch { mailbox: mailbox.flatten(), tag, uid, min, max, all, count, mod_seq, partial }
        },
    );
    let resource = (atom(), number63(), number63()).prop_map(|(name, usage, limit)| QuotaResource { name, usage, limit });
    prop_oneof![
        3 => (of(tag()), condition, of(code()), line_text()).prop_map(|(tag, condition, code, text)| Response::Status { tag, condition, code, text }),
        1 => line_text().prop_map(Response::Continuation),
        1 => vec(atom(), 1..4).prop_map(Response::Capability),
        1 => vec(atom(), 0..4).prop_map(Response::Enabled),
        1 => list_item().prop_map(Response::List),
        1 => list_item().prop_map(|item| Response::Lsub(ListItem { child_subscribed: false, old_name: None, ..item })),
        1 => (text(), status_values()).prop_map(|(mailbox, values)| Response::MailboxStatus { mailbox, values }),
        1 => vec(flag(), 0..4).prop_map(Response::Flags),
        1 => any::<u32>().prop_map(Response::Exists),
        1 => any::<u32>().prop_map(Response::Recent),
        1 => any::<u32>().prop_map(Response::Expunge),
        1 => (any::<bool>(), number_set()).prop_map(|(earlier, uids)| Response::Vanished { earlier, uids }),
        1 => (vec(any::<u32>(), 0..5), of(number63())).prop_map(|(numbers, mod_seq)| Response::Search { numbers, mod_seq }),
        1 => esearch.prop_map(Response::ESearch),
        1 => (vec(any::<u32>(), 0..5), of(number63())).prop_map(|(numbers, mod_seq)| Response::Sort { numbers, mod_seq }),
        1 => "[0-9() ]{0,9}".prop_map(|threads| Response::Thread(threads.trim().to_owned())),
        1 => (namespaces(), namespaces(), namespaces()).prop_map(|(personal, others, shared)| Response::Namespace { personal, others, shared }),
        1 => vec((text(), of(text())), 0..3).prop_map(Response::Id),
        1 => (text(), vec(resource, 0..3)).prop_map(|(root, resources)| Response::Quota { root, resources }),
        1 => (text(), vec(text(), 0..3)).prop_map(|(mailbox, roots)| Response::QuotaRoot { mailbox, roots }),
        4 => (any::<u32>(), vec(fetch_item(), 0..4)).prop_map(|(number, items)| Response::Fetch { number, items }),
        1 => (any::<u32>(), vec(fetch_item(), 0..4)).prop_map(|(uid, items)| Response::UidFetch { uid, items }),
        1 => (text(), vec(("[a-z/]{1,9}", of(vec(any::<u8>(), 0..20))), 0..3)).prop_map(|(mailbox, entries)| Response::Metadata { mailbox, entries }),
        1 => (text(), vec("[a-z/ ]{1,9}", 1..3)).prop_map(|(mailbox, entries)| Response::MetadataChanged { mailbox, entries }),
        1 => text().prop_map(Response::JmapAccess),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn what_a_server_writes_is_read_as_it_was_meant(responses in vec(response(), 1..4), utf8 in any::<bool>(), size in 1_usize..60) {
        let mut stream = Vec::new();
        for response in &responses {
            response.encode(&mut stream, utf8);
        }
        let mut framer = ResponseFramer::new(1 << 20);
        let mut read = Vec::new();
        for mut chunk in stream.chunks(size) {
            while let Some(octets) = framer.feed(&mut chunk).unwrap() {
                read.push(Response::parse(octets, utf8).unwrap());
            }
        }
        prop_assert_eq!(read, responses);
    }
}
