"""Damages a stream at random: values of other types, absurd numbers, nesting, controls, broken lines and bytes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

JUNK: tuple[Any, ...] = (
    *(None, True, 0, -1, 1.5, 10**30, -(2**63), 2**64, 1e308, -1e-320, "", [], {}, [[]], [None], {"": None}),
    *("x" * 2000, "\x00", "\x1b[31m\x9b2J\x1b]0;title\x07", "\u202egnp", "\ud800", "a\nb\tc", "☃", "../../etc", "-"),
    *("(lambda $0)", "(lambda", "$99999999999999999999", "#(lambda $0)", "(" * 2000, "lambda " * 500, "(f" * 700),
    *("int -> int", "->", "list(", "t0", "list(" * 400, "python", "list", "karel", "nosuch", "def f(): pass"),
    *({"inputs": [], "output": None}, {"type": "end", "status": "odd"}, [1] * 1000, {"a": [1, {"b": "\x7f"}]}),
)
"""Values to put in the place of others."""
LINES: tuple[bytes, ...] = (
    *(b"", b"{}", b"[]", b"null", b"\xff\xfe", b"{", b'{"type":', b'{"type":"frontier"}', b'{"type":"nothing"}'),
    *(b'{"type":"frontier","task":null}', b'{"type":"end","status":"complete"}', b'{"type":"header","psynth":2}'),
    *(b'{"type":"model","kind":"embedding","path":"nowhere"}', b'{"type":"metric","name":"m","value":NaN}'),
    *(b'{"type":"frontier","task":{"id":"\x00"}}', b'{"type":"frontier","x":' + b"[" * 3000 + b"]" * 3000 + b"}"),
    *(b'{"type":"library","domain":"list","productions":[],"log_variable":0}', b"\r", b"\x1f\x8b\x08\x00junk"),
)
"""Lines to put among others."""


def damaged(lines: list[bytes], rng: random.Random) -> list[bytes]:
    """The lines of a stream with one to three faults; which lines stay whole can be compared."""
    lines = list(lines)
    for _ in range(rng.choice((1, 1, 2, 3))):
        rng.choice(_FAULTS)(lines, rng)
    return lines


def _change_value(lines: list[bytes], rng: random.Random) -> None:
    """Replace, remove or wrap one value of a record."""
    number = rng.randrange(len(lines))
    try:
        record = json.loads(lines[number])
    except (ValueError, RecursionError):
        return
    holder, key = record, None
    # Down a random path, which more often ends deep inside than at the record's own fields.
    while isinstance(holder, dict | list) and holder:
        key = rng.choice(list(holder)) if isinstance(holder, dict) else rng.randrange(len(holder))
        inner = holder[key]
        if not (isinstance(inner, dict | list) and inner) or rng.random() < 0.25:
            break
        holder = inner
    if key is None or key == "type":
        return
    fault = rng.randrange(6)
    if fault == 0:
        del holder[key]
    elif fault == 1:
        holder[key] = [holder[key]] * rng.choice((1, 2, 50))
    elif fault == 2 and isinstance(holder, dict):
        holder[rng.choice(("extra", "", "\x1b[7m", "type"))] = rng.choice(JUNK)
    else:
        holder[key] = rng.choice(JUNK)
    lines[number] = json.dumps(record, ensure_ascii=rng.random() < 0.7).encode("utf-8", "surrogatepass")


def _nest(lines: list[bytes], rng: random.Random) -> None:
    depth = rng.choice((200, 400, 900, 5000))
    number = rng.randrange(len(lines))
    value = b"[" * depth + b"1" + b"]" * depth
    lines[number] = lines[number].replace(b'"output":', b'"output":' + value + b',"was":', 1)


def _cut(lines: list[bytes], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    lines[number] = lines[number][: rng.randrange(len(lines[number]) + 1)]


def _flip(lines: list[bytes], rng: random.Random) -> None:
    number = rng.randrange(len(lines))
    line = bytearray(lines[number])
    for _ in range(rng.choice((1, 3, 10))):
        if line:
            line[rng.randrange(len(line))] = rng.randrange(256)
    lines[number] = bytes(line).replace(b"\n", b" ")


def _insert(lines: list[bytes], rng: random.Random) -> None:
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(LINES))


def _reorder(lines: list[bytes], rng: random.Random) -> None:
    fault = rng.randrange(3)
    if fault == 0:
        rng.shuffle(lines)
    elif fault == 1:
        lines.append(rng.choice(lines))
    elif len(lines) > 1:
        del lines[rng.randrange(len(lines))]


_FAULTS: tuple[Callable[[list[bytes], random.Random], None], ...] = (
    *([_change_value] * 8),
    *(_nest, _cut, _flip, _insert, _insert, _reorder),
)
