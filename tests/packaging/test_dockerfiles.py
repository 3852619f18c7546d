"""The Dockerfiles are sound as far as that can be seen without docker: instructions, stages, files, packages."""

import re
import shlex
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = ["Dockerfile", "examples/sandbox-server/Dockerfile"]
INSTRUCTIONS = {"FROM", "RUN", "COPY", "ARG", "ENV", "WORKDIR", "ENTRYPOINT", "CMD"}


def instructions(name: str) -> list[tuple[str, str]]:
    """The instructions of a file with their arguments, continued lines joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / name).read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_instructions_and_stages(name: str) -> None:
    found = instructions(name)
    assert {word for word, _ in found} <= INSTRUCTIONS
    assert found[0][0] == "FROM"
    stages = {rest.split(" AS ")[1] for word, rest in found if word == "FROM" and " AS " in rest}
    for word, rest in found:
        if word == "COPY":
            *options, source, _ = rest.split()
            assert options == [] or options[0].removeprefix("--from=") in stages
            assert options or (ROOT / source).exists()
        if word in ("ENTRYPOINT", "CMD"):
            assert re.fullmatch(r'\[("[^"]*"(, )?)+\]', rest)
        if word == "RUN":
            shlex.split(rest)


@pytest.mark.parametrize("name", DOCKERFILES)
def test_they_install_what_setting_up_a_machine_does(name: str) -> None:
    run = next(rest for word, rest in instructions(name) if word == "RUN")
    packages = set(run.split("--no-install-recommends")[1].split())
    setup = (ROOT / "native" / "setup.sh").read_text()
    known = {*re.findall(r"[a-z0-9-]+", setup), *(f"lib{name}-ocaml-dev" for name in ("yojson", "cmdliner"))}
    assert packages - {"ca-certificates"} <= known
    assert {"gcc", "cargo-web", "rustc-web", "ocaml-nox", "ocaml-dune", "libyojson-ocaml-dev"} <= packages


def test_what_was_built_here_stays_outside() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert {".git", ".venv", "native/rust/target", "native/ocaml/_build*", "psynth/_bin"} <= {*ignored}
