//! Libraries that a joint search finds, counted anew by the oracle's reader, costs and expansion.

use std::collections::HashSet;

use super::brute_force::{eta_long_tasks, long_calls, rewritten, settings, shares, texts, untyped_tasks};
use super::oracle::{corpus_cost, cost, occurrences, read, text, Definition, Term};
use compression::library::joint::compress_jointly;
use compression::library::state::Objective;
use compression::limits::Permissive;
use compression::settings::{Prices, Settings};
use compression::{compress, Compression};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

const EFFORT: u64 = 3_000;

fn objective() -> impl Strategy<Value = Objective> {
    prop::sample::select(&[Objective::DescriptionLength, Objective::Utility][..])
}

fn run(tasks: &[Vec<Term>], settings: &Settings, objective: Objective, effort: u64) -> Compression {
    compress_jointly(&texts(tasks), settings, objective, effort, &mut Permissive).unwrap()
}

fn definitions(found: &Compression) -> Vec<Definition> {
    let definition = |it: &compression::Abstraction| {
        let body = read(&it.body);
        Definition { name: it.name.clone(), arity: it.arity, body }
    };
    found.abstractions.iter().map(definition).collect()
}

/// The term without the library: expanded until nothing changes.
fn plain(term: &Term, library: &[Definition]) -> Term {
    let mut term = term.clone();
    loop {
        let next = library.iter().rev().fold(term.clone(), |term, it| it.expanded(&term));
        if next == term {
            return term;
        }
        term = next;
    }
}

/// Whether no two mean the same.
fn are_different(library: &[Definition]) -> bool {
    let mut meanings = HashSet::new();
    library.iter().all(|it| meanings.insert(plain(&it.closed(), library)))
}

fn check(tasks: &[Vec<Term>], settings: &Settings, objective: Objective) -> Result<(), TestCaseError> {
    let found = run(tasks, settings, objective, EFFORT);
    let library = definitions(&found);
    let programs = rewritten(&found);
    let price = |term: &Term| cost(term, &settings.prices);
    let charge = |it: &Definition| (settings.structure_penalty * price(&it.body) as f64) as i64;
    let length =
        |tasks: &[Vec<Term>]| corpus_cost(tasks, &settings.prices, price) + library.iter().map(charge).sum::<i64>();
    prop_assert!(library.len() <= settings.iterations);
    prop_assert_eq!(
        (found.cost_before, found.cost_after),
        (corpus_cost(tasks, &settings.prices, price), corpus_cost(&programs, &settings.prices, price))
    );
    prop_assert_eq!(found.description_length, length(&programs));
    let expanded = |library: &[Definition]| -> Vec<Vec<Term>> {
        programs.iter().map(|of_task| of_task.iter().map(|program| plain(program, library)).collect()).collect()
    };
    prop_assert_eq!(&expanded(&library), tasks);
    prop_assert!(are_different(&library));
    for (index, (it, definition)) in found.abstractions.iter().zip(&library).enumerate() {
        prop_assert_eq!(&it.name, &format!("fn_{index}"));
        prop_assert_eq!(&it.definition, &text(&definition.closed()));
        for later in &library[index..] {
            prop_assert_eq!(occurrences(&later.name, &definition.body), 0, "{} calls {}", &it.name, &later.name);
        }
        let in_bodies = library.iter().map(|other| &other.body);
        let uses: i64 = programs.iter().flatten().chain(in_bodies).map(|term| occurrences(&it.name, term)).sum();
        prop_assert_eq!(it.uses, uses);
        prop_assert!(it.utility > 0);
        let with = |count: usize| corpus_cost(&expanded(&library[count..]), &settings.prices, price);
        prop_assert_eq!((it.cost_before, it.cost_after), (with(index), with(index + 1)));
    }
    let greedy = run(tasks, settings, objective, 0);
    prop_assert!(found.description_length <= greedy.description_length);
    Ok(())
}

/// No law makes the joint library the shorter one on every corpus: it begins with a greedy search of its own, which
/// learns no meaning twice, as Stitch's may. A random corpus in thousands is a counterexample, so all are compared together.
#[test]
fn corpora_are_shorter_than_by_stitch() {
    let mut runner = TestRunner::deterministic();
    let corpora = (long_calls(), settings(false));
    let (mut jointly, mut greedily) = (0, 0);
    for _ in 0..150 {
        let (tasks, settings) = corpora.new_tree(&mut runner).unwrap().current();
        let stitch = compress(&texts(&tasks), &settings, &mut Permissive).unwrap();
        jointly += run(&tasks, &settings, Objective::DescriptionLength, EFFORT).description_length;
        greedily += stitch.description_length;
    }
    assert!(jointly < greedily, "{jointly} {greedily}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn untyped(tasks in untyped_tasks(), settings in settings(false), objective in objective()) {
        check(&tasks, &settings, objective)?;
    }

    #[test]
    fn eta_long(tasks in eta_long_tasks(), settings in settings(true), objective in objective()) {
        check(&tasks, &settings, objective)?;
    }

    #[test]
    fn first_order(tasks in untyped_tasks(), settings in settings(false), objective in objective()) {
        check(&tasks, &Settings { first_order: true, ..settings }, objective)?;
    }

    #[test]
    fn weighted(tasks in untyped_tasks(), settings in settings(false), objective in objective(), shares in shares()) {
        let prices = Prices { shares, ..settings.prices.clone() };
        check(&tasks, &Settings { prices, ..settings }, objective)?;
    }

    #[test]
    fn long(tasks in long_calls(), settings in settings(false), objective in objective()) {
        check(&tasks, &settings, objective)?;
    }
}
