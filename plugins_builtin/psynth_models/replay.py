"""The language model ``replay``: the answers of a recorded file, for tests and for reproducing what others ran."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from psynth.core.errors import InputError
from psynth.core.settings import setting
from psynth.core.work import Stop
from psynth.plugins.answer_cache import read_answers
from psynth.plugins.language_model import Answer, LanguageModel, ModelRequest


@dataclass(frozen=True)
class Replay(LanguageModel):
    """Answer each request as a file of --cache has it, whichever model it was, and nothing else.

        psynth sample --method llm --model openai:model=MODEL --cache answers.jsonl tasks.jsonl
        psynth sample --method llm --model replay:file=answers.jsonl tasks.jsonl

    The tokens are those that were paid then. A request that the file does not have is an error.
    """

    file: Path | None = setting(None, file="read", help="the file of answers")

    def missing(self) -> str | None:
        """The file."""
        return "file=FILE" if self.file is None else None

    @property
    def model_name(self) -> str:
        """The name for prices; answers have those of the models that gave them."""
        return "replay"

    @cached_property
    def _answers(self) -> Mapping[str, Answer]:
        assert self.file is not None
        return read_answers(self.file)

    def embed(self, text: str, stop: Stop) -> Answer:
        """The recorded vector; InputError if there is none."""
        return self.answer(ModelRequest(prompt=text, embedding=True), stop)

    def answer(self, request: ModelRequest, stop: Stop) -> Answer:
        """The recorded answer; InputError if there is none."""
        answer = self._answers.get(request.digest())
        if answer is None:
            raise InputError(
                "no answer to this request, which differs from what was recorded "
                f"(it begins {request.text[:60]!r} and has the seed {request.sampling.seed})",
                source=str(self.file),
            )
        return answer
