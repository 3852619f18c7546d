//! The open bins, by the space that they have left.

use crate::Packing;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Bins are numbered in the order in which they were opened. Those with the same space have the same priority, so that
/// only the first of them matters: a heap for each space makes a placement cost as many steps as there are spaces.
pub struct Bins {
    spaces: Vec<BinaryHeap<Reverse<u32>>>,
    /// Open bins, and so the number of the next one.
    opened: u32,
    early: usize,
}

impl Bins {
    /// No bin is open.
    pub fn new(capacity: usize) -> Self {
        Self { spaces: vec![BinaryHeap::new(); capacity + 1], opened: 0, early: 0 }
    }

    /// Places an item of a size, by the priority of each space.
    pub fn place(&mut self, size: usize, priorities: &[f64]) {
        let capacity = self.spaces.len() - 1;
        // The empty bin comes after all open ones, and so loses ties.
        let (mut best, mut number, mut space) = (priorities[capacity], self.opened, capacity);
        let mut fits = false;
        // An open bin holds an item, so that none has the space of an empty one.
        for (candidate, &priority) in priorities.iter().enumerate().take(capacity).skip(size) {
            let Some(&Reverse(first)) = self.spaces[candidate].peek() else { continue };
            fits = true;
            if priority > best || (priority == best && first < number) {
                (best, number, space) = (priority, first, candidate);
            }
        }
        if number == self.opened {
            self.opened += 1;
            self.early += usize::from(fits);
        } else {
            self.spaces[space].pop();
        }
        self.spaces[space - size].push(Reverse(number));
    }

    /// What has been packed.
    pub fn packing(&self) -> Packing {
        Packing { bins: self.opened as usize, full: self.spaces[0].len(), early: self.early }
    }
}
