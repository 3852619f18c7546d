//! Hash-consed λ-terms: equal terms have equal ids, children stand before parents, and nothing here recurses.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// An index into [`Terms`]; children always have smaller ids than their parents.
pub type Id = u32;
/// An index into the names of [`Terms`].
pub type Symbol = u32;

/// Variables from this index up stand for the parameters of an abstraction whose body is part of a corpus: `#i` is the
/// variable `PARAMETERS + i`, free in the body. No pattern can contain a free variable, and no program that is read has
/// one of such an index.
pub const PARAMETERS: u32 = 1 << 30;

/// One term constructor. `Parameter` is the `#i` of an abstraction's body and occurs in no program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Node {
    Name(Symbol),
    Variable(u32),
    Parameter(u32),
    Lambda(Id),
    Apply(Id, Id),
}

/// The multiplicative hash of rustc (FxHash): the keys here are small and not adversarial.
#[derive(Default)]
pub struct FastHasher(u64);

impl Hasher for FastHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.write_u64(u64::from(byte));
        }
    }

    fn write_u32(&mut self, value: u32) {
        self.write_u64(u64::from(value));
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value as u64);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

/// A hash map with [`FastHasher`].
pub type FastMap<K, V> = HashMap<K, V, BuildHasherDefault<FastHasher>>;

/// A hash set with [`FastHasher`].
pub type FastSet<K> = HashSet<K, BuildHasherDefault<FastHasher>>;

/// Bit of a free-variable mask that stands for every index from 63 up.
const FAR: u64 = 1 << 63;

/// An arena of hash-consed terms with the free variables of each.
#[derive(Default)]
pub struct Terms {
    nodes: Vec<Node>,
    index: FastMap<Node, Id>,
    /// 1 + the largest free variable, 0 for a closed term.
    reach: Vec<u32>,
    /// Bit i: `$i` is free (exact while `FAR` is not set, an over-approximation otherwise).
    mask: Vec<u64>,
    names: Vec<String>,
    symbols: HashMap<String, Symbol>,
    shifted: FastMap<(Id, u32, u64), Id>,
}

impl Terms {
    /// The symbol of a name, new or old.
    pub fn symbol(&mut self, name: &str) -> Symbol {
        if let Some(&symbol) = self.symbols.get(name) {
            return symbol;
        }
        let symbol = self.names.len() as Symbol;
        self.names.push(name.to_owned());
        self.symbols.insert(name.to_owned(), symbol);
        symbol
    }

    /// Whether a name occurs in any term or was asked for.
    pub fn knows(&self, name: &str) -> bool {
        self.symbols.contains_key(name)
    }

    pub fn name(&self, symbol: Symbol) -> &str {
        &self.names[symbol as usize]
    }

    pub fn symbol_count(&self) -> usize {
        self.names.len()
    }

    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    pub fn node(&self, id: Id) -> Node {
        self.nodes[id as usize]
    }

    /// Whether the term has no free variable.
    pub fn is_closed(&self, id: Id) -> bool {
        self.reach[id as usize] == 0
    }

    /// 1 + the largest free variable, 0 for a closed term.
    pub fn reach(&self, id: Id) -> u32 {
        self.reach[id as usize]
    }

    /// Bit i: `$i` is free in the term; for a term with free variables from 63 up, a set that has all below.
    pub fn variables(&self, id: Id) -> u64 {
        self.mask[id as usize]
    }

    /// The id of a term, creating it when it is new.
    pub fn intern(&mut self, node: Node) -> Id {
        if let Some(&id) = self.index.get(&node) {
            return id;
        }
        let id = self.nodes.len() as Id;
        let (reach, mask) = match node {
            Node::Name(_) | Node::Parameter(_) => (0, 0),
            Node::Variable(index) => (index + 1, 1 << index.min(63)),
            Node::Lambda(body) => {
                let mask = self.mask[body as usize];
                (self.reach[body as usize].saturating_sub(1), (mask >> 1) | (mask & FAR))
            }
            Node::Apply(function, argument) => (
                self.reach[function as usize].max(self.reach[argument as usize]),
                self.mask[function as usize] | self.mask[argument as usize],
            ),
        };
        self.nodes.push(node);
        self.reach.push(reach);
        self.mask.push(if reach == 0 { 0 } else { mask });
        self.index.insert(node, id);
        id
    }

    /// `head` applied to arguments, left to right.
    pub fn call(&mut self, head: Id, arguments: &[Id]) -> Id {
        arguments.iter().fold(head, |function, &argument| self.intern(Node::Apply(function, argument)))
    }

