"""Answers of language models as a stream: JSON lines, addressed by their request, only ever appended to, by any number
of writers.

A record of type ``answer`` has the request, its completions and what was paid; ``key`` is the digest of the request and
of the model, ``request_key`` that of the request alone. A record of type ``answer-failed`` has what was paid for no
answer.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from psynth.core.closing import Closing
from psynth.core.errors import InputError, UsageError
from psynth.core.stream.records import decode, encode
from psynth.core.wording import counted
from psynth.plugins.language_model import Answer, Completion, ModelFailure, ModelRequest, Usage

ANSWER, FAILED = "answer", "answer-failed"
"""The types of the records."""
_BEGINNING = b'{"type":"answer'
"""How a record begins, also one that a killed run did not finish."""
_OF_STREAMS = ("header", "end")
"""Other records that a file of answers may have, as one that was copied through a filter does."""


class AnswerCache(Closing):
    """The answers in a file, which is made if there is none; the file is read once, and then only its new lines.

    Of two writers that ask the same at the same time, the first to write its answer decides for both. With ``refresh``
    answers that others wrote before are not used, and the new ones replace them. ``stage`` is the subcommand that asks,
    for the account of ``psynth report``. ``warnings`` says what was wrong with the file.
    """

    def __init__(self, path: Path, *, refresh: bool = False, stage: str = "") -> None:
        self._path = path
        self._stage = {"stage": stage} if stage else {}
        self._refresh = refresh
        self._places: dict[str, tuple[int, int]] = {}
        """The offset and the length of the last record of a key."""
        self._own: set[str] = set()
        """The keys that count although they are refreshed: those written since the file was opened."""
        self._lock = threading.Lock()
        self._read = 0
        self._torn = 0
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise UsageError(f"--cache {path}: {error.strerror}") from error
        try:
            self._take_in()
        except BaseException:
            os.close(self._file)
            raise
        self._own.clear()
        self.warnings = (
            [f"{path}: {counted(self._torn, 'damaged line')} left out, as a killed run may leave"] if self._torn else []
        )

    def __len__(self) -> int:
        return len(self._places)

    def close(self) -> None:
        """Close the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def get(self, key: str) -> Answer | None:
        """The answer with this key, if it counts."""
        with self._lock:
            return self._get(key)

    def add(self, key: str, request: ModelRequest, answer: Answer) -> Answer:
        """Write an answer, and return the one that counts: this one, unless another writer was first."""
        line = _line(
            {
                "type": ANSWER,
                "key": key,
                "request_key": request.digest(),
                **self._stage,
                "model": answer.model,
                "request": request.to_json(),
                **_content(answer),
                **_paid(answer.usage),
            }
        )
        with self._lock, self._locked():
            self._take_in()
            known = self._get(key)
            if known is not None:
                return known
            self._append(line)
            return answer

    def add_failure(self, key: str, model: str, failure: ModelFailure) -> None:
        """Write what was paid for a request without an answer."""
        line = _line(
            {
                "type": FAILED,
                "key": key,
                **self._stage,
                "model": model,
                "message": str(failure),
                **_paid(failure.usage),
            },
        )
        with self._lock, self._locked():
            self._append(line)

    def _get(self, key: str) -> Answer | None:
        if key not in self._places or (self._refresh and key not in self._own):
            return None
        offset, length = self._places[key]
        return answer_of(decode(os.pread(self._file, length, offset)))

    def _locked(self) -> _FileLock:
        return _FileLock(self._file)

    def _append(self, line: bytes) -> None:
        """Write a line after what is there, which may end in a torn one; the file is locked."""
        end = os.fstat(self._file).st_size
        if end and os.pread(self._file, 1, end - 1) != b"\n":
            line = b"\n" + line
        written = 0
        while written < len(line):
            written += os.write(self._file, line[written:])
        self._take_in()

    def _take_in(self) -> None:
        """Read the complete lines that were added since the last time."""
        for offset, line in _lines(self._file, self._read):
            self._read = offset + len(line) + 1
            try:
                record = orjson.loads(line) if line.strip() else None
            except orjson.JSONDecodeError:
                if not line.startswith(_BEGINNING):
                    raise self._no_cache() from None
                self._torn += 1
                continue
            if record is None:
                continue
            kind = record.get("type") if isinstance(record, dict) else None
            if kind == ANSWER and isinstance(record.get("key"), str):
                self._places[record["key"]] = (offset, len(line))
                self._own.add(record["key"])
            elif kind != FAILED and kind not in _OF_STREAMS:
                raise self._no_cache()

    def _no_cache(self) -> InputError:
        return InputError("this file holds something else than answers of language models", source=str(self._path))


class _FileLock:
    """Holds an exclusive lock of an open file within a block."""

    def __init__(self, file: int) -> None:
        self._file = file

    def __enter__(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *error: object) -> None:
        fcntl.flock(self._file, fcntl.LOCK_UN)


def read_answers(path: Path) -> dict[str, Answer]:
    """The answers in a file by ``request_key``: of several to one request, the last."""
    found: dict[str, Answer] = {}
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    try:
        for number, (_, line) in enumerate(_lines(file, 0), 1):
            try:
                record = orjson.loads(line) if line.strip() else {}
                if isinstance(record, dict) and record.get("type") == ANSWER:
                    found[record["request_key"]] = answer_of(record)
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                if number == 1:
                    raise InputError("no record of an answer", source=str(path), line=number) from None
    finally:
        os.close(file)
    return found


def answer_of(record: Mapping[str, Any]) -> Answer:
    """The answer that a record holds."""
    completions = tuple(
        Completion(each["text"], each.get("finish", "stop"), each.get("log_prob"))
        for each in record.get("completions", ())
    )
    vector = record.get("vector")
    usage = Usage(record["prompt_tokens"], record["completion_tokens"], record.get("cost_usd"))
    return Answer(completions, usage, record["model"], vector=None if vector is None else tuple(map(float, vector)))


def _content(answer: Answer) -> dict[str, Any]:
    """What was answered: a vector, or completions."""
    if answer.vector is not None:
        return {"vector": list(answer.vector)}
    return {"completions": [_completion(each) for each in answer.completions]}


def _completion(completion: Completion) -> dict[str, Any]:
    log_prob = {} if completion.log_prob is None else {"log_prob": completion.log_prob}
    return {"text": completion.text, "finish": completion.finish, **log_prob}


def _paid(usage: Usage) -> dict[str, Any]:
    cost = {} if usage.cost is None else {"cost_usd": usage.cost}
    return {"prompt_tokens": usage.prompt_tokens, "completion_tokens": usage.completion_tokens, **cost}


def _line(record: Mapping[str, Any]) -> bytes:
    return encode(record) + b"\n"


def _lines(file: int, start: int) -> Iterator[tuple[int, bytes]]:
    """Yield the offset and the text of each line from ``start`` on that has an end."""
    rest, offset = b"", start
    while chunk := os.pread(file, 1 << 20, offset + len(rest)):
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield offset, line
            offset += len(line) + 1
