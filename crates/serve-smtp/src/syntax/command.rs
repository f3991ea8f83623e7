use mail::submission::ReversePath;
use zeroize::Zeroizing;

use super::parameters::number;
use super::path::{self, ForwardPath};
use super::{MailParameters, RcptParameters};

/// A command as it was meant.
#[derive(Debug, PartialEq, Eq)]
pub enum Command {
    Hello { kind: Hello, name: String },
    Mail { from: ReversePath, parameters: MailParameters },
    Rcpt { to: ForwardPath, parameters: RcptParameters },
    Data,
    Bdat { bytes: u64, last: bool },
    Rset,
    Noop,
    Quit,
    Vrfy,
    Expn,
    Help,
    StartTls,
    Auth { mechanism: Option<Mechanism>, initial: Option<Zeroizing<String>> },
}

/// How a client introduced itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hello {
    Helo,
    Ehlo,
    Lhlo,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    Plain,
    Login,
}

/// Every command there is, for tests that must not forget one.
pub const VERBS: &[&str] =
    &["AUTH", "BDAT", "DATA", "EHLO", "EXPN", "HELO", "HELP", "LHLO", "MAIL", "NOOP", "QUIT", "RCPT", "RSET", "STARTTLS", "VRFY"];

/// Why a line is not a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyntaxError {
    Unknown,
    /// Another protocol's first words: somebody makes a browser talk to us.
    NotMail,
    Arguments,
    Parameter,
    Sender,
    Recipient,
    /// A chunk was announced that cannot be told from commands.
    Chunk,
}

/// Reads one line without its CRLF.
pub fn parse(line: &[u8]) -> Result<Command, SyntaxError> {
    let Ok(line) = std::str::from_utf8(line) else { return Err(SyntaxError::Unknown) };
    // RFC 5321 §4.1.1 asks servers to bear white space before the end of the line.
    let line = line.trim_end_matches([' ', '\t']);
    let (verb, arguments) = match line.split_once(' ') {
        Some((verb, arguments)) => (verb, Some(arguments)),
        None => (line, None),
    };
    if verb.len() > 12 {
        return Err(SyntaxError::Unknown);
    }
    let alone = |command| if arguments.is_none() { Ok(command) } else { Err(SyntaxError::Arguments) };
    match verb.to_ascii_uppercase().as_str() {
        "EHLO" => hello(Hello::Ehlo, arguments),
        "HELO" => hello(Hello::Helo, arguments),
        "LHLO" => hello(Hello::Lhlo, arguments),
        "MAIL" => mail(arguments),
        "RCPT" => rcpt(arguments),
        "DATA" => alone(Command::Data),
        "BDAT" => bdat(arguments),
        "RSET" => alone(Command::Rset),
        "QUIT" => alone(Command::Quit),
        "STARTTLS" => alone(Command::StartTls),
        "NOOP" => Ok(Command::Noop),
        "HELP" => Ok(Command::Help),
        "VRFY" => arguments.map(|_| Command::Vrfy).ok_or(SyntaxError::Arguments),
        "EXPN" => arguments.map(|_| Command::Expn).ok_or(SyntaxError::Arguments),
        "AUTH" => auth(arguments),
        "GET" | "POST" | "PUT" | "HEAD" | "OPTIONS" | "CONNECT" | "HOST:" => Err(SyntaxError::NotMail),
        _ => Err(SyntaxError::Unknown),
    }
}

/// The name is only shown and looked up, never believed, so that names which are none in DNS (underscores of old Windows) do no harm.
fn hello(kind: Hello, arguments: Option<&str>) -> Result<Command, SyntaxError> {
    let name = arguments.ok_or(SyntaxError::Arguments)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte);
    if name.is_empty() || name.len() > 255 || !name.bytes().all(is_name) {
        return Err(SyntaxError::Arguments);
    }
    Ok(Command::Hello { kind, name: name.to_owned() })
}

/// `FROM:<path>` or `TO:<path>`, and the rest. A space behind the colon is borne, because old clients send one.
fn after_keyword<'a>(arguments: Option<&'a str>, keyword: &str) -> Option<(&'a str, &'a str)> {
    let arguments = arguments?;
    let head = arguments.get(..keyword.len()).filter(|head| head.eq_ignore_ascii_case(keyword))?;
    let rest = &arguments[head.len()..];
    path::split(rest.strip_prefix(' ').unwrap_or(rest))
}

fn mail(arguments: Option<&str>) -> Result<Command, SyntaxError> {
    let (inner, rest) = after_keyword(arguments, "FROM:").ok_or(SyntaxError::Arguments)?;
    let from = path::reverse_path(inner).ok_or(SyntaxError::Sender)?;
    Ok(Command::Mail { from, parameters: MailParameters::parse(rest)? })
}

