"""Help pages as manual pages in roff, with the macros of man(7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psynth.cli.page import Block, Example, Page, Paragraph, Section

_DASHES = str.maketrans(
    {"-": "\\-", "−": "\\(mi", "–": "\\(en", "'": "\\(aq", "`": "\\(ga", "^": "\\(ha", "~": "\\(ti"}
)


def manual(page: Page, version: str, others: Iterable[str] = ()) -> str:
    """A manual page; ``others`` are the names of the pages that it refers to."""
    name = page.title.replace(" ", "-")
    lines = [
        f'.TH "{name.upper()}" "1" "" "psynth {version}" "psynth"',
        ".SH NAME",
        f"{_roff(name)} \\- {_roff(page.summary)}",
        ".SH SYNOPSIS",
        f".B {_roff(page.usage)}",
    ]
    for section in page.sections:
        lines.append(f'.SH "{_roff(section.title).upper()}"' if section.title else ".SH DESCRIPTION")
        lines += _section(section)
    named = [f".BR {_roff(other)} (1)" for other in others]
    if named:
        lines += [".SH SEE ALSO", *(f"{each} ," for each in named[:-1]), named[-1]]
    return "".join(f"{line}\n" for line in lines)


def _section(section: Section) -> Iterator[str]:
    for number, block in enumerate(section.blocks):
        if number:
            yield ".PP"
        yield from _lines(block)


def _lines(block: Block) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield _line(block.text)
    elif isinstance(block, Example):
        yield from (".RS 4", ".nf", ".ft CR", *(_line(line) for line in block.lines), ".ft R", ".fi", ".RE")
    else:
        for term, text in block.rows:
            yield from (".TP", f".B {_roff(term.strip())}", _line(text))


def _line(text: str) -> str:
    """A line of text, which roff must not take for a request."""
    written = _roff(text)
    return f"\\&{written}" if written.startswith((".", "\\(aq")) else written


def _roff(text: str) -> str:
    return text.replace("\\", "\\e").translate(_DASHES).replace('"', "\\(dq")
