//! A library as it is handed out: what is worth nothing is left out, callees come before callers, names are final.

use crate::error::Error;
use crate::rewrite::Macro;
use crate::term::{FastMap, FastSet, Id, Node, Symbol, Terms};
use crate::{Abstraction, Compression};

use super::expansion::expand_fully;
use super::learner::Learner;
use super::state::State;

impl Learner<'_, '_> {
    /// The result of a run, verified: the programs expand back to the originals.
    pub fn settled(&mut self, state: State) -> Result<Compression, Error> {
        let (mut state, worths) = self.fitting(state)?;
        self.rename(&mut state);
        let costs = self.costs_by_number(&state)?;
        let uses = uses(&self.terms, &state);
        let macros = self.macros(&state.library)?;
        let mut abstractions = Vec::with_capacity(macros.len());
        let definitions = self.definitions(&macros)?;
        for (index, (it, (name, definition))) in macros.iter().zip(definitions).enumerate() {
            self.limits.learned(&name, &definition)?;
            abstractions.push(Abstraction {
                name,
                arity: it.arity,
                body: self.terms.text(it.body),
                definition,
                utility: worths[index],
                uses: uses.get(&it.name).copied().unwrap_or(0),
                cost_before: costs[index],
                cost_after: costs[index + 1],
                proven: false,
                visited: 0,
            });
        }
        let text = |&program: &Id| self.terms.text(program);
        Ok(Compression {
            abstractions,
            rewritten: state.tasks.iter().map(|programs| programs.iter().map(text).collect()).collect(),
            cost_before: costs[0],
            cost_after: costs[costs.len() - 1],
            description_length: state.cost,
            visited: self.visited,
            stop: self.limits.stopped(),
        })
    }

    /// The state with callees before callers and without what is worth nothing or does not fit, and each one's worth.
    fn fitting(&mut self, mut state: State) -> Result<(State, Vec<i64>), Error> {
        loop {
            let (mut pruned, worths) = self.pruned(state)?;
            let order = callees_first(&self.terms, &pruned);
            pruned.library = order.iter().map(|&place| pruned.library[place].clone()).collect();
            let macros = self.macros(&pruned.library)?;
            let definitions = self.definitions(&macros)?;
            match self.limits.misfit(&definitions)? {
                None => return Ok((pruned, order.iter().map(|&place| worths[place]).collect())),
                Some(misfit) => state = self.without(&pruned, &[macros[misfit].name])?,
            }
        }
    }

    /// Names and closed terms.
    fn definitions(&mut self, macros: &[Macro]) -> Result<Vec<(String, String)>, Error> {
        let definition = |it: &Macro| {
            let definition = self.terms.definition(it.body, it.arity as u32);
            let definition = definition.ok_or_else(|| Error::internal("a body without a definition"))?;
            Ok((self.terms.name(it.name).to_owned(), self.terms.text(definition)))
        };
        macros.iter().map(definition).collect()
    }

