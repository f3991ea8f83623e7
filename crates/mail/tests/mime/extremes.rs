//! Mail as large and as strange as it can be made: what is worked out of it, kept beside it and told of it stays small.

use mail::mime::{self, MAX_DEPTH, MAX_PARTS, MAX_PREVIEW_CHARS, MAX_REFERENCES, MAX_SUMMARY_ADDRESSES};

use super::lines;
use super::wire::check;

/// What a row holds of a message, whatever the message.
const MAX_ENVELOPE: usize = 2 * 1024 * 1024;
const MAX_BODY_STRUCTURE: usize = 4 * 1024 * 1024;
const MAX_SUMMARY: usize = 1024 * 1024;
/// Header fields of all parts, and addresses of one field, that are told apart.
const MAX_FIELDS: usize = 20_000;
const MAX_ADDRESSES: usize = 20_000;

/// What is worked out keeps to the bounds. That it is right as well is shown for what is as strange and not as large.
fn stays_small(name: &str, message: &[u8]) {
    if message.len() < 20_000 {
        check(message);
    }
    let rendered = mime::render(message);
    assert!(rendered.envelope.len() <= MAX_ENVELOPE, "{name}: {}", rendered.envelope.len());
    assert!(rendered.body_structure.len() <= MAX_BODY_STRUCTURE, "{name}: {}", rendered.body_structure.len());
    let summary = &rendered.summary;
    assert!(serde_json::to_vec(summary).unwrap().len() <= MAX_SUMMARY, "{name}");
    for list in [&summary.from, &summary.sender, &summary.reply_to, &summary.to, &summary.cc, &summary.bcc] {
        assert!(list.len() <= MAX_SUMMARY_ADDRESSES, "{name}");
    }
    assert!(summary.preview.chars().count() <= MAX_PREVIEW_CHARS && rendered.references.len() <= MAX_REFERENCES, "{name}");
    assert!(rendered.base_subject.len() <= 16 * 1024 && rendered.message_id.is_none_or(|id| id.len() <= 2_000), "{name}");
    let parsed = mime::parse(message);
    assert!(parsed.parts.len() <= MAX_PARTS + 1, "{name}: {}", parsed.parts.len());
    assert!(parsed.parts.iter().map(|part| part.headers.len()).sum::<usize>() <= MAX_FIELDS, "{name}");
    assert!(parsed.parts.iter().all(|part| part.path.len() <= MAX_DEPTH + 1), "{name}");
    for header in parsed.headers().iter().take(3) {
        assert!(header.as_addresses().len() <= MAX_ADDRESSES, "{name}");
        let grouped: usize = header.as_grouped_addresses().iter().map(|group| group.addresses.len() + 1).sum();
        assert!(grouped <= 2 * MAX_ADDRESSES + 1, "{name}: {grouped}");
        assert!(header.as_message_ids().is_none_or(|ids| ids.len() <= 1_000), "{name}");
        assert!(header.as_text().len() <= 1024 * 1024, "{name}: {}", header.as_text().len());
    }
    for part in parsed.text_body.iter().chain(&parsed.html_body).take(10) {
        assert!(parsed.body_value(*part, Some(1_000)).value.len() <= 1_000, "{name}");
    }
}

#[test]
fn a_header_line_of_ten_megabytes_is_bounded() {
    for head in ["Subject: ", "Content-Type: text/plain; name="] {
        stays_small(head, format!("{head}{}\r\n\r\nbody", "x".repeat(10_000_000)).as_bytes());
    }
}

