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

class KarelError(Exception):
    kind: str

_Picture = tuple[list[str], tuple[int, int], str]

class KarelInstances:
    @staticmethod
    def generate(
        task: str, profile: str, sparse: bool, height: int, width: int, seeds: list[int]
    ) -> KarelInstances: ...
    @staticmethod
    def from_pictures(task: str, profile: str, sparse: bool, pictures: list[_Picture]) -> KarelInstances: ...
    @staticmethod
    def free(
        profile: str, height: int, width: int, walls: float, markers: float, seeds: list[int]
    ) -> KarelInstances: ...
    @staticmethod
    def joined(parts: list[KarelInstances]) -> KarelInstances: ...
    def selected(self, numbers: list[int]) -> KarelInstances: ...
    def episodes(
        self,
        programs: list[str],
        pairs: list[tuple[int, int]],
        *,
        most_actions: int,
        with_features: bool = False,
        threads: int = 1,
    ) -> tuple[bytes, bytes, bytes]: ...
    def __len__(self) -> int: ...
    def pictures(self) -> list[_Picture]: ...
    def best_reward(self) -> float: ...
    def evaluate(
        self, programs: list[str], *, incumbent: float | None = None, threads: int = 1
    ) -> list[tuple[float, int, list[int], int] | tuple[str, str]]: ...
    def trace(self, program: str, index: int = 0, *, states: bool = False) -> dict[str, Any]: ...
    def demonstrate(
        self, programs: list[str], *, most_states: int = 0, threads: int = 1
    ) -> list[list[dict[str, Any]]]: ...

class KarelStepper:
    def __init__(self, instances: KarelInstances) -> None: ...
    def __len__(self) -> int: ...
    def reset(self) -> None: ...
    def step(self, actions: bytes) -> None: ...
    def features(self) -> tuple[tuple[int, int, int, int], bytes]: ...
    def perceptions(self) -> bytes: ...
    def rewards(self) -> list[float]: ...
    def ended(self) -> bytes: ...
    def pictures(self) -> list[_Picture]: ...

class KarelNeighbourhood:
    def __init__(
        self,
        instances: KarelInstances,
        names: list[str],
        start: list[float],
        arguments: dict[str, list[list[float]]],
        *,
        max_size: int | None = None,
        threads: int = 1,
    ) -> None: ...
    def ceiling(self) -> float: ...
    def judge(self, programs: list[str]) -> list[tuple[str, float] | None]: ...
    def draw(self, count: int, seed: int) -> list[tuple[str, float]]: ...
    def step(
        self, program: str, reward: float, most: int, seed: int, *, drift: bool = False
    ) -> tuple[tuple[str, float] | None, int, int]: ...

def karel_term(text: str) -> str: ...
def karel_tokens(text: str) -> str: ...
def karel_outside(text: str, profile: str) -> str | None: ...
def karel_demonstrations(
    programs: list[tuple[str, int]],
    *,
    profile: str,
    size: tuple[int, int],
    walls: float,
    markers: float,
    count: int,
    trials: int,
    shortest: int,
    longest: int,
    cover: bool,
    most_tokens: int,
    threads: int = 1,
) -> list[tuple[list[int], list[bytes]] | str]: ...
def karel_vocabulary() -> tuple[list[str], list[str]]: ...
def karel_tasks() -> list[tuple[str, str, int, int, bool, bool]]: ...
