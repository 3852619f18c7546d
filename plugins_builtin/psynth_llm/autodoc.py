"""The method ``llm`` of ``psynth document``: a language model names and describes abstractions, one after the other."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from psynth.core.calculus.terms import print_term
from psynth.core.printable import one_line
from psynth.core.seeds import derive
from psynth.core.settings import setting
from psynth.core.stream.records import Documentation, Record
from psynth.plugins.abstraction import Abstraction, Callee
from psynth.plugins.asking import Asker, AskingSettings
from psynth.plugins.documenting import DocumentMethod, is_identifier
from psynth.plugins.language_model import Answer, Message, ModelRequest, RequestTooLong
from psynth.plugins.method import Context
from psynth.plugins.task_text import value_text
from psynth_llm.extraction import fenced

LONGEST_SUMMARY = 200
"""Maximum number of characters of a summary; an ellipsis stands for the rest."""
LONGEST_TERM = 1000
"""Maximum number of characters of a definition in terms of primitives, which is left out if it is longer."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"name": {"type": ["string", "null"]}, "summary": {"type": "string"}},
    "required": ["name", "summary"],
    "additionalProperties": False,
}
SYSTEM = (
    "You document functions of a small functional language, in which (lambda BODY) is a function of one argument: $0 "
    "is the argument of the innermost lambda around it, $1 that of the next one outwards. (f x y) applies f to x and "
    'to y. Answer with one JSON object and nothing else: {"name": NAME, "summary": SUMMARY}. NAME says in a few words '
    "what the function does: lower-case letters and digits with underscores between words, at most 40 characters; null "
    "if nothing fits. SUMMARY says in one sentence what the function returns for its arguments."
)
_OBJECT = re.compile(r"\{[^{}]*\}")


@dataclass(frozen=True)
class AutoDoc(AskingSettings, DocumentMethod):
    """Let a language model name and describe each abstraction (the AutoDoc of LILO: Grand et al., 2024).

    A prompt has the abstraction's type and definition, what the functions that it calls do, applications with their
    values, and programs of the stream that use it with the descriptions of their tasks. Abstractions come after those
    that they call, so that prompts show the names given before. The first of --samples that is a JSON object with a
    summary and a name that can be read in programs counts; a name that is taken gets a number. Only abstractions
    without documentation are asked for, unless --again is given.

        psynth compress solved.jsonl | psynth document --method llm --model openai:model=NAME --cache answers.jsonl
    """

    random = True

    samples: int = setting(3, minimum=1, maximum=1024, unit="answers", help="answers for each abstraction")

    def run(self, records: Iterator[Record], context: Context) -> Iterator[Record]:
        """Yield every record in its place, with documented libraries."""
        with Asker(self, context) as asker:
            asking = copy.copy(self)
            object.__setattr__(asking, "_asker", asker)
            yield from super(AutoDoc, asking).run(records, context)

    def document(self, abstraction: Abstraction, context: Context) -> Documentation | None:
        """The documentation of the first usable answer; None, with a warning, if there is none."""
        asker: Asker = self._asker  # type: ignore[attr-defined]
        if asker.exhausted:
            return None
        seed = derive(context.seed, context.command, print_term(abstraction.expanded))
        messages = (Message("system", SYSTEM), Message("user", prompt(abstraction)))
        sampling = self.sampling(seed, self.samples)
        request = ModelRequest(messages, sampling=sampling.constrained(schema=SCHEMA))
        [reply] = asker.ask([request])
        if isinstance(reply, RequestTooLong):
            context.warn(f"{abstraction.name} keeps its name: {reply.message}")
        if not isinstance(reply, Answer):
            return None
        found = [each for completion in reply.completions if (each := documentation_in(completion.text)) is not None]
        asker.learn(reply, len(found) / max(1, len(reply.completions)))
        first = next(iter(found), None)
        if first is None:
            context.warn(f"{abstraction.name} keeps its name: no answer is a JSON object with a name and a summary")
            return None
        name, summary = first
        return Documentation(name=name, summary=summary, examples=tuple(abstraction.shown()))


def prompt(abstraction: Abstraction) -> str:
    """What a model is shown of an abstraction."""
    lines = [f"Function: {abstraction.name} : {abstraction.type}"]
    definition, expanded = print_term(abstraction.definition), print_term(abstraction.expanded)
    lines.append(f"Definition: {definition}")
    if expanded != definition and len(expanded) <= LONGEST_TERM:
        lines.append(f"In terms of primitives: {expanded}")
    if abstraction.calls:
        lines += ["It calls:", *(f"  {_callee(each)}" for each in abstraction.calls)]
    if abstraction.examples:
        lines.append("Applications:")
        for each in abstraction.examples:
            inputs = " ".join(map(value_text, each.inputs))
            lines.append(f"  {each.program} applied to {inputs} is {value_text(each.value)}")
    if abstraction.uses:
        lines.append("Programs that use it:")
        for use in abstraction.uses:
            lines.append(f"  {use.program}" + (f" -- {use.description}" if use.description else ""))
    return "\n".join(lines)


def _callee(callee: Callee) -> str:
    definition = "" if callee.definition is None else f" = {callee.definition}"
    return f"{callee.name} : {callee.type}{definition}" + (f" -- {callee.summary}" if callee.summary else "")


def documentation_in(text: str) -> tuple[str | None, str] | None:
    """The name, None if it says that nothing fits, and the summary in an answer; None if there are no such."""
    block = fenced(text, "json")
    for candidate in (text if block is None else block, *_OBJECT.findall(text[: 1 << 16])):
        try:
            found = json.loads(candidate)
        except (ValueError, RecursionError):
            continue
        if not isinstance(found, dict) or not isinstance(found.get("summary"), str):
            continue
        summary, name = one_line(found["summary"]), found.get("name")
        name = _identifier(name) if isinstance(name, str) else name
        if summary and (name is None or (isinstance(name, str) and name)):
            return name, summary if len(summary) <= LONGEST_SUMMARY else f"{summary[: LONGEST_SUMMARY - 1]}…"
    return None


def _identifier(name: str) -> str:
    """A name as a word that can be read in programs; empty if it is none."""
    word = re.sub(r"[\s-]+", "_", name.strip())
    return word if is_identifier(word) else ""
