"""A trained policy in its folder: its configuration, its words, and programs drawn for tasks."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

# ruff: noqa: RUF009 - field() returns a dataclass field, not a shared default
from psynth.core.errors import InputError
from psynth.core.stream.fields import BOOLEAN, INTEGER, OBJECT, TEXT, Fields, WrongField, checked, field, list_of
from psynth.core.stream.records import Library, Model, Program
from psynth.learning.device import device_of
from psynth.learning.model_folder import ModelFolder
from psynth.plugins.domain import Domain
from psynth.plugins.visible_task import VisibleTask
from psynth_policy.decoding import Drawn, Sampling, draw
from psynth_policy.network import Network
from psynth_policy.notation import NotAProgram, Notation, Terms, notation_of
from psynth_policy.reading import Numbers, Parent, Reader
from psynth_policy.settings import DEEPEST, KIND, WIDEST
from psynth_policy.vocabulary import MARK, MARKS, Vocabulary

FORMAT = 1
TOKENIZER = "tokenizer"
"""The folder of a pretrained model's tokenizer in that of the policy."""
LARGEST_VOCABULARY = 10_000_000
WIDTH = checked(INTEGER, f"a number from 0 to {WIDEST}", lambda value: 0 <= value <= WIDEST)
SHOWN = checked(TEXT, "both, description or examples", lambda value: value in ("both", "description", "examples"))


def _read_network(data: Any) -> dict[str, Any]:
    """The sizes of a network, each within bounds, so that a damaged file costs nothing."""
    found: dict[str, Any] = OBJECT.read(data)
    for name, value in found.items():
        most = LARGEST_VOCABULARY if name == "vocab_size" else DEEPEST if name.endswith(("layers", "heads")) else WIDEST
        if name in ("pad_token_id", "eos_token_id", "decoder_start_token_id"):
            most = LARGEST_VOCABULARY
        if type(value) is int and not 0 <= value <= most:
            raise WrongField(f"{value} is not from 0 to {most}").at(f".{name}")
        if not isinstance(value, int | float | str | bool):
            raise WrongField("expected a number or a text").at(f".{name}")
    for name in ("vocab_size", "d_model", "d_kv", "d_ff", "num_layers", "num_decoder_layers", "num_heads"):
        if type(found.get(name)) is not int or found[name] < 1:
            raise WrongField("expected a positive number").at(f".{name}")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Config(Fields):
    """The configuration of a model: all data needed for loading, and the settings of its training."""

    format: int = field(checked(INTEGER, f"format {FORMAT} of policies", lambda value: value == FORMAT))
    kind: str = field(checked(TEXT, KIND, lambda value: value == KIND))
    domain: str = field(TEXT)
    language: str = field(TEXT)
    """How programs are written: lambda, native, or another language of the domain."""
    library: dict[str, Any] = field(OBJECT)
    """The record of the library that the programs are written in."""
    entries: list[str] = field(list_of(TEXT))
    """The vocabulary, by number."""
    first: int = field(checked(INTEGER, "a number", lambda value: 0 <= value <= LARGEST_VOCABULARY))
    """The number of the first entry, after the tokens of a pretrained model."""
    tokenizer_sha256: str | None = field(TEXT, None)
    """The digest of the pretrained model's tokenizer."""
    network: dict[str, Any] = field(OBJECT)
    """The sizes of the network, as transformers calls them."""
    show: str = field(SHOWN)
    parent: bool = field(BOOLEAN)
    """Whether it changes a parent program."""
    examples: int = field(WIDTH)
    max_input: int = field(WIDTH)
    max_words: int = field(WIDTH)
    requests: list[str] = field(list_of(TEXT))
    """The types of the programs that it learned, the most frequent first."""
    settings: dict[str, Any] = field(OBJECT)


def read_config(folder: ModelFolder) -> Config:
    """The configuration of a folder; `InputError`, with file and field, if it is missing or damaged."""
    config = folder.read_config(Config)
    source = str(folder.path / "config.json")
    try:
        _read_network(config.network)
    except WrongField as wrong:
        raise InputError(f".network{wrong}", source=source) from wrong
    if config.network["vocab_size"] < config.first + len(config.entries):
        raise InputError(".network.vocab_size: less than the entries", source=source)
    if not {MARK + each for each in MARKS} <= set(config.entries):
        raise InputError(".entries: lacks marks", source=source)
    return config


def tokenizer_digest(folder: Path) -> str:
    """The SHA-256 of a tokenizer's files, hexadecimal."""
    found = hashlib.sha256()
    for path in sorted(each for each in folder.iterdir() if each.is_file()):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()


def vocabulary_of(folder: ModelFolder, config: Config) -> Vocabulary:
    """The vocabulary of a model; `InputError` if its tokenizer is missing or another."""
    if config.tokenizer_sha256 is None:
        return Vocabulary(config.entries)
    path = folder.path / TOKENIZER
    if not path.is_dir() or tokenizer_digest(path) != config.tokenizer_sha256:
        raise InputError("the tokenizer is missing, or not the one of the model", source=str(path))
    from transformers import AutoTokenizer

    return Vocabulary(config.entries, AutoTokenizer.from_pretrained(str(path), trust_remote_code=False), config.first)


