//! Where a pattern stands, and with what arguments: all ways, as a parameter that is applied can be filled in several.
//!
//! A parameter applied to distinct variables that the body binds (a pattern in the sense of Miller, 1991) has the term there as
//! a function of these variables, η-reduced as far as it goes. One applied to anything else has what is applied there:
//! what is left of the term without its last arguments, or, where the term can become a call of an earlier abstraction,
//! of that call.

use crate::given::cheapest::{Argument, Cheapest};
use crate::given::patterns::Pattern;
use crate::term::{Id, Node, Terms};

/// Ways in which one pattern stands at one place that are followed.
const MOST_WAYS: usize = 64;

/// What a part of a pattern is compared with.
#[derive(Clone)]
enum Target {
    Term(Id),
    /// A call with some of its arguments; and how many lambdas of the pattern are above it.
    Call(Argument),
}

/// A part of a pattern, what should stand there, and the lambdas of the pattern above it.
#[derive(Clone)]
struct Goal {
    part: Id,
    target: Target,
    depth: u32,
    /// Arguments that follow the part, which is a parameter.
    applied: u32,
}

/// For each parameter what it can be.
pub type Filled = Vec<Vec<Argument>>;

/// A term whose matches have to be known first.
pub struct Missing(pub Id);

#[derive(Clone)]
struct State {
    goals: Vec<Goal>,
    filled: Vec<Option<Vec<Argument>>>,
}

/// Every way in which a pattern stands at a term; `before` are the ways of earlier patterns to stand there.
pub fn ways(
    cheapest: &Cheapest<'_>,
    terms: &mut Terms,
    pattern: &Pattern,
    term: Id,
    before: &[(u32, Filled)],
) -> Result<Vec<Filled>, Missing> {
    let goal = Goal { part: pattern.body, target: Target::Term(term), depth: 0, applied: 0 };
    let mut stack = vec![State { goals: vec![goal], filled: vec![None; pattern.arity] }];
    let mut found = Vec::new();
    let mut matcher = Matcher { cheapest, terms, order: pattern.order, root: term, before };
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
    order: usize,
    root: Id,
    before: &'a [(u32, Filled)],
}

impl Matcher<'_, '_> {
    /// Goes on from a state by one goal.
    fn step(&mut self, goal: Goal, mut state: State, stack: &mut Vec<State>) -> Result<(), Missing> {
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
        goal: &Goal,
        function: Id,
        argument: Id,
        mut state: State,
        stack: &mut Vec<State>,
    ) -> Result<(), Missing> {
        let (parameter, over) = self.applied_parameter(goal.part);
        if let (Some(number), Target::Term(term)) = (parameter, &goal.target) {
            if let Some(over) = over.filter(|over| are_bound_and_distinct(over, goal.depth)) {
                let options = self.functions_of(*term, goal.depth, &over);
                if !options.is_empty() && fill(&mut state.filled[number as usize], options) {
                    stack.push(state);
                }
                return Ok(());
            }
        }
        let applied = if parameter.is_some() { goal.applied + 1 } else { 0 };
        let with = |left: Target, right: Target| {
            let mut next = state.clone();
            next.goals.push(Goal { part: argument, target: right, depth: goal.depth, applied: 0 });
            next.goals.push(Goal { part: function, target: left, depth: goal.depth, applied });
            next
        };
        match &goal.target {
            Target::Term(term) => {
                if parameter.is_some() && !self.cheapest.eta_long {
                    for (call, last) in self.calls(*term)? {
                        stack.push(with(Target::Call(call), Target::Term(last)));
                    }
                }
                if let Node::Apply(left, right) = self.terms.node(*term) {
                    stack.push(with(Target::Term(left), Target::Term(right)));
                }
            }
            Target::Call(Argument::Call(pattern, arguments)) => {
                if let Some((&last, rest)) = arguments.split_last() {
                    let rest = Argument::Call(*pattern, rest.to_vec());
                    stack.push(with(Target::Call(rest), Target::Term(last)));
                }
            }
            Target::Call(Argument::Term(_)) => {}
        }
        Ok(())
    }

    /// The parameter at the head of an application, and the variables that it is applied to, if it is to nothing else.
    fn applied_parameter(&self, part: Id) -> (Option<u32>, Option<Vec<u32>>) {
        let (mut at, mut over) = (part, Some(Vec::new()));
        while let Node::Apply(function, argument) = self.terms.node(at) {
            match (self.terms.node(argument), &mut over) {
                (Node::Variable(index), Some(over)) => over.push(index),
                _ => over = None,
            }
            at = function;
        }
        match self.terms.node(at) {
            Node::Parameter(number) => {
                if let Some(over) = &mut over {
                    over.reverse();
                }
                (Some(number), over)
            }
            _ => (None, None),
        }
    }

    /// What a parameter is that stands for a target, as it reads outside the pattern.
    fn outside(&mut self, goal: &Goal) -> Option<Vec<Argument>> {
        let out = -(goal.depth as i32);
        match &goal.target {
            Target::Term(term) => {
                let mut term = self.terms.shift(*term, out)?;
                if goal.applied > 0 && self.cheapest.eta_long && !matches!(self.terms.node(term), Node::Lambda(_)) {
                    term = self.expanded(term, goal.applied)?;
                }
                self.is_smaller(term).then(|| vec![Argument::Term(term)])
            }
            Target::Call(Argument::Call(pattern, arguments)) => {
                let arguments: Option<Vec<Id>> = arguments.iter().map(|&it| self.terms.shift(it, out)).collect();
                Some(vec![Argument::Call(*pattern, arguments?)])
            }
            Target::Call(_) => None,
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

    /// Calls that a term can become by earlier abstractions, without their last argument, and that.
    fn calls(&self, term: Id) -> Result<Vec<(Argument, Id)>, Missing> {
        let known = if term == self.root { self.before } else { self.cheapest.ways_at(term).ok_or(Missing(term))? };
        let mut found = Vec::new();
        for (number, filled) in known {
            let pattern = &self.cheapest.library.patterns.all[*number as usize];
            if pattern.order >= self.order {
                break;
            }
            let terms: Option<Vec<Id>> = filled.iter().map(|options| options.iter().find_map(Argument::term)).collect();
            if let Some((&last, rest)) = terms.as_ref().and_then(|terms| terms.split_last()) {
                found.push((Argument::Call(*number, rest.to_vec()), last));
            }
        }
        Ok(found)
    }

    /// An argument that is no smaller than the whole does not make it cheaper.
    fn is_smaller(&self, argument: Id) -> bool {
        self.cheapest.size_of(self.terms, argument) < self.cheapest.size_of(self.terms, self.root)
    }
}

fn terms_of(matcher: &Matcher<'_, '_>, options: Vec<Id>) -> Vec<Argument> {
    options.into_iter().filter(|&it| matcher.is_smaller(it)).map(Argument::Term).collect()
}

fn are_bound_and_distinct(over: &[u32], depth: u32) -> bool {
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
