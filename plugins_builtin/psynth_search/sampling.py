"""The sample methods ``grammar`` and ``cheapest``: programs of each library, optionally with tasks they solve."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from psynth.core.calculus.types import constructors, parse_type
from psynth.core.engines.lambda_machine import LambdaMachine
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.languages import grammar_of
from psynth.core.limits import LARGEST
from psynth.core.settings import did_you_mean, setting
from psynth.core.stream.records import End, Frontier, Library, Line, Origin, Program, Record, worst
from psynth.plugins.domain import Domain
from psynth.plugins.method import Context, Method
from psynth.plugins.task_maker import MadeTask, TaskMakerSettings, frontier_of_made, made_task_id
from psynth_search.draws import Draw, listed, sampled
from psynth_search.windows import DEFAULT_PROGRAMS

DRAWS_EACH = 100
"""Default maximum number of draws for each program requested."""
DEEPEST = 400
"""Maximum depth at which the λ-machine samples."""
SEEN_BEFORE, TOO_LARGE = "drawn before", "too large"


@dataclass(frozen=True)
class Draws(Method):
    """The base of the methods: programs for each library of the stream, optionally with tasks that they solve."""

    parallel = "threads"
    random = True
    reads: ClassVar[Collection[type[Line]]] = (Library, Frontier)

    count: int = setting(
        100, minimum=1, maximum=LARGEST, unit="programs", main=True, help="programs for each library and type"
    )
    request: tuple[str, ...] = setting(
        (), value="TYPE", main=True, help="sample programs of this type, not of the frontiers' types (repeatable)"
    )
    max_size: int | None = setting(None, minimum=1, unit="nodes", help="discard programs larger than this")
    distinct: bool = setting(False, main=True, help="no duplicates, compared in the domain's own syntax")
    max_draws: int | None = setting(
        None,
        minimum=1,
        unit="programs",
        help="maximum programs drawn or listed for a type (default: 100 for each of --count)",
    )
    demonstrations: int = setting(
        0,
        minimum=0,
        unit="inputs",
        main=True,
        help="make each program a task with this many inputs (implies --distinct)",
    )
    outputs: bool = setting(False, help="with --demonstrations, also write the output for each input")
    keep: bool = setting(False, help="also pass on the frontiers of the input")

    draws: ClassVar[str] = "draws"
    """What messages call the programs that the method gets, of which some are dropped."""

    @property
    def most(self) -> int:
        """The maximum number of programs drawn for a type."""
        return self.max_draws or DRAWS_EACH * self.count

    @abstractmethod
    def blocks(self, machine: LambdaMachine, library: Library, request: str, context: Context) -> Iterator[list[Draw]]:
        """Yield the programs of one type in blocks; raise InputError if the library has none."""

    @classmethod
    def settings_of(cls, domain: Domain) -> type | None:
        """The settings of the tasks that the domain makes for programs."""
        maker = domain.task_maker()
        return TaskMakerSettings if maker is None else maker.Settings

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield each library with its samples, at the next library of its domain or the end of the stream."""
        stream = _Stream(self, context)
        for record in records:
            if isinstance(record, Library):
                yield from stream.adopt(record)
            elif isinstance(record, Frontier):
                yield from stream.ask(record)
            elif isinstance(record, End):
                yield from stream.finish()
                yield replace(record, status=worst(record.status, "budget")) if stream.incomplete else record
            else:
                yield record


@dataclass(frozen=True)
class DrawFromGrammar(Draws):
    """Sample programs from each library of the stream with the probabilities that its weights give.

    --count programs are sampled for each library and type: the types that the frontiers after the library request, or
    those of --request. The output is the library and a frontier for each program; the frontiers of the input are
    dropped without --keep. The programs depend on the seed, not on the shard.

    With --demonstrations each program solves a task made for it, with inputs that the domain samples; the domain's
    settings for them are options if -d names the domain (psynth sample -d karel --help). Programs for which the domain
    cannot make a task are replaced by others, and counted on standard error.
    """

    max_depth: int = setting(
        6, minimum=1, maximum=DEEPEST, help="below this depth, choose only the shortest completions"
    )

    def blocks(self, machine: LambdaMachine, library: Library, request: str, context: Context) -> Iterator[list[Draw]]:
        """Yield blocks of independent samples without end."""
        try:
            yield from sampled(machine, library, request, self.max_depth, context)
        except InputError as error:
            raise library.error(f"{error.message} (with --max-depth {self.max_depth})") from error


