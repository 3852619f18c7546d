"""The build hook of the distribution: compiles the native engines and hands them to the wheel.

Hatchling calls it for every wheel, also for the editable one. A normal wheel takes the engines straight from the
compilers' build folders, so that a stale copy in the source tree can never leak into it; an editable install copies
them into the source tree, because that is where it runs from.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

EXECUTABLE = "psynth/_bin/psynth-lambda"
# What cargo builds, by the name of its target.
RUST_ARTIFACTS = {
    "_native": "psynth/_native.abi3.so",
    "psynth-sandbox": "psynth/_bin/psynth-sandbox",
    # Imported only by the interpreter inside the sandbox, which sees nothing else of this package.
    "_zygote": "psynth/_bin/_zygote.abi3.so",
}

# Where the wheel's stable ABI begins; `abi3-py311` in native/rust/bindings/Cargo.toml must say the same.
PYTHON_ABI = "cp311-abi3"

# `native/setup.sh` installs the same packages.
RUST_PACKAGES = (
    "Rust: apt-get install cargo-web rustc-web (Debian 12, whose plain cargo is too old), "
    "apt-get install cargo rustc (where those are new enough), or rustup"
)
OCAML_PACKAGES = "OCaml: apt-get install ocaml-nox ocaml-dune libyojson-ocaml-dev libcmdliner-ocaml-dev"


class BuildProblem(Exception):
    """Something that the person who builds must put right; the message says what and how."""


class NativeEngines(BuildHookInterface[BuilderConfig]):
    """Builds the engines in Rust with cargo and `psynth-lambda` with dune, and tags the wheel for this platform."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        rust, ocaml = (Path(self.root, "native", language) for language in ("rust", "ocaml"))
        try:
            check_tools(rust_version(rust / "Cargo.toml"))
            with step("[1/2] compiling the engine in OCaml (half a minute)"):
                built = {EXECUTABLE: build_ocaml(ocaml)}
            with step("[2/2] compiling the engines in Rust (one to three minutes, the first time)"):
                built |= build_rust(rust)
        except BuildProblem as problem:
            self.app.abort(f"psynth cannot be built: {problem}")
        build_data["pure_python"] = False
        build_data["tag"] = f"{PYTHON_ABI}-{platform_tag()}"
        for place, artifact in built.items():
            if version == "editable":
                replace(artifact, Path(self.root, place))
            else:
                build_data["force_include"][str(artifact)] = place


@contextlib.contextmanager
def step(what: str) -> Iterator[None]:
    """Says what is being done, and then how long it took; pip shows it with `-v` or if the build fails."""
    begun = time.monotonic()
    print(f"psynth: {what}", file=sys.stderr, flush=True)
    yield
    print(f"psynth: {what.split()[0]} done in {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)


def check_tools(rust: tuple[int, ...]) -> None:
    """Stops the build, before anything is compiled, when a compiler is missing or older than it must be."""
    problems = [problem for tool in ("cargo", "rustc") if (problem := rust_problem(tool, rust))]
    advice = [RUST_PACKAGES] if problems else []
    missing = [tool for tool in ("dune", "ocamlopt") if shutil.which(tool) is None]
    if missing:
        problems += [f"{tool} is missing" for tool in missing]
        advice.append(OCAML_PACKAGES)
    if problems:
        raise BuildProblem(f"{'; '.join(problems)}.\n" + "\n".join(advice))


def rust_version(manifest: Path) -> tuple[int, ...]:
    """The least Rust that the engines and PyO3 compile with, as the workspace's manifest declares it."""
    declared = tomllib.loads(manifest.read_text(encoding="utf-8"))["workspace"]["package"]["rust-version"]
    return tuple(int(part) for part in declared.split("."))


def rust_problem(tool: str, needed: tuple[int, ...]) -> str | None:
    """What is wrong with cargo or rustc, or None."""
    wanted = f"{tool} {'.'.join(map(str, needed))} or newer"
    if shutil.which(tool) is None:
        return f"{tool} is missing ({wanted} is needed)"
    said = run_quietly([tool, "--version"])
    found = re.search(r"\d+(?:\.\d+)+", said.stdout)
    if said.returncode != 0 or found is None:
        return f"{tool} does not run: {said.stderr.strip() or said.stdout.strip()}"
    if tuple(int(part) for part in found[0].split(".")) < needed:
        return f"{tool} is {found[0]} ({shutil.which(tool)}), and {wanted} is needed"
    return None


def build_rust(source: Path) -> dict[str, Path]:
    """The artifacts of cargo by their place in the package; honors `CARGO_TARGET_DIR`."""
    # The stable ABI needs no interpreter. Without this, PyO3 is compiled again for each build environment
    # that pip makes, because the interpreter's path is another one every time.
    environment = {**os.environ, "PYO3_NO_PYTHON": "1", "PYO3_BUILD_EXTENSION_MODULE": "1"}
    command = ["cargo", "build", "--release", "--locked", "--workspace", "--message-format=json-render-diagnostics"]
    finished = subprocess.run(command, cwd=source, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if finished.returncode != 0:
        raise BuildProblem(f"cargo could not build {source}; what it said stands above.")
    built: dict[str, Path] = {}
    for line in finished.stdout.splitlines():
        message = json.loads(line)
        place = RUST_ARTIFACTS.get(message.get("target", {}).get("name"))
        if message.get("reason") == "compiler-artifact" and place is not None:
            files = [message.get("executable"), *message["filenames"]]
            wanted = {".so", ".dylib"} if place.endswith(".so") else {""}
            found = [Path(file) for file in files if file and Path(file).suffix in wanted]
            if found:
                built[place] = found[0]
    missing = [name for name, place in RUST_ARTIFACTS.items() if place not in built]
    if missing:
        raise BuildProblem(f"cargo built no {', '.join(missing)} from {source}.")
    return built


def build_ocaml(source: Path) -> Path:
    """The λ-machine, compiled by dune with the release profile into a folder of its own.

    `dune build --release` is not the same: it builds only what belongs to a public package. A folder of its own keeps
    the tests' dev-profile build from being thrown away, and compiled again, whenever the package is built.
    """
    build = source / "_build_release"
    finished = run_quietly(
        ["dune", "build", "--root", str(source), "--build-dir", str(build), "--profile", "release", "./bin/main.exe"]
    )
    if finished.returncode != 0:
        library = re.search(r'Library "([^"]+)" not found', finished.stderr)
        if library is not None:
            raise BuildProblem(f"the OCaml library {library[1]} is missing.\n{OCAML_PACKAGES}")
        raise BuildProblem(f"dune could not build {source}:\n{finished.stderr.strip()}")
    return build / "default" / "bin" / "main.exe"


def run_quietly(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def platform_tag() -> str:
    """The plain platform of this machine: a manylinux tag would promise what only an audit can show."""
    return next(tag.platform for tag in sys_tags() if not tag.platform.startswith(("manylinux", "musllinux")))


def replace(artifact: Path, place: Path) -> None:
    """Puts a copy in place by renaming, so that a process running the old one is not disturbed."""
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(place.name + ".new")
    shutil.copyfile(artifact, fresh)
    fresh.chmod(0o755)
    fresh.replace(place)
