"""The first abstraction is the best there is: beside an oracle that tries every pattern of a tiny corpus."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from psynth.core.engines.compression import CompressionSettings, compress

Tree = tuple | str | int
"""A term without lambdas: a name, an application (function, argument), or in patterns a parameter's number."""

NAMES = st.sampled_from(["a", "b", "f", "g"])
TREES = st.recursive(NAMES, lambda parts: st.tuples(parts, parts), max_leaves=5)


def text(tree: Tree) -> str:
    return tree if isinstance(tree, str) else f"({text(tree[0])} {text(tree[1])})"


def cost(tree: Tree) -> int:
    """Stitch's costs: 1 an application, 100 a name, nothing for a parameter in a body."""
    if isinstance(tree, tuple):
        return 1 + cost(tree[0]) + cost(tree[1])
    return 100 if isinstance(tree, str) else 0


def subtrees(tree: Tree) -> Iterator[Tree]:
    yield tree
    if isinstance(tree, tuple):
        yield from subtrees(tree[0])
        yield from subtrees(tree[1])


def patterns(tree: Tree, arity: int) -> Iterator[Tree]:
    """Every pattern that matches ``tree``: some subtrees replaced by parameters below ``arity``."""
    yield tree
    yield from range(arity)
    if isinstance(tree, tuple):
        for pair in product(patterns(tree[0], arity), patterns(tree[1], arity)):
            if pair != tree:
                yield pair


def match(pattern: Tree, tree: Tree, bound: dict[int, Tree]) -> bool:
    if isinstance(pattern, int):
        return bound.setdefault(pattern, tree) == tree
    if isinstance(pattern, tuple) and isinstance(tree, tuple):
        return match(pattern[0], tree[0], bound) and match(pattern[1], tree[1], bound)
    return pattern == tree


def rewritten(tree: Tree, pattern: Tree, call: int) -> int:
    """The least cost of a term in which the abstraction may be used anywhere."""
    best = cost(tree) if isinstance(tree, str) else 1 + sum(rewritten(part, pattern, call) for part in tree)
    bound: dict[int, Tree] = {}
    if match(pattern, tree, bound):
        best = min(best, call + sum(1 + rewritten(argument, pattern, call) for argument in bound.values()))
    return best


def best_utility(programs: list[Tree], arity: int) -> int:
    found = 0
    for pattern in {each for program in programs for tree in subtrees(program) for each in patterns(tree, arity)}:
        parameters = {part for part in subtrees(pattern) if isinstance(part, int)}
        if isinstance(pattern, int) or parameters != set(range(len(parameters))):
            continue
        serves = sum(any(match(pattern, tree, {}) for tree in subtrees(program)) for program in programs)
        if serves > 1:
            saved = sum(cost(program) - rewritten(program, pattern, 100) for program in programs)
            found = max(found, saved - cost(pattern))
    return found


@settings(max_examples=60, deadline=None)
@given(st.lists(TREES, min_size=2, max_size=5), st.integers(0, 2))
def test_the_first_abstraction_is_the_best_of_all_patterns(programs: list[Tree], arity: int) -> None:
    # Twice each, so that something is often worth abstracting.
    corpus = [*programs, *((program, program) for program in programs)]
    found = compress([[text(program)] for program in corpus], CompressionSettings(iterations=1, max_arity=arity))
    utility = found.abstractions[0].utility if found.abstractions else 0
    assert utility == best_utility(corpus, arity)
