"""What the interpreter inside the sandbox runs: forks a process for each program, and runs the program in it.

Only the sandbox's keeper starts this file, in an interpreter without site packages and without psynth. It imports as
little as possible, since every program's process begins as a copy of this one.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # signal is written in Python, and imports enum
import gc
import posix  # os is not needed, and not imported without site
import sys

TYPE_CHECKING = False  # typing is not imported either
if TYPE_CHECKING:
    from types import CodeType, ModuleType
    from typing import Any, NoReturn

sys.path.insert(0, sys.argv[1])
import _zygote  # type: ignore[import-not-found]  # noqa: E402

sys.path.pop(0)

LONGEST_MESSAGE = 1000
"""Maximum number of characters of the message of an exception."""
NAME = "<program>"
"""The file name of programs in tracebacks."""


def main() -> NoReturn:
    """Serve jobs until the supervisor is gone; in the process of a program, run it."""
    # Programs are limited by their CPU time, and numbers by the length of results.
    sys.set_int_max_str_digits(0)
    if len(sys.argv) > 2:
        limit, cpu, seed, packages, *paths = sys.argv[2:]
        sys.path.extend(paths)
        for package in filter(None, packages.split(",")):
            __import__(package)
        source, function, calls = _zygote.only_job()
        run(source, function, calls, int(limit), float(cpu), int(seed))
    zygote = _zygote.Zygote()
    most, time, start = zygote.result_limit(), zygote.cpu_limit(), zygote.seed()
    try:
        prepare(zygote)
    except BaseException as error:
        zygote.unusable(described(error))
        posix._exit(1)
    gc.collect()
    # The programs' collections would otherwise touch, and so copy, all that is shared with this process.
    gc.freeze()
    zygote.ready()
    while True:
        zygote.accept()
        program = posix.fork()
        if program == 0:
            source, function, calls = zygote.confine()
            run(source, function, calls, most, time, start)
        zygote.watch(program)


def prepare(zygote: Any) -> None:
    """Import the packages, and what the first program would otherwise initialize anew in each process."""
    # The first call of compile makes a hundred types.
    exec(compile("def f(x): return [str(i) for i in range(x)]\nf(1)", NAME, "exec"), {})
    sys.path.extend(zygote.search_path())
    for package in zygote.packages():
        __import__(package)
    # numpy imports its generators of random numbers when they are first used, which every program would do again.
    seed_generators("", 0)


def run(source: str, function: str | None, calls: list[list[Any]], limit: int, cpu: float, seed: int) -> NoReturn:
    """Run a program as a script, or call its function, and end the process.

    ``limit`` is the maximum size of a value in bytes, ``cpu`` the maximum CPU time of a call in seconds (0: none).
    """
    sys.argv[:] = [NAME]
    module = type(sys)("__main__")
    module.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = module
    seed_generators(source, seed)
    begin(cpu)
    status = 0
    try:
        status = call(module, source, function, calls, limit, cpu) if function else script(module, source)
    except BaseException as error:
        report(error)
        status = 1
    finish(status)


def begin(cpu: float) -> None:
    """Let the process end by SIGPROF after so many seconds of CPU time from now.

    This keeps one call from using up the time of the others. A program can undo it; what it uses in all is bounded from
    outside.
    """
    if cpu:
        _signal.setitimer(_signal.ITIMER_PROF, cpu)


def seed_generators(source: str, seed: int) -> None:
    """Seed the generators of random numbers that the program may use."""
    if "random" in source:
        import random

        random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % (1 << 32))


def compiled(source: str) -> CodeType | None:
    """The code of a program; None, after a report, if it is not Python."""
    try:
        return compile(source, NAME, "exec", dont_inherit=True)
    except BaseException as error:
        # The parser reports source that is nested too deeply as a MemoryError, too.
        _zygote.send("P", described(error).encode("utf-8", "replace"))
    return None


def script(module: ModuleType, source: str) -> int:
    """Run a program as a script and return its exit status."""
    code = compiled(source)
    if code is None:
        return 1
    try:
        exec(code, module.__dict__)
    except SystemExit as error:
        return exit_status(error)
    except BaseException as error:
        report(error)
        # The program's own frames begin after this one.
        trace = error.__traceback__ and error.__traceback__.tb_next
        sys.excepthook(type(error), error.with_traceback(trace), trace)
        return 1
    return 0


def exit_status(error: SystemExit) -> int:
    """The exit status of a script that ends with SystemExit, as the interpreter would have it."""
    code = error.code
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1


def call(module: ModuleType, source: str, function: str, calls: list[list[Any]], limit: int, cpu: float) -> int:
    """Load a program, call its function for each list of arguments, and send the values; returns the exit status."""
    code = compiled(source)
    if code is None:
        return 1
    exec(code, module.__dict__)
    try:
        called = module.__dict__[function]
    except KeyError:
        raise NameError(f"the program defines no {function}") from None
    _zygote.send("L", b"")
    for arguments in calls:
        begin(cpu)
        try:
            _zygote.send_value(called(*arguments), limit)
        except BaseException as error:
            report(error)
    return 0


def report(error: BaseException) -> None:
    """Send what an exception says."""
    if isinstance(error, MemoryError):
        _zygote.send("M", b"")
    else:
        _zygote.send("E", described(error).encode("utf-8", "replace"))


def described(error: BaseException) -> str:
    """An exception in one line, or in a few."""
    name = type(error).__name__
    try:
        text = str(error)[:LONGEST_MESSAGE]
    except BaseException:
        text = ""
    return f"{name}: {text}" if text else name


def finish(status: int) -> NoReturn:
    """End the process as the interpreter would, without the work of taking it apart."""
    try:
        threading = sys.modules.get("threading")
        if threading is not None:
            threading._shutdown()
        atexit = sys.modules.get("atexit")
        if atexit is not None:
            atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        status = status or 1
    posix._exit(status)


main()
