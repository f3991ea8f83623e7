//! Mail that no standard allows: served byte for byte, shown as well as can be.

use mail::mime::{self, What};
use proptest::prelude::*;

use super::wire::check;
use super::{body, lines, shown};

#[test]
fn every_known_kind_of_broken_mail_is_told_consistently() {
    for text in [
        "",
        "\n",
        "\n\n",
        "x",
        ":",
        ": x\n\n",
        "From someone@somewhere Mon Jan 1 00:00:00 2025\nSubject: mbox\n\nbody\n",
        "Subject: no empty line\nThis is text\nand more of it\n",
        "Subject: one bad line\nthis is none\nTo: a@b\n\nbody",
        "Subject: ends in the header",
        "Subject: ends in a fold\n ",
        "Content-Type: multipart/mixed\n\nno boundary\n",
        "Content-Type: multipart/mixed; boundary=b\n\nno delimiter\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n--b--",
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nno end",
        "Content-Type: multipart/mixed; boundary=b\n--b\n\nno empty line before\n--b--\n",
        "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n\nx\n----\n",
        "Content-Type: multipart/mixed; boundary=b; boundary=c\n\n--c\n\nx\n--b--\n",
        "Content-Type: multipart/mixed; boundary=b\n\n--b  \t\n\nspaces after\n--b-- \n--b\n\nafter the end\n--b--\n",
        // The outer delimiter within an inner multipart that never ends.
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\ninner\n--a\n\nouter\n--a--\n",
        // The same boundary twice, and one that begins with another.
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n--a\n\ny\n--a--\n",
        "Content-Type: multipart/mixed; boundary=ab\n\n--ab\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n--ab\n\ny\n--ab--\n",
        "Content-Type: message/rfc822\n\n",
        "Content-Type: message/rfc822\n\nSubject: x",
        "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==\n",
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\n--a--\n",
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\n\n--a--\n",
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\nSubject: x\n\n--a--\n",
        "Content-Type: text\n\nno subtype",
        "Content-Type: ;;;\n\nnothing",
        "Content-Type: text/plain; =; charset; charset=; \"\n\nparameters",
        "Content-Transfer-Encoding: base64\n\nnot base64 at all é\n",
        "Content-Type: text/plain; charset=nobody\n\n\u{e9}\n",
        "Subject : space before the colon\n\nx",
    ] {
        check(text.as_bytes());
        check(&lines(text));
    }
    check(b"Subject: bare\rCR\r\rbody\r");
    check(b"Subject: nul\0in\0header\r\nFrom: \0 <a\0@b>\r\n\r\nnul\0body");
    check(b"Subject: \xc4\xe3\xba\xc3\r\nFrom: \xd5\xc5\xc8\xfd <a@b>\r\n\r\n\xff\xfe");
}

#[test]
fn text_without_an_empty_line_before_it_is_shown() {
    let message = lines("Subject: s\nThis is text\nand more\n");
    assert_eq!(body(&message, &[1], What::Whole).unwrap(), "This is text\r\nand more\r\n");
    assert_eq!(mime::render(&message).summary.preview, "This is text and more");
    // One bad line among headers spoils nothing.
    let message = lines("Subject: s\n>From somewhere\nTo: a@b\n\nbody\n");
    assert_eq!(body(&message, &[1], What::Whole).unwrap(), "body\r\n");
    assert_eq!(mime::render(&message).summary.to.len(), 1);
}

#[test]
fn a_multipart_that_cannot_be_divided_is_shown_as_text() {
    for message in ["Content-Type: multipart/mixed\n\nread me\n", "Content-Type: multipart/alternative; boundary=x\n\nread me\n"] {
        let message = lines(message);
        assert_eq!(body(&message, &[1], What::Whole).unwrap(), "read me\r\n");
        assert_eq!(mime::render(&message).summary.preview, "read me");
    }
}

#[test]
fn an_outer_delimiter_ends_everything_within() {
    let message = lines(
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/alternative; boundary=b\n\n--b\n\ninner\n--a\n\nouter\n--a--\n",
    );
    assert_eq!(body(&message, &[1, 1], What::Whole).unwrap(), "inner");
    assert_eq!(body(&message, &[2], What::Whole).unwrap(), "outer");
}

