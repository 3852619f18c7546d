"""Atomic writing of files and folders, and reading of JSON and digests: a name never refers to an incomplete file."""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, TypeAlias

from psynth.core.errors import InputError, UsageError
from psynth.core.stream.compressed import DamagedData, compression_of_bytes, decompress

StrPath: TypeAlias = str | os.PathLike[str]

# ---- writing --------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def whole_file(path: StrPath) -> Iterator[BinaryIO]:
    """A file to write that takes the name ``path`` when the block ends, durably and with the mode of its predecessor.

    A symbolic link is kept, and its target is replaced. A device or pipe is written directly. After an exception the
    previous file is unchanged. Raises `UsageError` if the file cannot be created or is being written by another
    process; a failure to write is an `OSError`.
    """
    target = target_of(path)
    if target is None:
        with _usage_errors(path):
            device = open(path, "wb")  # noqa: SIM115 - closed below
        with _named(path), device:
            yield device
        return
    with _usage_errors(target):
        part = open_part(target)
    with part:
        try:
            part.truncate(0)
            with _named(target), open(part.fileno(), "wb", closefd=False) as buffered:
                yield buffered
            settle(part, part_of(target), target)
        except BaseException:
            Path(part_of(target)).unlink(missing_ok=True)
            raise


@contextlib.contextmanager
def whole_folder(path: StrPath) -> Iterator[Path]:
    """A folder to fill that takes the name ``path`` when the block ends, durably.

    A symbolic link is kept. Raises `UsageError` if the folder cannot be created, or if ``path`` already exists and is
    not an empty folder.
    """
    target = Path(os.path.realpath(path))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{os.fspath(path)}: already exists; give the name of a new folder")
    if not target.parent.exists():
        parent = target.parent if os.path.islink(path) else Path(path).parent
        raise UsageError(f"{os.fspath(parent)}: no such folder")
    part = Path(part_of(target))
    with _usage_errors(path):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir()
    try:
        yield part
        for folder, _, files in os.walk(part):
            for name in files:
                _sync(os.path.join(folder, name))
            _sync(folder)
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
        _sync(target.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def target_of(path: StrPath) -> str | None:
    """The regular file, existing or not, that ``path`` resolves to; None if it is a device, pipe or folder."""
    # Links to pipes, as /dev/stdout, have no path.
    return os.path.realpath(path) if not os.path.exists(path) or os.path.isfile(path) else None


def part_of(path: StrPath) -> str:
    """The temporary name of ``path`` until it is complete."""
    return f"{os.fspath(path)}.part"


def open_part(path: str) -> BinaryIO:
    """The part of ``path``, unbuffered and locked until it is closed, with the data that a killed process left in it.

    Raises `UsageError` if another process is writing it.
    """
    while True:
        # Neither truncated nor in append mode: the caller decides about existing data, and some formats seek.
        descriptor = os.open(part_of(path), os.O_WRONLY | os.O_CREAT, 0o666)
        part = open(descriptor, "wb", buffering=0)  # noqa: SIM115 - handed to the caller
        try:
            _lock(part, path)
            # Its last writer may have renamed it between opening and locking: then it is the complete file by now.
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(part.fileno()), os.stat(part_of(path))):
                    return part
        except BaseException:
            part.close()
            raise
        part.close()


def settle(file: BinaryIO, part: str, target: str) -> None:
    """Make the data written to ``part`` durable, and rename it to ``target``, keeping the mode of ``target``."""
    with contextlib.suppress(FileNotFoundError):
        os.fchmod(file.fileno(), stat.S_IMODE(os.stat(target).st_mode))
    os.fsync(file.fileno())
    os.replace(part, target)
    _sync(os.path.dirname(target) or ".")


def _lock(part: BinaryIO, path: str) -> None:
    try:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(f"{path}: another process is writing it") from None
    except OSError:
        # Some network file systems have no locks: there two writers of one file are not detected.
        return


