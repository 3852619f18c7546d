//! The published costs, and settings that tests change where they need others.

use std::collections::{BTreeMap, BTreeSet};

use compression::settings::{Prices, Settings, Shares};

/// Stitch's costs: 100 a name or variable, 1 an application or lambda.
pub fn prices() -> Prices {
    Prices { apply: 1, lambda: 1, variable: 100, primitive: 100, overrides: BTreeMap::new(), shares: Shares::default() }
}

/// Three abstractions of at most two parameters, which two tasks use.
pub fn settings() -> Settings {
    Settings {
        iterations: 3,
        max_arity: 2,
        structure_penalty: 1.0,
        prices: prices(),
        allow_single_task: false,
        eta_long: false,
        first_order: false,
        binding: false,
        prefix: "fn_".to_owned(),
        first_index: 0,
        reserved: BTreeSet::new(),
        timeout: None,
        memory_limit: None,
    }
}
