//! Programs drawn from weighted productions within limits that are kept by construction.
//!
//! A program is drawn top-down: at each hole one of the possible productions is chosen, with the grammar's probabilities
//! conditioned on the remaining size. A production fits if its smallest possible arguments fit; so no draw is ever
//! rejected, and every program within the limits can be drawn.

use crate::error::Error;
use crate::random::Random;
use crate::rules::Profile;
use crate::search_space::SearchSpace;
use crate::syntax::{Block, Condition, Statement, ACTIONS, DEEPEST, MOST_REPEATS, PERCEPTIONS};

/// Where a part of a program stands: at the start, or as which argument of which production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hole {
    Start,
    First,
    Rest,
    WhileBody,
    RepeatBody,
    IfBody,
    Then,
    Else,
    WhileTest,
    IfTest,
    IfElseTest,
    NotTest,
    Times,
}

use Hole::{
    Else, First, IfBody, IfElseTest, IfTest, NotTest, RepeatBody, Rest, Start, Then, Times, WhileBody, WhileTest,
};

/// The holes of statements; in `HOLES` they stand first.
const STATEMENT_HOLES: usize = 8;
const HOLES: [(Hole, &str, usize); 13] = [
    (Start, "", 0),
    (First, "karel_seq", 0),
    (Rest, "karel_seq", 1),
    (WhileBody, "karel_while", 1),
    (RepeatBody, "karel_repeat", 1),
    (IfBody, "karel_if", 1),
    (Then, "karel_ifelse", 1),
    (Else, "karel_ifelse", 2),
    (WhileTest, "karel_while", 0),
    (IfTest, "karel_if", 0),
    (IfElseTest, "karel_ifelse", 0),
    (NotTest, "karel_not", 0),
    (Times, "karel_repeat", 0),
];

/// How likely each production is in a hole, up to a factor; those of another type than the hole's are never used.
#[derive(Clone, Copy, Debug, Default)]
struct Weights {
    seq: f64,
    repeat: f64,
    /// WHILE, IF and IFELSE.
    asking: [f64; 3],
    not: f64,
    actions: [f64; 5],
    perceptions: [f64; 5],
    times: [f64; MOST_REPEATS as usize + 1],
}

impl Weights {
    fn set(&mut self, name: &str, weight: f64) -> Result<(), Error> {
        match name {
            "karel_seq" => self.seq = weight,
            "karel_while" => self.asking[0] = weight,
            "karel_if" => self.asking[1] = weight,
            "karel_ifelse" => self.asking[2] = weight,
            "karel_repeat" => self.repeat = weight,
            "karel_not" => self.not = weight,
            _ => {
                if let Some(action) = ACTIONS.iter().position(|action| action.name() == name) {
                    self.actions[action] = weight;
                } else if let Some(perception) = PERCEPTIONS.iter().position(|each| each.name() == name) {
                    self.perceptions[perception] = weight;
                } else {
                    let times = name.parse::<usize>().ok().filter(|&times| times <= usize::from(MOST_REPEATS));
                    self.times[times.ok_or_else(|| Error::unknown(name))?] = weight;
                }
            }
        }
        Ok(())
    }
}

/// What each construct adds to the size of a program.
#[derive(Clone, Copy, Debug)]
pub struct Prices {
    /// The program itself.
    program: usize,
    seq: usize,
    /// A WHILE or an IF without its condition and body.
    asking: usize,
    repeat: usize,
    if_else: usize,
    not: usize,
    perception: usize,
}

/// Nodes of the λ-term as the λ-machine counts them: productions where they stand.
const NODES: Prices = Prices { program: 0, seq: 1, asking: 1, repeat: 2, if_else: 1, not: 1, perception: 1 };
/// Karel's tokens, brackets included.
const TOKENS: Prices = Prices { program: 4, seq: 0, asking: 3, repeat: 4, if_else: 6, not: 3, perception: 3 };
/// The price of an action in either.
const ACTION: usize = 1;

/// How large a program may be: its size, the levels of statements in it, the statements in a row.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    prices: Prices,
    most: usize,
    depth: usize,
    row: Option<usize>,
}

impl Limits {
    /// What the published search of a profile may write.
    fn of_space(space: &SearchSpace) -> Limits {
        Limits { prices: TOKENS, most: space.most_tokens, depth: space.most_levels, row: space.most_in_row }
    }

