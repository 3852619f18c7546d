"""psynth tasks: writes a domain's tasks as empty frontiers, after its library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.options import LIMIT, OUTPUT, SEED, SHARD, VERBOSITY
from psynth.cli.parsing import Preview, resolve
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core.settings import Argument, files_read, setting, settings_json
from psynth.plugins.registry import default_registry

DETAILS = """\
The domain's own settings are options too: psynth help tasks list.

    psynth tasks list --split test
    psynth tasks regex --seed 1 | psynth enumerate | psynth compress
"""


@dataclass(frozen=True)
class PrimitivesOption:
    """The choice of the domain's language."""

    primitives: str | None = setting(None, help="the set of primitives (default: the domain's first)")


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the domain that ``words`` name; ``help`` is its summary."""
    domains = default_registry().offers("domain")

    def choice(seen: Preview) -> str | None:
        return next((word for word in seen.arguments if word in domains), None)

    return resolve(words, choice, lambda name: _of_domain(name, f"{help}\n\n{DETAILS}", tuple(domains)))[0]


def _of_domain(name: str | None, help: str, known: Sequence[str]) -> Subcommand:
    argument = Argument("domain", "DOMAIN", "the domain; psynth plugins lists the domains", required=True, known=known)
    groups = [Group("Language", PrimitivesOption), LIMIT, SHARD, OUTPUT, SEED, VERBOSITY]
    if name is not None:
        domain = default_registry().domain(name)
        groups.insert(0, Group(f"Settings of the domain {name}", domain.TaskSettings))
        width = max(map(len, domain.primitive_sets))
        sets = "\n".join(f"    {each:<{width}}  {text}" for each, text in domain.primitive_sets.items())
        help = f"{help.strip()}\n\nDomain {name}: {domain.help}. Its sets of primitives:\n\n{sets}"
    return Subcommand("tasks", help, run, [argument], groups)


def run(parsed: Parsed) -> int:
    """Write the tasks."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source
    from psynth.core.stream.reading import with_end, with_provenance

    registry = default_registry()
    [name] = parsed.arguments["domain"]
    registration = registry.registration("domain", name)
    domain = registry.domain(name)
    settings, primitives = parsed.of(domain.TaskSettings), parsed.of(PrimitivesOption).primitives
    this_run = Run("tasks", parsed, plugins={registration.plugin: registry.version_of(registration.plugin)})
    records = Source(this_run).chosen(domain.records(settings, this_run.seed, primitives))
    arguments = {"domain": name, "primitives": primitives, **settings_json(settings)}
    records = with_provenance(records, this_run.stage(arguments, files_read(settings)))
    Sink(this_run).write(with_end(records, this_run.report))
    return 0
