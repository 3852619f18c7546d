"""The base class of file formats, which ``psynth import`` reads and ``psynth export`` writes."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar, TypeVar

from psynth.core.errors import InputError, UsageError
from psynth.core.settings import check_settings
from psynth.plugins.method import Context

if TYPE_CHECKING:
    from psynth.core.stream.records import Record


Item = TypeVar("Item")
Result = TypeVar("Result")


def each_sound(
    items: Iterable[Item], read: Callable[[Item], Result], context: Context
) -> Iterator[tuple[Item, Result]]:
    """Yield what ``read`` makes of each item, with the item; a bad one is handled as ``--on-error`` says."""
    for item in items:
        try:
            result = read(item)
        except InputError as error:
            context.bad_input(error)
        else:
            yield item, result


@dataclass(frozen=True)
class Format(ABC):
    """A file format: subclasses are frozen dataclasses of settings that define read, write or both.

    A setting for only one of the two has ``only="import"`` or ``only="export"``. The docstring of the class is its
    help, and the first sentence its summary.
    """

    name: ClassVar[str]
    help: ClassVar[str]
    folders: ClassVar[bool] = False
    """Whether a folder can be imported, and ``export -o NAME`` without suffix writes one, by `write_folder`."""

    answers: ClassVar[bool] = False
    """Whether it reads problems but writes answers to them, which it does not read back."""

    def __post_init__(self) -> None:
        check_settings(self)

    def read(self, paths: Sequence[str], context: Context) -> Iterator[Record]:
        """Yield the records in files or folders; InputError(source=…, line=…) if they are not in this format."""
        raise UsageError(f"the format {self.name!r} can be written but not read")

    def write(self, records: Iterator[Record], stream: BinaryIO, context: Context) -> None:
        """Write records to a binary stream; InputError if the format cannot represent one."""
        if type(self).write_folder is not Format.write_folder:
            raise UsageError(f"the format {self.name!r} is a folder; give -o FOLDER, without a suffix")
        raise UsageError(f"the format {self.name!r} can be read but not written")

    def write_folder(self, records: Iterator[Record], folder: Path, context: Context) -> None:
        """Write records as files in a new folder; called only if ``folders`` is set."""
        raise UsageError(f"the format {self.name!r} is a single file; give -o a name with a suffix")
