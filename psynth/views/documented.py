"""The documentation of productions as text: their examples as applications with values, and their meaning in a line."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from psynth.core.calculus.substitution import map_free
from psynth.core.calculus.terms import Name, TermSyntaxError, parse_term, print_term, strip_lambdas
from psynth.core.stream.records import Production, encode


def example_text(example: Any) -> str:
    """An example as a line: ``(cdr_cdr [5,5,2,7]) = [2,7]``, a program and its task, or the example itself as JSON."""
    if isinstance(example, str):
        return example
    program = example.get("program") if isinstance(example, dict) else None
    if not isinstance(program, str):
        return encode(example).decode()
    inputs = example.get("inputs")
    if "value" in example and isinstance(inputs, list):
        return f"{_applied(program, inputs)} = {encode(example['value']).decode()}"
    task = example.get("task")
    return f"{program}  in {task}" if isinstance(task, str) else program


def _applied(program: str, inputs: list[Any]) -> str:
    """The text of a program applied to inputs, which stand in the place of its parameters."""
    texts = [encode(value).decode() for value in inputs]
    try:
        count, body = strip_lambdas(parse_term(program))
    except TermSyntaxError:
        return " ".join([program, *texts])
    if count != len(inputs):
        return " ".join([program, *texts])
    # A value may contain blanks and parentheses, which no name may: names without any stand for the values until then.
    marks = {f"\x00{place}\x00": text for place, text in enumerate(texts)}
    text = print_term(map_free(body, lambda index, _: Name(f"\x00{count - 1 - index}\x00")))
    for mark, value in marks.items():
        text = text.replace(mark, value)
    return text


def meaning_lines(production: Production, *, examples: int | None = None, longest: int | None = None) -> Iterator[str]:
    """Yield what a production's documentation says: the summary, then up to ``examples`` examples.

    Examples of more than ``longest`` characters are left out.
    The summary is preceded by the documented name if programs call the production by another one.
    """
    documentation = production.documentation
    if documentation is None:
        return
    shown = documentation.name if documentation.name not in (None, production.name) else None
    summary = ": ".join(filter(None, (shown, documentation.summary)))
    if summary:
        yield summary
    texts = map(example_text, documentation.examples)
    yield from islice((text for text in texts if longest is None or len(text) <= longest), examples)
