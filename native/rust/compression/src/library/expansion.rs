//! Takes abstractions out of terms until none of their calls is left.

use crate::error::Error;
use crate::rewrite::Macro;
use crate::term::{FastMap, Id, Node, Symbol, Terms};

/// No abstraction is called.
const NONE: usize = usize::MAX;

/// The terms with every call of the abstractions replaced by its body, and those that this makes too: a body may call
/// others, and a name that stands as an argument without its own arguments gets them where the
/// parameter is applied. It ends, as the bodies do not call each other in circles. Names that never get all their
/// arguments are left.
pub fn expand_fully(terms: &mut Terms, roots: &[Id], macros: &[Macro]) -> Result<Vec<Id>, Error> {
    let bodies: Vec<Vec<(Node, u32)>> = macros.iter().map(|it| terms.postorder(it.body)).collect();
    let known: FastMap<Symbol, usize> = macros.iter().enumerate().map(|(index, it)| (it.name, index)).collect();
    let mut roots = roots.to_vec();
    let mut expansion = Expansion { macros, bodies, known, new: FastMap::default() };
    while expansion.once(terms, &mut roots)? {}
    Ok(roots)
}

struct Expansion<'m> {
    macros: &'m [Macro],
    bodies: Vec<Vec<(Node, u32)>>,
    known: FastMap<Symbol, usize>,
    /// For a term what replaces it, the abstraction at its head, and how many arguments that has.
    new: FastMap<Id, (Id, usize, usize)>,
}

impl Expansion<'_> {
    /// Expands the calls that the roots have; false if there are none.
    fn once(&mut self, terms: &mut Terms, roots: &mut [Id]) -> Result<bool, Error> {
        self.new.clear();
        let mut changed = false;
        for id in terms.reachable(roots.iter().copied()) {
            let (mut new, mut head, mut given) = (id, NONE, 0);
            match terms.node(id) {
                Node::Name(name) => head = self.known.get(&name).copied().unwrap_or(NONE),
                Node::Lambda(body) => {
                    let inner = self.new[&body].0;
                    if inner != body {
                        new = terms.intern(Node::Lambda(inner));
                    }
                }
                Node::Apply(function, argument) => {
                    let (called, its_head, before) = self.new[&function];
                    let with = self.new[&argument].0;
                    if (called, with) != (function, argument) {
                        new = terms.intern(Node::Apply(called, with));
                    }
                    (head, given) = (its_head, before + 1);
                }
                Node::Variable(_) | Node::Parameter(_) => {}
            }
            if head != NONE && given == self.macros[head].arity {
                new = self.body(terms, id, head)?;
                head = NONE;
                changed = true;
            }
            self.new.insert(id, (new, head, given));
        }
        for root in roots {
            *root = self.new[root].0;
        }
        Ok(changed)
    }

    /// The body that a call stands for.
    fn body(&self, terms: &mut Terms, call: Id, head: usize) -> Result<Id, Error> {
        let mut arguments = Vec::with_capacity(self.macros[head].arity);
        let mut call = call;
        while arguments.len() < self.macros[head].arity {
            let Node::Apply(function, argument) = terms.node(call) else {
                return Err(Error::internal("a call without its arguments"));
            };
            arguments.push(self.new[&argument].0);
            call = function;
        }
        arguments.reverse();
        let whole = terms.instantiate(&self.bodies[head], &arguments);
        whole.ok_or_else(|| Error::internal("a call does not fit its abstraction"))
    }
}
