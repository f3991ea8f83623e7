//! One SQL text, two engines: the few tokens that differ are rewritten, outside of strings, quoted names and comments.

/// A piece of SQL text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token<'a> {
    /// A word or number: letters, digits, `_`.
    Word(&'a str),
    /// `$1`: its digits.
    Placeholder(&'a str),
    /// A name in double quotes, with them.
    QuotedName(&'a str),
    /// A string, comment, space or sign that is never touched.
    Other(&'a str),
}

struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    fn take(&mut self, length: usize) -> &'a str {
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        token
    }

    /// Up to and with the closing quote; a doubled quote stands for itself and does not close.
    fn quoted(&mut self, quote: u8) -> &'a str {
        let bytes = self.rest.as_bytes();
        let mut at = 1;
        while at < bytes.len() {
            if bytes[at] == quote {
                if bytes.get(at + 1) == Some(&quote) {
                    at += 1;
                } else {
                    return self.take(at + 1);
                }
            }
            at += 1;
        }
        self.take(bytes.len())
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        let bytes = self.rest.as_bytes();
        let first = *bytes.first()?;
        let word =
            |from: usize, fits: fn(&u8) -> bool| bytes[from..].iter().position(|byte| !fits(byte)).map_or(bytes.len(), |at| at + from);
        Some(match first {
            b'\'' => Token::Other(self.quoted(b'\'')),
            b'"' => Token::QuotedName(self.quoted(b'"')),
            b'-' if bytes.get(1) == Some(&b'-') => {
                let end = bytes.iter().position(|byte| *byte == b'\n').unwrap_or(bytes.len());
                Token::Other(self.take(end))
            }
            b'/' if bytes.get(1) == Some(&b'*') => {
                let end = self.rest.find("*/").map_or(bytes.len(), |at| at + 2);
                Token::Other(self.take(end))
            }
            b'$' => {
                let end = word(1, u8::is_ascii_digit);
                let token = self.take(end);
                if end > 1 { Token::Placeholder(&token[1..]) } else { Token::Other(token) }
            }
            _ if first.is_ascii_alphanumeric() || first == b'_' || !first.is_ascii() => {
                // A `$` inside a word belongs to it and starts no placeholder.
                let end = word(0, |byte| byte.is_ascii_alphanumeric() || *byte == b'_' || *byte == b'$' || !byte.is_ascii());
                Token::Word(self.take(end))
            }
            _ => Token::Other(self.take(1)),
        })
    }
}

fn tokens(sql: &str) -> Tokens<'_> {
    Tokens { rest: sql }
}

/// How many parameters a statement wants: the highest number of a placeholder.
pub(crate) fn parameters(sql: &str) -> usize {
    let number = |token| match token {
        Token::Placeholder(digits) => digits.parse().unwrap_or(usize::MAX),
        _ => 0,
    };
    tokens(sql).map(number).max().unwrap_or(0)
}

/// A statement for SQLite: `$n` becomes `?n`, because SQLite numbers `$n` by appearance, and `COLLATE "C"` goes, because there all text is
/// compared bytewise anyway. `CLUSTERED` after a table's columns keeps its rows in the order of the primary key, without an index beside them.
pub(crate) fn for_sqlite(sql: &str) -> String {
    let word_for = |word: &str| match word {
        "BYTES" => Some("BLOB"),
        "CLUSTERED" => Some("WITHOUT ROWID"),
        _ => None,
    };
    rewrite(sql, word_for, true)
}

/// A statement for PostgreSQL: `BYTES`, which the type of a cast may be, differs; `INDEXED BY name` goes, by which a statement tells SQLite what
/// PostgreSQL knows from its statistics; and lists become arrays.
pub(crate) fn for_postgres(sql: &str) -> String {
    rewrite(&with_arrays(sql), |word| (word == "BYTES").then_some("BYTEA"), false)
}

/// `IN ($2,$3)` becomes `= ANY (…)` of an array that the planner does not see into.
///
/// Of a list it counts the places, and finds hundreds of looks into an index dearer than one reading of all that an owner has, which it takes for as
/// much as owners have on average: a large mailbox among small ones is then read as a whole, and each row compared with the list. Of an array
/// it expects a few places.
fn with_arrays(sql: &str) -> String {
    let tokens: Vec<Token<'_>> = tokens(sql).collect();
    let mut output = String::with_capacity(sql.len() + 64);
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let after_not = if is_word(token, "NOT") { after_space(&tokens, at + 1) } else { at };
        if let Some((list, behind)) = list_behind(&tokens, after_not) {
            output.push_str(if after_not == at { "= ANY" } else { "<> ALL" });
            // COALESCE makes an expression of what would be a subquery whose rows are meant.
            output.push_str(" (COALESCE((SELECT ARRAY[$");
            output.push_str(&list.join(",$"));
            output.push_str("])))");
            at = behind;
            continue;
        }
        match token {
            Token::Placeholder(digits) => {
                output.push('$');
                output.push_str(digits);
            }
            Token::Word(text) | Token::QuotedName(text) | Token::Other(text) => output.push_str(text),
        }
        at += 1;
    }
    output
}