    /// The state without abstractions that are worth nothing, and by how much the objective would rise without each.
    fn pruned(&mut self, mut state: State) -> Result<(State, Vec<i64>), Error> {
        'again: loop {
            let mut worths = Vec::with_capacity(state.library.len());
            for entry in &state.library {
                let less = self.without(&state, &[entry.name])?;
                if less.cost <= state.cost {
                    state = less;
                    continue 'again;
                }
                worths.push(less.cost - state.cost);
            }
            return Ok((state, worths));
        }
    }

    /// Gives the abstractions their names, numbered in their order.
    fn rename(&mut self, state: &mut State) {
        let mut number = self.settings.first_index;
        let mut new: FastMap<Symbol, Id> = FastMap::default();
        for entry in &mut state.library {
            let name = loop {
                let name = format!("{}{number}", self.settings.prefix);
                number = number.saturating_add(1);
                if !self.terms.knows(&name) && !self.settings.reserved.contains(&name) {
                    break name;
                }
            };
            let symbol = self.terms.symbol(&name);
            new.insert(entry.name, self.terms.intern(Node::Name(symbol)));
            entry.name = symbol;
        }
        let mut moved: FastMap<Id, Id> = FastMap::default();
        for id in self.terms.reachable(state.roots().copied()) {
            let renamed = match self.terms.node(id) {
                Node::Name(name) => new.get(&name).copied().unwrap_or(id),
                Node::Lambda(body) => self.terms.intern(Node::Lambda(moved[&body])),
                Node::Apply(function, argument) => self.terms.intern(Node::Apply(moved[&function], moved[&argument])),
                Node::Variable(_) | Node::Parameter(_) => id,
            };
            moved.insert(id, renamed);
        }
        for root in state.roots_mut() {
            *root = moved[root];
        }
        self.sizes.update(&self.terms, &self.costs);
    }

    /// What the programs cost with the first 0, 1, … abstractions, the calls of the others expanded.
    fn costs_by_number(&mut self, state: &State) -> Result<Vec<i64>, Error> {
        let macros = self.macros(&state.library)?;
        let mut programs: Vec<Id> = crate::roots(&state.tasks);
        let mut costs = vec![self.cost(state, &programs)];
        for first in (0..macros.len()).rev() {
            programs = expand_fully(&mut self.terms, &programs, &macros[first..])?;
            costs.push(self.cost(state, &programs));
        }
        if programs != crate::roots(&self.originals) {
            return Err(Error::internal("a rewritten program does not expand to its original"));
        }
        costs.reverse();
        Ok(costs)
    }

    /// What programs cost that stand for those of the state.
    fn cost(&mut self, state: &State, programs: &[Id]) -> i64 {
        let mut rest = programs.iter().copied();
        let tasks: Vec<Vec<Id>> = state.tasks.iter().map(|it| rest.by_ref().take(it.len()).collect()).collect();
        self.sizes.update(&self.terms, &self.costs);
        self.sizes.of_tasks(&tasks, &self.costs.shares)
    }
}

/// The places of the library's abstractions in an order in which each calls only earlier ones; otherwise as learned.
fn callees_first(terms: &Terms, state: &State) -> Vec<usize> {
    let names: FastMap<Symbol, usize> = state.library.iter().enumerate().map(|(at, entry)| (entry.name, at)).collect();
    let called = |body: Id| -> Vec<usize> {
        let name = |id: Id| match terms.node(id) {
            Node::Name(name) => names.get(&name).copied(),
            _ => None,
        };
        let mut called: Vec<usize> = terms.reachable([body]).into_iter().filter_map(name).collect();
        called.sort_unstable();
        called
    };
    let mut order = Vec::with_capacity(state.library.len());
    let mut placed: FastSet<usize> = FastSet::default();
    for place in 0..state.library.len() {
        let mut stack = vec![(place, false)];
        while let Some((place, done)) = stack.pop() {
            if done {
                order.push(place);
            } else if placed.insert(place) {
                stack.push((place, true));
                stack.extend(called(state.library[place].body).into_iter().rev().map(|callee| (callee, false)));
            }
        }
    }
    order
}

/// How often each name occurs in the programs and the bodies.
fn uses(terms: &Terms, state: &State) -> FastMap<Symbol, i64> {
    let mut weights: FastMap<Id, i64> = FastMap::default();
    for &root in state.roots() {
        *weights.entry(root).or_insert(0) += 1;
    }
    let mut uses = FastMap::default();
    for id in terms.reachable(state.roots().copied()).into_iter().rev() {
        let weight = weights[&id];
        let below = match terms.node(id) {
            Node::Name(name) => {
                uses.insert(name, weight);
                [None, None]
            }
            Node::Lambda(body) => [Some(body), None],
            Node::Apply(function, argument) => [Some(function), Some(argument)],
            Node::Variable(_) | Node::Parameter(_) => [None, None],
        };
        for part in below.into_iter().flatten() {
            *weights.entry(part).or_insert(0) += weight;
        }
    }
    uses
}
