//! When to stop and whom to ask: the clock, the memory, the interrupt and the caller's veto.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::error::Error;

/// What the engine asks its caller during a run.
pub trait Caller {
    /// Whether the user wants the run to end; asked a few times a second.
    fn interrupted(&mut self) -> Result<bool, Error>;
    /// Whether an abstraction with this definition may be used.
    fn accepts(&mut self, definition: &str) -> Result<bool, Error>;
    /// What an abstraction with this definition means, as a text that is equal for equal meanings; `None` if it may not be
    /// used.
    fn meaning(&mut self, definition: &str) -> Result<Option<String>, Error> {
        Ok(self.accepts(definition)?.then(|| definition.to_owned()))
    }
    /// The first of these definitions, by name and callees first, that cannot stand beside the others: a meaning may have a
    /// type, and a definition of it that calls others have none.
    fn misfit(&mut self, _definitions: &[(String, String)]) -> Result<Option<usize>, Error> {
        Ok(None)
    }
    /// An abstraction was learned: later definitions may call it by its name.
    fn learned(&mut self, name: &str, definition: &str) -> Result<(), Error>;
    /// A search over libraries has spent so many steps of its effort.
    fn spent(&mut self, _steps: u64) -> Result<(), Error> {
        Ok(())
    }
}

/// A caller that never interrupts and accepts everything.
pub struct Permissive;

impl Caller for Permissive {
    fn interrupted(&mut self) -> Result<bool, Error> {
        Ok(false)
    }

    fn accepts(&mut self, _definition: &str) -> Result<bool, Error> {
        Ok(true)
    }

    fn learned(&mut self, _name: &str, _definition: &str) -> Result<(), Error> {
        Ok(())
    }
}

/// Why a search ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// Nothing better is left.
    Proven,
    /// Time or memory ran out.
    Budget,
    Interrupted,
}

/// The number of a meaning; see [`Limits::meaning`].
pub type Meaning = u32;

const ASK_EVERY: Duration = Duration::from_millis(50);

/// The limits of a run, with the caller's earlier answers.
pub struct Limits<'a> {
    caller: &'a mut dyn Caller,
    answers: HashMap<String, bool>,
    meanings: HashMap<String, Option<Meaning>>,
    numbers: HashMap<String, Meaning>,
    deadline: Option<Instant>,
    memory: Option<usize>,
    asked: Instant,
    ticks: u32,
    stopped: Stop,
}

impl<'a> Limits<'a> {
    pub fn new(caller: &'a mut dyn Caller, timeout: Option<Duration>, memory: Option<usize>) -> Self {
        let now = Instant::now();
        Limits {
            caller,
            answers: HashMap::new(),
            meanings: HashMap::new(),
            numbers: HashMap::new(),
            deadline: timeout.and_then(|timeout| now.checked_add(timeout)),
            memory,
            asked: now,
            ticks: 0,
            stopped: Stop::Proven,
        }
    }

    /// Cheap enough to call for every pattern; `held` is what the search holds in bytes.
    pub fn check(&mut self, held: usize) -> Result<Stop, Error> {
        if self.stopped != Stop::Proven {
            return Ok(self.stopped);
        }
        if self.memory.is_some_and(|memory| held > memory) {
            self.stopped = Stop::Budget;
        }
        self.ticks += 1;
        if self.ticks % 16 == 1 {
            let now = Instant::now();
            if self.deadline.is_some_and(|deadline| now >= deadline) {
                self.stopped = Stop::Budget;
            }
            if now.duration_since(self.asked) >= ASK_EVERY {
                self.asked = now;
                if self.caller.interrupted()? {
                    self.stopped = Stop::Interrupted;
                }
            }
        }
        Ok(self.stopped)
    }

    /// Asks the caller once for each definition.
    pub fn accept(&mut self, definition: &str) -> Result<bool, Error> {
        if let Some(&answer) = self.answers.get(definition) {
            return Ok(answer);
        }
        let answer = self.caller.accepts(definition)?;
        self.answers.insert(definition.to_owned(), answer);
        Ok(answer)
    }

    /// The number of what a definition means, equal for equal meanings; asks the caller once for each definition.
    pub fn meaning(&mut self, definition: &str) -> Result<Option<Meaning>, Error> {
        if let Some(&known) = self.meanings.get(definition) {
            return Ok(known);
        }
        let next = self.numbers.len() as Meaning;
        let meaning = self.caller.meaning(definition)?.map(|text| *self.numbers.entry(text).or_insert(next));
        self.meanings.insert(definition.to_owned(), meaning);
        Ok(meaning)
    }

    /// Why the run is to end, as last seen; `Proven` if it may go on.
    pub fn stopped(&self) -> Stop {
        self.stopped
    }

    /// The first definition that cannot stand beside the others.
    pub fn misfit(&mut self, definitions: &[(String, String)]) -> Result<Option<usize>, Error> {
        self.caller.misfit(definitions)
    }

    /// Tells the caller how far a search over libraries is.
    pub fn spent(&mut self, steps: u64) -> Result<(), Error> {
        self.caller.spent(steps)
    }

    /// Tells the caller what was learned.
    pub fn learned(&mut self, name: &str, definition: &str) -> Result<(), Error> {
        self.caller.learned(name, definition)
    }
}
