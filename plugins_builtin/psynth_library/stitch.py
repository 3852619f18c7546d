"""The method ``stitch``, which reads a whole stream, learns a library for each domain, and rewrites the programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.refit import bigram, inside_outside
from psynth.core.calculus.types import TypeSyntaxError, parse_type
from psynth.core.engines.compression import CompressionSettings, JointSearch
from psynth.core.errors import InputError, UsageError
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
from psynth_library.corpus import Corpus, Learned, Rewritten, syntax_fault
from psynth_library.identity import recognized
from psynth_library.shares import read_weights

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

    First the programs are rewritten with the abstractions that the library has: each at the least cost that a search
    over their uses together finds (the package's README says what it leaves out), verified to keep its β-normal form.
    With --rewrite-only that is all: every λ-term is rewritten, whether it solves its task or not, and the library stays
    as it is.

    Each step then adds the abstraction of greatest utility (the corpus cost saved minus the size of its body), found
    exactly by branch and bound; an abstraction must be used in two tasks. If a task has several programs, the cheapest
    counts. Programs with nothing but a finite log-likelihood below 0 are learned from too; each nat below the best of
    their task costs cost_primitive / ln(productions). Programs are written exactly as the search left them, so their
    cost is the metric ``compress.cost``, and each is verified to expand back to the program that was learned from.
    Weights are refitted by inside–outside. With --grammar bigram they depend on the context, too: a production is as
    likely as it is in that argument of that parent, where the programs say enough; see --backoff.
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
    rewrite_only: bool = setting(False, help="rewrite all programs with the library as it is; learn nothing")
    weights: Path | None = setting(
        None, help="JSON file with weights of tasks, by id; others count as their meta.weight, or once", file="read"
    )
    pseudocounts: float = setting(30.0, help="pseudocounts added to each production", minimum=0)
    refit: bool = setting(True, help="refit the weights of the library to the programs")
    grammar: Literal["unigram", "bigram"] = setting(
        "unigram", help="what refitted weights depend on; bigram: on the parent production and the argument, too"
    )
    backoff: float = setting(
        1.0, unit="holes", minimum=0.01, help="of a bigram: what the weights without context count for"
    )

    @property
    def joint(self) -> JointSearch | None:
        """The search over libraries that takes the place of the greedy one, if any."""
        return None

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield every record in its place: libraries extended, programs rewritten, metrics after each library."""
        stream = list(_readable(records, context))
        segments = _segments(stream, context)
        self._check_costs(segments)
        weights = self._check_weights(segments)
        replaced: dict[int, list[Record]] = {}
        before: list[Record] = []
        stopped: set[str] = set()
        for segment in segments:
            library, metrics, frontiers, status = self._learn(segment, weights, context)
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

    def _check_weights(self, segments: Sequence[_Segment]) -> dict[str, Fraction]:
        """The weights of the file; InputError for one of a task that the stream does not have."""
        if self.weights is None:
            return {}
        given = read_weights(self.weights)
        known = {frontier.task.id for each in segments for _, frontier in each.frontiers if frontier.task is not None}
        for name in given:
            if name not in known:
                raise InputError(f"{name}: no such task{did_you_mean(name, known)}", source=str(self.weights))
        return given

    def _learn(
        self, segment: _Segment, weights: Mapping[str, Fraction], context: Context
    ) -> tuple[Library, list[Metric], list[Frontier], str]:
        corpus = Corpus(
            segment.library, [frontier for _, frontier in segment.frontiers], from_scratch=self.from_scratch
        )
        eta_long = corpus.typed if self.shape == "auto" else self.shape == "eta-long"
        if self.rewrite_only:
            found = corpus.rewrite(self, eta_long=eta_long)
        else:
            joint = self.joint
            total, what = (self.iterations, "abstractions") if joint is None else (joint.effort or None, "steps")
            context.progress.start(total, f"{what} for {segment.library.domain}")
            found = corpus.compress(self, context.progress, eta_long=eta_long, joint=joint, weights=weights)
            context.progress.finish()
        for warning in corpus.warnings[:MAX_WARNINGS]:
            context.warn(warning)
        if len(corpus.warnings) > MAX_WARNINGS:
            more = counted(len(corpus.warnings) - MAX_WARNINGS, "more program")
            context.warn(f"{segment.library.domain}: such is the case of {more}")
        if corpus.frontiers and not corpus.has_examples and not self.rewrite_only:
            context.warn(f"{segment.library.domain}: {corpus.lacking}; nothing is learned")
        grammar = grammar_of(corpus.library)
        if self.refit and corpus.frontiers and not self.rewrite_only:
            scored = corpus.scored(found.programs)
            if self.grammar == "bigram":
                grammar = bigram(grammar, scored, self.pseudocounts, self.backoff)
            else:
                grammar = inside_outside(grammar, scored, self.pseudocounts)
        library = corpus.library if self.rewrite_only else _with_weights(corpus.library, grammar)
        frontiers = [
            _rescored(frontier, rewritten, grammar)
            for frontier, rewritten in zip(corpus.frontiers, found.programs, strict=True)
        ]
        metrics = _metrics(segment.library.domain, found)
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


def _metrics(domain: str, learned: Learned) -> list[Metric]:
    """The cost of the programs as they came, after rewriting with the library if it had abstractions, and each step."""
    metrics = [Metric(name="compress.cost", value=learned.compression.cost_before, step=0, labels={"domain": domain})]
    rewriting = learned.rewriting
    if rewriting is not None:
        metrics = [
            Metric(name="compress.cost", value=rewriting.cost_before, step=0, labels={"domain": domain}),
            Metric(name="compress.uses", value=sum(rewriting.uses), step=0, labels={"domain": domain}),
            Metric(name="compress.rewritten", value=rewriting.cost_after, step=0, labels={"domain": domain}),
        ]
    for step, found in enumerate(learned.compression.abstractions, start=1):
        labels = {"domain": domain, ABSTRACTION_LABEL: found.name}
        metrics.append(Metric(name="compress.utility", value=found.utility, step=step, labels=labels))
        metrics.append(Metric(name="compress.uses", value=found.uses, step=step, labels=labels))
        metrics.append(Metric(name="compress.cost", value=found.cost_after, step=step, labels=labels))
    steps = {0: metrics[0].value, len(learned.compression.abstractions): learned.compression.description_length}
    for step, value in steps.items():
        metrics.append(Metric(name="compress.description-length", value=value, step=step, labels={"domain": domain}))
    return metrics
