//! Hostile HTML: nothing that runs, calls out or leaves its place is left of it.
//!
//! The samples are the published forms of attack, one family a file. The reader here is strict: what it does not know is a failure.

use std::time::Instant;

use mail::mime::{self, CleanHtml, CleanOptions, RemotePictures};
use proptest::prelude::*;

/// Elements that neither run, nor load, nor take input.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "acronym",
    "address",
    "article",
    "aside",
    "b",
    "bdi",
    "big",
    "blockquote",
    "br",
    "caption",
    "center",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "dfn",
    "dir",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "font",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "main",
    "mark",
    "nav",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strike",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "tt",
    "u",
    "ul",
    "var",
    "wbr",
];
const PLAIN_ATTRIBUTES: &[&str] = &[
    "align",
    "alt",
    "bgcolor",
    "border",
    "cellpadding",
    "cellspacing",
    "clear",
    "color",
    "colspan",
    "dir",
    "face",
    "height",
    "hspace",
    "lang",
    "noshade",
    "nowrap",
    "rowspan",
    "scope",
    "size",
    "span",
    "start",
    "title",
    "type",
    "valign",
    "value",
    "vspace",
    "width",
];

fn clean(html: &str, remote_pictures: RemotePictures) -> CleanHtml {
    mime::clean_html(html, &CleanOptions { remote_pictures, cid: &|cid| (cid == "x").then(|| "/parts/x".to_owned()) })
}

struct Attribute<'a> {
    element: &'a str,
    name: &'a str,
    value: String,
}

/// Reads what the cleaner writes, and nothing else: lower-case tags, each value in double quotes.
fn attributes(html: &str) -> Vec<Attribute<'_>> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some((_, after)) = rest.split_once('<') {
        rest = after;
        if let Some(end) = rest.strip_prefix('/') {
            let (name, after) = end.split_once('>').unwrap();
            assert!(ELEMENTS.contains(&name), "</{name}>");
            rest = after;
            continue;
        }
        let name_len = rest.find([' ', '>']).unwrap();
        let element = &rest[..name_len];
        assert!(ELEMENTS.contains(&element), "<{element}>");
        rest = &rest[name_len..];
        while let Some(attribute) = rest.strip_prefix(' ') {
            let (name, after) = attribute.split_once("=\"").unwrap();
            assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'), "{name}");
            let (value, after) = after.split_once('"').unwrap();
            found.push(Attribute {
                element,
                name,
                value: value.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"),
            });
            rest = after;
        }
        rest = rest.strip_prefix('>').unwrap();
    }
    found
}

fn assert_harmless(name: &str, cleaned: &CleanHtml, remote_pictures: RemotePictures) {
    let is_allowed = remote_pictures == RemotePictures::Allow;
    assert!(!cleaned.html.contains(['\0', '\u{202d}', '\u{202e}']), "{name}");
    for Attribute { element, name: attribute, value } in attributes(&cleaned.html) {
        let lower = value.to_lowercase();
        let is_web = lower.starts_with("http://") || lower.starts_with("https://");
        let is_fine = match (element, attribute) {
            ("a", "href") => is_web || lower.starts_with("mailto:") || lower.starts_with("tel:") || value == "/parts/x",
            ("a", "target") => value == "_blank",
            ("a", "rel") => value == "noopener noreferrer",
            ("img", "src") => value == "/parts/x" || (is_web && is_allowed) || lower.starts_with("data:image/png;base64,"),
            ("img", "data-remote-src") => is_web && !is_allowed,
            ("table" | "td" | "th" | "tr" | "div", "background") => value == "/parts/x" || (is_web && is_allowed),
            (_, "style") => {
                let no_urls = !lower.contains("url")
                    || (is_allowed
                        && !lower.contains("url(\"javascript")
                        && lower.matches("url(").count() == lower.matches("url(\"http").count());
                no_urls
                    && ![
                        "expression",
                        "javascript",
                        "behavior",
                        "binding",
                        "import",
                        "position:",
                        "z-index",
                        "\\",
                        "@",
                        "var(",
                        "image-set",
                        "content:",
                        "transform:",
                    ]
                    .iter()
                    .any(|word| lower.contains(word))
            }
            (_, "alt" | "title") => true,
            (_, attribute) => PLAIN_ATTRIBUTES.contains(&attribute) && !value.contains(':'),
        };
        assert!(is_fine, "{name}: <{element} {attribute}={value:?}>");
    }
}

