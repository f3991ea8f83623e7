//! What lists show of a message.

use super::bodies::Bodies;
use super::scan::Structure;
use super::types::{Address, FirstGroups, Summary};
use super::{MAX_PREVIEW_CHARS, MAX_SUMMARY_ADDRESSES, addresses, content, html_text, lineage, words};

/// How much of a text part is looked at for a preview, as it stands in the message.
const TEXT_BYTES: usize = 4 * 1024;
/// HTML often begins with long style sheets.
const HTML_BYTES: usize = 64 * 1024;
/// Text parts that are looked at: the first may be empty.
const MAX_TRIES: usize = 3;
const MAX_SUBJECT_CHARS: usize = 2_000;
/// Of the addresses of one header field.
const MAX_ADDRESS_BYTES: usize = 128 * 1024;

pub(super) fn of(structure: &Structure<'_>, bodies: &Bodies) -> Summary {
    let mut is_cut = false;
    let mut list = |name: &str| address_list(structure, name, &mut is_cut);
    let (from, sender, reply_to, to, cc, bcc) = (list("from"), list("sender"), list("reply-to"), list("to"), list("cc"), list("bcc"));
    let subject = structure.field(0, "subject").map(words::decode_line).unwrap_or_default();
    let subject = if subject.len() > MAX_SUBJECT_CHARS { subject.chars().take(MAX_SUBJECT_CHARS).collect() } else { subject };
    let group = |name: &str| structure.field(0, name).and_then(addresses::first_group);
    let first_groups = FirstGroups { from: group("from"), to: group("to"), cc: group("cc") };
    let lineage = lineage::of(structure);
    Summary { from, sender, reply_to, to, cc, bcc, subject, preview: preview(structure, bodies), is_cut, lineage, first_groups }
}

fn address_list(structure: &Structure<'_>, name: &str, is_cut: &mut bool) -> Vec<Address> {
    let mut found = Vec::new();
    for field in structure.fields(0).iter().filter(|field| field.is(name)) {
        found.extend(addresses::decode(field.value(), MAX_SUMMARY_ADDRESSES + 1));
        let mut bytes = 0;
        let fits = found.iter().take(MAX_SUMMARY_ADDRESSES).take_while(|address: &&Address| {
            bytes += address.email.len() + address.name.as_ref().map_or(0, String::len);
            bytes <= MAX_ADDRESS_BYTES
        });
        let fits = fits.count();
        if fits < found.len() {
            found.truncate(fits);
            *is_cut = true;
            break;
        }
    }
    found
}

pub(super) fn preview(structure: &Structure<'_>, bodies: &Bodies) -> String {
    bodies
        .text
        .iter()
        .filter(|part| structure.is_text(**part))
        .take(MAX_TRIES)
        .map(|part| {
            if structure.media_type(*part).1 == "html" {
                let html = content::beginning(structure, *part, HTML_BYTES);
                collapse(&html_text::text(&html, MAX_PREVIEW_CHARS * 2))
            } else {
                collapse(&content::beginning(structure, *part, TEXT_BYTES))
            }
        })
        .find(|text| !text.is_empty())
        .unwrap_or_default()
}

/// One line of at most [`MAX_PREVIEW_CHARS`]. Characters that show nothing, which mailings fill their first lines with, are left out.
fn collapse(text: &str) -> String {
    let mut line = String::with_capacity(text.len().min(MAX_PREVIEW_CHARS * 3));
    let (mut left, mut is_space_due) = (MAX_PREVIEW_CHARS, false);
    for character in text.chars() {
        if character.is_whitespace() {
            is_space_due = !line.is_empty();
            continue;
        }
        let shows_nothing = character.is_control()
            || matches!(character, '\u{ad}' | '\u{34f}' | '\u{200b}' | '\u{200c}' | '\u{2060}' | '\u{feff}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if shows_nothing {
            continue;
        }
        let needed = 1 + usize::from(is_space_due);
        if left < needed {
            break;
        }
        left -= needed;
        if std::mem::take(&mut is_space_due) {
            line.push(' ');
        }
        line.push(character);
    }
    line
}
