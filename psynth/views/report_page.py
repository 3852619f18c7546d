"""The report as one HTML page that needs no network: tables, curves, libraries, tasks, and its history."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from psynth import __version__
from psynth.core.errors import UsageError
from psynth.core.extras import installation
from psynth.core.printable import printable
from psynth.core.stream.records import Header, Library, Provenance
from psynth.views import plotting
from psynth.views.answered import answered_table
from psynth.views.archives import archive_table
from psynth.views.comparing import comparison_table
from psynth.views.contact_sheet import Picture, contact_sheet
from psynth.views.gallery import Shown, url_of
from psynth.views.html_text import html_of
from psynth.views.rendering import library_table
from psynth.views.report_content import ReportContent
from psynth.views.report_text import table
from psynth.views.reuse import reuse_table, searched_lines
from psynth.views.spending import spending_table

TEMPLATE = "report_page.html"
WIDE = 200
"""Columns of tables, which scroll where the window is narrower."""
MOST_PANELS = 48
"""Maximum number of panels of curves of a metric; a note says how many are left out."""


@dataclass(frozen=True)
class Stage:
    """One stage of a file's history."""

    command: str
    settings: str
    inputs: tuple[tuple[str, str], ...]
    """The name and SHA-256 of each file read."""

    @classmethod
    def of(cls, stage: Provenance) -> Stage:
        """The stage with its settings as ``name=value``."""
        settings = {**stage.arguments, **({} if stage.seed is None else {"seed": stage.seed})}
        written = ", ".join(f"{name}={_written(value)}" for name, value in settings.items() if value is not None)
        return cls(f"psynth {stage.command}", written, tuple(stage.inputs.items()))


def check(path: Path) -> None:
    """UsageError if the suffix is not that of a page, or if a package is missing that the page is made with."""
    if path.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"--html {path}: write FILE.html")
    _environment()
    plotting.check(path.with_suffix(".svg"))


def page(
    content: ReportContent,
    libraries: Mapping[str, Library],
    headers: Sequence[tuple[str, Header]],
    shown: Sequence[Shown],
    picture: Picture,
    solved: bytes | None = None,
) -> str:
    """The page, with the libraries by domain, the history of each file, and some tasks as they are drawn.

    ``picture`` draws the elites of archives, ``solved`` is the sheet of the solved tasks. The same content gives the
    same page.
    """
    template = _environment().get_template(TEMPLATE)
    parts = {
        "title": f"psynth report: {', '.join(libraries) or 'metrics'}",
        "version": __version__,
        "summary": html_of(_summary(content), WIDE) if content.rows else "",
        "results": html_of(table(content.rows, content.published, content.totals), WIDE) if content.totals else "",
        "answered": html_of(answered_table(content.answered), WIDE) if content.answered else "",
        "spending": html_of(spending_table(content.spending), WIDE) if content.spending else "",
        "solved": None if solved is None else url_of(solved),
        "tasks": len({row.task for row in content.rows}),
        "comparisons": [html_of(comparison_table(each), WIDE) for each in content.comparisons],
        "plots": _plots(content),
        "reuse": [(html_of(reuse_table(each), WIDE), list(searched_lines(each))) for each in content.reuse],
        "libraries": [(name, html_of(library_table(each), WIDE)) for name, each in libraries.items()],
        "archives": html_of(archive_table(content.archives), WIDE) if content.archives.found else "",
        "maps": [
            (f"{task} ({source})", url_of(contact_sheet(elites, task, picture)))
            for source, elites, task in content.archives.tasks()
        ],
        "shown": shown,
        "notes": content.notes,
        "history": [(source, [Stage.of(stage) for stage in header.provenance]) for source, header in headers],
    }
    return str(template.render(parts))


def _summary(content: ReportContent) -> RenderableType:
    """The rows of all tasks, or of the only task."""
    return table([] if content.totals else content.rows, content.published, content.totals)


def _plots(content: ReportContent) -> list[tuple[str, str, int]]:
    """For each metric its name, the URL of its panels, and the number of panels that are left out."""
    plots = []
    for metric, curves in groupby(content.curves, key=lambda curve: curve.metric):
        together = list(curves)
        tasks = list(dict.fromkeys(curve.task for curve in together))
        drawn = {*tasks[:MOST_PANELS]}
        kept = [curve for curve in together if curve.task in drawn]
        # An image of its own: several drawings in one document would share the names of their clipping paths.
        svg = plotting.plot(kept, ".svg", content.scale, content.published)
        plots.append((metric, url_of(svg, "svg+xml"), len(tasks) - len(drawn)))
    return plots


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _environment() -> Any:
    """The templates; text is escaped, and cannot reorder or hide what stands beside it."""
    try:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined
        from markupsafe import Markup
    except ImportError as error:
        raise UsageError(f"--html needs Jinja2 ({error}); {installation('pictures')}") from error

    def finalize(value: Any) -> Any:
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=finalize,
    )
