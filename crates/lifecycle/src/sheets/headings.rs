//! Which heading means which column, and which row of a sheet holds the headings.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::synonyms::SYNONYMS;
use super::{Cell, Column, ColumnKey, MAX_HEADING_ROW, SheetError, column_letters};

/// What is looked for, as people would write it; named when nothing was found.
pub const WANTED: &str = "姓名 Name, 手机号码 Mobile, 邮箱前缀 Mail prefix, 工号 Employee number, 部门 Department …";

/// The heading of the column with error texts in a file of wrong rows.
pub const ERROR_TEXTS_HEADING: (&str, &str) = ("错误说明", "What is wrong");

static MEANINGS: LazyLock<HashMap<&'static str, ColumnKey>> =
    LazyLock::new(|| SYNONYMS.iter().flat_map(|(key, words)| words.iter().map(|word| (*word, *key))).collect());

/// Words in brackets that only say how to fill a column; any other bracket may change what the column means.
const HINTS: &[&str] = &[
    "必填",
    "选填",
    "可选",
    "非必填",
    "必录",
    "必须",
    "唯一",
    "required",
    "optional",
    "mandatory",
    "格式",
    "如",
    "例",
    "yyyy",
    "format",
    "e.g.",
    "+86",
];

/// Nobody's heading is longer; and looking at longer texts would cost time for nothing.
const MAX_HEADING_CHARS: usize = 80;

/// Lower-cased and without the spaces, asterisks, punctuation and brackets that headings are decorated with.
fn squeeze(text: &str) -> String {
    let dropped = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '*' | ':' | '_' | '-' | '.' | '\'' | '"' | '(' | ')' | '[' | ']' | '【' | '】' | '/' | '、')
    };
    text.chars().filter(|&c| !dropped(c)).collect()
}

/// The column a heading stands for.
pub fn recognise(heading: &str) -> Option<ColumnKey> {
    if heading.chars().count() > MAX_HEADING_CHARS {
        return None;
    }
    let folded = kernel::fold(heading);
    lookup(&folded).or_else(|| in_two_languages(&without_hints(&folded)))
}

fn lookup(folded: &str) -> Option<ColumnKey> {
    let find = |text: &str| MEANINGS.get(squeeze(text).as_str()).copied();
    find(folded).or_else(|| find(&without_hints(folded)))
}

/// Cuts `(必填)` and the like.
fn without_hints(folded: &str) -> String {
    let mut rest = folded.to_owned();
    while let Some(open) = rest.find(['(', '[', '【']) {
        let Some(length) = rest[open..].find([')', ']', '】']) else { break };
        let inside = &rest[open..open + length];
        if !HINTS.iter().any(|hint| inside.contains(hint)) {
            break;
        }
        let close = open + length + rest[open + length..].chars().next().map_or(0, char::len_utf8);
        rest.replace_range(open..close, "");
    }
    rest
}

/// `姓名 Name`, `手机号码/Mobile`, `Name(姓名)`: one heading in two languages, both meaning the same.
fn in_two_languages(folded: &str) -> Option<ColumnKey> {
    let (chinese, english): (String, String) = {
        let is_chinese = |c: &char| ('\u{3400}'..='\u{9fff}').contains(c);
        (folded.chars().filter(is_chinese).collect(), folded.chars().filter(|c| !is_chinese(c)).collect())
    };
    let chinese = lookup(&chinese)?;
    (lookup(&english) == Some(chinese)).then_some(chinese)
}

fn is_error_texts(heading: &str) -> bool {
    heading == ERROR_TEXTS_HEADING.0 || heading == ERROR_TEXTS_HEADING.1
}

/// A row that may be the headings: what each cell means, and how many different meanings there are.
pub struct Candidate {
    pub keys: Vec<Option<ColumnKey>>,
    pub recognised: usize,
}

