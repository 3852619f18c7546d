"""The Rust extension (native/rust); each part of it is entered through one module of psynth.core."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

class CompressionError(Exception):
    kind: str
    message: str
    task: int | None
    program: int | None

def compress(
    tasks: Sequence[Sequence[str]],
    weights: Sequence[Sequence[float]] | None = None,
    *,
    iterations: int = 10,
    max_arity: int = 2,
    structure_penalty: float = 1.0,
    cost_app: int = 1,
    cost_lambda: int = 1,
    cost_variable: int = 100,
    cost_primitive: int = 100,
    cost_overrides: Mapping[str, int] | None = None,
    allow_single_task: bool = False,
    eta_long: bool = False,
    prefix: str = "fn_",
    first_index: int = 0,
    reserved: Sequence[str] | None = None,
    timeout: float | None = None,
    memory_limit: int | None = None,
    accept: Callable[[str], bool] | None = None,
    learned: Callable[[str, str], None] | None = None,
    threads: int = 1,
) -> dict[str, Any]: ...
