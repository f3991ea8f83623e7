//! Names of header properties, and which forms a field may be asked for in (RFC 8621 §4.1.2, §4.1.3).

use std::str::FromStr;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    Raw,
    Text,
    Addresses,
    GroupedAddresses,
    MessageIds,
    Date,
    Urls,
}

/// `header:Name:asForm:all`
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HeaderProperty {
    /// The property as the client wrote it, which is also how it is answered.
    pub property: String,
    /// The field's name, in lower case.
    pub name: String,
    pub form: Form,
    /// Every field of the name instead of the last one.
    pub all: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub struct NoHeaderProperty;

const ADDRESSES: &[&str] = &[
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "resent-from",
    "resent-sender",
    "resent-reply-to",
    "resent-to",
    "resent-cc",
    "resent-bcc",
];
const MESSAGE_IDS: &[&str] = &["message-id", "in-reply-to", "references", "resent-message-id"];
const DATES: &[&str] = &["date", "resent-date"];
const TEXTS: &[&str] = &["subject", "comments", "keywords", "list-id"];
const URLS: &[&str] = &["list-help", "list-unsubscribe", "list-subscribe", "list-post", "list-owner", "list-archive"];
const RAW_ONLY: &[&str] = &["return-path", "received"];

impl Form {
    fn fits(self, name: &str) -> bool {
        let kinds = [
            (ADDRESSES, &[Self::Addresses, Self::GroupedAddresses][..]),
            (MESSAGE_IDS, &[Self::MessageIds]),
            (DATES, &[Self::Date]),
            (TEXTS, &[Self::Text]),
            (URLS, &[Self::Urls]),
            (RAW_ONLY, &[]),
        ];
        let own = kinds.into_iter().find(|(names, _)| names.contains(&name));
        // A field that RFC 5322 and RFC 2369 do not define may be read in every form.
        self == Self::Raw || own.is_none_or(|(_, forms)| forms.contains(&self))
    }
}

impl FromStr for HeaderProperty {
    type Err = NoHeaderProperty;

    fn from_str(property: &str) -> Result<Self, NoHeaderProperty> {
        let rest = property.strip_prefix("header:").ok_or(NoHeaderProperty)?;
        let mut parts = rest.split(':');
        let name = parts.next().unwrap_or_default();
        // RFC 5322 §2.2: printable ASCII but the colon.
        if name.is_empty() || name.len() > 255 || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(NoHeaderProperty);
        }
        let name = name.to_ascii_lowercase();
        let (mut form, mut all) = (None, false);
        for part in parts {
            if all {
                return Err(NoHeaderProperty);
            }
            let named = match part {
                "asRaw" => Form::Raw,
                "asText" => Form::Text,
                "asAddresses" => Form::Addresses,
                "asGroupedAddresses" => Form::GroupedAddresses,
                "asMessageIds" => Form::MessageIds,
                "asDate" => Form::Date,
                "asURLs" => Form::Urls,
                "all" => {
                    all = true;
                    continue;
                }
                _ => return Err(NoHeaderProperty),
            };
            if form.replace(named).is_some() {
                return Err(NoHeaderProperty);
            }
        }
        let form = form.unwrap_or(Form::Raw);
        if form.fits(&name) { Ok(Self { property: property.to_owned(), name, form, all }) } else { Err(NoHeaderProperty) }
    }
}

/// The properties that stand for a header field, with the field and the form (RFC 8621 §4.1.3).
pub const CONVENIENT: &[(&str, &str, Form)] = &[
    ("messageId", "message-id", Form::MessageIds),
    ("inReplyTo", "in-reply-to", Form::MessageIds),
    ("references", "references", Form::MessageIds),
    ("sender", "sender", Form::Addresses),
    ("from", "from", Form::Addresses),
    ("to", "to", Form::Addresses),
    ("cc", "cc", Form::Addresses),
    ("bcc", "bcc", Form::Addresses),
    ("replyTo", "reply-to", Form::Addresses),
    ("subject", "subject", Form::Text),
    ("sentAt", "date", Form::Date),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(property: &str) -> Option<(String, Form, bool)> {
        property.parse::<HeaderProperty>().ok().map(|header| (header.name, header.form, header.all))
    }

    #[test]
    fn header_properties_are_read() {
        assert_eq!(read("header:List-POST:asURLs:all"), Some(("list-post".to_owned(), Form::Urls, true)));
        assert_eq!(read("header:X-Anything"), Some(("x-anything".to_owned(), Form::Raw, false)));
        assert_eq!(read("header:x-anything:all"), Some(("x-anything".to_owned(), Form::Raw, true)));
        assert_eq!(read("header:x-anything:asDate"), Some(("x-anything".to_owned(), Form::Date, false)));
        assert_eq!(read("header:Resent-To:asGroupedAddresses"), Some(("resent-to".to_owned(), Form::GroupedAddresses, false)));
    }

    #[test]
    fn forms_that_do_not_fit_their_field_are_refused() {
        for wrong in [
            "subject",
            "header:",
            "header::asText",
            "header:a b",
            "header:主题",
            "header:From:asText",
            "header:From:asDate",
            "header:Subject:asAddresses",
            "header:Received:asText",
            "header:Date:asText",
            "header:References:asText",
            "header:List-Id:asURLs",
            "header:x:asText:asText",
            "header:x:all:asText",
            "header:x:asNothing",
            "header:x:all:all",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
