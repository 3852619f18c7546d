//! The first notation of programs: λ-terms such as `(karel_while frontIsClear (karel_seq move turnLeft))`.
//!
//! A text is read without recursion on its length. `compile` has a faster reader for the terms that `print` writes.

use std::collections::VecDeque;

use crate::error::Error;
use crate::syntax::{Block, Condition, Statement, ACTIONS, DEEPEST, MOST_REPEATS, PERCEPTIONS};

/// The meaning of a part of a λ-term.
enum Value {
    /// A sequence, and how deep statements are nested in it.
    Statements(VecDeque<Statement>, usize),
    Condition(Condition),
    Number(u8),
    Head(Form),
}

#[derive(Clone, Copy)]
enum Form {
    Seq,
    While,
    Repeat,
    If,
    IfElse,
    Not,
}

const FORMS: [(&str, Form); 6] = [
    ("karel_seq", Form::Seq),
    ("karel_while", Form::While),
    ("karel_repeat", Form::Repeat),
    ("karel_if", Form::If),
    ("karel_ifelse", Form::IfElse),
    ("karel_not", Form::Not),
];

/// Reads a closed λ-term of type `stmt` in β-normal form, with every abstraction expanded.
pub fn read(text: &str) -> Result<Block, Error> {
    let mut open: Vec<Vec<Value>> = Vec::new();
    let mut result: Option<Value> = None;
    for word in words(text) {
        let value = match word {
            "(" => {
                open.push(Vec::new());
                continue;
            }
            ")" => apply(open.pop().ok_or_else(|| Error::parse("a parenthesis closes nothing"))?)?,
            _ => name(word)?,
        };
        match open.last_mut() {
            Some(parts) => parts.push(value),
            None if result.is_none() => result = Some(value),
            None => return Err(Error::parse(format!("there is more after the program: {word}"))),
        }
    }
    if !open.is_empty() {
        return Err(Error::parse("a parenthesis is not closed"));
    }
    match result {
        Some(Value::Statements(block, _)) => Ok(block.into()),
        Some(other) => Err(Error::types(format!("the program is {}, and a stmt is asked for", described(&other)))),
        None => Err(Error::parse("there is no program")),
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start();
        let end = match rest.chars().next()? {
            '(' | ')' => 1,
            _ => rest.find(|c: char| c.is_whitespace() || c == '(' || c == ')').unwrap_or(rest.len()),
        };
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

fn name(word: &str) -> Result<Value, Error> {
    if let Some(&action) = ACTIONS.iter().find(|action| action.name() == word) {
        return Ok(Value::Statements(VecDeque::from([Statement::Act(action)]), 0));
    }
    if let Some(&perception) = PERCEPTIONS.iter().find(|perception| perception.name() == word) {
        return Ok(Value::Condition(Condition { perception, negations: 0 }));
    }
    if let Some(&(_, form)) = FORMS.iter().find(|(name, _)| *name == word) {
        return Ok(Value::Head(form));
    }
    match word.parse::<i64>() {
        Ok(number) if (0..=i64::from(MOST_REPEATS)).contains(&number) => Ok(Value::Number(number as u8)),
        Ok(number) => Err(Error::types(format!("a REPEAT repeats 0 to {MOST_REPEATS} times, not {number}"))),
        Err(_) => Err(Error::unknown(word)),
    }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::Statements(..) => "a stmt",
        Value::Condition(_) => "a cond",
        Value::Number(_) => "an int",
        Value::Head(_) => "a function that lacks arguments",
    }
}

fn apply(parts: Vec<Value>) -> Result<Value, Error> {
    let mut parts = parts.into_iter();
    let form = match parts.next() {
        Some(Value::Head(form)) => form,
        // (f) is f, as everywhere in psynth.
        Some(other) if parts.len() == 0 => return Ok(other),
        Some(other) => return Err(Error::types(format!("{} is applied to something", described(&other)))),
        None => return Err(Error::parse("nothing between the parentheses")),
    };
    let name = FORMS[form as usize].0;
    let value = match form {
        Form::Seq => {
            let (first, depth) = sequence(parts.next(), name)?;
            let (second, other) = sequence(parts.next(), name)?;
            Value::Statements(joined(first, second), depth.max(other))
        }
        Form::While => {
            let condition = condition(parts.next(), name)?;
            let (body, depth) = statements(parts.next(), name)?;
            nested(Statement::While(condition, body), depth)?
        }
        Form::Repeat => {
            let times = match parts.next() {
                Some(Value::Number(times)) => times,
                other => return Err(misfit(other, name, "an int")),
            };
            let (body, depth) = statements(parts.next(), name)?;
            nested(Statement::Repeat(times, body), depth)?
        }
        Form::If => {
            let condition = condition(parts.next(), name)?;
            let (body, depth) = statements(parts.next(), name)?;
            nested(Statement::If(condition, body), depth)?
        }
        Form::IfElse => {
            let condition = condition(parts.next(), name)?;
            let (yes, depth) = statements(parts.next(), name)?;
            let (no, other) = statements(parts.next(), name)?;
            nested(Statement::IfElse(condition, yes, no), depth.max(other))?
        }
        Form::Not => {
            let Condition { perception, negations } = condition(parts.next(), name)?;
            let negations = negations.checked_add(1).ok_or_else(|| Error::types("too many nots"))?;
            Value::Condition(Condition { perception, negations })
        }
    };
    match parts.next() {
        None => Ok(value),
        Some(_) => Err(Error::types(format!("{name} has too many arguments"))),
    }
}

fn nested(statement: Statement, depth: usize) -> Result<Value, Error> {
    if depth >= DEEPEST {
        return Err(Error::types(format!("statements are nested more than {DEEPEST} deep")));
    }
    Ok(Value::Statements(VecDeque::from([statement]), depth + 1))
}

/// Moves the shorter part, so that a long sequence is read in good time however it is nested.
fn joined(mut first: VecDeque<Statement>, mut second: VecDeque<Statement>) -> VecDeque<Statement> {
    if first.len() > second.len() {
        first.append(&mut second);
        return first;
    }
    while let Some(statement) = first.pop_back() {
        second.push_front(statement);
    }
    second
}

fn sequence(value: Option<Value>, of: &str) -> Result<(VecDeque<Statement>, usize), Error> {
    match value {
        Some(Value::Statements(block, depth)) => Ok((block, depth)),
        other => Err(misfit(other, of, "a stmt")),
    }
}

fn statements(value: Option<Value>, of: &str) -> Result<(Block, usize), Error> {
    sequence(value, of).map(|(block, depth)| (block.into(), depth))
}

fn condition(value: Option<Value>, of: &str) -> Result<Condition, Error> {
    match value {
        Some(Value::Condition(condition)) => Ok(condition),
        other => Err(misfit(other, of, "a cond")),
    }
}

fn misfit(value: Option<Value>, of: &str, wanted: &str) -> Error {
    match value {
        Some(value) => Error::types(format!("an argument of {of} is {}, but {wanted} is needed", described(&value))),
        None => Error::types(format!("{of} lacks an argument: {wanted}")),
    }
}

/// The λ-term of a program; sequences nest to the right.
pub fn print(program: &Block) -> String {
    let mut text = String::new();
    write_block(program, &mut text);
    text
}

fn write_block(block: &Block, text: &mut String) {
    for (place, statement) in block.iter().enumerate() {
        let last = place + 1 == block.len();
        if !last {
            text.push_str("(karel_seq ");
        }
        write_statement(statement, text);
        if !last {
            text.push(' ');
        }
    }
    text.extend(std::iter::repeat_n(')', block.len().saturating_sub(1)));
}

fn write_statement(statement: &Statement, text: &mut String) {
    let (name, condition, times) = match statement {
        Statement::Act(action) => return text.push_str(action.name()),
        Statement::While(condition, _) => ("karel_while", Some(condition), None),
        Statement::Repeat(times, _) => ("karel_repeat", None, Some(times)),
        Statement::If(condition, _) => ("karel_if", Some(condition), None),
        Statement::IfElse(condition, ..) => ("karel_ifelse", Some(condition), None),
    };
    text.push('(');
    text.push_str(name);
    if let Some(condition) = condition {
        text.push(' ');
        for _ in 0..condition.negations {
            text.push_str("(karel_not ");
        }
        text.push_str(condition.perception.name());
        text.extend(std::iter::repeat_n(')', usize::from(condition.negations)));
    }
    if let Some(times) = times {
        text.push_str(&format!(" {times}"));
    }
    for block in statement.blocks() {
        text.push(' ');
        write_block(block, text);
    }
    text.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_flat_however_they_are_nested() {
        let left = read("(karel_seq (karel_seq move turnLeft) (karel_seq pickMarker putMarker))").unwrap();
        let right = read("(karel_seq move (karel_seq turnLeft (karel_seq pickMarker putMarker)))").unwrap();
        assert_eq!(left, right);
        assert_eq!(print(&left), "(karel_seq move (karel_seq turnLeft (karel_seq pickMarker putMarker)))");
    }

    #[test]
    fn a_bad_term_is_refused_with_its_reason() {
        let message = |text: &str| read(text).unwrap_err().message;
        assert!(message("(karel_while move move)").contains("a cond is needed"));
        assert!(message("(karel_repeat 20 move)").contains("0 to 19"));
        assert!(message("frontIsClear").contains("a stmt is asked for"));
        assert!(message("(karel_if frontIsClear)").contains("lacks an argument"));
        assert!(message("(karel_seq move jump)").contains("jump"));
        assert!(message("(move").contains("not closed"));
        assert!(message("").contains("no program"));
        let deep = "(karel_repeat 2 ".repeat(500) + "move" + &")".repeat(500);
        assert!(message(&deep).contains("nested"));
    }
}
