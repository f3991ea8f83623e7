//! SEARCH, SORT and THREAD. RFC 9051 §6.4.4, RFC 4731, RFC 5256

use super::{CharsetError, Input, Parsed, values};
use crate::{
    MailboxName, MultiSearch, ReturnOptions, Search, SearchKey, Sort, SortBy, SortCriterion, SourceMailboxes, SyntaxErrorKind, Thread,
    ThreadAlgorithm,
};

/// Clients chain ORs, one within the other; beyond this nothing honest is meant.
const MAX_DEPTH: usize = 200;
const MAX_KEYS: usize = 5000;

/// `search = "SEARCH" [search-return-opts] SP search-program`
pub(super) fn search(input: &mut Input, uid: bool) -> Parsed<Search> {
    let returns = return_options(input)?;
    let mut charset = "UTF-8".to_owned();
    if input.accept_word(" CHARSET ") {
        charset = known_charset(input)?;
    }
    Ok(Search { uid, returns, key: program(input, &charset)? })
}

/// `esearch = "ESEARCH" [SP "IN" SP "(" source-mbox ")"] [search-return-opts] SP search-program`  (RFC 7377 §3)
pub(super) fn multi_search(input: &mut Input) -> Parsed<MultiSearch> {
    let sources = if input.accept_word(" IN ") { Some(input.filled_list("where to search", source)?) } else { None };
    let Search { returns, key, .. } = search(input, true)?;
    Ok(MultiSearch { sources, returns, key })
}

fn source(input: &mut Input) -> Parsed<SourceMailboxes> {
    let wrong = input.unexpected("where to search");
    Ok(match input.word(wrong.expected)?.as_str() {
        "SELECTED" => SourceMailboxes::Selected,
        "INBOXES" => SourceMailboxes::Inboxes,
        "PERSONAL" => SourceMailboxes::Personal,
        "SUBSCRIBED" => SourceMailboxes::Subscribed,
        "SUBTREE" => SourceMailboxes::Subtree(one_or_more_mailboxes(input)?),
        "SUBTREE-ONE" => SourceMailboxes::SubtreeOne(one_or_more_mailboxes(input)?),
        "MAILBOXES" => SourceMailboxes::Mailboxes(one_or_more_mailboxes(input)?),
        _ => return Err(wrong),
    })
}

/// `SP one-or-more-mailbox`
fn one_or_more_mailboxes(input: &mut Input) -> Parsed<Vec<MailboxName>> {
    input.space()?;
    if input.peek() == Some(b'(') { input.filled_list("a mailbox", values::mailbox) } else { Ok(vec![values::mailbox(input)?]) }
}

/// `sort = "SORT" [search-return-opts] SP sort-criteria SP search-criteria`  (RFC 5256 §5, RFC 5267)
pub(super) fn sort(input: &mut Input, uid: bool) -> Parsed<Sort> {
    let returns = return_options(input)?;
    input.space()?;
    let order = input.filled_list("a sort key", |input| {
        let reverse = input.accept_word("REVERSE ");
        let wrong = input.unexpected("a sort key");
        let by = match input.word(wrong.expected)?.as_str() {
            "ARRIVAL" => SortBy::Arrival,
            "CC" => SortBy::Cc,
            "DATE" => SortBy::Date,
            "FROM" => SortBy::From,
            "SIZE" => SortBy::Size,
            "SUBJECT" => SortBy::Subject,
            "TO" => SortBy::To,
            "DISPLAYFROM" => SortBy::DisplayFrom,
            "DISPLAYTO" => SortBy::DisplayTo,
            _ => return Err(wrong),
        };
        Ok(SortCriterion { by, reverse })
    })?;
    input.space()?;
    let charset = known_charset(input)?;
    let key = program(input, &charset)?;
    Ok(Sort { uid, returns, order, key })
}

