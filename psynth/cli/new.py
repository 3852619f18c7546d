"""psynth new: writes a plugin package to start from, with tests."""

from __future__ import annotations

import importlib.util
import keyword
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from psynth.cli.subcommand import Group, Parsed, Subcommand
from psynth.core import standard
from psynth.core.errors import UsageError
from psynth.core.settings import Argument, did_you_mean, setting
from psynth.plugins.registry import default_registry

DETAILS = """\
The package is complete: pyproject.toml, README.md, the registration, a small domain, method or format that works, and
tests of the contract. Replace the parts. The programs of a domain are λ-terms or, with --language python, Python source
that runs in the sandbox.

    psynth new domain maze
    psynth new domain texts --language python
    cd psynth-maze && pip install -e '.[dev]' && pytest
    psynth tasks maze | psynth enumerate | psynth show
"""

KINDS = ("domain", "method", "format")
TEMPLATES = Path(__file__).parents[1] / "templates"
SUFFIX = ".template"
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class NewOptions:
    """The contents and the destination of the package."""

    language: str = setting("lambda", choices=("lambda", "python"), help="language of the programs of a domain")
    output: Path | None = setting(
        None, flag="-o/--output", file="write", value="DIR", help="the folder to create (default: psynth-NAME)"
    )


def subcommand(help: str, words: Sequence[str]) -> Subcommand:
    """The subcommand; ``help`` is its summary."""
    arguments = [
        Argument("kind", "KIND", "domain, method or format", required=True, known=KINDS),
        Argument("name", "NAME", "its name: lower-case letters, digits and _", required=True),
    ]
    return Subcommand("new", f"{help}\n\n{DETAILS}", run, arguments, [Group("Package", NewOptions)])


def run(parsed: Parsed) -> int:
    """Write the package."""
    from psynth.core.files import whole_folder

    [kind], [name] = parsed.arguments["kind"], parsed.arguments["name"]
    _check_name(kind, name)
    options = parsed.of(NewOptions)
    if kind != "domain" and options.language != "lambda":
        raise UsageError(f"--language {options.language} is for domains; a {kind} has no language")
    template = kind if options.language == "lambda" else f"{kind}-{options.language}"
    values = _values(kind, name)
    _check_free(kind, name, template, values)
    target = options.output or Path(values["project"])
    if target.exists():
        raise UsageError(f"{target}: already exists; choose another folder with --output")
    with whole_folder(target) as folder:
        for path, text in _files(template, values):
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    print(f"wrote {target}; next: cd {target} && pip install -e '.[dev]' && pytest", file=standard.err())
    return 0


def _check_name(kind: str, name: str) -> None:
    """Raise UsageError unless the kind exists and the name can be part of a Python module's name."""
    if kind not in KINDS:
        raise UsageError(f"{kind!r} is not one of {', '.join(KINDS)}{did_you_mean(kind, KINDS)}")
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UsageError(f"{name!r} is not a name: lower-case letters, digits and _, no Python keyword")


def _check_free(kind: str, name: str, template: str, values: Mapping[str, str]) -> None:
    """Raise UsageError if the name is in use, in psynth, among Python's packages or in the templates."""
    for offer in default_registry().offers(kind, "enumerate" if kind == "method" else "").values():
        if offer.name == name:
            raise UsageError(f"{offer.title} already exists, in the plugin {offer.plugin!r}; choose another name")
    if importlib.util.find_spec(values["package"]) is not None:
        raise UsageError(f"the package {values['package']} already exists; choose another name")
    if any(re.search(rf"\b{values['class']}\b", path.read_text("utf-8")) for _, path in _templates(template)):
        raise UsageError(f"the class {values['class']} would hide one of psynth's; choose another name")


def _values(kind: str, name: str) -> Mapping[str, str]:
    """The value of each placeholder."""
    words = [word for word in name.split("_") if word]
    return {
        "kind": kind,
        "name": name,
        "package": f"psynth_{name}",
        "project": "-".join(["psynth", *words]),
        "class": "".join(word.capitalize() for word in [*words, kind]),
    }


def _files(template: str, values: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The files of a package by their path in it, with every placeholder ``{{name}}`` replaced."""
    for path, source in _templates(template):
        text = re.sub(r"\{\{(\w+)\}\}", lambda match: values[match[1]], source.read_text("utf-8"))
        yield path.replace("PACKAGE", values["package"]), text


def _templates(template: str) -> Iterator[tuple[str, Path]]:
    """The files of a template, each with its path in the package; ``PACKAGE`` stands for the package's name."""
    for root in (TEMPLATES / "shared", TEMPLATES / template):
        for path in sorted(root.rglob(f"*{SUFFIX}")):
            yield path.relative_to(root).as_posix().removesuffix(SUFFIX), path
