"""psynth export: turns a stream into a file or a folder of another format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from psynth.cli.conversion import with_format
from psynth.cli.filters import FILES
from psynth.cli.options import ERRORS, LIMIT, OUTPUT, SHARD, STRICT, TASKS, VERBOSITY, OutputOptions
from psynth.cli.subcommand import Parsed, Subcommand
from psynth.plugins.registry import default_registry

DETAILS = """\
The file is written to standard output, or to -o FILE; some formats write a folder. The format's own settings are
options too: psynth help export FORMAT.

    psynth export stitch library.jsonl > programs.json
"""


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand with the settings of the format that ``words`` name; ``help`` is its summary."""
    groups = [TASKS, LIMIT, SHARD, ERRORS, STRICT, OUTPUT, VERBOSITY]
    return with_format("export", f"{help}\n\n{DETAILS}", run, FILES, groups, words)


def run(parsed: Parsed) -> int:
    """Read records and write the file or the folder."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source
    from psynth.cli.targets import binary_output
    from psynth.core.files import whole_folder
    from psynth.core.stream.scope import with_libraries

    [name] = parsed.arguments["format"]
    format = parsed.of(default_registry().format(name))
    this_run = Run("export", parsed)
    if this_run.on_error == "keep":
        this_run.on_error = "skip"  # another format cannot hold a bad record
    source, context = Source(this_run), this_run.context()
    records = with_libraries(source.chosen(source.read()), context.library_for, source.libraries(), context.bad_input)
    target = parsed.of(OutputOptions).output
    if target is not None and format.folders and not target.suffix and target != Path("-"):
        with whole_folder(target) as folder:
            format.write_folder(records, folder, context)
    else:
        with binary_output(target) as stream:
            format.write(records, stream, context)
    Sink(this_run).conclude()
    return 0
