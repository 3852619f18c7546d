"""The records of a stream: immutable, each keeping the fields it does not know and the line it was read from."""

import dataclasses
import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, NamedTuple, Self, TypeAlias

import orjson

# ruff: noqa: RUF009 - field() returns a dataclass field, not a shared default
from psynth.core.errors import EngineError, InputError
from psynth.core.stream.fields import (
    ANYTHING,
    BOOLEAN,
    BOUND,
    INTEGER,
    LOG_PROBABILITY,
    MEASURE,
    NULLABLE,
    NUMBER,
    OBJECT,
    SHARE,
    TEXT,
    VALUES,
    Fields,
    WrongField,
    checked,
    dict_of,
    either,
    field,
    list_of,
    nested,
    nested_either,
    nullable,
    one_of,
)

FORMAT_VERSION = 1

EndStatus: TypeAlias = Literal["complete", "budget", "interrupted"]
END_STATUSES: tuple[EndStatus, ...] = ("complete", "budget", "interrupted")
"""From best to worst."""


class Place(NamedTuple):
    """Where a record was read: a file name or ``<stdin>``, and the line from 1."""

    source: str
    line: int


def source_of(record: object, unknown: str = "") -> str:
    """The name of the file that a record was read from; ``unknown`` if it was not read."""
    place: Place | None = getattr(record, "place", None)
    return unknown if place is None else place.source


SHARD = "^[1-9][0-9]*/[1-9][0-9]*$"


def is_shard(text: str) -> bool:
    """Whether a text names part K of N: ``K/N`` with 1 ≤ K ≤ N."""
    return re.match(SHARD, text) is not None and int(text.partition("/")[0]) <= int(text.partition("/")[2])


# ---- what stands inside records -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Provenance(Fields):
    """One stage that made a stream: what was run, with which settings, on which files."""

    command: str = field(TEXT)
    """The subcommand."""
    version: str | None = field(TEXT, None)
    """The version of psynth."""
    arguments: dict[str, Any] = field(OBJECT, {})
    """Its settings by name."""
    seed: int | None = field(INTEGER, None)
    """The seed of its random numbers."""
    inputs: dict[str, str] = field(dict_of(TEXT), {})
    """SHA-256, hexadecimal, of each file read, by name."""
    plugins: dict[str, str] = field(dict_of(TEXT), {})
    """The version of each plugin that took part, by name."""
    shards: tuple[str, ...] = field(list_of(checked(TEXT, "K/N with 1 ≤ K ≤ N", is_shard, pattern=SHARD)), ())
    """The parts ``K/N`` of its input that it worked on; none where it was the whole input."""


@dataclass(frozen=True, slots=True)
class Documentation(Fields):
    """What a production is called and does, for people and for language models."""

    name: str | None = field(TEXT, None)
    """A readable name."""
    summary: str | None = field(TEXT, None)
    """What it does, in a sentence."""
    examples: tuple[Any, ...] = field(list_of(ANYTHING), ())
    """Usages: texts, or objects with a ``program``; see `psynth.plugins.documenting` for those that psynth writes."""
    formerly: tuple[str, ...] = field(list_of(TEXT), ())
    """Names that it had in programs before, oldest first; no other abstraction of its library may take them."""

    @property
    def says_something(self) -> bool:
        """Whether there is a name or a summary, so that the production counts as documented."""
        return bool(self.name or self.summary)


@dataclass(frozen=True, slots=True)
class Production(Fields):
    """A primitive or, with a definition, a learned abstraction."""

    name: str = field(TEXT)
    """Its name in programs."""
    type: str = field(TEXT)
    """Its type, such as ``list(t0) -> int``."""
    log_weight: float = field(LOG_PROBABILITY)
    """Its log-weight. Null (minus infinity): it is never proposed."""
    definition: str | None = field(TEXT, None)
    """An abstraction's closed λ-term."""
    documentation: Documentation | None = field(nested(Documentation), None)
    """What it is called and does."""


@dataclass(frozen=True, slots=True)
class Weights(Fields):
    """The log-weights at one kind of hole."""

    log_weights: tuple[float, ...] = field(list_of(LOG_PROBABILITY))
    """One for each production, in the library's order. Null (minus infinity): never proposed."""
    log_variable: float = field(LOG_PROBABILITY)
    """The log-weight of a variable. Null (minus infinity): never proposed."""