fn rcpt(arguments: Option<&str>) -> Result<Command, SyntaxError> {
    let (inner, rest) = after_keyword(arguments, "TO:").ok_or(SyntaxError::Arguments)?;
    let to = path::forward_path(inner).ok_or(SyntaxError::Recipient)?;
    Ok(Command::Rcpt { to, parameters: RcptParameters::parse(rest)? })
}

/// `"BDAT" SP chunk-size [ SP "LAST" ]`   (RFC 3030 §2)
fn bdat(arguments: Option<&str>) -> Result<Command, SyntaxError> {
    let arguments = arguments.ok_or(SyntaxError::Chunk)?;
    let (size, last) = match arguments.split_once(' ') {
        None => (arguments, false),
        Some((size, last)) if last.eq_ignore_ascii_case("LAST") => (size, true),
        Some(_) => return Err(SyntaxError::Chunk),
    };
    let bytes = number(size).map_err(|_| SyntaxError::Chunk)?;
    Ok(Command::Bdat { bytes, last })
}

/// `"AUTH" SP mechanism [ SP initial-response ]`   (RFC 4954 §4)
fn auth(arguments: Option<&str>) -> Result<Command, SyntaxError> {
    let arguments = arguments.ok_or(SyntaxError::Arguments)?;
    let (name, initial) = match arguments.split_once(' ') {
        Some((name, initial)) => (name, Some(initial)),
        None => (arguments, None),
    };
    if initial.is_some_and(|initial| initial.is_empty() || initial.contains(' ')) {
        return Err(SyntaxError::Arguments);
    }
    let mechanism = match name.to_ascii_uppercase().as_str() {
        "PLAIN" => Some(Mechanism::Plain),
        "LOGIN" => Some(Mechanism::Login),
        _ => None,
    };
    Ok(Command::Auth { mechanism, initial: initial.map(|initial| Zeroizing::new(initial.to_owned())) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_read_in_any_case_and_with_white_space_at_the_end() {
        assert_eq!(parse(b"quit \t"), Ok(Command::Quit));
        assert_eq!(parse(b"Noop whatever <stands> here"), Ok(Command::Noop));
        assert_eq!(parse(b"ehlo [IPv6:::1]"), Ok(Command::Hello { kind: Hello::Ehlo, name: "[IPv6:::1]".into() }));
        assert_eq!(parse(b"BDAT 1000 last"), Ok(Command::Bdat { bytes: 1000, last: true }));
        let Ok(Command::Mail { from, parameters }) = parse(b"mail from:<a@b.test> size=12") else { panic!("MAIL") };
        assert_eq!((from.as_str(), parameters.size), ("a@b.test", Some(12)));
        assert!(matches!(parse(b"RCPT TO: <a@b.test>"), Ok(Command::Rcpt { .. })));
    }

    #[test]
    fn every_verb_is_known() {
        for verb in VERBS {
            assert!(!matches!(parse(verb.as_bytes()), Err(SyntaxError::Unknown)), "{verb}");
        }
    }

    #[test]
    fn what_is_not_a_command_says_how_it_is_none() {
        for (line, expected) in [
            (&b""[..], SyntaxError::Unknown),
            (b"FROB", SyntaxError::Unknown),
            (b"\xff\xfe", SyntaxError::Unknown),
            (b"EHLO", SyntaxError::Arguments),
            (b"EHLO a b", SyntaxError::Arguments),
            (b"EHLO a(b)", SyntaxError::Arguments),
            (b"QUIT now", SyntaxError::Arguments),
            (b"MAIL <a@b.test>", SyntaxError::Arguments),
            (b"MAIL FROM:a@b.test", SyntaxError::Arguments),
            (b"MAIL FROM:<a>", SyntaxError::Sender),
            (b"MAIL FROM:<a@b.test>SIZE=1", SyntaxError::Arguments),
            (b"MAIL FROM:<a@b.test> FOO=1", SyntaxError::Parameter),
            (b"RCPT TO:<>", SyntaxError::Recipient),
            (b"RCPT TO:<a b@c.test>", SyntaxError::Recipient),
            (b"BDAT", SyntaxError::Chunk),
            (b"BDAT -1", SyntaxError::Chunk),
            (b"BDAT 5 FIRST", SyntaxError::Chunk),
            (b"AUTH", SyntaxError::Arguments),
            (b"AUTH PLAIN a b", SyntaxError::Arguments),
            (b"GET / HTTP/1.1", SyntaxError::NotMail),
        ] {
            assert_eq!(parse(line), Err(expected), "{}", String::from_utf8_lossy(line));
        }
    }
}
