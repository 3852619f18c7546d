"""Types in files: DreamCoder's objects, ``{"constructor": "list", "arguments": […]}``, or text."""

from psynth.core.calculus.types import Type, parse_type
from psynth.core.errors import PsynthError
from psynth_formats.grammar_json import type_from_json
from psynth_formats.located import Located


def read_type(place: Located) -> Type:
    """Return the type at ``place``; InputError if it is none."""
    try:
        return parse_type(place.value) if isinstance(place.value, str) else type_from_json(place.value)
    except PsynthError as error:
        raise place.error(str(error)) from error
