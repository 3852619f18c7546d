"""Writes one program as a group of LEAPS' data set: its tokens, and the states and actions of its demonstrations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psynth.core.errors import InputError, PsynthError
from psynth.core.stream.records import Frontier, Library
from psynth_karel.environment import FREE, Environment
from psynth_karel.evaluation import KarelEvaluator
from psynth_karel.leaps_reading import PLANES, PROFILE
from psynth_karel.machine import NO_ACTION, to_tokens
from psynth_karel.tokens import TOKENS, numbers_of

TRAIN, VALIDATION = 0.7, 0.15
"""LEAPS' shares of the data set for training and validation."""
_ALL = 1 << 31


@dataclass(frozen=True, slots=True)
class Written:
    """A group as summarized for the whole data set: lengths in tokens and states, and the shape of its worlds."""

    name: str
    tokens: int
    least_states: int
    most_states: int
    shape: tuple[int, int, int]
    """The number of worlds, their rows and their columns."""


def write_group(
    file: Any, number: int, frontier: Frontier, library: Library, first: Written | None, *, packed: bool
) -> Written:
    """Write a frontier's best program; InputError if it has no demonstrations or another shape than ``first``."""
    import numpy as np

    environment, tokens = _environment(frontier), _tokens(frontier, library)
    instances = environment.instances()
    if instances is None:
        raise InputError("the environment has neither seeds nor worlds")
    shape = (len(instances), environment.height, environment.width)
    if first is not None and shape != first.shape:
        shapes = " and ".join("{} worlds of {} by {}".format(*each) for each in (shape, first.shape))
        raise InputError(
            f"every program of a data set needs the same number and size of worlds, but there are {shapes}"
        )
    [traces] = instances.demonstrate([tokens], most_states=_ALL)
    lengths = [len(trace.actions) + 1 for trace in traces]
    if max(lengths) > np.iinfo(np.int16).max:
        raise InputError(f"a demonstration has {max(lengths)} states, more than the format can count")
    # Rows are padded with zeros; the lengths are stored separately.
    states = np.zeros((len(traces), max(lengths), *shape[1:], PLANES), dtype=np.bool_)
    done = np.zeros((len(traces), max(lengths) - 1), dtype=np.int8)
    for place, (trace, length) in enumerate(zip(traces, lengths, strict=True)):
        planes = np.frombuffer(trace.features, dtype=np.bool_).reshape(length, PLANES, *shape[1:])
        states[place, :length] = planes.transpose(0, 2, 3, 1)
        done[place, : length - 1] = np.frombuffer(trace.actions, dtype=np.int8)
    numbers = numbers_of(tokens)
    written = Written(
        f"no_{number}_prog_len_{len(numbers)}_max_s_h_len_{max(lengths)}",
        len(numbers),
        min(lengths),
        max(lengths),
        shape,
    )
    group = file.create_group(written.name)
    group["program"] = np.array(numbers, dtype=np.int8)
    group["s_h_len"] = np.array(lengths, dtype=np.int16)
    group["a_h_len"] = np.array(lengths, dtype=np.int16) - np.int16(1)
    # The states of a program form one chunk of mostly zeros, for which the fastest compression level suffices.
    options = {"chunks": states.shape, "compression": "gzip", "compression_opts": 1} if packed else {}
    group.create_dataset("s_h", data=states, **options)
    group["a_h"] = done
    return written


def write_info(group: Any, written: Sequence[Written]) -> None:
    """Write the statistics of the whole data set."""
    training, validation = round(len(written) * TRAIN), round(len(written) * VALIDATION)
    statistics = {
        "max_demo_length": max((each.most_states for each in written), default=0),
        "min_demo_length": min((each.least_states for each in written), default=0),
        "dsl_type": "prob",
        "max_program_length": max((each.tokens for each in written), default=0),
        "min_program_length": min((each.tokens for each in written), default=0),
        "num_program_tokens": len(TOKENS),
        "num_demo_per_program": written[0].shape[0] if written else 0,
        "num_action_tokens": NO_ACTION,
        "num_train": training,
        "num_test": len(written) - training - validation,
        "num_val": validation,
    }
    for name, value in statistics.items():
        group[name] = value


def _environment(frontier: Frontier) -> Environment:
    task = frontier.task
    if task is None or task.domain != "karel" or (task.environment or {}).get("task") != FREE or not frontier.programs:
        raise InputError("only programs of karel with demonstrations can be written: psynth sample --demonstrations N")
    environment = Environment.from_json(task.environment)
    if environment.profile != PROFILE:
        raise InputError(f"the data set is of the profile {PROFILE}, not of {environment.profile}")
    return environment


def _tokens(frontier: Frontier, library: Library) -> str:
    program = frontier.programs[0]
    try:
        return to_tokens(KarelEvaluator(library).plain(program.program))
    except PsynthError as error:
        raise InputError(f"not a program of karel: {error}") from error
