use mail::mime::{self, BinaryError, What};

use super::{body, lines};

/// The shape of RFC 9051 §6.4.5: `4` is a message within whose second part is a multipart.
fn nested() -> Vec<u8> {
    lines(
        "Subject: outer
Content-Type: multipart/mixed; boundary=a

--a

one
--a
Content-Type: application/octet-stream

two
--a
Content-Type: message/rfc822
X: mime-3

Subject: inner-3
To: x@y

single
--a
Content-Type: message/rfc822

Subject: inner-4
Content-Type: multipart/mixed; boundary=b

--b

four-one
--b
Content-Type: multipart/alternative; boundary=c
X: mime-4.2

--c

four-two-one
--c
Content-Type: text/html
Content-Transfer-Encoding: quoted-printable

four=2Dtwo-two
--c--
--b--
--a--
",
    )
}

#[test]
fn parts_are_numbered_as_the_rfc_numbers_them() {
    let message = nested();
    let whole = |path: &[u32]| body(&message, path, What::Whole);
    assert_eq!(whole(&[]).unwrap().into_bytes(), message);
    assert_eq!(whole(&[1]).unwrap(), "one");
    assert_eq!(whole(&[2]).unwrap(), "two");
    assert_eq!(whole(&[3]).unwrap(), "Subject: inner-3\r\nTo: x@y\r\n\r\nsingle");
    assert_eq!(whole(&[3, 1]).unwrap(), "single");
    assert_eq!(whole(&[4, 1]).unwrap(), "four-one");
    assert!(whole(&[4, 2]).unwrap().starts_with("--c"));
    assert_eq!(whole(&[4, 2, 1]).unwrap(), "four-two-one");
    assert_eq!(whole(&[4, 2, 2]).unwrap(), "four=2Dtwo-two");
    for missing in [&[0][..], &[5], &[1, 1], &[2, 1], &[3, 2], &[3, 1, 1], &[4, 3], &[4, 2, 3], &[4, 2, 2, 1], &[u32::MAX]] {
        assert_eq!(whole(missing), None, "{missing:?}");
    }
}

#[test]
fn header_text_and_mime_mean_the_message_or_the_part() {
    let message = nested();
    assert_eq!(body(&message, &[], What::Header).unwrap(), "Subject: outer\r\nContent-Type: multipart/mixed; boundary=a\r\n\r\n");
    assert!(body(&message, &[], What::Text).unwrap().starts_with("--a\r\n"));
    assert_eq!(body(&message, &[3], What::Header).unwrap(), "Subject: inner-3\r\nTo: x@y\r\n\r\n");
    assert_eq!(body(&message, &[3], What::Text).unwrap(), "single");
    assert_eq!(body(&message, &[3], What::Mime).unwrap(), "Content-Type: message/rfc822\r\nX: mime-3\r\n\r\n");
    assert_eq!(body(&message, &[4, 2], What::Mime).unwrap(), "Content-Type: multipart/alternative; boundary=c\r\nX: mime-4.2\r\n\r\n");
    // Only a message has these.
    assert_eq!(body(&message, &[1], What::Header), None);
    assert_eq!(body(&message, &[4, 2], What::Text), None);
}

#[test]
fn fields_are_picked_by_name() {
    let message = lines("Subject: s\n folded\nTO: t\nX: 1\nx: 2\n\nbody");
    let fields = |names: &[&str], not: bool| {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        body(&message, &[], What::HeaderFields { names, not }).unwrap()
    };
    assert_eq!(fields(&["subject", "To"], false), "Subject: s\r\n folded\r\nTO: t\r\n\r\n");
    assert_eq!(fields(&["subject", "To"], true), "X: 1\r\nx: 2\r\n\r\n");
    assert_eq!(fields(&["nothing"], false), "\r\n");
    assert_eq!(body(&nested(), &[3], What::HeaderFields { names: vec!["to".to_owned()], not: false }).unwrap(), "To: x@y\r\n\r\n");
}

#[test]
fn binary_serves_parts_without_their_encoding() {
    let message = nested();
    assert_eq!(mime::binary(&message, &[4, 2, 2]).unwrap(), &b"four-two-two"[..]);
    assert_eq!(mime::binary_size(&message, &[4, 2, 2]), Ok(12));
    assert_eq!(mime::binary(&message, &[9]), Err(BinaryError::NoSuchPart));
    let unknown = lines("Content-Transfer-Encoding: x-uuencode\n\nx");
    assert_eq!(mime::binary(&unknown, &[1]), Err(BinaryError::UnknownEncoding));
    assert_eq!(mime::binary(&unknown, &[]).unwrap(), unknown);
}
