//! Programs in their two notations, and the names of the language and of the tasks.

use karel::notation::read_one;
use karel::rules::{Kind, Profile, KINDS, PROFILES};
use karel::search_space::SearchSpace;
use karel::syntax::{ACTIONS, PERCEPTIONS};
use karel::{terms, tokens};
use pyo3::prelude::*;

use super::error::Answer;

/// A program in tokens (or as a λ-term) as a λ-term.
#[pyfunction]
pub fn karel_term(text: &str) -> Answer<String> {
    Ok(terms::print(&read_one(text)?))
}

/// A program as a λ-term (or in tokens) in tokens.
#[pyfunction]
pub fn karel_tokens(text: &str) -> Answer<String> {
    Ok(tokens::print(&read_one(text)?))
}

/// Why a profile's own search would not write this program, None if it could.
#[pyfunction]
pub fn karel_outside(text: &str, profile: &str) -> Answer<Option<String>> {
    Ok(SearchSpace::of(Profile::named(profile)?).excludes(&read_one(text)?))
}

/// Actions and perceptions in the order of their numbers.
#[pyfunction]
pub fn karel_vocabulary() -> (Vec<&'static str>, Vec<&'static str>) {
    (
        ACTIONS.iter().map(|action| action.name()).collect(),
        PERCEPTIONS.iter().map(|perception| perception.name()).collect(),
    )
}

/// Every task of every profile: (profile, task, height, width, whether sparse by default, whether it can be sparse).
#[pyfunction]
pub fn karel_tasks() -> Vec<(&'static str, &'static str, usize, usize, bool, bool)> {
    let of = |profile: Profile| {
        KINDS.into_iter().filter(move |kind| *kind != Kind::Free && kind.is_in(profile)).map(move |kind| {
            let (height, width) = kind.size(profile);
            let twin = profile == Profile::ProgPolicies && kind.has_sparse_twin();
            (profile.name(), kind.name(), height, width, kind.is_sparse_by_default(profile), twin)
        })
    };
    PROFILES.into_iter().flat_map(of).collect()
}
