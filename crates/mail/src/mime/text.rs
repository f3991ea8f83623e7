//! Everything a message says, for searches.

use super::scan::{self, Structure};
use super::{bodies, content, html_text, words};

/// How much of one part is looked at, as it stands in the message.
const MAX_PART: usize = 8 * 1024 * 1024;

/// Calls `f` with the texts of a message until it answers `true`, and answers whether it did: file names, and the texts of all parts, those of messages
/// within among them; with `with_header` also the fields of the header, decoded.
pub fn any_text(message: &[u8], with_header: bool, f: &mut dyn FnMut(&str) -> bool) -> bool {
    let structure = scan::scan(message);
    if with_header && structure.fields(0).iter().any(|field| f(&words::decode(field.value()))) {
        return true;
    }
    (0..structure.parts.len()).any(|part| part_text(&structure, part, f))
}

fn part_text(structure: &Structure<'_>, part: usize, f: &mut dyn FnMut(&str) -> bool) -> bool {
    if bodies::name(structure, part).is_some_and(|name| f(&name)) {
        return true;
    }
    if !structure.is_text(part) || structure.parts[part].is_opaque {
        return false;
    }
    let text = content::beginning(structure, part, MAX_PART);
    if structure.media_type(part).1 == "html" { f(&html_text::text(&text, usize::MAX)) } else { f(&text) }
}

/// What [`any_text`] would hand over, a line each, cut to about `max_bytes`.
pub fn text_of(message: &[u8], max_bytes: usize) -> String {
    let mut all = String::new();
    any_text(message, true, &mut |text| {
        let left = max_bytes.saturating_sub(all.len());
        all.push_str(&text[..text.floor_char_boundary(left)]);
        all.push('\n');
        all.len() >= max_bytes
    });
    all
}
