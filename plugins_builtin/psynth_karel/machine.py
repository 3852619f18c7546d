"""Client of the Karel machine: the only module that imports the simulator in the Rust extension."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from psynth.core.errors import EngineError, InputError
from psynth.plugins.evaluator import ProgramError

NO_ACTION = 5
"""The number of the action that does nothing, for `Stepper.step`."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A state of a world."""

    map: tuple[str, ...]
    """The rows from north to south: ``#`` wall, ``.`` empty, ``1`` to ``9`` and ``A`` (ten) markers."""
    row: int
    """The agent's row, from 0."""
    column: int
    """The agent's column, from 0."""
    heading: str
    """N, E, S or W."""

    def to_json(self) -> dict[str, Any]:
        """The state as written to streams and to files of states."""
        return {"map": list(self.map), "agent": [self.row, self.column, self.heading]}

    @classmethod
    def from_json(cls, data: Any) -> Self:
        """Read ``{"map": […], "agent": [row, column, heading]}``; InputError describes the fault."""
        if not isinstance(data, Mapping) or not isinstance(data.get("map"), list) or "agent" not in data:
            raise InputError('a world is {"map": [one string for each row], "agent": [row, column, "N|E|S|W"]}')
        agent = data["agent"]
        if not isinstance(agent, list) or [type(part) for part in agent] != [int, int, str] or min(agent[:2]) < 0:
            raise InputError(f'a world\'s agent is [row, column, "N|E|S|W"], not {agent!r}')
        if not all(isinstance(row, str) for row in data["map"]):
            raise InputError("a world's map is a list of strings, one for each row")
        return cls(tuple(data["map"]), *agent)

    def _to_native(self) -> tuple[list[str], tuple[int, int], str]:
        return list(self.map), (self.row, self.column), self.heading


@dataclass(frozen=True, slots=True)
class Rule:
    """A task under a profile, with its published settings."""

    profile: str
    task: str
    height: int
    """Rows."""
    width: int
    """Columns."""
    sparse: bool
    """Whether only success is rewarded."""
    has_sparse: bool
    """Whether both dense and sparse rewards exist."""


class Score(NamedTuple):
    """The result of evaluating a program."""

    reward: float
    """The mean reward, or an upper bound on it if the evaluation was abandoned after ``episodes``."""
    episodes: int
    actions: tuple[int, ...]
    """The count of each action, in the order of `actions`."""
    cut_short: int
    """Episodes ended by a budget or by the loop guard."""


# `Score._make` without its check of the length: a search makes millions of scores.
_score = functools.partial(tuple.__new__, Score)


@dataclass(frozen=True, slots=True)
class Trace:
    """One episode."""

    reward: float
    end: str
    """The reason that the episode ended: finished, terminated, budget or loop."""
    actions: bytes
    """One number for each action, in the order of `actions`."""
    mistakes: int
    """Moves into walls and picks where there is no marker."""
    coverage: bytes
    """For each condition in the order of the program's text: bit 0 if it was ever false, bit 1 if it was ever true."""
    states: tuple[Picture, ...] = ()
    """The initial state and the state after each action; empty unless requested."""
    features: bytes = b""
    """The features of the states (see `Instances.demonstrate`); empty unless requested."""

    @property
    def is_covered(self) -> bool:
        """Whether every condition was both true and false."""
        return all(outcomes == 3 for outcomes in self.coverage)


@dataclass(frozen=True, slots=True)
class Demonstration:
    """Demonstrations of one program."""

    seeds: tuple[int, ...]
    """The seeds of the worlds (see `Instances.free`)."""
    actions: tuple[bytes, ...]
    """The actions in each world, as numbers in the order of `actions`."""


