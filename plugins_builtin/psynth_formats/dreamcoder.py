"""DreamCoder's files: the compressor's input with grammar and frontiers, and its list tasks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

from psynth.core.calculus.normal_forms import inline_names
from psynth.core.calculus.terms import Term
from psynth.core.calculus.types import parse_type
from psynth.core.program_lists import UNTYPED
from psynth.core.settings import setting
from psynth.core.stream.records import Example, Frontier, Library, Program, Record, Task, encode
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_formats.dreamcoder_grammar import EMPTY_GRAMMAR, add_grammar, grammar_json, grammar_library, grammar_terms
from psynth_formats.dreamcoder_types import read_type, type_json
from psynth_formats.language import ImportedLanguage, read_term, task_ids
from psynth_formats.located import Located, read_all
from psynth_formats.streams import definitions_of, lambda_term, of_one_domain, or_left_out, original_name
from psynth_formats.type_files import read_types

_TASK_TYPES = {
    "int": "int",
    "bool": "bool",
    "list-of-int": "list(int)",
    "list-of-bool": "list(bool)",
    "list-of-list-of-int": "list(list(int))",
}
"""Types by their names in list tasks."""


@dataclass(frozen=True)
class DreamCoder(Format):
    """DreamCoder's compressor files (a grammar and frontiers) and its list tasks.

    Import detects the kind of each file. Inline abstractions #(…) become productions fn_0, fn_1, …, and are inlined
    again on export. The search settings of a file (arity, topK, …) are not kept.
    """

    name: ClassVar[str] = "dreamcoder"
    help: ClassVar[str] = "DreamCoder's compressor files and list tasks"

    domain: str | None = setting(
        None,
        flag="-d/--domain",
        value="DOMAIN",
        only="import",
        help="domain of the tasks read (default: untyped for frontiers, list for tasks)",
    )
    prefix: str = setting("", only="import", help="prefix of task ids, to distinguish files")
    types: Path | None = setting(
        None, only="import", help="JSON file with the types of primitives, by name", file="read"
    )
    what: Literal["frontiers", "tasks"] = setting("frontiers", only="export", help="what to write")

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield a library and frontiers for each file of frontiers, and empty frontiers for each file of tasks."""
        for root in read_all(paths):
            if isinstance(root.value, list):
                yield from self._read_tasks(root, context)
            elif root.has("DSL"):
                yield from self._read_frontiers(root, context)
            else:
                raise root.error("expected a list of tasks, or an object with DSL and frontiers")

    def write(self, records: Iterator[Record], stream: BinaryIO, context: Context) -> None:
        """Write one JSON object: the last library as the grammar, and every frontier; or one list of tasks."""
        if self.what == "tasks":
            tasks = []
            for record in records:
                if isinstance(record, Frontier):
                    with or_left_out(record, context):
                        tasks.append(_task_json(record))
            stream.write(encode(tasks) + b"\n")
            return
        grammar = EMPTY_GRAMMAR
        frontiers = []
        for library, frontier in of_one_domain(records, context):
            if frontier is None:
                grammar = grammar_json(library)
            else:
                with or_left_out(frontier, context):
                    frontiers.append(_frontier_json(library, frontier))
        stream.write(encode({"DSL": grammar, "frontiers": frontiers}) + b"\n")

    def _read_frontiers(self, root: Located, context: Context) -> Iterator[Record]:
        domain = self.domain or UNTYPED
        places = root["frontiers"].items()
        ids = dict(zip((place.key for place in places), task_ids(domain, self.prefix, _names(places)), strict=True))
        entries = [entry for _, entry in each_sound(places, _Entry.read, context)]
        terms = [term for entry in entries for _, _, term in entry.programs]
        language = ImportedLanguage(
            domain, context, [*grammar_terms(root["DSL"]), *terms], types=read_types(self.types)
        )
        add_grammar(root["DSL"], language)

        def frontier(entry: _Entry) -> Frontier:
            return entry.frontier(domain, ids[entry.place.key], language)

        frontiers = [made for _, made in each_sound(entries, frontier, context)]
        language.warn_of_untyped_names(context)
        yield grammar_library(root["DSL"], language)
        yield from frontiers

    def _read_tasks(self, root: Located, context: Context) -> Iterator[Record]:
        domain = self.domain or "list"
        places = root.items()
        ids = dict(zip((place.key for place in places), task_ids(domain, self.prefix, _names(places)), strict=True))
        tasks = list(each_sound(places, lambda place: _task(place, ids[place.key], domain), context))
        yield context.registry.domain(domain).library()
        for _, task in tasks:
            yield Frontier(task=task)


