"""What a policy learns from: tasks as it reads them, with the words of their programs and of parents of these."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from psynth.core.errors import InputError
from psynth.core.seeds import stable_hash
from psynth.core.stream.records import Frontier, Library, Program
from psynth.core.stream.resuming import parents_of
from psynth.plugins.domain import Domain
from psynth.plugins.evaluator import Budget
from psynth.plugins.solved_tasks import validation_split
from psynth.plugins.visible_task import VisibleTask
from psynth_policy.notation import Notation, Terms
from psynth_policy.reading import Numbers, Parent, Reader, Seen, words_shown
from psynth_policy.settings import PolicySettings

MOST_PARENTS = 16
"""Maximum number of parents of a program to learn from."""
FREQUENT = 2
"""How often a word of a task occurs in the data, at least, to be a word of the model."""
MOST_TASK_WORDS = 20_000
"""Maximum number of words of tasks of a model, of which others are spelled."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A program to learn: the number of its task, its words as numbers, and programs that it may be made from."""

    task: int
    program: Numbers
    parents: tuple[Parent, ...] = ()


@dataclass(frozen=True, slots=True)
class Corpus:
    """Tasks, lessons, the digest of the data, and what was left out, counted by reason."""

    names: Sequence[str]
    tasks: Sequence[Seen]
    lessons: Sequence[Lesson]
    requests: Sequence[str]
    digest: str
    skipped: Mapping[str, int]

    def split(self, share: float, seed: int) -> tuple[list[int], list[int]]:
        """The numbers of the lessons to learn from, and those of a share of the tasks to hold out."""
        learned, _ = validation_split(self.names, share, seed)
        known = set(learned)
        sides: tuple[list[int], list[int]] = [], []
        for number, lesson in enumerate(self.lessons):
            sides[lesson.task not in known].append(number)
        return sides if sides[0] else (sides[1], [])


@dataclass(frozen=True, slots=True)
class Raw:
    """A task with the words of its programs and, by program, the texts of parents."""

    frontier: Frontier
    task: VisibleTask
    programs: Sequence[tuple[Program, Sequence[str]]]


def read_frontiers(
    domain: Domain, notation: Notation, frontiers: Sequence[Frontier], settings: PolicySettings, skipped: Counter[str]
) -> list[Raw]:
    """The tasks with the words of their best programs; counts what has none."""
    found = []
    for frontier in frontiers:
        assert frontier.task is not None
        request = frontier.task.request
        if request is None and isinstance(notation, Terms):
            raise frontier.error("a task to learn from needs a request")
        programs: list[tuple[Program, Sequence[str]]] = []
        solutions = [each for each in frontier.programs if each.solves and each.language == notation.language]
        for program in solutions[: settings.max_programs]:
            words = notation.words(program.program, request)
            if words is None:
                skipped["programs that the library does not give"] += 1
            elif len(words) > settings.max_words:
                skipped["programs with more than --max-words"] += 1
            else:
                programs.append((program, words))
        if programs:
            found.append(Raw(frontier, domain.visible(frontier.task), programs))
    return found


def words_in(raws: Sequence[Raw], domain: Domain, settings: PolicySettings) -> tuple[list[str], list[str]]:
    """The words of tasks and of programs that the data need beside those that are known anyway."""
    counts: Counter[str] = Counter()
    words = domain.words()
    for raw in raws:
        counts.update(words_shown(words, raw.task, settings.show, settings.examples))
    frequent = [word for word, count in counts.most_common(MOST_TASK_WORDS) if count >= FREQUENT]
    return sorted(frequent), sorted({word for raw in raws for _, each in raw.programs for word in each})


def read_corpus(
    raws: Sequence[Raw],
    domain: Domain,
    library: Library,
    notation: Notation,
    reader: Reader,
    settings: PolicySettings,
    skipped: Counter[str],
    jobs: int,
) -> Corpus:
    """The corpus of tasks, in the words of a vocabulary; raises `InputError` if there is nothing to learn from."""
    vocabulary = reader.vocabulary
    names: list[str] = []
    tasks: list[Seen] = []
    lessons: list[Lesson] = []
    requests: Counter[str] = Counter()
    digest = hashlib.sha256()
    parents = _Parents(domain, library, notation, reader, jobs) if settings.parent else None
    for raw in raws:
        seen = reader.see(raw.task)
        if seen.empty:
            skipped["tasks of which nothing is shown"] += 1
            continue
        made = []
        for program, words in raw.programs:
            numbers = vocabulary.program(words)
            request = raw.task.request
            if numbers is None or (
                isinstance(notation, Terms) and not notation.derives(words, request or "", vocabulary.program_words)
            ):
                skipped["programs with words that the model lacks"] += 1
                continue
            given = () if parents is None else parents.of(raw, program)
            if parents is not None and not given:
                skipped["programs without a parent"] += 1
                continue
            made.append(Lesson(len(tasks), [*numbers, vocabulary.end], given))
        if made:
            names.append(raw.task.id)
            tasks.append(seen)
            lessons += made
            requests[raw.task.request or ""] += 1
            digest.update(raw.frontier.encode())
    if not lessons:
        why = ", ".join(f"{count} {what}" for what, count in skipped.items())
        raise InputError(f"there is nothing to learn from: skipped {why or 'all'}")
    if parents is not None:
        parents.close()
    return Corpus(names, tasks, lessons, [each for each, _ in requests.most_common()], digest.hexdigest(), skipped)


class _Parents:
    """Finds programs that others may be made from: those they come from, and others of their frontier."""

    def __init__(self, domain: Domain, library: Library, notation: Notation, reader: Reader, jobs: int) -> None:
        self._notation, self._reader = notation, reader
        self._evaluator = domain.evaluator(library, Budget(), language=notation.language, jobs=jobs)

    def close(self) -> None:
        """Release the evaluator."""
        self._evaluator.close()

    def of(self, raw: Raw, program: Program) -> tuple[Parent, ...]:
        """The parents of a program, with their outputs on the task."""
        texts = [*parents_of(program), *(each.program for each in raw.frontier.programs)]
        known = {each.program: each.outputs for each in raw.frontier.programs}
        found: list[Parent] = []
        for text in dict.fromkeys(texts):
            if text == program.program or len(found) == MOST_PARENTS:
                continue
            parent = parent_of(self._notation, self._reader, text, raw.task.request)
            if parent is None:
                continue
            outputs = known.get(text)
            if outputs is None or len(outputs) != len(raw.task.examples):
                outputs = outputs_of(self._evaluator, raw.task, text)
            found.append(self._reader.parent(parent, outputs))
        # Which of many are learned from depends on the program alone.
        return tuple(sorted(found, key=lambda each: stable_hash(program.program, str(each.program))))


def parent_of(notation: Notation, reader: Reader, text: str, request: str | None) -> Numbers | None:
    """The numbers of a parent's words; None if it is no program of the language, or has words that the model lacks."""
    words = notation.words(text, request)
    return None if words is None else reader.vocabulary.program(words)


def outputs_of(evaluator: object, task: VisibleTask, program: str) -> list[object]:
    """The outputs of a program on the examples of a task, null where it failed."""
    if not task.examples:
        return []
    [[verdict]] = evaluator.judge([(task, [program])])  # type: ignore[attr-defined]
    outputs = [outcome.value for outcome in verdict.outputs]
    return outputs if len(outputs) == len(task.examples) else [None] * len(task.examples)