    /// Up to so many nodes of the λ-term, and nothing else.
    fn of_nodes(most: usize) -> Limits {
        Limits { prices: NODES, most, depth: DEEPEST, row: None }
    }
}

/// What may still be drawn: size, levels, and statements in a row.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub left: usize,
    pub depth: usize,
    pub row: usize,
}

/// More than any program has.
const NEVER: usize = usize::MAX / 4;

/// The grammar: weights at every hole, and the least that an argument takes.
pub struct Grammar {
    weights: [Weights; HOLES.len()],
    limits: Limits,
    row: usize,
    /// By hole, by levels left, by statements in a row that are left (one entry if they are not limited).
    least: Vec<Vec<Vec<usize>>>,
    /// The least size of a condition, by hole.
    least_test: [usize; HOLES.len()],
}

/// The weights of productions at a hole: logarithms, in the order of the names.
pub struct Library<'l> {
    pub names: &'l [String],
    pub start: &'l [f64],
    /// For a production's argument.
    pub argument: &'l dyn Fn(&str, usize) -> Vec<f64>,
}

impl Grammar {
    /// A grammar of the library's weights. With `max_size` a program has at most so many nodes, without it is what the
    /// profile's own search may write.
    pub fn new(library: &Library, profile: Profile, max_size: Option<usize>) -> Result<Grammar, Error> {
        let mut weights = [Weights::default(); HOLES.len()];
        for (hole, name, argument) in HOLES {
            let given = if hole == Start { library.start.to_vec() } else { (library.argument)(name, argument) };
            if given.len() != library.names.len() {
                return Err(Error::types(format!("{} weights for {} productions", given.len(), library.names.len())));
            }
            for (name, weight) in library.names.iter().zip(given) {
                weights[hole as usize].set(name, weight.exp())?;
            }
        }
        let limits = match max_size {
            Some(most) => Limits::of_nodes(most),
            None => {
                let space = SearchSpace::of(profile);
                restrict(&mut weights, &space);
                Limits::of_space(&space)
            }
        };
        let row = limits.row.unwrap_or(NEVER);
        let mut grammar = Grammar { weights, limits, row, least: Vec::new(), least_test: [NEVER; HOLES.len()] };
        grammar.find_least();
        if grammar.least(Start, grammar.whole()) > grammar.whole().left {
            return Err(Error::types("no program of this library is as small as the limits ask"));
        }
        Ok(grammar)
    }

    /// The room of a whole program.
    pub fn whole(&self) -> Room {
        let left = self.limits.most.saturating_sub(self.limits.prices.program);
        Room { left, depth: self.limits.depth, row: self.row }
    }

    /// Whether the program keeps the limits of size.
    pub fn holds(&self, program: &Block) -> bool {
        let room = self.whole();
        self.size(program) <= room.left && self.in_shape(program, room.depth)
    }

    fn in_shape(&self, block: &Block, depth: usize) -> bool {
        block.len() <= self.row
            && block.iter().all(|statement| match statement {
                Statement::Act(_) => true,
                _ => depth > 0 && statement.blocks().into_iter().all(|inner| self.in_shape(inner, depth - 1)),
            })
    }

    fn weights(&self, hole: Hole) -> &Weights {
        &self.weights[hole as usize]
    }

    /// The least size of statements in a hole.
    pub fn least(&self, hole: Hole, room: Room) -> usize {
        if room.row == 0 {
            return NEVER;
        }
        let rows = &self.least[hole as usize][room.depth];
        rows[room.row.min(rows.len()) - 1]
    }

    fn find_least(&mut self) {
        let prices = self.limits.prices;
        for _ in 0..HOLES.len() {
            for (hole, ..) in HOLES {
                let weights = &self.weights[hole as usize];
                let mut least =
                    if weights.perceptions.iter().any(|&weight| weight > 0.0) { prices.perception } else { NEVER };
                if weights.not > 0.0 {
                    least = least.min(prices.not + self.least_test[NotTest as usize]);
                }
                self.least_test[hole as usize] = least.min(NEVER);
            }
        }
        let rows = self.limits.row.unwrap_or(1);
        self.least = vec![vec![vec![NEVER; rows]; self.limits.depth + 1]; STATEMENT_HOLES];
        for depth in 0..=self.limits.depth {
            // A sequence in a hole may need others first: as many rounds as there are holes reach a fixed point.
            for _ in 0..=STATEMENT_HOLES {
                for row in 1..=rows {
                    let room = Room { left: NEVER, depth, row: if self.limits.row.is_some() { row } else { NEVER } };
                    for (hole, ..) in &HOLES[..STATEMENT_HOLES] {
                        let fits = self.needs(*hole, room).into_iter().zip(self.shares(*hole));
                        let least = fits.filter(|&(_, weight)| weight > 0.0).map(|(need, _)| need).min();
                        self.least[*hole as usize][depth][row - 1] = least.unwrap_or(NEVER).min(NEVER);
                    }
                }
            }
        }
    }

