//! Traditional characters as the simplified ones that stand for them.

use std::sync::LazyLock;

/// Pairs of a traditional character and its first simplified form, from TSCharacters.txt of OpenCC (Apache-2.0); see `docs/dependencies.md`.
const PAIRS: &str = include_str!("simplified.txt");
/// The block that nearly all of them are in; forms are kept for it in an array.
const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9fff;

struct Table {
    block: Vec<char>,
    /// Beyond the block, ascending.
    others: Vec<(char, char)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { block: (FIRST..=LAST).filter_map(char::from_u32).collect(), others: Vec::new() };
    let mut characters = PAIRS.chars().filter(|character| !character.is_whitespace());
    while let (Some(from), Some(to)) = (characters.next(), characters.next()) {
        match place(from) {
            Some(place) => table.block[place] = to,
            None => table.others.push((from, to)),
        }
    }
    table.others.sort_unstable();
    table
});

fn place(character: char) -> Option<usize> {
    (FIRST..=LAST).contains(&u32::from(character)).then(|| (u32::from(character) - FIRST) as usize)
}

/// The character itself when it has no other form. Where one traditional character became several, or several one, all of them come out the same.
pub(super) fn simplified(character: char) -> char {
    if u32::from(character) < FIRST {
        return character;
    }
    match place(character) {
        Some(place) => TABLE.block[place],
        None if u32::from(character) >= 0x20000 => match TABLE.others.binary_search_by_key(&character, |(from, _)| *from) {
            Ok(at) => TABLE.others[at].1,
            Err(_) => character,
        },
        None => character,
    }
}

#[cfg(test)]
mod tests {
    use super::simplified;

    #[test]
    fn forms_are_found_in_every_block_and_are_final() {
        let all = |text: &str| text.chars().map(simplified).collect::<String>();
        assert_eq!(all("會議報告與總結，ABC"), "会议报告与总结，ABC");
        assert_eq!(all("会议报告"), "会议报告");
        assert_eq!(all("𧁴㑯𠗣"), "𧁴㑔㓆");
        for character in ('\u{3400}'..'\u{9fff}').chain('\u{20000}'..'\u{30000}') {
            assert_eq!(simplified(simplified(character)), simplified(character));
        }
    }
}
