"""Stitch's files: program lists and compression results."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

from psynth.core.calculus.lets import expanded_with_lets
from psynth.core.calculus.normal_forms import NormalizationLimit, expand, inline_names
from psynth.core.calculus.substitution import map_free
from psynth.core.calculus.terms import Name, Term, strip_lambdas
from psynth.core.program_lists import UNTYPED
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Program, Record, Task, encode
from psynth.plugins.format import Format, each_sound
from psynth.plugins.method import Context
from psynth_formats.language import ImportedLanguage, read_term, task_ids
from psynth_formats.located import Located, read_all
from psynth_formats.streams import (
    Definitions,
    definitions_of,
    lambda_term,
    libraries_and_frontiers,
    merge_definitions,
    or_left_out,
)
from psynth_formats.type_files import read_types

_TOKEN = re.compile(r"[()]|[^\s()]+")
_METAVARIABLE = re.compile(r"#[0-9]+")


@dataclass(frozen=True)
class Stitch(Format):
    """Stitch's program lists and compression results.

    A program list is a JSON array of strings, each of which becomes a task of its own. A result is an object with
    abstractions and rewritten programs. Outer parentheses may be missing, and lam is read as lambda.
    """

    name: ClassVar[str] = "stitch"
    help: ClassVar[str] = "Stitch's program lists and compression results"

    domain: str = setting(UNTYPED, flag="-d/--domain", value="DOMAIN", only="import", help="domain of the tasks read")
    prefix: str = setting("", only="import", help="prefix of task ids, to distinguish files")
    types: Path | None = setting(
        None, only="import", help="JSON file with the types of primitives, by name", file="read"
    )
    what: Literal["programs", "result"] = setting(
        "programs",
        only="export",
        help="a program list, or abstractions with original and rewritten programs",
    )
    expand: bool = setting(False, only="export", help="write programs without abstractions")
    best: bool = setting(False, only="export", help="write only the first program of each frontier")

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield one library for all files, and one frontier for each program."""
        files = [(root, *_read_file(root)) for root in read_all(paths)]
        places = [place for _, _, found in files for place in found]
        ids = dict(
            zip((place.key for place in places), task_ids(self.domain, self.prefix, [""] * len(places)), strict=True)
        )
        programs = list(each_sound(places, lambda place: read_term(place, bare_application=True), context))
        abstractions = {name: (place, term) for _, found, _ in files for name, place, term in found}
        terms = [term for _, term in programs] + [term for _, term in abstractions.values()]
        language = ImportedLanguage(self.domain, context, terms, unlisted=0.0, types=read_types(self.types))
        language.include(context.registry.domain(self.domain).library())
        for _, found, _ in files:
            for name, place, term in found:
                if abstractions[name][1] is not term:
                    raise place.error(f"{name} is defined differently in {abstractions[name][0].source}")
        for name, (place, term) in abstractions.items():
            language.define(name, term, 0.0, place)

        def frontier(program: tuple[Located, Term]) -> Frontier:
            place, term = program[0], language.resolve(program[1], program[0])
            task = Task(id=ids[place.key], domain=self.domain, request=language.request_of(term, place))
            return Frontier(task=task, programs=(Program(program=str(term)),))

        frontiers = [made for _, made in each_sound(programs, frontier, context)]
        language.warn_of_untyped_names(context)
        yield language.library(0.0)
        yield from frontiers

    def write(self, records: Iterator[Record], stream: BinaryIO, context: Context) -> None:
        """Write the programs of all frontiers in order, as a list or with the library as a compression result."""
        definitions: Definitions = {}
        of_domain: dict[str, Definitions] = {}
        programs: list[str] = []
        originals: list[str] = []
        for library, frontier in libraries_and_frontiers(records, context):
            if frontier is None:
                of_domain[library.domain] = definitions_of(library)
                if not self.expand:
                    advice = "write the programs with --expand, or one stream at a time"
                    merge_definitions(definitions, of_domain[library.domain], advice)
                continue
            with or_left_out(frontier, context):
                terms = [lambda_term(program, frontier) for program in frontier.programs[: 1 if self.best else None]]
                if self.expand or self.what == "result":
                    originals += [str(_original(term, of_domain[library.domain], frontier)) for term in terms]
                programs += map(str, terms)
        if not programs:
            context.warn("no programs: the list is empty")
        written: Any = originals if self.expand else programs
        if self.what == "result":
            for last in of_domain.values() if self.expand else ():
                merge_definitions(definitions, last, "write one domain at a time")
            written = {
                "original": originals,
                "rewritten": programs,
                "num_abstractions": len(definitions),
                "abstractions": [_abstraction_json(name, definitions) for name in definitions],
            }
        stream.write(encode(written) + b"\n")


def _original(term: Term, definitions: Definitions, frontier: Frontier) -> Term:
    """The program with its abstractions expanded; one without abstractions is unchanged."""
    plain = expand(term, definitions)
    try:
        return term if plain is term else expanded_with_lets(term, definitions)
    except NormalizationLimit as error:
        raise frontier.error(str(error)) from error


def _read_file(root: Located) -> tuple[list[tuple[str, Located, Term]], list[Located]]:
    """The abstractions (name, place, definition) and the places of the programs of one file."""
    if isinstance(root.value, list):
        return [], root.items()
    if root.has("DSL"):
        raise root.error("this is a DreamCoder file: use psynth import dreamcoder")
    abstractions = []
    for place in root["abstractions"].items():
        arity = place["arity"].of(int, "a number")
        if arity < 0:
            raise place["arity"].error("an arity must not be negative")
        body = Located(_with_variables(place["body"], arity), root.source, place["body"].path)
        abstractions.append((place["name"].text(), place, read_term(body)))
    programs = root["rewritten"] if root.has("rewritten") else root["original"]
    return abstractions, programs.items()


def _with_variables(body: Located, arity: int) -> str:
    """The λ-term of a Stitch body: ``arity`` lambdas, the outermost for ``#0``, the innermost for the last."""
    pieces: list[str] = []
    lambdas: list[bool] = []
    for token in _TOKEN.findall(body.text()):
        if token == "(":
            lambdas.append(False)
        elif token == ")" and lambdas:
            lambdas.pop()
        elif token in ("lam", "lambda") and lambdas:
            lambdas[-1] = True
        elif _METAVARIABLE.fullmatch(token):
            number = int(token[1:])
            if number >= arity:
                raise body.error(f"{token} in an abstraction of arity {arity}")
            token = f"${arity - 1 - number + sum(lambdas)}"
        pieces.append(token)
    text = " ".join(pieces)
    # A body may be a bare application, which needs parentheses.
    text = text if len(pieces) == 1 or (text.startswith("(") and _closes_at_end(pieces)) else f"({text})"
    return "(lambda " * arity + text + ")" * arity


def _closes_at_end(pieces: list[str]) -> bool:
    depth = 0
    for place, piece in enumerate(pieces):
        depth += (piece == "(") - (piece == ")")
        if depth == 0:
            return place == len(pieces) - 1
    return True


def _abstraction_json(name: str, definitions: Definitions) -> dict[str, Any]:
    arity, body = strip_lambdas(definitions[name])
    metavariables = map_free(body, lambda index, _: Name(f"#{arity - 1 - index}"))
    return {
        "name": name,
        "arity": arity,
        "body": str(metavariables),
        "dreamcoder": str(inline_names(Name(name), definitions)),
    }
