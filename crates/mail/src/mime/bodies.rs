//! Which parts are the text people read, and which are attachments: RFC 8621 §4.1.4.

use super::params;
use super::scan::{Kind, Structure};

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Bodies {
    pub text: Vec<usize>,
    pub html: Vec<usize>,
    pub attachments: Vec<usize>,
}

pub(super) fn find(structure: &Structure<'_>) -> Bodies {
    let mut bodies = Bodies::default();
    walk(structure, &[0], "mixed", false, Lists { text: true, html: true }, &mut bodies);
    bodies
}

/// Which lists still take parts; RFC 8621 sets a list to null where we set it to `false`.
#[derive(Clone, Copy)]
struct Lists {
    text: bool,
    html: bool,
}

fn walk(structure: &Structure<'_>, parts: &[usize], multipart: &str, is_in_alternative: bool, mut lists: Lists, found: &mut Bodies) {
    let (text_before, html_before) = (found.text.len(), found.html.len());
    for (position, &part) in parts.iter().enumerate() {
        let (main, sub) = structure.media_type(part);
        if structure.parts[part].kind == Kind::Multipart {
            let is_in_alternative = is_in_alternative || sub == "alternative";
            walk(structure, &structure.parts[part].children, &sub, is_in_alternative, lists, found);
            continue;
        }
        let is_plain = main == "text" && sub == "plain";
        let is_html = main == "text" && sub == "html";
        let is_inline_media = matches!(main.as_str(), "image" | "audio" | "video");
        // In a multipart/related only the first part is text; a text with a file name that is not the first is an attachment.
        let is_inline = (is_plain || is_html || is_inline_media)
            && !structure.parts[part].is_opaque
            && disposition(structure, part).as_deref() != Some("attachment")
            && (position == 0 || (multipart != "related" && (is_inline_media || name(structure, part).is_none())));
        if !is_inline {
            found.attachments.push(part);
            continue;
        }
        if multipart == "alternative" {
            let list = match (is_plain, is_html) {
                (true, _) => &mut found.text,
                (_, true) => &mut found.html,
                _ => &mut found.attachments,
            };
            list.push(part);
            continue;
        }
        if is_in_alternative {
            lists.html &= !is_plain;
            lists.text &= !is_html;
        }
        if lists.text {
            found.text.push(part);
        }
        if lists.html {
            found.html.push(part);
        }
        if (!lists.text || !lists.html) && is_inline_media {
            found.attachments.push(part);
        }
    }
    if multipart == "alternative" && lists.text && lists.html {
        let (has_text, has_html) = (found.text.len() != text_before, found.html.len() != html_before);
        if has_html && !has_text {
            found.text.extend_from_slice(&found.html[html_before..]);
        }
        if has_text && !has_html {
            found.html.extend_from_slice(&found.text[text_before..]);
        }
    }
}

/// The word of Content-Disposition, in lower case.
pub(super) fn disposition(structure: &Structure<'_>, part: usize) -> Option<String> {
    let (word, _) = params::disposition(structure.field(part, "content-disposition")?)?;
    Some(String::from_utf8_lossy(word).to_ascii_lowercase())
}

/// The file name: of Content-Disposition, else of Content-Type.
pub(super) fn name(structure: &Structure<'_>, part: usize) -> Option<String> {
    let of_disposition = structure.field(part, "content-disposition").and_then(params::disposition);
    of_disposition
        .and_then(|(_, parameters)| params::decoded(parameters, "filename"))
        .or_else(|| params::decoded(structure.parts[part].content_type.as_ref()?.parameters, "name"))
}

/// Whether a list should show a paper clip (RFC 8621 §4.1.4): not for pictures within the text, nor for signatures.
pub(super) fn has_attachment(structure: &Structure<'_>, bodies: &Bodies) -> bool {
    bodies.attachments.iter().any(|part| {
        if disposition(structure, *part).as_deref() == Some("inline") {
            return false;
        }
        let (main, sub) = structure.media_type(*part);
        let is_signature = main == "application" && matches!(sub.as_str(), "pgp-signature" | "pkcs7-signature" | "x-pkcs7-signature");
        let is_embedded = main == "image" && structure.field(*part, "content-id").is_some() && disposition(structure, *part).is_none();
        !is_signature && !is_embedded
    })
}
