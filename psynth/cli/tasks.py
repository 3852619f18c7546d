"""psynth tasks: write a domain's tasks as empty frontiers, after its library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from psynth.cli.filters import LIMIT, OUTPUT, SEED, SHARD, TALK, first_known
from psynth.cli.subcommand import Argument, Group, Parsed, Subcommand
from psynth.core.settings import setting
from psynth.plugins.registry import default_registry

HELP = """Write a domain's tasks as frontiers without programs, after the domain's library.

The domain's own settings are options too: psynth help tasks list.

    psynth tasks list --split test
    psynth tasks regex --seed 1 | psynth enumerate | psynth compress
"""


@dataclass(frozen=True)
class PrimitivesOption:
    """Which of the domain's languages."""

    primitives: str | None = setting(None, help="the set of primitives; the domain's first if not given")


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the domain that ``words`` name."""
    registry = default_registry()
    known = tuple(registry.offers("domain"))
    name = first_known(words, known)
    argument = Argument("domain", "DOMAIN", "whose tasks; psynth plugins lists the domains", required=True, known=known)
    groups = [Group("Language", PrimitivesOption), LIMIT, SHARD, OUTPUT, SEED, TALK]
    text = HELP
    if name is not None:
        domain = registry.domain(name)
        groups.insert(0, Group(f"Settings of the domain {name}", domain.TaskSettings))
        sets = "\n".join(f"    {each:<12} {help}" for each, help in domain.primitive_sets.items())
        text = f"{HELP.strip()}\n\nDomain {name}: {domain.help}. Its sets of primitives:\n\n{sets}"
    return Subcommand("tasks", text, run, [argument], groups)


def run(parsed: Parsed) -> int:
    """Write the tasks."""
    from psynth.cli.pipeline import Pipeline

    registry = default_registry()
    [name] = parsed.arguments["domain"]
    registration = registry.registration("domain", name)
    pipeline = Pipeline("tasks", parsed, plugins={registration.plugin: registry.version_of(registration.plugin)})
    pipeline.tasks(registry.domain(name), parsed.of(PrimitivesOption).primitives)
    return 0
