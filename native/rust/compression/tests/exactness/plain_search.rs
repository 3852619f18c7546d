//! The search with all its bounds beside the search that bounds by the sum over the rows only, on corpora too large for
//! the brute-force oracle: calls in calls, arguments that are repeated, subterms that many programs share.

use std::collections::{BTreeMap, BTreeSet};

use super::oracle::{apply, lambda, name, text, Term};
use compression::corpus::Corpus;
use compression::limits::{Limits, Permissive, Stop};
use compression::parse;
use compression::search::Search;
use compression::settings::{Costs, Prices, Settings};
use compression::stage::Stage;
use compression::term::{Id, Terms};
use proptest::prelude::*;

/// Larger programs are not built further.
const LARGEST: usize = 70;

/// How a piece is made of three earlier ones.
#[derive(Clone, Copy, Debug)]
enum Template {
    Call2,
    Call3,
    Twice,
    Within,
    Long,
    Under,
    Bound,
    Applied,
}

const TEMPLATES: [Template; 8] = [
    Template::Call2,
    Template::Call3,
    Template::Twice,
    Template::Within,
    Template::Long,
    Template::Under,
    Template::Bound,
    Template::Applied,
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
        Template::Under => lambda(call("f", &[&Term::Variable(0), x])),
        Template::Bound => lambda(call("h", &[&Term::Variable(0), y, &call("g", &[&Term::Variable(0)])])),
        Template::Applied => apply(x.clone(), y.clone()),
    }
}

fn size(term: &Term) -> usize {
    match term {
        Term::Lambda(body) => 1 + size(body),
        Term::Apply(function, argument) => 1 + size(function) + size(argument),
        _ => 1,
    }
}

/// Programs of which later ones are made of earlier ones; the last `count` are the corpus.
fn programs(first_order: bool) -> impl Strategy<Value = Vec<Term>> {
    let last = if first_order { 5 } else { TEMPLATES.len() };
    let step = (0..last, any::<[prop::sample::Index; 3]>());
    (prop::collection::vec(step, 8..26), 4..12usize).prop_map(|(steps, count)| {
        let mut pool: Vec<Term> = ["a", "b", "c", "1"].map(name).to_vec();
        for (template, picks) in steps {
            let next = made(TEMPLATES[template], [0, 1, 2].map(|which: usize| picks[which].get(&pool)));
            if size(&next) <= LARGEST {
                pool.push(next);
            }
        }
        pool.split_off(pool.len().saturating_sub(count))
    })
}

fn settings() -> impl Strategy<Value = Settings> {
    let penalty = prop::sample::select(&[0.0, 1.0, 1.0, 1.5][..]);
    (0..4usize, penalty, any::<bool>()).prop_map(|(max_arity, structure_penalty, allow_single_task)| Settings {
        iterations: 1,
        max_arity,
        structure_penalty,
        prices: Prices { apply: 1, lambda: 1, variable: 100, primitive: 100, overrides: BTreeMap::new() },
        allow_single_task,
        eta_long: false,
        prefix: "fn_".to_owned(),
        first_index: 0,
        reserved: BTreeSet::new(),
        timeout: None,
        memory_limit: None,
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
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_bounds_lose_nothing(programs in programs(true), per_task in 1..3usize, settings in settings()) {
        check(&programs, per_task, &settings)?;
    }

    #[test]
    fn the_bounds_lose_nothing_under_lambdas(programs in programs(false), per_task in 1..3usize, settings in settings()) {
        check(&programs, per_task, &settings)?;
    }
}
