"""psynth import: turns files of another format into a stream."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli.conversion import with_format
from psynth.cli.options import ERRORS, LIMIT, OUTPUT, SHARD, STRICT, TASKS, VERBOSITY
from psynth.cli.subcommand import Parsed, Subcommand
from psynth.core.settings import Argument, files_read, settings_json
from psynth.plugins.registry import default_registry

DETAILS = """\
The format's own settings are options too: psynth help import FORMAT.

    psynth import dreamcoder frontiers.json > frontiers.jsonl
"""


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the format that ``words`` name; ``help`` is its summary."""
    files = Argument("files", "FILE", "the files to read; - is standard input", repeated=True, required=True)
    groups = [TASKS, LIMIT, SHARD, ERRORS, STRICT, OUTPUT, VERBOSITY]
    return with_format("import", f"{help}\n\n{DETAILS}", run, files, groups, words)


def run(parsed: Parsed) -> int:
    """Read the files and write records."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source
    from psynth.core.files import check_readable
    from psynth.core.stream.reading import with_end, with_provenance

    registry = default_registry()
    [name] = parsed.arguments["format"]
    registration = registry.registration("format", name)
    format = parsed.of(registry.format(name))
    this_run = Run("import", parsed, plugins={registration.plugin: registry.version_of(registration.plugin)})
    if this_run.on_error == "keep":
        this_run.on_error = "skip"  # what is no record in a file of another format cannot be kept as one
    source, sink = Source(this_run), Sink(this_run)
    paths = source.paths()
    if not format.folders:
        for path in paths:
            check_readable(path)  # before its digest: a folder given by mistake may be huge
    arguments = {"format": name, **settings_json(format, "import")}
    stage = this_run.stage(arguments, inputs=[*paths, *files_read(format)])
    records = with_provenance(source.chosen(format.read(paths, this_run.context())), stage)
    sink.write(with_end(records, this_run.report))
    sink.conclude()
    return 0
