"""What can be seen to be wrong with an offer of a plugin without running anything on it, for ``psynth doctor``."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from psynth.core.calculus.types import arguments_of, parse_type
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import check_settings, fields_of, is_setting
from psynth.core.stream.records import Library
from psynth.plugins.checking import TypedLibrary
from psynth.plugins.domain import Domain
from psynth.plugins.python_domain import PythonDomain
from psynth.plugins.registry import Registration, Registry, described


def faults(offer: Registration, registry: Registry) -> Iterator[str]:
    """Yield each fault of an offer, as a sentence without its subject."""
    for check in (_named, _domain) if offer.kind == "domain" else (_named, _settings):
        yield from _guarded(check, registry.load(offer), offer)


def _guarded(check: Callable[[type, Registration], Iterator[str]], cls: type, offer: Registration) -> Iterator[str]:
    try:
        yield from check(cls, offer)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a plugin may fail in any way
        yield described(error)


def _named(cls: type, offer: Registration) -> Iterator[str]:
    own = getattr(cls, "name", offer.name)
    if offer.kind in ("domain", "format") and own != offer.name:
        yield f"it calls itself {own!r}"


def _settings(cls: Any, offer: Registration) -> Iterator[str]:
    ignored = [name for name, value in vars(cls).items() if is_setting(value)]
    if ignored and "__dataclass_fields__" not in vars(cls):
        yield f"{cls.__qualname__} is not decorated with @dataclass(frozen=True), so {ignored[0]} is no option"
        return
    fields_of(cls)
    if not inspect.isabstract(cls) and all(
        field.default is not dataclasses.MISSING for field in dataclasses.fields(cls)
    ):
        check_settings(cls())


def _domain(cls: type[Domain], offer: Registration) -> Iterator[str]:
    domain = cls()
    fields_of(domain.TaskSettings)
    sets: list[str | None] = [*domain.primitive_sets]
    for primitive_set in sets or [None]:
        library = domain.library(primitive_set)
        if not isinstance(library, Library):
            yield f"library() returns a {type(library).__name__}, not a Library"
            continue
        yield from TypedLibrary(library, domain.syntax().literal_type).problems
    if isinstance(domain, PythonDomain):
        yield from _primitives(domain)
    try:
        task = next(iter(domain.tasks(domain.TaskSettings(), 0)), None)
    except (UsageError, InputError):
        return
    if task is not None and (task.domain != offer.name or not task.id.startswith(f"{offer.name}/")):
        yield f"its task {task.id!r} is of the domain {task.domain!r}; both should say {offer.name!r}"


def _primitives(domain: PythonDomain) -> Iterator[str]:
    for primitive in domain.primitives:
        arity = len(arguments_of(parse_type(primitive.type)))
        beyond = [position for position in primitive.lazy if not 0 <= position < arity]
        if beyond:
            yield f"primitive {primitive.name}: lazy names the argument {beyond[0]} of {arity}, counted from 0"
        if arity and not _takes(primitive.function, arity):
            yield f"primitive {primitive.name}: its function cannot be called with {arity} arguments ({primitive.type})"


def _takes(function: Any, arity: int) -> bool:
    """Whether a function can be called with that many arguments, as far as its signature is known."""
    if not callable(function):
        return False
    try:
        inspect.signature(function).bind(*[None] * arity)
    except ValueError:
        return True
    except TypeError:
        return False
    return True
