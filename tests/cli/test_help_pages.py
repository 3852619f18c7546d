"""The help pages of all built-in subcommands, methods, domains and formats, at any width and as manual pages."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from shutil import which

import pytest

from psynth.cli.dispatch import subcommand
from psynth.cli.page import Example, Paragraph, Terms, page_of, short_page_of
from psynth.cli.page_roff import manual
from psynth.cli.page_text import page_text, section_lines
from psynth.cli.root_page import root_page
from psynth.cli.table import TABLE
from psynth.plugins.registry import default_registry

WIDTHS = (40, 60, 80, 120, None)


def _pages() -> Iterator[tuple[str, ...]]:
    """The words of each page: a subcommand, with one of its methods, domains or formats."""
    registry = default_registry()
    for name in TABLE:
        yield (name,)
        yield from ((name, "--method", method) for method in registry.offers("method", name))
    for domain in registry.offers("domain"):
        yield "tasks", domain
        yield "sample", "-d", domain
    for format in registry.offers("format"):
        yield "import", format
        yield "export", format


@pytest.mark.parametrize("words", list(_pages()), ids=" ".join)
def test_nothing_is_cut_or_broken(words: tuple[str, ...]) -> None:
    chosen = subcommand(words[0], list(words[1:]))
    fields = [field for group in chosen.groups for field in group.fields]
    for width in WIDTHS:
        page = page_text(page_of(chosen), width)
        assert page == "".join(f"{line.rstrip()}\n" for line in page.splitlines())
        commands = [line for line in page.splitlines() if "psynth " in line or line.endswith("\\")]
        long = [line for line in page.splitlines() if width is not None and len(line) > width]
        assert not [line for line in long if line in commands or (" " in line.strip() and "{" not in line)], width
        shown = set(re.split(r"[\s|,]+", page))
        for flag in (flag for field in fields for flag in (*field.flags, field.negative) if flag):
            assert flag in shown, f"{flag} is broken"
        for choice in (choice for field in fields for choice in field.choices or ()):
            assert choice in {word.strip("(),;:") for word in shown}, f"{choice} is broken"
        text = " ".join(page.split())
        for field in fields:
            assert " ".join(field.help.split()) in text, f"{field.help} is cut"


@pytest.mark.parametrize("words", list(_pages()), ids=" ".join)
def test_the_short_page_fits_on_one_screen(words: tuple[str, ...]) -> None:
    page = page_text(short_page_of(subcommand(words[0], list(words[1:]))), 80)
    assert page.count("\n") <= 24
    assert page.startswith("Usage: psynth ")
    assert "--help explains" in page


@pytest.mark.parametrize("words", list(_pages()), ids=" ".join)
def test_examples_can_be_pasted(words: tuple[str, ...]) -> None:
    """What is broken over lines is one command for a shell, the one that the source of the page has."""
    page = page_of(subcommand(words[0], list(words[1:])))
    for section in page.sections:
        for block in section.blocks:
            if not isinstance(block, Example):
                continue
            for line in block.lines:
                for width in (40, 80):
                    example = replace(section, title="", blocks=(Example((line,)),))
                    shown = "\n".join(section_lines(example, width))
                    if "psynth" in line:
                        assert shlex.split(shown.replace("\\\n", "")) == shlex.split(line)
                        assert all(len(each) <= width or "'" in each for each in shown.splitlines())


@pytest.mark.parametrize("name", ["psynth", *TABLE])
def test_the_manual_page_says_what_the_help_says(name: str) -> None:
    page = root_page() if name == "psynth" else page_of(subcommand(name))
    source = manual(page, "1.0", ["psynth"])
    requests = {line.split()[0] for line in source.splitlines() if line.startswith((".", "'"))}
    assert requests <= {".TH", ".SH", ".PP", ".TP", ".B", ".BR", ".RS", ".RE", ".nf", ".fi", ".ft"}
    assert source.count(".RS") == source.count(".RE") == source.count(".nf") == source.count(".fi")
    assert ".SH NAME" in source
    assert '.SH "EXIT STATUS"' in source
    if which("groff") is None:
        return
    # Without hyphenation and justification, the words of the manual are those of the source.
    plain = ["groff", "-man", "-Tutf8", "-P-cbou", "-rLL=400n", "-rHY=0", "-ww", "-k"]
    done = subprocess.run(plain, input=f".ad l\n{source}", capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stderr == ""
    words = " ".join(done.stdout.split())
    for section in page.sections:
        assert section.title.upper() in words
        for block in section.blocks:
            if isinstance(block, Paragraph):
                assert " ".join(block.text.split()) in words
            elif isinstance(block, Terms):
                for term, text in block.rows:
                    assert " ".join(term.split()) in words
                    assert " ".join(text.split()) in words
            else:
                for line in block.lines:
                    assert " ".join(line.split()) in words


def test_every_path_setting_says_what_happens_to_the_file() -> None:
    """What is not declared would be missing from the provenance."""
    for words in _pages():
        for group in subcommand(words[0], list(words[1:])).groups:
            for field in group.fields:
                assert (field.kind == "path") == (field.file != ""), f"{' '.join(words)} {field.flag}"
