"""psynth report: results of searches and training as tables and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from psynth.cli.filters import FILES
from psynth.cli.json_output import print_json
from psynth.cli.options import ERRORS, JSON, STRICT, TASKS, VERBOSITY, JsonOption, TaskOption
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core import standard
from psynth.core.errors import UsageError
from psynth.core.settings import did_you_mean, setting
from psynth.core.wording import counted

if TYPE_CHECKING:
    from psynth.core.stream.records import Record
    from psynth.views.archives import Archives
    from psynth.views.comparing import Comparison
    from psynth.views.curves import Curve, Gathering, Row
    from psynth.views.reuse import LibraryUse

DETAILS = """\
The report is a table by task and method, and curves of metrics. Several frontiers of one task and one method, in one
file or in several, are runs of it (with different seeds, for example), and each number is their mean ± sample standard
deviation; (n) follows a mean over only n of the runs. A search that found nothing counts with score 0. Files that were
made with other settings or libraries are not averaged, but shown beside each other. The last rows are the means over
all runs of all tasks. Columns: complete programs tried, the best reward that the search observed, the best program's
reward on re-evaluation and on held-out instances, its score, runs that solved the task, CPU seconds (--timing); empty
columns are omitted. --by file compares files.

    psynth report seed-0.jsonl seed-1.jsonl seed-2.jsonl
    psynth report --by file --image ablations.png full.jsonl without-loss.jsonl
    psynth report --metric loss --scale linear training.jsonl

Curves are made of metric records: by default the rewards and scores of searches if there are any, otherwise (without
--baseline) all. The
labels task, method and seed identify a run; other labels distinguish series. A reward or score holds until the next
one. --image plots them: a panel for each task, a line for each method, a band of one standard deviation. It needs an
extra: in the checkout of psynth, pip install '.[pictures]'.

If a stream has a library with learned abstractions, a table counts the solutions (the best program of each solved task)
that call each of them, separately for each split of the tasks, such as train and test.

--baseline puts a run beside others on the tasks that all have: the tasks solved, gained and lost, and what is solved
within equal CPU seconds (of searches with --timing) and within equal programs, with the smaller mean of a task as the
budget. It is spent as if every task were searched with one limit; a search that fails spends all that it took. A task
counts as solved when its search ends: with enumerate --max-frontier 1, at its first solution.

    psynth report --baseline without.jsonl --image both.png with.jsonl

--published reads numbers to print beside these, a JSON object from task (or pattern) to one number or several:

    {"*/maze-*": 1.0, "*/harvester-*": {"LEAPS": 0.45, "HPRL": 0.9}}
"""


@dataclass(frozen=True)
class ReportOptions:
    """The content of the report."""

    metric: tuple[str, ...] = setting((), unit="name", help="draw curves of this metric (repeatable)")
    by: Literal["method", "file"] = setting("method", help="what to compare")
    baseline: tuple[Path, ...] = setting(
        (), file="read", help="compare with the run in this file at equal budgets (repeatable)"
    )
    published: Path | None = setting(None, file="read", help="a JSON file of published figures to print beside these")
    image: Path | None = setting(None, file="write", help="also draw the curves, to FILE.png, FILE.svg or FILE.pdf")
    scale: Literal["auto", "log", "linear"] = setting(
        "auto", help="axis of the steps; auto: log if they span three decades or more"
    )


@dataclass(frozen=True)
class Tables:
    """What the report has tables of: results of searches, uses of abstractions, and runs beside their baselines."""

    rows: list[Row]
    totals: list[Row]
    reuse: list[LibraryUse]
    comparisons: list[Comparison]
    archives: Archives


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    groups = [Group("What to report", ReportOptions), JSON, TASKS, ERRORS, STRICT, VERBOSITY]
    return Subcommand("report", f"{help}\n\n{DETAILS}", run, [FILES], groups)


def run(parsed: Parsed) -> int:
    """Collect the results of the streams, print them, and draw their curves."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.cli.source import Source
    from psynth.cli.targets import binary_output
    from psynth.core.stream.records import Archive, Frontier, Header, Library, Metric
    from psynth.views.archives import Archives
    from psynth.views.comparing import Comparing
    from psynth.views.curves import Gathering
    from psynth.views.published import read_published, require_used
    from psynth.views.reuse import Reuse

    options = parsed.of(ReportOptions)
    published = {} if options.published is None else read_published(options.published)
    if options.image is not None:
        from psynth.views import plotting

        plotting.check(options.image)
    this_run = Run("report", parsed)
    gathering, baselines, reuse, comparing = Gathering(options.by), Gathering("file"), Reuse(), Comparing()
    source, wanted = Source(this_run), [Header, Library, Archive, Frontier, Metric]
    archives = Archives()
    for record in source.chosen(source.read(wanted, warn=False)):
        place = getattr(record, "place", None)
        if archives.takes(record, "–" if place is None else place.source) or _is_of_archive(record):
            continue
        gathering.add(record)
        reuse.add(record)
        comparing.add(record, baseline=False)
    if options.baseline:
        paths = [str(path) for path in options.baseline]
        for record in source.chosen(source.read(wanted, warn=False, paths=paths)):
            baselines.add(record)
            comparing.add(record, baseline=True)
    if options.published is not None and not parsed.of(TaskOption).task:
        require_used(published, (row.task for row in gathering.rows()), options.published)
    comparisons = comparing.comparisons() if options.baseline else []
    rows, curves = gathering.rows(), gathering.curves(_metrics(gathering, options))
    curves += [curve for comparison in comparisons for curve in comparison.curves]
    gathering.interrupted.update(baselines.interrupted)
    notes = [*_notes(gathering, this_run.report.ends), *baselines.missing()]
    notes += [note for comparison in comparisons for note in comparison.notes]
    notes += comparing.alone() if options.baseline else []
    tables = Tables(rows, gathering.totals(), reuse.libraries(), comparisons, archives)
    if options.image is not None:
        if not curves:
            raise UsageError(f"--image {options.image}: there are no metric records to draw curves of")
        with binary_output(options.image) as stream:
            stream.write(plotting.plot(curves, options.image.suffix.lower(), options.scale, published))
    if parsed.of(JsonOption).json:
        _print_json(tables, curves, published, notes)
    else:
        _print(tables, curves, published, options.scale, notes)
        others = [name for name in gathering.metrics() if name not in {curve.metric for curve in curves}]
        if others:
            this_run.messages.note(f"there are other metrics: {', '.join(others)} (--metric)")
        if not rows and not curves and not comparisons and not archives.found:
            this_run.messages.warn("nothing to report: no frontier was searched, and there is no metric")
    Sink(this_run).conclude()
    return 0


