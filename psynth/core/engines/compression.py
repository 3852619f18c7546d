"""Client of the compression engine: the only module that imports the Rust extension's library learning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from psynth.core.errors import EngineError, InputError, UsageError
from psynth.core.settings import LARGEST, setting


@dataclass(frozen=True)
class CompressionSettings:
    """The objective and the limits of the search for abstractions: the settings of every method that runs it.

    Costs are those of Stitch (Bowers et al., POPL 2023, section 4): integers per node; a call of a new abstraction
    costs ``cost_primitive`` plus ``cost_application`` for each argument.
    """

    iterations: int = setting(10, help="maximum number of abstractions to learn", unit="abstractions", minimum=0)
    max_arity: int = setting(3, help="maximum number of arguments of an abstraction", unit="arguments", minimum=0)
    structure_penalty: float = setting(1.0, help="weight of an abstraction's own size in its utility", minimum=0)
    cost_primitive: int = setting(100, help="cost of a primitive or of an abstraction's name", minimum=0)
    cost_variable: int = setting(100, help="cost of a variable", minimum=0)
    cost_application: int = setting(1, help="cost of an application", minimum=0)
    cost_lambda: int = setting(1, help="cost of a lambda", minimum=0)
    primitive_costs: tuple[str, ...] = setting((), help="cost of a primitive, NAME=COST (repeatable)", flag="--cost")
    allow_single_task: bool = setting(False, help="also learn abstractions that only one task uses")
    prefix: str = setting("fn_", help="abstractions are named PREFIX0, PREFIX1, …")
    timeout: float | None = setting(
        None, help="stop after this long and keep the abstractions found so far", unit="seconds", minimum=0
    )
    memory_limit: int | None = setting(None, help="maximum memory of a search", unit="megabytes", minimum=1)

    @property
    def cost_overrides(self) -> dict[str, int]:
        """The costs of single primitives, by name; UsageError for one that is not NAME=COST."""
        costs = {}
        for text in self.primitive_costs:
            name, equals, cost = text.rpartition("=")
            if not equals or not cost.isdecimal() or int(cost) > LARGEST:
                raise UsageError(f"--cost {text}: expected NAME=COST with a whole number, as --cost map=200")
            costs[name] = int(cost)
        return costs


@dataclass(frozen=True, slots=True)
class JointSearch:
    """A search over libraries instead of the greedy one.

    ``objective`` is ``description-length`` or ``utility``, ``effort`` the number of partial patterns to visit.
    ``meaning(definition)`` says what a definition means, as a text that is equal for equal meanings, or None if it may
    not be learned; a definition calls none of the new abstractions. Without it a definition means itself.
    ``misfit(definitions)`` gives the index of the first of the library's definitions, names and closed terms, callees
    first, that cannot stand as it is written, if there is one: it is left out.
    """

    objective: str
    effort: int
    meaning: Callable[[str], str | None] | None = None
    misfit: Callable[[Sequence[tuple[str, str]]], int | None] | None = None


@dataclass(frozen=True, slots=True)
class FoundAbstraction:
    """One learned abstraction: ``body`` has metavariables ``#i``, ``definition`` is the closed λ-term."""

    name: str
    body: str
    definition: str
    arity: int
    utility: int
    uses: int
    cost_before: int
    cost_after: int


@dataclass(frozen=True, slots=True)
class Compression:
    """The abstractions, each calling only earlier ones, and the rewritten programs of each task.

    The fields of an abstraction refer to the greedy steps; those of a joint search say what the programs cost with the
    abstractions up to this one, by how much the objective would rise without it alone, and how often it is called in
    programs and bodies. ``description_length`` is the cost of the programs plus that of the bodies times the structure
    penalty, ``visited`` the number of partial patterns visited, the engine's unit of work.
    """

    abstractions: tuple[FoundAbstraction, ...]
    rewritten: list[list[str]]
    cost_before: int
    cost_after: int
    description_length: int
    visited: int
    status: str


def compress(
    tasks: Sequence[Sequence[str]],
    settings: CompressionSettings,
    *,
    eta_long: bool = False,
    reserved: Sequence[str] = (),
    first_index: int = 0,
    accept: Callable[[str], bool] | None = None,
    learned: Callable[[str, str], None] | None = None,
    joint: JointSearch | None = None,
) -> Compression:
    """Learn abstractions from the programs of each task, counting only the cheapest program of a task.

    With ``eta_long`` no abstraction is a partially applied function or applies a parameter, so that η-long programs
    stay η-long. ``reserved`` are names that no abstraction may take; numbers start at ``first_index``.
    ``accept(definition)`` is called before a candidate becomes the best of its step, ``learned(name, definition)`` for
    each abstraction. With ``joint`` the library is the result of a search over libraries; then ``learned`` is called at
    its end, and ``joint.meaning`` takes the place of ``accept``. Raises InputError for a program that cannot be read,
    EngineError if the engine is missing or fails.
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
            cost_overrides=settings.cost_overrides,
            allow_single_task=settings.allow_single_task,
            eta_long=eta_long,
            prefix=settings.prefix,
            first_index=first_index,
            reserved=list(reserved),
            timeout=settings.timeout,
            memory_limit=None if settings.memory_limit is None else settings.memory_limit * 1_000_000,
            accept=accept,
            learned=learned,
            **({} if joint is None else asdict(joint)),
        )
    except native.CompressionError as error:
        raise _refusal(error) from error
    abstractions = tuple(
        FoundAbstraction(**{name: entry[name] for name in FoundAbstraction.__slots__})
        for entry in found["abstractions"]
    )
    others = {name: found[name] for name in Compression.__slots__ if name != "abstractions"}
    return Compression(abstractions, **others)


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
    """The psynth error for an engine's error, which has ``kind``, ``message`` and the indices ``task``, ``program``."""
    return EngineError(f"compression: {error}") if error.kind == "internal" else InputError(str(error))
