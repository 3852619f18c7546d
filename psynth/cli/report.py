"""psynth report: results of searches and training as tables and curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
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
    from psynth.cli.run import Run
    from psynth.core.stream.records import Header, Library, Record
    from psynth.views.answered import Answered
    from psynth.views.archives import Archives
    from psynth.views.comparing import Comparing, Comparison
    from psynth.views.curves import Gathering
    from psynth.views.gallery import Gallery
    from psynth.views.progress import Progress
    from psynth.views.report_content import ReportContent
    from psynth.views.reuse import Reuse
    from psynth.views.solved_sheet import Solved
    from psynth.views.spending import Spending
    from psynth.views.totals import Totals

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
--baseline) all. The labels task, method and seed identify a run; other labels distinguish series. A reward or score
holds until the next one. --image plots them: a panel for each task, a line for each method, a band of one standard
deviation. It needs an extra: in the checkout of psynth, pip install '.[pictures]'.

Where evaluate --rank has ranked the answers to the tests of tasks, a table counts the tasks solved by the first answer,
by the first two, and by three.

    psynth evaluate --rank length found.jsonl | psynth report --sheet solved.png -

A file of --cache gives a table of what language models were paid: for each subcommand that asked and each model the
answers, the requests without one, the tokens read and written and, where prices were known, the cost.

    psynth report solved.jsonl answers.jsonl

--sheet draws each solved task: its program on the first test, or without tests on the first example, over a green
line, or a yellow one if a later answer solves it. The page of --html has this picture, too.

--progress draws the number of tasks solved in the course of a loop, whose iterations are the step of programs, or else
the files in order: by the programs of one iteration alone, by those of all so far, and the same for each origin of
programs, such as policy, over iterations, programs and CPU seconds. A task is solved if one of its three best programs
is right on the tests. Of evaluate --all-tasks it draws the tasks solved by the first so many programs.

    psynth report --progress --image progress.png iteration-0.jsonl iteration-1.jsonl iteration-2.jsonl

If a stream has a library with learned abstractions, a table counts the solutions (the best program of each solved task)
that call each of them, separately for each split of the tasks, such as train and test.

--baseline puts a run beside others on the tasks that all have: the tasks solved, gained and lost, and what is solved
within equal CPU seconds (of searches with --timing) and within equal programs, with the smaller mean of a task as the
budget. It is spent as if every task were searched with one limit; a search that fails spends all that it took. A task
counts as solved when its search ends: with enumerate --max-frontier 1, at its first solution.

    psynth report --baseline without.jsonl --image both.png with.jsonl

--html writes the report as one page that needs no network and no script: the tables, the curves of all metrics (or of
--metric), what is solved by CPU seconds and by programs, the library with its uses, maps of archives, the first
--pictures tasks with their best programs, and the settings and files of each stage. It needs the same extra as --image.

--totals writes the totals of each file as metric records, with its position as the step: the files are the iterations
of a loop, for instance. Of each split of the tasks there are searched, solved, solved_share, programs, cpu_seconds
(--timing) and cost (the mean of the best solutions in nats), answers_1 to
answers_3 (tasks that so many answers solve), and of each library the number of abstractions.

    psynth report --totals totals.jsonl before.jsonl after.jsonl
    psynth report --html report.html --by file before.jsonl after.jsonl totals.jsonl

--published reads numbers to print beside these, a JSON object from task (or pattern) to one number or several:

    {"*/maze-*": 1.0, "*/harvester-*": {"LEAPS": 0.45, "HPRL": 0.9}}
"""


OWN_LABELS = ("domain", "split")
"""The labels that totals have anyway."""


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
    progress: bool = setting(
        False,
        help="draw the tasks solved by meta-iteration, by programs and by CPU seconds, of each iteration and of all",
    )
    sheet: Path | None = setting(
        None, file="write", help="also draw the solved tasks, each a small picture, to FILE.png"
    )
    html: Path | None = setting(None, file="write", help="also write the report as a page, to FILE.html")
    pictures: int = setting(24, minimum=0, unit="tasks", help="with --html, tasks of each domain to draw")
    totals: Path | None = setting(None, file="write", help="also write the totals of each file as metric records")
    label: tuple[str, ...] = setting((), value="NAME=VALUE", help="with --totals, a label of its metrics (repeatable)")
    scale: Literal["auto", "log", "linear"] = setting(
        "auto", help="axis of the steps; auto: log if they span three decades or more"
    )


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    groups = [Group("What to report", ReportOptions), JSON, TASKS, ERRORS, STRICT, VERBOSITY]
    return Subcommand("report", f"{help}\n\n{DETAILS}", run, [FILES], groups)