@dataclass(frozen=True, slots=True)
class Contextual(Fields):
    """Weights by where a hole is."""

    start: Weights = field(nested(Weights))
    """At the outermost hole."""
    variable: Weights = field(nested(Weights))
    """Under a variable in function position."""
    productions: dict[str, tuple[Weights, ...]] = field(dict_of(list_of(nested(Weights))))
    """For each production by name, one for each argument."""


@dataclass(frozen=True, slots=True)
class Example(Fields):
    """One application of the wanted function."""

    inputs: list[Any] = field(VALUES)
    """Its arguments."""
    output: Any = field(NULLABLE)
    """Its result; null is a value."""
    split: str | None = field(TEXT, None)
    """``test`` on one that is held out."""


@dataclass(frozen=True, slots=True)
class Task(Fields):
    """What is wanted of a program, and what its domain needs to judge one."""

    id: str = field(TEXT)
    """A stable name, beginning with the domain's."""
    domain: str = field(TEXT)
    """The domain's name."""
    request: str | None = field(TEXT, None)
    """The type of the wanted program, where the domain's programs have types."""
    examples: tuple[Example, ...] = field(list_of(nested(Example)), ())
    """Applications of the wanted function."""
    environment: dict[str, Any] | None = field(OBJECT, None)
    """What a reward domain needs."""
    split: str | None = field(TEXT, None)
    """The part of the data set, such as ``train``."""
    descriptions: tuple[str, ...] = field(list_of(TEXT), ())
    """What is wanted, in natural language."""
    origin: str | None = field(one_of("given", "hindsight", "dream", "mutation"), None)
    """Where the task comes from."""
    meta: dict[str, Any] | None = field(OBJECT, None)
    """Whatever else is known."""


def same_task(first: Task, second: Task) -> bool:
    """Whether two tasks of one id want the same of a program."""
    return (first.domain, first.request, first.examples, first.environment) == (
        second.domain,
        second.request,
        second.examples,
        second.environment,
    )


@dataclass(frozen=True, slots=True)
class Origin(Fields):
    """Where a program comes from."""

    by: str | None = field(TEXT, None)
    """The method that made it."""
    from_: str | tuple[str, ...] | None = field(
        either("a string or a list of strings", TEXT, list_of(TEXT)), None, key="from"
    )
    """The program or programs that it was made from."""
    evaluations: int | None = field(INTEGER, None)
    """How many evaluations it took."""


@dataclass(frozen=True, slots=True)
class Program(Fields):
    """A program found for a task. In Python None means not known; minus infinity is an impossible log-probability."""

    program: str = field(TEXT)
    """Its text."""
    language: str = field(one_of("lambda", "python", "text", "json"), "lambda", always=True)
    """The language it is written in; lambda where left out."""
    log_prior: float | None = field(LOG_PROBABILITY, None)
    """Its log-probability under the library, in nats. Null: an impossible one."""
    log_likelihood: float | None = field(LOG_PROBABILITY, None)
    """How well it explains the task, in nats: 0 means that it solves it. Null: impossible."""
    score: float | None = field(SHARE, None)
    """From 0 to 1: for examples, the share that it gets right."""
    held_out: float | None = field(SHARE, None)
    """The share of the held-out examples that it gets right, from 0 to 1."""
    reward: float | None = field(NUMBER, None)
    """Where the domain has one; in units of the domain."""
    held_out_reward: float | None = field(NUMBER, None)
    """The reward on instances that the search never saw."""
    status: str | None = field(one_of("ok", "error", "timeout", "fuel", "memory"), None)
    """How running it ended."""
    message: str | None = field(TEXT, None)
    """Why it could not be run, or why it failed."""
    outputs: list[Any] | None = field(VALUES, None)
    """What it returned, one for each example."""
    descriptor: tuple[float, ...] | None = field(list_of(NUMBER), None)
    """Its behavior, one number for each axis of the domain's behavior space."""
    origin: Origin | None = field(nested(Origin), None)
    """Where it comes from."""
    step: int | None = field(INTEGER, None)
    """The iteration that made it, from 0, for replay."""
    versions: dict[str, Any] | None = field(OBJECT, None)
    """The versions of Python and of the packages that it could use when it was judged."""

    @property
    def solves(self) -> bool:
        """Whether it is known to solve its task: its log-likelihood is 0."""
        return self.log_likelihood == 0

    @property
    def gain(self) -> float | None:
        """What a search maximizes: the reward where it is known, else the score; None where neither is."""
        return self.score if self.reward is None else self.reward


