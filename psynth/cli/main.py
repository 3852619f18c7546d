"""The psynth command: finds the subcommand, runs it, and is the only place that decides an exit status."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from psynth.cli.table import expanded
from psynth.core import interrupts, standard
from psynth.core.errors import InputError, PsynthError, UsageError
from psynth.core.printable import one_line

INTERNAL_ERROR = 5
READER_GONE = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit status; nothing else in psynth ends the process.

    Without ``argv`` it is that of this process, which ends then.
    """
    words = expanded(list(sys.argv[1:] if argv is None else argv))
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115 - it stays open as long as the process
    if sys.stdout is None:
        return _report_error(words, "standard output is closed", INTERNAL_ERROR, OSError())
    with standard.claimed():
        status = _status(words)
    if argv is None:
        _leave(status)
    return status


def _status(words: list[str]) -> int:
    """Run a command line."""
    try:
        status = _run(words)
        standard.out().flush()
        return interrupts.SIGNALED + interrupts.caught() if interrupts.outlived() else status
    except PsynthError as error:
        return _report_error(words, str(error), error.exit_code, error)
    except KeyboardInterrupt:
        standard.silence()
        # A method may have raised a KeyboardInterrupt of its own after it yielded what it had found.
        return interrupts.SIGNALED + interrupts.caught()
    except BrokenPipeError:
        standard.silence()
        return READER_GONE
    except RecursionError as error:
        return _report_error(words, "a value is nested too deeply", InputError.exit_code, error)
    except MemoryError as error:
        return _report_error(words, "out of memory", INTERNAL_ERROR, error)
    except OSError as error:
        standard.silence()
        where = f"{error.filename}: " if error.filename is not None else ""
        return _report_error(words, f"{where}{error.strerror or error}", INTERNAL_ERROR, error)
    except BaseException as error:  # any other exception of a plugin or a defect is reported in one line
        # Rich handles a broken pipe in its own way.
        if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):
            return READER_GONE
        from psynth.plugins.blame import explained

        return _report_error(words, explained(error), INTERNAL_ERROR, error)


def _run(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help"):
        from psynth.cli.root_page import root_help

        standard.out().write(root_help(standard.width(), short=words[:1] == ["-h"]))
        return 0
    if words[0] in ("-V", "--version"):
        from psynth import __version__

        standard.out().write(f"psynth {__version__}\n")
        return 0
    if words[0] == "__complete":
        from psynth.cli.completing import candidates

        standard.out().writelines(f"{candidate}\n" for candidate in candidates(words[1:]))
        return 0
    if words[0].startswith("-"):
        raise UsageError(f"unknown option {words[0]}; options come after the subcommand (psynth --help)")
    from psynth.cli.dispatch import run

    return run(words[0], words[1:])


def _report_error(words: Sequence[str], message: str, status: int, error: BaseException) -> int:
    """Report an error in one line on standard error; with ``PSYNTH_DEBUG=1`` also the traceback."""
    if os.environ.get("PSYNTH_DEBUG") == "1":
        import traceback

        traceback.print_exception(error)
    elif status == INTERNAL_ERROR and not isinstance(error, PsynthError | OSError):
        message += " (PSYNTH_DEBUG=1 shows where)"
    name = f"psynth {words[0]}" if words and words[0].strip() and words[0][0] != "-" else "psynth"
    try:
        print(f"{name}: {one_line(message)}", file=standard.err())
        if sys.stdout is not None:
            standard.out().flush()
    except OSError:
        standard.silence()
    return status


def _leave(status: int) -> NoReturn:
    """End this process without the interpreter's finalization.

    That would wait for threads which a plugin left behind, and crashes now and then after an interrupt, when native
    code still runs in another thread.
    """
    import atexit

    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    sys.exit(main())
