//! Passwords for people to type once, read from paper or a telephone.

use kernel::Rng;

// Without i, l, o, I, O, 0 and 1, which are mistaken for each other.
const LOWER: &[u8] = b"abcdefghjkmnpqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ";
const DIGITS: &[u8] = b"23456789";

const GROUP: usize = 4;
const MIN_GROUPS: usize = 3;

/// A password such as `mK7q-Tw4x-9pHd`: no characters that look alike, of every kind a policy may ask for, at least `min_length` characters and at least
/// 66 bits of chance.
pub fn generate_initial(rng: &dyn Rng, min_length: usize) -> String {
    let alphabet: Vec<u8> = [LOWER, UPPER, DIGITS].concat();
    // Each group adds its hyphen, the first one does not.
    let groups = (min_length + 1).div_ceil(GROUP + 1).max(MIN_GROUPS);
    loop {
        let symbols: Vec<u8> = std::iter::repeat_with(|| pick(rng, &alphabet)).take(groups * GROUP).collect();
        // Thrown away as a whole when a kind is missing, so that every position stays equally likely; about one in five is.
        if [LOWER, UPPER, DIGITS].iter().all(|kind| symbols.iter().any(|symbol| kind.contains(symbol))) {
            let parts: Vec<&str> = symbols.chunks(GROUP).map(|group| std::str::from_utf8(group).expect("the alphabet is ASCII")).collect();
            return parts.join("-");
        }
    }
}

/// One symbol, each equally likely.
fn pick(rng: &dyn Rng, alphabet: &[u8]) -> u8 {
    let fair = 256 - 256 % alphabet.len();
    loop {
        let [byte] = rng.bytes::<1>();
        if usize::from(byte) < fair {
            return alphabet[usize::from(byte) % alphabet.len()];
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;

    use super::*;

    /// SplitMix64: good enough to look like chance.
    struct Sequence(Mutex<u64>);

    impl Rng for Sequence {
        fn fill(&self, bytes: &mut [u8]) {
            for byte in bytes {
                let mut state = self.0.lock().unwrap();
                *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                *byte = (mixed >> 56) as u8;
            }
        }
    }

    #[test]
    fn generated_passwords_are_readable_of_every_kind_and_never_the_same() {
        let rng = Sequence(Mutex::new(7));
        let made: HashSet<String> = (0..500).map(|_| generate_initial(&rng, 8)).collect();
        assert_eq!(made.len(), 500);
        for password in &made {
            assert_eq!(password.len(), 14, "{password}");
            assert!(password.bytes().any(|byte| byte.is_ascii_lowercase()), "{password}");
            assert!(password.bytes().any(|byte| byte.is_ascii_uppercase()), "{password}");
            assert!(password.bytes().any(|byte| byte.is_ascii_digit()), "{password}");
            assert!(!password.contains(['i', 'l', 'o', 'I', 'O', '0', '1']), "{password}");
        }
    }

    #[test]
    fn a_policy_that_asks_for_more_gets_more() {
        let rng = Sequence(Mutex::new(1));
        for min_length in [0, 14, 15, 19, 20, 64, 128] {
            assert!(generate_initial(&rng, min_length).len() >= min_length);
        }
    }
}