def quality(program: Program) -> tuple[float, float, float, float]:
    """What programs of one task are ordered by, greatest best: reward, score, likelihood, prior.

    What is not known counts as worst. ``sorted(programs, key=quality, reverse=True)`` is best first, and stable.
    """
    figures = (program.reward, program.score, program.log_likelihood, program.log_prior)
    reward, score, likelihood, prior = (-math.inf if figure is None else figure for figure in figures)
    return reward, score, likelihood, prior


@dataclass(frozen=True, slots=True)
class Cut(Fields):
    """What a search left out for lack of resources."""

    steps: int = field(INTEGER, 0)
    """Evaluations of parts of programs on one input that ran out of steps."""
    size: int = field(INTEGER, 0)
    """Those whose values became too large."""
    memory: bool = field(BOOLEAN, False)
    """Whether the search ended because its memory was full."""


@dataclass(frozen=True, slots=True)
class Search(Fields):
    """What was tried for a task."""

    method: str = field(TEXT)
    """The method, or several joined by ``+``."""
    programs: int | None = field(INTEGER, None)
    """How many complete programs were tried."""
    max_cost: float | None = field(BOUND, None)
    """In nats: everything below it was tried. Null (infinity): all there is."""
    status: str | None = field(one_of("solved", "budget", "exhausted", "interrupted"), None)
    """How it ended; interrupted means by a signal: `resuming` does such a task again."""
    cpu_seconds: float | None = field(NUMBER, None)
    """CPU time, only with ``--timing``."""
    reward: float | None = field(NUMBER, None)
    """The greatest reward as the search saw it; the programs' own are those of another evaluation."""
    distinct: int | None = field(INTEGER, None)
    """Programs kept to build others from: those that behave alike count once."""
    cut: Cut | None = field(nested(Cut), None)
    """What was left out for lack of resources, in a search that counts it."""


@dataclass(frozen=True, slots=True)
class Answers(Fields):
    """With how many answers to its tests a task is solved."""

    rank: str = field(TEXT)
    """The order of the answers: length, prior or vote."""
    given: int = field(INTEGER)
    """The number of answers, at most three."""
    solved: int | None = field(INTEGER, None)
    """How many answers it takes until one is right; None if none is."""


@dataclass(frozen=True, slots=True)
class Credit(Fields):
    """How good a parent an elite has been."""

    children: int = field(INTEGER, 0)
    """The programs that were made from it and offered to the archive."""
    accepted: int = field(INTEGER, 0)
    """Those of them that became elites."""


# ---- records --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Fields):
    """What all records have: where they were read, and the line itself while they are unchanged.

    `dataclasses.replace` keeps the place and loses the line, so a changed record is written anew.
    """

    TYPE: ClassVar[str] = ""

    place: Place | None = dataclasses.field(default=None, compare=False, repr=False)
    line: bytes | None = dataclasses.field(default=None, init=False, compare=False, repr=False)

    @classmethod
    def from_json(cls, data: Mapping[str, Any], *, line: bytes | None = None, place: Place | None = None) -> Self:
        """The record that ``data`` describes; raises `InputError` naming the field that is wrong.

        ``line`` is the text that it came from, without its end: an unchanged record is written as it was.
        """
        try:
            record = cls.read_fields(data)
        except WrongField as wrong:
            source, number = place or (None, None)
            raise InputError(str(wrong), source=source, line=number, task=_task_id(data)) from None
        record.extra.pop("type", None)
        if line is not None:
            object.__setattr__(record, "line", line)
        if place is not None:
            object.__setattr__(record, "place", place)
        return record

    def to_json(self) -> dict[str, Any]:
        """The JSON object: ``type``, documented fields in their order, then the unknown ones in theirs."""
        return {"type": self.TYPE, **Fields.to_json(self)}

    def encode(self) -> bytes:
        """The record's line without its end: byte for byte what was read, unless it was changed."""
        return encode(self.to_json()) if self.line is None else self.line

    def error(self, message: str) -> InputError:
        """The error that says what is wrong with this record, with the place and task it concerns."""
        source, number = self.place or (None, None)
        return InputError(message, source=source, line=number)


