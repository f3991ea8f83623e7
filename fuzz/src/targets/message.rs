//! Any octets as a mail: no panic, bounds on parts and previews, one answer whichever way it is asked, and an ENVELOPE and a BODYSTRUCTURE that clients can read.

use mail::mime::{self, MAX_PARTS, MAX_PREVIEW_CHARS, Section, What};
use proto_imap::Response;

use crate::Target;

pub const TARGET: Target = Target {
    name: "message",
    corpus: super::mails,
    words: &[
        "\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        "--",
        "--x",
        "--x--",
        "Content-Type: ",
        "multipart/mixed; boundary=x\r\n",
        "message/rfc822\r\n",
        "multipart/digest; boundary=\"x\"\r\n",
        "text/html; charset=gbk\r\n",
        "charset=utf-7",
        "Content-Transfer-Encoding: base64\r\n",
        "quoted-printable\r\n",
        "x-uuencode\r\n",
        "Content-Disposition: attachment; filename*=utf-8''%e4%bd%a0\r\n",
        "filename*0=a; filename*1*=%",
        "=?utf-8?B?",
        "=?gb2312?Q?",
        "?=",
        "=\r\n",
        "To: ",
        "From: ",
        "a@b, ",
        "group: ",
        ";",
        "<",
        ">",
        "\"",
        "\\",
        "(",
        ")",
        "@",
        "\0",
        "\u{fffd}",
        "begin 644 x\r\n",
        "\r\nend\r\n",
        "References: <a@b> <c@d>\r\n",
        "Date: Mon, 1 Jun 2026 09:00:00 +0800\r\n",
    ],
    begin: || Box::new(run),
};

fn run(message: &[u8]) {
    let rendered = mime::render(message);
    assert_eq!(rendered.size_bytes, message.len() as u64);
    assert!(rendered.summary.preview.chars().count() <= MAX_PREVIEW_CHARS);
    for (item, wire) in [
        ("ENVELOPE", rendered.envelope.clone()),
        ("BODYSTRUCTURE", rendered.body_structure.clone()),
        ("BODY", mime::body_of(&rendered.body_structure)),
    ] {
        let fetch = [b"* 1 FETCH (", item.as_bytes(), b" ", &wire, b")"].concat();
        assert!(Response::parse(&fetch, true).is_ok(), "{item} {}", String::from_utf8_lossy(&wire));
    }
    let whole = |what: What| mime::section(message, &Section { path: Vec::new(), what }).map(|found| found.len());
    assert_eq!(whole(What::Whole), Some(message.len()));
    assert_eq!(whole(What::Header).unwrap_or(0) + whole(What::Text).unwrap_or(0), message.len(), "header and text are the message");
    let parsed = mime::parse(message);
    assert!(parsed.parts.len() <= MAX_PARTS + 1);
    for (index, part) in parsed.parts.iter().enumerate() {
        let value = parsed.body_value(index, Some(1000));
        assert!(value.value.len() <= 1000);
        let _ = (parsed.bytes(index).len(), mime::binary_size(message, &part.path).is_ok(), part.headers.len());
        for what in [What::Whole, What::Header, What::Text, What::Mime] {
            let found = mime::section(message, &Section { path: part.path.clone(), what });
            assert!(found.is_none_or(|found| found.len() <= message.len()));
        }
        for header in &part.headers {
            let _ = (header.as_text(), header.as_addresses(), header.as_grouped_addresses(), header.as_message_ids());
            let _ = (header.as_date(), header.as_urls(), header.as_raw());
        }
    }
    for listed in [&parsed.text_body, &parsed.html_body, &parsed.attachments] {
        assert!(listed.iter().all(|part| *part < parsed.parts.len()));
    }
    assert!(mime::text_of(message, 1000).len() <= 1001);
}
