"""The method ``stitch``, which reads a whole stream, learns a library for each domain, and rewrites the programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.refit import inside_outside
from psynth.core.calculus.types import TypeSyntaxError, parse_type
from psynth.core.engines.compression import Compression, CompressionSettings, JointSearch
from psynth.core.errors import UsageError
from psynth.core.languages import grammar_of, library_of
from psynth.core.settings import did_you_mean, setting
from psynth.core.stream.records import (
    ABSTRACTION_LABEL,
    End,
    Foreign,
    Frontier,
    Library,
    Metric,
    Program,
    Record,
    quality,
)
from psynth.core.stream.scope import scoped
from psynth.core.wording import counted
from psynth.plugins.method import Context, Method
from psynth_library.corpus import Corpus, Rewritten, syntax_fault
from psynth_library.identity import recognized

MAX_WARNINGS = 10
"""Maximum number of programs about which there is a warning; the rest are only counted."""


@dataclass
class _Segment:
    """A library of the stream and its frontiers, by their positions in the stream."""

    library: Library
    positions: list[int]
    frontiers: list[tuple[int, Frontier]] = field(default_factory=list)


@dataclass(frozen=True)
class Stitch(CompressionSettings, Method):
    """Learn the abstractions that shorten the solved programs most, and rewrite the programs with them.

    Each step adds the abstraction of greatest utility (the corpus cost saved minus the size of its body), found
    exactly by branch and bound; an abstraction must be used in two tasks. If a task has several programs, the cheapest
    counts. Programs are written exactly as the search left them, so their cost is the metric
    ``compress.cost``, and each is verified to expand back to the program that was learned from. Weights are refitted by
    inside–outside.
    """

    shape: str = setting(
        "auto",
        help="eta-long: programs are put into η-long form, which enumerate generates, and stay in it; "
        "any: as Stitch; auto: eta-long if every primitive has a type",
        choices=("auto", "eta-long", "any"),
    )
    from_scratch: bool = setting(
        False,
        help="first expand and remove the library's abstractions; documented ones that are found again keep theirs",
    )
    pseudocounts: float = setting(30.0, help="pseudocounts added to each production", minimum=0)
    refit: bool = setting(True, help="refit the weights of the library to the programs")

    @property
    def joint(self) -> JointSearch | None:
        """The search over libraries that takes the place of the greedy one, if any."""
        return None

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield every record in its place: libraries extended, programs rewritten, metrics after each library."""
        stream = list(_readable(records, context))
        segments = _segments(stream, context)
        self._check_costs(segments)
        replaced: dict[int, list[Record]] = {}
        before: list[Record] = []
        stopped: set[str] = set()
        for segment in segments:
            library, metrics, frontiers, status = self._learn(segment, context)
            stopped.add(status)
            records_of_library: list[Record] = [library, *metrics]
            if not segment.positions:
                before.extend(records_of_library)
            for position in segment.positions:
                replaced[position] = records_of_library
            for (index, _), frontier in zip(segment.frontiers, frontiers, strict=True):
                replaced[index] = [frontier]
        yield from before
        for index, record in enumerate(stream):
            if isinstance(record, End) and "interrupted" in stopped:
                raise KeyboardInterrupt  # the best so far is written; the frame writes the end
            if isinstance(record, End) and "budget" in stopped and record.status == "complete":
                record = End("budget")
            yield from replaced.get(index, [record])

    def _check_costs(self, segments: Sequence[_Segment]) -> None:
        """UsageError for a cost of a name that no library and no program of the stream has."""
        known = {entry.name for segment in segments for entry in segment.library.productions}
        unknown = [name for name in self.cost_overrides if name not in known]
        if not unknown or not segments:
            return
        # Imported programs may hold constants that no library lists.
        texts = (
            each.program for segment in segments for _, frontier in segment.frontiers for each in frontier.programs
        )
        known.update(word for text in texts for word in text.replace("(", " ").replace(")", " ").split())
        for name in unknown:
            if name not in known:
                raise UsageError(f"--cost: no library here has a primitive {name!r}{did_you_mean(name, known)}")

    def _learn(self, segment: _Segment, context: Context) -> tuple[Library, list[Metric], list[Frontier], str]:
        corpus = Corpus(
            segment.library, [frontier for _, frontier in segment.frontiers], from_scratch=self.from_scratch
        )
        context.progress.start(self.iterations, f"abstractions for {segment.library.domain}")
        eta_long = corpus.typed if self.shape == "auto" else self.shape == "eta-long"
        found = corpus.compress(self, context.progress, eta_long=eta_long, joint=self.joint)
        context.progress.finish()
        for warning in corpus.warnings[:MAX_WARNINGS]:
            context.warn(warning)
        if len(corpus.warnings) > MAX_WARNINGS:
            more = counted(len(corpus.warnings) - MAX_WARNINGS, "more program")
            context.warn(f"{segment.library.domain}: such is the case of {more}")
        if corpus.frontiers and not corpus.has_examples:
            context.warn(f"{segment.library.domain}: {corpus.lacking}; nothing is learned")
        grammar = grammar_of(corpus.library)
        if self.refit and corpus.frontiers:
            grammar = inside_outside(grammar, corpus.scored(found.programs), pseudocounts=self.pseudocounts)
        library = _with_weights(corpus.library, grammar)
        frontiers = [
            _rescored(frontier, rewritten, grammar)
            for frontier, rewritten in zip(corpus.frontiers, found.programs, strict=True)
        ]
        metrics = _metrics(segment.library.domain, found.compression)
        if self.from_scratch:
            library, metrics, frontiers = recognized(segment.library, library, metrics, frontiers)
        return library, metrics, frontiers, found.compression.status


