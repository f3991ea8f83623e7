//! Passwords that everybody tries first.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Leaked and habitual passwords, Chinese favourites among them, and the words that people decorate with a year and a sign.
static LIST: LazyLock<HashSet<&'static str>> = LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Decoration around a listed word that does not make it a good password: `Huawei@2024!`.
const MAX_DECORATION: usize = 6;

/// Whether a guesser would come to this password among the first few thousand: a listed one, one with letters swapped for signs that look
/// alike or lie on the same key, a listed word with a few digits around it, a run along the alphabet, or next to no different characters.
pub(super) fn is_common(password: &str) -> bool {
    let folded = kernel::fold(password);
    let characters: Vec<char> = folded.chars().collect();
    let distinct: HashSet<&char> = characters.iter().collect();
    if distinct.len() < 4 || is_run(&characters) {
        return true;
    }
    let core = folded.trim_matches(|character: char| !character.is_alphabetic());
    let decoration = characters.len() - core.chars().count();
    let mut candidates = vec![folded.clone(), unshifted(&folded), look_alike(&folded)];
    if decoration <= MAX_DECORATION && !core.is_empty() {
        candidates.extend([core.to_owned(), look_alike(core)]);
    }
    candidates.iter().any(|candidate| LIST.contains(candidate.as_str()))
}

fn is_run(characters: &[char]) -> bool {
    let step = |pair: &[char]| i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0]));
    characters.windows(2).all(|pair| step(pair) == 1) || characters.windows(2).all(|pair| step(pair) == -1)
}

/// `!qaz@wsx` is `1qaz2wsx` typed with the shift key.
fn unshifted(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '!' => '1',
            '@' => '2',
            '#' => '3',
            '$' => '4',
            '%' => '5',
            '^' => '6',
            '&' => '7',
            '*' => '8',
            '(' => '9',
            ')' => '0',
            other => other,
        })
        .collect()
}

/// `p@ssw0rd` is `password`.
fn look_alike(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '@' | '4' => 'a',
            '0' => 'o',
            '1' | '!' => 'i',
            '3' => 'e',
            '$' | '5' => 's',
            '7' => 't',
            other => other,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_common_however_it_is_dressed() {
        for password in [
            "123456",
            "Password",
            "P@ssw0rd",
            "Passw0rd!",
            "Admin@123",
            "1qaz@WSX",
            "!QAZ2wsx",
            "Qwer!@#$",
            "Woaini1314",
            "Huawei@2024",
            "5201314",
            "aaaaaaaa",
            "12121212",
            "abcdefgh",
            "zyxwvuts",
            "Mima123456",
            "Zhongguo@1",
            "",
            "ａｄｍｉｎ１２３",
        ] {
            assert!(is_common(password), "{password}");
        }
    }

    #[test]
    fn what_takes_thought_is_not_common() {
        for password in ["Wild-Goose-Carries-7", "x7#Kp2!mQz", "雁书传情2024春天", "admin839201746512", "correct horse battery staple"]
        {
            assert!(!is_common(password), "{password}");
        }
    }

    #[test]
    fn the_list_is_folded_so_that_look_ups_find_it() {
        assert!(LIST.len() > 500);
        for entry in LIST.iter() {
            assert_eq!(*entry, kernel::fold(entry));
        }
    }
}
