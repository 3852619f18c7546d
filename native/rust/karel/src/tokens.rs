//! The second notation: Karel's tokens, as in `DEF run m( WHILE c( frontIsClear c) w( move w) m)`.

use crate::error::Error;
use crate::syntax::{Action, Block, Condition, Perception, Statement, ACTIONS, DEEPEST, MOST_REPEATS, PERCEPTIONS};

/// Reads one program or several that follow each other.
pub fn read(text: &str) -> Result<Vec<Block>, Error> {
    let mut reader = Reader { words: text.split_whitespace().collect(), place: 0 };
    let mut programs = Vec::new();
    while reader.place < reader.words.len() || programs.is_empty() {
        reader.expect("DEF")?;
        reader.expect("run")?;
        programs.push(reader.block("m", DEEPEST)?);
    }
    Ok(programs)
}

struct Reader<'t> {
    words: Vec<&'t str>,
    place: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self, wanted: &str) -> Result<&'t str, Error> {
        let word = self.words.get(self.place).copied();
        self.place += 1;
        word.ok_or_else(|| Error::parse(format!("the program ends where {wanted} should stand")))
    }

    fn wrong<T>(&self, wanted: &str) -> Result<T, Error> {
        let at = self.place - 1;
        Err(Error::parse(format!("token {at} is {} where {wanted} should stand", self.words[at])))
    }

    fn expect(&mut self, wanted: &str) -> Result<(), Error> {
        if self.next(wanted)? == wanted {
            Ok(())
        } else {
            self.wrong(wanted)
        }
    }

    /// A block between `x(` and `x)`.
    fn block(&mut self, bracket: &str, depth: usize) -> Result<Block, Error> {
        let (opening, closing) = (format!("{bracket}("), format!("{bracket})"));
        self.expect(&opening)?;
        let mut block = Block::new();
        loop {
            let word = self.next("a statement")?;
            if word == closing {
                return if block.is_empty() { self.wrong("a statement") } else { Ok(block) };
            }
            block.push(self.statement(word, depth)?);
        }
    }

    fn statement(&mut self, word: &str, depth: usize) -> Result<Statement, Error> {
        if let Some(action) = action(word) {
            return Ok(Statement::Act(action));
        }
        let Some(depth) = depth.checked_sub(1) else {
            return Err(Error::types(format!("statements are nested more than {DEEPEST} deep")));
        };
        match word {
            "WHILE" => Ok(Statement::While(self.condition()?, self.block("w", depth)?)),
            "REPEAT" => Ok(Statement::Repeat(self.times()?, self.block("r", depth)?)),
            "IF" => Ok(Statement::If(self.condition()?, self.block("i", depth)?)),
            "IFELSE" => {
                let condition = self.condition()?;
                let yes = self.block("i", depth)?;
                self.expect("ELSE")?;
                Ok(Statement::IfElse(condition, yes, self.block("e", depth)?))
            }
            _ => self.wrong("a statement"),
        }
    }

    /// `c( p c)`, or `c( not c( … c) c)` with any number of nots.
    fn condition(&mut self) -> Result<Condition, Error> {
        self.expect("c(")?;
        let mut negations: u16 = 0;
        loop {
            let word = self.next("a perception")?;
            if word == "not" {
                self.expect("c(")?;
                negations = negations.checked_add(1).ok_or_else(|| Error::parse("too many nots"))?;
                continue;
            }
            let Some(perception) = perception(word) else {
                return self.wrong("a perception");
            };
            for _ in 0..=negations {
                self.expect("c)")?;
            }
            return Ok(Condition { perception, negations });
        }
    }

    fn times(&mut self) -> Result<u8, Error> {
        let word = self.next("R=0 to R=19")?;
        match word.strip_prefix("R=").and_then(|digits| digits.parse().ok()) {
            Some(times) if times <= MOST_REPEATS => Ok(times),
            _ => self.wrong("R=0 to R=19"),
        }
    }
}

fn action(word: &str) -> Option<Action> {
    ACTIONS.iter().copied().find(|action| action.name() == word)
}

fn perception(word: &str) -> Option<Perception> {
    PERCEPTIONS.iter().copied().find(|perception| perception.name() == word)
}

/// How many tokens the program has, `DEF run m( m)` included.
pub fn length(program: &Block) -> usize {
    4 + block_length(program)
}

fn block_length(block: &Block) -> usize {
    let condition = |condition: &Condition| 3 + 3 * usize::from(condition.negations);
    block
        .iter()
        .map(|statement| {
            let own = match statement {
                Statement::Act(_) => 1,
                Statement::While(c, _) | Statement::If(c, _) => 3 + condition(c),
                Statement::Repeat(..) => 4,
                Statement::IfElse(c, ..) => 6 + condition(c),
            };
            own + statement.blocks().into_iter().map(block_length).sum::<usize>()
        })
        .sum()
}

/// The tokens of a program, separated by spaces.
pub fn print(program: &Block) -> String {
    let mut text = String::from("DEF run");
    print_block(program, "m", &mut text);
    text
}

fn print_block(block: &Block, bracket: &str, text: &mut String) {
    text.push_str(&format!(" {bracket}("));
    for statement in block {
        match statement {
            Statement::Act(action) => text.push_str(&format!(" {}", action.name())),
            Statement::While(condition, body) => {
                text.push_str(" WHILE");
                print_condition(condition, text);
                print_block(body, "w", text);
            }
            Statement::Repeat(times, body) => {
                text.push_str(&format!(" REPEAT R={times}"));
                print_block(body, "r", text);
            }
            Statement::If(condition, body) => {
                text.push_str(" IF");
                print_condition(condition, text);
                print_block(body, "i", text);
            }
            Statement::IfElse(condition, yes, no) => {
                text.push_str(" IFELSE");
                print_condition(condition, text);
                print_block(yes, "i", text);
                text.push_str(" ELSE");
                print_block(no, "e", text);
            }
        }
    }
    text.push_str(&format!(" {bracket})"));
}

fn print_condition(condition: &Condition, text: &mut String) {
    text.push_str(" c(");
    text.push_str(&" not c(".repeat(usize::from(condition.negations)));
    text.push_str(&format!(" {} c)", condition.perception.name()));
    text.push_str(&" c)".repeat(usize::from(condition.negations)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs;
    use crate::terms;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_notations_read_what_they_print(program in programs::program()) {
            let tokens = print(&program);
            prop_assert_eq!(read(&tokens).unwrap(), vec![program.clone()]);
            prop_assert_eq!(terms::read(&terms::print(&program)).unwrap(), program.clone());
            prop_assert_eq!(length(&program), tokens.split_whitespace().count());
        }

        #[test]
        fn no_text_makes_the_readers_panic(words in prop::collection::vec(
            prop::sample::select(vec!["DEF", "run", "m(", "m)", "WHILE", "c(", "c)", "not", "w(", "w)", "move", "REPEAT",
                "R=3", "R=99", "r(", "r)", "frontIsClear", "(", ")", "karel_seq", "karel_while", "7"]), 0..30)) {
            let text = words.join(" ");
            let _ = terms::read(&text);
            if let Ok(programs) = read(&text) {
                let printed: Vec<String> = programs.iter().map(print).collect();
                prop_assert_eq!(printed.join(" "), text);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        let message = |text: &str| read(text).unwrap_err().message;
        assert_eq!(message("DEF run m( m)"), "token 3 is m) where a statement should stand");
        assert_eq!(message("DEF run m( move"), "the program ends where a statement should stand");
        assert_eq!(message("DEF run m( REPEAT R=20 r( move r) m)"), "token 4 is R=20 where R=0 to R=19 should stand");
    }
}
