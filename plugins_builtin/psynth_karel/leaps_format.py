"""The format ``leaps``: LEAPS' data set of programs with demonstrations, in HDF5."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

from psynth.core.errors import InputError, UsageError
from psynth.core.extras import installation
from psynth.core.settings import setting
from psynth.core.stream.records import Frontier, Record
from psynth.core.stream.scope import scoped
from psynth.plugins.format import Format
from psynth.plugins.method import Context
from psynth_karel.leaps_reading import DAMAGE, frontier_in
from psynth_karel.leaps_writing import Written, write_group, write_info

DATA, IDS, INFO = "data.hdf5", "id.txt", "data_info"
_NUMBERED = re.compile(r"no_([0-9]+)_")


@dataclass(frozen=True)
class Leaps(Format):
    """LEAPS' data set: Karel programs, each with its executions in a few worlds, in HDF5.

    A folder (-o FOLDER) holds data.hdf5, with a group for each program, and id.txt, which names the groups in order;
    -o FILE.hdf5 or standard output is data.hdf5 alone. Export takes the frontiers of psynth sample -d karel
    --demonstrations N: worlds of the profile leaps, of equal number and size for each program. Import yields such
    frontiers, with initial states instead of seeds. Programs whose executions differ from those in the file are
    counted on standard error and are not marked as solutions. This format needs the extra hdf5: in the checkout of
    psynth, pip install '.[hdf5]'.
    """

    name: ClassVar[str] = "leaps"
    help: ClassVar[str] = "LEAPS' data set of Karel programs with demonstrations (HDF5)"
    folders: ClassVar[bool] = True

    prefix: str = setting("leaps", only="import", help="middle part of task ids, to distinguish data sets")
    compression: Literal["gzip", "none"] = setting(
        "gzip", only="export", help="compression of the states; readers detect it"
    )

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the domain's library and one frontier for each program in the files and folders."""
        h5py = _h5py()
        yield context.library_for("karel")
        number = others = 0
        for path in paths:
            with _opened(h5py, path) as file:
                for name in _group_names(file, path):
                    try:
                        frontier, same = frontier_in(_group(file, name), f"karel/{self.prefix}/{number:06}")
                    except InputError as error:
                        context.bad_input(InputError(f"group {name}: {error.message}", source=path))
                        continue
                    number += 1
                    others += not same
                    yield frontier
        if others:
            context.warn(f"{others:,} of {number:,} programs act differently here than the data set records")

    def write(self, records: Iterator[Record], stream: BinaryIO, context: Context) -> None:
        """Write one HDF5 file."""
        image, _ = self._image(records, context)
        stream.write(image)

    def write_folder(self, records: Iterator[Record], folder: Path, context: Context) -> None:
        """Write data.hdf5 and id.txt."""
        image, names = self._image(records, context)
        (folder / DATA).write_bytes(image)
        (folder / IDS).write_text("".join(f"{name}\n" for name in names), encoding="utf-8")

    def _image(self, records: Iterator[Record], context: Context) -> tuple[bytes, list[str]]:
        """The bytes of an HDF5 file with all programs, and the names of their groups.

        The file is made in memory, because the HDF5 library crashes when the disk is full.
        """
        with _h5py().File(DATA, "w", driver="core", backing_store=False) as file:
            names = self._write(file, records, context)
            file.flush()
            return file.id.get_file_image(), names

    def _write(self, file: Any, records: Iterator[Record], context: Context) -> list[str]:
        """Write all programs, and return the names of their groups."""
        written: list[Written] = []
        for record, scope in scoped(records, context.library_for):
            if isinstance(record, Frontier):
                try:
                    library = scope.library_of("karel")
                    first = written[0] if written else None
                    group = write_group(file, len(written), record, library, first, packed=self.compression == "gzip")
                except InputError as error:
                    context.bad_input(record.error(error.message))
                    continue
                written.append(group)
        write_info(file.create_group(INFO), written)
        return [each.name for each in written]


def _h5py() -> Any:
    try:
        import h5py
    except ImportError as error:
        raise UsageError(f"the format leaps needs h5py ({error}): {installation('hdf5')}") from error
    return h5py


@contextlib.contextmanager
def _opened(h5py: Any, path: str) -> Iterator[Any]:
    """The HDF5 file at a path, in a folder or on standard input."""
    try:
        if path == "-":
            file = h5py.File(io.BytesIO(sys.stdin.buffer.read()), "r")
        else:
            place = Path(path) / DATA if Path(path).is_dir() else Path(path)
            if place.exists() and not place.is_file():
                # The HDF5 library would wait for what a pipe never brings, as it cannot be read at random.
                raise InputError("not a regular file, which HDF5 needs", source=str(place))
            file = h5py.File(place, "r")
    except DAMAGE as error:
        raise InputError(f"cannot be read as HDF5: {error}", source=path) from error
    with file:
        yield file


def _group(file: Any, name: str) -> Any:
    """The group of a program; InputError if there is none, or if the file is damaged there."""
    try:
        if name not in file:
            raise InputError(f"{IDS} names it, but it does not exist")
        return file[name]
    except DAMAGE as error:
        raise InputError(f"cannot be read: {error}") from error


def _group_names(file: Any, path: str) -> list[str]:
    """The groups of programs, in the order of id.txt if the folder has that file, else by number."""
    ids = Path(path) / IDS
    try:
        if path == "-" or not ids.is_file():
            return sorted((name for name in file if name != INFO), key=_order)
        return ids.read_text(encoding="utf-8-sig", errors="replace").split()
    except DAMAGE as error:
        raise InputError(f"cannot be read as HDF5: {error}", source=path) from error


def _order(name: str) -> tuple[int, str]:
    found = _NUMBERED.match(name)
    return int(found.group(1)) if found else sys.maxsize, name