def _is_of_archive(record: Record) -> bool:
    """Whether a record is a metric about an archive as a whole, which the table of archives shows."""
    from psynth.core.archive_figures import describes_archive
    from psynth.core.stream.records import Metric

    return isinstance(record, Metric) and describes_archive(record)


def _metrics(gathering: Gathering, options: ReportOptions) -> list[str]:
    """The metrics to draw; UsageError for an unknown one."""
    from psynth.views.curves import ARCHIVE_CURVES, BEST

    known = gathering.metrics()
    for name in options.metric:
        if name not in known:
            there = f"there are {', '.join(known)}" if known else "there are none"
            raise UsageError(f"--metric: there is no metric {name!r}; {there}{did_you_mean(name, known)}")
    usual = [name for name in BEST if name in known] or [name for name in ARCHIVE_CURVES if name in known]
    return list(options.metric) or usual or ([] if options.baseline else known)


def _notes(gathering: Gathering, ends: Mapping[str, str]) -> list[str]:
    """What a reader of the figures has to know: streams that are not whole, and files that are not averaged."""
    notes = []
    for source, status in ends.items():
        if status == "interrupted":
            cut = gathering.interrupted[source]
            notes.append(
                f"{source} was interrupted"
                + (f", after which {counted(cut, 'search', 'searches')} had no result" if cut else "")
            )
    return [*notes, *gathering.missing(), *gathering.differences()]


def _print(
    tables: Tables,
    curves: list[Curve],
    published: dict[str, dict[str, float]],
    scale: str,
    notes: list[str],
) -> None:
    from psynth.views.archives import archive_table
    from psynth.views.comparing import comparison_table
    from psynth.views.report_text import curve_lines, table
    from psynth.views.reuse import reuse_table, searched_lines

    console = standard.console(highlight=False)
    shown = [table(tables.rows, published, tables.totals)] if tables.rows else []
    shown += [reuse_table(use) for use in tables.reuse]
    shown += [comparison_table(comparison) for comparison in tables.comparisons]
    shown += [archive_table(tables.archives)] if tables.archives.found else []
    for each in shown:
        console.print(each)
        console.print()
    notes = [*(line for use in tables.reuse for line in searched_lines(use)), *notes]
    for line in curve_lines(curves, scale, standard.width()):
        console.print(line)
    for note in notes:
        console.print(note, markup=False, soft_wrap=True)


def _print_json(
    tables: Tables,
    curves: list[Curve],
    published: dict[str, dict[str, float]],
    notes: list[str],
) -> None:
    from psynth.views.archives import archive_json
    from psynth.views.comparing import comparison_json
    from psynth.views.curves import curve_json, row_json, total_json
    from psynth.views.published import figures_for
    from psynth.views.reuse import reuse_json

    table = [row_json(row) | {"published": figures_for(row.task, published)} for row in tables.rows]
    data: dict[str, Any] = {"table": table, "curves": [curve_json(curve) for curve in curves]}
    data |= {"total": [total_json(row) for row in tables.totals]} if tables.totals else {}
    data |= {"reuse": [reuse_json(use) for use in tables.reuse]} if tables.reuse else {}
    data |= {"comparison": [comparison_json(each) for each in tables.comparisons]} if tables.comparisons else {}
    data |= {"archives": archive_json(tables.archives)} if tables.archives.found else {}
    data |= {"notes": notes} if notes else {}
    print_json(data)
