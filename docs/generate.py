"""Writes docs/commands/, domains/, man/ and reproductions.md (`python docs/generate.py`).

They are made of what the help says, of what the registry holds and, for reproductions.md, of the records in
benchmarks/reproductions.toml. A page of a domain begins with an introduction written by hand; what follows the mark is
generated.
"""

import json
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from psynth import __version__
from psynth.cli import dispatch
from psynth.cli.exit_status import EXIT_STATUSES, exit_rows
from psynth.cli.help_subjects import primitives_of
from psynth.cli.page import page_of
from psynth.cli.page_roff import manual
from psynth.cli.root_page import root_page
from psynth.cli.table import ALIASES, TABLE
from psynth.core.errors import UsageError
from psynth.core.stream.records import Task
from psynth.plugins.domain import Domain
from psynth.plugins.format import Format
from psynth.plugins.registry import GROUP, Registry, default_registry

FOLDER = Path(__file__).parent / "commands"
DOMAINS = Path(__file__).parent / "domains"
MANUALS = Path(__file__).parent / "man"
"""Manual pages, which the wheel installs."""
REPRODUCTIONS = Path(__file__).parent / "reproductions.md"
RECORDS = Path(__file__).parents[1] / "benchmarks" / "reproductions.toml"
"""What was published and what was measured here."""
MARK = "<!-- What follows is written by docs/generate.py. -->"
SHOWN_TASKS = 12
"""Maximum number of tasks of a split in a table."""

REPRODUCTIONS_HEAD = (
    "# Reproductions",
    "",
    MARK,
    "",
    "What others published, and what the same question gives here. *Missed* is where ours is worse; what is not",
    "comparable is said in the last column, and the whole measurement is behind the link. The records are",
    "[benchmarks/reproductions.toml](../benchmarks/reproductions.toml); how to come over from one of these systems is",
    "on the pages [coming from …](coming-from/README.md).",
    "",
)
"""What the page of reproductions begins with."""


def pages() -> dict[str, str]:
    """The text of each page by file name."""
    found = {f"{name}.md": "\n".join(_page(name)) + "\n" for name in TABLE}
    rows = [f"| [`{name}`]({name}.md) | {verb.summary} |" for name, verb in TABLE.items()]
    rows += [f"| `{alias}` | Alias of `psynth {' '.join(words)}` |" for alias, words in ALIASES.items()]
    statuses = [f"| {status} | {meaning} |" for status, meaning in EXIT_STATUSES.items()]
    exits = ["## Exit status", "", "| | |", "|---|---|", *statuses]
    found["README.md"] = "\n".join(["# Subcommands", "", "| | |", "|---|---|", *rows, "", *exits, ""])
    return found


def manual_pages() -> dict[str, str]:
    """The manual page of psynth and of each subcommand, in roff, by file name."""
    names = {name: f"psynth-{name}" for name in TABLE}
    found = {"psynth.1": manual(root_page(), __version__, names.values())}
    for name, title in names.items():
        found[f"{title}.1"] = manual(page_of(dispatch.subcommand(name)), __version__, ["psynth"])
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
        yield from _of_domains(name, method["name"])
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


def _of_domains(name: str, method: str) -> Iterator[str]:
    """The options that a method takes from a domain that -d names."""
    for domain in default_registry().offers("domain"):
        of_domain = dispatch.subcommand(name, ["--method", method, "-d", domain]).to_json()["options"]
        own = [option for option in of_domain if option["group"] == f"Settings of the domain {domain}"]
        if own:
            yield from (f"With `-d {domain}`:", "")
            yield from _options(iter(own))


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


# ---- domains --------------------------------------------------------------------------------------------------------


def domain_pages() -> dict[str, str]:
    """The text of the page of each built-in domain by file name; KeyError if a domain has no introduction."""
    domains = sorted(Registry(entry_points(group=GROUP), environ={}).offers("domain"))
    introductions = {path.stem: path.read_text().split(MARK)[0].strip() for path in DOMAINS.glob("*.md")}
    found = {f"{name}.md": "\n".join([introductions[name], "", MARK, "", *_domain(name)]) for name in domains}
    rows = [f"| [`{name}`]({name}.md) | {default_registry().domain(name).help} |" for name in domains]
    end = "A domain of your own: [write-a-domain.md](../write-a-domain.md).\n"
    found["README.md"] = "\n".join(["# Domains", "", "| | |", "|---|---|", *rows, "", end])
    return found


