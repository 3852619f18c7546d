"""Tensors on disk: safetensors files with a JSON object beside the tensors. Nothing is ever unpickled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from psynth.core.errors import InputError
from psynth.core.files import whole_file

if TYPE_CHECKING:
    from torch import Tensor

NOTE = "note"
"""The key of the JSON object in a file's metadata, which are texts."""

Layout = Mapping[str, tuple[tuple[int, ...], str]]
"""The shape of each tensor by name, and its number type as PyTorch writes it: ``torch.float32``."""


def write_tensors(path: Path, tensors: Mapping[str, Tensor], note: Mapping[str, Any] | None = None) -> None:
    """Write tensors and a JSON object to a file that takes its name only when it is complete."""
    from safetensors.torch import save

    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    data = save(plain, metadata={NOTE: orjson.dumps(dict(note or {})).decode()})
    with whole_file(path) as file:
        file.write(data)


def read_note(path: Path) -> dict[str, Any]:
    """The JSON object of a file of tensors; raises `InputError` if the file is missing or damaged."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            note = orjson.loads((file.metadata() or {}).get(NOTE, "{}"))
    except (OSError, SafetensorError, ValueError) as error:
        raise _damaged(path, error) from error
    if not isinstance(note, dict):
        raise InputError("damaged: its note is not a JSON object", source=str(path))
    return note


def read_tensors(path: Path, layout: Layout | None = None) -> dict[str, Tensor]:
    """The tensors of a file, on the CPU.

    With ``layout``, names, shapes and number types are compared with the file's header first, so that nothing is
    allocated for a file that does not fit. Raises `InputError` if the file is missing, damaged or of another layout.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, "pt") as file:
            if layout is not None:
                _check_layout(path, file, layout)
            found = {name: file.get_tensor(name) for name in sorted(file.keys())}
    except (OSError, SafetensorError, ValueError) as error:
        raise _damaged(path, error) from error
    return found


def _check_layout(path: Path, file: Any, layout: Layout) -> None:
    names = set(file.keys())
    for name in sorted(names ^ layout.keys()):
        what = "lacks" if name in layout else "has an unknown tensor"
        raise InputError(f"does not fit the configuration: {what} {name}", source=str(path))
    for name, (shape, dtype) in layout.items():
        entry = file.get_slice(name)
        found = (tuple(entry.get_shape()), _DTYPES.get(entry.get_dtype(), entry.get_dtype()))
        if found != (shape, dtype):
            problem = f"{name} is {found[1]} of shape {list(found[0])}, not {dtype} of shape {list(shape)}"
            raise InputError(f"does not fit the configuration: {problem}", source=str(path))


_DTYPES = {
    "F64": "torch.float64",
    "F32": "torch.float32",
    "F16": "torch.float16",
    "BF16": "torch.bfloat16",
    "I64": "torch.int64",
    "I32": "torch.int32",
    "U8": "torch.uint8",
    "BOOL": "torch.bool",
}
"""PyTorch's names of number types, by those of safetensors."""


def _damaged(path: Path, error: Exception) -> InputError:
    return InputError(f"cannot be read: {error}", source=str(path))
