//! Filters of Email/query (RFC 8621 §4.4.1): what rows can tell is told by SQL, what only the texts can tell by searching.

use std::collections::HashSet;

use kernel::{MailAccountId, Timestamp};
use mail::email_query::{self, Filter as Rows, Keyword, Order};
use mail::search::Search;
use mail::{MailboxId, MessageId};
use serde::Deserialize;
use serde_json::Value;

use super::texts;
use super::wire::date_of;
use crate::jmap::error::MethodError;
use crate::jmap::filter::{Filter, Operator};
use crate::jmap::work::Work;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[derive(Default)]
struct Condition {
    in_mailbox: Option<String>,
    in_mailbox_other_than: Option<Vec<String>>,
    before: Option<String>,
    after: Option<String>,
    min_size: Option<u64>,
    max_size: Option<u64>,
    all_in_thread_have_keyword: Option<String>,
    some_in_thread_have_keyword: Option<String>,
    none_in_thread_have_keyword: Option<String>,
    has_keyword: Option<String>,
    not_keyword: Option<String>,
    has_attachment: Option<bool>,
    text: Option<String>,
    from: Option<String>,
    to: Option<String>,
    cc: Option<String>,
    bcc: Option<String>,
    subject: Option<String>,
    body: Option<String>,
    header: Option<Vec<String>>,
}

/// A filter divided into what rows tell and what texts tell.
#[derive(Debug)]
pub enum Node {
    Rows(Rows),
    Text(Search),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

/// Mailboxes that one filter names in lists.
const MAX_MAILBOXES: usize = 1_000;
/// Conditions that one filter has for rows to tell: each is a subquery of one statement, and planning many takes longer than answering.
const MAX_ROW_CONDITIONS: usize = 100;
/// Words that one filter looks for.
const MAX_WORDS: usize = 200;
/// Sets of messages that are looked up one by one for a filter with texts in it: each may hold all messages, or read them.
const MAX_SETS: usize = 16;
const MAX_TERM_BYTES: usize = 1_000;

/// Reads the filter of a query; nothing is everything.
pub fn read(value: Option<&Value>) -> Result<Node, MethodError> {
    match Filter::<Condition>::read(value)? {
        None => Ok(Node::Rows(Rows::EVERYTHING)),
        Some(filter) => {
            let node = node_of(&filter)?;
            refuse_too_much(&node)?;
            Ok(node)
        }
    }
}

/// What a filter asks for is bounded as a whole: two hundred conditions may each name hundreds of mailboxes and many words.
fn refuse_too_much(node: &Node) -> Result<(), MethodError> {
    let too_many = |what: &str, most: usize| Err(MethodError::UnsupportedFilter(format!("a filter has at most {most} {what}")));
    if node.mailboxes() > MAX_MAILBOXES {
        return too_many("mailboxes", MAX_MAILBOXES);
    }
    if node.row_conditions() > MAX_ROW_CONDITIONS {
        return too_many("conditions on mailboxes, times, sizes and keywords", MAX_ROW_CONDITIONS);
    }
    if node.texts().len() > MAX_WORDS {
        return too_many("words", MAX_WORDS);
    }
    if node.rows().is_none() && node.sets() > MAX_SETS {
        return too_many("groups of conditions with texts", MAX_SETS);
    }
    Ok(())
}

fn conditions_of(rows: &Rows) -> usize {
    match rows {
        Rows::And(filters) | Rows::Or(filters) => filters.iter().map(conditions_of).sum(),
        Rows::Not(filter) => conditions_of(filter),
        _ => 1,
    }
}

fn mailboxes_of(rows: &Rows) -> usize {
    match rows {
        Rows::And(filters) | Rows::Or(filters) => filters.iter().map(mailboxes_of).sum(),
        Rows::Not(filter) => mailboxes_of(filter),
        Rows::OutsideOf(ids) => ids.len(),
        _ => 0,
    }
}

fn node_of(filter: &Filter<Condition>) -> Result<Node, MethodError> {
    match filter {
        Filter::Condition(condition) => condition.node(),
        Filter::Operator(operator, filters) => {
            let nodes = filters.iter().map(node_of).collect::<Result<Vec<_>, _>>()?;
            Ok(match operator {
                Operator::And => joined(nodes, Rows::And, Node::And),
                Operator::Or => joined(nodes, Rows::Or, Node::Or),
                Operator::Not => match joined(nodes, Rows::Or, Node::Or) {
                    Node::Rows(rows) => Node::Rows(Rows::Not(Box::new(rows))),
                    node => Node::Not(Box::new(node)),
                },
            })
        }
    }
}

/// What rows can tell stays together.
fn joined(nodes: Vec<Node>, rows: fn(Vec<Rows>) -> Rows, mixed: fn(Vec<Node>) -> Node) -> Node {
    let (of_rows, mut others): (Vec<Node>, Vec<Node>) = nodes.into_iter().partition(|node| matches!(node, Node::Rows(_)));
    let of_rows: Vec<Rows> = of_rows.into_iter().filter_map(|node| if let Node::Rows(rows) = node { Some(rows) } else { None }).collect();
    if others.is_empty() {
        return Node::Rows(rows(of_rows));
    }
    if !of_rows.is_empty() {
        others.push(Node::Rows(rows(of_rows)));
    }
    // What stands alone is not hidden in a list of one, or words beside each other would be looked for one by one.
    if others.len() == 1 { others.remove(0) } else { mixed(others) }
}

/// What one look at each message can tell is looked for at once.
fn gathered(nodes: &[Node], is_and: bool) -> (Option<Search>, Vec<&Node>) {
    let (texts, others): (Vec<&Node>, Vec<&Node>) = nodes.iter().partition(|node| matches!(node, Node::Text(_)));
    let texts: Vec<Search> =
        texts.into_iter().filter_map(|node| if let Node::Text(search) = node { Some(search.clone()) } else { None }).collect();
    let is_empty = texts.is_empty();
    let search = if is_and { Search::And(texts) } else { Search::Or(texts) };
    let search = (!is_empty).then_some(search);
    (search, others)
}

impl Condition {
    fn node(&self) -> Result<Node, MethodError> {
        let mut nodes = Vec::new();
        let mut rows = |rows| nodes.push(Node::Rows(rows));
        if let Some(id) = &self.in_mailbox {
            // A mailbox that cannot exist holds nothing.
            rows(id.parse().map_or(Rows::Or(Vec::new()), Rows::InMailbox));
        }
        if let Some(ids) = &self.in_mailbox_other_than {
            rows(Rows::OutsideOf(ids.iter().filter_map(|id| id.parse::<MailboxId>().ok()).collect()));
        }
        if let Some(text) = &self.before {
            rows(Rows::ReceivedBefore(moment("before", text)?));
        }
        if let Some(text) = &self.after {
            rows(Rows::ReceivedFrom(moment("after", text)?));
        }
        if let Some(bytes) = self.min_size {
            rows(Rows::NotSmaller(bytes));
        }
        if let Some(bytes) = self.max_size {
            rows(Rows::Smaller(bytes));
        }
        if let Some(name) = &self.all_in_thread_have_keyword {
            rows(Rows::AllInThread(keyword(name)?));
        }
        if let Some(name) = &self.some_in_thread_have_keyword {
            rows(Rows::SomeInThread(keyword(name)?));
        }
        if let Some(name) = &self.none_in_thread_have_keyword {
            rows(Rows::Not(Box::new(Rows::SomeInThread(keyword(name)?))));
        }
        if let Some(name) = &self.has_keyword {
            rows(Rows::Keyword(keyword(name)?));
        }
        if let Some(name) = &self.not_keyword {
            rows(Rows::Not(Box::new(Rows::Keyword(keyword(name)?))));
        }
        match self.has_attachment {
            None => {}
            Some(true) => rows(Rows::HasAttachment),
            Some(false) => rows(Rows::Not(Box::new(Rows::HasAttachment))),
        }
        self.add_texts(&mut nodes)?;
        Ok(joined(nodes, Rows::And, Node::And))
    }

