//! One dimension of behavior, divided into bins.

/// A dimension: its edges in increasing order, bins + 1 of them. Bin `i` has `edges[i] <= value < edges[i + 1]`; the last
/// one has its upper edge too.
#[derive(Clone, PartialEq, Debug)]
pub struct Axis {
    edges: Vec<f64>,
    /// How to guess a bin from a value, so that it need not be searched for.
    scale: Scale,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Scale {
    Linear,
    Logarithmic,
    Unknown,
}

impl Axis {
    /// `bins` bins of equal width, of equal ratio with `logarithmic`; None unless `low < high`, both finite, and there is a
    /// bin, and `0 < low` for ratios.
    pub fn even(low: f64, high: f64, bins: usize, logarithmic: bool) -> Option<Self> {
        if !(low < high && (high - low).is_finite() && bins > 0) || (logarithmic && low <= 0.0) {
            return None;
        }
        let inner = |place: usize| {
            let share = place as f64 / bins as f64;
            if logarithmic {
                low * (high / low).powf(share)
            } else {
                low + (high - low) * share
            }
        };
        let edges: Vec<f64> = (0..=bins).map(|place| if place == bins { high } else { inner(place) }).collect();
        let scale = if logarithmic { Scale::Logarithmic } else { Scale::Linear };
        increasing(&edges).then_some(Self { edges, scale })
    }

    /// Bins between given edges; None unless there are two or more, finite and in increasing order.
    pub fn between(edges: Vec<f64>) -> Option<Self> {
        (edges.len() > 1 && increasing(&edges)).then_some(Self { edges, scale: Scale::Unknown })
    }

    pub fn bins(&self) -> usize {
        self.edges.len() - 1
    }

    pub fn low(&self) -> f64 {
        self.edges[0]
    }

    pub fn high(&self) -> f64 {
        self.edges[self.bins()]
    }

    pub fn contains(&self, value: f64) -> bool {
        self.low() <= value && value <= self.high()
    }

    /// The bin of a value; the first or last one of a value outside.
    pub fn bin(&self, value: f64) -> usize {
        let last = self.bins() - 1;
        let share = match self.scale {
            Scale::Linear => (value - self.low()) / (self.high() - self.low()),
            Scale::Logarithmic => (value.max(self.low()) / self.low()).ln() / (self.high() / self.low()).ln(),
            Scale::Unknown => {
                return self.edges.partition_point(|edge| *edge <= value).saturating_sub(1).min(last);
            }
        };
        let mut bin = ((share * self.bins() as f64).max(0.0) as usize).min(last);
        // Rounding may have led into the neighboring bin; the edges decide.
        while bin > 0 && value < self.edges[bin] {
            bin -= 1;
        }
        while bin < last && value >= self.edges[bin + 1] {
            bin += 1;
        }
        bin
    }
}

fn increasing(edges: &[f64]) -> bool {
    edges.iter().all(|edge| edge.is_finite()) && edges.windows(2).all(|pair| pair[0] < pair[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_bin_holds_its_value(low in -1e3..1e3, width in 1e-3..1e3, bins in 1..50_usize, share in -0.2..1.2) {
            let axis = Axis::even(low, low + width, bins, false).unwrap();
            let value = low + width * share;
            let bin = axis.bin(value);
            prop_assert_eq!(bin, Axis::between(axis.edges.clone()).unwrap().bin(value));
            if axis.contains(value) {
                prop_assert!(axis.edges[bin] <= value && value <= axis.edges[bin + 1]);
            } else {
                prop_assert_eq!(bin, if value < low { 0 } else { bins - 1 });
            }
        }

        #[test]
        fn a_logarithmic_bin_too(low in 1e-3..10.0, ratio in 1.5..1e4, bins in 1..50_usize, share in -0.2..1.2) {
            let axis = Axis::even(low, low * ratio, bins, true).unwrap();
            let value = low * f64::powf(ratio, share);
            prop_assert_eq!(axis.bin(value), Axis::between(axis.edges.clone()).unwrap().bin(value));
        }

        #[test]
        fn an_edge_begins_its_bin(low in -1e3..1e3, width in 1e-3..1e3, bins in 1..50_usize) {
            let axis = Axis::even(low, low + width, bins, false).unwrap();
            for bin in 0..bins {
                prop_assert_eq!(axis.bin(axis.edges[bin]), bin);
            }
            prop_assert_eq!(axis.bin(axis.high()), bins - 1);
        }
    }

    #[test]
    fn impossible_axes_are_refused() {
        assert_eq!(Axis::even(1.0, 1.0, 3, false), None);
        assert_eq!(Axis::even(0.0, f64::INFINITY, 3, false), None);
        assert_eq!(Axis::even(0.0, 1.0, 0, false), None);
        assert_eq!(Axis::even(0.0, 1.0, 3, true), None);
        assert_eq!(Axis::even(1.0, 1.0 + f64::EPSILON, 3, false), None);
        assert_eq!(Axis::between(vec![1.0]), None);
        assert_eq!(Axis::between(vec![1.0, 1.0]), None);
        assert_eq!(Axis::between(vec![0.0, f64::NAN]), None);
    }
}
