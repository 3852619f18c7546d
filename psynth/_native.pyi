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
    *,
    iterations: int,
    max_arity: int,
    structure_penalty: float,
    cost_app: int,
    cost_lambda: int,
    cost_variable: int,
    cost_primitive: int,
    cost_overrides: Mapping[str, int],
    allow_single_task: bool,
    eta_long: bool,
    first_order: bool,
    binding: bool,
    weights: Sequence[int],
    handicaps: Sequence[Sequence[int]],
    prefix: str,
    first_index: int,
    reserved: Sequence[str],
    timeout: float | None,
    memory_limit: int | None,
    accept: Callable[[str], bool] | None,
    learned: Callable[[str, str], None] | None,
    objective: str | None,
    effort: int,
    meaning: Callable[[str], str | None] | None,
    misfit: Callable[[Sequence[tuple[str, str]]], int | None] | None,
    spent: Callable[[int], None] | None,
) -> dict[str, Any]: ...
def rewrite(
    tasks: Sequence[Sequence[str]],
    library: Sequence[tuple[str, str]],
    *,
    cost_app: int,
    cost_lambda: int,
    cost_variable: int,
    cost_primitive: int,
    cost_overrides: Mapping[str, int],
    weights: Sequence[int],
    handicaps: Sequence[Sequence[int]],
    eta_long: bool,
    timeout: float | None,
    memory_limit: int | None,
) -> dict[str, Any]: ...

_Axis = tuple[float, float, int, bool] | list[float]
_Elite = tuple[int, int, float, list[float], str, str, bytes]

class Archive:
    def __init__(
        self,
        axes: Sequence[_Axis],
        *,
        kind: str,
        depth: int,
        drop_outside: bool,
        objective: str,
        minimize: bool,
        centroids: Sequence[float],
        radius: float,
        capacity: int,
        neighbors: int,
    ) -> None: ...
    def offer_line(self, line: bytes) -> str: ...
    def offer(
        self, task: str, language: str, program: str, objective: float, descriptor: list[float], line: bytes
    ) -> str: ...
    def settle(self) -> None: ...
    def tasks(self) -> list[str]: ...
    def filled(self, task: str) -> int: ...
    def elites(self, task: str, place: int) -> list[_Elite]: ...
    def gains(self, task: str) -> list[tuple[int, float]]: ...
    def place(self, task: str, descriptor: list[float]) -> int | None: ...
    def cells(self) -> int | None: ...
    def clipped(self) -> int: ...

def archive_centroids(count: int, dimensions: int, seed: int) -> list[float]: ...

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
        with_features: bool,
        threads: int,
    ) -> tuple[bytes, bytes, bytes]: ...
    def __len__(self) -> int: ...
    def pictures(self) -> list[_Picture]: ...
    def best_reward(self) -> float: ...
    def evaluate(
        self, programs: list[str], *, incumbent: float | None, threads: int, every_step: bool
    ) -> list[tuple[float, int, list[int], int] | tuple[str, str]]: ...
    def trace(self, program: str, index: int, *, states: bool) -> dict[str, Any]: ...
    def demonstrate(self, programs: list[str], *, most_states: int, threads: int) -> list[list[dict[str, Any]]]: ...

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

class KarelEnvironments:
    @staticmethod
    def given(
        instances: KarelInstances, count: int, *, planes: bool, renewal: str, most_steps: int | None
    ) -> KarelEnvironments: ...
    @staticmethod
    def of_new_worlds(
        task: str,
        profile: str,
        sparse: bool,
        height: int,
        width: int,
        count: int,
        *,
        planes: bool,
        renewal: str,
        most_steps: int | None,
    ) -> KarelEnvironments: ...
    def __len__(self) -> int: ...
    def observation_shape(self) -> list[int]: ...
    def reset(self, chosen: list[tuple[int, int | None]]) -> bytearray: ...
    def step(self, actions: Any) -> tuple[bytearray, bytearray, bytearray, bytearray, bytearray, bytearray]: ...
    def pictures(self) -> list[_Picture]: ...

class KarelNeighborhood:
    def __init__(
        self,
        instances: KarelInstances,
        names: list[str],
        start: list[float],
        arguments: dict[str, list[list[float]]],
        *,
        max_size: int | None,
        threads: int,
    ) -> None: ...
    def ceiling(self) -> float: ...
    def judge(self, programs: list[str]) -> list[tuple[str, float] | None]: ...
    def draw(self, count: int, seed: int) -> list[tuple[str, float]]: ...
    def step(
        self, program: str, reward: float, most: int, seed: int, *, drift: bool
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
    threads: int,
) -> list[tuple[list[int], list[bytes]] | str]: ...
def karel_vocabulary() -> tuple[list[str], list[str]]: ...
def karel_tasks() -> list[tuple[str, str, int, int, bool, bool]]: ...
def packing_run(
    capacity: int, table: Sequence[float], instances: Sequence[Sequence[int]]
) -> list[tuple[int, int, int]]: ...

_Walker = tuple[Sequence[tuple[float, float]], Sequence[tuple[int, int, tuple[float, float] | None]]]

def physics_run(
    plans: Sequence[_Walker], terrain: str, milliseconds: int, threads: int
) -> list[tuple[float, float, float, float, float] | tuple[str, str]]: ...
def physics_trace(plan: _Walker, terrain: str, milliseconds: int) -> dict[str, Any] | tuple[str, str]: ...
def physics_ground(terrain: str, places: Sequence[float]) -> list[float]: ...
def physics_constants() -> dict[str, Any]: ...