    fn add_texts(&self, nodes: &mut Vec<Node>) -> Result<(), MethodError> {
        type Made = fn(String) -> Search;
        let terms: [(&Option<String>, Made); 7] = [
            (&self.text, Search::Text),
            (&self.from, Search::From),
            (&self.to, Search::To),
            (&self.cc, Search::Cc),
            (&self.bcc, Search::Bcc),
            (&self.subject, Search::Subject),
            (&self.body, Search::Body),
        ];
        for (term, made) in terms {
            let Some(term) = term else { continue };
            for piece in pieces(term)? {
                nodes.push(Node::Text(made(piece)));
            }
        }
        if let Some(header) = &self.header {
            let (name, value) = match &header[..] {
                [name] => (name, String::new()),
                [name, value] => (name, value.clone()),
                _ => return Err(MethodError::invalid_arguments("\"header\" is a name, or a name and a text")),
            };
            if name.len() > MAX_TERM_BYTES || value.len() > MAX_TERM_BYTES {
                return Err(MethodError::UnsupportedFilter("the text is too long".to_owned()));
            }
            nodes.push(Node::Text(Search::Header(name.clone(), value)));
        }
        Ok(())
    }
}

/// What is looked for: each word, and what stands in quotes as a whole (RFC 8621 §4.4.1).
fn pieces(text: &str) -> Result<Vec<String>, MethodError> {
    const MAX_PIECES: usize = 20;
    if text.len() > MAX_TERM_BYTES {
        return Err(MethodError::UnsupportedFilter("the text is too long".to_owned()));
    }
    let mut pieces = Vec::new();
    let mut piece = String::new();
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (_, '\\') => piece.extend(characters.next()),
            (None, '"' | '\'') if piece.is_empty() => quote = Some(character),
            (Some(open), close) if open == close => {
                pieces.push(std::mem::take(&mut piece));
                quote = None;
            }
            (None, space) if space.is_whitespace() => pieces.push(std::mem::take(&mut piece)),
            (_, other) => piece.push(other),
        }
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.trim().is_empty());
    if pieces.len() > MAX_PIECES { Err(MethodError::UnsupportedFilter("the text has too many words".to_owned())) } else { Ok(pieces) }
}

