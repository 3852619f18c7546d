//! A partial pattern: a body with holes, the places it matches, and columns of what stands there.
//!
//! Stitch (Bowers et al., POPL 2023) tabulates every descendant of every node before it searches. Here a pattern holds,
//! for each hole and each parameter, one column of nodes aligned with its rows; a child's columns come from its
//! parent's by one look-up a row, so memory is proportional to what the search holds open.

use crate::binding::Over;
use crate::columns::{Column, Rows};
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
    /// One more use of an existing parameter, applied to variables that the body binds.
    Reuse(u32, Over),
    /// A new parameter, applied to variables that the body binds.
    Fresh(Over),
}

/// The new slots that an expansion opens.
pub fn opened(expansion: Expansion) -> u32 {
    match expansion {
        Expansion::Concrete(Head::Apply, _) => 2,
        Expansion::Concrete(Head::Lambda, _) => 1,
        _ => 0,
    }
}

/// A hole: its place in the body, the lambdas above it inside the body, and the node there at each row.
#[derive(Clone)]
pub struct Hole {
    pub slot: u32,
    pub depth: u32,
    /// Whether what fills it is applied to an argument.
    pub applied: bool,
    pub demand: Demand,
    pub nodes: Column,
}

/// A parameter: for each row its argument's node, as it stands at the first use, and key, as seen outside the body.
#[derive(Clone)]
pub struct Parameter {
    pub depth: u32,
    /// The variables that it is applied to at the first use.
    pub over: Over,
    pub nodes: Column,
    /// The column of nodes itself where no lambda is between.
    pub keys: Column,
}

/// How a pattern is to be split.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Plan {
    /// At the hole that promises most.
    Choose,
    /// At the last hole, the argument of an application just made; whether it may have no new parameter.
    Argument { closed: bool },
    /// Along the left spine of its only hole, at whose end the last new parameter stands.
    Spine,
}

/// A filled slot of a body.
pub type Step = (u32, Expansion);

/// A partial pattern with the rows where a completion may still save something.
pub struct Pattern {
    pub rows: Rows,
    pub holes: Vec<Hole>,
    pub parameters: Vec<Parameter>,
    /// Cost of the concrete nodes of the body.
    pub body_cost: i64,
    pub slots: u32,
    /// An upper bound on the utility of every completion.
    pub bound: i64,
    pub plan: Plan,
    /// How it came from the pattern that was split, after the steps that made that one.
    pub steps: Vec<Step>,
}

impl Pattern {
    /// The bytes that the pattern holds besides its columns, in which others share.
    pub fn bytes(&self) -> usize {
        size_of::<Pattern>()
            + self.holes.capacity() * size_of::<Hole>()
            + self.parameters.capacity() * size_of::<Parameter>()
            + self.steps.capacity() * size_of::<Step>()
    }
}

/// The body that steps make, in the order in which they were taken; `#i` is the pattern's own parameter i.
pub fn body(terms: &mut Terms, steps: impl IntoIterator<Item = Step>) -> Option<Id> {
    // Slot → what fills it and its first child's slot.
    let mut filled: FastMap<u32, (Expansion, u32)> = FastMap::default();
    let (mut slots, mut fresh) = (1, 0);
    for (slot, expansion) in steps {
        let kept = if let Expansion::Fresh(over) = expansion {
            fresh += 1;
            Expansion::Reuse(fresh - 1, over)
        } else {
            expansion
        };
        filled.insert(slot, (kept, slots));
        slots += opened(expansion);
    }
    let mut built = Vec::new();
    for expansion in preorder(&filled)?.into_iter().rev() {
        let node = match expansion {
            Expansion::Concrete(Head::Apply, _) => Node::Apply(built.pop()?, built.pop()?),
            Expansion::Concrete(Head::Lambda, _) => Node::Lambda(built.pop()?),
            Expansion::Concrete(Head::Name(symbol), _) => Node::Name(symbol),
            Expansion::Concrete(Head::Variable(index), _) => Node::Variable(index),
            Expansion::Reuse(own, over) => {
                let mut term = terms.intern(Node::Parameter(own));
                for index in over.indices() {
                    let variable = terms.intern(Node::Variable(index));
                    term = terms.intern(Node::Apply(term, variable));
                }
                built.push(term);
                continue;
            }
            Expansion::Whole(term) => {
                built.push(term);
                continue;
            }
            Expansion::Fresh(_) => return None,
        };
        built.push(terms.intern(node));
    }
    built.pop()
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
        stack.extend((0..opened(expansion)).rev().map(|offset| child + offset));
    }
    Some(order)
}
