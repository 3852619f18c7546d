"""The method ``llm`` of ``psynth mutate``: a language model changes programs, mixes several, or repairs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any, ClassVar

from psynth.core.errors import InputError
from psynth.core.marked_blocks import BadBlocks, MarkedBlocks
from psynth.core.seeds import stable_hash
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Origin, Program, Record
from psynth.core.stream.scope import Scope, batches, scoped
from psynth.plugins.asking import Asker, AskingSettings
from psynth.plugins.domain import LAMBDA
from psynth.plugins.evaluator import ARTIFACTS, FIGURES
from psynth.plugins.language_model import Answer, Message, ModelRequest, RequestTooLong
from psynth.plugins.method import Context
from psynth.plugins.source_domain import PYTHON
from psynth.plugins.variation import Known, Parent, Variation, Work, seeds_of
from psynth.plugins.visible_task import VisibleTask
from psynth_llm.edits import EDITS, ELM_DIFF, INSTRUCTIONS, REWRITE, RUNG, edited, elm_prompt
from psynth_llm.notation import NATIVE, Notation, Refused, Terms, has_native, notation_of
from psynth_llm.prompts import system, task_shown

BATCH = 64
"""Frontiers that are worked on together."""
LONGEST_ARTIFACT = 2000
"""Maximum number of characters of an artifact in a prompt, of which the end is shown."""
INSTRUCTION = "Change the program so that it does better at the task, or does the same in a new way."
_FILES = {PYTHON: "program.py", "json": "program.json"}
"""What a model of diffs is told that a program's file is called."""
STOP = "<NME>"
"""Where a model of diffs begins another file."""


@dataclass(eq=False, kw_only=True)
class Asked(Parent):
    """A program that a model changes: how it is shown, and the conversation so far."""

    notation: Notation
    text: str
    request: str | None
    mates: tuple[str, ...] = ()
    conversation: tuple[Message, ...] = ()
    blocks: MarkedBlocks | None = None
    failure: tuple[str, Refused] | None = None
    """The first answer of the last request that is no mutant, and why."""


