//! Where a pattern stands, and with what arguments: all ways, as a parameter that is applied can be filled in several.
//!
//! A parameter applied to distinct variables that the body binds (a pattern in the sense of Miller, 1991) has the term there as
//! a function of these variables, η-reduced as far as it goes. One applied to anything else has what is applied there:
//! what is left of the term without its last arguments, or, where the term can become a call of an abstraction, of that
//! call.

use crate::given::cheapest::{Argument, Cheapest};
use crate::given::patterns::Pattern;
use crate::term::{Id, Node, Terms};

/// Ways in which one pattern stands at one place that are followed.
const MOST_WAYS: usize = 64;

/// What a part of a pattern is compared with.
#[derive(Clone, Copy)]
enum Target<'a> {
    Term(Id),
    /// A call of a pattern with its first arguments.
    Call(u32, &'a [Id]),
}

/// A part of a pattern, what should stand there, and the lambdas of the pattern above it.
#[derive(Clone, Copy)]
struct Goal<'a> {
    part: Id,
    target: Target<'a>,
    depth: u32,
    /// Arguments that follow the part, which is a parameter.
    applied: u32,
}

/// For each parameter what it can be.
pub type Filled = Vec<Vec<Argument>>;

/// The ways in which patterns stand at a term, in the order of the patterns.
#[derive(Default)]
pub struct Ways {
    pub filled: Vec<(u32, Filled)>,
    /// The calls that these make, where every argument can be a term and there are any.
    pub calls: Vec<(u32, Vec<Id>)>,
}

impl Ways {
    pub fn add(&mut self, number: u32, filled: Filled) {
        let arguments: Option<Vec<Id>> = filled.iter().map(|options| options.iter().find_map(Argument::term)).collect();
        self.calls.extend(arguments.filter(|it| !it.is_empty()).map(|it| (number, it)));
        self.filled.push((number, filled));
    }
}

/// A term whose matches have to be known first.
pub struct Missing(pub Id);

#[derive(Clone)]
struct State<'a> {
    goals: Vec<Goal<'a>>,
    filled: Vec<Option<Vec<Argument>>>,
}

/// Every way in which a pattern stands at a term; with `call` those in which it stands at that call, which the term can
/// become, and otherwise the others.
pub fn ways(
    cheapest: &Cheapest<'_>,
    terms: &mut Terms,
    pattern: &Pattern,
    term: Id,
    call: Option<(u32, &[Id])>,
) -> Result<Vec<Filled>, Missing> {
    let target = call.map_or(Target::Term(term), |(number, arguments)| Target::Call(number, arguments));
    let goal = Goal { part: pattern.body, target, depth: 0, applied: 0 };
    let mut stack = vec![State { goals: vec![goal], filled: vec![None; pattern.arity] }];
    let mut found = Vec::new();
    let mut matcher = Matcher { cheapest, terms, root: term };
    while let Some(mut state) = stack.pop() {
        let Some(goal) = state.goals.pop() else {
            let filled: Option<Filled> = state.filled.into_iter().collect();
            found.extend(filled.filter(|it| it.iter().all(|options| !options.is_empty())));
            continue;
        };
        matcher.step(goal, state, &mut stack)?;
        if stack.len() + found.len() > MOST_WAYS {
            stack.truncate(MOST_WAYS.saturating_sub(found.len()));
        }
    }
    Ok(found)
}

struct Matcher<'a, 'c> {
    cheapest: &'a Cheapest<'c>,
    terms: &'a mut Terms,
    root: Id,
}

