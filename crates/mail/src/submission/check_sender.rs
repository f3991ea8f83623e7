//! Whether a member may send as the envelope and the header say.

use directory::addresses::{self, AddressKind};
use directory::members::{self, MemberState};
use kernel::{EmailAddress, MailAccountId, OrgId, Timestamp};
use mail_parser::{Address, HeaderName, HeaderValue, MessageParser};
use store::{StoreError, Tx};

use super::{EnvelopeAddress, ReversePath};
use crate::mail_accounts;

/// The sender is not one the member may use.
#[derive(Debug, thiserror::Error)]
pub enum SenderRefused {
    /// Its state (`suspended`, `pending` …), or nobody holds the mail account.
    #[error("the member may not send at present ({state})")]
    MayNotSend { state: &'static str },
    #[error("{address} is not an address of this member")]
    NotOwn { address: String },
    #[error("the message has no From with an address")]
    FromMissing,
    #[error("the message has more than one {header}")]
    HeaderRepeated { header: &'static str },
    #[error("could not check the sender")]
    Store(#[from] StoreError),
}
kernel::faults! { SenderRefused:
    SenderRefused::MayNotSend { state } => Forbidden "member_may_not_send" { state },
    SenderRefused::NotOwn { address } => Forbidden "sender_not_own" { address },
    SenderRefused::FromMissing => Invalid "from_missing",
    SenderRefused::HeaderRepeated { header } => Invalid "header_repeated" { header },
    SenderRefused::Store(inner) => inner,
}

/// Who a message says it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SenderHeaders {
    /// The addresses of From, as written; at least one.
    pub from: Vec<String>,
    pub sender: Option<String>,
}

/// How many authors one message may have.
const MAX_AUTHORS: usize = 20;

impl SenderHeaders {
    /// Reads From and Sender of a message. RFC 5322 §3.6: From must be there once, Sender at most once.
    pub fn read(message: &[u8]) -> Result<Self, SenderRefused> {
        let parsed = MessageParser::new().with_address_headers().parse_headers(message).ok_or(SenderRefused::FromMissing)?;
        let (mut from, mut sender) = (None, None);
        for header in parsed.headers() {
            let (place, name) = match header.name {
                HeaderName::From => (&mut from, "From"),
                HeaderName::Sender => (&mut sender, "Sender"),
                _ => continue,
            };
            if place.replace(addresses_of(&header.value)).is_some() {
                return Err(SenderRefused::HeaderRepeated { header: name });
            }
        }
        let from = from.filter(|addresses| (1..=MAX_AUTHORS).contains(&addresses.len())).ok_or(SenderRefused::FromMissing)?;
        match sender {
            None => Ok(Self { from, sender: None }),
            // A Sender without an address says nothing and cannot be somebody else's.
            Some(addresses) if addresses.len() > 1 => Err(SenderRefused::HeaderRepeated { header: "Sender" }),
            Some(mut addresses) => Ok(Self { from, sender: addresses.pop() }),
        }
    }
}

fn addresses_of(value: &HeaderValue<'_>) -> Vec<String> {
    let one = |address: &mail_parser::Addr<'_>| address.address.as_deref().unwrap_or_default().trim().to_owned();
    match value {
        HeaderValue::Address(Address::List(list)) => list.iter().take(MAX_AUTHORS + 1).map(one).collect(),
        HeaderValue::Address(Address::Group(groups)) => {
            groups.iter().flat_map(|group| group.addresses.iter()).take(MAX_AUTHORS + 1).map(one).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether the holder of a mail account may send with this reverse path: for `MAIL`, before there is a message. The null path is nobody's and
/// everybody's (receipts, RFC 8098 §3).
pub fn check_envelope_sender(
    tx: &mut Tx,
    org: OrgId,
    account: MailAccountId,
    from: &ReversePath,
    now: Timestamp,
) -> Result<(), SenderRefused> {
    let own = own_addresses(tx, org, account, now)?;
    match from {
        ReversePath::Null => Ok(()),
        ReversePath::Address(address) => is_own(&own, address),
    }
}

/// Whether the holder of a mail account may send a message that says of itself what `headers` tell: all of its authors and its sender are own
/// addresses, tags behind a `+` aside, and the member is active.
pub fn check_sender(
    tx: &mut Tx,
    org: OrgId,
    account: MailAccountId,
    from: &ReversePath,
    headers: &SenderHeaders,
    now: Timestamp,
) -> Result<(), SenderRefused> {
    let own = own_addresses(tx, org, account, now)?;
    if let ReversePath::Address(address) = from {
        is_own(&own, address)?;
    }
    for written in headers.from.iter().chain(&headers.sender) {
        let address: EnvelopeAddress = written.parse().map_err(|_| SenderRefused::NotOwn { address: shown(written) })?;
        is_own(&own, &address)?;
    }
    Ok(())
}

fn own_addresses(tx: &mut Tx, org: OrgId, account: MailAccountId, now: Timestamp) -> Result<Vec<EmailAddress>, SenderRefused> {
    let held = mail_accounts::find(tx, org, account)?.and_then(|account| account.member_id);
    let member = held.ok_or(SenderRefused::MayNotSend { state: "unheld" })?;
    match members::state_of(tx, org, member, now)? {
        Some(MemberState::Active) => {}
        Some(state) => return Err(SenderRefused::MayNotSend { state: state.as_str() }),
        None => return Err(SenderRefused::MayNotSend { state: "unheld" }),
    }
    let own = addresses::list_of_member(tx, org, member)?;
    let own = own.into_iter().filter(|own| matches!(own.kind, AddressKind::Primary | AddressKind::Alias));
    Ok(own.map(|own| own.address).collect())
}

fn is_own(own: &[EmailAddress], address: &EnvelopeAddress) -> Result<(), SenderRefused> {
    let form = address.own_form();
    // Whether the domain is proven matters only to mail that leaves; `submit` asks.
    if own.iter().any(|own| form.as_ref() == Some(own)) { Ok(()) } else { Err(SenderRefused::NotOwn { address: shown(address.as_str()) }) }
}

/// What is said back of what a client wrote.
fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(EnvelopeAddress::MAX_BYTES).collect()
}