#[test]
fn fifty_thousand_parts_are_bounded() {
    let mut message = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n".to_vec();
    for number in 0..50_000 {
        message.extend_from_slice(format!("--b\r\n\r\npart {number}\r\n").as_bytes());
    }
    check(&message);
    let rendered = mime::render(&message);
    assert_eq!(shown(&rendered.body_structure).matches("\"plain\"").count(), mime::MAX_PARTS - 1);
    // Nothing is lost: the last part holds the rest.
    let last = body(&message, &[mime::MAX_PARTS as u32 - 1], What::Whole).unwrap();
    assert!(last.ends_with("part 49999\r\n"));
}

#[test]
fn ten_thousand_levels_are_bounded() {
    let multiparts: String =
        (0..10_000).map(|level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n")).collect();
    check(format!("{multiparts}\r\ndeep").as_bytes());
    let messages = "Content-Type: message/rfc822\r\n\r\n".repeat(10_000);
    check(format!("{messages}\r\ndeep").as_bytes());
    let both: String = (0..5_000)
        .map(|level| format!("Content-Type: message/rfc822\r\n\r\nContent-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n"))
        .collect();
    check(both.as_bytes());
}

#[test]
fn long_lines_and_many_fields_are_bounded() {
    check(format!("Subject: {}\r\n\r\n{}", "x".repeat(2_000_000), "y".repeat(2_000_000)).as_bytes());
    check(format!("{}\r\nbody", "A: b\r\n".repeat(100_000)).as_bytes());
    check(format!("To: {}\r\n\r\n", "a@b, ".repeat(100_000)).as_bytes());
    check(format!("To: {}\r\n\r\n", "(".repeat(200_000)).as_bytes());
    check(format!("Content-Type: text/plain; {}\r\n\r\n", "a=b; ".repeat(100_000)).as_bytes());
    check(format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--\r\n--c\r\n".repeat(100_000)).as_bytes());
    check(format!("References: {}\r\n\r\n", "<a@b> ".repeat(100_000)).as_bytes());
}

/// Words that mails are made of, so that chance meets the interesting places.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "Content-Type: ",
        "multipart/mixed",
        "multipart/digest",
        "multipart/alternative",
        "message/rfc822",
        "text/plain",
        "text/html",
        "image/png",
        "; boundary=a",
        "; boundary=\"b\"",
        "; charset=gbk",
        "; name=\"x",
        "Content-Transfer-Encoding: base64\r\n",
        "Content-Transfer-Encoding: quoted-printable\r\n",
        "Content-Disposition: attachment; filename=x\r\n",
        "\r\n",
        "\r\n\r\n",
        "\n",
        "\r",
        "--a",
        "--b",
        "--a--",
        "--b--",
        "--",
        "\r\n--a\r\n",
        "\r\n--b\r\n",
        "\r\n--a--\r\n",
        "From: ",
        "To: ",
        "Subject: ",
        "a@b",
        "<",
        ">",
        ",",
        ";",
        ":",
        "(",
        ")",
        "\"",
        "\\",
        "=?utf-8?B?",
        "=?gbk?Q?",
        "?=",
        "=E4=BD=A0",
        "5L2g",
        "<p>",
        "<style>",
        "&amp;",
        " ",
        "\t",
        "\0",
        "你",
        "=\r\n",
        "*0*=",
        "utf-8''%E4",
    ]);
    let bytes = prop_oneof![9 => words.prop_map(|word: &str| word.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..6)];
    prop::collection::vec(bytes, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(if cfg!(debug_assertions) { 600 } else { 20_000 }) })]

    #[test]
    fn whatever_comes_is_told_consistently(message in pieces()) {
        check(&message);
    }

    #[test]
    fn a_sane_mail_that_was_damaged_is_told_consistently(at in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>(), with in pieces()) {
        let mut message = super::sample("alternative-with-pictures.eml");
        let from = at.index(message.len());
        let to = from + cut.index((message.len() - from).min(200));
        message.splice(from..to, with);
        check(&message);
    }
}
