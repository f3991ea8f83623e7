//! Which texts of a message a condition looks in. Scans and the index ask here, so that they cannot disagree.

use super::tokens::Place;
use crate::mime::{self, Address, Summary};

/// The addresses of a summary that stand in a place of addresses.
fn addresses(summary: &Summary, place: Place) -> &[Address] {
    match place {
        Place::From => &summary.from,
        Place::To => &summary.to,
        Place::Cc => &summary.cc,
        Place::Bcc => &summary.bcc,
        Place::Subject | Place::Header | Place::Body => &[],
    }
}

pub(super) const ADDRESS_PLACES: [(Place, &str); 4] = [(Place::From, "from"), (Place::To, "to"), (Place::Cc, "cc"), (Place::Bcc, "bcc")];

/// What the summary has of a place: addresses as they are shown, alone, and the names in pinyin; or the subject. Calls `f` until it answers `true`, and
/// answers whether it did.
pub(super) fn any_of_summary(summary: &Summary, place: Place, f: &mut dyn FnMut(&str) -> bool) -> bool {
    if place == Place::Subject {
        return f(&summary.subject);
    }
    addresses(summary, place)
        .iter()
        .any(|address| f(&address.to_string()) || f(&address.email) || address.name.as_deref().is_some_and(|name| any_spelling(name, f)))
}

/// Full pinyin and initials of a name in Chinese, in every likely reading.
fn any_spelling(name: &str, f: &mut dyn FnMut(&str) -> bool) -> bool {
    if name.is_ascii() || name.chars().count() > MAX_NAME {
        return false;
    }
    // The first line is the name itself.
    directory::names::search_text(name).lines().skip(1).any(f)
}

/// Characters of a name that is still one, and not a sentence that somebody put there.
const MAX_NAME: usize = 20;

/// Whether fields of addresses say more than the summary: it is cut short, or there are groups, whose names it does not have.
pub(super) fn has_more_addresses(summary: &Summary, envelope: &[u8]) -> bool {
    summary.is_cut || mime::has_group(envelope)
}

/// Calls `f` with every text of a message and its place until it answers `true`, and answers whether it did. `has_more` is what
/// [`has_more_addresses`] answers.
pub(super) fn any_of_message(summary: &Summary, has_more: bool, message: &[u8], f: &mut dyn FnMut(Place, &str) -> bool) -> bool {
    if f(Place::Subject, &summary.subject) {
        return true;
    }
    for (place, field) in ADDRESS_PLACES {
        if any_of_summary(summary, place, &mut |text| f(place, text)) {
            return true;
        }
        if has_more && mime::header_values(message, field).iter().any(|value| f(place, value)) {
            return true;
        }
    }
    mime::any_placed_text(message, &mut |is_of_header, text| f(if is_of_header { Place::Header } else { Place::Body }, text))
}
