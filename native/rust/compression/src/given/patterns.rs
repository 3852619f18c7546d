//! The bodies that the abstractions of a library stand for, with all, some or none of their arguments.

use crate::error::Error;
use crate::given::index::Index;
use crate::given::normal::{Contract, Normalizer, Unfolding, Unfoldings};
use crate::parse;
use crate::rewrite::sizes;
use crate::term::{FastMap, FastSet, Id, Node, Symbol, Terms};

/// Nodes of a body, as a tree, beyond which it stands nowhere.
const LARGEST: u64 = 1_000_000;

/// An abstraction of a given library.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Given {
    pub name: String,
    /// A closed λ-term, which may use the other abstractions.
    pub definition: String,
}

/// What a term begins with: its leading lambdas, the leaf at the head of what is below them, and its arguments.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Shape {
    pub lambdas: u32,
    pub head: Node,
    pub arguments: u32,
}

/// An abstraction called with `arity` arguments.
pub struct Pattern {
    pub name: Symbol,
    /// The place of the abstraction in the library.
    pub order: usize,
    pub arity: usize,
    /// Without names of the library, and with parameters.
    pub body: Id,
}

/// The patterns of a library, and which of them may stand where.
#[derive(Default)]
pub struct Patterns {
    pub all: Vec<Pattern>,
    pub index: Index,
    /// The terms that have a parameter.
    pub with_parameter: FastSet<Id>,
}

/// What the names of a library stand for in programs, and the patterns to find again.
pub struct Library {
    pub unfoldings: Unfoldings,
    pub patterns: Patterns,
    pub names: Vec<Symbol>,
}

impl Library {
    /// Reads the definitions; an error for one that cannot be read, is not closed, is cyclic or has no normal form.
    pub fn read(terms: &mut Terms, given: &[Given]) -> Result<Self, Error> {
        let mut definitions: Vec<(Symbol, Id)> = Vec::with_capacity(given.len());
        for it in given {
            let fault = |why: String| Error::setting(format!("the abstraction `{}`: {why}", it.name));
            let definition = parse::parse(terms, &it.definition).map_err(|error| fault(error.message))?;
            if !terms.is_closed(definition) {
                return Err(fault(format!("the variable ${} is bound by no lambda", terms.reach(definition) - 1)));
            }
            let name = terms.symbol(&it.name);
            if definitions.iter().any(|&(known, _)| known == name) {
                return Err(fault("it is defined twice".to_owned()));
            }
            definitions.push((name, definition));
        }
        let mut library = Library {
            unfoldings: Unfoldings::default(),
            patterns: Patterns::default(),
            names: definitions.iter().map(|&(name, _)| name).collect(),
        };
        for order in in_order_of_use(terms, &definitions)? {
            library.add(terms, order, definitions[order].1)?;
        }
        library.patterns.sort(terms);
        Ok(library)
    }

    /// Adds an abstraction; those that it uses are there.
    fn add(&mut self, terms: &mut Terms, order: usize, definition: Id) -> Result<(), Error> {
        let name = self.names[order];
        let mut normalizer = Normalizer::new(terms, &self.unfoldings, Contract::Renamings);
        let calls = normalizer.calls_expanded(definition);
        let Some(whole) = calls.and_then(|calls| normalizer.names_expanded(calls)) else {
            return Err(Error::setting(format!("the abstraction `{}` has no normal form", terms.name(name))));
        };
        // More than in the definition where that is a call that lacks arguments.
        let arity = leading_lambdas(terms, whole);
        for given in 0..=arity {
            if let Some(body) = body(terms, whole, given) {
                self.patterns.all.push(Pattern { name, order, arity: given, body });
            }
        }
        self.unfoldings.insert(name, Unfolding { term: whole, arity });
        Ok(())
    }
}

