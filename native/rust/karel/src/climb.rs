//! Local search on a set of instances: programs drawn and mutated, and evaluated no further than is needed.

use std::collections::HashMap;

use crate::batch::in_parallel;
use crate::code::Code;
use crate::error::Error;
use crate::grammar::Grammar;
use crate::instance::Instance;
use crate::liveness::Live;
use crate::machine::{Machine, Observer};
use crate::mutation::{mutant, Mutant};
use crate::random::{mix, Random};
use crate::rules::Profile;
use crate::syntax::{Block, Condition, Perception, Statement};

/// Rewards that differ by less are equal: they are sums of fractions.
pub const EQUAL: f64 = 1e-9;
/// Programs remembered: a power of two.
const REMEMBERED: usize = 1 << 18;
/// Mutants tried one by one before threads are started.
const ALONE: usize = 32;
/// Mutants that a thread tries between two synchronizations.
const PORTION: usize = 128;

/// What is known of a program's mean reward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reward {
    Is(f64),
    IsAtMost(f64),
}

/// A program and what it earns.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    pub program: Block,
    pub reward: f64,
}

impl Candidate {
    /// Whether it earns more, by more than rounding.
    pub fn is_better_than(&self, other: &Candidate) -> bool {
        self.reward > other.reward + EQUAL
    }
}

/// The result of trying mutants of a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub found: Option<Candidate>,
    /// With drift, the program that took the parent's place last.
    pub drifted_to: Option<Block>,
    /// The mutants tried.
    pub examined: usize,
    /// Those of them that were run.
    pub run: usize,
}

/// Which mutants to try and what to accept.
#[derive(Clone, Copy, Debug)]
pub struct StepOptions {
    /// The numbers of the first mutant and of that after the last.
    pub from: usize,
    pub until: usize,
    pub seed: u64,
    /// Whether a mutant that is as good as its parent takes its place, so that later mutants are made from it.
    pub drift: bool,
}

/// The neighbors of programs for one task.
pub struct Climber {
    grammar: Grammar,
    profile: Profile,
    worlds: Worlds,
    threads: usize,
    memory: Memory,
}

impl Climber {
    pub fn new(grammar: Grammar, profile: Profile, instances: Vec<Instance>, threads: usize) -> Climber {
        Climber { grammar, profile, worlds: Worlds::new(instances), threads: threads.max(1), memory: Memory::new() }
    }

    /// The greatest mean reward that any program can get.
    pub fn ceiling(&self) -> f64 {
        self.worlds.mean(&self.worlds.distinct.iter().map(Instance::best_reward).collect::<Vec<_>>())
    }

    /// Evaluates programs on all instances.
    pub fn judge(&self, programs: Vec<Block>) -> Vec<Result<Candidate, Error>> {
        let rewards = in_parallel(programs.len(), self.threads, Runner::default, |runner, index| {
            let code = Code::compile(std::slice::from_ref(&programs[index]), self.profile)?;
            Ok(runner.run_all(&code, &self.worlds))
        });
        let found = |(program, reward): (Block, Result<f64, _>)| reward.map(|reward| Candidate { program, reward });
        programs.into_iter().zip(rewards).map(found).collect()
    }

    /// Draws programs from the grammar; each depends on the seed and its number alone.
    pub fn draw(&self, count: usize, seed: u64) -> Vec<Block> {
        (0..count).map(|number| self.grammar.program(&mut source(seed, number))).collect()
    }

    /// Tries mutants in their order until one is better than the parent.
    ///
    /// What is found does not depend on the threads. Drifting, every mutant may change what the next one is made from,
    /// so that there is nothing to do in parallel.
    pub fn step(&mut self, parent: &Candidate, options: &StepOptions) -> Step {
        let mut runner = Runner::default();
        let bar = Bar { reward: parent.reward, level: options.drift };
        let mut here = self.parent_of(&parent.program, &mut runner);
        let mut step = Step { found: None, drifted_to: None, examined: 0, run: 0 };
        let mut next = options.from;
        while next < options.until {
            let alone = self.threads == 1 || options.drift || next < options.from + ALONE;
            let count = if alone { 1 } else { (self.threads * PORTION).min(options.until - next) };
            for trial in self.try_mutants(&here, bar, options.seed, next, count, &mut runner) {
                next += 1;
                step.examined += 1;
                let (known, was_run) = self.settle(&trial, &here, bar, &mut runner);
                step.run += usize::from(was_run);
                let Reward::Is(reward) = known else { continue };
                let found = Candidate { program: trial.program, reward };
                if found.is_better_than(parent) {
                    step.found = Some(found);
                    return step;
                }
                if options.drift && bar.is_passed_by(reward) {
                    here.move_to(found.program, was_run.then_some(&runner), self);
                }
            }
        }
        step.drifted_to = options.drift.then_some(here.program);
        step
    }