class Instances:
    """Initial states of one task under the rules of one profile, all of one size; created once and evaluated often."""

    def __init__(self, native: Any, profile: str) -> None:
        self._instances = native
        self.profile = profile

    @classmethod
    def generate(
        cls, task: str, profile: str, *, height: int, width: int, seeds: Sequence[int], sparse: bool = False
    ) -> Self:
        """Generate one instance for each seed (64 bits, non-negative)."""
        make = _native().KarelInstances.generate
        return cls(_call(make, task, profile, sparse, height, width, list(seeds)), profile)

    @classmethod
    def from_pictures(cls, task: str, profile: str, pictures: Sequence[Picture], *, sparse: bool = False) -> Self:
        """Take these initial states; InputError if the task does not fit one of them."""
        make = _native().KarelInstances.from_pictures
        return cls(_call(make, task, profile, sparse, [picture._to_native() for picture in pictures]), profile)

    @classmethod
    def free(cls, profile: str, *, height: int, width: int, walls: float, markers: float, seeds: Sequence[int]) -> Self:
        """Generate worlds without a task; ``walls`` and ``markers`` are the probabilities of a wall and of a marker."""
        make = _native().KarelInstances.free
        return cls(_call(make, profile, height, width, walls, markers, list(seeds)), profile)

    @classmethod
    def joined(cls, parts: Sequence[Instances]) -> Self:
        """The instances of several sets in order; InputError unless all have the same profile and size."""
        made = _call(_native().KarelInstances.joined, [part._instances for part in parts])
        return cls(made, parts[0].profile)

    def selected(self, numbers: Sequence[int]) -> Self:
        """The instances with these numbers, in this order."""
        return type(self)(_call(self._instances.selected, list(numbers)), self.profile)

    def __len__(self) -> int:
        return len(self._instances)

    def pictures(self) -> list[Picture]:
        """The initial states."""
        return [_read_picture(each) for each in self._instances.pictures()]

    @property
    def best_reward(self) -> float:
        """The greatest mean reward of any program."""
        return float(self._instances.best_reward())

    def evaluate(
        self,
        programs: Sequence[str],
        *,
        incumbent: float | None = None,
        threads: int = 1,
        every_step: bool = False,
    ) -> list[Score | ProgramError]:
        """Run programs (λ-terms of type stmt without abstractions, or tokens) on all instances, in order.

        With ``incumbent`` a program is abandoned as soon as its mean reward cannot exceed that value. The number of
        ``threads`` changes no result. Several token programs in one text run one after the other.

        The iterations of an endless loop that a budget will end are counted, not run. With ``every_step`` they are
        run, which changes no result and serves to measure the machine's speed.
        """
        answers = self._instances.evaluate(list(programs), incumbent=incumbent, threads=threads, every_step=every_step)
        return [_score(answer) if len(answer) == 4 else ProgramError(*answer) for answer in answers]

    def trace(self, program: str, index: int = 0, *, states: bool = False) -> Trace:
        """Run one program on one instance and record the episode; InputError if the text is not a program."""
        return _read_trace(_call(self._instances.trace, program, index, states=states))

    def demonstrate(self, programs: Sequence[str], *, most_states: int = 0, threads: int = 1) -> list[list[Trace]]:
        """Run each program on every instance and record the episodes.

        Each trace has the features of at most ``most_states`` states: for every state, plane by plane and row by row,
        one byte 0 or 1 (the planes are those of `Stepper.features`).
        """
        answers = _call(self._instances.demonstrate, list(programs), most_states=most_states, threads=threads)
        return [[_read_trace(each) for each in of_program] for of_program in answers]

    def episodes(
        self,
        programs: Sequence[str],
        pairs: Sequence[tuple[int, int]],
        *,
        most_actions: int,
        with_features: bool = False,
        threads: int = 1,
    ) -> EpisodeArrays:
        """Run pairs of a program and an instance, given by number; InputError if a text is not a program."""
        import numpy as np

        lengths, actions, features = _call(
            self._instances.episodes,
            list(programs),
            list(pairs),
            most_actions=most_actions,
            with_features=with_features,
            threads=threads,
        )
        return EpisodeArrays(
            np.frombuffer(lengths, dtype="<u4").astype(np.int64),
            np.frombuffer(actions, dtype=np.uint8).reshape(len(pairs), most_actions),
            np.frombuffer(features, dtype=np.uint8),
        )


