//! The text of PDF files (ISO 32000-1), as far as searches need it: what the pages show, in the order in which they show it.
//!
//! Written for this and no more, because readers of whole documents unpack without bounds and call themselves for what is nested. Objects are found by
//! looking for them, so a broken table of them does not matter; encrypted files say nothing, nor do fonts that do not tell which characters they draw.

mod fonts;
mod objects;
mod page;

use super::MAX_TEXT;
use objects::{File, Value};

/// Pages that are read.
const MAX_PAGES: usize = 2_000;

pub(super) fn text(file: &[u8]) -> Option<String> {
    // Those who write files after others' ideas put something in front.
    let head = &file[..file.len().min(1024)];
    memchr::memmem::find(head, b"%PDF-")?;
    let file = File::open(file)?;
    let mut all = String::new();
    for page in file.pages().into_iter().take(MAX_PAGES) {
        if all.len() >= MAX_TEXT || file.is_spent() {
            break;
        }
        let Value::Dictionary(page) = page else { continue };
        page::add_text(&file, &page, &mut all);
    }
    all.truncate(all.floor_char_boundary(MAX_TEXT));
    Some(all)
}