def _domain(name: str) -> Iterator[str]:
    domain = default_registry().domain(name)
    yield "## Programs"
    yield ""
    yield from (
        "| language | |",
        "|---|---|",
        *(f"| `{each}` | {help} |" for each, help in domain.languages.items()),
        "",
    )
    yield from _tasks(domain)
    rows = primitives_of(domain)
    if rows:
        yield "## Primitive sets"
        yield ""
        yield from ("| `--primitives` | |", "|---|---|")
        for number, (each, help) in enumerate(domain.primitive_sets.items()):
            yield f"| `{each}`{'' if number else ' (the default)'} | {_cell(help)} |"
        yield ""
        yield "## Primitives"
        yield ""
        yield (
            "As `psynth help primitives " + name + "` prints them; the last column has the sets that hold a primitive."
        )
        yield ""
        yield from ("| name | type | | example | sets |", "|---|---|---|---|---|")
        yield from map(_primitive, rows.values())
        yield ""


def _primitive(row: Mapping[str, Any]) -> str:
    example = ""
    if "example" in row:
        inputs = "".join(f" {json.dumps(value, ensure_ascii=False)}" for value in row["inputs"])
        example = f"`{row['example']}{inputs}` = `{json.dumps(row['value'], ensure_ascii=False)}`"
    cells = [f"`{row['name']}`", f"`{row['type']}`", row.get("summary", ""), example, ", ".join(row["sets"])]
    return f"| {' | '.join(map(_cell, cells))} |"


def _tasks(domain: Domain) -> Iterator[str]:
    """The number of tasks of each split with the default settings, some of them, and the options for them."""
    yield "## Tasks"
    yield ""
    try:
        splits = {split: list(domain.tasks(domain.TaskSettings(split=split), 0)) for split in ("train", "test")}
    except UsageError:
        yield "It has no tasks of its own: they come with an imported stream."
        yield ""
        return
    for split, tasks in splits.items():
        few = len(tasks) <= SHOWN_TASKS
        shown = tasks if few else [tasks[len(tasks) * number // SHOWN_TASKS] for number in range(SHOWN_TASKS)]
        yield f"`--split {split}`: {len(tasks)} tasks" + (":" if few else f", such as these {SHOWN_TASKS}:")
        yield ""
        yield from ("| id | request | examples | |", "|---|---|---|---|", *map(_task, shown), "")
    yield "`psynth tasks " + domain.name + " | psynth show` draws them. Its options:"
    yield ""
    options = dispatch.subcommand("tasks", [domain.name]).to_json()["options"]
    yield from _options(option for option in options if domain.name in option["group"])


def _task(task: Task) -> str:
    held_out = sum(example.split == "test" for example in task.examples)
    examples = str(len(task.examples) - held_out) if task.examples else ""
    examples += f" and {held_out} held out" if held_out else ""
    request = f"`{task.request}`" if task.request else ""
    return f"| `{task.id}` | {request} | {examples} | {_cell('; '.join(task.descriptions))} |"


def reproductions_page() -> str:
    """The table of published figures beside those measured here."""
    records = tomllib.loads(RECORDS.read_text())["record"]
    columns = ("what", "published", "here", "command", "CPU", "seeds and spread", "not comparable")
    lines = [*REPRODUCTIONS_HEAD, f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for record in records:
        anchor = re.sub(r"[^\w -]", "", record["section"].lower()).replace(" ", "-")
        here = f"{record['here']} ([{record['section']}](../benchmarks/RESULTS.md#{anchor}))"
        what = f"**{record['system']}**: {record['what']}"
        published = f"{record['published']} ({record['source']})"
        rest = (f"`{record['command']}`", record["cpu"], record["seeds"], record["caveat"])
        lines.append(f"| {' | '.join(map(_cell, (what, published, here, *rest)))} |")
    return "\n".join([*lines, ""])


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def write(folder: Path, wanted: Mapping[str, str]) -> None:
    """Write the pages of a folder, and remove those of subjects that are gone."""
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (folder / name).write_text(text)


def main() -> None:
    """Write all pages."""
    write(FOLDER, pages())
    write(DOMAINS, domain_pages())
    write(MANUALS, manual_pages())
    REPRODUCTIONS.write_text(reproductions_page())


if __name__ == "__main__":
    main()
