//! Who says that a message is from whom, and what becomes of it.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use mail::mailboxes::Role;
use mail_auth::common::crypto::Ed25519Key;
use mail_auth::common::headers::HeaderWriter;
use mail_auth::dkim::{DkimSigner, generate::DkimKeyPair};
use serve_smtp::{Checks, Kind};
use store::Store;
use testkit::test_each_engine;

use crate::dns::Dns;
use crate::office::{Office, options};

async fn office(store: Store, dns: &Dns, change: impl FnOnce(&mut Checks)) -> Office {
    let mut checks = Checks::new(dns.resolver());
    checks.timeout = Duration::from_secs(10);
    change(&mut checks);
    let mut options = options();
    options.checks = Some(checks);
    Office::open_with(store, options).await
}

fn message(from: &str, body: &str) -> String {
    format!("From: Somebody <{from}>\r\nTo: wang@example.test\r\nSubject: Hello\r\n\r\n{body}\r\n")
}

/// Signs as `domain`, whose key is put into DNS.
fn signed(dns: &Dns, domain: &str, message: &str) -> String {
    let pair = DkimKeyPair::generate_ed25519().unwrap();
    let key = Ed25519Key::from_pkcs8_der(pair.private_key()).unwrap();
    dns.txt(&format!("goose._domainkey.{domain}"), &format!("v=DKIM1; k=ed25519; p={}", BASE64.encode(pair.public_key())));
    let signer = DkimSigner::from_key(key).domain(domain).selector("goose").headers(["From", "To", "Subject"]);
    format!("{}{message}", signer.sign(message.as_bytes()).unwrap().to_header())
}

/// Sends it and answers what was said.
async fn send(office: &Office, from: &str, message: &str) -> String {
    let mut peer = office.greeted(Kind::Mx).await;
    let said = peer.deliver(from, &["wang@example.test"], message).await;
    peer.command("QUIT").await;
    said
}

/// The field of the newest message in a mailbox that this delivery has added, unfolded.
async fn results(office: &Office, role: Role) -> String {
    let mail = office.mail("wang", role).await;
    let newest = mail.last().unwrap_or_else(|| panic!("a message in {role:?}"));
    let field = newest.split_once("\r\nAuthentication-Results: ").expect("the results").1;
    let end = field.match_indices("\r\n").find(|(at, _)| !field[at + 2..].starts_with(['\t', ' '])).expect("an end").0;
    field[..end].replace("\r\n\t", " ")
}

#[test_each_engine]
async fn what_passes_goes_to_the_inbox_and_the_results_stand_in_front_of_it(store: Store) {
    let dns = Dns::start().await;
    dns.txt("elsewhere.test", "v=spf1 ip4:127.0.0.1 -all").txt("_dmarc.elsewhere.test", "v=DMARC1; p=reject");
    let office = office(store, &dns, |_| {}).await;
    let whole = signed(&dns, "elsewhere.test", &message("b@elsewhere.test", "Text"));
    assert!(send(&office, "b@elsewhere.test", &whole).await.starts_with("250 "));
    let results = results(&office, Role::Inbox).await;
    assert!(
        results.starts_with(
            "mx.example.test; spf=none (mx.example.test: no SPF records found for postmaster@client.test) smtp.helo=client.test;"
        ),
        "{results}"
    );
    for part in [
        "spf=pass",
        "smtp.mailfrom=b@elsewhere.test",
        "dkim=pass header.d=elsewhere.test header.s=goose",
        "dmarc=pass header.from=elsewhere.test policy.dmarc=reject",
    ] {
        assert!(results.contains(part), "{part}: {results}");
    }
}

