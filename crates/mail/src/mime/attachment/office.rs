//! Office Open XML (ECMA-376): which of the files within hold text, and the elements that do.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::archive::{self, Entry};
use super::{MAX_TEXT, MAX_UNPACKED};

/// The text of a document, workbook or presentation, in the order of its files.
pub(super) fn text(file: &[u8]) -> Option<String> {
    let mut entries = archive::entries(file);
    if !entries.iter().any(|entry| entry.name == "[Content_Types].xml") {
        return None;
    }
    entries.retain(|entry| holds_text(&entry.name));
    entries.sort_by_key(|entry| order(&entry.name));
    let mut all = String::new();
    let mut left = MAX_UNPACKED;
    for entry in &entries {
        if left == 0 || all.len() >= MAX_TEXT {
            break;
        }
        let xml = Entry::unpack(entry, left);
        left -= xml.len();
        add_text(&xml, &mut all);
    }
    all.truncate(all.floor_char_boundary(MAX_TEXT));
    Some(all)
}

fn holds_text(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".xml") else { return false };
    let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| stem.starts_with(prefix));
    if let Some(of_word) = stem.strip_prefix("word/") {
        return !of_word.contains('/')
            && ["document", "header", "footer", "footnotes", "endnotes", "comments"].iter().any(|prefix| of_word.starts_with(prefix));
    }
    stem == "xl/sharedStrings"
        || begins(&["xl/worksheets/sheet", "xl/comments", "ppt/slides/slide", "ppt/notesSlides/notesSlide", "ppt/comments/comment"])
}

/// Slide 10 comes after slide 9.
fn order(name: &str) -> (String, u64) {
    let letters = name.trim_end_matches(".xml").trim_end_matches(|character: char| character.is_ascii_digit());
    let digits = name.trim_end_matches(".xml").strip_prefix(letters).unwrap_or_default();
    (letters.to_owned(), digits.parse().unwrap_or(0))
}

/// Adds what stands in elements of text; each paragraph, cell or the like is a line.
fn add_text(xml: &[u8], all: &mut String) {
    let mut reader = Reader::from_reader(xml);
    reader.config_mut().check_end_names = false;
    let mut is_in_text = false;
    loop {
        if all.len() >= MAX_TEXT {
            return;
        }
        match reader.read_event() {
            Ok(Event::Start(element)) => is_in_text = element.local_name().as_ref() == b"t" || element.local_name().as_ref() == b"text",
            Ok(Event::Empty(element)) => {
                if matches!(element.local_name().as_ref(), b"tab" | b"br" | b"cr") {
                    all.push(' ');
                }
            }
            Ok(Event::End(element)) => {
                is_in_text = false;
                if matches!(element.local_name().as_ref(), b"p" | b"si" | b"is" | b"c" | b"text") && !all.ends_with('\n') {
                    all.push('\n');
                }
            }
            Ok(Event::Text(text)) if is_in_text => {
                if let Ok(text) = text.decode() {
                    all.push_str(&text);
                }
            }
            Ok(Event::GeneralRef(reference)) if is_in_text => match reference.resolve_char_ref() {
                Ok(Some(character)) => all.push(character),
                _ => all.extend(named(&reference)),
            },
            Ok(Event::CData(text)) if is_in_text => all.push_str(&String::from_utf8_lossy(&text)),
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// XML itself has these five; no others are looked up, whatever a file declares.
fn named(name: &[u8]) -> Option<char> {
    Some(match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        _ => return None,
    })
}