fn moment(name: &str, text: &str) -> Result<Timestamp, MethodError> {
    date_of(text).map(|date| date.at).ok_or_else(|| MethodError::invalid_arguments(format!("{name:?} is not a UTC date")))
}

pub fn keyword(name: &str) -> Result<Keyword, MethodError> {
    Keyword::new(name).map_err(|_| MethodError::invalid_arguments(format!("{name:?} is not a keyword")))
}

impl Node {
    /// The filter, when rows alone can tell.
    pub fn rows(&self) -> Option<&Rows> {
        match self {
            Self::Rows(rows) => Some(rows),
            _ => None,
        }
    }

    /// What rows can tell beforehand: nothing that fits is outside of it.
    pub fn bound(&self) -> Rows {
        match self {
            Self::Rows(rows) => rows.clone(),
            Self::And(nodes) => Rows::And(nodes.iter().filter_map(|node| node.rows().cloned()).collect()),
            _ => Rows::EVERYTHING,
        }
    }

    /// Mailboxes that are named in lists.
    fn mailboxes(&self) -> usize {
        match self {
            Self::Rows(rows) => mailboxes_of(rows),
            Self::Text(_) => 0,
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().map(Self::mailboxes).sum(),
            Self::Not(node) => node.mailboxes(),
        }
    }

    fn row_conditions(&self) -> usize {
        match self {
            Self::Rows(rows) => conditions_of(rows),
            Self::Text(_) => 0,
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().map(Self::row_conditions).sum(),
            Self::Not(node) => node.row_conditions(),
        }
    }

    /// How many sets [`look_up`] makes.
    fn sets(&self) -> usize {
        match self {
            Self::Rows(_) | Self::Text(_) => 1,
            Self::Not(node) => node.sets(),
            Self::And(nodes) | Self::Or(nodes) => {
                let (search, others) = gathered(nodes, true);
                usize::from(search.is_some()) + others.into_iter().map(Self::sets).sum::<usize>()
            }
        }
    }

    pub fn texts(&self) -> Vec<&Search> {
        match self {
            Self::Rows(_) => Vec::new(),
            Self::Text(term) => vec![term],
            Self::And(nodes) | Self::Or(nodes) => nodes.iter().flat_map(Self::texts).collect(),
            Self::Not(node) => node.texts(),
        }
    }
}

/// A filter of which every leaf is the set of messages that it holds for.
#[derive(Debug)]
pub enum Sets {
    Leaf(HashSet<MessageId>),
    And(Vec<Sets>),
    Or(Vec<Sets>),
    Not(Box<Sets>),
}

impl Sets {
    pub fn hold(&self, message: MessageId) -> bool {
        match self {
            Self::Leaf(messages) => messages.contains(&message),
            Self::And(sets) => sets.iter().all(|set| set.hold(message)),
            Self::Or(sets) => sets.iter().any(|set| set.hold(message)),
            Self::Not(set) => !set.hold(message),
        }
    }
}