/// `thread = "THREAD" SP thread-alg SP search-criteria`  (RFC 5256 §5)
pub(super) fn thread(input: &mut Input, uid: bool) -> Parsed<Thread> {
    input.space()?;
    let wrong = input.unexpected("ORDEREDSUBJECT or REFERENCES");
    let algorithm = match input.word(wrong.expected)?.as_str() {
        "ORDEREDSUBJECT" => ThreadAlgorithm::OrderedSubject,
        "REFERENCES" => ThreadAlgorithm::References,
        _ => return Err(wrong),
    };
    input.space()?;
    let charset = known_charset(input)?;
    let key = program(input, &charset)?;
    Ok(Thread { uid, algorithm, key })
}

/// `search-return-opts = SP "RETURN" SP "(" [search-return-opt *(SP search-return-opt)] ")"`
fn return_options(input: &mut Input) -> Parsed<Option<ReturnOptions>> {
    if !input.accept_word(" RETURN ") {
        return Ok(None);
    }
    let mut returns = ReturnOptions::default();
    let options = input.list(|input| {
        let wrong = input.unexpected("MIN, MAX, COUNT, SAVE, and ALL or one PARTIAL");
        match input.word(wrong.expected)?.as_str() {
            "MIN" => returns.min = true,
            "MAX" => returns.max = true,
            // RFC 9394 §3.1: one of both, and PARTIAL once.
            "ALL" if returns.partial.is_none() => returns.all = true,
            "PARTIAL" if returns.partial.is_none() && !returns.all => {
                input.space()?;
                returns.partial = Some(values::partial_range(input)?);
            }
            "COUNT" => returns.count = true,
            "SAVE" => returns.save = true,
            _ => return Err(wrong),
        }
        Ok(())
    })?;
    Ok(Some(if options.is_empty() { ReturnOptions::ALL } else { returns }))
}

/// A charset that can be decoded.
fn known_charset(input: &mut Input) -> Parsed<String> {
    let unknown = input.error(SyntaxErrorKind::BadCharset, "a known charset");
    let charset = input.text("a charset")?;
    match (input.options.decode_charset)(&charset, b"") {
        Err(CharsetError::Unknown) => Err(unknown),
        _ => Ok(charset),
    }
}

/// `1*(SP search-key)`
fn program(input: &mut Input, charset: &str) -> Parsed<SearchKey> {
    let mut program = Program { charset, keys: 0 };
    input.space()?;
    program.keys(input, 0)
}

struct Program<'c> {
    charset: &'c str,
    keys: usize,
}

