//! A partial pattern: a body with holes, the places it matches, and columns of what stands there.
//!
//! Stitch (Bowers et al., POPL 2023) tabulates every descendant of every node before it searches. Here a pattern holds,
//! for each hole and each parameter, one column of nodes aligned with its locations; a child's columns come from its
//! parent's by one look-up a location, so memory is proportional to what the search holds open.

use std::cell::Cell;
use std::rc::Rc;

use crate::corpus::Head;
use crate::term::{FastMap, Id, Node, Terms};

/// Whether what fills a hole uses a parameter. Terms without parameters are taken whole, so this keeps the search from
/// reaching one pattern in two ways.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Demand {
    Any,
    Parameter,
    NoParameter,
}

/// What replaces a hole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expansion {
    /// The concrete node with this head; new holes, with these demands, for its children (a lambda has the first).
    Concrete(Head, [Demand; 2]),
    /// The concrete term, whole.
    Whole(Id),
    /// One more use of an existing parameter.
    Reuse(u32),
    /// A new parameter.
    Fresh,
}

/// A hole: its place in the body, the lambdas above it inside the body, and the node there at each location.
pub struct Hole {
    pub slot: u32,
    pub depth: u32,
    /// Whether what fills it is applied to an argument.
    pub applied: bool,
    pub demand: Demand,
    pub nodes: Vec<u32>,
}

/// A parameter: for each location its argument's node (as it stands at the first use) and shape (as seen outside).
pub struct Parameter {
    pub depth: u32,
    pub nodes: Vec<u32>,
    pub shapes: Vec<Id>,
}

/// Counts the bytes that live patterns hold.
#[derive(Clone, Default)]
pub struct Meter(Rc<Cell<usize>>);

impl Meter {
    pub fn bytes(&self) -> usize {
        self.0.get()
    }

    fn add(&self, bytes: usize) {
        self.0.set(self.0.get() + bytes);
    }
}

/// A partial pattern with the locations where a completion may still save something.
pub struct Pattern {
    /// The last entry of the [`Trail`] that made it.
    pub trail: u32,
    pub slots: u32,
    pub locations: Vec<u32>,
    /// An upper bound on what one use saves at each location: its cost, less the call, less each argument once.
    pub values: Vec<i64>,
    pub holes: Vec<Hole>,
    pub parameters: Vec<Parameter>,
    /// Cost of the concrete nodes of the body.
    pub body_cost: i64,
    meter: Meter,
    bytes: usize,
}

impl Pattern {
    #[allow(clippy::too_many_arguments)]
    pub fn new(
        trail: u32,
        slots: u32,
        locations: Vec<u32>,
        values: Vec<i64>,
        holes: Vec<Hole>,
        parameters: Vec<Parameter>,
        body_cost: i64,
        meter: &Meter,
    ) -> Self {
        let columns = 3 + holes.len() + 2 * parameters.len();
        let bytes = 160 + 40 * columns + 4 * columns * locations.len();
        meter.add(bytes);
        Pattern { trail, slots, locations, values, holes, parameters, body_cost, meter: meter.clone(), bytes }
    }

    /// The most that any location may save.
    pub fn value(&self) -> i64 {
        self.values.iter().copied().max().unwrap_or(0)
    }
}

impl Drop for Pattern {
    fn drop(&mut self) {
        self.meter.0.set(self.meter.0.get() - self.bytes);
    }
}

/// How every pattern came about: parent links, from which a body is rebuilt when it is wanted.
#[derive(Default)]
pub struct Trail {
    steps: Vec<(u32, u32, Expansion)>,
}

/// The trail of the pattern that is one hole.
pub const START: u32 = u32::MAX;

impl Trail {
    /// Records that `expansion` filled `slot`; children get the slots from `slots` up.
    pub fn push(&mut self, parent: u32, slot: u32, expansion: Expansion) -> u32 {
        self.steps.push((parent, slot, expansion));
        (self.steps.len() - 1) as u32
    }

    /// The number of new slots that an expansion opens.
    pub fn opened(expansion: Expansion) -> u32 {
        match expansion {
            Expansion::Concrete(Head::Apply, _) => 2,
            Expansion::Concrete(Head::Lambda, _) => 1,
            _ => 0,
        }
    }

    pub fn bytes(&self) -> usize {
        self.steps.len() * std::mem::size_of::<(u32, u32, Expansion)>()
    }

    /// The body of a complete pattern; `#i` is the pattern's own parameter i.
    pub fn body(&self, terms: &mut Terms, mut trail: u32) -> Option<Id> {
        let mut steps = Vec::new();
        while trail != START {
            let (parent, slot, expansion) = self.steps[trail as usize];
            steps.push((slot, expansion));
            trail = parent;
        }
        // Slot → what fills it and its first child's slot.
        let mut filled: FastMap<u32, (Expansion, u32)> = FastMap::default();
        let (mut slots, mut fresh) = (1, 0);
        for (slot, expansion) in steps.into_iter().rev() {
            let kept = if expansion == Expansion::Fresh {
                fresh += 1;
                Expansion::Reuse(fresh - 1)
            } else {
                expansion
            };
            filled.insert(slot, (kept, slots));
            slots += Trail::opened(expansion);
        }
        let mut built = Vec::new();
        for expansion in preorder(&filled)?.into_iter().rev() {
            let node = match expansion {
                Expansion::Concrete(Head::Apply, _) => Node::Apply(built.pop()?, built.pop()?),
                Expansion::Concrete(Head::Lambda, _) => Node::Lambda(built.pop()?),
                Expansion::Concrete(Head::Name(symbol), _) => Node::Name(symbol),
                Expansion::Concrete(Head::Variable(index), _) => Node::Variable(index),
                Expansion::Reuse(own) => Node::Parameter(own),
                Expansion::Whole(term) => {
                    built.push(term);
                    continue;
                }
                Expansion::Fresh => return None,
            };
            built.push(terms.intern(node));
        }
        built.pop()
    }
}

/// A body with its parameters numbered from right to left, and for each number the parameter it had before. As in Stitch
/// `#0` is the rightmost: later abstractions can share calls without their last argument, so the order decides what
/// they find.
pub fn number(terms: &mut Terms, body: Id) -> Option<(Id, Vec<u32>)> {
    let steps = terms.postorder(body);
    let mut numbers: Vec<u32> = Vec::new();
    for &(node, _) in steps.iter().rev() {
        if let Node::Parameter(own) = node {
            if !numbers.contains(&own) {
                numbers.push(own);
            }
        }
    }
    let body = terms.rebuild(&steps, |terms, node, _| {
        let node = match node {
            Node::Parameter(own) => Node::Parameter(numbers.iter().position(|&other| other == own)? as u32),
            other => other,
        };
        Some(terms.intern(node))
    })?;
    Some((body, numbers))
}

/// The expansions from the root, each before its children, left before right; `None` if a hole is left.
fn preorder(filled: &FastMap<u32, (Expansion, u32)>) -> Option<Vec<Expansion>> {
    let mut order = Vec::with_capacity(filled.len());
    let mut stack = vec![0];
    while let Some(slot) = stack.pop() {
        let &(expansion, child) = filled.get(&slot)?;
        order.push(expansion);
        stack.extend((0..Trail::opened(expansion)).rev().map(|offset| child + offset));
    }
    Some(order)
}
