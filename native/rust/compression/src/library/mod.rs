//! The search over whole libraries: abstractions that make the programs and the library's own bodies cheaper together.
//!
//! A greedy library is the start. A beam of libraries looks for others of the same size, and from the best of both
//! abstractions are taken out, alone and in pairs, and others learned in their place, as long as that helps
//! (large neighborhood search, Shaw, CP 1998). The work is counted in steps of about equal size, so that it is the same
//! wherever it runs.

pub mod beam;
pub mod expansion;
pub mod joint;
pub mod learner;
pub mod meaning;
pub mod relearning;
pub mod removal;
pub mod settled;
pub mod state;
