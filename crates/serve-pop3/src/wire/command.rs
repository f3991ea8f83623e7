//! Lines become commands. RFC 1939 §3: a keyword in any case, arguments behind single spaces.

use std::fmt;

use zeroize::Zeroizing;

/// A password, or something that holds one; it is not shown, and overwritten when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub fn new(octets: &[u8]) -> Self {
        Self(Zeroizing::new(octets.to_vec()))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// `None` when it is no text.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A command that was understood. Numbers of messages may name none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    Capa,
    Stls,
    User(String),
    Pass(Secret),
    /// Without a mechanism it asks which there are (RFC 1734's clients do).
    Auth {
        mechanism: Option<String>,
        /// Base64 still; `=` is the empty one (RFC 5034 §4).
        initial: Option<Secret>,
    },
    Utf8,
    /// Without a tag it asks which there are.
    Lang(Option<String>),
    Stat,
    List(Option<u32>),
    Retr(u32),
    Top {
        number: u32,
        lines: u64,
    },
    Uidl(Option<u32>),
    Dele(u32),
    Noop,
    Rset,
    Quit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxError {
    /// No such command.
    Unknown,
    /// Not the arguments of this one.
    Arguments,
}

impl Command {
    /// A line without its end.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let (keyword, rest) = match memchr::memchr(b' ', line) {
            Some(space) => (&line[..space], Some(&line[space + 1..])),
            None => (line, None),
        };
        let mut name = [0; 4];
        let name = name.get_mut(..keyword.len()).ok_or(SyntaxError::Unknown)?;
        name.copy_from_slice(keyword);
        name.make_ascii_uppercase();
        match &name[..] {
            // RFC 1939 §7: spaces are part of a password, and what they are in it is its owner's matter.
            b"PASS" => rest.filter(|rest| !rest.is_empty()).map(|rest| Self::Pass(Secret::new(rest))).ok_or(SyntaxError::Arguments),
            name => Self::parse_words(name, rest.unwrap_or_default()),
        }
    }

    fn parse_words(name: &[u8], rest: &[u8]) -> Result<Self, SyntaxError> {
        let mut words = Words(rest);
        let command = match name {
            b"CAPA" => Self::Capa,
            b"STLS" => Self::Stls,
            b"USER" => Self::User(words.text()?.ok_or(SyntaxError::Arguments)?),
            b"AUTH" => Self::Auth { mechanism: words.text()?, initial: words.next().map(Secret::new) },
            b"UTF8" => Self::Utf8,
            b"LANG" => Self::Lang(words.text()?),
            b"STAT" => Self::Stat,
            b"LIST" => Self::List(words.number()?),
            b"RETR" => Self::Retr(words.number()?.ok_or(SyntaxError::Arguments)?),
            b"TOP" => {
                let number = words.number()?.ok_or(SyntaxError::Arguments)?;
                Self::Top { number, lines: words.count()? }
            }
            b"UIDL" => Self::Uidl(words.number()?),
            b"DELE" => Self::Dele(words.number()?.ok_or(SyntaxError::Arguments)?),
            b"NOOP" => Self::Noop,
            b"RSET" => Self::Rset,
            b"QUIT" => Self::Quit,
            _ => return Err(SyntaxError::Unknown),
        };
        if words.next().is_some() { Err(SyntaxError::Arguments) } else { Ok(command) }
    }

    /// For figures and the table of access.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Capa => "CAPA",
            Self::Stls => "STLS",
            Self::User(_) => "USER",
            Self::Pass(_) => "PASS",
            Self::Auth { .. } => "AUTH",
            Self::Utf8 => "UTF8",
            Self::Lang(_) => "LANG",
            Self::Stat => "STAT",
            Self::List(_) => "LIST",
            Self::Retr(_) => "RETR",
            Self::Top { .. } => "TOP",
            Self::Uidl(_) => "UIDL",
            Self::Dele(_) => "DELE",
            Self::Noop => "NOOP",
            Self::Rset => "RSET",
            Self::Quit => "QUIT",
        }
    }

    /// The line that means it, without its end.
    pub fn encode(&self) -> Vec<u8> {
        let mut line = self.name().as_bytes().to_vec();
        let mut add = |word: &[u8]| {
            line.push(b' ');
            line.extend_from_slice(word);
        };
        match self {
            Self::User(name) => add(name.as_bytes()),
            Self::Pass(password) => add(password.as_bytes()),
            Self::Auth { mechanism, initial } => {
                mechanism.iter().for_each(|mechanism| add(mechanism.as_bytes()));
                initial.iter().for_each(|initial| add(initial.as_bytes()));
            }
            Self::Lang(tag) => tag.iter().for_each(|tag| add(tag.as_bytes())),
            Self::List(number) | Self::Uidl(number) => number.iter().for_each(|number| add(number.to_string().as_bytes())),
            Self::Retr(number) | Self::Dele(number) => add(number.to_string().as_bytes()),
            Self::Top { number, lines } => {
                add(number.to_string().as_bytes());
                add(lines.to_string().as_bytes());
            }
            Self::Capa | Self::Stls | Self::Utf8 | Self::Stat | Self::Noop | Self::Rset | Self::Quit => {}
        }
        line
    }
}

