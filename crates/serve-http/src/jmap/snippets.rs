//! SearchSnippets: why an email was found (RFC 8621 §5).

use std::sync::Arc;

use mail::{MessageId, messages, mime};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::blobs::on_a_thread;
use super::emails::read_filter;
use super::emails::texts::Term;
use super::error::MethodError;
use super::limits::MAX_OBJECTS_IN_GET;
use super::work::{Work, arguments};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Arguments {
    account_id: String,
    #[serde(default)]
    filter: Option<Value>,
    email_ids: Vec<String>,
}

pub async fn get(work: &mut Work<'_>, args: Map<String, Value>) -> Result<Value, MethodError> {
    let args: Arguments = arguments(args)?;
    let account = work.account(&args.account_id)?;
    if args.email_ids.len() > MAX_OBJECTS_IN_GET {
        return Err(MethodError::RequestTooLarge);
    }
    let words = Arc::new(Words::of(&read_filter(args.filter.as_ref())?.texts()));
    let asked: Vec<(String, Option<MessageId>)> =
        args.email_ids.into_iter().map(|id| (id.clone(), work.id(&id).and_then(|id| id.parse().ok()))).collect();
    let ids: Vec<MessageId> = asked.iter().filter_map(|(_, id)| *id).collect();
    let found = work.read(move |ctx, tx| Ok::<_, MethodError>(messages::find_messages(ctx, tx, account, &ids)?)).await?;
    let (mut list, mut not_found) = (Vec::new(), Vec::new());
    for (id, message) in asked {
        let Some(stored) = message.and_then(|message| found.iter().find(|stored| stored.id == message)) else {
            not_found.push(id);
            continue;
        };
        let preview = if words.of_body.is_empty() {
            None
        } else {
            let bytes = messages::read(&work.app.store, work.caller.ctx.org, &stored.blob_id, &stored.prefix).await?;
            let words = Arc::clone(&words);
            on_a_thread(move || around(&text_of(&bytes), &words.of_body)).await?
        };
        list.push(json!({ "emailId": id, "subject": marked(&stored.summary.subject, &words.of_subject), "preview": preview }));
    }
    let not_found = if not_found.is_empty() { Value::Null } else { json!(not_found) };
    Ok(json!({ "accountId": args.account_id, "list": list, "notFound": not_found }))
}

/// The words of a filter, folded, by where they are looked for.
struct Words {
    of_subject: Vec<Vec<char>>,
    of_body: Vec<Vec<char>>,
}

impl Words {
    fn of(terms: &[&Term]) -> Self {
        let mut words = Self { of_subject: Vec::new(), of_body: Vec::new() };
        for term in terms {
            let folded = |text: &str| kernel::fold(text).chars().collect::<Vec<char>>();
            match term {
                Term::Text(text) => {
                    words.of_subject.push(folded(text));
                    words.of_body.push(folded(text));
                }
                Term::Subject(text) => words.of_subject.push(folded(text)),
                Term::Body(text) => words.of_body.push(folded(text)),
                _ => {}
            }
        }
        words.of_subject.retain(|word| !word.is_empty());
        words.of_body.retain(|word| !word.is_empty());
        words
    }
}

/// The beginning of the text that searches look through.
fn text_of(message: &[u8]) -> String {
    const MAX: usize = 200_000;
    let parsed = mime::parse(message);
    let plain = parsed.text_body.iter().find(|part| parsed.parts[**part].media_type == "text/plain");
    match plain {
        Some(part) => parsed.body_value(*part, Some(MAX)).value,
        None => parsed.preview(),
    }
}

/// A text folded letter by letter, and for each letter of it the place it came from.
struct Folded {
    letters: Vec<char>,
    places: Vec<usize>,
}

impl Folded {
    fn of(text: &[char]) -> Self {
        let (mut letters, mut places) = (Vec::with_capacity(text.len()), Vec::with_capacity(text.len()));
        for (place, letter) in text.iter().enumerate() {
            if letter.is_ascii() {
                letters.push(if letter.is_whitespace() { ' ' } else { letter.to_ascii_lowercase() });
                places.push(place);
                continue;
            }
            let mut bytes = [0; 4];
            for folded in kernel::fold(letter.encode_utf8(&mut bytes)).chars() {
                letters.push(folded);
                places.push(place);
            }
        }
        Self { letters, places }
    }

