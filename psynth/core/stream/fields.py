"""How the fields of a record are read from JSON, checked and written back: one kind for each sort of field."""

import dataclasses
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass
from typing import Any, TypeVar

T = TypeVar("T", bound="Fields")

NO_MEANING: Any = object()
"""Null means nothing of its own in this kind of field."""

_NAMES = {
    bool: "true or false",
    int: "an integer",
    float: "a number",
    str: "a string",
    list: "a list",
    dict: "an object",
}


class WrongField(Exception):
    """A field that is not what it should be; each level of nesting that it passes adds its own step to the path."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.path: list[str] = []

    def at(self, step: str) -> "WrongField":
        """The error itself, one ``.name`` or ``[index]`` further from the wrong value."""
        self.path.insert(0, step)
        return self

    def __str__(self) -> str:
        path = "".join(self.path).removeprefix(".")
        return f"{path}: {self.args[0]}" if path else str(self.args[0])


def expected(what: str, value: Any) -> WrongField:
    """The error for ``value`` where ``what`` was expected."""
    return WrongField(
        f"expected {what}, not {'null' if value is None else _NAMES.get(type(value), type(value).__name__)}"
    )


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of field: ``read`` checks and converts a JSON value, ``write`` converts back (None: as it is).

    ``schema`` is the JSON Schema of what ``read`` accepts. ``null`` is what JSON's null means here; where it means
    nothing of its own, null is the same as leaving an optional field out.
    """

    read: Callable[[Any], Any]
    schema: Mapping[str, Any]
    write: Callable[[Any], Any] | None = None
    null: Any = NO_MEANING


