//! The programs of one step as a dense DAG in topological order, with what the search asks about each node.

use std::hash::Hasher;

use crate::binding::Over;
use crate::settings::{Costs, Settings};
use crate::term::{FastHasher, FastMap, FastSet, Id, Node, Terms};

/// Stands for "no child" and "no node"; gains of this index are zero.
pub const NO_NODE: u32 = u32::MAX;
/// The task or program of a node that several contain.
pub const MANY: u32 = u32::MAX - 1;
/// The task of a node that no task contains.
const NO_TASK: u32 = u32::MAX;
/// The key of a term that mentions a variable bound inside the pattern: it has no form outside.
pub const CAPTURED: u32 = u32::MAX;

/// What stands at a node, without what is below it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Head {
    Apply,
    Lambda,
    Name(u32),
    Variable(u32),
}

/// A set of subterms, hashed to 256 bits.
pub type Parts = [u64; 4];

/// A program's root in the DAG, with its cost and its handicap together.
pub struct Root {
    pub node: u32,
    pub cost: i64,
}

/// The corpus of a step. All vectors but `tasks` and `parents` have one entry a node.
pub struct Corpus {
    pub term: Vec<Id>,
    pub head: Vec<Head>,
    /// Function of an application, body of a lambda; the sentinel node otherwise.
    pub left: Vec<u32>,
    /// Argument of an application; the sentinel node otherwise.
    pub right: Vec<u32>,
    pub cost: Vec<i64>,
    /// The cost of the cheapest leaf.
    pub least: Vec<i64>,
    /// Number of occurrences in all programs, the programs that share it counted each, as often as their tasks count.
    pub weight: Vec<u32>,
    /// The only task that contains the node, or `MANY`.
    pub task: Vec<u32>,
    /// The only program that contains the node, or `MANY`.
    pub program: Vec<u32>,
    pub program_count: usize,
    /// 1 + the largest free variable, 0 for a closed term.
    pub reach: Vec<u32>,
    /// Which subterms a term has, as a Bloom filter that takes all variables for one.
    pub parts: Vec<Parts>,
    pub has_lambda: Vec<bool>,
    pub tasks: Vec<Vec<Root>>,
    /// How often each task counts.
    pub shares: Vec<u32>,
    /// One program a task: gains simply add up.
    pub additive: bool,
    /// The task of each program.
    pub task_of: Vec<u32>,
    /// Hashes of the terms that take all variables for one.
    blind: Vec<u64>,
    parent_start: Vec<u32>,
    parents: Vec<u32>,
    keys: FastMap<(u32, u32), u32>,
    /// The numbers of terms that stand nowhere in the corpus but as an argument is read outside a pattern.
    strangers: FastMap<Id, u32>,
    keys_over: FastMap<(u32, u32, Over), u32>,
    /// The numbers beyond the nodes that are those of closed terms.
    closed_strangers: FastSet<u32>,
}

impl Corpus {
    pub fn new(terms: &Terms, tasks: &[Vec<Id>], costs: &Costs) -> Self {
        Corpus::with_bodies(terms, tasks, &[], 1, costs)
    }

    /// The corpus of the tasks and, each as a task with one program that counts `body_share` times, the bodies of
    /// abstractions that serve enough tasks.
    pub fn with_bodies(terms: &Terms, tasks: &[Vec<Id>], bodies: &[Id], body_share: u32, costs: &Costs) -> Self {
        let term = terms.reachable(tasks.iter().flatten().chain(bodies).copied());
        let mut place = vec![NO_NODE; terms.len()];
        for (node, &id) in term.iter().enumerate() {
            place[id as usize] = node as u32;
        }
        let count = term.len();
        let mut corpus = Corpus {
            head: Vec::with_capacity(count),
            left: vec![count as u32; count],
            right: vec![count as u32; count],
            cost: vec![0; count],
            least: vec![i64::MAX; count],
            weight: vec![0; count],
            task: vec![NO_TASK; count],
            program: vec![NO_TASK; count],
            program_count: 0,
            reach: term.iter().map(|&id| terms.reach(id)).collect(),
            parts: Vec::with_capacity(count),
            blind: Vec::with_capacity(count),
            has_lambda: vec![false; count],
            tasks: Vec::with_capacity(tasks.len()),
            shares: (0..tasks.len())
                .map(|task| costs.shares.weight(task))
                .chain(bodies.iter().map(|_| body_share))
                .collect(),
            additive: true,
            task_of: Vec::new(),
            parent_start: Vec::new(),
            parents: Vec::new(),
            keys: FastMap::default(),
            strangers: FastMap::default(),
            keys_over: FastMap::default(),
            closed_strangers: FastSet::default(),
            term,
        };
        for node in 0..count {
            corpus.add_node(node, terms, &place, costs);
        }
        for (index, programs) in tasks.iter().enumerate() {
            let handicap = |program| costs.shares.handicap(index, program);
            corpus.add_roots(programs, &place, index as u32, handicap);
        }
        for &body in bodies {
            corpus.add_roots(&[body], &place, MANY, |_| 0);
        }
        corpus.spread_occurrences();
        corpus.link_parents();
        corpus
    }

