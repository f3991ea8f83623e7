//! What is written is read as it was meant, and fits through every server.

use kernel::{Rng, Timestamp};
use mail::mime::{self, Address, AddressGroup, Content, Draft, DraftPart, HeaderDate, HeaderValue};
use proptest::prelude::*;

use super::shown;

/// Chance that is always the same.
struct Counting(std::sync::atomic::AtomicU8);

impl Rng for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let value = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        bytes.fill(value);
    }
}

fn build(draft: &Draft) -> Vec<u8> {
    mime::build(draft, &Counting(1.into()))
}

fn draft(headers: Vec<(&str, HeaderValue)>, body: DraftPart) -> Draft {
    Draft { headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(), body }
}

fn address(name: &str, email: &str) -> Address {
    Address { name: (!name.is_empty()).then(|| name.to_owned()), email: email.to_owned() }
}

fn plain(text: &str) -> DraftPart {
    DraftPart::new("text/plain", Content::Text(text.to_owned()))
}

/// RFC 5322 §2.1.1, §2.3.
fn assert_can_be_sent(message: &[u8]) {
    for line in message.split_inclusive(|byte| *byte == b'\n') {
        assert!(line.len() <= 1000, "a line of {} octets", line.len());
        let content = line.strip_suffix(b"\r\n").unwrap_or(line);
        assert!(!content.contains(&b'\r') && !content.contains(&b'\n') && !content.contains(&0), "{}", shown(line));
    }
}

#[test]
fn a_whole_mail_is_written_as_every_program_reads_it() {
    let at = Timestamp::from_micros(1_739_460_774_000_000);
    let message = build(&draft(
        vec![
            ("Date", HeaderValue::Date(HeaderDate { at, offset_minutes: 480 })),
            ("From", HeaderValue::Addresses(vec![address("张伟", "zhangwei@example.cn")])),
            ("To", HeaderValue::Addresses(vec![address("Li, Na", "lina@example.cn"), address("", "all@example.cn")])),
            ("Subject", HeaderValue::Text("年度预算".to_owned())),
            ("Message-ID", HeaderValue::MessageIds(vec!["1@example.cn".to_owned()])),
            ("References", HeaderValue::MessageIds(vec!["a@x".to_owned(), "b@x".to_owned()])),
        ],
        DraftPart::of(
            Some("你好".to_owned()),
            Some("<p>你好<img src=\"cid:p@x\"></p>".to_owned()),
            vec![DraftPart {
                cid: Some("p@x".to_owned()),
                disposition: Some("inline".to_owned()),
                name: Some("p.png".to_owned()),
                ..DraftPart::new("image/png", Content::Bytes(vec![1, 2, 3]))
            }],
            vec![DraftPart::attachment("application/pdf", "预算.pdf", b"%PDF".to_vec())],
        ),
    ));
    assert_eq!(
        shown(&message),
        "Date: Thu, 13 Feb 2025 23:32:54 +0800\r
From: =?utf-8?B?5byg5Lyf?= <zhangwei@example.cn>\r
To: \"Li, Na\" <lina@example.cn>, all@example.cn\r
Subject: =?utf-8?B?5bm05bqm6aKE566X?=\r
Message-ID: <1@example.cn>\r
References: <a@x> <b@x>\r
MIME-Version: 1.0\r
Content-Type: multipart/mixed; boundary=\"=_010101010101010101010101010101\"\r
\r
--=_010101010101010101010101010101\r
Content-Type: multipart/alternative;\r
 boundary=\"=_020202020202020202020202020202\"\r
\r
--=_020202020202020202020202020202\r
Content-Type: text/plain; charset=\"utf-8\"\r
Content-Transfer-Encoding: base64\r
\r
5L2g5aW9\r
\r
--=_020202020202020202020202020202\r
Content-Type: multipart/related; boundary=\"=_030303030303030303030303030303\"\r
\r
--=_030303030303030303030303030303\r
Content-Type: text/html; charset=\"utf-8\"\r
Content-Transfer-Encoding: base64\r
\r
PHA+5L2g5aW9PGltZyBzcmM9ImNpZDpwQHgiPjwvcD4=\r
\r
--=_030303030303030303030303030303\r
Content-Disposition: inline; filename=\"p.png\"\r
Content-ID: <p@x>\r
Content-Type: image/png; name=\"p.png\"\r
Content-Transfer-Encoding: base64\r
\r
AQID\r
\r
--=_030303030303030303030303030303--\r
\r
--=_020202020202020202020202020202--\r
\r
--=_010101010101010101010101010101\r
Content-Disposition: attachment; filename*=utf-8''%E9%A2%84%E7%AE%97.pdf\r
Content-Type: application/pdf; name=\"=?utf-8?B?6aKE566XLnBkZg==?=\"\r
Content-Transfer-Encoding: base64\r
\r
JVBERg==\r
\r
--=_010101010101010101010101010101--\r
"
    );
    assert_can_be_sent(&message);
    super::wire::check(&message);
    let rendered = mime::render(&message);
    assert_eq!(rendered.summary.from, [address("张伟", "zhangwei@example.cn")]);
    assert_eq!(rendered.references, ["a@x", "b@x"]);
    assert_eq!(rendered.sent_at, Some(at));
    assert!(rendered.has_attachment);
    let parsed = mime::parse(&message);
    assert_eq!(parsed.parts[parsed.attachments[1]].name.as_deref(), Some("预算.pdf"));
}

