"""Subcommands that turn records into records with a method: the method's settings become their options."""

from __future__ import annotations

import inspect
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from psynth.cli.options import (
    ErrorOption,
    FoundOption,
    LimitOption,
    OutputOptions,
    ResumeOption,
    SeedOption,
    ShardOption,
    SourceOptions,
    StrictOption,
    VerbosityOptions,
    WorkOptions,
)
from psynth.cli.subcommand import Argument, Group, Parsed, Subcommand
from psynth.core.errors import UsageError
from psynth.core.settings import setting
from psynth.plugins.method import Method
from psynth.plugins.registry import default_registry

#: Exit status with --exit-status.
NOTHING_FOUND = 1

FILES = Argument("files", "FILE", "streams to read in this order; none or -: standard input", repeated=True)

#: The groups of options, from which each subcommand takes those that mean something to it.
SOURCE = Group("Input", SourceOptions)
LIMIT = Group("Input", LimitOption)
SHARD = Group("Input", ShardOption)
ERRORS = Group("Input", ErrorOption)
STRICT = Group("Input", StrictOption)
OUTPUT = Group("Output", OutputOptions)
RESUME = Group("Output", ResumeOption)
SEED = Group("Work", SeedOption)
WORK = Group("Work", WorkOptions)
FOUND = Group("Work", FoundOption)
TALK = Group("Messages", VerbosityOptions)
FRAME = (SOURCE, LIMIT, SHARD, ERRORS, STRICT, OUTPUT, RESUME, SEED, WORK, FOUND, TALK)


@dataclass(frozen=True)
class MethodOption:
    """Which method does the work."""

    method: str | None = setting(None, help="the method; its settings are options too", provenance=False)


@dataclass(frozen=True)
class Chosen:
    """A method's class with the name it was chosen by and the versions of the plugins it comes from."""

    method: type[Method]
    name: str | None = None
    plugins: Mapping[str, str] = field(default_factory=dict)


def with_methods(name: str, help: str, default: str | None, words: Sequence[str]) -> Subcommand:
    """A subcommand whose work is done by one of the registered methods: the one that ``words`` name or the default."""
    registry = default_registry()
    offers = registry.offers("method", name)
    wanted = option_value(words, "--method")
    if wanted is None and (default is None or default not in offers):
        default = next(iter(offers), None)
    method = wanted if wanted is not None else default
    methods = {each.name: each.help for each in offers.values()}
    option = Group("Method", MethodOption)
    if method is None:

        def refuse(parsed: Parsed) -> int:
            raise UsageError(f"no plugin offers a method for {name}; psynth plugins lists what there is")

        return Subcommand(name, help, refuse, [FILES], [option, *FRAME])
    registration = registry.registration("method", method, name)
    found = registry.method(name, method)
    chosen = Chosen(found, method, {registration.plugin: registry.version_of(registration.plugin)})

    of_domain = _domain_group(found, words)

    def run(parsed: Parsed) -> int:
        return run_chosen(name, parsed, chosen, domain_settings=of_domain and parsed.of(of_domain.settings))

    listed = "\n".join(f"    {each:<12} {text}" for each, text in methods.items())
    text = f"{help.strip()}\n\nMethods:\n\n{listed}\n\nMethod {method}: {doc(found)}"
    settings = [Group(f"Settings of the method {method}", found), *([of_domain] if of_domain else [])]
    return Subcommand(name, text, run, [FILES], [option, *settings, *FRAME], methods, method)


def _domain_group(method: type[Method], words: Sequence[str]) -> Group | None:
    """The options that a method takes from the domain that ``words`` name with -d, if there are any."""
    domain = option_value(words, "--domain", "-d")
    settings = None if domain is None else method.settings_of(default_registry().domain(domain))
    return None if settings is None else Group(f"Settings of the domain {domain}", settings)


def of_method(name: str, help: str, method: type[Method]) -> Subcommand:
    """A subcommand that has one way to work, which is part of psynth."""

    def run(parsed: Parsed) -> int:
        return run_chosen(name, parsed, Chosen(method))

    return Subcommand(name, help, run, [FILES], [Group("Settings", method), *FRAME])


def of_plugin(name: str) -> Subcommand:
    """A subcommand that a plugin registered with ``register_commands``."""
    registry = default_registry()
    registration = registry.registration("command", name)
    found = registry.command(name)
    chosen = Chosen(found, None, {registration.plugin: registry.version_of(registration.plugin)})

    def run(parsed: Parsed) -> int:
        return run_chosen(name, parsed, chosen)

    return Subcommand(name, doc(found) or registration.help, run, [FILES], [Group("Settings", found), *FRAME])


def run_chosen(
    name: str, parsed: Parsed, chosen: Chosen, *, exit_status: bool | None = None, domain_settings: Any = None
) -> int:
    """Run a method over the stream that the options name, and return the exit status.

    ``exit_status`` says whether nothing found is exit 1; by default the option -e does. ``domain_settings`` are
    settings of the domain's that are the method's, too.
    """
    from psynth.cli.pipeline import Pipeline

    pipeline = Pipeline(name, parsed, plugins=chosen.plugins)
    found = pipeline.filter(parsed.of(chosen.method), chosen.name, domain_settings)
    wanted = parsed.of(FoundOption).exit_status if exit_status is None else exit_status
    return NOTHING_FOUND if wanted and not found else 0


def doc(cls: type) -> str:
    """A class's own docstring, without its indentation."""
    return inspect.cleandoc(cls.__dict__.get("__doc__") or "")


def first_known(words: Sequence[str], known: Collection[str]) -> str | None:
    """The first word that is a known name: the DOMAIN or FORMAT, whatever options stand before it."""
    return next((word for word in words if word in known), None)


def option_value(words: Sequence[str], flag: str, short: str = "") -> str | None:
    """The value of an option among words not yet parsed; the last one counts, as it will when they are."""
    value = None
    for place, word in enumerate(words, 1):
        if word == "--":
            break
        if word in (flag, short):
            value = words[place] if place < len(words) else None
        elif word.startswith(flag + "="):
            value = word.removeprefix(flag + "=")
        elif short and word.startswith(short):
            value = word.removeprefix(short)
    return value
