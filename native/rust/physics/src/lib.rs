//! Walkers in the plane: joints with mass, connected by bones and by muscles that contract in rhythm, over a terrain.
//!
//! A walker is placed on the terrain, settles without using its muscles, and then moves for a given time. What counts is
//! the displacement of its center of mass from where it had come to rest.
//!
//! ```
//! use physics::simulation::Simulation;
//! use physics::terrain::Terrain;
//! use physics::walker::{Muscle, Walker};
//!
//! let walker = Walker::new(
//!     vec![(0.0, 0.0), (4.0, 0.0), (2.0, 3.0)],
//!     vec![Muscle::bone(0, 1), Muscle::bone(1, 2), Muscle::elastic(2, 0, 8.0, 0.0)],
//! )
//! .unwrap();
//! let result = Simulation::default().run(&walker, Terrain::Flat, 5000).unwrap();
//! assert!(result.displacement.abs() > 0.0);
//! ```

pub mod batch;
pub mod body;
pub mod error;
pub mod simulation;
pub mod terrain;
pub mod walker;
