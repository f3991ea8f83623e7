//! A line as what is searched for and the rest as a text, folded and searched in: no panic, what is found stands in the text, and marks lie between
//! characters.

use mail::search::{fold, snippet};

use crate::Target;

pub const TARGET: Target = Target {
    name: "search_text",
    corpus: || super::mails().into_iter().map(|mail| [b"a\n".as_slice(), &mail].concat()).collect(),
    words: &[
        "年度",
        "年度\n",
        "總結",
        "总结",
        "李娜",
        "lina",
        "ＡＢＣ",
        "é",
        "e\u{301}",
        "ﬁ",
        "ß",
        "İ",
        "ﷺ",
        "\u{200d}",
        "\u{feff}",
        "한국어",
        "テスト",
        "🙂",
        "\u{1d400}",
        "\n",
        " ",
        "\u{3000}",
        "<",
        "&",
        "\"",
        "a",
        "1",
    ],
    begin: || Box::new(run),
};

fn run(input: &[u8]) {
    let input = String::from_utf8_lossy(input);
    let (needle, text) = input.split_once('\n').unwrap_or((&input, &input));
    let (folded, wanted) = (fold(text), fold(needle));
    assert!(!folded.contains("  "));
    if let Some(found) = snippet(text, &[needle], 100) {
        assert!(!wanted.is_empty());
        for mark in &found.marks {
            assert!(found.text.get(mark.clone()).is_some_and(|marked| !marked.is_empty()));
        }
        let _ = found.to_html();
    }
}
