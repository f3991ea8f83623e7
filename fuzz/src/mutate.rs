//! Honest input, changed by chance.

use kernel::Rng;
use testkit::SeededRng;

/// The longest input; what is longer has tests of its own.
const MAX_BYTES: usize = 64 * 1024;
const MOST_CHANGES: usize = 8;
/// Where readers of numbers and of octets change their minds.
const NUMBERS: &[&str] = &["0", "1", "-1", "255", "256", "65536", "2147483648", "4294967295", "4294967296", "18446744073709551616", "1e99"];
const OCTETS: &[u8] = b"\0\t\r\n \"\\(){}[]<>*%,.:;=+-/@#$&'|~0Aa\x7f\x80\xc3\xe4\xff";

/// Draws numbers for one input.
struct Chance(SeededRng);

impl Chance {
    fn below(&self, bound: usize) -> usize {
        let rng: &dyn Rng = &self.0;
        (u64::from_le_bytes(rng.bytes()) % (bound.max(1) as u64)) as usize
    }

    fn of<'a, T>(&self, list: &'a [T]) -> Option<&'a T> {
        list.get(self.below(list.len()))
    }
}

/// Input `number` of a seed.
pub fn input(seed: u64, number: u64, corpus: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let chance = Chance(SeededRng::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number));
    let mut input = chance.of(corpus).cloned().unwrap_or_default();
    for _ in 0..=chance.below(MOST_CHANGES) {
        change(&mut input, &chance, corpus, words);
        input.truncate(MAX_BYTES);
    }
    input
}

fn change(input: &mut Vec<u8>, chance: &Chance, corpus: &[Vec<u8>], words: &[&str]) {
    let at = chance.below(input.len() + 1);
    let end = (at + 1 + chance.below(32)).min(input.len());
    match chance.below(10) {
        0 => {
            if let Some(octet) = input.get_mut(at) {
                *octet ^= 1 << chance.below(8);
            }
        }
        1 => {
            if let (Some(octet), Some(new)) = (input.get_mut(at), chance.of(OCTETS)) {
                *octet = *new;
            }
        }
        2 => input.splice(at..at, chance.of(OCTETS).copied()).for_each(drop),
        3 | 4 => {
            let word = chance.of(words).map_or(&b""[..], |word| word.as_bytes());
            let kept = if chance.below(2) == 0 { at } else { end.max(at) };
            input.splice(at..kept, word.iter().copied()).for_each(drop);
        }
        5 => input.drain(at..end.max(at)).for_each(drop),
        6 => {
            let piece = input[at..end.max(at)].to_vec();
            let times = [1, 2, 10, 300][chance.below(4)];
            input.splice(at..at, piece.repeat(times)).for_each(drop);
        }
        7 => {
            let other = chance.of(corpus).map_or(&[][..], Vec::as_slice);
            let from = chance.below(other.len() + 1);
            let to = from + chance.below(other.len() - from + 1);
            input.splice(at..at, other[from..to].iter().copied()).for_each(drop);
        }
        8 => number(input, at, chance),
        _ => input.truncate(at),
    }
}

/// Puts another number in the place of the next one.
fn number(input: &mut Vec<u8>, at: usize, chance: &Chance) {
    let Some(first) = input[at..].iter().position(u8::is_ascii_digit).map(|found| at + found) else { return };
    let digits = input[first..].iter().take_while(|octet| octet.is_ascii_digit()).count();
    let new = chance.of(NUMBERS).map_or(&b""[..], |number| number.as_bytes());
    input.splice(first..first + digits, new.iter().copied()).for_each(drop);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_and_number_make_the_same_input_and_others_do_not() {
        let corpus = vec![b"a1 FETCH 1:* (FLAGS)\r\n".to_vec(), b"a2 NOOP\r\n".to_vec()];
        let words = ["UID", "(", ")"];
        let made = |seed, number| input(seed, number, &corpus, &words);
        assert_eq!(made(1, 7), made(1, 7));
        let different: std::collections::BTreeSet<_> = (0..1000).map(|number| made(1, number)).collect();
        assert!(different.len() > 800, "only {} differ", different.len());
        assert!(different.iter().all(|input| input.len() <= MAX_BYTES));
    }
}
