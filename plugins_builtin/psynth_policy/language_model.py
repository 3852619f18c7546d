"""The language model ``policy``: a trained policy, which reads of a prompt the task, and writes programs."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from psynth.core.errors import InputError, PsynthError
from psynth.core.settings import setting
from psynth.core.work import Stop
from psynth.learning.extras import require
from psynth.learning.model_folder import ModelFolder
from psynth.plugins.domain import LAMBDA
from psynth.plugins.language_model import Answer, Completion, LanguageModel, ModelRequest, Usage
from psynth.plugins.registry import default_registry
from psynth.plugins.task_text import read_task_text
from psynth_policy.notation import NATIVE, has_native
from psynth_policy.sampling import CONSTRAINTS

if TYPE_CHECKING:
    from psynth.core.stream.records import Library, Program
    from psynth.plugins.visible_task import VisibleTask
    from psynth_policy.reading import Parent
    from psynth_policy.trained import Policy

_PROGRAM = re.compile(r"^The program[^\n]*:\n(.*?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)
"""A program to change in a prompt of psynth mutate."""


@dataclass(frozen=True)
class PolicyModel(LanguageModel):
    """Answer with programs of a policy, so that a loop that asks a language model runs offline, with a small one.

        psynth train --method policy --show both --model policy solved.jsonl -o model.jsonl
        psynth sample --method llm --model policy:path=policy tasks.jsonl

    The policy reads the task in the last message that has one (its description, its type and its examples, as psynth
    sample --method llm and psynth mutate --method llm write them) and nothing else: neither the library nor solved
    tasks. It is for one domain, and answers what is no task, as a request for documentation, with nothing. A policy
    that was trained with --parent changes the program of a prompt of psynth mutate.
    """

    concurrent: ClassVar[bool] = False

    path: Path | None = setting(None, file="read", value="DIR", help="the model's folder")
    constrain: str = setting("type", choices=CONSTRAINTS, help="draw words that fit by type, or any")
    notation: str = setting(
        "auto", choices=("auto", LAMBDA, NATIVE), help="write programs so; auto: in the domain's native notation if any"
    )

    def missing(self) -> str | None:
        """The model."""
        return None if self.path is not None else "path=DIR"

    @property
    def model_name(self) -> str:
        """The folder."""
        return str(self.path)

    @cached_property
    def _opened(self) -> tuple[Policy, Library]:
        require("--model policy", "torch", "safetensors", "transformers")
        import torch

        from psynth_policy.trained import Policy, library_of, read_config

        assert self.path is not None
        torch.set_num_threads(1)
        folder = ModelFolder(self.path)
        config = read_config(folder)
        return Policy(folder, default_registry().domain(config.domain)), library_of(config)

    def answer(self, request: ModelRequest, stop: Stop) -> Answer:
        """The programs that the policy draws; empty texts for samples that are none, or if there is no task."""
        from psynth_policy.decoding import Sampling

        policy, library = self._opened
        task, parent = self._asked(request)
        sampling = request.sampling
        if task is None or (policy.config.parent and parent is None):
            return Answer((Completion(""),) * sampling.n, Usage(), self.model_name)
        draws = Sampling(
            sampling.temperature,
            0,
            sampling.top_p,
            min(sampling.max_tokens, policy.config.max_words),
            self.constrain,  # type: ignore[arg-type]
        )
        drawn = policy.draw(task, library, sampling.n, draws, sampling.seed, parent if policy.config.parent else None)
        completions = tuple(self._completion(each) for each in drawn)
        read = len(policy.reader.input(policy.reader.see(task)))
        written = sum(len(each.text.split()) for each in completions)
        return Answer(completions, Usage(read, written), self.model_name)

    def _asked(self, request: ModelRequest) -> tuple[VisibleTask | None, Parent | None]:
        """The task of the last message that has one, and the program to change."""
        policy, library = self._opened
        texts = [each.content for each in request.messages if each.role == "user"] or [request.prompt]
        for text in reversed(texts):
            task = read_task_text(text, policy.domain.name)
            if task.request is None and policy.config.requests:
                # A prompt in a native notation does not tell the type: it is that of what was learned.
                task = replace(task, request=policy.config.requests[0] or None)
            if policy.reader.see(task).empty:
                continue
            return task, self._parent(text, task, policy, library)
        return None, None

    def _parent(self, text: str, task: VisibleTask, policy: Policy, library: Library) -> Parent | None:
        from psynth.plugins.evaluator import Budget
        from psynth_policy.corpus import outputs_of

        found = _PROGRAM.search(text)
        if found is None or not policy.config.parent:
            return None
        program = found[1].strip()
        try:
            if self._is_native and policy.config.language == LAMBDA:
                program = policy.domain.syntax().read(program)
            language = policy.notation(library).language
            with policy.domain.evaluator(library, Budget(), language=language) as evaluator:
                outputs = outputs_of(evaluator, task, program)
        except PsynthError:
            return None
        return policy.parent(program, task, library, outputs)

    @property
    def _is_native(self) -> bool:
        policy, _ = self._opened
        return self.notation == NATIVE or (self.notation == "auto" and has_native(policy.domain))

    def _completion(self, drawn: Program | Exception) -> Completion:
        from psynth.core.stream.records import Program

        if not isinstance(drawn, Program):
            return Completion("", "length")
        policy, _ = self._opened
        text = drawn.program
        if drawn.language == LAMBDA and self._is_native:
            try:
                text = policy.domain.syntax().print(text)
            except PsynthError as error:
                raise InputError(f"a program has no native notation: {error}") from error
        return Completion(text, "stop", drawn.extra.get("log_policy"))
