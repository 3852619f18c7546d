//! Complete patterns with repeated closed parts of the body turned into parameters.
//!
//! Such a parameter has the same argument at every location, which costs something at every call; it pays only where
//! the body repeats the argument more often than the abstraction is called. The search leaves these patterns out and
//! tries them here, on the patterns that come close enough to the best (see `bounds`).

use crate::corpus::Corpus;
use crate::term::{FastMap, Id, Node, Terms};

/// A closed part of a body.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    pub term: Id,
    pub node: u32,
    pub cost: i64,
}

/// The closed proper parts of a body, dearest first. They are terms of the corpus, being in
/// every location of the pattern.
pub fn closed_parts(terms: &Terms, corpus: &Corpus, body: Id) -> Vec<Part> {
    let reachable = terms.reachable([body]);
    let mut open: FastMap<Id, bool> = FastMap::default();
    for &id in &reachable {
        let has_parameter = match terms.node(id) {
            Node::Parameter(_) => true,
            Node::Lambda(inner) => open[&inner],
            Node::Apply(function, argument) => open[&function] || open[&argument],
            _ => false,
        };
        open.insert(id, has_parameter);
    }
    let mut parts: Vec<Part> = reachable
        .into_iter()
        .filter(|id| *id != body && !open[id] && terms.is_closed(*id))
        .filter_map(|term| {
            let node = corpus.place(term)?;
            Some(Part { term, node, cost: corpus.cost[node as usize] })
        })
        .collect();
    parts.sort_by_key(|part| (std::cmp::Reverse(part.cost), part.term));
    parts
}

/// The body with every copy of a closed part replaced by a parameter; with `eta_long` but those that are applied.
pub fn replace(terms: &mut Terms, body: Id, part: Id, parameter: u32, eta_long: bool) -> Id {
    let mut new: FastMap<Id, Id> = FastMap::default();
    for id in terms.reachable([body]) {
        let node = match terms.node(id) {
            _ if id == part => Node::Parameter(parameter),
            Node::Lambda(inner) => Node::Lambda(new[&inner]),
            Node::Apply(function, argument) if eta_long && function == part => Node::Apply(function, new[&argument]),
            Node::Apply(function, argument) => Node::Apply(new[&function], new[&argument]),
            other => other,
        };
        let made = terms.intern(node);
        new.insert(id, made);
    }
    new[&body]
}

/// The copies of a closed part in a body that `replace` replaces.
pub fn copies(terms: &Terms, body: Id, part: Id, eta_long: bool) -> f64 {
    let mut counts: FastMap<Id, f64> = FastMap::default();
    for id in terms.reachable([body]) {
        let count = match terms.node(id) {
            _ if id == part => 1.0,
            Node::Lambda(inner) => counts[&inner],
            Node::Apply(function, argument) if eta_long && function == part => counts[&argument],
            Node::Apply(function, argument) => counts[&function] + counts[&argument],
            _ => 0.0,
        };
        counts.insert(id, count);
    }
    counts[&body]
}