fn hostile() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/samples/mail/hostile");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let bytes = std::fs::read(&path).unwrap();
            if name.ends_with(".eml") {
                let parsed = mime::parse(&bytes);
                let html = parsed.body_value(parsed.html_body[0], None).value;
                return (name, html);
            }
            (name, String::from_utf8(bytes).unwrap())
        })
        .collect()
}

#[test]
fn nothing_that_runs_or_calls_out_is_left_of_hostile_mail() {
    let files = hostile();
    assert!(files.len() >= 60, "{}", files.len());
    for (name, html) in &files {
        for remote_pictures in [RemotePictures::Hold, RemotePictures::Allow] {
            let cleaned = clean(html, remote_pictures);
            assert_harmless(name, &cleaned, remote_pictures);
            if html.trim_end().ends_with("<p>readable end</p>") {
                assert!(cleaned.html.contains("readable end"), "{name}: {}", cleaned.html);
            }
            // What was cleaned is clean.
            assert_harmless(name, &clean(&cleaned.html, remote_pictures), remote_pictures);
        }
    }
}

#[test]
fn hostile_mail_behind_every_other_beginning_is_as_harmless() {
    let beginnings = [
        "<table>",
        "<table><tr><td>",
        "<svg>",
        "<math><mtext>",
        "<style>",
        "<title>",
        "<textarea>",
        "<select>",
        "<!--",
        "<a href=\"",
        "<p title='",
        "<noscript>",
        "<template>",
        "<svg><desc>",
        "<frameset>",
        "<xmp>",
        "<b><p></b>",
        "<![CDATA[",
        "<?",
        "</p>",
        "<a><table><a>",
        "<font a1><font a2><p><table>",
    ];
    for (name, html) in hostile() {
        if html.len() > 20_000 {
            continue;
        }
        for beginning in beginnings {
            let cleaned = clean(&format!("{beginning}{html}"), RemotePictures::Hold);
            assert_harmless(&format!("{beginning} {name}"), &cleaned, RemotePictures::Hold);
        }
    }
}

/// A parser that follows the standard makes gigabytes of a few hundred kilobytes of these.
#[test]
fn bombs_cost_no_more_than_their_length() {
    let unit = |size: usize, piece: &dyn Fn(usize) -> String| -> String { (0..size).map(piece).collect() };
    for bomb in [
        unit(20_000, &|number| format!("<font a{number}>")) + &"<p>x".repeat(20_000),
        unit(10_000, &|number| format!("<p><b title={number}>")),
        unit(10_000, &|number| format!("<table><b title={number}><tr><td></b>")),
        unit(10_000, &|number| format!("<table><b title={number}>x<td></table>")),
        unit(10_000, &|number| format!("<a href=https://x.example/{number}><div>")),
        unit(10_000, &|number| format!("<li><i title={number}></li>x")),
        unit(10_000, &|number| format!("<h1><b title={number}></h2>x")),
        "<div>".repeat(60_000),
        "</p>".repeat(60_000),
        "<".repeat(40_000),
        "<a b=\"".repeat(40_000),
        "&".repeat(40_000),
        "<svg>".repeat(40_000),
        format!("<p style=\"{}\">", "color:red;".repeat(20_000)),
        format!("<p style=\"{}\">", "(".repeat(20_000)),
        format!("<p {}>", "a=b ".repeat(20_000)),
    ] {
        let begun = Instant::now();
        let cleaned = clean(&bomb, RemotePictures::Hold);
        assert!(cleaned.html.len() <= bomb.len() * 12 + 1000, "{} of {}: {}", cleaned.html.len(), bomb.len(), &bomb[..40]);
        assert!(begun.elapsed().as_secs() < 20, "{}", &bomb[..40]);
    }
}

