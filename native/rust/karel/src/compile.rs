//! Text compiled: λ-terms in one pass, since a search does it for every program that it tries.
//!
//! The one pass understands only terms as `terms::print` and the λ-machine write them. `notation::read` reads everything
//! else, and it alone says what is wrong with a text.

use crate::code::{Assembler, Code, Opened, Test};
use crate::error::Error;
use crate::notation;
use crate::rules::Profile;
use crate::syntax::{Action, Condition, Perception, DEEPEST, MOST_REPEATS};

/// Reads and compiles a text in either notation.
pub fn compile(text: &str, profile: Profile) -> Result<Code, Error> {
    match compile_term(text, profile) {
        Some(code) => Ok(code),
        None => Code::compile(&notation::read(text)?, profile),
    }
}

/// What waits for the statement that is being read.
enum Frame {
    /// A sequence; whether its second statement has yet to come.
    Sequence(bool),
    While(Opened, Outer),
    Repeat(Opened, Outer),
    If(Opened, Outer),
    /// The first block of an IFELSE, then the second with its jump.
    Either(Opened, Outer),
    Else(u32, Outer),
}

/// A block: its first operation, and how many statements it has so far.
type Outer = (u32, usize);

/// The code of a λ-term in the form that `terms::print` writes, None for any other text.
fn compile_term(text: &str, profile: Profile) -> Option<Code> {
    let mut words = Words { text: text.as_bytes(), place: 0 };
    let mut assembler = Assembler::new(profile);
    assembler.begin_program();
    let mut open: Vec<Frame> = Vec::with_capacity(16);
    let mut depth = 0;
    let mut block: Outer = (assembler.here(), 0);
    loop {
        // Goes down to the next action.
        words.space();
        if words.take(b'(') {
            words.space();
            let frame = head(&mut words, &mut assembler, block)?;
            if !matches!(frame, Frame::Sequence(_)) {
                depth += 1;
                block = (assembler.here(), 0);
                if depth > DEEPEST {
                    return None;
                }
            }
            open.push(frame);
            continue;
        }
        assembler.action(words.action()?);
        block.1 += 1;
        // Then up, as far as statements end with it.
        loop {
            let Some(frame) = open.last_mut() else {
                assembler.end_block(block.0, block.1);
                assembler.end_program();
                words.space();
                return if words.place == words.text.len() { assembler.finish() } else { None };
            };
            if let Frame::Sequence(more) = frame {
                if std::mem::take(more) {
                    break;
                }
                words.close()?;
                open.pop();
                continue;
            }
            assembler.end_block(block.0, block.1);
            let outer = match *frame {
                Frame::While(opened, outer) => {
                    assembler.end_while(opened);
                    outer
                }
                Frame::Repeat(opened, outer) => {
                    assembler.end_repeat(opened);
                    outer
                }
                Frame::If(opened, outer) => {
                    assembler.end_if(opened);
                    outer
                }
                Frame::Either(opened, outer) => {
                    *frame = Frame::Else(assembler.begin_else(opened), outer);
                    block = (assembler.here(), 0);
                    break;
                }
                Frame::Else(jump, outer) => {
                    assembler.end_else(jump);
                    outer
                }
                Frame::Sequence(_) => return None,
            };
            words.close()?;
            open.pop();
            depth -= 1;
            block = (outer.0, outer.1 + 1);
        }
    }
}

/// The head of an application with its condition or number.
fn head(words: &mut Words, assembler: &mut Assembler, block: Outer) -> Option<Frame> {
    // The letter after "karel_".
    let letter = *words.rest().get(6)?;
    Some(match letter {
        b's' if words.word(b"karel_seq") => Frame::Sequence(true),
        b'w' if words.word(b"karel_while") => Frame::While(assembler.begin_while(words.test()?), block),
        b'r' if words.word(b"karel_repeat") => Frame::Repeat(assembler.begin_repeat(words.times()?), block),
        b'i' if words.word(b"karel_if") => Frame::If(assembler.begin_if(words.test()?), block),
        b'i' if words.word(b"karel_ifelse") => Frame::Either(assembler.begin_if(words.test()?), block),
        _ => return None,
    })
}

