//! The second reader: a parser that reads as browsers do, with the same allow list.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::urls::HELD;
use super::{css, policy};

static BUILDER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut attributes: HashMap<&str, HashSet<&str>> = HashMap::new();
    attributes.insert("a", ["href", "target", "rel"].into());
    attributes.insert("img", ["src"].into());
    for element in ["table", "td", "th", "tr", "div"] {
        attributes.insert(element, ["background"].into());
    }
    let mut builder = Builder::empty();
    builder
        .tags(policy::ELEMENTS.iter().copied().collect())
        .clean_content_tags(policy::UNSEEN.iter().copied().collect())
        .generic_attributes(policy::ATTRIBUTES.iter().copied().collect())
        .tag_attributes(attributes)
        .url_schemes(["http", "https", "mailto", "tel", "data", "blob", HELD.trim_end_matches(':')].into())
        // What the parts of a mail are served under.
        .url_relative(UrlRelative::PassThrough)
        .filter_style_properties(css::properties().collect())
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("a", "href") if value.starts_with("data:") || value.starts_with(HELD) => None,
            (_, "target") => Some(Cow::Borrowed("_blank")),
            (_, "rel") => Some(Cow::Borrowed("noopener noreferrer")),
            _ => Some(Cow::Borrowed(value)),
        })
        .link_rel(None)
        .strip_comments(true);
    builder
});

pub(super) fn judge(html: &str) -> String {
    let html = BUILDER.clean(html).to_string();
    // Values are in double quotes and hold none, so this cannot stand within one.
    html.replace(&format!(" src=\"{HELD}"), " data-remote-src=\"")
}
