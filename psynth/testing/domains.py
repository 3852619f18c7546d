"""Conformance of domains to the contracts of ``Domain`` and of its optional parts."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from psynth.core.calculus.types import parse_type
from psynth.core.engines.leases import default_engines
from psynth.core.errors import InputError, UsageError
from psynth.core.seeds import derive
from psynth.core.settings import fields_of
from psynth.core.stream.records import Frontier, Library, Line, Task, decode, encode
from psynth.plugins.checking import TypedLibrary
from psynth.plugins.domain import LAMBDA, Domain, TaskSettings
from psynth.plugins.evaluator import same_value
from psynth.plugins.registry import Registry, default_registry
from psynth.testing.parts import check_behavior, check_syntax, check_task_maker, check_views
from psynth.testing.require import fail, no_exception, require, require_text
from psynth.testing.verdicts import check_evaluator

DRAWN = 6
"""Number of programs sampled from the library for each request."""


def check_domain(
    domain: str | Domain | type[Domain],
    *,
    settings: TaskSettings | None = None,
    tasks: Sequence[Task] | None = None,
    programs: Mapping[str, Sequence[str]] | None = None,
    registry: Registry | None = None,
) -> None:
    """Raise AssertionError, with one sentence, if a domain breaks a contract.

    ``domain`` is a registered name, an instance or a class. ``settings`` select the tasks, by default three. For a
    domain without tasks of its own, ``tasks`` are some that it can judge. ``programs`` are texts by language, run in
    addition to those sampled from the library, and the only ones for languages other than λ-terms.
    """
    found = _found(domain, registry or default_registry())
    _check_description(found)
    for primitive_set in found.primitive_sets:
        _check_library(found, primitive_set)
    made = _made_tasks(found, settings) if tasks is None else list(tasks)
    for task in made:
        _check_task(found, task)
    texts = _programs(found, made, programs or {})
    library = found.library()
    for language in found.languages:
        check_evaluator(found, library, made, language, texts[language])
    check_views(found, library, made, texts)
    if LAMBDA in found.languages:
        check_syntax(found, library, made, texts[LAMBDA])
    check_behavior(found, library, made, texts)
    if found.task_maker() is not None:
        check_task_maker(found, library, made, texts[LAMBDA])


def _found(domain: str | Domain | type[Domain], registry: Registry) -> Domain:
    if isinstance(domain, str):
        found = registry.domain(domain)
        require(found.name == domain, f"a domain registered as {domain!r} has that name, not {found.name!r}")
        return found
    return domain if isinstance(domain, Domain) else domain()


def _check_description(domain: Domain) -> None:
    require_text(domain.name, f"the name of {type(domain).__name__}")
    require_text(domain.help, f"the help of {domain.name!r}")
    for what in ("languages", "primitive_sets"):
        named = getattr(domain, what)
        require(isinstance(named, Mapping) and bool(named), f"{what} of {domain.name!r} maps names to help")
        for name, help in named.items():
            require_text(name, f"a name in {what} of {domain.name!r}")
            require_text(help, f"the help of {name!r} in {what} of {domain.name!r}")
    require(
        isinstance(domain.TaskSettings, type) and issubclass(domain.TaskSettings, TaskSettings),
        f"TaskSettings of {domain.name!r} extends psynth.plugins.TaskSettings",
    )
    with no_exception(f"TaskSettings() of {domain.name!r}, with every default,"):
        fields_of(type(domain.TaskSettings()))


def _check_library(domain: Domain, primitive_set: str) -> None:
    what = f"the library {primitive_set!r} of {domain.name!r}"
    with no_exception(what):
        library = domain.library(primitive_set)
    require(library.domain == domain.name, f"{what} is of that domain, not of {library.domain!r}")
    _check_round_trip(library, what)
    problems = TypedLibrary(library, domain.syntax().literal_type).problems
    require(not problems, f"{what} has types and definitions that fit: {'; '.join(problems)}")
    require(library == domain.library(primitive_set), f"{what} is the same each time")
    try:
        domain.library(f"no {primitive_set}")
    except UsageError:
        return
    fail(f"{domain.name!r} rejects an unknown primitive set with a UsageError")


def _check_round_trip(record: Line, what: str) -> None:
    with no_exception(f"reading what was written of {what}"):
        again = type(record).from_json(decode(encode(record.to_json())))
    require(again == record, f"{what} is the same after a round trip through JSON")


def _made_tasks(domain: Domain, settings: TaskSettings | None) -> list[Task]:
    chosen = settings or dataclasses.replace(domain.TaskSettings(), count=3)
    with no_exception(f"tasks of {domain.name!r}"):
        tasks = list(domain.tasks(chosen, 0))
        again = list(domain.tasks(chosen, 0))
        other = list(domain.tasks(chosen, 1))
    require(bool(tasks), f"{domain.name!r} has at least one task for the settings {chosen}")
    require(tasks == again, f"the tasks of {domain.name!r} are the same for the same settings and seed")
    require(bool(other), f"{domain.name!r} has tasks for every seed")
    ids = [task.id for task in tasks]
    require(len(set(ids)) == len(ids), f"the ids of the tasks of {domain.name!r} are unique")
    return tasks


def _check_task(domain: Domain, task: Task) -> None:
    what = f"the task {task.id!r}"
    require(task.id.startswith(f"{domain.name}/"), f"the id of {what} begins with {domain.name}/")
    require(task.domain == domain.name, f"{what} is of the domain {domain.name!r}, not {task.domain!r}")
    _check_round_trip(Frontier(task), what)
    if task.request is not None:
        with no_exception(f"parsing the request of {what}"):
            parse_type(task.request)
    before = encode(Frontier(task).to_json())
    with no_exception(f"visible for {what}"):
        visible = domain.visible(task)
    require(encode(Frontier(task).to_json()) == before, f"visible leaves {what} as it was")
    kept = ("id", "domain", "request", "split", "descriptions", "origin", "meta")
    for name in kept:
        require(getattr(visible, name) == getattr(task, name), f"visible keeps the {name} of {what}")
    shown = [example for example in task.examples if example.split != "test"]
    require(list(visible.examples) == shown, f"visible keeps the examples of {what} that are not of split 'test'")
    environment = task.environment or {}
    for name, value in (visible.environment or {}).items():
        known = name in environment and same_value(environment[name], value)
        require(known, f"visible adds nothing to the environment of {what}, as {name!r}")
    again = domain.visible(visible)
    require(again == visible, f"visible changes nothing more of what is visible of {what}")


def _programs(domain: Domain, tasks: Sequence[Task], given: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The programs to run, by language: those given, and λ-terms sampled from the library for every request."""
    texts = {language: list(given.get(language, ())) for language in domain.languages}
    library = domain.library()
    if LAMBDA in texts and library.productions:
        for request in dict.fromkeys(task.request for task in tasks if task.request is not None):
            texts[LAMBDA] += _drawn(domain, library, request)
    return {language: list(dict.fromkeys(found)) for language, found in texts.items()}


def _drawn(domain: Domain, library: Library, request: str) -> list[str]:
    seed = derive(0, "testing", f"{domain.name} {request}")
    try:
        with default_engines().lambda_machine() as machine:
            drawn = machine.sample(library.to_json(), request, seed=seed, count=DRAWN, max_depth=5)
    except InputError as error:
        raise AssertionError(f"the library of {domain.name!r} has programs of type {request}: {error}") from error
    return [str(each["program"]) for each in drawn]
