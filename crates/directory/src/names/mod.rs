//! What Chinese names are sorted and found by: their reading in pinyin.

mod readings;

use std::collections::BTreeSet;

use readings::{Unit, read_name, read_plainly};

/// How many spellings of one name are searchable; a name of three characters with two readings each has eight.
const MAX_SPELLINGS: usize = 16;

/// Orders names as people look them up: character by character by reading and tone, the same characters together, other scripts by
/// their folded letters. Compared bytewise.
pub fn sort_key(name: &str) -> String {
    let folded = kernel::fold(name);
    let mut key = String::with_capacity(folded.len() * 3);
    let mut after_chinese = false;
    for unit in read_name(&folded) {
        match unit {
            Unit::Chinese { character, readings, tone } => {
                // A space sorts before every letter, so that 李安 stands before 连.
                if !key.is_empty() {
                    key.push(' ');
                }
                key.push_str(&readings[0]);
                key.push(tone);
                key.push(character);
                after_chinese = true;
            }
            Unit::Other(character) => {
                if after_chinese {
                    key.push(' ');
                    after_chinese = false;
                }
                key.push(character);
            }
        }
    }
    key
}

/// What a search for a person looks through: the folded name, then its full pinyin and its initials in every likely reading, one a line.
pub fn search_text(name: &str) -> String {
    let folded = kernel::fold(name);
    let mut lines = folded.clone();
    let units = read_name(&folded);
    if units.iter().any(|unit| matches!(unit, Unit::Chinese { .. })) {
        for spelling in spellings(&units, Spelling::Full) {
            lines.push('\n');
            lines.push_str(&spelling);
        }
        for spelling in spellings(&units, Spelling::Initials) {
            lines.push('\n');
            lines.push_str(&spelling);
        }
    }
    lines
}

/// The first letters of the pinyin of a text, Latin letters and digits kept: `ICU病房` gives `icubf`. The default identifier of a
/// department. Empty when nothing in the text can be spelled so.
pub fn initials(text: &str) -> String {
    let folded = kernel::fold(text);
    let mut letters = String::new();
    for unit in read_plainly(&folded) {
        match unit {
            Unit::Chinese { readings, .. } => letters.extend(readings[0].chars().next()),
            Unit::Other(character) if character.is_ascii_alphanumeric() => letters.push(character),
            Unit::Other(_) => {}
        }
    }
    letters
}

/// The full pinyin of a name without spaces or tones, Latin letters and digits kept: `王丽` gives `wangli`. Fit to begin an account name.
pub fn full_pinyin(name: &str) -> String {
    let folded = kernel::fold(name);
    let mut letters = String::new();
    for unit in read_name(&folded) {
        match unit {
            Unit::Chinese { readings, .. } => letters.push_str(&readings[0]),
            Unit::Other(character) if character.is_ascii_alphanumeric() => letters.push(character),
            Unit::Other(_) => {}
        }
    }
    letters
}

#[derive(Clone, Copy, PartialEq)]
enum Spelling {
    Full,
    Initials,
}

/// Every combination of readings up to a bound, the most likely first.
fn spellings(units: &[Unit], form: Spelling) -> Vec<String> {
    let mut spelled = vec![String::new()];
    for unit in units {
        let parts: Vec<String> = match unit {
            Unit::Other(character) if character.is_whitespace() => continue,
            Unit::Other(character) => vec![character.to_string()],
            Unit::Chinese { readings, .. } => match form {
                Spelling::Full => readings.iter().flat_map(|reading| full_forms(reading)).collect(),
                Spelling::Initials => readings.iter().map(|reading| reading.chars().take(1).collect()).collect(),
            },
        };
        let mut distinct = BTreeSet::new();
        let parts: Vec<&String> = parts.iter().filter(|part| distinct.insert(*part)).collect();
        let kept = (MAX_SPELLINGS / spelled.len()).max(1);
        let mut next = Vec::with_capacity(spelled.len() * parts.len().min(kept));
        for part in parts.into_iter().take(kept) {
            next.extend(spelled.iter().map(|head| format!("{head}{part}")));
        }
        spelled = next;
    }
    spelled
}

/// 吕 is typed `lv`, and written `lyu` in passports.
fn full_forms(reading: &str) -> Vec<String> {
    match reading.strip_suffix('v') {
        Some(initial) if matches!(initial, "l" | "n") => vec![reading.to_owned(), format!("{initial}yu")],
        _ => vec![reading.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(mut names: Vec<&str>) -> Vec<&str> {
        names.sort_by_key(|name| sort_key(name));
        names
    }

    #[test]
    fn names_stand_in_the_order_of_their_pinyin() {
        assert_eq!(
            sorted(vec!["张伟", "王丽", "李安", "连战", "Alice", "王", "汪洋", "曾刚", "陈静", "王磊"]),
            ["Alice", "陈静", "李安", "连战", "汪洋", "王", "王磊", "王丽", "曾刚", "张伟"]
        );
    }

    #[test]
    fn surnames_are_read_as_surnames() {
        let read = [
            ("曾丽", "zengli"),
            ("单雄信", "shanxiongxin"),
            ("仇英", "qiuying"),
            ("解缙", "xiejin"),
            ("区志强", "ouzhiqiang"),
            ("查良镛", "zhaliangyong"),
            ("任熙", "renxi"),
            ("朴信", "piaoxin"),
            ("翟静", "zhaijing"),
            ("盖文", "gewen"),
            ("乐嘉", "yuejia"),
            ("万俟雪", "moqixue"),
            ("尉迟恭", "yuchigong"),
            ("长孙无忌", "zhangsunwuji"),
            ("欧阳修", "ouyangxiu"),
            ("吕芳", "lvfang"),
            ("李行乐", "lixingle"),
        ];
        for (name, pinyin) in read {
            assert_eq!(full_pinyin(name), pinyin, "{name}");
        }
    }

    #[test]
    fn other_readings_of_a_name_are_found_too() {
        let zeng = search_text("曾丽");
        for spelling in ["曾丽", "zengli", "cengli", "zl", "cl"] {
            assert!(zeng.lines().any(|line| line == spelling), "{spelling} in {zeng:?}");
        }
        let lv = search_text("吕芳");
        assert!(lv.contains("lvfang") && lv.contains("lyufang"));
        assert!(search_text("Ann Lee").lines().eq(["ann lee"]));
    }

    #[test]
    fn spellings_are_bounded_for_long_names() {
        let lines = search_text(&"乐长行重朝曾单".repeat(18)).lines().count();
        assert!(lines <= 1 + 2 * MAX_SPELLINGS, "{lines}");
    }

    #[test]
    fn initials_make_identifiers() {
        assert_eq!(initials("心血管内科"), "xxgnk");
        assert_eq!(initials("ICU病房 2"), "icubf2");
        assert_eq!(initials("★"), "");
    }
}