def _readable(records: Iterable[Record], context: Context) -> Iterator[Record]:
    """Yield records without what no corpus can hold: ``--on-error`` decides whether to pass it on, unchanged."""
    for record in records:
        if not isinstance(record, Frontier):
            yield record
            continue
        try:
            if record.task is not None and record.task.request is not None:
                parse_type(record.task.request)
        except TypeSyntaxError as error:
            if context.bad_input(record.error(f"request: {error}")):
                yield Foreign(Frontier.TYPE, record.encode())
            continue
        programs = tuple(_readable_programs(record, context))
        yield record if len(programs) == len(record.programs) else replace(record, programs=programs)


def _readable_programs(frontier: Frontier, context: Context) -> Iterator[Program]:
    for number, program in enumerate(frontier.programs, 1):
        fault = syntax_fault(program)
        if fault is None or context.bad_input(frontier.error(f"program {number}: {fault}")):
            yield program


def _segments(stream: list[Record], context: Context) -> list[_Segment]:
    """The stream split by the library in effect; equal libraries, as after ``cat a.jsonl b.jsonl``, are merged."""
    current: dict[str, _Segment] = {}
    segments: list[_Segment] = []
    for index, (record, scope) in enumerate(scoped(stream, context.library_for)):
        if not isinstance(record, Library | Frontier):
            continue
        if isinstance(record, Frontier) and record.task is None and scope.nearest is None:
            continue
        library = record if isinstance(record, Library) else scope.library(record)
        segment = current.get(library.domain)
        if segment is None or (segment.library is not library and segment.library != library):
            segment = current[library.domain] = _Segment(library, [])
            segments.append(segment)
        if isinstance(record, Library):
            segment.positions.append(index)
        else:
            segment.frontiers.append((index, record))
    return segments


def _with_weights(library: Library, grammar: Grammar) -> Library:
    """``library`` with the weights of ``grammar``; names, definitions and documentation are kept."""
    weighted = library_of(grammar, library.domain)
    weights = {production.name: production.log_weight for production in weighted.productions}
    productions = tuple(replace(production, log_weight=weights[production.name]) for production in library.productions)
    return replace(library, productions=productions, log_variable=weighted.log_variable, contextual=weighted.contextual)


def _rescored(frontier: Frontier, rewritten: list[Rewritten], grammar: Grammar) -> Frontier:
    programs = []
    for program, new in zip(frontier.programs, rewritten, strict=True):
        if new.term is None:
            programs.append(program)
            continue
        log_prior = float("-inf")
        if new.derivable is not None and new.request is not None:
            log_prior = grammar.log_prior(new.derivable, new.request)
        programs.append(
            replace(program, program=str(new.term), log_prior=log_prior if log_prior > float("-inf") else None)
        )
    # Weights for the task refer to the library's productions, and the cost that was searched to its weights.
    search = None if frontier.search is None else replace(frontier.search, max_cost=None)
    return replace(frontier, programs=tuple(sorted(programs, key=quality, reverse=True)), search=search, weights=None)


def _metrics(domain: str, compression: Compression) -> list[Metric]:
    """The cost saved by each step, as metrics."""
    metrics = [Metric(name="compress.cost", value=compression.cost_before, step=0, labels={"domain": domain})]
    for step, found in enumerate(compression.abstractions, start=1):
        labels = {"domain": domain, ABSTRACTION_LABEL: found.name}
        metrics.append(Metric(name="compress.utility", value=found.utility, step=step, labels=labels))
        metrics.append(Metric(name="compress.uses", value=found.uses, step=step, labels=labels))
        metrics.append(Metric(name="compress.cost", value=found.cost_after, step=step, labels=labels))
    description_length = compression.description_length
    steps = {0: compression.cost_before, len(compression.abstractions): description_length}
    for step, value in steps.items():
        metrics.append(Metric(name="compress.description-length", value=value, step=step, labels={"domain": domain}))
    return metrics