fn is_word(token: &Token<'_>, wanted: &str) -> bool {
    matches!(token, Token::Word(word) if word.eq_ignore_ascii_case(wanted))
}

fn after_space(tokens: &[Token<'_>], from: usize) -> usize {
    let space = tokens.iter().skip(from).take_while(|token| matches!(token, Token::Other(text) if text.trim().is_empty()));
    from + space.count()
}

/// The parameters of `IN ($2,$3)`, of which there are at least two, if that stands at `at`; and where it ends.
fn list_behind<'a>(tokens: &[Token<'a>], at: usize) -> Option<(Vec<&'a str>, usize)> {
    tokens.get(at).filter(|token| is_word(token, "IN"))?;
    let mut at = after_space(tokens, at + 1);
    tokens.get(at).filter(|token| **token == Token::Other("("))?;
    let mut list = Vec::new();
    loop {
        at = after_space(tokens, at + 1);
        let Some(Token::Placeholder(digits)) = tokens.get(at) else { return None };
        list.push(*digits);
        at = after_space(tokens, at + 1);
        match tokens.get(at)? {
            Token::Other(",") => {}
            Token::Other(")") => return (list.len() > 1).then_some((list, at + 1)),
            _ => return None,
        }
    }
}

/// A migration for PostgreSQL: besides, every TEXT column is compared bytewise, whatever the database's own collation is. Its tables are heaps, so
/// `CLUSTERED` says nothing to it.
pub(crate) fn migration_for_postgres(sql: &str) -> String {
    let mut after_as = false;
    let mut output = String::with_capacity(sql.len() + 256);
    for token in tokens(sql) {
        match token {
            Token::Word("BYTES") => output.push_str("BYTEA"),
            Token::Word("CLUSTERED") => {}
            Token::Word("TEXT") if !after_as => output.push_str("TEXT COLLATE \"C\""),
            Token::Placeholder(digits) => {
                output.push('$');
                output.push_str(digits);
            }
            Token::Word(text) | Token::QuotedName(text) | Token::Other(text) => output.push_str(text),
        }
        match token {
            // `CAST(x AS TEXT)` takes no collation.
            Token::Word(word) => after_as = word.eq_ignore_ascii_case("AS"),
            Token::Other(text) if text.trim().is_empty() => {}
            _ => after_as = false,
        }
    }
    output
}

