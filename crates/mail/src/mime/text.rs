//! Everything a message says, for searches.

use super::scan::{self, Kind, Structure};
use super::{attachment, bodies, content, html_text, words};

/// How much of one part is looked at, as it stands in the message.
const MAX_PART: usize = 8 * 1024 * 1024;

/// Calls `f` with the texts of a message until it answers `true`, and answers whether it did: file names, the texts of all parts, those of messages
/// within among them, and those of attached documents; with `with_header` also the fields of the header, decoded.
pub fn any_text(message: &[u8], with_header: bool, f: &mut dyn FnMut(&str) -> bool) -> bool {
    any_placed_text(message, &mut |is_of_header, text| (with_header || !is_of_header) && f(text))
}

/// As [`any_text`] with the header, telling of each text whether it is a field's.
pub fn any_placed_text(message: &[u8], f: &mut dyn FnMut(bool, &str) -> bool) -> bool {
    let structure = scan::scan(message);
    if structure.fields(0).iter().any(|field| f(true, &words::decode(field.value()))) {
        return true;
    }
    let mut files = attachment::MAX_FILES;
    (0..structure.parts.len()).any(|part| part_text(&structure, part, &mut files, &mut |text| f(false, text)))
}

fn part_text(structure: &Structure<'_>, part: usize, files: &mut usize, f: &mut dyn FnMut(&str) -> bool) -> bool {
    if bodies::name(structure, part).is_some_and(|name| f(&name)) {
        return true;
    }
    if structure.parts[part].is_opaque {
        return false;
    }
    if !structure.is_text(part) {
        return file_text(structure, part, files).is_some_and(|text| f(&text));
    }
    let text = content::beginning(structure, part, MAX_PART);
    if structure.media_type(part).1 == "html" { f(&html_text::text(&text, usize::MAX)) } else { f(&text) }
}

/// Of a file, as it stands in the message.
const HEAD: usize = 128;

/// The text within an attached document.
fn file_text(structure: &Structure<'_>, part: usize, files: &mut usize) -> Option<String> {
    let media = structure.media_type(part);
    if structure.parts[part].kind != Kind::Leaf || matches!(media.0.as_str(), "image" | "audio" | "video") || *files == 0 {
        return None;
    }
    // Most files are nothing to be read: their beginning tells.
    let body = structure.body(part);
    if !attachment::is_understood(&content::transfer(structure, part).decode(&body[..body.len().min(HEAD)])) {
        return None;
    }
    *files -= 1;
    attachment::text_of_file(&content::bytes(structure, part))
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
