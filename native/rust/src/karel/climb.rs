//! Local search on a set of instances: programs drawn and mutated, and evaluated no further than is needed.

use super::batch::in_parallel;
use super::code::Code;
use super::grammar::Grammar;
use super::instance::Instance;
use super::machine::{Episode, Nobody};
use super::mutation::{mutant, Moves};
use super::random::{mix, Random};
use super::rules::Profile;
use super::syntax::{Block, Condition, Perception, Statement};

/// Rewards that differ by less are equal: they are sums of fractions.
pub const EQUAL: f64 = 1e-9;
/// Programs remembered: a power of two.
const REMEMBERED: usize = 1 << 18;
/// Mutants looked at one by one before threads are worth their start.
const ALONE: usize = 32;
/// Mutants that a thread looks at between two meetings.
const PORTION: usize = 128;

/// What is known of a program's mean reward.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reward {
    Is(f64),
    IsAtMost(f64),
}

/// A program and what it earns.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    pub program: Block,
    pub reward: f64,
}

/// What became of a look around a program.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    pub found: Option<Found>,
    /// The mutants looked at.
    pub examined: usize,
    /// Those of them that were run.
    pub run: usize,
}

/// How far to look and what to accept.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// The numbers of the first mutant and of that after the last.
    pub from: usize,
    pub until: usize,
    pub seed: u64,
    /// Accept also what is as good.
    pub sideways: bool,
    pub moves: Moves,
}

/// The neighbours of programs for one task.
pub struct Climber {
    grammar: Grammar,
    profile: Profile,
    instances: Vec<Instance>,
    threads: usize,
    memory: Memory,
}

impl Climber {
    pub fn new(grammar: Grammar, profile: Profile, instances: Vec<Instance>, threads: usize) -> Climber {
        Climber { grammar, profile, instances, threads: threads.max(1), memory: Memory::new() }
    }

    pub fn grammar(&self) -> &Grammar {
        &self.grammar
    }

    /// The greatest mean reward that any program can get.
    pub fn ceiling(&self) -> f64 {
        let sum: f64 = self.instances.iter().map(Instance::best_reward).sum();
        sum / self.instances.len().max(1) as f64
    }

    /// Evaluates programs on all instances.
    pub fn judge(&self, programs: Vec<Block>) -> Vec<Result<Found, super::error::Error>> {
        let rewards = in_parallel(programs.len(), self.threads, Episode::default, |episode, index| {
            let code = Code::compile(std::slice::from_ref(&programs[index]), self.profile)?;
            Ok(mean(&self.rewards(&code, episode)))
        });
        let found = |(program, reward): (Block, Result<f64, _>)| reward.map(|reward| Found { program, reward });
        programs.into_iter().zip(rewards).map(found).collect()
    }

    /// Draws programs from the grammar; each depends on the seed and its number alone.
    pub fn draw(&self, count: usize, seed: u64) -> Vec<Block> {
        (0..count).map(|number| self.grammar.program(&mut source(seed, number))).collect()
    }

    fn rewards(&self, code: &Code, episode: &mut Episode) -> Vec<f64> {
        self.instances.iter().map(|instance| episode.run(code, instance, &mut Nobody).reward).collect()
    }

    /// Looks at mutants in their order until one is better than the parent, whose reward is given.
    pub fn step(&mut self, parent: &Block, reward: f64, look: &Look) -> Step {
        let mut episode = Episode::default();
        let hopes = match Code::compile(std::slice::from_ref(parent), self.profile) {
            Ok(code) => Hopes::new(&self.instances, &self.rewards(&code, &mut episode)),
            Err(_) => Hopes::new(&self.instances, &vec![0.0; self.instances.len()]),
        };
        let bar = Bar::new(reward, look.sideways);
        let (mut examined, mut run) = (0, 0);
        let mut next = look.from;
        while next < look.until {
            let alone = self.threads == 1 || next < look.from + ALONE;
            let count = if alone { 1 } else { (self.threads * PORTION).min(look.until - next) };
            let tried = self.look_at(parent, next, count, &hopes, &bar, look, &mut episode);
            for (program, key, known) in tried {
                examined += 1;
                // What an earlier one of this portion was need not have been run either.
                run += usize::from(self.memory.verdict(key, &bar).is_none());
                self.memory.keep(key, known);
                if let Reward::Is(reward) = known {
                    if bar.is_passed_by(reward) {
                        return Step { found: Some(Found { program, reward }), examined, run };
                    }
                }
            }
            next += count;
        }
        Step { found: None, examined, run }
    }