    /// The term with `amount` added to its free variables; `None` if one would fall below zero, i.e. the term mentions
    /// one of the `-amount` innermost binders that it would leave.
    pub fn shift(&mut self, root: Id, amount: i32) -> Option<Id> {
        if amount == 0 || self.is_closed(root) {
            return Some(root);
        }
        let mask = self.mask[root as usize];
        if amount < 0 && mask & FAR == 0 && amount > -63 && mask & ((1 << -amount) - 1) != 0 {
            return None;
        }
        let mut stack = vec![(root, 0u32)];
        while let Some(&(id, cutoff)) = stack.last() {
            let made = match self.node(id) {
                Node::Variable(index) => {
                    let moved = i64::from(index) + i64::from(amount);
                    if moved < i64::from(cutoff) {
                        return None;
                    }
                    Some(Node::Variable(u32::try_from(moved).ok()?))
                }
                Node::Lambda(body) => match self.shifted_part(body, cutoff + 1, amount) {
                    Some(body) => Some(Node::Lambda(body)),
                    None => {
                        stack.push((body, cutoff + 1));
                        None
                    }
                },
                Node::Apply(function, argument) => {
                    let parts = [function, argument].map(|part| (part, self.shifted_part(part, cutoff, amount)));
                    stack.extend(parts.iter().filter(|(_, done)| done.is_none()).map(|&(part, _)| (part, cutoff)));
                    match parts {
                        [(_, Some(function)), (_, Some(argument))] => Some(Node::Apply(function, argument)),
                        _ => None,
                    }
                }
                other => Some(other),
            };
            if let Some(node) = made {
                let new = self.intern(node);
                self.shifted.insert((id, cutoff, amount as u64), new);
                stack.pop();
            }
        }
        self.shifted_part(root, 0, amount)
    }

    /// The term with its free variables renumbered; `None` if one has no new number.
    pub fn renumbered(&mut self, root: Id, number: impl Fn(u32) -> Option<u32>) -> Option<Id> {
        let mut made: FastMap<(Id, u32), Id> = FastMap::default();
        let mut stack = vec![(root, 0u32)];
        while let Some(&(id, cutoff)) = stack.last() {
            let done = |part: Id, cutoff: u32| {
                if self.reach[part as usize] <= cutoff {
                    return Some(part);
                }
                made.get(&(part, cutoff)).copied()
            };
            let node = match self.node(id) {
                Node::Variable(index) if index >= cutoff => Some(Node::Variable(number(index - cutoff)? + cutoff)),
                Node::Lambda(body) => match done(body, cutoff + 1) {
                    Some(body) => Some(Node::Lambda(body)),
                    None => {
                        stack.push((body, cutoff + 1));
                        None
                    }
                },
                Node::Apply(function, argument) => {
                    let parts = [argument, function].map(|part| (part, done(part, cutoff)));
                    stack.extend(parts.iter().filter(|(_, made)| made.is_none()).map(|&(part, _)| (part, cutoff)));
                    match parts {
                        [(_, Some(argument)), (_, Some(function))] => Some(Node::Apply(function, argument)),
                        _ => None,
                    }
                }
                other => Some(other),
            };
            if let Some(node) = node {
                let new = self.intern(node);
                made.insert((id, cutoff), new);
                stack.pop();
            }
        }
        made.get(&(root, 0)).copied()
    }

    /// The term, which stands below `depth` lambdas of a pattern, as it reads outside them: a function of the variables
    /// in `over`, the first bound by its outermost lambda. `None` if it mentions another of the lambdas.
    pub fn abstracted(&mut self, term: Id, depth: u32, over: &[u32]) -> Option<Id> {
        if over.is_empty() {
            return self.shift(term, -(depth as i32));
        }
        let count = over.len() as u32;
        let number = |index: u32| match over.iter().position(|&bound| bound == index) {
            Some(position) => Some(count - 1 - position as u32),
            None => index.checked_sub(depth).map(|outside| outside + count),
        };
        let mut made = self.renumbered(term, number)?;
        for _ in over {
            made = self.intern(Node::Lambda(made));
        }
        Some(made)
    }

    fn shifted_part(&self, id: Id, cutoff: u32, amount: i32) -> Option<Id> {
        if self.reach[id as usize] <= cutoff {
            return Some(id);
        }
        self.shifted.get(&(id, cutoff, amount as u64)).copied()
    }

    /// The tree of a term in postorder, each node with the number of lambdas above it.
    pub fn postorder(&self, root: Id) -> Vec<(Node, u32)> {
        let mut reversed = Vec::new();
        let mut stack = vec![(root, 0)];
        while let Some((id, depth)) = stack.pop() {
            let node = self.node(id);
            reversed.push((node, depth));
            match node {
                Node::Lambda(body) => stack.push((body, depth + 1)),
                Node::Apply(function, argument) => stack.extend([(function, depth), (argument, depth)]),
                _ => {}
            }
        }
        reversed.reverse();
        reversed
    }

