//! The example commands of the RFCs.

use proto_imap::*;

use crate::read::{command, error, error_kind, read};

fn body(line: &str) -> CommandBody {
    command(line).body
}

fn name(name: &str) -> MailboxName {
    MailboxName::new(name).unwrap()
}

fn set(ranges: &[(u32, u32)]) -> MessageSet {
    let number = |number: u32| SequenceNumber::new(number).unwrap_or(SequenceNumber::Largest);
    let ranges = ranges.iter().map(|(first, last)| {
        if first == last { SequenceRange::One(number(*first)) } else { SequenceRange::Range(number(*first), number(*last)) }
    });
    MessageSet::Set(SequenceSet::new(ranges.collect()).unwrap())
}

fn date(year: u16, month: u8, day: u8) -> Date {
    Date::new(year, month, day).unwrap()
}

fn fetched(line: &str) -> Vec<FetchAttribute> {
    let CommandBody::Fetch(fetch) = body(line) else { panic!("{line}") };
    fetch.attributes
}

fn section(line: &str) -> (Section, bool, Option<Partial>) {
    match fetched(line).remove(0) {
        FetchAttribute::Section { section, peek, partial } => (section, peek, partial),
        other => panic!("{other:?}"),
    }
}

fn sought(line: &str) -> SearchKey {
    let CommandBody::Search(search) = body(line) else { panic!("{line}") };
    search.key
}

/// Every example command of RFC 9051 §6 and of the extensions, one a line.
const UNDERSTOOD: &[&str] = &[
    // RFC 9051 §6.1 to §6.3
    "abcd CAPABILITY",
    "a002 NOOP",
    "A023 LOGOUT",
    "a001 STARTTLS",
    "A01 AUTHENTICATE PLAIN",
    "A01 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=",
    "A01 AUTHENTICATE EXTERNAL =",
    "a001 LOGIN SMITH SESAME",
    "t1 ENABLE IMAP4rev2",
    "t2 ENABLE X-GOOD-IDEA",
    "A142 SELECT INBOX",
    "A932 EXAMINE blurdybloop",
    "A003 CREATE owatagusiam/",
    "A682 DELETE blurdybloop",
    "Z433 RENAME INBOX old-mail",
    "A003 RENAME sarasoon zowie",
    "A002 SUBSCRIBE #news.comp.mail.mime",
    "A002 UNSUBSCRIBE #news.comp.mail.mime",
    "A101 LIST \"\" \"\"",
    "A102 LIST #news.comp.mail.misc \"\"",
    "A103 LIST /usr/staff/jones \"\"",
    "A202 LIST ~/Mail/ %",
    "A01 LIST \"\" \"*\"",
    "A02 LIST (SUBSCRIBED) \"\" \"*\"",
    "A03 LIST () \"\" \"%\" RETURN (CHILDREN)",
    "A04 LIST (REMOTE) \"\" \"%\" RETURN (CHILDREN)",
    "A05 LIST (REMOTE SUBSCRIBED) \"\" \"*\"",
    "A06 LIST (REMOTE) \"\" \"*\" RETURN (SUBSCRIBED)",
    "BBB LIST \"\" (\"INBOX\" \"Drafts\" \"Sent/%\")",
    "D02 LIST (SUBSCRIBED RECURSIVEMATCH) \"\" \"*\"",
    "t1 LIST (SPECIAL-USE) \"\" \"%\" RETURN (SPECIAL-USE)",
    "t2 LIST (SUBSCRIBED RECURSIVEMATCH) \"\" % RETURN (STATUS (MESSAGES))",
    "A00 LIST \"\" % RETURN (STATUS (MESSAGES UNSEEN))",
    "a001 NAMESPACE",
    "A042 STATUS blurdybloop (UIDNEXT MESSAGES)",
    "a001 STATUS INBOX (APPENDLIMIT SIZE HIGHESTMODSEQ MAILBOXID DELETED-STORAGE DELETED)",
    "A002 IDLE",
    "A341 CLOSE",
    "A342 UNSELECT",
    "FXXZ CHECK",
    "A202 EXPUNGE",
    "A003 UID EXPUNGE 3000:3002",
    // RFC 9051 §6.4
    "A282 SEARCH RETURN (MIN COUNT) FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"",
    "A283 SEARCH RETURN () FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"",
    "A284 SEARCH TEXT \"string not in mailbox\"",
    "P283 SEARCH RETURN (SAVE) SINCE 1-Feb-1994 NOT FROM \"Smith\"",
    "P285 SEARCH RETURN (SAVE MIN MAX) UID $ SMALLER 4096",
    "C285 SEARCH RETURN (SAVE) KEYWORD $Junk",
    "E284 SEARCH CHARSET UTF-8 (OR $ 1,3000:3021) TEXT x",
    "A654 FETCH 2:4 (FLAGS BODY[HEADER.FIELDS (DATE FROM)])",
    "A003 STORE 2:4 +FLAGS (\\Deleted)",
    "A003 COPY 2:4 MEETING",
    "a UID MOVE 42:69 foo",
    "A999 UID FETCH 4827313:4828442 FLAGS",
    "A143 FETCH $ (UID FLAGS)",
    // Extensions
    "a023 ID (\"name\" \"sodr\" \"version\" \"19.34\" \"vendor\" \"Pink Floyd Music Limited\")",
    "a042 ID NIL",
    "C01 SELECT INBOX (CONDSTORE)",
    "A02 SELECT INBOX (QRESYNC (67890007 20050715194045000 41,43:211,214:541))",
    "B04 SELECT INBOX (QRESYNC (67890007 90060115194045000 41:211,214:541))",
    "A03 SELECT INBOX (QRESYNC (67890007 90060128194045000 1:29997 (5000,7500,9000,9990:9999 15000,22500,27000,29970,29973,29976,29979,29982,29985,29988)))",
    "s100 UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)",
    "s100 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)",
    "a103 UID STORE 6,4,8 (UNCHANGEDSINCE 12121230045) +FLAGS.SILENT (\\Deleted)",
    "d105 STORE 7,5,9 (UNCHANGEDSINCE 320162338) +FLAGS.SILENT (\\Deleted)",
    "a SEARCH MODSEQ \"/flags/\\\\draft\" all 620162338",
    "t SEARCH OR NOT MODSEQ 720162338 LARGER 50000",
    "a1 SEARCH OLDER 2592000 YOUNGER 86400",
    "G0001 GETQUOTA \"!partition/sda4\"",
    "G0002 GETQUOTAROOT INBOX",
    "S0000 SETQUOTA \"#user/alice\" (STORAGE 510)",
    "t1 CREATE MyDrafts (USE (\\Drafts))",
    "b COMPRESS DEFLATE",
    "A1 FETCH 1 (PREVIEW (LAZY) EMAILID THREADID SAVEDATE MODSEQ)",
    "F1 FETCH 2:8 (UID PREVIEW)",
    "a2 SEARCH EMAILID M6d99ac3275bb4e",
    "a SEARCH SAVEDSINCE 1-Jan-2026 SAVEDATESUPPORTED",
    "A282 SORT (SUBJECT) UTF-8 SINCE 1-Feb-1994",
    "A284 UID SORT RETURN (MIN) (REVERSE DATE SUBJECT DISPLAYFROM) US-ASCII TEXT \"not in mailbox\"",
    "A283 THREAD ORDEREDSUBJECT UTF-8 SINCE 5-MAR-2000",
    "A284 THREAD REFERENCES US-ASCII TEXT \"gewp\"",
    "A2 LSUB \"#news.\" \"comp.mail.*\"",
];

