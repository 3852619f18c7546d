"""What a command is: a subcommand of a plugin's own that is no filter over a stream, as a launcher of jobs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from psynth.core.settings import Argument, check_settings

if TYPE_CHECKING:
    from psynth.plugins.method import Context


@dataclass(frozen=True)
class Command(ABC):
    """A subcommand: subclasses are frozen dataclasses whose fields are settings, which become its options.

    The class's docstring is its help, the first sentence its summary.
    """

    arguments: ClassVar[Sequence[Argument]] = ()
    """Its positional arguments, in order."""

    def __post_init__(self) -> None:
        check_settings(self)

    @abstractmethod
    def run(self, arguments: Mapping[str, tuple[str, ...]], context: Context) -> int:
        """Do the work and return the exit status; ``arguments`` holds the words given for each argument, by name."""