@dataclass(frozen=True, slots=True)
class Header(Line):
    """What made this stream."""

    TYPE: ClassVar[str] = "header"
    psynth: int = field(
        checked(
            INTEGER,
            "format version 1, the one that this psynth reads",
            lambda value: value == FORMAT_VERSION,
            enum=[FORMAT_VERSION],
        ),
        FORMAT_VERSION,
        always=True,
    )
    """The version of the format."""
    provenance: tuple[Provenance, ...] = field(list_of(nested(Provenance)), (), always=True)
    """One entry a stage, in the order in which they ran."""


@dataclass(frozen=True, slots=True)
class Library(Line):
    """A domain's language: primitives, learned abstractions and weights. It applies until replaced."""

    TYPE: ClassVar[str] = "library"
    domain: str = field(TEXT)
    """The domain's name."""
    productions: tuple[Production, ...] = field(list_of(nested(Production)))
    """Primitives and learned abstractions; a definition uses what stands before it."""
    log_variable: float = field(LOG_PROBABILITY)
    """The log-weight of a variable. Null (minus infinity): never proposed."""
    continuation: str | None = field(TEXT, None)
    """The type at whose holes only the innermost variable of that type may stand."""
    contextual: Contextual | None = field(nested(Contextual), None)
    """Weights by where a hole is, instead of the productions' own."""

    @property
    def abstractions(self) -> list[Production]:
        """The learned productions, which have definitions, in order."""
        return [entry for entry in self.productions if entry.definition is not None]

    @property
    def reserved_names(self) -> list[str]:
        """The names that productions have or had, which nothing new may be called: older programs may use them."""
        former = [entry.documentation.formerly for entry in self.productions if entry.documentation is not None]
        return [*(entry.name for entry in self.productions), *(name for names in former for name in names)]


@dataclass(frozen=True, slots=True)
class Frontier(Line):
    """A task and the programs found for it."""

    TYPE: ClassVar[str] = "frontier"
    task: Task | None = field(nullable(nested(Task)))
    """The task; null for programs not yet tied to one."""
    programs: tuple[Program, ...] = field(list_of(nested(Program)), (), always=True)
    """The programs found, best first."""
    search: Search | None = field(nested(Search), None)
    """What was tried."""
    weights: Weights | Contextual | None = field(nested_either(Weights, Contextual), None)
    """How likely each production is for this task; instead of the library's, for searches only."""
    elite: Credit | None = field(nested(Credit), None)
    """Of an elite, how good a parent it has been."""
    answers: Answers | None = field(nested(Answers), None)
    """With how many answers its tests are solved, where that was asked for."""

    @property
    def solved(self) -> bool:
        """Whether some program solves the task: its log-likelihood is 0."""
        return any(program.solves for program in self.programs)

    @property
    def best(self) -> Program | None:
        """The best program, if there is any."""
        return self.programs[0] if self.programs else None

    def error(self, message: str) -> InputError:
        """The error that says what is wrong with this frontier, with its place and its task's id."""
        source, number = self.place or (None, None)
        return InputError(message, source=source, line=number, task=self.task.id if self.task else None)


@dataclass(frozen=True, slots=True)
class Model(Line):
    """A trained model that later stages may use."""

    TYPE: ClassVar[str] = "model"
    kind: str = field(TEXT)
    """What sort of model it is."""
    path: str = field(TEXT)
    """Its file or folder."""
    sha256: str | None = field(TEXT, None)
    """SHA-256, hexadecimal, of its content."""
    domain: str | None = field(TEXT, None)
    """The domain it was trained for."""
    config: dict[str, Any] = field(OBJECT, {})
    """Its whole configuration."""


LAYOUTS = ("grid", "cvt", "unstructured", "dominated-novelty")
OUTSIDE = ("clip", "drop", "error")
OBJECTIVES = ("gain", "reward", "score", "log-likelihood", "log-prior")


@dataclass(frozen=True, slots=True)
class Dimension(Fields):
    """One dimension of the behavior space of an archive, and how it is divided."""

    name: str = field(TEXT)
    """Its name."""
    low: float | None = field(NUMBER, None)
    """The lower end of its range."""
    high: float | None = field(NUMBER, None)
    """The upper end of its range."""
    bins: int | None = field(INTEGER, None)
    """The number of bins between both, in a grid."""
    logarithmic: bool = field(BOOLEAN, False)
    """Whether the bins are of equal ratio instead of equal width."""
    edges: tuple[float, ...] = field(list_of(NUMBER), ())
    """The edges of its bins in increasing order, instead of the fields above."""
    categories: tuple[str, ...] = field(list_of(TEXT), ())
    """Its categories, instead of the fields above: a descriptor has the position of one, from 0."""