#[test]
fn every_example_of_the_rfcs_is_understood() {
    for line in UNDERSTOOD {
        let (tag, _) = line.split_once(' ').unwrap();
        assert_eq!(command(line).tag.as_str(), tag);
    }
}

#[test]
fn words_are_read_in_any_case_and_inbox_is_inbox() {
    assert_eq!(body("a select \"inBox\""), CommandBody::Select(Select { mailbox: MailboxName::inbox(), condstore: false, qresync: None }));
    assert_eq!(body("a uId eXpunge $"), CommandBody::UidExpunge(MessageSet::Saved));
}

#[test]
fn login_takes_atoms_quoted_strings_and_literals() {
    let login = |user: &str, password: &str| CommandBody::Login { user: user.to_owned(), password: Secret::new(password) };
    assert_eq!(body("a LOGIN smith p]a~s+s"), login("smith", "p]a~s+s"));
    assert_eq!(body(r#"a LOGIN "a \"b\"" "c\\d""#), login("a \"b\"", "c\\d"));
    assert_eq!(body("A001 LOGIN {11}\r\nFRED FOOBAR {7}\r\nfat man"), login("FRED FOOBAR", "fat man"));
    assert_eq!(body("A001 LOGIN {11+}\r\nFRED FOOBAR {0+}\r\n"), login("FRED FOOBAR", ""));
    assert_eq!(format!("{:?}", body("a LOGIN smith sesame")), "Login { user: \"smith\", password: Secret(…) }");
}

#[test]
fn authenticate_takes_an_initial_response() {
    let CommandBody::Authenticate { mechanism, initial } = body("A01 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=") else { panic!() };
    assert!(mechanism.is("plain"));
    assert_eq!(initial.unwrap().as_bytes(), b"test\0test\0test");
    let CommandBody::Authenticate { initial, .. } = body("A01 AUTHENTICATE EXTERNAL =") else { panic!() };
    assert_eq!(initial, Some(Secret::new("")));
    assert_eq!(error("A01 AUTHENTICATE PLAIN dGVzd").at, 23);
    assert_eq!(parse_sasl_line(b"*"), SaslLine::Cancelled);
    assert_eq!(parse_sasl_line(b"AGE="), SaslLine::Response(Secret::new("\0a")));
    assert_eq!(parse_sasl_line(b""), SaslLine::Response(Secret::new("")));
    assert_eq!(parse_sasl_line(b"%"), SaslLine::Invalid);
    assert!(is_done(b"done") && !is_done(b"DONE "));
}

#[test]
fn an_append_tells_all_but_the_octets() {
    let stream = b"A003 APPEND saved-messages (\\Seen) \" 7-Feb-1994 21:52:25 -0800\" {5}\r\nab\r\nc\r\nA004 NOOP\r\n";
    let heard = read(stream, &Options::default());
    assert_eq!(heard.len(), 2);
    let first = heard[0].clone().unwrap();
    let date = DateTime::new(date(1994, 2, 7), 21, 52, 25, -480).unwrap();
    let data = AppendData::Literal { size: 5, form: MessageForm::Literal };
    let message = AppendMessage { flags: vec![Flag::Seen], date: Some(date), data };
    assert_eq!(first.command.body, CommandBody::Append(Append { mailbox: name("saved-messages"), messages: vec![message] }));
    assert_eq!(first.messages, [b"ab\r\nc"]);
}

#[test]
fn an_append_may_bring_several_messages_of_every_form() {
    let stream = b"A APPEND {3+}\r\na b {2+}\r\nab ($Forwarded) ~{3}\r\na\0b UTF8 (~{1+}\r\nc)\r\n";
    let heard = read(stream, &Options::default()).remove(0).unwrap();
    let CommandBody::Append(append) = heard.command.body else { panic!() };
    assert_eq!(append.mailbox, name("a b"));
    let forms: Vec<_> = append.messages.iter().map(|message| message.data.clone()).collect();
    let literal = |form, size| AppendData::Literal { size, form };
    assert_eq!(forms, [literal(MessageForm::Literal, 2), literal(MessageForm::Literal8, 3), literal(MessageForm::Utf8, 1)]);
    assert_eq!(heard.messages, [b"ab".to_vec(), b"a\0b".to_vec(), b"c".to_vec()]);
}

#[test]
fn sections_and_their_parts_are_told_apart() {
    let parts = |numbers: &[u32]| numbers.iter().map(|number| std::num::NonZeroU32::new(*number).unwrap()).collect::<Vec<_>>();
    let names = |names: &[&str]| names.iter().map(|name| HeaderName::new(name).unwrap()).collect::<Vec<_>>();
    let section_of = |path: &[u32], what| Section { path: parts(path), what };
    assert_eq!(section("a FETCH 1 BODY[]"), (section_of(&[], SectionText::Whole), false, None));
    assert_eq!(
        section("a FETCH 1 BODY.PEEK[1.2.HEADER.FIELDS (A B)]<0.100>"),
        (
            section_of(&[1, 2], SectionText::HeaderFields { names: names(&["A", "B"]), not: false }),
            true,
            Some(Partial { offset: 0, count: 100 })
        )
    );
    assert_eq!(
        section("a FETCH 1 BODY[HEADER.FIELDS.NOT ({4}\r\nDate)]").0,
        section_of(&[], SectionText::HeaderFields { names: names(&["Date"]), not: true })
    );
    assert_eq!(section("a FETCH 1 (BODY[4.2.2.1])").0, section_of(&[4, 2, 2, 1], SectionText::Whole));
    assert_eq!(section("a FETCH 1 BODY[3.MIME]").0, section_of(&[3], SectionText::Mime));
    assert_eq!(section("a FETCH 1 BODY[TEXT]").0, section_of(&[], SectionText::Text));
    assert_eq!(
        fetched("a FETCH 1 (BODY BINARY.PEEK[1]<2.3> BINARY.SIZE[1.2] BODY)"),
        [
            FetchAttribute::Body,
            FetchAttribute::Binary { path: parts(&[1]), peek: true, partial: Some(Partial { offset: 2, count: 3 }) },
            FetchAttribute::BinarySize(parts(&[1, 2])),
        ]
    );
    for wrong in [
        "BODY[MIME]",
        "BODY[1.]",
        "BODY[0]",
        "BODY[1",
        "BODY[HEADER.FIELDS ()]",
        "BODY[]<5.0>",
        "BODY[]<5>",
        "BINARY[TEXT]",
        "()",
        "ALL FAST",
    ] {
        assert_eq!(error_kind(&format!("a FETCH 1 {wrong}")), SyntaxErrorKind::Syntax, "{wrong}");
    }
}

#[test]
fn the_macros_stand_for_their_items() {
    assert_eq!(fetched("a FETCH 1 ALL"), FetchAttribute::all());
    assert_eq!(fetched("a FETCH 1 fast (CHANGEDSINCE 1)"), FetchAttribute::fast());
    assert_eq!(fetched("a FETCH 1 Full"), FetchAttribute::full());
    assert_eq!(error_kind("a FETCH 1 (ALL)"), SyntaxErrorKind::Syntax);
}

#[test]
fn a_fetch_and_a_store_carry_their_modifiers() {
    let CommandBody::Fetch(fetch) = body("s100 UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)") else { panic!() };
    assert_eq!((fetch.uid, fetch.changed_since, fetch.vanished), (true, Some(12345), true));
    // RFC 7162 §3.2.6: VANISHED is of no use without UID FETCH and CHANGEDSINCE.
    assert_eq!(error_kind("s FETCH 1:2 FLAGS (CHANGEDSINCE 1 VANISHED)"), SyntaxErrorKind::Syntax);
    assert_eq!(error_kind("s UID FETCH 1:2 FLAGS (VANISHED)"), SyntaxErrorKind::Syntax);
    let CommandBody::Store(store) = body("a STORE 1,3:* (UNCHANGEDSINCE 0) -FLAGS.SILENT \\Seen $Junk") else { panic!() };
    assert_eq!(store.messages, set(&[(1, 1), (3, 0)]));
    assert_eq!((store.action, store.silent, store.unchanged_since), (StoreAction::Remove, true, Some(0)));
    assert_eq!(store.flags, [Flag::Seen, Flag::new("$Junk").unwrap()]);
}

#[test]
fn searches_nest() {
    let text = |text: &str| text.to_owned();
    assert_eq!(
        sought("A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\""),
        SearchKey::And(vec![
            SearchKey::Flagged,
            SearchKey::Since(date(1994, 2, 1)),
            SearchKey::Not(Box::new(SearchKey::From(text("Smith"))))
        ])
    );
    assert_eq!(
        sought("a SEARCH OR (SEEN 1:3) NOT (UID $)"),
        SearchKey::Or(
            Box::new(SearchKey::And(vec![SearchKey::Seen, SearchKey::Sequence(set(&[(1, 3)]))])),
            Box::new(SearchKey::Not(Box::new(SearchKey::Uid(MessageSet::Saved))))
        )
    );
    assert_eq!(sought("a SEARCH HEADER X-Spam \"\""), SearchKey::Header { field: text("X-Spam"), text: String::new() });
    assert_eq!(sought("a SEARCH CHARSET utf-8 SUBJECT {6}\r\n会议"), SearchKey::Subject(text("会议")));
    assert_eq!(sought("a SEARCH BEFORE \"01-mar-2020\""), SearchKey::Before(date(2020, 3, 1)));
    assert_eq!(error_kind("a SEARCH CHARSET KLINGON TEXT a"), SyntaxErrorKind::BadCharset);
    for wrong in [
        "",
        "()",
        "OR SEEN",
        "NOT",
        "SEEN ",
        "SEENUNSEEN",
        "BEFORE 31-Feb-2020",
        "LARGER x",
        "0",
        "1:2:3",
        "KEYWORD \\Seen",
        "RETURN (SAVE)",
    ] {
        assert_eq!(error_kind(&format!("a SEARCH {wrong}")), SyntaxErrorKind::Syntax, "{wrong}");
    }
}

#[test]
fn a_charset_that_the_server_knows_is_decoded() {
    fn latin(charset: &str, octets: &[u8]) -> Result<String, CharsetError> {
        if charset == "ISO-8859-1" { Ok(octets.iter().map(|octet| char::from(*octet)).collect()) } else { decode_utf8(charset, octets) }
    }
    let options = Options { decode_charset: latin, ..Options::default() };
    let heard = read(b"a SEARCH CHARSET ISO-8859-1 TEXT {2+}\r\n\xe9!\r\nb SEARCH TEXT \"\xe9\"\r\n", &options);
    let CommandBody::Search(search) = &heard[0].as_ref().unwrap().command.body else { panic!() };
    assert_eq!(search.key, SearchKey::Text("é!".to_owned()));
    assert_eq!(heard[1].as_ref().unwrap_err().kind, SyntaxErrorKind::Syntax);
}

#[test]
fn a_search_says_what_it_wants_back() {
    let returns = |line: &str| {
        let CommandBody::Search(search) = body(line) else { panic!("{line}") };
        search.returns
    };
    assert_eq!(returns("a SEARCH ALL"), None);
    assert_eq!(returns("a SEARCH RETURN () ALL"), Some(ReturnOptions::ALL));
    let min_save = ReturnOptions { min: true, save: true, ..ReturnOptions::default() };
    assert_eq!(returns("a UID SEARCH RETURN (MIN SAVE) CHARSET US-ASCII ALL"), Some(min_save));
}

#[test]
fn a_list_carries_options_and_patterns() {
    let CommandBody::List(list) = body("a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" (% \"a*\") RETURN (CHILDREN STATUS (MESSAGES SIZE))")
    else {
        panic!()
    };
    assert!(list.is_extended());
    assert_eq!(list.select, Some(ListSelect { subscribed: true, recursive_match: true, ..ListSelect::default() }));
    assert_eq!(list.patterns, [ListPattern::new("%").unwrap(), ListPattern::new("a*").unwrap()]);
    let returns = list.returns.unwrap();
    assert_eq!((returns.children, returns.status.as_slice()), (true, [StatusItem::Messages, StatusItem::Size].as_slice()));
    for wrong in
        ["(RECURSIVEMATCH) \"\" *", "(RECURSIVEMATCH REMOTE) \"\" *", "(NONSENSE) \"\" *", "\"\" ()", "\"\" * RETURN (NONSENSE)", "\"\""]
    {
        assert_eq!(error_kind(&format!("a LIST {wrong}")), SyntaxErrorKind::Syntax, "{wrong}");
    }
}

#[test]
fn names_are_decoded_as_the_session_has_agreed() {
    let mailbox = |line: &[u8], utf8| match read(line, &Options { utf8, ..Options::default() }).remove(0) {
        Ok(heard) => match heard.command.body {
            CommandBody::Delete(mailbox) => Ok(mailbox.to_string()),
            other => panic!("{other:?}"),
        },
        Err(error) => Err(error.kind),
    };
    assert_eq!(mailbox(b"a DELETE &ZTZO9nux-\r\n", false).unwrap(), "收件箱");
    assert_eq!(mailbox("a DELETE \"收件箱\"\r\n".as_bytes(), true).unwrap(), "收件箱");
    assert_eq!(mailbox(b"a DELETE R&D\r\n", true).unwrap(), "R&D");
    for (line, utf8) in [
        (&b"a DELETE R&D\r\n"[..], false),
        ("a DELETE \"收件箱\"\r\n".as_bytes(), false),
        (b"a DELETE \"\"\r\n", true),
        (b"a DELETE \"\xff\"\r\n", true),
    ] {
        assert_eq!(mailbox(line, utf8), Err(SyntaxErrorKind::BadMailboxName));
    }
    assert_eq!(error_kind("a CREATE x (USE (\\Nonsense))"), SyntaxErrorKind::UnknownUse);
}

#[test]
fn what_is_wrong_is_told_with_its_place_and_never_repeated() {
    let told = error("a1 LOGIN smith \"sesame");
    assert_eq!(told.tag.as_ref().unwrap().as_str(), "a1");
    assert_eq!(told.to_string(), "expected the end of the quoted string at octet 22");
    assert_eq!(error("a1 FROBNICATE x").kind, SyntaxErrorKind::UnknownCommand);
    assert_eq!(error("a1 UID NOOP").kind, SyntaxErrorKind::UnknownCommand);
    assert_eq!(error("").tag, None);
    assert_eq!(error("(x").to_string(), "expected a tag at octet 0");
    for line in [
        "a1 NOOP ",
        "a1  NOOP",
        "a1",
        "a1 ",
        "a1 SELECT",
        "a1 SELECT ",
        "a1 SELECT a b",
        "a1 STORE 1 FLAGS",
        "a1 COPY 1:a b",
        "a1 LOGIN a\0b c",
        "a1 ID (\"a\")",
    ] {
        assert_eq!(error_kind(line), SyntaxErrorKind::Syntax, "{line}");
    }
}