impl<'a> Matcher<'a, '_> {
    /// Goes on from a state by one goal.
    fn step(&mut self, goal: Goal<'a>, mut state: State<'a>, stack: &mut Vec<State<'a>>) -> Result<(), Missing> {
        if let Node::Parameter(number) = self.terms.node(goal.part) {
            if let Some(options) = self.outside(&goal) {
                if fill(&mut state.filled[number as usize], options) {
                    stack.push(state);
                }
            }
            return Ok(());
        }
        if !self.cheapest.library.patterns.with_parameter.contains(&goal.part) {
            if matches!(goal.target, Target::Term(term) if term == goal.part) {
                stack.push(state);
            }
            return Ok(());
        }
        match self.terms.node(goal.part) {
            Node::Lambda(inner) => {
                if let Target::Term(term) = goal.target {
                    if let Node::Lambda(body) = self.terms.node(term) {
                        let target = Target::Term(body);
                        state.goals.push(Goal { part: inner, target, depth: goal.depth + 1, applied: 0 });
                        stack.push(state);
                    }
                }
                Ok(())
            }
            Node::Apply(function, argument) => self.application(&goal, function, argument, state, stack),
            _ => Ok(()),
        }
    }

    fn application(
        &mut self,
        goal: &Goal<'a>,
        function: Id,
        argument: Id,
        mut state: State<'a>,
        stack: &mut Vec<State<'a>>,
    ) -> Result<(), Missing> {
        let (parameter, over) = applied_parameter(self.terms, goal.part);
        if let (Some(number), Target::Term(term)) = (parameter, goal.target) {
            if let Some(over) = over.filter(|over| are_bound_and_distinct(over, goal.depth)) {
                let options = self.functions_of(term, goal.depth, &over);
                if !options.is_empty() && fill(&mut state.filled[number as usize], options) {
                    stack.push(state);
                }
                return Ok(());
            }
        }
        let applied = if parameter.is_some() { goal.applied + 1 } else { 0 };
        let goals = |left: Target<'a>, right: Id| {
            let argument = Goal { part: argument, target: Target::Term(right), depth: goal.depth, applied: 0 };
            [argument, Goal { part: function, target: left, depth: goal.depth, applied }]
        };
        let next = match goal.target {
            Target::Term(term) => {
                if parameter.is_some() && !self.cheapest.eta_long {
                    for (call, last) in self.calls(term)? {
                        if self.may_be(argument, last) {
                            let mut next = state.clone();
                            next.goals.extend(goals(call, last));
                            stack.push(next);
                        }
                    }
                }
                match self.terms.node(term) {
                    Node::Apply(left, right) => Some((Target::Term(left), right)),
                    _ => None,
                }
            }
            Target::Call(pattern, arguments) => {
                arguments.split_last().map(|(&last, rest)| (Target::Call(pattern, rest), last))
            }
        };
        if let Some((left, right)) = next.filter(|&(_, right)| self.may_be(argument, right)) {
            state.goals.extend(goals(left, right));
            stack.push(state);
        }
        Ok(())
    }

    /// False where a part of a pattern is another term.
    fn may_be(&self, part: Id, term: Id) -> bool {
        part == term || self.cheapest.library.patterns.with_parameter.contains(&part)
    }

    /// What a parameter is that stands for a target, as it reads outside the pattern.
    fn outside(&mut self, goal: &Goal) -> Option<Vec<Argument>> {
        let out = -(goal.depth as i32);
        match goal.target {
            Target::Term(term) => {
                let mut term = self.terms.shift(term, out)?;
                if goal.applied > 0 && self.cheapest.eta_long && !matches!(self.terms.node(term), Node::Lambda(_)) {
                    term = self.expanded(term, goal.applied)?;
                }
                self.is_smaller(term).then(|| vec![Argument::Term(term)])
            }
            Target::Call(pattern, arguments) => {
                let arguments: Option<Vec<Id>> = arguments.iter().map(|&it| self.terms.shift(it, out)).collect();
                Some(vec![Argument::Call(pattern, arguments?)])
            }
        }
    }

    /// `(lambda … (term … $0))` with so many lambdas.
    fn expanded(&mut self, term: Id, count: u32) -> Option<Id> {
        let mut made = self.terms.shift(term, count as i32)?;
        for index in (0..count).rev() {
            let variable = self.terms.intern(Node::Variable(index));
            made = self.terms.intern(Node::Apply(made, variable));
        }
        for _ in 0..count {
            made = self.terms.intern(Node::Lambda(made));
        }
        Some(made)
    }

    /// A term as a function of variables that the pattern binds, and that function η-reduced, once and again.
    fn functions_of(&mut self, term: Id, depth: u32, over: &[u32]) -> Vec<Argument> {
        let Some(mut function) = self.terms.abstracted(term, depth, over) else {
            return Vec::new();
        };
        let mut options = vec![function];
        if !self.cheapest.eta_long {
            // The innermost lambda first: all of them bind the last arguments of one application.
            for taken in 1..=over.len() {
                let kept = over.len() - taken;
                let mut body = function;
                for _ in 0..kept {
                    let Node::Lambda(inner) = self.terms.node(body) else {
                        return terms_of(self, options);
                    };
                    body = inner;
                }
                let Some(reduced) = self.reduced(body) else {
                    break;
                };
                function = reduced;
                for _ in 0..kept {
                    function = self.terms.intern(Node::Lambda(function));
                }
                options.push(function);
            }
        }
        terms_of(self, options)
    }

    /// f for `(lambda (f $0))` where f does not use `$0`.
    fn reduced(&mut self, term: Id) -> Option<Id> {
        let Node::Lambda(body) = self.terms.node(term) else {
            return None;
        };
        match self.terms.node(body) {
            Node::Apply(function, argument) if self.terms.node(argument) == Node::Variable(0) => {
                self.terms.shift(function, -1)
            }
            _ => None,
        }
    }

    /// Calls that a part of the root can become, without their last argument, and that.
    fn calls(&self, term: Id) -> Result<impl Iterator<Item = (Target<'a>, Id)> + 'a, Missing> {
        let known = if term == self.root { &[] } else { self.cheapest.calls_at(term)? };
        Ok(known.iter().filter_map(|(number, arguments)| {
            arguments.split_last().map(|(&last, rest)| (Target::Call(*number, rest), last))
        }))
    }

    /// An argument that is no smaller than the whole does not make it cheaper.
    fn is_smaller(&self, argument: Id) -> bool {
        self.cheapest.size_of(self.terms, argument) < self.cheapest.size_of(self.terms, self.root)
    }
}

