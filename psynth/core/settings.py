"""Typed declarations of settings and arguments, the source of flags, help, completion, documentation and provenance."""

import dataclasses
import math
import os
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from psynth.core.errors import UsageError

KINDS: Mapping[Any, str] = {int: "int", float: "float", str: "str", bool: "bool", Path: "path"}
_KEY = "psynth.setting"
LARGEST = (1 << 63) - 1
"""The largest whole number of any setting: the engines have 64 bits."""


@dataclass(frozen=True)
class Argument:
    """A positional argument; a repeated one takes all remaining words. ``known`` are words to complete it with.

    One that is ``after_dashes`` takes all words after ``--``, and no others.
    """

    name: str
    metavar: str
    help: str
    repeated: bool = False
    required: bool = False
    known: Sequence[str] = ()
    after_dashes: bool = False


@dataclass(frozen=True)
class _Declared:
    """The metadata that ``setting`` stores in a dataclass field."""

    help: str
    unit: str
    minimum: float | None
    maximum: float | None
    choices: tuple[str, ...] | None
    flag: str | None
    provenance: bool
    only: str | None
    file: str
    value: str
    main: bool
    was: str


def setting(
    default: Any,
    *,
    help: str,
    unit: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] | None = None,
    flag: str | None = None,
    provenance: bool = True,
    only: str | None = None,
    file: str = "",
    value: str = "",
    main: bool = False,
    was: str = "",
) -> Any:
    """Declare a field of a frozen dataclass as a setting.

    ``help`` is one line, ``unit`` the unit of a number (``nats``, ``seconds``); ``minimum`` and ``maximum`` are
    inclusive. ``flag`` replaces the flag derived from the name and may include a short one: ``"-o/--output"``.
    ``provenance`` is false for settings that never change a byte of the output. ``only`` names the one subcommand with
    the option if a class serves several (a format serves ``import`` and ``export``). ``file`` is the use of the file
    that a path names: a file to ``"read"`` is hashed into the provenance, a file to ``"write"`` is not. ``value`` is
    the placeholder of the value in help (``DOMAIN``, ``DIR``) if neither the choices, the unit nor the type say enough;
    ``main`` options are on the short help page. ``was`` is a former flag that is still accepted. The field's
    type is one of int, float, str, bool, Path, ``X | None``, ``tuple[X, ...]`` (a repeatable option) and
    ``Literal["a", "b"]``.
    """
    declared = _Declared(help, unit, minimum, maximum, choices, flag, provenance, only, file, value, main, was)
    return dataclasses.field(default=default, metadata={_KEY: declared})


