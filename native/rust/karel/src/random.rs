//! Karel's own random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), the same on every machine.

/// Mixes 64 bits so that each input bit changes half of the output bits: SplitMix64's finalizer.
pub fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A generator; two with the same seed give the same numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        // Neighboring seeds would otherwise give streams that are shifts of each other.
        Random(mix(seed ^ 0x6A09_E667_F3BC_C909))
    }

    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// A number below `n` (which is not 0), every one equally likely.
    pub fn below(&mut self, n: usize) -> usize {
        let n = n as u64;
        // Numbers past the last whole multiple of n would make the small ones likelier.
        let limit = u64::MAX - (u64::MAX % n + 1) % n;
        loop {
            let drawn = self.draw();
            if drawn <= limit {
                return (drawn % n) as usize;
            }
        }
    }

    /// A number from `low` to `high`, both possible.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// A number from 0 to 1, without 1.
    pub fn unit(&mut self) -> f64 {
        (self.draw() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        ((self.draw() >> 11) as f64) < probability * (1u64 << 53) as f64
    }

    /// Puts a slice in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}
