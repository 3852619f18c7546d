//! Rewriting with a given library: for each program the cheapest way to use all abstractions together.
//!
//! A program is expanded first, so that it does not matter which calls it has already and in what order the abstractions
//! were learned. Then a dynamic program goes over its distinct subterms: each is kept, with its parts as cheap as they
//! can be, or becomes a call of any abstraction whose expanded body it is an instance of, with arguments as cheap as
//! they can be.

mod cheapest;
mod index;
mod matching;
pub mod normal;
mod patterns;

use crate::error::Error;
use crate::limits::{Caller, Limits, Stop};
use crate::rewrite::calls;
use crate::settings::{Costs, Prices};
use crate::term::{FastMap, Id, Terms};
use crate::{read, roots};

use cheapest::Cheapest;
use normal::{Contract, Normalizer};
pub use patterns::Given;
use patterns::Library;

/// The settings of [`rewrite`].
#[derive(Clone, Debug)]
pub struct Settings {
    pub prices: Prices,
    /// Whether programs are η-long and stay so: a call has all arguments, and an argument that is applied is a lambda.
    pub eta_long: bool,
    pub timeout: Option<std::time::Duration>,
    /// Bytes that the search may hold (estimated).
    pub memory_limit: Option<usize>,
}

/// What rewriting made of programs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rewriting {
    pub rewritten: Vec<Vec<String>>,
    /// Calls of each abstraction in all programs, as in the library.
    pub uses: Vec<i64>,
    /// The sum over the tasks of the cheapest program of each.
    pub cost_before: i64,
    pub cost_after: i64,
    /// Programs that do not expand within the limits, and were left as they are.
    pub unexpanded: usize,
    pub stop: Stop,
}

/// Rewrites the programs of tasks with a library. No program gets dearer, and each that changes is checked to have
/// the β-normal form that it had.
pub fn rewrite(
    tasks: &[Vec<String>],
    given: &[Given],
    settings: &Settings,
    caller: &mut dyn Caller,
) -> Result<Rewriting, Error> {
    settings.prices.check()?;
    let mut terms = Terms::default();
    let tasks = read(&mut terms, tasks)?;
    let library = Library::read(&mut terms, given)?;
    let costs = Costs::new(&settings.prices, &mut terms);
    let mut limits = Limits::new(caller, settings.timeout, settings.memory_limit);
    let mut rewriter = Rewriter { cheapest: Cheapest::new(&library, &costs, settings.eta_long), library: &library };
    let mut done: FastMap<Id, Id> = FastMap::default();
    let (mut unexpanded, mut stop) = (0, Stop::Proven);
    for program in roots(&tasks) {
        if stop != Stop::Proven || done.contains_key(&program) {
            continue;
        }
        match rewriter.program(&mut terms, program, &mut limits)? {
            Found::Term(term) => drop(done.insert(program, term)),
            Found::Unexpanded => unexpanded += 1,
            Found::Stopped(reason) => stop = reason,
        }
    }
    let new: Vec<Vec<Id>> = tasks
        .iter()
        .map(|programs| programs.iter().map(|program| done.get(program).copied().unwrap_or(*program)).collect())
        .collect();
    let cost = |terms: &Terms, tasks: &[Vec<Id>]| {
        let of_task = |(task, programs): (usize, &Vec<Id>)| {
            let cost = |(number, &program)| costs.term(terms, program) + costs.shares.handicap(task, number);
            let least = programs.iter().enumerate().map(cost).min().unwrap_or(0);
            i64::from(costs.shares.weight(task)) * least
        };
        tasks.iter().enumerate().map(of_task).sum()
    };
    Ok(Rewriting {
        rewritten: new.iter().map(|programs| programs.iter().map(|&id| terms.text(id)).collect()).collect(),
        uses: calls(&terms, &roots(&new), &library.names),
        cost_before: cost(&terms, &tasks),
        cost_after: cost(&terms, &new),
        unexpanded,
        stop,
    })
}

enum Found {
    Term(Id),
    Unexpanded,
    Stopped(Stop),
}

struct Rewriter<'l> {
    cheapest: Cheapest<'l>,
    library: &'l Library,
}

impl Rewriter<'_> {
    fn program(&mut self, terms: &mut Terms, program: Id, limits: &mut Limits<'_>) -> Result<Found, Error> {
        let Some(expanded) = self.expanded(terms, program, Contract::Renamings) else {
            return Ok(Found::Unexpanded);
        };
        let stop = self.cheapest.find(terms, expanded, limits)?;
        if stop != Stop::Proven {
            return Ok(Found::Stopped(stop));
        }
        // As it is where nothing is cheaper: so rewriting twice is rewriting once.
        if self.cheapest.cost_of(expanded) >= self.cheapest.costs.term(terms, program) {
            return Ok(Found::Term(program));
        }
        let made = self.cheapest.built(terms, expanded)?;
        if self.expanded(terms, made, Contract::Renamings) == Some(expanded) {
            return Ok(Found::Term(made));
        }
        let normal = self.expanded(terms, program, Contract::All);
        match normal {
            None => Ok(Found::Term(program)),
            Some(_) if normal == self.expanded(terms, made, Contract::All) => Ok(Found::Term(made)),
            Some(_) => Err(Error::internal(format!(
                "the rewritten program `{}` does not expand to its original",
                terms.text(made)
            ))),
        }
    }

    fn expanded(&self, terms: &mut Terms, program: Id, contract: Contract) -> Option<Id> {
        Normalizer::new(terms, &self.library.unfoldings, contract).expanded(program)
    }
}