    fn add_node(&mut self, node: usize, terms: &Terms, place: &[u32], costs: &Costs) {
        let (head, cost, lambda) = match terms.node(self.term[node]) {
            Node::Name(symbol) => (Head::Name(symbol), costs.name(symbol), false),
            Node::Variable(index) => (Head::Variable(index), costs.variable(index), false),
            // A parameter never stands in a program; costing it as a variable keeps this total.
            Node::Parameter(index) => (Head::Variable(index), costs.variable, false),
            Node::Lambda(body) => {
                let body = place[body as usize];
                self.left[node] = body;
                (Head::Lambda, costs.lambda + self.cost[body as usize], true)
            }
            Node::Apply(function, argument) => {
                let (function, argument) = (place[function as usize], place[argument as usize]);
                self.left[node] = function;
                self.right[node] = argument;
                let (function, argument) = (function as usize, argument as usize);
                let cost = costs.apply + self.cost[function] + self.cost[argument];
                (Head::Apply, cost, self.has_lambda[function] || self.has_lambda[argument])
            }
        };
        self.head.push(head);
        self.add_parts(node);
        self.cost[node] = cost;
        let below = [self.left[node], self.right[node]].map(|child| self.least.get(child as usize).copied());
        self.least[node] = below.into_iter().flatten().min().unwrap_or(cost);
        self.has_lambda[node] = lambda;
    }

    fn add_parts(&mut self, node: usize) {
        let mut hasher = FastHasher::default();
        let mut parts = [0; 4];
        match self.head[node] {
            Head::Name(symbol) => hasher.write_u64(u64::from(symbol) << 2),
            Head::Variable(_) => hasher.write_u64(1),
            Head::Apply => hasher.write_u64(2),
            Head::Lambda => hasher.write_u64(3),
        }
        for child in [self.left[node] as usize, self.right[node] as usize] {
            if child < self.blind.len() {
                hasher.write_u64(self.blind[child]);
                parts = std::array::from_fn(|word| parts[word] | self.parts[child][word]);
            }
        }
        let hash = hasher.finish();
        self.blind.push(hash);
        // The high bits of a multiplicative hash are the good ones.
        parts[(hash >> 62) as usize] |= 1 << ((hash >> 56) & 63);
        self.parts.push(parts);
    }

    /// Whether a term may have another, moved over lambdas, as a subterm. Never wrongly false.
    pub fn may_contain(&self, whole: u32, part: u32) -> bool {
        let (large, small) = (&self.parts[whole as usize], &self.parts[part as usize]);
        small.iter().zip(large).fold(0, |missing, (small, large)| missing | small & !large) == 0
    }

    /// Adds the programs of one task; what only they contain serves `task`.
    fn add_roots(&mut self, programs: &[Id], place: &[u32], task: u32, handicap: impl Fn(usize) -> i64) {
        let (index, mut roots) = (self.tasks.len(), Vec::with_capacity(programs.len()));
        for (number, &program) in programs.iter().enumerate() {
            let node = place[program as usize];
            self.weight[node as usize] += self.shares[index];
            merge_task(&mut self.task[node as usize], task);
            merge_task(&mut self.program[node as usize], self.program_count as u32);
            self.program_count += 1;
            self.task_of.push(index as u32);
            roots.push(Root { node, cost: self.cost[node as usize] + handicap(number) });
            self.additive &= programs.len() == 1;
        }
        self.tasks.push(roots);
    }

    fn spread_occurrences(&mut self) {
        for node in (0..self.head.len()).rev() {
            for child in [self.left[node], self.right[node]] {
                if (child as usize) < self.head.len() {
                    self.weight[child as usize] += self.weight[node];
                    let task = self.task[node];
                    merge_task(&mut self.task[child as usize], task);
                    let program = self.program[node];
                    merge_task(&mut self.program[child as usize], program);
                }
            }
        }
    }