@dataclass(frozen=True)
class Cheapest(Draws):
    """List the programs of each library of the stream from the likeliest on, each once.

    --count programs are listed for each library and type: the types that the frontiers after the library request, or
    those of --request. Within each 1.5 nats of −log prior their order is that of enumerate --method windows. The output
    is as of --method grammar, and so is --demonstrations.

    Behaviors that several programs have are sampled mostly as their longer forms. psynth relabel, which keeps one
    program for each, therefore gets more behaviors and simpler programs from a list than from as many samples.

    A list that --max-size cuts short ends, by default, 300,000 programs after --count at the latest.
    """

    draws: ClassVar[str] = "programs listed"

    @property
    def most(self) -> int:
        """The maximum number of programs listed for a type: a list has no duplicates, which a sample has to skip."""
        return self.max_draws or min(DRAWS_EACH * self.count, self.count + DEFAULT_PROGRAMS)

    def blocks(self, machine: LambdaMachine, library: Library, request: str, context: Context) -> Iterator[list[Draw]]:
        """Yield the programs in order of cost, until there are no more."""
        return listed(machine, library, request, context)


@dataclass
class _Source:
    """A library to sample from, and the types requested so far."""

    library: Library
    requests: dict[str, None]


@dataclass
class _Stream:
    """The state of a stream: the libraries in effect, and the one written last."""

    method: Draws
    context: Context
    incomplete: bool = False
    _sources: dict[str, _Source] = field(default_factory=dict)
    _written: dict[str, Library] = field(default_factory=dict)
    _numbers: Counter[str] = field(default_factory=Counter)
    _fits: set[str] = field(default_factory=set)
    _misfits: dict[str, str] = field(default_factory=dict)
    """For each type of --request that some library cannot give, the reason."""

    def __post_init__(self) -> None:
        for request in self.method.request:
            try:
                parse_type(request)
            except PsynthError as error:
                raise UsageError(f"--request: {error}") from error

    def adopt(self, library: Library) -> Iterator[Record]:
        """Sample from the previous library of the domain, and adopt the new one."""
        if library.domain in self._sources:
            yield from self._draw(self._sources.pop(library.domain))
        try:
            if not library.productions:
                self.context.domain(library.domain).require_lambda("be sampled from a library")
            grammar_of(library)
        except InputError as error:
            if self.context.bad_input(error if error.source else library.error(error.message)):
                yield from self._under(library, at_once=True)
            return
        self._sources[library.domain] = _Source(library, dict.fromkeys(self._fitting(library)))

    def _fitting(self, library: Library) -> Iterator[str]:
        """The types of --request whose parts the library has."""
        known = set().union(*(constructors(parse_type(entry.type)) for entry in library.productions))
        for request in self.method.request:
            unknown = sorted(constructors(parse_type(request)) - known)
            if unknown:
                self._misfits[request] = f"{unknown[0]!r} is no type of {library.domain}" + did_you_mean(
                    unknown[0], known
                )
            else:
                self._fits.add(request)
                yield request

    def ask(self, frontier: Frontier) -> Iterator[Record]:
        """Note the type that a frontier requests."""
        task = frontier.task
        source = None if task is None else self._sources.get(task.domain)
        if task is not None and task.request is not None and source is not None and not self.method.request:
            try:
                source.requests[str(parse_type(task.request))] = None
            except PsynthError as error:
                if not self.context.bad_input(frontier.error(f"request: {error}")):
                    return
        if self.method.keep:
            if source is not None:
                yield from self._under(source.library)
            yield frontier

    def finish(self) -> Iterator[Record]:
        """Sample from the remaining libraries at the end of the stream."""
        for request, problem in self._misfits.items():
            if request not in self._fits:
                raise UsageError(f"--request {request}: {problem}")
        while self._sources:
            yield from self._draw(self._sources.pop(next(iter(self._sources))))

    def _under(self, library: Library, *, at_once: bool = False) -> Iterator[Library]:
        """Write a library unless it is the last written of its domain or, with ``at_once``, of all domains."""
        last = next(reversed(self._written), None)
        if self._written.get(library.domain) is library and (not at_once or last == library.domain):
            return
        self._written.pop(library.domain, None)
        self._written[library.domain] = library
        yield library

    def _draw(self, source: _Source) -> Iterator[Record]:
        """Write a library and its samples. Frontiers without a task are in the language of the nearest library."""
        library, context = source.library, self.context
        yield from self._under(library, at_once=True)
        if not source.requests:
            context.warn(f"no type of programs of {library.domain} is requested; give --request TYPE")
        with self.context.engines.lambda_machine() as machine:
            for request in source.requests:
                try:
                    wanted = _DrawRequest(self.method, library, request, context)
                    for draw, shown in wanted.found(machine):
                        yield self._frontier(draw, shown, library.domain, request)
                    self.incomplete = self.incomplete or wanted.given_up
                except InputError as error:
                    context.bad_input(error if error.source else library.error(error.message))

    def _frontier(self, draw: Draw, shown: MadeTask | None, domain: str, request: str) -> Frontier:
        if shown is None:
            program = Program(draw.program, log_prior=draw.log_prior, origin=Origin(by="sample"))
            return Frontier(task=None, programs=(program,))
        number = self._numbers[domain]
        self._numbers[domain] += 1
        return frontier_of_made(
            shown,
            draw.program,
            task_id=made_task_id(domain, "drawn", self.context.seed, number),
            domain=domain,
            request=request,
            log_prior=draw.log_prior,
            by="sample",
        )


