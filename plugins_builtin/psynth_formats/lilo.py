"""LILO's files: frontiers, string-editing tasks, descriptions of tasks, and grammars."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any, BinaryIO, ClassVar, Literal

from psynth.core.calculus.normal_forms import inline_names
from psynth.core.calculus.terms import Term
from psynth.core.calculus.types import parse_type
from psynth.core.settings import setting
from psynth.core.stream.records import Example, Frontier, Library, Origin, Program, Record, Task, encode
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_formats.dreamcoder_grammar import EMPTY_GRAMMAR, add_grammar, grammar_json, grammar_library, grammar_terms
from psynth_formats.dreamcoder_types import read_type, type_json
from psynth_formats.language import ImportedLanguage, read_term, task_ids
from psynth_formats.located import Located, read_all
from psynth_formats.streams import (
    definitions_of,
    lambda_term,
    libraries_and_frontiers,
    of_one_domain,
    or_left_out,
    original_name,
)

_SPLITS = ("train", "test")
_Key = tuple[str | None, str]
"""The split (None if the file does not give one) and the name of a task."""


@dataclass(frozen=True)
class Lilo(Format):
    """LILO's frontiers.json, tasks.json, language.json and laps_grammar.json.

    Pass all available files in one command: descriptions and frontiers are joined with tasks by name.
    """

    name: ClassVar[str] = "lilo"
    help: ClassVar[str] = "LILO's frontiers, tasks, language and grammar files"

    domain: str = setting("regex", flag="-d/--domain", value="DOMAIN", only="import", help="domain of the tasks read")
    prefix: str = setting("", only="import", help="prefix of task ids, to distinguish files")
    request: str = setting(
        "tfullstr -> tfullstr", value="TYPE", only="import", help="type of the tasks for which no file gives one"
    )
    split: str | None = setting(
        None,
        choices=_SPLITS,
        only="import",
        help="split of a task file (default: the name of the file's folder)",
    )
    what: Literal["frontiers", "tasks", "language", "grammar"] = setting(
        "frontiers", only="export", help="the file to write; grammar is the last library's"
    )

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield one library, and one frontier for each task in the order of the files."""
        files = _Files()
        for root in read_all(paths):
            if isinstance(root.value, list):
                self._read_tasks(root, files, context)
            else:
                files.read(root, context)
        language = ImportedLanguage(self.domain, context, files.terms())
        if files.grammar is None:
            language.include(context.registry.domain(self.domain).library())
        else:
            add_grammar(files.grammar, language)
        ids = task_ids(self.domain, self.prefix, [name for _, name in files.tasks()])

        def frontier(named: tuple[str, _Key]) -> Frontier:
            return files.frontier(named[1], named[0], self.domain, self.request, language)

        named = zip(ids, files.tasks(), strict=True)
        frontiers = [made for _, made in each_sound(named, frontier, context)]
        yield language.library(0.0) if files.grammar is None else grammar_library(files.grammar, language)
        yield from frontiers

    def write(self, records: Iterator[Record], stream: BinaryIO, context: Context) -> None:
        """Write one of LILO's files; the weights of libraries are in that of a grammar only."""
        if self.what == "grammar":
            grammar = EMPTY_GRAMMAR
            for library, _ in of_one_domain(records, context):
                grammar = grammar_json(library)
            stream.write(encode(grammar) + b"\n")
            return
        pairs = [
            (library, frontier)
            for library, frontier in libraries_and_frontiers(records, context)
            if frontier is not None
        ]
        if self.what == "frontiers" and any(library.contextual for library, _ in pairs):
            context.warn("the bigram weights of the library are not in the frontiers; --what grammar writes them")
        write = {"frontiers": _frontiers_json, "tasks": _tasks_json, "language": _language_json}[self.what]
        stream.write(encode(write(pairs, context)) + b"\n")

    def _read_tasks(self, root: Located, files: "_Files", context: Context) -> None:
        folder = PurePath(root.source).parent.name
        split = self.split or (folder if folder in _SPLITS else None)

        def task(place: Located) -> tuple[str, tuple[Example, ...]]:
            return place["name"].text(), tuple(_example(each) for each in place["examples"].items())

        for _, (name, examples) in each_sound(root.items(), task, context):
            files.examples[split, name] = examples


