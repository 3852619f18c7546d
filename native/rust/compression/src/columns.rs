//! What a pattern knows of the places it matches: rows, and columns of nodes beside them, shared between patterns.
//!
//! A child that keeps all rows of its parent shares its columns; one that keeps some has copies of its own. A column
//! lives as long as a pattern that refers to it, and the store counts its bytes.

use std::cell::{Cell, RefCell};
use std::ops::Deref;
use std::rc::Rc;

/// A place that a pattern matches.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub location: u32,
    /// The only task that contains the location, or `MANY`.
    pub task: u32,
    /// The only program that contains the location, or `MANY`.
    pub program: u32,
    /// The occurrences of the location in all programs.
    pub weight: u32,
    /// An upper bound on what one use saves here: the location's cost, less the call, less each argument once.
    pub value: i64,
}

impl Row {
    /// What all occurrences save together at most.
    pub fn worth(&self) -> i64 {
        i64::from(self.weight) * self.value
    }
}

/// Columns that were dropped are kept for the next ones: so many, and none longer than this.
const SPARES: usize = 64;
const LONGEST_SPARE: usize = 1024;

/// Makes columns, and counts the bytes that they hold.
pub struct Store<T>(Rc<Inner<T>>);

struct Inner<T> {
    bytes: Cell<usize>,
    spare: RefCell<Vec<Vec<T>>>,
}

impl<T> Inner<T> {
    fn count(&self, more: usize, less: usize) {
        self.bytes.set(self.bytes.get() + more - less);
    }
}

impl<T> Default for Store<T> {
    fn default() -> Self {
        Store(Rc::new(Inner { bytes: Cell::new(0), spare: RefCell::default() }))
    }
}

impl<T> Store<T> {
    pub fn bytes(&self) -> usize {
        self.0.bytes.get()
    }

    pub fn make(&self, items: impl ExactSizeIterator<Item = T>) -> Shared<T> {
        let mut made = self.0.spare.borrow_mut().pop().unwrap_or_default();
        let before = bytes(&made);
        made.clear();
        if made.capacity() < items.len() {
            // Not by growing: what it holds is not wanted. Powers of two fit more often.
            made = Vec::with_capacity(items.len().next_power_of_two());
        }
        self.0.count(bytes(&made), before);
        made.extend(items);
        Shared(Rc::new(Block { items: made, store: Rc::clone(&self.0) }))
    }
}

fn bytes<T>(items: &Vec<T>) -> usize {
    items.capacity() * size_of::<T>()
}

struct Block<T> {
    items: Vec<T>,
    store: Rc<Inner<T>>,
}

impl<T> Drop for Block<T> {
    fn drop(&mut self) {
        let items = std::mem::take(&mut self.items);
        let mut spare = self.store.spare.borrow_mut();
        if items.capacity() <= LONGEST_SPARE && spare.len() < SPARES {
            spare.push(items);
        } else {
            self.store.count(0, bytes(&items));
        }
    }
}

/// Items that several patterns may hold.
pub struct Shared<T>(Rc<Block<T>>);

/// The rows of a pattern, by ascending location.
pub type Rows = Shared<Row>;
/// A node for each row.
pub type Column = Shared<u32>;

impl<T> Shared<T> {
    /// Whether both are the same column.
    pub fn is(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Shared(Rc::clone(&self.0))
    }
}

impl<T> Deref for Shared<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0.items
    }
}