/// Words behind each other; programs that put two spaces between them are forgiven.
struct Words<'a>(&'a [u8]);

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a [u8]> {
        let from = self.0.iter().position(|byte| *byte != b' ')?;
        let rest = &self.0[from..];
        let (word, rest) = rest.split_at(memchr::memchr(b' ', rest).unwrap_or(rest.len()));
        self.0 = rest;
        Some(word)
    }

    /// Without control characters.
    fn text(&mut self) -> Result<Option<String>, SyntaxError> {
        let Some(word) = self.next() else { return Ok(None) };
        let text = std::str::from_utf8(word).map_err(|_| SyntaxError::Arguments)?;
        if text.chars().any(char::is_control) { Err(SyntaxError::Arguments) } else { Ok(Some(text.to_owned())) }
    }

    /// The number of a message. One that is too large for any names none, as 0 does.
    fn number(&mut self) -> Result<Option<u32>, SyntaxError> {
        let Some(word) = self.next() else { return Ok(None) };
        digits(word).map(|number| Some(u32::try_from(number).unwrap_or(0)))
    }

    fn count(&mut self) -> Result<u64, SyntaxError> {
        digits(self.next().ok_or(SyntaxError::Arguments)?)
    }
}

fn digits(word: &[u8]) -> Result<u64, SyntaxError> {
    if !word.iter().all(u8::is_ascii_digit) {
        return Err(SyntaxError::Arguments);
    }
    Ok(word.iter().fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(u64::from(digit - b'0'))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keywords_are_read_in_any_case_and_with_spaces_to_spare() {
        assert_eq!(Command::parse(b"noop"), Ok(Command::Noop));
        assert_eq!(Command::parse(b"Retr 3 "), Ok(Command::Retr(3)));
        assert_eq!(Command::parse(b"TOP  1  10"), Ok(Command::Top { number: 1, lines: 10 }));
        assert_eq!(Command::parse(b"LIST "), Ok(Command::List(None)));
        assert_eq!(Command::parse(b"LIST 00000000001"), Ok(Command::List(Some(1))));
        assert_eq!(Command::parse(b"user li.na@example.test"), Ok(Command::User("li.na@example.test".into())));
    }

    #[test]
    fn a_password_is_everything_behind_the_first_space() {
        assert_eq!(Command::parse(b"PASS  a b "), Ok(Command::Pass(Secret::new(b" a b "))));
        assert_eq!(Command::parse(b"PASS \xff"), Ok(Command::Pass(Secret::new(b"\xff"))));
        assert_eq!(Command::parse(b"PASS"), Err(SyntaxError::Arguments));
        assert_eq!(format!("{:?}", Command::parse(b"PASS tanstaaf").unwrap()), "Pass(Secret(…))");
    }

    #[test]
    fn what_is_no_command_is_told_from_what_has_wrong_arguments() {
        for unknown in
            [&b""[..], b" ", b"GET / HTTP/1.1", b"APOP li.na c4c9334bac560ecc979e58001b3e22fb", b"NOOPE", b"TO", b"\0\0\0\0", b"\xff"]
        {
            assert_eq!(Command::parse(unknown), Err(SyntaxError::Unknown), "{}", unknown.escape_ascii());
        }
        for wrong in [
            "RETR",
            "RETR x",
            "RETR -1",
            "RETR +1",
            "RETR 1 2",
            "DELE",
            "TOP 1",
            "TOP 1 x",
            "STAT 1",
            "USER",
            "USER a b",
            "USER a\u{1}",
            "QUIT now",
        ] {
            assert_eq!(Command::parse(wrong.as_bytes()), Err(SyntaxError::Arguments), "{wrong}");
        }
        assert_eq!(Command::parse(b"RETR 99999999999999999999999"), Ok(Command::Retr(0)));
    }

    proptest! {
        #[test]
        fn any_line_is_read_without_panic_and_means_the_same_again(line in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Ok(command) = Command::parse(&line) {
                prop_assert_eq!(Command::parse(&command.encode()), Ok(command));
            }
        }

        #[test]
        fn any_words_behind_a_keyword_are_read_without_panic(line in "(PASS|AUTH|TOP|LIST|RETR|USER|LANG|UIDL|DELE) [ 0-9a-z=é]{0,20}") {
            if let Ok(command) = Command::parse(line.as_bytes()) {
                prop_assert_eq!(Command::parse(&command.encode()), Ok(command));
            }
        }
    }
}
