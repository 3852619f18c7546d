"""Conformance of formats: written files can be read back, and other files are rejected with an error naming them."""

from __future__ import annotations

import inspect
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

from psynth.core.errors import InputError
from psynth.core.settings import fields_of
from psynth.core.stream.records import End, Record
from psynth.core.stream.scope import with_libraries
from psynth.plugins.format import Format
from psynth.plugins.method import Context
from psynth.plugins.registry import Registry, default_registry
from psynth.testing.numbers import Numbers, WithDomain
from psynth.testing.require import fail, no_exception, require, require_text

JUNK = b"\x00\xff\xfe no file of any format \x80\x81"
"""Bytes that are neither text nor the beginning of any known kind of file."""


def check_format(
    format: str | Format | type[Format],
    *,
    records: Sequence[Record] | None = None,
    reader: Format | None = None,
    registry: Registry | None = None,
) -> None:
    """Raise AssertionError, with one sentence, if a format breaks a contract.

    ``format`` is a registered name, a class, or an instance for a format that needs settings. ``records`` are written,
    by default tasks on numbers with one program each; ``reader`` reads them back if that requires other settings.
    """
    known = registry or default_registry()
    numbers = Numbers()
    found = _made(format, known)
    context = Context("testing", registry=WithDomain(known, numbers))
    reads, writes = type(found).read is not Format.read, type(found).write is not Format.write
    folder_alone = not writes and type(found).write_folder is not Format.write_folder
    require(reads or writes or folder_alone, f"the format {found.name!r} defines read, write or both, or write_folder")
    written: bytes | None = None
    given = list(records or with_libraries(numbers.frontiers(), context.library_for))
    if folder_alone:
        require(found.folders, f"the format {found.name!r}, which defines write_folder, sets folders")
        same = _files_written(found, given, context) == _files_written(found, given, context)
        require(same, f"the format {found.name!r} writes the same files each time")
    if writes:
        written = _written(found, given, context)
        require(
            _written(found, given, context) == written, f"the format {found.name!r} writes the same bytes each time"
        )
    if reads:
        _check_junk(reader or found, None if found.answers else written, context)
    if reads and written is not None and not found.answers:
        _check_round_trip(found, reader or found, written, context)


def _made(format: str | Format | type[Format], registry: Registry) -> Format:
    if isinstance(format, str):
        registration = registry.registration("format", format)
        require_text(registration.help, f"the help of the format {format!r}")
        found: type[Format] = registry.load(registration)
        require(found.name == format, f"a format registered as {format!r} has that name, not {found.name!r}")
    else:
        found = type(format) if isinstance(format, Format) else format
    require_text(found.name, f"the name of {found.__name__}")
    require_text(found.help, f"the help of the format {found.name!r}")
    require(bool(inspect.cleandoc(found.__dict__.get("__doc__") or "")), f"the format {found.name!r} has a docstring")
    for setting in fields_of(found):
        require(bool(setting.help), f"the setting {setting.flag} of the format {found.name!r} has a help")
    if isinstance(format, Format):
        return format
    with no_exception(f"the format {found.name!r} without settings (give an instance if it needs some)"):
        return found()


def _files_written(format: Format, records: Sequence[Record], context: Context) -> dict[str, bytes]:
    """The files of a folder by name."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with no_exception(f"writing a folder in the format {format.name!r}"):
            format.write_folder(iter([*records, End("complete")]), folder, context)
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        require(bool(files), f"the format {format.name!r} writes a file into the folder")
        return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _written(format: Format, records: Sequence[Record], context: Context) -> bytes:
    stream = io.BytesIO()
    with no_exception(f"writing the format {format.name!r}"):
        format.write(iter([*records, End("complete")]), stream, context)
    return stream.getvalue()


def _read(format: Format, data: bytes, context: Context) -> list[Record]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        path.write_bytes(data)
        return list(format.read([str(path)], context))


def _check_junk(format: Format, written: bytes | None, context: Context) -> None:
    what = f"the format {format.name!r}"
    try:
        _read(format, JUNK, context)
    except InputError as error:
        named = error.source is not None and error.source.endswith("file")
        require(named, f"{what} says with an InputError's source which file is wrong")
    except Exception as error:  # a plugin may raise any exception
        raise AssertionError(f"{what} rejects junk with an InputError, not {type(error).__name__}: {error}") from error
    else:
        fail(f"{what} rejects junk with an InputError")
    for data in (b"", b"{", b"[1", b"null", *([] if written is None else [written[: len(written) // 2]])):
        try:
            _read(format, data, context)
        except InputError:
            continue
        except Exception as error:
            raise AssertionError(
                f"{what} rejects a truncated file with an InputError, not {type(error).__name__}: {error}"
            ) from error


def _check_round_trip(writer: Format, reader: Format, written: bytes, context: Context) -> None:
    what = f"the format {writer.name!r}"
    with no_exception(f"reading what {what} wrote"):
        back = _read(reader, written, context)
    require(bool(back), f"{what} reads records in its own output")
    require(_written(writer, back, context) == written, f"{what} writes the same records as it read")
