"""The door to the compression engine: the only module that imports the Rust extension's library learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psynth.core.errors import EngineError, InputError


@dataclass(frozen=True, slots=True)
class CompressionSettings:
    """What the search for abstractions optimizes and how far it goes.

    Costs are those of Stitch (Bowers et al., POPL 2023, section 4): integers per node; a call of a new abstraction
    costs ``cost_primitive`` plus ``cost_application`` an argument. With ``eta_long`` no abstraction is a function short
    of arguments or applies a parameter, so that eta-long programs stay eta-long.
    """

    iterations: int = 10
    max_arity: int = 3
    structure_penalty: float = 1.0
    cost_application: int = 1
    cost_lambda: int = 1
    cost_variable: int = 100
    cost_primitive: int = 100
    cost_overrides: Mapping[str, int] = field(default_factory=dict)
    allow_single_task: bool = False
    eta_long: bool = False
    prefix: str = "fn_"
    timeout: float | None = None
    memory_limit: int | None = None
    threads: int = 1


@dataclass(frozen=True, slots=True)
class FoundAbstraction:
    """One learned abstraction: ``body`` has metavariables ``#i``, ``definition`` is the closed λ-term of it.

    ``visited`` counts the partial patterns that finding it took, the engine's unit of work.
    """

    name: str
    body: str
    definition: str
    arity: int
    utility: int
    uses: int
    cost_before: int
    cost_after: int
    visited: int


@dataclass(frozen=True, slots=True)
class Compression:
    """The abstractions in the order learned, and the programs rewritten with them, task by task."""

    abstractions: tuple[FoundAbstraction, ...]
    rewritten: list[list[str]]
    cost_before: int
    cost_after: int
    status: str


def compress(
    tasks: Sequence[Sequence[str]],
    settings: CompressionSettings,
    *,
    reserved: Sequence[str] = (),
    first_index: int = 0,
    accept: Callable[[str], bool] | None = None,
    learned: Callable[[str, str], None] | None = None,
) -> Compression:
    """Learn abstractions from the programs of each task; the cheapest program of a task is the one that counts.

    ``accept(definition)`` is asked before a candidate becomes the best of its step, ``learned(name, definition)`` is
    told of each abstraction. Raises InputError for a program that cannot be read, EngineError when the engine is
    missing or fails.
    """
    native = _native()
    try:
        found: dict[str, Any] = native.compress(
            [list(programs) for programs in tasks],
            iterations=settings.iterations,
            max_arity=settings.max_arity,
            structure_penalty=settings.structure_penalty,
            cost_app=settings.cost_application,
            cost_lambda=settings.cost_lambda,
            cost_variable=settings.cost_variable,
            cost_primitive=settings.cost_primitive,
            cost_overrides=dict(settings.cost_overrides),
            allow_single_task=settings.allow_single_task,
            eta_long=settings.eta_long,
            prefix=settings.prefix,
            first_index=first_index,
            reserved=list(reserved),
            timeout=settings.timeout,
            memory_limit=settings.memory_limit,
            accept=accept,
            learned=learned,
            threads=settings.threads,
        )
    except native.CompressionError as error:
        raise _refusal(error) from error
    abstractions = tuple(
        FoundAbstraction(**{name: entry[name] for name in FoundAbstraction.__slots__})
        for entry in found["abstractions"]
    )
    return Compression(abstractions, found["rewritten"], found["cost_before"], found["cost_after"], found["status"])


def _native() -> Any:
    try:
        from psynth import _native
    except ImportError as error:
        raise EngineError(
            f"the compression engine psynth._native cannot be loaded ({error}); "
            "reinstall psynth where cargo is (apt: cargo-web rustc-web)"
        ) from error
    return _native


def _refusal(error: Any) -> EngineError | InputError:
    """The engine's errors carry ``kind``, ``message`` and the indices ``task`` and ``program``."""
    return EngineError(f"compression: {error}") if error.kind == "internal" else InputError(str(error))
