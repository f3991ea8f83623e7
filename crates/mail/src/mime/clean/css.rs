//! Style attributes: properties that change how text looks where it stands, with values that can neither ask for anything nor run.

use super::urls::Rewriter;

/// Longer styles are dropped from here on.
const MAX_STYLE: usize = 8_192;
const MAX_VALUE: usize = 1_024;

/// Properties that are kept. Nothing that takes an element out of its place (position, z-index, transform), no content, no cursor, no animation.
const PROPERTIES: &[&str] = &[
    "background",
    "background-color",
    "background-image",
    "background-position",
    "background-repeat",
    "background-size",
    "border",
    "border-bottom",
    "border-bottom-color",
    "border-bottom-style",
    "border-bottom-width",
    "border-collapse",
    "border-color",
    "border-left",
    "border-left-color",
    "border-left-style",
    "border-left-width",
    "border-radius",
    "border-right",
    "border-right-color",
    "border-right-style",
    "border-right-width",
    "border-spacing",
    "border-style",
    "border-top",
    "border-top-color",
    "border-top-style",
    "border-top-width",
    "border-width",
    "box-sizing",
    "caption-side",
    "clear",
    "color",
    "direction",
    "display",
    "empty-cells",
    "float",
    "font",
    "font-family",
    "font-size",
    "font-style",
    "font-variant",
    "font-weight",
    "height",
    "letter-spacing",
    "line-height",
    "list-style",
    "list-style-position",
    "list-style-type",
    "margin",
    "margin-bottom",
    "margin-left",
    "margin-right",
    "margin-top",
    "max-height",
    "max-width",
    "min-height",
    "min-width",
    "opacity",
    "overflow-wrap",
    "padding",
    "padding-bottom",
    "padding-left",
    "padding-right",
    "padding-top",
    "table-layout",
    "text-align",
    "text-decoration",
    "text-decoration-color",
    "text-decoration-line",
    "text-decoration-style",
    "text-indent",
    "text-overflow",
    "text-transform",
    "vertical-align",
    "white-space",
    "width",
    "word-break",
    "word-spacing",
    "word-wrap",
];
/// Functions that only compute.
const FUNCTIONS: &[&str] = &["rgb", "rgba", "hsl", "hsla", "calc", "min", "max", "clamp"];

pub(super) fn properties() -> impl Iterator<Item = &'static str> {
    PROPERTIES.iter().copied()
}

/// What may stay of a style attribute; empty when nothing may.
pub(super) fn clean(style: &str, rewriter: &mut Rewriter<'_>) -> String {
    let style = without_comments(&style[..style.floor_char_boundary(MAX_STYLE)]);
    let mut kept = String::new();
    for declaration in declarations(&style) {
        let Some((property, value)) = declaration.split_once(':') else { continue };
        let property = property.trim().to_ascii_lowercase();
        if !PROPERTIES.contains(&property.as_str()) {
            continue;
        }
        let takes_picture = matches!(property.as_str(), "background" | "background-image");
        let Some(value) = clean_value(value.trim(), takes_picture, rewriter).filter(|value| !value.is_empty()) else { continue };
        if !kept.is_empty() {
            kept.push(';');
        }
        kept.push_str(&property);
        kept.push(':');
        kept.push_str(&value);
    }
    kept
}

