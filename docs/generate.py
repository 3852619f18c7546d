"""Writes docs/commands/: a page for each subcommand, from the same tables as its help (`python docs/generate.py`)."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psynth.cli import dispatch
from psynth.cli.table import ALIASES, TABLE
from psynth.plugins.format import Format
from psynth.plugins.registry import default_registry

FOLDER = Path(__file__).parent / "commands"


def pages() -> dict[str, str]:
    """The text of each page by file name."""
    found = {f"{name}.md": "\n".join(_page(name)) + "\n" for name in TABLE}
    rows = [f"| [`{name}`]({name}.md) | {verb.summary} |" for name, verb in TABLE.items()]
    rows += [f"| `{alias}` | Alias of `psynth {' '.join(words)}` |" for alias, words in ALIASES.items()]
    found["README.md"] = "\n".join(["# Subcommands", "", "| | |", "|---|---|", *rows, ""])
    return found


def _page(name: str) -> Iterator[str]:
    plain = dispatch.subcommand(name).to_json()
    yield f"# psynth {name}"
    yield ""
    yield f"    {plain['usage']}"
    yield ""
    yield _base_help(name, plain["help"])
    yield ""
    for method in plain["methods"]:
        chosen = dispatch.subcommand(name, ["--method", method["name"]]).to_json()
        yield f"## Method `{method['name']}`"
        yield ""
        yield f"{method['help'][:1].upper()}{method['help'][1:]}."
        yield ""
        yield from _options(option for option in chosen["options"] if option["group"].startswith("Settings of"))
    yield from _subjects(name)
    groups = list(dict.fromkeys(option["group"] for option in plain["options"]))
    for group in groups:
        if group.startswith("Settings of"):
            continue
        yield f"## {group}"
        yield ""
        yield from _options(option for option in plain["options"] if option["group"] == group)


def _base_help(name: str, text: str) -> str:
    """The help without the parts about methods, which have sections of their own."""
    return textwrap.dedent(text.split("\nMethods:")[0].split("\nMethod ")[0]).strip()


def _subjects(name: str) -> Iterator[str]:
    """The domains of ``tasks`` and the formats of ``import`` and ``export``, each with its own options."""
    kind = {"tasks": "domain", "import": "format", "export": "format"}.get(name)
    if kind is None:
        return
    for subject, offer in default_registry().offers(kind).items():
        if kind == "format" and not _converts(subject, name):
            continue
        chosen = dispatch.subcommand(name, [subject]).to_json()
        own = [option for option in chosen["options"] if subject in option["group"]]
        yield f"## {kind.capitalize()} `{subject}`"
        yield ""
        yield f"{offer.help[:1].upper()}{offer.help[1:]}."
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
    flags = ", ".join(f"`{flag}`" for flag in option["flags"])
    default = option["default"]
    switch = option["type"] == "bool"
    shown = ("on" if default else "") if switch else "" if default in (None, []) else f"`{default}`"
    unit = f" ({option['unit']})" if option["unit"] else ""
    choices = f": {', '.join(option['choices'])}" if option.get("choices") else ""
    return f"| {flags} | {shown} | {option['help']}{unit}{choices} |".replace("|N", "\\|N")


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