#[test]
fn ordinary_mail_keeps_its_looks() {
    for (html, expected) in [
        ("<p style=\"color: red; margin:0\">你好 <b>世界</b></p>", "<p style=\"color:red;margin:0\">你好 <b>世界</b></p>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        (
            "<table width=600><tr><td>a<td>b<tr><td>c</table>",
            "<table width=\"600\"><tbody><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></tbody></table>",
        ),
        ("<table>loose<tr><td>x</table>", "<table><tbody><tr><td>loose</td></tr><tr><td>x</td></tr></tbody></table>"),
        ("<html><head><title>t</title></head><body bgcolor=#eee>x</body></html>", "<div bgcolor=\"#eee\">x</div>"),
        ("a &lt;b&gt; &amp; &nbsp;c &copy;", "a &lt;b&gt; &amp; &nbsp;c ©"),
        (
            "<a href='https://x.example/?a=1&amp;b=2'>x</a>",
            "<a href=\"https://x.example/?a=1&amp;b=2\" target=\"_blank\" rel=\"noopener noreferrer\">x</a>",
        ),
        (
            "<a href=mailto:a@b.example?subject=x>x</a>",
            "<a href=\"mailto:a@b.example?subject=x\" target=\"_blank\" rel=\"noopener noreferrer\">x</a>",
        ),
        ("<o:p>x</o:p><unknown>y</unknown>", "xy"),
        ("<b><i>x</b>y</i>", "<b><i>x</i></b>y"),
        ("1 < 2 && 3 > 2", "1 &lt; 2 &amp;&amp; 3 &gt; 2"),
    ] {
        assert_eq!(clean(html, RemotePictures::Hold).html, expected, "{html}");
    }
}

#[test]
fn pictures_are_held_back_counted_and_served() {
    let html = "<img src=cid:x alt=a><img src='cid:gone'><img src=https://t.example/o.gif?a=1&b=2 width=1><td background=http://t.example/b><img src=\"data:image/png;base64,AA AA\">";
    let held = clean(html, RemotePictures::Hold);
    assert_eq!(
        held.html,
        "<img src=\"/parts/x\" alt=\"a\"><img><img data-remote-src=\"https://t.example/o.gif?a=1&amp;b=2\" width=\"1\"><img src=\"data:image/png;base64,AAAA\">"
    );
    assert_eq!((held.held_back, held.cids), (1, vec!["x".to_owned()]));
    let allowed = clean(html, RemotePictures::Allow);
    assert!(allowed.html.contains("<img src=\"https://t.example/o.gif?a=1&amp;b=2\" width=\"1\">"), "{}", allowed.html);
    assert_eq!(allowed.held_back, 0);
    let background =
        clean("<table background=http://t.example/b><tr><td style='background:url(http://t.example/c)'>x</table>", RemotePictures::Hold);
    assert_eq!(background.held_back, 2);
}

/// Pieces of tags, so that chance builds what nobody thought of.
fn pieces() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "<",
        ">",
        "</",
        "/>",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?",
        "<!",
        "\"",
        "'",
        "`",
        "=",
        " ",
        "\n",
        "\0",
        "&",
        "&lt;",
        "&#x3c;",
        "&quot;",
        "a",
        "x",
        "\u{202e}",
        "<svg>",
        "</svg>",
        "<math>",
        "<mtext>",
        "<style>",
        "</style>",
        "<script>",
        "</script>",
        "<title>",
        "</title>",
        "<textarea>",
        "</textarea>",
        "<noscript>",
        "</noscript>",
        "<template>",
        "<iframe ",
        "<table>",
        "</table>",
        "<tr>",
        "<td>",
        "</td>",
        "<caption>",
        "<colgroup>",
        "<select>",
        "<option>",
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<a ",
        "</a>",
        "<img ",
        "<font ",
        "<li>",
        "<form ",
        "<base ",
        "<div ",
        "href=",
        "src=",
        "style=",
        "title=",
        "onerror=",
        "onclick=alert(1)",
        "background=",
        "srcset=",
        "javascript:alert(1)",
        "https://evil.example/x",
        "//evil.example",
        "cid:x",
        "data:text/html,",
        "held-back:",
        "color:red",
        "position:fixed",
        "url(",
        ")",
        ";",
        "expression(",
        "mailto:a@b",
        "body",
        "<plaintext>",
        "<xmp>",
        "</xmp>",
        "<foreignObject>",
        "<annotation-xml>",
        "<mglyph>",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(if cfg!(debug_assertions) { 1_000 } else { 50_000 }) })]

    #[test]
    fn whatever_markup_comes_is_harmless_when_cleaned(html in pieces()) {
        for remote_pictures in [RemotePictures::Hold, RemotePictures::Allow] {
            let cleaned = clean(&html, remote_pictures);
            assert_harmless(&html, &cleaned, remote_pictures);
            assert_harmless(&html, &clean(&cleaned.html, remote_pictures), remote_pictures);
        }
    }
}
