//! Compression said once more, slowly and literally: trees, every pattern of a tiny corpus, and the worth of each.
//!
//! Nothing here is taken from the engine: not the reader and printer of terms, not shifting, not costs.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use compression::settings::{Prices, Settings};

/// A λ-term with de Bruijn indices; `Parameter` stands in bodies of abstractions only.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Term {
    Name(Rc<str>),
    Variable(usize),
    Parameter(usize),
    /// A parameter applied to variables that the pattern binds, whose argument is a function of them.
    Function(usize, Vec<usize>),
    Lambda(Rc<Term>),
    Apply(Rc<Term>, Rc<Term>),
}

use Term::{Apply, Function, Lambda, Name, Parameter, Variable};

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
        Function(number, over) => {
            format!("(#{number}{})", over.iter().map(|index| format!(" ${index}")).collect::<String>())
        }
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
        Function(_, over) => over.len() as i64 * (prices.apply + prices.variable),
        Lambda(body) => prices.lambda + cost(body, prices),
        Apply(function, argument) => prices.apply + cost(function, prices) + cost(argument, prices),
    }
}

/// The cost of tasks: the cheapest program of each counts, with its handicap, as often as the task does.
pub fn corpus_cost(tasks: &[Vec<Term>], prices: &Prices, cost: impl Fn(&Term) -> i64) -> i64 {
    let shares = &prices.shares;
    let of_task = |(task, programs): (usize, &Vec<Term>)| {
        let numbered = programs.iter().enumerate();
        let cheapest = numbered.map(|(number, program)| cost(program) + shares.handicap(task, number)).min();
        i64::from(shares.weight(task)) * cheapest.unwrap_or(0)
    };
    tasks.iter().enumerate().map(of_task).sum()
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
        Name(_) | Variable(_) | Parameter(_) | Function(..) => term.clone(),
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

/// The term as a function of variables that `depth` lambdas around it bind, outside them.
fn function(term: &Term, depth: usize, over: &[usize]) -> Option<Term> {
    let count = over.len();
    let number = |index: usize| match over.iter().position(|&bound| bound == index) {
        Some(position) => Some(count - 1 - position),
        None => index.checked_sub(depth).map(|outside| outside + count),
    };
    moved(term, 0, &number).map(|body| over.iter().fold(body, |body, _| lambda(body)))
}

/// Every sequence of distinct numbers below `depth`.
fn sequences(depth: usize) -> Vec<Vec<usize>> {
    let mut all = vec![Vec::new()];
    let mut next = 0;
    while next < all.len() {
        for index in (0..depth).filter(|index| !all[next].contains(index)).collect::<Vec<_>>() {
            all.push(all[next].iter().copied().chain([index]).collect());
        }
        next += 1;
    }
    all
}

/// An argument of a match as it reads outside the pattern, as it stands in the program, and its lambdas outside.
type Argument = (Term, Term, usize);

/// Every pattern with at most so many parameters that matches a term, with its arguments there.
fn patterns(
    term: &Term,
    depth: usize,
    applied: bool,
    before: &[Argument],
    setup: &Settings,
) -> Vec<(Term, Vec<Argument>)> {
    let mut found = Vec::new();
    let forbidden = applied && !setup.allows_applied_parameters();
    for over in sequences(depth).into_iter().filter(|over| setup.binding && !over.is_empty() && !forbidden) {
        let Some(outside) = function(term, depth, &over) else {
            continue;
        };
        for (number, _) in before.iter().enumerate().filter(|(_, known)| known.0 == outside) {
            found.push((Function(number, over.clone()), before.to_vec()));
        }
        if before.len() < setup.max_arity {
            let after = before.iter().cloned().chain([(outside, term.clone(), over.len())]).collect();
            found.push((Function(before.len(), over), after));
        }
    }
    if let (Some(outside), false) = (lowered(term, depth), forbidden) {
        for (number, _) in before.iter().enumerate().filter(|(_, known)| known.0 == outside) {
            found.push((Parameter(number), before.to_vec()));
        }
        if before.len() < setup.max_arity {
            let after = before.iter().cloned().chain([(outside, term.clone(), 0)]).collect();
            found.push((Parameter(before.len()), after));
        }
    }
    match term {
        Variable(index) if *index >= depth => {}
        Name(_) | Variable(_) => found.push((term.clone(), before.to_vec())),
        Parameter(_) | Function(..) => panic!("a program has no parameters"),
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
                arguments.push((outside, term.clone(), 0));
                true
            }
        },
        (Function(number, over), _) => match (function(term, depth, over), arguments.get(*number)) {
            (None, _) => false,
            (Some(outside), Some(known)) => known.0 == outside,
            (Some(outside), None) => {
                arguments.push((outside, term.clone(), over.len()));
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
    /// With `eta_long` or `first_order`, the terms that are applied somewhere.
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
        let excluded = !settings.allows_applied_parameters();
        Oracle { tasks, settings, applied: if excluded { applied.collect() } else { HashSet::new() } }
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
        prices.primitive
            + arguments.iter().map(|it| prices.apply + it.2 as i64 * prices.lambda + cost(&it.1)).sum::<i64>()
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
        let before = corpus_cost(self.tasks, &self.settings.prices, |program| self.cost(program));
        let after = corpus_cost(self.tasks, &self.settings.prices, |program| self.compressed(pattern, program));
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
            .filter(|pattern| !matches!(pattern, Parameter(_) | Function(..)))
            .collect();
        let useful = bodies.iter().filter(|pattern| takes_as_many(pattern, &mut HashMap::new()));
        let useful = useful.filter(|pattern| self.serves_enough(pattern) && !self.has_constant(pattern));
        useful.map(|pattern| self.utility(pattern)).max().unwrap_or(0).max(0)
    }
}

/// Whether each parameter takes as many variables at every use; `known` are those that parameters took before.
fn takes_as_many(pattern: &Term, known: &mut HashMap<usize, usize>) -> bool {
    match pattern {
        Parameter(number) => *known.entry(*number).or_insert(0) == 0,
        Function(number, over) => *known.entry(*number).or_insert(over.len()) == over.len(),
        Lambda(body) => takes_as_many(body, known),
        Apply(function, argument) => takes_as_many(function, known) && takes_as_many(argument, known),
        Name(_) | Variable(_) => true,
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

impl Definition {
    /// The term with the name replaced by the closed λ-term wherever it stands.
    pub fn inlined(&self, term: &Term) -> Term {
        match term {
            Name(called) if **called == *self.name => self.closed(),
            Lambda(body) => lambda(self.inlined(body)),
            Apply(function, argument) => apply(self.inlined(function), self.inlined(argument)),
            _ => term.clone(),
        }
    }
}

/// The β-normal form, by leftmost-outermost reduction; none within so many steps.
pub fn beta_normal(term: &Term, steps: usize) -> Option<Term> {
    let mut term = term.clone();
    for _ in 0..steps {
        match contracted(&term) {
            Some(next) => term = next,
            None => return Some(term),
        }
    }
    contracted(&term).is_none().then_some(term)
}

fn contracted(term: &Term) -> Option<Term> {
    match term {
        Lambda(body) => contracted(body).map(lambda),
        Apply(function, argument) => {
            if let Lambda(body) = &**function {
                return Some(instance(body, argument, 0));
            }
            match contracted(function) {
                Some(function) => Some(apply(function, (**argument).clone())),
                None => contracted(argument).map(|argument| apply((**function).clone(), argument)),
            }
        }
        _ => None,
    }
}

fn instance(body: &Term, argument: &Term, depth: usize) -> Term {
    match body {
        Variable(index) if *index == depth => raised(argument, depth),
        Variable(index) if *index > depth => Variable(index - 1),
        Lambda(inner) => lambda(instance(inner, argument, depth + 1)),
        Apply(function, other) => apply(instance(function, argument, depth), instance(other, argument, depth)),
        _ => body.clone(),
    }
}

/// The term with every redex contracted whose argument is a variable.
pub fn renamed(term: &Term) -> Term {
    match term {
        Lambda(body) => lambda(renamed(body)),
        Apply(function, argument) => match (renamed(function), renamed(argument)) {
            (Lambda(body), argument @ Variable(_)) => renamed(&instance(&body, &argument, 0)),
            (function, argument) => apply(function, argument),
        },
        _ => term.clone(),
    }
}

/// Every term that a term can become by replacing instances of bodies by calls, one after the other; at most so many.
pub fn folded(term: &Term, library: &[Definition], most: usize) -> Vec<Term> {
    let mut all = vec![term.clone()];
    let mut known: HashSet<Term> = all.iter().cloned().collect();
    let mut next = 0;
    while next < all.len() && all.len() < most {
        for it in library {
            for made in folded_once(&all[next].clone(), it) {
                if known.insert(made.clone()) {
                    all.push(made);
                }
            }
        }
        next += 1;
    }
    all
}

fn folded_once(term: &Term, it: &Definition) -> Vec<Term> {
    let mut found = Vec::new();
    let mut arguments = Vec::new();
    if in_order(it, term, &mut arguments) {
        found.push(arguments.into_iter().fold(name(&it.name), apply));
    }
    match term {
        Lambda(body) => found.extend(folded_once(body, it).into_iter().map(lambda)),
        Apply(function, argument) => {
            found.extend(folded_once(function, it).into_iter().map(|function| apply(function, (**argument).clone())));
            found.extend(folded_once(argument, it).into_iter().map(|argument| apply((**function).clone(), argument)));
        }
        _ => {}
    }
    found
}

/// Whether a body stands at a term, with its arguments in the order of their numbers.
fn in_order(it: &Definition, term: &Term, arguments: &mut Vec<Term>) -> bool {
    let mut found = vec![None; it.arity];
    let fits = stands(&it.body, term, 0, &mut found);
    arguments.extend(found.into_iter().flatten());
    fits && arguments.len() == it.arity
}

fn stands(pattern: &Term, term: &Term, depth: usize, found: &mut Vec<Option<Term>>) -> bool {
    match (pattern, term) {
        (Parameter(number), _) => match (lowered(term, depth), &found[*number]) {
            (None, _) => false,
            (Some(outside), Some(known)) => *known == outside,
            (Some(outside), None) => {
                found[*number] = Some(outside);
                true
            }
        },
        (Lambda(body), Lambda(other)) => stands(body, other, depth + 1, found),
        (Apply(function, argument), Apply(other, another)) => {
            stands(function, other, depth, found) && stands(argument, another, depth, found)
        }
        _ => pattern == term,
    }
}
