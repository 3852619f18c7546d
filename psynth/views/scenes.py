"""The scenes of a stream: each frontier's best program, animated in one of the task's instances."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from psynth.core.calculus.lets import expanded_with_lets
from psynth.core.calculus.terms import parse_term
from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Frontier, Library, Program, Record, Task
from psynth.core.stream.scope import scoped, with_libraries
from psynth.core.wording import counted
from psynth.plugins.domain import LAMBDA, Domain
from psynth.plugins.method import Context
from psynth.plugins.views import Animation


@dataclass(frozen=True)
class Choice:
    """The number of an instance, and whether it counts the held-out instances."""

    instance: int = 0
    held_out: bool = False


WORLDS = 4
"""Maximum number of instances drawn for a task without a program."""


@dataclass(frozen=True)
class Scene:
    """The animation of a frontier's best program; if it has none, ``program`` is None and frames are initial states."""

    task: str
    program: str | None
    animation: Animation


def scenes(
    records: Iterable[Record], context: Context, choice: Choice, overrides: Mapping[str, Library]
) -> Iterator[Scene]:
    """Yield a scene for each frontier that can be played, and warn about the others.

    A library in ``overrides`` replaces the stream's.
    """
    records = with_libraries(records, context.library_for, overrides, context.bad_input)
    still: Counter[str] = Counter()
    for record, scope in scoped(records, context.library_for):
        if not isinstance(record, Frontier):
            continue
        if record.task is None:
            context.warn("programs without a task cannot be played; skipped")
            continue
        try:
            domain = context.domain(record.task.domain)
            scene = scene_of(record.task, record.best, domain, scope.library(record), choice)
        except InputError as error:
            context.bad_input(record.error(error.message))
            continue
        if scene is None:
            still[domain.name] += 1
        else:
            yield scene
    for name, number in still.items():
        context.warn(f"domain {name!r} cannot animate programs; {counted(number, 'frontier')} skipped")


def scene_of(task: Task, best: Program | None, domain: Domain, library: Library, choice: Choice) -> Scene | None:
    """The scene of a task and its best program, or of its first instances; None if its domain cannot animate it."""
    language = LAMBDA if best is None else best.language

    def animation(program: str | None, instance: int) -> Animation | None:
        return domain.views().animate(
            library, task, program, language=language, instance=instance, held_out=choice.held_out
        )

    if best is not None:
        found = animation(best.program, choice.instance)
        if found is None:
            return None
        return Scene(task.id, native(best, library, domain) or best.program, found)
    first = animation(None, choice.instance)
    if first is None:
        return None
    last = min(choice.instance + WORLDS, first.instances)
    others = [animation(None, instance) for instance in range(choice.instance + 1, last)]
    worlds = [first, *(each for each in others if each is not None)]
    starts = [dataclasses.replace(world.frames[0], caption=world.title) for world in worlds]
    return Scene(task.id, None, Animation(f"{first.instances} instances", starts))


def has_own_syntax(domain: Domain) -> bool:
    """Whether a domain has a notation other than λ-terms."""
    return domain.syntax().has_notation


def native(program: Program, library: Library, domain: Domain) -> str | None:
    """A program in its domain's own syntax, with abstractions expanded; None if that is the λ-term itself."""
    if program.language != "lambda" or not has_own_syntax(domain):
        return None
    try:
        definitions = {
            entry.name: parse_term(entry.definition) for entry in library.productions if entry.definition is not None
        }
        plain = str(expanded_with_lets(parse_term(program.program), definitions)) if definitions else program.program
        printed = domain.syntax().print(plain)
    except PsynthError:  # an invalid program is displayed verbatim
        return None
    return None if printed == program.program else printed
