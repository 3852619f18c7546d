"""Settings: what fields are read as, which values they allow, and how they are described."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from psynth.core.errors import UsageError
from psynth.core.settings import check_settings, did_you_mean, fields_of, files_read, setting, settings_json


@dataclass(frozen=True)
class Everything:
    """A setting of each kind."""

    max_cost: float | None = setting(None, help="how far", unit="nats", minimum=0)
    step: int = setting(3, help="how wide", minimum=1, maximum=9)
    exhaustive: bool = setting(False, help="go on")
    kind: Literal["a", "b"] = setting("a", help="which")
    word: str = setting("x", help="a word", choices=("x", "why"), flag="-w/--word")
    names: tuple[str, ...] = setting((), help="some names")
    file: Path | None = setting(None, help="a file", provenance=False)


FIELDS = {field.name: field for field in fields_of(Everything)}


def test_fields_in_order_with_flags_and_types() -> None:
    assert [field.flag for field in FIELDS.values()] == [
        "--max-cost",
        "--step",
        "--exhaustive",
        "--kind",
        "--word",
        "--names",
        "--file",
    ]
    assert FIELDS["word"].flags == ("-w", "--word")
    assert FIELDS["max_cost"].type_text == "float or none"
    assert FIELDS["names"].type_text == "str, repeatable"
    assert FIELDS["kind"].choices == ("a", "b")
    assert [FIELDS[name].metavar for name in ("max_cost", "step", "kind", "file")] == ["NATS", "INT", "a|b", "FILE"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("max_cost", "16.5", 16.5),
        ("max_cost", "none", None),
        ("step", "9", 9),
        ("exhaustive", "on", True),
        ("kind", "b", "b"),
        ("names", "none", "none"),
        ("file", "a/b", Path("a/b")),
    ],
)
def test_parse(name: str, text: str, value: object) -> None:
    assert FIELDS[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("max_cost", "far", "--max-cost: 'far' is not a number (nats)"),
        ("max_cost", "-1", "--max-cost: -1.0 is less than 0 nats"),
        ("max_cost", "nan", "--max-cost: nan is not a finite number"),
        ("step", "1.5", "--step: '1.5' is not a whole number"),
        ("step", "10", "--step: 10 is more than 9"),
        ("exhaustive", "maybe", "--exhaustive: 'maybe' is neither true nor false"),
        ("word", "whi", "--word: 'whi' is not one of x, why (did you mean 'why'?)"),
    ],
)
def test_parse_says_what_is_wrong(name: str, text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        FIELDS[name].parse(text)
    assert str(caught.value) == message


def test_values_given_in_python_are_checked_too() -> None:
    check_settings(Everything(max_cost=3, names=("a",)))
    for wrong in (Everything(step=0), Everything(step=True), Everything(names="ab"), Everything(kind="c")):  # type: ignore[arg-type]
        with pytest.raises(UsageError):
            check_settings(wrong)


def test_json_of_settings_and_of_their_description() -> None:
    assert settings_json(Everything(names=("a",), file=Path("f"))) == {
        "max_cost": None,
        "step": 3,
        "exhaustive": False,
        "kind": "a",
        "word": "x",
        "names": ["a"],
    }
    assert FIELDS["step"].to_json() == {
        "name": "step",
        "flag": "--step",
        "flags": ["--step"],
        "metavar": "INT",
        "type": "int",
        "optional": False,
        "repeated": False,
        "default": 3,
        "unit": "",
        "help": "how wide",
        "minimum": 1,
        "maximum": 9,
    }


def test_a_field_that_no_option_can_have_is_a_defect() -> None:
    @dataclass(frozen=True)
    class Undeclared:
        count: int = 3

    @dataclass(frozen=True)
    class Strange:
        table: dict[str, int] | None = setting(None, help="no")

    @dataclass(frozen=True)
    class OwnNegative:
        refit: bool = setting(True, help="refit", flag="--refit/--no-refit")

    @dataclass(frozen=True)
    class FileThatIsNoPath:
        count: int = setting(3, help="how many", file="read")

    @dataclass(frozen=True)
    class FileOfNoKind:
        path: Path | None = setting(None, help="a file", file="append")

    for cls in (Undeclared, Strange, OwnNegative, FileThatIsNoPath, FileOfNoKind):
        with pytest.raises(TypeError, match=cls.__name__):
            fields_of(cls)


def test_files_that_are_read() -> None:
    @dataclass(frozen=True)
    class Files:
        model: Path | None = setting(None, help="a model", file="read")
        worlds: tuple[Path, ...] = setting((), help="worlds", file="read")
        log: Path | None = setting(None, help="a log", file="write")

    assert files_read(Files()) == []
    assert files_read(Files(Path("m"), (Path("a"), Path("b")), Path("l"))) == ["m", "a", "b"]


def test_did_you_mean() -> None:
    assert did_you_mean("regx", ["list", "regex"]) == " (did you mean 'regex'?)"
    assert did_you_mean("zzz", ["list", "regex"]) == ""
