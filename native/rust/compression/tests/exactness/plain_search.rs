//! The search with all its bounds beside the search that bounds by the sum over the rows only, on corpora too large for
//! the brute-force oracle: calls in calls, arguments that are repeated, subterms that many programs share.

use super::oracle::{apply, lambda, name, text, Term};
use super::published;
use compression::corpus::Corpus;
use compression::limits::{Limits, Permissive, Stop};
use compression::parse;
use compression::search::Search;
use compression::settings::{Costs, Prices, Settings};
use compression::stage::Stage;
use compression::term::{Id, Terms};
use proptest::prelude::*;

/// Larger programs are not built further.
const LARGEST: usize = 90;

/// How a piece is made of three earlier ones.
#[derive(Clone, Copy, Debug)]
enum Template {
    Call2,
    Call3,
    Twice,
    Within,
    Long,
    /// A body that costs more than several calls, so that uses within arguments and beside them pay.
    Large,
    /// Calls of functions that differ.
    Headed,
    Under,
    Bound,
    Applied,
    /// A function that is its own argument, too.
    SelfApplied,
}

const TEMPLATES: [Template; 11] = [
    Template::Call2,
    Template::Call3,
    Template::Twice,
    Template::Within,
    Template::Long,
    Template::Large,
    Template::Headed,
    Template::Under,
    Template::Bound,
    Template::Applied,
    Template::SelfApplied,
];

fn call(function: &str, arguments: &[&Term]) -> Term {
    arguments.iter().fold(name(function), |function, &argument| apply(function, argument.clone()))
}

fn made(template: Template, [x, y, z]: [&Term; 3]) -> Term {
    match template {
        Template::Call2 => call("f", &[x, y]),
        Template::Call3 => call("h", &[x, y, z]),
        Template::Twice => call("h", &[x, x, y]),
        Template::Within => call("f", &[x, &call("g", &[x])]),
        Template::Long => call("t", &[x, &name("a"), y, &call("r", &[z]), &call("f", &[y, z])]),
        Template::Large => {
            let inner = call("f", &[&name("1"), &call("g", &[&name("a")])]);
            call("t", &[x, &name("b"), &name("c"), &inner, &call("r", &[&name("2")])])
        }
        Template::Headed => apply(apply(apply(z.clone(), name("a")), x.clone()), y.clone()),
        Template::Under => lambda(call("f", &[&Term::Variable(0), x])),
        Template::Bound => lambda(call("h", &[&Term::Variable(0), y, &call("g", &[&Term::Variable(0)])])),
        Template::Applied => apply(x.clone(), y.clone()),
        Template::SelfApplied => apply(x.clone(), call("f", &[x, y])),
    }
}

fn size(term: &Term) -> usize {
    match term {
        Term::Lambda(body) => 1 + size(body),
        Term::Apply(function, argument) => 1 + size(function) + size(argument),
        _ => 1,
    }
}

/// What corpora are made of.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// Calls of functions with all their arguments.
    FirstOrder,
    /// Functions as arguments, too.
    HigherOrder,
    /// Lambdas, and variables that they and two more around each program bind.
    Lambdas,
}

/// Programs of which later ones are made of earlier ones; the last `count` are the corpus.
fn programs(kind: Kind) -> impl Strategy<Value = Vec<Term>> {
    let (last, leaves) = match kind {
        Kind::FirstOrder => (6, 4),
        Kind::HigherOrder => (7, 4),
        Kind::Lambdas => (TEMPLATES.len(), 6),
    };
    let step = (0..last, any::<[prop::sample::Index; 3]>());
    (prop::collection::vec(step, 8..26), 4..12usize).prop_map(move |(steps, count)| {
        let mut pool: Vec<Term> = ["a", "b", "c", "1"].map(name).to_vec();
        pool.extend([Term::Variable(0), Term::Variable(1)]);
        pool.truncate(leaves);
        for (template, picks) in steps {
            let next = made(TEMPLATES[template], [0, 1, 2].map(|which: usize| picks[which].get(&pool)));
            if size(&next) <= LARGEST {
                pool.push(next);
            }
        }
        let programs = pool.split_off(pool.len().saturating_sub(count));
        match kind {
            Kind::Lambdas => programs.into_iter().map(|program| lambda(lambda(program))).collect(),
            _ => programs,
        }
    })
}

fn settings(eta_long: bool) -> impl Strategy<Value = Settings> {
    let penalty = prop::sample::select(&[0.0, 1.0, 1.0, 1.5][..]);
    (0..4usize, penalty, any::<bool>()).prop_map(move |(max_arity, structure_penalty, allow_single_task)| Settings {
        iterations: 1,
        max_arity,
        structure_penalty,
        allow_single_task,
        eta_long,
        ..published::settings()
    })
}

