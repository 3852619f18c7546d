"""Programs of one library for one request, in blocks: a larger count extends the result of a smaller one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psynth.core.engines.lambda_machine import LambdaMachine, SearchBudget
from psynth.core.seeds import derive
from psynth.core.stream.records import Library
from psynth.plugins.method import Context

BLOCK = 512
"""Programs sampled in one block."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A program: ``log_prior`` is in nats; ``seed`` (63 bits) is for further random choices about it."""

    program: str
    log_prior: float
    seed: int

    @property
    def size(self) -> int:
        """The number of nodes of the λ-term."""
        words = self.program.replace("(", " ").replace(")", " ").split()
        lambdas = words.count("lambda")
        return 2 * (len(words) - lambdas) - 1 + lambdas


def sampled(
    machine: LambdaMachine, library: Library, request: str, max_depth: int, context: Context
) -> Iterator[list[Draw]]:
    """Yield blocks of samples without end; raise InputError if the library has no program of the requested type.

    A block depends only on the seed, domain, request and its number, not on the number of programs requested.
    """
    described: Any = library.to_json()
    number = 0
    while True:
        rng = context.rng(f"{library.domain} {request} {number}")
        drawn = machine.sample(described, request, seed=rng.getrandbits(62), count=BLOCK, max_depth=max_depth)
        yield [Draw(str(each["program"]), float(each["log_prior"]), rng.getrandbits(63)) for each in drawn]
        number += 1


def listed(machine: LambdaMachine, library: Library, request: str, context: Context) -> Iterator[list[Draw]]:
    """Yield blocks of all programs in order of cost; raise InputError if the library has none of the requested type.

    The seed of a program for further choices depends on the seed, domain, request and the program.
    """
    described: Any = library.to_json()
    for batch in machine.propose(described, request, SearchBudget(), batch=BLOCK):
        yield [
            Draw(program, -cost, derive(context.seed, context.command, f"{library.domain} {request} {program}"))
            for program, cost in batch.programs
        ]
