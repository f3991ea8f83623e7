//! Header lines that this delivery adds: Return-Path, Delivered-To, Received (RFC 5321 §4.4). They are kept beside the message, not in it.

use kernel::Timestamp;

use crate::Kind;
use crate::session::{Envelope, Peer, TlsFacts};
use crate::syntax::Hello;

/// `ESMTPS` and its kin (RFC 3848, RFC 6531 §4.3).
pub fn protocol(kind: Kind, envelope: &Envelope) -> &'static str {
    let tls = envelope.tls.is_some();
    let utf8 = envelope.parameters.smtp_utf8;
    match (kind, envelope.hello.kind, utf8, tls) {
        (Kind::Submission | Kind::Submissions, Hello::Helo, ..) => "SMTP",
        (Kind::Submission | Kind::Submissions, _, false, false) => "ESMTPA",
        (Kind::Submission | Kind::Submissions, _, false, true) => "ESMTPSA",
        (Kind::Submission | Kind::Submissions, _, true, false) => "UTF8SMTPA",
        (Kind::Submission | Kind::Submissions, _, true, true) => "UTF8SMTPSA",
        (Kind::Lmtp, _, false, false) => "LMTP",
        (Kind::Lmtp, _, false, true) => "LMTPS",
        (Kind::Lmtp, _, true, false) => "UTF8LMTP",
        (Kind::Lmtp, _, true, true) => "UTF8LMTPS",
        (Kind::Mx, Hello::Helo, ..) => "SMTP",
        (Kind::Mx, _, false, false) => "ESMTP",
        (Kind::Mx, _, false, true) => "ESMTPS",
        (Kind::Mx, _, true, false) => "UTF8SMTP",
        (Kind::Mx, _, true, true) => "UTF8SMTPS",
    }
}

/// How the message came here. The recipient is named only when there is but one: the others are not each other's affair (RFC 5321 §7.2).
pub fn received(host_name: &str, kind: Kind, peer: Peer, envelope: &Envelope, now: Timestamp) -> String {
    let from = match peer.address.map(|address| address.to_canonical()) {
        Some(std::net::IpAddr::V4(address)) => format!("{} ([{address}])", envelope.hello.name),
        Some(std::net::IpAddr::V6(address)) => format!("{} ([IPv6:{address}])", envelope.hello.name),
        None => format!("{} (local socket)", envelope.hello.name),
    };
    let tls = envelope.tls.as_ref().map_or_else(String::new, tls_comment);
    let only = match envelope.recipients.as_slice() {
        [one] => format!("\r\n\tfor <{}>", one.to.as_str()),
        _ => String::new(),
    };
    let protocol = protocol(kind, envelope);
    format!("Received: from {from}\r\n\tby {host_name} with {protocol}{tls}\r\n\tid {}{only};\r\n\t{}\r\n", envelope.id, rfc_5322_date(now))
}

fn tls_comment(facts: &TlsFacts) -> String {
    format!(" ({} {})", facts.version, facts.cipher)
}

/// `Sun, 22 Nov 2026 01:02:03 +0000`
fn rfc_5322_date(moment: Timestamp) -> String {
    moment.jiff().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