#[test]
fn a_long_line_is_bounded_in_every_field() {
    let long = "x".repeat(100_000);
    for head in [
        "Subject: ",
        "From: ",
        "To: \"",
        "To: a@",
        "To: (",
        "To: g:",
        "Message-ID: <",
        "References: <a@b> ",
        "In-Reply-To: ",
        "Date: ",
        "Content-Type: ",
        "Content-Type: text/",
        "Content-Type: text/plain; name=",
        "Content-Type: text/plain; charset=",
        "Content-Type: multipart/mixed; boundary=",
        "Content-Disposition: attachment; filename=",
        "Content-Disposition: attachment; filename*=utf-8''",
        "Content-Transfer-Encoding: ",
        "Content-ID: <",
        "Content-Description: ",
        "Content-Language: ",
        "Content-Location: ",
        "Content-MD5: ",
        "X-Other: ",
        "",
    ] {
        stays_small(head, format!("{head}{long}\r\n\r\nbody").as_bytes());
    }
    // The same in folds, and in words that are decoded.
    let folded = format!("Subject: {}\r\n\r\nbody", "x\r\n ".repeat(20_000));
    stays_small("folded", folded.as_bytes());
    for word in ["=?utf-8?B?5L2g5aW9?= ", "=?gb2312?Q?=C4=E3?= ", "=?x?Q?", "=?utf-8?B?=?="] {
        stays_small(word, format!("Subject: {0}\r\nTo: {0}<a@b>\r\n\r\nbody", word.repeat(5_000)).as_bytes());
    }
}

#[test]
fn a_hundred_thousand_header_fields_are_bounded() {
    for field in ["To: a@b\r\n", "Content-Type: text/html\r\n"] {
        stays_small(field, format!("{}\r\nbody", field.repeat(100_000)).as_bytes());
    }
    let different: String = (0..100_000).map(|number| format!("X-{number}: y\r\n")).collect();
    stays_small("different", format!("{different}\r\nbody").as_bytes());
}

#[test]
fn a_million_addresses_are_bounded() {
    stays_small("a million", format!("To: {}\r\n\r\nbody", "a@b, ".repeat(1_000_000)).as_bytes());
    for (name, one) in [
        ("plain", "a@b, "),
        ("named", "\"Li Na\" <li@b>, "),
        ("groups", "g: a@b;, "),
        ("empty groups", "g:;"),
        ("open groups", "g:"),
        ("routes", "<@a,@b:c@d>, "),
        ("comments", "(x) a@b (y), "),
        ("commas", ",,,,,"),
    ] {
        for field in ["To", "From"] {
            stays_small(name, format!("{field}: {}\r\n\r\nbody", one.repeat(25_000)).as_bytes());
        }
    }
    // Few, and each of them long.
    let long = format!("\"{}\" <a@b>, ", "n".repeat(20_000));
    stays_small("long names", format!("From: {0}\r\nTo: {0}\r\nCc: {0}\r\n\r\nbody", long.repeat(100)).as_bytes());
}

#[test]
fn fifty_thousand_parts_with_all_they_can_say_are_bounded() {
    let part = |number: usize| {
        format!(
            "--b\n\
             Content-Type: application/x-{number}; name=\"{number}.bin\"; a=b; c=d\n\
             Content-Disposition: attachment; filename*0=\"{number}\"; filename*1=\".bin\"\n\
             Content-ID: <{number}@b>\nContent-Description: {number}\nContent-Language: en, zh\nContent-Location: x{number}\n\nx\n"
        )
    };
    let parts: String = (0..50_000).map(part).collect();
    stays_small("parts", &lines(&format!("Content-Type: multipart/mixed; boundary=b\n\n{parts}--b--\n")));
    let parameters: String = (0..10_000).map(|number| format!("; p{number}*0*=utf-8''%41; p{number}*1=x")).collect();
    let parts = format!("--b\nContent-Type: text/plain{parameters}\n\nx\n").repeat(3);
    stays_small("parameters", &lines(&format!("Content-Type: multipart/mixed; boundary=b{parameters}\n\n{parts}--b--\n")));
}

#[test]
fn thousands_of_levels_that_say_much_are_bounded() {
    let level = |number: usize| {
        format!(
            "Subject: {0}\nFrom: {0} <a@b>\nTo: {0} <a@b>\nContent-Type: message/rfc822; name={1}\n\n",
            "s".repeat(500),
            "n".repeat(500 + number % 2)
        )
    };
    let messages: String = (0..2_000).map(level).collect();
    stays_small("messages", &lines(&messages));
    let both: String =
        (0..2_000).map(|level| format!("Content-Type: multipart/digest; boundary=b{level}\n\n--b{level}\n\nSubject: {level}\n")).collect();
    stays_small("digests", &lines(&both));
}
