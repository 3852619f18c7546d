//! Archives of elites: the best programs found for each kind of behavior, as quality-diversity search keeps them.
//!
//! ```
//! use archive::axis::Axis;
//! use archive::cells::{Candidate, Cells, Status};
//! use archive::layout::{Layout, Outside};
//!
//! let axis = Axis::even(0.0, 1.0, 10, false).unwrap();
//! let mut archive = Cells::new(Layout::Grid(vec![axis]), 1, Outside::Clip);
//! let mut offer = |gain, program: &str| {
//!     let candidate = Candidate { gain, language: "lambda", program, descriptor: &[0.25] };
//!     archive.offer("task", &candidate, b"the record")
//! };
//! assert_eq!(offer(1.0, "a"), Ok(Status::New));
//! assert_eq!(offer(0.5, "b"), Ok(Status::Rejected));
//! assert_eq!(offer(2.0, "c"), Ok(Status::Improved));
//! ```

pub mod axis;
pub mod cells;
pub mod centroids;
pub mod competition;
pub mod elite;
pub mod kd_tree;
pub mod layout;
pub mod record;
