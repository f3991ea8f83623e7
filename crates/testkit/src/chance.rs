//! Chance that repeats itself.

use std::sync::Mutex;

use kernel::Rng;

/// The same seed gives the same bytes, so that a test can name what was drawn.
pub struct SeededRng(Mutex<u64>);

impl SeededRng {
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Default for SeededRng {
    fn default() -> Self {
        Self::new(1)
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        let mut state = self.0.lock().expect("nothing panics while it holds this lock");
        for chunk in bytes.chunks_mut(8) {
            // splitmix64
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = *state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let (one, two) = (SeededRng::new(7), SeededRng::new(7));
        let (one, two): (&dyn Rng, &dyn Rng) = (&one, &two);
        assert_eq!(one.bytes::<20>(), two.bytes::<20>());
        assert_ne!(one.bytes::<20>(), one.bytes::<20>());
    }
}