def run(parsed: Parsed) -> int:
    """Collect the results of the streams, print them, and write their curves, page and totals."""
    from psynth.cli.run import Run
    from psynth.cli.sink import Sink
    from psynth.views.published import read_published, require_used
    from psynth.views.report_content import ReportContent

    options = parsed.of(ReportOptions)
    published = {} if options.published is None else read_published(options.published)
    _check_targets(parsed, options)
    this_run = Run("report", parsed)
    found = _collected(this_run, options)
    if options.published is not None and not parsed.of(TaskOption).task:
        require_used(published, (row.task for row in found.gathering.rows()), options.published)
    comparisons = found.comparing.comparisons() if options.baseline else []
    curves = found.gathering.curves(_metrics(found.gathering, options))
    curves += [curve for comparison in comparisons for curve in comparison.curves]
    curves += [] if found.progress is None else found.progress.curves()
    content = ReportContent(
        found.gathering.rows(),
        found.gathering.totals(),
        found.reuse.libraries(),
        comparisons,
        found.archives,
        curves,
        published,
        options.scale,
        _notes(found, this_run.report.ends, comparisons, with_baseline=bool(options.baseline)),
        found.answered.rows(),
        found.spending.rows(),
    )
    others = [name for name in found.gathering.metrics() if name not in {curve.metric for curve in curves}]
    if options.image is not None:
        _write_image(options.image, content)
    if options.sheet is not None:
        _write_sheet(options.sheet, found, this_run)
    if options.totals is not None:
        _write_totals(options.totals, found.totals, _labels(options), this_run)
    if options.html is not None:
        _write_page(options.html, found, content, [] if options.metric else others, this_run)
    if parsed.of(JsonOption).json:
        _print_json(content)
    else:
        _print(content)
        if others:
            this_run.messages.note(f"there are other metrics: {', '.join(others)} (--metric)")
        if not any([content.rows, curves, comparisons, found.archives.found, content.spending]):
            this_run.messages.warn("nothing to report: no frontier was searched, and there is no metric")
    Sink(this_run).conclude()
    return 0


@dataclass
class Collected:
    """What was gathered from the records of the streams."""

    gathering: Gathering
    baselines: Gathering
    reuse: Reuse
    comparing: Comparing
    archives: Archives
    totals: Totals
    gallery: Gallery | None
    answered: Answered
    spending: Spending
    progress: Progress | None
    solved: Solved | None
    headers: list[tuple[str, Header]]
    """Of each stream, with the name of its file, which may hold several."""
    libraries: dict[str, Library]


def _check_targets(parsed: Parsed, options: ReportOptions) -> None:
    """UsageError, before anything is read, for an output that could not be written and for options that lack theirs."""
    if options.image is not None:
        from psynth.views import plotting

        plotting.check(options.image)
    if options.html is not None:
        from psynth.views import report_page

        report_page.check(options.html)
    if options.sheet is not None:
        from psynth.views import solved_sheet

        solved_sheet.check(options.sheet)
    if options.label and options.totals is None:
        raise UsageError("--label names metrics of --totals FILE; give both")
    _labels(options)
    if options.totals is not None and standard.names_output(str(options.totals)):
        raise UsageError("--totals: the report is what goes to standard output; give the name of a file")
    written = {"--image": options.image, "--sheet": options.sheet, "--html": options.html, "--totals": options.totals}
    read = [*parsed.arguments["files"], *options.baseline, *filter(None, [options.published])]
    taken = {Path(str(each)).resolve(): "is a file that is read" for each in read}
    for flag, path in written.items():
        if path is not None:
            if path.resolve() in taken:
                raise UsageError(f"{flag} {path}: {taken[path.resolve()]}")
            taken[path.resolve()] = f"{flag} writes this file, too"


