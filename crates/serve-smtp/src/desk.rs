//! Does what a session asks for, with the operations of the subject crates, and puts what came of it in the words of the protocol.

use std::sync::Arc;

use identity::passwords::Password;
use identity::protocols::{self, Protocol, ProtocolSession, ProtocolSignInError};
use kernel::{Actor, Ctx, Fault, MailAccountId, NO_ORG, OrgId};
use mail::reception::{self, RecipientRefused};
use mail::submission::{self, ReversePath, SenderRefused};
use store::StoreError;
use zeroize::Zeroizing;

use crate::reply::{self, Reply};
use crate::server::Shared;
use crate::session::{Destination, Outcome, Peer, Rules, SenderRefusal, SignInRefusal, Work};
use crate::syntax::ForwardPath;
use crate::{receive, submit};

/// One session's clerk: knows who signed in.
pub struct Desk {
    shared: Arc<Shared>,
    rules: Arc<Rules>,
    peer: Peer,
    id: Arc<str>,
    member: Option<ProtocolSession>,
}

impl Desk {
    pub fn new(shared: Arc<Shared>, rules: Arc<Rules>, peer: Peer, id: Arc<str>) -> Self {
        Self { shared, rules, peer, id, member: None }
    }

    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.rules
    }

    pub(crate) fn peer(&self) -> Peer {
        self.peer
    }

    /// What was known of the client does not count any more.
    pub fn forget(&mut self) {
        self.member = None;
    }

    pub async fn attend(&mut self, work: Work) -> Outcome {
        match work {
            Work::CheckSender { from } => Outcome::Sender(self.check_sender(from).await),
            Work::CheckRecipient { to, size_bytes } => Outcome::Recipient(self.check_recipient(to, size_bytes).await),
            Work::SignIn { name, password } => Outcome::SignedIn(self.sign_in(&name, &password).await),
            Work::TakeMessage { envelope, message } => {
                let replies = match self.rules.kind.is_submission() {
                    true => vec![submit::take(self, &envelope, message).await],
                    false => receive::take(self, &envelope, message).await,
                };
                for reply in &replies {
                    let answer = reply.code.to_string();
                    metrics::counter!("yanshu_smtp_messages_total", "listener" => self.rules.kind.as_str(), "answer" => answer)
                        .increment(1);
                }
                Outcome::Message(replies)
            }
            // The connection pauses by itself.
            Work::Pause(_) => Outcome::Paused,
        }
    }

    /// What this session does in `org`, in the server's own name.
    pub(crate) fn ctx(&self, org: OrgId, actor: Actor) -> Ctx {
        self.shared.parts.source.ctx(org, actor, Arc::clone(&self.id), self.peer.address)
    }

    /// Who is signed in, with a mailbox to send from.
    pub(crate) fn sender(&self) -> Option<(Ctx, MailAccountId)> {
        let member = self.member.as_ref()?;
        Some((self.ctx(member.org, member.actor()), member.mail_account?))
    }

    async fn check_sender(&self, from: ReversePath) -> Result<(), SenderRefusal> {
        let Some(member) = self.member.clone() else { return Err(SenderRefusal::Ended) };
        let account = member.mail_account.ok_or(SenderRefusal::Told(reply::NO_MAILBOX))?;
        let now = self.shared.parts.source.now();
        let checked = self.shared.parts.store.read(move |tx| {
            if !protocols::is_still_valid(tx, &member, now)? {
                return Ok(None);
            }
            Ok::<_, SenderRefused>(Some(submission::check_envelope_sender(tx, member.org, account, &from, now)?))
        });
        match checked.await {
            Ok(Some(())) => Ok(()),
            Ok(None) => Err(SenderRefusal::Ended),
            Err(error) => Err(SenderRefusal::Told(self.told(&error))),
        }
    }

    async fn check_recipient(&self, to: ForwardPath, size_bytes: u64) -> Result<Destination, Reply> {
        let submission = self.rules.kind.is_submission();
        let asked = match &to {
            ForwardPath::Address(address) if !submission => match self.shared.recipients.find(address, size_bytes) {
                Ok(recipient) => return Ok(Destination::Local(recipient)),
                Err(asked) => Some((asked, address.clone())),
            },
            _ => None,
        };
        let host_name = Arc::clone(&self.rules.options.host_name);
        let org = self.member.as_ref().map_or(NO_ORG, |member| member.org);
        let found = self.shared.parts.store.read(move |tx| {
            let address = match &to {
                ForwardPath::Postmaster => reception::postmaster_address(tx, &host_name)?.ok_or(RecipientRefused::Unknown)?,
                ForwardPath::Address(address) => address.clone(),
            };
            if !submission {
                return reception::check_recipient(tx, &address, size_bytes).map(Destination::Local);
            }
            // Only members' mail leaves through here. Whether a colleague's mailbox is full the member is told by a notice, as for others.
            match submission::find_destination(tx, org, &address, 0) {
                Ok(_) | Err(RecipientRefused::MailboxFull) => Ok(Destination::Anywhere(address)),
                Err(refused) => Err(refused),
            }
        });
        let found = found.await;
        if let (Ok(Destination::Local(recipient)), Some((asked, address))) = (&found, asked) {
            self.shared.recipients.remember(&asked, address, recipient.clone());
        }
        found.map_err(|refused| match refused {
            RecipientRefused::DomainNotOurs => reply::RELAY_REFUSED,
            // That somebody is gone is not a stranger's to know.
            RecipientRefused::Unknown | RecipientRefused::Recycled => reply::UNKNOWN_RECIPIENT,
            RecipientRefused::MailboxFull => reply::MAILBOX_FULL,
            RecipientRefused::Store(error) => self.unavailable(&error),
        })
    }

    async fn sign_in(&mut self, name: &str, password: &Zeroizing<String>) -> Result<(), SignInRefusal> {
        let guess = |reply: Reply| SignInRefusal { reply, is_guess: true };
        let Ok(password) = Password::new(password) else { return Err(guess(reply::SIGN_IN_FAILED)) };
        let parts = &self.shared.parts;
        // The organisation is found with the name.
        let ctx = self.ctx(NO_ORG, Actor::Nobody);
        match protocols::sign_in(&parts.store, &parts.hasher, &ctx, name, &password, Protocol::Smtp).await {
            Ok(member) => {
                self.member = Some(member);
                Ok(())
            }
            Err(ProtocolSignInError::Wrong) => Err(guess(reply::SIGN_IN_FAILED)),
            // Whoever hears these had the right password.
            Err(ProtocolSignInError::ClientPasswordNeeded) => Err(guess(reply::CLIENT_PASSWORD_NEEDED)),
            Err(ProtocolSignInError::PasswordToBeChosen) => Err(guess(reply::PASSWORD_TO_BE_CHOSEN)),
            Err(ProtocolSignInError::NotAllowed) => Err(guess(Reply::new(535, "5.7.8", "This member may not sign in now"))),
            Err(ProtocolSignInError::Throttled(_)) => Err(guess(reply::SIGN_IN_LATER)),
            Err(ProtocolSignInError::Busy(_)) => Err(SignInRefusal { reply: reply::SIGN_IN_LATER, is_guess: false }),
            Err(ProtocolSignInError::Store(error)) => {
                self.unavailable(&error);
                Err(SignInRefusal { reply: reply::SIGN_IN_LATER, is_guess: false })
            }
        }
    }

    /// The answer to a fault; its cause goes to the log.
    pub(crate) fn told(&self, fault: &dyn Fault) -> Reply {
        let reply = Reply::of_fault(fault);
        if reply.code == 451 {
            tracing::error!(session.id = %self.id, error = fault as &dyn std::error::Error, "SMTP work failed");
        }
        reply
    }

    pub(crate) fn unavailable(&self, error: &StoreError) -> Reply {
        self.told(error)
    }
}
