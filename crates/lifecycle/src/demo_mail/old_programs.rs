//! Mail as programs write it that know nothing of UTF-8: GBK, GB 18030, Big5 and ISO-2022-JP, in encoded words or as raw bytes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{BIG5, Encoding, GB18030, GBK, ISO_2022_JP};

/// How such a program writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Encoded words, base64.
    Gbk,
    /// The same letters under their older name, eight bits in the body.
    Gb2312,
    /// Bytes as they are in headers and body.
    Gb18030,
    Big5,
    Iso2022Jp,
}

impl Manner {
    fn encoding(self) -> &'static Encoding {
        match self {
            Self::Gbk | Self::Gb2312 => GBK,
            Self::Gb18030 => GB18030,
            Self::Big5 => BIG5,
            Self::Iso2022Jp => ISO_2022_JP,
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Gbk => "GBK",
            Self::Gb2312 => "gb2312",
            Self::Gb18030 => "GB18030",
            Self::Big5 => "big5",
            Self::Iso2022Jp => "ISO-2022-JP",
        }
    }

    /// Whether all of the text can be written so.
    pub(super) fn can_write(self, text: &str) -> bool {
        let (_, _, lost) = self.encoding().encode(text);
        !lost
    }
}

/// What such a mail says.
pub(super) struct OldMail<'a> {
    pub(super) manner: Manner,
    /// In their order; names of people and subjects are text, the rest ASCII.
    pub(super) headers: Vec<(&'static str, OldValue)>,
    pub(super) text: &'a str,
    /// Name, media type and bytes.
    pub(super) files: Vec<(String, &'static str, Vec<u8>)>,
    pub(super) boundary: String,
}

pub(super) enum OldValue {
    Ascii(String),
    Text(String),
    /// Names, perhaps empty, and addresses.
    People(Vec<(String, String)>),
}

impl OldMail<'_> {
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.text.len() * 2 + 1024);
        for (name, value) in &self.headers {
            self.header(&mut out, name, value);
        }
        out.extend_from_slice(b"MIME-Version: 1.0\r\n");
        if self.files.is_empty() {
            self.body(&mut out);
            return out;
        }
        let boundary = &self.boundary;
        out.extend_from_slice(format!("Content-Type: multipart/mixed;\r\n\tboundary=\"{boundary}\"\r\n\r\n").as_bytes());
        out.extend_from_slice(b"This is a multi-part message in MIME format.\r\n\r\n");
        out.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        self.body(&mut out);
        for (name, media_type, bytes) in &self.files {
            out.extend_from_slice(format!("\r\n--{boundary}\r\nContent-Type: {media_type};\r\n\tname=\"").as_bytes());
            self.words(&mut out, name);
            out.extend_from_slice(b"\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment;\r\n\tfilename=\"");
            self.words(&mut out, name);
            out.extend_from_slice(b"\"\r\n\r\n");
            base64_lines(&mut out, bytes);
        }
        out.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        out
    }

    fn header(&self, out: &mut Vec<u8>, name: &str, value: &OldValue) {
        out.extend_from_slice(format!("{name}: ").as_bytes());
        match value {
            OldValue::Ascii(text) => out.extend_from_slice(text.as_bytes()),
            OldValue::Text(text) => self.words(out, text),
            OldValue::People(people) => {
                for (index, (name, address)) in people.iter().enumerate() {
                    out.extend_from_slice(if index == 0 { b"" } else { b",\r\n\t" });
                    if !name.is_empty() {
                        out.push(b'"');
                        self.words(out, name);
                        out.extend_from_slice(b"\" ");
                    }
                    out.extend_from_slice(format!("<{address}>").as_bytes());
                }
            }
        }
        out.extend_from_slice(b"\r\n");
    }

    fn words(&self, out: &mut Vec<u8>, text: &str) {
        if text.is_ascii() {
            out.extend_from_slice(text.as_bytes());
            return;
        }
        if self.manner == Manner::Gb18030 {
            out.extend_from_slice(&self.manner.encoding().encode(text).0);
            return;
        }
        // At most 75 letters each (RFC 2047 §2).
        let characters: Vec<char> = text.chars().collect();
        for (index, chunk) in characters.chunks(12).enumerate() {
            let chunk: String = chunk.iter().collect();
            let encoded = STANDARD.encode(self.manner.encoding().encode(&chunk).0);
            out.extend_from_slice(if index == 0 { b"" } else { b"\r\n\t" });
            out.extend_from_slice(format!("=?{}?B?{encoded}?=", self.manner.label()).as_bytes());
        }
    }

    fn body(&self, out: &mut Vec<u8>) {
        let label = self.manner.label();
        out.extend_from_slice(format!("Content-Type: text/plain;\r\n\tcharset=\"{label}\"\r\n").as_bytes());
        let text = self.text.replace('\n', "\r\n");
        let bytes = self.manner.encoding().encode(&text).0;
        match self.manner {
            Manner::Gbk | Manner::Big5 => {
                out.extend_from_slice(b"Content-Transfer-Encoding: base64\r\n\r\n");
                base64_lines(out, &bytes);
            }
            Manner::Gb2312 | Manner::Gb18030 => {
                out.extend_from_slice(b"Content-Transfer-Encoding: 8bit\r\n\r\n");
                out.extend_from_slice(&bytes);
            }
            Manner::Iso2022Jp => {
                out.extend_from_slice(b"Content-Transfer-Encoding: 7bit\r\n\r\n");
                out.extend_from_slice(&bytes);
            }
        }
    }
}

fn base64_lines(out: &mut Vec<u8>, bytes: &[u8]) {
    for chunk in bytes.chunks(57) {
        out.extend_from_slice(STANDARD.encode(chunk).as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

#[cfg(test)]
mod tests {
    use mail::mime;

    use super::*;

    #[test]
    fn each_manner_is_read_as_it_was_meant() {
        let cases = [
            (Manner::Gbk, "关于节假日值班安排的通知以及其他几件需要说明的事", "张伟"),
            (Manner::Gb2312, "血清钾危急值", "张伟"),
            (Manner::Gb18030, "会议纪要😄", "欧阳平磊"),
            (Manner::Big5, "下月來訪交流安排", "陳志遠"),
            (Manner::Iso2022Jp, "画像診断研修の日程", "高橋"),
        ];
        for (manner, subject, name) in cases {
            assert!(manner.can_write(subject));
            let mail = OldMail {
                manner,
                headers: vec![
                    ("From", OldValue::People(vec![(name.to_owned(), "a@example.test".to_owned())])),
                    ("Subject", OldValue::Text(subject.to_owned())),
                    ("Message-ID", OldValue::Ascii("<1@example.test>".to_owned())),
                ],
                text: subject,
                files: vec![("明細.pdf".to_owned(), "application/pdf", b"%PDF".to_vec())],
                boundary: "b".to_owned(),
            };
            let bytes = mail.write();
            let rendered = mime::render(&bytes);
            assert_eq!((rendered.summary.subject.as_str(), rendered.has_attachment), (subject, true), "{manner:?}");
            assert_eq!(rendered.summary.from[0].name.as_deref(), Some(name), "{manner:?}");
            let parsed = mime::parse(&bytes);
            assert_eq!(parsed.body_value(parsed.text_body[0], None).value, subject, "{manner:?}");
            if manner != Manner::Iso2022Jp {
                assert_eq!(parsed.parts[parsed.attachments[0]].name.as_deref(), Some("明細.pdf"), "{manner:?}");
            }
        }
        assert!(!Manner::Gbk.can_write("好的😄") && !Manner::Big5.can_write("电脑"));
    }
}
