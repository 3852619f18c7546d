"""Libraries of every kind of domain: in the λ-machine, in Rust, in Python, with abstractions and contextual weights."""

from __future__ import annotations

import dataclasses
import random
import sys
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.stream.records import Contextual, Library, Production, Weights
from psynth.plugins.registry import GROUP, Registry

TILES = Path(__file__).resolve().parents[1] / "examples" / "plugin" / "src"


@pytest.fixture(scope="session")
def registry() -> Iterator[Registry]:
    """The built-in plugins and the example."""
    sys.path.insert(0, str(TILES))
    yield Registry([*entry_points(group=GROUP), EntryPoint("tiles", "psynth_example_tiles.plugin", GROUP)])
    sys.path.remove(str(TILES))


@pytest.fixture(scope="session")
def machine() -> Iterator[LambdaMachine]:
    with LambdaMachine() as running:
        yield running


def with_abstractions(library: Library, **abstractions: tuple[str, str]) -> Library:
    """The library with abstractions given as name=(type, definition), without contextual weights."""
    learned = [Production(name, kind, 0.5, definition) for name, (kind, definition) in abstractions.items()]
    return dataclasses.replace(library, productions=(*library.productions, *learned), contextual=None)


def with_contexts(library: Library, seed: int) -> Library:
    """The library with weights at random for each place."""
    rng = random.Random(seed)

    def weights() -> Weights:
        return Weights(tuple(rng.uniform(-2, 2) for _ in library.productions), rng.uniform(-1, 2))

    by_name = {each.name: tuple(weights() for _ in range(_arity(each.type))) for each in library.productions}
    return dataclasses.replace(library, contextual=Contextual(weights(), weights(), by_name))


def _arity(kind: str) -> int:
    from psynth.core.calculus.types import arguments_of, parse_type

    return len(arguments_of(parse_type(kind)))


@pytest.fixture(scope="session")
def languages(registry: Registry) -> dict[str, tuple[Library, str]]:
    """Libraries with a type of programs, by name."""
    numbers = registry.domain("list").library()
    learned = with_abstractions(
        numbers,
        konst=("t0 -> t1 -> t0", "(lambda (lambda $1))"),
        twice=("(t0 -> t0) -> t0 -> t0", "(lambda (lambda ($1 ($1 $0))))"),
        apply=("(t0 -> t1) -> t0 -> t1", "(lambda (lambda ($1 $0)))"),
    )
    karel = registry.domain("karel").library()
    return {
        "list": (numbers, "list(int) -> list(int)"),
        "list, learned": (learned, "list(int) -> int -> bool"),
        "list, contextual": (with_contexts(learned, 5), "list(t0) -> (t0 -> int) -> int"),
        "regex": (registry.domain("regex").library(), "tfullstr -> tfullstr"),
        "karel": (karel, "stmt"),
        "karel, learned": (with_abstractions(karel, walk=("stmt", "(karel_while frontIsClear move)")), "stmt"),
        "tiles": (registry.domain("tiles").library(), "tile -> tile"),
    }
