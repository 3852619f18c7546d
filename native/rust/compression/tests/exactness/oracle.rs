//! Compression said once more, slowly and literally: trees, every pattern of a tiny corpus, and the worth of each.
//!
//! Nothing here is taken from the engine: not the reader and printer of terms, not shifting, not costs.

use std::collections::HashSet;
use std::rc::Rc;

use compression::settings::{Prices, Settings};

/// A λ-term with de Bruijn indices; `Parameter` stands in bodies of abstractions only.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Term {
    Name(Rc<str>),
    Variable(usize),
    Parameter(usize),
    Lambda(Rc<Term>),
    Apply(Rc<Term>, Rc<Term>),
}

use Term::{Apply, Lambda, Name, Parameter, Variable};

pub fn name(text: &str) -> Term {
    Name(text.into())
}

pub fn lambda(body: Term) -> Term {
    Lambda(Rc::new(body))
}

pub fn apply(function: Term, argument: Term) -> Term {
    Apply(Rc::new(function), Rc::new(argument))
}

/// The text of a term: `(f a b)` for nested applications, `(lambda b)`, `$i`, `#i`.
pub fn text(term: &Term) -> String {
    match term {
        Name(name) => name.to_string(),
        Variable(index) => format!("${index}"),
        Parameter(number) => format!("#{number}"),
        Lambda(body) => format!("(lambda {})", text(body)),
        Apply(..) => {
            let (head, arguments) = spine(term);
            let parts: Vec<String> = std::iter::once(head).chain(arguments).map(text).collect();
            format!("({})", parts.join(" "))
        }
    }
}

/// The head of nested applications and its arguments.
fn spine(mut term: &Term) -> (&Term, Vec<&Term>) {
    let mut arguments = Vec::new();
    while let Apply(function, argument) = term {
        arguments.push(&**argument);
        term = function;
    }
    arguments.reverse();
    (term, arguments)
}

/// Reads what `text` writes.
pub fn read(text: &str) -> Term {
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut place = 0;
    let term = read_from(&words, &mut place);
    assert_eq!(place, words.len(), "more after the end of {text}");
    term
}

fn read_from(words: &[&str], place: &mut usize) -> Term {
    let word = words[*place];
    *place += 1;
    if word != "(" {
        return match word.split_at(1) {
            ("$", index) => Variable(index.parse().unwrap()),
            ("#", number) => Parameter(number.parse().unwrap()),
            _ => name(word),
        };
    }
    let is_lambda = words[*place] == "lambda";
    *place += usize::from(is_lambda);
    let mut term = read_from(words, place);
    while words[*place] != ")" {
        term = apply(term, read_from(words, place));
    }
    *place += 1;
    if is_lambda {
        lambda(term)
    } else {
        term
    }
}

/// The cost of a term; parameters cost nothing.
pub fn cost(term: &Term, prices: &Prices) -> i64 {
    match term {
        Name(name) => prices.overrides.get(&**name).copied().unwrap_or(prices.primitive),
        Variable(_) => prices.variable,
        Parameter(_) => 0,
        Lambda(body) => prices.lambda + cost(body, prices),
        Apply(function, argument) => prices.apply + cost(function, prices) + cost(argument, prices),
    }
}

/// The cost of tasks: the cheapest program of each counts.
pub fn corpus_cost(tasks: &[Vec<Term>], cost: impl Fn(&Term) -> i64) -> i64 {
    tasks.iter().map(|programs| programs.iter().map(&cost).min().unwrap_or(0)).sum()
}

/// The term as it reads `depth` lambdas further out; None if it mentions one of them.
fn lowered(term: &Term, depth: usize) -> Option<Term> {
    moved(term, 0, &|index| index.checked_sub(depth))
}

/// The term as it reads `depth` lambdas further in.
fn raised(term: &Term, depth: usize) -> Term {
    moved(term, 0, &|index| Some(index + depth)).expect("an index can always grow")
}

/// The term with its free variables renumbered; `inner` lambdas of its own are around it.
fn moved(term: &Term, inner: usize, number: &dyn Fn(usize) -> Option<usize>) -> Option<Term> {
    Some(match term {
        Variable(index) if *index >= inner => Variable(number(index - inner)? + inner),
        Name(_) | Variable(_) | Parameter(_) => term.clone(),
        Lambda(body) => lambda(moved(body, inner + 1, number)?),
        Apply(function, argument) => apply(moved(function, inner, number)?, moved(argument, inner, number)?),
    })
}

