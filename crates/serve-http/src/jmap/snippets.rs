//! SearchSnippets: why an email was found (RFC 8621 §5).

use std::sync::Arc;

use mail::search::{Search, snippet};
use mail::{MessageId, messages, mime};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::blobs::on_a_thread;
use super::emails::read_filter;
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
        let subject = whole(&stored.summary.subject, &words.of_subject);
        list.push(json!({ "emailId": id, "subject": subject, "preview": preview }));
    }
    let not_found = if not_found.is_empty() { Value::Null } else { json!(not_found) };
    Ok(json!({ "accountId": args.account_id, "list": list, "notFound": not_found }))
}

/// The words of a filter by where they are looked for.
struct Words {
    of_subject: Vec<String>,
    of_body: Vec<String>,
}

impl Words {
    fn of(searches: &[&Search]) -> Self {
        let mut words = Self { of_subject: Vec::new(), of_body: Vec::new() };
        for search in searches {
            match search {
                Search::Text(text) => {
                    words.of_subject.push(text.clone());
                    words.of_body.push(text.clone());
                }
                Search::Subject(text) => words.of_subject.push(text.clone()),
                Search::Body(text) => words.of_body.push(text.clone()),
                _ => {}
            }
        }
        words
    }
}

/// What searches look through of the body, as far as it is likely to be read.
fn text_of(message: &[u8]) -> String {
    const MAX_BYTES: usize = 200_000;
    let mut all = String::new();
    mime::any_text(message, false, &mut |text| {
        let end = text.floor_char_boundary(MAX_BYTES.saturating_sub(all.len()));
        all.push_str(&text[..end]);
        all.push('\n');
        all.len() >= MAX_BYTES
    });
    all
}

fn borrowed(words: &[String]) -> Vec<&str> {
    words.iter().map(String::as_str).collect()
}

/// The whole text with its matches marked; `None` when there are none.
fn whole(text: &str, words: &[String]) -> Option<String> {
    let found = snippet(text, &borrowed(words), usize::MAX)?;
    // What stands before the first match is not left out here.
    let collapsed = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let before = collapsed.len() - found.text.len();
    let marks = found.marks.iter().map(|mark| mark.start + before..mark.end + before).collect();
    Some(mail::search::Snippet { text: collapsed, marks }.to_html())
}

/// The text around the first match, at most 255 bytes (RFC 8621 §5).
fn around(text: &str, words: &[String]) -> Option<String> {
    const MAX_BYTES: usize = 255;
    // Marks and escapes take room too, and Chinese three bytes a character.
    [200, 120, 75, 60, 45, 35]
        .into_iter()
        .find_map(|chars| snippet(text, &borrowed(words), chars).map(|found| found.to_html()).filter(|html| html.len() <= MAX_BYTES))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn matches_are_marked_and_everything_else_is_escaped() {
        let long = format!("Re: {} <Budget> & BUDGET", "long ".repeat(20));
        let marked = whole(&long, &words(&["budget"])).unwrap();
        assert!(marked.starts_with("Re: long") && marked.ends_with("&lt;<mark>Budget</mark>&gt; &amp; <mark>BUDGET</mark>"), "{marked}");
        assert_eq!(whole("关于雁书的年报", &words(&["雁书", "年报"])).unwrap(), "关于<mark>雁书</mark>的<mark>年报</mark>");
        assert_eq!(whole("nothing", &words(&["x"])), None);
        assert_eq!(whole("nothing", &[]), None);
    }

    #[test]
    fn a_preview_stands_around_the_first_match_and_is_short() {
        let text = format!("{}needle {}", "before ".repeat(50), "&after ".repeat(100));
        let preview = around(&text, &words(&["needle"])).unwrap();
        assert!(preview.contains("<mark>needle</mark>") && preview.len() <= 255, "{preview}");
        let chinese = around(&"北雁南飞".repeat(1000), &words(&["南"])).unwrap();
        assert!(chinese.len() <= 255 && chinese.contains("<mark>南</mark>"), "{chinese}");
        assert_eq!(around("text", &words(&["z"])), None);
    }
}
