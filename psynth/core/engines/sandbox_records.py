"""The records of ``psynth sandbox-exec``: programs to run, and the result of each, one JSON value a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from psynth.core.engines.sandbox import LayerReport, SandboxCall, SandboxJob, SandboxResult
from psynth.core.errors import InputError
from psynth.core.settings import did_you_mean
from psynth.core.stream.records import decode

FIELDS = ("id", "program", "function", "arguments", "calls", "stdin")


@dataclass(frozen=True, slots=True)
class Request:
    """A program to run, with the id that its result gets."""

    id: Any
    job: SandboxJob
    one_call: bool = False
    """Whether the program is called once, so that its result has a ``result`` and no list of results."""


def read_request(line: bytes, default: Request) -> Request:
    """The request on a line; what it does not say is as in ``default``. InputError if it is none."""
    try:
        text = orjson.loads(line)
    except ValueError:
        text = None
    data: Mapping[str, Any] = {"program": text} if isinstance(text, str) else decode(line)
    _check_fields(data)
    job = default.job
    function = _text(data, "function", job.function)
    one_call, calls = default.one_call, job.calls
    if "arguments" in data:
        one_call, calls = True, (_arguments(data["arguments"]),)
    if "calls" in data:
        one_call, calls = False, tuple(map(_arguments, _arguments(data["calls"])))
    if "arguments" in data and "calls" in data:
        raise InputError("a program has either arguments, of one call, or calls")
    if function is None and ("arguments" in data or "calls" in data):
        raise InputError("arguments need a function to be called with")
    if function is not None and not calls and "calls" not in data:
        one_call, calls = True, ((),)
    program = _text(data, "program", None)
    if program is None:
        raise InputError('a program is an object with the field "program", its source')
    stdin = _text(data, "stdin", job.stdin) or ""
    return Request(data.get("id", default.id), SandboxJob(program, function, calls, stdin), one_call)


def _check_fields(data: Mapping[str, Any]) -> None:
    if isinstance(data.get("type"), str) and "program" not in data:
        kind = data["type"]
        raise InputError(f"a {kind} record is not a program; psynth evaluate runs the programs of a stream")
    for name in data:
        if name not in FIELDS and (hint := did_you_mean(name, FIELDS)):
            raise InputError(f"unknown field {name!r}{hint}")


def _text(data: Mapping[str, Any], name: str, default: str | None) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{name} is a string")
    return default if value is None else value


def _arguments(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise InputError("arguments are a list, and calls a list of lists")
    return tuple(value)


def result_record(
    request: Request, result: SandboxResult, layers: LayerReport, *, timing: bool = True
) -> dict[str, Any]:
    """The record of a result; without ``timing`` it has no field that differs from run to run."""
    status, message, value = result.status, result.message, None
    if request.one_call and result.calls:
        [call] = result.calls
        status, message, value = call.status, call.message, call.value
    record: dict[str, Any] = {"id": request.id, "status": status}
    if message:
        record["message"] = message
    if request.one_call:
        record["result"] = value
    elif request.job.function is not None:
        record["results"] = [_call_record(call) for call in result.calls]
    record |= {
        "exit_code": result.exit_code,
        "signal": result.signal,
        "oom": status == "oom",
        "timed_out": status in ("timeout", "cpu-limit"),
        "stdout": result.stdout,
        "stderr": result.stderr,
        "stdout_bytes": result.stdout_bytes,
        "stderr_bytes": result.stderr_bytes,
        "truncated": result.truncated,
    }
    if timing:
        record |= {
            "wall_s": round(result.wall_seconds, 6),
            "cpu_s": round(result.cpu_seconds, 6),
            "max_rss": result.max_rss,
        }
    return record | {"layers": list(layers.present), "sandbox_version": layers.version}


def _call_record(call: SandboxCall) -> dict[str, Any]:
    record: dict[str, Any] = {"status": call.status}
    if call.message:
        record["message"] = call.message
    if call.status == "ok":
        record["result"] = call.value
    return record


def refused(line: bytes, default: Request, error: InputError) -> tuple[Request, SandboxResult]:
    """The result for a line that is not a program, with the line's id if it has one."""
    try:
        id = decode(line).get("id", default.id)
    except InputError:
        id = default.id
    return replace(default, id=id), SandboxResult("bad-input", error.message)