fn subterms<'t>(term: &'t Term, found: &mut Vec<&'t Term>) {
    found.push(term);
    match term {
        Lambda(body) => subterms(body, found),
        Apply(function, argument) => {
            subterms(function, found);
            subterms(argument, found);
        }
        _ => {}
    }
}

/// An argument of a match as it reads outside the pattern, and as it stands in the program.
type Argument = (Term, Term);

/// Every pattern with at most so many parameters that matches a term, with its arguments there.
fn patterns(
    term: &Term,
    depth: usize,
    applied: bool,
    before: &[Argument],
    setup: &Settings,
) -> Vec<(Term, Vec<Argument>)> {
    let mut found = Vec::new();
    if let (Some(outside), false) = (lowered(term, depth), applied && setup.eta_long) {
        for (number, _) in before.iter().enumerate().filter(|(_, known)| known.0 == outside) {
            found.push((Parameter(number), before.to_vec()));
        }
        if before.len() < setup.max_arity {
            let after = before.iter().cloned().chain([(outside, term.clone())]).collect();
            found.push((Parameter(before.len()), after));
        }
    }
    match term {
        Variable(index) if *index >= depth => {}
        Name(_) | Variable(_) => found.push((term.clone(), before.to_vec())),
        Parameter(_) => panic!("a program has no parameters"),
        Lambda(body) => {
            let bodies = patterns(body, depth + 1, false, before, setup);
            found.extend(bodies.into_iter().map(|(body, after)| (lambda(body), after)));
        }
        Apply(function, argument) => {
            for (left, between) in patterns(function, depth, true, before, setup) {
                for (right, after) in patterns(argument, depth, false, &between, setup) {
                    found.push((apply(left.clone(), right), after));
                }
            }
        }
    }
    found
}

/// Whether a pattern matches; adds the arguments in the order of their numbers.
fn matches(pattern: &Term, term: &Term, depth: usize, arguments: &mut Vec<Argument>) -> bool {
    match (pattern, term) {
        (Parameter(number), _) => match (lowered(term, depth), arguments.get(*number)) {
            (None, _) => false,
            (Some(outside), Some(known)) => known.0 == outside,
            (Some(outside), None) => {
                arguments.push((outside, term.clone()));
                true
            }
        },
        (Lambda(body), Lambda(other)) => matches(body, other, depth + 1, arguments),
        (Apply(function, argument), Apply(other, another)) => {
            matches(function, other, depth, arguments) && matches(argument, another, depth, arguments)
        }
        _ => pattern == term,
    }
}

/// Finds the best abstraction of a corpus by trying all.
pub struct Oracle<'a> {
    tasks: &'a [Vec<Term>],
    settings: &'a Settings,
    /// With `eta_long`, the terms that are applied somewhere.
    applied: HashSet<&'a Term>,
}

impl<'a> Oracle<'a> {
    pub fn new(tasks: &'a [Vec<Term>], settings: &'a Settings) -> Self {
        let mut all = Vec::new();
        tasks.iter().flatten().for_each(|program| subterms(program, &mut all));
        let applied = all.into_iter().filter_map(|term| match term {
            Apply(function, _) => Some(&**function),
            _ => None,
        });
        Oracle { tasks, settings, applied: if settings.eta_long { applied.collect() } else { HashSet::new() } }
    }

    fn cost(&self, term: &Term) -> i64 {
        cost(term, &self.settings.prices)
    }

    /// Whether an abstraction may stand for the term.
    fn is_allowed(&self, term: &Term) -> bool {
        !(self.settings.eta_long && matches!(term, Lambda(_)) || self.applied.contains(term))
    }

    /// The arguments of a call that can stand for the term and by itself makes it cheaper.
    fn call(&self, pattern: &Term, term: &Term) -> Option<Vec<Argument>> {
        let mut arguments = Vec::new();
        let fits = self.is_allowed(term) && matches(pattern, term, 0, &mut arguments);
        (fits && self.price(&arguments, |argument| self.cost(argument)) < self.cost(term)).then_some(arguments)
    }

    fn price(&self, arguments: &[Argument], cost: impl Fn(&Term) -> i64) -> i64 {
        let prices = &self.settings.prices;
        prices.primitive + arguments.iter().map(|(_, argument)| prices.apply + cost(argument)).sum::<i64>()
    }

