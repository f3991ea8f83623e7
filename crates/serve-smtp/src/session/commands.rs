//! Commands in their order: who may say what when.

use mail::submission::ReversePath;

use super::{Destination, Greeted, Pending, Phase, SenderRefusal, Session, Step, Taken, Transaction, Work};
use crate::Kind;
use crate::reply::{self, Reply};
use crate::syntax::{self, Command, ForwardPath, Hello, MailParameters, RcptParameters, SyntaxError};

impl Session {
    pub(super) fn command(&mut self, line: &[u8]) -> Option<Step> {
        match syntax::parse(line) {
            Ok(command) => self.obey(command),
            Err(error) => {
                self.not_a_command(error);
                None
            }
        }
    }

    fn obey(&mut self, command: Command) -> Option<Step> {
        match command {
            Command::Hello { kind, name } => self.hello(kind, name),
            Command::Mail { from, parameters } => return self.mail(from, parameters),
            Command::Rcpt { to, parameters } => return self.rcpt(to, parameters),
            Command::Data => self.data(),
            Command::Bdat { bytes, last } => self.bdat(bytes, last),
            Command::Rset => {
                self.transaction = None;
                self.say(reply::OK);
            }
            Command::Noop => self.say(reply::OK),
            Command::Help => self.say(reply::HELP),
            Command::Vrfy => self.say(reply::CANNOT_VERIFY),
            Command::Expn => self.say(reply::NOT_IMPLEMENTED),
            Command::Quit => self.close_with(reply::BYE),
            Command::StartTls => return self.start_tls(),
            Command::Auth { mechanism, initial } => return self.auth(mechanism, initial),
        }
        None
    }

    fn not_a_command(&mut self, error: SyntaxError) {
        match error {
            SyntaxError::Unknown => self.mistake(reply::UNKNOWN_COMMAND),
            SyntaxError::NotMail => self.close_with(reply::NOT_MAIL),
            SyntaxError::Arguments => self.mistake(reply::BAD_ARGUMENTS),
            SyntaxError::Parameter => self.mistake(reply::UNKNOWN_PARAMETER),
            SyntaxError::Sender => self.mistake(reply::BAD_SENDER),
            SyntaxError::Recipient => self.mistake(reply::BAD_RECIPIENT),
            // Bytes may follow that nobody has counted.
            SyntaxError::Chunk => self.close_with(reply::BAD_ARGUMENTS),
        }
    }

    fn hello(&mut self, kind: Hello, name: String) {
        // RFC 2033 §4.1: LMTP has LHLO and neither of the others.
        if (kind == Hello::Lhlo) != (self.rules.kind == Kind::Lmtp) {
            return self.mistake(reply::UNKNOWN_COMMAND);
        }
        self.transaction = None;
        let host = self.rules.options.host_name.clone();
        if kind == Hello::Helo {
            self.say(Reply::told(250, "", &host));
        } else {
            let mut lines = vec![host.to_string()];
            lines.extend(self.extensions());
            self.say_lines(250, &lines);
        }
        self.greeted = Some(Greeted { kind, name });
    }

    fn say_lines(&mut self, code: u16, lines: &[String]) {
        for (index, line) in lines.iter().enumerate() {
            let mark = if index + 1 == lines.len() { ' ' } else { '-' };
            self.output.extend_from_slice(format!("{code}{mark}{line}\r\n").as_bytes());
        }
    }

    fn extensions(&self) -> Vec<String> {
        let limits = &self.rules.options.limits;
        let mut words = vec![
            "PIPELINING".to_owned(),
            format!("SIZE {}", limits.message_bytes),
            "8BITMIME".to_owned(),
            "SMTPUTF8".to_owned(),
            "CHUNKING".to_owned(),
            "ENHANCEDSTATUSCODES".to_owned(),
        ];
        if self.rules.has_tls && self.tls.is_none() {
            words.push("STARTTLS".to_owned());
        }
        if self.rules.kind.is_submission() {
            words.push("DSN".to_owned());
            if !self.is_signed_in && self.may_take_passwords() {
                words.push("AUTH PLAIN LOGIN".to_owned());
            }
        }
        // RFC 9422.
        words.push(format!("LIMITS RCPTMAX={}", limits.recipients));
        words
    }

    pub(super) fn hello_missing(&self) -> Reply {
        if self.rules.kind == Kind::Lmtp { reply::SAY_LHLO_FIRST } else { reply::SAY_HELLO_FIRST }
    }

    /// HELO knows no parameters.
    fn is_extended(&self) -> bool {
        self.greeted.as_ref().is_some_and(|greeted| greeted.kind != Hello::Helo)
    }

    fn mail(&mut self, from: ReversePath, parameters: MailParameters) -> Option<Step> {
        if let Err(refusal) = self.may_mail(&from, &parameters) {
            if refusal.code == 552 || refusal.code == 553 {
                self.say(refusal);
            } else {
                self.mistake(refusal);
            }
            return None;
        }
        if self.rules.kind.is_submission() {
            let checked = from.clone();
            return self.work(Pending::Mail { from, parameters }, Work::CheckSender { from: checked });
        }
        self.begin(from, parameters);
        None
    }

