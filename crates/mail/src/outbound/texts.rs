//! What notices say to people, in the language of the organisation.

use directory::organisations::Language;
use kernel::Timestamp;

use super::report::Action;
use super::{Answer, reasons};

pub(super) struct Texts {
    language: Language,
}

impl Texts {
    pub(super) fn of(language: Language) -> Self {
        Self { language }
    }

    fn either(&self, chinese: &'static str, english: &'static str) -> &'static str {
        match self.language {
            Language::ZhCn => chinese,
            Language::En => english,
        }
    }

    pub(super) fn sender(&self) -> &'static str {
        self.either("邮件系统", "Mail System")
    }

    pub(super) fn subject(&self, action: Action) -> &'static str {
        match action {
            Action::Failed => self.either("邮件未能送达", "Your message could not be delivered"),
            Action::Delayed => self.either("邮件尚未送达，仍在重试", "Your message is delayed; it is still being tried"),
            Action::Delivered => self.either("邮件已送达", "Your message was delivered"),
            Action::Relayed => self.either("邮件已转交", "Your message was handed on"),
        }
    }

    /// The part for people: what happened, for whom, why, and what to do.
    pub(super) fn body(&self, action: Action, named: &[(String, Answer, Option<Timestamp>)], count: usize, original: &[u8]) -> String {
        let mut text = String::new();
        let mut line = |words: &str| {
            text.push_str(words);
            text.push_str("\r\n");
        };
        line(self.opening(action));
        if let Some(subject) = subject_of(original) {
            line("");
            line(&format!("{}{subject}", self.either("主题：", "Subject: ")));
        }
        for (address, answer, until) in named {
            line("");
            line(address);
            if matches!(action, Action::Failed | Action::Delayed) {
                line(&format!("    {}", self.reason(answer)));
            }
            if let (Some(host), Some(code)) = (&answer.host, answer.code) {
                line(&format!(
                    "    {}{host}{}{code} {} {}",
                    self.either("对方服务器 ", "The server "),
                    self.either(" 回复：", " answered: "),
                    answer.status,
                    answer.text
                ));
            }
            if let Some(until) = until {
                line(&format!("    {}{}", self.either("继续重试至：", "It is tried until "), until.jiff().strftime("%Y-%m-%d %H:%M UTC")));
            }
        }
        if count > named.len() {
            line("");
            line(&match self.language {
                Language::ZhCn => format!("另有 {} 位收件人，见附件。", count - named.len()),
                Language::En => format!("And {} more recipients; see the attached report.", count - named.len()),
            });
        }
        text
    }

    fn opening(&self, action: Action) -> &'static str {
        match action {
            Action::Failed => self.either("你的邮件未能送达以下收件人，系统不再重试。", "Your message could not be delivered to the following recipients. It is not tried again."),
            Action::Delayed => self.either(
                "你的邮件尚未送达以下收件人。系统会继续重试，你无需重新发送。",
                "Your message has not been delivered to the following recipients yet. It is still being tried; there is no need to send it again.",
            ),
            Action::Delivered => self.either("你的邮件已送达以下收件人的邮箱。", "Your message was delivered to the following recipients."),
            Action::Relayed => self.either(
                "你的邮件已转交以下收件人的邮件服务器，对方不再提供送达回执。",
                "Your message was handed to the servers of the following recipients, which send no receipts.",
            ),
        }
    }

    fn reason(&self, answer: &Answer) -> &'static str {
        let (chinese, english) = reasons::sentence(&answer.status);
        self.either(chinese, english)
    }
}

/// The subject of the message a notice is about, decoded, so that its author knows which one it was.
fn subject_of(message: &[u8]) -> Option<String> {
    let parsed = mail_parser::MessageParser::new().header_text(mail_parser::HeaderName::Subject).parse_headers(message)?;
    let subject: String = parsed.subject()?.chars().filter(|character| !character.is_control()).take(200).collect();
    (!subject.is_empty()).then_some(subject)
}
