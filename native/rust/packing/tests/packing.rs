//! Packings against a plain simulation that looks at every bin, first fit and best fit by hand, and what is refused.

use packing::{Error, Packing, Priorities};
use proptest::prelude::*;

const CAPACITY: usize = 12;

fn table(priority: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let side = 0..=CAPACITY;
    side.clone()
        .flat_map(|size| side.clone().map(|space| priority(size as f64, space as f64)).collect::<Vec<_>>())
        .collect()
}

/// All bins in a list, the empty one last; the first of those with the highest priority.
fn plain(table: &[f64], items: &[u16]) -> Packing {
    let mut bins: Vec<usize> = Vec::new();
    let mut early = 0;
    for size in items.iter().map(|&item| usize::from(item)) {
        let open = bins.len();
        bins.push(CAPACITY);
        let mut best: Option<usize> = None;
        for (number, &space) in bins.iter().enumerate().filter(|(_, &space)| space >= size) {
            let better =
                |other: usize| table[size * (CAPACITY + 1) + space] > table[size * (CAPACITY + 1) + bins[other]];
            if best.is_none_or(better) {
                best = Some(number);
            }
        }
        let chosen = best.unwrap();
        early += usize::from(chosen == open && bins[..open].iter().any(|&space| space >= size));
        bins[chosen] -= size;
        bins.retain(|&space| space < CAPACITY);
    }
    Packing { bins: bins.len(), full: bins.iter().filter(|&&space| space == 0).count(), early }
}

proptest! {
    #[test]
    fn packings_are_those_of_a_plain_simulation(
        // Few distinct priorities make many ties.
        table in prop::collection::vec((-3i8..3).prop_map(f64::from), (CAPACITY + 1) * (CAPACITY + 1)),
        items in prop::collection::vec(1u16..=CAPACITY as u16, 0..60),
    ) {
        let found = Priorities::new(CAPACITY, table.clone()).unwrap().pack(&items).unwrap();
        prop_assert_eq!(found, plain(&table, &items));
    }
}

#[test]
fn first_fit_and_best_fit_differ_as_by_hand() {
    let items = [6, 8, 4, 6, 2];
    // First fit: 6+4+2, 8, 6 and best fit: 6+6, 8+4, 2.
    let first = Priorities::new(CAPACITY, table(|_, _| 0.0)).unwrap().pack(&items).unwrap();
    let best = Priorities::new(CAPACITY, table(|_, space| -space)).unwrap().pack(&items).unwrap();
    assert_eq!(first, Packing { bins: 3, full: 1, early: 0 });
    assert_eq!(best, Packing { bins: 3, full: 2, early: 0 });
    let worst = Priorities::new(CAPACITY, table(|_, space| space)).unwrap().pack(&items).unwrap();
    assert_eq!(worst, Packing { bins: 5, full: 0, early: 3 });
}

#[test]
fn what_is_no_heuristic_or_item_is_refused() {
    assert_eq!(Priorities::new(0, vec![0.0]).unwrap_err(), Error::Capacity(0));
    assert_eq!(Priorities::new(2, vec![0.0; 8]).unwrap_err(), Error::Length { expected: 9, found: 8 });
    let mut not = vec![f64::NAN; 9]; // sizes that do not fit have no priority
    for entry in [4, 5, 8] {
        not[entry] = f64::INFINITY;
    }
    let two = Priorities::new(2, not.clone()).unwrap();
    assert_eq!(two.pack(&[1, 3]).unwrap_err(), Error::Item(3));
    assert_eq!(two.pack(&[0]).unwrap_err(), Error::Item(0));
    not[5] = f64::NAN;
    assert_eq!(Priorities::new(2, not).unwrap_err(), Error::NotANumber { size: 1, space: 2 });
}
