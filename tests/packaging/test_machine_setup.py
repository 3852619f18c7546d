"""`native/setup.sh` installs what is missing where it may, and says exactly what to run where it may not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ORDINARY = ("bash", "sh", "env", "dirname", "sed", "sort", "head", "cat")
LIBRARIES = [f"lib{name}-ocaml-dev" for name in ("yojson", "cmdliner", "alcotest", "qcheck")]


class Machine:
    """A machine that has nothing but what a test puts on it; apt only writes down what it was asked for."""

    def __init__(self, folder: Path, user: int) -> None:
        self.bin = folder / "bin"
        self.asked = folder / "asked"
        self.bin.mkdir()
        for name in ORDINARY:
            found = shutil.which(name)
            assert found is not None
            (self.bin / name).symlink_to(found)
        self.put("id", f"echo {user}")

    def put(self, name: str, script: str) -> None:
        (self.bin / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (self.bin / name).chmod(0o755)

    def put_apt(self, **candidates: str) -> None:
        """apt with these versions of packages to offer; `_` stands for `-` in their names."""
        self.put("apt-get", f'echo "apt-get $*" >>"{self.asked}"')
        cases = "".join(f"{name.replace('_', '-')}) echo '  Candidate: {v}' ;; " for name, v in candidates.items())
        self.put("apt-cache", f'case "$2" in {cases}*) ;; esac')

    def set_up(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [ROOT / "native" / "setup.sh", *arguments],
            env={"PATH": str(self.bin), "PYTHON": sys.executable, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def installed(self) -> list[str]:
        """The packages of the one installation asked for."""
        (line,) = [line for line in self.asked.read_text(encoding="utf-8").splitlines() if "apt-get install" in line]
        return [word for word in line.split("apt-get install ")[1].split() if not word.startswith("-")]


def test_root_installs_everything_through_apt(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0)
    machine.put_apt(rustc_web="1.85.0+dfsg3-1~deb12u3", rustc="1.63.0+dfsg1-2")
    assert machine.set_up().returncode == 0
    assert machine.installed() == ["gcc", "libc6-dev", "ocaml-nox", "ocaml-dune", *LIBRARIES, "cargo-web", "rustc-web"]


def test_the_linter_is_installed_only_to_lint(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0)
    machine.put_apt(rustc_web="1.96.0+dfsg1-1~deb12u2")
    assert machine.set_up("lint").returncode == 0
    assert machine.installed()[-4:] == ["cargo-web", "rustc-web", "rustfmt-web", "rust-web-clippy"]


def test_a_system_whose_rust_is_new_enough_needs_no_other(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0)
    machine.put_apt(rustc="1.99.0+dfsg0ubuntu1")
    assert machine.set_up().returncode == 0
    assert machine.installed()[-2:] == ["cargo", "rustc"]


def test_a_system_without_a_new_enough_rust_is_told_of_rustup(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0)
    machine.put_apt(rustc="1.75.0+dfsg0ubuntu1")
    finished = machine.set_up()
    assert finished.returncode == 1
    assert "1.75.0" in finished.stderr
    assert "rustup" in finished.stderr
    assert "ocaml-dune" in finished.stderr
    assert "install" not in machine.asked.read_text(encoding="utf-8")


def test_an_old_cargo_counts_as_none(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0)
    machine.put("cargo", "echo cargo 1.63.0")
    machine.put("rustc", "echo rustc 1.63.0")
    machine.put_apt(rustc_web="1.85.0+dfsg3-1~deb12u3", rustc="1.63.0+dfsg1-2")
    assert machine.set_up().returncode == 0
    assert machine.installed()[-2:] == ["cargo-web", "rustc-web"]


@pytest.mark.parametrize("sudo", [None, "exit 0"], ids=["no sudo", "sudo"])
def test_who_is_not_root_is_told_what_to_run(sudo: str | None, tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=1000)
    machine.put_apt(rustc_web="1.85.0")
    if sudo is not None:
        machine.put("sudo", sudo)
    finished = machine.set_up()
    assert finished.returncode == 1
    packages = ["gcc", "libc6-dev", "ocaml-nox", "ocaml-dune", *LIBRARIES, "cargo-web", "rustc-web"]
    assert f"apt-get update && apt-get install {' '.join(packages)}" in finished.stderr
    assert not machine.asked.exists()


def test_a_system_without_apt_is_told_what_is_missing_and_left_alone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0)
    finished = machine.set_up()
    assert finished.returncode == 1
    assert finished.stdout == ""
    for what in ("ocaml-nox", "cargo and rustc", "brew install", "opam install dune yojson cmdliner alcotest qcheck"):
        assert what in finished.stderr


def test_a_machine_that_has_everything_is_left_alone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, user=0)
    machine.put_apt()
    libraries = tmp_path / "ocaml"
    for name in ("yojson", "cmdliner", "alcotest", "qcheck"):
        (libraries / name).mkdir(parents=True)
    for name, script in {"cc": "", "dune": "", "cargo": "echo cargo 1.99.0", "rustc": "echo rustc 1.99.0"}.items():
        machine.put(name, script)
    machine.put("ocamlopt", f"echo {libraries}")
    finished = machine.set_up("lint")
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout + finished.stderr == ""
    assert not machine.asked.exists()
