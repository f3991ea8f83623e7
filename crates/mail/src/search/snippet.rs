//! The place in a text where a search found something: JMAP's SearchSnippet (RFC 8621 §5).

use std::ops::Range;

use super::fold;

/// Characters that are shown before the first match.
const BEFORE: usize = 30;

/// A piece of a text, and where in it the words are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    pub text: String,
    /// Byte ranges of `text`, ascending, not overlapping.
    pub marks: Vec<Range<usize>>,
}

impl Snippet {
    /// As HTML, matches within `<mark>`.
    pub fn to_html(&self) -> String {
        let mut html = String::with_capacity(self.text.len() + 32);
        let mut at = 0;
        for mark in &self.marks {
            escape(&self.text[at..mark.start], &mut html);
            html.push_str("<mark>");
            escape(&self.text[mark.clone()], &mut html);
            html.push_str("</mark>");
            at = mark.end;
        }
        escape(&self.text[at..], &mut html);
        html
    }
}

fn escape(text: &str, html: &mut String) {
    for character in text.chars() {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            character => html.push(character),
        }
    }
}

/// About `max_chars` characters around the first place where any of `words` stands; `None` when none does. White space is collapsed.
pub fn snippet(text: &str, words: &[&str], max_chars: usize) -> Option<Snippet> {
    let collapsed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let (folded, origins) = folded_with_origins(&collapsed);
    let mut found: Vec<Range<usize>> = Vec::new();
    for word in words.iter().map(|word| fold(word)).filter(|word| !word.is_empty()) {
        for (at, _) in folded.match_indices(&word).take(100) {
            let last = at + word.len() - 1;
            // What one character becomes several of when folded is marked as a whole.
            let end = origins[last..].iter().find(|origin| **origin > origins[last]).map_or(collapsed.len(), |end| *end);
            found.push(origins[at]..end);
        }
    }
    found.sort_unstable_by_key(|range| (range.start, range.end));
    let first = found.first()?.start;
    let start = collapsed[..first].char_indices().rev().take(BEFORE).last().map_or(first, |(at, _)| at);
    let end = collapsed[start..].char_indices().nth(max_chars).map_or(collapsed.len(), |(at, _)| start + at);
    let mut marks: Vec<Range<usize>> = Vec::new();
    for range in found.into_iter().filter(|range| range.end <= end) {
        let range = range.start - start..range.end - start;
        match marks.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => marks.push(range),
        }
    }
    Some(Snippet { text: collapsed[start..end].to_owned(), marks })
}

/// The folded text, and for each of its bytes where the character begins that it comes from; one more for the end.
fn folded_with_origins(text: &str) -> (String, Vec<usize>) {
    let mut folded = String::with_capacity(text.len());
    let mut origins = Vec::with_capacity(text.len() + 1);
    let mut rest = text.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        // A character and the marks on it are folded together.
        let mut end = at + character.len_utf8();
        while let Some((next, _)) = rest.next_if(|(_, next)| unicode_normalization::char::is_combining_mark(*next)) {
            end = next + text[next..].chars().next().map_or(0, char::len_utf8);
        }
        let before = folded.len();
        if character == ' ' {
            let next = rest.peek().map_or(' ', |(_, next)| *next);
            let is_kept = fold(&format!("{} {next}", last_char(&folded))).contains(' ');
            if is_kept {
                folded.push(' ');
            }
        } else {
            folded.push_str(&fold(&text[at..end]));
        }
        origins.resize(origins.len() + folded.len() - before, at);
    }
    origins.push(text.len());
    (folded, origins)
}

fn last_char(text: &str) -> char {
    text.chars().next_back().unwrap_or('x')
}

#[cfg(test)]
mod tests {
    use super::snippet;

    fn html(text: &str, words: &[&str]) -> String {
        snippet(text, words, 40).map(|snippet| snippet.to_html()).unwrap_or_default()
    }

    #[test]
    fn the_first_match_and_those_near_it_are_marked() {
        assert_eq!(html("Budget for the year", &["BUDGET", "year"]), "<mark>Budget</mark> for the <mark>year</mark>");
        assert_eq!(html("年度总结 报告 <草稿>", &["总结报告"]), "年度<mark>总结 报告</mark> &lt;草稿&gt;");
        assert_eq!(html("ＡＢＣ", &["b"]), "Ａ<mark>Ｂ</mark>Ｃ");
        assert_eq!(html("Cafe\u{301} x", &["café"]), "<mark>Cafe\u{301}</mark> x");
        assert_eq!(html("İ ㎞", &["i", "m"]), "<mark>İ</mark> <mark>㎞</mark>");
        assert_eq!(html("nothing here", &["else"]), "");
        assert_eq!(html("x", &[""]), "");
        let long = format!("{} needle {}", "a ".repeat(500), "b ".repeat(500));
        let found = html(&long, &["needle"]);
        assert!(found.contains("<mark>needle</mark>") && found.len() < 80, "{found}");
    }
}