    /// The weights of an action, a sequence, REPEAT, WHILE, IF and IFELSE.
    fn shares(&self, hole: Hole) -> [f64; 6] {
        let weights = self.weights(hole);
        let [looping, choice, two] = weights.asking;
        [weights.actions.iter().sum(), weights.seq, weights.repeat, looping, choice, two]
    }

    /// The least size of an action, a sequence, REPEAT, WHILE, IF and IFELSE in this room.
    #[inline]
    fn needs(&self, hole: Hole, room: Room) -> [usize; 6] {
        let prices = self.limits.prices;
        let mut needs = [ACTION, NEVER, NEVER, NEVER, NEVER, NEVER];
        if self.weights(hole).seq > 0.0 {
            if let Some((first, rest)) = self.split(room) {
                needs[1] = prices.seq + self.least(First, first) + self.least(Rest, rest);
            }
        }
        if room.depth > 0 {
            let inner = Room { left: 0, depth: room.depth - 1, row: self.row };
            let test = |hole: Hole| self.least_test[hole as usize];
            let repeats = self.weights(Times).times.iter().any(|&weight| weight > 0.0);
            needs[2] = if repeats { prices.repeat + self.least(RepeatBody, inner) } else { NEVER };
            needs[3] = prices.asking + test(WhileTest) + self.least(WhileBody, inner);
            needs[4] = prices.asking + test(IfTest) + self.least(IfBody, inner);
            needs[5] = prices.if_else + test(IfElseTest) + self.least(Then, inner) + self.least(Else, inner);
        }
        needs
    }

    /// How a sequence divides its row: the rest gets as little as it needs, but more if the first part is short.
    #[inline]
    fn split(&self, room: Room) -> Option<(Room, Room)> {
        if room.row >= NEVER / 2 {
            return Some((room, room));
        }
        let rest = (1..room.row).find(|&row| self.least(Rest, Room { row, ..room }) < NEVER)?;
        Some((Room { row: room.row - rest, ..room }, Room { row: rest, ..room }))
    }

    /// Draws a whole program.
    pub fn program(&self, random: &mut Random) -> Block {
        let mut block = Block::new();
        self.statements(Start, self.whole(), random, &mut block);
        block
    }

    /// Draws statements for a hole whose least size the room has, appends them, and returns their size.
    pub fn statements(&self, hole: Hole, room: Room, random: &mut Random, block: &mut Block) -> usize {
        let mut shares = self.shares(hole);
        for (share, need) in shares.iter_mut().zip(self.needs(hole, room)) {
            if need > room.left {
                *share = 0.0;
            }
        }
        let prices = self.limits.prices;
        let inner = |left: usize| Room { left, depth: room.depth - 1, row: self.row };
        let (statement, size) = match pick(&shares, random) {
            1 => return self.sequence(room, random, block),
            2 => {
                let times = pick(&self.weights(Times).times, random) as u8;
                let (body, size) = self.body(RepeatBody, inner(room.left - prices.repeat), random);
                (Statement::Repeat(times, body), prices.repeat + size)
            }
            kind @ (3 | 4) => {
                let (test, within) = if kind == 3 { (WhileTest, WhileBody) } else { (IfTest, IfBody) };
                let spare = room.left - prices.asking - self.least(within, inner(0));
                let (condition, asked) = self.condition(test, spare, random);
                let (body, size) = self.body(within, inner(room.left - prices.asking - asked), random);
                let statement =
                    if kind == 3 { Statement::While(condition, body) } else { Statement::If(condition, body) };
                (statement, prices.asking + asked + size)
            }
            5 => {
                let least = self.least(Else, inner(0));
                let left = room.left - prices.if_else;
                let (condition, asked) = self.condition(IfElseTest, left - least - self.least(Then, inner(0)), random);
                let (yes, then) = self.body(Then, inner(left - asked - least), random);
                let (no, otherwise) = self.body(Else, inner(left - asked - then), random);
                (Statement::IfElse(condition, yes, no), prices.if_else + asked + then + otherwise)
            }
            _ => (Statement::Act(ACTIONS[pick(&self.weights(hole).actions, random)]), ACTION),
        };
        block.push(statement);
        size
    }

