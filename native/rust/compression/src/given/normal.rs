//! Takes abstractions out of programs: calls become bodies, and redexes that this makes are contracted.
//!
//! Substitution is hereditary (Watkins et al., 2003): a redex that it makes is contracted at once, so that normal parts
//! make a normal whole. Programs keep their own redexes, whose contraction may repeat a large argument, but for those
//! whose argument is a variable; two programs are compared by their β-normal forms.

use crate::term::{FastMap, Id, Node, Symbol, Terms};

/// Contractions after which a program counts as one without a normal form.
const MOST_STEPS: u32 = 1_000_000;
/// Contractions within contractions after which it does.
const MOST_NESTED: u32 = 200;

/// An abstraction whose calls are expanded: the term, in which calls are expanded, and its leading lambdas.
#[derive(Clone, Copy)]
pub struct Unfolding {
    pub term: Id,
    pub arity: usize,
}

/// What the names of a library stand for.
#[derive(Default)]
pub struct Unfoldings {
    of: FastMap<Symbol, Unfolding>,
    most: usize,
}

impl Unfoldings {
    pub fn insert(&mut self, name: Symbol, it: Unfolding) {
        self.most = self.most.max(it.arity);
        self.of.insert(name, it);
    }

    pub fn get(&self, name: Symbol) -> Option<Unfolding> {
        self.of.get(&name).copied()
    }
}

/// Which redexes of a program are contracted, besides those that expansion makes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Contract {
    /// Those whose argument is a variable: the program gets shorter.
    Renamings,
    All,
}

/// Expands terms; every method gives `None` beyond the limits.
pub struct Normalizer<'a> {
    terms: &'a mut Terms,
    unfoldings: &'a Unfoldings,
    contract: Contract,
    steps: u32,
    nested: u32,
}

impl<'a> Normalizer<'a> {
    pub fn new(terms: &'a mut Terms, unfoldings: &'a Unfoldings, contract: Contract) -> Self {
        Normalizer { terms, unfoldings, contract, steps: 0, nested: 0 }
    }

    /// The term with every call that has all its arguments expanded.
    pub fn calls_expanded(&mut self, root: Id) -> Option<Id> {
        let mut new: FastMap<Id, Id> = FastMap::default();
        for id in self.terms.reachable([root]) {
            let made = match self.terms.node(id) {
                Node::Name(name) => match self.unfoldings.get(name) {
                    Some(it) if it.arity == 0 => it.term,
                    _ => id,
                },
                Node::Lambda(body) => self.terms.intern(Node::Lambda(new[&body])),
                Node::Apply(function, argument) => self.applied(new[&function], new[&argument])?,
                _ => id,
            };
            new.insert(id, made);
        }
        new.get(&root).copied()
    }

    /// The term, in which calls are expanded, with names that lack arguments replaced by functions: no name of the
    /// library is left.
    pub fn names_expanded(&mut self, root: Id) -> Option<Id> {
        // Where more arguments follow, and elsewhere.
        let mut new: FastMap<Id, (Id, Id)> = FastMap::default();
        for id in self.terms.reachable([root]) {
            let made = match self.terms.node(id) {
                Node::Lambda(body) => self.terms.intern(Node::Lambda(new[&body].1)),
                Node::Apply(function, argument) => {
                    let (function, argument) = (new[&function].0, new[&argument].1);
                    self.terms.intern(Node::Apply(function, argument))
                }
                _ => id,
            };
            let whole = match self.call(made) {
                Some((unfolding, arguments)) => self.instance(unfolding.term, &arguments)?,
                None => made,
            };
            new.insert(id, (made, whole));
        }
        new.get(&root).map(|&(_, whole)| whole)
    }

    /// The term of a definition with the names of other abstractions expanded.
    pub fn expanded(&mut self, root: Id) -> Option<Id> {
        let calls = self.calls_expanded(root)?;
        self.names_expanded(calls)
    }

    /// The abstraction at the head of a term with its arguments, of which there are fewer than it takes.
    fn call(&self, term: Id) -> Option<(Unfolding, Vec<Id>)> {
        let mut arguments = Vec::new();
        let mut head = term;
        while let Node::Apply(function, argument) = self.terms.node(head) {
            if arguments.len() + 1 >= self.unfoldings.most {
                return None;
            }
            arguments.push(argument);
            head = function;
        }
        let Node::Name(name) = self.terms.node(head) else {
            return None;
        };
        let unfolding = self.unfoldings.get(name).filter(|it| arguments.len() < it.arity)?;
        arguments.reverse();
        Some((unfolding, arguments))
    }

    /// The application of one normal term to another.
    fn applied(&mut self, function: Id, argument: Id) -> Option<Id> {
        if let Node::Lambda(body) = self.terms.node(function) {
            if self.contract == Contract::All || matches!(self.terms.node(argument), Node::Variable(_)) {
                return self.substituted(body, argument);
            }
        } else if let Some((unfolding, mut arguments)) = self.call(function) {
            if arguments.len() + 1 == unfolding.arity {
                arguments.push(argument);
                return self.instance(unfolding.term, &arguments);
            }
        }
        Some(self.terms.intern(Node::Apply(function, argument)))
    }

    /// A term whose leading lambdas are taken away with arguments for their variables.
    pub fn instance(&mut self, term: Id, arguments: &[Id]) -> Option<Id> {
        arguments.iter().try_fold(term, |function, &argument| match self.terms.node(function) {
            Node::Lambda(body) => self.substituted(body, argument),
            _ => None,
        })
    }

    /// A body whose lambda is taken away with an argument for its variable.
    fn substituted(&mut self, body: Id, argument: Id) -> Option<Id> {
        self.steps += 1;
        if self.steps > MOST_STEPS || self.nested >= MOST_NESTED {
            return None;
        }
        self.nested += 1;
        let made = self.replaced(body, argument);
        self.nested -= 1;
        made
    }

    fn replaced(&mut self, body: Id, argument: Id) -> Option<Id> {
        let mut made: FastMap<(Id, u32), Id> = FastMap::default();
        let mut stack = vec![(body, 0u32)];
        while let Some(&(id, depth)) = stack.last() {
            let done = |part: Id, depth: u32| {
                if self.terms.reach(part) <= depth {
                    return Some(part);
                }
                made.get(&(part, depth)).copied()
            };
            let new = match self.terms.node(id) {
                Node::Variable(index) if index == depth => Some(self.terms.shift(argument, depth as i32)?),
                Node::Variable(index) if index > depth => Some(self.terms.intern(Node::Variable(index - 1))),
                Node::Lambda(body) => match done(body, depth + 1) {
                    Some(body) => Some(self.terms.intern(Node::Lambda(body))),
                    None => {
                        stack.push((body, depth + 1));
                        None
                    }
                },
                Node::Apply(function, argument) => {
                    let parts = [argument, function].map(|part| (part, done(part, depth)));
                    stack.extend(parts.iter().filter(|(_, made)| made.is_none()).map(|&(part, _)| (part, depth)));
                    match parts {
                        [(_, Some(argument)), (_, Some(function))] => Some(self.applied(function, argument)?),
                        _ => None,
                    }
                }
                _ => Some(id),
            };
            if let Some(new) = new {
                made.insert((id, depth), new);
                stack.pop();
            }
        }
        made.get(&(body, 0)).copied()
    }
}
