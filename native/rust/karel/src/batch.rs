//! Programs × worlds on all cores, with traces on request.
//!
//! Programs are handed out to threads one by one, results are put in their places: they do not depend on the threads.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::code::Code;
use crate::episode::Step;
use crate::instance::Instance;
use crate::machine::{End, Machine, NoObserver, Observer, Outcome};
use crate::syntax::Action;
use crate::world::World;

/// How a program did on a set of instances.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The mean reward over all instances; a bound that it does not exceed if the evaluation was given up.
    pub reward: f64,
    /// Episodes run: fewer than there are instances when the evaluation was given up.
    pub episodes: usize,
    /// How often each action was done, in all episodes.
    pub actions: [u64; 5],
    /// Episodes that a budget or the loop guard ended.
    pub cut_short: usize,
}

/// Evaluates every program on every instance. With an `incumbent`, a program that cannot get a greater mean reward is
/// given up as soon as that is certain.
pub fn evaluate(programs: &[Code], instances: &[Instance], incumbent: Option<f64>, threads: usize) -> Vec<Score> {
    let best: Vec<f64> = remaining_best(instances);
    in_parallel(programs.len(), threads, Machine::default, |machine, index| {
        score(&programs[index], instances, &best, incumbent, machine)
    })
}

/// What can still be earned from each instance on.
pub fn remaining_best(instances: &[Instance]) -> Vec<f64> {
    let mut rest = vec![0.0; instances.len() + 1];
    for (place, instance) in instances.iter().enumerate().rev() {
        rest[place] = rest[place + 1] + instance.best_reward();
    }
    rest
}

/// Evaluates one program on every instance; `best` is what `remaining_best` says of them.
pub fn score(
    code: &Code,
    instances: &[Instance],
    best: &[f64],
    incumbent: Option<f64>,
    machine: &mut Machine,
) -> Score {
    score_watched(code, instances, best, incumbent, machine, &mut NoObserver)
}

/// The same, with an observer.
pub fn score_watched<O: Observer>(
    code: &Code,
    instances: &[Instance],
    best: &[f64],
    incumbent: Option<f64>,
    machine: &mut Machine,
    observer: &mut O,
) -> Score {
    let count = instances.len() as f64;
    let (mut sum, mut cut_short) = (0.0, 0);
    machine.episode.tally = [0; 5];
    for (place, instance) in instances.iter().enumerate() {
        let outcome = machine.run(code, instance, observer);
        sum += outcome.reward;
        cut_short += usize::from(matches!(outcome.end, End::Budget | End::Loop));
        if let Some(incumbent) = incumbent {
            let bound = (sum + best[place + 1]) / count;
            if bound <= incumbent {
                return Score { reward: bound, episodes: place + 1, actions: machine.episode.tally, cut_short };
            }
        }
    }
    let reward = if instances.is_empty() { 0.0 } else { sum / count };
    Score { reward, episodes: instances.len(), actions: machine.episode.tally, cut_short }
}