def _labels(options: ReportOptions) -> dict[str, str]:
    """The labels of --label; UsageError for one without a name or value, or with a name that is taken."""
    labels: dict[str, str] = {}
    for text in options.label:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise UsageError(f"--label {text}: write NAME=VALUE")
        if name in OWN_LABELS or name in labels:
            raise UsageError(f"--label {text}: there is a label {name} already")
        labels[name] = value
    return labels


def _collected(this_run: Run, options: ReportOptions) -> Collected:
    """Everything of the streams and of the baselines that the report may show."""
    from psynth.cli.source import Source
    from psynth.core.stream.records import Archive, Frontier, Header, Library, Metric, source_of
    from psynth.views.answered import Answered
    from psynth.views.archives import Archives
    from psynth.views.comparing import Comparing
    from psynth.views.curves import Gathering
    from psynth.views.progress import Progress
    from psynth.views.reuse import Reuse
    from psynth.views.spending import Spending
    from psynth.views.totals import Totals

    found = Collected(
        Gathering(options.by),
        Gathering("file"),
        Reuse(),
        Comparing(),
        Archives(),
        Totals(),
        _gallery(options),
        Answered(),
        Spending(),
        Progress() if options.progress else None,
        _solved(options),
        [],
        {},
    )
    source, wanted = Source(this_run), [Header, Library, Archive, Frontier, Metric]
    for record in source.chosen(source.read(wanted, warn=False)):
        name = source_of(record, "–")
        if found.archives.takes(record, name) or _is_of_archive(record):
            continue
        for each in (found.gathering, found.reuse, found.totals, found.answered, found.spending):
            each.add(record)
        if found.solved is not None:
            found.solved.add(record)
        if found.progress is not None:
            found.progress.add(record)
        if found.gallery is not None:
            found.gallery.add(record)
        found.comparing.add(record, baseline=False)
        if isinstance(record, Header):
            found.headers.append((name, record))
        elif isinstance(record, Library):
            found.libraries[record.domain] = record
    if options.baseline:
        paths = [str(path) for path in options.baseline]
        for record in source.chosen(source.read(wanted, warn=False, paths=paths)):
            found.baselines.add(record)
            found.comparing.add(record, baseline=True)
    found.gathering.interrupted.update(found.baselines.interrupted)
    return found


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


def _notes(
    found: Collected, ends: Mapping[str, str], comparisons: Sequence[Comparison], *, with_baseline: bool
) -> list[str]:
    """What a reader of the figures has to know: streams that are not whole, and files that are not averaged."""
    notes = []
    for source, status in ends.items():
        if status == "interrupted":
            cut = found.gathering.interrupted[source]
            notes.append(
                f"{source} was interrupted"
                + (f", after which {counted(cut, 'search', 'searches')} had no result" if cut else "")
            )
    notes += [*found.gathering.missing(), *found.gathering.differences(), *found.baselines.missing()]
    notes += [note for comparison in comparisons for note in comparison.notes]
    return notes + (found.comparing.alone() if with_baseline else [])


def _write_image(path: Path, content: ReportContent) -> None:
    from psynth.cli.targets import binary_output
    from psynth.views import plotting

    if not content.curves:
        raise UsageError(f"--image {path}: there are no metric records to draw curves of")
    with binary_output(path) as stream:
        stream.write(plotting.plot(content.curves, path.suffix.lower(), content.scale, content.published))


def _write_totals(path: Path, totals: Totals, labels: Mapping[str, str], this_run: Run) -> None:
    """Write a stream of metrics. Labels are no settings of its stage: runs with other seeds are averaged."""
    from psynth.core.stream.records import Header
    from psynth.core.stream.writing import open_writer

    with open_writer(str(path)) as writer:
        writer.write(Header(provenance=(this_run.stage({}, []),)))
        for metric in totals.metrics(labels):
            writer.write(metric)
        writer.finish()


