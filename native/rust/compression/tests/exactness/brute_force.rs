//! Every step of compression beside the brute-force oracle, on tiny corpora with lambdas.

use std::collections::BTreeSet;

use super::oracle::{
    apply, corpus_cost, cost, lambda, name, occurrences, read, renamed, text, Definition, Oracle, Term,
};
use super::published;
use compression::error::Error;
use compression::limits::{Caller, Permissive};
use compression::settings::{Prices, Settings, Shares};
use compression::term::Terms;
use compression::{compress, parse, Compression};
use proptest::prelude::*;

const NAMES: [&str; 5] = ["a", "b", "f", "g", "h"];

/// Terms with lambdas anywhere. Variables are bound, or free by one where `open`.
fn any_term(leaves: u32, open: bool) -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![
        3 => prop::sample::select(&NAMES[..]).prop_map(name),
        2 => (0..4usize).prop_map(Term::Variable),
    ];
    let tree = leaf.prop_recursive(5, 2 * leaves, 2, |part| {
        prop_oneof![
            1 => part.clone().prop_map(lambda),
            2 => (part.clone(), part).prop_map(|(function, argument)| apply(function, argument)),
        ]
    });
    tree.prop_map(move |term| in_scope(&term, usize::from(open)))
}

/// The term with each variable made one of the `depth` that are in scope, or a name where there is none.
fn in_scope(term: &Term, depth: usize) -> Term {
    match term {
        Term::Variable(_) if depth == 0 => name(NAMES[0]),
        Term::Variable(index) => Term::Variable(index % depth),
        Term::Lambda(body) => lambda(in_scope(body, depth + 1)),
        Term::Apply(function, argument) => apply(in_scope(function, depth), in_scope(argument, depth)),
        _ => term.clone(),
    }
}

/// η-long terms of the base type o, with a, b : o; f : o → o → o; g : o → o; h : (o → o) → o.
fn eta_long_term() -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![prop::sample::select(&["a", "b"][..]).prop_map(name), (0..3usize).prop_map(Term::Variable),];
    let tree = leaf.prop_recursive(4, 10, 2, |part| {
        prop_oneof![
            (part.clone(), part.clone()).prop_map(|(one, other)| apply(apply(name("f"), one), other)),
            part.clone().prop_map(|argument| apply(name("g"), argument)),
            part.prop_map(|body| apply(name("h"), lambda(body))),
        ]
    });
    tree.prop_map(|term| in_scope(&term, 0))
}

/// Tasks in which something is often worth abstracting: each program stands there alone and as `copies` writes it.
fn tasks(programs: Vec<Term>, per_task: usize, copies: impl Fn(&Term) -> Vec<Term>) -> Vec<Vec<Term>> {
    let all: Vec<Term> = programs.iter().cloned().chain(programs.iter().flat_map(copies)).collect();
    all.chunks(per_task).map(<[_]>::to_vec).collect()
}

/// The program applied to itself, and in a lambda that binds a free variable.
fn applied_and_bound(program: &Term) -> Vec<Term> {
    vec![apply(program.clone(), program.clone()), lambda(program.clone())]
}