    fn may_mail(&self, from: &ReversePath, parameters: &MailParameters) -> Result<(), Reply> {
        let submission = self.rules.kind.is_submission();
        if self.greeted.is_none() {
            return Err(self.hello_missing());
        }
        if submission && !self.is_signed_in {
            let first_tls = !self.may_take_passwords() && self.rules.has_tls;
            return Err(if first_tls { reply::TLS_REQUIRED } else { reply::AUTHENTICATION_REQUIRED });
        }
        if self.transaction.is_some() {
            return Err(reply::NESTED_MAIL);
        }
        let extended = self.is_extended();
        let not_offered = !submission && (parameters.auth || parameters.speaks_of_notices());
        if not_offered || (!extended && *parameters != MailParameters::default()) {
            return Err(reply::UNKNOWN_PARAMETER);
        }
        if from.address().is_some_and(|address| address.needs_utf8()) && !parameters.smtp_utf8 {
            return Err(reply::NEEDS_UTF8);
        }
        if parameters.size.is_some_and(|size| size > self.rules.options.limits.message_bytes as u64) {
            return Err(reply::MESSAGE_TOO_LARGE);
        }
        Ok(())
    }

    pub(super) fn sender_checked(&mut self, from: ReversePath, parameters: MailParameters, result: Result<(), SenderRefusal>) {
        match result {
            Ok(()) => self.begin(from, parameters),
            Err(SenderRefusal::Told(refusal)) => self.say(refusal),
            Err(SenderRefusal::Ended) => self.close_with(Reply::new(421, "4.7.0", "The sign-in does not hold any more; sign in again")),
        }
    }

    fn begin(&mut self, from: ReversePath, parameters: MailParameters) {
        self.transaction = Some(Transaction { from, parameters, recipients: Vec::new(), chunks: None, chunks_refused: false });
        self.say(reply::SENDER_OK);
    }

    fn rcpt(&mut self, to: ForwardPath, parameters: RcptParameters) -> Option<Step> {
        let notices = parameters.speaks_of_notices();
        let refusal = match &self.transaction {
            None if self.greeted.is_none() => Some(self.hello_missing()),
            None => Some(reply::MAIL_FIRST),
            Some(_) if notices && !(self.rules.kind.is_submission() && self.is_extended()) => Some(reply::UNKNOWN_PARAMETER),
            Some(transaction) if transaction.chunks.is_some() || transaction.chunks_refused => Some(reply::CHUNKS_UNDER_WAY),
            Some(_) => None,
        };
        if let Some(refusal) = refusal {
            self.mistake(refusal);
            return None;
        }
        let transaction = self.transaction.as_ref()?;
        if transaction.recipients.len() >= self.rules.options.limits.recipients {
            self.say(reply::TOO_MANY_RECIPIENTS);
            return None;
        }
        if to.needs_utf8() && !transaction.parameters.smtp_utf8 {
            self.say(reply::NEEDS_UTF8);
            return None;
        }
        let work = Work::CheckRecipient { to: to.clone(), size_bytes: transaction.parameters.size.unwrap_or(0) };
        self.work(Pending::Rcpt { to, parameters }, work)
    }

    pub(super) fn recipient_checked(&mut self, to: ForwardPath, parameters: RcptParameters, result: Result<Destination, Reply>) {
        let Some(transaction) = &mut self.transaction else { return self.close_with(reply::UNAVAILABLE) };
        let destination = match result {
            Ok(destination) => destination,
            Err(refusal) if refusal.code < 500 => return self.say(refusal),
            Err(refusal) => return self.recipient_refused(refusal),
        };
        transaction.recipients.push(Taken { to, parameters, destination });
        self.say(reply::RECIPIENT_OK);
    }

    /// Whoever tries names gets slower and slower answers, and at last none.
    fn recipient_refused(&mut self, refusal: Reply) {
        let limits = &self.rules.options.limits;
        self.tally.refused_recipients += 1;
        if self.tally.refused_recipients >= limits.refused_recipients {
            self.say(refusal);
            return self.close_with(reply::TOO_MANY_MISTAKES);
        }
        if self.tally.refused_recipients > limits.refused_recipients_at_once {
            self.phase = Phase::Holding(refusal);
        } else {
            self.say(refusal);
        }
    }

    fn start_tls(&mut self) -> Option<Step> {
        // Whatever the answer will be: what stands behind was sent in the clear by who knows whom.
        if !self.is_last_of_group() {
            return None;
        }
        let refusal = if self.tls.is_some() {
            reply::TLS_ALREADY
        } else if !self.rules.has_tls {
            reply::TLS_UNAVAILABLE
        } else if self.greeted.is_none() {
            self.hello_missing()
        } else {
            self.say(reply::READY_FOR_TLS);
            return Some(Step::StartTls);
        };
        self.mistake(refusal);
        None
    }
}
