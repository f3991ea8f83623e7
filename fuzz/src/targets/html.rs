//! Any HTML: nothing that runs is left of it, and what is left is written in one plain way.

use mail::mime::{self, CleanOptions, RemotePictures};

use crate::Target;

pub const TARGET: Target = Target {
    name: "html",
    corpus,
    words: &[
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<script>",
        "</script>",
        "<style>",
        "</style>",
        "<svg>",
        "<math>",
        "<template>",
        "<noscript>",
        "<textarea>",
        "<title>",
        "<table>",
        "<td>",
        "<form>",
        "<img src=",
        "<a href=",
        " onerror=",
        " style=",
        " href=",
        " srcset=",
        "javascript:",
        "java\tscript:",
        "data:image/png;base64,",
        "data:text/html,",
        "vbscript:",
        "cid:x",
        "url(",
        "expression(",
        "@import",
        "\\",
        "&#106;",
        "&#x6a",
        "&lt;",
        "&amp;",
        "\"",
        "'",
        "`",
        "=",
        "\0",
        "\u{202e}",
        "\u{feff}",
        "<a><b>",
    ],
    begin: || Box::new(run),
};

fn corpus() -> Vec<Vec<u8>> {
    let hostile = super::files(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/samples/mail/hostile"));
    hostile.into_iter().chain([b"<p style=\"color: red\">a <b>b</b> <img src=\"https://x.test/a.png\"></p>".to_vec()]).collect()
}

const NEVER: &[&str] =
    &["script", "iframe", "object", "embed", "svg", "math", "form", "input", "style", "link", "meta", "base", "template"];

/// Attributes that are read by people only.
const TEXTS: &[&str] = &["title", "alt", "summary", "abbr"];

fn run(input: &[u8]) {
    let html = String::from_utf8_lossy(input);
    for remote_pictures in [RemotePictures::Allow, RemotePictures::Hold] {
        let cleaned = mime::clean_html(&html, &CleanOptions { remote_pictures, cid: &|cid| (cid == "x").then(|| "/parts/x".to_owned()) });
        harmless(&cleaned.html);
    }
}

/// Reads what the cleaner writes: small tags, each value in double quotes.
fn harmless(html: &str) {
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        let after = after.strip_prefix('/').unwrap_or(after);
        let name_end = after.find([' ', '>']).expect("a tag ends");
        let name = &after[..name_end];
        assert!(!name.is_empty() && name.bytes().all(|octet| octet.is_ascii_lowercase() || octet.is_ascii_digit()), "<{name}>");
        assert!(!NEVER.contains(&name), "<{name}>");
        rest = &after[name_end..];
        while let Some(attribute) = rest.strip_prefix(' ') {
            let (name, value) = attribute.split_once("=\"").expect("an attribute has a value in quotes");
            assert!(name.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'-') && !name.starts_with("on"), "{name}");
            let (value, after) = value.split_once('"').expect("a value ends");
            let plain: String = value.chars().filter(|character| !character.is_whitespace() && !character.is_control()).collect();
            let plain = plain.to_lowercase();
            let is_harmful = plain.starts_with("javascript:") || plain.starts_with("vbscript:") || plain.starts_with("data:text");
            assert!(!is_harmful || TEXTS.contains(&name), "{name} {value}");
            rest = after;
        }
        rest = rest.strip_prefix('>').expect("a tag ends after its attributes");
    }
}