fn terms_of(matcher: &Matcher<'_, '_>, options: Vec<Id>) -> Vec<Argument> {
    options.into_iter().filter(|&it| matcher.is_smaller(it)).map(Argument::Term).collect()
}

/// The parameter at the head of an application, and the variables that it is applied to, if it is to nothing else.
pub fn applied_parameter(terms: &Terms, part: Id) -> (Option<u32>, Option<Vec<u32>>) {
    let (mut at, mut over) = (part, Some(Vec::new()));
    while let Node::Apply(function, argument) = terms.node(at) {
        match (terms.node(argument), &mut over) {
            (Node::Variable(index), Some(over)) => over.push(index),
            _ => over = None,
        }
        at = function;
    }
    match terms.node(at) {
        Node::Parameter(number) => {
            if let Some(over) = &mut over {
                over.reverse();
            }
            (Some(number), over)
        }
        _ => (None, None),
    }
}

/// Whether variables are all bound by the innermost `depth` lambdas, and no two the same.
pub fn are_bound_and_distinct(over: &[u32], depth: u32) -> bool {
    over.iter().enumerate().all(|(at, index)| *index < depth && !over[..at].contains(index))
}

/// Keeps of what a parameter can be what is also an option here; false if nothing is.
fn fill(known: &mut Option<Vec<Argument>>, options: Vec<Argument>) -> bool {
    let kept = match known {
        Some(known) => options.into_iter().filter(|it| known.contains(it)).collect(),
        None => options,
    };
    let some = !kept.is_empty();
    *known = Some(kept);
    some
}
