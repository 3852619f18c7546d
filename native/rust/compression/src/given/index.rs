//! Which patterns may stand at a term: a discrimination tree over the arguments along the spine of their bodies.
//!
//! A pattern is only compared with a term whose arguments, from the last on, can be its own. Where a parameter is at the
//! head, a term is also taken for the calls that it can become, as in the comparison itself.

use std::collections::BTreeSet;

use crate::given::cheapest::Cheapest;
use crate::given::matching::{applied_parameter, are_bound_and_distinct, Missing};
use crate::given::patterns::{shape, Pattern, Shape};
use crate::term::{FastMap, FastSet, Id, Node, Terms};

/// Arguments by which patterns are told apart; those with more are compared in full.
const DEPTH: usize = 64;

/// What an argument of a body asks of a term.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Demand {
    /// To be this one.
    Term(Id),
    /// To begin like this.
    Shape(Shape),
    Anything,
}

/// The tree. An edge leads to what may precede an argument.
#[derive(Default)]
pub struct Index {
    edges: FastMap<(u32, Demand), u32>,
    nodes: Vec<Branch>,
    /// The root for bodies that begin like this.
    rigid: FastMap<Shape, u32>,
    /// The roots for bodies with a parameter below so many lambdas at their head.
    open: Vec<(u32, u32)>,
}

#[derive(Default)]
struct Branch {
    is_leaf: bool,
    /// The numbers of the patterns that ask for nothing more.
    ends: Vec<u32>,
}

/// A place in the tree, and what is left to compare.
struct Cursor<'a> {
    branch: u32,
    rest: Rest<'a>,
}

#[derive(Clone, Copy)]
enum Rest<'a> {
    Term(Id),
    /// The first arguments of a call.
    Call(&'a [Id]),
}

impl Index {
    /// `with_parameter` are the terms that have a parameter.
    pub fn new(terms: &Terms, patterns: &[Pattern], with_parameter: &FastSet<Id>) -> Self {
        let mut index = Index::default();
        for (number, pattern) in patterns.iter().enumerate() {
            index.add(terms, number as u32, pattern, with_parameter);
        }
        index
    }

    fn add(&mut self, terms: &Terms, number: u32, pattern: &Pattern, with_parameter: &FastSet<Id>) {
        let shape = shape(terms, pattern.body);
        let open = is_open(shape);
        let mut branch = if open { self.open_root(shape.lambdas) } else { self.rigid_root(shape) };
        let mut at = below(terms, pattern.body, shape.lambdas);
        for _ in 0..DEPTH {
            let Node::Apply(function, argument) = terms.node(at) else {
                break;
            };
            if open && applied_parameter(terms, at).1.is_some_and(|over| are_bound_and_distinct(&over, shape.lambdas)) {
                break;
            }
            branch = self.edge(branch, demand(terms, argument, with_parameter));
            at = function;
        }
        self.nodes[branch as usize].ends.push(number);
    }

    fn branch(&mut self) -> u32 {
        self.nodes.push(Branch { is_leaf: true, ends: Vec::new() });
        self.nodes.len() as u32 - 1
    }

    fn rigid_root(&mut self, shape: Shape) -> u32 {
        if let Some(&root) = self.rigid.get(&shape) {
            return root;
        }
        let root = self.branch();
        self.rigid.insert(shape, root);
        root
    }

    fn open_root(&mut self, lambdas: u32) -> u32 {
        if let Some(&(_, root)) = self.open.iter().find(|&&(known, _)| known == lambdas) {
            return root;
        }
        let root = self.branch();
        self.open.push((lambdas, root));
        root
    }

    fn edge(&mut self, branch: u32, demand: Demand) -> u32 {
        if let Some(&next) = self.edges.get(&(branch, demand)) {
            return next;
        }
        let next = self.branch();
        self.nodes[branch as usize].is_leaf = false;
        self.edges.insert((branch, demand), next);
        next
    }

