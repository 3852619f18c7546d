"""psynth import: turn files of another format into a stream."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli.filters import ERRORS, LIMIT, OUTPUT, SEED, SHARD, STRICT, TALK, doc, first_known
from psynth.cli.subcommand import Argument, Group, Parsed, Subcommand
from psynth.plugins.registry import default_registry

HELP = """Turn files of another format into a stream.

The format's own settings are options too: psynth help import FORMAT.

    psynth import dreamcoder frontiers.json > frontiers.jsonl
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the format that ``words`` name."""
    registry = default_registry()
    known = tuple(registry.offers("format"))
    name = first_known(words, known)
    arguments = [
        Argument("format", "FORMAT", "the format; psynth plugins lists them", required=True, known=known),
        Argument("files", "FILE", "what to read; - is standard input", repeated=True, required=True),
    ]
    groups = [LIMIT, SHARD, ERRORS, STRICT, OUTPUT, SEED, TALK]
    text = HELP
    if name is not None:
        found = registry.format(name)
        groups.insert(0, Group(f"Settings of the format {name}", found, "import"))
        text = f"{HELP.strip()}\n\nFormat {name}: {doc(found) or found.help}"
    return Subcommand("import", text, run, arguments, groups)


def run(parsed: Parsed) -> int:
    """Read the files and write records."""
    from psynth.cli.pipeline import Pipeline

    registry = default_registry()
    [name] = parsed.arguments["format"]
    registration = registry.registration("format", name)
    chosen = parsed.of(registry.format(name))
    pipeline = Pipeline("import", parsed, plugins={registration.plugin: registry.version_of(registration.plugin)})
    pipeline.imported(name, chosen)
    return 0
