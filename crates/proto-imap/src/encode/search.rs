//! SEARCH, SORT and THREAD as a client sends them.

use super::pieces::{Pieces, chosen};
use super::tokens;
use crate::{MailboxName, MultiSearch, ReturnOptions, Search, SearchKey, Sort, SortBy, SourceMailboxes, Thread, ThreadAlgorithm};

pub(super) fn search(out: &mut Pieces, search: &Search) {
    returns(out, search.returns);
    // RFC 6855 §3: with UTF-8 agreed on, no charset is named.
    if !out.options.utf8 && !is_ascii(&search.key) {
        out.text(" CHARSET UTF-8");
    }
    program(out, &search.key);
}

pub(super) fn multi_search(out: &mut Pieces, wanted: &MultiSearch) {
    if let Some(sources) = &wanted.sources {
        out.text(" IN ");
        out.list(sources, source);
    }
    returns(out, wanted.returns);
    if !out.options.utf8 && !is_ascii(&wanted.key) {
        out.text(" CHARSET UTF-8");
    }
    program(out, &wanted.key);
}

fn source(out: &mut Pieces, source: &SourceMailboxes) {
    let (word, mailboxes): (_, &[MailboxName]) = match source {
        SourceMailboxes::Selected => ("selected", &[]),
        SourceMailboxes::Inboxes => ("inboxes", &[]),
        SourceMailboxes::Personal => ("personal", &[]),
        SourceMailboxes::Subscribed => ("subscribed", &[]),
        SourceMailboxes::Subtree(mailboxes) => ("subtree ", mailboxes),
        SourceMailboxes::SubtreeOne(mailboxes) => ("subtree-one ", mailboxes),
        SourceMailboxes::Mailboxes(mailboxes) => ("mailboxes ", mailboxes),
    };
    out.text(word);
    match mailboxes {
        [] => {}
        [only] => out.mailbox(only.as_str()),
        several => out.list(several, |out, mailbox| out.mailbox(mailbox.as_str())),
    }
}

pub(super) fn sort(out: &mut Pieces, sort: &Sort) {
    returns(out, sort.returns);
    out.text(" (");
    for (index, criterion) in sort.order.iter().enumerate() {
        out.text(if index > 0 { " " } else { "" });
        out.text(if criterion.reverse { "REVERSE " } else { "" });
        out.text(match criterion.by {
            SortBy::Arrival => "ARRIVAL",
            SortBy::Cc => "CC",
            SortBy::Date => "DATE",
            SortBy::From => "FROM",
            SortBy::Size => "SIZE",
            SortBy::Subject => "SUBJECT",
            SortBy::To => "TO",
            SortBy::DisplayFrom => "DISPLAYFROM",
            SortBy::DisplayTo => "DISPLAYTO",
        });
    }
    out.text(") UTF-8");
    program(out, &sort.key);
}

pub(super) fn thread(out: &mut Pieces, thread: &Thread) {
    out.text(match thread.algorithm {
        ThreadAlgorithm::OrderedSubject => " ORDEREDSUBJECT UTF-8",
        ThreadAlgorithm::References => " REFERENCES UTF-8",
    });
    program(out, &thread.key);
}

fn returns(out: &mut Pieces, returns: Option<ReturnOptions>) {
    let Some(ReturnOptions { min, max, all, count, save, partial }) = returns else { return };
    out.text(" RETURN (");
    let words = [(min, "MIN"), (max, "MAX"), (all, "ALL"), (count, "COUNT"), (save, "SAVE"), (partial.is_some(), "PARTIAL ")];
    for (index, word) in chosen(words).enumerate() {
        out.text(if index > 0 { " " } else { "" });
        out.text(word);
    }
    if let Some(partial) = partial {
        tokens::partial_range(&mut out.octets, partial);
    }
    out.text(")");
}

/// Keys side by side need no parentheses at the top.
fn program(out: &mut Pieces, top: &SearchKey) {
    match top {
        SearchKey::And(keys) => {
            for inner in keys {
                out.text(" ");
                key(out, inner);
            }
        }
        other => {
            out.text(" ");
            key(out, other);
        }
    }
}

