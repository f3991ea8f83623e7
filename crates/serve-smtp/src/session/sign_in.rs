//! AUTH (RFC 4954) with PLAIN (RFC 4616) and LOGIN (what Outlook speaks).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{Pending, Phase, Session, SignInRefusal, Step, Work};
use crate::reply;
use crate::syntax::{Hello, Mechanism};

/// Which answer is waited for.
pub(super) enum Waiting {
    Plain,
    LoginName,
    LoginPassword { name: String },
}

/// Names are addresses or organisation and account; nothing longer is one.
const MAX_NAME_BYTES: usize = 512;

impl Session {
    /// Passwords travel encrypted, or within this machine where the operator has said so.
    pub(super) fn may_take_passwords(&self) -> bool {
        self.tls.is_some() || (self.rules.options.plain_auth_from_loopback && self.peer.is_loopback())
    }

    pub(super) fn auth(&mut self, mechanism: Option<Mechanism>, initial: Option<Zeroizing<String>>) -> Option<Step> {
        if !self.is_last_of_group() {
            return None;
        }
        // The line held a password, perhaps; the buffer does not any more.
        self.lines.clear();
        let refusal = if !self.rules.kind.is_submission() {
            Some(reply::NOT_IMPLEMENTED)
        } else if self.greeted.as_ref().is_none_or(|greeted| greeted.kind != Hello::Ehlo) {
            Some(reply::SAY_HELLO_FIRST)
        } else if self.is_signed_in {
            Some(reply::SIGNED_IN_ALREADY)
        } else if self.transaction.is_some() {
            Some(reply::NOT_WITHIN_MESSAGE)
        } else if !self.may_take_passwords() {
            Some(reply::ENCRYPTION_REQUIRED)
        } else {
            None
        };
        if let Some(refusal) = refusal {
            self.mistake(refusal);
            return None;
        }
        let Some(mechanism) = mechanism else {
            self.mistake(reply::UNKNOWN_MECHANISM);
            return None;
        };
        let waiting = match mechanism {
            Mechanism::Plain => Waiting::Plain,
            Mechanism::Login => Waiting::LoginName,
        };
        self.phase = Phase::Auth(waiting);
        match initial {
            // RFC 4954 §4: a single `=` is an empty response.
            Some(initial) if *initial == "=" => self.auth_answer(b""),
            Some(initial) => self.auth_answer(initial.as_bytes()),
            None => {
                self.challenge();
                None
            }
        }
    }

    fn challenge(&mut self) {
        let text: &[u8] = match &self.phase {
            Phase::Auth(Waiting::LoginName) => b"334 VXNlcm5hbWU6\r\n",
            Phase::Auth(Waiting::LoginPassword { .. }) => b"334 UGFzc3dvcmQ6\r\n",
            _ => b"334 \r\n",
        };
        self.output.extend_from_slice(text);
    }

    pub(super) fn auth_answer(&mut self, line: &[u8]) -> Option<Step> {
        if !self.lines.is_within_line() {
            self.lines.clear();
        }
        let Phase::Auth(waiting) = std::mem::replace(&mut self.phase, Phase::Command) else { return None };
        if line == b"*" {
            self.mistake(reply::AUTH_CANCELLED);
            return None;
        }
        let decoded = STANDARD.decode(line).ok().map(Zeroizing::new);
        let text = decoded.as_ref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        let Some(text) = text else {
            self.mistake(reply::AUTH_UNREADABLE);
            return None;
        };
        let (name, password) = match waiting {
            Waiting::LoginName if text.len() <= MAX_NAME_BYTES => {
                self.phase = Phase::Auth(Waiting::LoginPassword { name: text.to_owned() });
                self.challenge();
                return None;
            }
            Waiting::LoginName => {
                self.mistake(reply::AUTH_UNREADABLE);
                return None;
            }
            Waiting::LoginPassword { name } => (name, Zeroizing::new(text.to_owned())),
            Waiting::Plain => match plain(text) {
                Some(found) => found,
                None => {
                    self.mistake(reply::AUTH_UNREADABLE);
                    return None;
                }
            },
        };
        self.work(Pending::SignIn, Work::SignIn { name, password })
    }

    pub(super) fn sign_in_checked(&mut self, result: Result<(), SignInRefusal>) {
        match result {
            Ok(()) => {
                self.is_signed_in = true;
                self.say(reply::SIGNED_IN);
            }
            Err(SignInRefusal { reply, is_guess }) => {
                self.say(reply);
                self.tally.failed_sign_ins += u32::from(is_guess);
                if self.tally.failed_sign_ins >= self.rules.options.limits.failed_sign_ins {
                    self.close_with(reply::TOO_MANY_SIGN_INS);
                }
            }
        }
    }
}

/// `message = [authzid] NUL authcid NUL passwd`. Acting as somebody else is not offered, so the first is empty or the same as the second.
fn plain(text: &str) -> Option<(String, Zeroizing<String>)> {
    let mut parts = text.split('\0');
    let (Some(acting), Some(name), Some(password), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else { return None };
    let right = !name.is_empty() && name.len() <= MAX_NAME_BYTES && (acting.is_empty() || acting == name);
    right.then(|| (name.to_owned(), Zeroizing::new(password.to_owned())))
}
