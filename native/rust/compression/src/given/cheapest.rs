//! The cheapest form of a term: a dynamic program over subterms and arguments, without recursion.

use std::cell::RefCell;

use crate::error::Error;
use crate::given::matching::{ways, Missing, Ways};
use crate::given::patterns::{Library, Patterns, Shape};
use crate::limits::{Limits, Stop};
use crate::settings::Costs;
use crate::term::{FastMap, Id, Node, Terms};

/// Bytes that a term with its ways is taken to hold.
const BYTES: usize = 256;

/// What stands for a parameter: a term, or a call of a pattern without its last arguments.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Argument {
    Term(Id),
    Call(u32, Vec<Id>),
}

impl Argument {
    pub fn term(&self) -> Option<Id> {
        match self {
            Argument::Term(term) => Some(*term),
            Argument::Call(..) => None,
        }
    }

    fn terms(&self) -> &[Id] {
        match self {
            Argument::Term(term) => std::slice::from_ref(term),
            Argument::Call(_, terms) => terms,
        }
    }
}

/// A call that is cheaper than the term as it is.
struct Call {
    pattern: u32,
    arguments: Vec<Argument>,
}

struct Entry {
    cost: i64,
    call: Option<Call>,
    ways: Ways,
}

pub struct Cheapest<'l> {
    pub library: &'l Library,
    pub costs: &'l Costs,
    pub eta_long: bool,
    entries: FastMap<Id, Entry>,
    /// The ways of terms whose arguments are not known yet.
    waiting: FastMap<Id, Ways>,
    built: FastMap<Id, Id>,
    /// Size and shape of every term, filled as far as they were asked for.
    measures: RefCell<Vec<(u64, Shape)>>,
}

impl<'l> Cheapest<'l> {
    pub fn new(library: &'l Library, costs: &'l Costs, eta_long: bool) -> Self {
        Cheapest {
            library,
            costs,
            eta_long,
            entries: FastMap::default(),
            waiting: FastMap::default(),
            built: FastMap::default(),
            measures: RefCell::default(),
        }
    }

    /// Finds the cheapest form of a term without names of the library, unless a limit is reached.
    pub fn find(&mut self, terms: &mut Terms, root: Id, limits: &mut Limits<'_>) -> Result<Stop, Error> {
        let mut stack = vec![root];
        while let Some(&term) = stack.last() {
            if self.entries.contains_key(&term) {
                stack.pop();
                continue;
            }
            let stop = limits.check(self.entries.len() * BYTES)?;
            if stop != Stop::Proven {
                self.waiting.clear();
                return Ok(stop);
            }
            let before = stack.len();
            let known = &self.entries;
            let unknown = |child: &Id| !known.contains_key(child);
            match terms.node(term) {
                Node::Lambda(body) => stack.extend(Some(body).filter(unknown)),
                Node::Apply(function, argument) => stack.extend([argument, function].into_iter().filter(unknown)),
                _ => {}
            }
            if stack.len() > before {
                continue;
            }
            if !self.waiting.contains_key(&term) {
                match self.all_ways(terms, term) {
                    Ok(found) => drop(self.waiting.insert(term, found)),
                    Err(Missing(other)) => {
                        stack.push(other);
                        continue;
                    }
                }
            }
            let used = self.waiting[&term].filled.iter().flat_map(|(_, filled)| filled.iter().flatten());
            let needed = used.flat_map(Argument::terms).copied();
            stack.extend(needed.filter(|it| !self.entries.contains_key(it)));
            if stack.len() == before {
                self.settle(terms, term);
                stack.pop();
            }
        }
        Ok(Stop::Proven)
    }

    /// The cost of the cheapest form of a term that was found.
    pub fn cost_of(&self, term: Id) -> i64 {
        self.entries[&term].cost
    }

    /// The calls that a term can become; see [`Ways`].
    pub fn calls_at(&self, term: Id) -> Result<&[(u32, Vec<Id>)], Missing> {
        self.entries.get(&term).map(|entry| &entry.ways.calls[..]).ok_or(Missing(term))
    }

    pub fn size_of(&self, terms: &Terms, term: Id) -> u64 {
        self.measure(terms, term).0
    }

    pub fn shape_of(&self, terms: &Terms, term: Id) -> Shape {
        self.measure(terms, term).1
    }

    fn measure(&self, terms: &Terms, term: Id) -> (u64, Shape) {
        let mut known = self.measures.borrow_mut();
        for id in known.len()..=term as usize {
            let measure = match terms.node(id as Id) {
                Node::Lambda(body) => {
                    let (size, shape) = known[body as usize];
                    (size.saturating_add(1), Shape { lambdas: shape.lambdas + 1, ..shape })
                }
                Node::Apply(function, argument) => {
                    let (size, shape) = known[function as usize];
                    let size = size.saturating_add(known[argument as usize].0).saturating_add(1);
                    let head = if shape.lambdas > 0 { Node::Lambda(0) } else { shape.head };
                    let arguments = if shape.lambdas > 0 { 1 } else { shape.arguments + 1 };
                    (size, Shape { lambdas: 0, head, arguments })
                }
                leaf => (1, Shape { lambdas: 0, head: leaf, arguments: 0 }),
            };
            known.push(measure);
        }
        known[term as usize]
    }