    /// Rebuilds a postorder tree with its leaves replaced: `leaf(terms, node, depth)` gives the new leaf.
    pub fn rebuild(
        &mut self,
        postorder: &[(Node, u32)],
        mut leaf: impl FnMut(&mut Self, Node, u32) -> Option<Id>,
    ) -> Option<Id> {
        let mut built = Vec::new();
        for &(node, depth) in postorder {
            let id = match node {
                Node::Lambda(_) => {
                    let body = built.pop()?;
                    self.intern(Node::Lambda(body))
                }
                Node::Apply(..) => {
                    let argument = built.pop()?;
                    let function = built.pop()?;
                    self.intern(Node::Apply(function, argument))
                }
                other => leaf(self, other, depth)?,
            };
            built.push(id);
        }
        built.pop()
    }

    /// A body (in postorder) with its parameters replaced by arguments that stand outside it.
    pub fn instantiate(&mut self, body: &[(Node, u32)], arguments: &[Id]) -> Option<Id> {
        self.rebuild(body, |terms, node, depth| match node {
            Node::Parameter(index) => terms.shift(*arguments.get(index as usize)?, depth as i32),
            other => Some(terms.intern(other)),
        })
    }

    /// The closed λ-term of an abstraction: `#0` becomes the variable of the outermost lambda.
    pub fn definition(&mut self, body: Id, arity: u32) -> Option<Id> {
        let steps = self.postorder(body);
        let mut term = self.rebuild(&steps, |terms, node, depth| {
            Some(match node {
                Node::Parameter(index) => terms.intern(Node::Variable(arity.checked_sub(index + 1)? + depth)),
                other => terms.intern(other),
            })
        })?;
        for _ in 0..arity {
            term = self.intern(Node::Lambda(term));
        }
        Some(term)
    }

    /// The text of a term, with `(lambda …)`, `$i`, `#i` and flattened applications.
    pub fn text(&self, root: Id) -> String {
        enum Piece {
            Term(Id),
            Text(&'static str),
        }
        let mut out = String::new();
        let mut stack = vec![Piece::Term(root)];
        while let Some(piece) = stack.pop() {
            let id = match piece {
                Piece::Text(text) => {
                    out.push_str(text);
                    continue;
                }
                Piece::Term(id) => id,
            };
            match self.node(id) {
                Node::Name(symbol) => out.push_str(self.name(symbol)),
                Node::Variable(index) => out.push_str(&format!("${index}")),
                Node::Parameter(index) => out.push_str(&format!("#{index}")),
                Node::Lambda(body) => {
                    out.push_str("(lambda ");
                    stack.extend([Piece::Text(")"), Piece::Term(body)]);
                }
                Node::Apply(..) => {
                    out.push('(');
                    stack.push(Piece::Text(")"));
                    let mut head = id;
                    while let Node::Apply(function, argument) = self.node(head) {
                        stack.extend([Piece::Term(argument), Piece::Text(" ")]);
                        head = function;
                    }
                    stack.push(Piece::Term(head));
                }
            }
        }
        out
    }

    /// The body with its parameters as free variables.
    pub fn closed_off(&mut self, body: Id) -> Option<Id> {
        let steps = self.postorder(body);
        self.rebuild(&steps, |terms, node, depth| {
            Some(match node {
                Node::Parameter(number) => terms.intern(Node::Variable(PARAMETERS + number + depth)),
                other => terms.intern(other),
            })
        })
    }

    /// The body with its parameters as such: undoes [`Terms::closed_off`].
    pub fn opened_up(&mut self, body: Id) -> Option<Id> {
        let steps = self.postorder(body);
        self.rebuild(&steps, |terms, node, depth| {
            Some(match node {
                Node::Variable(index) if index >= PARAMETERS => {
                    terms.intern(Node::Parameter(index - PARAMETERS - depth))
                }
                other => terms.intern(other),
            })
        })
    }

    /// An arena with the same symbols and only the terms that the roots are made of, and for each of these its new id.
    /// The order of the terms is kept.
    pub fn compacted(&self, roots: impl IntoIterator<Item = Id>) -> (Terms, FastMap<Id, Id>) {
        let mut terms = Terms { names: self.names.clone(), symbols: self.symbols.clone(), ..Terms::default() };
        let mut moved: FastMap<Id, Id> = FastMap::default();
        for id in self.reachable(roots) {
            let node = match self.node(id) {
                Node::Lambda(body) => Node::Lambda(moved[&body]),
                Node::Apply(function, argument) => Node::Apply(moved[&function], moved[&argument]),
                leaf => leaf,
            };
            moved.insert(id, terms.intern(node));
        }
        (terms, moved)
    }

    /// Every term that the roots are made of, in ascending order of ids (children first).
    pub fn reachable(&self, roots: impl IntoIterator<Item = Id>) -> Vec<Id> {
        let mut seen = FastSet::default();
        let mut stack: Vec<Id> = roots.into_iter().collect();
        let mut found = Vec::new();
        while let Some(id) = stack.pop() {
            if !seen.insert(id) {
                continue;
            }
            found.push(id);
            match self.node(id) {
                Node::Lambda(body) => stack.push(body),
                Node::Apply(function, argument) => stack.extend([function, argument]),
                _ => {}
            }
        }
        found.sort_unstable();
        found
    }
}