@dataclass(frozen=True, slots=True)
class EpisodeArrays:
    """Many episodes as numpy arrays, one row for each."""

    lengths: Any
    """The number of actions of each episode (int64)."""
    actions: Any
    """The first actions of each episode, padded with `NO_ACTION` (uint8)."""
    features: Any
    """The flat features (see `Stepper.features`) of the states before each of those actions and after the last, episode
    after episode (uint8); empty unless requested."""


class Stepper:
    """Simultaneous episodes in several instances, advanced by given actions, for a neural executor."""

    def __init__(self, instances: Instances) -> None:
        self._stepper = _native().KarelStepper(instances._instances)

    def __len__(self) -> int:
        return len(self._stepper)

    def reset(self) -> None:
        """Return to the initial states."""
        self._stepper.reset()

    def step(self, chosen: bytes) -> None:
        """Perform one action in each world: one byte each, a number in the order of `actions` or `NO_ACTION`.

        A world whose episode has ended does not change.
        """
        _call(self._stepper.step, chosen)

    def features(self) -> Any:
        """A bool array (worlds, planes, height, width).

        Planes 0 to 3 mark the agent's cell, one plane for each heading (north, east, south, west); plane 4 marks walls,
        plane 5 cells without markers (including walls), plane 6 cells with one marker, and so on: 16 planes, 8 under
        the profile hprl.
        """
        import numpy as np

        shape, data = self._stepper.features()
        return np.frombuffer(data, dtype=np.bool_).reshape(shape)

    def perceptions(self) -> Any:
        """A bool array (worlds, 5), in the order of `perceptions`."""
        import numpy as np

        return np.frombuffer(self._stepper.perceptions(), dtype=np.bool_).reshape(len(self), -1)

    def rewards(self) -> list[float]:
        """The reward of each episode so far."""
        return list(self._stepper.rewards())

    def ended(self) -> list[bool]:
        """Whether the task has ended each episode."""
        return [bool(byte) for byte in self._stepper.ended()]

    def pictures(self) -> list[Picture]:
        """The states."""
        return [_read_picture(each) for each in self._stepper.pictures()]


class Steps(NamedTuple):
    """What one action in each environment came to, as numpy arrays with an entry for each environment."""

    observations: Any
    """uint8, (environments, …): after a renewal that of the new episode."""
    rewards: Any
    """float64: what the action earned."""
    terminated: Any
    """bool: the task has ended the episode."""
    truncated: Any
    """bool: the episode has as many actions as it may have."""
    solved: Any
    """bool: the episode has earned the most that it can."""
    last_observations: Any
    """uint8: with the renewal ``same-step`` the last observations of the episodes that are over, in order."""


