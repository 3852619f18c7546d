//! Reads λ-terms from text without recursion: `(lambda b)` or `(lam b)`, `(f a b)`, `$i`, names.
//!
//! White space is that of ASCII; a name has none of Unicode's either.

use crate::error::{Error, Kind};
use crate::term::{Id, Node, Terms};

/// Largest index of a variable that is read; beyond it lies a mistake, not a program.
const MAX_INDEX: u32 = 1 << 24;

/// An open parenthesis and what has been read after it.
struct Frame {
    start: usize,
    lambda: bool,
    parts: usize,
    term: Option<Id>,
}

impl Frame {
    fn new(start: usize) -> Self {
        Frame { start, lambda: false, parts: 0, term: None }
    }

    fn add(&mut self, terms: &mut Terms, id: Id) {
        self.parts += 1;
        self.term = Some(match self.term {
            Some(function) => terms.intern(Node::Apply(function, id)),
            None => id,
        });
    }

    fn close(&self, terms: &mut Terms) -> Result<Id, Error> {
        match (self.lambda, self.parts, self.term) {
            (true, 1, Some(body)) => Ok(terms.intern(Node::Lambda(body))),
            (true, parts, _) => Err(fault(self.start, format!("a lambda has one body, this one has {parts}"))),
            // `(f)` is f, as Stitch's data write it.
            (false, _, Some(term)) => Ok(term),
            (false, _, None) => Err(fault(self.start, "empty parentheses")),
        }
    }
}

fn fault(position: usize, message: impl Into<String>) -> Error {
    Error::new(Kind::Parse, format!("{} at character {position}", message.into()))
}

/// Whether a character separates names: `char::is_ascii_whitespace` and the vertical tab.
pub fn is_space(c: char) -> bool {
    c.is_ascii_whitespace() || c == '\x0b'
}

/// Parses one program. Errors give the position as an index of characters, from 0.
pub fn parse(terms: &mut Terms, text: &str) -> Result<Id, Error> {
    let mut frames: Vec<Frame> = Vec::new();
    let mut whole: Option<Id> = None;
    let mut rest = text;
    let mut position = 0;
    while let Some(first) = rest.chars().next() {
        if whole.is_some() && !is_space(first) {
            return Err(fault(position, "text after the end of the program"));
        }
        let mut done = None;
        let length = match first {
            '(' => {
                frames.push(Frame::new(position));
                1
            }
            ')' => {
                let frame = frames.pop().ok_or_else(|| fault(position, "a parenthesis closes nothing"))?;
                done = Some(frame.close(terms)?);
                1
            }
            space if is_space(space) => 1,
            _ => {
                let end = rest.find(|c: char| is_space(c) || c == '(' || c == ')').unwrap_or(rest.len());
                let token = &rest[..end];
                match frames.last_mut() {
                    Some(frame) if matches!(token, "lambda" | "lam") && frame.parts == 0 && !frame.lambda => {
                        frame.lambda = true;
                    }
                    _ => done = Some(atom(terms, token, &rest[end..], position)?),
                }
                end
            }
        };
        if let Some(id) = done {
            match frames.last_mut() {
                Some(frame) => frame.add(terms, id),
                None => whole = Some(id),
            }
        }
        position += rest[..length].chars().count();
        rest = &rest[length..];
    }
    if let Some(frame) = frames.last() {
        return Err(fault(frame.start, "a parenthesis is never closed"));
    }
    whole.ok_or_else(|| fault(0, "an empty program"))
}

fn atom(terms: &mut Terms, token: &str, after: &str, position: usize) -> Result<Id, Error> {
    if let Some(digits) = token.strip_prefix('$') {
        return match index(digits) {
            Some(index) => Ok(terms.intern(Node::Variable(index))),
            None if digits.split_once('_').is_some_and(|(one, tag)| index(one).is_some() && index(tag).is_some()) => {
                Err(fault(position, format!("`{token}`: variables with tags are not supported")))
            }
            None => Err(fault(position, format!("`{token}` is not a variable"))),
        };
    }
    if token == "#" && after.starts_with('(') {
        return Err(fault(position, "an inlined abstraction `#(…)`: replace it by a name first"));
    }
    if token.starts_with('#') {
        return Err(fault(position, format!("`{token}`: names do not start with `#`")));
    }
    if matches!(token, "lambda" | "lam") {
        return Err(fault(position, format!("`{token}` is a keyword and stands only after `(`")));
    }
    if is_tagged(token, &["lambda_", "lam_"]) {
        return Err(fault(position, format!("`{token}`: lambdas with tags are not supported")));
    }
    if let Some(space) = token.chars().find(|c| c.is_whitespace()) {
        return Err(fault(position, format!("a name with the white space U+{:04X}", u32::from(space))));
    }
    let symbol = terms.symbol(token);
    Ok(terms.intern(Node::Name(symbol)))
}

/// Whether a token is one of these with a number, as Stitch writes the tags of lambdas.
fn is_tagged(token: &str, words: &[&str]) -> bool {
    words.iter().any(|word| token.strip_prefix(word).is_some_and(|tag| index(tag).is_some()))
}

fn index(digits: &str) -> Option<u32> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|&index| index <= MAX_INDEX)
}

/// Parses the body of an abstraction, in which `#i` are its parameters. Gives the body and the parameters' number.
pub fn parse_body(terms: &mut Terms, text: &str) -> Result<(Id, u32), Error> {
    // Parameters are read as free names, which a program cannot contain, and then replaced.
    let mut largest = 0;
    let mut masked = String::with_capacity(text.len());
    for piece in text.split_inclusive(|c: char| is_space(c) || c == '(' || c == ')') {
        match piece.strip_prefix('#') {
            Some(rest) => masked.push_str(&format!("\u{1}{rest}")),
            None => masked.push_str(piece),
        }
    }
    let term = parse(terms, &masked)?;
    let steps = terms.postorder(term);
    let mut bad = None;
    let body = terms.rebuild(&steps, |terms, node, _| {
        if let Node::Name(symbol) = node {
            let name = terms.name(symbol).to_owned();
            if let Some(digits) = name.strip_prefix('\u{1}') {
                let Some(number) = index(digits) else {
                    bad = Some(format!("`#{digits}` is not a parameter"));
                    return None;
                };
                largest = largest.max(number + 1);
                return Some(terms.intern(Node::Parameter(number)));
            }
        }
        Some(terms.intern(node))
    });
    match (body, bad) {
        (Some(body), _) => Ok((body, largest)),
        (None, Some(message)) => Err(Error::new(Kind::Parse, message)),
        (None, None) => Err(Error::internal("a body that cannot be rebuilt")),
    }
}
