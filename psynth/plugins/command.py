"""The base class of commands: a plugin's own subcommands that are not filters over a stream."""

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
        """Do the work, and return the exit status; ``arguments`` has the words of each argument by name."""
