"""The door to the Karel machine: the only module that imports the Rust extension's simulator of Karel's worlds."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from psynth.core.errors import EngineError, InputError

NO_ACTION = 5
"""The number of the action that does nothing, for `Stepper.step`."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A state of a world: ``map`` has a text a row (``#`` wall, ``.`` empty, ``1`` to ``9`` and ``A`` markers)."""

    map: tuple[str, ...]
    row: int
    column: int
    #: N, E, S or W.
    heading: str

    def to_json(self) -> dict[str, Any]:
        """The state as it stands in streams and in files of exported states."""
        return {"map": list(self.map), "agent": [self.row, self.column, self.heading]}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read ``{"map": […], "agent": [row, column, heading]}``; InputError that says what is wrong."""
        if not isinstance(data, Mapping) or not isinstance(data.get("map"), list) or "agent" not in data:
            raise InputError('a world is {"map": [a text a row], "agent": [row, column, "N|E|S|W"]}')
        agent = data["agent"]
        if not isinstance(agent, list) or [type(part) for part in agent] != [int, int, str] or min(agent[:2]) < 0:
            raise InputError(f'a world\'s agent is [row, column, "N|E|S|W"], not {agent!r}')
        if not all(isinstance(row, str) for row in data["map"]):
            raise InputError("a world's map is a list of texts, one a row")
        return cls(tuple(data["map"]), *agent)

    def _native(self) -> tuple[list[str], tuple[int, int], str]:
        return list(self.map), (self.row, self.column), self.heading


@dataclass(frozen=True, slots=True)
class Rule:
    """A task as a profile has it: its published size, and whether only success is rewarded there."""

    profile: str
    task: str
    height: int
    width: int
    sparse: bool
    #: Whether it has both kinds of rewards.
    has_sparse: bool


class Score(NamedTuple):
    """How a program did: its mean reward, or a bound on it where the evaluation was given up after ``episodes``."""

    reward: float
    episodes: int
    #: How often each action was done, in the order of `actions`.
    actions: tuple[int, ...]
    #: Episodes that a budget or the loop guard ended.
    cut_short: int


# What `Score._make` does after checking the length: a search makes millions.
_score = functools.partial(tuple.__new__, Score)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is no program: ``kind`` is parse, type or unknown_primitive."""

    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One episode. ``actions`` are numbers in the order of `actions`, ``end`` is finished, terminated, budget or loop.

    ``mistakes`` counts moves into walls and picks of nothing. ``coverage`` has a number for each condition of the
    program, in the order of its text: bit 0 if it was seen to fail, bit 1 if to hold. ``states`` are the initial state
    and that after each action, ``features`` the same as bytes (see `Instances.demonstrate`); empty unless asked for.
    """

    reward: float
    end: str
    actions: bytes
    mistakes: int
    coverage: bytes
    states: tuple[Picture, ...] = ()
    features: bytes = b""

    @property
    def is_covered(self) -> bool:
        """Whether every condition was seen to hold and to fail."""
        return all(seen == 3 for seen in self.coverage)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Demonstrations of a program: the seeds of its worlds (see `Instances.free`) and the actions done in each."""

    seeds: tuple[int, ...]
    #: Numbers in the order of `actions`.
    actions: tuple[bytes, ...]


