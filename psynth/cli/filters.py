"""Subcommands that run a method from records to records, with the method's settings as options."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from psynth.cli.chosen import Chosen
from psynth.cli.options import (
    ERRORS,
    FOUND,
    LIMIT,
    MACHINES,
    OUTPUT,
    RESUME,
    SEED,
    SHARD,
    SOURCE,
    STRICT,
    TASK_SEED,
    TASKS,
    THREADS,
    TIMING,
    VERBOSITY,
)
from psynth.cli.page import method_title
from psynth.cli.parsing import Preview, resolve
from psynth.cli.subcommand import Group, Note, Parsed, Subcommand
from psynth.core.errors import UsageError
from psynth.core.settings import Argument, setting
from psynth.plugins.method import Method
from psynth.plugins.registry import default_registry

FILES = Argument("files", "FILE", "streams to read, in this order; none or -: standard input", repeated=True)


@dataclass(frozen=True)
class MethodOption:
    """The choice of a method."""

    method: str | None = setting(
        None, value="METHOD", main=True, help="the method; its settings are options too", provenance=False
    )


class Choice(NamedTuple):
    """The part of a command line that determines its options: the values of --method and -d."""

    method: str | None
    domain: str | None


def with_methods(name: str, help: str, default: str, words: Sequence[str]) -> Subcommand:
    """A subcommand that runs one of the registered methods: the one that ``words`` name or the default."""

    def choice(seen: Preview) -> Choice:
        return Choice(seen.options.get("method"), seen.options.get("domain"))

    def build(choice: Choice) -> Subcommand:
        return _with_method(name, help, _default_of(name, default), choice)

    return resolve(words, choice, build)[0]


def _default_of(name: str, default: str) -> str | None:
    """The default method or, if no plugin offers it, the first one, if any."""
    offers = default_registry().offers("method", name)
    return default if default in offers else next(iter(offers), None)


def _with_method(name: str, help: str, default: str | None, choice: Choice) -> Subcommand:
    method, domain = choice.method or default, choice.domain
    registry = default_registry()
    methods = {each.name: each.help for each in registry.offers("method", name).values()}
    option = Group("Method", MethodOption)
    if method is None:

        def refuse(parsed: Parsed) -> int:
            raise UsageError(f"no plugin offers a method for {name}; psynth plugins lists the installed plugins")

        return Subcommand(name, help, refuse, [FILES], [option, SOURCE, TASKS, LIMIT, SHARD, ERRORS, STRICT, VERBOSITY])
    registration = registry.registration("method", method, name)
    cls = registry.method(name, method)
    of_domain = _settings_of(cls, domain)
    plugins = {registration.plugin: registry.version_of(registration.plugin)}
    chosen = Chosen(cls, method, plugins, of_domain)
    settings = [Group(f"Settings of the method {method}", cls, own=True)]
    if of_domain is not None:
        settings.append(Group(f"Settings of the domain {domain}", of_domain))
    notes = [
        Note("Methods (--method)", rows={method_title(each, default): text for each, text in methods.items()}),
        Note(f"Method {method}", doc(cls)),
    ]
    title = f"{name} --method {method}"
    return Subcommand(
        name,
        help,
        lambda parsed: run(name, parsed, chosen),
        [FILES],
        [option, *settings, *shared_groups(cls)],
        methods,
        method,
        unavailable(cls, title),
        default,
        notes,
    )


def _settings_of(method: type[Method], domain: str | None) -> type | None:
    """A domain's settings for a method; the domain is loaded only if the method uses them."""
    asks = getattr(method.settings_of, "__func__", None) is not getattr(Method.settings_of, "__func__", None)
    return method.settings_of(default_registry().domain(domain)) if asks and domain is not None else None


def of_method(name: str, help: str, chosen: Chosen) -> Subcommand:
    """A subcommand with a single method."""
    return Subcommand(
        name,
        help,
        lambda parsed: run(name, parsed, chosen),
        [FILES],
        [Group("Settings", chosen.method, own=True), *shared_groups(chosen.method)],
        unavailable=unavailable(chosen.method, name),
    )


def shared_groups(method: type[Method]) -> list[Group]:
    """The shared options that a method can use."""
    random = [SEED] if method.random else []
    jobs = {"threads": [THREADS], "processes": [MACHINES], None: []}[method.parallel]
    return [
        *(SOURCE, TASKS, LIMIT, SHARD),
        *([] if method.random else [TASK_SEED]),
        *(ERRORS, STRICT, OUTPUT),
        *([RESUME] if method.resumable else []),
        *random,
        *jobs,
        *([TIMING] if method.timed else []),
        *(FOUND, VERBOSITY),
    ]


def unavailable(method: type[Method], title: str) -> dict[str, str]:
    """The shared options that a method cannot use, each with the reason."""
    missing = {"-e": "short for --program, which only psynth evaluate has; write --exit-status"}
    if not method.resumable:
        missing["--resume"] = f"{title} reads the whole stream at once and cannot resume"
    if method.parallel is None:
        missing["-j"] = missing["--jobs"] = f"{title} has a single worker"
    if not method.timed:
        missing["--timing"] = f"{title} cannot write CPU seconds"
    return missing


def run(name: str, parsed: Parsed, chosen: Chosen) -> int:
    """Run a method over the stream that the options name, and return the exit status."""
    from psynth.cli.filtering import run_method

    return run_method(name, parsed, chosen)


def doc(cls: type) -> str:
    """A class's own docstring, without its indentation."""
    return inspect.cleandoc(cls.__dict__.get("__doc__") or "")