/// Calls `work` for each index below `count`, and returns the results in order; each thread has a `tool` of its own.
pub fn in_parallel<R: Send, T>(
    count: usize,
    threads: usize,
    tool: impl Fn() -> T + Sync,
    work: impl Fn(&mut T, usize) -> R + Sync,
) -> Vec<R> {
    let threads = threads.clamp(1, count.max(1));
    if threads == 1 {
        let mut tool = tool();
        return (0..count).map(|index| work(&mut tool, index)).collect();
    }
    let next = AtomicUsize::new(0);
    // Few enough at a time that the threads end together, enough that they seldom meet.
    let portion = (count / (threads * 16)).clamp(1, 256);
    let mut found: Vec<(usize, Vec<R>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut tool = tool();
                    let mut mine = Vec::new();
                    loop {
                        let from = next.fetch_add(portion, Ordering::Relaxed);
                        if from >= count {
                            return mine;
                        }
                        let until = (from + portion).min(count);
                        mine.push((from, (from..until).map(|index| work(&mut tool, index)).collect::<Vec<R>>()));
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    found.sort_by_key(|&(from, _)| from);
    found.into_iter().flat_map(|(_, results)| results).collect()
}

/// What happened in an episode, step by step.
#[derive(Clone, Debug)]
pub struct Trace {
    pub outcome: Outcome,
    pub actions: Vec<Action>,
    /// The initial state and the state after each action; empty unless requested.
    pub states: Vec<World>,
    /// Moves into walls and picks where there was no marker.
    pub mistakes: u32,
    /// For each condition whether it was seen to fail (bit 0) and to hold (bit 1).
    pub coverage: Vec<u8>,
}

struct Recorder {
    trace: Trace,
    with_states: bool,
    most_states: usize,
}

impl Observer for Recorder {
    fn start(&mut self, world: &World) {
        if self.with_states {
            self.trace.states.push(world.clone());
        }
    }

    fn step(&mut self, step: &Step, world: &World) {
        self.trace.actions.push(step.action);
        self.trace.mistakes += u32::from(step.bumped || step.missed);
        if self.with_states && self.trace.states.len() < self.most_states {
            self.trace.states.push(world.clone());
        }
    }

    fn branch(&mut self, branch: u16, taken: bool) {
        self.trace.coverage[usize::from(branch)] |= 1 << u8::from(taken);
    }
}

/// Runs one program on one instance and writes down what happens; at most `most_states` states are kept.
pub fn trace(code: &Code, instance: &Instance, with_states: bool, most_states: usize, machine: &mut Machine) -> Trace {
    let nothing = Outcome { reward: 0.0, actions: 0, end: End::Finished };
    let coverage = vec![0; usize::from(code.branches)];
    let trace = Trace { outcome: nothing, actions: Vec::new(), states: Vec::new(), mistakes: 0, coverage };
    let mut recorder = Recorder { trace, with_states, most_states };
    recorder.trace.outcome = machine.run(code, instance, &mut recorder);
    recorder.trace
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::instance;
    use crate::notation::read;
    use crate::programs;
    use crate::rules::{Kind, Profile, KINDS, PROFILES};
    use proptest::prelude::*;

    fn compiled(text: &str, profile: Profile) -> Code {
        Code::compile(&read(text).unwrap(), profile).unwrap()
    }

    fn instances(profile: Profile, kind: Kind) -> Vec<Instance> {
        (0..16).map(|seed| instance(profile, kind, false, kind.size(profile), seed).unwrap()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn rounds_that_are_counted_come_to_what_they_would_if_they_were_run(
            first in programs::program(), second in programs::program(), which in 0..PROFILES.len() * KINDS.len(), seed in 0..50u64
        ) {
            let (profile, kind) = (PROFILES[which % PROFILES.len()], KINDS[which / PROFILES.len()]);
            prop_assume!(kind.is_in(profile));
            let instance = instance(profile, kind, false, kind.size(profile), seed).unwrap();
            let code = Code::compile(&[first, second], profile).unwrap();
            let (mut stepping, mut counting) = (Machine::default(), Machine::default());
            let trace = trace(&code, &instance, false, 0, &mut stepping);
            prop_assert_eq!(counting.run(&code, &instance, &mut NoObserver), trace.outcome);
            prop_assert_eq!(counting.episode.tally, stepping.episode.tally);
            prop_assert_eq!(&counting.episode.world, &stepping.episode.world);
            prop_assert_eq!(trace.actions.len() as u64, counting.episode.tally.iter().sum::<u64>());
        }
    }

    #[test]
    fn threads_do_not_change_the_scores() {
        let profile = Profile::ProgPolicies;
        let texts =
            ["move", "(karel_while frontIsClear move)", "(karel_while markersPresent (karel_seq pickMarker move))"];
        let programs: Vec<Code> = texts.iter().cycle().take(300).map(|text| compiled(text, profile)).collect();
        let instances = instances(profile, Kind::Harvester);
        assert_eq!(evaluate(&programs, &instances, None, 1), evaluate(&programs, &instances, None, 4));
    }

    #[test]
    fn only_programs_that_cannot_win_are_given_up() {
        let profile = Profile::ProgPolicies;
        let programs =
            [compiled("turnLeft", profile), compiled("(karel_repeat 5 (karel_seq pickMarker move))", profile)];
        let instances = instances(profile, Kind::Harvester);
        let full = evaluate(&programs, &instances, None, 1);
        let early = evaluate(&programs, &instances, Some(full[1].reward - 1e-9), 1);
        assert_eq!(early[1], full[1]);
        assert!(early[0].episodes < 16 && early[0].reward < full[1].reward);
        assert!(early[0].reward >= full[0].reward);
    }

    #[test]
    fn the_leaps_budget_allows_217_turns_of_an_endless_loop() {
        let world = instance(Profile::Leaps, Kind::Harvester, false, (8, 8), 0).unwrap();
        let endless = compiled("(karel_while markersPresent turnLeft)", Profile::Leaps);
        let trace = trace(&endless, &world, true, usize::MAX, &mut Machine::default());
        assert_eq!((trace.actions.len(), trace.outcome.end), (217, End::Budget));
        assert_eq!((trace.states.len(), trace.coverage), (218, vec![2]));
    }

    #[test]
    fn the_loop_guard_ends_what_repeats_itself_also_in_an_outer_loop() {
        let world = instance(Profile::ProgPolicies, Kind::OneStroke, false, (8, 8), 0).unwrap();
        let run = |text: &str| Machine::default().run(&compiled(text, Profile::ProgPolicies), &world, &mut NoObserver);
        let spin = run("(karel_while (karel_not markersPresent) turnLeft)");
        assert_eq!((spin.actions, spin.end), (4, End::Loop));
        let again = run("(karel_repeat 2 (karel_while noMarkersPresent (karel_repeat 3 turnLeft)))");
        assert_eq!((again.actions, again.end), (12, End::Loop));
        // Nineteen to the power of twenty times nothing is nothing.
        let tower = "(karel_repeat 19 ".repeat(20) + "(karel_repeat 0 move)" + &")".repeat(20);
        assert_eq!(run(&tower).actions, 0);
    }

    #[test]
    fn ten_thousand_calls_and_one_more() {
        let world = instance(Profile::ProgPolicies, Kind::Harvester, false, (8, 8), 0).unwrap();
        let text = "(karel_repeat 19 (karel_repeat 19 (karel_repeat 19 (karel_repeat 19 turnLeft))))";
        let outcome = Machine::default().run(&compiled(text, Profile::ProgPolicies), &world, &mut NoObserver);
        assert_eq!((outcome.actions, outcome.end), (10_001, End::Budget));
    }
}
