"""What a language model may answer to change a program: the whole program, SEARCH/REPLACE blocks, or a diff."""

from __future__ import annotations

import re
from collections.abc import Mapping

from psynth.core.diffs import applied, is_diff
from psynth_llm.extraction import fenced
from psynth_llm.notation import Refused

REWRITE, SEARCH_REPLACE, DIFF, ELM_DIFF = EDITS = ("rewrite", "search-replace", "diff", "elm-diff")
INSTRUCTIONS: Mapping[str, str] = {
    SEARCH_REPLACE: (
        "Answer with one or more blocks, each of which replaces lines of the program by others:\n"
        "<<<<<<< SEARCH\nlines as they stand in the program\n=======\nlines in their place\n>>>>>>> REPLACE"
    ),
    DIFF: "Answer with a unified diff from the program to the new one, in one block between ``` fences.",
}
"""How a model is told to edit a program; for a rewriting the notation says it, a model of diffs is told nothing."""
RUNG = "edit"
"""The rung of an answer that is no change of the program."""
_BLOCK = re.compile(
    r"^<{5,9} *SEARCH[^\n]*\n(.*?)^={5,9}[ \t]*\n(.*?)^>{5,9} *REPLACE[^\n]*$", re.MULTILINE | re.DOTALL
)
_NEXT_FILE = re.compile(r"^<(?:NME|BEF|MSG|DFF|\|endoftext\|)>", re.MULTILINE)


def edited(edit: str, program: str, answer: str) -> str:
    """The program that an edit makes of another; Refused if the answer is no such edit, or changes nothing."""
    made = _replaced(program, answer) if edit == SEARCH_REPLACE else _patched(program, answer)
    if made == program:
        raise Refused(RUNG, "the program is left as it is")
    return made


def elm_prompt(name: str, program: str, message: str) -> str:
    """The prompt of the published models of diffs (Lehman et al., 2022): a file, its text, and a commit's message."""
    return f"<NME> {name}\n<BEF> {program}\n<MSG> {message}\n<DFF>"


def _replaced(program: str, answer: str) -> str:
    blocks = _BLOCK.findall(answer)
    if not blocks:
        raise Refused(RUNG, "no SEARCH/REPLACE block")
    # A program whose last line has no end is searched as if it had one.
    text = program if program.endswith("\n") else f"{program}\n"
    for number, (search, replacement) in enumerate(blocks, 1):
        if not search.strip():
            raise Refused(RUNG, f"block {number} searches for nothing")
        found = _places(text, search)
        if len(found) != 1:
            what = "its lines are not in the program" if not found else f"its lines are there {len(found)} times"
            raise Refused(RUNG, f"block {number}: {what}")
        text = text[: found[0]] + replacement + text[found[0] + len(search) :]
    return text if program.endswith("\n") else text.removesuffix("\n")


def _places(text: str, lines: str) -> list[int]:
    """Where lines begin in a text, as whole lines."""
    places = (match.start() for match in re.finditer(re.escape(lines), text))
    return [place for place in places if place == 0 or text[place - 1] == "\n"]


def _patched(program: str, answer: str) -> str:
    block = fenced(answer, "diff", "patch")
    diff = answer if block is None or not is_diff(block) else block
    result = applied(_NEXT_FILE.split(diff, maxsplit=1)[0], program)
    if result.text is None:
        raise Refused(RUNG, result.message)
    return result.text