class Instances:
    """Initial states of one task under the rules of one profile, all of one size; made once, evaluated often."""

    def __init__(self, native: Any, profile: str) -> None:
        self._instances = native
        self.profile = profile

    @classmethod
    def generate(
        cls, task: str, profile: str, *, height: int, width: int, seeds: Sequence[int], sparse: bool = False
    ) -> Self:
        """Draw one instance for each seed (64 bits, not negative)."""
        make = _native().KarelInstances.generate
        return cls(_call(make, task, profile, sparse, height, width, list(seeds)), profile)

    @classmethod
    def from_pictures(cls, task: str, profile: str, pictures: Sequence[Picture], *, sparse: bool = False) -> Self:
        """Take these initial states; InputError where the task cannot be set in one of them."""
        make = _native().KarelInstances.from_pictures
        return cls(_call(make, task, profile, sparse, [picture._native() for picture in pictures]), profile)

    @classmethod
    def free(cls, profile: str, *, height: int, width: int, walls: float, markers: float, seeds: Sequence[int]) -> Self:
        """Draw worlds without a task: each cell is a wall, each free one has a marker, with these probabilities."""
        make = _native().KarelInstances.free
        return cls(_call(make, profile, height, width, walls, markers, list(seeds)), profile)

    @classmethod
    def joined(cls, parts: Sequence[Instances]) -> Self:
        """The instances of several sets as one, in their order; InputError unless profile and size are the same."""
        made = _call(_native().KarelInstances.joined, [part._instances for part in parts])
        return cls(made, parts[0].profile)

    def selected(self, numbers: Sequence[int]) -> Self:
        """Some of the instances, in the order of these numbers."""
        return type(self)(_call(self._instances.selected, list(numbers)), self.profile)

    def __len__(self) -> int:
        return len(self._instances)

    def pictures(self) -> list[Picture]:
        """The initial states."""
        return [_picture(each) for each in self._instances.pictures()]

    @property
    def best_reward(self) -> float:
        """The greatest mean reward that any program can get."""
        return float(self._instances.best_reward())

    def evaluate(
        self,
        programs: Sequence[str],
        *,
        incumbent: float | None = None,
        threads: int = 1,
        every_step: bool = False,
    ) -> list[Score | Refusal]:
        """Run programs (λ-terms of type stmt without abstractions, or tokens) on all instances; in their order.

        With ``incumbent`` a program is given up as soon as its mean reward cannot be greater than that. The number of
        ``threads`` changes no result. Token programs that follow each other in one text run one after the other.

        The rounds of an endless loop that a budget will end are counted, not run; with ``every_step`` they are run,
        which changes no result either, and tells how fast the machine steps.
        """
        answers = self._instances.evaluate(list(programs), incumbent=incumbent, threads=threads, every_step=every_step)
        return [_score(answer) if len(answer) == 4 else Refusal(*answer) for answer in answers]

    def trace(self, program: str, index: int = 0, *, states: bool = False) -> Trace:
        """Run one program on one instance and say what happened; InputError for a text that is no program."""
        return _trace(_call(self._instances.trace, program, index, states=states))

    def demonstrate(self, programs: Sequence[str], *, most_states: int = 0, threads: int = 1) -> list[list[Trace]]:
        """Run each program on every instance and say what happened.

        With ``most_states`` each trace has the features of so many of its states at most: for every state, plane by
        plane and row by row, a byte 0 or 1 (the planes are those of `Stepper.features`).
        """
        answers = _call(self._instances.demonstrate, list(programs), most_states=most_states, threads=threads)
        return [[_trace(each) for each in of_program] for of_program in answers]

    def episodes(
        self,
        programs: Sequence[str],
        pairs: Sequence[tuple[int, int]],
        *,
        most_actions: int,
        with_features: bool = False,
        threads: int = 1,
    ) -> Episodes:
        """Run pairs of a program and an instance, by number, once each; InputError for a text that is no program."""
        import numpy as np

        lengths, actions, features = _call(
            self._instances.episodes,
            list(programs),
            list(pairs),
            most_actions=most_actions,
            with_features=with_features,
            threads=threads,
        )
        return Episodes(
            np.frombuffer(lengths, dtype="<u4").astype(np.int64),
            np.frombuffer(actions, dtype=np.uint8).reshape(len(pairs), most_actions),
            np.frombuffer(features, dtype=np.uint8),
        )


@dataclass(frozen=True, slots=True)
class Episodes:
    """What many programs did, as arrays: one row an episode.

    ``lengths`` counts all actions of each, ``actions`` are the first of them, padded with `NO_ACTION`. ``features`` are
    the bytes (see `Stepper.features`) of the states before each of those actions and after the last, one episode's
    after the other's; empty unless asked for.
    """

    lengths: Any
    actions: Any
    features: Any


class Stepper:
    """Episodes in all of some instances at once, moved by actions from outside: what a neural executor steps."""

    def __init__(self, instances: Instances) -> None:
        self._stepper = _native().KarelStepper(instances._instances)

    def __len__(self) -> int:
        return len(self._stepper)

    def reset(self) -> None:
        """Go back to the initial states."""
        self._stepper.reset()

    def step(self, chosen: bytes) -> None:
        """Do one action in each world: a byte each, its number in `actions`, or `NO_ACTION`.

        A world whose task has ended the episode stays as it is.
        """
        _call(self._stepper.step, chosen)

    def features(self) -> Any:
        """A bool array (worlds, planes, height, width).

        Planes 0 to 3 are the agent's cell if it faces north, east, south or west, 4 is walls, 5 cells without a marker
        (walls among them), 6 cells with one, and so on: 16 planes, 8 under the profile hprl.
        """
        import numpy as np

        shape, data = self._stepper.features()
        return np.frombuffer(data, dtype=np.bool_).reshape(shape)

    def perceptions(self) -> Any:
        """A bool array (worlds, 5), in the order of `perceptions`."""
        import numpy as np

        return np.frombuffer(self._stepper.perceptions(), dtype=np.bool_).reshape(len(self), -1)

    def rewards(self) -> list[float]:
        """What each episode has earned so far."""
        return list(self._stepper.rewards())

    def ended(self) -> list[bool]:
        """Whether the task has ended each episode."""
        return [bool(byte) for byte in self._stepper.ended()]

    def pictures(self) -> list[Picture]:
        """The states."""
        return [_picture(each) for each in self._stepper.pictures()]


