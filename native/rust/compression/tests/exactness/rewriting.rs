//! Rewriting with a given library beside every sequence of single rewritings, on tiny programs.

use super::oracle::{apply, beta_normal, cost, folded, lambda, name, read, text, Definition, Term};
use super::published;
use compression::given::{rewrite, Given, Rewriting, Settings};
use compression::limits::{Caller, Permissive, Stop};
use compression::settings::Settings as Learning;
use compression::{compress, error::Error};
use proptest::prelude::*;

fn settings() -> Settings {
    Settings { prices: published::prices(), eta_long: false, timeout: None, memory_limit: None }
}

fn given(definitions: &[Definition]) -> Vec<Given> {
    let one = |it: &Definition| Given { name: it.name.clone(), definition: text(&it.closed()) };
    definitions.iter().map(one).collect()
}

fn rewritten(programs: &[Term], library: &[Definition], settings: &Settings) -> Rewriting {
    let tasks: Vec<Vec<String>> = programs.iter().map(|program| vec![text(program)]).collect();
    rewrite(&tasks, &given(library), settings, &mut Permissive).unwrap()
}

/// Terms over few names, so that much is an instance of much.
fn term(leaves: u32, lambdas: bool) -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![
        3 => prop::sample::select(&["a", "f", "g"][..]).prop_map(name),
        2 => (0..3usize).prop_map(Term::Variable),
    ];
    let tree = leaf.prop_recursive(4, leaves, 2, move |part| {
        let application = (part.clone(), part.clone()).prop_map(|(function, argument)| apply(function, argument));
        prop_oneof![u32::from(lambdas) => part.prop_map(lambda), 2 => application]
    });
    // Of a program with redexes one form is looked at, and others may be cheaper.
    tree.prop_filter_map("a redex", |term| beta_normal(&in_scope(&term, 0), 0))
}

fn in_scope(term: &Term, depth: usize) -> Term {
    match term {
        Term::Variable(_) if depth == 0 => name("a"),
        Term::Variable(index) => Term::Variable(index % depth),
        Term::Lambda(body) => lambda(in_scope(body, depth + 1)),
        Term::Apply(function, argument) => apply(in_scope(function, depth), in_scope(argument, depth)),
        _ => term.clone(),
    }
}

/// What compression learns from programs, as a library.
fn learned(programs: &[Term], max_arity: usize) -> (Vec<Definition>, Vec<Term>) {
    learned_many(programs, max_arity, 3)
}

fn learned_many(programs: &[Term], max_arity: usize, iterations: usize) -> (Vec<Definition>, Vec<Term>) {
    let settings = Learning {
        iterations,
        max_arity,
        structure_penalty: 0.0,
        prices: published::prices(),
        allow_single_task: true,
        ..published::settings()
    };
    let tasks: Vec<Vec<String>> = programs.iter().map(|program| vec![text(program)]).collect();
    let found = compress(&tasks, &settings, &mut Permissive).unwrap();
    let definition =
        |it: &compression::Abstraction| Definition { name: it.name.clone(), arity: it.arity, body: read(&it.body) };
    (found.abstractions.iter().map(definition).collect(), found.rewritten.iter().map(|it| read(&it[0])).collect())
}

