//! Every step finds the best abstraction: beside a brute-force oracle and beside a search with simple bounds.

mod brute_force;
mod oracle;
mod plain_search;
