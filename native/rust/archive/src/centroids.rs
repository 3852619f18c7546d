//! Centroids of a centroidal Voronoi tessellation of the unit box.
//!
//! Vassiliades, Chatzilygeroudis and Mouret, IEEE TEVC 2018: k-means over points sampled uniformly. The sample begins with
//! the starting centroids, so that each has a point.

use crate::kd_tree::KdTree;

/// Points sampled for each centroid, and at least this many in all.
const POINTS_EACH: usize = 25;
const LEAST_POINTS: usize = 10_000;
/// Lloyd's algorithm ends after this many rounds, or when no point changes its centroid.
const ROUNDS: usize = 50;

/// `count` centroids, one after the other; a function of the arguments alone.
pub fn centroids(count: usize, dimensions: usize, seed: u64) -> Vec<f64> {
    let mut random = SplitMix(seed);
    let size = (count * POINTS_EACH).max(LEAST_POINTS);
    let sample: Vec<f64> = (0..size * dimensions).map(|_| random.unit()).collect();
    let mut found = sample[..count * dimensions].to_vec();
    let mut nearest = vec![u32::MAX; size];
    for _ in 0..ROUNDS {
        let tree = KdTree::new(dimensions, &found);
        let mut sums = vec![0.0; found.len()];
        let mut sizes = vec![0_u32; count];
        let mut changed = false;
        for (point, known) in sample.chunks(dimensions).zip(&mut nearest) {
            let number = tree.nearest(point);
            changed |= *known != number;
            *known = number;
            sizes[number as usize] += 1;
            let start = number as usize * dimensions;
            for (sum, coordinate) in sums[start..start + dimensions].iter_mut().zip(point) {
                *sum += coordinate;
            }
        }
        if !changed {
            break;
        }
        for (number, size) in sizes.iter().enumerate().filter(|(_, size)| **size > 0) {
            for place in number * dimensions..(number + 1) * dimensions {
                found[place] = sums[place] / f64::from(*size);
            }
        }
    }
    found
}

/// Steele, Lea and Flood, OOPSLA 2014.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// In [0, 1).
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn centroids_repeat_and_spread() {
        let found = centroids(100, 2, 7);
        assert_eq!(found, centroids(100, 2, 7));
        assert_ne!(found, centroids(100, 2, 8));
        assert!(found.iter().all(|coordinate| (0.0..1.0).contains(coordinate)));
        // A hundred cells of equal area would be 0.1 wide: centroids do not come close to each other.
        let closest = found
            .chunks(2)
            .enumerate()
            .flat_map(|(number, point)| {
                found.chunks(2).skip(number + 1).map(move |other| crate::kd_tree::squared_distance(point, other))
            })
            .fold(f64::INFINITY, f64::min);
        assert!(closest.sqrt() > 0.04, "{}", closest.sqrt());
    }
}
