//! Who says that a message is from whom: SPF (RFC 7208), DKIM (RFC 6376), ARC (RFC 8617) and DMARC (RFC 9989), by mail-auth, told in
//! Authentication-Results (RFC 8601) and weighed in [`Verdict`].
//!
//! DNS is other people's: everything here ends after the time the options give, and what is not known by then is a temperror. A signature is
//! checked against the system's time, which the library takes for itself.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use mail::submission::ReversePath;
use mail_auth::common::crypto::HashAlgorithm;
use mail_auth::dkim::Canonicalization;
use mail_auth::dmarc::Policy;
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    ArcOutput, AuthenticatedMessage, AuthenticationResults, DkimOutput, DkimResult, DmarcOutput, DmarcResult, DnsError, Error,
    MessageAuthenticator, SpfOutput, SpfResult,
};
use tokio::time::{Instant, timeout_at};

use crate::options::Checks;
use crate::session::Envelope;

/// What came out.
#[derive(Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The header field, with its CRLF.
    pub results: String,
    pub dmarc: Dmarc,
    /// SPF of the envelope's sender passed, or DMARC of an author who is the sender: a notice to the sender reaches who has sent the message.
    pub sender_is_known: bool,
    /// The domains of From, in lower case; those that nothing proves.
    pub unproven: Vec<String>,
}

/// What the domain of the author asks for, when DMARC failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dmarc {
    /// It passed, does not apply, could not be found out, or failed under `p=none`.
    Nothing,
    Quarantine,
    Reject,
}

/// Signatures of one message that are looked at.
const MAX_SIGNATURES: usize = 10;
/// Beyond this the results are told without the single signatures.
const MAX_RESULTS_BYTES: usize = 8 << 10;
/// Larger bodies are hashed on a thread of their own.
const HASHED_HERE_BYTES: usize = 128 << 10;

/// Checks a message that `peer` has sent. Never fails: what cannot be found out is said to be so.
pub async fn check(checks: &Checks, host_name: &str, peer: IpAddr, envelope: &Envelope, message: &Arc<Vec<u8>>) -> Verdict {
    let evaluated = AssertUnwindSafe(evaluate(checks, host_name, peer, envelope, message)).catch_unwind().await;
    evaluated.unwrap_or_else(|_| {
        tracing::error!(session.id = %envelope.id, "The checks of a message's sender panicked");
        let results = format!("Authentication-Results: {host_name}; spf=temperror; dkim=temperror; dmarc=temperror\r\n");
        Verdict { results, dmarc: Dmarc::Nothing, sender_is_known: false, unproven: Vec::new() }
    })
}

