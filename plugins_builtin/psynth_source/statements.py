"""Edits of statements: insert, delete, duplicate, move, wrap into a loop or a condition, unroll and unwrap."""

from __future__ import annotations

import ast
import copy
from random import Random

from psynth.core.python_source import is_number, number_node, number_of
from psynth_source.fresh import Fresh
from psynth_source.kinds import Kind
from psynth_source.places import Block, names_in
from psynth_source.program import Draft

TURNS = 5
"""The greatest number of turns of a new loop."""
UNROLLED = 8
"""The greatest number of turns of a loop that is unrolled."""


def _places(draft: Draft) -> list[tuple[Block, int]]:
    return [(block, number) for block in draft.places.blocks for number in block.removable()]


def _put_instead(block: Block, number: int, *statements: ast.stmt) -> None:
    """Replace a statement, by ``pass`` if nothing else would be left."""
    block.statements[number : number + 1] = statements
    if not block.statements:
        block.statements.append(ast.Pass())


def delete(draft: Draft, rng: Random) -> bool:
    """Remove a statement."""
    places = _places(draft)
    if not places:
        return False
    block, number = rng.choice(places)
    if isinstance(block.statements[number], ast.Pass):
        return False
    _put_instead(block, number)
    return True


def duplicate(draft: Draft, rng: Random) -> bool:
    """Repeat a statement after itself."""
    places = [(block, number) for block, number in _places(draft) if number + 1 in block.gaps()]
    if not places:
        return False
    block, number = rng.choice(places)
    block.statements.insert(number + 1, copy.deepcopy(block.statements[number]))
    return True


def move(draft: Draft, rng: Random) -> bool:
    """Put a statement somewhere else in its function."""
    places = _places(draft)
    if not places:
        return False
    block, number = rng.choice(places)
    statement = block.statements[number]
    inside = {id(each) for each in ast.walk(statement)}
    goals = [
        (goal, gap)
        for goal in draft.places.blocks
        if goal.function == block.function and not (goal.statements and id(goal.statements[0]) in inside)
        for gap in goal.gaps()
        if goal.statements is not block.statements or gap not in (number, number + 1)
    ]
    if not goals:
        return False
    goal, gap = rng.choice(goals)
    goal.statements.insert(gap, statement)
    _put_instead(block, number + (goal.statements is block.statements and gap <= number))
    return True


def insert(draft: Draft, rng: Random) -> bool:
    """Put a new statement or a copy of another one somewhere."""
    blocks = [block for block in draft.places.blocks if block.gaps()]
    if not blocks:
        return False
    block = rng.choice(blocks)
    gap = rng.choice(block.gaps())
    donors = [each.statements[number] for each, number in _places(draft)]
    made: ast.stmt | None
    if donors and rng.random() < 0.4:
        made = copy.deepcopy(rng.choice(donors))
    else:
        made = _new(Fresh(draft.kinds, block.function, rng), rng)
    if made is None:
        return False
    block.statements.insert(gap, made)
    return True


def _new(fresh: Fresh, rng: Random) -> ast.stmt | None:
    """An assignment to a variable, an element added to a list, or a conditional assignment."""
    names = list(fresh.kinds.visible(fresh.function))
    own = [name for name in names if name in fresh.kinds.names.get(fresh.function, ())]
    if not own:
        return None
    name = rng.choice(own)
    kind = fresh.kinds.of_name(name, fresh.function)
    made = _change(name, kind, fresh, rng)
    if made is not None and rng.random() < 0.3:
        test = fresh.expression("bool")
        return made if test is None else ast.If(test, [made], [])
    return made


def _change(name: str, kind: Kind, fresh: Fresh, rng: Random) -> ast.stmt | None:
    if kind is not None and kind.startswith("list[") and rng.random() < 0.5:
        item = fresh.expression(kind[5:-1])
        method = ast.Attribute(ast.Name(name, ast.Load()), "append", ast.Load())
        return None if item is None else ast.Expr(ast.Call(method, [item], []))
    value = fresh.expression(kind)
    if value is None or (isinstance(value, ast.Name) and value.id == name):
        return None
    if kind in ("int", "float") and rng.random() < 0.6:
        op = rng.choice((ast.Add, ast.Sub, ast.Mult))()
        return ast.AugAssign(ast.Name(name, ast.Store()), op, value)
    return ast.Assign([ast.Name(name, ast.Store())], value)


def wrap(draft: Draft, rng: Random) -> bool:
    """Put a statement into a loop or under a condition, unroll a loop, or put the body of a statement in its place."""
    places = _places(draft)
    if not places:
        return False
    block, number = rng.choice(places)
    statement = block.statements[number]
    if isinstance(statement, ast.For | ast.While | ast.If) and rng.random() < 0.6:
        turns = _turns(statement)
        if turns is None or rng.random() < 0.3:
            _put_instead(block, number, *statement.body)
        else:
            _put_instead(block, number, *turns)
        return True
    if isinstance(statement, ast.Pass):
        return False
    _put_instead(block, number, _wrapped(draft, block, statement, rng))
    return True


def _wrapped(draft: Draft, block: Block, statement: ast.stmt, rng: Random) -> ast.stmt:
    fresh = Fresh(draft.kinds, block.function, rng)
    test = fresh.expression("bool") if rng.random() < 0.3 else None
    if test is not None:
        return ast.If(test, [statement], [])
    bound = fresh.variable("int") if rng.random() < 0.4 else None
    limit = bound or number_node(rng.randint(2, TURNS))
    call = ast.Call(ast.Name("range", ast.Load()), [limit], [])
    return ast.For(ast.Name(_unused(draft.tree), ast.Store()), call, [statement], [])


def _unused(tree: ast.Module) -> str:
    """A name for the variable of a loop that the program does not have."""
    taken = {*names_in(tree), *(each.arg for each in ast.walk(tree) if isinstance(each, ast.arg))}
    letters = [name for name in "ijklmn" if name not in taken]
    return letters[0] if letters else next(name for n in range(len(taken) + 1) if (name := f"i{n}") not in taken)


def _turns(loop: ast.stmt) -> list[ast.stmt] | None:
    """The statements of a loop over a small constant range, each turn after its variable is set; None for others."""
    if (
        not isinstance(loop, ast.For)
        or loop.orelse
        or any(isinstance(n, ast.Break | ast.Continue) for n in ast.walk(loop))
    ):
        return None
    match loop.iter:
        case ast.Call(func=ast.Name(id="range"), args=bounds, keywords=[]) if 1 <= len(bounds) <= 2 and all(
            map(is_number, bounds)
        ):
            numbers = [number_of(each) for each in bounds]
        case _:
            return None
    if (
        not all(isinstance(each, int) for each in numbers)
        or not 1 <= numbers[-1] - (numbers[0] if numbers[1:] else 0) <= UNROLLED
    ):
        return None
    turns: list[ast.stmt] = []
    for value in range(*map(int, numbers)):
        turns.append(ast.Assign([copy.deepcopy(loop.target)], number_node(value)))
        turns += copy.deepcopy(loop.body)
    return turns
