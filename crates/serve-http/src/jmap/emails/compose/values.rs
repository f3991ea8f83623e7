//! Header values as clients give them (RFC 8621 §4.1.2).

use serde_json::Value;

use super::super::forms::{Form, HeaderProperty};
use super::super::wire::date_of;
use super::fields::{FieldValue, Group, Mailbox, is_message_id, is_raw, is_writable_email};

/// Addresses, ids or addresses of pages in one field.
const MAX_ITEMS: usize = 2_000;
const MAX_TEXT: usize = 20_000;

/// One value for each field to be written; `None` when it cannot be.
pub(super) fn read(header: &HeaderProperty, value: &Value) -> Option<Vec<FieldValue>> {
    if header.all {
        let values = value.as_array().filter(|values| values.len() <= 100)?;
        return values.iter().map(|value| one(header.form, value)).collect();
    }
    one(header.form, value).map(|value| vec![value])
}

fn one(form: Form, value: &Value) -> Option<FieldValue> {
    match form {
        Form::Raw => value.as_str().filter(|text| text.len() <= MAX_TEXT && is_raw(text)).map(|text| FieldValue::Raw(text.to_owned())),
        Form::Text => value.as_str().filter(|text| text.len() <= MAX_TEXT).map(|text| FieldValue::Text(text.to_owned())),
        Form::Addresses => Some(FieldValue::Groups(vec![Group { name: None, mailboxes: mailboxes(value)? }])),
        Form::GroupedAddresses => {
            let groups = value.as_array().filter(|groups| groups.len() <= MAX_ITEMS)?;
            let group = |value: &Value| Some(Group { name: name(&value["name"])?, mailboxes: mailboxes(&value["addresses"])? });
            groups.iter().map(group).collect::<Option<_>>().map(FieldValue::Groups)
        }
        Form::MessageIds => texts(value, is_message_id).map(FieldValue::MessageIds),
        Form::Date => value.as_str().and_then(date_of).map(|date| FieldValue::Date(date.to_rfc_5322())),
        Form::Urls => {
            let is_url = |url: &str| {
                url.len() <= 900 && !url.is_empty() && url.bytes().all(|byte| byte.is_ascii_graphic() && !b"<>".contains(&byte))
            };
            texts(value, is_url).map(FieldValue::Urls)
        }
    }
}

fn texts(value: &Value, is_right: impl Fn(&str) -> bool) -> Option<Vec<String>> {
    let texts = value.as_array().filter(|texts| texts.len() <= MAX_ITEMS)?;
    texts.iter().map(|text| text.as_str().filter(|text| is_right(text)).map(str::to_owned)).collect()
}

/// `EmailAddress` objects.
fn mailboxes(value: &Value) -> Option<Vec<Mailbox>> {
    let addresses = value.as_array().filter(|addresses| addresses.len() <= MAX_ITEMS)?;
    let mailbox = |value: &Value| {
        let email = value["email"].as_str().map(str::trim).filter(|email| is_writable_email(email))?;
        let known = value.as_object()?.keys().all(|key| key == "name" || key == "email");
        known.then_some(Mailbox { name: name(&value["name"])?, email: email.to_owned() })
    };
    addresses.iter().map(mailbox).collect()
}

fn name(value: &Value) -> Option<Option<String>> {
    match value {
        Value::Null => Some(None),
        Value::String(name) if name.len() <= 2_000 => Some(Some(name.clone())),
        _ => None,
    }
}
