//! Nothing a client sends takes more than it may.

use proto_imap::*;

use crate::read::{error_kind, read};

#[test]
fn nesting_ends_somewhere() {
    let not = |depth: usize| format!("a SEARCH {}SEEN", "NOT ".repeat(depth));
    assert!(read(format!("{}\r\n", not(150)).as_bytes(), &Options::default())[0].is_ok());
    assert_eq!(error_kind(&not(10_000)), SyntaxErrorKind::TooLarge);
    assert_eq!(error_kind(&format!("a SEARCH {}", "(".repeat(60_000))), SyntaxErrorKind::TooLarge);
    assert_eq!(error_kind(&format!("a SEARCH {}", "OR SEEN ".repeat(8_000))), SyntaxErrorKind::TooLarge);
    assert_eq!(error_kind(&format!("a SEARCH{}", " SEEN".repeat(6_000))), SyntaxErrorKind::TooLarge);
}

#[test]
fn lists_end_somewhere() {
    let items: Vec<String> = (1..300).map(|part| format!("BODY[{part}]")).collect();
    assert_eq!(error_kind(&format!("a FETCH 1 ({})", items.join(" "))), SyntaxErrorKind::TooLarge);
    assert_eq!(error_kind(&format!("a LIST \"\" ({})", vec!["a*"; 101].join(" "))), SyntaxErrorKind::TooLarge);
    assert_eq!(error_kind(&format!("a APPEND i{}", " {0+}\r\n".repeat(1001))), SyntaxErrorKind::TooLarge);
    assert_eq!(error_kind(&format!("a ID ({})", vec!["\"a\" NIL"; 31].join(" "))), SyntaxErrorKind::Syntax);
}

#[test]
fn numbers_end_where_the_grammar_says() {
    for line in ["a FETCH 4294967296 FLAGS", "a FETCH 01 FLAGS", "a FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)", "a SEARCH OLDER 0"] {
        assert_eq!(error_kind(line), SyntaxErrorKind::Syntax, "{line}");
    }
    assert!(read(b"a FETCH 4294967295 FLAGS (CHANGEDSINCE 9223372036854775807)\r\n", &Options::default())[0].is_ok());
}

#[test]
fn a_long_pattern_is_matched_quickly() {
    let pattern = ListPattern::new(&"*a%".repeat(2_000)).unwrap();
    let matcher = ListMatcher::new("", &pattern, '/');
    assert!(!matcher.matches(&"ab".repeat(900)));
    assert!(matcher.matches(&"a".repeat(2_000)));
}
