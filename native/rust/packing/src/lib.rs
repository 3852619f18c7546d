//! Online bin packing: items go, one after the other, into the bin with the highest priority.
//!
//! A heuristic is a table: the priority of a bin with so much space for an item of such a size. The bins that an item may
//! go into are those with space for it and the next empty one; of several with the highest priority it goes into the
//! first, in the order in which bins were opened. This is the rule of FunSearch (Romera-Paredes et al., *Mathematical
//! discoveries from program search with large language models*, Nature 2024), for priorities that depend on the item and
//! on the space of a bin alone.
//!
//! ```
//! use packing::Priorities;
//!
//! // Best fit: the less space is left, the better.
//! let table = (0..=10).flat_map(|size| (0..=10).map(move |space| size as f64 - space as f64));
//! let best_fit = Priorities::new(10, table.collect()).unwrap();
//! assert_eq!(best_fit.pack(&[6, 7, 3, 4]).unwrap().bins, 2);
//! ```

mod bins;

use bins::Bins;
use std::fmt;

/// The largest capacity of a bin.
pub const LARGEST: usize = 4096;

/// What a packing amounts to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Packing {
    /// The bins that hold an item.
    pub bins: usize,
    /// The bins without space left at the end.
    pub full: usize,
    /// The items for which a bin was opened although one with space for it was open.
    pub early: usize,
}

/// What is wrong with a table or an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// The capacity is 0, or more than `LARGEST`.
    Capacity(usize),
    /// The table has not one number for each size and space from 0 to the capacity.
    Length { expected: usize, found: usize },
    /// A priority is not a number.
    NotANumber { size: usize, space: usize },
    /// An item is empty, or larger than a bin.
    Item(usize),
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Capacity(capacity) => write!(out, "a capacity of {capacity} is not from 1 to {LARGEST}"),
            Self::Length { expected, found } => {
                write!(out, "the table has {found} priorities instead of {expected}")
            }
            Self::NotANumber { size, space } => {
                write!(out, "the priority of a bin with space {space} for an item of size {size} is not a number")
            }
            Self::Item(size) => write!(out, "an item of size {size} fits into no bin, or needs none"),
        }
    }
}

impl std::error::Error for Error {}

/// A heuristic for bins of one capacity.
#[derive(Clone, Debug)]
pub struct Priorities {
    capacity: usize,
    table: Vec<f64>,
}

impl Priorities {
    /// A table with the priority for size `s` and space `p` at `s * (capacity + 1) + p`; entries with `p < s` are not used.
    pub fn new(capacity: usize, table: Vec<f64>) -> Result<Self, Error> {
        if !(1..=LARGEST).contains(&capacity) {
            return Err(Error::Capacity(capacity));
        }
        let side = capacity + 1;
        if table.len() != side * side {
            return Err(Error::Length { expected: side * side, found: table.len() });
        }
        let wrong = (1..side).flat_map(|size| (size..side).map(move |space| (size, space)));
        match wrong.into_iter().find(|(size, space)| table[size * side + space].is_nan()) {
            Some((size, space)) => Err(Error::NotANumber { size, space }),
            None => Ok(Self { capacity, table }),
        }
    }

    /// Packs items, in order.
    pub fn pack(&self, items: &[u16]) -> Result<Packing, Error> {
        let mut bins = Bins::new(self.capacity);
        for &item in items {
            let size = usize::from(item);
            if !(1..=self.capacity).contains(&size) {
                return Err(Error::Item(size));
            }
            bins.place(size, &self.table[size * (self.capacity + 1)..][..=self.capacity]);
        }
        Ok(bins.packing())
    }
}
