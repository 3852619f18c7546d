"""psynth tasks: writes a domain's tasks as frontiers, empty or with seed programs, after its library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.options import LIMIT, OUTPUT, SEED, SHARD, TASKS, VERBOSITY
from psynth.cli.page import method_title
from psynth.cli.parsing import Preview, resolve
from psynth.cli.subcommand import Group, Note, Parsed, Subcommand
from psynth.core.errors import UsageError
from psynth.core.settings import Argument, fields_of, files_read, setting, settings_json
from psynth.plugins.registry import default_registry

DETAILS = """\
The domain's own settings are options too: psynth help tasks list.

    psynth tasks list --split test
    psynth tasks regex --seed 1 | psynth enumerate | psynth compress
    psynth tasks sodarace --seeds python | psynth evaluate
"""


@dataclass(frozen=True)
class DomainOption:
    """The domain, as in other subcommands, and its language."""

    domain: str | None = setting(
        None, flag="-d/--domain", value="DOMAIN", help="the domain, as in other subcommands", provenance=False
    )
    primitives: str | None = setting(None, value="SET", help="the set of primitives (default: the domain's first)")
    seeds: str | None = setting(
        None, value="LANGUAGE", help="also write the domain's seed programs in a language, such as python"
    )


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the domain that ``words`` name; ``help`` is its summary."""
    domains = default_registry().offers("domain")

    def choice(seen: Preview) -> str | None:
        return next((word for word in (seen.options.get("domain"), *seen.arguments) if word in domains), None)

    return resolve(words, choice, lambda name: _of_domain(name, f"{help}\n\n{DETAILS}"))[0]


def _of_domain(name: str | None, help: str) -> Subcommand:
    offers = default_registry().offers("domain")
    argument = Argument("domain", "DOMAIN", "the domain, if -d does not name it", known=tuple(offers))
    groups = [Group("Domain", DomainOption), TASKS, LIMIT, SHARD, OUTPUT, SEED, VERBOSITY]
    notes = [Note("Domains", rows={each.name: each.help for each in offers.values()})]
    if name is not None:
        domain = default_registry().domain(name)
        if any(field.name == "task" for field in fields_of(domain.TaskSettings)):
            groups.remove(TASKS)
        groups.insert(0, Group(f"Settings of the domain {name}", domain.TaskSettings, own=True))
        default = next(iter(domain.primitive_sets))
        sets = {method_title(each, default): text for each, text in domain.primitive_sets.items()}
        notes = [
            Note(f"Domain {name}", f"{domain.help[:1].upper()}{domain.help[1:]}."),
            Note("Sets of primitives (--primitives)", rows=sets),
        ]
    return Subcommand("tasks", help, run, [argument], groups, notes=notes)


def run(parsed: Parsed) -> int:
    """Write the tasks."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source
    from psynth.core.stream.reading import with_end, with_provenance

    registry = default_registry()
    options = parsed.of(DomainOption)
    name = _named(parsed, options)
    registration = registry.registration("domain", name)
    domain = registry.domain(name)
    settings, primitives, seeds = parsed.of(domain.TaskSettings), options.primitives, options.seeds
    this_run = Run("tasks", parsed, plugins={registration.plugin: registry.version_of(registration.plugin)})
    records = Source(this_run).chosen(domain.records(settings, this_run.seed, primitives, seeds=seeds))
    chosen = {"primitives": primitives} | ({} if seeds is None else {"seeds": seeds})
    arguments = {"domain": name, **chosen, **settings_json(settings)}
    records = with_provenance(records, this_run.stage(arguments, files_read(settings)))
    sink = Sink(this_run)
    sink.write(with_end(records, this_run.report))
    sink.conclude()
    return 0


def _named(parsed: Parsed, options: DomainOption) -> str:
    """The domain that the argument or -d names."""
    named = [*parsed.arguments["domain"], *([] if options.domain is None else [options.domain])]
    if not named:
        raise UsageError("name a domain: psynth tasks DOMAIN, or -d DOMAIN; psynth tasks --help lists them")
    if len(set(named)) > 1:
        raise UsageError(f"{named[0]!r} and -d {named[1]!r} are two domains; give one of them")
    return named[0]