def library_of(config: Config) -> Library:
    """The library of the model."""
    return Library.from_json(config.library)


class Policy:
    """A trained policy for one domain; draws for a task depend on the task and the seed alone, on one machine.

    Raises `InputError`, with the file at fault, if the folder holds no model or a damaged one.
    """

    def __init__(self, folder: ModelFolder, domain: Domain, device: str = "cpu") -> None:
        self._folder = folder
        self.config = read_config(folder)
        if self.config.domain != domain.name:
            raise self._unfit(f"was trained for {self.config.domain}, not {domain.name}")
        self.domain = domain
        self.vocabulary = vocabulary_of(folder, self.config)
        self.network = folder.load(lambda: Network(self.config.network), device_of(device))
        if self.network.device.type == "cuda":
            self.network.to(torch.bfloat16)
        shown: Any = self.config.show
        self.reader = Reader(domain.words(), self.vocabulary, shown, self.config.examples, self.config.max_input)
        self._notations: list[tuple[Library, Notation]] = []
        self._lock = threading.Lock()

    def notation(self, library: Library) -> Notation:
        """How programs are written in ``library``; `InputError` if it lacks a production of the model's words."""
        with self._lock:
            for known, notation in self._notations:
                if known is library:
                    return notation
            fault = self._misfit(library)
            if fault is not None:
                raise self._unfit(fault)
            self._notations.append((library, notation_of(self.domain, library, self.config.language)))
            return self._notations[-1][1]

    def draw(
        self,
        task: VisibleTask,
        library: Library,
        count: int,
        sampling: Sampling,
        seed: int,
        parent: Parent | None = None,
    ) -> list[Program | NotAProgram]:
        """``count`` programs for a task, or why the words drawn are none; `InputError` if it cannot be read."""
        notation = self.notation(library)
        if self.config.parent and parent is None:
            raise self._unfit("changes programs, and needs one to start from: use it with psynth mutate")
        if task.request is None and isinstance(notation, Terms):
            raise InputError("it has no request, the type of the wanted program")
        seen = self.reader.see(task)
        if seen.empty:
            raise InputError(f"nothing is shown of it: the model reads {self.config.show}")
        sampling = replace(sampling, max_words=sampling.max_words or self.config.max_words)
        typing = None
        if sampling.constrain == "type":
            if not isinstance(notation, Terms):
                raise self._unfit(
                    f"writes programs in {self.config.language}, whose types words do not follow: "
                    "use --constrain vocabulary, or train one with --language lambda"
                )
            typing = notation.typing(task.request or "", self.vocabulary.program_words)
            if typing.least.of_request > (sampling.max_words or 0):
                raise InputError(f"no program of type {task.request} has as few words as --max-words allows")
        read = self.reader.input(seen, parent=parent)
        drawn = draw(self.network, self.vocabulary, read, count, sampling, seed, typing)
        return [self._program(each, notation, task.request) for each in drawn]

    def _program(self, drawn: Drawn, notation: Notation, request: str | None) -> Program | NotAProgram:
        try:
            if drawn.derivation is not None:
                assert isinstance(notation, Terms)
                program = notation.finished(drawn.derivation)
            elif not drawn.ended:
                return NotAProgram("length")
            else:
                program = notation.program(drawn.words, request)
        except NotAProgram as refused:
            return refused
        return replace(program, extra={**program.extra, "log_policy": round(drawn.log_probability, 3)})

    def parent(self, program: str, task: VisibleTask, library: Library, outputs: Sequence[Any]) -> Parent | None:
        """A program to start from, with its outputs; None if it is not one that the model can read."""
        words = self.notation(library).words(program, task.request)
        numbers: Numbers | None = None if words is None else self.vocabulary.program(words)
        return None if numbers is None else self.reader.parent(numbers, outputs)

    def _misfit(self, library: Library) -> str | None:
        mine = {each.name: (each.type, each.definition) for each in library_of(self.config).productions}
        there = {each.name: (each.type, each.definition) for each in library.productions}
        used = [name for name in mine if name in set(self.vocabulary.program_words)]
        wrong = next((name for name in used if there.get(name) != mine[name]), None)
        if wrong is None:
            return None
        what = "another type or meaning in" if wrong in there else "no place in"
        return f"was trained with another library: {wrong} has {what} this stream's; train it on with --from"

    def _unfit(self, why: str) -> InputError:
        return InputError(f"the model {self._folder.path} {why}")


class Policies:
    """The policies that a method uses, each opened once: that of a folder, or of the nearest record of the stream."""

    def __init__(self, folder: Path | None, device: str = "cpu") -> None:
        self._folder, self._device = folder, device
        self._opened: dict[str, Policy] = {}

    def of(self, domain: Domain, record: Model | None, warn: Callable[[str], None]) -> Policy:
        """The policy for a domain; `InputError` if there is none."""
        key = f"{domain.name} {'' if record is None else record.sha256}"
        if key not in self._opened:
            if self._folder is not None:
                folder = ModelFolder(self._folder)
            elif record is None:
                raise InputError(f"no policy of {domain.name} in the stream: name a model's folder with --model")
            else:
                folder = ModelFolder.open(record, warn)
            self._opened[key] = Policy(folder, domain, self._device)
        return self._opened[key]
