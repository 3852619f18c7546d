"""Histories: how two streams differ in what made them, in words that follow "it was made"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psynth.core.stream.records import Provenance, encode


def history_difference(
    before: Sequence[Provenance], now: Sequence[Provenance], *, with_inputs: bool = False
) -> str | None:
    """How the stages ``before`` differ from ``now``, first in settings; with ``with_inputs`` in seeds and files too."""
    for first, second in zip(before, now, strict=False):
        difference = stage_difference(first, second, with_inputs=with_inputs)
        if difference is not None:
            return difference
    if len(before) == len(now):
        return None
    names = [" | ".join(each.command for each in stages) or "no stage of psynth" for stages in (before, now)]
    return f"by {names[0]}, not by {names[1]}"


def stage_difference(
    first: Provenance,
    second: Provenance,
    files: Sequence[str] = (),
    flags: Mapping[str, str] | None = None,
    *,
    with_inputs: bool = True,
) -> str | None:
    """How the stage ``first`` differs from ``second`` in what determines its output; None if it does not.

    ``files`` are those that the settings of the second name, which must have the same name too; ``flags`` are the
    options of settings. Without ``with_inputs`` only the command and its settings count, not its seed and files.
    """
    if first.command != second.command:
        return f"by psynth {first.command}, not by psynth {second.command}"
    said, unsaid = [], []
    for name in dict.fromkeys([*first.arguments, *second.arguments]):
        before, now = (stage.arguments.get(name) for stage in (first, second))
        if before != now:
            flag = (flags or {}).get(name, "--" + name.replace("_", "-"))
            said.append(_given(flag, before))
            unsaid.append(_given(flag, now))
    if with_inputs and first.seed != second.seed:
        said.append(f"with --seed {first.seed}")
        unsaid.append(f"with --seed {second.seed}")
    if said:
        return f"{_listed(said)}, not {_listed(unsaid)}"
    if not with_inputs:
        return None
    named = any(first.inputs.get(name) != second.inputs.get(name) for name in files)
    # A pipe has no digest; the history of what comes through it is compared instead.
    read = [[digest for name, digest in stage.inputs.items() if name not in files] for stage in (first, second)]
    if named or (all(read) and sorted(read[0]) != sorted(read[1])):
        changed = [name for name in second.inputs if first.inputs.get(name, second.inputs[name]) != second.inputs[name]]
        before, now = (" and ".join(stage.inputs) or "standard input" for stage in (first, second))
        return f"from other contents of {changed[0]}" if changed else f"from {before}, not from {now}"
    return None


def _listed(options: Sequence[str]) -> str:
    """``with --a 1``, ``with --b 2`` and ``without --c`` as ``with --a 1 --b 2, without --c``."""
    given = [each.removeprefix("with ") for each in options if each.startswith("with ")]
    absent = [each.removeprefix("without ") for each in options if not each.startswith("with ")]
    return ", ".join(f"{word} {' '.join(flags)}" for word, flags in (("with", given), ("without", absent)) if flags)


def _given(flag: str, value: Any) -> str:
    if value is None or value is False:
        return f"without {flag}"
    return f"with {flag}" if value is True else f"with {flag} {encode(value).decode() if _nested(value) else value}"


def _nested(value: Any) -> bool:
    return isinstance(value, list | tuple | dict)
