//! Where a given body stands in the corpus, and what its arguments are there.

use crate::binding::Over;
use crate::columns::{Row, Rows};
use crate::corpus::{merge_task, no_task, Head, CAPTURED, NO_NODE};
use crate::pattern::Parameter;
use crate::stage::Stage;
use crate::term::{Id, Node};

/// The places where an abstraction saves something by itself, with its arguments there.
pub struct Places {
    pub rows: Rows,
    pub parameters: Vec<Parameter>,
}

/// Every place of a body with `arity` parameters; `None` if they do not serve enough tasks.
pub fn places(stage: &mut Stage<'_>, body: Id, arity: usize) -> Option<Places> {
    let call = stage.costs.call(arity);
    let mut rows = Vec::new();
    let (mut nodes, mut keys) = (vec![Vec::new(); arity], vec![Vec::new(); arity]);
    let mut depths = vec![0; arity];
    let mut task = no_task();
    let mut arguments = vec![Argument::default(); arity];
    let mut stack = Vec::new();
    for location in 0..stage.corpus.len() as u32 {
        let cost = stage.fact(location).cost;
        if stage.excluded[location as usize]
            || cost <= call
            || !matches(stage, body, location, &mut arguments, &mut stack)
        {
            continue;
        }
        let value = cost - call - arguments.iter().map(|it| stage.fact(it.node).cost).sum::<i64>();
        if value <= 0 {
            continue;
        }
        let (weight, own) = (stage.corpus.weight[location as usize], stage.corpus.task[location as usize]);
        let program = stage.corpus.program[location as usize];
        rows.push(Row { location, task: own, program, weight, value });
        merge_task(&mut task, own);
        for (number, it) in arguments.iter().enumerate() {
            nodes[number].push(it.node);
            keys[number].push(it.key);
            depths[number] = it.depth;
        }
    }
    if !stage.serves_enough(task) {
        return None;
    }
    let shared = |nodes: Vec<u32>| stage.columns.make(nodes.into_iter());
    let columns = nodes.into_iter().zip(keys).zip(depths);
    let parameters = columns.map(|((nodes, keys), depth)| Parameter {
        depth,
        over: Over::default(),
        nodes: shared(nodes),
        keys: shared(keys),
    });
    Some(Places { parameters: parameters.collect(), rows: stage.rows.make(rows.into_iter()) })
}

/// An argument where it stands first.
#[derive(Clone, Copy)]
struct Argument {
    node: u32,
    key: u32,
    depth: u32,
}

impl Default for Argument {
    fn default() -> Self {
        Argument { node: NO_NODE, key: CAPTURED, depth: 0 }
    }
}

/// A part of a body, the node at which it should stand, and the lambdas of the body above it.
type Comparison = (Id, u32, u32);

/// Whether a body stands at a node; leaves its arguments. `stack` is scratch space.
fn matches(
    stage: &mut Stage<'_>,
    body: Id,
    node: u32,
    arguments: &mut [Argument],
    stack: &mut Vec<Comparison>,
) -> bool {
    arguments.fill(Argument::default());
    stack.clear();
    stack.push((body, node, 0));
    while let Some((term, node, depth)) = stack.pop() {
        let (left, right) = (stage.corpus.left[node as usize], stage.corpus.right[node as usize]);
        match (stage.terms.node(term), stage.corpus.head[node as usize]) {
            (Node::Parameter(number), _) => {
                let key = stage.corpus.key(stage.terms, node, depth);
                let known = &mut arguments[number as usize];
                if known.node == NO_NODE && key != CAPTURED {
                    *known = Argument { node, key, depth };
                } else if key == CAPTURED || known.key != key {
                    return false;
                }
            }
            (Node::Name(one), Head::Name(other)) if one == other => {}
            (Node::Variable(one), Head::Variable(other)) if one == other => {}
            (Node::Lambda(inner), Head::Lambda) => stack.push((inner, left, depth + 1)),
            (Node::Apply(function, argument), Head::Apply) => {
                stack.extend([(argument, right, depth), (function, left, depth)]);
            }
            _ => return false,
        }
    }
    true
}
