"""A trained recognition network in its folder: its configuration, and the weights that it gives to tasks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

# ruff: noqa: RUF009 - field() returns a dataclass field, not a shared default
from psynth.core.calculus.grammars import Grammar
from psynth.core.calculus.productions import START, VARIABLE
from psynth.core.errors import InputError
from psynth.core.languages import grammar_of
from psynth.core.stream.fields import INTEGER, OBJECT, TEXT, Fields, checked, field, list_of
from psynth.core.stream.records import Contextual, Library, Weights
from psynth.learning.model_folder import ModelFolder
from psynth.learning.sizes import sizes_kind
from psynth.plugins.abstraction import language_digest
from psynth.plugins.domain import Domain
from psynth.plugins.visible_task import VisibleTask
from psynth_recognition.derivations import base_weights, context_count
from psynth_recognition.encoders import Sizes
from psynth_recognition.network import Network
from psynth_recognition.perceiving import Perceiver, perceiver_of
from psynth_recognition.settings import KIND, Perception

FORMAT = 1
DECIMALS = 3
"""Decimals of a change of a log-weight, so that rounding of sums in another order or on a GPU seldom shows."""
LARGEST_SIZE = 1_000_000
"""Maximum size of a network; the shapes of the weights limit the rest."""
SIZE = checked(INTEGER, f"a size from 1 to {LARGEST_SIZE}", lambda value: 1 <= value <= LARGEST_SIZE)
OPTIONAL = ("vocabulary", "shape")
ENCODERS = ("tokens", "objects", "image")


def _read_size(name: str, value: Any) -> Any:
    if value is None and name in OPTIONAL:
        return None
    if name == "encoder":
        return checked(TEXT, f"one of {', '.join(ENCODERS)}", lambda text: text in ENCODERS).read(value)
    return (list_of(SIZE) if name == "shape" else SIZE).read(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Fields):
    """The configuration of a model: all data needed for loading, and the settings of its training."""

    format: int = field(checked(INTEGER, f"format {FORMAT} of recognition models", lambda value: value == FORMAT))
    kind: str = field(checked(TEXT, KIND, lambda value: value == KIND))
    domain: str = field(TEXT)
    library_sha256: str = field(TEXT)
    """The digest of the library that it was trained with."""
    sizes: Sizes = field(sizes_kind(Sizes, _read_size))
    examples: int = field(SIZE)
    max_tokens: int = field(SIZE)
    settings: dict[str, Any] = field(OBJECT)

    @property
    def perception(self) -> Perception:
        """The settings of the perceiver."""
        return Perception(self.sizes.encoder, self.sizes.hidden, self.examples, self.max_tokens)


class Recognizer:
    """A trained network, which predicts weights for tasks of one domain; on the CPU, one task at a time.

    Raises `InputError`, with the file at fault, if the folder holds no model or a damaged one.
    """

    def __init__(self, folder: ModelFolder, domain: Domain) -> None:
        self._folder = folder
        self.config = folder.read_config(Config)
        if self.config.domain != domain.name:
            raise self._unfit(f"is of {self.config.domain}, not of {domain.name}")
        self._domain = domain
        self._perceiver: Perceiver[Any] = perceiver_of(domain, self.config.perception)
        self._network = folder.load(lambda: Network(self.config.sizes), torch.device("cpu"))
        self._libraries: dict[int, tuple[Library, _Heads]] = {}

    @torch.no_grad()
    def weights(self, task: VisibleTask, library: Library) -> Weights | Contextual:
        """The weights of ``library`` for one task; `InputError` if the model was trained with another library."""
        heads = self._heads(library)
        seen = self._perceiver.see(task)
        changes, _ = self._network([self._perceiver.chosen(seen, None)])
        rounded = changes[0].double().numpy().round(DECIMALS)
        return heads.weights(rounded)

    def _heads(self, library: Library) -> _Heads:
        known = self._libraries.get(id(library))
        if known is not None:
            return known[1]
        if language_digest(library) != self.config.library_sha256:
            raise self._unfit(
                "was trained with another library: other productions, types or weights; "
                "train one with the library of this stream"
            )
        heads = _Heads.of(grammar_of(library), contextual=self.config.sizes.contexts > 1)
        self._libraries[id(library)] = library, heads
        return heads

    def _unfit(self, why: str) -> InputError:
        return InputError(f"the model {self._folder.path} {why}")


@dataclass(frozen=True, slots=True)
class _Heads:
    """The layout of a library's weights: its own as an array, and the contexts of each production's arguments."""

    base: Any
    arguments: dict[str, tuple[int, ...]] | None

    @classmethod
    def of(cls, grammar: Grammar, *, contextual: bool) -> _Heads:
        base = base_weights(grammar, contextual=contextual)
        if not contextual:
            return cls(base, None)
        names = [each.name for each in grammar.productions]
        return cls(base, dict(zip(names, grammar.argument_contexts, strict=True)))

    def weights(self, changes: Any) -> Weights | Contextual:
        """The library's weights with ``changes`` (contexts, productions + 1) added."""
        rows = [Weights(log_weights=tuple(row[:-1]), log_variable=row[-1]) for row in (self.base + changes).tolist()]
        if self.arguments is None:
            return rows[START]
        return Contextual(
            start=rows[START],
            variable=rows[VARIABLE],
            productions={
                name: tuple(rows[context] for context in contexts) for name, contexts in self.arguments.items()
            },
        )


def sizes_of(perceiver: Perceiver[Any], grammar: Grammar, *, hidden: int, contextual: bool) -> Sizes:
    """The sizes of a network for a library's grammar."""
    features = perceiver.features  # type: ignore[attr-defined]
    return Sizes(
        encoder=perceiver.kind,
        hidden=hidden,
        contexts=context_count(grammar) if contextual else 1,
        productions=len(grammar.productions),
        vocabulary=features.vocabulary if perceiver.kind == "tokens" else None,
        shape=tuple(features.shape) if perceiver.kind == "image" else None,
    )
