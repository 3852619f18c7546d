//! A library under way with the programs that are written in it.

use crate::settings::{Costs, Shares};
use crate::term::{Id, Node, Symbol, Terms};

use super::meaning::Meaning;

/// What a library is to make least.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Objective {
    /// The cost of the programs and, times the structure penalty, of the bodies as they stand in the library, where they
    /// call one another.
    DescriptionLength,
    /// The same with each body as it was learned: least where the sum of Stitch's utilities is greatest.
    Utility,
}

/// An abstraction of a library under way.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The same in every library that has an abstraction of this meaning.
    pub name: Symbol,
    pub arity: usize,
    /// With its parameters as free variables; see [`crate::term::PARAMETERS`].
    pub body: Id,
    pub meaning: Meaning,
}

/// A library and the programs written in it.
#[derive(Clone, Debug)]
pub struct State {
    pub tasks: Vec<Vec<Id>>,
    /// In the order learned.
    pub library: Vec<Entry>,
    /// The objective: less is better.
    pub cost: i64,
}

impl State {
    /// What tells libraries apart whatever the order in which they were learned.
    pub fn names(&self) -> Vec<Symbol> {
        let mut names: Vec<Symbol> = self.library.iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        names
    }

    pub fn bodies(&self) -> Vec<Id> {
        self.library.iter().map(|entry| entry.body).collect()
    }

    /// The terms that the state consists of.
    pub fn roots(&self) -> impl Iterator<Item = &Id> {
        self.tasks.iter().flatten().chain(self.library.iter().map(|entry| &entry.body))
    }

    /// The same, to be replaced.
    pub fn roots_mut(&mut self) -> impl Iterator<Item = &mut Id> {
        self.tasks.iter_mut().flatten().chain(self.library.iter_mut().map(|entry| &mut entry.body))
    }
}

/// The cost of every term, computed once.
#[derive(Default)]
pub struct Sizes(Vec<i64>);

impl Sizes {
    /// Takes in the terms made since the last call.
    pub fn update(&mut self, terms: &Terms, costs: &Costs) {
        for id in self.0.len()..terms.len() {
            let node = terms.node(id as Id);
            let below = match node {
                Node::Lambda(body) => self.of(body),
                Node::Apply(function, argument) => self.of(function) + self.of(argument),
                _ => 0,
            };
            self.0.push(costs.node(node) + below);
        }
    }

    pub fn of(&self, id: Id) -> i64 {
        self.0[id as usize]
    }

    /// What tasks cost, each as often as it counts: the cheapest program of each.
    pub fn of_tasks(&self, tasks: &[Vec<Id>], shares: &Shares) -> i64 {
        let cheapest = |(task, programs): (usize, &Vec<Id>)| {
            let cost = |(number, &program)| self.of(program) + shares.handicap(task, number);
            let least = programs.iter().enumerate().map(cost).min()?;
            Some(i64::from(shares.weight(task)) * least)
        };
        tasks.iter().enumerate().filter_map(cheapest).sum()
    }
}
