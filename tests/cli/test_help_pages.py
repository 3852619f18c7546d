"""The help pages of all built-in subcommands, methods, domains and formats on a terminal of 80 columns."""

import re
from collections.abc import Iterator

import pytest

from psynth.cli.dispatch import subcommand
from psynth.cli.help_page import print_help
from psynth.cli.subcommand import Subcommand
from psynth.cli.table import TABLE
from psynth.plugins.registry import default_registry

WIDTH = 80


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


def text_of(chosen: Subcommand, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """A page as it is printed."""
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("TERM", "dumb")
    print_help(chosen)
    return capsys.readouterr().out


@pytest.mark.parametrize("words", list(_pages()), ids=" ".join)
def test_nothing_is_cut_or_broken(
    words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = subcommand(words[0], list(words[1:]))
    page = text_of(chosen, monkeypatch, capsys)
    assert max(map(len, page.splitlines())) <= WIDTH
    shown = set(re.split(r"[\s│|]+", page))
    fields = [field for group in chosen.groups for field in group.fields]
    for flag in (flag for field in fields for flag in (*field.flags, field.negative) if flag):
        assert flag in shown, f"{flag} is broken"
    for choice in (choice for field in fields for choice in field.choices or ()):
        assert choice in {word.strip("(),") for word in shown}, f"{choice} is broken"
    text = " ".join(page.replace("│", " ").split())
    for word in (word for field in fields for word in field.help.split()):
        assert word in text, f"{word} is cut"
    for line in (line for line in chosen.help.splitlines() if line.startswith("    ")):
        assert len(line) < WIDTH, f"an example or a table that is wrapped: {line}"


def test_every_path_setting_says_what_happens_to_the_file() -> None:
    """What is not declared would be missing from the provenance."""
    for words in _pages():
        for group in subcommand(words[0], list(words[1:])).groups:
            for field in group.fields:
                assert (field.kind == "path") == (field.file != ""), f"{' '.join(words)} {field.flag}"