    fn parent_of(&self, program: &Block, runner: &mut Runner) -> Parent {
        let mut here =
            Parent { program: program.clone(), order: InstanceOrder::new(&self.worlds, &[]), live: Live::all(program) };
        if let Some(code) = self.compile(program) {
            runner.run_all(&code, &self.worlds);
            here.move_to(program.clone(), Some(runner), self);
        }
        here
    }

    /// Makes `count` mutants from number `from` on, and runs those of which too little is known.
    fn try_mutants(
        &self,
        here: &Parent,
        bar: Bar,
        seed: u64,
        from: usize,
        count: usize,
        runner: &mut Runner,
    ) -> Vec<Trial> {
        let try_one = |runner: &mut Runner, number: usize| {
            let Mutant { program, node } = mutant(&self.grammar, &here.program, &mut source(seed, number));
            let (key, live) = (key(&program, self.profile), here.live.runs(node));
            let needed = live && self.memory.verdict(key, &bar).is_none();
            let ran = needed.then(|| self.run(&program, here, bar, runner));
            Trial { program, key, live, ran }
        };
        if count == 1 {
            return vec![try_one(runner, from)];
        }
        in_parallel(count, self.threads, Runner::default, |runner, offset| try_one(runner, from + offset))
    }

    /// What is known of a mutant, as if those before it had been tried one by one; and whether that takes a run.
    fn settle(&mut self, trial: &Trial, here: &Parent, bar: Bar, runner: &mut Runner) -> (Reward, bool) {
        if !trial.live {
            return (Reward::Is(bar.reward), false); // What never runs can be anything.
        }
        if let Some(known) = self.memory.verdict(trial.key, &bar) {
            return (known, false);
        }
        let known = trial.ran.unwrap_or_else(|| self.run(&trial.program, here, bar, runner));
        self.memory.keep(trial.key, known);
        (known, true)
    }

    fn run(&self, program: &Block, here: &Parent, bar: Bar, runner: &mut Runner) -> Reward {
        match self.compile(program) {
            Some(code) => runner.run(&code, &self.worlds, &here.order, &bar),
            None => Reward::IsAtMost(f64::NEG_INFINITY),
        }
    }

    fn compile(&self, program: &Block) -> Option<Code> {
        Code::compile(std::slice::from_ref(program), self.profile).ok()
    }
}

/// A mutant, whether what differs may run at all, and the result of a run if one was needed.
struct Trial {
    program: Block,
    key: u64,
    live: bool,
    ran: Option<Reward>,
}

/// Runs programs on instances, and notes what each earned there and which operations were done.
#[derive(Default)]
struct Runner {
    machine: Machine,
    rewards: Vec<f64>,
    done: Done,
}

#[derive(Default)]
struct Done(Vec<bool>);

impl Observer for Done {
    const WATCHES: bool = false;

    #[inline(always)]
    fn at(&mut self, place: usize) {
        self.0[place] = true;
    }
}

impl Runner {
    fn begin(&mut self, code: &Code, worlds: &Worlds) {
        self.done.0.clear();
        self.done.0.resize(code.operations.len(), false);
        self.rewards.resize(worlds.distinct.len(), 0.0);
    }

    /// Runs a program on all instances; its mean reward.
    fn run_all(&mut self, code: &Code, worlds: &Worlds) -> f64 {
        self.begin(code, worlds);
        for (reward, instance) in self.rewards.iter_mut().zip(&worlds.distinct) {
            *reward = self.machine.run(code, instance, &mut self.done).reward;
        }
        worlds.mean(&self.rewards)
    }

    /// Runs a program until it is certain that it does not pass the bar.
    fn run(&mut self, code: &Code, worlds: &Worlds, order: &InstanceOrder, bar: &Bar) -> Reward {
        self.begin(code, worlds);
        let (count, mut sum) = (worlds.of.len() as f64, 0.0);
        for (place, &index) in order.order.iter().enumerate() {
            let reward = self.machine.run(code, &worlds.distinct[index], &mut self.done).reward;
            self.rewards[index] = reward;
            sum += reward * worlds.weights[index];
            let bound = (sum + order.rest[place + 1]) / count;
            if place + 1 < order.order.len() && !bar.may_be_passed_by(bound) {
                return Reward::IsAtMost(bound);
            }
        }
        Reward::Is(worlds.mean(&self.rewards))
    }
}

