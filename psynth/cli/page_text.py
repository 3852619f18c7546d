"""Help pages as text: wrapped to the width of a terminal, and not at all where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from psynth.cli.page import Block, Example, Page, Paragraph, Section, Terms

MOST = 100
"""Maximum number of columns of a line: longer ones are hard to read."""
TERM = 28
"""Columns of terms with their margin; the explanation of a longer one begins on the next line."""
NARROW = 60
"""Below this number of columns explanations stand below their terms."""
_COMMANDS = ("psynth", "for", "eval", "cd", "pip", "man")


def page_text(page: Page, width: int | None) -> str:
    """A page for a terminal with ``width`` columns, or without line breaks in prose for None."""
    width = None if width is None else min(width, MOST)
    lines = list(_wrapped(f"Usage: {page.usage}", width, "", "    "))
    column = _column(page.sections)
    for section in page.sections:
        lines.append("")
        lines += section_lines(section, width, column)
    return "".join(f"{line}\n" for line in lines)


def _column(sections: Iterable[Section]) -> int:
    """The column at which explanations begin."""
    terms = [block for section in sections for block in section.blocks if isinstance(block, Terms)]
    return min(max((len(term) + 4 for block in terms for term, _ in block.rows), default=0), TERM)


def section_lines(section: Section, width: int | None, column: int | None = None) -> Iterator[str]:
    """The lines of a section, with its heading; explanations of terms begin at ``column``."""
    column = _column([section]) if column is None else column
    margin = "  " if section.title else ""
    if section.title:
        yield from _wrapped(f"{section.title}:", width, "", "  ")
    for number, block in enumerate(section.blocks):
        if number:
            yield ""
        yield from _lines(block, width, margin, column)


def _lines(block: Block, width: int | None, margin: str, column: int) -> Iterator[str]:
    if isinstance(block, Paragraph):
        yield from _wrapped(block.text, width, margin, margin)
    elif isinstance(block, Example):
        for line in block.lines:
            yield from _copyable(line, width, f"{margin}    " if width is None or width >= NARROW else "  ")
    else:
        yield from _terms(block, width, column)


def _terms(terms: Terms, width: int | None, column: int) -> Iterator[str]:
    for term, text in terms.rows:
        if width is not None and width < NARROW:
            yield f"  {term.strip()}"
            yield from _wrapped(text, width, "      ", "      ")
        elif len(term) + 4 > column and width is not None:
            yield f"  {term}"
            yield from _wrapped(text, width, " " * column, " " * column)
        else:
            yield from _wrapped(text, width, f"  {term}  ".ljust(column), " " * column)


def _wrapped(text: str, width: int | None, first: str, rest: str) -> Iterator[str]:
    """Yield a paragraph broken at blanks; a word that is wider than a line stays whole."""
    if width is None:
        yield (first + text).rstrip()
        return
    line, empty = first, True
    for word in text.split():
        if not empty and len(line) + 1 + len(word) > width:
            yield line.rstrip()
            line, empty = rest, True
        line += word if empty else f" {word}"
        empty = False
    yield line.rstrip()


def _copyable(line: str, width: int | None, margin: str) -> Iterator[str]:
    """Yield a line of an example; a command that is too long continues after a backslash, as a shell reads it."""
    if width is None or len(margin) + len(line) <= width or line.split(" ", 1)[0] not in _COMMANDS:
        yield margin + line
        return
    written = margin
    indent = margin + "  "
    for number, word in enumerate(_shell_words(line)):
        if number and len(written) + len(word) + 3 > width:
            yield f"{written} \\"
            written = indent + word
        else:
            written += word if written in (margin, indent) else f" {word}"
    yield written


def _shell_words(line: str) -> Iterator[str]:
    """Yield the words of a shell command as typed; quotation marks keep their blanks."""
    word, quote = "", ""
    for character in line:
        if character == " " and not quote:
            if word:
                yield word
            word = ""
            continue
        if character in "'\"" and quote in ("", character):
            quote = "" if quote else character
        word += character
    if word:
        yield word
