//! Puts a new abstraction into the programs, and takes abstractions out again to check that nothing changed.

use crate::corpus::Corpus;
use crate::error::Error;
use crate::given::normal::{Contract, Normalizer, Unfolding, Unfoldings};
use crate::search::Candidate;
use crate::term::{FastMap, Id, Node, Symbol, Terms};
use crate::utility::Sweep;

/// An abstraction as the rewriter knows it.
pub struct Macro {
    pub name: Symbol,
    pub arity: usize,
    pub body: Id,
    /// The closed λ-term, if a parameter may stand for a function of variables that the body binds: calls then expand
    /// up to β.
    pub up_to_beta: Option<Id>,
}

/// The programs with every use of the candidate that the utility counted replaced by a call of `name`.
pub fn rewrite(
    terms: &mut Terms,
    corpus: &Corpus,
    sweep: &mut Sweep,
    candidate: &Candidate,
    name: Symbol,
) -> Result<Vec<Vec<Id>>, Error> {
    sweep.saving(corpus, &candidate.rows, &candidate.parameters);
    let mut used = vec![u32::MAX; corpus.len()];
    for &row in &sweep.used {
        used[candidate.rows[row as usize].location as usize] = row;
    }
    let head = terms.intern(Node::Name(name));
    let mut new: Vec<Id> = Vec::with_capacity(corpus.len());
    for node in 0..corpus.len() {
        let old = corpus.term[node];
        let id = if used[node] != u32::MAX {
            let row = used[node] as usize;
            let mut call = head;
            for &number in &candidate.numbers {
                let parameter = &candidate.parameters[number as usize];
                let over: Vec<u32> = parameter.over.indices().collect();
                let argument = terms.abstracted(new[parameter.nodes[row] as usize], parameter.depth, &over);
                let argument = argument.ok_or_else(|| Error::internal("an argument mentions a captured variable"))?;
                call = terms.intern(Node::Apply(call, argument));
            }
            call
        } else {
            match terms.node(old) {
                Node::Lambda(_) => terms.intern(Node::Lambda(new[corpus.left[node] as usize])),
                Node::Apply(..) => {
                    let (function, argument) = (corpus.left[node] as usize, corpus.right[node] as usize);
                    terms.intern(Node::Apply(new[function], new[argument]))
                }
                _ => old,
            }
        };
        new.push(id);
    }
    Ok(corpus.tasks.iter().map(|roots| roots.iter().map(|it| new[it.node as usize]).collect()).collect())
}

/// The terms with every full call of one abstraction replaced by its body.
pub fn expand(terms: &mut Terms, roots: &[Id], it: &Macro) -> Result<Vec<Id>, Error> {
    if let Some(term) = it.up_to_beta {
        let mut unfoldings = Unfoldings::default();
        unfoldings.insert(it.name, Unfolding { term, arity: it.arity });
        return renamed(terms, roots, &unfoldings);
    }
    let reachable = terms.reachable(roots.iter().copied());
    let body = terms.postorder(it.body);
    let size = reachable.last().map_or(0, |&id| id as usize + 1);
    let mut new = vec![Id::MAX; size];
    // How many arguments a call of the abstraction has at a node; MAX where its head is something else.
    let mut given = vec![u32::MAX; size];
    for id in reachable {
        let index = id as usize;
        new[index] = match terms.node(id) {
            Node::Name(name) if name == it.name => {
                given[index] = 0;
                id
            }
            Node::Lambda(inner) => {
                let inner = new[inner as usize];
                terms.intern(Node::Lambda(inner))
            }
            Node::Apply(function, argument) => {
                given[index] = given[function as usize].saturating_add(1);
                let (function, argument) = (new[function as usize], new[argument as usize]);
                terms.intern(Node::Apply(function, argument))
            }
            _ => id,
        };
        if given[index] as usize == it.arity {
            let mut arguments = Vec::with_capacity(it.arity);
            let mut call = id;
            while let Node::Apply(function, argument) = terms.node(call) {
                arguments.push(new[argument as usize]);
                call = function;
            }
            arguments.reverse();
            let whole = terms.instantiate(&body, &arguments);
            new[index] = whole.ok_or_else(|| Error::internal("a call does not fit its abstraction"))?;
            given[index] = u32::MAX;
        }
    }
    Ok(roots.iter().map(|&root| new[root as usize]).collect())
}

/// The terms with every full call expanded and every redex contracted whose argument is a variable.
pub fn renamed(terms: &mut Terms, roots: &[Id], unfoldings: &Unfoldings) -> Result<Vec<Id>, Error> {
    let expanded = |&root: &Id| Normalizer::new(terms, unfoldings, Contract::Renamings).calls_expanded(root);
    let all: Option<Vec<Id>> = roots.iter().map(expanded).collect();
    all.ok_or_else(|| Error::internal("a program does not expand"))
}

/// Expands all abstractions, the last first: a body calls only earlier ones.
pub fn expand_all(terms: &mut Terms, roots: Vec<Id>, macros: &[Macro]) -> Result<Vec<Id>, Error> {
    macros.iter().rev().try_fold(roots, |roots, it| expand(terms, &roots, it))
}

/// How often each name stands in the programs.
pub fn calls(terms: &Terms, programs: &[Id], names: &[Symbol]) -> Vec<i64> {
    let place: FastMap<Symbol, usize> = names.iter().enumerate().map(|(at, &name)| (name, at)).collect();
    let mut weight: FastMap<Id, i64> = FastMap::default();
    for &program in programs {
        *weight.entry(program).or_default() += 1;
    }
    let mut uses = vec![0; names.len()];
    for id in terms.reachable(programs.iter().copied()).into_iter().rev() {
        let times = weight.get(&id).copied().unwrap_or(0);
        let mut below = |child: Id| *weight.entry(child).or_default() += times;
        match terms.node(id) {
            Node::Lambda(body) => below(body),
            Node::Apply(function, argument) => {
                below(function);
                below(argument);
            }
            Node::Name(name) => {
                if let Some(&at) = place.get(&name) {
                    uses[at] += times;
                }
            }
            Node::Variable(_) | Node::Parameter(_) => {}
        }
    }
    uses
}

/// The nodes of the tree of every term that the roots are made of.
pub fn sizes(terms: &Terms, roots: &[Id]) -> FastMap<Id, u64> {
    let mut sizes: FastMap<Id, u64> = FastMap::default();
    for id in terms.reachable(roots.iter().copied()) {
        let size = match terms.node(id) {
            Node::Lambda(body) => sizes[&body].saturating_add(1),
            Node::Apply(function, argument) => sizes[&function].saturating_add(sizes[&argument]).saturating_add(1),
            _ => 1,
        };
        sizes.insert(id, size);
    }
    sizes
}
