"""What demonstrations of programs are: tasks made for programs that are there already, so that these solve them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psynth.core.settings import setting

if TYPE_CHECKING:
    from psynth.core.stream.records import Example


@dataclass(frozen=True)
class DemonstrationSettings:
    """What demonstrations may be asked for; a domain extends it with settings of its own."""

    trials: int = setting(
        100, minimum=1, maximum=4096, unit="inputs", help="inputs to try for a program before it is dropped"
    )


@dataclass(frozen=True, slots=True)
class Demonstrations:
    """A task for one program, which solves it: either examples or an environment, as the domain's tasks have.

    ``outputs`` is what the program gives for each input, where that was asked for.
    """

    examples: tuple[Example, ...] = ()
    environment: dict[str, Any] | None = None
    outputs: Sequence[Any] | None = None
