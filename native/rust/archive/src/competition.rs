//! Dominated novelty search (Bahlous-Boldi, Faldor, Grillotti, Janmohamed, Coiffard, Spector and Cully, 2025): the elites
//! that stay are those far from everything better.

use std::cmp::Ordering;

use crate::elite::Elite;
use crate::kd_tree::squared_distance;

/// Which of the elites survive: the `capacity` with the greatest mean distance to the nearest `neighbors` better ones.
///
/// The best elite has no better one and always survives. Of equally novel elites the better one does.
pub fn survivors(elites: &[(&Elite, &[f64])], capacity: usize, neighbors: usize) -> Vec<bool> {
    let mut best_first: Vec<usize> = (0..elites.len()).collect();
    best_first.sort_by(|a, b| elites[*a].0.order(elites[*b].0));
    let mut novelty = vec![f64::INFINITY; elites.len()];
    let mut distances = Vec::new();
    for (position, place) in best_first.iter().enumerate().skip(1) {
        distances.clear();
        distances.extend(
            best_first[..position].iter().map(|better| squared_distance(elites[*place].1, elites[*better].1).sqrt()),
        );
        let count = neighbors.min(distances.len());
        if count < distances.len() {
            distances.select_nth_unstable_by(count, f64::total_cmp);
        }
        // Sorted, so that the sum does not depend on the order in which selecting left them.
        distances[..count].sort_unstable_by(f64::total_cmp);
        novelty[*place] = distances[..count].iter().sum::<f64>() / count as f64;
    }
    // Stable: of equally novel ones the better stays first.
    best_first.sort_by(|a, b| novelty[*b].partial_cmp(&novelty[*a]).unwrap_or(Ordering::Equal));
    let mut kept = vec![false; elites.len()];
    for place in best_first.into_iter().take(capacity) {
        kept[place] = true;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn elite(gain: f64, program: &str) -> Elite {
        Elite { gain, language: "lambda".into(), program: program.into(), descriptor: [].into(), line: [].into() }
    }

    #[test]
    fn those_near_to_better_ones_go() {
        let all = [elite(3.0, "best"), elite(2.0, "near the best"), elite(1.0, "far"), elite(0.0, "near the far")];
        let points: [&[f64]; 4] = [&[0.0], &[0.1], &[1.0], &[0.9]];
        let elites: Vec<(&Elite, &[f64])> = all.iter().zip(points).collect();
        assert_eq!(survivors(&elites, 2, 1), [true, false, true, false]);
        assert_eq!(survivors(&elites, 4, 1), [true; 4]);
        assert_eq!(survivors(&elites, 1, 3), [true, false, false, false]);
    }
}