@dataclass(frozen=True)
class SettingField:
    """One setting as used by the command line, the help, the documentation and the provenance.

    ``kind`` is ``int``, ``float``, ``str``, ``bool`` or ``path``; ``flags`` are spelled as typed, the long one last.
    """

    name: str
    flags: tuple[str, ...]
    kind: str
    default: Any
    help: str
    unit: str = ""
    optional: bool = False
    repeated: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] | None = None
    provenance: bool = True
    only: str | None = None
    file: str = ""
    value: str = ""
    main: bool = False
    was: str = ""

    @property
    def flag(self) -> str:
        """The long flag, as ``--max-cost``."""
        return self.flags[-1]

    @property
    def negative(self) -> str:
        """The flag that turns off a switch that is on by default, as ``--no-rewrite``; empty for other settings."""
        return f"--no-{self.flag.removeprefix('--')}" if self.kind == "bool" and self.default else ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every flag that the command line accepts for the setting, also former ones."""
        return tuple(flag for flag in (*self.flags, self.negative, self.was) if flag)

    @property
    def metavar(self) -> str:
        """The placeholder of the value in a usage line: the choices, the unit or the type, as ``NATS``."""
        if self.value:
            return self.value
        if self.choices:
            return "|".join(self.choices)
        return (self.unit or {"str": "text", "path": "file"}.get(self.kind, self.kind)).upper().replace(" ", "-")

    @property
    def type_text(self) -> str:
        """The type as help and documentation print it, as ``float or none`` or ``text, repeatable``."""
        return self.kind + (" or none" if self.optional else "") + (", repeatable" if self.repeated else "")

    @property
    def default_text(self) -> str:
        """The default as help prints it; empty when there is none."""
        if self.default is None or self.default == ():
            return ""
        if self.kind == "bool":
            return "on" if self.default else "off"
        if self.repeated:
            return " ".join(str(item) for item in self.default)
        return str(self.default)

    def parse(self, text: str) -> Any:
        """The value that ``text`` represents; UsageError if there is none.

        A repeated setting is parsed item by item. ``none`` gives None if the setting is optional.
        """
        if self.optional and not self.repeated and text == "none":
            return None
        value: Any = text
        if self.kind == "bool":
            words = {
                "true": True,
                "on": True,
                "yes": True,
                "1": True,
                "false": False,
                "off": False,
                "no": False,
                "0": False,
            }
            if text.lower() not in words:
                raise UsageError(f"{self.flag}: {text!r} is neither true nor false")
            value = words[text.lower()]
        elif self.kind == "path":
            if not text:
                raise UsageError(f"{self.flag}: a path is not empty")
            value = Path(text)
        elif self.kind in ("int", "float"):
            try:
                value = int(text) if self.kind == "int" else float(text)
            except ValueError:
                what = "a whole number" if self.kind == "int" else "a number"
                raise UsageError(
                    f"{self.flag}: {text!r} is not {what}{f' ({self.unit})' if self.unit else ''}"
                ) from None
        self._check_one(value)
        return value

    def check(self, value: Any) -> None:
        """Raise UsageError unless the setting allows a value."""
        if value is None and self.optional:
            return
        if self.repeated and not isinstance(value, tuple):
            raise UsageError(f"{self.flag}: {value!r} is not a tuple")
        for item in value if self.repeated else (value,):
            self._check_type(item)
            self._check_one(item)

    def _check_type(self, value: Any) -> None:
        allowed: dict[str, tuple[type, ...]] = {
            "int": (int,),
            "float": (int, float),
            "str": (str,),
            "bool": (bool,),
            "path": (Path,),
        }
        if not isinstance(value, allowed[self.kind]) or (isinstance(value, bool) and self.kind != "bool"):
            raise UsageError(f"{self.flag}: {value!r} is not of type {self.kind}")

    def _check_one(self, value: Any) -> None:
        if self.choices is not None and value not in self.choices:
            raise UsageError(
                f"{self.flag}: {value!r} is not one of {', '.join(self.choices)}{did_you_mean(value, self.choices)}"
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"{self.flag}: {value!r} is not a finite number")
        unit = f" {self.unit}" if self.unit else ""
        if self.minimum is not None and value < self.minimum:
            raise UsageError(f"{self.flag}: {value} is less than {_plainly(self.minimum)}{unit}")
        maximum = LARGEST if self.maximum is None and self.kind == "int" else self.maximum
        if maximum is not None and value > maximum:
            raise UsageError(f"{self.flag}: {value} is more than {_plainly(maximum)}{unit}")

    def to_json(self) -> dict[str, Any]:
        """The setting as ``psynth help --json`` describes it."""
        described: dict[str, Any] = {
            "name": self.name,
            "flag": self.flag,
            "flags": list(self.flags),
            "type": self.kind,
            "optional": self.optional,
            "repeated": self.repeated,
            "default": plain(self.default),
            "unit": self.unit,
            "metavar": "" if self.kind == "bool" else self.metavar,
            "help": self.help,
        }
        limits = {
            "minimum": self.minimum,
            "maximum": self.maximum,
            "choices": list(self.choices) if self.choices else None,
        }
        return described | {name: limit for name, limit in limits.items() if limit is not None}


def _plainly(limit: float) -> str:
    return str(limit) if isinstance(limit, int) else f"{limit:g}"


def fields_of(cls: type) -> list[SettingField]:
    """The settings that a dataclass declares, in order, those of its base classes first.

    TypeError for a field of an unsupported type or declared without ``setting``, which is a defect of the class.
    """
    hints = typing.get_type_hints(cls)
    found = []
    for field in dataclasses.fields(cls):
        declared = field.metadata.get(_KEY)
        if declared is None:
            raise TypeError(f"{cls.__qualname__}.{field.name} is not declared with setting(default, help=…)")
        found.append(_field(cls, field, hints[field.name], declared))
    return found


def is_setting(value: object) -> bool:
    """Whether a class attribute was declared with ``setting`` and is not yet a dataclass's field."""
    return isinstance(value, dataclasses.Field) and _KEY in value.metadata