impl Program<'_> {
    /// `search-key *(SP search-key)`
    fn keys(&mut self, input: &mut Input, depth: usize) -> Parsed<SearchKey> {
        let first = self.key(input, depth)?;
        if input.peek() != Some(b' ') {
            return Ok(first);
        }
        let mut keys = vec![first];
        while input.accept(b' ') {
            keys.push(self.key(input, depth)?);
        }
        Ok(SearchKey::And(keys))
    }

    /// `search-key`
    fn key(&mut self, input: &mut Input, depth: usize) -> Parsed<SearchKey> {
        self.keys += 1;
        if depth > MAX_DEPTH || self.keys > MAX_KEYS {
            return Err(input.error(SyntaxErrorKind::TooLarge, "the search"));
        }
        match input.peek() {
            Some(b'(') => {
                input.open()?;
                let keys = self.keys(input, depth + 1)?;
                input.close()?;
                return Ok(keys);
            }
            Some(b'0'..=b'9' | b'*' | b'$') => return values::message_set(input).map(SearchKey::Sequence),
            _ => {}
        }
        let wrong = input.unexpected("a search key");
        let word = input.word(wrong.expected)?;
        if let Some(key) = plain(&word) {
            return Ok(key);
        }
        input.space()?;
        Ok(match word.as_str() {
            "KEYWORD" => SearchKey::Keyword(input.atom("a keyword")?),
            "UNKEYWORD" => SearchKey::Unkeyword(input.atom("a keyword")?),
            "BEFORE" => SearchKey::Before(values::date(input)?),
            "ON" => SearchKey::On(values::date(input)?),
            "SINCE" => SearchKey::Since(values::date(input)?),
            "SENTBEFORE" => SearchKey::SentBefore(values::date(input)?),
            "SENTON" => SearchKey::SentOn(values::date(input)?),
            "SENTSINCE" => SearchKey::SentSince(values::date(input)?),
            "SAVEDBEFORE" => SearchKey::SavedBefore(values::date(input)?),
            "SAVEDON" => SearchKey::SavedOn(values::date(input)?),
            "SAVEDSINCE" => SearchKey::SavedSince(values::date(input)?),
            // RFC 5032 §3: an interval is at least one second.
            "OLDER" => SearchKey::Older(input.nz_number("seconds")?.get()),
            "YOUNGER" => SearchKey::Younger(input.nz_number("seconds")?.get()),
            "LARGER" => SearchKey::Larger(input.number64("a size")?),
            "SMALLER" => SearchKey::Smaller(input.number64("a size")?),
            "FROM" => SearchKey::From(self.text(input)?),
            "TO" => SearchKey::To(self.text(input)?),
            "CC" => SearchKey::Cc(self.text(input)?),
            "BCC" => SearchKey::Bcc(self.text(input)?),
            "SUBJECT" => SearchKey::Subject(self.text(input)?),
            "BODY" => SearchKey::Body(self.text(input)?),
            "TEXT" => SearchKey::Text(self.text(input)?),
            "HEADER" => {
                let field = input.text("a field name")?;
                input.space()?;
                SearchKey::Header { field, text: self.text(input)? }
            }
            "UID" => SearchKey::Uid(values::message_set(input)?),
            "MODSEQ" => SearchKey::ModSeq(mod_seq(input)?),
            "EMAILID" => SearchKey::EmailId(values::object_id(input)?),
            "THREADID" => SearchKey::ThreadId(values::object_id(input)?),
            "NOT" => SearchKey::Not(Box::new(self.key(input, depth + 1)?)),
            "OR" => {
                let left = self.key(input, depth + 1)?;
                input.space()?;
                SearchKey::Or(Box::new(left), Box::new(self.key(input, depth + 1)?))
            }
            _ => return Err(wrong),
        })
    }

    fn text(&self, input: &mut Input) -> Parsed<String> {
        let wrong = input.unexpected("text in the charset of the search");
        let octets = input.astring("text to search for")?;
        (input.options.decode_charset)(self.charset, &octets).map_err(|_| wrong)
    }
}

/// The keys without an argument.
fn plain(word: &str) -> Option<SearchKey> {
    Some(match word {
        "ALL" => SearchKey::All,
        "ANSWERED" => SearchKey::Answered,
        "UNANSWERED" => SearchKey::Unanswered,
        "DELETED" => SearchKey::Deleted,
        "UNDELETED" => SearchKey::Undeleted,
        "DRAFT" => SearchKey::Draft,
        "UNDRAFT" => SearchKey::Undraft,
        "FLAGGED" => SearchKey::Flagged,
        "UNFLAGGED" => SearchKey::Unflagged,
        "SEEN" => SearchKey::Seen,
        "UNSEEN" => SearchKey::Unseen,
        "RECENT" => SearchKey::Recent,
        "OLD" => SearchKey::Old,
        "NEW" => SearchKey::New,
        "SAVEDATESUPPORTED" => SearchKey::SaveDateSupported,
        _ => return None,
    })
}

/// `search-modsequence = "MODSEQ" [search-modseq-ext] SP mod-sequence-valzer`  (RFC 7162 §7)
fn mod_seq(input: &mut Input) -> Parsed<u64> {
    if input.peek() == Some(b'"') {
        input.string("an entry name")?;
        input.space()?;
        let wrong = input.unexpected("PRIV, SHARED or ALL");
        if !matches!(input.word(wrong.expected)?.as_str(), "PRIV" | "SHARED" | "ALL") {
            return Err(wrong);
        }
        input.space()?;
    }
    input.number64("a modification sequence")
}