impl Patterns {
    /// Puts the patterns in the order of the library, the more arguments the later, and indexes them.
    fn sort(&mut self, terms: &Terms) {
        self.all.sort_by_key(|it| (it.order, it.arity));
        for it in &self.all {
            let reachable = terms.reachable([it.body]);
            for id in reachable {
                let below = match terms.node(id) {
                    Node::Parameter(_) => true,
                    Node::Lambda(body) => self.with_parameter.contains(&body),
                    Node::Apply(function, argument) => {
                        self.with_parameter.contains(&function) || self.with_parameter.contains(&argument)
                    }
                    Node::Name(_) | Node::Variable(_) => false,
                };
                if below {
                    self.with_parameter.insert(id);
                }
            }
        }
        self.index = Index::new(terms, &self.all, &self.with_parameter);
    }
}

/// The shape of a term.
pub fn shape(terms: &Terms, term: Id) -> Shape {
    let (mut lambdas, mut arguments, mut at) = (0, 0, term);
    while let Node::Lambda(body) = terms.node(at) {
        lambdas += 1;
        at = body;
    }
    while let Node::Apply(function, _) = terms.node(at) {
        arguments += 1;
        at = function;
    }
    // A lambda at the head of an application: whatever is below it.
    let head = match terms.node(at) {
        Node::Lambda(_) => Node::Lambda(0),
        leaf => leaf,
    };
    Shape { lambdas, head, arguments }
}

fn leading_lambdas(terms: &Terms, mut term: Id) -> usize {
    let mut count = 0;
    while let Node::Lambda(body) = terms.node(term) {
        count += 1;
        term = body;
    }
    count
}

/// What a term stands for with `given` arguments; `None` where it does not use one of them, as nothing would say what it
/// is, and where it is one of them.
fn body(terms: &mut Terms, term: Id, given: usize) -> Option<Id> {
    let mut inner = term;
    for _ in 0..given {
        let Node::Lambda(body) = terms.node(inner) else {
            return None;
        };
        inner = body;
    }
    let steps = postorder_within(terms, inner, LARGEST)?;
    let mut used = vec![false; given];
    let body = terms.rebuild(&steps, |terms, node, depth| {
        let node = match node {
            Node::Variable(index) if index >= depth => {
                let number = (given as u32).checked_sub(index - depth + 1)?;
                used[number as usize] = true;
                Node::Parameter(number)
            }
            other => other,
        };
        Some(terms.intern(node))
    })?;
    (used.into_iter().all(|it| it) && !matches!(terms.node(body), Node::Parameter(_))).then_some(body)
}

/// The tree of a term in postorder, if it has no more than so many nodes.
fn postorder_within(terms: &Terms, term: Id, most: u64) -> Option<Vec<(Node, u32)>> {
    let sizes = sizes(terms, &[term]);
    (sizes[&term] <= most).then(|| terms.postorder(term))
}

/// The places of the definitions, each after those that it uses.
fn in_order_of_use(terms: &Terms, definitions: &[(Symbol, Id)]) -> Result<Vec<usize>, Error> {
    let place: FastMap<Symbol, usize> = definitions.iter().enumerate().map(|(at, &(name, _))| (name, at)).collect();
    let used_by = |&(_, definition): &(Symbol, Id)| -> Vec<usize> {
        let named = |id| match terms.node(id) {
            Node::Name(name) => place.get(&name).copied(),
            _ => None,
        };
        terms.reachable([definition]).into_iter().filter_map(named).collect()
    };
    let mut missing: Vec<usize> = Vec::with_capacity(definitions.len());
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); definitions.len()];
    for (at, it) in definitions.iter().enumerate() {
        let uses = used_by(it);
        missing.push(uses.len());
        uses.into_iter().for_each(|used| users[used].push(at));
    }
    let mut ready: Vec<usize> = (0..definitions.len()).filter(|&at| missing[at] == 0).collect();
    let mut done = 0;
    while done < ready.len() {
        for &user in &users[ready[done]] {
            missing[user] -= 1;
            if missing[user] == 0 {
                ready.push(user);
            }
        }
        done += 1;
    }
    match missing.iter().position(|&count| count > 0) {
        Some(at) => {
            Err(Error::setting(format!("the abstraction `{}` is defined by itself", terms.name(definitions[at].0))))
        }
        None => Ok(ready),
    }
}
