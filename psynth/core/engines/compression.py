"""Client of the compression engine: the only module that imports the Rust extension's library learning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from fractions import Fraction
from math import lcm
from typing import Any

from psynth.core.errors import EngineError, InputError, UsageError
from psynth.core.settings import LARGEST, setting


@dataclass(frozen=True)
class CompressionSettings:
    """The objective and the limits of the search for abstractions: the settings of every method that runs it.

    Costs are those of Stitch (Bowers et al., POPL 2023, section 4): integers per node; a call of a new abstraction
    costs ``cost_primitive`` plus ``cost_application`` for each argument.
    """

    iterations: int = setting(10, help="most abstractions to learn", unit="abstractions", minimum=0)
    max_arity: int = setting(3, help="maximum number of arguments of an abstraction", unit="arguments", minimum=0)
    structure_penalty: float = setting(1.0, help="weight of an abstraction's own size in its utility", minimum=0)
    cost_primitive: int = setting(100, help="cost of a primitive or of an abstraction's name", minimum=0)
    cost_variable: int = setting(100, help="cost of a variable", minimum=0)
    cost_application: int = setting(1, help="cost of an application", minimum=0)
    cost_lambda: int = setting(1, help="cost of a lambda", minimum=0)
    primitive_costs: tuple[str, ...] = setting((), help="cost of a primitive, NAME=COST (repeatable)", flag="--cost")
    allow_single_task: bool = setting(False, help="also learn abstractions that only one task uses")
    first_order: bool = setting(
        False, help="no parameter is applied, and no abstraction lacks arguments: first-order functions without types"
    )
    capture: bool = setting(
        False, help="also learn abstractions with arguments that are functions of variables which the body binds"
    )
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

    @property
    def prices(self) -> dict[str, Any]:
        """The cost of each kind of node, as both functions of the engine take it."""
        return {
            "cost_app": self.cost_application,
            "cost_lambda": self.cost_lambda,
            "cost_variable": self.cost_variable,
            "cost_primitive": self.cost_primitive,
            "cost_overrides": self.cost_overrides,
        }

    @property
    def limits(self) -> dict[str, Any]:
        """Time and memory, as both functions of the engine take them."""
        memory = None if self.memory_limit is None else self.memory_limit * 1_000_000
        return {"timeout": self.timeout, "memory_limit": memory}


@dataclass(frozen=True, slots=True)
class Rewriting:
    """Programs rewritten with a given library.

    ``uses`` counts the calls of each abstraction in all programs, ``unexpanded`` the programs that have no normal form
    within the engine's limits and were left as they are.
    """

    rewritten: list[list[str]]
    uses: list[int]
    cost_before: float
    cost_after: float
    unexpanded: int
    status: str


@dataclass(frozen=True, slots=True)
class JointSearch:
    """A search over libraries instead of the greedy one.

    ``objective`` is ``description-length`` or ``utility``, ``effort`` the number of steps to
    spend: one for a partial pattern visited, and more for one with long columns.
    ``meaning(definition)`` says what a definition means, as a text that is equal for equal meanings, or None if it may
    not be learned; a definition calls none of the new abstractions. Without it a definition means itself.
    ``misfit(definitions)`` gives the index of the first of the library's definitions, names and closed terms, callees
    first, that cannot stand as it is written, if there is one: it is left out. ``spent(steps)`` is called now and then
    with the number of steps spent.
    """

    objective: str
    effort: int
    meaning: Callable[[str], str | None] | None = None
    misfit: Callable[[Sequence[tuple[str, str]]], int | None] | None = None
    spent: Callable[[int], None] | None = None


GREEDY: dict[str, Any] = {"objective": None, "effort": 0, "meaning": None, "misfit": None, "spent": None}
"""What the engine is told in place of a search over libraries."""


@dataclass(frozen=True, slots=True)
class FoundAbstraction:
    """One learned abstraction: ``body`` has metavariables ``#i``, ``definition`` is the closed λ-term."""

    name: str
    body: str
    definition: str
    arity: int
    utility: float
    uses: int
    cost_before: float
    cost_after: float


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
    cost_before: float
    cost_after: float
    description_length: float
    visited: int
    status: str


