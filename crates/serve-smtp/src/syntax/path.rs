//! `Path = "<" [ A-d-l ":" ] Mailbox ">"`   (RFC 5321 §4.1.2, RFC 6531 §3.3)

use mail::submission::{EnvelopeAddress, ReversePath};

/// Whom a message is to reach.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ForwardPath {
    /// `<Postmaster>` without a domain: RFC 5321 §4.5.1 wants it taken everywhere.
    Postmaster,
    Address(EnvelopeAddress),
}

impl ForwardPath {
    pub fn needs_utf8(&self) -> bool {
        matches!(self, Self::Address(address) if address.needs_utf8())
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Postmaster => "postmaster",
            Self::Address(address) => address.as_str(),
        }
    }
}

pub(super) fn reverse_path(inner: &str) -> Option<ReversePath> {
    if inner.is_empty() { Some(ReversePath::Null) } else { without_route(inner)?.parse().ok().map(ReversePath::Address) }
}

pub(super) fn forward_path(inner: &str) -> Option<ForwardPath> {
    if inner.eq_ignore_ascii_case("postmaster") {
        return Some(ForwardPath::Postmaster);
    }
    without_route(inner)?.parse().ok().map(ForwardPath::Address)
}

/// RFC 5321 appendix C: a source route is read, and ignored. What is behind it is checked like any other address.
fn without_route(inner: &str) -> Option<&str> {
    let Some(route) = inner.strip_prefix('@') else { return Some(inner) };
    let (hosts, mailbox) = route.split_once(':')?;
    let mut names = hosts.split(',').enumerate().map(|(index, host)| if index == 0 { Some(host) } else { host.strip_prefix('@') });
    names.all(|name| name.is_some_and(is_host)).then_some(mailbox)
}

fn is_host(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte))
}

/// Splits `<…>` from what follows it. A `>` within a quoted string does not end it.
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('<')?;
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' if !quoted => return Some((&rest[..at], &rest[at + 1..])),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_ends_at_the_bracket_that_is_not_quoted() {
        assert_eq!(split("<a@b.test> SIZE=1"), Some(("a@b.test", " SIZE=1")));
        assert_eq!(split(r#"<"a>b"@c.test>"#), Some((r#""a>b"@c.test"#, "")));
        assert_eq!(split(r#"<"a\">b"@c.test>x"#), Some((r#""a\">b"@c.test"#, "x")));
        for wrong in ["", "<", "a@b.test", "<a@b.test", r#"<"a@b.test>"#] {
            assert_eq!(split(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_source_route_is_ignored_and_what_is_behind_it_counts() {
        let address = |text: &str| forward_path(text).map(|path| path.as_str().to_owned());
        assert_eq!(address("@a.test,@b.test:c@d.test").as_deref(), Some("c@d.test"));
        assert_eq!(address("POSTmaster").as_deref(), Some("postmaster"));
        for wrong in ["", "@a.test", "@a.test,b.test:c@d.test", "@:c@d.test", "c", "@a.test:", "a@b@c@"] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
        assert_eq!(reverse_path(""), Some(ReversePath::Null));
    }
}