/// What an argument of a long call is: a term of its own, the one before again, or the one before as an argument.
#[derive(Clone, Debug)]
enum Argument {
    Own(Term),
    Again,
    Within(&'static str),
}

/// Calls with several arguments, as programs that build something step by step have them.
fn long_call() -> impl Strategy<Value = Term> {
    let leaf = || prop::sample::select(&["a", "b", "h"][..]).prop_map(name);
    let own = prop_oneof![
        3 => leaf(),
        2 => (prop::sample::select(&["f", "g"][..]), leaf()).prop_map(|(f, x)| apply(name(f), x)),
        1 => (leaf(), leaf()).prop_map(|(x, y)| apply(apply(name("f"), x), y)),
        1 => (0..2usize).prop_map(Term::Variable),
        1 => Just(lambda(apply(name("f"), Term::Variable(1)))),
    ];
    let argument = prop_oneof![
        4 => own.prop_map(Argument::Own),
        2 => Just(Argument::Again),
        1 => prop::sample::select(&["f", "g"][..]).prop_map(Argument::Within),
    ];
    (prop::collection::vec(argument, 2..5), any::<bool>()).prop_map(|(arguments, bound)| {
        let mut call = name("h");
        let mut last = name("a");
        for argument in arguments {
            last = match argument {
                Argument::Own(term) => term,
                Argument::Again => last,
                Argument::Within(function) => apply(name(function), last),
            };
            call = apply(call, last.clone());
        }
        let call = in_scope(&call, usize::from(bound));
        if bound {
            lambda(call)
        } else {
            call
        }
    })
}

pub fn long_calls() -> impl Strategy<Value = Vec<Vec<Term>>> {
    prop::collection::vec(long_call(), 3..6).prop_map(|programs| tasks(programs, 1, |_| Vec::new()))
}

pub fn untyped_tasks() -> impl Strategy<Value = Vec<Vec<Term>>> {
    let programs = any::<bool>().prop_flat_map(|open| prop::collection::vec(any_term(4, open), 2..4));
    (programs, 1..3usize).prop_map(move |(programs, per_task)| tasks(programs, per_task, applied_and_bound))
}

pub fn eta_long_tasks() -> impl Strategy<Value = Vec<Vec<Term>>> {
    let copies = |program: &Term| {
        let twice = apply(apply(name("f"), program.clone()), program.clone());
        vec![twice, apply(name("h"), lambda(program.clone()))]
    };
    (prop::collection::vec(eta_long_term(), 2..4), 1..3usize)
        .prop_map(move |(programs, per_task)| tasks(programs, per_task, copies))
}

fn prices() -> impl Strategy<Value = Prices> {
    let small = prop::sample::select(&[0, 1, 7][..]);
    let large = prop::sample::select(&[1, 20, 100][..]);
    let other = (small.clone(), small, large.clone(), large, prop::option::of(0..300i64)).prop_map(
        |(apply, lambda, variable, primitive, f)| {
            let overrides = f.map(|cost| ("f".to_owned(), cost)).into_iter().collect();
            Prices { apply, lambda, variable, primitive, overrides, shares: Shares::default() }
        },
    );
    prop_oneof![Just(published::prices()), other]
}

pub fn settings(eta_long: bool) -> impl Strategy<Value = Settings> {
    let penalty = prop::sample::select(&[0.0, 0.5, 1.0, 1.5][..]);
    (0..4usize, penalty, prices(), any::<bool>()).prop_map(
        move |(max_arity, structure_penalty, prices, allow_single_task)| Settings {
            iterations: 3,
            max_arity,
            structure_penalty,
            prices,
            allow_single_task,
            eta_long,
            ..published::settings()
        },
    )
}

pub fn texts(tasks: &[Vec<Term>]) -> Vec<Vec<String>> {
    tasks.iter().map(|programs| programs.iter().map(text).collect()).collect()
}

fn run(tasks: &[Vec<Term>], settings: &Settings) -> Compression {
    compress(&texts(tasks), settings, &mut Permissive).unwrap()
}

pub fn rewritten(found: &Compression) -> Vec<Vec<Term>> {
    found.rewritten.iter().map(|programs| programs.iter().map(|text| read(text)).collect()).collect()
}

/// Every step finds the greatest utility there is, and says of itself what is true.
fn check_steps(tasks: &[Vec<Term>], settings: &Settings) -> Result<(), TestCaseError> {
    let prices = &settings.prices;
    let price = |tasks: &[Vec<Term>]| corpus_cost(tasks, prices, |program| cost(program, prices));
    let whole = run(tasks, settings);
    let contracted = |program: &Term| if settings.binding { renamed(program) } else { program.clone() };
    let all_contracted = |tasks: &[Vec<Term>]| -> Vec<Vec<Term>> {
        tasks.iter().map(|programs| programs.iter().map(contracted).collect()).collect()
    };
    let mut before = all_contracted(tasks);
    for step in 0..settings.iterations {
        let best = Oracle::new(&before, settings).best_utility();
        let Some(it) = whole.abstractions.get(step) else {
            prop_assert_eq!(best, 0, "step {} finds nothing", step);
            break;
        };
        prop_assert_eq!(it.utility, best, "step {} finds {}", step, &it.body);
        let after = rewritten(&run(tasks, &Settings { iterations: step + 1, ..settings.clone() }));
        prop_assert_eq!((it.cost_before, it.cost_after), (price(&before), price(&after)));
        let body = read(&it.body);
        let penalty = (settings.structure_penalty * cost(&body, prices) as f64) as i64;
        prop_assert_eq!(it.utility, it.cost_before - it.cost_after - penalty);
        let uses: i64 = after.iter().flatten().map(|program| occurrences(&it.name, program)).sum();
        prop_assert_eq!(it.uses, uses);
        let definition = Definition { name: it.name.clone(), arity: it.arity, body };
        prop_assert_eq!(&it.definition, &text(&definition.closed()));
        let expanded: Vec<Vec<Term>> = after
            .iter()
            .map(|programs| programs.iter().map(|program| definition.expanded(program)).collect())
            .collect();
        prop_assert_eq!(&all_contracted(&expanded), &before);
        before = after;
    }
    prop_assert_eq!((whole.cost_before, whole.cost_after), (price(&all_contracted(tasks)), price(&before)));
    prop_assert_eq!(rewritten(&whole), before);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn every_step_is_the_best_there_is(tasks in untyped_tasks(), settings in settings(false)) {
        check_steps(&tasks, &settings)?;
    }

    #[test]
    fn every_step_is_the_best_that_keeps_programs_eta_long(tasks in eta_long_tasks(), settings in settings(true)) {
        check_steps(&tasks, &settings)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_step_is_the_best_for_long_calls(tasks in long_calls(), settings in settings(false)) {
        let max_arity = settings.max_arity.min(2);
        check_steps(&tasks, &Settings { max_arity, iterations: 1, ..settings })?;
    }
}

/// Tasks that count for several or none, and programs with a handicap.
pub fn shares() -> impl Strategy<Value = Shares> {
    let weights = prop::collection::vec(0..5u32, 0..8);
    let handicaps = prop::collection::vec(prop::collection::vec(0..400i64, 0..3), 0..8);
    (weights, handicaps).prop_map(|(weights, handicaps)| Shares { weights, handicaps })
}

/// Loops whose bodies differ in what they do with what they bind.
fn loops() -> impl Strategy<Value = Vec<Vec<Term>>> {
    let each = any_term(4, false).prop_map(|term| bound(&term)).boxed();
    let looped = |each: Term| apply(name("h"), lambda(lambda(apply(apply(name("f"), each), Term::Variable(1)))));
    let both = |(one, other): (Term, Term)| lambda(apply(apply(name("g"), one), lambda(other)));
    let program = prop_oneof![each.clone().prop_map(looped), (each.clone(), each).prop_map(both)];
    prop::collection::vec(program, 2..4).prop_map(|programs| tasks(programs, 1, |_| Vec::new()))
}

/// η-long programs, each alone and with `a` bound: a parameter may stand for what they do with it.
fn eta_long_loops() -> impl Strategy<Value = Vec<Vec<Term>>> {
    let in_loop = |term: &Term| apply(name("h"), lambda(in_scope(&bound(term), 1)));
    prop::collection::vec(eta_long_term(), 2..4).prop_map(move |programs| tasks(programs, 1, |it| vec![in_loop(it)]))
}

/// A term with its names `a` and `b` made variables of the lambdas around it.
fn bound(term: &Term) -> Term {
    fn at(term: &Term, depth: usize) -> Term {
        match term {
            Term::Name(it) if **it == *"a" => Term::Variable(depth),
            Term::Name(it) if **it == *"b" => Term::Variable(depth + 1),
            Term::Lambda(body) => lambda(at(body, depth + 1)),
            Term::Apply(function, argument) => apply(at(function, depth), at(argument, depth)),
            _ => term.clone(),
        }
    }
    in_scope(&at(term, 0), 2)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn every_step_is_the_best_of_first_order(tasks in untyped_tasks(), settings in settings(false)) {
        check_steps(&tasks, &Settings { first_order: true, ..settings })?;
    }

    #[test]
    fn every_step_is_the_best_for_weighted_tasks(
        tasks in untyped_tasks(),
        settings in settings(false),
        shares in shares(),
    ) {
        let prices = Prices { shares, ..settings.prices.clone() };
        check_steps(&tasks, &Settings { prices, ..settings })?;
    }

    #[test]
    fn every_step_is_the_best_with_functions_of_bound_variables(
        tasks in prop_oneof![untyped_tasks(), loops(), eta_long_loops()],
        settings in settings(false),
        (first_order, eta_long) in prop::sample::select(&[(false, false), (true, false), (false, true)][..]),
    ) {
        let max_arity = settings.max_arity.min(2);
        let settings = Settings { max_arity, first_order, eta_long, binding: true, iterations: 2, ..settings };
        check_steps(&tasks, &settings)?;
    }
}

/// Cases in which a variable bound in a body reads like a free one of an argument, and lambdas hide what repeats.
#[test]
fn every_step_is_the_best_where_variables_are_easily_confused() {
    let settings = Settings {
        iterations: 3,
        max_arity: 1,
        structure_penalty: 0.0,
        allow_single_task: true,
        ..published::settings()
    };
    for program in ["(lambda ($0 $1))", "((lambda $1) $0)"] {
        let tasks = tasks(vec![read(program), name("a")], 1, applied_and_bound);
        check_steps(&tasks, &settings).unwrap();
        let other = Settings { structure_penalty: 0.5, allow_single_task: false, ..settings.clone() };
        check_steps(&tasks, &other).unwrap();
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_again(term in any_term(20, true)) {
        let printed = text(&term);
        let mut terms = Terms::default();
        let read = parse::parse(&mut terms, &printed).unwrap();
        prop_assert_eq!(terms.text(read), printed.clone());
        // Other ways to write the same: Stitch's keyword, a pair of parentheses for each application, more space.
        prop_assert_eq!(parse::parse(&mut terms, &printed.replace("lambda", "lam")).unwrap(), read);
        prop_assert_eq!(parse::parse(&mut terms, &spread_out(&term)).unwrap(), read);
    }
}

fn spread_out(term: &Term) -> String {
    match term {
        Term::Lambda(body) => format!("( lambda\n{} )", spread_out(body)),
        Term::Apply(function, argument) => format!(" ({}  {})", spread_out(function), spread_out(argument)),
        leaf => format!("({})", text(leaf)),
    }
}

/// Accepts no definition that mentions `g`, and keeps what it learned.
#[derive(Default)]
struct NoG {
    asked: BTreeSet<String>,
    learned: Vec<(String, String)>,
}

impl Caller for NoG {
    fn interrupted(&mut self) -> Result<bool, Error> {
        Ok(false)
    }

    fn accepts(&mut self, definition: &str) -> Result<bool, Error> {
        self.asked.insert(definition.to_owned());
        Ok(occurrences("g", &read(definition)) == 0)
    }

    fn learned(&mut self, name: &str, definition: &str) -> Result<(), Error> {
        self.learned.push((name.to_owned(), definition.to_owned()));
        Ok(())
    }
}

proptest! {
    #[test]
    fn what_the_caller_refuses_is_not_used(tasks in eta_long_tasks(), settings in settings(true)) {
        let mut caller = NoG::default();
        let found = compress(&texts(&tasks), &settings, &mut caller).unwrap();
        let learned: Vec<(String, String)> =
            found.abstractions.iter().map(|it| (it.name.clone(), it.definition.clone())).collect();
        prop_assert!(learned.iter().all(|(_, definition)| caller.asked.contains(definition)));
        prop_assert!(learned.iter().all(|(_, definition)| occurrences("g", &read(definition)) == 0));
        prop_assert_eq!(learned, caller.learned);
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let message = |text: &str| parse::parse(&mut Terms::default(), text).unwrap_err().message;
    assert_eq!(message("(f a"), "a parenthesis is never closed at character 0");
    assert_eq!(message(" )"), "a parenthesis closes nothing at character 1");
    assert_eq!(message("é a"), "text after the end of the program at character 2");
    assert_eq!(message("(f ())"), "empty parentheses at character 3");
    assert_eq!(message("(lambda a b)"), "a lambda has one body, this one has 2 at character 0");
    assert_eq!(message("(f $x)"), "`$x` is not a variable at character 3");
    assert_eq!(message("(f lambda)"), "`lambda` is a keyword and stands only after `(` at character 3");
    assert_eq!(message(" "), "an empty program at character 0");
}