def _field(cls: type, field: "dataclasses.Field[Any]", hint: Any, declared: _Declared) -> SettingField:
    optional = repeated = False
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        members = [member for member in typing.get_args(hint) if member is not type(None)]
        optional = len(members) < len(typing.get_args(hint))
        hint = members[0] if len(members) == 1 else None
    if typing.get_origin(hint) is tuple:
        members = list(typing.get_args(hint))
        repeated = len(members) == 2 and members[1] is Ellipsis
        hint = members[0] if repeated else None
    choices = declared.choices
    if typing.get_origin(hint) is Literal:
        choices = choices or tuple(typing.get_args(hint))
        hint = str if all(isinstance(choice, str) for choice in choices) else None
    if hint not in KINDS:
        raise TypeError(f"{cls.__qualname__}.{field.name} has a type that no option can have: {field.type}")
    flags = (declared.flag or "--" + field.name.replace("_", "-")).split("/")
    if any(flag.startswith("--no-") for flag in flags):
        raise TypeError(
            f"{cls.__qualname__}.{field.name}: a switch that is on by default gets its --no- flag by itself"
        )
    if declared.file not in (("", "read", "write") if hint is Path else ("",)):
        raise TypeError(f"{cls.__qualname__}.{field.name}: file={declared.file!r} is for paths, 'read' or 'write'")
    return SettingField(
        name=field.name,
        flags=tuple(flags),
        kind=KINDS[hint],
        default=field.default,
        help=declared.help,
        unit=declared.unit,
        optional=optional,
        repeated=repeated,
        minimum=declared.minimum,
        maximum=declared.maximum,
        choices=choices,
        provenance=declared.provenance,
        only=declared.only,
        file=declared.file,
        value=declared.value,
        main=declared.main,
        was=declared.was,
    )


def check_settings(instance: Any) -> None:
    """Raise UsageError unless every setting of a dataclass instance has an allowed value."""
    for field in fields_of(type(instance)):
        field.check(getattr(instance, field.name))


def fields_in(cls: type, subcommand: str) -> list[SettingField]:
    """The settings that are options of one subcommand: all except those of ``only`` another."""
    return [field for field in fields_of(cls) if field.only in (None, subcommand)]


def settings_json(instance: Any, subcommand: str | None = None) -> dict[str, Any]:
    """The settings of an instance as JSON values, in order, for the provenance; of one subcommand if given."""
    cls = type(instance)
    fields = fields_of(cls) if subcommand is None else fields_in(cls, subcommand)
    return {field.name: plain(getattr(instance, field.name)) for field in fields if field.provenance}


def files_read(instance: Any) -> list[str]:
    """The files to read that an instance's settings name, for the provenance; UsageError for a folder given as a file.

    The provenance has a digest of each: of a folder given by mistake it may take hours.
    """
    found: list[str] = []
    for field in fields_of(type(instance)):
        value = getattr(instance, field.name)
        if field.file == "read" and value is not None:
            paths = [str(path) for path in (value if field.repeated else (value,))]
            found += paths
            for path in paths if field.value != "DIR" else ():
                if os.path.isdir(path):
                    raise UsageError(f"{field.flag}: {path}: is a folder, not a file")
    return found


def plain(value: Any) -> Any:
    """A setting's value as JSON: a path as text, a tuple as a list."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


def did_you_mean(word: str, known: typing.Iterable[str]) -> str:
    """``" (did you mean 'x'?)"`` if a known word is close to ``word``, else the empty string."""
    import difflib  # needed for error messages only

    close = difflib.get_close_matches(word, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""