class Environments:
    """Episodes in many worlds at once for reinforcement learning, renewed when they are over.

    An observation is the `Stepper.features` of a world as uint8, or with ``planes`` false its perceptions. An episode
    is over when its task ends it or after ``most_steps`` actions, and it is renewed according to ``renewal``:
    ``next-step`` (instead of the next action), ``same-step`` (at once) or ``never`` (acting in it is an InputError).
    All arrays are new and the caller's.
    """

    def __init__(self, native: Any) -> None:
        self._environments = native
        self.observation_shape = tuple(native.observation_shape())

    @classmethod
    def given(
        cls, instances: Instances, count: int, *, planes: bool, renewal: str, most_steps: int | None = None
    ) -> Self:
        """Begin each of the ``count`` environments' episodes in one of these instances, all equally likely."""
        make = _native().KarelEnvironments.given
        return cls(_call(make, instances._instances, count, planes=planes, renewal=renewal, most_steps=most_steps))

    @classmethod
    def of_new_worlds(
        cls,
        task: str,
        profile: str,
        *,
        sparse: bool,
        height: int,
        width: int,
        count: int,
        planes: bool,
        renewal: str,
        most_steps: int | None = None,
    ) -> Self:
        """Begin each episode in a world of its own, generated from the environment's random numbers."""
        make = _native().KarelEnvironments.of_new_worlds
        how = {"planes": planes, "renewal": renewal, "most_steps": most_steps}
        return cls(_call(make, task, profile, sparse, height, width, count, **how))

    def __len__(self) -> int:
        return len(self._environments)

    def reset(self, chosen: Sequence[tuple[int, int | None]]) -> Any:
        """Begin new episodes in the environments with these numbers, and return the observations of all.

        A seed (64 bits, not negative) restarts the random numbers of an environment; None continues them.
        """
        return self._observations(_call(self._environments.reset, list(chosen)))

    def step(self, chosen: Any) -> Steps:
        """Perform one action in each environment: a buffer of 64-bit integers, numbers in the order of `actions`."""
        import numpy as np

        observations, rewards, *flags, last = _call(self._environments.step, chosen)
        terminated, truncated, solved = (np.frombuffer(each, dtype=np.bool_) for each in flags)
        earned = np.frombuffer(rewards, dtype=np.float64)
        of_last = self._observations(last)
        return Steps(self._observations(observations), earned, terminated, truncated, solved, of_last)

    def pictures(self) -> list[Picture]:
        """The states."""
        return [_read_picture(each) for each in self._environments.pictures()]

    def _observations(self, data: bytearray) -> Any:
        import numpy as np

        return np.frombuffer(data, dtype=np.uint8).reshape(-1, *self.observation_shape)


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
    """Demonstrations of each (program, first seed) in ``count`` worlds without a task, or the reason there are none.

    Up to ``trials`` worlds of ``size`` (height, width), with consecutive seeds, are tried. An episode is kept if the
    program makes no mistakes, terminates, and passes through ``shortest`` to ``longest`` states; for ``cover`` see
    native/rust/karel/src/demonstrations.rs. InputError if there are no such worlds.
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
    """The result of examining the mutants of a program."""

    found: tuple[str, float] | None
    """The accepted program and its mean reward; None if no mutant was accepted."""
    examined: int
    """Mutants examined, including the accepted one."""
    run: int
    """Examined mutants that had to be run because no known result applied."""


class Mutants:
    """Samples and mutates programs by weighted productions, for the instances of one task.

    Samples respect the limits by construction: ``max_size`` nodes (productions) of the λ-term, or else the limits of
    the profile's published search (see `outside`). ``start`` has the log-weights of the productions ``names`` for a
    whole program, ``arguments`` those for each argument of a production. InputError for an unknown production, or if
    no program is small enough.
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
        """The greatest mean reward of any program."""
        return float(self._native.ceiling())

    def judge(self, programs: Sequence[str]) -> list[tuple[str, float] | None]:
        """Each program as a λ-term with its mean reward; None if the text is not a program."""
        judged: list[tuple[str, float] | None] = self._native.judge(list(programs))
        return judged

    def draw(self, count: int, seed: int) -> list[tuple[str, float]]:
        """Draw programs as λ-terms with their mean rewards; ``seed`` has 64 bits."""
        drawn: list[tuple[str, float]] = _call(self._native.draw, count, seed)
        return drawn

    def improve(self, program: str, reward: float, most: int, seed: int, *, drift: bool = False) -> Improvement:
        """Examine up to ``most`` mutants of a program with this mean reward, until one is better.

        With ``drift`` a mutant with equal reward replaces the program, and the search continues from it. InputError if
        the text is not a program.
        """
        return Improvement(*_call(self._native.step, program, reward, most, seed, drift=drift))


def to_term(text: str) -> str:
    """The λ-term of a program in tokens, with sequences nested to the right; InputError if it is not a program."""
    return str(_call(_native().karel_term, text))


def to_tokens(text: str) -> str:
    """The tokens of a λ-term without abstractions; InputError if it is not a program."""
    return str(_call(_native().karel_tokens, text))


def outside(text: str, profile: str) -> str | None:
    """Why a program is outside the profile's published search space (length, nesting, not); None if it is inside."""
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


def _read_picture(native: tuple[list[str], tuple[int, int], str]) -> Picture:
    rows, (row, column), heading = native
    return Picture(tuple(rows), row, column, heading)


def _read_trace(native: dict[str, Any]) -> Trace:
    states = tuple(_read_picture(each) for each in native.get("states", ()))
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
    """Call the engine; an error of the engine is an InputError."""
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
