"""The method ``diff``, which applies the unified diffs of a stream to the programs that they are meant for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from psynth.core.diffs import Applied, Fault, applied, is_diff
from psynth.core.errors import InputError
from psynth.core.marked_blocks import BadBlocks
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record, quality
from psynth.core.stream.resuming import parents_of
from psynth.core.wording import counted
from psynth.plugins.method import Context, Method
from psynth.plugins.source_domain import PYTHON
from psynth_source.blocks import Blocks
from psynth_source.variation import DIFF

TEXT = "text"
FAULTS = "faults"
"""The field of a program's origin that names what is wrong with its diff."""


@dataclass
class _Tally:
    """What came of the diffs of a stream."""

    diffs: int = 0
    applied: int = 0
    faults: Counter[Fault] = field(default_factory=Counter)

    def add(self, result: Applied) -> None:
        self.diffs += 1
        self.applied += result.text is not None
        self.faults.update(result.faults)


@dataclass(frozen=True)
class ApplyDiffs(Method):
    """Apply the unified diffs of a stream to the programs that they are meant for.

    A diff is a program of language text, such as a language model writes, or the origin.diff of a program. It is
    applied to the first program of its origin.from or, without any, to the first program of its frontier that is no
    diff. It goes where its context and removed lines are, whatever its line numbers say; of several such places, to the
    one nearest to them. The result replaces it. A diff that cannot be applied stays, with status error and a message.
    In both cases origin.faults names what is wrong with it: bad-format, bad-text, bad-line-numbers, no-parent,
    unchanged, outside-blocks. A warning counts these. Programs without a diff are left out.

        psynth mutate --method python-ast --diffs started.jsonl | psynth mutate --method diff
    """

    keep: bool = setting(False, help="also keep programs without a diff")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with what its diffs make."""
        tally = _Tally()
        for record in records:
            yield self._applied(record, context, tally) if isinstance(record, Frontier) else record
        if tally.faults:
            failed = tally.diffs - tally.applied
            faults = ", ".join(f"{fault.value} {tally.faults[fault]}" for fault in Fault if tally.faults[fault])
            context.warn(f"{counted(tally.diffs, 'diff')}: {tally.applied} applied, {failed} failed; {faults}")

    def _applied(self, frontier: Frontier, context: Context, tally: _Tally) -> Frontier:
        languages = _languages(frontier, context)
        diffs = [_diff_of(each, languages) for each in frontier.programs]
        parents = [each for each, diff in zip(frontier.programs, diffs, strict=True) if diff is None]
        programs = []
        for program, diff in zip(frontier.programs, diffs, strict=True):
            if diff is not None:
                programs.append(_result(program, diff, parents, languages, tally))
            elif self.keep:
                programs.append(program)
        programs.sort(key=quality, reverse=True)
        return replace(frontier, programs=tuple(programs), search=frontier.search if self.keep else None)


def _languages(frontier: Frontier, context: Context) -> list[str]:
    """The languages of programs for a frontier, the usual one first; Python if its domain is not known."""
    try:
        known = [] if frontier.task is None else list(context.domain(frontier.task.domain).languages)
    except InputError:
        known = []
    return known or [PYTHON]


def _diff_of(program: Program, languages: list[str]) -> str | None:
    """The diff that a program has or is."""
    given = None if program.origin is None else program.origin.extra.get(DIFF)
    if isinstance(given, str):
        return given
    is_one = program.language == TEXT and (TEXT not in languages or is_diff(program.program))
    return program.program if is_one else None


def _keeps_blocks(parent: str, text: str) -> bool:
    """Whether a text differs from its parent in blocks only, if the parent has any."""
    try:
        blocks = Blocks.of(parent)
    except BadBlocks:
        return True
    return blocks is None or blocks.keep(text)


def _result(program: Program, diff: str, parents: list[Program], languages: list[str], tally: _Tally) -> Program:
    made_from = parents_of(program)[:1] or tuple(each.program for each in parents[:1])
    result = (
        applied(diff, made_from[0]) if made_from else Applied(None, (Fault.NO_PARENT,), "no program to apply it to")
    )
    if result.text is not None and not _keeps_blocks(made_from[0], result.text):
        faults_found = (*result.faults, Fault.OUTSIDE_BLOCKS)
        result = Applied(None, faults_found, "it changes what is not between the markers EVOLVE-BLOCK")
    tally.add(result)
    faults = {FAULTS: [fault.value for fault in result.faults]} if result.faults else {}
    if result.text is None:
        origin = program.origin or Origin()
        message = f"the diff cannot be applied: {result.message}"
        return replace(program, status="error", message=message, origin=replace(origin, extra=origin.extra | faults))
    language = program.language
    if language == TEXT:
        language = next((each.language for each in parents if each.program == made_from[0]), languages[0])
    return Program(result.text, language, origin=Origin(by="diff", from_=made_from, extra={DIFF: diff, **faults}))