#[test_each_engine]
async fn a_large_message_is_checked_as_well(store: Store) {
    let dns = Dns::start().await;
    dns.txt("_dmarc.elsewhere.test", "v=DMARC1; p=reject");
    let office = office(store, &dns, |_| {}).await;
    let body = format!("{}\r\n", "0123456789".repeat(90)).repeat(600);
    let whole = signed(&dns, "elsewhere.test", &message("b@elsewhere.test", &body));
    assert!(send(&office, "b@elsewhere.test", &whole).await.starts_with("250 "));
    assert!(results(&office, Role::Inbox).await.contains("dkim=pass"));
    let changed = whole.replacen("0123456789", "9876543210", 1);
    assert!(send(&office, "b@elsewhere.test", &changed).await.starts_with("250 "));
    let results = results(&office, Role::Junk).await;
    assert!(results.contains("dkim=neutral (body hash did not verify)") && results.contains("dmarc=fail"), "{results}");
}

#[test_each_engine]
async fn what_its_domain_asks_to_refuse_goes_to_junk_or_is_refused_where_that_is_asked_for(store: Store) {
    let dns = Dns::start().await;
    dns.txt("reject.test", "v=spf1 -all").txt("_dmarc.reject.test", "v=DMARC1; p=reject");
    dns.txt("_dmarc.quarantine.test", "v=DMARC1; p=quarantine").txt("_dmarc.none.test", "v=DMARC1; p=none");
    let office = office(store.clone(), &dns, |_| {}).await;
    for (from, junk) in [("b@reject.test", 1), ("b@quarantine.test", 2), ("b@none.test", 2), ("b@norecord.test", 2)] {
        assert!(send(&office, from, &message(from, "Text")).await.starts_with("250 "));
        assert_eq!(office.mail("wang", Role::Junk).await.len(), junk, "{from}");
    }
    assert_eq!(office.inbox("wang").await.len(), 2);
}

#[test_each_engine]
async fn where_the_operator_wants_it_p_reject_is_refused(store: Store) {
    let dns = Dns::start().await;
    dns.txt("_dmarc.reject.test", "v=DMARC1; p=reject").txt("_dmarc.quarantine.test", "v=DMARC1; p=quarantine");
    let office = office(store, &dns, |checks| checks.refuse_on_dmarc_reject = true).await;
    let said = send(&office, "b@reject.test", &message("b@reject.test", "Text")).await;
    assert!(said.starts_with("550 5.7.1 "), "{said}");
    assert!(send(&office, "b@quarantine.test", &message("b@quarantine.test", "Text")).await.starts_with("250 "));
    assert_eq!((office.inbox("wang").await.len(), office.mail("wang", Role::Junk).await.len()), (0, 1));
}

#[test_each_engine]
async fn a_colleague_who_writes_from_outside_without_proof_is_junk(store: Store) {
    let dns = Dns::start().await;
    let office = office(store, &dns, |_| {}).await;
    // Neither SPF nor DKIM nor DMARC of the own domain is in DNS: nothing can speak for it.
    assert!(send(&office, "ceo@example.test", &message("ceo@example.test", "Pay this")).await.starts_with("250 "));
    assert!(send(&office, "b@elsewhere.test", &message("ceo@Example.TEST", "Pay this")).await.starts_with("250 "));
    // Two authors, which DMARC leaves alone.
    let two = "From: a@elsewhere.test, ceo@example.test\r\n\r\nPay this\r\n";
    assert!(send(&office, "b@elsewhere.test", two).await.starts_with("250 "));
    let twice = "From: a@elsewhere.test\r\nFrom: ceo@example.test\r\n\r\nPay this\r\n";
    assert!(send(&office, "b@elsewhere.test", twice).await.starts_with("250 "));
    assert_eq!((office.inbox("wang").await.len(), office.mail("wang", Role::Junk).await.len()), (0, 4));

    let proven = signed(&dns, "example.test", &message("ceo@example.test", "Text"));
    assert!(send(&office, "bounces@elsewhere.test", &proven).await.starts_with("250 "));
    dns.txt("mail.other.test", "v=spf1 ip4:127.0.0.1 -all");
    assert!(send(&office, "x@mail.other.test", &message("zhao@other.test", "Text")).await.starts_with("250 "));
    assert_eq!(office.inbox("wang").await.len(), 2);
}

