/// Whether the line is what the pattern says; `…` stands for anything.
pub fn matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_pattern_matches_what_it_says() {
        assert!(matches("a1 OK …", "a1 OK done"));
        assert!(matches("* … FETCH (…)", "* 1 FETCH (FLAGS ())"));
        assert!(matches("1 ….1", "1 1700000000.1"));
        assert!(matches("same", "same") && !matches("same", "same more"));
        assert!(!matches("a … b … c", "a b c"));
    }
}