class _DrawRequest:
    """Samples of one type from one library: ``found`` yields them, ``given_up`` is set if the draws ran out."""

    def __init__(self, method: Draws, library: Library, request: str, context: Context) -> None:
        self._method, self._library, self._request, self._context = method, library, request, context
        self._domain: Domain = context.domain(library.domain)
        self._maker = self._domain.task_maker()
        if method.demonstrations and self._maker is None:
            raise UsageError(f"--demonstrations: domain {library.domain!r} cannot make tasks for programs")
        self._settings: Any = context.domain_settings or (self._maker.Settings() if self._maker else None)
        self._distinct = method.distinct or method.demonstrations > 0
        self._most = method.most
        self._known: set[str] = set()
        self._dropped: Counter[str] = Counter()
        self.given_up = False

    def found(self, machine: LambdaMachine) -> Iterator[tuple[Draw, MadeTask | None]]:
        """Yield programs until there are enough or the draws run out, then report what was dropped."""
        count, found, drawn = self._method.count, 0, 0
        what = f"programs of {self._library.domain}"
        self._context.progress.start(count, what)
        for block in self._method.blocks(machine, self._library, self._request, self._context):
            for place, draw, shown in self._usable(block[: self._most - drawn]):
                found += 1
                self._context.progress.advance()
                yield draw, shown
                if found == count:
                    drawn += place + 1
                    break
            else:
                drawn = min(drawn + len(block), self._most)
            if found == count or drawn == self._most:
                break
        self._context.progress.finish()
        self.given_up = found < count
        self._report(found, drawn)

    def _usable(self, block: list[Draw]) -> Iterator[tuple[int, Draw, MadeTask | None]]:
        """Yield the draws of a block that are kept, with their positions, and count the others by reason."""
        limit = self._method.max_size
        why: list[str | None] = [None if limit is None or draw.size <= limit else TOO_LARGE for draw in block]
        shown: dict[int, MadeTask] = {}
        if self._method.demonstrations and self._maker is not None:
            places = [place for place, reason in enumerate(why) if reason is None]
            answers = self._maker.tasks_for(
                [(block[place].program, block[place].seed) for place in places],
                self._library,
                self._method.demonstrations,
                self._settings,
                outputs=self._method.outputs,
                threads=self._context.jobs,
            )
            for place, answer in zip(places, answers, strict=True):
                if isinstance(answer, str):
                    why[place] = answer
                else:
                    shown[place] = answer
        for place, (draw, reason) in enumerate(zip(block, why, strict=True)):
            if reason is None and self._distinct and not self._is_new(draw):
                reason = SEEN_BEFORE
            if reason is None:
                yield place, draw, shown.get(place)
            else:
                self._dropped[reason] += 1

    def _is_new(self, draw: Draw) -> bool:
        try:
            text = self._domain.syntax().print(draw.program)
        except PsynthError:  # for example, a learned abstraction that the domain's notation lacks
            text = draw.program
        if text in self._known:
            return False
        self._known.add(text)
        return True

    def _report(self, found: int, drawn: int) -> None:
        dropped = ", ".join(f"{number:,} {why}" for why, number in self._dropped.most_common())
        told = f"{self._library.domain}, {self._request}: {found:,} programs from {drawn:,} {self._method.draws}"
        if self.given_up:
            limit = " (--max-draws)" if drawn == self._most else ""
            told = f"{told}, {self._method.count:,} were requested{limit}"
        if self.given_up or self._method.demonstrations:
            self._context.warn(f"{told}; dropped {dropped}" if dropped else told)
