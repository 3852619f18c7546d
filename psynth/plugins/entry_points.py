"""The entry points of installed plugins, read from the metadata folders on the import path.

``importlib.metadata`` gives the same, but importing it (and through it email and zipfile) takes a tenth of the CPU time
of a short filter, which every stage of a pipe would pay.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_METADATA_FOLDERS = (".dist-info", ".egg-info")
_VALUE = re.compile(r"(?P<module>[\w.]+)\s*(:\s*(?P<attribute>[\w.]+)\s*)?(\[.*\]\s*)?")
_SEPARATORS = re.compile(r"[-_.]+")


@dataclass(frozen=True)
class InstalledEntryPoint:
    """An entry point of the packaging specification "Entry points", with its distribution's name and version."""

    name: str
    value: str
    distribution: str = ""
    version: str = ""

    @classmethod
    def of(cls, entry_point: EntryPoint) -> InstalledEntryPoint:
        """The same entry point as ``importlib.metadata`` describes it."""
        distribution = entry_point.dist
        name, version = ("", "") if distribution is None else (distribution.name, distribution.version)
        return cls(entry_point.name, entry_point.value, name, version)

    def load(self) -> Any:
        """Import what the entry point names; ValueError if its value is not ``module`` or ``module:attribute``."""
        match = _VALUE.fullmatch(self.value)
        if match is None:
            raise ValueError(f"the entry point {self.name} = {self.value} is not package.module[:attribute]")
        found: Any = importlib.import_module(match["module"])
        for attribute in (match["attribute"] or "").split("."):
            found = getattr(found, attribute) if attribute else found
        return found


def installed_entry_points(group: str, path: Sequence[str] | None = None) -> list[InstalledEntryPoint]:
    """The entry points of ``group`` on the import path; of a distribution that is there twice, those of the first.

    Distributions in zip files on the path, and those that only another import system knows, are left to
    ``importlib.metadata``.
    """
    folders = [entry or os.curdir for entry in (sys.path if path is None else path)]
    if any(os.path.isfile(folder) for folder in folders):
        return _by_importlib(group)
    found: list[InstalledEntryPoint] = []
    seen: set[str] = set()
    for metadata in _metadata_folders(folders):
        distribution = _SEPARATORS.sub("-", os.path.basename(metadata).split("-")[0].removesuffix(".egg-info")).lower()
        if distribution in seen:
            continue
        seen.add(distribution)
        section = list(_section(_text(metadata, "entry_points.txt"), group))
        if section:
            name, version = _name_and_version(metadata)
            found += [InstalledEntryPoint(key, value, name, version) for key, value in section]
    return found


def _metadata_folders(folders: Sequence[str]) -> Iterator[str]:
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:  # not a folder, as for the standard library's zip file that is seldom there
            continue
        yield from (os.path.join(folder, name) for name in names if name.endswith(_METADATA_FOLDERS))


def _text(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:  # most distributions have no entry points
        return ""


def _section(text: str, group: str) -> Iterator[tuple[str, str]]:
    """The entries ``name = value`` of one section of an INI file."""
    inside = False
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            inside = line[1:-1].strip() == group
        elif inside and line and not line.startswith("#"):
            name, equals, value = line.partition("=")
            if equals:
                yield name.strip(), value.strip()


def _name_and_version(metadata: str) -> tuple[str, str]:
    """The distribution's name and version, from the header fields of its core metadata."""
    text = _text(metadata, "METADATA") or _text(metadata, "PKG-INFO")
    header = text.partition("\n\n")[0]
    fields = dict(line.split(": ", 1) for line in header.splitlines() if line.startswith(("Name: ", "Version: ")))
    return fields.get("Name", "").strip(), fields.get("Version", "").strip()


def _by_importlib(group: str) -> list[InstalledEntryPoint]:
    from importlib.metadata import entry_points

    return [InstalledEntryPoint.of(each) for each in entry_points(group=group)]
