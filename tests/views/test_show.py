"""psynth show plays programs: on a terminal, as a few frames elsewhere, and as GIF and PNG."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageSequence

from psynth.core.extras import installation
from tests.psynth_command import Psynth

KAREL = {"PSYNTH_PLUGINS": "karel,list"}


def show(psynth: Psynth, *words: object, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return psynth("show", *map(str, words), env=KAREL | (env or {}))


def steps(psynth: Psynth, path: Path, task: str, instance: int) -> int:
    """How many actions the program of a task does, by psynth evaluate."""
    [frontier] = [
        each for each in map(json.loads, path.open()) if each["type"] == "frontier" and task in each["task"]["id"]
    ]
    program = frontier["programs"][0]["program"].replace("fn_0", "(lambda (karel_seq $0 move))")
    world = {"task": task, "seed": frontier["task"]["environment"]["seeds"][instance]}
    done = psynth("evaluate", "-d", "karel", "-e", program, json.dumps(world), env=KAREL)
    return len(json.loads(done.stdout)["actions"])


def test_a_gif_has_a_page_a_state(psynth: Psynth, solved: Path) -> None:
    for task in ("maze", "top-off"):
        done = show(psynth, "--task", f"*{task}*", "--image", f"{task}.gif", "--instance", 2, "--fps", 20, solved)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
        with Image.open(psynth.folder / f"{task}.gif") as image:
            pages = [(page.size, page.info["duration"]) for page in ImageSequence.Iterator(image)]
            assert image.info["loop"] == 0
        assert len(pages) == steps(psynth, solved, task, 2) + 1
        assert {size for size, _ in pages} == {pages[0][0]}
        assert {duration for _, duration in pages[:-1]} == {50}
        assert pages[-1][1] == 1500


def test_the_same_image_again_and_no_other_file(psynth: Psynth, solved: Path) -> None:
    before = {path.name for path in psynth.folder.iterdir()}
    for name in ("one.png", "two.png", "one.gif", "two.gif"):
        assert show(psynth, "--task", "*maze*", "--frames", 6, "--image", name, solved).returncode == 0
    for suffix in ("png", "gif"):
        assert (psynth.folder / f"one.{suffix}").read_bytes() == (psynth.folder / f"two.{suffix}").read_bytes()
    assert {path.name for path in psynth.folder.iterdir()} - before == {"one.png", "two.png", "one.gif", "two.gif"}
    with Image.open(psynth.folder / "one.gif") as image:
        assert image.n_frames == 6
    with Image.open(psynth.folder / "one.png") as image:
        assert image.width > 4 * 385 > image.height > 2 * 385


def test_a_png_of_worlds_without_a_program(psynth: Psynth) -> None:
    assert show(psynth, "-d", "karel", "--task", "*/maze-*", "--image", "worlds.png").returncode == 0
    with Image.open(psynth.folder / "worlds.png") as image:
        assert image.width > 4 * 385
        assert image.height < 2 * 385
    done = show(psynth, "-d", "karel", "--task", "*/maze-*", "--image", "worlds.gif")
    assert done.returncode == 2
    assert "has no program to play; a .png shows its worlds" in done.stderr


def test_several_frontiers_need_several_names(psynth: Psynth, solved: Path) -> None:
    done = show(psynth, "--image", "all.gif", solved)
    assert done.returncode == 2
    assert "there are several frontiers" in done.stderr
    assert "--task" in done.stderr
    assert "{task}" in done.stderr
    assert not (psynth.folder / "all.gif").exists()
    assert show(psynth, "--image", "{task}.png", "--frames", 2, solved).returncode == 0
    names = sorted(path.name for path in psynth.folder.glob("*.png"))
    assert names == [f"karel-prog-policies-{task}-12x12.png" for task in ("four-corners", "maze", "top-off")]
    assert show(psynth, "--image", "one.png", "--limit", 1, solved).returncode == 0


def test_what_is_wrong_is_said(psynth: Psynth, solved: Path, without: Callable[[str], dict[str, str]]) -> None:
    for words, said in [
        (("--image", "x.jpg"), "write FILE.gif (it plays) or FILE.png"),
        (("--image", "x.gif", "--animate"), "give one of them"),
        (("--image", "x.gif", "--task", "*snake*"), "no task matches '*snake*'"),
        (("--image", "x.gif", "--limit", 0), "there is no frontier to draw"),
        (("--image", "no/such/x.png", "--limit", 1), "No such file"),
    ]:
        done = show(psynth, *words, solved)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert said in done.stderr
        assert done.stderr.count("\n") == 1
    done = show(psynth, "--animate", "--instance", 5, solved)
    assert done.returncode == 3
    assert f"{solved}:2: task karel/" in done.stderr
    assert "there is no instance 5: the task has instances 0 to 4" in done.stderr
    done = show(psynth, "--image", "x.gif", solved, env=without("PIL"))
    assert done.returncode == 2
    assert installation("pictures") in done.stderr
    done = show(psynth, "-d", "list", "--animate", "--limit", 2)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "psynth show: warning: domain 'list' cannot animate programs; 2 frontiers skipped\n"


def test_elsewhere_a_few_frames_are_printed(psynth: Psynth, solved: Path) -> None:
    done = show(psynth, "--animate", "--task", "*top-off*", "--frames", 3, "--held-out", solved)
    assert done.returncode == 0
    assert "held-out instance 0 (seed 500000)" in done.stdout
    assert "3 of " in done.stdout
    assert len(re.findall(r"reward -?\d\.\d\d", done.stdout)) == 3
    assert "DEF run m( WHILE c( frontIsClear c) w( IF c( markersPresent c)" in done.stdout


def test_show_prints_both_notations(psynth: Psynth, solved: Path) -> None:
    text = re.sub(r"\s+", " ", show(psynth, "--task", "*top-off*", solved).stdout)
    assert "(karel_while frontIsClear (fn_0 (karel_if markersPresent putMarker)))" in text
    assert "DEF run m( WHILE c( frontIsClear c) w( IF c( markersPresent c) i( putMarker i) move w) m)" in text
    assert "four-corners" not in text


def on_terminal(psynth: Psynth, *words: object) -> tuple[subprocess.Popen[bytes], int]:
    controller, terminal = pty.openpty()
    environment = KAREL | {"TERM": "xterm", "LINES": "50"}
    process = psynth.start("show", *map(str, words), stdout=terminal, stderr=terminal, env=environment)
    os.close(terminal)
    return process, controller


def read_until(controller: int, text: str = "", seconds: float = 30) -> str:
    """What the terminal shows up to some text, or to the end."""
    shown, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            part = os.read(controller, 65536)
        except OSError:  # how Linux says that the other side is closed
            break
        shown += part
        if not part or (text and text in shown.decode("utf-8", "replace")):
            break
    return shown.decode("utf-8", "replace")


def test_on_a_terminal_it_plays_and_the_last_frame_stays(psynth: Psynth, solved: Path) -> None:
    process, controller = on_terminal(psynth, "--animate", "--task", "*maze*", "--fps", 50, solved)
    shown = read_until(controller)
    assert process.wait(timeout=30) == 0
    os.close(controller)
    last = steps(psynth, solved, "maze", 0)
    places = [int(step) for step in re.findall(rf"(\d+)/{last} ", shown)]
    assert [*dict.fromkeys(places)] == [*range(last + 1)]
    assert "the task ended it" in shown
    assert shown.count("\x1b[?25l") == shown.count("\x1b[?25h") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_gives_the_cursor_back(psynth: Psynth, solved: Path, number: signal.Signals) -> None:
    process, controller = on_terminal(psynth, "--animate", "--task", "*maze*", "--fps", 0.2, solved)
    shown = read_until(controller, "0/")
    process.send_signal(number)
    shown += read_until(controller)
    assert process.wait(timeout=30) == 128 + number
    os.close(controller)
    assert shown.rindex("\x1b[?25h") > shown.rindex("\x1b[?25l")
    assert "Traceback" not in shown


def test_a_reader_that_leaves_is_no_fault(psynth: Psynth, solved: Path) -> None:
    process = psynth.start(
        *("show", "--animate", "--frames", "200", *[str(solved)] * 8),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=KAREL,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=30) == 141
