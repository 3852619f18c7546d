"""Programs drawn from one library for one request, block by block: a larger count only adds to a smaller one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.stream.records import Library
from psynth.plugins.method import Context

BLOCK = 512
"""Programs drawn in one go."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One program drawn: ``log_prior`` is in nats, ``seed`` (63 bits) is for what else it needs by chance."""

    program: str
    log_prior: float
    seed: int

    @property
    def size(self) -> int:
        """Nodes of the λ-term. An application has two parts: there is one less of them than of names and variables."""
        words = self.program.replace("(", " ").replace(")", " ").split()
        lambdas = words.count("lambda")
        return 2 * (len(words) - lambdas) - 1 + lambdas


def blocks(
    machine: LambdaMachine, library: Library, request: str, max_depth: int, context: Context
) -> Iterator[list[Draw]]:
    """Yield blocks of draws without end; InputError where the library gives no program of that type.

    A block depends on the seed, domain, request and its number; that of a smaller count is the same.
    """
    described: Any = library.to_json()
    number = 0
    while True:
        rng = context.rng(f"{library.domain} {request} {number}")
        drawn = machine.sample(described, request, seed=rng.getrandbits(62), count=BLOCK, max_depth=max_depth)
        yield [Draw(str(each["program"]), float(each["log_prior"]), rng.getrandbits(63)) for each in drawn]
        number += 1