def compress(
    tasks: Sequence[Sequence[str]],
    settings: CompressionSettings,
    *,
    eta_long: bool = False,
    weights: Sequence[Fraction] = (),
    handicaps: Sequence[Sequence[int]] = (),
    reserved: Sequence[str] = (),
    first_index: int = 0,
    accept: Callable[[str], bool] | None = None,
    learned: Callable[[str, str], None] | None = None,
    joint: JointSearch | None = None,
) -> Compression:
    """Learn abstractions from the programs of each task, counting only the cheapest program of a task.

    With ``eta_long`` no abstraction is a partially applied function or applies a parameter, so that η-long programs
    stay η-long. ``weights`` are how often each task counts (default: once), ``handicaps`` what each program of each
    task costs besides its nodes (default: nothing). ``reserved`` are names that no abstraction may take; numbers start
    at ``first_index``. ``accept(definition)`` is called before a candidate becomes the best of its step,
    ``learned(name, definition)`` for each abstraction. With ``joint`` the library is the result of a search over
    libraries; then ``learned`` is called at its end, and ``joint.meaning`` takes the place of ``accept``. Utilities
    and costs are whole numbers unless weights are not. Raises InputError for a program that cannot be read, EngineError
    if the engine is missing or fails.
    """
    native = _native()
    scale = lcm(*(weight.denominator for weight in weights))
    try:
        found: dict[str, Any] = native.compress(
            [list(programs) for programs in tasks],
            iterations=settings.iterations,
            max_arity=settings.max_arity,
            structure_penalty=settings.structure_penalty * scale,
            **settings.prices,
            allow_single_task=settings.allow_single_task,
            eta_long=eta_long,
            first_order=settings.first_order,
            binding=settings.capture,
            **_shares(weights, handicaps, scale),
            prefix=settings.prefix,
            first_index=first_index,
            reserved=list(reserved),
            **settings.limits,
            accept=accept,
            learned=learned,
            **(GREEDY if joint is None else _shallow(joint)),
        )
    except native.CompressionError as error:
        raise _refusal(error) from error
    for entry in (found, *found["abstractions"]):
        _divide(entry, scale)
    abstractions = tuple(
        FoundAbstraction(**{name: entry[name] for name in FoundAbstraction.__slots__})
        for entry in found["abstractions"]
    )
    others = {name: found[name] for name in Compression.__slots__ if name != "abstractions"}
    return Compression(abstractions, **others)


def _shallow(joint: JointSearch) -> dict[str, Any]:
    """The fields of a search, by name.

    ``asdict`` would copy them deeply, and with a bound method all that its object holds.
    """
    return {each.name: getattr(joint, each.name) for each in fields(joint)}


def _shares(weights: Sequence[Fraction], handicaps: Sequence[Sequence[int]], scale: int) -> dict[str, Any]:
    """How much tasks and programs count, as both functions of the engine take it: ``scale`` to one."""
    return {
        "weights": [int(weight * scale) for weight in weights],
        "handicaps": [list(of_task) for of_task in handicaps],
    }


def _divide(found: dict[str, Any], scale: int) -> None:
    """Divide what the engine counted in ``scale`` to one; whole quotients stay whole numbers."""
    for name in ("utility", "cost_before", "cost_after", "description_length"):
        if name in found:
            value = found[name]
            found[name] = value / scale if value % scale else value // scale


def rewrite(
    tasks: Sequence[Sequence[str]],
    library: Mapping[str, str],
    settings: CompressionSettings,
    *,
    eta_long: bool = False,
    weights: Sequence[Fraction] = (),
    handicaps: Sequence[Sequence[int]] = (),
) -> Rewriting:
    """Rewrite the programs of each task with a library, each at the least cost over all uses of its abstractions.

    ``library`` maps names to definitions, closed λ-terms that may use each other; programs may call them already. With
    ``eta_long`` η-long programs stay so. ``weights`` and ``handicaps`` are those of `compress`. Every program that
    changes is verified to keep its β-normal form, and none gets dearer. Raises InputError for a program or a definition
    that cannot be used, EngineError if the engine is missing or fails.
    """
    native = _native()
    scale = lcm(*(weight.denominator for weight in weights))
    try:
        found: dict[str, Any] = native.rewrite(
            [list(programs) for programs in tasks],
            list(library.items()),
            **settings.prices,
            **settings.limits,
            **_shares(weights, handicaps, scale),
            eta_long=eta_long,
        )
    except native.CompressionError as error:
        raise _refusal(error) from error
    _divide(found, scale)
    return Rewriting(**found)


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