def _exactly(what: str, *types: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        # Exact types: to Python true is an integer, to JSON it is not.
        if type(value) in types:
            return value
        raise expected(what, value)

    return read


def _integer(value: Any) -> Any:
    if type(value) is int:
        return value
    # JSON has one kind of number: 3.0 is an integer there.
    if type(value) is float and value.is_integer():
        return int(value)
    raise expected("an integer", value)


def _finite(value: Any) -> Any:
    # NaN compares false with everything.
    return value if value is None or -math.inf < value < math.inf else None


def _number_or_null(null: float) -> Kind:
    return Kind(_exactly("a number or null", int, float), {"type": "number"}, write=_finite, null=null)


ANYTHING = Kind(lambda value: value, {})
"""Any JSON; null in an optional field is the same as leaving it out."""

NULLABLE = Kind(lambda value: value, {}, null=None)
"""Any JSON, null too."""

TEXT = Kind(_exactly("a string", str), {"type": "string"})
BOOLEAN = Kind(_exactly("true or false", bool), {"type": "boolean"})
INTEGER = Kind(_integer, {"type": "integer"})
NUMBER = Kind(_exactly("a number", int, float), {"type": "number"}, write=_finite)
OBJECT = Kind(_exactly("an object", dict), {"type": "object"})
VALUES = Kind(_exactly("a list", list), {"type": "array"})

LOG_PROBABILITY = _number_or_null(-math.inf)
"""A log-probability: null is an impossible one, minus infinity."""

BOUND = _number_or_null(math.inf)
"""An upper bound: null is none at all, infinity."""

MEASURE = _number_or_null(math.nan)
"""A measured figure: null is one that is not a number."""


def one_of(*values: str) -> Kind:
    """The kind of a field that holds one of ``values``."""
    listed = ", ".join(values[:-1]) + " or " + values[-1]

    def read(value: Any) -> Any:
        if type(value) is not str:
            raise expected(listed, value)
        if value not in values:
            shown = value if len(value) <= 40 else value[:40] + "…"
            raise WrongField(f"expected {listed}, not {shown!r}")
        return value

    return Kind(read, {"enum": list(values)})


def checked(kind: Kind, what: str, accept: Callable[[Any], bool], **schema: Any) -> Kind:
    """``kind`` narrowed to the values that ``accept`` holds for, described by ``what`` and the keywords ``schema``."""

    def read(value: Any) -> Any:
        found = kind.read(value)
        if not accept(found):
            raise WrongField(f"expected {what}, not {value}")
        return found

    return dataclasses.replace(kind, read=read, schema={**kind.schema, **schema})


SHARE = checked(NUMBER, "a number from 0 to 1", lambda value: 0 <= value <= 1, minimum=0, maximum=1)
"""A part of a whole."""


def either(what: str, *kinds: Kind) -> Kind:
    """The kind of a field that is of one of ``kinds``, none of which converts; together they are called ``what``."""

    def read(value: Any) -> Any:
        for kind in kinds:
            try:
                return kind.read(value)
            except WrongField:
                continue
        raise expected(what, value)

    return Kind(read, {"anyOf": [kind.schema for kind in kinds]})


def list_of(item: Kind) -> Kind:
    """The kind of a JSON list whose items are of kind ``item``: a tuple in Python."""
    read_item, write_item = item.read, item.write

    def read(value: Any) -> Any:
        if type(value) is not list:
            raise expected("a list", value)
        items = []
        for index, element in enumerate(value):
            try:
                items.append(item.null if element is None and item.null is not NO_MEANING else read_item(element))
            except WrongField as wrong:
                raise wrong.at(f"[{index}]") from None
        return tuple(items)

    schema = {"type": "array", "items": schema_of(item)}
    return Kind(read, schema, list if write_item is None else lambda value: [write_item(element) for element in value])


def dict_of(item: Kind) -> Kind:
    """The kind of a JSON object whose values are all of kind ``item``."""
    write_item = item.write

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise expected("an object", value)
        items = {}
        for key, element in value.items():
            try:
                items[key] = item.read(element)
            except WrongField as wrong:
                raise wrong.at(f".{key}") from None
        return items

    schema = {"type": "object", "additionalProperties": item.schema}
    if write_item is None:
        return Kind(read, schema)
    return Kind(read, schema, lambda value: {key: write_item(element) for key, element in value.items()})


def _write_nested(value: Any) -> Any:
    return None if value is None else value.to_json()


def nested(cls: type["Fields"]) -> Kind:
    """The kind of a field that holds another record's fields."""
    return Kind(cls.read_fields, {"$ref": reference(cls)}, _write_nested)


def nested_either(*classes: type["Fields"]) -> Kind:
    """The kind of a field that holds the fields of one of ``classes``, distinguished by their required fields."""

    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise expected("an object", value)
        first: WrongField | None = None
        for cls in sorted(classes, key=lambda cls: len(_layout(cls).required & value.keys()), reverse=True):
            try:
                return cls.read_fields(value)
            except WrongField as wrong:
                first = first or wrong
        assert first is not None
        raise first

    return Kind(read, {"anyOf": [{"$ref": reference(cls)} for cls in classes]}, _write_nested)


def nullable(kind: Kind) -> Kind:
    """``kind`` where null is a value too: None."""
    return dataclasses.replace(kind, null=None)


# ---- the JSON Schema of fields --------------------------------------------------------------------------------------


def reference(cls: type["Fields"]) -> str:
    """Where a schema defines the object ``cls``."""
    return f"#/$defs/{cls.__name__.lower()}"


def schema_of(kind: Kind, *, optional: bool = False) -> dict[str, Any]:
    """The JSON Schema of a value of ``kind``; null is allowed where it means something, or the field is optional."""
    schema = dict(kind.schema)
    if kind.null is NO_MEANING and not optional:
        return schema
    if "$ref" in schema:
        return {"anyOf": [schema, {"type": "null"}]}
    if "anyOf" in schema:
        return {"anyOf": [*schema["anyOf"], {"type": "null"}]}
    if "enum" in schema:
        schema["enum"] = [*schema["enum"], None]
    if "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema


def object_schema(cls: type["Fields"]) -> dict[str, Any]:
    """The JSON Schema of the object ``cls``; unknown fields are allowed."""
    layout = _layout(cls)
    schema: dict[str, Any] = {"type": "object"}
    if layout.required:
        schema["required"] = [key for key in layout.readers if key in layout.required]
    schema["properties"] = {
        key: schema_of(kind, optional=key not in layout.required) for key, (_, kind) in layout.readers.items()
    }
    return schema


# ---- objects of fields ----------------------------------------------------------------------------------------------


def field(kind: Kind, default: Any = MISSING, *, key: str | None = None, always: bool = False) -> Any:
    """A dataclass field of ``kind``.

    One without a default is required in JSON. One with a default is left out of JSON when it is None or empty, unless
    ``always``. ``key`` is its JSON name where Python's has to differ.
    """
    metadata = {"kind": kind, "key": key, "always": always or default is MISSING}
    if isinstance(default, dict):
        return dataclasses.field(default_factory=dict, metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True)
class _Layout:
    readers: dict[str, tuple[str, Kind]]
    required: frozenset[str]
    writers: tuple[tuple[str, str, Callable[[Any], Any] | None, bool], ...]


_layouts: dict[Any, _Layout] = {}


def _layout(cls: Any) -> _Layout:
    """The layout of ``cls``, derived from its dataclass fields once."""
    known = _layouts.get(cls)
    if known is not None:
        return known
    readers: dict[str, tuple[str, Kind]] = {}
    required: set[str] = set()
    writers = []
    for entry in dataclasses.fields(cls):
        if "kind" in entry.metadata:
            kind, key = entry.metadata["kind"], entry.metadata["key"] or entry.name
            readers[key] = (entry.name, kind)
            writers.append((key, entry.name, kind.write, entry.metadata["always"]))
            if entry.default is MISSING and entry.default_factory is MISSING:
                required.add(key)
    _layouts[cls] = layout = _Layout(readers, frozenset(required), tuple(writers))
    return layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """A JSON object with documented fields; ``extra`` keeps the unknown ones, in their order.

    The values inside are JSON as it was read: treat them as immutable.
    """

    extra: dict[str, Any] = dataclasses.field(default_factory=dict)

    @classmethod
    def read_fields(cls: type[T], data: Any) -> T:
        """The object that ``data`` describes; raises `WrongField` where it describes none."""
        if type(data) is not dict:
            raise expected("an object", data)
        layout = _layout(cls)
        readers = layout.readers
        values: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for key, value in data.items():
            known = readers.get(key)
            if known is None:
                extra[key] = value
                continue
            name, kind = known
            try:
                if value is not None:
                    values[name] = kind.read(value)
                elif kind.null is not NO_MEANING:
                    values[name] = kind.null
                elif key in layout.required:
                    values[name] = kind.read(None)
            except WrongField as wrong:
                raise wrong.at(f".{key}") from None
        if not layout.required <= data.keys():
            missing = min(layout.required - data.keys(), key=list(readers).index)
            raise WrongField("missing").at(f".{missing}")
        return cls(**values, extra=extra)

    def to_json(self) -> dict[str, Any]:
        """The JSON object: documented fields in their order, then the unknown ones in theirs."""
        data: dict[str, Any] = {}
        for key, name, write, always in _layout(type(self)).writers:
            value = getattr(self, name)
            if always or (value is not None and value != () and value != {}):
                data[key] = value if write is None else write(value)
        for key, value in self.extra.items():
            data.setdefault(key, value)
        return data


def documented_fields(cls: type[Fields]) -> Mapping[str, bool]:
    """The documented JSON names of ``cls`` in order, each with whether it is required."""
    layout = _layout(cls)
    return {key: key in layout.required for key in layout.readers}