@dataclass(frozen=True)
class Mutate(AskingSettings, Variation):
    """Let a language model change each program (evolution through large models: Lehman et al., 2022).

    A prompt has the language and the library, the task, up to --mates other programs of the frontier with their
    results, the program, and what its last evaluation said of it: reward or score, message, figures and artifacts. The
    model answers with a whole program (rewrite), SEARCH/REPLACE blocks (search-replace) or a unified diff (diff);
    elm-diff is the form of the published models of diffs, which continue a prompt. A Python program with lines
    EVOLVE-BLOCK-START and EVOLVE-BLOCK-END changes between these only. An answer that is no program of the task's type,
    or no change, is no mutant; --repair shows it to the model with the reason, and asks again.

    All mutants of a program are completions of one request. As an operator of psynth elites, the method has one cache
    and one budget for the whole run.

        psynth evaluate programs.jsonl | psynth mutate --method llm --model openai:model=NAME --count 4
        psynth elites seeds.jsonl --method map-elites --parents 2 --operator 'llm:model=openai:model=NAME,cache=a.jsonl'
    """

    resumable = True
    parallel = "threads"
    by: ClassVar[str] = "llm"

    edit: str = setting(REWRITE, choices=EDITS, main=True, help="what the model answers with")
    mates: int = setting(2, minimum=0, maximum=100, unit="programs", help="other programs of the frontier in a prompt")
    instruction: str = setting(INSTRUCTION, help="what the model is told to do with the program")
    shown: int = setting(5, minimum=0, maximum=1000, unit="examples", help="maximum examples of a task in a prompt")
    repair: int = setting(0, minimum=0, maximum=100, unit="requests", help="requests to repair answers that are none")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield the records in order, each frontier with the mutants of its programs."""
        self._open(context)
        try:
            yield from super().run(records, context)
        finally:
            self._asker.tell()

    def varied(self, records: Iterator[Record], context: Context) -> Iterator[Record | Work[Any]]:
        """Yield the records in order, with ``Work`` in place of each frontier that has programs."""
        for batch in batches(scoped(records, context.library_for), BATCH):
            items = [self._item(record, scope, context) for record, scope in batch]
            self._vary([item for item in items if isinstance(item, Work)], context)
            yield from items

    def hint(self) -> str:
        """What may help programs without mutants."""
        return "" if self.repair else "; --repair lets the model try again"

    @cached_property
    def _askers(self) -> list[Asker]:
        """The one that asks, once there is one: an operator of evolution runs many times."""
        return []

    @property
    def _asker(self) -> Asker:
        return self._askers[0]

    def _open(self, context: Context) -> None:
        if not self._askers:
            self._askers.append(Asker(self, context))

    def _item(self, record: Record, scope: Scope, context: Context) -> Record | Work[Parent]:
        if not isinstance(record, Frontier) or not record.programs:
            return record
        try:
            library = scope.library(record)
            domain = context.domain(library.domain)
        except InputError as error:
            return Work(record, [], record.error(error.message))
        task = None if record.task is None else domain.visible(record.task)
        notations: dict[str, Notation] = {}
        parents = []
        for program, seed in zip(record.programs, seeds_of(record, context), strict=True):
            language = program.language
            if language not in notations and language in domain.languages:
                native = language == LAMBDA and has_native(domain)
                notations[language] = notation_of(domain, library, NATIVE if native else language)
            parents.append(self._parent(program, seed, notations.get(language), record, task))
        return Work(record, parents)

    def _parent(
        self, program: Program, seed: int, notation: Notation | None, frontier: Frontier, task: VisibleTask | None
    ) -> Parent:
        text = None if notation is None else notation.shown(program)
        if notation is None or text is None:
            wrong = f"its domain has no programs in {program.language}" if notation is None else "it is not well typed"
            return Parent(program, seed, wrong=wrong)
        request = None if task is None else task.request
        if request is None and isinstance(notation, Terms):
            request = notation.type_of(program)
        asked = Asked(program, seed, notation=notation, text=text, request=request)
        try:
            asked.blocks = MarkedBlocks.of(program.program) if program.language == PYTHON else None
        except BadBlocks as error:
            asked.none = str(error)
            return asked
        others = [each for each in frontier.programs if each.program != program.program]
        others = [each for each in others if each.language == program.language and notation.shown(each) is not None]
        chosen = Random(seed).sample(others, min(self.mates, len(others))) if self.edit != ELM_DIFF else []
        asked.mates = tuple(each.program for each in chosen)
        asked.conversation = (
            system(notation, "You change programs of a small language."),
            Message("user", self._prompt(asked, chosen, task)),
        )
        return asked

    def _prompt(self, asked: Asked, mates: Sequence[Program], task: VisibleTask | None) -> str:
        notation = asked.notation
        parts = [] if task is None else [task_shown(task, notation, "both", self.shown)]
        for mate in mates:
            shown = notation.shown(mate)
            assert shown is not None
            parts.append(f"Another program{_result(mate)}:\n{notation.quoted(shown)}")
        parts.append(f"The program{_result(asked.program)}:\n{notation.quoted(asked.text)}")
        parts += _evaluation(asked.program)
        parts.append(self.instruction + (" Take up what is good in the others." if mates else ""))
        if asked.blocks is not None:
            parts.append("Only what stands between lines with EVOLVE-BLOCK-START and EVOLVE-BLOCK-END may change.")
        parts.append(INSTRUCTIONS.get(self.edit, notation.form))
        return "\n\n".join(parts)

    def _vary(self, works: Sequence[Work[Parent]], context: Context) -> None:
        known = self.known(works)
        asked = (each for work in works for each in work.parents if isinstance(each, Asked))
        open_ = [each for each in asked if each.none is None]
        for attempt in range(1 + self.repair):
            open_ = [each for each in open_ if len(each.mutants) < self.count]
            if attempt:
                open_ = [each for each in open_ if self._has_failure(each)]
            if not open_:
                return
            replies = self._asker.ask([self._request(each, attempt) for each in open_])
            for parent, reply in zip(open_, replies, strict=True):
                if isinstance(reply, Answer):
                    before = len(parent.mutants)
                    self._take(parent, reply, known[id(parent)])
                    made = len(parent.mutants) - before
                    self._asker.learn(reply, made / max(1, len(reply.completions)))
                elif isinstance(reply, RequestTooLong):
                    parent.none = parent.none or reply.message
                else:
                    parent.none = parent.none or "the budget is spent"

    def _request(self, parent: Asked, attempt: int) -> ModelRequest:
        seed, n = stable_hash(parent.seed, f"llm {attempt}"), self.count - len(parent.mutants)
        if self.edit == ELM_DIFF:
            prompt = elm_prompt(_FILES.get(parent.notation.language, "program.txt"), parent.text, self.instruction)
            return ModelRequest(prompt=prompt, sampling=self.sampling(seed, n, (STOP,)))
        return ModelRequest(parent.conversation, sampling=self.sampling(seed, n))

    def _has_failure(self, parent: Asked) -> bool:
        """Show the model an answer that is no mutant; False if there is none, or no conversation to show it in."""
        if parent.failure is None or self.edit == ELM_DIFF:
            return False
        text, refused = parent.failure
        wrong = f"That cannot be used: {refused.message}\nAnswer again."
        parent.conversation = (*parent.conversation, Message("assistant", text), Message("user", wrong))
        parent.failure = None
        return True

    def _take(self, parent: Asked, answer: Answer, known: Known) -> None:
        """Add the mutants among the completions."""
        for completion in answer.completions:
            try:
                program = self._mutant(parent, completion.text)
            except Refused as refused:
                parent.failure = parent.failure or (completion.text, refused)
                parent.none = parent.none or refused.message
                continue
            origin = Origin(by=self.by, from_=(parent.program.program, *parent.mates), extra={"model": answer.model})
            if self.takes(parent, program.program, known):
                parent.mutants.append(replace(program, origin=origin))

    def _mutant(self, parent: Asked, answer: str) -> Program:
        if self.edit == REWRITE:
            program = parent.notation.read(answer, parent.request)
        else:
            program = parent.notation.program(edited(self.edit, parent.text, answer), parent.request)
        if program.program.strip() == parent.program.program.strip():
            raise Refused(RUNG, "the program is left as it is")
        if parent.blocks is not None and not parent.blocks.keep(program.program):
            raise Refused(RUNG, "it changes what is not between the markers EVOLVE-BLOCK")
        return program


def _result(program: Program) -> str:
    """What is known of how good a program is, in parentheses."""
    known = [("reward", program.reward), ("score", program.score if program.reward is None else None)]
    shown = [f"{name} {value:g}" for name, value in known if value is not None]
    return f" ({', '.join(shown)})" if shown else ""


def _evaluation(program: Program) -> Iterator[str]:
    """Yield what the last evaluation of a program said: why it failed, further figures, and texts."""
    if program.message:
        yield f"It failed: {program.message}"
    figures = program.extra.get(FIGURES)
    if isinstance(figures, dict) and figures:
        yield "Its figures: " + ", ".join(f"{name} {value}" for name, value in figures.items())
    artifacts = program.extra.get(ARTIFACTS)
    if isinstance(artifacts, dict):
        for name, text in artifacts.items():
            yield f"Its {name}:\n{str(text)[-LONGEST_ARTIFACT:]}"