def _names(places: Sequence[Located]) -> list[str]:
    """The name of the task at each place; empty if it has none, or if what stands there is no task at all."""
    found = []
    for place in places:
        value = place.value if isinstance(place.value, dict) else {}
        name = value.get("name") if value.get("task") is None else value["task"]
        found.append(name if isinstance(name, str) else "")
    return found


@dataclass(frozen=True)
class _Entry:
    """One frontier of a file, with parsed programs."""

    place: Located
    name: str
    request: str
    programs: list[tuple[Located, float | None, Term]]
    examples: tuple[Example, ...]

    @classmethod
    def read(cls, place: Located) -> "_Entry":
        key = "task" if place.has("task") else "name"
        programs = [
            (
                each["program"],
                each.log_likelihood(),
                read_term(each["program"]),
            )
            for each in place["programs"].items()
        ]
        examples = [
            Example(inputs=each["inputs"].of(list, "a list"), output=each["output"].value)
            for each in (place["examples"].items() if place.has("examples") else ())
        ]
        name = place[key].text() if place.has(key) else ""
        return cls(place, name, str(read_type(place["request"])), programs, tuple(examples))

    def frontier(self, domain: str, task_id: str, language: ImportedLanguage) -> Frontier:
        """The record, with programs in the library's names."""
        programs = tuple(
            Program(program=str(language.checked(language.resolve(term, place), place)), log_likelihood=log_likelihood)
            for place, log_likelihood, term in self.programs
        )
        meta = {"name": self.name} if self.name else None
        descriptions = (self.name,) if self.name else ()
        task = Task(
            id=task_id,
            domain=domain,
            request=self.request,
            examples=self.examples,
            descriptions=descriptions,
            meta=meta,
        )
        return Frontier(task=task, programs=programs)


def _frontier_json(library: Library, frontier: Frontier) -> dict[str, Any]:
    task = frontier.task
    if task is None or task.request is None:
        raise frontier.error("this format cannot hold programs without a task and its request")
    definitions = definitions_of(library)
    programs = []
    for program in frontier.programs:
        written: dict[str, Any] = {"program": str(inline_names(lambda_term(program, frontier), definitions))}
        if program.log_likelihood is not None:
            written["logLikelihood"] = program.log_likelihood
        programs.append(written)
    entry: dict[str, Any] = {"task": original_name(task), "request": type_json(parse_type(task.request))}
    if task.examples:
        entry["examples"] = [{"inputs": each.inputs, "output": each.output} for each in task.examples]
    return entry | {"programs": programs}


def _task_type(place: Located) -> str:
    text = place.text()
    if text not in _TASK_TYPES:
        raise place.error(f"unknown type {text!r}; known: {', '.join(_TASK_TYPES)}")
    return _TASK_TYPES[text]


def _task(place: Located, task_id: str, domain: str) -> Task:
    name = place["name"].text()
    return Task(
        id=task_id,
        domain=domain,
        request=" -> ".join(_task_type(place["type"][end]) for end in ("input", "output")),
        examples=tuple(Example(inputs=[each["i"].value], output=each["o"].value) for each in place["examples"].items()),
        descriptions=(name,),
        meta={"name": name},
    )


def _task_json(frontier: Frontier) -> dict[str, Any]:
    names = {ours: theirs for theirs, ours in _TASK_TYPES.items()}
    task = frontier.task
    ends = [] if task is None or task.request is None else re.split(r"\s*->\s*", task.request)
    if task is None or len(ends) != 2 or not all(end in names for end in ends):
        raise frontier.error("list tasks have one input and one output, each of: " + ", ".join(names))
    return {
        "type": {"input": names[ends[0]], "output": names[ends[1]]},
        "name": original_name(task),
        "examples": [{"i": example.inputs[0], "o": example.output} for example in task.examples],
    }
