//! Reads ENVELOPE and BODYSTRUCTURE as a client does, and holds them against what the sections serve.

use mail::mime::{self, Section, What};

/// A value of IMAP's parenthesised lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    Nil,
    Number(u64),
    Text(Vec<u8>),
    List(Vec<Value>),
}

impl Value {
    pub fn list(&self) -> &[Value] {
        match self {
            Value::List(values) => values,
            other => panic!("no list: {other:?}"),
        }
    }

    pub fn text(&self) -> String {
        match self {
            Value::Text(text) => String::from_utf8_lossy(text).into_owned(),
            other => panic!("no text: {other:?}"),
        }
    }

    fn number(&self) -> u64 {
        match self {
            Value::Number(number) => *number,
            other => panic!("no number: {other:?}"),
        }
    }
}

/// Strict: what no client must accept is a failure.
pub fn read(bytes: &[u8]) -> Value {
    let mut rest = bytes;
    let value = value(&mut rest);
    assert!(rest.is_empty(), "more after the end: {}", String::from_utf8_lossy(rest));
    value
}

fn value(rest: &mut &[u8]) -> Value {
    match rest[0] {
        b'(' => {
            *rest = &rest[1..];
            let mut values = Vec::new();
            while rest[0] != b')' {
                if !values.is_empty() && rest[0] == b' ' {
                    *rest = &rest[1..];
                }
                values.push(value(rest));
            }
            *rest = &rest[1..];
            Value::List(values)
        }
        b'"' => {
            let mut text = Vec::new();
            let mut at = 1;
            while rest[at] != b'"' {
                if rest[at] == b'\\' {
                    at += 1;
                    assert!(matches!(rest[at], b'"' | b'\\'));
                }
                assert!(matches!(rest[at], 1..=9 | 11..=12 | 14..=127), "not allowed in quotes");
                text.push(rest[at]);
                at += 1;
            }
            *rest = &rest[at + 1..];
            Value::Text(text)
        }
        b'{' => {
            let end = rest.iter().position(|byte| *byte == b'}').unwrap();
            let length: usize = std::str::from_utf8(&rest[1..end]).unwrap().parse().unwrap();
            assert_eq!(&rest[end + 1..end + 3], b"\r\n");
            let text = rest[end + 3..end + 3 + length].to_vec();
            assert!(!text.contains(&0), "a literal with a NUL");
            *rest = &rest[end + 3 + length..];
            Value::Text(text)
        }
        b'N' => {
            assert!(rest.starts_with(b"NIL"));
            *rest = &rest[3..];
            Value::Nil
        }
        _ => {
            let end = rest.iter().position(|byte| !byte.is_ascii_digit()).unwrap();
            let number = std::str::from_utf8(&rest[..end]).unwrap().parse().unwrap();
            *rest = &rest[end..];
            Value::Number(number)
        }
    }
}

/// Everything that must hold for any bytes whatever: lists are well-formed, sizes and lines are those of the sections, views and previews exist.
pub fn check(message: &[u8]) {
    let rendered = mime::render(message);
    assert_eq!(rendered.size_bytes, message.len() as u64);
    let envelope = read(&rendered.envelope);
    check_envelope(&envelope);
    check_body(message, &read(&rendered.body_structure), &[], true);
    let short = read(&mime::body_of(&rendered.body_structure));
    assert_eq!(short, without_extensions(&read(&rendered.body_structure)));
    assert!(rendered.summary.preview.chars().count() <= mime::MAX_PREVIEW_CHARS);
    let json = serde_json::to_string(&rendered.summary).unwrap();
    assert!(!json.contains("\\u0000"));
    let whole = |path: &[u32], what| mime::section(message, &Section { path: path.to_vec(), what });
    let (header, text) = (whole(&[], What::Header).unwrap(), whole(&[], What::Text).unwrap());
    assert_eq!([&header[..], &text[..]].concat(), message);

    let parsed = mime::parse(message);
    assert_eq!(parsed.has_attachment(), rendered.has_attachment);
    assert_eq!(parsed.preview(), rendered.summary.preview);
    for (index, part) in parsed.parts.iter().enumerate() {
        assert_eq!(part.size, parsed.bytes(index).len() as u64);
        if part.part_id.is_some() {
            match mime::binary(message, &part.path) {
                Ok(bytes) => {
                    assert_eq!(bytes, parsed.bytes(index));
                    assert_eq!(mime::binary_size(message, &part.path), Ok(bytes.len()));
                }
                Err(error) => assert_eq!(error, mime::BinaryError::UnknownEncoding),
            }
        }
        for field in &part.headers {
            field.as_raw();
            field.as_text();
            field.as_grouped_addresses();
            field.as_message_ids();
            field.as_date();
            field.as_urls();
        }
    }
    for index in parsed.text_body.iter().chain(&parsed.html_body) {
        parsed.body_value(*index, Some(100));
    }
}

