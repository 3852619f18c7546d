//! A library without some of its abstractions: their calls are expanded in the programs and in the other bodies.

use crate::error::Error;
use crate::term::{FastMap, FastSet, Id, Node, Symbol, Terms};

use super::expansion::expand_fully;
use super::learner::Learner;
use super::state::{Entry, State};

impl Learner<'_, '_> {
    /// The state without the abstractions of these names. One whose name stands somewhere without all of its arguments
    /// cannot go alone: the abstraction through which it gets them goes too.
    pub fn without(&mut self, state: &State, names: &[Symbol]) -> Result<State, Error> {
        let mut gone: FastSet<Symbol> = names.iter().copied().collect();
        loop {
            let less = self.expanded(state, &gone)?;
            let Some(kept) = stands_alone(&self.terms, &less, &gone) else {
                return Ok(less);
            };
            let other = kept.ok_or_else(|| Error::internal("a program has a name without all of its arguments"))?;
            gone.insert(other);
        }
    }

    fn expanded(&mut self, state: &State, gone: &FastSet<Symbol>) -> Result<State, Error> {
        let (out, mut kept): (Vec<Entry>, Vec<Entry>) =
            state.library.iter().cloned().partition(|entry| gone.contains(&entry.name));
        let macros = self.macros(&out)?;
        let mut roots: Vec<Id> = state.tasks.iter().flatten().copied().collect();
        let programs = roots.len();
        roots.extend(kept.iter().map(|entry| entry.body));
        let roots = expand_fully(&mut self.terms, &roots, &macros)?;
        for (entry, &body) in kept.iter_mut().zip(&roots[programs..]) {
            entry.body = body;
        }
        let mut next = roots.into_iter();
        let tasks = state.tasks.iter().map(|of_task| next.by_ref().take(of_task.len()).collect()).collect();
        Ok(self.state(tasks, kept))
    }
}

/// If one of the names is left, the abstraction through which it gets its arguments: the innermost that has it below an
/// argument of its own, or else one that has it in its body. A program has neither, if it is not one of ours.
fn stands_alone(terms: &Terms, state: &State, gone: &FastSet<Symbol>) -> Option<Option<Symbol>> {
    let names: FastSet<Symbol> = state.library.iter().map(|entry| entry.name).collect();
    let mut heads: FastMap<Id, Symbol> = FastMap::default();
    let mut holds: FastSet<Id> = FastSet::default();
    let reachable = terms.reachable(state.roots().copied());
    for id in reachable {
        match terms.node(id) {
            Node::Name(name) if gone.contains(&name) => drop(holds.insert(id)),
            Node::Name(name) if names.contains(&name) => drop(heads.insert(id, name)),
            Node::Lambda(body) if holds.contains(&body) => drop(holds.insert(id)),
            Node::Apply(function, argument) => {
                let head = heads.get(&function).copied();
                if let (Some(caller), true) = (head, holds.contains(&argument)) {
                    return Some(Some(caller));
                }
                if holds.contains(&function) || holds.contains(&argument) {
                    holds.insert(id);
                }
                if let Some(head) = head {
                    heads.insert(id, head);
                }
            }
            _ => {}
        }
    }
    let within = state.library.iter().find(|entry| holds.contains(&entry.body));
    (!holds.is_empty()).then_some(within.map(|entry| entry.name))
}