    /// The numbers of the patterns that may stand at a term whose parts are known. Those that can do so only where the
    /// term itself is taken for a call are left to [`Index::candidates_at_call`].
    pub fn candidates(&self, cheapest: &Cheapest<'_>, terms: &Terms, term: Id) -> Result<BTreeSet<u32>, Missing> {
        let mut found = BTreeSet::new();
        let shape = cheapest.shape_of(terms, term);
        let mut walk = Walk { index: self, cheapest, terms, root: term, calls: false };
        if let Some(&root) = self.rigid.get(&shape) {
            walk.follow(root, Rest::Term(below(terms, term, shape.lambdas)), &mut found)?;
        }
        walk.calls = !cheapest.eta_long;
        for &(lambdas, root) in self.open.iter().filter(|&&(lambdas, _)| lambdas <= shape.lambdas) {
            walk.follow(root, Rest::Term(below(terms, term, lambdas)), &mut found)?;
        }
        Ok(found)
    }

    /// The numbers of the patterns that may stand at a call with these arguments.
    pub fn candidates_at_call(
        &self,
        cheapest: &Cheapest<'_>,
        terms: &Terms,
        term: Id,
        arguments: &[Id],
    ) -> Result<BTreeSet<u32>, Missing> {
        let mut found = BTreeSet::new();
        if let Some(&(_, root)) = self.open.iter().find(|&&(lambdas, _)| lambdas == 0) {
            let walk = Walk { index: self, cheapest, terms, root: term, calls: true };
            walk.follow(root, Rest::Call(arguments), &mut found)?;
        }
        Ok(found)
    }
}

struct Walk<'a, 'l> {
    index: &'a Index,
    cheapest: &'a Cheapest<'l>,
    terms: &'a Terms,
    /// The term at which patterns are to stand.
    root: Id,
    /// Whether terms are also taken for calls.
    calls: bool,
}

impl<'a> Walk<'a, '_> {
    fn follow(&self, root: u32, rest: Rest<'a>, found: &mut BTreeSet<u32>) -> Result<(), Missing> {
        let mut stack = vec![Cursor { branch: root, rest }];
        while let Some(Cursor { branch, rest }) = stack.pop() {
            let ends = &self.index.nodes[branch as usize];
            found.extend(&ends.ends);
            if ends.is_leaf {
                continue;
            }
            match rest {
                Rest::Term(term) => {
                    if let Node::Apply(function, argument) = self.terms.node(term) {
                        self.step(branch, argument, Rest::Term(function), &mut stack);
                    }
                    if self.calls && term != self.root {
                        for (_, arguments) in self.cheapest.calls_at(term)? {
                            self.step_in_call(branch, arguments, &mut stack);
                        }
                    }
                }
                Rest::Call(arguments) => self.step_in_call(branch, arguments, &mut stack),
            }
        }
        Ok(())
    }

    fn step_in_call(&self, branch: u32, arguments: &'a [Id], stack: &mut Vec<Cursor<'a>>) {
        if let Some((&last, rest)) = arguments.split_last() {
            self.step(branch, last, Rest::Call(rest), stack);
        }
    }

    /// Follows the edges that an argument satisfies.
    fn step(&self, from: u32, argument: Id, rest: Rest<'a>, stack: &mut Vec<Cursor<'a>>) {
        let shape = Demand::Shape(self.cheapest.shape_of(self.terms, argument));
        for demand in [Demand::Term(argument), shape, Demand::Anything] {
            if let Some(&branch) = self.index.edges.get(&(from, demand)) {
                stack.push(Cursor { branch, rest });
            }
        }
    }
}

fn demand(terms: &Terms, argument: Id, with_parameter: &FastSet<Id>) -> Demand {
    if !with_parameter.contains(&argument) {
        return Demand::Term(argument);
    }
    let shape = shape(terms, argument);
    if is_open(shape) {
        Demand::Anything
    } else {
        Demand::Shape(shape)
    }
}

/// Whether a parameter is at the head.
fn is_open(shape: Shape) -> bool {
    matches!(shape.head, Node::Parameter(_))
}

/// What is below so many leading lambdas.
fn below(terms: &Terms, mut term: Id, lambdas: u32) -> Id {
    for _ in 0..lambdas {
        match terms.node(term) {
            Node::Lambda(body) => term = body,
            _ => break,
        }
    }
    term
}
