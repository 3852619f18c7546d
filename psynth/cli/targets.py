"""Targets of an export: standard output, a file or a folder; files and folders appear only when complete."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from psynth.core.errors import UsageError
from psynth.core.stream.compressed import compress_file, compression_of_path


@contextlib.contextmanager
def binary_output(target: os.PathLike[str] | None) -> Iterator[BinaryIO]:
    """Standard output, or a file that gets its name only when it is complete; compressed according to its suffix."""
    if target is None or os.fspath(target) == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    # A symbolic link stays one; a pipe or a device is written directly, as in `open_writer`.
    regular = os.path.isfile(target) or not os.path.exists(target)
    path = os.path.realpath(target) if regular else os.fspath(target)
    written = f"{path}.part" if regular else path
    try:
        file = open(written, "wb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    try:
        with file:
            compression = compression_of_path(path) if regular else None
            if compression is None:
                yield file
            else:
                with tempfile.TemporaryFile() as plain:
                    yield plain
                    plain.seek(0)
                    compress_file(plain, file, compression)
        if regular:
            os.replace(written, path)
    except BaseException:
        if regular:
            os.unlink(written)
        raise


@contextlib.contextmanager
def whole_folder(target: Path) -> Iterator[Path]:
    """A folder that gets its name only when it is complete; UsageError if something is in its place."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target}: already exists; give the name of a new folder")
    written = target.with_name(f"{target.name}.part")
    try:
        shutil.rmtree(written, ignore_errors=True)
        written.mkdir()
    except OSError as error:
        raise UsageError(f"{written}: {error.strerror}") from error
    try:
        yield written
        written.replace(target)
    except BaseException:
        shutil.rmtree(written, ignore_errors=True)
        raise