    fn sequence(&self, room: Room, random: &mut Random, block: &mut Block) -> usize {
        let (first, rest) = self.split(room).expect("a sequence was chosen since it fits");
        let before = block.len();
        let left = room.left - self.limits.prices.seq;
        let used = self.statements(First, Room { left: left - self.least(Rest, rest), ..first }, random, block);
        let row = if room.row >= NEVER / 2 { room.row } else { room.row - (block.len() - before) };
        self.limits.prices.seq + used + self.statements(Rest, Room { left: left - used, row, ..room }, random, block)
    }

    fn body(&self, hole: Hole, room: Room, random: &mut Random) -> (Block, usize) {
        let mut block = Block::new();
        let size = self.statements(hole, room, random, &mut block);
        (block, size)
    }

    /// Draws a condition of at most this size, which must be at least the least one, and returns its size.
    pub fn condition(&self, hole: Hole, left: usize, random: &mut Random) -> (Condition, usize) {
        let prices = self.limits.prices;
        let (mut hole, mut negations, mut size) = (hole, 0u16, 0);
        loop {
            let weights = self.weights(hole);
            let fits = negations < u16::MAX && size + prices.not + self.least_test[NotTest as usize] <= left;
            let seen: f64 = weights.perceptions.iter().sum();
            if pick(&[seen, if fits { weights.not } else { 0.0 }], random) == 0 {
                let perception = PERCEPTIONS[pick(&weights.perceptions, random)];
                return (Condition { perception, negations }, size + prices.perception);
            }
            (hole, negations, size) = (NotTest, negations + 1, size + prices.not);
        }
    }

    /// Draws the number of a REPEAT.
    pub fn times(&self, random: &mut Random) -> u8 {
        pick(&self.weights(Times).times, random) as u8
    }

    /// The size of a condition in this grammar's unit.
    pub fn condition_size(&self, condition: &Condition) -> usize {
        self.limits.prices.perception + usize::from(condition.negations) * self.limits.prices.not
    }

    /// What a `not` adds to a condition.
    pub fn not_size(&self) -> usize {
        self.limits.prices.not
    }

    /// The size of statements in a row.
    pub fn size(&self, statements: &[Statement]) -> usize {
        let own: usize = statements.iter().map(|statement| self.statement_size(statement)).sum();
        own + statements.len().saturating_sub(1) * self.limits.prices.seq
    }

    pub fn statement_size(&self, statement: &Statement) -> usize {
        let prices = self.limits.prices;
        match statement {
            Statement::Act(_) => ACTION,
            Statement::Repeat(_, body) => prices.repeat + self.size(body),
            Statement::While(condition, body) | Statement::If(condition, body) => {
                prices.asking + self.condition_size(condition) + self.size(body)
            }
            Statement::IfElse(condition, yes, no) => {
                prices.if_else + self.condition_size(condition) + self.size(yes) + self.size(no)
            }
        }
    }
}

/// Takes away what a profile's own search never writes: nested nots, a negated IFELSE, HPRL's unusual repeats.
fn restrict(weights: &mut [Weights; HOLES.len()], space: &SearchSpace) {
    weights[NotTest as usize].not = 0.0;
    if !space.negated_if_else {
        weights[IfElseTest as usize].not = 0.0;
    }
    for (times, weight) in (0..=MOST_REPEATS).zip(&mut weights[Times as usize].times) {
        if !space.repeats.contains(&times) {
            *weight = 0.0;
        }
    }
}

