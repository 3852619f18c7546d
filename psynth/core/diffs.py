"""Unified diffs between two programs, and their lenient application to another."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

NO_NEWLINE = "\\ No newline at end of file"


def lines_of(text: str) -> list[str]:
    """The lines of a text with their ends: only a newline ends one."""
    parts = text.split("\n")
    return [f"{part}\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def difference(before: str, after: str) -> str:
    """The unified diff from one text to another, as ``diff -u`` writes it; empty for equal texts."""
    found: Sequence[str] = list(difflib.unified_diff(lines_of(before), lines_of(after), "parent", "program"))
    return "".join(line if line.endswith("\n") else f"{line}\n{NO_NEWLINE}\n" for line in found)


class Fault(Enum):
    """What is wrong with a diff. Bad line numbers alone do not keep it from being applied."""

    BAD_FORMAT = "bad-format"
    BAD_TEXT = "bad-text"
    BAD_LINE_NUMBERS = "bad-line-numbers"
    NO_PARENT = "no-parent"
    UNCHANGED = "unchanged"
    OUTSIDE_BLOCKS = "outside-blocks"


@dataclass(frozen=True)
class Applied:
    """What came of a diff: the text, None if it could not be applied; all faults; and the reason for a failure."""

    text: str | None
    faults: tuple[Fault, ...] = ()
    message: str = ""


@dataclass
class Hunk:
    """A passage to replace: ``old`` by ``new`` lines, without their ends.

    ``start`` is the number of the first old line as the diff has it, from 1; None if it does not say. ``kept`` has for
    each new line its place among the old ones, None for one that is added. ``counted`` says that the numbers of lines
    are those of the header. ``ended`` has whether old and new text end with a newline, where the diff says that either
    does not.
    """

    start: int | None
    old: list[str] = field(default_factory=list)
    new: list[str] = field(default_factory=list)
    kept: list[int | None] = field(default_factory=list)
    counted: bool = True
    ended: list[bool] = field(default_factory=lambda: [True, True])

    def take(self, sign: str, line: str) -> None:
        """Add a line of the diff: of the old text, the new one or both."""
        if sign != "-":
            self.new.append(line)
            self.kept.append(len(self.old) if sign == " " else None)
        if sign != "+":
            self.old.append(line)


_HEADER = re.compile(r"@@+ *(?:-(\d{1,9})(?:,(\d{1,9}))? +\+(\d{1,9})(?:,(\d{1,9}))?)?.*")


def is_diff(text: str) -> bool:
    """Whether a text has the header of a hunk."""
    return any(line.startswith("@@") for line in text.split("\n"))


def hunks_of(diff: str) -> list[Hunk]:
    """The hunks of a unified diff, whatever stands around them; lines of context may lack their space if empty."""
    hunks: list[Hunk] = []
    expected = [0, 0]
    sign = ""
    for line in diff.split("\n"):
        header = _HEADER.fullmatch(line)
        missing = bool(hunks) and (len(hunks[-1].old) < expected[0] or len(hunks[-1].new) < expected[1])
        if header is not None:
            _close(hunks, expected)
            start, old, _, new = header.groups()
            hunks.append(Hunk(None if start is None else int(start)))
            expected = [-1, -1] if start is None else [int(old or 1), int(new or 1)]
        elif hunks and line.startswith("\\") and sign:
            for number, signs in enumerate((" -", " +")):
                hunks[-1].ended[number] = hunks[-1].ended[number] and sign not in signs
        elif hunks and line[:1] in (" ", "+", "-") and (missing or not line.startswith(("--- ", "+++ "))):
            sign = line[0]
            hunks[-1].take(sign, line[1:])
        elif hunks and not line and missing:
            sign = " "
            hunks[-1].take(sign, line)
        elif hunks and not missing and expected != [-1, -1]:
            sign = ""
    _close(hunks, expected)
    return [each for each in hunks if each.old or each.new]


def _close(hunks: list[Hunk], expected: list[int]) -> None:
    if hunks:
        hunks[-1].counted = expected == [len(hunks[-1].old), len(hunks[-1].new)]


def applied(diff: str, text: str) -> Applied:
    """Apply a unified diff to a text where its context and removed lines are, whatever its line numbers say.

    Of several such places after the previous hunk, the one nearest to the line number is taken. Where a passage is not
    found, blanks at the ends of lines are disregarded.
    """
    hunks = hunks_of(diff)
    if not hunks or all(hunk.old == hunk.new and hunk.ended[0] == hunk.ended[1] for hunk in hunks):
        return Applied(None, (Fault.BAD_FORMAT,), "no hunk of a unified diff that changes a line")
    lines = [line.removesuffix("\n") for line in lines_of(text)]
    made: list[str] = []
    done, drift, numbered = 0, 0, True
    newline = text.endswith("\n") or not text
    for number, hunk in enumerate(hunks, 1):
        # A hunk without old lines is inserted after the line that its header names.
        stated = None if hunk.start is None else hunk.start - bool(hunk.old)
        place = _find(lines, hunk.old, done, 0 if stated is None else stated + drift)
        if place is None:
            wrong = (Fault.BAD_TEXT,) if numbered and hunk.counted else (Fault.BAD_TEXT, Fault.BAD_LINE_NUMBERS)
            return Applied(None, wrong, f"hunk {number}: its lines are not in the parent after the previous hunk")
        numbered = numbered and hunk.counted and stated == place
        drift = 0 if stated is None else place - stated
        made += lines[done:place]
        made += [line if kept is None else lines[place + kept] for line, kept in zip(hunk.new, hunk.kept, strict=True)]
        done = place + len(hunk.old)
        if hunk.ended != [True, True]:
            newline = hunk.ended[1]
    made += lines[done:]
    result = "\n".join(made) + ("\n" if newline and made else "")
    numbers: tuple[Fault, ...] = () if numbered else (Fault.BAD_LINE_NUMBERS,)
    if result == text:
        return Applied(None, (*numbers, Fault.UNCHANGED), "the parent is left as it is")
    return Applied(result, numbers)


def _find(lines: list[str], passage: list[str], start: int, wanted: int) -> int | None:
    """The place of a passage from ``start`` on that is nearest to ``wanted``; None if there is none."""
    if not passage:
        return wanted if start <= wanted <= len(lines) else None
    for shown in (lines, [line.rstrip() for line in lines]):
        sought = passage if shown is lines else [line.rstrip() for line in passage]
        places = [
            place
            for place in range(start, len(lines) - len(passage) + 1)
            if shown[place] == sought[0] and shown[place : place + len(passage)] == sought
        ]
        if places:
            return min(places, key=lambda place: abs(place - wanted))
    return None
