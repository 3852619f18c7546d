"""psynth help primitives and psynth help task: the words of a domain's language, and what a task wants."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psynth.cli.json_output import print_json
from psynth.core import standard
from psynth.core.errors import InputError, UsageError
from psynth.core.settings import did_you_mean
from psynth.core.stream.reading import read_records
from psynth.core.stream.records import Frontier, Library, Task
from psynth.core.stream.scope import libraries_in
from psynth.plugins.domain import Domain
from psynth.plugins.primitive_docs import PrimitiveDoc
from psynth.plugins.registry import default_registry
from psynth.views.documented import example_text

SHOWN_EXAMPLES = 10
"""Maximum number of examples of a task that are shown."""


def explain(
    name: str, subject: Sequence[str], detail: Sequence[str], *, library: Path | None = None, as_json: bool
) -> int:
    """Print the primitives of a domain, one primitive, or a task; returns the exit status.

    The abstractions of the domain's library in the file ``library`` are explained like primitives.
    """
    if name == "task":
        if library is not None:
            raise UsageError("--library belongs to psynth help primitives DOMAIN")
        if detail:
            raise UsageError(f"psynth help task explains one task; {detail[0]!r} is too much")
        return _task(subject, as_json=as_json)
    if not subject:
        known = ", ".join(default_registry().offers("domain"))
        raise UsageError(f"psynth help primitives needs a domain: {known}")
    domain = default_registry().domain(subject[0])
    rows = primitives_of(domain)
    if library is not None:
        rows |= _learned(domain, library)
    if detail:
        if detail[0] not in rows:
            hint = did_you_mean(detail[0], rows)
            raise UsageError(f"domain {domain.name!r} has no primitive {detail[0]!r}{hint}")
        rows = {detail[0]: rows[detail[0]]}
    if as_json:
        print_json(list(rows.values()))
    elif detail:
        _print_one(rows[detail[0]])
    else:
        _print_all(domain, rows)
    return 0


def primitives_of(domain: Domain) -> dict[str, dict[str, Any]]:
    """Each primitive with its type, its sets and its documentation, in the order of the sets."""
    docs = domain.primitive_docs()
    rows: dict[str, dict[str, Any]] = {}
    for primitive_set in domain.primitive_sets:
        for production in domain.library(primitive_set).productions:
            row = rows.setdefault(production.name, _row(production.name, production.type, docs.get(production.name)))
            row["sets"].append(primitive_set)
    return rows


def _row(name: str, kind: str, doc: PrimitiveDoc | None) -> dict[str, Any]:
    row: dict[str, Any] = {"name": name, "type": kind, "sets": []}
    if doc is not None:
        row["summary"] = doc.summary
        if doc.program is not None:
            row |= {"example": doc.program, "inputs": list(doc.inputs), "value": doc.value}
    return row


def _learned(domain: Domain, path: Path) -> dict[str, dict[str, Any]]:
    """Each abstraction of the domain's library in a file, with its definition and documentation."""
    found = libraries_in(read_records([path], [Library])).get(domain.name)
    if found is None:
        raise InputError(f"no library of {domain.name} in this file", source=str(path))
    return {
        entry.name: {
            "name": entry.name,
            "type": entry.type,
            "definition": entry.definition,
            **({} if entry.documentation is None else entry.documentation.to_json()),
        }
        for entry in found.abstractions
    }


def _print_one(row: dict[str, Any]) -> None:
    _say(f"{row['name']} : {row['type']}")
    _say(f"  {row.get('summary', 'no documentation')}")
    if "definition" in row:
        _say(f"  {row['definition']}")
        for example in row.get("examples", ()):
            _say(f"  {example_text(example)}")
        if "formerly" in row:
            _say(f"  formerly: {', '.join(row['formerly'])}")
        return
    if "example" in row:
        inputs = "".join(f" {_text(value)}" for value in row["inputs"])
        _say(f"  {row['example']}{inputs} = {_text(row['value'])}")
    _say(f"  primitive sets: {', '.join(row['sets'])}")


def _print_all(domain: Domain, rows: dict[str, dict[str, Any]]) -> None:
    _say(f"{domain.name}: {domain.help}")
    _say("")
    if not rows:
        _say(
            f"Its programs are not λ-terms: {', '.join(f'{name} ({what})' for name, what in domain.languages.items())}."
        )
        return
    _say("Primitive sets (--primitives; the first is the default):")
    for name, help in domain.primitive_sets.items():
        _say(f"  {name}: {help}")
    _say("")
    width = max(map(len, rows))
    for name, row in rows.items():
        _say(f"  {name:<{width}}  {row['type']}")
        if "summary" in row:
            _say(f"  {'':<{width}}    {row['summary']}")


def _task(subject: Sequence[str], *, as_json: bool) -> int:
    if not subject:
        raise UsageError("psynth help task needs the id of a task, as list/train-000-head")
    name = subject[0].partition("/")[0]
    domain = default_registry().domain(name)
    settings = domain.TaskSettings(split="all")
    ids = []
    for task in domain.tasks(settings, 0):
        if task.id == subject[0]:
            if as_json:
                print_json(task.to_json())
            else:
                _draw(task)
            return 0
        ids.append(task.id)
    raise UsageError(f"domain {name!r} has no task {subject[0]!r}{did_you_mean(subject[0], ids)}; psynth tasks {name}")


def _draw(task: Task) -> None:
    from psynth.views.rendering import Drawing, View

    drawing = Drawing(View(SHOWN_EXAMPLES, 0, False, None), default_registry())
    console = standard.console(highlight=False)
    for part in drawing.of(Frontier(task=task)):
        console.print(part)


def _say(line: str) -> None:
    standard.out().write(f"{line}\n")


def _text(value: Any) -> str:
    import orjson

    return orjson.dumps(value).decode()
