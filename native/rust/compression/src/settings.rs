//! The settings of a run (sizes, costs, limits and names) and the checks on them. The defaults are Python's to declare.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::error::Error;
use crate::term::{FastMap, Id, Node, Symbol, Terms, PARAMETERS};

/// The largest cost of one token. With it no sum over a corpus that fits in memory leaves 63 bits.
const MAX_COST: i64 = 1_000_000;
/// The largest handicap of a program.
const MAX_HANDICAP: i64 = 1_000_000_000_000;

/// How much the programs of each task count.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Shares {
    /// For each task how many tasks it counts for; without entries each counts once.
    pub weights: Vec<u32>,
    /// For each program of each task what it costs besides its nodes; without entries nothing.
    pub handicaps: Vec<Vec<i64>>,
}

impl Shares {
    pub fn weight(&self, task: usize) -> u32 {
        self.weights.get(task).copied().unwrap_or(1)
    }

    pub fn handicap(&self, task: usize, program: usize) -> i64 {
        self.handicaps.get(task).and_then(|of_task| of_task.get(program)).copied().unwrap_or(0)
    }
}

/// The price list, as the user gives it.
#[derive(Clone, Debug)]
pub struct Prices {
    pub apply: i64,
    pub lambda: i64,
    pub variable: i64,
    pub primitive: i64,
    pub overrides: BTreeMap<String, i64>,
    pub shares: Shares,
}

/// The settings of [`crate::compress`].
#[derive(Clone, Debug)]
pub struct Settings {
    /// At most so many abstractions.
    pub iterations: usize,
    pub max_arity: usize,
    /// Weight of a body's cost against the corpus's.
    pub structure_penalty: f64,
    pub prices: Prices,
    /// Whether an abstraction may serve one task only.
    pub allow_single_task: bool,
    /// Whether abstractions must keep η-long programs η-long: no body is a lambda or lacks arguments, and no parameter
    /// is applied.
    pub eta_long: bool,
    /// Whether no body may lack arguments and no parameter be applied, without types.
    pub first_order: bool,
    /// Whether a parameter may stand for a function of variables that the body binds.
    pub binding: bool,
    pub prefix: String,
    pub first_index: u64,
    pub reserved: BTreeSet<String>,
    pub timeout: Option<Duration>,
    /// Bytes that a step's search may hold (estimated; the corpus itself is not counted).
    pub memory_limit: Option<usize>,
}

impl Settings {
    pub fn check(&self) -> Result<(), Error> {
        self.prices.check()?;
        if !self.structure_penalty.is_finite() || !(0.0..=1e6).contains(&self.structure_penalty) {
            return Err(Error::setting(format!(
                "structure_penalty is a number from 0 to 1000000, not {}",
                self.structure_penalty
            )));
        }
        if self.max_arity > 64 {
            return Err(Error::setting(format!("max_arity is at most 64, not {}", self.max_arity)));
        }
        let bad = |c: char| c.is_whitespace() || c == '(' || c == ')';
        if self.prefix.is_empty() || self.prefix.starts_with(['$', '#']) || self.prefix.contains(bad) {
            return Err(Error::setting(format!("`{}` cannot begin a name", self.prefix)));
        }
        Ok(())
    }

    /// Whether a parameter may be applied to something.
    pub fn allows_applied_parameters(&self) -> bool {
        !self.eta_long && !self.first_order
    }

    /// The charge for a body of this cost.
    pub fn penalty(&self, body_cost: i64) -> i64 {
        (self.structure_penalty * body_cost as f64) as i64
    }
}

impl Prices {
    pub fn check(&self) -> Result<(), Error> {
        let fixed = [
            ("cost_app", self.apply),
            ("cost_lambda", self.lambda),
            ("cost_variable", self.variable),
            ("cost_primitive", self.primitive),
        ];
        let overrides = self.overrides.iter().map(|(name, &cost)| (name.as_str(), cost));
        for (name, cost) in fixed.into_iter().chain(overrides) {
            if !(0..=MAX_COST).contains(&cost) {
                return Err(Error::setting(format!("the cost `{name}` is from 0 to {MAX_COST}, not {cost}")));
            }
        }
        let mut handicaps = self.shares.handicaps.iter().flatten();
        if let Some(cost) = handicaps.find(|&&cost| !(0..=MAX_HANDICAP).contains(&cost)) {
            return Err(Error::setting(format!("a handicap is from 0 to {MAX_HANDICAP}, not {cost}")));
        }
        Ok(())
    }
}

/// The price list, resolved to symbols.
#[derive(Clone, Debug)]
pub struct Costs {
    pub apply: i64,
    pub lambda: i64,
    pub variable: i64,
    pub primitive: i64,
    overrides: BTreeMap<Symbol, i64>,
    pub shares: Shares,
}

impl Costs {
    pub fn new(prices: &Prices, terms: &mut Terms) -> Self {
        // Asking for the symbol of a name that no program has would reserve it, so unknown names are left out.
        let known = prices.overrides.iter().filter(|(name, _)| terms.knows(name));
        let known: Vec<_> = known.map(|(name, &cost)| (name.clone(), cost)).collect();
        Costs {
            apply: prices.apply,
            lambda: prices.lambda,
            variable: prices.variable,
            primitive: prices.primitive,
            overrides: known.into_iter().map(|(name, cost)| (terms.symbol(&name), cost)).collect(),
            shares: prices.shares.clone(),
        }
    }

    pub fn name(&self, symbol: Symbol) -> i64 {
        self.overrides.get(&symbol).copied().unwrap_or(self.primitive)
    }

    /// The cost of a variable: nothing if it stands for a parameter.
    pub fn variable(&self, index: u32) -> i64 {
        if index < PARAMETERS {
            self.variable
        } else {
            0
        }
    }

    /// The cost of one node without what is below it.
    pub fn node(&self, node: Node) -> i64 {
        match node {
            Node::Name(symbol) => self.name(symbol),
            Node::Variable(index) => self.variable(index),
            Node::Parameter(_) => 0,
            Node::Lambda(_) => self.lambda,
            Node::Apply(..) => self.apply,
        }
    }

    /// The cost of a body, in which parameters are free.
    pub fn body(&self, terms: &Terms, body: Id) -> i64 {
        terms.postorder(body).iter().map(|&(node, _)| self.node(node)).sum()
    }

    /// The cost of a term; no parameter stands in it.
    pub fn term(&self, terms: &Terms, term: Id) -> i64 {
        let mut cost: FastMap<Id, i64> = FastMap::default();
        for id in terms.reachable([term]) {
            let node = terms.node(id);
            let below = match node {
                Node::Lambda(body) => cost[&body],
                Node::Apply(function, argument) => cost[&function].saturating_add(cost[&argument]),
                _ => 0,
            };
            cost.insert(id, self.node(node).saturating_add(below));
        }
        cost[&term]
    }

    /// What a call costs besides its arguments.
    pub fn call(&self, arity: usize) -> i64 {
        self.primitive + self.apply * arity as i64
    }
}