/// The instances, of which equal ones are run once: some tasks have few initial states.
struct Worlds {
    distinct: Vec<Instance>,
    /// How many are equal to each distinct one.
    weights: Vec<f64>,
    /// For each instance the number of the distinct one that it is equal to.
    of: Vec<usize>,
}

impl Worlds {
    fn new(instances: Vec<Instance>) -> Worlds {
        let mut worlds = Worlds { distinct: Vec::new(), weights: Vec::new(), of: Vec::new() };
        let mut known = HashMap::new();
        for instance in instances {
            let number = *known.entry(instance.identity()).or_insert(worlds.distinct.len());
            if number == worlds.distinct.len() {
                worlds.distinct.push(instance);
                worlds.weights.push(0.0);
            }
            worlds.weights[number] += 1.0;
            worlds.of.push(number);
        }
        worlds
    }

    /// The mean, summed in the instances' own order: the same to the last bit however they were run.
    fn mean(&self, rewards: &[f64]) -> f64 {
        self.of.iter().map(|&number| rewards[number]).sum::<f64>() / self.of.len().max(1) as f64
    }
}

/// The program whose mutants are tried, and what is known of it.
struct Parent {
    program: Block,
    order: InstanceOrder,
    live: Live,
}

impl Parent {
    /// Goes to a program that has just been run by this runner, if by any.
    fn move_to(&mut self, program: Block, run_by: Option<&Runner>, climber: &Climber) {
        match run_by {
            Some(runner) => {
                self.order = InstanceOrder::new(&climber.worlds, &runner.rewards);
                self.live = Live::new(&program, climber.profile, &runner.done.0);
            }
            None => self.live = Live::all(&program),
        }
        self.program = program;
    }
}

fn source(seed: u64, number: usize) -> Random {
    Random::new(seed ^ mix(number as u64 + 1))
}

/// The instances in the order in which a mutant is run on them, and what can be earned from each on. Those on which
/// the parent falls short most come first: a mutant that is no better there is soon given up.
struct InstanceOrder {
    order: Vec<usize>,
    rest: Vec<f64>,
}

impl InstanceOrder {
    fn new(worlds: &Worlds, rewards: &[f64]) -> InstanceOrder {
        let best = |index: usize| worlds.distinct[index].best_reward() * worlds.weights[index];
        let earned = |index: usize| rewards.get(index).unwrap_or(&0.0) * worlds.weights[index];
        let shortfall = |index: usize| best(index) - earned(index);
        let mut order: Vec<usize> = (0..worlds.distinct.len()).collect();
        order.sort_by(|&a, &b| shortfall(b).total_cmp(&shortfall(a)));
        let mut rest = vec![0.0; order.len() + 1];
        for (place, &index) in order.iter().enumerate().rev() {
            rest[place] = rest[place + 1] + best(index);
        }
        InstanceOrder { order, rest }
    }
}

/// The reward to beat, or to equal.
#[derive(Clone, Copy)]
struct Bar {
    reward: f64,
    /// Equaling it is enough.
    level: bool,
}

impl Bar {
    fn is_passed_by(&self, reward: f64) -> bool {
        reward > self.reward + if self.level { -EQUAL } else { EQUAL }
    }

    /// Whether the bar can be passed by one of at most this reward; rounding is on its side.
    fn may_be_passed_by(&self, bound: f64) -> bool {
        if self.level {
            bound >= self.reward - 2.0 * EQUAL
        } else {
            bound > self.reward + EQUAL / 2.0
        }
    }
}

/// What programs have earned, by a hash of their normal form; a newer one takes the place of an older one.
struct Memory {
    slots: Vec<(u64, Reward)>,
}

impl Memory {
    fn new() -> Memory {
        Memory { slots: vec![(0, Reward::IsAtMost(f64::INFINITY)); REMEMBERED] }
    }

    /// What was found before, if it says whether the bar is passed.
    fn verdict(&self, key: u64, bar: &Bar) -> Option<Reward> {
        let (kept, reward) = self.slots[key as usize & (REMEMBERED - 1)];
        match reward {
            _ if kept != key => None,
            Reward::IsAtMost(bound) if bar.may_be_passed_by(bound) => None,
            _ => Some(reward),
        }
    }

