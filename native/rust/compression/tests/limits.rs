//! What stops a search, and large programs: a limit leaves the best found so far, depth and long calls no crash.
mod published;

use std::time::Duration;

use compression::error::Error;
use compression::library::joint::compress_jointly;
use compression::library::state::Objective;
use compression::limits::{Caller, Permissive, Stop};
use compression::settings::Settings;
use compression::{compress, Compression};

fn settings() -> Settings {
    Settings { max_arity: 3, ..published::settings() }
}

/// Long calls that share much, in an order without a pattern: enough for a search of some thousand patterns.
fn corpus() -> Vec<Vec<String>> {
    let mut state = 12345u32;
    let mut next = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 16) % below
    };
    let mut program = || {
        let steps: Vec<String> = (0..30)
            .map(|_| match next(4) {
                0 => "h".to_owned(),
                1 => "t".to_owned(),
                2 => format!("(r {})", next(4)),
                _ => format!("(l {})", next(4)),
            })
            .collect();
        vec![format!("(s {})", steps.join(" "))]
    };
    (0..20).map(|_| program()).collect()
}

/// A caller that gives up at once.
struct Impatient;

impl Caller for Impatient {
    fn interrupted(&mut self) -> Result<bool, Error> {
        Ok(true)
    }

    fn accepts(&mut self, _definition: &str) -> Result<bool, Error> {
        Ok(true)
    }

    fn learned(&mut self, _name: &str, _definition: &str) -> Result<(), Error> {
        Ok(())
    }
}

/// The engine itself verifies that the programs expand back; here that something was learned, and is said to be unproven.
fn check_unfinished(found: &Compression, stop: Stop) {
    assert_eq!(found.stop, stop);
    let last = found.abstractions.last().expect("the best so far");
    assert!(!last.proven && found.cost_after == last.cost_after && found.cost_after < found.cost_before);
}

#[test]
fn a_memory_limit_leaves_the_best_so_far_and_always_the_same() {
    let limited = Settings { memory_limit: Some(100_000), ..settings() };
    let found = compress(&corpus(), &limited, &mut Permissive).unwrap();
    check_unfinished(&found, Stop::Budget);
    assert_eq!(found, compress(&corpus(), &limited, &mut Permissive).unwrap());
    let enough = Settings { memory_limit: Some(100_000_000), ..settings() };
    let all = compress(&corpus(), &enough, &mut Permissive).unwrap();
    assert_eq!(all, compress(&corpus(), &settings(), &mut Permissive).unwrap());
    assert!(all.stop == Stop::Proven && all.cost_after <= found.cost_after);
}

#[test]
fn a_timeout_or_an_interrupt_leaves_the_best_so_far() {
    let hurried = Settings { timeout: Some(Duration::from_millis(30)), ..settings() };
    check_unfinished(&compress(&corpus(), &hurried, &mut Permissive).unwrap(), Stop::Budget);
    check_unfinished(&compress(&corpus(), &settings(), &mut Impatient).unwrap(), Stop::Interrupted);
}

/// The cost after compression of two programs that differ in one leaf.
fn cost_of_pair(program: impl Fn(&str) -> String) -> i64 {
    let tasks = ["x", "y"].map(|leaf| vec![program(leaf)]);
    compress(&tasks, &Settings { iterations: 10, ..settings() }, &mut Permissive).unwrap().cost_after
}

#[test]
fn deep_nests_and_long_calls_become_a_call_each() {
    let depth = 1000;
    assert_eq!(cost_of_pair(|leaf| "(f ".repeat(depth) + leaf + &")".repeat(depth)), 2 * 201);
    assert_eq!(cost_of_pair(|leaf| format!("(g {}{leaf})", "a b ".repeat(depth / 2))), 2 * 201);
    assert_eq!(cost_of_pair(|leaf| format!("(g {leaf}{})", " a b".repeat(depth / 2))), 2 * 201);
}

fn jointly(settings: &Settings, effort: u64, caller: &mut dyn Caller) -> Compression {
    compress_jointly(&corpus(), settings, Objective::DescriptionLength, effort, caller).unwrap()
}

#[test]
fn a_joint_search_spends_its_effort_and_not_much_more() {
    let efforts = [0, 4_000, 10_000];
    let [none, some, much] = efforts.map(|effort| jointly(&settings(), effort, &mut Permissive));
    let visited = [&none, &some, &much].map(|found| found.visited);
    // A pattern takes a step or more; the greedy library is completed.
    let most = efforts.map(|effort| effort + 2 * none.visited);
    assert!(visited.is_sorted() && visited.iter().zip(most).all(|(&it, most)| it <= most), "{visited:?}");
    assert!(much.description_length <= some.description_length);
    assert!(some.description_length <= none.description_length);
    assert_eq!(much, jointly(&settings(), 10_000, &mut Permissive));
}

#[test]
fn a_stopped_joint_search_leaves_the_best_so_far() {
    let whole = jointly(&settings(), 10_000, &mut Permissive);
    let hurried = Settings { timeout: Some(Duration::from_millis(150)), ..settings() };
    let small = Settings { memory_limit: Some(100_000), ..settings() };
    for (found, stop) in [
        (jointly(&hurried, 10_000, &mut Permissive), Stop::Budget),
        (jointly(&small, 10_000, &mut Permissive), Stop::Budget),
        (jointly(&settings(), 10_000, &mut Impatient), Stop::Interrupted),
    ] {
        assert_eq!(found.stop, stop);
        assert!(!found.abstractions.is_empty() && found.description_length < found.cost_before);
        assert!(found.description_length >= whole.description_length);
    }
}

/// Lets no definition call another.
struct Flat;

impl Caller for Flat {
    fn interrupted(&mut self) -> Result<bool, Error> {
        Ok(false)
    }

    fn accepts(&mut self, _definition: &str) -> Result<bool, Error> {
        Ok(true)
    }

    fn misfit(&mut self, definitions: &[(String, String)]) -> Result<Option<usize>, Error> {
        let calls =
            |text: &str| definitions.iter().any(|(name, _)| text.split([' ', '(', ')']).any(|word| word == name));
        Ok(definitions.iter().position(|(_, definition)| calls(definition)))
    }

    fn learned(&mut self, _name: &str, _definition: &str) -> Result<(), Error> {
        Ok(())
    }
}

#[test]
fn a_definition_that_does_not_fit_is_left_out() {
    let calls = |found: &Compression| found.abstractions.iter().filter(|it| it.body.contains("fn_")).count();
    let nested = jointly(&Settings { iterations: 10, ..settings() }, 0, &mut Permissive);
    assert!(calls(&nested) > 0);
    let flat = jointly(&Settings { iterations: 10, ..settings() }, 0, &mut Flat);
    assert_eq!(calls(&flat), 0);
    assert!(!flat.abstractions.is_empty() && flat.description_length > nested.description_length);
    let numbered = |(index, it): (usize, &compression::Abstraction)| it.name == format!("fn_{index}");
    assert!(flat.abstractions.iter().enumerate().all(numbered));
}
