//! Every step finds the best abstraction: beside a brute-force oracle and beside a search with simple bounds. Whole
//! libraries are what they are said to be, counted anew.

mod brute_force;
mod oracle;
mod plain_search;
#[path = "../published/mod.rs"]
mod published;
mod rewriting;
mod whole_library;