/// The utility and the text of the best abstraction.
fn best(tasks: &[Vec<String>], settings: &Settings, plain: bool) -> Option<(i64, String)> {
    let mut terms = Terms::default();
    let read = |terms: &mut Terms, text: &String| parse::parse(terms, text).unwrap();
    let tasks: Vec<Vec<Id>> =
        tasks.iter().map(|texts| texts.iter().map(|text| read(&mut terms, text)).collect()).collect();
    let costs = Costs::new(&settings.prices, &mut terms);
    let corpus = Corpus::new(&terms, &tasks, &costs);
    let stage = Stage::new(corpus, &mut terms, &costs, settings);
    let mut caller = Permissive;
    let mut limits = Limits::new(&mut caller, None, None);
    let search = Search::new(stage, &mut limits);
    let outcome = if plain { search.plain() } else { search }.run(&[]).unwrap();
    assert_eq!(outcome.stop, Stop::Proven);
    outcome.best.map(|it| (it.utility, it.text))
}

fn check(programs: &[Term], per_task: usize, settings: &Settings) -> Result<(), TestCaseError> {
    let tasks: Vec<Vec<String>> = programs.chunks(per_task).map(|some| some.iter().map(text).collect()).collect();
    prop_assert_eq!(best(&tasks, settings, false), best(&tasks, settings, true), "{:?}", tasks);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_bounds_lose_nothing(programs in programs(Kind::FirstOrder), per_task in 1..3usize, settings in settings(false)) {
        check(&programs, per_task, &settings)?;
    }

    #[test]
    fn the_bounds_lose_nothing_that_keeps_programs_eta_long(
        programs in programs(Kind::FirstOrder), per_task in 1..3usize, settings in settings(true)
    ) {
        check(&programs, per_task, &settings)?;
    }

    #[test]
    fn the_bounds_lose_nothing_where_functions_differ(
        programs in programs(Kind::HigherOrder), per_task in 1..3usize, settings in settings(false)
    ) {
        check(&programs, per_task, &settings)?;
    }

    #[test]
    fn the_bounds_lose_nothing_under_lambdas(
        programs in programs(Kind::Lambdas), per_task in 1..3usize, settings in settings(false)
    ) {
        check(&programs, per_task, &settings)?;
    }
}

/// Six tasks that differ in a function, and two with a term that is worth more than any one of them: a hole at a function is
/// hard. Gives the best abstraction, found with the bounds and without.
fn best_of_different_functions(program: impl Fn(&str) -> String, settings: &Settings) -> String {
    let functions: Vec<String> = (0..6).map(|number| format!("p{number}")).collect();
    let constant = "(q r s t u)";
    let mut tasks: Vec<Vec<String>> = functions.iter().map(|name| vec![program(name)]).collect();
    tasks.extend((0..2).map(|number| vec![format!("(w{number} {constant} {constant} {constant})")]));
    let found = best(&tasks, settings, false);
    assert_eq!(found, best(&tasks, settings, true));
    found.unwrap().1
}

/// At most one parameter, and functions that cost more than any argument.
fn dear_functions() -> Settings {
    let overrides = (0..6).map(|number| (format!("p{number}"), 500)).collect();
    let prices = Prices { overrides, ..published::prices() };
    Settings { iterations: 1, max_arity: 1, prices, ..published::settings() }
}

#[test]
fn the_last_parameter_may_be_applied_and_stand_in_an_argument_too() {
    let settings = Settings { iterations: 1, max_arity: 1, ..published::settings() };
    let found = best_of_different_functions(|name| format!("({name} (g {name}) a b c d e f h)"), &settings);
    assert_eq!(found, "(#0 (g #0) a b c d e f h)");
}

#[test]
fn a_function_is_no_parameter_in_first_order() {
    let program = |name: &str| format!("({name} a b c d e f g)");
    assert_eq!(best_of_different_functions(program, &dear_functions()), "(#0 a b c d e f g)");
    let settings = Settings { first_order: true, ..dear_functions() };
    assert_eq!(best_of_different_functions(program, &settings), "(q r s t u)");
}

#[test]
fn an_argument_along_a_spine_may_use_a_variable_that_the_body_binds() {
    let program = |name: &str| format!("(k (lambda ({name} a b c d e f (g $0))))");
    let found = best_of_different_functions(program, &dear_functions());
    assert_eq!(found, "(k (lambda (#0 a b c d e f (g $0))))");
}

#[test]
fn an_argument_along_a_spine_may_have_an_earlier_parameter_inside() {
    let settings = Settings { max_arity: 2, ..dear_functions() };
    let program = |name: &str| format!("({name} (g x{name}) a b c d e x{name})");
    assert_eq!(best_of_different_functions(program, &settings), "(#1 (g #0) a b c d e #0)");
    // All rows agree on an argument that cannot stand in the body: its variable is bound outside.
    let program = |name: &str| format!("(lambda (m{name} ({name} (g $0) a b c d e $0) o{name}))");
    assert_eq!(best_of_different_functions(program, &settings), "(#1 (g #0) a b c d e #0)");
}