def _write_sheet(path: Path, found: Collected, this_run: Run) -> None:
    from psynth.cli.targets import binary_output

    assert found.solved is not None
    picture, notes = found.solved.sheet(this_run.context())
    if picture is None:
        raise UsageError(f"--sheet {path}: {'; '.join(notes) or 'no task is solved'}")
    for note in notes:
        this_run.messages.warn(f"--sheet {path}: {note}")
    with binary_output(path) as stream:
        stream.write(picture)


def _solved(options: ReportOptions) -> Solved | None:
    """What keeps the tasks solved; None if nothing draws them."""
    if options.sheet is None and options.html is None:
        return None
    from psynth.views.solved_sheet import Solved

    return Solved()


def _gallery(options: ReportOptions) -> Gallery | None:
    """What keeps the tasks to draw; None without a page, which needs packages that tables do not."""
    if options.html is None:
        return None
    from psynth.views.gallery import Gallery

    return Gallery(options.pictures)


def _write_page(path: Path, found: Collected, content: ReportContent, metrics: Sequence[str], this_run: Run) -> None:
    """Write the page, with curves of further ``metrics`` and of what is solved by what was spent."""
    from psynth.cli.targets import binary_output
    from psynth.views.contact_sheet import pictures
    from psynth.views.report_page import page

    assert found.gallery is not None
    context = this_run.context()
    # With a baseline the curves of what is solved are there already.
    solved = [] if content.comparisons else found.comparing.solved_curves()
    shown = replace(content, curves=[*content.curves, *found.gathering.curves(metrics), *solved])
    tasks = list(found.gallery.shown(context))
    solved_tasks = None if found.solved is None else found.solved.sheet(context)[0]
    text = page(shown, found.libraries, found.headers, tasks, pictures(context, found.libraries), solved_tasks)
    with binary_output(path) as stream:
        stream.write(text.encode())


def _print(content: ReportContent) -> None:
    from psynth.views.answered import answered_table
    from psynth.views.archives import archive_table
    from psynth.views.comparing import comparison_table
    from psynth.views.report_text import curve_lines, table
    from psynth.views.reuse import reuse_table, searched_lines
    from psynth.views.spending import spending_table

    console = standard.console(highlight=False)
    shown = [table(content.rows, content.published, content.totals)] if content.rows else []
    shown += [answered_table(content.answered)] if content.answered else []
    shown += [spending_table(content.spending)] if content.spending else []
    shown += [reuse_table(use) for use in content.reuse]
    shown += [comparison_table(comparison) for comparison in content.comparisons]
    shown += [archive_table(content.archives)] if content.archives.found else []
    for each in shown:
        console.print(each)
        console.print()
    notes = [*(line for use in content.reuse for line in searched_lines(use)), *content.notes]
    for line in curve_lines(content.curves, content.scale, standard.width()):
        console.print(line)
    for note in notes:
        console.print(note, markup=False, soft_wrap=True)


def _print_json(content: ReportContent) -> None:
    from psynth.views.answered import answered_json
    from psynth.views.archives import archive_json
    from psynth.views.comparing import comparison_json
    from psynth.views.curves import curve_json, row_json, total_json
    from psynth.views.published import figures_for
    from psynth.views.reuse import reuse_json
    from psynth.views.spending import spending_json

    table = [row_json(row) | {"published": figures_for(row.task, content.published)} for row in content.rows]
    data: dict[str, Any] = {"table": table, "curves": [curve_json(curve) for curve in content.curves]}
    data |= {"total": [total_json(row) for row in content.totals]} if content.totals else {}
    data |= {"answers": [answered_json(row) for row in content.answered]} if content.answered else {}
    data |= {"spending": [spending_json(row) for row in content.spending]} if content.spending else {}
    data |= {"reuse": [reuse_json(use) for use in content.reuse]} if content.reuse else {}
    data |= {"comparison": [comparison_json(each) for each in content.comparisons]} if content.comparisons else {}
    data |= {"archives": archive_json(content.archives)} if content.archives.found else {}
    data |= {"notes": list(content.notes)} if content.notes else {}
    print_json(data)
