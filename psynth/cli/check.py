"""psynth check: say whether a stream is sound, and what it holds."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from psynth.cli.filters import FILES, STRICT, TALK
from psynth.cli.options import JsonOption
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core.errors import InputError

HELP = """Read a stream to its end and say what it holds and what is wrong with it.

Lines that are no records, libraries whose definitions do not fit their types, tasks that stand twice, programs that do
not parse, are ill typed or use unknown primitives. Exit status 3 if anything is wrong, else 0; a missing end is exit
status 4 with --strict.

    psynth check solved.jsonl
"""


def subcommand(words: Sequence[str]) -> Subcommand:
    """The subcommand's arguments, options and function."""
    groups = [STRICT, Group("Options", JsonOption), TALK]
    return Subcommand("check", HELP, run, [FILES], groups)


def run(parsed: Parsed) -> int:
    """Check, and print the report."""
    from psynth.cli.pipeline import Pipeline
    from psynth.plugins.checking import Report, check

    pipeline = Pipeline("check", parsed)
    report = Report()
    check(pipeline.read(bad=report.problem), pipeline.context(), report)
    report.end = pipeline.report.end.status if pipeline.report.end is not None else None
    if parsed.of(JsonOption).json:
        import orjson

        sys.stdout.buffer.write(orjson.dumps(report.to_json(), option=orjson.OPT_INDENT_2) + b"\n")
    else:
        for kind, count in sorted(report.counts.items()):
            print(f"{count:>9}  {kind}")
        print(f"{report.programs:>9}  programs")
        print(f"{report.solved:>9}  frontiers solved")
        for problem in report.problems:
            print(f"wrong: {problem}")
        if report.wrong > len(report.problems):
            print(f"wrong: {report.wrong - len(report.problems)} more")
    if report.wrong:
        sys.stdout.flush()
        pipeline.tell()
        raise InputError(f"{report.wrong} {'thing is' if report.wrong == 1 else 'things are'} wrong with the stream")
    pipeline.conclude()
    return 0