    fn link_parents(&mut self) {
        let count = self.head.len();
        let mut start = vec![0u32; count + 2];
        for &child in self.left.iter().chain(&self.right).filter(|&&child| (child as usize) < count) {
            start[child as usize + 2] += 1;
        }
        for index in 2..start.len() {
            start[index] += start[index - 1];
        }
        let mut parents = vec![0; start[count + 1] as usize];
        for node in 0..count {
            for child in [self.left[node], self.right[node]] {
                if (child as usize) < count {
                    parents[start[child as usize + 1] as usize] = node as u32;
                    start[child as usize + 1] += 1;
                }
            }
        }
        start.truncate(count + 1);
        self.parent_start = start;
        self.parents = parents;
    }

    /// The node of a term of the corpus.
    pub fn place(&self, term: Id) -> Option<u32> {
        self.term.binary_search(&term).ok().map(|node| node as u32)
    }

    pub fn is_closed(&self, node: u32) -> bool {
        self.reach[node as usize] == 0
    }

    /// The number of nodes; also the index of the sentinel node.
    pub fn len(&self) -> usize {
        self.head.len()
    }

    pub fn is_empty(&self) -> bool {
        self.head.is_empty()
    }

    pub fn parents(&self, node: u32) -> &[u32] {
        let (from, to) = (self.parent_start[node as usize], self.parent_start[node as usize + 1]);
        &self.parents[from as usize..to as usize]
    }

    /// A number for the term at a node as it reads outside the `depth` lambdas of a pattern, equal for equal terms:
    /// the node of that term, or a number of its own beyond the nodes. `CAPTURED` if it mentions one of the lambdas.
    pub fn key(&mut self, terms: &mut Terms, node: u32, depth: u32) -> u32 {
        if depth == 0 || self.reach[node as usize] == 0 {
            return node;
        }
        if let Some(&key) = self.keys.get(&(node, depth)) {
            return key;
        }
        let key = match terms.shift(self.term[node as usize], -(depth as i32)) {
            None => CAPTURED,
            Some(term) => self.number(term),
        };
        self.keys.insert((node, depth), key);
        key
    }

    /// The node of a term, or a number of its own beyond the nodes.
    fn number(&mut self, term: Id) -> u32 {
        self.place(term).unwrap_or_else(|| {
            let next = (self.len() + 1 + self.strangers.len()) as u32;
            *self.strangers.entry(term).or_insert(next)
        })
    }

    /// As [`Corpus::key`], of the term at a node as a function of variables that the pattern binds.
    pub fn key_over(&mut self, terms: &mut Terms, node: u32, depth: u32, over: Over) -> u32 {
        if over.is_empty() {
            return self.key(terms, node, depth);
        }
        if let Some(&key) = self.keys_over.get(&(node, depth, over)) {
            return key;
        }
        let indices: Vec<u32> = over.indices().collect();
        let key = match terms.abstracted(self.term[node as usize], depth, &indices) {
            None => CAPTURED,
            Some(term) => {
                let key = self.number(term);
                if terms.is_closed(term) {
                    self.closed_strangers.insert(key);
                }
                key
            }
        };
        self.keys_over.insert((node, depth, over), key);
        key
    }

    /// Whether a key that is no node's is that of a closed term.
    pub fn is_closed_stranger(&self, key: u32) -> bool {
        self.closed_strangers.contains(&key)
    }

    /// What the corpus costs: for each task its cheapest program, as often as the task counts.
    pub fn total_cost(&self) -> i64 {
        self.tasks.iter().zip(&self.shares).map(|(roots, &share)| i64::from(share) * cheapest(roots, |_| 0)).sum()
    }
}

/// The least cost among a task's programs after each has gained something.
pub fn cheapest(roots: &[Root], gain: impl Fn(u32) -> i64) -> i64 {
    roots.iter().map(|root| root.cost - gain(root.node)).min().unwrap_or(0)
}

/// The task of something that both tasks contain.
pub fn merge_task(into: &mut u32, task: u32) {
    if *into == NO_TASK {
        *into = task;
    } else if *into != task {
        *into = MANY;
    }
}

/// A task to merge others into.
pub fn no_task() -> u32 {
    NO_TASK
}

/// Whether the tasks merged into `task` suffice for an abstraction.
pub fn serves_enough(task: u32, settings: &Settings) -> bool {
    task == MANY || (settings.allow_single_task && task != NO_TASK)
}