/// Looks up every leaf of a filter that has texts in it. `bound` is what is known to hold for all that fits.
pub async fn look_up(work: &Work<'_>, account: MailAccountId, node: &Node, bound: &Rows) -> Result<Sets, MethodError> {
    let scope = bound.mailbox();
    match node {
        Node::Rows(rows) => {
            let mut filters = vec![rows.clone()];
            filters.extend(scope.map(Rows::InMailbox));
            let filter = Rows::And(filters);
            let found =
                work.read(move |ctx, tx| Ok::<_, MethodError>(email_query::all(ctx, tx, account, &filter, Order::NewestFirst)?)).await?;
            Ok(Sets::Leaf(found.into_iter().map(|found| found.message).collect()))
        }
        Node::Text(search) => Ok(Sets::Leaf(texts::find(work, account, scope, bound, search.clone()).await?)),
        Node::Not(node) => Ok(Sets::Not(Box::new(Box::pin(look_up(work, account, node, bound)).await?))),
        Node::And(nodes) | Node::Or(nodes) => {
            let is_and = matches!(node, Node::And(_));
            let (search, others) = gathered(nodes, is_and);
            let mut sets = Vec::with_capacity(nodes.len());
            if let Some(search) = search {
                sets.push(Sets::Leaf(texts::find(work, account, scope, bound, search).await?));
            }
            for node in others {
                sets.push(Box::pin(look_up(work, account, node, bound)).await?);
            }
            Ok(if is_and { Sets::And(sets) } else { Sets::Or(sets) })
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn kind(value: Value) -> &'static str {
        match read(Some(&value)) {
            Ok(_) => "ok",
            Err(error) => error.kind(),
        }
    }

    #[test]
    fn what_rows_can_tell_is_kept_apart_from_texts() {
        let whole = read(Some(&json!({ "inMailbox": "f1" }))).unwrap();
        assert_eq!(whole.rows().and_then(Rows::is_whole_mailbox), Some(MailboxId::from_raw(1)));
        let unread = read(Some(&json!({ "operator": "AND", "conditions": [{ "inMailbox": "f1" }, { "notKeyword": "$seen" }] }))).unwrap();
        assert!(unread.texts().is_empty() && unread.bound().mailbox() == Some(MailboxId::from_raw(1)));
        let mixed = read(Some(&json!({ "inMailbox": "f1", "text": "雁 \"a b\"", "hasKeyword": "$flagged" }))).unwrap();
        assert_eq!(mixed.texts(), [&Search::Text("雁".to_owned()), &Search::Text("a b".to_owned())]);
        assert_eq!(mixed.bound().mailbox(), Some(MailboxId::from_raw(1)));
        let either = read(Some(&json!({ "operator": "OR", "conditions": [{ "inMailbox": "f1" }, { "subject": "x" }] }))).unwrap();
        assert_eq!(either.bound(), Rows::EVERYTHING);
    }

    #[test]
    fn filters_that_cannot_be_kept_to_are_refused() {
        assert_eq!(kind(json!({ "colour": "red" })), "unsupportedFilter");
        assert_eq!(kind(json!({ "operator": "XOR", "conditions": [] })), "invalidArguments");
        assert_eq!(kind(json!({ "operator": "AND" })), "invalidArguments");
        assert_eq!(kind(json!({ "before": "yesterday" })), "invalidArguments");
        assert_eq!(kind(json!({ "hasKeyword": "a b" })), "invalidArguments");
        assert_eq!(kind(json!({ "header": [] })), "invalidArguments");
        assert_eq!(kind(json!({ "minSize": -1 })), "invalidArguments");
        assert_eq!(kind(json!({ "text": "x".repeat(2000) })), "unsupportedFilter");
        assert_eq!(kind(json!({ "operator": "OR", "conditions": vec![json!({}); 300] })), "unsupportedFilter");
        assert_eq!(kind(json!("inbox")), "invalidArguments");
    }

    #[test]
    fn what_a_filter_asks_for_is_bounded_as_a_whole() {
        let all = |condition: Value, count: usize| json!({ "operator": "OR", "conditions": vec![condition; count] });
        let ids: Vec<String> = (1..=100).map(|number| format!("f{number}")).collect();
        assert_eq!(kind(all(json!({ "inMailboxOtherThan": ids }), 10)), "ok");
        assert_eq!(kind(all(json!({ "inMailboxOtherThan": ids }), 11)), "unsupportedFilter");
        assert_eq!(kind(all(json!({ "operator": "NOT", "conditions": [{ "inMailboxOtherThan": ids }] }), 11)), "unsupportedFilter");
        let rows = json!({ "hasKeyword": "a", "minSize": 1 });
        assert_eq!((kind(all(rows.clone(), 50)), kind(all(rows, 51))), ("ok", "unsupportedFilter"));
        // Words beside each other are looked for at once.
        assert_eq!(kind(all(json!({ "text": "a" }), 199)), "ok");
        assert_eq!(kind(all(json!({ "text": "a b", "from": "c" }), 100)), "unsupportedFilter");
        // Those apart are looked for one by one.
        let apart = json!({ "text": "a", "hasKeyword": "$seen" });
        assert_eq!(kind(all(apart.clone(), 8)), "ok");
        assert_eq!(kind(all(apart, 9)), "unsupportedFilter");
    }

    #[test]
    fn quotes_keep_words_together() {
        assert_eq!(pieces(r#"one  "two three" 'four "five' si\"x don't"#).unwrap(), ["one", "two three", "four \"five", "si\"x", "don't"]);
        assert!(pieces("  ").unwrap().is_empty());
    }
}
