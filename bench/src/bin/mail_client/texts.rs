//! Mail that says something, for searches: English and Chinese words as often as words of a language are, some of them known beforehand.

use crate::Chance;

/// In every second message, and in one of ten thousand.
pub const COMMON: [&str; 2] = ["quarterly", "年度预算"];
pub const RARE: [&str; 2] = ["quetzalcoatl", "饕餮宴席"];
pub const COMMON_EVERY: usize = 2;
pub const RARE_EVERY: usize = 10_000;

/// Words that the texts are made of, the first much more often than the last.
const ENGLISH_WORDS: u64 = 40_000;
const CHINESE_CHARACTERS: u64 = 3_000;

/// As words are spread: the chance of a word falls with its place.
fn place(chance: &mut Chance, count: u64) -> u64 {
    let uniform = (chance.next() >> 11) as f64 / (1_u64 << 53) as f64;
    ((count as f64).powf(uniform) as u64).min(count - 1)
}

fn english(number: u64) -> String {
    const SYLLABLES: [&str; 24] = [
        "ba", "con", "de", "er", "fi", "gra", "hu", "in", "jo", "ka", "lo", "men", "ni", "or", "pro", "re", "sta", "tion", "ur", "ver",
        "wi", "ex", "ly", "za",
    ];
    let mut chance = Chance::new(number + 7_000_000);
    (0..1 + number.ilog2().max(3) / 4).map(|_| SYLLABLES[(chance.next() % 24) as usize]).collect()
}

fn chinese(number: u64) -> char {
    char::from_u32(0x4e00 + (number * 7 % 20_900) as u32).unwrap_or('的')
}

/// Half of it English, half of it Chinese.
pub fn message(chance: &mut Chance, index: usize, bytes: usize) -> Vec<u8> {
    let mut text = format!(
        "From: Sender <sender@elsewhere.test>\r\nTo: User <user@bench.test>\r\nSubject: Message number {index}\r\nDate: Sat, 21 Nov 2026 09:42:17 +0800\r\nMessage-ID: <{index}.{:016x}@elsewhere.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
        chance.next()
    );
    for (words, every) in [(COMMON, COMMON_EVERY), (RARE, RARE_EVERY)] {
        if index.is_multiple_of(every) {
            text.push_str(&format!("It is {} now.\r\n现在是{}了。\r\n", words[0], words[1]));
        }
    }
    while text.len() < bytes {
        let words: Vec<String> = (0..11).map(|_| english(place(chance, ENGLISH_WORDS) + 1)).collect();
        let characters: String = (0..24).map(|_| chinese(place(chance, CHINESE_CHARACTERS))).collect();
        text.push_str(&format!("{}.\r\n{characters}。\r\n", words.join(" ")));
    }
    text.into_bytes()
}