/// The place of a weight, drawn in proportion to the weights.
#[inline]
fn pick(weights: &[f64], random: &mut Random) -> usize {
    let total: f64 = weights.iter().sum();
    let mut left = random.unit() * total;
    let mut last = 0;
    for (place, &weight) in weights.iter().enumerate() {
        if weight > 0.0 {
            last = place;
            if left < weight {
                return place;
            }
            left -= weight;
        }
    }
    last // Rounding left a remainder.
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::rules::PROFILES;
    use crate::syntax::Action;
    use crate::terms;
    use proptest::prelude::*;

    const CONTROL: [&str; 6] = ["karel_seq", "karel_while", "karel_repeat", "karel_if", "karel_ifelse", "karel_not"];

    fn names() -> Vec<String> {
        let words = CONTROL.into_iter().chain(ACTIONS.map(|a| a.name())).chain(PERCEPTIONS.map(|p| p.name()));
        words.map(str::to_owned).chain((0..=MOST_REPEATS).map(|n| n.to_string())).collect()
    }

    /// LEAPS' probabilities; with `flat` a sequence is never the first part of a sequence.
    pub fn leaps(profile: Profile, max_size: Option<usize>, flat: bool) -> Grammar {
        let shares = [0.5, 0.15, 0.03, 0.08, 0.04, 0.1, 0.1, 0.03, 0.03, 0.02, 0.02, 0.45, 0.135, 0.135, 0.09, 0.09];
        let shares: Vec<f64> = shares.into_iter().chain([0.05; 20]).map(f64::ln).collect();
        let argument = |name: &str, place: usize| {
            let mut weights = shares.clone();
            match (name, place) {
                ("karel_seq", 0) if flat => weights[0] = f64::NEG_INFINITY,
                ("karel_not", _) => weights[5] = f64::NEG_INFINITY,
                _ => {}
            }
            weights
        };
        Grammar::new(&Library { names: &names(), start: &shares, argument: &argument }, profile, max_size).unwrap()
    }

    /// Every program of at most so many nodes with its probability, literally: a production is as likely as its weight
    /// among those whose smallest arguments fit, and arguments are drawn from the left, each leaving room for the rest.
    fn all(grammar: &Grammar, hole: Hole, left: usize) -> Vec<(String, usize, f64)> {
        let weights = grammar.weights(hole);
        let mut options: Vec<(f64, &str, Vec<Hole>)> = Vec::new();
        if matches!(hole, WhileTest | IfTest | IfElseTest | NotTest) {
            options.extend((0..5).map(|p| (weights.perceptions[p], PERCEPTIONS[p].name(), vec![])));
            options.push((weights.not, "karel_not", vec![NotTest]));
        } else if hole == Times {
            return (0..20).map(|n: usize| (n.to_string(), 1, weights.times[n])).collect();
        } else {
            options.extend((0..5).map(|a| (weights.actions[a], ACTIONS[a].name(), vec![])));
            options.push((weights.seq, "karel_seq", vec![First, Rest]));
            options.push((weights.asking[0], "karel_while", vec![WhileTest, WhileBody]));
            options.push((weights.repeat, "karel_repeat", vec![Times, RepeatBody]));
            options.push((weights.asking[1], "karel_if", vec![IfTest, IfBody]));
            options.push((weights.asking[2], "karel_ifelse", vec![IfElseTest, Then, Else]));
        }
        options.retain(|(weight, _, holes)| *weight > 0.0 && holes.len() < left);
        let total: f64 = options.iter().map(|(weight, ..)| weight).sum();
        let mut found = Vec::new();
        for (weight, name, holes) in options {
            // Parts so far: text, size, probability.
            let mut parts = vec![(name.to_owned(), 1, weight / total)];
            for (place, &inner) in holes.iter().enumerate() {
                let after = holes.len() - place - 1;
                let longer = |(text, size, odds): &(String, usize, f64)| {
                    let part = all(grammar, inner, left - size - after);
                    let share: f64 = if inner == Times { part.iter().map(|each| each.2).sum() } else { 1.0 };
                    let join = |(more, by, times): (String, usize, f64)| {
                        (format!("{text} {more}"), size + by, odds * times / share)
                    };
                    part.into_iter().map(join).collect::<Vec<_>>()
                };
                parts = parts.iter().flat_map(longer).collect();
            }
            let close = |(text, size, odds)| (if holes.is_empty() { text } else { format!("({text})") }, size, odds);
            found.extend(parts.into_iter().map(close));
        }
        found
    }

    #[test]
    fn programs_are_as_likely_as_the_grammar_conditioned_on_what_fits_says() {
        for flat in [true, false] {
            let grammar = leaps(Profile::Leaps, Some(4), flat);
            let mut expected: HashMap<String, f64> = HashMap::new();
            for (text, _, odds) in all(&grammar, Start, 4) {
                *expected.entry(terms::print(&terms::read(&text).unwrap())).or_default() += odds;
            }
            assert!((expected.values().sum::<f64>() - 1.0).abs() < 1e-9);
            let mut seen: HashMap<String, f64> = HashMap::new();
            let draws = 60_000;
            for seed in 0..draws {
                *seen.entry(terms::print(&grammar.program(&mut Random::new(seed)))).or_default() += 1.0;
            }
            assert!(seen.keys().all(|text| expected.contains_key(text)));
            // Pearson's statistic over the programs that are likely enough: its mean is their number, and its variance
            // twice that.
            let likely = expected.iter().filter(|(_, odds)| **odds * draws as f64 > 20.0);
            let terms = likely.map(|(text, odds)| {
                let wanted = odds * draws as f64;
                (seen.get(text).unwrap_or(&0.0) - wanted).powi(2) / wanted
            });
            let terms: Vec<f64> = terms.collect();
            let (sum, count) = (terms.iter().sum::<f64>(), terms.len() as f64);
            assert!(count > 100.0 && (sum - count).abs() < 5.0 * (2.0 * count).sqrt(), "{sum} for {count} programs");
        }
    }

    #[test]
    fn a_library_without_small_programs_is_refused() {
        let names = names();
        let no_action: Vec<f64> =
            (0..names.len()).map(|n| if (6..11).contains(&n) { f64::NEG_INFINITY } else { 0.0 }).collect();
        let argument = |_: &str, _: usize| no_action.clone();
        let library = Library { names: &names, start: &no_action, argument: &argument };
        assert!(Grammar::new(&library, Profile::Leaps, None).is_err());
        let unknown = ["karel_jump".to_owned()];
        let library = Library { names: &unknown, start: &[0.0], argument: &|_, _| vec![0.0] };
        assert!(Grammar::new(&library, Profile::Leaps, None).err().unwrap().message.contains("karel_jump"));
    }

    #[test]
    fn a_hole_may_forbid_what_is_smallest() {
        // Only a REPEAT may stand at the start, and only a sequence in it: the least program has five nodes.
        let names = names();
        let only = |name: &'static str| {
            let names = names.clone();
            move |n: usize| {
                if CONTROL.contains(&names[n].as_str()) && names[n] != name {
                    f64::NEG_INFINITY
                } else {
                    0.0
                }
            }
        };
        let mut start: Vec<f64> = (0..names.len()).map(only("karel_repeat")).collect();
        start[6..11].fill(f64::NEG_INFINITY);
        let argument = |name: &str, _: usize| {
            let mut weights: Vec<f64> = (0..names.len()).map(only("karel_seq")).collect();
            if name == "karel_repeat" {
                weights[6..11].fill(f64::NEG_INFINITY);
            }
            weights
        };
        let library = Library { names: &names, start: &start, argument: &argument };
        assert!(Grammar::new(&library, Profile::Leaps, Some(4)).is_err());
        let grammar = Grammar::new(&library, Profile::Leaps, Some(5)).unwrap();
        for seed in 0..100 {
            let text = terms::print(&grammar.program(&mut Random::new(seed)));
            assert!(text.starts_with("(karel_repeat ") && text.contains("(karel_seq "), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_draw_keeps_the_limits(
            seed: u64, which in 0..3usize, most in prop::option::of(1..50usize), flat: bool
        ) {
            let profile = PROFILES[which];
            let grammar = leaps(profile, most, flat);
            let program = grammar.program(&mut Random::new(seed));
            prop_assert!(grammar.holds(&program));
            prop_assert!(!program.is_empty());
            prop_assert_eq!(&terms::read(&terms::print(&program)).unwrap(), &program);
            match most {
                None => prop_assert_eq!(SearchSpace::of(profile).excludes(&program), None),
                Some(most) => {
                    let words = terms::print(&program).replace(['(', ')'], " ").split_whitespace().count();
                    prop_assert!(words <= most, "{}", terms::print(&program));
                }
            }
        }
    }

    #[test]
    fn large_and_small_programs_are_drawn() {
        let grammar = leaps(Profile::ProgPolicies, None, true);
        let sizes: Vec<usize> = (0..2000).map(|seed| grammar.size(&grammar.program(&mut Random::new(seed)))).collect();
        assert!(sizes.contains(&41) && sizes.contains(&1));
        let actions: Vec<Block> = (0..2000).map(|seed| grammar.program(&mut Random::new(seed))).collect();
        assert!(ACTIONS.iter().all(|&action| actions.contains(&vec![Statement::Act(action)])), "{:?}", Action::Move);
    }
}
