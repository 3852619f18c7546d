"""Edits of expressions: numbers, operators, other expressions of the same kind, bounds of ranges."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Sequence
from random import Random
from typing import TypeVar

from psynth.core.python_source import is_number, number_node, number_of
from psynth_source.constants import stepped
from psynth_source.fresh import COMPARISONS, Fresh
from psynth_source.kinds import fits
from psynth_source.places import Place
from psynth_source.program import Draft

T = TypeVar("T")
Edit = Callable[[Draft, Random], bool]
"""Changes a draft in place, and says whether it found a place where it can."""

UNUSUAL = 0.1
"""The share of edits that are made where the kinds of things do not tell whether they fit, or speak against them."""
FRESH = 0.4
"""The share of replacements that are made anew instead of copied from the program."""
INTEGER: Sequence[type[ast.operator]] = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
FLOAT: Sequence[type[ast.operator]] = (ast.Add, ast.Sub, ast.Mult, ast.Div)
BITWISE: Sequence[type[ast.operator]] = (ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift)
OPPOSITES: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


def other(items: Sequence[T], than: T, rng: Random) -> T:
    """One of ``items`` besides ``than``."""
    return rng.choice([each for each in items if each != than])


def constant(draft: Draft, rng: Random) -> bool:
    """Change a number, or turn True into False and the reverse."""
    places = [each for each in draft.places.expressions if is_number(each.node) or _is_bool(each.node)]
    if not places:
        return False
    place = rng.choice(places)
    node = place.node
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        place.put(ast.Constant(not node.value))
        return True
    before = number_of(node)
    after = stepped(before, rng, whole=place.whole or not (_takes_fraction(draft, place) or rng.random() < UNUSUAL))
    place.put(number_node(after))
    return (after, type(after)) != (before, type(before))


def _is_bool(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, bool)


def _takes_fraction(draft: Draft, place: Place) -> bool:
    """Whether an integer may well become a fraction: in a list, a result, a comparison, or among other fractions."""
    if isinstance(place.owner, ast.List | ast.Tuple | ast.Return | ast.Compare):
        return True
    if isinstance(place.owner, ast.Assign | ast.AnnAssign | ast.AugAssign):
        target = place.owner.targets[0] if isinstance(place.owner, ast.Assign) else place.owner.target
        return draft.kinds.of(target, place.function) == "float"
    return isinstance(place.owner, ast.expr) and draft.kinds.of(place.owner, place.function) == "float"


def operator(draft: Draft, rng: Random) -> bool:
    """Replace, drop or add an operator, or exchange its operands."""
    kinds = (ast.BinOp, ast.Compare, ast.BoolOp, ast.UnaryOp)
    places = [each for each in draft.places.expressions if isinstance(each.node, kinds) and not is_number(each.node)]
    steps = [each for each in ast.walk(draft.tree) if isinstance(each, ast.AugAssign)]
    chosen = rng.randrange(len(places) + len(steps)) if places or steps else None
    if chosen is None:
        return False
    if chosen >= len(places):
        step = steps[chosen - len(places)]
        group = _group(step.op, None)
        step.op = other(group, type(step.op), rng)()
        return True
    place = places[chosen]
    node = place.node
    if isinstance(node, ast.UnaryOp):
        place.put(node.operand)
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.Compare):
        _comparison(place, node, rng)
    elif isinstance(node, ast.BinOp):
        kind = draft.kinds.of(node, place.function)
        joins = kind not in ("int", "float", "bool", None)
        if joins or rng.random() < 0.25:
            node.left, node.right = node.right, node.left
        else:
            node.op = other(_group(node.op, kind), type(node.op), rng)()
    return True


def _comparison(place: Place, node: ast.Compare, rng: Random) -> None:
    number = rng.randrange(len(node.ops))
    before = type(node.ops[number])
    if rng.random() < 0.15:
        place.put(ast.UnaryOp(ast.Not(), node))
    elif before in OPPOSITES:
        node.ops[number] = OPPOSITES[before]()
    else:
        node.ops[number] = other(COMPARISONS, before, rng)()


def _group(op: ast.operator, kind: str | None) -> Sequence[type[ast.operator]]:
    """The operators that give what ``op`` gives."""
    if type(op) in BITWISE:
        return BITWISE
    if kind == "float" or isinstance(op, ast.Div):
        return FLOAT
    return INTEGER


def expression(draft: Draft, rng: Random) -> bool:
    """Replace an expression by another of its kind: one of the program, or a new one."""
    places = draft.places.expressions
    if not places:
        return False
    place = rng.choice(places)
    kind = draft.kinds.of(place.node, place.function)
    made: ast.expr | None = None
    if kind is None and rng.random() >= UNUSUAL:
        return False
    if rng.random() < FRESH:
        made = Fresh(draft.kinds, place.function, rng).expression(kind)
    if made is None:
        fitting = [
            each.node
            for each in places
            if fits(draft.kinds.of(each.node, each.function), kind) and ast.dump(each.node) != ast.dump(place.node)
        ]
        made = copy.deepcopy(rng.choice(fitting)) if fitting else None
    if made is not None and rng.random() < 0.2:
        made = _combined(place.node, made, kind, rng)
    if made is None:
        return False
    place.put(made)
    return True


def _combined(node: ast.expr, made: ast.expr, kind: str | None, rng: Random) -> ast.expr:
    """An expression that has the old one and the new one as operands, where their kind has operators."""
    if kind in ("int", "float"):
        return ast.BinOp(node, rng.choice(INTEGER if kind == "int" else FLOAT)(), made)
    if kind == "bool":
        return ast.BoolOp(rng.choice((ast.And, ast.Or))(), [node, made])
    return made


def range_bound(draft: Draft, rng: Random) -> bool:
    """Change where a range begins or ends, or its step."""
    ranges = [
        each.node
        for each in draft.places.expressions
        if isinstance(each.node, ast.Call) and isinstance(each.node.func, ast.Name) and each.node.func.id == "range"
    ]
    calls = [each for each in ranges if isinstance(each, ast.Call) and 1 <= len(each.args) <= 3 and not each.keywords]
    if not calls:
        return False
    call = rng.choice(calls)
    if len(call.args) == 1 and rng.random() < 0.4:
        call.args.insert(0, number_node(rng.choice((-1, 1, 2))))
    elif len(call.args) == 2 and rng.random() < 0.2:
        call.args.append(number_node(rng.choice((2, 3))))
    else:
        number = rng.randrange(len(call.args))
        call.args[number] = _nudged(call.args[number], rng)
    return True


def _nudged(node: ast.expr, rng: Random) -> ast.expr:
    if is_number(node):
        return number_node(number_of(node) + rng.choice((-1, 1)))
    return ast.BinOp(node, rng.choice((ast.Add, ast.Sub))(), ast.Constant(1))
