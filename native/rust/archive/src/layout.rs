//! From a descriptor to the cell that it falls into.

use crate::axis::Axis;
use crate::kd_tree::KdTree;

/// What happens to a descriptor outside the range of an axis.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outside {
    /// It counts as the nearest value inside.
    Clip,
    /// The candidate is not taken.
    Drop,
}

/// How behavior space is divided.
#[derive(Clone, Debug)]
pub enum Layout {
    Grid(Vec<Axis>),
    /// The cell of a descriptor is that of the nearest centroid, by the distance in units of the axes' ranges.
    Centroids {
        axes: Vec<Axis>,
        tree: KdTree,
    },
    /// Elites are at least `radius` apart, or the newer one has to be better, in units of the axes' ranges.
    Unstructured {
        axes: Vec<Axis>,
        radius: f64,
    },
    /// At most `capacity` elites, which compete by dominated novelty over `neighbors` neighbors.
    Dominated {
        axes: Vec<Axis>,
        capacity: usize,
        neighbors: usize,
    },
}

impl Layout {
    /// Cells of the nearest of `centroids`, one after the other, in the units of the axes.
    pub fn centroids(axes: Vec<Axis>, centroids: &[f64]) -> Self {
        let scaled: Vec<f64> = centroids.chunks(axes.len()).flat_map(|point| scaled(&axes, point)).collect();
        let tree = KdTree::new(axes.len(), &scaled);
        Self::Centroids { axes, tree }
    }

    pub fn axes(&self) -> &[Axis] {
        match self {
            Self::Grid(axes)
            | Self::Centroids { axes, .. }
            | Self::Unstructured { axes, .. }
            | Self::Dominated { axes, .. } => axes,
        }
    }

    /// The number of cells; None if it is not fixed.
    pub fn cells(&self) -> Option<u64> {
        match self {
            Self::Grid(axes) => axes.iter().try_fold(1_u64, |product, axis| product.checked_mul(axis.bins() as u64)),
            Self::Centroids { tree, .. } => Some(tree.len() as u64),
            Self::Unstructured { .. } => None,
            Self::Dominated { capacity, .. } => Some(*capacity as u64),
        }
    }

    /// Whether every number of a descriptor is within the range of its axis.
    pub fn contains(&self, descriptor: &[f64]) -> bool {
        self.axes().iter().zip(descriptor).all(|(axis, value)| axis.contains(*value))
    }

    /// A descriptor in units of the axes' ranges, clipped to them.
    pub fn scaled(&self, descriptor: &[f64]) -> Vec<f64> {
        scaled(self.axes(), descriptor)
    }

    /// The cell of a descriptor, where cells are fixed.
    pub fn cell(&self, descriptor: &[f64]) -> Option<u64> {
        match self {
            Self::Grid(axes) => Some(
                axes.iter()
                    .zip(descriptor)
                    .fold(0, |cell, (axis, value)| cell * axis.bins() as u64 + axis.bin(*value) as u64),
            ),
            Self::Centroids { axes, tree } => {
                let mut point = [0.0; 8];
                let nearest = if axes.len() <= point.len() {
                    for ((slot, axis), value) in point.iter_mut().zip(axes).zip(descriptor) {
                        *slot = scale(axis, *value);
                    }
                    tree.nearest(&point[..axes.len()])
                } else {
                    tree.nearest(&scaled(axes, descriptor))
                };
                Some(u64::from(nearest))
            }
            Self::Unstructured { .. } | Self::Dominated { .. } => None,
        }
    }
}

fn scale(axis: &Axis, value: f64) -> f64 {
    ((value - axis.low()) / (axis.high() - axis.low())).clamp(0.0, 1.0)
}

fn scaled(axes: &[Axis], descriptor: &[f64]) -> Vec<f64> {
    axes.iter().zip(descriptor).map(|(axis, value)| scale(axis, *value)).collect()
}