async fn evaluate(checks: &Checks, host_name: &str, peer: IpAddr, envelope: &Envelope, message: &Arc<Vec<u8>>) -> Verdict {
    let started = Instant::now();
    // What is left of the time is for DMARC, which needs the others' results.
    let (first, second) = (started + checks.timeout * 3 / 4, started + checks.timeout);
    let resolver = &*checks.resolver;
    let helo = envelope.hello.name.trim_matches(['[', ']']);
    let hashes = body_hashes(message).await;
    let parsed = match &hashes {
        Some(_) => AuthenticatedMessage::parse(&message[..header_bytes(message)]),
        None => AuthenticatedMessage::parse(message),
    };
    let parsed = parsed.map(|mut parsed| {
        parsed.body_hashes = hashes.unwrap_or(std::mem::take(&mut parsed.body_hashes));
        parsed.dkim_headers.truncate(MAX_SIGNATURES);
        parsed.errors.truncate(MAX_SIGNATURES);
        parsed
    });
    let from = envelope.from.as_str();
    let sender_domain = envelope.from.address().map_or(helo, |address| address.domain());
    let spf_of_helo = async { spf(resolver, SpfParameters::verify_ehlo(peer, helo, host_name), helo, first).await };
    let spf_of_sender = async {
        if from.is_empty() {
            return None;
        }
        Some(spf(resolver, SpfParameters::verify_mail_from(peer, sender_domain, host_name, from), sender_domain, first).await)
    };
    let signatures = async {
        match &parsed {
            Some(parsed) => (dkim(resolver, parsed, first).await, arc(resolver, parsed, first).await),
            None => (Vec::new(), ArcOutput::default()),
        }
    };
    let (of_helo, of_sender, (dkim, arc)) = tokio::join!(spf_of_helo, spf_of_sender, signatures);

    let spf = of_sender.as_ref().unwrap_or(&of_helo);
    let dmarc = match &parsed {
        Some(parsed) => {
            let parameters = DmarcParameters::new(parsed, &dkim, sender_domain, spf);
            timeout_at(second, resolver.verify_dmarc(parameters)).await.unwrap_or_else(|_| dmarc_temp_error(parsed))
        }
        None => DmarcOutput::default(),
    };
    let header_from = parsed.as_ref().map_or("", |parsed| parsed.from());
    let told = |with_signatures: bool| {
        let mut results = AuthenticationResults::new(host_name).with_spf_ehlo_result(&of_helo, peer, helo);
        if let Some(of_sender) = &of_sender {
            results = results.with_spf_mailfrom_result(of_sender, peer, from, helo);
        }
        if with_signatures {
            results = results.with_dkim_results(&dkim, header_from);
        }
        if *arc.result() != DkimResult::None {
            results = results.with_arc_result(&arc, peer);
        }
        format!("Authentication-Results: {}\r\n", results.with_dmarc_result(&dmarc))
    };
    let mut results = told(true);
    if results.len() > MAX_RESULTS_BYTES || !is_clean(&results) {
        results = told(false);
    }
    if results.len() > MAX_RESULTS_BYTES || !is_clean(&results) {
        results = format!("Authentication-Results: {host_name}; none\r\n");
    }
    let authors = parsed.as_ref().map_or(&[][..], |parsed| parsed.froms());
    let spf_of_sender = of_sender.as_ref().is_some_and(|of_sender| of_sender.result() == SpfResult::Pass);
    Verdict {
        results,
        dmarc: wish(&dmarc),
        sender_is_known: spf_of_sender || dmarc.result() == DmarcResult::Pass && is_author(&envelope.from, authors),
        unproven: unproven(authors, &dmarc, spf, sender_domain, &dkim),
    }
}

/// One field: every line but the first begins with white space. The library takes care of it; what a client sends must not depend on that.
fn is_clean(field: &str) -> bool {
    let Some(lines) = field.strip_suffix("\r\n") else { return false };
    !lines.contains('\0')
        && lines.split("\r\n").enumerate().all(|(at, line)| !line.contains(['\r', '\n']) && (at == 0 || line.starts_with([' ', '\t'])))
}

type BodyHashes = Vec<(Canonicalization, HashAlgorithm, u64, Vec<u8>)>;

/// Hashes a large body away from the event loop; `None` when it is not large.
async fn body_hashes(message: &Arc<Vec<u8>>) -> Option<BodyHashes> {
    if message.len() <= HASHED_HERE_BYTES {
        return None;
    }
    let bytes = Arc::clone(message);
    let hashed = tokio::task::spawn_blocking(move || AuthenticatedMessage::parse(&bytes).map(|parsed| parsed.body_hashes));
    hashed.await.ok().flatten()
}

/// Header and empty line.
fn header_bytes(message: &[u8]) -> usize {
    if message.starts_with(b"\r\n") { 2 } else { memchr::memmem::find(message, b"\r\n\r\n").map_or(message.len(), |at| at + 4) }
}

async fn spf(resolver: &MessageAuthenticator, parameters: SpfParameters<'_>, domain: &str, end: Instant) -> SpfOutput {
    let checked = timeout_at(end, resolver.verify_spf(parameters)).await;
    checked.unwrap_or_else(|_| SpfOutput::new(domain.to_owned()).with_result(SpfResult::TempError))
}

fn no_answer() -> Error {
    Error::Dns(DnsError::Resolver("no answer in time".to_owned()))
}