def demonstrations(
    programs: Sequence[tuple[str, int]],
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
) -> list[Demonstration | str]:
    """For each program ``count`` worlds without a task in which it does well, or a few words on why there are none.

    Up to ``trials`` worlds of ``size`` (height, width) with the seed given and those after it are tried. What the
    program does there is kept if it makes no mistake, ends by itself and passes through ``shortest`` to ``longest``
    states; with ``cover`` as native/rust/karel/src/demonstrations.rs says. InputError where there are no such worlds.
    """
    answers = _call(
        _native().karel_demonstrations,
        list(programs),
        profile=profile,
        size=size,
        walls=walls,
        markers=markers,
        count=count,
        trials=trials,
        shortest=shortest,
        longest=longest,
        cover=cover,
        most_tokens=most_tokens,
        threads=threads,
    )
    return [each if isinstance(each, str) else Demonstration(tuple(each[0]), tuple(each[1])) for each in answers]


@dataclass(frozen=True, slots=True)
class Improvement:
    """What examining the mutants of a program found: the program that was accepted and its mean reward, None if none.

    ``examined`` counts the mutants up to and with that one, ``run`` those of them that no known result answered for.
    """

    found: tuple[str, float] | None
    examined: int
    run: int


class Mutants:
    """Programs drawn from weighted productions, and mutated, for the instances of one task.

    What is drawn keeps its limits by construction: ``max_size`` nodes of the λ-term (its productions), or what the
    profile's own search may write (see `outside`). ``start`` has the log-weights of the productions ``names`` for a
    whole program, ``arguments`` those for each argument of a production; InputError for an unknown production, or if
    nothing is small enough.
    """

    def __init__(
        self,
        instances: Instances,
        names: Sequence[str],
        start: Sequence[float],
        arguments: Mapping[str, Sequence[Sequence[float]]],
        *,
        max_size: int | None = None,
        threads: int = 1,
    ) -> None:
        self._native = _call(
            _native().KarelNeighborhood,
            instances._instances,
            list(names),
            list(start),
            {name: [list(weights) for weights in each] for name, each in arguments.items()},
            max_size=max_size,
            threads=threads,
        )

    @property
    def ceiling(self) -> float:
        """The greatest mean reward that any program can get."""
        return float(self._native.ceiling())

    def judge(self, programs: Sequence[str]) -> list[tuple[str, float] | None]:
        """Each program as a λ-term with its mean reward, None for a text that is none."""
        judged: list[tuple[str, float] | None] = self._native.judge(list(programs))
        return judged

    def draw(self, count: int, seed: int) -> list[tuple[str, float]]:
        """Draw programs, as λ-terms with their mean rewards; ``seed`` has 64 bits."""
        drawn: list[tuple[str, float]] = _call(self._native.draw, count, seed)
        return drawn

    def improve(self, program: str, reward: float, most: int, seed: int, *, drift: bool = False) -> Improvement:
        """Examine up to ``most`` mutants of a program with this mean reward, until one is better.

        With ``drift`` each that is as good takes the program's place, and the search continues from it. InputError for
        a text that is no program.
        """
        return Improvement(*_call(self._native.step, program, reward, most, seed, drift=drift))


def to_term(text: str) -> str:
    """A program in tokens as a λ-term, sequences nested to the right; InputError for a text that is none."""
    return str(_call(_native().karel_term, text))


def to_tokens(text: str) -> str:
    """A program as a λ-term (abstractions expanded) in tokens; InputError for a text that is none."""
    return str(_call(_native().karel_tokens, text))


def outside(text: str, profile: str) -> str | None:
    """Why the profile's own search would not write this program (length, nesting, not), None if it could."""
    reason: str | None = _call(_native().karel_outside, text, profile)
    return reason


def actions() -> tuple[str, ...]:
    """The actions in the order of their numbers."""
    return tuple(_native().karel_vocabulary()[0])


def perceptions() -> tuple[str, ...]:
    """The perceptions in the order of their numbers."""
    return tuple(_native().karel_vocabulary()[1])


@functools.cache
def rules() -> tuple[Rule, ...]:
    """Every task of every profile."""
    return tuple(Rule(*each) for each in _native().karel_tasks())


def _picture(native: tuple[list[str], tuple[int, int], str]) -> Picture:
    rows, (row, column), heading = native
    return Picture(tuple(rows), row, column, heading)


def _trace(native: dict[str, Any]) -> Trace:
    states = tuple(_picture(each) for each in native.get("states", ()))
    return Trace(
        native["reward"],
        native["end"],
        native["actions"],
        native["mistakes"],
        native["coverage"],
        states,
        native.get("features", b""),
    )


def _call(function: Any, *arguments: Any, **options: Any) -> Any:
    """Call the engine; what it refuses is the caller's input."""
    try:
        return function(*arguments, **options)
    except _native().KarelError as error:
        raise InputError(str(error)) from error
    except OverflowError as error:
        raise InputError(f"a number is out of range: {error}") from error


def _native() -> Any:
    try:
        from psynth import _native
    except ImportError as error:
        raise EngineError(
            f"the Karel machine in psynth._native cannot be loaded ({error}); "
            "reinstall psynth where cargo is (apt: cargo-web rustc-web)"
        ) from error
    return _native