    #[allow(clippy::too_many_arguments)]
    fn look_at(
        &self,
        parent: &Block,
        from: usize,
        count: usize,
        hopes: &Hopes,
        bar: &Bar,
        look: &Look,
        episode: &mut Episode,
    ) -> Vec<(Block, u64, Reward)> {
        let try_one = |episode: &mut Episode, number: usize| {
            let program = mutant(&self.grammar, parent, &look.moves, &mut source(look.seed, number));
            let key = key(&program, self.profile);
            let known = self.memory.verdict(key, bar).unwrap_or_else(|| match self.compile(&program) {
                Some(code) => self.evaluate(&code, hopes, bar, episode),
                None => Reward::IsAtMost(f64::NEG_INFINITY),
            });
            (program, key, known)
        };
        if count == 1 {
            return vec![try_one(episode, from)];
        }
        in_parallel(count, self.threads, Episode::default, |episode, offset| try_one(episode, from + offset))
    }

    fn compile(&self, program: &Block) -> Option<Code> {
        Code::compile(std::slice::from_ref(program), self.profile).ok()
    }

    /// Runs a program until it is certain that it does not pass the bar.
    fn evaluate(&self, code: &Code, hopes: &Hopes, bar: &Bar, episode: &mut Episode) -> Reward {
        let count = self.instances.len() as f64;
        let mut rewards = [0.0; 64];
        let mut many = Vec::new();
        let rewards: &mut [f64] = if self.instances.len() <= rewards.len() {
            &mut rewards[..self.instances.len()]
        } else {
            many.resize(self.instances.len(), 0.0);
            &mut many
        };
        let mut sum = 0.0;
        for (place, &index) in hopes.order.iter().enumerate() {
            let reward = episode.run(code, &self.instances[index], &mut Nobody).reward;
            rewards[index] = reward;
            sum += reward;
            let bound = (sum + hopes.rest[place + 1]) / count;
            if place + 1 < rewards.len() && !bar.may_be_passed_by(bound) {
                return Reward::IsAtMost(bound);
            }
        }
        Reward::Is(mean(rewards))
    }
}

/// The mean in the instances' own order, so that it is the same to the last bit however they were run.
fn mean(rewards: &[f64]) -> f64 {
    if rewards.is_empty() {
        0.0
    } else {
        rewards.iter().sum::<f64>() / rewards.len() as f64
    }
}

fn source(seed: u64, number: usize) -> Random {
    Random::new(seed ^ mix(number as u64 + 1))
}

/// The instances in the order in which a mutant is run on them, and what can be earned from each on. Those on which
/// the parent falls short most come first: a mutant that is no better there is soon given up.
struct Hopes {
    order: Vec<usize>,
    rest: Vec<f64>,
}

impl Hopes {
    fn new(instances: &[Instance], rewards: &[f64]) -> Hopes {
        let shortfall = |index: usize| instances[index].best_reward() - rewards[index];
        let mut order: Vec<usize> = (0..instances.len()).collect();
        order.sort_by(|&a, &b| shortfall(b).total_cmp(&shortfall(a)));
        let mut rest = vec![0.0; order.len() + 1];
        for (place, &index) in order.iter().enumerate().rev() {
            rest[place] = rest[place + 1] + instances[index].best_reward();
        }
        Hopes { order, rest }
    }
}

/// The reward to beat.
struct Bar {
    reward: f64,
    sideways: bool,
}

impl Bar {
    fn new(reward: f64, sideways: bool) -> Bar {
        Bar { reward, sideways }
    }

    fn is_passed_by(&self, reward: f64) -> bool {
        if self.sideways {
            reward >= self.reward - EQUAL
        } else {
            reward > self.reward + EQUAL
        }
    }

    /// Whether the bar can be passed by one of at most this reward; rounding is on its side.
    fn may_be_passed_by(&self, bound: f64) -> bool {
        if self.sideways {
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