    fn keep(&mut self, key: u64, reward: Reward) {
        self.slots[key as usize & (REMEMBERED - 1)] = (key, reward);
    }
}

/// A hash that is the same for programs which do the same for a reason that can be seen: noMarkersPresent for not
/// markersPresent, any number of nots, and under the programmatic policies, where a REPEAT costs nothing, those that
/// repeat once or have no effect.
pub fn key(program: &Block, profile: Profile) -> u64 {
    hash(program, profile == Profile::ProgPolicies, 0x243F_6A88_85A3_08D3)
}

fn hash(block: &[Statement], free: bool, mut state: u64) -> u64 {
    for statement in block {
        state = match statement {
            Statement::Act(action) => mix(state ^ (1 + *action as u64)),
            Statement::Repeat(1, body) if free => hash(body, free, state),
            Statement::Repeat(..) if free && statement.does_nothing() => state,
            Statement::Repeat(times, body) => mix(hash(body, free, mix(state ^ (32 + u64::from(*times)))) ^ 10),
            Statement::While(condition, body) => mix(hash(body, free, mix(state ^ asked(condition, 64))) ^ 10),
            Statement::If(condition, body) => mix(hash(body, free, mix(state ^ asked(condition, 96))) ^ 10),
            Statement::IfElse(condition, yes, no) => {
                let then = mix(hash(yes, free, mix(state ^ asked(condition, 128))) ^ 11);
                mix(hash(no, free, then) ^ 10)
            }
        };
    }
    state
}

