"""What a policy reads, as numbers of words: a task's description and examples, a parent program with its outputs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psynth.core.stream.records import Example
from psynth.plugins.task_text import Shown
from psynth.plugins.task_words import TaskWords
from psynth.plugins.visible_task import VisibleTask
from psynth_policy.vocabulary import Vocabulary, prose_words

Numbers = list[int]


@dataclass(frozen=True, slots=True)
class Parent:
    """A program to start from: its words, and its output on each example, null where it failed."""

    program: Numbers
    outputs: tuple[Numbers, ...]


@dataclass(frozen=True, slots=True)
class Seen:
    """A task in numbers: each description, each example, and what else there is of a task without examples."""

    descriptions: tuple[Numbers, ...]
    examples: tuple[Numbers, ...]
    environment: Numbers

    @property
    def empty(self) -> bool:
        """Whether nothing is shown."""
        return not (any(self.descriptions) or self.examples or self.environment)


@dataclass(frozen=True)
class Reader:
    """Reads the tasks of one domain; ``most_examples`` of a task, and ``most_words`` in all."""

    words: TaskWords
    vocabulary: Vocabulary
    shown: Shown
    most_examples: int
    most_words: int

    def see(self, task: VisibleTask) -> Seen:
        """A task in numbers, without anything held out."""
        descriptions = task.descriptions if self.shown != "examples" else ()
        examples = task.examples[: self.most_examples] if self.shown != "description" else ()
        environment: Numbers = []
        if task.environment and not task.examples and self.shown != "description":
            environment = self._environment(task)
        return Seen(
            tuple(self.vocabulary.text(each)[: self.most_words // 2] for each in descriptions),
            tuple(self._example(each) for each in examples),
            environment,
        )

    def value(self, value: Any) -> Numbers:
        """The numbers of a value."""
        if self.vocabulary.tokenizer is None:
            return self.vocabulary.task(self.words.value(value))
        return self.vocabulary.text(self.words.text(value))

    def parent(self, program: Numbers, outputs: Sequence[Any] | None) -> Parent:
        """A parent with its outputs, if they are known."""
        return Parent(program, tuple(self.value(each) for each in (outputs or ())[: self.most_examples]))

    def input(self, seen: Seen, description: int = 0, parent: Parent | None = None) -> Numbers:
        """What the model reads: a description, the parent, and as many examples as fit, the first in any case."""
        mark = self.vocabulary.mark
        found = list(seen.descriptions[description]) if seen.descriptions else []
        if parent is not None:
            found += [mark("parent"), *parent.program[: self.most_words // 2]]
        found += seen.environment
        for number, example in enumerate(seen.examples):
            result: Numbers = []
            if parent is not None and number < len(parent.outputs):
                result = [mark("result"), *parent.outputs[number]]
            if number and len(found) + len(example) + len(result) >= self.most_words:
                break
            found += [*example, *result]
        return [*found[: self.most_words - 1], self.vocabulary.end]

    def _example(self, example: Example) -> Numbers:
        found: Numbers = []
        for value in example.inputs:
            found += [self.vocabulary.mark("in"), *self.value(value)]
        return [*found, self.vocabulary.mark("out"), *self.value(example.output)]

    def _environment(self, task: VisibleTask) -> Numbers:
        if self.vocabulary.tokenizer is None:
            return self.vocabulary.task(self.words.environment(task))
        return self.vocabulary.text(self.words.text(task.environment or {}))


def words_shown(words: TaskWords, task: VisibleTask, shown: Shown, most_examples: int) -> list[str]:
    """The words of a task that a vocabulary may need."""
    found: list[str] = []
    if shown != "examples":
        found += (word for text in task.descriptions for word in prose_words(text))
    if shown != "description":
        for example in task.examples[:most_examples]:
            found += (word for value in (*example.inputs, example.output) for word in words.value(value))
        if task.environment and not task.examples:
            found += words.environment(task)
    return found