/// `None` unless the row has two different known headings, one of which can tell members apart.
pub fn candidate(cells: &[Cell]) -> Option<Candidate> {
    let keys: Vec<_> = cells.iter().map(|cell| if cell.fault.is_none() { recognise(&cell.text) } else { None }).collect();
    let mut distinct: Vec<_> = keys.iter().flatten().collect();
    distinct.sort_unstable();
    distinct.dedup();
    let tells_apart = |key: &&ColumnKey| {
        use ColumnKey as K;
        matches!(key, K::Name | K::Mobile | K::MailPrefix | K::Address | K::AccountName | K::EmployeeNumber | K::MemberId)
    };
    let recognised = distinct.len();
    if recognised >= 2 && distinct.iter().any(tells_apart) { Some(Candidate { keys, recognised }) } else { None }
}

/// The columns of a sheet whose headings are these cells.
pub fn columns(cells: &[Cell], candidate: &Candidate, is_hidden: impl Fn(usize) -> bool) -> Result<Vec<Column>, SheetError> {
    let mut columns: Vec<Column> = Vec::with_capacity(cells.len());
    for (index, cell) in cells.iter().enumerate() {
        let heading = cell.text.split_whitespace().collect::<Vec<_>>().join(" ");
        let key = candidate.keys.get(index).copied().flatten();
        if let Some(earlier) = key.and_then(|key| columns.iter().find(|column| column.key == Some(key))) {
            return Err(SheetError::HeadingTwice {
                column: key.map_or("", ColumnKey::as_str),
                first: format!("{} ({})", column_letters(earlier.index), earlier.heading),
                second: format!("{} ({heading})", column_letters(index)),
            });
        }
        let error_texts = key.is_none() && is_error_texts(&heading);
        columns.push(Column { index, heading, key, hidden: is_hidden(index), error_texts });
    }
    while columns.last().is_some_and(|column| column.heading.is_empty()) {
        columns.pop();
    }
    Ok(columns)
}

/// What to say when no row was good enough.
pub fn not_found() -> SheetError {
    SheetError::HeadingsNotFound { rows: MAX_HEADING_ROW, wanted: WANTED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::Language;

    #[test]
    fn every_heading_we_write_is_recognised_again() {
        for &key in ColumnKey::ALL {
            for language in [Language::Chinese, Language::English] {
                assert_eq!(recognise(key.heading(language)), Some(key), "{key}");
            }
            let both = format!("{} {}", key.heading(Language::Chinese), key.heading(Language::English));
            assert_eq!(recognise(&both), Some(key), "{both}");
        }
    }

    #[test]
    fn no_heading_has_two_meanings() {
        let mut words: Vec<_> = SYNONYMS.iter().flat_map(|(_, words)| words.iter()).collect();
        let all = words.len();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), all);
        assert!(words.iter().all(|word| squeeze(&kernel::fold(word)) == **word));
    }

    #[test]
    fn headings_are_recognised_however_they_are_decorated() {
        for (heading, key) in [
            (" 姓 名* ", ColumnKey::Name),
            ("姓名\n（必填）", ColumnKey::Name),
            ("手机号码（必填，如13800000000）", ColumnKey::Mobile),
            ("【手机号】", ColumnKey::Mobile),
            ("ＭＯＢＩＬＥ Phone", ColumnKey::Mobile),
            ("E-mail", ColumnKey::Address),
            ("Employee ID [required]", ColumnKey::EmployeeNumber),
            ("Name(姓名)", ColumnKey::Name),
            ("入职日期(YYYY-MM-DD)", ColumnKey::JoinDate),
            ("*部门：", ColumnKey::Department),
            ("备用邮箱", ColumnKey::AlternateAddress),
        ] {
            assert_eq!(recognise(heading), Some(key), "{heading}");
        }
        for heading in ["", "邮箱（备用）", "Name of spouse", "康宁医疗集团 2026 年在职人员信息表", "带 * 的为必填项", "姓名 Mobile"]
        {
            assert_eq!(recognise(heading), None, "{heading}");
        }
    }
}