async fn dkim<'x>(resolver: &MessageAuthenticator, parsed: &'x AuthenticatedMessage<'x>, end: Instant) -> Vec<DkimOutput<'x>> {
    timeout_at(end, resolver.verify_dkim(parsed)).await.unwrap_or_else(|_| {
        let signatures = parsed.dkim_headers.iter();
        signatures.map(|signature| DkimOutput::temp_err(no_answer()).with_signature(&signature.header)).collect()
    })
}

async fn arc<'x>(resolver: &MessageAuthenticator, parsed: &'x AuthenticatedMessage<'x>, end: Instant) -> ArcOutput<'x> {
    timeout_at(end, resolver.verify_arc(parsed))
        .await
        .unwrap_or_else(|_| ArcOutput::default().with_result(DkimResult::TempError(no_answer())))
}

fn dmarc_temp_error(parsed: &AuthenticatedMessage<'_>) -> DmarcOutput {
    let domain = parsed.from().rsplit_once('@').map_or("", |(_, domain)| domain);
    let error = || DmarcResult::TempError(no_answer());
    DmarcOutput::new(domain.to_owned()).with_spf_result(error()).with_dkim_result(error())
}

fn wish(dmarc: &DmarcOutput) -> Dmarc {
    match (dmarc.result(), dmarc.policy()) {
        (DmarcResult::Fail(_), Policy::Reject) => Dmarc::Reject,
        (DmarcResult::Fail(_), Policy::Quarantine) => Dmarc::Quarantine,
        _ => Dmarc::Nothing,
    }
}

/// The domains of From for which nothing speaks: no DMARC pass, no signature of the domain, no SPF pass of a sender in it. This also answers
/// where the domain has no DMARC record, and where From has several domains, which DMARC leaves alone.
fn unproven(authors: &[String], dmarc: &DmarcOutput, spf: &SpfOutput, sender_domain: &str, dkim: &[DkimOutput<'_>]) -> Vec<String> {
    let mut domains: Vec<String> = Vec::new();
    for author in authors {
        let Some((_, domain)) = author.rsplit_once('@') else { continue };
        let domain = domain.trim().trim_end_matches('.').to_lowercase();
        let by_dmarc = dmarc.result() == DmarcResult::Pass && dmarc.domain().eq_ignore_ascii_case(&domain);
        let by_spf = spf.result() == SpfResult::Pass && is_within(sender_domain, &domain);
        let passed = dkim.iter().filter(|output| *output.result() == DkimResult::Pass).filter_map(|output| output.signature());
        let by_dkim = passed.into_iter().any(|signature| is_within(&signature.d, &domain));
        if !(by_dmarc || by_spf || by_dkim || domains.contains(&domain)) {
            domains.push(domain);
        }
    }
    domains
}

/// Whether the envelope's sender is an author: what DMARC says of authors it then says of the sender as well.
fn is_author(from: &ReversePath, authors: &[String]) -> bool {
    from.address().is_some_and(|address| authors.iter().any(|author| author.eq_ignore_ascii_case(address.as_str())))
}

/// Whether `inner` is `outer` or lies below it.
fn is_within(inner: &str, outer: &str) -> bool {
    let inner = inner.to_ascii_lowercase();
    inner == outer || inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_proven_by_itself_and_by_what_lies_below_it() {
        assert!(is_within("example.test", "example.test") && is_within("Mail.Example.test", "example.test"));
        assert!(!is_within("badexample.test", "example.test") && !is_within("test", "example.test"));
    }

    #[test]
    fn a_field_with_a_line_of_its_own_in_it_is_not_clean() {
        assert!(is_clean("Authentication-Results: a;\r\n\tspf=pass\r\n"));
        for wrong in ["A: b", "A: b\r\nC: d\r\n", "A: b\nc\r\n", "A: b\rc\r\n", "A: b\r\n\r\n"] {
            assert!(!is_clean(wrong), "{wrong:?}");
        }
    }
}
