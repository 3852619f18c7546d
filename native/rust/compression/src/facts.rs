//! What the search asks about a node again and again, in one record, and the classes and signatures that bounds group by.
//!
//! The *class* of a node is the leaf or lambda at the end of its left spine with the length of the spine: what is filled in
//! without a parameter at that end has one class wherever it stands. Its *signature* is a sum over the nodes of the
//! term: terms that differ only in their leaves and variables have equal signatures, and
//! an instance's signature is the body's plus, for each parameter, its argument's times its uses.

use crate::corpus::{Corpus, Head, MANY, NO_NODE};
use crate::term::{FastMap, FastSet};

/// The lowest nodes of a left spine that are remembered.
pub const LOW: usize = 4;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Apply,
    Lambda,
    Name,
    Variable,
}

impl Kind {
    pub fn has_children(self) -> bool {
        matches!(self, Kind::Apply | Kind::Lambda)
    }
}

/// What is asked about a node.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    pub cost: i64,
    /// The cost of the dearest argument on the left spine.
    pub dearest: i64,
    pub left: u32,
    pub right: u32,
    pub class: u32,
    pub signature: u32,
    /// Arguments on the left spine.
    pub spine: u32,
    pub kind: Kind,
    pub closed: bool,
    /// Whether the signature is nothing.
    pub plain: bool,
    /// For a node of one program only, when a walk through the program enters and leaves it first.
    entered: u32,
    exited: u32,
}

impl Fact {
    /// Whether the node stands below another of the same program, at least once.
    pub fn is_below(&self, above: &Fact) -> bool {
        above.entered <= self.entered && self.entered < above.exited
    }
}

/// The facts of a corpus.
pub struct Facts {
    pub of: Vec<Fact>,
    /// The names in each term, hashed to bits.
    names: Vec<u64>,
    /// The nodes on the left spine with 0, 1, … arguments.
    pub low: Vec<[u32; LOW]>,
    pub classes: usize,
    pub signatures: usize,
    pub longest_spine: usize,
}

impl Facts {
    pub fn new(corpus: &Corpus) -> Self {
        let applied = applied_names(corpus);
        let mut facts = Facts {
            of: Vec::with_capacity(corpus.len()),
            names: Vec::with_capacity(corpus.len()),
            low: Vec::with_capacity(corpus.len()),
            classes: 0,
            signatures: 0,
            longest_spine: 0,
        };
        let mut numbers = Numbers::default();
        for node in 0..corpus.len() {
            facts.add(corpus, node, &applied, &mut numbers);
        }
        facts.classes = numbers.classes.len();
        facts.signatures = numbers.signatures.len();
        facts.walk(corpus);
        facts
    }

    fn add(&mut self, corpus: &Corpus, node: usize, applied: &FastSet<u32>, numbers: &mut Numbers) {
        let (left, right) = (corpus.left[node], corpus.right[node]);
        let below = |child: u32| self.of.get(child as usize);
        let names_of = |child: u32| self.names.get(child as usize).copied().unwrap_or(0);
        let names = names_of(left) | names_of(right);
        let head = corpus.head[node];
        let (kind, end, own, names) = match head {
            Head::Apply => (Kind::Apply, numbers.ends[left as usize], APPLICATION, names),
            Head::Lambda => (Kind::Lambda, 0, LAMBDA, names),
            Head::Name(name) => {
                let own = if applied.contains(&name) { (u64::from(name) + 1).wrapping_mul(NAME) } else { 0 };
                (Kind::Name, 2 * u64::from(name) + 1, own, 1 << (name & 63))
            }
            Head::Variable(index) => (Kind::Variable, 2 * u64::from(index) + 2, 0, 0),
        };
        let (spine, dearest, mut low) = match (kind, below(left), below(right)) {
            (Kind::Apply, Some(function), Some(argument)) => {
                (function.spine + 1, function.dearest.max(argument.cost), self.low[left as usize])
            }
            _ => (0, 0, [NO_NODE; LOW]),
        };
        if let Some(place) = low.get_mut(spine as usize) {
            *place = node as u32;
        }
        let (class, signature) = numbers.give(end, spine, own, [left, right]);
        self.longest_spine = self.longest_spine.max(spine as usize);
        self.low.push(low);
        self.names.push(names);
        self.of.push(Fact {
            cost: corpus.cost[node],
            dearest,
            left,
            right,
            class,
            signature,
            spine,
            kind,
            closed: corpus.is_closed(node as u32),
            plain: own == 0,
            entered: NO_NODE,
            exited: 0,
        });
    }

    /// Walks through the nodes that each program has for itself.
    fn walk(&mut self, corpus: &Corpus) {
        let mut clock = 0;
        for root in corpus.tasks.iter().flatten() {
            let mut stack = vec![(root.node, false)];
            while let Some((node, done)) = stack.pop() {
                let at = node as usize;
                if done {
                    self.of[at].exited = clock;
                } else if at < corpus.len() && self.of[at].entered == NO_NODE && corpus.program[at] != MANY {
                    self.of[at].entered = clock;
                    clock += 1;
                    stack.extend([(node, true), (corpus.right[at], false), (corpus.left[at], false)]);
                }
            }
        }
    }

    /// Whether a term may have another, moved over lambdas, as a subterm. Never wrongly false.
    pub fn may_contain(&self, corpus: &Corpus, whole: u32, part: u32) -> bool {
        let names = self.names[part as usize] & !self.names[whole as usize];
        names == 0 && (self.of[part as usize].kind == Kind::Name || corpus.may_contain(whole, part))
    }
}

const APPLICATION: u64 = 1 << 40 | 1;
const LAMBDA: u64 = 0xD6E8_FEB8_6659_FD93;
const NAME: u64 = 0x9E37_79B9_7F4A_7C15;

/// Numbers for classes and signatures as they come up. Equal sums get equal numbers; unequal ones may, which only
/// loosens bounds.
#[derive(Default)]
struct Numbers {
    classes: FastMap<(u64, u32), u32>,
    signatures: FastMap<u64, u32>,
    ends: Vec<u64>,
    sums: Vec<u64>,
}

impl Numbers {
    fn give(&mut self, end: u64, spine: u32, own: u64, children: [u32; 2]) -> (u32, u32) {
        let sums = children.map(|child| self.sums.get(child as usize).copied().unwrap_or(0));
        let sum = own.wrapping_add(sums[0]).wrapping_add(sums[1]);
        self.ends.push(end);
        self.sums.push(sum);
        let (class, signature) = (self.classes.len() as u32, self.signatures.len() as u32);
        (*self.classes.entry((end, spine)).or_insert(class), *self.signatures.entry(sum).or_insert(signature))
    }
}

/// The names that are applied somewhere: the others are what programs differ in.
fn applied_names(corpus: &Corpus) -> FastSet<u32> {
    let functions = corpus.head.iter().zip(&corpus.left).filter(|(head, _)| **head == Head::Apply);
    functions
        .filter_map(|(_, &function)| match corpus.head[function as usize] {
            Head::Name(name) => Some(name),
            _ => None,
        })
        .collect()
}
