"""The method ``python-crossover``, which puts parts of one Python program into another."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from psynth.core.python_source import NotPython
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Program
from psynth.plugins.method import Context
from psynth_source.bindings import FUNCTIONS, PREDEFINED, bound_in
from psynth_source.kinds import fits
from psynth_source.places import FIXED, names_in
from psynth_source.program import Draft
from psynth_source.python_ast import TRIES, TreeVariation
from psynth_source.variation import BATCH, Made, Maker, Unfit

Part = TypeVar("Part", ast.expr, ast.stmt)


@dataclass(frozen=True)
class PythonCrossover(TreeVariation):
    """Replace a part of each program, which is Python source, by a part of another one.

    The part is an expression, which another of the same kind replaces as far as the text tells it; a statement, which
    is replaced or put between others; or the body of a function, which that of a function of the same name and
    signature replaces. Variables of that part that are unbound in the new place become variables of the same kind
    there. A mutant keeps what one of --method python-ast keeps: functions and their signatures, imports, names that are
    bound. Programs without a suitable mate have no mutants; a warning gives their number. With --mates stream, programs
    mate with those of all frontiers of their domain, so the stream is read to its end first; with --shard, those of the
    shard.
    """

    mates: str = setting(
        "frontier",
        choices=("frontier", "stream"),
        help="take parts from the same frontier, or the whole stream",
    )

    @property
    def together(self) -> int | None:
        """None if programs of any frontier may mate, so that all records are processed together."""
        return BATCH if self.mates == "frontier" else None

    @property
    def needs_mates(self) -> bool:
        """Unless programs of other frontiers may mate."""
        return self.mates == "frontier"

    def hint(self) -> str:
        """What would give more mates."""
        return "; --mates stream offers more" if self.mates == "frontier" else ""

    def by(self) -> str:
        """The name of the method."""
        return "python-crossover"

    def maker(self, parent: Program, mates: Sequence[str], frontier: Frontier, context: Context) -> Maker:
        """Makes mutants with parts of mates."""
        kept = self.kept(parent)
        if not mates:
            raise Unfit("a program has no mate, another program in its language")

        known: dict[str, Draft | None] = {}

        def make(rng: Random) -> Made | None:
            for _ in range(TRIES):
                mate = rng.choice(mates)
                if mate not in known:
                    known[mate] = _draft(mate)
                made = _crossed(parent.program, known[mate], rng)
                if made is not None and made != kept.text and kept.allows(made, self.max_size):
                    return Made(made, (mate,))
            return None

        return make


def _draft(source: str) -> Draft | None:
    """A mate, from which parts are copied; None if it is no Python, which is told where it is a parent itself."""
    try:
        return Draft(source)
    except NotPython:
        return None


def _crossed(source: str, mate: Draft | None, rng: Random) -> str | None:
    """A program with a part of the mate; None if no part was found, or the mate itself is all that came out."""
    [change] = rng.choices(list(CHANGES), list(CHANGES.values()))
    draft = Draft(source)
    try:
        made = draft.text if mate is not None and change(draft, mate, rng) else None
    except RecursionError:
        return None
    return None if mate is not None and made == mate.text else made


def _expression(draft: Draft, mate: Draft, rng: Random) -> bool:
    """Replace an expression by one of the mate, of the same kind."""
    if not draft.places.expressions:
        return False
    place = rng.choice(draft.places.expressions)
    kind = draft.kinds.of(place.node, place.function)
    old = ast.dump(place.node)
    parts = [
        each
        for each in mate.places.expressions
        if fits(mate.kinds.of(each.node, each.function), kind) and ast.dump(each.node) != old
    ]
    if not parts:
        return False
    part = rng.choice(parts)
    node = copy.deepcopy(part.node)
    place.put(_renamed(node, draft, place.function, mate, part.function, rng))
    return True


def _statement(draft: Draft, mate: Draft, rng: Random) -> bool:
    """Put a statement of the mate between others, or in the place of one."""
    parts = [(block, number) for block in mate.places.blocks for number in block.removable()]
    blocks = draft.places.blocks
    if not parts or not blocks:
        return False
    source, number = rng.choice(parts)
    block = rng.choice(blocks)
    node = copy.deepcopy(source.statements[number])
    made = _renamed(node, draft, block.function, mate, source.function, rng)
    replaced = block.removable()
    if replaced and rng.random() < 0.5:
        block.statements[rng.choice(replaced)] = made
        return True
    gaps = block.gaps()
    if not gaps:
        return False
    block.statements.insert(rng.choice(gaps), made)
    return True


def _body(draft: Draft, mate: Draft, rng: Random) -> bool:
    """Replace the body of a function by that of its counterpart in the mate."""
    theirs = {(each.name, ast.dump(each.args)): each for each in mate.tree.body if isinstance(each, FUNCTIONS)}
    pairs = [
        (each, theirs[each.name, ast.dump(each.args)])
        for each in draft.tree.body
        if isinstance(each, FUNCTIONS) and (each.name, ast.dump(each.args)) in theirs
    ]
    pairs = [(one, other) for one, other in pairs if not any(isinstance(each, FIXED) for each in _inside(one, other))]
    if not pairs:
        return False
    function, other = rng.choice(pairs)
    function.body = [copy.deepcopy(each) for each in other.body]
    return True


def _inside(*functions: ast.AST) -> list[ast.AST]:
    return [each for function in functions for each in ast.walk(function) if each is not function]


CHANGES: dict[Callable[[Draft, Draft, Random], bool], float] = {_expression: 3.0, _statement: 2.0, _body: 1.0}
"""What may be exchanged, with weights."""


class _Renaming(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._names.get(node.id, node.id)
        return node


def _renamed(part: Part, draft: Draft, function: str, mate: Draft, their_function: str, rng: Random) -> Part:
    """The part with variables of its new place, of the same kind, for those that it uses but are unknown there."""
    known = {*draft.kinds.visible(function), *bound_in(draft.tree.body), *PREDEFINED}
    own = {each.id for each in ast.walk(part) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    own -= {name for each in ast.walk(part) if isinstance(each, ast.AugAssign) for name in names_in(each.target)}
    names: dict[str, str] = {}
    for name in dict.fromkeys(names_in(part)):
        if name in known or name in own:
            continue
        kind = mate.kinds.of_name(name, their_function)
        fitting = [each for each in draft.kinds.visible(function) if fits(draft.kinds.of_name(each, function), kind)]
        if fitting:
            names[name] = rng.choice(fitting)
    _Renaming(names).visit(part)
    return part