fn key(out: &mut Pieces, search_key: &SearchKey) {
    out.text(word(search_key));
    match search_key {
        SearchKey::Keyword(keyword) | SearchKey::Unkeyword(keyword) => out.text(keyword.as_str()),
        SearchKey::Before(date)
        | SearchKey::On(date)
        | SearchKey::Since(date)
        | SearchKey::SentBefore(date)
        | SearchKey::SentOn(date)
        | SearchKey::SentSince(date)
        | SearchKey::SavedBefore(date)
        | SearchKey::SavedOn(date)
        | SearchKey::SavedSince(date) => tokens::date(&mut out.octets, *date),
        SearchKey::Older(seconds) | SearchKey::Younger(seconds) => out.number(u64::from(*seconds)),
        SearchKey::Larger(number) | SearchKey::Smaller(number) | SearchKey::ModSeq(number) => out.number(*number),
        SearchKey::From(text)
        | SearchKey::To(text)
        | SearchKey::Cc(text)
        | SearchKey::Bcc(text)
        | SearchKey::Subject(text)
        | SearchKey::Body(text)
        | SearchKey::Text(text) => out.astring(text.as_bytes()),
        SearchKey::Header { field, text } => {
            out.astring(field.as_bytes());
            out.text(" ");
            out.astring(text.as_bytes());
        }
        SearchKey::Sequence(set) | SearchKey::Uid(set) => tokens::message_set(&mut out.octets, set),
        SearchKey::EmailId(id) | SearchKey::ThreadId(id) => out.text(id.as_str()),
        SearchKey::Not(inner) => key(out, inner),
        SearchKey::Or(left, right) => {
            key(out, left);
            out.text(" ");
            key(out, right);
        }
        SearchKey::And(keys) => {
            out.text("(");
            for (index, inner) in keys.iter().enumerate() {
                out.text(if index > 0 { " " } else { "" });
                key(out, inner);
            }
            out.text(")");
        }
        _ => {}
    }
}

/// The word of a key, with the space before its argument.
fn word(key: &SearchKey) -> &'static str {
    match key {
        SearchKey::All => "ALL",
        SearchKey::Answered => "ANSWERED",
        SearchKey::Unanswered => "UNANSWERED",
        SearchKey::Deleted => "DELETED",
        SearchKey::Undeleted => "UNDELETED",
        SearchKey::Draft => "DRAFT",
        SearchKey::Undraft => "UNDRAFT",
        SearchKey::Flagged => "FLAGGED",
        SearchKey::Unflagged => "UNFLAGGED",
        SearchKey::Seen => "SEEN",
        SearchKey::Unseen => "UNSEEN",
        SearchKey::Recent => "RECENT",
        SearchKey::Old => "OLD",
        SearchKey::New => "NEW",
        SearchKey::SaveDateSupported => "SAVEDATESUPPORTED",
        SearchKey::Keyword(_) => "KEYWORD ",
        SearchKey::Unkeyword(_) => "UNKEYWORD ",
        SearchKey::Before(_) => "BEFORE ",
        SearchKey::On(_) => "ON ",
        SearchKey::Since(_) => "SINCE ",
        SearchKey::SentBefore(_) => "SENTBEFORE ",
        SearchKey::SentOn(_) => "SENTON ",
        SearchKey::SentSince(_) => "SENTSINCE ",
        SearchKey::SavedBefore(_) => "SAVEDBEFORE ",
        SearchKey::SavedOn(_) => "SAVEDON ",
        SearchKey::SavedSince(_) => "SAVEDSINCE ",
        SearchKey::Older(_) => "OLDER ",
        SearchKey::Younger(_) => "YOUNGER ",
        SearchKey::Larger(_) => "LARGER ",
        SearchKey::Smaller(_) => "SMALLER ",
        SearchKey::From(_) => "FROM ",
        SearchKey::To(_) => "TO ",
        SearchKey::Cc(_) => "CC ",
        SearchKey::Bcc(_) => "BCC ",
        SearchKey::Subject(_) => "SUBJECT ",
        SearchKey::Body(_) => "BODY ",
        SearchKey::Text(_) => "TEXT ",
        SearchKey::Header { .. } => "HEADER ",
        SearchKey::Uid(_) => "UID ",
        SearchKey::ModSeq(_) => "MODSEQ ",
        SearchKey::EmailId(_) => "EMAILID ",
        SearchKey::ThreadId(_) => "THREADID ",
        SearchKey::Not(_) => "NOT ",
        SearchKey::Or(..) => "OR ",
        SearchKey::Sequence(_) | SearchKey::And(_) => "",
    }
}

fn is_ascii(key: &SearchKey) -> bool {
    match key {
        SearchKey::From(text)
        | SearchKey::To(text)
        | SearchKey::Cc(text)
        | SearchKey::Bcc(text)
        | SearchKey::Subject(text)
        | SearchKey::Body(text)
        | SearchKey::Text(text) => text.is_ascii(),
        SearchKey::Header { field, text } => field.is_ascii() && text.is_ascii(),
        SearchKey::Not(inner) => is_ascii(inner),
        SearchKey::Or(left, right) => is_ascii(left) && is_ascii(right),
        SearchKey::And(keys) => keys.iter().all(is_ascii),
        _ => true,
    }
}
