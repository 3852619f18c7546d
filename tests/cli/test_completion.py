"""Shell completion: what may come next, and the scripts."""

import subprocess
from shutil import which

import pytest

from psynth.cli.completing import SCRIPTS, candidates
from psynth.cli.table import ALIASES, TABLE
from psynth.plugins.registry import Registry
from tests.psynth_command import Psynth


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["enum"], ["enumerate"]),
        (["toy-"], ["toy-launch", "toy-solved", "toy-mutate"]),
        (["enumerate", "--method", "g"], ["guess"]),
        (["enumerate", "--method", "guess", "--dep"], ["--depth"]),
        (["enumerate", "--on-error", ""], ["stop", "skip", "keep"]),
        (["enumerate", "-d", "t"], ["toy"]),
        (["cem-search", "--method", "d"], ["dice"]),
        (["cem-search", "--dep"], ["--depth"]),
        (["search", "--method", "dice", "--res"], ["--resume"]),
        (["enumerate", "--method", "guess", "--seed", "3", "--ti"], []),
        (["enumerate", "--method", "guess", "--depth", ""], []),
        (["enumerate", "file"], []),
        (["tasks", "t"], ["toy"]),
        (["tasks", "--limit", "3", "t"], ["toy"]),
        (["tasks", "toy", "--co"], ["--count"]),
        (["export", ""], ["ids"]),
        (["help", "ch"], ["check"]),
        (["completion", ""], ["bash", "zsh", "fish"]),
        (["enumerate", "--method", "nonsense", "--x"], []),
        (["nonsense", ""], []),
    ],
)
def test_candidates(toy: Registry, words: list[str], found: list[str]) -> None:
    assert candidates(words, toy) == found


def test_subcommands_and_plugins_are_candidates(toy: Registry) -> None:
    known = [*TABLE, *ALIASES]
    assert candidates([""], toy)[: len(known)] == known


def test_scripts_are_shown_and_installed(psynth: Psynth) -> None:
    for shell, script in SCRIPTS.items():
        assert psynth("completion", shell).stdout == script
    home = {"HOME": str(psynth.folder), "XDG_DATA_HOME": "", "XDG_CONFIG_HOME": ""}
    done = psynth("completion", "bash", "--install", env=home)
    path = psynth.folder / ".local/share/bash-completion/completions/psynth"
    assert path.read_text() == SCRIPTS["bash"]
    assert str(path) in done.stderr


@pytest.mark.skipif(which("bash") is None, reason="needs bash")
def test_bash_completes(psynth: Psynth) -> None:
    words = " ".join(psynth.command())
    script = (
        f'psynth() {{ {words} "$@"; }}\n{SCRIPTS["bash"]}\n'
        'COMP_WORDS=(psynth enumerate --method gu); COMP_CWORD=3; _psynth; echo "${COMPREPLY[@]}"'
    )
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, env=psynth.environment())
    assert done.stdout == "guess\n", done.stderr


@pytest.mark.parametrize(
    ("shell", "script"),
    [
        (
            "zsh",
            "compdef() { :; }; source ./script; words=(psynth enumerate --method gu); CURRENT=4; "
            "compadd() { shift; print -l ${(P)1}; }; _psynth",
        ),
        ("fish", 'source ./script; complete -C "psynth enumerate --method gu"'),
    ],
)
def test_other_shells_complete(psynth: Psynth, shell: str, script: str) -> None:
    if which(shell) is None:
        pytest.skip(f"needs {shell}")
    (psynth.folder / "script").write_text(SCRIPTS[shell])
    (psynth.folder / "psynth").write_text(f'#!/bin/sh\nexec {" ".join(psynth.command())} "$@"\n')
    (psynth.folder / "psynth").chmod(0o755)
    path = {"PATH": f"{psynth.folder}:{psynth.environment()['PATH']}", "HOME": str(psynth.folder)}
    options = ["-f"] if shell == "zsh" else ["--no-config"]
    done = subprocess.run(
        [shell, *options, "-c", script],
        capture_output=True,
        text=True,
        env=psynth.environment(path),
        cwd=psynth.folder,
    )
    assert done.stdout == "guess\n", done.stderr


def test_values_of_options_and_subjects_of_help_are_candidates() -> None:
    for words, found in [
        (["tasks", "karel", "--task", "ma"], ["maze", "maze-12x12"]),
        (["search", "-d", "karel", "--task", "seeder-"], ["seeder-8x8"]),
        (["enumerate", "-d", "list", "--primitives", "mc"], ["mccarthy"]),
        (["tasks", "list", "--primitives", "ri"], ["rich"]),
        (["enumerate", "--on-error=k"], ["--on-error=keep"]),
        (["enumerate", "--on-error", "=", "k"], ["keep"]),
        (["tasks", "-d", "reg"], ["regex"]),
        (["help", "import", "st"], ["stitch"]),
        (["help", "tasks", "reg"], ["regex"]),
        (["help", "search", "hill"], ["hill-climb"]),
        (["help", "compress", "--method", "s"], ["stitch"]),
        (["help", "primitives", "list", "unf"], ["unfold"]),
        (["help", "task", "list/train-000"], ["list/train-000-head"]),
        (["help", "exit"], ["exit-status"]),
    ]:
        assert candidates(words) == found, words