fn check_envelope(envelope: &Value) {
    assert_eq!(envelope.list().len(), 10);
    for addresses in &envelope.list()[2..8] {
        match addresses {
            Value::Nil => {}
            Value::List(addresses) => {
                assert!(!addresses.is_empty());
                assert!(addresses.iter().all(|address| address.list().len() == 4));
            }
            other => panic!("no address list: {other:?}"),
        }
    }
}

fn check_body(message: &[u8], body: &Value, path: &[u32], is_root: bool) {
    let fields = body.list();
    let section = |path: &[u32], what| mime::section(message, &Section { path: path.to_vec(), what });
    if matches!(fields[0], Value::List(_)) {
        let parts = fields.iter().take_while(|field| matches!(field, Value::List(_))).count();
        assert_eq!(fields.len(), parts + 5, "subtype, parameters, disposition, language, location");
        for (position, part) in fields[..parts].iter().enumerate() {
            check_body(message, part, &[path, &[position as u32 + 1]].concat(), false);
        }
        assert!(section(&[path, &[parts as u32 + 1]].concat(), What::Whole).is_none());
        return;
    }
    // A message that is no multipart has one part.
    let path = if is_root { [path, &[1]].concat() } else { path.to_vec() };
    let bytes = section(&path, What::Whole).unwrap();
    assert_eq!(fields[6].number(), bytes.len() as u64, "octets of {path:?}");
    assert!(section(&path, What::Mime).is_some());
    let (main, sub) = (fields[0].text().to_lowercase(), fields[1].text().to_lowercase());
    let lines = bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
    let mut after = 7;
    if main == "message" && (sub == "rfc822" || sub == "global") {
        check_envelope(&fields[7]);
        assert_eq!(fields[9].number(), lines, "lines of {path:?}");
        if let (Some(header), Some(text)) = (section(&path, What::Header), section(&path, What::Text)) {
            assert_eq!([&header[..], &text[..]].concat(), &bytes[..], "{path:?}");
            check_body(message, &fields[8], &path, true);
        }
        after = 10;
    } else if main == "text" {
        assert_eq!(fields[7].number(), lines, "lines of {path:?}");
        after = 8;
    }
    assert_eq!(fields.len(), after + 4, "md5, disposition, language, location");
}

fn without_extensions(body: &Value) -> Value {
    let fields = body.list();
    let kept = if matches!(fields[0], Value::List(_)) {
        let parts = fields.iter().take_while(|field| matches!(field, Value::List(_))).count();
        fields[..parts].iter().map(without_extensions).chain([fields[parts].clone()]).collect()
    } else {
        let mut kept = fields[..fields.len() - 4].to_vec();
        let is_message = fields[0].text().eq_ignore_ascii_case("message") && fields.len() == 14;
        if is_message {
            kept[8] = without_extensions(&kept[8]);
        }
        kept
    };
    Value::List(kept)
}