struct Words<'t> {
    text: &'t [u8],
    place: usize,
}

impl Words<'_> {
    #[inline]
    fn rest(&self) -> &[u8] {
        &self.text[self.place..]
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\t') = self.text.get(self.place) {
            self.place += 1;
        }
    }

    #[inline]
    fn take(&mut self, byte: u8) -> bool {
        let found = self.text.get(self.place) == Some(&byte);
        self.place += usize::from(found);
        found
    }

    #[inline]
    fn close(&mut self) -> Option<()> {
        self.space();
        self.take(b')').then_some(())
    }

    /// Goes past this word if it stands here.
    #[inline]
    fn word(&mut self, word: &[u8]) -> bool {
        let rest = self.rest();
        let found =
            rest.starts_with(word) && matches!(rest.get(word.len()), None | Some(b' ' | b'\n' | b'\t' | b'(' | b')'));
        if found {
            self.place += word.len();
        }
        found
    }

    fn action(&mut self) -> Option<Action> {
        let rest = self.rest();
        // The first letter distinguishes the actions, except for two pairs.
        let action = match (rest.first()?, rest.get(1)?, rest.get(4)) {
            (b'm', ..) => Action::Move,
            (b't', _, Some(b'L')) => Action::TurnLeft,
            (b't', ..) => Action::TurnRight,
            (b'p', b'i', _) => Action::PickMarker,
            _ => Action::PutMarker,
        };
        self.word(action.name().as_bytes()).then_some(action)
    }

    fn test(&mut self) -> Option<Test> {
        let mut negations: u16 = 0;
        self.space();
        while self.take(b'(') {
            self.space();
            negations = negations.checked_add(1)?;
            if !self.word(b"karel_not") {
                return None;
            }
            self.space();
        }
        let perception = match self.text.get(self.place)? {
            b'f' => Perception::FrontIsClear,
            b'l' => Perception::LeftIsClear,
            b'r' => Perception::RightIsClear,
            b'm' => Perception::MarkersPresent,
            _ => Perception::NoMarkersPresent,
        };
        if !self.word(perception.name().as_bytes()) {
            return None;
        }
        for _ in 0..negations {
            self.close()?;
        }
        Some(Test::from(&Condition { perception, negations }))
    }

    fn times(&mut self) -> Option<u8> {
        self.space();
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        let times = match self.rest()[..digits] {
            [one] => one - b'0',
            [ten, one] => (ten - b'0') * 10 + (one - b'0'),
            _ => return None,
        };
        let ends = matches!(self.rest().get(digits), None | Some(b' ' | b'\n' | b'\t' | b'(' | b')'));
        self.place += digits;
        (ends && times <= MOST_REPEATS).then_some(times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::programs;
    use crate::rules::PROFILES;
    use crate::terms;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn one_pass_gives_the_code_of_the_tree(program in programs::program()) {
            for profile in PROFILES {
                let code = compile_term(&terms::print(&program), profile);
                prop_assert_eq!(code, Some(Code::compile(std::slice::from_ref(&program), profile).unwrap()));
            }
        }

        #[test]
        fn what_one_pass_takes_for_a_program_is_one(words in prop::collection::vec(
            prop::sample::select(vec!["(", ")", "(", ")", "karel_seq", "karel_while", "karel_not", "frontIsClear", "move",
                "turnLeft", "karel_repeat", "3", "karel_ifelse", "karel_if", "20", " "]), 0..12)) {
            let text = words.join(" ");
            if let Some(code) = compile_term(&text, Profile::Leaps) {
                prop_assert_eq!(code, Code::compile(&[terms::read(&text).unwrap()], Profile::Leaps).unwrap());
            }
        }
    }

    #[test]
    fn sequences_may_nest_either_way() {
        for text in
            ["(karel_seq (karel_seq move turnLeft) (karel_if frontIsClear putMarker))", " ( karel_seq move\nmove ) "]
        {
            let expected = Code::compile(&[terms::read(text).unwrap()], Profile::Leaps).unwrap();
            assert_eq!(compile_term(text, Profile::Leaps), Some(expected));
        }
        assert_eq!(compile_term("(karel_seq move moves)", Profile::Leaps), None);
    }
}
