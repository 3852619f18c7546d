"""The help of psynth itself, from the table of subcommands alone."""

from __future__ import annotations

from psynth.cli.page import Example, Page, Paragraph, Section, Terms, status_table
from psynth.cli.table import ALIASES, GROUPS, TABLE

OPTIONS = (
    ("-h, --help", "show this text, with --help all of it; after NAME, the help of that subcommand"),
    ("-V, --version", "show the version"),
)
ENVIRONMENT = (
    ("PSYNTH_PLUGINS", "names of the plugins to load, separated by commas; -NAME leaves one out (default: all)"),
    ("PSYNTH_DEBUG", "1: show the traceback of an internal error"),
    ("NO_COLOR", "no colors, whatever its value"),
    ("COLUMNS", "columns of the terminal; output that goes elsewhere is never wrapped"),
)


def root_page(*, short: bool = False) -> Page:
    """The page of ``psynth --help``; the short one leaves out environment variables and exit statuses."""
    sections = [Section("", (Paragraph("Program synthesis as Unix filters over one stream of frontiers."),))]
    for group, title in GROUPS.items():
        rows = [(name, verb.summary) for name, verb in TABLE.items() if verb.group == group]
        rows += [
            (alias, f"Alias of psynth {' '.join(words)}")
            for alias, words in ALIASES.items()
            if TABLE[words[0]].group == group
        ]
        sections.append(Section(title, (Terms(tuple(rows)),)))
    sections.append(Section("Options", (Terms(OPTIONS),)))
    if not short:
        sections += [
            Section("Environment", (Terms(ENVIRONMENT),)),
            Section("Exit status", (status_table(),)),
            Section("", (Paragraph("Plugins may add subcommands and methods: psynth plugins lists them."),)),
        ]
    example = Example(("psynth enumerate -d list | psynth compress | psynth document > library.jsonl",))
    sections.append(Section("Example", (example,)))
    summary = "program synthesis as Unix filters over one stream of frontiers"
    return Page("psynth", summary, "psynth NAME [OPTIONS] [FILE…]", tuple(sections))


def root_help(width: int | None, *, short: bool = False) -> str:
    """The text of ``psynth --help``."""
    from psynth.cli.page_text import page_text

    return page_text(root_page(short=short), width)
