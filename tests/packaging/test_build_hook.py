"""The build hook, with scripts in place of the compilers: what it says when one is missing, what gets into a wheel."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from .conftest import ROOT

# One as Debian 12 has it, one new enough for ever.
OLD, NEW = "1.63.0", "99.0.0"


def tool(version: str, otherwise: str = "exit 1") -> str:
    """A script that stands for a compiler: it tells its version, and does nothing else well."""
    return f'#!/bin/sh\n[ "$1" = --version ] && {{ echo "tool {version}"; exit; }}\n{otherwise}\n'


ALL = {"cargo": tool(NEW), "rustc": tool(NEW), "dune": tool("2.9.3"), "ocamlopt": tool("4.13.1")}


def build(source: Path, tools: Mapping[str, str | None], folder: Path) -> subprocess.CompletedProcess[str]:
    """Builds the wheel of a source tree with nothing on the path but these tools."""
    path = folder / "bin"
    path.mkdir()
    for name, script in tools.items():
        if script is not None:
            (path / name).write_text(script, encoding="utf-8")
            (path / name).chmod(0o755)
    return subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder / "dist")],
        cwd=source,
        env={**os.environ, "PATH": str(path)},
        capture_output=True,
        text=True,
        check=False,
    )


def complaint(tools: Mapping[str, str | None], folder: Path) -> str:
    """What a build says that cannot succeed with these tools."""
    finished = build(ROOT, tools, folder)
    assert finished.returncode == 1
    assert not list(folder.glob("dist/*.whl"))
    assert "Traceback" not in finished.stderr
    assert finished.stderr.count("psynth cannot be built") == 1
    return finished.stderr


@pytest.mark.parametrize(
    ("changed", "said", "package"),
    [
        ({"cargo": None}, "cargo is missing", "cargo-web"),
        ({"cargo": tool(OLD)}, f"cargo is {OLD}", "cargo-web"),
        ({"rustc": None}, "rustc is missing", "rustc-web"),
        ({"rustc": tool(OLD)}, f"rustc is {OLD}", "rustc-web"),
        ({"dune": None}, "dune is missing", "ocaml-dune"),
        ({"ocamlopt": None}, "ocamlopt is missing", "ocaml-nox"),
    ],
)
def test_what_is_wrong_and_what_to_install(
    changed: dict[str, str | None], said: str, package: str, tmp_path: Path
) -> None:
    message = complaint({**ALL, **changed}, tmp_path)
    assert said in message
    assert package in message


def test_everything_missing_is_said_at_once(tmp_path: Path) -> None:
    message = complaint({}, tmp_path)
    assert all(f"{name} is missing" in message for name in ALL)


def test_a_missing_ocaml_library_is_named(tmp_path: Path) -> None:
    dune = tool("2.9.3", """echo 'Error: Library "yojson" not found.' >&2; exit 1""")
    message = complaint({**ALL, "dune": dune}, tmp_path)
    assert "the OCaml library yojson is missing" in message
    assert "libyojson-ocaml-dev" in message


def test_what_a_compiler_complains_of_is_shown(tmp_path: Path) -> None:
    dune = tool("2.9.3", "echo 'Error: Unbound value x' >&2; exit 1")
    assert "Error: Unbound value x" in complaint({**ALL, "dune": dune}, tmp_path)


def test_the_machine_set_up_installs_what_the_message_names(tmp_path: Path) -> None:
    named = set(re.findall(r"[a-z-]+(?:-web|-nox|-dune|-dev)\b", complaint({}, tmp_path)))
    assert len(named) == 6
    setup = (ROOT / "native" / "setup.sh").read_text(encoding="utf-8")
    for library in re.findall(r"for library in (.*);", setup)[0].split():
        setup += f" lib{library}-ocaml-dev"
    assert {name for name in named if name not in setup} == set()


def test_a_wheel_holds_what_was_just_compiled_and_not_what_lay_about(unpacked: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    for name in ("main.exe", "lib_native.so", "lib_zygote.so", "psynth-sandbox"):
        (fresh / name).write_text("fresh", encoding="utf-8")
    for stale in ("_bin/psynth-lambda", "_bin/psynth-other", "_native.abi3.so"):
        (unpacked / "psynth" / stale).parent.mkdir(exist_ok=True)
        (unpacked / "psynth" / stale).write_text("stale", encoding="utf-8")
    # dune is called as `dune build --root R --build-dir B …`.
    dune = tool("2.9.3", f'/bin/mkdir -p "$5/default/bin" && /bin/cp {fresh}/main.exe "$5/default/bin/main.exe"')
    files = {"_native": "lib_native.so", "_zygote": "lib_zygote.so", "psynth-sandbox": "psynth-sandbox"}
    artifacts = [
        {"reason": "compiler-artifact", "target": {"name": target}, "filenames": [f"{fresh}/{file}"]}
        for target, file in files.items()
    ]
    said = " ".join(f"'{json.dumps(artifact)}'" for artifact in artifacts)
    finished = build(unpacked, {**ALL, "dune": dune, "cargo": tool(NEW, f"printf '%s\\n' {said}")}, tmp_path)
    assert finished.returncode == 0, finished.stderr
    said = re.findall(r"psynth: (\[\d/2\]) (compiling|done)", finished.stderr)
    assert said == [("[1/2]", "compiling"), ("[1/2]", "done"), ("[2/2]", "compiling"), ("[2/2]", "done")]
    (wheel,) = tmp_path.glob("dist/*.whl")
    with zipfile.ZipFile(wheel) as archive:
        engines = {n: archive.read(n) for n in archive.namelist() if n.startswith(("psynth/_bin", "psynth/_native."))}
    engines.pop("psynth/_native.pyi", None)
    names = ("_bin/psynth-lambda", "_bin/psynth-sandbox", "_bin/_zygote.abi3.so", "_native.abi3.so")
    assert engines == {f"psynth/{name}": b"fresh" for name in names}
