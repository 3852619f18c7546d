"""The numbers of words: marks, bytes, words of tasks and of programs, alone or after those of a pretrained model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Final

MARKS: Final = ("pad", "end", "in", "out", "parent", "result")
"""Marks of every vocabulary: padding, the end, and what stands before an input, an output, a parent, its output."""
MARK, BYTE, TASK, PROGRAM = "mark ", "byte ", "task ", "program "
"""What an entry begins with, by its kind."""
_PROSE = re.compile(r"\w+|[^\w\s]")


class Vocabulary:
    """Entries in the order of their numbers, which begin after those of ``tokenizer``, if there is one.

    Without a tokenizer, a word of a task that is no entry is spelled in bytes; with one, texts are its business. The
    order is kept as entries are added, so that a model's rows stay what they are.
    """

    def __init__(self, entries: Sequence[str], tokenizer: Any = None, first: int = 0) -> None:
        self.entries, self.tokenizer, self.first = list(entries), tokenizer, first
        self._numbers = {entry: first + number for number, entry in enumerate(self.entries)}

    @classmethod
    def new(cls, task_words: Iterable[str], program_words: Iterable[str]) -> Vocabulary:
        """The vocabulary of a model from scratch."""
        entries = [
            *(MARK + each for each in MARKS),
            *(f"{BYTE}{number:02x}" for number in range(256)),
            *(PROGRAM + each for each in program_words),
            *(TASK + each for each in dict.fromkeys(task_words)),
        ]
        return cls(entries)

    @classmethod
    def added(cls, tokenizer: Any, first: int, program_words: Iterable[str]) -> Vocabulary:
        """The vocabulary of a pretrained model, with marks and words of programs after its ``first`` tokens."""
        return cls([*(MARK + each for each in MARKS), *(PROGRAM + each for each in program_words)], tokenizer, first)

    def __len__(self) -> int:
        return self.first + len(self.entries)

    @cached_property
    def program_words(self) -> tuple[str, ...]:
        """The words of programs, in order."""
        return tuple(each.removeprefix(PROGRAM) for each in self.entries if each.startswith(PROGRAM))

    @cached_property
    def program_numbers(self) -> list[int]:
        """The number of each word of programs."""
        return [self._numbers[PROGRAM + word] for word in self.program_words]

    @property
    def pad(self) -> int:
        """The number of padding, which also begins every program."""
        return self.mark("pad")

    @property
    def end(self) -> int:
        """The number of the end of a program."""
        return self.mark("end")

    def mark(self, name: str) -> int:
        """The number of a mark."""
        return self._numbers[MARK + name]

    def program(self, words: Sequence[str]) -> list[int] | None:
        """The numbers of a program's words; None if one is no entry."""
        found = [self._numbers.get(PROGRAM + word, -1) for word in words]
        return None if -1 in found else found

    def task(self, words: Iterable[str]) -> list[int]:
        """The numbers of the words of a task."""
        found: list[int] = []
        for word in words:
            number = self._numbers.get(TASK + word)
            if number is None:
                found += (self._numbers[f"{BYTE}{byte:02x}"] for byte in word.encode(errors="replace"))
            else:
                found.append(number)
        return found

    def text(self, text: str) -> list[int]:
        """The numbers of a text, as the tokenizer has it or as words, punctuation apart."""
        if self.tokenizer is None:
            return self.task(_PROSE.findall(text.lower()))
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def grown(self, task_words: Iterable[str], program_words: Iterable[str]) -> Vocabulary:
        """The vocabulary with further entries at its end, where words are none yet."""
        tasks = () if self.tokenizer is not None else (TASK + each for each in task_words)
        new = dict.fromkeys((*(PROGRAM + each for each in program_words), *tasks))
        added = [each for each in new if each not in self._numbers]
        return Vocabulary([*self.entries, *added], self.tokenizer, self.first) if added else self


def prose_words(text: str) -> list[str]:
    """The words of a description, of which those that are frequent become entries."""
    return _PROSE.findall(text.lower())
