//! Header values as clients give them (RFC 8621 §4.1.2).

use mail::mime::{Address, AddressGroup, HeaderValue};
use serde_json::Value;

use super::super::forms::{Form, HeaderProperty};
use super::super::wire::date_of;

/// Addresses, ids or addresses of pages in one field.
const MAX_ITEMS: usize = 2_000;
const MAX_TEXT: usize = 20_000;
const MAX_EMAIL: usize = 320;

/// One value for each field to be written; `None` when it cannot be.
pub(super) fn read(header: &HeaderProperty, value: &Value) -> Option<Vec<HeaderValue>> {
    if header.all {
        let values = value.as_array().filter(|values| values.len() <= 100)?;
        return values.iter().map(|value| one(header.form, value)).collect();
    }
    one(header.form, value).map(|value| vec![value])
}

fn one(form: Form, value: &Value) -> Option<HeaderValue> {
    match form {
        Form::Raw => value.as_str().filter(|text| is_raw(text)).map(|text| HeaderValue::Raw(text.to_owned())),
        Form::Text => value.as_str().filter(|text| text.len() <= MAX_TEXT).map(|text| HeaderValue::Text(text.to_owned())),
        Form::Addresses => addresses(value).map(HeaderValue::Addresses),
        Form::GroupedAddresses => {
            let groups = value.as_array().filter(|groups| groups.len() <= MAX_ITEMS)?;
            let group = |value: &Value| Some(AddressGroup { name: name(&value["name"])?, addresses: addresses(&value["addresses"])? });
            groups.iter().map(group).collect::<Option<_>>().map(HeaderValue::GroupedAddresses)
        }
        Form::MessageIds => texts(value, is_message_id).map(HeaderValue::MessageIds),
        Form::Date => value.as_str().and_then(date_of).map(HeaderValue::Date),
        Form::Urls => texts(value, is_url).map(HeaderValue::Urls),
    }
}

fn texts(value: &Value, is_right: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let texts = value.as_array().filter(|texts| texts.len() <= MAX_ITEMS)?;
    texts.iter().map(|text| text.as_str().filter(|text| is_right(text)).map(str::to_owned)).collect()
}

/// ASCII, and every line end is a fold.
fn is_raw(value: &str) -> bool {
    let folds = value.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines_fit = value.len() <= MAX_TEXT && value.split("\r\n").all(|line| line.len() <= 900);
    lines_fit && folds.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'))
}

/// What stands between the angle brackets of a Message-ID.
pub(super) fn is_message_id(id: &str) -> bool {
    !id.is_empty() && id.len() <= 700 && id.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
}

fn is_url(url: &str) -> bool {
    url.len() <= 900 && !url.is_empty() && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
}

/// Whether an address can be written. It need not be one that mail can be sent to: drafts hold what was typed so far.
fn is_email(email: &str) -> bool {
    let is_plain = |character: char| !character.is_control() && !character.is_whitespace() && !"<>()[],;:\\\"".contains(character);
    let is_typed = !email.is_empty() && email.len() <= MAX_EMAIL && email.chars().all(is_plain);
    // A quoted local part or a domain literal, in a form that sending takes.
    is_typed || email.parse::<mail::submission::EnvelopeAddress>().is_ok_and(|address| !address.as_str().contains(['<', '>', ',', ';']))
}

/// `EmailAddress` objects.
fn addresses(value: &Value) -> Option<Vec<Address>> {
    let addresses = value.as_array().filter(|addresses| addresses.len() <= MAX_ITEMS)?;
    let address = |value: &Value| {
        let email = value["email"].as_str().map(str::trim).filter(|email| is_email(email))?;
        let known = value.as_object()?.keys().all(|key| key == "name" || key == "email");
        known.then_some(Address { name: name(&value["name"])?, email: email.to_owned() })
    };
    addresses.iter().map(address).collect()
}

fn name(value: &Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::String(name) if name.len() <= 2_000 => Some(Some(name.clone())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_raw_value_cannot_begin_another_field() {
        assert!(is_raw(" plain") && is_raw(" folded\r\n here") && is_raw(""));
        for wrong in [" a\r\nBcc: x", " a\nb", " a\r", " 雁", " a\r\n", &"x".repeat(1000)] {
            assert!(!is_raw(wrong), "{wrong:?}");
        }
    }

    #[test]
    fn what_was_typed_so_far_is_an_address_and_what_would_be_two_is_not() {
        assert!(is_email("li@first.test") && is_email("unfinished") && is_email("\"a b\"@first.test") && is_email("李@first.test"));
        for wrong in ["", "a b@x", "a@x>,<b@y", "a\r\n@x", "a,b", &"x".repeat(400)] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }
}
