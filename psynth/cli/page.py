"""The content of a help page, from the declarations of a subcommand; text and man page are two renderings of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from psynth.cli.exit_status import EXIT_STATUSES, exit_rows

if TYPE_CHECKING:
    from psynth.cli.subcommand import Group, Note, Subcommand
    from psynth.core.settings import Argument, SettingField

WIDEST_TERM = 34
"""Maximum width of an option with the choices of its value; wider ones list the choices in the text."""
SHORT_OPTIONS = 5
"""Maximum number of a method's, domain's or format's settings on the short page if none is declared to be main."""


@dataclass(frozen=True)
class Paragraph:
    """Prose, on one line whatever its length."""

    text: str


@dataclass(frozen=True)
class Example:
    """Lines to type or to copy, without indentation."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """Terms with their explanations."""

    rows: tuple[tuple[str, str], ...]


Block = Paragraph | Example | Terms


@dataclass(frozen=True)
class Section:
    """A part of a page with a heading; the first part has none."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Page:
    """A help page. ``title`` is what it explains, ``summary`` one sentence without full stop."""

    title: str
    summary: str
    usage: str
    sections: tuple[Section, ...]


def page_of(subcommand: Subcommand) -> Page:
    """Everything about a subcommand, including the method, domain or format that its words name."""
    first, *rest = blocks_of(subcommand.help)
    sections = [Section("", (first, *rest))]
    sections += [_note(note) for note in subcommand.notes]
    if subcommand.arguments:
        sections.append(Section("Arguments", (Terms(tuple(_argument(each) for each in subcommand.arguments)),)))
    sections += _option_sections(subcommand.groups)
    statuses = tuple(subcommand.exit_statuses.items()) or exit_rows(subcommand.flags())
    sections.append(Section("Exit status", (Terms(statuses),)))
    return Page(f"psynth {subcommand.name}", subcommand.summary.rstrip("."), subcommand.usage, tuple(sections))


def short_page_of(subcommand: Subcommand) -> Page:
    """The summary and the main options of a subcommand, which fit on one screen."""
    fields = [field for group in subcommand.groups for field in main_fields(group)]
    rows = tuple(_option(field) for field in fields)
    sections = [Section("", (Paragraph(subcommand.summary),))]
    if len(subcommand.methods) > 1:
        names = ", ".join(method_title(name, subcommand.default_method) for name in subcommand.methods)
        sections.append(Section("", (Paragraph(f"Methods: {names}."),)))
    if rows:
        sections.append(Section("Main options", (Terms(rows),)))
    total = sum(len(group.fields) for group in subcommand.groups)
    more = f"psynth {subcommand.name} --help explains {'all ' + str(total) + ' options' if total else 'it'}."
    sections.append(Section("", (Paragraph(more),)))
    return Page(f"psynth {subcommand.name}", subcommand.summary.rstrip("."), subcommand.usage, tuple(sections))


def main_fields(group: Group) -> list[SettingField]:
    """The options of a group on the short page: those declared to be main; of a plugin's settings else the first."""
    fields = group.fields
    main = [field for field in fields if field.main]
    return main or (fields[:SHORT_OPTIONS] if group.own else [])


def method_title(name: str, default: str | None) -> str:
    """A method as lists write it: with a mark if it is the default."""
    return f"{name} (default)" if name == default else name


def status_table() -> Terms:
    """The table of all exit statuses."""
    return Terms(tuple((str(code), text) for code, text in EXIT_STATUSES.items()))


def blocks_of(text: str) -> tuple[Block, ...]:
    """A docstring as paragraphs and examples, which are indented and separated from prose by blank lines."""
    return tuple(_blocks(text))


def _blocks(text: str) -> Iterator[Block]:
    for part in text.strip("\n").split("\n\n"):
        for indented, lines in groupby(part.strip("\n").splitlines(), key=lambda line: line.startswith("    ")):
            if indented:
                yield Example(tuple(line[4:] for line in lines))
            else:
                yield Paragraph(" ".join(" ".join(lines).replace("``", "").split()))


def _note(note: Note) -> Section:
    rows = (Terms(tuple(note.rows.items())),) if note.rows else ()
    return Section(note.title, (*blocks_of(note.text), *rows))


def _option_sections(groups: Sequence[Group]) -> Iterator[Section]:
    """A section for each title, as several groups may share one."""
    for title in dict.fromkeys(group.title for group in groups):
        fields = [field for group in groups if group.title == title for field in group.fields]
        if fields:
            yield Section(title, (Terms(tuple(_option(field) for field in fields)),))


def _argument(argument: Argument) -> tuple[str, str]:
    return (f"-- {argument.metavar}…" if argument.after_dashes else argument.metavar), argument.help


def _option(field: SettingField) -> tuple[str, str]:
    short = ", ".join(field.flags[:-1])
    name = f"{short}, {field.flag}" if short else f"    {field.flag}"
    text = field.help
    if field.kind == "bool":
        return (f"{name}, {field.negative}", f"{text} [default: on]") if field.negative else (name, text)
    term = f"{name} {field.metavar}"
    if field.choices and len(term) > WIDEST_TERM:
        term = f"{name} CHOICE"
        text += f": {', '.join(field.choices)}"
    return term, text + (f" [default: {field.default_text}]" if field.default_text else "")