def _sync(path: StrPath) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some file systems cannot sync a folder.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _usage_errors(path: StrPath) -> Iterator[None]:
    """Raise `UsageError` for a file that cannot be opened for writing."""
    try:
        yield
    except OSError as error:
        raise UsageError(f"{os.fspath(path)}: {error.strerror}") from error


@contextlib.contextmanager
def _named(path: StrPath) -> Iterator[None]:
    """Add the file's name to an error in writing it, which is not the user's fault as one in opening it is."""
    try:
        yield
    except OSError as error:
        if error.filename is None and error.errno != errno.EPIPE:
            raise OSError(error.errno, f"cannot write: {error.strerror}", os.fspath(path)) from error
        raise


# ---- reading --------------------------------------------------------------------------------------------------------


def check_readable(path: StrPath) -> None:
    """Raise `UsageError`, naming the path, unless it is a file that can be read (``-``: standard input)."""
    name = os.fspath(path)
    if name == "-":
        return
    if os.path.isdir(name):
        raise UsageError(f"{name}: is a folder, not a file")
    if not os.path.exists(name):
        raise UsageError(f"{name}: no such file")
    if not os.access(name, os.R_OK):
        raise UsageError(f"{name}: permission denied")


def read_json(path: StrPath, *, constants: bool = False, parse_float: Callable[[str], Any] = float) -> Any:
    """The JSON value in a file (``-``: standard input), compressed or not.

    ``constants`` also accepts Python's ``NaN``, ``Infinity`` and ``-Infinity``, which JSON lacks. ``parse_float`` makes
    the numbers with a fraction. Raises `InputError`, with the file, the line and the column, if the file is not JSON.
    """
    source, text = _source(path), read_text(path)
    if not text.strip():
        raise InputError("not JSON: the file is empty", source=source)
    try:
        return json.loads(text, parse_constant=float if constants else _refuse_constant, parse_float=parse_float)
    except json.JSONDecodeError as error:
        problem = f"not JSON: {error.msg} at column {error.colno}"
        raise InputError(problem, source=source, line=error.lineno) from error
    except RecursionError as error:
        raise InputError("nested too deeply for JSON", source=source) from error
    except ValueError as error:
        raise InputError(f"not JSON: {error}", source=source) from error


def read_text(path: StrPath) -> str:
    """The text of a file in UTF-8 (``-``: standard input), compressed or not.

    UsageError if there is no such file, InputError if it holds no text.
    """
    source = _source(path)
    check_readable(path)
    try:
        data = sys.stdin.buffer.read() if source == "<stdin>" else Path(path).read_bytes()
    except OSError as error:
        raise UsageError(f"{source}: {error.strerror}") from error
    compression = compression_of_bytes(data[:4])
    try:
        if compression is not None:
            data = b"".join(decompress([data], compression))
        return data.decode("utf-8-sig")
    except DamagedData as damage:
        raise InputError(str(damage), source=source) from damage
    except UnicodeDecodeError as error:
        raise InputError(f"not UTF-8 at byte {error.start + 1}", source=source) from error


def _source(path: StrPath) -> str:
    """The name of a file in messages."""
    return "<stdin>" if os.fspath(path) == "-" else os.fspath(path)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def sha256(path: StrPath) -> str:
    """The SHA-256 of a file's content, in hexadecimal; for a folder, of the names and contents of all its files.

    The digest of a folder is that of one line for each file, ordered by name: ``NAME\\0DIGEST\\n``, where NAME is the
    path inside the folder with slashes. Raises `InputError` if a file cannot be read.
    """
    try:
        if not os.path.isdir(path):
            return _sha256_of_file(path)
        found = hashlib.sha256()
        names = (each.relative_to(path).as_posix() for each in Path(path).rglob("*") if each.is_file())
        for name in sorted(names):
            found.update(f"{name}\0{_sha256_of_file(Path(path, name))}\n".encode("utf-8", "surrogateescape"))
        return found.hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", source=os.fspath(error.filename or path)) from error


def _sha256_of_file(path: StrPath) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