/// A comment may hide a word from us and show it to a browser, or the other way round.
fn without_comments(style: &str) -> String {
    let mut out = String::with_capacity(style.len());
    let mut rest = style;
    while let Some((before, after)) = rest.split_once("/*") {
        out.push_str(before);
        out.push(' ');
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

/// Divided by semicolons that stand neither in quotes nor in parentheses.
fn declarations(style: &str) -> Vec<&str> {
    let (mut found, mut begin, mut depth, mut quote) = (Vec::new(), 0, 0_u32, None);
    for (at, character) in style.char_indices() {
        match (quote, character) {
            (Some(open), character) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, ';') if depth == 0 => {
                found.push(&style[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    found.push(&style[begin..]);
    found
}

/// The value without addresses that may not stand there; `None` when anything in it is not plainly harmless.
fn clean_value(value: &str, takes_picture: bool, rewriter: &mut Rewriter<'_>) -> Option<String> {
    if value.len() > MAX_VALUE {
        return None;
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut depth = 0_u32;
    while let Some(character) = rest.chars().next() {
        let after = &rest[character.len_utf8()..];
        match character {
            '"' | '\'' => {
                let (inside, after) = after.split_once(character)?;
                // A name of a font.
                if !inside.chars().all(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_' | '.' | ',')) {
                    return None;
                }
                out.push('\'');
                out.push_str(inside);
                out.push('\'');
                rest = after;
            }
            '(' => {
                let name = out.rsplit(|character: char| !character.is_ascii_alphanumeric() && character != '-').next().unwrap_or_default();
                let (name_at, name) = (out.len() - name.len(), name.to_ascii_lowercase());
                if name == "url" && takes_picture && depth == 0 {
                    let (url, after) = url_argument(after)?;
                    out.truncate(name_at);
                    if let Some(url) = rewriter.background(url) {
                        out.push_str("url('");
                        out.push_str(&url.replace(['(', ')', '\'', '"', '\\', ' ', '\n'], ""));
                        out.push_str("')");
                    }
                    rest = after;
                    continue;
                }
                // Parentheses without a name stand within calc().
                if !(FUNCTIONS.contains(&name.as_str()) || (name.is_empty() && depth > 0)) {
                    return None;
                }
                depth += 1;
                out.push('(');
                rest = after;
            }
            ')' => {
                depth = depth.checked_sub(1)?;
                out.push(')');
                rest = after;
            }
            _ if character.is_alphanumeric() || matches!(character, ' ' | '#' | '%' | '.' | ',' | '-' | '+' | '/' | '*' | '!' | '_') => {
                out.push(character);
                rest = after;
            }
            '\t' | '\n' | '\r' => {
                out.push(' ');
                rest = after;
            }
            // Escapes, at-rules, blocks, colons, markup.
            _ => return None,
        }
    }
    (depth == 0).then(|| out.trim().to_owned())
}

/// What stands in `url(…)`, and what follows it.
fn url_argument(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    for quote in ['"', '\''] {
        if let Some(inside) = text.strip_prefix(quote) {
            let (url, after) = inside.split_once(quote)?;
            return Some((url, after.trim_start().strip_prefix(')')?));
        }
    }
    let (url, after) = text.split_once(')')?;
    Some((url.trim(), after))
}

#[cfg(test)]
mod tests {
    use super::super::{CleanOptions, RemotePictures};
    use super::*;

    fn cleaned(style: &str, remote_pictures: RemotePictures) -> String {
        let options = CleanOptions { remote_pictures, cid: &|cid| Some(format!("/parts/{cid}")) };
        clean(style, &mut Rewriter::new(&options))
    }

    #[test]
    fn what_only_changes_the_look_is_kept() {
        for style in [
            "color:#ff0000;font-size:14px",
            "margin:0 auto !important",
            "width:calc(100% - (2 * 10px))",
            "color:rgba(0, 0, 0, .5)",
            "font-family:'微软雅黑',Arial",
        ] {
            assert_eq!(cleaned(style, RemotePictures::Hold), style);
        }
        assert_eq!(
            cleaned(" COLOR : red ; ; /* x */ font : 12px \"Times New Roman\" ", RemotePictures::Hold),
            "color:red;font:12px 'Times New Roman'"
        );
    }

    #[test]
    fn everything_else_goes() {
        for style in [
            "position:fixed",
            "position:absolute",
            "width:expression(alert(1))",
            "width:exp/**/ression(alert(1))",
            "width:\\65xpression(1)",
            "behavior:url(x.htc)",
            "-moz-binding:url(x)",
            "background:url(javascript:alert(1))",
            "list-style:url(http://x)",
            "color:red\\",
            "font-family:'a\\'b'",
            "@import 'x'",
            "background:image-set('http://x' 1x)",
            "background-image:-webkit-image-set(url(http://x) 1x)",
            "color:var(--x)",
            "content:'x'",
            "filter:url(#x)",
            "color:red}body{color:blue",
            "width:attr(x)",
            "background:u\\rl(http://x)",
            "background:element(#x)",
            "color:</style>",
            "cursor:url(http://x)",
            "font-family:宋体(1)",
            "background:\u{17f}cr9(1)",
            "z-index:9",
        ] {
            assert_eq!(cleaned(style, RemotePictures::Allow), "", "{style}");
        }
    }

    #[test]
    fn backgrounds_are_held_back_or_rewritten() {
        assert_eq!(cleaned("background:#fff url(http://x/y.png) no-repeat", RemotePictures::Hold), "background:#fff  no-repeat");
        assert_eq!(
            cleaned("background:#fff url( \"http://x/y.png\" ) no-repeat", RemotePictures::Allow),
            "background:#fff url('http://x/y.png') no-repeat"
        );
        assert_eq!(cleaned("background-image:url('cid:a@b')", RemotePictures::Hold), "background-image:url('/parts/a@b')");
        assert_eq!(cleaned("background-image:url(http://x/')", RemotePictures::Allow), "background-image:url('http://x/%27')");
        assert_eq!(cleaned("background-image:url(data:image/png;base64,AAAA)", RemotePictures::Allow), "");
    }
}