fn asked(condition: &Condition, kind: u64) -> u64 {
    let negated = condition.negations % 2 == 1;
    let (perception, negated) = match condition.perception {
        Perception::NoMarkersPresent => (Perception::MarkersPresent, !negated),
        other => (other, negated),
    };
    kind + 2 * perception as u64 + u64::from(negated)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::instance;
    use crate::grammar::tests::leaps;
    use crate::rules::{Kind, KINDS, PROFILES};
    use crate::terms;
    use proptest::prelude::*;

    fn climber(profile: Profile, kind: Kind, threads: usize) -> Climber {
        let sparse = kind.is_sparse_by_default(profile);
        let made = (0..16).map(|seed| instance(profile, kind, sparse, kind.size(profile), seed).unwrap());
        Climber::new(leaps(profile, None, true), profile, made.collect(), threads)
    }

    fn options(until: usize, seed: u64, drift: bool) -> StepOptions {
        StepOptions { from: 0, until, seed, drift }
    }

    /// The step, literally: every mutant is run on every instance.
    fn literally(climber: &Climber, parent: &Candidate, options: &StepOptions) -> (Option<Candidate>, usize) {
        let mut here = parent.program.clone();
        for number in 0..options.until {
            let program = mutant(&climber.grammar, &here, &mut source(options.seed, number)).program;
            let found = climber.judge(vec![program]).remove(0).unwrap();
            if found.is_better_than(parent) {
                return (Some(found), number + 1);
            }
            if options.drift && found.reward > parent.reward - EQUAL {
                here = found.program;
            }
        }
        (None, options.until)
    }

    #[test]
    fn a_step_is_what_running_everything_would_find_whatever_the_threads() {
        for (profile, kind) in [
            (Profile::ProgPolicies, Kind::DoorKey),
            (Profile::ProgPolicies, Kind::TopOff),
            (Profile::ProgPolicies, Kind::OneStroke),
            (Profile::Leaps, Kind::CleanHouse),
            (Profile::Hprl, Kind::Snake),
        ] {
            let (mut one, mut three) = (climber(profile, kind, 1), climber(profile, kind, 3));
            let mut parent = one.judge(one.draw(1, 5)).remove(0).unwrap();
            for seed in 0..6 {
                let options = options(400, seed, seed % 2 == 1);
                let step = one.step(&parent, &options);
                assert_eq!(step, three.step(&parent, &options), "{}", kind.name());
                assert_eq!((step.found.clone(), step.examined), literally(&one, &parent, &options), "{}", kind.name());
                assert!(step.run <= step.examined);
                parent = step.found.unwrap_or(parent);
            }
        }
    }

    #[test]
    fn a_step_may_be_made_in_parts() {
        for drift in [false, true] {
            let mut whole = climber(Profile::ProgPolicies, Kind::Harvester, 1);
            let parent = whole.judge(whole.draw(1, 1)).remove(0).unwrap();
            let mut parts = climber(Profile::ProgPolicies, Kind::Harvester, 1);
            let step = whole.step(&parent, &options(3000, 3, drift));
            let first = parts.step(&parent, &StepOptions { until: step.examined - 1, ..options(0, 3, drift) });
            let drifted_to = Candidate { program: first.drifted_to.unwrap_or(parent.program), reward: parent.reward };
            let second = parts.step(&drifted_to, &StepOptions { from: step.examined - 1, ..options(3000, 3, drift) });
            assert_eq!((first.found, second.found, second.examined), (None, step.found, 1));
        }
    }

    #[test]
    fn equal_instances_are_run_once_and_count_as_many() {
        let kind = Kind::FourCorners;
        let made: Vec<Instance> =
            (0..100).map(|seed| instance(Profile::ProgPolicies, kind, false, (12, 12), seed).unwrap()).collect();
        let climber = Climber::new(leaps(Profile::ProgPolicies, None, true), Profile::ProgPolicies, made.clone(), 1);
        assert_eq!((climber.worlds.distinct.len(), climber.worlds.of.len()), (8, 100));
        assert_eq!(climber.worlds.weights.iter().sum::<f64>(), 100.0);
        for seed in 0..50 {
            let programs = climber.draw(1, seed);
            let code = climber.compile(&programs[0]).unwrap();
            let plain = crate::batch::evaluate(&[code], &made, None, 1)[0].reward;
            assert_eq!(climber.judge(programs)[0].as_ref().unwrap().reward, plain);
        }
    }

    #[test]
    fn what_was_run_before_is_not_run_again() {
        let mut climber = climber(Profile::ProgPolicies, Kind::Seeder, 1);
        let parent = Candidate { program: terms::read("(karel_seq move putMarker)").unwrap(), reward: 1.0 };
        let first = climber.step(&parent, &options(500, 1, false));
        let again = climber.step(&parent, &options(500, 1, false));
        assert!(first.run > 50 && first.run < 500, "{}", first.run);
        // A few have had to make room for others.
        assert!(again.run < 5 && again.examined == 500);
    }

    /// The same program in other words, as far as `key` sees it.
    fn reworded(block: &Block, free: bool, random: &mut Random) -> Block {
        let condition = |condition: &Condition, random: &mut Random| {
            let mut other = *condition;
            other.negations += 2 * random.below(2) as u16;
            if random.chance(0.5) {
                other.perception = match other.perception {
                    Perception::NoMarkersPresent => Perception::MarkersPresent,
                    Perception::MarkersPresent => Perception::NoMarkersPresent,
                    as_is => return Condition { perception: as_is, ..other },
                };
                other.negations += 1;
            }
            other
        };
        let mut out = Block::new();
        for statement in block {
            let same = match statement {
                Statement::Act(_) => statement.clone(),
                Statement::While(c, b) => Statement::While(condition(c, random), reworded(b, free, random)),
                Statement::If(c, b) => Statement::If(condition(c, random), reworded(b, free, random)),
                Statement::Repeat(n, b) => Statement::Repeat(*n, reworded(b, free, random)),
                Statement::IfElse(c, y, n) => {
                    Statement::IfElse(condition(c, random), reworded(y, free, random), reworded(n, free, random))
                }
            };
            match random.below(4) {
                0 if free => out.extend([Statement::Repeat(0, block.clone()), same]),
                1 if free => out.push(Statement::Repeat(1, vec![same])),
                _ => out.push(same),
            }
        }
        out
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(60))]
        #[test]
        fn equal_keys_mean_equal_rewards(seed: u64, which in 0..3usize, task in 0..10usize) {
            let (profile, kind) = (PROFILES[which], KINDS[task]);
            prop_assume!(kind.is_in(profile));
            let random = &mut Random::new(seed);
            let climber = climber(profile, kind, 1);
            let program = climber.grammar.program(random);
            let other = reworded(&program, profile == Profile::ProgPolicies, random);
            prop_assert_eq!(key(&program, profile), key(&other, profile), "{}", terms::print(&other));
            let judged = climber.judge(vec![program, other]);
            prop_assert_eq!(judged[0].as_ref().unwrap().reward, judged[1].as_ref().unwrap().reward);
        }
    }
}