#[test]
fn values_cannot_leave_their_place() {
    let message = build(&draft(
        vec![
            ("Subject", HeaderValue::Text("a\r\nBcc: x@y\n\nbody".to_owned())),
            ("X-Raw", HeaderValue::Raw("a\r\nInjected: x\r\n folded\r\n\r\n end".to_owned())),
            ("From", HeaderValue::Addresses(vec![address("a\r\nInjected: x", "a@b>\r\nInjected: x <c@d")])),
            ("Message-ID", HeaderValue::MessageIds(vec!["a>\r\nInjected: x\r\n\r\n".to_owned()])),
            ("Bad Name", HeaderValue::Text("x".to_owned())),
            ("Content-Type", HeaderValue::Raw("text/html".to_owned())),
            ("MIME-Version", HeaderValue::Raw("2.0".to_owned())),
        ],
        DraftPart {
            name: Some("a\"\r\nInjected: x".to_owned()),
            disposition: Some("inline\r\nInjected: x".to_owned()),
            cid: Some("a\r\nb".to_owned()),
            ..plain("x")
        },
    ));
    let parsed = mime::parse(&message);
    let names: Vec<_> = parsed.headers().iter().map(|field| field.name.to_string()).collect();
    assert_eq!(
        names,
        [
            "Subject",
            "X-Raw",
            "From",
            "Message-ID",
            "MIME-Version",
            "Content-Disposition",
            "Content-ID",
            "Content-Type",
            "Content-Transfer-Encoding"
        ]
    );
    assert_eq!(parsed.body_value(0, None).value, "x");
}

#[test]
fn every_form_of_a_header_is_read_as_it_was_given() {
    let groups = vec![
        AddressGroup { name: None, addresses: vec![address("A", "a@b.example")] },
        AddressGroup { name: Some("同事".to_owned()), addresses: vec![address("李四", "l@b.example"), address("", "m@b.example")] },
        AddressGroup { name: Some("Nobody".to_owned()), addresses: vec![] },
    ];
    let message = build(&draft(
        vec![
            ("X-Groups", HeaderValue::GroupedAddresses(groups.clone())),
            ("X-Urls", HeaderValue::Urls(vec!["mailto:a@b".to_owned(), "https://x/y".to_owned()])),
            ("X-Raw", HeaderValue::Raw(" one\r\n two".to_owned())),
            ("X-Raw-Chinese", HeaderValue::Raw("你好".to_owned())),
            ("X-Empty", HeaderValue::Text(String::new())),
        ],
        plain(""),
    ));
    let parsed = mime::parse(&message);
    let field = |name: &str| parsed.headers().iter().find(|field| field.is(name)).unwrap();
    assert_eq!(field("x-groups").as_grouped_addresses(), groups);
    assert_eq!(field("x-urls").as_urls().unwrap(), ["mailto:a@b", "https://x/y"]);
    assert_eq!(field("x-raw").as_raw(), " one\r\n two");
    assert_eq!(field("x-raw-chinese").as_text(), "你好");
    assert_eq!(field("x-empty").as_text(), "");
}

#[test]
fn a_message_within_is_kept_to_the_last_byte() {
    for inner in [&b"Subject: x\r\n\r\nplain\r\n"[..], "Subject: x\r\n\r\n八\r\n".as_bytes(), b"bare\nline\r\n", b"nul\0", &[b'x'; 5000]] {
        let body =
            DraftPart::of(Some("see".to_owned()), None, vec![], vec![DraftPart::attachment("message/rfc822", "m.eml", inner.to_vec())]);
        let message = build(&draft(vec![], body));
        assert_eq!(mime::binary(&message, &[2]).unwrap(), inner);
        if inner.is_ascii() {
            assert_can_be_sent(&message);
        }
    }
}

#[test]
fn html_alone_gets_a_text_made_of_it() {
    let message = build(&draft(vec![], DraftPart::of(None, Some("<p>one</p><p>two</p>".to_owned()), vec![], vec![])));
    let parsed = mime::parse(&message);
    assert_eq!(parsed.parts[parsed.text_body[0]].media_type, "text/plain");
    assert_eq!(parsed.body_value(parsed.text_body[0], None).value, "one\ntwo");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(300) })]

    #[test]
    fn whatever_people_write_is_read_back(subject in ".{0,200}", name in ".{0,80}", file in ".{1,120}", text in "(?s).{0,400}", bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let body = DraftPart::of(Some(text.clone()), None, vec![], vec![DraftPart::attachment("application/x", &file, bytes.clone())]);
        let message = build(&draft(vec![("Subject", HeaderValue::Text(subject.clone())), ("From", HeaderValue::Addresses(vec![address(&name, "a@b.example")]))], body));
        assert_can_be_sent(&message);
        prop_assert!(message.is_ascii());
        super::wire::check(&message);
        let parsed = mime::parse(&message);
        let field = |name: &str| parsed.headers().iter().find(|field| field.is(name)).unwrap();
        // Normal form C, and no control characters, is all that may change.
        let normal = |text: &str| -> String {
            use unicode_normalization::UnicodeNormalization;
            text.chars().map(|character| if matches!(character, '\r' | '\n') { ' ' } else { character }).filter(|character| (!character.is_control() || *character == '\t') && *character != '\u{feff}').nfc().collect()
        };
        prop_assert_eq!(normal(&field("subject").as_text()), normal(&subject));
        prop_assert_eq!(&field("from").as_addresses()[0].email, "a@b.example");
        prop_assert_eq!(parsed.bytes(parsed.attachments[0]), bytes);
        let written = text.replace("\r\n", "\n").replace('\r', "\n").trim_start_matches('\u{feff}').to_owned();
        let read = parsed.body_value(parsed.text_body[0], None).value;
        prop_assert_eq!(read.trim_start_matches('\u{feff}'), written);
    }
}