#[test_each_engine]
async fn dns_that_does_not_answer_holds_nobody_up_for_long_and_loses_no_mail(store: Store) {
    let dns = Dns::start().await;
    dns.silent("elsewhere.test").silent("goose._domainkey.elsewhere.test").silent("_dmarc.elsewhere.test").fails("client.test");
    let office = office(store, &dns, |checks| checks.timeout = Duration::from_millis(400)).await;
    let whole = signed(&dns, "elsewhere.test", &message("b@elsewhere.test", "Text"));
    dns.silent("goose._domainkey.elsewhere.test");
    assert!(send(&office, "b@elsewhere.test", &whole).await.starts_with("250 "));
    let results = results(&office, Role::Inbox).await;
    assert_eq!(results.matches("spf=temperror").count(), 2, "{results}");
    for part in ["dkim=temperror", "dmarc=temperror"] {
        assert!(results.contains(part), "{part}: {results}");
    }
}

#[test_each_engine]
async fn a_null_sender_is_checked_by_its_name_and_a_message_without_a_header_by_nothing(store: Store) {
    let dns = Dns::start().await;
    dns.txt("client.test", "v=spf1 ip4:127.0.0.1 -all").txt("_dmarc.client.test", "v=DMARC1; p=reject");
    let office = office(store, &dns, |_| {}).await;
    assert!(send(&office, "", &message("mailer-daemon@client.test", "Undelivered")).await.starts_with("250 "));
    let said = results(&office, Role::Inbox).await;
    assert!(said.contains("spf=pass") && said.contains("smtp.helo=client.test") && said.contains("dmarc=pass"), "{said}");
    for odd in ["", "\r\n", "no header at all\r\n", "From:\r\n\r\n", "From: @\r\n\r\n", "DKIM-Signature: v=1; a=none\r\n\r\n"] {
        assert!(send(&office, "", odd).await.starts_with("250 "), "{odd:?}");
    }
}

#[test_each_engine]
async fn signatures_by_the_hundred_do_not_cost_lookups_by_the_hundred(store: Store) {
    let dns = Dns::start().await;
    let office = office(store, &dns, |_| {}).await;
    let plain = message("b@elsewhere.test", "Text");
    let one = signed(&dns, "elsewhere.test", &plain);
    let field = &one[..one.len() - plain.len()];
    let mut many: String = (0..300).map(|number| field.replace("s=goose", &format!("s=goose{number}"))).collect();
    many.push_str(&plain);
    assert!(send(&office, "b@elsewhere.test", &many).await.starts_with("250 "));
    assert!(dns.asked() < 30, "{}", dns.asked());
    assert_eq!(results(&office, Role::Inbox).await.matches("dkim=").count(), 10);
}

#[test_each_engine]
async fn without_checks_nothing_is_claimed(store: Store) {
    let office = Office::open(store).await;
    assert!(send(&office, "ceo@example.test", &message("ceo@example.test", "Text")).await.starts_with("250 "));
    let mail = office.inbox("wang").await;
    assert!(!mail[0].contains("Authentication-Results"), "{}", mail[0]);
}

/// What a notice would be sent to, of a message for several.
async fn return_path(office: &Office) -> String {
    let found = office.store.read(|tx| tx.query_all("SELECT return_path FROM ingress ORDER BY id", store::params![], |row| row.get(0)));
    let mut found: Vec<String> = found.await.unwrap();
    found.pop().expect("a message for several")
}

#[test_each_engine]
async fn only_senders_who_are_known_would_be_told_that_somebody_did_not_get_it(store: Store) {
    let dns = Dns::start().await;
    dns.txt("client.test", "v=spf1 ip4:127.0.0.1 -all").txt("known.test", "v=spf1 ip4:127.0.0.1 -all");
    let office = office(store, &dns, |_| {}).await;
    let mut peer = office.greeted(Kind::Mx).await;
    for (from, expected) in [("b@known.test", "b@known.test"), ("spf=pass@victim.test", ""), ("", "")] {
        // That the client is who it says speaks for nobody else.
        let said = peer.deliver(from, &["wang@example.test", "chen@example.test"], &message("b@elsewhere.test", "Text")).await;
        assert!(said.starts_with("250 "), "{said}");
        assert_eq!(return_path(&office).await, expected, "{from}");
        office.fan_out().await;
    }
}