    /// The least cost of a term in which the abstraction may be called anywhere.
    fn compressed(&self, pattern: &Term, term: &Term) -> i64 {
        let prices = &self.settings.prices;
        let plain = match term {
            Lambda(body) => prices.lambda + self.compressed(pattern, body),
            Apply(function, argument) => {
                prices.apply + self.compressed(pattern, function) + self.compressed(pattern, argument)
            }
            _ => self.cost(term),
        };
        let called = self.call(pattern, term);
        called.map_or(plain, |arguments| plain.min(self.price(&arguments, |it| self.compressed(pattern, it))))
    }

    /// Whether the abstraction serves as many tasks as it must.
    fn serves_enough(&self, pattern: &Term) -> bool {
        let serves = |program: &Term| {
            let mut all = Vec::new();
            subterms(program, &mut all);
            all.into_iter().any(|term| self.call(pattern, term).is_some())
        };
        let served = self.tasks.iter().filter(|programs| programs.iter().any(serves)).count();
        served > 1 || served == 1 && self.settings.allow_single_task
    }

    /// Whether some parameter has the same closed argument at every call: then it is none.
    fn has_constant(&self, pattern: &Term) -> bool {
        let mut all = Vec::new();
        self.tasks.iter().flatten().for_each(|program| subterms(program, &mut all));
        let calls: Vec<Vec<Argument>> = all.into_iter().filter_map(|term| self.call(pattern, term)).collect();
        let Some(first) = calls.first() else {
            return false;
        };
        let constant = |number: usize| calls.iter().all(|call| call[number].0 == first[number].0);
        (0..first.len()).any(|number| lowered(&first[number].0, usize::MAX).is_some() && constant(number))
    }

    fn utility(&self, pattern: &Term) -> i64 {
        let before = corpus_cost(self.tasks, |program| self.cost(program));
        let after = corpus_cost(self.tasks, |program| self.compressed(pattern, program));
        before - after - (self.settings.structure_penalty * self.cost(pattern) as f64) as i64
    }

    /// The greatest utility of all abstractions, 0 if none has any.
    pub fn best_utility(&self) -> i64 {
        let mut all = Vec::new();
        self.tasks.iter().flatten().for_each(|program| subterms(program, &mut all));
        let terms: HashSet<&Term> = all.into_iter().filter(|term| self.is_allowed(term)).collect();
        let bodies: HashSet<Term> = terms
            .into_iter()
            .flat_map(|term| patterns(term, 0, false, &[], self.settings))
            .map(|(pattern, _)| pattern)
            .filter(|pattern| !matches!(pattern, Parameter(_)))
            .collect();
        let useful = bodies.iter().filter(|pattern| self.serves_enough(pattern) && !self.has_constant(pattern));
        useful.map(|pattern| self.utility(pattern)).max().unwrap_or(0).max(0)
    }
}

/// An abstraction as a program calls it.
pub struct Definition {
    pub name: String,
    pub arity: usize,
    pub body: Term,
}

impl Definition {
    /// The closed λ-term: the outermost lambda binds `#0`.
    pub fn closed(&self) -> Term {
        let variables: Vec<Term> = (0..self.arity).rev().map(Variable).collect();
        (0..self.arity).fold(substituted(&self.body, &variables, 0), |body, _| lambda(body))
    }

    /// The term with every full call replaced by the body.
    pub fn expanded(&self, term: &Term) -> Term {
        match term {
            Lambda(body) => lambda(self.expanded(body)),
            Name(_) | Apply(..) => {
                let (head, arguments) = spine(term);
                let arguments: Vec<Term> = arguments.into_iter().map(|argument| self.expanded(argument)).collect();
                let (head, rest) = match head {
                    Name(called) if **called == *self.name && arguments.len() >= self.arity => {
                        let (own, rest) = arguments.split_at(self.arity);
                        (substituted(&self.body, own, 0), rest)
                    }
                    Lambda(_) => (self.expanded(head), &arguments[..]),
                    _ => (head.clone(), &arguments[..]),
                };
                rest.iter().cloned().fold(head, apply)
            }
            _ => term.clone(),
        }
    }
}

fn substituted(body: &Term, arguments: &[Term], depth: usize) -> Term {
    match body {
        Parameter(number) => raised(&arguments[*number], depth),
        Lambda(inner) => lambda(substituted(inner, arguments, depth + 1)),
        Apply(function, argument) => {
            apply(substituted(function, arguments, depth), substituted(argument, arguments, depth))
        }
        _ => body.clone(),
    }
}

/// How often a name occurs in a term.
pub fn occurrences(called: &str, term: &Term) -> i64 {
    let mut all = Vec::new();
    subterms(term, &mut all);
    all.into_iter().filter(|part| **part == name(called)).count() as i64
}
