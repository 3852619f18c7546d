//! Puts a new abstraction into the programs, and takes abstractions out again to check that nothing changed.

use crate::corpus::Corpus;
use crate::error::Error;
use crate::search::Candidate;
use crate::term::{Id, Node, Symbol, Terms};
use crate::utility::Sweep;

/// An abstraction as the rewriter knows it.
pub struct Macro {
    pub name: Symbol,
    pub arity: usize,
    pub body: Id,
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
                let argument = terms.shift(new[parameter.nodes[row] as usize], -(parameter.depth as i32));
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

/// Expands all abstractions, the last first: a body calls only earlier ones.
pub fn expand_all(terms: &mut Terms, roots: Vec<Id>, macros: &[Macro]) -> Result<Vec<Id>, Error> {
    macros.iter().rev().try_fold(roots, |roots, it| expand(terms, &roots, it))
}