    /// Where the words stand in the text, in order and without overlaps: first place and the one after the last.
    fn find(&self, words: &[Vec<char>]) -> Vec<(usize, usize)> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < self.letters.len() {
            let word = words.iter().filter(|word| self.letters[at..].starts_with(word)).max_by_key(|word| word.len());
            match word {
                Some(word) => {
                    found.push((self.places[at], self.places[at + word.len() - 1] + 1));
                    at += word.len();
                }
                None => at += 1,
            }
        }
        found
    }
}

fn escape(out: &mut String, letters: &[char]) {
    for letter in letters {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            letter if letter.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            letter => out.push(*letter),
        }
    }
}

fn mark(text: &[char], found: &[(usize, usize)]) -> String {
    let mut out = String::new();
    let mut at = 0;
    for (start, end) in found {
        escape(&mut out, &text[at..*start]);
        out.push_str("<mark>");
        escape(&mut out, &text[*start..*end]);
        out.push_str("</mark>");
        at = *end;
    }
    escape(&mut out, &text[at..]);
    out
}

/// The whole text with its matches marked; `None` when there are none.
fn marked(text: &str, words: &[Vec<char>]) -> Option<String> {
    let text: Vec<char> = text.chars().collect();
    let found = Folded::of(&text).find(words);
    (!found.is_empty()).then(|| mark(&text, &found))
}

/// The text around the first match, at most 255 bytes (RFC 8621 §5).
fn around(text: &str, words: &[Vec<char>]) -> Option<String> {
    const MAX_BYTES: usize = 255;
    const BEFORE: usize = 20;
    let text: Vec<char> = text.chars().collect();
    let found = Folded::of(&text).find(words);
    let first = found.first()?.0;
    let start = first.saturating_sub(BEFORE);
    // Marks and escapes take room too, so the end is drawn in until everything fits.
    let mut length = MAX_BYTES;
    loop {
        let end = start.saturating_add(length).min(text.len());
        let inside: Vec<(usize, usize)> =
            found.iter().filter(|(from, to)| *from >= start && *to <= end).map(|(from, to)| (from - start, to - start)).collect();
        let snippet = mark(&text[start..end], &inside);
        if snippet.len() <= MAX_BYTES {
            return Some(snippet.trim().to_owned());
        }
        length = length.min(end - start) - (length.min(end - start) / 8).max(1);
        if length == 0 {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(texts: &[&str]) -> Vec<Vec<char>> {
        texts.iter().map(|text| kernel::fold(text).chars().collect()).collect()
    }

    #[test]
    fn matches_are_marked_and_everything_else_is_escaped() {
        assert_eq!(
            marked("Re: <Budget> & BUDGET", &words(&["budget"])).unwrap(),
            "Re: &lt;<mark>Budget</mark>&gt; &amp; <mark>BUDGET</mark>"
        );
        assert_eq!(marked("关于雁书的年报", &words(&["雁书", "年报"])).unwrap(), "关于<mark>雁书</mark>的<mark>年报</mark>");
        assert_eq!(marked("ＡＢＣ one", &words(&["abc"])).unwrap(), "<mark>ＡＢＣ</mark> one");
        assert_eq!(marked("nothing", &words(&["x"])), None);
        assert_eq!(marked("nothing", &[]), None);
    }

    #[test]
    fn a_preview_stands_around_the_first_match_and_is_short() {
        let text = format!("{}needle {}", "before ".repeat(50), "&after ".repeat(100));
        let preview = around(&text, &words(&["needle"])).unwrap();
        assert!(preview.contains("<mark>needle</mark>") && preview.len() <= 255 && preview.starts_with("ore"), "{preview}");
        let chinese = around(&"雁".repeat(1000), &words(&["雁"])).unwrap();
        assert!(chinese.len() <= 255 && chinese.contains("<mark>雁</mark>"), "{chinese}");
        assert_eq!(around("text", &words(&["x"])), None);
    }
}