@dataclass(frozen=True, slots=True)
class Archive(Line):
    """The frontiers after it are elites: each has one program, the best of its cell in behavior space."""

    TYPE: ClassVar[str] = "archive"
    layout: str = field(one_of(*LAYOUTS))
    """How behavior space is divided."""
    dimensions: tuple[Dimension, ...] = field(list_of(nested(Dimension)))
    """The dimensions, in the order of a descriptor's numbers."""
    depth: int = field(INTEGER, 1)
    """Elites in a cell, at most."""
    outside: str = field(one_of(*OUTSIDE), "clip")
    """What happens to a descriptor outside the range of a dimension."""
    objective: str = field(one_of(*OBJECTIVES), "gain")
    """The figure that is best in an elite; gain is the reward or, without one, the score."""
    minimize: bool = field(BOOLEAN, False)
    """Whether the least figure is best."""
    offset: float = field(NUMBER, 0.0)
    """The figure that adds nothing to the QD score."""
    centroids: tuple[tuple[float, ...], ...] = field(list_of(list_of(NUMBER)), ())
    """The centroid of each cell of the layout cvt."""
    radius: float | None = field(NUMBER, None)
    """The distance that elites of the layout unstructured keep, in units of the ranges of the dimensions."""
    capacity: int | None = field(INTEGER, None)
    """The most elites of the layout dominated-novelty."""
    neighbors: int | None = field(INTEGER, None)
    """The better elites that its novelty is the mean distance to."""
    counts: dict[str, int] = field(dict_of(INTEGER), {})
    """What became of the programs that were offered: how many were new, improved, rejected, and so on."""


TASK_LABEL = "task"
"""The label by which a metric says which task it is about; with ``--resume`` it belongs to that task's frontier."""
LOG_FIELD = "log"
"""The field of the header of an evolution's log, in which a task has as many frontiers as programs were judged."""
ABSTRACTION_LABEL = "abstraction"
"""The label by which a metric says which abstraction, of the library of its ``domain``, it is about."""


@dataclass(frozen=True, slots=True)
class Metric(Line):
    """A measured figure that a report can plot."""

    TYPE: ClassVar[str] = "metric"
    name: str = field(TEXT)
    """What was measured."""
    value: float = field(MEASURE)
    """The figure; null (NaN) where it could not be measured."""
    step: float | None = field(NUMBER, None)
    """When it was measured: the number of an iteration or evaluation."""
    labels: dict[str, Any] = field(OBJECT, {})
    """What else tells it apart."""


@dataclass(frozen=True, slots=True)
class End(Line):
    """The stream is whole."""

    TYPE: ClassVar[str] = "end"
    status: EndStatus = field(one_of(*END_STATUSES))
    """How the work ended."""


class Foreign:
    """A record that is passed on as it is: of a type unknown here or not asked for, or a bad line that was kept.

    ``type`` is None for a bad line.
    """

    __slots__ = ("line", "number", "source", "type")

    def __init__(self, type: str | None, line: bytes, place: Place | None = None) -> None:
        self.type = type
        self.line = line
        self.source: str | None = None if place is None else place.source
        self.number = 0 if place is None else place.line

    @property
    def place(self) -> Place | None:
        """Where it was read, if it was."""
        return None if self.source is None else Place(self.source, self.number)

    def __repr__(self) -> str:
        return f"Foreign(type={self.type!r}, line={self.line[:80]!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Foreign) and (self.type, self.line) == (other.type, other.line)

    def __hash__(self) -> int:
        return hash(self.line)

    def to_json(self) -> dict[str, Any]:
        """The JSON object; raises `InputError` where the line holds none."""
        return decode(self.line)

    def frontier(self) -> "Frontier":
        """The frontier on the line; raises `InputError`, with the place of the line, where there is none."""
        try:
            data = self.to_json()
        except InputError as error:
            raise InputError(error.message, source=self.source, line=self.number or None) from None
        return Frontier.from_json(data, line=self.line, place=self.place)

    def encode(self) -> bytes:
        """The line as it was read, without its end."""
        return self.line


Record: TypeAlias = Header | Library | Archive | Frontier | Model | Metric | End | Foreign


