"""The part of a domain that mutates and runs programs faster than the λ-machine and an evaluator."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psynth.core.stream.records import Library
    from psynth.plugins.neighborhood import Neighborhood
    from psynth.plugins.visible_task import VisibleTask


class LocalSearch(ABC):
    """A domain's own neighborhoods."""

    @abstractmethod
    def neighborhood(
        self, library: Library, task: VisibleTask, *, max_size: int | None = None, threads: int = 1
    ) -> Neighborhood | None:
        """The neighborhood of one task's programs; None for a library that it cannot handle.

        ``max_size`` is in nodes of the λ-term; None means the domain's own limit. The number of ``threads`` changes no
        result. InputError for a task that cannot be searched.
        """