fn rewrite(sql: &str, word_for: impl Fn(&str) -> Option<&'static str>, sqlite: bool) -> String {
    let mut output = String::with_capacity(sql.len());
    // Where a COLLATE began, as long as only space follows it.
    let mut collate_at = None;
    // How many words of `INDEXED BY name` are still to be left out.
    let mut left_out = 0;
    for token in tokens(sql) {
        if left_out > 0 {
            left_out -= u8::from(matches!(token, Token::Word(_)));
            continue;
        }
        match token {
            Token::Placeholder(digits) => {
                output.push(if sqlite { '?' } else { '$' });
                output.push_str(digits);
            }
            Token::QuotedName("\"C\"") if sqlite && collate_at.is_some() => {
                output.truncate(collate_at.expect("just looked at"));
            }
            Token::Word(word) if sqlite && word.eq_ignore_ascii_case("COLLATE") => {
                collate_at = Some(output.len());
                output.push_str(word);
                continue;
            }
            Token::Word("INDEXED") if !sqlite => left_out = 2,
            Token::Word(word) => output.push_str(word_for(word).unwrap_or(word)),
            Token::Other(text) if text.trim().is_empty() => {
                output.push_str(text);
                continue;
            }
            Token::QuotedName(text) | Token::Other(text) => output.push_str(text),
        }
        collate_at = None;
    }
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_rewritten_only_where_they_are_placeholders() {
        for (sql, expected) in [
            ("SELECT $2, $1", "SELECT ?2, ?1"),
            ("SELECT '$1', $12", "SELECT '$1', ?12"),
            ("SELECT 'it''s $1', $1", "SELECT 'it''s $1', ?1"),
            ("SELECT \"a$1\", $1", "SELECT \"a$1\", ?1"),
            ("SELECT 1 -- $1 isn't one\n, $1", "SELECT 1 -- $1 isn't one\n, ?1"),
            ("SELECT 1 /* $1 ' */, $1", "SELECT 1 /* $1 ' */, ?1"),
            ("SELECT '名$1', $1", "SELECT '名$1', ?1"),
            ("SELECT x$1 FROM t WHERE a=$1", "SELECT x$1 FROM t WHERE a=?1"),
            ("SELECT 'open $1", "SELECT 'open $1"),
            ("SELECT $", "SELECT $"),
        ] {
            assert_eq!(for_sqlite(sql), expected);
        }
    }

    #[test]
    fn parameters_are_counted_by_the_highest_placeholder() {
        for (sql, count) in [("SELECT 1", 0), ("SELECT '$9', $2", 2), ("SELECT $2, $10, $2", 10)] {
            assert_eq!(parameters(sql), count, "{sql}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_cut_into_tokens_that_make_it_up(sql in "[ a-zA-Z0-9$'\"/*\\n王_.,()?-]{0,60}") {
            let whole: String = tokens(&sql)
                .map(|token| match token {
                    Token::Placeholder(digits) => format!("${digits}"),
                    Token::Word(text) | Token::QuotedName(text) | Token::Other(text) => text.to_owned(),
                })
                .collect();
            proptest::prop_assert_eq!(&whole, &sql);
            let _ = (for_sqlite(&sql), for_postgres(&sql), migration_for_postgres(&sql), parameters(&sql));
        }
    }

    #[test]
    fn the_bytewise_collation_goes_where_it_is_the_only_one() {
        assert_eq!(for_sqlite("ORDER BY name COLLATE \"C\" DESC, id"), "ORDER BY name  DESC, id");
        assert_eq!(for_sqlite("SELECT \"C\" COLLATE NOCASE"), "SELECT \"C\" COLLATE NOCASE");
        assert_eq!(for_postgres("ORDER BY name COLLATE \"C\" LIMIT $1"), "ORDER BY name COLLATE \"C\" LIMIT $1");
    }

    #[test]
    fn columns_of_migrations_get_the_engines_types() {
        let sql = "-- TEXT of BYTES\nCREATE TABLE t (id BIGINT, text TEXT NOT NULL, body BYTES, kind TEXT DEFAULT 'TEXT');\nSELECT CAST(id AS TEXT) FROM t";
        assert_eq!(
            migration_for_postgres(sql),
            "-- TEXT of BYTES\nCREATE TABLE t (id BIGINT, text TEXT COLLATE \"C\" NOT NULL, body BYTEA, kind TEXT COLLATE \"C\" DEFAULT 'TEXT');\nSELECT CAST(id AS TEXT) FROM t"
        );
        assert!(for_sqlite(sql).contains("body BLOB"));
    }

    #[test]
    fn a_list_of_parameters_is_an_array_on_postgres() {
        for (sql, expected) in [
            ("a = $1 AND b IN ($2,$3) AND c = $4", "a = $1 AND b = ANY (COALESCE((SELECT ARRAY[$2,$3]))) AND c = $4"),
            ("b NOT IN ( $2 , $13 )", "b <> ALL (COALESCE((SELECT ARRAY[$2,$13])))"),
            ("b in ($2,$3)", "b = ANY (COALESCE((SELECT ARRAY[$2,$3])))"),
            ("b IN ($2)", "b IN ($2)"),
            ("b IN ($2, 'x')", "b IN ($2, 'x')"),
            ("b IN (SELECT $2)", "b IN (SELECT $2)"),
            ("b IN (NULL) AND NOT c", "b IN (NULL) AND NOT c"),
            ("'IN ($1,$2)', $1", "'IN ($1,$2)', $1"),
            ("NOT IN (", "NOT IN ("),
        ] {
            assert_eq!(for_postgres(sql), expected);
        }
        assert_eq!(for_sqlite("b IN ($2,$3)"), "b IN (?2,?3)");
    }

    #[test]
    fn an_index_is_named_to_sqlite_only() {
        let sql = "SELECT id FROM entry e INDEXED BY entry_by_time WHERE e.name = 'INDEXED BY x' AND id = $1";
        assert_eq!(for_sqlite(sql), sql.replace('$', "?"));
        assert_eq!(for_postgres(sql), "SELECT id FROM entry e  WHERE e.name = 'INDEXED BY x' AND id = $1");
    }

    #[test]
    fn a_clustered_table_has_no_row_ids_on_sqlite() {
        let sql = "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, kind TEXT DEFAULT 'CLUSTERED') CLUSTERED;";
        assert_eq!(for_sqlite(sql), "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, kind TEXT DEFAULT 'CLUSTERED') WITHOUT ROWID;");
        assert_eq!(
            migration_for_postgres(sql),
            "CREATE TABLE t (id BIGINT NOT NULL PRIMARY KEY, kind TEXT COLLATE \"C\" DEFAULT 'CLUSTERED') ;"
        );
    }
}
