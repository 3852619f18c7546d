"""The target of an export: standard output or a file, compressed according to its suffix."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from typing import BinaryIO

from psynth.core import standard
from psynth.core.files import target_of, whole_file
from psynth.core.stream.compressed import compress_file, compression_of_path


@contextlib.contextmanager
def binary_output(target: os.PathLike[str] | None) -> Iterator[BinaryIO]:
    """Standard output, or a file as `whole_file` writes it, compressed according to its suffix."""
    if target is None or standard.names_output(target):
        yield standard.out().buffer
        standard.out().buffer.flush()
        return
    path = target_of(target)
    compression = None if path is None else compression_of_path(path)
    with whole_file(target) as file:
        if compression is None:
            yield file
        else:
            with tempfile.TemporaryFile() as plain:
                yield plain
                plain.seek(0)
                compress_file(plain, file, compression)
