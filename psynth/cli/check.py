"""psynth check: reports the errors in a stream, and counts its records."""

from __future__ import annotations

from collections.abc import Sequence

from psynth.cli.filters import FILES
from psynth.cli.json_output import print_json
from psynth.cli.options import JSON, STRICT, TASKS, VERBOSITY, JsonOption, StrictOption
from psynth.cli.subcommand import Parsed, Subcommand
from psynth.core import standard
from psynth.core.errors import IncompleteError, InputError
from psynth.core.printable import one_line
from psynth.core.wording import counted

DETAILS = """\
The stream is read to its end. Errors are lines that are not records, libraries with definitions that do not fit their
types, duplicate tasks, and programs that do not parse, are ill typed or use unknown primitives. Exit status 3 if there
are errors, else 0; with --strict, exit status 4 if the stream was cut short, its end says budget or interrupted, or
shards are missing.

    psynth check solved.jsonl
"""


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    return Subcommand("check", f"{help}\n\n{DETAILS}", run, [FILES], [TASKS, STRICT, JSON, VERBOSITY])


def run(parsed: Parsed) -> int:
    """Check, and print the report."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source
    from psynth.plugins.checking import Report, check

    this_run = Run("check", parsed)
    report = Report()
    source = Source(this_run)
    check(source.chosen(source.read(bad=report.problem)), this_run.context(), report)
    report.end = this_run.report.end.status if this_run.report.end is not None else None
    if parsed.of(JsonOption).json:
        print_json(report.to_json())
    else:
        for kind, count in sorted(report.counts.items()):
            print(f"{count:>9}  {kind}", file=standard.out())
        if this_run.report.status != "complete":
            print(f"{this_run.report.status:>9}  end", file=standard.out())
        print(f"{report.programs:>9}  programs", file=standard.out())
        if report.interrupted:
            print(f"{report.interrupted:>9}  searches interrupted", file=standard.out())
        print(f"{report.solved:>9}  frontiers solved", file=standard.out())
        if report.without_criterion:
            print(f"{report.without_criterion:>9}  tasks without examples or an environment", file=standard.out())
        for message in report.missing:
            print(message, file=standard.out())
        for problem in report.problems:
            print(f"wrong: {one_line(problem)}", file=standard.out())
        if report.wrong > len(report.problems):
            print(f"wrong: {report.wrong - len(report.problems)} more", file=standard.out())
    if report.empty:
        tasks = counted(report.empty, "task has", "tasks have")
        this_run.messages.warn(f"{tasks} no programs, and no examples or environment to search for them by")
    if report.wrong:
        standard.out().flush()
        this_run.complain()
        raise InputError(f"{report.wrong} {'error' if report.wrong == 1 else 'errors'} in the stream")
    Sink(this_run).conclude()
    if report.missing and parsed.of(StrictOption).strict:
        raise IncompleteError("incomplete: shards are missing (--strict)")
    return 0
