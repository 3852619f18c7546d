"""Parsing Python source: nothing that a text holds harms the parser."""

from __future__ import annotations

import warnings

import pytest

from psynth.core.python_source import MAX_LENGTH, NotPython, parse, syntax_fault


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("def f(x):\n    return x", None),
        ("", None),
        ("return 1", None),  # parsing does not compile
        ("def f(", "'(' was never closed (line 1)"),
        ("a = 1\n  b = 2", "unexpected indent (line 2)"),
        ("x = '\0'", "a NUL character"),
        ("x = '\ud800'", "half of a surrogate pair, which UTF-8 cannot encode"),
        ("x" * (MAX_LENGTH + 1), f"longer than {MAX_LENGTH:,} characters"),
    ],
)
def test_why_a_text_is_not_python(source: str, fault: str | None) -> None:
    assert syntax_fault(source) == fault


@pytest.mark.parametrize(
    "source",
    [
        "(" * 100_000 + ")" * 100_000,
        "[" * 150 + "]" * 150,
        "-" * 500_000 + "1",
        "not " * 100_000 + "1",
        "x" + ".a" * 400_000,
        "x" + "()" * 400_000,
        "+".join("1" * 300_000),
        "lambda: " * 50_000 + "1",
        "if 1:\n" + "".join(" " * depth + "if 1:\n" for depth in range(1, 99)) + " " * 99 + "1",
        "f'" + "{" * 10_000,
        "9" * 5000,
        "\N{SNOWMAN}" * 1000,
        "\\\n" * 500_000,
    ],
    ids=lambda text: text[:12].replace("\n", " "),
)
def test_hostile_texts_end_in_a_tree_or_a_reason(source: str) -> None:
    fault = syntax_fault(source)
    if fault is not None:
        with pytest.raises(NotPython):
            parse(source)
    assert fault != ""


def test_what_python_merely_warns_of_is_read_in_silence() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert syntax_fault(r"x = '\s' is 'y'") is None