    /// Every way to call an abstraction at a term whose parts are known.
    fn all_ways(&self, terms: &mut Terms, term: Id) -> Result<Ways, Missing> {
        let mut found = Ways::default();
        if self.eta_long && matches!(terms.node(term), Node::Lambda(_)) {
            return Ok(found);
        }
        let Patterns { all, index, .. } = &self.library.patterns;
        for number in index.candidates(self, terms, term)? {
            for filled in ways(self, terms, &all[number as usize], term, None)? {
                found.add(number, filled);
            }
        }
        if self.eta_long {
            return Ok(found);
        }
        // A parameter that is applied can be such a call without its last arguments; what this makes are no such calls.
        for (called, arguments) in &found.calls {
            for number in index.candidates_at_call(self, terms, term, arguments)? {
                let pattern = &all[number as usize];
                let more = ways(self, terms, pattern, term, Some((*called, arguments)))?;
                found.filled.extend(more.into_iter().map(|filled| (number, filled)));
            }
        }
        Ok(found)
    }

    fn settle(&mut self, terms: &Terms, term: Id) {
        let kept = match terms.node(term) {
            Node::Lambda(body) => self.costs.lambda.saturating_add(self.cost_of(body)),
            Node::Apply(function, argument) => {
                self.costs.apply.saturating_add(self.cost_of(function)).saturating_add(self.cost_of(argument))
            }
            Node::Name(symbol) => self.costs.name(symbol),
            Node::Variable(_) | Node::Parameter(_) => self.costs.variable,
        };
        let ways = self.waiting.remove(&term).unwrap_or_default();
        let (mut cost, mut call) = (kept, None);
        for (pattern, filled) in &ways.filled {
            let Some(arguments) = filled.iter().map(|options| self.least(options)).collect::<Option<Vec<_>>>() else {
                continue;
            };
            let name = self.costs.name(self.library.patterns.all[*pattern as usize].name);
            let price = arguments
                .iter()
                .fold(name, |sum, (price, _)| sum.saturating_add(self.costs.apply).saturating_add(*price));
            if price < cost {
                cost = price;
                let arguments = arguments.into_iter().map(|(_, it)| it.clone()).collect();
                call = Some(Call { pattern: *pattern, arguments });
            }
        }
        self.entries.insert(term, Entry { cost, call, ways });
    }

    fn least<'o>(&self, options: &'o [Argument]) -> Option<(i64, &'o Argument)> {
        options.iter().map(|it| (self.price(it), it)).min_by_key(|&(price, _)| price)
    }

    fn price(&self, argument: &Argument) -> i64 {
        match argument {
            Argument::Term(term) => self.cost_of(*term),
            Argument::Call(pattern, terms) => {
                let name = self.costs.name(self.library.patterns.all[*pattern as usize].name);
                let each =
                    |sum: i64, &term: &Id| sum.saturating_add(self.costs.apply).saturating_add(self.cost_of(term));
                terms.iter().fold(name, each)
            }
        }
    }

    /// The cheapest form of a term that was found.
    pub fn built(&mut self, terms: &mut Terms, root: Id) -> Result<Id, Error> {
        let mut stack = vec![root];
        while let Some(&term) = stack.last() {
            if self.built.contains_key(&term) {
                stack.pop();
                continue;
            }
            let entry = self.entries.get(&term).ok_or_else(|| Error::internal("a term without a cheapest form"))?;
            let parts: Vec<Id> = match (&entry.call, terms.node(term)) {
                (Some(call), _) => call.arguments.iter().flat_map(Argument::terms).copied().collect(),
                (None, Node::Lambda(body)) => vec![body],
                (None, Node::Apply(function, argument)) => vec![function, argument],
                (None, _) => Vec::new(),
            };
            let before = stack.len();
            stack.extend(parts.into_iter().filter(|part| !self.built.contains_key(part)));
            if stack.len() > before {
                continue;
            }
            let made = match (&entry.call, terms.node(term)) {
                (Some(call), _) => {
                    let arguments: Vec<Id> = call.arguments.iter().map(|it| self.argument(terms, it)).collect();
                    self.called(terms, call.pattern, &arguments)
                }
                (None, Node::Lambda(body)) => terms.intern(Node::Lambda(self.built[&body])),
                (None, Node::Apply(function, argument)) => {
                    terms.intern(Node::Apply(self.built[&function], self.built[&argument]))
                }
                (None, _) => term,
            };
            self.built.insert(term, made);
            stack.pop();
        }
        Ok(self.built[&root])
    }

    fn argument(&self, terms: &mut Terms, it: &Argument) -> Id {
        match it {
            Argument::Term(term) => self.built[term],
            Argument::Call(pattern, arguments) => {
                let arguments: Vec<Id> = arguments.iter().map(|term| self.built[term]).collect();
                self.called(terms, *pattern, &arguments)
            }
        }
    }

    fn called(&self, terms: &mut Terms, pattern: u32, arguments: &[Id]) -> Id {
        let head = terms.intern(Node::Name(self.library.patterns.all[pattern as usize].name));
        terms.call(head, arguments)
    }
}
