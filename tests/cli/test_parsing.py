"""Reading command lines: what is accepted, and that typer would read the same."""

from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from psynth.cli.dispatch import run, subcommand
from psynth.cli.parsing import HelpRequest, parse
from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core.errors import UsageError
from psynth.core.settings import Argument, setting
from psynth.plugins.registry import Registry
from tests.typer_signature import typer_signature


@dataclass(frozen=True)
class Sizes:
    """Numbers."""

    depth: int = setting(2, help="how deep", unit="levels", minimum=-9)
    cost: float | None = setting(None, help="how dear")


@dataclass(frozen=True)
class Rest:
    """Everything else."""

    output: Path | None = setting(None, flag="-o/--output", help="where to")
    quiet: bool = setting(False, flag="-q/--quiet", help="say nothing")
    verbose: bool = setting(False, flag="-v/--verbose", help="say more")
    rewrite: bool = setting(True, help="rewrite")
    names: tuple[str, ...] = setting((), flag="-n/--names", help="names")


GROUPS = [Group("Sizes", Sizes), Group("Rest", Rest)]
FILES = Argument("files", "FILE", "files", repeated=True)
DOMAIN = Argument("domain", "DOMAIN", "a domain", required=True)
COMMAND = Subcommand("x", "X.", lambda parsed: 0, [DOMAIN, FILES], GROUPS)


def parsed(*words: str) -> Parsed:
    """What words say."""
    found = parse(COMMAND, words)
    assert isinstance(found, Parsed)
    return found


@pytest.mark.parametrize(
    ("words", "sizes", "rest", "files"),
    [
        ("d", Sizes(), Rest(), ()),
        ("d --depth 5 a --cost=1.5 b", Sizes(5, 1.5), Rest(), ("a", "b")),
        ("--depth -5 d -o out.jsonl", Sizes(-5), Rest(Path("out.jsonl")), ()),
        ("d -oout -qv", Sizes(), Rest(Path("out"), True, True), ()),
        ("d -qoout", Sizes(), Rest(Path("out"), True), ()),
        ("d --no-rewrite -n a --names b", Sizes(), Rest(rewrite=False, names=("a", "b")), ()),
        ("d --no-rewrite --rewrite", Sizes(), Rest(), ()),
        ("d --depth 1 --depth 3 -- --depth -q", Sizes(3), Rest(), ("--depth", "-q")),
        ("d - --output -", Sizes(), Rest(Path("-")), ("-",)),
        ("d --output=a=b", Sizes(), Rest(Path("a=b")), ()),
    ],
)
def test_words_are_read_as_typer_would_read_them(words: str, sizes: Sizes, rest: Rest, files: tuple[str, ...]) -> None:
    found = parsed(*words.split())
    assert (found.of(Sizes), found.of(Rest)) == (sizes, rest)
    assert found.arguments == {"domain": ("d",), "files": files}
    app = typer.Typer(add_completion=False)
    app.command(name="x")(typer_signature(COMMAND))
    read = app(words.split(), standalone_mode=False)
    assert (read["domain"], tuple(read["files"] or ())) == ("d", files)
    for number, group in enumerate(GROUPS):
        for field in group.fields:
            text, value = read[f"group{number}_{field.name}"], found.values[group.settings].get(field.name)
            if field.kind == "bool":
                assert text == value
            elif field.repeated:
                assert tuple(text or ()) == (value or ())
            else:
                assert (None if text is None else field.parse(text)) == value


def test_negative_numbers_are_arguments() -> None:
    assert parsed("d", "-4", "-.5").arguments["files"] == ("-4", "-.5")


@pytest.mark.parametrize("words", ["--help", "d -h", "--depth 3 --help"])
def test_asking_for_help(words: str) -> None:
    assert parse(COMMAND, words.split()) == HelpRequest(short="-h" in words.split())


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("d --dept 3", "unknown option --dept (did you mean '--depth'?); psynth x --help lists them"),
        ("d --dept=3", "unknown option --dept (did you mean '--depth'?); psynth x --help lists them"),
        ("d -z", "unknown option -z; psynth x --help lists them"),
        ("d -qz", "unknown option -z; psynth x --help lists them"),
        ("d --depth", "--depth needs a value (LEVELS)"),
        ("d --quiet=1", "--quiet takes no value"),
        ("", "DOMAIN is missing; usage: psynth x [OPTIONS] DOMAIN [FILE]…"),
    ],
)
def test_what_is_wrong_is_told(words: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parsed(*words.split())
    assert str(caught.value) == message


def test_too_many_arguments() -> None:
    command = Subcommand("x", "X.", lambda parsed: 0, [DOMAIN], GROUPS)
    with pytest.raises(UsageError, match=r"too many arguments: b c; usage: psynth x \[OPTIONS\] DOMAIN"):
        parse(command, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("words", "method", "domain"),
    [
        ("--method broken", "broken", None),
        ("--method broken --method guess", "guess", None),
        ("--method guess --method=broken", "broken", None),
        ("--method guess -- --method broken", "guess", None),
        ("--log=--method x", "guess", None),
        ("--method guess -dtoy", "guess", "toy"),
        ("-qdtoy -v", "guess", "toy"),
        ("-d toy --domain=other", "guess", "other"),
        ("--domain toy -- -dother", "guess", "toy"),
        ("--log -dother --method guess", "guess", None),
    ],
)
def test_the_method_and_the_domain_are_read_as_the_command_will(
    toy: Registry, words: str, method: str, domain: str | None
) -> None:
    """The settings offered are those of the method that the final parse finds, whatever stands around it."""
    from psynth.cli.filters import MethodOption
    from psynth.cli.options import SourceOptions

    chosen = subcommand("enumerate", ["--method", "guess", *words.split()])
    assert chosen.method == method
    found = parse(chosen, ["--method", "guess", *words.split()])
    assert found is not None
    assert (found.of(MethodOption).method, found.of(SourceOptions).domain) == (method, domain)
    assert ("--depth" in chosen.flags()) == (method == "guess")


def test_settings_of_the_last_method_are_used_and_those_of_the_first_refused(toy: Registry) -> None:
    twice = ["--method", "guess", "--depth", "3", "--method", "broken"]
    with pytest.raises(UsageError, match="--depth belongs to --method guess, not to --method broken"):
        run("enumerate", twice)
    twice = ["--method", "broken", "--depth", "3", "--method", "guess"]
    found = parse(subcommand("enumerate", twice), twice)
    assert found is not None
    assert next(iter(value for value in found.values.values() if value.get("depth"))) == {"depth": 3}


def test_a_value_that_looks_like_a_format_is_no_format(toy: Registry) -> None:
    assert "--upper" in subcommand("export", ["--output", "x", "ids"]).flags()
    assert "--upper" in subcommand("export", ["--limit", "3", "ids", "ids"]).flags()
    assert "--upper" not in subcommand("export", ["--output", "ids"]).flags()
    assert "--upper" not in subcommand("export", ["-oids"]).flags()