/// A program with all abstractions replaced by their definitions; none beyond a limit of steps.
fn meaning(program: &Term, library: &[Definition]) -> Option<Term> {
    let unfolded = library.iter().rev().fold(program.clone(), |term, it| it.inlined(&term));
    beta_normal(&unfolded, 500)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// No sequence of single rewritings, in any order, comes to a cheaper program; and what is written means the same.
    #[test]
    fn nothing_that_can_be_folded_is_cheaper(
        train in prop::collection::vec(term(8, true), 2..4),
        test in prop::collection::vec(term(8, true), 1..3),
        max_arity in 0..3usize,
    ) {
        let (library, compressed) = learned(&train, max_arity);
        let programs: Vec<Term> = train.iter().chain(&compressed).chain(&test).cloned().collect();
        let found = rewritten(&programs, &library, &settings());
        for (program, new) in programs.iter().zip(&found.rewritten) {
            let new = read(&new[0]);
            prop_assert_eq!(meaning(program, &library), meaning(&new, &library));
            let least = folded(program, &library, 300).iter().map(|it| cost(it, &published::prices())).min().unwrap();
            let cost = cost(&new, &published::prices());
            prop_assert!(cost <= least, "{} for {}: {} > {}", text(&new), text(program), cost, least);
            let again = rewritten(std::slice::from_ref(&new), &library, &settings());
            prop_assert_eq!(&again.rewritten[0][0], &text(&new));
        }
        let (before, after) = (programs.iter().map(|it| cost(it, &published::prices())).sum::<i64>(), found.cost_after);
        prop_assert_eq!(found.cost_before, before);
        prop_assert_eq!(after, found.rewritten.iter().map(|it| cost(&read(&it[0]), &published::prices())).sum::<i64>());
    }

    /// Without lambdas and applied parameters a sequence of rewritings is all there is: the least cost is the same.
    #[test]
    fn without_functions_the_least_cost_is_that_of_the_best_sequence(
        train in prop::collection::vec(first_order(), 2..4),
        test in first_order(),
    ) {
        let library: Vec<Definition> = train.iter().enumerate().filter_map(|(number, it)| generalized(number, it)).collect();
        let found = rewritten(std::slice::from_ref(&test), &library, &settings());
        let all = folded(&test, &library, 2000);
        prop_assume!(all.len() < 2000);
        prop_assert_eq!(found.cost_after, all.iter().map(|it| cost(it, &published::prices())).min().unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// A large library of calls with many arguments: no program costs more than as the library's learner wrote it.
    #[test]
    fn rewriting_is_no_worse_than_learning(
        train in prop::collection::vec(prop::collection::vec(0..5usize, 4..24), 2..8),
        max_arity in 0..3usize,
    ) {
        let leaf = |kind: usize| match kind {
            0 => name("h"),
            1 => name("t"),
            2 => apply(name("l"), name("1")),
            3 => apply(name("l"), name("2")),
            _ => apply(apply(name("r"), name("h")), name("1")),
        };
        let spine = |it: &Vec<usize>| it.iter().fold(name("s"), |head, &kind| apply(head, leaf(kind)));
        let programs: Vec<Term> = train.iter().map(spine).collect();
        let (library, compressed) = learned_many(&programs, max_arity, 30);
        let found = rewritten(&programs, &library, &settings());
        for ((new, learned), program) in found.rewritten.iter().zip(&compressed).zip(&programs) {
            let (new, prices) = (read(&new[0]), published::prices());
            prop_assert_eq!(&meaning(&new, &library).unwrap(), program);
            prop_assert!(cost(&new, &prices) <= cost(learned, &prices), "{} for {}", text(&new), text(learned));
        }
    }
}

fn first_order() -> impl Strategy<Value = Term> {
    let leaf = prop::sample::select(&["a", "b"][..]).prop_map(name);
    leaf.prop_recursive(3, 8, 2, |part| {
        prop_oneof![
            (part.clone(), part.clone()).prop_map(|(one, other)| apply(apply(name("f"), one), other)),
            part.prop_map(|argument| apply(name("g"), argument)),
        ]
    })
}

/// The abstraction that a term becomes with its `a` and `b` for parameters.
fn generalized(number: usize, term: &Term) -> Option<Definition> {
    fn replaced(term: &Term, used: &mut Vec<Term>) -> Term {
        match term {
            Term::Name(it) if matches!(&**it, "a" | "b") => {
                let at = used.iter().position(|known| known == term).unwrap_or_else(|| {
                    used.push(term.clone());
                    used.len() - 1
                });
                Term::Parameter(at)
            }
            Term::Apply(function, argument) => {
                let function = replaced(function, used);
                apply(function, replaced(argument, used))
            }
            _ => term.clone(),
        }
    }
    let mut used = Vec::new();
    let body = replaced(term, &mut used);
    (!matches!(body, Term::Parameter(_))).then(|| Definition { name: format!("fn_{number}"), arity: used.len(), body })
}

fn one(program: &str, library: &[(&str, &str)], settings: &Settings) -> Result<String, Error> {
    let library: Vec<Given> =
        library.iter().map(|&(name, definition)| Given { name: name.into(), definition: definition.into() }).collect();
    rewrite(&[vec![program.to_owned()]], &library, settings, &mut Permissive).map(|found| found.rewritten[0][0].clone())
}

#[test]
fn abstractions_are_used_together_partially_and_through_others() {
    let twice = ("twice", "(lambda (f $0 $0))");
    let four = ("four", "(lambda (twice (twice $0)))");
    let write = |program: &str, library: &[(&str, &str)]| one(program, library, &settings()).unwrap();
    assert_eq!(write("(f (f a a) (f a a))", &[twice, four]), "(four a)");
    // In any order of the library, and whatever calls there are.
    assert_eq!(write("(twice (f a a))", &[four, twice]), "(four a)");
    // A function is an abstraction without its last argument, or without any.
    assert_eq!(
        write("(map (lambda (f $0 $0)) (map (lambda (g a $0)) x))", &[twice, ("g2", "(lambda (lambda (g $1 $0)))")]),
        "(map twice (map (g2 a) x))"
    );
    // A parameter that is applied to what the body binds is a function of it.
    let map = ("mapped", "(lambda (fix (lambda (lambda (if (empty $0) nil (cons ($2 $0) ($1 (cdr $0))))))))");
    let with = |each: &str| format!("(fix (lambda (lambda (if (empty $0) nil (cons {each} ($1 (cdr $0)))))))");
    assert_eq!(write(&with("(g (car $0))"), &[map]), "(mapped (lambda (g (car $0))))");
    assert_eq!(write(&with("(g $0)"), &[map]), "(mapped g)");
    // One that would have to mention the loop itself is none.
    assert_eq!(write(&with("(g $1)"), &[map]), with("(g $1)"));
    // η-long programs stay so.
    let eta_long = Settings { eta_long: true, ..settings() };
    assert_eq!(one(&with("(g $0)"), &[map], &eta_long).unwrap(), "(mapped (lambda (g $0)))");
    assert_eq!(one("(map (lambda (f $0 $0)) x)", &[twice], &eta_long).unwrap(), "(map (lambda (twice $0)) x)");
}

#[test]
fn a_parameter_that_is_applied_can_be_a_call_of_any_abstraction() {
    let write = |program: &str, library: &[(&str, &str)]| one(program, library, &settings()).unwrap();
    // Without its last argument, in a part of the term and of the whole term; the later one of the library, too.
    let (on_h, twice) = (("on_h", "(lambda (g ($0 h)))"), ("twice", "(lambda (lambda (f $1 $0 $0)))"));
    let (on_hk, around) = (("on_hk", "(lambda ($0 h k))"), ("around", "(lambda (lambda (f $1 $0 $1)))"));
    for turned in [false, true] {
        let pair = |one, other| if turned { [other, one] } else { [one, other] };
        assert_eq!(write("(g (f a h h))", &pair(on_h, twice)), "(on_h (twice a))");
        assert_eq!(write("(f h k h)", &pair(on_hk, around)), "(on_hk around)");
        let last = ("last", "(lambda (lambda (f $0 $1 j)))");
        assert_eq!(write("(f h a j k)", &pair(on_hk, last)), "(on_hk (last a))");
    }
    // Under a lambda of the body, applied to its variable, which need not be there, and more.
    let (on_k, constant) = (("on_k", "(lambda (lambda ($1 $0 k)))"), ("constant", "(lambda (f j))"));
    assert_eq!(write("(map (lambda (f j k)) x)", &[on_k, constant]), "(map (on_k constant) x)");
    // A definition that is a call without all arguments gets them where it is called: no redex is left in a body.
    let moved = ("moved", "(lambda (lambda (f $0 (m $1))))");
    let (by_0, held) = (("by_0", "(moved 0)"), ("held", "(lambda (g (by_0 (p $0))))"));
    assert_eq!(write("(g (f (p x) (m 0)))", &[moved, by_0, held]), "(held x)");
    assert_eq!(write("(map (lambda (f $0 (m 0))) y)", &[moved, by_0, held]), "(map by_0 y)");
}

#[test]
fn no_program_gets_dearer_and_none_without_a_normal_form_is_lost() {
    let library = [("pair", "(lambda (lambda (cons $1 (cons $0 nil))))"), ("omega", "(lambda ($0 $0))")];
    let write = |program: &str| one(program, &library, &settings()).unwrap();
    assert_eq!(
        write("((lambda (cons $0 (cons $0 nil))) (long list of names))"),
        "((lambda (pair $0 $0)) (long list of names))"
    );
    assert_eq!(write("(omega omega)"), "(omega omega)");
}

#[test]
fn a_library_that_makes_no_sense_is_refused() {
    let message = |library: &[(&str, &str)]| one("a", library, &settings()).unwrap_err().message;
    assert_eq!(message(&[("p", "(lambda (q $0))"), ("q", "(p a)")]), "the abstraction `p` is defined by itself");
    assert_eq!(message(&[("p", "(f $0)")]), "the abstraction `p`: the variable $0 is bound by no lambda");
    assert_eq!(message(&[("p", "f"), ("p", "g")]), "the abstraction `p`: it is defined twice");
    assert_eq!(message(&[("p", "(f")]), "the abstraction `p`: a parenthesis is never closed at character 0");
}

struct Impatient;

impl Caller for Impatient {
    fn interrupted(&mut self) -> Result<bool, Error> {
        Ok(true)
    }
    fn accepts(&mut self, _: &str) -> Result<bool, Error> {
        Ok(true)
    }
    fn learned(&mut self, _: &str, _: &str) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn a_limit_leaves_the_programs_that_are_left_as_they_are() {
    let library = [Given { name: "twice".into(), definition: "(lambda (f $0 $0))".into() }];
    let tasks = vec![vec!["(f a a)".to_owned()]; 2];
    let hurried = Settings { timeout: Some(std::time::Duration::ZERO), ..settings() };
    let found = rewrite(&tasks, &library, &hurried, &mut Permissive).unwrap();
    assert_eq!((found.stop, &found.rewritten), (Stop::Budget, &tasks));
    let deep = vec![vec!["(f a a)".to_owned()], vec![format!("{}x{}", "(g ".repeat(200_000), ")".repeat(200_000))]];
    let found = rewrite(&deep, &library, &settings(), &mut Impatient).unwrap();
    assert_eq!((found.stop, &found.rewritten[1]), (Stop::Interrupted, &deep[1]));
}
