//! The loop guard's memory: a set of 64-bit keys that is emptied in no time between episodes.

/// An open-addressing hash set; the generation in each slot says whether its key belongs to this episode.
pub struct Guard {
    slots: Vec<(u64, u32)>,
    /// What of a key is not the number of its slot: the slots are 2^(64 - shift).
    shift: u32,
    generation: u32,
    used: usize,
}

impl Guard {
    pub fn new() -> Guard {
        Guard { slots: vec![(0, 0); 64], shift: 58, generation: 1, used: 0 }
    }

    #[inline]
    pub fn clear(&mut self) {
        if self.used > 0 {
            self.used = 0;
            self.generation = self.generation.wrapping_add(1);
            if self.generation == 0 {
                self.slots.fill((0, 0));
                self.generation = 1;
            }
        }
    }

    /// Adds a key, whose upper bits must be well mixed; false if it was there.
    #[inline]
    pub fn insert(&mut self, key: u64) -> bool {
        if self.used * 2 >= self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut place = (key >> self.shift) as usize & mask;
        while self.slots[place].1 == self.generation {
            if self.slots[place].0 == key {
                return false;
            }
            place = (place + 1) & mask;
        }
        self.slots[place] = (key, self.generation);
        self.used += 1;
        true
    }

    fn grow(&mut self) {
        let larger = vec![(0, 0); self.slots.len() * 2];
        let old = std::mem::replace(&mut self.slots, larger);
        self.shift -= 1;
        let mask = self.slots.len() - 1;
        for (key, generation) in old {
            if generation == self.generation {
                let mut place = (key >> self.shift) as usize & mask;
                while self.slots[place].1 == self.generation {
                    place = (place + 1) & mask;
                }
                self.slots[place] = (key, generation);
            }
        }
    }
}
