//! Library compression: abstractions that make a corpus of programs cheaper, one optimal abstraction at a time.
//!
//! ```
//! use std::collections::{BTreeMap, BTreeSet};
//!
//! use compression::compress;
//! use compression::limits::Permissive;
//! use compression::settings::{Prices, Settings, Shares};
//!
//! let settings = Settings {
//!     iterations: 1,
//!     max_arity: 1,
//!     structure_penalty: 1.0,
//!     prices: Prices {
//!         apply: 1,
//!         lambda: 1,
//!         variable: 100,
//!         primitive: 100,
//!         overrides: BTreeMap::new(),
//!         shares: Shares::default(),
//!     },
//!     allow_single_task: false,
//!     eta_long: false,
//!     first_order: false,
//!     binding: false,
//!     prefix: "fn_".to_owned(),
//!     first_index: 0,
//!     reserved: BTreeSet::new(),
//!     timeout: None,
//!     memory_limit: None,
//! };
//! // Three tasks with one program each.
//! let tasks = ["(map (lambda (+ $0 1)) x)", "(map (lambda (+ $0 1)) y)", "(f (lambda (+ $0 1)))"]
//!     .map(|program| vec![program.to_owned()]);
//! let found = compress(&tasks, &settings, &mut Permissive)?;
//! let learned = &found.abstractions[0];
//! assert_eq!((learned.name.as_str(), learned.body.as_str()), ("fn_0", "(lambda (+ $0 1))"));
//! // Each use saves 303 - 100, and the body costs 303.
//! assert_eq!(learned.utility, 3 * (303 - 100) - 303);
//! assert_eq!(found.rewritten[2], ["(f fn_0)"]);
//! # Ok::<(), compression::error::Error>(())
//! ```

pub mod binding;
pub mod bounds;
pub mod children;
pub mod choices;
pub mod closing;
pub mod columns;
pub mod corpus;
pub mod error;
pub mod facts;
pub mod given;
pub mod library;
pub mod limits;
pub mod matching;
pub mod parse;
pub mod pattern;
pub mod rewrite;
pub mod search;
pub mod settings;
pub mod spine;
pub mod stage;
pub mod term;
pub mod utility;

use corpus::Corpus;
use error::Error;
use given::normal::Unfoldings;
use limits::{Caller, Limits, Stop};
use rewrite::Macro;
use search::{Outcome, RunnerUp, Search};
use settings::{Costs, Settings, Shares};
use stage::Stage;
use term::{Id, Terms};

/// A learned abstraction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Abstraction {
    pub name: String,
    pub arity: usize,
    /// With parameters `#0`, `#1`, …, numbered from left to right.
    pub body: String,
    /// The closed λ-term; `#0` is its outermost variable.
    pub definition: String,
    /// The fall of the corpus's cost less the charge for the body.
    pub utility: i64,
    /// Calls in the rewritten programs.
    pub uses: i64,
    pub cost_before: i64,
    pub cost_after: i64,
    /// Whether the search proved that no abstraction is better.
    pub proven: bool,
    /// Partial patterns that the search split.
    pub visited: u64,
}

/// What compression made of a corpus.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Compression {
    pub abstractions: Vec<Abstraction>,
    pub rewritten: Vec<Vec<String>>,
    pub cost_before: i64,
    pub cost_after: i64,
    /// The cost of the programs and, times the structure penalty, of the new abstractions' bodies.
    pub description_length: i64,
    /// Partial patterns that all searches split.
    pub visited: u64,
    pub stop: Stop,
}

/// A run under way.
struct Run<'a> {
    terms: Terms,
    costs: Costs,
    settings: &'a Settings,
    tasks: Vec<Vec<Id>>,
    macros: Vec<Macro>,
    abstractions: Vec<Abstraction>,
    runners_up: Vec<RunnerUp>,
}

/// Learns up to `settings.iterations` abstractions from tasks, each a list of alternative programs.
pub fn compress(tasks: &[Vec<String>], settings: &Settings, caller: &mut dyn Caller) -> Result<Compression, Error> {
    settings.check()?;
    let mut terms = Terms::default();
    let mut tasks = read(&mut terms, tasks)?;
    if settings.binding {
        for programs in &mut tasks {
            *programs = rewrite::renamed(&mut terms, programs, &Unfoldings::default())?;
        }
    }
    let costs = Costs::new(&settings.prices, &mut terms);
    check_shares(&terms, &tasks, &costs.shares)?;
    let mut limits = Limits::new(caller, settings.timeout, settings.memory_limit);
    let originals = roots(&tasks);
    let mut run =
        Run { terms, costs, settings, tasks, macros: Vec::new(), abstractions: Vec::new(), runners_up: Vec::new() };
    let cost_before = Corpus::new(&run.terms, &run.tasks, &run.costs).total_cost();
    let mut stop = Stop::Proven;
    while run.abstractions.len() < settings.iterations && stop == Stop::Proven {
        let (found, reason) = run.step(&mut limits)?;
        stop = reason;
        if !found {
            break;
        }
    }
    let rewritten = roots(&run.tasks);
    if rewrite::expand_all(&mut run.terms, rewritten, &run.macros)? != originals {
        return Err(Error::internal("a rewritten program does not expand to its original"));
    }
    let text = |&program: &Id| run.terms.text(program);
    let charge = |it: &Macro| settings.penalty(run.costs.body(&run.terms, it.body));
    let bodies: i64 = run.macros.iter().map(charge).sum();
    let cost_after = run.abstractions.last().map_or(cost_before, |last| last.cost_after);
    Ok(Compression {
        rewritten: run.tasks.iter().map(|programs| programs.iter().map(text).collect()).collect(),
        cost_before,
        cost_after,
        description_length: cost_after + bodies,
        visited: run.abstractions.iter().map(|it| it.visited).sum(),
        abstractions: run.abstractions,
        stop,
    })
}

