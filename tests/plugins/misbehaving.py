"""A domain whose primitives do what no primitive should; an importable module, since worker processes import it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, ClassVar

from psynth.core.stream.records import Task
from psynth.plugins.python_domain import Primitive, PythonDomain

MARKER = "psynth-test-orphan"
_kept: list[Any] = []


def _loop(_: Any) -> Any:
    while True:
        pass


def _stubborn(_: Any) -> Any:
    while True:
        try:
            while True:
                pass
        except BaseException:
            continue


def _in_c(_: Any) -> Any:
    return 10 ** (10**9)


def _allocate(_: Any) -> Any:
    return len(bytearray(10 * 2**30))


def _print(items: list[int]) -> list[int]:
    print("out")
    print("err", file=sys.stderr)
    os.write(1, b"fd 1")
    os.write(2, b"fd 2")
    return items


def _push(items: list[int]) -> list[int]:
    items.append(1)
    return [*items]


def _push_later(items: Any) -> list[int]:
    found: list[int] = items()
    found.append(1)
    return [*found]


def _interrupt(_: Any) -> Any:
    raise KeyboardInterrupt


def _generator_exit(_: Any) -> Any:
    raise GeneratorExit


def _close_files(_: Any) -> Any:
    os.closerange(0, 100)
    return [1]


def _change_directory(_: Any) -> Any:
    os.chdir("/")
    return [1]


def _change_mask(_: Any) -> Any:
    os.umask(0)
    return [1]


def _change_environment(_: Any) -> Any:
    os.environ["PSYNTH_TEST"] = "changed"
    return [1]


def _start_thread(_: Any) -> Any:
    threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()
    return [1]


def _fork(_: Any) -> Any:
    return [int(os.fork() > 0)]


def _spawn(_: Any) -> Any:
    subprocess.Popen([sys.executable, "-c", f"import time; time.sleep(1000) # {MARKER}"])
    return [1]


class Misbehaving(PythonDomain):
    """Lists, and everything that goes wrong."""

    name = "misbehaving"
    help = "primitives that misbehave"
    primitives: ClassVar = [
        Primitive("constant", "list(int)", [7]),
        Primitive("tail", "list(int) -> list(int)", lambda items: items[1:]),
        Primitive("where", "list(int) -> str", lambda _: f"{os.getcwd()} {os.environ.get('PSYNTH_TEST')}"),
        Primitive("loop", "list(int) -> list(int)", _loop),
        Primitive("stubborn", "list(int) -> list(int)", _stubborn),
        Primitive("in-c", "list(int) -> list(int)", _in_c),
        Primitive("allocate", "list(int) -> list(int)", _allocate),
        Primitive("print", "list(int) -> list(int)", _print),
        Primitive("push", "list(int) -> list(int)", _push),
        Primitive("push-later", "list(int) -> list(int)", _push_later, lazy=(0,)),
        Primitive("exit", "list(int) -> list(int)", lambda _: sys.exit(3)),
        Primitive("exit-now", "list(int) -> list(int)", lambda _: os._exit(0)),
        Primitive("interrupt", "list(int) -> list(int)", _interrupt),
        Primitive("generator-exit", "list(int) -> list(int)", _generator_exit),
        Primitive("kill", "list(int) -> list(int)", lambda _: os.kill(os.getpid(), signal.SIGKILL)),
        Primitive("abort", "list(int) -> list(int)", lambda _: os.abort()),
        Primitive("close-files", "list(int) -> list(int)", _close_files),
        Primitive("change-directory", "list(int) -> list(int)", _change_directory),
        Primitive("change-mask", "list(int) -> list(int)", _change_mask),
        Primitive("change-environment", "list(int) -> list(int)", _change_environment),
        Primitive("start-thread", "list(int) -> list(int)", _start_thread),
        Primitive("fork", "list(int) -> list(int)", _fork),
        Primitive("spawn", "list(int) -> list(int)", _spawn),
        Primitive("bytes", "list(int) -> list(int)", bytes),
        Primitive("nan", "list(int) -> list(int)", lambda _: [float("nan")]),
    ]

    def tasks(self, settings: Any, seed: int) -> Iterator[Task]:
        """None."""
        return iter(())
