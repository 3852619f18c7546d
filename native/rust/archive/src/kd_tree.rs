//! The nearest of many points, by a k-d tree (Bentley, CACM 1975).

/// Points of `dimensions` numbers. Equally near points: the one with the lowest number is the nearest.
#[derive(Clone, PartialEq, Debug)]
pub struct KdTree {
    dimensions: usize,
    /// Coordinates in the order of the tree: the median of a range splits the range, which `order` numbers.
    points: Vec<f64>,
    order: Vec<u32>,
}

/// Ranges of this size are searched one point after the other.
const LEAF: usize = 8;

struct Nearest {
    distance: f64,
    number: u32,
}

impl KdTree {
    /// `coordinates` are the points one after the other; at most 2³² − 1 of them.
    pub fn new(dimensions: usize, coordinates: &[f64]) -> Self {
        assert!(dimensions > 0 && coordinates.len() % dimensions == 0);
        let mut order: Vec<u32> = (0..(coordinates.len() / dimensions) as u32).collect();
        sort(dimensions, coordinates, &mut order, 0);
        let points = order
            .iter()
            .flat_map(|number| {
                let start = *number as usize * dimensions;
                coordinates[start..start + dimensions].iter().copied()
            })
            .collect();
        Self { dimensions, points, order }
    }

    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The number of the point nearest to `target`; there must be one.
    pub fn nearest(&self, target: &[f64]) -> u32 {
        let mut best = Nearest { distance: f64::INFINITY, number: u32::MAX };
        self.search(target, 0, self.order.len(), 0, &mut best);
        best.number
    }

    fn search(&self, target: &[f64], start: usize, end: usize, axis: usize, best: &mut Nearest) {
        if end - start <= LEAF {
            for place in start..end {
                self.visit(target, place, best);
            }
            return;
        }
        let middle = start + (end - start) / 2;
        self.visit(target, middle, best);
        let offset = target[axis] - self.points[middle * self.dimensions + axis];
        let next = (axis + 1) % self.dimensions;
        let (near, far) =
            if offset < 0.0 { ((start, middle), (middle + 1, end)) } else { ((middle + 1, end), (start, middle)) };
        self.search(target, near.0, near.1, next, best);
        if offset * offset <= best.distance {
            self.search(target, far.0, far.1, next, best);
        }
    }

    fn visit(&self, target: &[f64], place: usize, best: &mut Nearest) {
        let start = place * self.dimensions;
        let distance = squared_distance(target, &self.points[start..start + self.dimensions]);
        let number = self.order[place];
        if distance < best.distance || (distance == best.distance && number < best.number) {
            *best = Nearest { distance, number };
        }
    }
}

/// The square of the Euclidean distance.
pub fn squared_distance(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn sort(dimensions: usize, coordinates: &[f64], order: &mut [u32], axis: usize) {
    if order.len() <= LEAF {
        return;
    }
    let middle = order.len() / 2;
    let at = |number: &u32| coordinates[*number as usize * dimensions + axis];
    order.select_nth_unstable_by(middle, |a, b| at(a).total_cmp(&at(b)).then(a.cmp(b)));
    let next = (axis + 1) % dimensions;
    let (before, rest) = order.split_at_mut(middle);
    sort(dimensions, coordinates, before, next);
    sort(dimensions, coordinates, &mut rest[1..], next);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        // Few distinct coordinates, so that many distances are equal.
        #[test]
        fn the_nearest_is_that_of_a_plain_search(
            dimensions in 1..4_usize,
            points in prop::collection::vec((-3..4_i32).prop_map(f64::from), 3..200),
            target in prop::collection::vec((-8..9_i32).prop_map(|x| f64::from(x) / 2.0), 3),
        ) {
            let whole = points.len() / dimensions * dimensions;
            let (points, target) = (&points[..whole], &target[..dimensions]);
            let distances: Vec<f64> = points.chunks(dimensions).map(|point| squared_distance(point, target)).collect();
            let plain = (0..distances.len()).min_by(|a, b| distances[*a].total_cmp(&distances[*b])).unwrap();
            prop_assert_eq!(KdTree::new(dimensions, points).nearest(target) as usize, plain);
        }
    }
}