impl Run<'_> {
    /// Learns one abstraction and rewrites the programs with it; false if there is none.
    fn step(&mut self, limits: &mut Limits<'_>) -> Result<(bool, Stop), Error> {
        let corpus = Corpus::new(&self.terms, &self.tasks, &self.costs);
        let cost_before = corpus.total_cost();
        let stage = Stage::new(corpus, &mut self.terms, &self.costs, self.settings);
        let known = std::mem::take(&mut self.runners_up);
        let outcome = Search::new(stage, limits).run(&known)?;
        let Outcome { best, stop, visited, runners_up, corpus, mut sweep, .. } = outcome;
        self.runners_up = runners_up;
        let Some(best) = best else {
            return Ok((false, stop));
        };
        let name = self.fresh_name();
        let symbol = self.terms.symbol(&name);
        let tasks = rewrite::rewrite(&mut self.terms, &corpus, &mut sweep, &best, symbol)?;
        drop((corpus, sweep)); // for their memory
        let cost_after = Corpus::new(&self.terms, &tasks, &self.costs).total_cost();
        if cost_before - cost_after != best.saving.cost {
            return Err(Error::internal(format!(
                "`{}` was to save {}, but the cost fell from {cost_before} to {cost_after}",
                best.text, best.saving.cost
            )));
        }
        let definition = self.terms.definition(best.body, best.arity() as u32);
        let definition = definition.ok_or_else(|| Error::internal("a body without a definition"))?;
        let up_to_beta = self.settings.binding.then_some(definition);
        let it = Macro { name: symbol, arity: best.arity(), body: best.body, up_to_beta };
        if rewrite::expand(&mut self.terms, &roots(&tasks), &it)? != roots(&self.tasks) {
            return Err(Error::internal(format!("programs rewritten with `{}` do not expand back", best.text)));
        }
        let proven = stop == Stop::Proven;
        let uses = rewrite::calls(&self.terms, &roots(&tasks), &[symbol])[0];
        let definition = self.terms.text(definition);
        let described = Abstraction {
            name,
            arity: best.arity(),
            body: best.text.clone(),
            definition,
            utility: best.utility,
            uses,
            cost_before,
            cost_after,
            proven,
            visited,
        };
        limits.learned(&described.name, &described.definition)?;
        self.abstractions.push(described);
        self.macros.push(it);
        self.tasks = tasks;
        Ok((true, stop))
    }

    fn fresh_name(&self) -> String {
        let first = self.settings.first_index.saturating_add(self.abstractions.len() as u64);
        let names = (first..).map(|number| format!("{}{number}", self.settings.prefix));
        let mut free = names.filter(|name| !self.terms.knows(name) && !self.settings.reserved.contains(name));
        free.next().unwrap_or_else(|| format!("{}new", self.settings.prefix))
    }
}

pub(crate) fn roots(tasks: &[Vec<Id>]) -> Vec<Id> {
    tasks.iter().flatten().copied().collect()
}

/// Parses the programs.
pub(crate) fn read(terms: &mut Terms, tasks: &[Vec<String>]) -> Result<Vec<Vec<Id>>, Error> {
    let of_task = |(index, texts): (usize, &Vec<String>)| {
        let program =
            |(number, text): (usize, &String)| parse::parse(terms, text).map_err(|error| error.at(index, number));
        texts.iter().enumerate().map(program).collect()
    };
    tasks.iter().enumerate().map(of_task).collect()
}

/// Refuses weights under which the occurrences of a term may not be counted.
pub(crate) fn check_shares(terms: &Terms, tasks: &[Vec<Id>], shares: &Shares) -> Result<(), Error> {
    let sizes = rewrite::sizes(terms, &roots(tasks));
    let count = |(index, programs): (usize, &Vec<Id>)| {
        let size = programs.iter().map(|program| sizes[program]).fold(0, u64::saturating_add);
        size.saturating_mul(u64::from(shares.weight(index)))
    };
    let all = tasks.iter().enumerate().map(count).fold(0, u64::saturating_add);
    if all > u64::from(u32::MAX) {
        return Err(Error::setting(format!(
            "the weights of the tasks make {all} nodes of their programs; at most {} are counted",
            u32::MAX
        )));
    }
    Ok(())
}
