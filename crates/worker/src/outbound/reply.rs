//! Replies of SMTP servers (RFC 5321 §4.2, RFC 2034).

use mail::outbound::Answer;

/// A whole reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reply {
    pub code: u16,
    /// Without codes.
    pub lines: Vec<String>,
    pub status: Option<String>,
}

/// The other side does not speak SMTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NotSmtp;

/// Lines of one reply, and bytes of one line, that are taken; more is no server's.
pub(super) const MAX_LINES: usize = 100;
pub(super) const MAX_LINE_BYTES: usize = 2048;

impl Reply {
    pub(super) fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }

    pub(super) fn is_permanent(&self) -> bool {
        self.code / 100 == 5
    }

    pub(super) fn answer(&self, host: &str) -> Answer {
        Answer::of_host(host, self.code, self.status.clone(), &self.lines.join(" "))
    }
}

/// Puts a reply together line by line.
#[derive(Default)]
pub(super) struct ReplyReader {
    code: Option<u16>,
    lines: Vec<String>,
    status: Option<String>,
}

impl ReplyReader {
    /// Takes a line without its end; answers the reply when it was the last.
    ///
    /// `Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF`
    pub(super) fn line(&mut self, line: &[u8]) -> Result<Option<Reply>, NotSmtp> {
        let (digits, rest) = line.split_at_checked(3).ok_or(NotSmtp)?;
        if !digits.iter().all(u8::is_ascii_digit) || !(b'2'..=b'5').contains(&digits[0]) {
            return Err(NotSmtp);
        }
        let code = digits.iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
        // RFC 5321 §4.2.1 has the same code on every line; who does not keep to it says two things at once.
        if *self.code.get_or_insert(code) != code || self.lines.len() >= MAX_LINES {
            return Err(NotSmtp);
        }
        let is_last = match rest.first() {
            None | Some(b' ') => true,
            Some(b'-') => false,
            Some(_) => return Err(NotSmtp),
        };
        let text = String::from_utf8_lossy(rest.get(1..).unwrap_or_default());
        let (status, text) = split_status(code, text.trim());
        if self.status.is_none() {
            self.status = status;
        }
        self.lines.push(text.to_owned());
        Ok(is_last.then(|| {
            let done = std::mem::take(self);
            Reply { code, lines: done.lines, status: done.status }
        }))
    }
}

/// `5.1.1 No such user` → the status and the rest, when the class is that of the code.
fn split_status(code: u16, text: &str) -> (Option<String>, &str) {
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let parts: Vec<&str> = first.split('.').collect();
    let is_number = |part: &&str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [class, subject, detail]
            if is_number(class, 1) && is_number(subject, 3) && is_number(detail, 3) && *class == (code / 100).to_string() =>
        {
            (Some(first.to_owned()), rest.trim_start())
        }
        _ => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<Reply>, NotSmtp> {
        let mut reader = ReplyReader::default();
        let mut replies = Vec::new();
        for line in text.split_terminator("\r\n") {
            replies.extend(reader.line(line.as_bytes())?);
        }
        Ok(replies)
    }

    #[test]
    fn a_reply_is_its_code_its_status_and_its_words() {
        let replies = read("250-mx.example.test\r\n250-SIZE 100\r\n250 8BITMIME\r\n550 5.1.1 No such user\r\n421\r\n450-4.7.1 Later,\r\n450 4.7.1 please\r\n").unwrap();
        assert_eq!(replies.len(), 4);
        assert_eq!(replies[0].lines, ["mx.example.test", "SIZE 100", "8BITMIME"]);
        assert_eq!((replies[1].code, replies[1].status.as_deref(), replies[1].lines[0].as_str()), (550, Some("5.1.1"), "No such user"));
        assert_eq!((replies[2].code, &replies[2].status), (421, &None));
        assert_eq!(replies[3].answer("mx").text, "Later, please");
    }

    #[test]
    fn a_status_of_another_class_is_only_words() {
        let replies = read("250 5.1.1 fine\r\n250 1.2.3.4 is my address\r\n").unwrap();
        assert_eq!((&replies[0].status, replies[0].lines[0].as_str()), (&None, "5.1.1 fine"));
        assert_eq!(replies[1].status, None);
    }

    #[test]
    fn what_is_no_reply_is_refused() {
        for text in ["", "25", "abc hello", "HTTP/1.1 400 Bad Request", "650 x", "250+x", "250-a\r\n251 b", "\u{16}\u{3}\u{1}"] {
            let read = read(&format!("{text}\r\n"));
            assert!(read.is_err(), "{text:?}");
        }
        let endless = "250-x\r\n".repeat(MAX_LINES + 1);
        assert!(read(&endless).is_err());
    }
}
