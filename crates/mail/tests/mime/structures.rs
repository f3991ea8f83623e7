use mail::mime;

use super::{lines, sample, shown};

fn structure(message: &str) -> String {
    shown(&mime::render(&lines(message)).body_structure)
}

#[test]
fn a_plain_text_is_told_with_its_octets_and_lines() {
    assert_eq!(structure("Subject: x\n\nhello\nworld\n"), r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 14 2 NIL NIL NIL NIL)"#);
    assert_eq!(
        structure(
            "Content-Type: TEXT/Html; Charset=\"gb2312\"\nContent-Transfer-Encoding: 8BIT\nContent-ID: <a@b>\nContent-Description: d\nContent-MD5: Q2hlY2s=\nContent-Language: zh, en\nContent-Location: http://x/y\n\nx"
        ),
        r#"("TEXT" "Html" ("charset" "gb2312") "<a@b>" "d" "8BIT" 1 0 "Q2hlY2s=" NIL ("zh" "en") "http://x/y")"#
    );
    assert_eq!(structure(""), r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 0 0 NIL NIL NIL NIL)"#);
}

#[test]
fn a_multipart_is_told_with_its_parts() {
    let message = "Content-Type: multipart/mixed; boundary=\"b\"

preamble
--b

one
--b
Content-Type: application/pdf; name*=utf-8''%E6%8A%A5.pdf
Content-Disposition: attachment; filename*0*=utf-8''%E6%8A; filename*1*=%A5.pdf; size=3
Content-Transfer-Encoding: base64

AAAA

--b--
epilogue
";
    assert_eq!(
        structure(message),
        concat!(
            r#"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0 NIL NIL NIL NIL)"#,
            r#"("application" "pdf" ("name*" "utf-8''%E6%8A%A5.pdf") NIL NIL "base64" 6 NIL ("attachment" ("size" "3" "filename*" "utf-8''%E6%8A%A5.pdf")) NIL NIL)"#,
            r#" "mixed" ("boundary" "b") NIL NIL NIL)"#
        )
    );
    assert_eq!(
        shown(&mime::body_of(structure(message).as_bytes())),
        concat!(
            r#"(("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 3 0)"#,
            r#"("application" "pdf" ("name*" "utf-8''%E6%8A%A5.pdf") NIL NIL "base64" 6) "mixed")"#
        )
    );
}

/// RFC 9051 §7.5.2 has a message like this one.
#[test]
fn a_message_within_is_told_with_its_envelope() {
    let message = "Content-Type: multipart/digest; boundary=x

--x

Subject: inner
From: a@b

one
two
--x
Content-Type: message/rfc822

Content-Type: multipart/alternative; boundary=y

--y
Content-Type: text/html

<p>
--y--
--x--
";
    let inner = r#"(NIL "inner" ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) ((NIL NIL "a" "b")) NIL NIL NIL NIL NIL)"#;
    assert_eq!(
        structure(message),
        [
            r#"(("message" "rfc822" NIL NIL NIL "7bit" 37 "#,
            inner,
            r#" ("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 8 1 NIL NIL NIL NIL) 4 NIL NIL NIL NIL)"#,
            r#"("message" "rfc822" NIL NIL NIL "7bit" 93 (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)"#,
            r#" (("text" "html" NIL NIL NIL "7bit" 3 0 NIL NIL NIL NIL) "alternative" ("boundary" "y") NIL NIL NIL) 6 NIL NIL NIL NIL)"#,
            r#" "digest" ("boundary" "x") NIL NIL NIL)"#
        ]
        .concat()
    );
    super::wire::check(&lines(message));
}

#[test]
fn the_samples_are_consistent() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/samples/mail");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".eml") {
            super::wire::check(&sample(&name));
            seen += 1;
        }
    }
    assert!(seen >= 10);
}

/// mail-parser, which knows nothing of ours, is asked about the same bytes.
#[test]
fn another_reader_finds_the_same_parts_in_the_samples() {
    for name in ["plain-gbk.eml", "big5.eml", "iso-2022-jp.eml", "alternative-with-pictures.eml", "chinese-attachments.eml", "signed.eml"] {
        let message = sample(name);
        let other = mail_parser::MessageParser::default().parse(&message).unwrap();
        let parsed = mime::parse(&message);
        assert_eq!(parsed.parts.len(), other.parts.len(), "{name}");
        for (part, other) in other.parts.iter().enumerate() {
            match &other.body {
                mail_parser::PartType::Text(text) | mail_parser::PartType::Html(text) => {
                    assert_eq!(parsed.body_value(part, None).value, text.replace("\r\n", "\n"), "{name}");
                }
                mail_parser::PartType::Binary(bytes) | mail_parser::PartType::InlineBinary(bytes) => {
                    assert_eq!(&parsed.bytes(part)[..], &bytes[..], "{name}")
                }
                mail_parser::PartType::Multipart(parts) => assert_eq!(parsed.parts[part].sub_parts.len(), parts.len(), "{name}"),
                mail_parser::PartType::Message(_) => {}
            }
        }
        let subject = other.subject().unwrap_or_default();
        assert_eq!(mime::render(&message).summary.subject, subject, "{name}");
    }
}