@dataclass
class _Files:
    """The contents of several files, joined by the names of tasks."""

    examples: dict[_Key, tuple[Example, ...]] = field(default_factory=dict)
    frontiers: dict[_Key, Located] = field(default_factory=dict)
    programs: dict[_Key, list[tuple[Located, Term, Program]]] = field(default_factory=dict)
    sentences: dict[str, list[str]] = field(default_factory=dict)
    grammar: Located | None = None

    def read(self, root: Located, context: Context) -> None:
        """Add a file of frontiers, a grammar or descriptions, as detected from its content."""
        if root.has("productions"):
            self.grammar = root
        elif any(isinstance(root.of(dict, "an object or a list").get(split), dict) for split in _SPLITS):
            for split in _SPLITS:
                places = root[split].fields() if root.has(split) else {}
                for (name, place), programs in each_sound(places.items(), _programs, context):
                    self.frontiers[split, name] = place
                    self.programs[split, name] = programs
        else:
            for (name, _), sentences in each_sound(root.fields().items(), _sentences, context):
                self.sentences.setdefault(name, []).extend(sentences)

    def terms(self) -> list[Term]:
        """Every term in the files."""
        grammar = [] if self.grammar is None else grammar_terms(self.grammar)
        return grammar + [term for programs in self.programs.values() for _, term, _ in programs]

    def tasks(self) -> list[_Key]:
        """The tasks in the order of the files; a task with a frontier has the split of the frontier."""
        split_in_frontiers = {name for _, name in self.frontiers}
        found = [key for key in self.examples if key[0] is not None or key[1] not in split_in_frontiers]
        return list(dict.fromkeys([*found, *self.frontiers]))

    def frontier(self, key: _Key, task_id: str, domain: str, request: str, language: ImportedLanguage) -> Frontier:
        """The record of one task."""
        split, name = key
        place = self.frontiers.get(key)
        task = Task(
            id=task_id,
            domain=domain,
            request=request if place is None else str(read_type(place["request"])),
            examples=self.examples.get(key, self.examples.get((None, name), ())),
            split=split,
            descriptions=tuple(self.sentences.get(name, ())),
            meta={"name": name},
        )
        programs = tuple(
            replace(program, program=str(language.resolve(term, where)))
            for where, term, program in self.programs.get(key, ())
        )
        return Frontier(task=task, programs=programs)


def _programs(named: tuple[str, Located]) -> list[tuple[Located, Term, Program]]:
    """The programs of a frontier, by the name of its task."""
    return [_program(each) for each in named[1]["programs"].items()]


def _sentences(named: tuple[str, Located]) -> list[str]:
    """The descriptions of a task, by its name."""
    return [each.text() for each in named[1].items()]


def _program(place: Located) -> tuple[Located, Term, Program]:
    text = place["program"]
    program = Program(
        program=text.text(),
        log_likelihood=place.log_likelihood(),
        origin=Origin(by=place["origin"].text()) if place.has("origin") else None,
    )
    return text, read_term(text), program


def _example(place: Located) -> Example:
    """One example, stored as the letters of the input and of the output."""
    sides = place.items()
    if len(sides) != 2:
        raise place.error(f"an example is an input and an output, not {len(sides)} items")
    before, after = ("".join(letter.text() for letter in side.items()) for side in sides)
    return Example(inputs=[before], output=after)


_Pairs = list[tuple[Library, Frontier]]


def _task_of(frontier: Frontier) -> Task:
    if frontier.task is None:
        raise frontier.error("this format cannot hold programs without a task")
    return frontier.task


def _require_new(written: dict[str, Any], name: str, frontier: Frontier) -> None:
    if name in written:
        raise frontier.error(f"two tasks have the name {name!r}, but this format identifies tasks by name")


def _frontiers_json(pairs: _Pairs, context: Context) -> dict[str, Any]:
    splits: dict[str, dict[str, Any]] = {split: {} for split in _SPLITS}
    solved = dict.fromkeys(_SPLITS, 0)
    for library, frontier in pairs:
        with or_left_out(frontier, context):
            split, entry = _frontier_json(library, frontier)
            _require_new(splits[split], entry["task"], frontier)
            splits[split][entry["task"]] = entry
            solved[split] += frontier.solved
    return {"_summary": {"n_tasks_solved": solved}, **splits}


def _frontier_json(library: Library, frontier: Frontier) -> tuple[str, dict[str, Any]]:
    """The split of a frontier and its entry there."""
    task, definitions = _task_of(frontier), definitions_of(library)
    split = task.split or "train"
    if split not in _SPLITS:
        raise frontier.error(f"this format has the splits train and test, not {split!r}")
    if task.request is None:
        raise frontier.error("this format needs a task's request")
    return split, {
        "request": type_json(parse_type(task.request)),
        "task": original_name(task),
        "programs": [
            {
                "program": str(inline_names(lambda_term(program, frontier), definitions)),
                "logLikelihood": program.log_likelihood,
                "origin": program.origin.by if program.origin else None,
            }
            for program in frontier.programs
        ],
        "best_search_time": None,
    }


def _tasks_json(pairs: _Pairs, context: Context) -> list[dict[str, Any]]:
    tasks = []
    for _, frontier in pairs:
        with or_left_out(frontier, context):
            tasks.append(_task_json(frontier))
    return tasks


def _task_json(frontier: Frontier) -> dict[str, Any]:
    task = _task_of(frontier)
    for example in task.examples:
        if not (len(example.inputs) == 1 and isinstance(example.inputs[0], str) and isinstance(example.output, str)):
            raise frontier.error("this format requires tasks with one string input and a string output")
    examples = [[list(example.inputs[0]), list(example.output)] for example in task.examples]
    return {"name": original_name(task), "examples": examples}


def _language_json(pairs: _Pairs, context: Context) -> dict[str, list[str]]:
    sentences: dict[str, list[str]] = {}
    for _, frontier in pairs:
        with or_left_out(frontier, context):
            task = _task_of(frontier)
            _require_new(sentences, original_name(task), frontier)
            sentences[original_name(task)] = list(task.descriptions)
    return sentences
