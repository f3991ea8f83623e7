//! RFC 8621 §4.

use mail::mime::{self, Address, Parsed};

use super::{lines, sample};

fn ids(parsed: &Parsed<'_>, list: &[usize]) -> Vec<String> {
    list.iter().map(|part| parsed.parts[*part].part_id.clone().unwrap()).collect()
}

/// The example of §4.1.4, whose parts are A to K.
#[test]
fn the_example_of_the_rfc_is_divided_as_it_says() {
    let message = lines(
        "Content-Type: multipart/mixed; boundary=m

--m
Content-Type: text/plain
Content-Disposition: inline
Content-ID: <A>

A
--m
Content-Type: multipart/mixed; boundary=n

--n
Content-Type: multipart/alternative; boundary=o

--o
Content-Type: multipart/mixed; boundary=p

--p
Content-Type: text/plain
Content-Disposition: inline
Content-ID: <B>

B
--p
Content-Type: image/jpeg
Content-Disposition: inline
Content-ID: <C>

C
--p
Content-Type: text/plain
Content-Disposition: inline
Content-ID: <D>

D
--p--
--o
Content-Type: multipart/related; boundary=q

--q
Content-Type: text/html
Content-ID: <E>

E
--q
Content-Type: image/jpeg
Content-ID: <F>

F
--q--
--o--
--n
Content-Type: image/jpeg
Content-Disposition: attachment
Content-ID: <G>

G
--n
Content-Type: application/x-excel
Content-ID: <H>

H
--n
Content-Type: message/rfc822
Content-ID: <J>

Subject: J

J
--n--
--m
Content-Type: text/plain
Content-Disposition: inline
Content-ID: <K>

K
--m--
",
    );
    let parsed = mime::parse(&message);
    let cids = |list: &[usize]| list.iter().map(|part| parsed.parts[*part].cid.clone().unwrap()).collect::<Vec<_>>().join("");
    assert_eq!(cids(&parsed.text_body), "ABCDK");
    assert_eq!(cids(&parsed.html_body), "AEK");
    assert_eq!(cids(&parsed.attachments), "CFGHJ");
    assert!(parsed.has_attachment());
}

#[test]
fn the_parts_of_a_mail_are_told_with_what_a_client_needs() {
    let message = sample("chinese-attachments.eml");
    let parsed = mime::parse(&message);
    assert_eq!(ids(&parsed, &parsed.text_body), ["1.1"]);
    assert_eq!(ids(&parsed, &parsed.html_body), ["1.2"]);
    assert_eq!(ids(&parsed, &parsed.attachments), ["2", "3", "4"]);
    let root = &parsed.parts[0];
    assert_eq!((root.part_id.as_deref(), root.media_type.as_str(), root.sub_parts.len()), (None, "multipart/mixed", 4));
    let names: Vec<_> = parsed.attachments.iter().map(|part| parsed.parts[*part].name.clone().unwrap()).collect();
    assert_eq!(names, ["年度预算表.xlsx", "会议纪要（第三稿）.docx", "说明.txt"]);
    let sheet = &parsed.parts[parsed.attachments[0]];
    assert_eq!(sheet.disposition.as_deref(), Some("attachment"));
    assert_eq!(sheet.size, parsed.bytes(parsed.attachments[0]).len() as u64);
    assert_eq!(sheet.charset, None);
    let text = &parsed.parts[parsed.text_body[0]];
    assert_eq!(text.charset.as_deref(), Some("gb2312"));
    let value = parsed.body_value(parsed.text_body[0], None);
    assert!(!value.is_encoding_problem && !value.is_truncated);
    assert!(value.value.starts_with("附件是年度预算"), "{}", value.value);
    assert!(!value.value.contains('\r'));
}

#[test]
fn a_value_is_cut_neither_in_a_character_nor_in_a_tag() {
    let message = "Content-Type: text/html; charset=utf-8\r\n\r\n你好<a href=x>".as_bytes();
    let parsed = mime::parse(message);
    let cut = |max| parsed.body_value(0, Some(max));
    assert_eq!(cut(4).value, "你");
    assert_eq!(cut(10).value, "你好");
    assert!(cut(10).is_truncated);
    assert!(!cut(100).is_truncated);
    assert_eq!(parsed.parts[0].part_id.as_deref(), Some("1"));
}

#[test]
fn what_cannot_be_decoded_is_told_as_a_problem() {
    let problem = |message: &[u8]| mime::parse(message).body_value(0, None).is_encoding_problem;
    assert!(problem(b"Content-Type: text/plain; charset=nobody\r\n\r\n\xff"));
    assert!(problem(b"Content-Type: text/plain; charset=utf-8\r\n\r\n\xff"));
    assert!(problem(b"Content-Transfer-Encoding: x-unknown\r\n\r\nx"));
    assert!(!problem(b"Content-Type: text/plain; charset=gbk\r\n\r\n\xc4\xe3"));
}

#[test]
fn headers_are_told_in_every_form() {
    let message = lines(
        "X: 1
Subject: =?utf-8?B?5L2g5aW9?=
 you
From: \"James Smythe\" <james@example.com>, Friends:
 jane@example.com, =?UTF-8?Q?John_Sm=C3=AEth?= <john@example.com>;
Date: Thu, 13 Feb 2025 23:32:54 +0800
References: <a@b> <c@d>
List-Post: <mailto:list@example.com> (Postings), <https://x.example/y>
X: 2

",
    );
    let parsed = mime::parse(&message);
    let field = |name: &str| parsed.headers().iter().rfind(|field| field.is(name)).unwrap();
    assert_eq!(field("x").as_raw(), " 2");
    assert_eq!(field("subject").as_raw(), " =?utf-8?B?5L2g5aW9?=\r\n you");
    assert_eq!(field("subject").as_text(), "你好 you");
    let address = |name: Option<&str>, email: &str| Address { name: name.map(str::to_owned), email: email.to_owned() };
    let (james, jane, john) = (
        address(Some("James Smythe"), "james@example.com"),
        address(None, "jane@example.com"),
        address(Some("John Smîth"), "john@example.com"),
    );
    assert_eq!(field("from").as_addresses(), [james.clone(), jane.clone(), john.clone()]);
    let groups = field("from").as_grouped_addresses();
    assert_eq!((groups[0].name.clone(), groups[0].addresses.clone()), (None, vec![james]));
    assert_eq!((groups[1].name.clone(), groups[1].addresses.clone()), (Some("Friends".to_owned()), vec![jane, john]));
    assert_eq!(field("date").as_date().unwrap().to_string(), "2025-02-13T23:32:54+08:00");
    assert_eq!(field("references").as_message_ids().unwrap(), ["a@b", "c@d"]);
    assert_eq!(field("list-post").as_urls().unwrap(), ["mailto:list@example.com", "https://x.example/y"]);
    assert_eq!(field("x").as_message_ids(), None);
    assert_eq!(field("x").as_date(), None);
    assert_eq!(field("x").as_urls(), None);
    assert_eq!(mime::header_values(&message, "x"), ["1", "2"]);
}