def ran_out(record: Record) -> bool:
    """Whether the search for a frontier's task ended at a budget, in this run or in the one that is resumed."""
    if isinstance(record, Foreign) and record.type == Frontier.TYPE:
        record = record.frontier()
    return isinstance(record, Frontier) and record.search is not None and record.search.status == "budget"


RECORD_TYPES: Mapping[str, type[Header | Library | Archive | Frontier | Model | Metric | End]] = {
    cls.TYPE: cls for cls in (Header, Library, Archive, Frontier, Model, Metric, End)
}
"""The documented records by their ``type``."""


def worst(*statuses: EndStatus) -> EndStatus:
    """The worst of ``statuses``, complete when there is none."""
    return max(statuses, key=END_STATUSES.index, default="complete")


def unite_ends(first: End, second: End) -> End:
    """The one ``end`` that says what two said: the worse status, and the unknown fields of both."""
    if first == second:
        return first
    return End(worst(first.status, second.status), extra={**second.extra, **first.extra})


def _task_id(data: Any) -> str | None:
    task = data.get("task") if isinstance(data, Mapping) else None
    found = task.get("id") if isinstance(task, Mapping) else None
    return found if isinstance(found, str) else None


# ---- JSON text ------------------------------------------------------------------------------------------------------

_DIGITS = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else byte for byte in range(256))
_MAYBE_BEYOND_64_BITS = b"0" * 19


def decode(line: bytes) -> dict[str, Any]:
    """The JSON object on ``line``; raises `InputError` where there is none.

    Integers of up to 308 digits are exact. NaN, infinity and what rounds to it are refused.
    """
    try:
        data = orjson.loads(line)
        if _MAYBE_BEYOND_64_BITS in line.translate(_DIGITS):
            # orjson rounds integers beyond 64 bits to floats.
            data = json.loads(line)
    except (ValueError, RecursionError) as problem:
        raise InputError(f"not JSON: {_explain(line, problem)}") from None
    if type(data) is not dict:
        raise InputError('not a record: expected an object in braces with a "type"')
    return data


_ENDS_WITHIN = "unexpected end of data"
"""What orjson says of a line that holds the beginning of a value only."""


def _explain(line: bytes, problem: Exception) -> str:
    if b"\0" in line:
        return f"a NUL byte at byte {line.index(0) + 1}"
    try:
        line.decode()
    except UnicodeDecodeError as wrong:
        return f"not UTF-8 at byte {wrong.start + 1}"
    if _ENDS_WITHIN in str(problem):
        return "the line ends within a value; a record is one whole line (jq -c writes it so)"
    if isinstance(problem, json.JSONDecodeError):
        return f"{problem.msg} at column {problem.colno}"
    return str(problem) or "nested too deeply"


def encode(data: Any) -> bytes:
    """``data`` as one line of compact JSON: floats by shortest round trip, NaN and infinity as null."""
    try:
        return orjson.dumps(data)
    except TypeError:
        return _encode_anything(data)


def _encode_anything(data: Any) -> bytes:
    """JSON of what orjson does not encode: integers beyond 64 bits, lone surrogates, nesting beyond 254 levels."""
    out: list[bytes] = []
    # A stack of what is still to be written, so that depth costs no recursion; bytes are written as they are.
    pending: list[Any] = [data]
    while pending:
        value = pending.pop()
        if type(value) is bytes:
            out.append(value)
        elif isinstance(value, dict):
            out.append(b"{")
            pending.append(b"}")
            for index, (key, item) in reversed(list(enumerate(value.items()))):
                pending += (item, (b"," if index else b"") + _encode_scalar(key) + b":")
        elif isinstance(value, list | tuple):
            out.append(b"[")
            pending.append(b"]")
            for index, item in reversed(list(enumerate(value))):
                pending += (item, b",") if index else (item,)
        else:
            out.append(_encode_scalar(value))
    return b"".join(out)


def _encode_scalar(value: Any) -> bytes:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(int(value)).encode()
    if isinstance(value, str):
        # Half a surrogate pair (from a file name that is not UTF-8) is shown as \udc80: JSON has no way to say it.
        return orjson.dumps(value.encode("utf-8", "backslashreplace").decode())
    try:
        return orjson.dumps(value)
    except TypeError:
        raise EngineError(f"a record holds a {type(value).__name__}, which JSON cannot say") from None
