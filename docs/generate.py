"""Writes docs/commands/: a page for each subcommand, from the same tables as its help (`python docs/generate.py`)."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psynth.cli import dispatch
from psynth.cli.exit_status import EXIT_STATUSES, exit_rows
from psynth.cli.table import ALIASES, TABLE
from psynth.plugins.format import Format
from psynth.plugins.registry import default_registry

FOLDER = Path(__file__).parent / "commands"


def pages() -> dict[str, str]:
    """The text of each page by file name."""
    found = {f"{name}.md": "\n".join(_page(name)) + "\n" for name in TABLE}
    rows = [f"| [`{name}`]({name}.md) | {verb.summary} |" for name, verb in TABLE.items()]
    rows += [f"| `{alias}` | Alias of `psynth {' '.join(words)}` |" for alias, words in ALIASES.items()]
    statuses = [f"| {status} | {meaning} |" for status, meaning in EXIT_STATUSES.items()]
    exits = ["## Exit status", "", "| | |", "|---|---|", *statuses]
    found["README.md"] = "\n".join(["# Subcommands", "", "| | |", "|---|---|", *rows, "", *exits, ""])
    return found


def _page(name: str) -> Iterator[str]:
    plain = dispatch.subcommand(name).to_json()
    yield f"# psynth {name}"
    yield ""
    yield f"    {plain['usage']}"
    yield ""
    yield _text(plain["help"])
    yield ""
    for method in plain["methods"]:
        chosen = dispatch.subcommand(name, ["--method", method["name"]]).to_json()
        default = " (default)" if method["name"] == plain["default_method"] else ""
        yield f"## Method `{method['name']}`{default}"
        yield ""
        yield from (_text(chosen["notes"][-1]["text"]), "")
        yield from _options(option for option in chosen["options"] if option["group"].startswith("Settings of"))
    yield from _subjects(name)
    groups = list(dict.fromkeys(option["group"] for option in plain["options"]))
    for group in groups:
        if group.startswith("Settings of"):
            continue
        yield f"## {group}"
        yield ""
        yield from _options(option for option in plain["options"] if option["group"] == group)
    exits = dispatch.subcommand(name).exit_statuses or dict(exit_rows(dispatch.subcommand(name).flags()))
    yield from ("## Exit status", "", "| | |", "|---|---|")
    yield from (f"| {status} | {meaning} |" for status, meaning in exits.items())


def _text(text: str) -> str:
    """A docstring as it stands on the page."""
    return textwrap.dedent(text).strip()


def _subjects(name: str) -> Iterator[str]:
    """The domains of ``tasks`` and the formats of ``import`` and ``export``, each with its own options."""
    kind = {"tasks": "domain", "import": "format", "export": "format"}.get(name)
    if kind is None:
        return
    for subject in default_registry().offers(kind):
        if kind == "format" and not _converts(subject, name):
            continue
        chosen = dispatch.subcommand(name, [subject]).to_json()
        own = [option for option in chosen["options"] if subject in option["group"]]
        yield f"## {kind.capitalize()} `{subject}`"
        yield ""
        for note in chosen["notes"]:
            if note["text"]:
                yield from (_text(note["text"]), "")
            if note["rows"]:
                yield from (f"{note['title']}:", "", "| | |", "|---|---|")
                yield from (f"| `{term}` | {text} |" for term, text in note["rows"].items())
                yield ""
        yield from _options(iter(own))


def _converts(format: str, direction: str) -> bool:
    """Whether a format can be imported, or exported."""
    method = {"import": "read", "export": "write"}[direction]
    return getattr(default_registry().format(format), method) is not getattr(Format, method)


def _options(options: Iterator[dict[str, Any]]) -> Iterator[str]:
    rows = [_row(option) for option in options]
    if rows:
        yield from ["| option | default | |", "|---|---|---|", *rows, ""]


def _row(option: dict[str, Any]) -> str:
    value = f" {option['metavar']}" if option["metavar"] else ""
    flags = ", ".join(f"`{flag}`" for flag in option["flags"][:-1]) + (", " if option["flags"][1:] else "")
    flags += f"`{option['flag']}{value}`".replace("|", "\\|")
    default = option["default"]
    switch = option["type"] == "bool"
    shown = ("on" if default else "") if switch else "" if default in (None, []) else f"`{default}`"
    return f"| {flags} | {shown} | {option['help']} |"


def main() -> None:
    """Write the pages, and remove those of subcommands that are gone."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    main()
